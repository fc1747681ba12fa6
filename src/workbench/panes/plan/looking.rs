//! The difference of the row under the cursor: when it is read, and moving in it.
//! Must not know: how contents are compared or drawn.

use std::sync::Arc;

use super::compare::Comparison;
use super::message::{Effect, Stop};
use super::rows::Row;
use super::state::{Difference, State as Plan, Subject, View};
use crate::model::Result;
use crate::workbench::effect;
use crate::workbench::state::State;
use crate::workbench::widgets::Cursor;

/// Columns that one key scrolls.
const SIDEWAYS: usize = 8;

/// After the cursor went elsewhere: asks for the difference there, once it rests.
pub(super) fn look(state: &mut State) -> Vec<effect::Effect> {
    let subject = match state.plan.row() {
        Some(Row::Item(row)) => Some(Subject::Item(row)),
        Some(Row::Extra(item)) => Some(Subject::Extra(item)),
        Some(Row::Title) | None => None,
    };
    if subject == state.plan.difference.of {
        return Vec::new();
    }
    let waits = waits_to_be_asked(state);
    let difference = &mut state.plan.difference;
    (difference.of, difference.shown, difference.cursor, difference.shift) = (subject, None, Cursor::default(), 0);
    difference.cancel.cancel();
    (difference.generation, difference.asked) = (difference.generation + 1, false);
    let Some(subject) = subject else { return Vec::new() };
    match difference.known.iter().find(|(known, _)| *known == subject) {
        Some((_, comparison)) => {
            let comparison = comparison.clone();
            show(difference, comparison);
            Vec::new()
        }
        None if waits => Vec::new(),
        None => ask(state, subject),
    }
}

/// To find one item in an archive it may have to be read from its beginning; there is nothing to compare it with
/// either. So that is done only when somebody wants to see it.
fn waits_to_be_asked(state: &State) -> bool {
    state.plan.sheet().is_some_and(|sheet| sheet.asked.source.is_bundle() && sheet.survey().is_none())
}

/// After another plan came: what is shown stays until it was compared again.
pub(super) fn look_again(state: &mut State) -> Vec<effect::Effect> {
    let difference = &mut state.plan.difference;
    difference.known.clear();
    let (of, shown, cursor, shift) =
        (difference.of.take(), difference.shown.take(), difference.cursor, difference.shift);
    let effects = look(state);
    let difference = &mut state.plan.difference;
    if difference.of == of {
        (difference.shown, difference.cursor, difference.shift) = (shown, cursor, shift);
    }
    effects
}

fn ask(state: &mut State, subject: Subject) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet().cloned() else { return Vec::new() };
    let cancel = Stop::new();
    (state.plan.difference.cancel, state.plan.difference.asked) = (cancel.clone(), true);
    let generation = state.plan.difference.generation;
    vec![Effect::Compare { generation, sheet, subject, cancel }.into()]
}

pub(super) fn compared(plan: &mut Plan, generation: u64, subject: Subject, comparison: Result<Arc<Comparison>>) {
    let difference = &mut plan.difference;
    if generation != difference.generation {
        return;
    }
    match comparison {
        Ok(comparison) => {
            difference.remember(subject, &comparison);
            show(difference, comparison);
        }
        Err(error) => difference.shown = Some(Err(Arc::new(error))),
    }
}

/// From its first change on, with a line of context, unless somebody is in it already.
fn show(difference: &mut Difference, comparison: Arc<Comparison>) {
    let rows = comparison.len(difference.whole);
    if difference.shown.is_none() {
        let first = comparison.next_change(0, difference.whole).unwrap_or(0);
        difference.cursor = Cursor { at: first, top: first.saturating_sub(1) };
    }
    difference.cursor.at = difference.cursor.at.min(rows.saturating_sub(1));
    difference.shown = Some(Ok(comparison));
}

/// Fills the pane with the difference, and reads it where that waited to be asked for.
pub(super) fn zoom(state: &mut State) -> Vec<effect::Effect> {
    (state.plan.view, state.plan.in_difference) = (View::Difference, true);
    let difference = &state.plan.difference;
    match difference.of.filter(|_| difference.shown.is_none() && !difference.asked) {
        Some(subject) => ask(state, subject),
        None => Vec::new(),
    }
}

/// All lines, or those that differ; the line under the cursor stays.
pub(super) fn switch_whole(plan: &mut Plan) {
    let difference = &mut plan.difference;
    let Some(comparison) = difference.comparison().cloned() else { return };
    let before = comparison.at(difference.cursor.at, difference.whole);
    difference.whole = !difference.whole;
    let rows = comparison.len(difference.whole);
    let place = (0..rows).find(|&at| comparison.at(at, difference.whole) == before);
    difference.cursor = Cursor { at: place.unwrap_or(0), top: 0 };
}

/// To the next place where lines begin to differ, or back to the one before.
pub(super) fn go_to_change(plan: &mut Plan, forward: bool) -> bool {
    let difference = &mut plan.difference;
    let Some(comparison) = difference.comparison().cloned() else { return false };
    let at = difference.cursor.at;
    let place = match forward {
        true => comparison.next_change(at, difference.whole),
        false => comparison.previous_change(at, difference.whole),
    };
    if let Some(place) = place {
        // With a line of context above it.
        difference.cursor = Cursor { at: place, top: place.saturating_sub(1) };
    }
    place.is_some()
}

pub(super) fn scroll_sideways(plan: &mut Plan, right: bool) {
    let shift = &mut plan.difference.shift;
    *shift = if right { *shift + SIDEWAYS } else { shift.saturating_sub(SIDEWAYS) };
}
