//! Questions with a few answers: the policy, and how what is needed comes along.
//! Must not know: what follows for each item.

use super::question::{dependencies, is_export, set_dependencies, set_mode, set_policy, why_no_replace};
use crate::model::{DependencyMode, Features, Mode, Policy};
use crate::workbench::command::Availability;
use crate::workbench::effect;
use crate::workbench::panes::content::mode_words;
use crate::workbench::shell::{Action, Choice, Choose};
use crate::workbench::state::State;
use crate::workbench::widgets::Cursor;

/// The policies with what each does to what matches.
const POLICIES: [(Policy, &str); 3] = [
    (Policy::Skip, "what the destination has stays as it is; only what is missing is created"),
    (Policy::Overwrite, "what differs is overwritten with the source's content; ids of the destination stay"),
    (Policy::Duplicate, "a copy is made beside what is there, under a new name and id"),
];

/// The modes with what each does to what only the destination has.
const MODES: [(Mode, &str); 2] = [
    (Mode::Merge, "what only the destination has stays; nothing is deleted, and each item is decided for itself"),
    (Mode::Replace, "of the types in the plan, what the source does not bring is deleted; the rest is written anew"),
];

/// How needed items come along, with what each way means.
const DEPENDENCIES: [(Option<DependencyMode>, &str); 4] = [
    (None, "what each kind does by itself: most are created if missing and otherwise kept; some follow the policy"),
    (Some(DependencyMode::Create), "what is missing is created, what is there is kept, whatever the policy"),
    (Some(DependencyMode::Policy), "as if it had been picked: what is there is treated as the policy says"),
    (Some(DependencyMode::None), "only what is picked is written; references to the rest may lead to nothing"),
];

/// An export matches nothing, so no policy reaches it.
pub(super) fn has_policy(state: &State) -> Availability {
    match is_export(state) {
        true => Err("an export writes all that was picked, so there is nothing to decide".into()),
        false => Ok(()),
    }
}

/// What is decided for each item, or for all: a replace takes types as a whole.
pub(super) fn decides(state: &State) -> Availability {
    has_policy(state)?;
    match state.plan.mode {
        Mode::Merge => Ok(()),
        Mode::Replace => Err("a replace takes types as a whole; M chooses to merge".into()),
    }
}

/// Whether the destination can be replaced at all.
pub(super) fn has_mode(state: &State) -> Availability {
    has(state, |features| features.mode, "this platform always keeps the rest")
}

/// Whether the destination has something that tells others of changes.
pub(super) fn has_webhooks(state: &State) -> Availability {
    has(state, |features| features.pauses_webhooks, "no webhooks are known of this platform")
}

fn has(state: &State, is_there: fn(&Features) -> bool, lacks: &'static str) -> Availability {
    has_policy(state)?;
    match state.plan.sheet() {
        None => Err("there is no plan yet".into()),
        Some(sheet) if !is_there(&sheet.rules().features) => Err(lacks.into()),
        Some(_) => Ok(()),
    }
}

pub(super) fn choose_mode(state: &mut State) -> Vec<effect::Effect> {
    let refused = why_no_replace(state);
    let choices = MODES.iter().map(|(mode, help)| Choice {
        label: mode.as_str().to_owned(),
        help: (*help).to_owned(),
        refused: refused.filter(|_| *mode == Mode::Replace).map(str::to_owned),
    });
    let choices = choices.collect();
    let at = MODES.iter().position(|(mode, _)| *mode == state.plan.mode).unwrap_or(0);
    let then = Action::new(|state, at: usize| MODES.get(at).map_or_else(Vec::new, |(mode, _)| set_mode(state, *mode)));
    let title = "What happens to what only the destination has".to_owned();
    Choose { title, choices, cursor: Cursor { at, top: 0 }, then }.open(state);
    Vec::new()
}

pub(super) fn choose_policy(state: &mut State) -> Vec<effect::Effect> {
    let at = POLICIES.iter().position(|(policy, _)| *policy == state.plan.policy);
    choose(
        state,
        "What happens to what the destination has already",
        POLICIES.iter().map(|(policy, help)| (policy.as_str(), *help)),
        at,
        |state, at| POLICIES.get(at).map_or_else(Vec::new, |(policy, _)| set_policy(state, *policy)),
    )
}

pub(super) fn choose_dependencies(state: &mut State) -> Vec<effect::Effect> {
    let mode = dependencies(state);
    let at = DEPENDENCIES.iter().position(|(other, _)| *other == mode);
    choose(
        state,
        "What happens to items that are needed and were not picked",
        DEPENDENCIES.iter().map(|(mode, help)| (mode_words(*mode), *help)),
        at,
        |state, at| DEPENDENCIES.get(at).map_or_else(Vec::new, |(mode, _)| set_dependencies(state, *mode)),
    )
}

fn choose(
    state: &mut State,
    title: &str,
    choices: impl Iterator<Item = (&'static str, &'static str)>,
    at: Option<usize>,
    then: fn(&mut State, usize) -> Vec<effect::Effect>,
) -> Vec<effect::Effect> {
    let choice = |(label, help): (&str, &str)| Choice { label: label.to_owned(), help: help.to_owned(), refused: None };
    let choices = choices.map(choice).collect();
    let cursor = Cursor { at: at.unwrap_or(0), top: 0 };
    Choose { title: title.to_owned(), choices, cursor, then: Action::new(then) }.open(state);
    Vec::new()
}
