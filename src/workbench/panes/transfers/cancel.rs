//! The question before a run is cancelled. It shows how far the run is while it is open, and goes away when the run ends.
//! Must not know: how a run is stopped.

use super::details::{at_hand, happening};
use super::draw::percent;
use super::fold::Deed;
use super::state::{Number, Phase, Run};
use super::{Effect, Popup};
use crate::wording::{count, plural};
use crate::workbench::canvas::{Canvas, line_of, span, split_top};
use crate::workbench::effect;
use crate::workbench::shell;
use crate::workbench::state::{self, State as Workbench};
use crate::workbench::theme::Role;

/// Columns and rows inside.
const SIZE: (u16, u16) = (70, 7);

pub fn ask(state: &mut Workbench) -> Vec<effect::Effect> {
    if let Some(run) = state.transfers.chosen() {
        let question = Popup::Cancel(run.number);
        state.open(state::Popup::Transfers(question));
    }
    Vec::new()
}

/// The run came to its end: there is nothing to ask any more.
pub fn forget(state: &mut Workbench, number: Number) {
    state.popups.retain(|popup| !matches!(popup, state::Popup::Transfers(Popup::Cancel(of)) if *of == number));
}

pub fn no(state: &mut Workbench) -> Vec<effect::Effect> {
    state.popups.pop();
    Vec::new()
}

pub fn yes(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(state::Popup::Transfers(Popup::Cancel(number))) = state.popups.pop() else { return Vec::new() };
    let going = state.transfers.get_mut(number).filter(|run| run.phase == Phase::Goes);
    let Some(run) = going else { return Vec::new() };
    run.phase = Phase::Cancelling;
    vec![Effect::Stop(run.stop.clone()).into()]
}

pub fn draw(state: &Workbench, number: Number, canvas: &mut Canvas<'_>) {
    let area = shell::popup_frame(canvas, "Cancel the run", SIZE.0, SIZE.1);
    let Some(run) = state.transfers.runs.iter().find(|run| run.number == number) else { return };
    let title = [span(run.title.as_str(), Role::Strong), span(format!("  {}", percent(run)), Role::Text)];
    canvas.line(line_of(area, 0), &title);
    canvas.text(line_of(area, 1), &so_far(run), Role::Text);
    canvas.text(line_of(area, 2), &now(run), Role::Dim);
    let after = match run.deed {
        Deed::Transfer => "What is being written comes to its end. R resumes the run later.",
        Deed::Export => "A bundle is written whole or not at all: nothing of it stays.",
    };
    canvas.paragraph(split_top(area, 4).1, after, Role::Text);
    shell::answers(
        line_of(area, area.height.saturating_sub(1)),
        ["cancel it", "let it run"],
        Role::Key,
        ("transfers.cancel.yes", "transfers.cancel.no"),
        canvas,
    );
}

/// `38 written, 46 left`.
fn so_far(run: &Run) -> String {
    let facts = &run.facts;
    match (run.deed, facts.items_total) {
        (_, 0) => "nothing is written yet".to_owned(),
        (Deed::Export, total) => format!("{} to write", plural(total, "item")),
        (Deed::Transfer, total) => match total.saturating_sub(facts.finished()) {
            0 => format!("all is written, {}; what is left is to verify it", plural(facts.tally.done, "item")),
            left => format!("{} written, {} left", count(facts.tally.done), count(left)),
        },
    }
}

fn now(run: &Run) -> String {
    match run.phase {
        Phase::Goes => format!("now: {}", at_hand(&run.facts, run)),
        Phase::Cancelling | Phase::Ended(_) => happening(run).0,
    }
}
