//! The frame around all panes: tabs on top, the pane, a line of findings, the footer. Reads the state, changes nothing.
//! Must not know: what a pane shows.

use super::canvas::{Canvas, Rect, Target, line_of, skip, span, split_bottom, split_top, wrap};
use super::command::{self, Scope, Typing};
use super::panes::{self, transfers};
use super::shell;
use super::state::{Pane, State};
use super::theme::Role;

/// Draws the whole screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let screen = canvas.area();
    let (head, rest) = split_top(screen, 1);
    let (body, foot) = split_bottom(rest, 2);
    tabs(state, head, canvas);
    if state.is_cramped() {
        cramped(state, rest, canvas);
        return;
    }
    panes::draw(state, body, canvas);
    match &state.notice {
        Some(notice) => shell::notice_line(notice, line_of(foot, 0), canvas),
        None => panes::draw_finding(state, line_of(foot, 0), canvas),
    }
    for popup in &state.popups {
        panes::draw_popup(state, popup, canvas);
    }
    footer(state, line_of(foot, 1), canvas);
}

fn tabs(state: &State, line: Rect, canvas: &mut Canvas<'_>) {
    let rest = ends(state, line, canvas);
    let used = canvas.text(rest, " haul ", Role::Heading);
    let mut rest = skip(rest, used + 1);
    // Titles as long as they fit: the others keep their number.
    let full: usize = Pane::ALL.iter().map(|pane| tab(state, *pane, true).chars().count() + 2).sum();
    let roomy = full <= usize::from(rest.width);
    for pane in Pane::ALL {
        let current = pane == state.pane;
        let text = tab(state, pane, roomy || current);
        let role = if current { Role::Heading } else { Role::Dim };
        let used = canvas.text(rest, &text, role);
        let at = Rect { width: used, ..rest };
        if current {
            canvas.mark_cursor(at, true);
        }
        canvas.hit(at, Target::Pane(pane));
        rest = skip(rest, used + 2);
    }
}

fn tab(state: &State, pane: Pane, title: bool) -> String {
    let sign = panes::sign(state, pane);
    let title = if title { format!(" {}", pane.title()) } else { String::new() };
    let sign = if sign.is_empty() { sign } else { format!(" {sign}") };
    format!("{}{title}{sign}", pane.number())
}

/// Where it comes from and where it goes, at the right; gives what is left of the line.
fn ends(state: &State, line: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let name = |text: String| crate::model::text::shorten(&crate::model::text::printable(&text), 24).into_owned();
    let mut rest = canvas.right(line, " ", Role::Text);
    if let Some(destination) = &state.ends.destination {
        if destination.is_production() {
            rest = canvas.right(rest, " PRODUCTION ", Role::Production);
            rest = canvas.right(rest, " ", Role::Text);
        }
        let role = if destination.is_production() { Role::Bad } else { Role::Strong };
        rest = canvas.right(rest, &name(destination.text()), role);
    } else if state.ends.source.is_some() {
        rest = canvas.right(rest, "?", Role::Dim);
    }
    if let Some(source) = &state.ends.source {
        rest = canvas.right(rest, " → ", Role::Dim);
        rest = canvas.right(rest, &name(source.location.text()), Role::Strong);
    }
    Rect { width: rest.width.saturating_sub(1), ..rest }
}

/// The keys that count now, the most important first, as many as fit.
fn footer(state: &State, line: Rect, canvas: &mut Canvas<'_>) {
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
        state.settings.keymap.shown(command).map_or(0, |key| key.chars().count() + command.label.chars().count() + 3)
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
    let text = format!(
        "This terminal is {}×{}. Choosing and deciding needs 80×24; runs go on. q quits.",
        state.size.0, state.size.1
    );
    let lines = wrap(&text, usize::from(area.width)).len() as u16;
    let used = canvas.paragraph(area, &text, Role::Warning);
    let (_, rest) = split_top(area, used.max(lines.min(area.height)) + 1);
    transfers::draw_small(state, rest, canvas);
}
