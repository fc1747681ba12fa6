//! The frame around all panes: tabs on top, the pane, a line of findings, the footer. Reads the state, changes nothing.
//! Must not know: what a pane shows.

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
    let numbers = tab_columns(state, &[state.pane], 2);
    let rest = ends(state, line, usize::from(line.width).saturating_sub(numbers + 1), canvas);
    let room = usize::from(rest.width);
    let greeting = " haul  ";
    let (rest, (titled, gap)) = if columns(greeting) + tab_columns(state, &Pane::ALL, 2) <= room {
        let used = canvas.text(rest, greeting, Role::Heading);
        (skip(rest, used), (Pane::ALL.to_vec(), 2))
    } else {
        (skip(rest, 1), titled(state, room.saturating_sub(1)))
    };
    let mut rest = rest;
    for pane in Pane::ALL {
        let current = pane == state.pane;
        let text = tab(state, pane, titled.contains(&pane));
        let used = canvas.text(rest, &text, if current { Role::Heading } else { Role::Dim });
        let at = Rect { width: used, ..rest };
        if current {
            canvas.mark_cursor(at, true);
        }
        canvas.hit(at, Target::Pane(pane));
        rest = skip(rest, used + gap);
    }
}

/// Which tabs have their title besides their number, and the gap between tabs. The current one has it, then the next
/// steps of the work, then those before.
fn titled(state: &State, room: usize) -> (Vec<Pane>, u16) {
    for gap in [2, 1] {
        if tab_columns(state, &Pane::ALL, gap) <= room {
            return (Pane::ALL.to_vec(), gap as u16);
        }
    }
    let at = state.pane.number() - 1;
    let mut titled = vec![state.pane];
    for pane in Pane::ALL[at + 1..].iter().chain(Pane::ALL[..at].iter().rev()) {
        titled.push(*pane);
        if tab_columns(state, &titled, 2) > room {
            titled.pop();
            break;
        }
    }
    (titled, 2)
}

fn tab(state: &State, pane: Pane, title: bool) -> String {
    let sign = panes::sign(state, pane);
    let title = if title { format!(" {}", pane.title()) } else { String::new() };
    let sign = if sign.is_empty() { sign } else { format!(" {sign}") };
    let text = format!("{}{title}{sign}", pane.number());
    // The tab that is open stands out without colour too.
    if pane == state.pane { format!(" {text} ") } else { text }
}

fn tab_columns(state: &State, titled: &[Pane], gap: usize) -> usize {
    let tabs = Pane::ALL.iter().map(|pane| columns(&tab(state, *pane, titled.contains(pane))) + gap);
    tabs.sum::<usize>().saturating_sub(gap)
}

/// `source → destination`, in so many columns; gives what is left of the line.
fn ends(state: &State, line: Rect, room: usize, canvas: &mut Canvas<'_>) -> Rect {
    let (source, destination) = (state.ends.source.as_ref(), state.ends.destination.as_ref());
    let is_production = destination.is_some_and(DestinationEnd::is_production);
    let mut rest = canvas.right(line, " ", Role::Text);
    if source.is_none() && destination.is_none() {
        return rest;
    }
    let mark = " PRODUCTION ";
    if is_production {
        rest = canvas.right(rest, mark, Role::Production);
        rest = canvas.right(rest, " ", Role::Text);
    }
    let arrow = " → ";
    let fixed = columns(arrow) + 2 + if is_production { columns(mark) + 1 } else { 0 };
    let room = room.saturating_sub(fixed);
    // Two letters of a name tell nothing.
    if room >= 8 {
        let source = source.map(|source| name_of(&source.location.text(), source.location.is_bundle()));
        let destination = destination
            .map(|destination| name_of(&destination.text(), matches!(destination, DestinationEnd::NewBundle(_))));
        let unknown = || "?".to_owned();
        let (source, destination) = share(&source.unwrap_or_else(unknown), &destination.unwrap_or_else(unknown), room);
        rest = canvas.right(rest, &destination, if is_production { Role::Bad } else { Role::Strong });
        rest = canvas.right(rest, arrow, Role::Dim);
        rest = canvas.right(rest, &source, Role::Strong);
    }
    Rect { width: rest.width.saturating_sub(1), ..rest }
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
    let text = match shell::is_leaving_question(state) {
        true => {
            "Runs go on. Leave? They stop after the item at hand and can be resumed. y leaves, esc stays.".to_owned()
        }
        false => format!("This terminal is {columns}×{rows}. Choosing and deciding needs 80×24; runs go on. q quits."),
    };
    let used = canvas.paragraph(area, &text, Role::Warning);
    let (_, rest) = split_top(area, used + 1);
    transfers::draw_small(state, rest, canvas);
}
