//! Lines that several boxes share, with joints where they meet.
//! Must not know: what stands in the boxes.

use crate::model::text::columns;
use crate::workbench::canvas::{Canvas, Rect, Span, skip};
use crate::workbench::theme::Role;

/// A horizontal line with its two ends and joints at columns counted from its left end.
pub(super) fn rule(canvas: &mut Canvas<'_>, line: Rect, ends: [&str; 2], joints: &[(u16, &str)], role: Role) {
    if line.width < 2 || line.height == 0 {
        return;
    }
    canvas.text(line, &"─".repeat(usize::from(line.width)), role);
    for (column, joint) in joints.iter().copied().chain([(0, ends[0]), (line.width - 1, ends[1])]) {
        canvas.text(cell(line, column), joint, role);
    }
}

/// Vertical lines at these columns, over all rows.
pub(super) fn bars(canvas: &mut Canvas<'_>, area: Rect, columns: &[u16], role: Role) {
    for row in 0..area.height {
        let line = Rect { y: area.y + row, height: 1, ..area };
        for &column in columns {
            canvas.text(cell(line, column), "│", role);
        }
    }
}

/// Groups of spans one after the other, each whole or not at all. Gives the columns they took.
pub(super) fn groups(canvas: &mut Canvas<'_>, line: Rect, groups: &[Vec<Span<'_>>]) -> u16 {
    let mut used = 0;
    for (at, group) in groups.iter().enumerate() {
        // What follows has to have room to say that it was left out.
        let spare = if at + 1 < groups.len() { 2 } else { 0 };
        if used + width(group) + spare > line.width {
            return used + canvas.text(skip(line, used), " …", Role::Dim);
        }
        used += canvas.line(skip(line, used), group);
    }
    used
}

/// Columns of spans.
pub(super) fn width(spans: &[Span<'_>]) -> u16 {
    spans.iter().map(|span| columns(&span.text)).sum::<usize>().try_into().unwrap_or(u16::MAX)
}

/// A title on a line, with a blank on each side, in at most so many columns. Gives the columns it took.
pub(super) fn title(canvas: &mut Canvas<'_>, line: Rect, column: u16, columns: u16, spans: &[Span<'_>]) -> u16 {
    let room = skip(line, column);
    let room = Rect { width: room.width.min(columns), ..room };
    if room.width < 3 {
        return 0;
    }
    canvas.text(room, " ", Role::Text);
    let used = canvas.line(Rect { width: room.width - 2, ..skip(room, 1) }, spans);
    canvas.text(skip(room, 1 + used), " ", Role::Text);
    used + 2
}

fn cell(line: Rect, column: u16) -> Rect {
    Rect { x: line.x + column.min(line.width.saturating_sub(1)), width: 1, height: 1, ..line }
}
