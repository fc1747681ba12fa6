//! Draws the pane: groups, list, details side by side; or why there is no list.
//! Must not know: how anything is found out.

mod details;
mod finding;
mod groups;
mod ids;
mod items;

pub use finding::draw_finding;

use super::state::{Popup, Stage, State};
use crate::workbench::canvas::{Canvas, ListId, Rect, Target, centred, line_of, skip, span, split_left, wrap};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let content = &state.content;
    if content.stock.is_none() {
        empty(state, area, canvas);
    } else if content.look.zoom {
        details::draw(state, area, canvas);
    } else {
        side_by_side(state, area, canvas);
    }
}

/// Three lists that share their borders. The one that has the focus is drawn last, so that its border is whole.
fn side_by_side(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let content = &state.content;
    let focus = if content.narrowing.typing { ListId::Items } else { content.look.focus };
    let columns = columns(area);
    let draw = [groups::draw, items::draw, details::draw];
    let lists = [ListId::Groups, ListId::Items, ListId::Details];
    for turn in [false, true] {
        for ((column, draw), _) in columns.iter().zip(draw).zip(lists).filter(|(_, list)| (*list == focus) == turn) {
            draw(state, *column, canvas);
        }
    }
    let bottom = area.y + area.height.saturating_sub(1);
    for (column, is_beside) in [(columns[1], focus != ListId::Details), (columns[2], focus != ListId::Groups)] {
        let role = if is_beside { Role::Focus } else { Role::Border };
        for (y, sign) in [(area.y, "┬"), (bottom, "┴")] {
            canvas.text(Rect { x: column.x, y, width: 1, height: 1 }, sign, role);
        }
    }
}

pub fn draw_popup(state: &Workbench, popup: &Popup, canvas: &mut Canvas<'_>) {
    match popup {
        Popup::Ids(ids) => ids::draw(state, ids, canvas),
    }
}

/// Each begins with the border that the one before ends with. The list has the most room; what is left over on wide
/// screens goes to the details.
fn columns(area: Rect) -> [Rect; 3] {
    let groups = (area.width / 5).clamp(20, 30);
    let items = ((area.width - groups.min(area.width)) * 3 / 5).clamp(42, 90);
    let (left, rest) = split_left(area, groups);
    let rest = Rect { x: rest.x.saturating_sub(1), width: rest.width + 1, ..rest };
    let (middle, rest) = split_left(rest, items);
    [left, middle, Rect { x: rest.x.saturating_sub(1), width: rest.width + 1, ..rest }]
}

/// Why there is no list, and what to do.
fn empty(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let inner = canvas.frame(area, &[span("Content", Role::Heading)], false);
    let middle = centred(inner, inner.width.saturating_sub(8).min(72), 7);
    let mut row = 0;
    for (text, role) in reasons(state) {
        for line in wrap(&crate::model::text::printable(&text), usize::from(middle.width)) {
            canvas.text(line_of(middle, row), &line, role);
            row += 1;
        }
    }
    if !matches!(state.content.stage, Stage::Listing { .. } | Stage::Ready) {
        let line = line_of(middle, row + 1);
        let text = go_on(&state.content);
        let used = canvas.line(line, &[span("[ ⏎ ", Role::Key), span(text, Role::Key), span(" ]", Role::Key)]);
        canvas.hit(Rect { width: used, ..line }, Target::Command("content.go-on"));
        let other = skip(line, used + 2);
        if matches!(state.content.stage, Stage::Failed(_)) {
            let used = canvas.text(other, "[ 1 choose another source ]", Role::Key);
            canvas.hit(Rect { width: used, ..other }, Target::Command("pane.locations"));
        }
    }
}

fn go_on(content: &State) -> &'static str {
    match &content.stage {
        Stage::Failed(failure) if failure.is_of_key() => "type its key",
        Stage::Failed(_) => "try again",
        _ => "choose a source",
    }
}

fn reasons(state: &Workbench) -> Vec<(String, Role)> {
    let place = state.ends.source.as_ref().map(|source| source.location.text()).unwrap_or_default();
    match &state.content.stage {
        Stage::NoSource => vec![
            ("No source is chosen yet.".to_owned(), Role::Strong),
            ("Press 1 to choose where content comes from; what it holds is then listed here.".to_owned(), Role::Text),
        ],
        Stage::Listing { since } => {
            let seconds = state.now.as_second().saturating_sub(since.as_second()).max(0);
            let mut lines = vec![(format!("Listing {place} … {seconds} s"), Role::Strong)];
            lines.extend(state.content.reading.clone().map(|text| (text, Role::Text)));
            lines.push(("Everything else can be used meanwhile.".to_owned(), Role::Dim));
            lines
        }
        Stage::Failed(failure) => {
            let mut lines =
                vec![(format!("{place} could not be listed."), Role::Strong), (failure.message.clone(), Role::Bad)];
            lines.extend(failure.hint.clone().map(|hint| (hint, Role::Text)));
            lines
        }
        Stage::Ready => Vec::new(),
    }
}
