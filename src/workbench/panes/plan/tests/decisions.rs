//! Decisions of a person: one or many, undone and redone, and what is not possible.

use super::super::question;
use super::world::{World, connection, dev, flow, prod, secret, thing};
use super::{answer, answer_with, planned, planned_between};
use crate::model::{Decision, ItemKey, Policy, Reason};
use crate::workbench::panes::plan::list;
use crate::workbench::state::State;
use crate::workbench::testing::{click, picture, press, type_in};

fn go_to(state: &mut State, key: &ItemKey) {
    let row = state.plan.sheet().unwrap().row(key).unwrap();
    let effects = list::go_to(state, row);
    answer(state, effects);
}

fn keys(state: &mut State, keys: &str) {
    for key in keys.split(' ') {
        let effects = press(state, key);
        answer(state, effects);
    }
}

fn decision(state: &State, key: &ItemKey) -> Decision {
    let sheet = state.plan.sheet().unwrap();
    state.plan.edits.shown(sheet, sheet.row(key).unwrap())
}

fn told(state: &State) -> String {
    state
        .notice
        .as_ref()
        .map(|notice| format!("{} {}", notice.text, notice.hint.as_deref().unwrap_or_default()))
        .unwrap_or_default()
}

#[test]
fn a_decision_shows_at_once_and_is_planned_again() {
    let mut state = planned();
    go_to(&mut state, &flow("f-sms"));
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Skip);
    let effects = press(&mut state, "o");
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Overwrite);
    assert_eq!(state.plan.edits.counts().of(Decision::Overwrite), 1);
    assert!(state.plan.settled().is_none(), "it is not true yet");
    answer(&mut state, effects);
    let sheet = state.plan.settled().unwrap();
    assert_eq!(sheet.plan().item(&flow("f-sms")).unwrap().reason, Reason::Override);
    assert!(picture(&mut state).contains("overwrite *"));
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut state = planned();
    go_to(&mut state, &flow("f-sms"));
    let first = press(&mut state, "o");
    let second = press(&mut state, "d");
    answer(&mut state, first);
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Duplicate);
    assert!(state.plan.settled().is_none());
    answer(&mut state, second);
    assert!(state.plan.settled().is_some());
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Duplicate);
}

#[test]
fn what_is_not_legal_says_why() {
    let mut state = planned();
    go_to(&mut state, &flow("f-dunning"));
    keys(&mut state, "o");
    assert!(told(&state).contains("nothing at the destination matches it"), "{}", told(&state));
    go_to(&mut state, &flow("f-report"));
    keys(&mut state, "o");
    assert!(told(&state).contains("m says which"), "{}", told(&state));
    assert!(!state.plan.edits.can_undo());
}

#[test]
fn of_many_marked_rows_those_that_can_are_changed_and_the_others_counted() {
    let mut state = planned();
    keys(&mut state, "* o");
    assert!(told(&state).contains("overwrite: 5 items; 3 cannot be"), "{}", told(&state));
    assert_eq!(state.plan.marks.count(), 0);
    assert_eq!(state.plan.sheet().unwrap().counts.of(Decision::Overwrite), 5);
    assert_eq!(decision(&state, &secret("s-sid")), Decision::Create);
}

#[test]
fn edits_are_taken_back_whole_and_done_again() {
    let mut state = planned();
    let before: Vec<Decision> = state.plan.sheet().unwrap().items().iter().map(|item| item.decision).collect();
    keys(&mut state, "* s");
    go_to(&mut state, &connection("c-hub"));
    keys(&mut state, "d");
    let now = |state: &State| -> Vec<Decision> {
        let sheet = state.plan.settled().unwrap();
        (0..sheet.len() as u32).map(|row| state.plan.edits.shown(sheet, row)).collect()
    };
    let edited = now(&state);
    keys(&mut state, "z");
    assert!(told(&state).contains("taken back: duplicate: 1 item"), "{}", told(&state));
    keys(&mut state, "z");
    assert_eq!(now(&state), before);
    assert_eq!(state.plan.edits.decided(), 0);
    keys(&mut state, "Z ctrl-r");
    assert_eq!(now(&state), edited);
    keys(&mut state, "Z");
    assert!(told(&state).contains("nothing was taken back"));
}

#[test]
fn an_item_goes_back_to_the_policy() {
    let mut state = planned();
    go_to(&mut state, &flow("f-sms"));
    keys(&mut state, "o backspace");
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Skip);
    assert_eq!(state.plan.edits.decided(), 0);
    keys(&mut state, "z");
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Overwrite);
}

#[test]
fn an_ambiguous_item_is_mapped() {
    let mut state = planned();
    go_to(&mut state, &flow("f-report"));
    keys(&mut state, "m j enter");
    let item = state.plan.settled().unwrap().plan().item(&flow("f-report")).unwrap().clone();
    assert_eq!(item.reason, Reason::Mapped);
    assert_eq!(item.matched.unwrap().id, "f-report-2");
    keys(&mut state, "o");
    assert_eq!(state.plan.settled().unwrap().plan().item(&flow("f-report")).unwrap().decision, Decision::Overwrite);
    keys(&mut state, "backspace");
    let item = state.plan.settled().unwrap().plan().item(&flow("f-report")).unwrap();
    assert_eq!((item.reason, item.matched.is_none()), (Reason::Ambiguous, true));
    assert!(press(&mut state, "m").is_empty() && !state.popups.is_empty());
}

#[test]
fn two_writes_to_one_item_are_refused_and_the_plan_before_stands() {
    let target = World::of([(flow("t"), thing("Same", serde_json::json!({ "a": 1 })))]);
    let source = World::of([
        (flow("a"), thing("Same", serde_json::json!({ "a": 2 }))),
        (flow("b"), thing("Same", serde_json::json!({ "a": 3 }))),
    ]);
    let mut state = planned_between(&source, &target, false);
    for key in ["a", "b"] {
        let row = state.plan.sheet().unwrap().row(&flow(key)).unwrap();
        let effects = list::go_to(&mut state, row);
        answer_with(&mut state, effects, &source, &target);
        let effects = press(&mut state, "m");
        answer_with(&mut state, effects, &source, &target);
        if !state.popups.is_empty() {
            let effects = press(&mut state, "enter");
            answer_with(&mut state, effects, &source, &target);
        }
        let effects = press(&mut state, "o");
        answer_with(&mut state, effects, &source, &target);
    }
    assert!(told(&state).contains("would both overwrite"), "{}", told(&state));
    let sheet = state.plan.settled().expect("the plan before stands");
    assert_eq!(sheet.counts.of(Decision::Overwrite), 1);
    assert_eq!(state.plan.edits.counts(), sheet.counts);
}

#[test]
fn another_policy_keeps_decisions() {
    let mut state = planned();
    go_to(&mut state, &flow("f-lead"));
    keys(&mut state, "d");
    let effects = question::set_policy(&mut state, Policy::Overwrite);
    answer(&mut state, effects);
    assert_eq!(decision(&state, &flow("f-lead")), Decision::Duplicate);
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Overwrite);
    keys(&mut state, "I");
    assert!(state.plan.rewrite_identical && told(&state).contains("all the same"));
}

#[test]
fn decisions_that_are_not_possible_any_more_are_named() {
    let mut state = planned();
    go_to(&mut state, &flow("f-lead"));
    keys(&mut state, "d");
    let mut without = prod();
    without.things.remove(&flow("f-lead"));
    let effects = question::anew(&mut state);
    answer_with(&mut state, effects, &dev(), &without);
    assert!(told(&state).contains("no longer possible, and left to the policy: flow:f-lead"), "{}", told(&state));
    assert_eq!(decision(&state, &flow("f-lead")), Decision::Create);
}

#[test]
fn marks_decisions_and_the_cursor_follow_their_items_into_another_plan() {
    let mut state = planned();
    go_to(&mut state, &flow("f-sms"));
    keys(&mut state, "o");
    go_to(&mut state, &flow("f-lead"));
    keys(&mut state, "space k");
    let mut more = dev();
    more.things.insert(flow("f-aaa"), thing("Aaa", serde_json::json!({})));
    more.things.remove(&flow("f-invoice"));
    let effects = question::anew(&mut state);
    answer_with(&mut state, effects, &more, &prod());
    let sheet = state.plan.sheet().unwrap().clone();
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Overwrite);
    assert_eq!(state.plan.marks.rows(), [sheet.row(&flow("f-lead")).unwrap()]);
    assert_eq!(state.plan.item_row(), sheet.row(&flow("f-lead")));
    keys(&mut state, "esc");
    let effects = press(&mut state, "z");
    answer_with(&mut state, effects, &more, &prod());
    assert_eq!(decision(&state, &flow("f-sms")), Decision::Skip);
}

#[test]
fn what_only_the_destination_has_cannot_be_decided() {
    let mut state = planned();
    keys(&mut state, "e G s");
    assert!(told(&state).contains("kept as it is"), "{}", told(&state));
    keys(&mut state, "/");
    let effects = type_in(&mut state, "old");
    answer(&mut state, effects);
    assert_eq!((state.plan.rows.items.len(), state.plan.rows.extras.len()), (0, 2));
    keys(&mut state, "esc e");
    assert!(state.plan.rows.extras.is_empty());
}

#[test]
fn rows_are_marked_and_chosen_by_the_mouse() {
    let mut state = planned();
    click(&mut state, "○ TWILIO_SID");
    assert_eq!(state.plan.marks.count(), 1);
    let effects = click(&mut state, "HubSpot");
    answer(&mut state, effects);
    assert_eq!(state.plan.item_row(), state.plan.sheet().unwrap().row(&connection("c-hub")));
    keys(&mut state, "esc");
    assert_eq!(state.plan.marks.count(), 0);
}
