//! What the pane looks like.

use insta::assert_snapshot;

use super::super::question;
use super::world::{World, dev, flow, prod, thing};
use super::{answer, ends, export_end, planned, planned_between};
use crate::model::{Error, ErrorKind, Policy};
use crate::workbench::message::Message as Main;
use crate::workbench::panes::plan::message::{Message, Refused};
use crate::workbench::panes::show;
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{SIZES, coloured, picture, picture_at, press, state, type_in};
use crate::workbench::theme::Theme;
use crate::workbench::update::update;

/// The plan with the policy that shows the most.
fn overwriting() -> State {
    let mut state = planned_between(&dev(), &prod(), true);
    let effects = question::set_policy(&mut state, Policy::Overwrite);
    answer(&mut state, effects);
    state.notice = None;
    state
}

fn keys(state: &mut State, keys: &str) {
    for key in keys.split(' ') {
        let effects = press(state, key);
        answer(state, effects);
    }
    state.notice = None;
}

/// At the smallest size that works, and with much room.
fn both(name: &str, state: &mut State) {
    assert_snapshot!(name.to_owned(), picture(state));
    assert_snapshot!(format!("{name}_wide"), picture_at(state, (160, 45)));
}

#[test]
fn a_plan_at_every_size() {
    let mut state = overwriting();
    for size in SIZES {
        assert_snapshot!(format!("plan_{}x{}", size.0, size.1), picture_at(&mut state, size));
    }
}

#[test]
fn a_plan_in_colour() {
    let mut state = overwriting();
    assert_snapshot!("plan_dark", coloured(&mut state, Theme::Dark));
    assert_snapshot!("plan_ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn the_harmless_policy_comes_first() {
    assert_snapshot!(picture(&mut planned()));
}

#[test]
fn decisions_marks_and_a_filter() {
    let mut state = overwriting();
    keys(&mut state, "j j v j");
    assert_snapshot!("marked_range", picture(&mut state));
    keys(&mut state, "s");
    assert_snapshot!("decided", picture(&mut state));
    keys(&mut state, "/");
    let effects = type_in(&mut state, "decision:s");
    answer(&mut state, effects);
    assert_snapshot!("filtering", picture(&mut state));
    keys(&mut state, "enter F");
    both("filtered", &mut state);
}

#[test]
fn what_only_the_destination_has() {
    let mut state = overwriting();
    keys(&mut state, "e G");
    both("extras", &mut state);
}

#[test]
fn differences() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    assert_snapshot!("difference_small", picture(&mut state));
    keys(&mut state, "enter");
    for size in SIZES {
        assert_snapshot!(format!("difference_{}x{}", size.0, size.1), picture_at(&mut state, size));
    }
    keys(&mut state, "n n =");
    assert_snapshot!("difference_whole", coloured(&mut state, Theme::Ansi));
}

#[test]
fn a_created_and_an_identical_item() {
    let mut state = overwriting();
    for (name, key) in [("created", flow("f-dunning")), ("identical", flow("f-lead"))] {
        let row = state.plan.sheet().unwrap().row(&key).unwrap();
        let effects = super::super::list::go_to(&mut state, row);
        answer(&mut state, effects);
        both(name, &mut state);
    }
}

#[test]
fn effects_and_findings() {
    let mut state = overwriting();
    keys(&mut state, "f j");
    for size in SIZES {
        assert_snapshot!(format!("notes_{}x{}", size.0, size.1), picture_at(&mut state, size));
    }
    assert_snapshot!("notes_dark", coloured(&mut state, Theme::Dark));
}

#[test]
fn an_export() {
    let mut state = state();
    export_end(&mut state, true);
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    both("export", &mut state);
}

#[test]
fn nothing_to_plan_says_what_to_do() {
    let mut state = state();
    let _ = show(&mut state, Pane::Plan);
    both("no_source", &mut state);
    ends(&mut state, false);
    state.ends.destination = None;
    let _ = show(&mut state, Pane::Plan);
    both("no_destination", &mut state);
    ends(&mut state, false);
    let _ = show(&mut state, Pane::Plan);
    both("nothing_picked", &mut state);
}

#[test]
fn planning_failing_and_cancelling() {
    let mut state = state();
    ends(&mut state, false);
    let _ = question::everything(&mut state);
    state.now = state.now.checked_add(jiff::SignedDuration::from_millis(3200)).unwrap();
    both("planning", &mut state);
    keys(&mut state, "esc");
    both("cancelled", &mut state);
    let _ = question::anew(&mut state);
    let error = Error::new(ErrorKind::Unauthorized, "prod does not take the login: the token is not valid any more")
        .hint("give it another token with `haul remote edit prod`");
    let answer = Err(Box::new(Refused { error, edit: false }));
    let generation = state.plan.generation;
    let _ = update(&mut state, Main::Plan(Message::Planned { generation, answer }));
    for size in SIZES {
        assert_snapshot!(format!("failed_{}x{}", size.0, size.1), picture_at(&mut state, size));
    }
}

#[test]
fn an_empty_plan_and_one_that_is_all_the_same() {
    let mut state = planned_between(&World::default(), &prod(), false);
    both("empty", &mut state);
    let same = World::of([(flow("a"), thing("A", serde_json::json!({})))]);
    let mut state = planned_between(&same, &same.clone(), false);
    both("all_identical", &mut state);
}

#[test]
fn questions() {
    let mut state = overwriting();
    keys(&mut state, "p");
    both("policy", &mut state);
    keys(&mut state, "esc D");
    both("dependencies", &mut state);
    keys(&mut state, "esc w");
    both("save", &mut state);
    keys(&mut state, "esc L");
    both("load", &mut state);
    keys(&mut state, "esc y");
    both("command_line", &mut state);
    let row = state.plan.sheet().unwrap().row(&flow("f-report")).unwrap();
    keys(&mut state, "esc");
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "m");
    both("map", &mut state);
}

#[test]
fn the_summary_before_a_run() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-report")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "s r");
    for size in SIZES {
        assert_snapshot!(format!("summary_{}x{}", size.0, size.1), picture_at(&mut state, size));
    }
}

#[test]
fn planning_again_leaves_the_plan_in_view() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    let _ = press(&mut state, "d");
    state.now = state.now.checked_add(jiff::SignedDuration::from_millis(2100)).unwrap();
    both("planning_again", &mut state);
}

#[test]
fn a_difference_that_cannot_be_shown() {
    let mut state = overwriting();
    let error = Error::new(ErrorKind::Unreachable, "prod does not answer").hint("is the server running?");
    state.plan.difference.shown = Some(Err(std::sync::Arc::new(error)));
    both("difference_failed", &mut state);
    let comparison =
        crate::workbench::panes::plan::compare::Comparison { too_large: Some(9 << 20), ..Default::default() };
    state.plan.difference.shown = Some(Ok(std::sync::Arc::new(comparison)));
    both("difference_too_large", &mut state);
    state.plan.difference.shown = None;
    both("difference_reading", &mut state);
}

#[test]
fn a_started_plan_says_so() {
    let mut state = planned();
    state.plan.started = true;
    both("started", &mut state);
}
