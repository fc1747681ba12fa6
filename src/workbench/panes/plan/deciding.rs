//! Decisions that a person takes in the list: for one row or for all that are marked, and taking them back.
//! Must not know: which decisions are legal; the planner says.

use std::sync::Arc;

use super::edits::{Judged, judge};
use super::message::{Effect, Impossible};
use super::question::{SOON, again, is_export};
use super::rows::Row;
use super::sheet::Sheet;
use super::state::View;
use crate::model::Decision;
use crate::wording::plural;
use crate::workbench::command::Availability;
use crate::workbench::effect;
use crate::workbench::shell::{Choice, Choose, Notice};
use crate::workbench::state::State;
use crate::workbench::widgets::Cursor;

/// More rows than this are judged away from the screen.
const MANY: usize = 1_000;

/// Whether there is something to decide.
pub(super) fn can_decide(state: &State) -> Availability {
    if state.plan.sheet().is_none() {
        return Err("there is no plan yet".into());
    }
    if is_export(state) {
        return Err("an export writes all that was picked; 2 changes the picks".into());
    }
    super::choosing::decides(state)?;
    if matches!(state.plan.view, View::Notes | View::Schemas) {
        return Err("that works in the list; esc goes back there".into());
    }
    match state.plan.row() {
        _ if state.plan.marks.count() > 0 => Ok(()),
        Some(Row::Item(_)) => Ok(()),
        Some(_) => Err("only the destination has it: it is kept as it is".into()),
        None => Err("no item is under the cursor".into()),
    }
}

/// Whether the row under the cursor can be decided so. Of many marked ones those are that can.
pub(super) fn can_be(state: &State, decision: Decision) -> Availability {
    can_decide(state)?;
    let plan = &state.plan;
    let (Some(sheet), Some(row)) = (plan.sheet(), plan.item_row()) else { return Ok(()) };
    if plan.marks.count() > 0 || plan.marks.range().is_some() {
        return Ok(());
    }
    match judge(sheet, &[row], decision).refused.first() {
        None => Ok(()),
        Some((why, _)) if sheet.item(row).candidates.is_empty() => Err(here(why).to_owned().into()),
        Some((why, _)) => Err(format!("{}; m says which item of the destination is meant", here(why)).into()),
    }
}

/// Decides for the marked rows, or for the one under the cursor.
pub(super) fn decide(state: &mut State, decision: Decision) -> Vec<effect::Effect> {
    let rows = state.plan.chosen();
    let Some(sheet) = state.plan.sheet().cloned() else { return Vec::new() };
    if rows.len() > MANY {
        return vec![Effect::Judge { sheet, rows, decision }.into()];
    }
    let judged = judge(&sheet, &rows, decision);
    judged_now(state, &sheet, decision, judged)
}

pub(super) fn judged(state: &mut State, sheet: &Arc<Sheet>, decision: Decision, judged: Judged) -> Vec<effect::Effect> {
    let Some(now) = state.plan.sheet().cloned() else { return Vec::new() };
    if !Arc::ptr_eq(&now, sheet) && !now.same_rows(sheet) {
        state.tell(Notice::warning("the plan changed meanwhile, so nothing was decided").hint("mark the items again"));
        return Vec::new();
    }
    judged_now(state, &now, decision, judged)
}

fn judged_now(state: &mut State, sheet: &Sheet, decision: Decision, judged: Judged) -> Vec<effect::Effect> {
    let Judged { allowed, refused } = judged;
    let edits = &state.plan.edits;
    let open: Vec<u32> = allowed.iter().copied().filter(|&row| edits.wanted(row) != Some(decision)).collect();
    // What was decided for is not to be hit by the next key too.
    state.plan.marks.clear(sheet.len());
    if let Some(notice) = told(decision, allowed.len(), &refused) {
        state.tell(notice);
    }
    if open.is_empty() {
        return Vec::new();
    }
    state.plan.edits.decide(sheet, &open, decision);
    again(state, Impossible::Refuse, SOON)
}

/// What a decision came to, where the row does not say it by itself.
fn told(decision: Decision, allowed: usize, refused: &[(String, usize)]) -> Option<Notice> {
    let times: usize = refused.iter().map(|(_, times)| times).sum();
    let Some((why, _)) = refused.first() else {
        return (allowed > 1)
            .then(|| Notice::info(format!("{decision}: {}", plural(allowed as u64, "item"))).hint("z takes it back"));
    };
    let others = if refused.len() > 1 { ", among other reasons" } else { "" };
    let text = format!("{decision}: {}; {times} cannot be: {}{others}", plural(allowed as u64, "item"), here(why));
    Some(Notice::warning(text))
}

/// The planner's reason without the option that says the same on a command line.
fn here(why: &str) -> &str {
    why.split_once("; say which with --map").or(why.split_once("; decide when planning")).map_or(why, |(why, _)| why)
}

/// Leaves the chosen rows to the policy again.
pub(super) fn leave_to_policy(state: &mut State) -> Vec<effect::Effect> {
    let rows = state.plan.chosen();
    let Some(sheet) = state.plan.sheet().cloned() else { return Vec::new() };
    match state.plan.edits.leave_to_policy(&sheet, &rows) {
        0 => {
            state.tell(Notice::info("nobody decided otherwise than the policy here"));
            Vec::new()
        }
        count => {
            state.plan.marks.clear(sheet.len());
            state.tell(Notice::info(format!("left to the policy again: {}", plural(count as u64, "item"))));
            again(state, Impossible::Refuse, SOON)
        }
    }
}

pub(super) fn undo(state: &mut State) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet().cloned() else { return Vec::new() };
    let Some(said) = state.plan.edits.undo(&sheet) else { return Vec::new() };
    state.tell(Notice::info(format!("taken back: {said}")).hint("Z does it again"));
    again(state, Impossible::Refuse, SOON)
}

pub(super) fn redo(state: &mut State) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet().cloned() else { return Vec::new() };
    let Some(said) = state.plan.edits.redo(&sheet) else { return Vec::new() };
    state.tell(Notice::info(format!("done again: {said}")));
    again(state, Impossible::Refuse, SOON)
}

/// Whether it is open which item of the destination is meant.
pub(super) fn can_map(state: &State) -> Availability {
    can_decide(state)?;
    match (state.plan.sheet(), state.plan.item_row()) {
        (Some(sheet), Some(row)) if !sheet.item(row).candidates.is_empty() => Ok(()),
        _ => Err("only one item of the destination fits, or none".into()),
    }
}

/// Asks which item of the destination is meant.
pub(super) fn map(state: &mut State) -> Vec<effect::Effect> {
    let (Some(sheet), Some(row)) = (state.plan.sheet().cloned(), state.plan.item_row()) else { return Vec::new() };
    let item = sheet.item(row);
    let choice = |candidate: &crate::model::Candidate| Choice {
        label: format!("{}  {}", candidate.name, candidate.id),
        help: format!("references to {} lead there; the item itself is left as it is", item.name),
        refused: None,
    };
    Choose {
        title: format!("Which item of the destination is {}?", item.name),
        choices: item.candidates.iter().map(choice).collect(),
        cursor: Cursor::default(),
        then: crate::workbench::shell::Action::new(move |state: &mut State, at: usize| mapped(state, row, at)),
    }
    .open(state);
    Vec::new()
}

fn mapped(state: &mut State, row: u32, at: usize) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet().cloned() else { return Vec::new() };
    // While the question was open, another plan may have come.
    let item = sheet.items().get(row as usize);
    let Some((item, candidate)) = item.and_then(|item| Some((item, item.candidates.get(at)?))) else {
        return Vec::new();
    };
    state.plan.edits.map_to(&sheet, &item.key, &candidate.id);
    state.tell(Notice::info(format!("{} stands for {} now", candidate.name, item.name)).hint("o overwrites it"));
    again(state, Impossible::Refuse, SOON)
}
