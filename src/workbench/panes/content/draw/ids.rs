//! Draws the popup that ids are typed or pasted into.
//! Must not know: how they are looked up.

use crate::model::text::shorten;
use crate::planner::Meaning;
use crate::wording::{count, plural};
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Span, Target, line_of, skip, span, split_bottom, split_left, split_top,
};
use crate::workbench::panes::content::details::called;
use crate::workbench::panes::content::ids;
use crate::workbench::panes::content::state::{Ids, Stock};
use crate::workbench::shell::{answers, popup_frame};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

/// Lines for what the ids mean.
const ROWS: u16 = 9;

pub fn draw(state: &Workbench, typed: &Ids, canvas: &mut Canvas<'_>) {
    let Some(stock) = &state.content.stock else { return };
    let columns = canvas.area().width.saturating_sub(10).min(110);
    let area = popup_frame(canvas, "Pick by id", columns, ROWS + 8);
    canvas.text(line_of(area, 0), "Paste or type ids, with blanks, commas or line ends between them.", Role::Text);
    canvas.text(line_of(area, 1), "TYPE/ID or KIND:ID where an id alone is ambiguous.", Role::Dim);
    let (label, field) = split_left(line_of(area, 3), 5);
    canvas.text(label, "ids", Role::Key);
    canvas.field(field, typed.field.shown(), true);
    canvas.line(line_of(area, 4), &summary(typed));
    let (list, below) = split_bottom(split_top(area, 6).1, 4);
    canvas.list(ListId::Popup, list);
    for (row, at) in (0u16..).zip(typed.cursor.window(typed.meanings.len(), usize::from(list.height))) {
        let line = line_of(list, row);
        let (text, meaning) = &typed.meanings[at];
        draw_meaning(stock, text, meaning, skip(line, 2), canvas);
        if at == typed.cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Popup, at));
    }
    // Whole, where its row had no room for it.
    if let Some((text, meaning)) = typed.meanings.get(typed.cursor.at) {
        let (.., what) = words(stock, meaning);
        canvas.paragraph(split_top(below, 3).0, &format!("{text}  {what}"), Role::Dim);
    }
    let ready = if ids::can_pick(state).is_ok() { Role::Key } else { Role::Dim };
    let commands = ("content.ids.pick", "content.ids.close");
    answers(line_of(below, 3), ["pick them", "leave it"], ready, commands, canvas);
}

/// `5 found · 2 not found · 1 ambiguous`.
fn summary(ids: &Ids) -> Vec<Span<'static>> {
    if ids.field.text().trim().is_empty() {
        return Vec::new();
    }
    if !ids.known {
        return vec![span("     looking …", Role::Dim)];
    }
    let of = |fits: fn(&Meaning) -> bool| ids.meanings.iter().filter(|(_, meaning)| fits(meaning)).count() as u64;
    let found = of(|meaning| matches!(meaning, Meaning::Item(_)));
    let several = of(|meaning| matches!(meaning, Meaning::Several(_)));
    let nothing = of(|meaning| matches!(meaning, Meaning::Nothing { .. }));
    let mut spans = vec![span(format!("     {} found", plural(found, "item")), Role::Good)];
    for (number, words) in [(nothing, "not found"), (several, "ambiguous")] {
        if number > 0 {
            spans.push(span(format!(" · {} {words}", count(number)), Role::Warning));
        }
    }
    spans
}

/// What an id means: a sign, and in words.
fn words(stock: &Stock, meaning: &Meaning) -> (&'static str, Role, String) {
    let key = |item: u32| stock.inventory.item(item).key().to_string();
    match meaning {
        Meaning::Item(item) => {
            let item = stock.inventory.item(*item);
            ("✓ ", Role::Good, format!("{}  {}", called(item), item.kind()))
        }
        Meaning::Several(items) => {
            let keys: Vec<_> = items.iter().take(4).map(|&item| key(item)).collect();
            ("? ", Role::Warning, format!("ambiguous: {}", keys.join(", ")))
        }
        Meaning::Nothing { why, hint } => match hint {
            Some(hint) => ("✗ ", Role::Bad, format!("{why}: {hint}")),
            None => ("✗ ", Role::Bad, why.clone()),
        },
    }
}

fn draw_meaning(stock: &Stock, text: &str, meaning: &Meaning, line: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role, what) = words(stock, meaning);
    let used = canvas.text(line, sign, role);
    let rest = skip(line, used);
    // The whole of what was meant rather than the whole of what was typed.
    let id = shorten(text, usize::from(rest.width).saturating_sub(what.chars().count() + 2).max(12));
    let used = canvas.text(rest, &id, Role::Text);
    canvas.text(skip(rest, used + 2), &what, if sign == "✓ " { Role::Text } else { role });
}
