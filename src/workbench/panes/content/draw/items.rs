//! Draws the list in the middle: only the rows that are seen, however many there are.
//! Must not know: how it was narrowed.

use crate::model::text::{columns as text_columns, printable, shorten};
use crate::model::{DependencyMode, ItemIndex, ItemRef};
use crate::wording::{bytes, count, file_sentence, version_sign, versions_sentence};
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Span, Target, line_of, skip, span, split_bottom, split_left, split_top,
};
use crate::workbench::command;
use crate::workbench::panes::content::details::{called, role_of_state};
use crate::workbench::panes::content::groups::{GroupKey, Mark};
use crate::workbench::panes::content::picking::mode_words;
use crate::workbench::panes::content::state::{Stage, State, Stock};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let content = &state.content;
    let Some(stock) = &content.stock else { return };
    let focused = content.look.focus == ListId::Items || content.narrowing.typing;
    let inner = canvas.frame(area, &title(content, stock, area.width), focused);
    let (first, rest) = split_top(inner, 1);
    filter(state, first, canvas);
    let (list, below) = split_bottom(rest, needed_height(content, rest));
    rows(content, stock, list, focused, canvas);
    let changes = command::find("content.dependencies").and_then(|command| state.settings.keymap.shown(command));
    needed(content, stock, &changes.unwrap_or_else(|| ":".to_owned()), below, canvas);
}

/// `Flows 3 of 22 picked · +4 needed`.
fn title(content: &State, stock: &Stock, width: u16) -> Vec<Span<'static>> {
    let number = |n: usize| count(n as u64);
    let mut spans = Vec::new();
    if let Some(label) = narrowed_to(content, stock, usize::from(width / 4)) {
        spans.push(span(format!("{label} "), Role::Heading));
    }
    let (picked, shown) = (content.picks.shown, content.shown.len());
    spans.push(span(format!("{} of {} picked", number(picked), number(shown)), Role::Strong));
    if content.picks.items.is_empty() {
        return spans;
    }
    let needed = content.needed.items.len();
    spans.push(match content.dependencies {
        _ if content.needed.failure.is_some() => span(" · needed: ?", Role::Warning),
        _ if !content.is_settled() => span(" · needed: …", Role::Dim),
        Some(DependencyMode::None) => span(format!(" · {} left out", number(needed)), Role::Warning),
        _ => span(format!(" · +{} needed", number(needed)), Role::Text),
    });
    if needed == 0 && content.is_settled() {
        spans.pop();
    }
    if content.picks.items.len() > picked {
        spans.push(span(format!(" · {} hidden", number(content.picks.items.len() - picked)), Role::Dim));
    }
    spans
}

/// The groups that the list is narrowed to, where there are any.
fn narrowed_to(content: &State, stock: &Stock, columns: usize) -> Option<String> {
    let first = content.narrowing.chosen.first()?;
    let others = content.narrowing.chosen.len() - 1;
    let more = if others > 0 { format!(" +{others}") } else { String::new() };
    let title = printable(stock.title_of(first)).into_owned();
    Some(format!("{}{more}", shorten(&title, columns.saturating_sub(more.len()).max(6))))
}

fn filter(state: &Workbench, line: Rect, canvas: &mut Canvas<'_>) {
    let narrowing = &state.content.narrowing;
    let line = match &state.content.stage {
        Stage::Listing { since } => {
            let seconds = state.now.as_second().saturating_sub(since.as_second()).max(0);
            canvas.right(line, &format!(" listing again … {seconds} s "), Role::Dim)
        }
        _ if narrowing.stop.is_some() => canvas.right(line, " … ", Role::Dim),
        _ => line,
    };
    let (key, field) = split_left(line, 3);
    canvas.text(key, " / ", Role::Key);
    if narrowing.typing {
        canvas.field(field, narrowing.field.shown(), true);
    } else if narrowing.field.is_empty() {
        canvas.text(field, "filter", Role::Dim);
    } else {
        canvas.text(field, narrowing.field.text(), Role::Strong);
    }
    canvas.hit(line, Target::Command("content.filter"));
}

fn rows(content: &State, stock: &Stock, list: Rect, focused: bool, canvas: &mut Canvas<'_>) {
    canvas.list(ListId::Items, list);
    if content.shown.is_empty() {
        let text = match content.narrowing.is_everything() {
            true => "There is nothing here. 1 chooses another source.",
            false => "Nothing fits. esc takes the filter and the groups away.",
        };
        canvas.paragraph(skip(list, 1), text, Role::Dim);
        return;
    }
    let range = content.range();
    let columns = Columns::of(content, stock, list.width);
    for (line, at) in (0u16..).zip(content.look.items.window(content.shown.len(), usize::from(list.height))) {
        let line = line_of(list, line);
        let item = content.shown[at];
        let marked = range.as_ref().is_some_and(|range| range.contains(&at));
        canvas.text(line, if marked { "▌" } else { " " }, Role::Key);
        canvas.hit(line, Target::Row(ListId::Items, at));
        let inner = skip(line, 1);
        canvas.hit(Rect { width: inner.width.min(4), ..inner }, Target::Check(ListId::Items, at));
        draw_item(content, stock, item, inner, columns, canvas);
        if at == content.look.items.at {
            canvas.mark_cursor(line, focused);
        }
    }
}

/// How the room of a row is divided.
#[derive(Clone, Copy)]
struct Columns {
    name: u16,
    /// Items of several kinds, or of several types, are in view.
    kinds: bool,
    types: bool,
    /// Signs are told in words too.
    explains: bool,
}

impl Columns {
    fn of(content: &State, stock: &Stock, width: u16) -> Self {
        let chosen = content.narrowing.chosen.iter();
        let chosen: Vec<_> = chosen.filter(|key| matches!(key, GroupKey::Kind(_) | GroupKey::Type(_))).collect();
        Columns {
            name: width.saturating_sub(6) * 3 / 5,
            kinds: stock.arranged.several_kinds && chosen.len() != 1,
            types: !matches!(chosen[..], [GroupKey::Type(_)]),
            explains: true,
        }
    }
}

/// The sign in front of an item: whether it goes along.
fn check(content: &State, item: ItemIndex) -> (&'static str, Role) {
    if content.picks.items.has(item) {
        ("[x] ", Role::Good)
    } else if !content.needed.items.has(item) {
        ("[ ] ", Role::Dim)
    } else if content.dependencies == Some(DependencyMode::None) {
        ("[-] ", Role::Warning)
    } else {
        ("[+] ", Role::Info)
    }
}

fn draw_item(content: &State, stock: &Stock, item: ItemIndex, line: Rect, columns: Columns, canvas: &mut Canvas<'_>) {
    let view = stock.inventory.item(item);
    let (sign, role) = check(content, item);
    let used = canvas.text(line, sign, role);
    let mut rest = skip(line, used);
    if let Some(at) = stock.findings_of(item).next() {
        let severity = stock.inventory.findings.get(at).map(|finding| finding.severity);
        rest = canvas.right(rest, " !", severity.map_or(Role::Dim, Role::of_severity));
    }
    let (name, other) = split_left(rest, columns.name);
    canvas.text(Rect { width: name.width.saturating_sub(1), ..name }, called(view), Role::Text);
    let mut spans: Vec<Span<'_>> = Vec::new();
    // A type tells the kind too.
    match view.type_title() {
        Some(title) if columns.types => spans.push(span(title, Role::Text)),
        None if columns.kinds => spans.push(span(view.kind().as_str(), Role::Dim)),
        _ => {}
    }
    for word in view.tags().take(8) {
        spans.push(span(if spans.is_empty() { "" } else { " " }, Role::Dim));
        spans.push(span(word, Role::Text));
    }
    let room = usize::from(other.width).saturating_sub(width_of(&spans) + usize::from(!spans.is_empty()));
    let told = told(view, room);
    if !told.is_empty() {
        spans.push(span(if spans.is_empty() { "" } else { " " }, Role::Dim));
        spans.extend(told);
    }
    // The sign says it too, so that it need not be begun where it cannot be ended.
    let needed = if spans.is_empty() { "(needed)" } else { " (needed)" };
    let used = width_of(&spans);
    if sign == "[+] " && columns.explains && used + needed.len() <= usize::from(other.width) {
        spans.push(span(needed, Role::Dim));
    }
    canvas.line(other, &spans);
}

fn width_of(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| text_columns(&printable(&span.text))).sum()
}

/// Languages and states, or what the file is like: in words where they fit, else by signs.
fn told(item: ItemRef<'_>, room: usize) -> Vec<Span<'static>> {
    if let Some(file) = item.file() {
        let size = bytes(file.bytes.unwrap_or_default());
        let words = [file_sentence(&file), if file.bytes.is_some() { size } else { String::new() }];
        return vec![span(words.join(" ").trim().to_owned(), Role::Dim)];
    }
    let sentence = versions_sentence(item.versions());
    if sentence.is_empty() {
        return Vec::new();
    }
    if text_columns(&sentence) <= room {
        let mut states = item.versions().map(|version| version.state);
        let first = states.next().flatten();
        // One colour tells one state only.
        let role = if states.all(|state| state == first) { role_of_state(first) } else { Role::Text };
        return vec![span(sentence, role)];
    }
    let mut spans = Vec::new();
    for version in item.versions() {
        spans.push(span(if spans.is_empty() { "" } else { " " }, Role::Dim));
        spans.push(span(version_sign(version), role_of_state(version.state)));
    }
    spans
}

/// Lines for what comes along, where the list itself may not show all of it.
fn needed_height(content: &State, area: Rect) -> u16 {
    let needed = content.needed.list.len();
    let only_these = content.narrowing.chosen.contains(&GroupKey::Mark(Mark::Needed));
    let in_view = content.narrowing.is_everything() && content.shown.len() <= usize::from(area.height);
    if !content.look.needed || needed == 0 || only_these || in_view {
        return 0;
    }
    let most = (area.height / 3).max(3);
    (needed.min(usize::from(most)) as u16 + 1).min(area.height / 2)
}

/// What comes along, below the list.
fn needed(content: &State, stock: &Stock, key: &str, area: Rect, canvas: &mut Canvas<'_>) {
    if area.height < 2 {
        return;
    }
    let list = &content.needed.list;
    let words = match content.dependencies {
        Some(DependencyMode::None) => "needed, but left out",
        _ => "comes along",
    };
    let head = line_of(area, 0);
    canvas.text(head, &"─".repeat(usize::from(head.width)), Role::Border);
    let mode = match content.dependencies {
        None | Some(DependencyMode::None) => String::new(),
        mode => format!(" · {}", mode_words(mode)),
    };
    let title = format!(" {words}: {}{mode} · {key} changes that ", count(list.len() as u64));
    canvas.text(skip(head, 1), &title, Role::Dim);
    canvas.hit(head, Target::Command("content.dependencies"));
    let room = usize::from(area.height - 1);
    let fits = if list.len() > room { room - 1 } else { list.len() };
    let kinds = stock.arranged.several_kinds;
    let columns = Columns { kinds, explains: false, ..Columns::of(content, stock, area.width) };
    for (row, &item) in (1u16..).zip(&list[..fits]) {
        draw_item(content, stock, item, skip(line_of(area, row), 1), columns, canvas);
    }
    if fits < list.len() {
        let text = format!("    and {} more: the group “comes along”", count((list.len() - fits) as u64));
        canvas.text(skip(line_of(area, fits as u16 + 1), 1), &text, Role::Dim);
    }
}
