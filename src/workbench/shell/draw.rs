//! Draws the shell's popups and the line of notices.
//! Must not know: what answers lead to.

use super::Notice;
use super::popup::{Choose, Confirm, Popup, View};
use crate::model::Severity;
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Target, centred, line_of, skip, span, split_bottom, split_left, split_top, wrap,
};
use crate::workbench::command::{self, Command, Scope};
use crate::workbench::effect::Effect;
use crate::workbench::state::{self, State};
use crate::workbench::theme::Role;
use crate::workbench::widgets::{Cursor, Field};
use crate::workbench::{panes, update};

/// Columns inside of most popups.
const WIDTH: u16 = 70;

/// The newest notice in one line.
pub fn notice_line(notice: &Notice, area: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role) = sign(notice.severity);
    let hint = notice.hint.as_deref().map(|hint| format!(" · {hint}")).unwrap_or_default();
    canvas.line(area, &[span(format!(" {sign} "), role), span(&*notice.text, role), span(hint, Role::Dim)]);
}

fn sign(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Info => ("i", Role::Info),
        Severity::Warning => ("!", Role::Warning),
        Severity::Blocking => ("✗", Role::Bad),
    }
}

/// A popup with so many rows inside, over an emptied area. Gives the area inside.
pub fn popup_frame(canvas: &mut Canvas<'_>, title: &str, columns: u16, rows: u16) -> Rect {
    let screen = canvas.area();
    // The footer stays in view: it says which keys work.
    let above_footer = Rect { height: screen.height.saturating_sub(1), ..screen };
    let area = centred(above_footer, columns.saturating_add(4).min(screen.width), rows.saturating_add(2));
    canvas.clear(area);
    canvas.hit(screen, Target::Popup);
    let inner = canvas.frame(area, &[span(title, Role::Heading)], true);
    Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner }
}

pub fn draw_popup(state: &State, popup: &Popup, canvas: &mut Canvas<'_>) {
    match popup {
        Popup::Help { filter, cursor } => commands(state, "Keys", "find", filter, *cursor, canvas),
        Popup::Palette { field, cursor } => commands(state, "Commands", ":", field, *cursor, canvas),
        Popup::Confirm(confirm) => draw_confirm(confirm, canvas),
        Popup::Ask(ask) => {
            let error = ask.error.as_deref();
            let lines = wrapped(&ask.lines);
            let rows = lines.len() as u16 + 2 + u16::from(error.is_some()) * 2;
            let area = popup_frame(canvas, &ask.title, WIDTH, rows);
            let rest = paragraphs(&lines, area, canvas);
            canvas.field(line_of(rest, 0), ask.field.shown(), true);
            if let Some(error) = error {
                canvas.paragraph(split_top(rest, 1).1, error, Role::Bad);
            }
        }
        Popup::Choose(choose) => draw_choose(choose, canvas),
        Popup::View(view) => draw_view(view, canvas),
    }
}

fn wrapped(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| wrap(line, usize::from(WIDTH - 2))).collect()
}

/// Gives what is left below, after an empty line.
fn paragraphs(lines: &[String], area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    for (row, line) in (0u16..).zip(lines) {
        canvas.text(line_of(area, row), line, Role::Text);
    }
    let gap = u16::from(!lines.is_empty());
    split_top(area, lines.len() as u16 + gap).1
}

fn draw_confirm(confirm: &Confirm, canvas: &mut Canvas<'_>) {
    let lines = wrapped(&confirm.lines);
    let rows = lines.len() as u16 + 1 + if confirm.word.is_some() { 3 } else { 1 };
    let area = popup_frame(canvas, &confirm.title, WIDTH, rows);
    let rest = paragraphs(&lines, area, canvas);
    let mut row = 0;
    if let Some((word, field)) = &confirm.word {
        canvas.line(
            line_of(rest, 0),
            &[span("type ", Role::Text), span(&**word, Role::Strong), span(" to go ahead", Role::Text)],
        );
        canvas.field(line_of(rest, 1), field.shown(), true);
        row = 2;
    }
    let answers = line_of(rest, row);
    let role = if confirm.is_answered() { Role::Key } else { Role::Dim };
    let used = canvas.line(answers, &[span("[ ⏎ ", role), span(confirm.yes, role), span(" ]", role)]);
    canvas.hit(Rect { width: used, ..answers }, Target::Command("confirm.yes"));
    let no = skip(answers, used + 2);
    let used = canvas.text(no, "[ esc leave it ]", Role::Key);
    canvas.hit(Rect { width: used, ..no }, Target::Command("confirm.no"));
}

fn draw_choose(choose: &Choose, canvas: &mut Canvas<'_>) {
    let area = popup_frame(canvas, &choose.title, WIDTH, (choose.choices.len() as u16).min(16) + 2);
    let (list, below) = split_bottom(area, 2);
    canvas.list(ListId::Popup, list);
    let window = choose.cursor.window(choose.choices.len(), usize::from(list.height));
    for (row, at) in (0u16..).zip(window) {
        let choice = &choose.choices[at];
        let line = line_of(list, row);
        let role = if choice.refused.is_some() { Role::Dim } else { Role::Text };
        let sign = if at == choose.cursor.at { "▸ " } else { "  " };
        canvas.line(line, &[span(sign, Role::Key), span(&*choice.label, role)]);
        if at == choose.cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Popup, at));
    }
    if let Some(choice) = choose.choices.get(choose.cursor.at) {
        let (text, role) = match &choice.refused {
            Some(why) => (why, Role::Warning),
            None => (&choice.help, Role::Dim),
        };
        canvas.paragraph(below, text, role);
    }
}

fn draw_view(view: &View, canvas: &mut Canvas<'_>) {
    let screen = canvas.area();
    let columns = screen.width.saturating_sub(6).min(110);
    let rows = (view.lines.len() as u16).clamp(1, screen.height.saturating_sub(5).max(1));
    let area = popup_frame(canvas, &view.title, columns, rows);
    canvas.list(ListId::Popup, area);
    // A text has no row to choose: the cursor only says how far it was read.
    let window = view.cursor.window(view.lines.len(), usize::from(area.height));
    for (row, at) in (0u16..).zip(window) {
        canvas.text(line_of(area, row), &view.lines[at], Role::Text);
    }
}

/// The commands that the popup on top offers: those of what lies below it.
fn offered<'a>(state: &'a State, filter: &'a str) -> impl Iterator<Item = &'static Command> + 'a {
    let below = match state.popups.iter().rev().nth(1) {
        Some(popup) => Scope::Popup(panes::popup_scope(popup)),
        None => Scope::Pane(state.pane),
    };
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let fits = move |command: &&Command| {
        let text = format!("{} {} {}", command.id, command.label, command.help).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let own = command::all().filter(move |command| command::belongs(command, below));
    own.chain(command::all().filter(|command| command.scope == Scope::Everywhere)).filter(fits)
}

/// Rows of the list of the popup on top, where it is help or the palette.
pub fn rows_of_top(state: &State) -> usize {
    match state.popups.last() {
        Some(state::Popup::Shell(Popup::Help { filter: field, .. } | Popup::Palette { field, .. })) => {
            offered(state, field.text()).count()
        }
        _ => 0,
    }
}

/// Closes the popup and uses the command under its cursor.
pub fn run_chosen(state: &mut State) -> Vec<Effect> {
    let chosen = match state.popups.last() {
        Some(state::Popup::Shell(Popup::Help { filter: field, cursor } | Popup::Palette { field, cursor })) => {
            offered(state, field.text()).nth(cursor.at)
        }
        _ => None,
    };
    state.popups.pop();
    chosen.map_or_else(Vec::new, |command| update::use_command(state, command))
}

fn commands(state: &State, title: &str, prompt: &str, field: &Field, cursor: Cursor, canvas: &mut Canvas<'_>) {
    let offered: Vec<_> = offered(state, field.text()).collect();
    let height = canvas.area().height.saturating_sub(6);
    let area = popup_frame(canvas, title, 74, height);
    let (first, rest) = split_top(area, 2);
    let (label, input) = split_left(line_of(first, 0), prompt.chars().count() as u16 + 1);
    canvas.text(label, prompt, Role::Key);
    canvas.field(input, field.shown(), true);
    let (list, below) = split_bottom(rest, 1);
    canvas.list(ListId::Popup, list);
    if offered.is_empty() {
        canvas.text(line_of(list, 0), "no command fits", Role::Dim);
    }
    for (row, at) in (0u16..).zip(cursor.window(offered.len(), usize::from(list.height))) {
        let command = offered[at];
        let line = line_of(list, row);
        let keys = state.settings.keymap.keys(command).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let (keys_at, help_at) = split_left(line, 18);
        let refused = (command.available)(state).is_err();
        canvas.text(keys_at, &keys, if refused { Role::Dim } else { Role::Key });
        canvas.text(help_at, command.help, if refused { Role::Dim } else { Role::Text });
        if at == cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Popup, at));
    }
    let chosen = offered.get(cursor.at);
    if let Some(why) = chosen.and_then(|command| (command.available)(state).err()) {
        canvas.line(below, &[span("not now: ", Role::Warning), span(why, Role::Warning)]);
    } else if let Some(command) = chosen {
        canvas.line(below, &[span("id for the key map: ", Role::Dim), span(command.id, Role::Dim)]);
    }
}
