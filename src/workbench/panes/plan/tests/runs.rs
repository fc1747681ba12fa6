//! From the plan to a run: what stands in the way, the summary, the answer.

use super::super::question;
use super::world::{World, dev, flow, prod, thing};
use super::{answer, export_end, planned, planned_between};
use crate::model::{Decision, Policy};
use crate::workbench::shell::Popup as ShellPopup;
use crate::workbench::state::{Pane, Popup, State};
use crate::workbench::testing::{gallery, picture, press, state, type_in};

fn keys(state: &mut State, keys: &str) {
    for key in keys.split(' ') {
        let effects = press(state, key);
        answer(state, effects);
    }
}

fn told(state: &State) -> String {
    state
        .notice
        .as_ref()
        .map(|notice| format!("{} {}", notice.text, notice.hint.as_deref().unwrap_or_default()))
        .unwrap_or_default()
}

/// Nothing blocks: the ambiguous item is left out.
fn ready(production: bool) -> State {
    let mut state = planned_between(&dev(), &prod(), production);
    let effects = question::set_policy(&mut state, Policy::Overwrite);
    answer(&mut state, effects);
    let row = state.plan.sheet().unwrap().row(&flow("f-report")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "s");
    state
}

#[test]
fn a_finding_that_blocks_names_its_item_and_the_key_that_decides() {
    let mut state = planned();
    keys(&mut state, "r");
    assert!(state.popups.is_empty());
    assert!(told(&state).contains("Nightly report") && told(&state).contains("m says which one"), "{}", told(&state));
    assert_eq!(state.plan.item_row(), state.plan.sheet().unwrap().row(&flow("f-report")));
}

#[test]
fn a_plan_that_writes_nothing_does_not_run() {
    let same = World::of([(flow("a"), thing("A", serde_json::json!({})))]);
    let mut state = planned_between(&same, &same.clone(), false);
    keys(&mut state, "r");
    assert!(state.popups.is_empty() && told(&state).contains("nothing would be written"));
}

#[test]
fn a_run_is_confirmed_once_and_shown() {
    let mut state = ready(false);
    keys(&mut state, "r");
    assert!(matches!(state.popups[..], [Popup::Shell(ShellPopup::Confirm(_))]));
    keys(&mut state, "esc");
    assert!(!state.plan.started && state.pane == Pane::Plan);
    keys(&mut state, "r enter");
    assert!(state.plan.started);
    assert_eq!(state.pane, Pane::Transfers);
    state.pane = Pane::Plan;
    keys(&mut state, "r");
    assert!(state.popups.is_empty() && told(&state).contains("R plans again"), "{}", told(&state));
    keys(&mut state, "R r");
    assert!(!state.popups.is_empty(), "after a new look it can run again");
}

#[test]
fn only_the_plan_that_was_asked_about_is_run() {
    let mut state = ready(false);
    keys(&mut state, "r");
    let effects = question::anew(&mut state);
    answer(&mut state, effects);
    keys(&mut state, "enter");
    assert!(!state.plan.started && told(&state).contains("changed meanwhile"), "{}", told(&state));
}

#[test]
fn production_is_asked_by_its_name() {
    let mut state = ready(true);
    keys(&mut state, "r enter");
    assert!(!state.plan.started && !state.popups.is_empty());
    type_in(&mut state, "prod");
    keys(&mut state, "enter");
    assert!(state.plan.started);
}

#[test]
fn nothing_runs_while_it_is_planned_again() {
    let mut state = ready(false);
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    let effects = press(&mut state, "d");
    press(&mut state, "r");
    assert!(state.popups.is_empty() && told(&state).contains("planned again"), "{}", told(&state));
    answer(&mut state, effects);
    press(&mut state, "r");
    assert!(picture(&mut state).contains("duplicate 1"));
}

#[test]
fn the_key_of_a_sealed_archive_is_asked_twice() {
    let mut state = state();
    export_end(&mut state, true);
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    // No platform with sealed archives has a world here: the question itself is what is tried.
    let sheet = state.plan.settled().unwrap().clone();
    super::super::launch::ask_key(&mut state, sheet, None);
    keys(&mut state, "enter");
    assert!(picture(&mut state).contains("at least one character"));
    type_in(&mut state, "s3cret");
    assert!(!picture(&mut state).contains("s3cret"));
    keys(&mut state, "enter");
    type_in(&mut state, "other");
    keys(&mut state, "enter");
    insta::assert_snapshot!("keys_differ", gallery(&mut state));
    type_in(&mut state, "s3cret");
    assert!(!format!("{state:?}").contains("s3cret"));
    keys(&mut state, "enter");
    type_in(&mut state, "s3cret");
    keys(&mut state, "enter");
    assert!(state.plan.started && state.popups.is_empty());
}

#[test]
fn an_export_has_nothing_to_decide() {
    let mut state = state();
    export_end(&mut state, false);
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    for (key, why) in [("s", "an export writes all"), ("p", "nothing to decide"), ("w", "no plan file")] {
        keys(&mut state, key);
        assert!(told(&state).contains(why), "{key}: {}", told(&state));
    }
    assert_eq!(state.plan.sheet().unwrap().counts.of(Decision::Create), 8);
    keys(&mut state, "y");
    assert!(picture(&mut state).contains("haul export dev"));
}

#[test]
fn a_word_typed_for_a_summary_that_waits_for_the_plan_decides_nothing() {
    let mut state = ready(true);
    let effects = question::set_policy(&mut state, Policy::Skip);
    press(&mut state, "r");
    assert!(told(&state).contains("planned again"), "{}", told(&state));
    type_in(&mut state, "prod");
    press(&mut state, "enter");
    assert!(state.popups.is_empty() && told(&state).contains("is dropped"), "{}", told(&state));
    answer(&mut state, effects);
    assert_eq!(
        state.plan.settled().unwrap().plan().options.decisions,
        ready(true).plan.sheet().unwrap().plan().options.decisions
    );
}
