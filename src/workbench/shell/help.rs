//! `?` and `:`: what can be done, read off the table of commands.
//! Must not know: what commands do.

use super::draw::{part_of, popup_frame, title_of};
use super::popup::Popup;
use crate::model::text::columns;
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Target, line_of, skip, span, split_bottom, split_left, split_top,
};
use crate::workbench::command::{self, Command, Scope, Typing};
use crate::workbench::effect::Effect;
use crate::workbench::state::{self, State};
use crate::workbench::theme::Role;
use crate::workbench::widgets::{Cursor, Field};
use crate::workbench::{panes, update};

/// Columns for the keys in help.
const KEYS: u16 = 22;
/// Columns for the names in the palette.
const NAMES: u16 = 16;
/// Lines about the row under the cursor, in both popups.
const ABOUT: u16 = 3;
/// Columns of both popups on a screen that has them.
const WIDEST: u16 = 110;

/// Keys that edit a field. The frame itself knows them; the user's key map does not.
const EDITING: [(&str, &str); 9] = [
    ("left right", "Move in the text"),
    ("ctrl-left ctrl-right", "Move by a word"),
    ("home ctrl-a", "To the beginning of the text"),
    ("end ctrl-e", "To the end of the text"),
    ("backspace delete", "Take a character away"),
    ("ctrl-w", "Take the word before away"),
    ("ctrl-u", "Take all of it away"),
    ("ctrl-k", "Take the rest away"),
    ("paste", "One line goes into the field"),
];

const MOUSE: [(&str, &str); 4] = [
    ("click", "Go there; a second click opens or picks it"),
    ("wheel", "Scroll what is under the pointer"),
    ("shift-click", "Mark from here to there, where marking is"),
    ("shift-drag", "Select text, as without the workbench"),
];

/// A line of help.
enum Row {
    Command(&'static Command),
    /// What is no command, and cannot be used from here.
    Note(&'static str, &'static str),
}

/// Lines under a heading.
struct Group {
    title: String,
    rows: Vec<Row>,
}

/// Whose keys are shown: those of what lies below the popup on top.
fn scope_below(state: &State) -> Scope {
    match state.popups.iter().rev().nth(1) {
        Some(popup) => Scope::Popup(panes::popup_scope(popup)),
        None => Scope::Pane(state.pane),
    }
}

/// Every key that works below, the most special first.
fn groups(state: &State, filter: &str) -> Vec<Group> {
    let below = scope_below(state);
    let words = words(filter);
    let counting = || command::counting(below);
    let commands = |fits: &dyn Fn(&Command) -> bool| -> Vec<Row> {
        counting().filter(|command| fits(command) && is_found(command, &words)).map(Row::Command).collect()
    };
    let notes = |rows: &[(&'static str, &'static str)]| -> Vec<Row> {
        let found = |text: &str| words.iter().all(|word| text.to_lowercase().contains(word.as_str()));
        let found = rows.iter().filter(|(keys, help)| found(&format!("{keys} {help}")));
        found.map(|(keys, help)| Row::Note(keys, help)).collect()
    };
    let own = commands(&|command| command.scope == below && command.typing != Typing::Only);
    let lists = lists_of(below).into_iter().map(|list| {
        let rows = commands(&|command| command.typing != Typing::Only && is_of_list(command, list));
        (format!("{}: {}", title_of(below), list.name()), rows)
    });
    let mut typing = commands(&|command| command.typing == Typing::Only);
    typing.extend(notes(&EDITING));
    let everywhere = commands(&|command| command.scope == Scope::Everywhere && command.typing != Typing::Only);
    let mouse = if state.settings.mouse { notes(&MOUSE) } else { Vec::new() };
    let last = [("Everywhere", everywhere), ("While typing", typing), ("Mouse", mouse)];
    let last = last.into_iter().map(|(title, rows)| (title.to_owned(), rows));
    let titled = std::iter::once((title_of(below), own)).chain(lists).chain(last);
    let groups = titled.map(|(title, rows)| Group { title, rows });
    groups.filter(|group| !group.rows.is_empty()).collect()
}

/// The lists that have commands of their own, in the order of the table.
fn lists_of(scope: Scope) -> Vec<ListId> {
    let mut lists = Vec::new();
    for command in command::counting(scope) {
        if let Scope::List(_, list) = command.scope
            && !lists.contains(&list)
        {
            lists.push(list);
        }
    }
    lists
}

fn is_of_list(command: &Command, list: ListId) -> bool {
    matches!(command.scope, Scope::List(_, of) if of == list)
}

/// The commands of the palette: those that count below, best name first, then those of the other panes.
fn named(state: &State, filter: &str) -> Vec<&'static Command> {
    let below = scope_below(state);
    let words = words(filter);
    let is_near = |command: &Command| command::belongs(command, below) || command.scope == Scope::Everywhere;
    let mut found: Vec<_> = command::all()
        .filter(|command| is_near(command) || matches!(command.scope, Scope::Pane(_) | Scope::List(..)))
        .filter(|command| command.typing != Typing::Only && command.id != "palette" && is_found(command, &words))
        .collect();
    let rank = |command: &Command| match words.first() {
        Some(word) if command.label.starts_with(word.as_str()) => 0,
        Some(word) if command.label.contains(word.as_str()) => 1,
        _ => 2,
    };
    found.sort_by_key(|command| (rank(command), !is_near(command), command.scope == Scope::Everywhere));
    found
}

fn words(filter: &str) -> Vec<String> {
    filter.split_whitespace().map(str::to_lowercase).collect()
}

fn is_found(command: &Command, words: &[String]) -> bool {
    let text = format!("{} {} {} {}", command.id, command.label, command.help, command.keys).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// Rows of the list of the popup on top, where it is help or the palette.
pub fn rows_of_top(state: &State) -> usize {
    match state.popups.last() {
        Some(state::Popup::Shell(Popup::Help { filter, .. })) => {
            groups(state, filter.text()).iter().map(|group| group.rows.len()).sum()
        }
        Some(state::Popup::Shell(Popup::Palette { field, .. })) => named(state, field.text()).len(),
        _ => 0,
    }
}

/// Closes the popup and uses the command under its cursor; one of another pane there.
pub fn run_chosen(state: &mut State) -> Vec<Effect> {
    let chosen = match state.popups.last() {
        Some(state::Popup::Shell(Popup::Help { filter, cursor })) => {
            let row = groups(state, filter.text()).into_iter().flat_map(|group| group.rows).nth(cursor.at);
            match row {
                Some(Row::Command(command)) => Some(command),
                Some(Row::Note(..)) => return Vec::new(),
                None => None,
            }
        }
        Some(state::Popup::Shell(Popup::Palette { field, cursor })) => {
            named(state, field.text()).get(cursor.at).copied()
        }
        _ => None,
    };
    let Some(command) = chosen else { return Vec::new() };
    state.popups.pop();
    let mut effects = match command.scope {
        Scope::Pane(pane) | Scope::List(pane, _) if pane != state.pane => panes::show(state, pane),
        _ => Vec::new(),
    };
    if let Scope::List(_, list) = command.scope {
        panes::focus(state, list);
    }
    effects.extend(update::use_command(state, command));
    effects
}

/// The frame that both share: a field to look for something, the list, and a line about the row under the cursor.
fn look_for<'a>(title: &str, field: &Field, canvas: &mut Canvas<'a>) -> (Rect, Rect) {
    let screen = canvas.area();
    let area = popup_frame(canvas, title, screen.width.saturating_sub(6).min(WIDEST), screen.height.saturating_sub(5));
    let (first, rest) = split_top(area, 2);
    let (label, input) = split_left(line_of(first, 0), 6);
    canvas.text(label, "find", Role::Dim);
    canvas.field(input, field.shown(), true);
    let (list, below) = split_bottom(rest, ABOUT);
    canvas.list(ListId::Popup, list);
    (list, below)
}

pub fn draw_help(state: &State, field: &Field, cursor: Cursor, canvas: &mut Canvas<'_>) {
    let groups = groups(state, field.text());
    let (list, below) = look_for("Keys", field, canvas);
    // Headings are in view too, so that a page has fewer rows than lines: none is passed over unseen.
    let page = list.height.saturating_sub(groups.len() as u16).max(1);
    canvas.list(ListId::Popup, Rect { height: page, ..list });
    if groups.is_empty() {
        nothing(list, canvas);
    }
    // Headings are lines, and no rows: the cursor passes over them.
    let mut lines = Vec::new();
    for group in &groups {
        lines.push(Err(&*group.title));
        lines.extend(group.rows.iter().map(Ok));
    }
    let line_of_row = |row: usize| {
        let rows = lines.iter().enumerate().filter(|(_, line)| line.is_ok());
        rows.map(|(at, _)| at).nth(row).unwrap_or_default()
    };
    let top = line_of_row(cursor.top);
    let top = if top > 0 && lines[top - 1].is_err() { top - 1 } else { top };
    let shown = Cursor { at: line_of_row(cursor.at), top }.window(lines.len(), usize::from(list.height));
    part_of(below, &shown, lines.len(), canvas);
    let mut row = lines[..shown.start].iter().filter(|line| line.is_ok()).count();
    for (place, line) in (0u16..).zip(&lines[shown]) {
        let area = line_of(list, place);
        match line {
            Err(title) => {
                canvas.text(area, title, Role::Heading);
            }
            Ok(line) => {
                help_row(state, line, row == cursor.at, area, canvas);
                canvas.hit(area, Target::Row(ListId::Popup, row));
                if row == cursor.at {
                    about(state, line, below, canvas);
                }
                row += 1;
            }
        }
    }
}

fn help_row(state: &State, row: &Row, current: bool, area: Rect, canvas: &mut Canvas<'_>) {
    let area = skip(area, 1);
    match row {
        Row::Command(command) => {
            let keys = keys(state, command);
            let why_not = (command.available)(state).err();
            let role = if why_not.is_some() { Role::Dim } else { Role::Key };
            let wide = (columns(&keys) as u16 + 1).max(KEYS);
            let (keys_at, help_at) = split_left(area, wide);
            canvas.text(keys_at, &keys, role);
            match why_not {
                Some(why) => canvas
                    .line(help_at, &[span(command.help, Role::Dim), span(" – ", Role::Dim), span(why, Role::Warning)]),
                None => canvas.text(help_at, command.help, Role::Text),
            };
        }
        Row::Note(keys, help) => {
            let (keys_at, help_at) = split_left(area, (columns(keys) as u16 + 1).max(KEYS));
            canvas.text(keys_at, keys, Role::Key);
            canvas.text(help_at, help, Role::Text);
        }
    }
    if current {
        canvas.mark_cursor(area, true);
    }
}

/// What the row under the cursor could not say in its line.
fn about(state: &State, row: &Row, below: Rect, canvas: &mut Canvas<'_>) {
    let Row::Command(command) = row else { return };
    let (sentence, last) = split_bottom(below, 1);
    match (command.available)(state) {
        Err(why) => {
            let used = canvas.paragraph(line_of(sentence, 0), command.help, Role::Text);
            canvas.text(line_of(sentence, used), &format!("not now: {why}"), Role::Warning);
        }
        Ok(()) => drop(canvas.paragraph(sentence, command.help, Role::Text)),
    }
    canvas.line(last, &[span("in the key map: ", Role::Dim), span(command.id, Role::Dim)]);
}

pub fn draw_palette(state: &State, field: &Field, cursor: Cursor, canvas: &mut Canvas<'_>) {
    let named = named(state, field.text());
    let (list, below) = look_for("Commands", field, canvas);
    if named.is_empty() {
        nothing(list, canvas);
    }
    let shown = cursor.window(named.len(), usize::from(list.height));
    part_of(below, &shown, named.len(), canvas);
    for (place, at) in (0u16..).zip(shown) {
        let (command, line) = (named[at], line_of(list, place));
        let area = skip(line, 1);
        let is_usable = (command.available)(state).is_ok();
        let keys = match command.scope {
            Scope::Pane(pane) | Scope::List(pane, _) if pane != state.pane => {
                format!("{} {}", pane.number(), keys(state, command))
            }
            _ => keys(state, command),
        };
        let rest = canvas.right(area, &keys, if is_usable { Role::Key } else { Role::Dim });
        let (name_at, help_at) = split_left(Rect { width: rest.width.saturating_sub(1), ..rest }, NAMES);
        canvas.text(name_at, command.label, if is_usable { Role::Strong } else { Role::Dim });
        canvas.text(help_at, command.help, if is_usable { Role::Text } else { Role::Dim });
        if at == cursor.at {
            canvas.mark_cursor(area, true);
        }
        canvas.hit(line, Target::Row(ListId::Popup, at));
    }
    if let Some(command) = named.get(cursor.at) {
        about(state, &Row::Command(command), below, canvas);
    }
}

fn keys(state: &State, command: &Command) -> String {
    let keys: Vec<_> = state.settings.keymap.keys(command).iter().map(ToString::to_string).collect();
    if keys.is_empty() { "no key".to_owned() } else { keys.join(" ") }
}

fn nothing(list: Rect, canvas: &mut Canvas<'_>) {
    canvas.text(line_of(list, 0), "nothing fits; esc closes, ctrl-u empties the field", Role::Dim);
}
