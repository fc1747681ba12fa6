//! From the answer to a question to what the pane shows: the new plan, and what it means for marks, decisions and the
//! cursor.
//! Must not know: how a plan is made, how it is drawn.

use std::sync::Arc;

use super::edits::Edits;
use super::message::{Answer, Effect, Refused, Stop};
use super::sheet::Sheet;
use super::state::Trouble;
use super::{list, looking, question};
use crate::workbench::effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::State;
use crate::workbench::widgets::Cursor;

/// Items named in a sentence; the others are counted.
pub(super) const NAMED: usize = 3;
/// Rows whose differing fields are counted.
const COUNTED: usize = 1_000;

/// The newest question was answered; answers to older ones are dropped.
pub(super) fn planned(
    state: &mut State,
    generation: u64,
    answer: Result<Box<Answer>, Box<Refused>>,
) -> Vec<effect::Effect> {
    if generation != state.plan.generation {
        return Vec::new();
    }
    let again = state.plan.work.take().is_some_and(|work| work.again);
    match answer {
        Ok(answer) => take(state, *answer, again),
        Err(refused) => {
            refuse(state, *refused);
            Vec::new()
        }
    }
}

fn refuse(state: &mut State, refused: Refused) {
    let plan = &mut state.plan;
    match plan.sheet.clone().filter(|_| refused.edit && !plan.outdated) {
        // Only the newest edit was not possible: the plan before it still stands.
        Some(sheet) => {
            plan.edits.give_up(&sheet);
            plan.take_settings(&sheet.plan().options);
            state.tell_error(&refused.error);
        }
        None => (plan.outdated, plan.trouble) = (true, Some(Trouble::Failed(refused.error))),
    }
}

fn take(state: &mut State, answer: Answer, again: bool) -> Vec<effect::Effect> {
    let Answer { sheet, query, rows, extras, moved, dropped, stale } = answer;
    let plan = &mut state.plan;
    let known = plan.sheet.is_some();
    let here = plan.item_row_of_list();
    if let Some(moved) = &moved {
        plan.edits.move_rows(moved);
        plan.difference.forget();
    }
    if known {
        plan.marks.move_rows(moved.as_deref(), sheet.len());
    } else {
        plan.marks.clear(sheet.len());
        plan.edits = Edits::default();
        plan.cursor = Cursor::default();
    }
    plan.edits.settle(&sheet);
    if !again || moved.is_some() {
        plan.fields.clear();
    }
    plan.fields.retain(|&row, _| sheet.item(row).changed == Some(true));
    (plan.outdated, plan.trouble, plan.lack) = (false, None, None);
    plan.started &= again;
    let old = plan.sheet.replace(sheet.clone());
    plan.rows = rows;
    if extras.is_some() || !again {
        plan.extras.items = extras;
    }
    let place = |row: u32| moved.as_ref().map_or(Some(row), |moved| moved.get(row as usize).copied().flatten());
    if let Some(at) = here.and_then(place).and_then(|row| plan.rows.items.iter().position(|&other| other == row)) {
        plan.cursor.at = at;
    }
    plan.cursor.at = plan.cursor.at.min(plan.rows.len().saturating_sub(1));
    plan.notes.at = plan.notes.at.min(sheet.notes.len().saturating_sub(1));
    if let Some(special) = &mut plan.special {
        special.saved = None;
    }
    tell(state, &dropped, &stale);
    let mut effects = looking::look_again(state);
    if state.plan.query() != query {
        effects.extend(list::sift(state));
    }
    effects.extend(count(state, &sheet));
    effects.extend(old.map(|old| Effect::Forget(old).into()));
    effects.extend(question::catch_up(state));
    effects
}

fn tell(state: &mut State, dropped: &[String], stale: &[String]) {
    if !stale.is_empty() {
        let text = format!("changed since the plan was saved: {}", named(stale, stale.len()));
        state.tell(Notice::warning(text).hint("look at them again"));
    } else if !dropped.is_empty() {
        let text = format!("no longer possible, and left to the policy: {}", named(dropped, dropped.len()));
        state.tell(Notice::warning(text));
    }
}

/// `a, b, c and 2 more`, of so many.
pub(super) fn named(names: &[String], of: usize) -> String {
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match of {
        n if n > NAMED => format!("{first} and {} more", n - NAMED),
        _ => first,
    }
}

/// Counts the fields that differ. Another plan may lead references elsewhere, so what was counted is counted again.
fn count(state: &mut State, sheet: &Arc<Sheet>) -> Option<effect::Effect> {
    sheet.survey()?;
    state.plan.counting.cancel();
    let differs = |row: &u32| sheet.item(*row).changed == Some(true);
    let rows: Vec<u32> = (0..sheet.len() as u32).filter(differs).take(COUNTED).collect();
    if rows.is_empty() {
        return None;
    }
    let cancel = Stop::new();
    state.plan.counting = cancel.clone();
    Some(Effect::Count { generation: state.plan.generation, sheet: sheet.clone(), rows, cancel }.into())
}
