//! Draws the shell's questions and texts.
//! Must not know: what answers lead to.

use std::ops::Range;

use super::help;
use super::popup::{Ask, Choose, Confirm, Popup, View};
use crate::model::text::printable;
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Target, centred, line_of, skip, span, split_bottom, split_top, wrap,
};
use crate::workbench::command::Scope;
use crate::workbench::state::State;
use crate::workbench::theme::Role;
use crate::workbench::widgets::Cursor;

/// Columns inside of most popups.
const WIDTH: u16 = 70;
/// Lines that the error of a question may take.
const ERROR_LINES: usize = 4;

/// A popup with so many rows inside, over an emptied area. Gives the area inside.
pub fn popup_frame(canvas: &mut Canvas<'_>, title: &str, columns: u16, rows: u16) -> Rect {
    let screen = canvas.area();
    // The footer stays in view: it says which keys work. So does the line above it, which says why one did not.
    let above_footer = Rect { height: screen.height.saturating_sub(1), ..screen };
    let rows = rows.saturating_add(2).min(screen.height.saturating_sub(2));
    let area = centred(above_footer, columns.saturating_add(4).min(screen.width), rows);
    // A margin keeps its border apart from those below.
    canvas.clear(Rect { x: area.x.saturating_sub(1), width: area.width.saturating_add(2), ..area });
    canvas.hit(screen, Target::Popup);
    let inner = canvas.frame(area, &[span(title, Role::Heading)], true);
    Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner }
}

/// What the keys of a scope are headed with.
pub(super) fn title_of(scope: Scope) -> String {
    match scope {
        Scope::Pane(pane) | Scope::List(pane, _) => pane.title().to_owned(),
        Scope::Popup(_) => "Here".to_owned(),
        Scope::Everywhere => "Everywhere".to_owned(),
    }
}

pub fn draw_popup(state: &State, popup: &Popup, canvas: &mut Canvas<'_>) {
    match popup {
        Popup::Help { filter, cursor } => help::draw_help(state, filter, *cursor, canvas),
        Popup::Palette { field, cursor } => help::draw_palette(state, field, *cursor, canvas),
        Popup::Confirm(confirm) => draw_confirm(confirm, canvas),
        Popup::Ask(ask) => draw_ask(ask, canvas),
        Popup::Choose(choose) => draw_choose(choose, canvas),
        Popup::View(view) => draw_view(view, canvas),
    }
}

/// Says in the border below an area which part of a longer list or text it shows.
pub(super) fn part_of(area: Rect, shown: &Range<usize>, len: usize, canvas: &mut Canvas<'_>) {
    if shown.len() < len {
        let border = Rect { y: area.y + area.height, height: 1, ..area };
        canvas.right(border, &format!(" {}-{} of {len} ", shown.start + 1, shown.end), Role::Dim);
    }
}

/// The lines of a question as they fit its popup.
pub(super) fn lines_of_question(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| wrap(&printable(line), usize::from(WIDTH - 2))).collect()
}

/// A popup with text above, of which as much is shown as fits, and so many rows below it, which are always in view.
/// Gives those.
fn question(
    title: &str,
    lines: &[String],
    warns: Option<&str>,
    cursor: Cursor,
    rows: u16,
    canvas: &mut Canvas<'_>,
) -> Rect {
    let gap = u16::from(!lines.is_empty());
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(rows + gap);
    let area = popup_frame(canvas, title, WIDTH, wanted);
    let (text, below) = split_bottom(area, rows);
    let text = split_bottom(text, gap).0;
    canvas.list(ListId::Popup, text);
    let shown = cursor.window(lines.len(), usize::from(text.height));
    part_of(below, &shown, lines.len(), canvas);
    for (row, at) in (0u16..).zip(shown) {
        let deletes = warns.is_some_and(|beginning| lines[at].starts_with(beginning.trim_end()));
        canvas.text(line_of(text, row), &lines[at], if deletes { Role::Delete } else { Role::Text });
    }
    below
}

/// `[ ⏎ yes ]  [ esc no ]`, to be clicked too.
pub fn answers(
    line: Rect,
    [yes, no_word]: [&str; 2],
    ready: Role,
    (yes_id, no_id): (&'static str, &'static str),
    canvas: &mut Canvas<'_>,
) {
    let used = canvas.line(line, &[span("[ ⏎ ", ready), span(yes, ready), span(" ]", ready)]);
    canvas.hit(Rect { width: used, ..line }, Target::Command(yes_id));
    let no = skip(line, used + 2);
    let used = canvas.line(no, &[span("[ esc ", Role::Key), span(no_word, Role::Key), span(" ]", Role::Key)]);
    canvas.hit(Rect { width: used, ..no }, Target::Command(no_id));
}

fn draw_confirm(confirm: &Confirm, canvas: &mut Canvas<'_>) {
    let rows = if confirm.word.is_some() { 4 } else { 1 };
    let lines = lines_of_question(&confirm.lines);
    let below = question(&confirm.title, &lines, confirm.warns, confirm.cursor, rows, canvas);
    if let Some((word, field)) = &confirm.word {
        let sentence = [span("type ", Role::Text), span(&**word, Role::Strong), span(" to go ahead", Role::Text)];
        canvas.line(line_of(below, 0), &sentence);
        canvas.field(line_of(below, 1), field.shown(), true);
    }
    let ready = if confirm.is_answered() { Role::Key } else { Role::Dim };
    answers(line_of(below, rows - 1), [&confirm.yes, confirm.no], ready, ("confirm.yes", "confirm.no"), canvas);
}

fn draw_ask(ask: &Ask, canvas: &mut Canvas<'_>) {
    let error = ask.error.as_deref().map(|error| wrap(error, usize::from(WIDTH))).unwrap_or_default();
    let error = &error[..error.len().min(ERROR_LINES)];
    let lines = lines_of_question(&ask.lines);
    let below = question(&ask.title, &lines, None, Cursor::default(), 3 + error.len() as u16, canvas);
    canvas.field(line_of(below, 0), ask.field.shown(), true);
    for (row, line) in (1u16..).zip(error) {
        canvas.text(line_of(below, row), line, Role::Bad);
    }
    answers(
        line_of(below, below.height.saturating_sub(1)),
        [ask.yes, "leave it"],
        Role::Key,
        ("ask.yes", "ask.close"),
        canvas,
    );
}

fn draw_choose(choose: &Choose, canvas: &mut Canvas<'_>) {
    let rows = choose.choices.len().min(16) as u16;
    let area = popup_frame(canvas, &choose.title, WIDTH, rows.max(1) + 3);
    let (list, below) = split_bottom(area, 2);
    let list = split_bottom(list, 1).0;
    canvas.list(ListId::Popup, list);
    let window = choose.cursor.window(choose.choices.len(), usize::from(list.height));
    part_of(below, &window, choose.choices.len(), canvas);
    for (row, at) in (0u16..).zip(window) {
        let choice = &choose.choices[at];
        let line = line_of(list, row);
        let role = if choice.refused.is_some() { Role::Dim } else { Role::Text };
        let sign = match (at == choose.cursor.at, &choice.refused) {
            (true, _) => "▸ ",
            (false, None) => "  ",
            (false, Some(_)) => "⊘ ",
        };
        canvas.line(line, &[span(sign, Role::Key), span(&*choice.label, role)]);
        if at == choose.cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Popup, at));
    }
    if let Some(choice) = choose.choices.get(choose.cursor.at) {
        match &choice.refused {
            Some(why) => canvas.paragraph(below, &format!("⊘ {why}"), Role::Warning),
            None => canvas.paragraph(below, &choice.help, Role::Dim),
        };
    }
}

/// Columns that a text to read has on a screen of this width.
pub(super) fn columns_of_view(screen: u16) -> u16 {
    screen.saturating_sub(6).min(110)
}

fn draw_view(view: &View, canvas: &mut Canvas<'_>) {
    let screen = canvas.area();
    let lines = view.shown();
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).max(1);
    let area = popup_frame(canvas, &view.title, columns_of_view(screen.width), rows);
    canvas.list(ListId::Popup, area);
    // A text has no row to choose: the cursor only says how far it was read.
    let window = view.cursor.window(lines.len(), usize::from(area.height));
    part_of(area, &window, lines.len(), canvas);
    for (row, at) in (0u16..).zip(window) {
        canvas.text(line_of(area, row), &lines[at], Role::Text);
    }
    if lines.is_empty() {
        canvas.text(split_top(area, 1).0, "nothing", Role::Dim);
    }
}
