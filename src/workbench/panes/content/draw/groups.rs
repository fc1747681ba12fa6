//! Draws the groups on the left.
//! Must not know: how groups are made.

use crate::wording::count;
use crate::workbench::canvas::{Canvas, ListId, Rect, Target, line_of, skip, span};
use crate::workbench::panes::content::groups::{Fold, Group, GroupKey, Mark, Row};
use crate::workbench::panes::content::state::State;
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let content = &state.content;
    let focused = content.look.focus == ListId::Groups && !content.narrowing.typing;
    let list = canvas.frame(area, &[span("Group", Role::Heading)], focused);
    canvas.list(ListId::Groups, list);
    let rows = &content.look.rows;
    for (line, at) in (0u16..).zip(content.look.groups.window(rows.len(), usize::from(list.height))) {
        let line = line_of(list, line);
        match rows[at] {
            Row::Head(section, fold) => {
                let sign = if fold == Fold::Open { "▾ " } else { "▸ " };
                canvas.line(line, &[span(sign, Role::Dim), span(section.title(), Role::Strong)]);
            }
            Row::Group(group) => draw_group(content, group, line, canvas),
        }
        if at == content.look.groups.at {
            canvas.mark_cursor(line, focused);
        }
        canvas.hit(line, Target::Row(ListId::Groups, at));
    }
}

fn draw_group(content: &State, at: usize, line: Rect, canvas: &mut Canvas<'_>) {
    let Some(group) = content.stock.as_ref().and_then(|stock| stock.arranged.groups.get(at)) else { return };
    let chosen = content.narrowing.chosen.contains(&group.key);
    let amount = format!(" {}", count(amount(content, group) as u64));
    let rest = canvas.right(line, &amount, Role::Dim);
    let (sign, role) = if chosen { ("● ", Role::Key) } else { ("  ", Role::Text) };
    let used = canvas.text(rest, sign, Role::Key);
    // Types stand a step further in, below their kind.
    let step = if matches!(group.key, GroupKey::Type(_)) { 2 } else { 0 };
    canvas.text(skip(rest, used + step), &group.title, role);
}

fn amount(content: &State, group: &Group) -> usize {
    match group.key {
        GroupKey::Mark(Mark::Picked) => content.picks.items.len(),
        GroupKey::Mark(Mark::Needed) => content.needed.items.len(),
        _ => group.count,
    }
}
