//! When something is planned, and what is shown of it.

use super::super::question;
use super::super::state::{Lack, View};
use super::world::flow;
use super::{answer, ends, planned};
use crate::model::{DependencyMode, Policy};
use crate::workbench::panes::plan::message::Effect;
use crate::workbench::panes::{plan, show};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{press, state, type_in};
use crate::workbench::{canvas::ListId, effect};

fn keys(state: &mut State, keys: &str) {
    for key in keys.split(' ') {
        let effects = press(state, key);
        answer(state, effects);
    }
}

fn shown(state: &State) -> Vec<String> {
    let sheet = state.plan.sheet().unwrap();
    state.plan.rows.items.iter().map(|&row| sheet.item(row).name.to_string()).collect()
}

#[test]
fn nothing_is_planned_before_something_is_picked() {
    let mut state = state();
    ends(&mut state, false);
    assert!(show(&mut state, Pane::Plan).is_empty());
    assert_eq!(state.plan.lack, Some(Lack::Picks));
    let effects = press(&mut state, "E");
    assert!(matches!(effects[..], [effect::Effect::Plan(Effect::Plan(_))]));
    assert_eq!(state.plan.policy, Policy::Skip, "the harmless one first");
    answer(&mut state, effects);
    assert!(state.plan.settled().is_some());
    assert_eq!(plan::sign(&state), "!", "an ambiguous item blocks");
}

#[test]
fn a_plan_is_made_once_and_again_when_it_is_outdated() {
    let mut state = planned();
    assert!(show(&mut state, Pane::Plan).is_empty());
    plan::outdate(&mut state);
    assert!(state.plan.sheet().is_none() && plan::sign(&state).is_empty());
    assert!(show(&mut state, Pane::Plan).is_empty());
    assert_eq!(state.plan.lack, Some(Lack::Picks), "that everything was meant was said of what was chosen then");
    let effects = press(&mut state, "E");
    assert_eq!(effects.len(), 1);
    assert!(show(&mut state, Pane::Plan).is_empty(), "it is being planned already");
    answer(&mut state, effects);
    assert!(state.plan.sheet().is_some());
}

#[test]
fn a_cancelled_planning_answers_nobody() {
    let mut state = state();
    ends(&mut state, false);
    let effects = question::everything(&mut state);
    assert!(plan::is_waiting(&state));
    press(&mut state, "esc");
    assert!(!plan::is_waiting(&state));
    answer(&mut state, effects);
    assert!(state.plan.sheet().is_none());
    let effects = press(&mut state, "R");
    answer(&mut state, effects);
    assert!(state.plan.sheet().is_some());
}

#[test]
fn the_filter_takes_names_ids_tags_and_words_of_the_plan() {
    let mut state = planned();
    for (typed, names) in [
        ("billing", vec!["Dunning", "Invoice sync", "SMS reminder"]),
        ("tag:prod", vec!["SMS reminder"]),
        ("C-HUB", vec!["HubSpot"]),
        ("kind:secret", vec!["TWILIO_SID"]),
        ("decision:create", vec!["Dunning", "TWILIO_SID"]),
        ("reason:identical", vec!["Lead import", "Twilio"]),
        ("match:name invoice", vec!["Invoice sync"]),
        ("finding:plaintext", vec![]),
        ("finding:ambiguous", vec!["Nightly report \u{1b}[31m"]),
    ] {
        keys(&mut state, "/");
        let effects = type_in(&mut state, typed);
        answer(&mut state, effects);
        let mut found = shown(&state);
        found.sort();
        assert_eq!(found, names, "{typed}");
        keys(&mut state, "esc");
    }
    assert_eq!(shown(&state).len(), 8);
}

#[test]
fn one_key_goes_round_the_quick_filters() {
    let mut state = planned();
    let mut counts = Vec::new();
    for _ in 0..5 {
        keys(&mut state, "F");
        counts.push(shown(&state).len());
    }
    assert_eq!(counts, [2, 6, 4, 0, 8]);
}

#[test]
fn the_cursor_stays_on_its_item_when_the_filter_changes() {
    let mut state = planned();
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "/");
    let effects = type_in(&mut state, "billing");
    answer(&mut state, effects);
    assert_eq!(state.plan.item_row(), Some(row));
    keys(&mut state, "esc");
    assert_eq!(state.plan.item_row(), Some(row));
}

#[test]
fn a_finding_leads_to_its_item_even_when_that_is_filtered_out() {
    let mut state = planned();
    keys(&mut state, "/");
    let effects = type_in(&mut state, "kind:secret");
    answer(&mut state, effects);
    keys(&mut state, "enter f");
    assert_eq!(plan::focused(&state), Some(ListId::Notes));
    assert!(state.plan.notes.at > 0, "the finding of the item under the cursor is the first that is read");
    keys(&mut state, "g enter");
    assert_eq!(state.plan.view, View::Items);
    assert_eq!(state.plan.item_row(), state.plan.sheet().unwrap().row(&flow("f-report")));
}

#[test]
fn the_difference_is_read_once_and_remembered() {
    let mut state = planned();
    let read = |effects: &[effect::Effect]| {
        effects.iter().filter(|effect| matches!(effect, effect::Effect::Plan(Effect::Compare { .. }))).count()
    };
    let effects = press(&mut state, "j");
    assert_eq!(read(&effects), 1);
    let further = press(&mut state, "j");
    answer(&mut state, effects);
    assert!(state.plan.difference.shown.is_none(), "what the cursor left is not shown");
    answer(&mut state, further);
    assert!(state.plan.difference.shown.is_some());
    keys(&mut state, "k");
    assert_eq!(read(&press(&mut state, "j")), 0, "it is known already");
    assert!(state.plan.difference.shown.is_some());
}

#[test]
fn an_archive_is_read_only_when_somebody_wants_to_see_an_item() {
    let mut state = state();
    super::export_end(&mut state, false);
    let source = state.ends.source.as_mut().unwrap();
    source.location = crate::workbench::ends::Location::Bundle("/work/dev.tar.gz".into());
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    keys(&mut state, "j k j");
    assert!(state.plan.difference.shown.is_none());
    insta::assert_snapshot!("archive", crate::workbench::testing::gallery(&mut state));
    keys(&mut state, "enter");
    assert!(state.plan.difference.shown.is_some());
}

#[test]
fn going_through_a_difference_ends_at_its_last_change() {
    let mut state = planned();
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "enter g");
    let mut places = Vec::new();
    for _ in 0..6 {
        keys(&mut state, "n");
        places.push(state.plan.difference.cursor.at);
    }
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("last change")));
    places.dedup();
    assert!(places.len() >= 3 && places.is_sorted(), "{places:?}");
    keys(&mut state, "esc");
    assert_eq!(state.plan.view, View::Items);
}

#[test]
fn both_ends_stay_the_question_of_a_loaded_plan_until_somebody_goes_back() {
    let mut state = planned();
    let sheet = state.plan.sheet().unwrap().clone();
    let loaded = plan::message::Loaded {
        source: state.ends.source.clone().unwrap(),
        destination: state.ends.destination.clone().unwrap(),
        options: crate::model::PlanOptions {
            policy: Policy::Overwrite,
            decisions: [(flow("f-sms"), crate::model::Decision::Skip)].into(),
            ..sheet.plan().options.clone()
        },
        title: "plan.json, edited in it: SMS reminder".into(),
        saved: Some(std::sync::Arc::new(sheet.plan().clone())),
    };
    let effects = plan::update(&mut state, plan::Message::Loaded(Box::new(loaded)));
    answer(&mut state, effects);
    assert_eq!(state.plan.policy, Policy::Overwrite);
    assert_eq!(state.plan.edits.decided(), 1);
    insta::assert_snapshot!("loaded", crate::workbench::testing::gallery(&mut state));
    keys(&mut state, "P");
    assert!(state.plan.special.is_none() && state.plan.sheet().is_none());
    assert_eq!(state.plan.lack, Some(Lack::Picks));
}

#[test]
fn any_keys_in_any_order_leave_something_to_look_at() {
    const KEYS: &str = "j k g G pageup pagedown space v * o s d c z Z m p D I / F enter = tab n N left right f e w L y R \
                        E P esc backspace r up down 3";
    let keys: Vec<&str> = KEYS.split_whitespace().collect();
    let mut state = planned();
    let mut waiting = Vec::new();
    let mut random = 7u64;
    for _ in 0..1_500 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (random >> 33) as usize;
        waiting.extend(press(&mut state, keys[at % keys.len()]));
        // Answers come late, and out of order.
        if at.is_multiple_of(3) {
            answer(&mut state, std::mem::take(&mut waiting));
        }
        if at.is_multiple_of(97) {
            plan::outdate(&mut state);
        }
        if at.is_multiple_of(31) || state.pane != Pane::Plan {
            state.popups.clear();
            state.pane = Pane::Plan;
        }
        state.over = false;
    }
    state.popups.clear();
    answer(&mut state, waiting);
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    let sheet = state.plan.settled().expect("it can be planned again").clone();
    assert_eq!(state.plan.edits.counts(), sheet.counts);
}

#[test]
fn what_is_chosen_while_both_ends_are_read_is_planned_too() {
    let choices: [fn(&mut State) -> Vec<effect::Effect>; 4] = [
        |state| question::set_policy(state, Policy::Overwrite),
        |state| question::set_dependencies(state, Some(DependencyMode::None)),
        question::switch_identical,
        question::switch_webhooks,
    ];
    for choice in choices {
        let mut state = state();
        ends(&mut state, false);
        let mut effects = question::everything(&mut state);
        effects.extend(choice(&mut state));
        answer(&mut state, effects);
        let options = &state.plan.settled().unwrap().plan().options;
        assert_eq!(options.policy, state.plan.policy);
        assert_eq!(options.rewrite_identical, state.plan.rewrite_identical);
        assert_eq!(options.pause_webhooks, state.plan.pause_webhooks);
        assert_eq!(options.dependencies, question::dependencies(&state));
    }
}
