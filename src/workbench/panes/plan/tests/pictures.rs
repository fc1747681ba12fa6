//! What the pane looks like.

use std::sync::Arc;

use insta::assert_snapshot;

use super::super::question;
use super::world::{World, dev, flow, prod, thing};
use super::{answer, answer_with, ends, export_end, planned, planned_between};
use crate::model::{
    Effect, EffectKind, Error, ErrorKind, Kind, Mode, Policy, Rank, SchemaComparison, SchemaDifference,
};
use crate::workbench::message::Message as Main;
use crate::workbench::panes::plan::compare::Comparison;
use crate::workbench::panes::plan::message::{Message, Refused};
use crate::workbench::panes::plan::sheet::{Basis, Sheet};
use crate::workbench::panes::show;
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{coloured, gallery, press, state, type_in};
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

/// At every size, in colour and without.
fn pictured(name: &str, state: &mut State) {
    assert_snapshot!(name, gallery(state));
}

#[test]
fn a_plan_at_every_size() {
    pictured("plan", &mut overwriting());
}

#[test]
fn a_plan_in_other_colours() {
    let mut state = overwriting();
    assert_snapshot!("plan_ansi", coloured(&mut state, Theme::Ansi));
    assert_snapshot!("plan_light", coloured(&mut state, Theme::Light));
}

#[test]
fn the_harmless_policy_comes_first() {
    pictured("the_harmless_policy", &mut planned());
}

#[test]
fn decisions_marks_and_a_filter() {
    let mut state = overwriting();
    keys(&mut state, "j j v j");
    pictured("marked_range", &mut state);
    keys(&mut state, "s");
    pictured("decided", &mut state);
    keys(&mut state, "/");
    let effects = type_in(&mut state, "decision:s");
    answer(&mut state, effects);
    pictured("filtering", &mut state);
    keys(&mut state, "enter F");
    pictured("filtered", &mut state);
}

#[test]
fn what_only_the_destination_has() {
    let mut state = overwriting();
    keys(&mut state, "e G");
    pictured("extras", &mut state);
}

#[test]
fn differences() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    pictured("difference_small", &mut state);
    keys(&mut state, "enter");
    pictured("difference", &mut state);
    keys(&mut state, "n n =");
    pictured("difference_whole", &mut state);
}

#[test]
fn a_created_and_an_identical_item() {
    let mut state = overwriting();
    for (name, key) in [("created", flow("f-dunning")), ("identical", flow("f-lead"))] {
        let row = state.plan.sheet().unwrap().row(&key).unwrap();
        let effects = super::super::list::go_to(&mut state, row);
        answer(&mut state, effects);
        pictured(name, &mut state);
    }
}

#[test]
fn effects_and_findings() {
    let mut state = overwriting();
    keys(&mut state, "f j");
    pictured("notes", &mut state);
}

#[test]
fn an_export() {
    let mut state = state();
    export_end(&mut state, true);
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    pictured("export", &mut state);
}

#[test]
fn nothing_to_plan_says_what_to_do() {
    let mut state = state();
    let _ = show(&mut state, Pane::Plan);
    pictured("no_source", &mut state);
    ends(&mut state, false);
    state.ends.destination = None;
    let _ = show(&mut state, Pane::Plan);
    pictured("no_destination", &mut state);
    ends(&mut state, false);
    let _ = show(&mut state, Pane::Plan);
    pictured("nothing_picked", &mut state);
}

#[test]
fn planning_failing_and_cancelling() {
    let mut state = state();
    ends(&mut state, false);
    let _ = question::everything(&mut state);
    state.now = state.now.checked_add(jiff::SignedDuration::from_millis(3200)).unwrap();
    pictured("planning", &mut state);
    keys(&mut state, "esc");
    pictured("cancelled", &mut state);
    let _ = question::anew(&mut state);
    let error = Error::new(ErrorKind::Unauthorized, "prod does not take the login: the token is not valid any more")
        .hint("give it another token with `haul remote edit prod`");
    let answer = Err(Box::new(Refused { error, edit: false }));
    let generation = state.plan.generation;
    let _ = update(&mut state, Main::Plan(Message::Planned { generation, answer }));
    pictured("failed", &mut state);
}

#[test]
fn an_empty_plan_and_one_that_is_all_the_same() {
    let mut state = planned_between(&World::default(), &prod(), false);
    pictured("empty", &mut state);
    let same = World::of([(flow("a"), thing("A", serde_json::json!({})))]);
    let mut state = planned_between(&same, &same.clone(), false);
    pictured("all_identical", &mut state);
}

#[test]
fn questions() {
    let mut state = overwriting();
    keys(&mut state, "p");
    pictured("policy", &mut state);
    keys(&mut state, "esc D");
    pictured("dependencies", &mut state);
    keys(&mut state, "esc w");
    pictured("save", &mut state);
    keys(&mut state, "esc L");
    pictured("load", &mut state);
    keys(&mut state, "esc y");
    pictured("command_line", &mut state);
    let row = state.plan.sheet().unwrap().row(&flow("f-report")).unwrap();
    keys(&mut state, "esc");
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "m");
    pictured("map", &mut state);
}

#[test]
fn the_summary_before_a_run() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-report")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "s r");
    pictured("summary", &mut state);
}

#[test]
fn planning_again_leaves_the_plan_in_view() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-sms")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    let _ = press(&mut state, "d");
    state.now = state.now.checked_add(jiff::SignedDuration::from_millis(2100)).unwrap();
    pictured("planning_again", &mut state);
}

#[test]
fn a_difference_that_cannot_be_shown() {
    let mut state = overwriting();
    let error = Error::new(ErrorKind::Unreachable, "prod does not answer").hint("is the server running?");
    state.plan.difference.shown = Some(Err(Arc::new(error)));
    pictured("difference_failed", &mut state);
    let comparison = Comparison { too_large: Some(9 << 20), ..Default::default() };
    state.plan.difference.shown = Some(Ok(Arc::new(comparison)));
    pictured("difference_too_large", &mut state);
    state.plan.difference.shown = None;
    pictured("difference_reading", &mut state);
}

#[test]
fn a_started_plan_says_so() {
    let mut state = planned();
    state.plan.started = true;
    pictured("started", &mut state);
}

/// What a key says stays in view; where it leads the state has answered.
fn told(state: &mut State, key: &str) {
    let effects = press(state, key);
    answer(state, effects);
}

fn go_to(state: &mut State, key: &crate::model::ItemKey) {
    let row = state.plan.sheet().unwrap().row(key).unwrap();
    let effects = super::super::list::go_to(state, row);
    answer(state, effects);
}

#[test]
fn what_keeps_a_plan_from_running() {
    let mut state = overwriting();
    told(&mut state, "r");
    pictured("refused", &mut state);
    go_to(&mut state, &flow("f-dunning"));
    told(&mut state, "o");
    pictured("not_legal", &mut state);
    let same = World::of([(flow("a"), thing("A", serde_json::json!({})))]);
    let mut state = planned_between(&same, &same.clone(), false);
    told(&mut state, "r");
    pictured("nothing_to_write", &mut state);
}

#[test]
fn decisions_for_many_and_taken_back() {
    let mut state = overwriting();
    keys(&mut state, "j space space space");
    pictured("marked", &mut state);
    told(&mut state, "d");
    pictured("duplicated", &mut state);
    told(&mut state, "z");
    pictured("taken_back", &mut state);
}

#[test]
fn a_name_that_is_cut_stands_below_whole() {
    let mut state = overwriting();
    go_to(&mut state, &flow("f-lead"));
    keys(&mut state, "d");
    let shown = crate::workbench::testing::picture(&mut state);
    assert!(shown.contains(" Lead import → Lead import (imported) · you · identical"), "{shown}");
    pictured("copied", &mut state);
}

#[test]
fn the_summary_of_a_place_that_is_no_production_and_of_an_export() {
    let mut state = planned_between(&dev(), &prod(), false);
    go_to(&mut state, &flow("f-report"));
    keys(&mut state, "s r");
    pictured("summary_plain", &mut state);
    let mut state = self::state();
    export_end(&mut state, false);
    let effects = question::everything(&mut state);
    answer(&mut state, effects);
    keys(&mut state, "r");
    pictured("summary_export", &mut state);
}

#[test]
fn plan_files_that_are_saved_in_the_way_or_no_plans() {
    let mut state = overwriting();
    let path = std::path::PathBuf::from("/work/out/plan-dev-prod.json");
    let _ = update(&mut state, Main::Plan(Message::Saved { path: path.clone() }));
    pictured("saved", &mut state);
    let _ = update(&mut state, Main::Plan(Message::InTheWay { path }));
    pictured("in_the_way", &mut state);
    state.popups.clear();
    let error = Error::new(ErrorKind::Io, "cannot write /work/out/plan.json: permission denied").hint("w, elsewhere");
    let _ = update(&mut state, Main::Plan(Message::NotSaved(error)));
    pictured("not_saved", &mut state);
    let error = Error::new(ErrorKind::Damaged, "/work/out/notes.json is no plan").hint("w saves one");
    let what = "/work/out/notes.json".to_owned();
    let _ = update(&mut state, Main::Plan(Message::NotLoaded { what, error }));
    pictured("not_loaded", &mut state);
}

/// Dev and prod with flows whose schemas differ.
fn schemas_differ() -> World {
    let difference = |rank, path: &str, meaning: &str, values: [Option<&str>; 2]| SchemaDifference {
        type_: "api::article.article".into(),
        rank,
        path: path.into(),
        meaning: meaning.into(),
        source: values[0].map(Box::from),
        destination: values[1].map(Box::from),
    };
    let target = [Some("\"api::author.author\""), Some("\"api::person.person\"")];
    let differences = vec![
        difference(Rank::Blocking, "attributes.author.target", "the two lead to different types", target),
        difference(
            Rank::Lossy,
            "attributes.subtitle",
            "the destination does not have it: it is left out",
            [Some("{\"type\":\"string\"}"), None],
        ),
        difference(Rank::Harmless, "info", "a name of the project's own", [Some("{}"), Some("{}")]),
    ];
    let parts = [((Kind::Flow, None), ["api::article.article".into()].into())].into();
    World { schemas: SchemaComparison { differences, parts, findings: Vec::new() }, ..dev() }
}

#[test]
fn schemas_that_differ() {
    let source = schemas_differ();
    let mut state = planned_between(&source, &prod(), false);
    let effects = press(&mut state, "f");
    answer_with(&mut state, effects, &source, &prod());
    pictured("schemas", &mut state);
    let effects = press(&mut state, "esc");
    answer_with(&mut state, effects, &source, &prod());
    let effects = question::switch_blocked(&mut state);
    answer_with(&mut state, effects, &source, &prod());
    assert!(state.plan.skip_blocked && state.plan.settled().is_some_and(|sheet| sheet.plan().options.skip_blocked));
    pictured("schemas_left_out", &mut state);
}

#[test]
fn schemas_are_listed_by_type_with_their_ranks_and_the_way_out() {
    let source = schemas_differ();
    let mut state = planned_between(&source, &prod(), false);
    super::super::list::switch_schemas(&mut state.plan);
    state.plan.schemas.at = 1;
    pictured("schemas_by_type", &mut state);
    super::super::list::switch_schemas(&mut state.plan);
    assert_eq!(state.plan.view, super::super::state::View::Items);
}

/// The plan in view with another effect.
fn with_effect(state: &mut State, effect: EffectKind, count: u64) {
    let sheet = state.plan.sheet().expect("planned").clone();
    let mut survey = sheet.survey().expect("two ends").clone();
    survey.plan.effects.push(Effect { effect, kind: Kind::Entry, type_: Some("api::article.article".into()), count });
    let basis = Basis::Survey(Box::new(survey));
    state.plan.sheet = Some(Arc::new(Sheet::new(sheet.asked.clone(), basis, sheet.outlook.clone())));
}

#[test]
fn what_is_deleted_has_its_own_colour_and_is_counted_in_the_question() {
    let mut state = overwriting();
    let row = state.plan.sheet().unwrap().row(&flow("f-report")).unwrap();
    let effects = super::super::list::go_to(&mut state, row);
    answer(&mut state, effects);
    keys(&mut state, "s");
    with_effect(&mut state, EffectKind::Delete, 12);
    with_effect(&mut state, EffectKind::Unlink, 3);
    pictured("deletes", &mut state);
    keys(&mut state, "r");
    pictured("deletes_asked", &mut state);
}

#[test]
fn a_replace_overwrites_and_goes_back_to_the_policy_of_the_merge() {
    let mut state = planned();
    let before = state.plan.policy;
    let effects = question::set_mode(&mut state, Mode::Replace);
    assert_eq!(effects.len(), 1, "it is planned again");
    assert_eq!((state.plan.mode, state.plan.policy), (Mode::Replace, Policy::Overwrite));
    assert!(super::super::choosing::decides(&state).is_err(), "nothing is decided item by item");
    question::outdate(&mut state);
    assert_eq!((state.plan.mode, state.plan.policy), (Mode::Merge, before), "another question begins with a merge");
}
