//! The table of items.
//! Must not know: anything of rows that are not in view.

use std::borrow::Cow;

use super::lines::{bars, rule, title};
use super::sign;
use crate::model::text::{columns, printable};
use crate::model::{Decision, MatchMethod, PlanItem, Reason, Role as ItemRole, Severity};
use crate::wording::{count, plan_name};
use crate::workbench::canvas::{Canvas, ListId, Rect, Span, Target, line_of, skip, span, split_left, split_top};
use crate::workbench::panes::plan::rows::Row;
use crate::workbench::panes::plan::sheet::Sheet;
use crate::workbench::panes::plan::sift::Quick;
use crate::workbench::state::State;
use crate::workbench::theme::Role;

const MATCH: u16 = 8;
const DECISION: u16 = 12;

/// Where the lines between the columns are, counted from the left border.
struct Columns {
    joints: [u16; 3],
    item: u16,
    why: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        let inner = width.saturating_sub(2);
        let why = (inner * 3 / 10).max(26).min(inner / 2);
        let item = inner.saturating_sub(why + MATCH + DECISION + 3);
        let first = 1 + item;
        Columns { joints: [first, first + 1 + MATCH, first + 2 + MATCH + DECISION], item, why }
    }
}

pub(super) fn draw(state: &State, sheet: &Sheet, area: Rect, canvas: &mut Canvas<'_>) {
    let columns = Columns::of(area.width);
    let focused = state.popups.is_empty() && !state.plan.in_difference;
    let border = if focused { Role::Focus } else { Role::Border };
    let (top, body) = split_top(area, 1);
    let [first, second, third] = columns.joints;
    rule(canvas, top, ["┌", "┐"], &[(first, "┬"), (second, "┬"), (third, "┬")], border);
    heading(state, sheet, top, &columns, canvas);
    bars(canvas, body, &[0, first, second, third, area.width.saturating_sub(1)], border);
    let list = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    canvas.list(ListId::PlanItems, list);
    let plan = &state.plan;
    if plan.rows.len() == 0 {
        let text = if sheet.len() == 0 { "nothing to do" } else { "nothing fits the filter; esc takes it away" };
        canvas.text(skip(line_of(list, 0), 1), text, Role::Dim);
        return;
    }
    for (row, place) in (0u16..).zip(plan.cursor.window(plan.rows.len(), usize::from(list.height))) {
        let line = line_of(list, row);
        match plan.rows.at(place) {
            Some(Row::Item(item)) => draw_item(state, sheet, item, place, line, &columns, canvas),
            Some(Row::Title) => {
                let text = format!("── only at {}: kept as it is ", sheet.asked.destination.text());
                canvas.text(line, &text, Role::Dim);
            }
            Some(Row::Extra(item)) => draw_extra(sheet, item, line, &columns, canvas),
            None => {}
        }
        if place == plan.cursor.at {
            canvas.mark_cursor(line, focused);
        }
        canvas.hit(line, Target::Row(ListId::PlanItems, place));
        canvas.hit(Rect { width: 3, ..line }, Target::Check(ListId::PlanItems, place));
    }
}

fn heading(state: &State, sheet: &Sheet, top: Rect, columns: &Columns, canvas: &mut Canvas<'_>) {
    let plan = &state.plan;
    let [first, second, third] = columns.joints;
    if plan.filtering {
        let field = Rect { x: top.x + 4, width: columns.item.saturating_sub(6), ..top };
        canvas.text(Rect { x: top.x + 1, width: 3, ..top }, " / ", Role::Key);
        canvas.field(field, plan.filter.shown(), true);
    } else {
        let mut spans: Vec<Span<'_>> = vec![span("Item", Role::Heading)];
        if plan.rows.items.len() < sheet.len() {
            spans.push(span(
                format!(" {} of {}", count(plan.rows.items.len() as u64), count(sheet.len() as u64)),
                Role::Dim,
            ));
        }
        if plan.quick != Quick::All {
            spans.push(span(format!(" {}", plan.quick.as_str()), Role::Info));
        }
        if !plan.filter.is_empty() {
            spans.push(span(format!(" /{}", plan.filter.text()), Role::Info));
        }
        if plan.marks.range().is_some() {
            spans.push(span(" range: v marks it", Role::Info));
        }
        title(canvas, top, 1, columns.item, &spans);
    }
    for (at, columns, text) in [(first, MATCH, "Match"), (second, DECISION, "Decision"), (third, columns.why, "Why")] {
        title(canvas, top, at + 1, columns, &[span(text, Role::Heading)]);
    }
}

/// What stands in the row of an item, where the row has no room for all of it.
pub(super) fn what_is_cut(state: &State, sheet: &Sheet, row: u32, width: u16) -> Option<String> {
    let (item, room) = (sheet.item(row), Columns::of(width));
    let (name, why) = (plan_name(item), why_words(state, sheet, row, state.plan.edits.wanted(row).is_some()));
    // The mark, the sign of the decision and blanks stand beside the name; a sign of findings beside the reason.
    let names = usize::from(room.item).saturating_sub(columns(kind_word(item, room.item)) + 5);
    let reasons = usize::from(room.why).saturating_sub(if sheet.worst_of(row).is_some() { 4 } else { 2 });
    (columns(&printable(&name)) > names || columns(&why) > reasons).then(|| format!("{name} · {why}"))
}

fn draw_item(
    state: &State,
    sheet: &Sheet,
    row: u32,
    place: usize,
    line: Rect,
    columns: &Columns,
    canvas: &mut Canvas<'_>,
) {
    let plan = &state.plan;
    let item = sheet.item(row);
    let decision = plan.edits.shown(sheet, row);
    let role = Role::of_decision(decision);
    let marked = plan.marks.is_marked(row, place, plan.cursor.at);
    let cell = Rect { width: columns.item.saturating_sub(1), ..line };
    let kind = kind_word(item, columns.item);
    let cell = canvas.right(cell, kind, Role::Dim);
    let name = if decision == Decision::Skip { Role::Dim } else { Role::Text };
    let spans = [
        span(if marked { "*" } else { " " }, Role::Key),
        span(sign(decision), role),
        span(" ", role),
        span(plan_name(item), name),
    ];
    canvas.line(Rect { width: cell.width.saturating_sub(1), ..cell }, &spans);
    let at = |column: u16| skip(line, column - 1 + 2);
    let [first, second, third] = columns.joints;
    canvas.text(Rect { width: MATCH - 1, ..at(first) }, match_word(item), Role::Dim);
    // Edited by a person, and not yet planned again, are told apart.
    let edited = plan.edits.wanted(row).is_some();
    let decided = [
        span(decision.as_str(), role),
        span(if edited { " *" } else { "" }, Role::Key),
        span(if item.reason == Reason::Ambiguous && !edited { " ?" } else { "" }, Role::Warning),
    ];
    canvas.line(Rect { width: DECISION - 1, ..at(second) }, &decided);
    let mut why = Rect { width: columns.why.saturating_sub(2), ..at(third) };
    if let Some(severity) = sheet.worst_of(row) {
        let sign = match severity {
            Severity::Info => " i",
            Severity::Warning => " !",
            Severity::Blocking => " ✗",
        };
        why = canvas.right(why, sign, Role::of_severity(severity));
    }
    canvas.text(why, &why_words(state, sheet, row, edited), Role::Text);
}

fn draw_extra(sheet: &Sheet, item: u32, line: Rect, columns: &Columns, canvas: &mut Canvas<'_>) {
    let Some(survey) = sheet.survey() else { return };
    let item = survey.destination.item(item);
    let cell = Rect { width: columns.item.saturating_sub(1), ..line };
    let cell = canvas.right(cell, item.kind().as_str(), Role::Dim);
    canvas.text(skip(Rect { width: cell.width.saturating_sub(1), ..cell }, 3), item.name(), Role::Dim);
    let (_, rest) = split_left(line, columns.joints[1] + 1);
    canvas.text(Rect { width: DECISION - 1, ..rest }, "kept", Role::Dim);
}

fn kind_word(item: &PlanItem, columns: u16) -> &str {
    match &item.key.type_ {
        Some(type_) if columns > 60 => type_,
        _ => item.key.kind.as_str(),
    }
}

fn match_word(item: &PlanItem) -> &'static str {
    match (item.match_, &item.matched) {
        (MatchMethod::Unmatched, Some(_)) => "mapped",
        (MatchMethod::Unmatched, None) => "—",
        (method, _) => method.as_str(),
    }
}

/// Why it is decided so: how the item came into the plan, the reason, and what differs.
fn why_words(state: &State, sheet: &Sheet, row: u32, edited: bool) -> String {
    let item = sheet.item(row);
    let needed = item.role == ItemRole::Dependency;
    let reason = match item.reason {
        _ if edited => "you",
        // That it was needed and what happens to it tells as much.
        Reason::Missing | Reason::Policy if needed => "",
        Reason::Kept if item.changed == Some(false) => "",
        Reason::Override => "you",
        Reason::Ambiguous => "several fit (m)",
        Reason::AlreadyDuplicated => "copied before",
        Reason::NotIncluded => "not included",
        Reason::CannotDuplicate => "cannot be copied",
        Reason::SchemaBlocking => "schemas differ",
        Reason::Policy if item.match_ == MatchMethod::Name => "same name",
        reason => reason.as_str(),
    };
    let change: Cow<'_, str> = match (item.changed, state.plan.fields.get(&row)) {
        (Some(true), Some(1)) => "1 field".into(),
        (Some(true), Some(&fields)) if fields > 1 => format!("{} fields", count(fields as u64)).into(),
        (Some(true), _) => "changed".into(),
        (Some(false), _) if item.reason != Reason::Identical => "identical".into(),
        _ => "".into(),
    };
    let value = item.is_written() && sheet.without_value.binary_search(&row).is_ok();
    let words = [if needed { "needed" } else { "" }, reason, &change, if value { "needs a value" } else { "" }];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ")
}
