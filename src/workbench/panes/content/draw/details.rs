//! Draws the details of the item under the cursor, on the right or over the whole width.
//! Must not know: what is told.

use crate::workbench::canvas::{Canvas, ListId, Rect, line_of, skip, span, split_top};
use crate::workbench::panes::content::details::{Line, Lines};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let look = &state.content.look;
    let focused = look.focus == ListId::Details && !state.content.narrowing.typing;
    let lines = Lines::of(&state.content, state.now, &state.settings.zone);
    let inner = canvas.frame(area, &title(state, lines.len()), focused);
    let inner = picture(state, inner, canvas);
    let list = Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(1), ..inner };
    canvas.list(ListId::Details, list);
    for (row, at) in (0u16..).zip(look.details.window(lines.len(), usize::from(list.height))) {
        let line = line_of(list, row);
        draw_line(&lines.line(at), look.sideways, line, canvas);
        if focused && at == look.details.at {
            canvas.mark_cursor(line, true);
        }
    }
}

/// What the file looks like, in at most two fifths of the height. Gives what is left below.
fn picture(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let Some(picture) = &state.content.details.picture else { return area };
    let room = Rect { width: area.width.saturating_sub(2), height: area.height * 2 / 5, ..skip(area, 1) };
    let size = picture.size(usize::from(room.width), usize::from(room.height));
    let (place, _) = split_top(room, size.1 as u16);
    canvas.picture(place, size.0, &picture.cells(size));
    split_top(area, size.1 as u16).1
}

fn title(state: &Workbench, lines: usize) -> Vec<crate::workbench::canvas::Span<'static>> {
    let look = &state.content.look;
    let mut spans = vec![span("Details", Role::Heading)];
    if look.zoom {
        let at = (look.details.at + 1).min(lines);
        spans.push(span(format!(" · line {at} of {lines} · esc back"), Role::Dim));
    }
    spans
}

/// A line from some column on.
fn draw_line(line: &Line, sideways: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let mut hidden = sideways;
    let mut rest = area;
    for (text, role) in &line.0 {
        let begin = text.char_indices().nth(hidden).map_or(text.len(), |(at, _)| at);
        hidden = hidden.saturating_sub(text.chars().count());
        let used = canvas.text(rest, &text[begin..], *role);
        rest = skip(rest, used);
        if rest.width == 0 {
            break;
        }
    }
}
