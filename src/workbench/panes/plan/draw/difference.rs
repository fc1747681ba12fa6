//! The difference of the row under the cursor: the source at the left, the destination at the right.
//! Must not know: how contents are compared.

use unicode_width::UnicodeWidthChar;

use super::lines::{bars, rule, title};
use super::names;
use crate::model::{Decision, Reason, code};
use crate::wording::{bytes, count, plural};
use crate::workbench::canvas::{Canvas, ListId, Rect, Span, line_of, skip, span, split_bottom, split_left, split_top};
use crate::workbench::panes::plan::compare::{Comparison, Fold, Line, Piece, Sign};
use crate::workbench::panes::plan::sheet::Sheet;
use crate::workbench::panes::plan::state::Subject;
use crate::workbench::state::State;
use crate::workbench::theme::Role;

/// In front of a field whose stored values go with an overwrite.
const LOSES: &str = "✗";

/// The upper line: of a box of its own, or shared with the table above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upper {
    Joined,
    Corner,
}

pub(super) fn draw(state: &State, sheet: &Sheet, area: Rect, upper: Upper, canvas: &mut Canvas<'_>) {
    let focused = state.popups.is_empty() && state.plan.in_difference;
    let border = if focused { Role::Focus } else { Role::Border };
    let (top, rest) = split_top(area, 1);
    let (body, bottom) = split_bottom(rest, 1);
    let middle = area.width / 2;
    let ends = if upper == Upper::Joined { ["├", "┤"] } else { ["┌", "┐"] };
    rule(canvas, top, ends, &[(middle, "┬")], border);
    rule(canvas, bottom, ["└", "┘"], &[(middle, "┴")], border);
    bars(canvas, body, &[0, middle, area.width.saturating_sub(1)], border);
    titles(state, sheet, top, upper, canvas);
    let inner = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    canvas.list(ListId::Difference, inner);
    let (left, rest) = split_left(inner, middle.saturating_sub(1));
    let halves = [left, skip(rest, 1)];
    match &state.plan.difference.shown {
        None if state.plan.difference.of.is_some() => {
            let text = if state.plan.difference.asked { "reading …" } else { "⏎ reads it from the archive" };
            canvas.text(skip(line_of(halves[0], 0), 1), text, Role::Dim);
        }
        None => {}
        Some(Err(error)) => {
            let area = skip(halves[0], 1);
            let used = canvas.paragraph(area, error.message(), Role::Bad);
            canvas.paragraph(split_top(area, used).1, error.hint_text().unwrap_or_default(), Role::Dim);
        }
        Some(Ok(comparison)) => content(state, sheet, comparison, halves, focused, canvas),
    }
}

fn titles(state: &State, sheet: &Sheet, top: Rect, upper: Upper, canvas: &mut Canvas<'_>) {
    let (source, destination) = names(sheet);
    let middle = top.width / 2;
    let production = sheet.asked.destination.is_production();
    let mut spans: Vec<Span<'_>> = vec![span(source, Role::Heading)];
    // Below the table the cursor says which item it is.
    if upper == Upper::Corner
        && let Some(Subject::Item(row)) = state.plan.difference.of
    {
        spans.extend([span(" · ", Role::Dim), span(&*sheet.item(row).name, Role::Strong)]);
    }
    title(canvas, top, 1, middle.saturating_sub(1), &spans);
    let role = if production { Role::Bad } else { Role::Heading };
    let mut spans: Vec<Span<'_>> = vec![span(destination, role)];
    if let Some((said, role)) = said(state, sheet) {
        spans.extend([span(" · ", Role::Dim), span(said, role)]);
    }
    title(canvas, top, middle + 1, top.width.saturating_sub(middle + 2), &spans);
}

/// What the difference comes to.
fn said(state: &State, sheet: &Sheet) -> Option<(String, Role)> {
    let row = match state.plan.difference.of? {
        Subject::Item(row) => row,
        Subject::Extra(_) => return Some(("kept as it is".to_owned(), Role::Dim)),
    };
    let item = sheet.item(row);
    let comparison = state.plan.difference.comparison()?;
    match (item.changed, comparison.fields) {
        _ if item.reason == Reason::Ambiguous && item.matched.is_none() => {
            Some(("several fit; m says which".to_owned(), Role::Warning))
        }
        (None, _) if sheet.survey().is_none() => Some(("is written there".to_owned(), Role::Create)),
        (None, _) => Some(match state.plan.edits.shown(sheet, row) {
            Decision::Create => ("not there: is created".to_owned(), Role::Create),
            _ => ("not there".to_owned(), Role::Dim),
        }),
        (Some(false), Some(0)) => Some(("identical".to_owned(), Role::Good)),
        (Some(false), _) => Some(("identical: does not count".to_owned(), Role::Good)),
        (Some(true), Some(0)) => Some(("changed".to_owned(), Role::Warning)),
        (Some(true), Some(fields)) => {
            let verb = if fields == 1 { "differs" } else { "differ" };
            let fields = plural(fields as u64, "field");
            Some(match losing(state, sheet).len() as u64 {
                0 => (format!("{fields} {verb}"), Role::Warning),
                1 => (format!("{fields}, {LOSES} 1 loses values"), Role::Delete),
                lost => (format!("{fields}, {LOSES} {} lose values", count(lost)), Role::Delete),
            })
        }
        (Some(true), None) => Some(("changed".to_owned(), Role::Warning)),
    }
}

/// Where no line differs.
fn alike(state: &State, sheet: &Sheet) -> (&'static str, Role) {
    let item = match state.plan.difference.of {
        Some(Subject::Item(row)) => Some(sheet.item(row)),
        _ => None,
    };
    match item.filter(|item| item.changed == Some(true)) {
        Some(item) if sheet.rules().of(item.key.kind).is_some_and(|rules| rules.heavy) && !item.marks.same_bytes => {
            ("the records are alike, the files not", Role::Warning)
        }
        Some(_) => ("alike; what differs is not in the text", Role::Warning),
        None => ("both sides hold the same", Role::Good),
    }
}

/// Fields of which overwriting takes stored values, by their own names.
fn losing<'a>(state: &State, sheet: &'a Sheet) -> Vec<&'a str> {
    let Some(Subject::Item(row)) = state.plan.difference.of else { return Vec::new() };
    let changes = sheet.findings_of(row).filter(|finding| finding.code == code::STORED_DATA_CHANGES);
    changes.filter_map(|finding| finding.field.as_deref()?.rsplit('.').next()).collect()
}

/// Whether a line of JSON begins one of these fields.
fn begins(pieces: &[Piece], fields: &[&str]) -> bool {
    let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let name = text.trim_start().strip_prefix('"').and_then(|rest| rest.split_once("\":"));
    name.is_some_and(|(name, _)| fields.contains(&name))
}

fn content(
    state: &State,
    sheet: &Sheet,
    comparison: &Comparison,
    halves: [Rect; 2],
    focused: bool,
    canvas: &mut Canvas<'_>,
) {
    let difference = &state.plan.difference;
    let first = skip(line_of(halves[0], 0), 1);
    if let Some(size) = comparison.too_large {
        canvas.text(first, &format!("too large to be shown ({})", bytes(size as u64)), Role::Dim);
        return;
    }
    let rows = difference.len();
    if rows == 0 {
        let (text, role) = alike(state, sheet);
        canvas.text(first, text, role);
        canvas.text(skip(line_of(halves[1], 0), 1), "= shows it", Role::Dim);
        return;
    }
    let [left, right] = halves;
    let kept = matches!(difference.of, Some(Subject::Extra(_)));
    let losing = losing(state, sheet);
    for (row, place) in (0u16..).zip(difference.cursor.window(rows, usize::from(left.height))) {
        let (ours, theirs) = (line_of(left, row), line_of(right, row));
        match comparison.at(place, difference.whole) {
            Some(Fold::Gap(hidden)) => {
                let text = format!("  ┄ {} the same", plural(hidden as u64, "line"));
                canvas.text(ours, &text, Role::Dim);
                canvas.text(theirs, "  ┄", Role::Dim);
            }
            Some(Fold::Line(at)) => {
                let line = &comparison.lines[at];
                half(line, Side::Source, difference.shift, ours, canvas);
                let side = if kept { Side::Kept } else { Side::Destination };
                half(line, side, difference.shift, theirs, canvas);
                if !kept && begins(&line.right, &losing) {
                    canvas.text(theirs, LOSES, Role::Delete);
                }
            }
            None => {}
        }
        if focused && place == difference.cursor.at {
            canvas.mark_cursor(Rect { width: ours.width + 1 + theirs.width, ..ours }, true);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Source,
    Destination,
    /// Nothing stands beside it, and nothing happens to it.
    Kept,
}

fn half(line: &Line, side: Side, shift: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role, changed) = match (line.sign, side) {
        (_, Side::Kept) => (" ", Role::Dim, Role::Dim),
        (Sign::Same, _) => (" ", Role::Text, Role::Text),
        (Sign::SameThing, _) => ("≈", Role::Dim, Role::Dim),
        (Sign::Changed, _) => ("~", Role::Text, Role::Changed),
        (Sign::OnlyLeft, Side::Source) => ("+", Role::Added, Role::Added),
        (Sign::OnlyRight, Side::Destination) => ("-", Role::Removed, Role::Removed),
        (Sign::OnlyLeft | Sign::OnlyRight, _) => return,
    };
    let pieces = if side == Side::Source { &line.left } else { &line.right };
    let mark = if matches!(line.sign, Sign::Changed) { Role::Changed } else { role };
    canvas.text(area, sign, mark);
    let text = skip(area, 2);
    let shown = scrolled(pieces, shift);
    let spans: Vec<Span<'_>> =
        shown.into_iter().map(|(text, is_changed)| span(text, if is_changed { changed } else { role })).collect();
    canvas.line(text, &spans);
}

/// The pieces without the columns that are scrolled out.
fn scrolled(pieces: &[Piece], shift: usize) -> Vec<(&str, bool)> {
    let mut hidden = 0;
    let mut shown = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let cut = piece.text.char_indices().find(|(_, c)| {
            let out = hidden >= shift;
            hidden += if out { 0 } else { c.width().unwrap_or(1).max(1) };
            out
        });
        if let Some((at, _)) = cut {
            shown.push((&piece.text[at..], piece.changed));
        }
    }
    shown
}
