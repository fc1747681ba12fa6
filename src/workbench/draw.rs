//! The frame around all panes: tabs on top, the pane, a line of findings, the footer. Reads the state, changes nothing.
//! Must not know: what a pane shows.

mod head;

use super::canvas::{Canvas, Rect, Target, skip, span, split_bottom, split_top};
use super::command::{self, Scope, Typing};
use super::ends::DestinationEnd;
use super::panes::{self, transfers};
use super::shell;
use super::state::{Pane, State};
use super::theme::Role;
use crate::model::text::{columns, printable, shorten, shorten_start};

/// Columns of a name in the title, where there is room.
const NAME: usize = 24;
/// Columns that both names take at least, if they are shown at all.
const FEWEST: usize = 8;
const ARROW: &str = " → ";
const PRODUCTION: &str = " PRODUCTION ";

/// Draws the whole screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let screen = canvas.area();
    let (head, rest) = split_top(screen, 1);
    tabs(state, head, canvas);
    if state.is_cramped() {
        cramped(state, rest, canvas);
        return;
    }
    let told = state.notice.as_ref().map_or(1, |notice| shell::notice_rows(notice, screen.width));
    let (rest, foot) = split_bottom(rest, 1);
    let (body, told) = split_bottom(rest, told);
    panes::draw(state, body, canvas);
    if state.notice.is_none() {
        panes::draw_finding(state, told, canvas);
    }
    for popup in &state.popups {
        panes::draw_popup(state, popup, canvas);
    }
    if let Some(notice) = &state.notice {
        shell::draw_notice(notice, told, canvas);
    }
    footer(state, foot, canvas);
}

/// The tabs at the left, and both ends at the right: nobody may wonder where a change goes.
pub(super) fn tabs(state: &State, line: Rect, canvas: &mut Canvas<'_>) {
    let (head, room) = head::arrange(state, usize::from(line.width));
    let mut rest = ends(state, line, room, canvas);
    let greeting = " haul  ";
    let greets = head.is_roomy() && columns(greeting) + head.columns(state) <= usize::from(rest.width);
    let used = if greets { canvas.text(rest, greeting, Role::Heading) } else { 1 };
    rest = skip(rest, used);
    for pane in Pane::ALL {
        let current = pane == state.pane;
        let used = canvas.text(rest, &head.tab(state, pane), if current { Role::Heading } else { Role::Dim });
        let at = Rect { width: used, ..rest };
        if current {
            canvas.mark_cursor(at, true);
        }
        canvas.hit(at, Target::Pane(pane));
        rest = skip(rest, used + head.gap);
    }
}

/// `source → destination`, in so many columns; gives what is left of the line.
fn ends(state: &State, line: Rect, room: usize, canvas: &mut Canvas<'_>) -> Rect {
    let mut rest = canvas.right(line, " ", Role::Text);
    let Some((source, destination)) = names(state) else { return rest };
    let is_production = goes_to_production(state);
    if is_production {
        rest = canvas.right(rest, PRODUCTION, Role::Production);
        rest = canvas.right(rest, " ", Role::Text);
    }
    let room = room.saturating_sub(beside_names(state));
    // Two letters of a name tell nothing.
    if room >= FEWEST.min(columns(&source) + columns(&destination)) {
        let (source, destination) = share(&source, &destination, room);
        rest = canvas.right(rest, &destination, if is_production { Role::Bad } else { Role::Strong });
        rest = canvas.right(rest, ARROW, Role::Dim);
        rest = canvas.right(rest, &source, Role::Strong);
    }
    Rect { width: rest.width.saturating_sub(1), ..rest }
}

fn goes_to_production(state: &State) -> bool {
    state.ends.destination.as_ref().is_some_and(DestinationEnd::is_production)
}

/// Both ends by name; `None` before either is chosen.
fn names(state: &State) -> Option<(String, String)> {
    let source = state.ends.source.as_ref().map(|end| name_of(&end.location.text(), end.location.is_bundle()));
    let destination = state.ends.destination.as_ref();
    let destination = destination.map(|end| name_of(&end.text(), matches!(end, DestinationEnd::NewBundle(_))));
    let unknown = || "?".to_owned();
    (source.is_some() || destination.is_some())
        .then(|| (source.unwrap_or_else(unknown), destination.unwrap_or_else(unknown)))
}

/// Columns of what stands beside the names of the ends.
fn beside_names(state: &State) -> usize {
    columns(ARROW) + 2 + if goes_to_production(state) { columns(PRODUCTION) + 1 } else { 0 }
}

/// Columns that both ends take where nothing is cut, and where all is that can be.
fn ends_columns(state: &State) -> (usize, usize) {
    let Some((source, destination)) = names(state) else { return (1, 1) };
    let names = columns(&source) + columns(&destination);
    (names + beside_names(state), names.min(2 * FEWEST) + beside_names(state))
}

/// A name for the title: of a file the end tells more than the beginning.
fn name_of(text: &str, is_path: bool) -> String {
    let clean = printable(text);
    if is_path { shorten_start(&clean, NAME).into_owned() } else { shorten(&clean, NAME).into_owned() }
}

/// Two names in so many columns: the longer one gives way.
fn share(one: &str, other: &str, room: usize) -> (String, String) {
    let half = (room / 2).max(1);
    let (first, second) = (columns(one), columns(other));
    let (first, second) = match (first <= half, second <= half) {
        _ if first + second <= room => (first, second),
        (true, _) => (first, room.saturating_sub(first)),
        (_, true) => (room.saturating_sub(second), second),
        _ => (half, room.saturating_sub(half)),
    };
    (shorten(one, first.max(1)).into_owned(), shorten(other, second.max(1)).into_owned())
}

/// The keys that count now, the most important first, as many as fit.
pub(super) fn footer(state: &State, line: Rect, canvas: &mut Canvas<'_>) {
    let typing = state.is_typing();
    let counts = |command: &&command::Command| {
        command.footer > 0
            && (command.available)(state).is_ok()
            && match command.typing {
                Typing::Never => !typing,
                Typing::Also => true,
                Typing::Only => typing,
            }
    };
    let mut shown: Vec<_> = command::current(state).filter(counts).collect();
    shown.sort_by_key(|command| (command.scope == Scope::Everywhere, command.footer));
    let (own, everywhere): (Vec<_>, Vec<_>) = shown.into_iter().partition(|command| command.scope != Scope::Everywhere);
    let width = |command: &&command::Command| {
        state.settings.keymap.shown(command).map_or(0, |key| columns(&key) + columns(command.label) + 3)
    };
    // Help is always in view: it shows whatever did not fit.
    let reserved: usize = everywhere.iter().take(2).map(width).sum();
    let mut rest = skip(line, 1);
    let room = usize::from(rest.width).saturating_sub(reserved);
    let mut used = 0;
    let mut fitting: Vec<_> = own
        .into_iter()
        .take_while(|command| {
            used += width(command);
            used <= room
        })
        .collect();
    fitting.extend(everywhere);
    for command in fitting {
        let Some(key) = state.settings.keymap.shown(command) else { continue };
        if width(&command) > usize::from(rest.width) + 2 {
            break;
        }
        let used = canvas.line(rest, &[span(key, Role::Key), span(" ", Role::Text), span(command.label, Role::Dim)]);
        canvas.hit(Rect { width: used, ..rest }, Target::Command(command.id));
        rest = skip(rest, used + 2);
    }
}

/// Too small for choosing and deciding: says so, and goes on showing what runs.
fn cramped(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let (columns, rows) = state.size;
    let text = match shell::leaving_question(state) {
        Some(question) => format!("{} y leaves, esc stays.", question.lines.join(" ")),
        None => format!("This terminal is {columns}×{rows}. Choosing and deciding needs 80×24; runs go on. q quits."),
    };
    let used = canvas.paragraph(area, &text, Role::Warning);
    let (_, rest) = split_top(area, used + 1);
    transfers::draw_small(state, rest, canvas);
}
