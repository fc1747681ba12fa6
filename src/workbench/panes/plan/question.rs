//! From what was chosen and picked to a question.
//! Must not know: how a plan is made; what follows from its answer.

use std::sync::Arc;
use std::time::Duration;

use super::message::{Effect, Impossible, Loaded, Planning, Stop};
use super::sheet::{Asked, Sheet};
use super::state::{Lack, Special, State as Plan, Trouble, View, Work};
use crate::model::{DependencyMode, Mode, PlanOptions, Policy, Selection};
use crate::workbench::effect;
use crate::workbench::ends::DestinationEnd;
use crate::workbench::panes::{content, show};
use crate::workbench::shell::Notice;
use crate::workbench::state::{Pane, State};

/// Several keys make one plan.
pub(super) const SOON: Duration = Duration::from_millis(80);

/// Plans, where what is shown is not of what is chosen now.
pub(super) fn shown(state: &mut State) -> Vec<effect::Effect> {
    match state.plan.sheet().is_some() || state.plan.work.is_some() {
        true => Vec::new(),
        false => anew(state),
    }
}

/// What is chosen or picked changed: what is shown is no longer true.
pub(super) fn outdate(state: &mut State) {
    let plan = &mut state.plan;
    plan.stop_work();
    plan.counting.cancel();
    (plan.outdated, plan.special, plan.trouble, plan.lack) = (true, None, None, None);
    // It was said of what was chosen then; and a replace is nothing that goes on by itself.
    plan.everything = None;
    leave_replace(plan);
}

/// The question, or what is missing for one.
fn asked(state: &State) -> Result<Asked, Lack> {
    let source = state.ends.source.as_ref().ok_or(Lack::Source)?;
    let destination = state.ends.destination.clone().ok_or(Lack::Destination)?;
    let plan = &state.plan;
    let selection = match &plan.special {
        Some(special) => special.options.selection.clone(),
        None => {
            let everything = plan.everything.as_ref() == Some(&source.location);
            let everything = everything.then(Selection::everything);
            content::selection(state).or(everything).ok_or(Lack::Picks)?
        }
    };
    let options = match &plan.special {
        Some(special) => special.options.clone(),
        None => PlanOptions::of(plan.policy),
    };
    let options = PlanOptions { selection, ..as_chosen(state, options) };
    Ok(Asked { source: source.location.clone(), destination, options })
}

/// Options with what is chosen in the pane.
fn as_chosen(state: &State, options: PlanOptions) -> PlanOptions {
    let plan = &state.plan;
    PlanOptions {
        policy: plan.policy,
        dependencies: dependencies(state),
        rewrite_identical: plan.rewrite_identical,
        skip_blocked: plan.skip_blocked,
        pause_webhooks: plan.pause_webhooks,
        mode: plan.mode,
        // How files are replaced means nothing for a merge.
        one_transaction: options.one_transaction && plan.mode == Mode::Replace,
        ..options
    }
}

/// How what is needed comes along.
pub(super) fn dependencies(state: &State) -> Option<DependencyMode> {
    match &state.plan.special {
        Some(special) => special.options.dependencies,
        None => content::dependencies(state),
    }
}

/// Reads both ends and plans. Decisions stay with their items as far as they can.
pub(super) fn anew(state: &mut State) -> Vec<effect::Effect> {
    state.plan.stop_work();
    state.plan.counting.cancel();
    (state.plan.outdated, state.plan.trouble) = (true, None);
    let asked = match asked(state) {
        Ok(asked) => asked,
        Err(lack) => {
            state.plan.lack = Some(lack);
            return Vec::new();
        }
    };
    state.plan.lack = None;
    let known = state.plan.sheet.clone();
    let before = known.filter(|sheet| is_between(sheet, &asked));
    if before.is_none() {
        (state.plan.sheet, state.plan.view) = (None, View::Items);
    }
    let saved = state.plan.special.as_ref().and_then(|special| special.saved.clone());
    let planning = planning(state, asked, before);
    start(state, Planning { saved, ..planning })
}

/// Plans again between the inventories that are known, where they are; what is shown stays meanwhile.
pub(super) fn again(state: &mut State, impossible: Impossible, delay: Duration) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet().filter(|sheet| sheet.survey().is_some()).cloned() else {
        return if state.plan.sheet().is_some() { anew(state) } else { Vec::new() };
    };
    state.plan.stop_work();
    let options = as_chosen(state, sheet.plan().options.clone());
    let asked = Asked { options, ..sheet.asked.clone() };
    let planning = planning(state, asked, Some(sheet));
    start(state, Planning { again: true, impossible, delay, ..planning })
}

/// Plans again where something else was chosen while both ends were read.
pub(super) fn catch_up(state: &mut State) -> Vec<effect::Effect> {
    let Some(sheet) = state.plan.sheet() else { return Vec::new() };
    let asked = &sheet.asked.options;
    match as_chosen(state, asked.clone()) == *asked {
        true => Vec::new(),
        false => again(state, Impossible::Drop, Duration::ZERO),
    }
}

fn planning(state: &State, mut asked: Asked, before: Option<Arc<Sheet>>) -> Planning {
    let plan = &state.plan;
    if before.is_some() {
        asked.options.map.clone_from(plan.edits.map());
    }
    let extras = plan.extras.on.then(|| plan.extras.items.clone().filter(|_| !plan.outdated));
    Planning {
        generation: plan.generation,
        asked,
        cancel: Stop::new(),
        before: before.map(|sheet| (sheet, plan.edits.wanted_rows())),
        again: false,
        delay: Duration::ZERO,
        impossible: Impossible::Drop,
        query: plan.query(),
        extras,
        saved: None,
    }
}

fn start(state: &mut State, planning: Planning) -> Vec<effect::Effect> {
    let (cancel, again) = (planning.cancel.clone(), planning.again);
    state.plan.work = Some(Work { since: state.now, cancel, again });
    vec![Effect::Plan(Box::new(planning)).into()]
}

fn is_between(sheet: &Sheet, asked: &Asked) -> bool {
    sheet.asked.source == asked.source && sheet.asked.destination == asked.destination
}

/// Ends the planning that somebody waits for.
pub(super) fn cancel(plan: &mut Plan) {
    plan.stop_work();
    plan.trouble = Some(Trouble::Cancelled);
}

/// Takes the ends and the question of a plan file or of a run, and shows the pane.
pub(super) fn open(state: &mut State, loaded: Loaded) -> Vec<effect::Effect> {
    let Loaded { source, destination, options, title, saved } = loaded;
    let mut effects = Vec::new();
    let known = state.ends.source.as_ref().is_some_and(|known| known.location == source.location);
    state.ends.destination = Some(destination);
    if !known {
        state.ends.source = Some(source);
        effects.extend(content::source_changed(state));
    }
    outdate(state);
    let plan = &mut state.plan;
    plan.difference.forget();
    plan.sheet = None;
    plan.take_settings(&options);
    plan.special = Some(Special { title, options, saved });
    effects.extend(show(state, Pane::Plan));
    effects
}

/// Back to what is picked.
pub(super) fn leave_special(state: &mut State) -> Vec<effect::Effect> {
    outdate(state);
    state.plan.sheet = None;
    anew(state)
}

/// Plans everything of the source, because somebody said so.
pub(super) fn everything(state: &mut State) -> Vec<effect::Effect> {
    state.plan.everything = state.ends.source.as_ref().map(|source| source.location.clone());
    anew(state)
}

pub(super) fn set_policy(state: &mut State, policy: Policy) -> Vec<effect::Effect> {
    if state.plan.policy == policy {
        return Vec::new();
    }
    state.plan.policy = policy;
    again(state, Impossible::Drop, Duration::ZERO)
}

/// A replace has one policy; a merge goes back to the one that it had.
pub(super) fn set_mode(state: &mut State, mode: Mode) -> Vec<effect::Effect> {
    let plan = &mut state.plan;
    match (plan.mode, mode) {
        (Mode::Merge, Mode::Replace) => {
            plan.policy_of_merge = plan.policy;
            (plan.mode, plan.policy, plan.rewrite_identical) = (Mode::Replace, Policy::Overwrite, false);
        }
        (Mode::Replace, Mode::Merge) => leave_replace(plan),
        _ => return Vec::new(),
    }
    again(state, Impossible::Drop, Duration::ZERO)
}

fn leave_replace(plan: &mut Plan) {
    if plan.mode == Mode::Replace {
        (plan.mode, plan.policy) = (Mode::Merge, plan.policy_of_merge);
    }
}

/// Why the question cannot be asked of whole types, which is all that a replace takes.
pub(super) fn why_no_replace(state: &State) -> Option<&'static str> {
    let sheet = state.plan.sheet()?;
    let options = &sheet.plan().options;
    let selection = &options.selection;
    let picked = !(selection.ids.is_empty() && selection.tags.is_empty() && selection.locales.is_empty());
    if picked || selection.search.is_some() {
        return Some("a replace takes types as a whole: pick whole types on 2 (p on a group), or nothing and E here");
    }
    let decided = state.plan.edits.decided() > 0 || !options.decisions.is_empty() || !options.map.is_empty();
    decided.then_some("a replace decides nothing item by item: take your decisions back first (z)")
}

pub(super) fn set_dependencies(state: &mut State, mode: Option<DependencyMode>) -> Vec<effect::Effect> {
    if dependencies(state) == mode {
        return Vec::new();
    }
    let mut effects = Vec::new();
    match &mut state.plan.special {
        Some(special) => special.options.dependencies = mode,
        None => effects.extend(content::set_dependencies(state, mode)),
    }
    effects.extend(again(state, Impossible::Drop, Duration::ZERO));
    effects
}

pub(super) fn switch_identical(state: &mut State) -> Vec<effect::Effect> {
    let told = ["what is identical is skipped", "what is identical is overwritten all the same"];
    switch(state, |plan| &mut plan.rewrite_identical, told)
}

pub(super) fn switch_blocked(state: &mut State) -> Vec<effect::Effect> {
    let told =
        ["types that the destination cannot take stop a run", "types that the destination cannot take are left out"];
    switch(state, |plan| &mut plan.skip_blocked, told)
}

pub(super) fn switch_webhooks(state: &mut State) -> Vec<effect::Effect> {
    let told = [
        "webhooks of the destination hear of every write",
        "webhooks of the destination are off while a run writes, and those that were on come back",
    ];
    switch(state, |plan| &mut plan.pause_webhooks, told)
}

/// Switches what holds for all items, says what holds now (off, on), and plans again.
fn switch(state: &mut State, which: fn(&mut Plan) -> &mut bool, told: [&str; 2]) -> Vec<effect::Effect> {
    let switched = which(&mut state.plan);
    *switched = !*switched;
    let text = told[usize::from(*switched)];
    state.tell(Notice::info(text));
    again(state, Impossible::Drop, Duration::ZERO)
}

/// Whether the destination is a new bundle: nothing is matched or decided there.
pub(super) fn is_export(state: &State) -> bool {
    matches!(state.ends.destination, Some(DestinationEnd::NewBundle(_)))
}
