//! The list of items: what it is filtered by, what is marked, what only the destination has.
//! Must not know: how rows are drawn, what is decided for them.

use super::looking;
use super::message::Effect;
use super::rows::{Row, Rows};
use super::sheet::Note;
use super::state::{State as Plan, View};
use crate::workbench::effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::State;

/// Asks for the rows that the filter lets through.
pub(super) fn sift(state: &mut State) -> Vec<effect::Effect> {
    let plan = &mut state.plan;
    plan.marks.end_range(&plan.rows, plan.cursor.at);
    let Some(sheet) = plan.sheet().cloned() else { return Vec::new() };
    plan.sifting += 1;
    let extras = plan.extras.items.clone().filter(|_| plan.extras.on);
    vec![Effect::Sift { number: plan.sifting, sheet, query: plan.query(), extras }.into()]
}

pub(super) fn sifted(state: &mut State, number: u64, rows: Rows) -> Vec<effect::Effect> {
    if number != state.plan.sifting || state.plan.sheet().is_none_or(|sheet| !fits(&rows, sheet.len())) {
        return Vec::new();
    }
    let plan = &mut state.plan;
    let here = plan.go_to.take().or(plan.item_row_of_list());
    plan.rows = rows;
    let place = here.and_then(|here| plan.rows.items.iter().position(|&row| row == here));
    plan.cursor.at = place.unwrap_or(0).min(plan.rows.len().saturating_sub(1));
    looking::look(state)
}

/// An answer for a plan of more items is dropped; the newer plan brought its own rows.
fn fits(rows: &Rows, len: usize) -> bool {
    rows.items.last().is_none_or(|&last| (last as usize) < len)
}

pub(super) fn next_quick(state: &mut State) -> Vec<effect::Effect> {
    state.plan.quick = state.plan.quick.next();
    sift(state)
}

pub(super) fn clear_filter(state: &mut State) -> Vec<effect::Effect> {
    state.plan.filtering = false;
    state.plan.filter.clear();
    state.plan.quick = super::sift::Quick::All;
    sift(state)
}

/// Puts the cursor on an item, and takes the filter away where it hides it.
pub(super) fn go_to(state: &mut State, row: u32) -> Vec<effect::Effect> {
    let plan = &mut state.plan;
    (plan.view, plan.in_difference) = (View::Items, false);
    match plan.rows.items.iter().position(|&other| other == row) {
        Some(place) => {
            plan.cursor.at = place;
            looking::look(state)
        }
        None => {
            plan.go_to = Some(row);
            clear_filter(state)
        }
    }
}

/// Shows effects and findings, from those of the item under the cursor on; or the items again.
pub(super) fn switch_notes(plan: &mut Plan) {
    plan.in_difference = false;
    if plan.view == View::Notes {
        plan.view = View::Items;
        return;
    }
    plan.view = View::Notes;
    let (Some(row), Some(sheet)) = (plan.item_row(), plan.sheet()) else { return };
    let of_row = |note: &Note| matches!(note, Note::Finding(at) if sheet.row_of_finding(*at) == Some(row));
    if let Some(at) = sheet.notes.iter().position(of_row) {
        plan.notes.at = at;
    }
}

/// Shows what differs between the schemas, or the items again.
pub(super) fn switch_schemas(plan: &mut Plan) {
    plan.in_difference = false;
    plan.view = if plan.view == View::Schemas { View::Items } else { View::Schemas };
    let lines = plan.sheet().map_or(0, |sheet| sheet.schemas.lines.len());
    plan.schemas.at = plan.schemas.at.min(lines.saturating_sub(1));
}

/// From the list of effects and findings to the item.
pub(super) fn open_note(state: &mut State) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet() else { return Vec::new() };
    let row = match sheet.notes.get(state.plan.notes.at) {
        Some(Note::Finding(at)) => sheet.row_of_finding(*at),
        Some(Note::Effect(at)) => {
            let (kind, type_) = (sheet.plan().effects[*at].kind, &sheet.plan().effects[*at].type_);
            let found = sheet
                .items()
                .iter()
                .position(|item| item.key.kind == kind && item.key.type_ == *type_ && item.is_written());
            found.map(|row| row as u32)
        }
        None => return Vec::new(),
    };
    match row {
        Some(row) => go_to(state, row),
        None => {
            state.tell(Notice::info("this is about a location as a whole, not about an item"));
            Vec::new()
        }
    }
}

pub(super) fn mark(state: &mut State) -> Vec<effect::Effect> {
    let plan = &mut state.plan;
    plan.marks.end_range(&plan.rows, plan.cursor.at);
    if let Some(row) = plan.item_row() {
        plan.marks.toggle(row);
    }
    crate::workbench::update::go(state, crate::workbench::widgets::Move::Down)
}

pub(super) fn mark_all(plan: &mut Plan) {
    let Plan { marks, rows, .. } = plan;
    marks.drop_range();
    marks.toggle_all(rows);
}

/// Begins a range at the cursor, or marks what lies between.
pub(super) fn range(plan: &mut Plan) {
    let Plan { marks, rows, cursor, .. } = plan;
    match marks.range() {
        Some(_) => marks.end_range(rows, cursor.at),
        None => marks.begin_range(cursor.at),
    }
}

/// A click on the sign of a row marks it; with shift or ctrl, all between the cursor and the row.
pub(super) fn click_mark(state: &mut State, place: usize, extend: bool) -> Vec<effect::Effect> {
    let Plan { marks, rows, cursor, .. } = &mut state.plan;
    if extend {
        if marks.range().is_none() {
            marks.begin_range(cursor.at);
        }
        cursor.at = place.min(rows.len().saturating_sub(1));
        marks.end_range(rows, cursor.at);
    } else {
        cursor.at = place.min(rows.len().saturating_sub(1));
        if let Some(Row::Item(row)) = rows.at(place) {
            marks.toggle(row);
        }
    }
    looking::look(state)
}

/// Shows or hides what only the destination has.
pub(super) fn switch_extras(state: &mut State) -> Vec<effect::Effect> {
    let plan = &mut state.plan;
    plan.extras.on = !plan.extras.on;
    if !plan.extras.on || plan.extras.items.is_some() {
        return sift(state);
    }
    let Some(sheet) = plan.sheet().cloned() else { return Vec::new() };
    plan.sifting += 1;
    vec![Effect::Extras { number: plan.sifting, sheet, query: plan.query() }.into()]
}

pub(super) fn extras(
    state: &mut State,
    number: u64,
    items: std::sync::Arc<[crate::model::ItemIndex]>,
    rows: Rows,
) -> Vec<effect::Effect> {
    if number != state.plan.sifting {
        return Vec::new();
    }
    let none = items.is_empty();
    state.plan.extras.items = Some(items);
    if none {
        state.plan.extras.on = false;
        state.tell(Notice::info("the destination has nothing that the source lacks"));
    } else {
        let count = crate::wording::plural(rows.extras.len() as u64, "item");
        state.tell(Notice::info(format!("{count} only at the destination, below the others")));
    }
    sifted(state, number, rows)
}
