//! The pane while there is no plan: what is missing, what is going on, or what went wrong, and what to do.
//! Must not know: how plans are made.

use crate::model::{Error, ErrorKind};
use crate::wording::seconds;
use crate::workbench::canvas::{Canvas, Rect, Target, centred, line_of, span, split_top};
use crate::workbench::panes::plan::state::{Lack, Trouble};
use crate::workbench::state::State;
use crate::workbench::theme::Role;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let inner = canvas.frame(area, &[span("Plan", Role::Heading)], state.popups.is_empty());
    let room = centred(inner, 70, 8);
    let plan = &state.plan;
    if let Some(work) = &plan.work {
        let elapsed = state.now.duration_since(work.since).as_secs_f64();
        canvas.line(
            line_of(room, 1),
            &[span(doing(state), Role::Strong), span(format!(" … {}", seconds(elapsed)), Role::Dim)],
        );
        say(canvas, line_of(room, 3), "esc", "cancels; nothing is changed by planning", "plan.back");
        return;
    }
    match (&plan.trouble, plan.lack) {
        (Some(Trouble::Failed(error)), _) => failed(error, room, canvas),
        (Some(Trouble::Cancelled), _) => {
            canvas.text(line_of(room, 1), "Not planned: it was cancelled.", Role::Strong);
            say(canvas, line_of(room, 3), "R", "plans", "plan.again");
        }
        (None, Some(Lack::Picks)) => {
            let source = state.ends.source.as_ref().map(|source| source.location.text()).unwrap_or_default();
            canvas.text(
                line_of(room, 1),
                &format!("Nothing of {source} is picked, so there is nothing to plan."),
                Role::Strong,
            );
            say(canvas, line_of(room, 3), "2", "picks content", "pane.content");
            say(canvas, line_of(room, 4), "E", &format!("plans everything of {source}"), "plan.everything");
        }
        (None, lack) => {
            let what = match lack {
                Some(Lack::Destination) => "No destination is chosen, so there is nothing to compare with.",
                _ => "No source is chosen yet.",
            };
            canvas.text(line_of(room, 1), what, Role::Strong);
            say(canvas, line_of(room, 3), "1", "chooses source and destination", "pane.locations");
            say(canvas, line_of(room, 4), "L", "loads a saved plan with both", "plan.load");
        }
    }
}

fn doing(state: &State) -> String {
    let source = state.ends.source.as_ref().map(|source| source.location.text()).unwrap_or_default();
    match &state.ends.destination {
        Some(crate::workbench::ends::DestinationEnd::Remote { location, .. }) => {
            format!("comparing {source} with {}", location.text())
        }
        _ => format!("reading {source}"),
    }
}

fn failed(error: &Error, room: Rect, canvas: &mut Canvas<'_>) {
    let used = canvas.paragraph(room, &format!("Not planned: {}", error.message()), Role::Bad);
    let (_, rest) = split_top(room, used);
    let used = canvas.paragraph(rest, error.hint_text().unwrap_or_default(), Role::Text);
    let (_, rest) = split_top(rest, used + 1);
    say(canvas, line_of(rest, 0), "R", "tries again", "plan.again");
    if is_about_access(error.kind()) {
        say(
            canvas,
            line_of(rest, 1),
            "1",
            "goes to the locations: login, key or address can be mended there",
            "pane.locations",
        );
    }
}

/// Whether it is mended where locations are.
fn is_about_access(kind: ErrorKind) -> bool {
    use ErrorKind::{Forbidden, NoCredential, NoKey, Unauthorized, UnknownLocation, Unreachable, WrongKey};
    matches!(kind, Unauthorized | Forbidden | NoCredential | NoKey | WrongKey | UnknownLocation | Unreachable)
}

fn say(canvas: &mut Canvas<'_>, line: Rect, key: &str, text: &str, command: &'static str) {
    let used = canvas.line(line, &[span(key, Role::Key), span(" ", Role::Text), span(text, Role::Text)]);
    canvas.hit(Rect { width: used, ..line }, Target::Command(command));
}
