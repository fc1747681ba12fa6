//! How far dependencies come along, and what is said of those that do not.

use haul::model::{DependencyMode, ErrorKind, ItemKey, Plan, PlanOptions, Policy, Reach, Reason, code};
use haul::planner;

use crate::world::{World, codes, connection, flow, item, options, plan, rules, secret, thing, typed_rules};

/// a → b → c → d, and a → e → d.
fn chain() -> World {
    World::of([
        (flow("a"), thing("A", "").by_id(&flow("b")).by_id(&connection("e"))),
        (flow("b"), thing("B", "").by_id(&flow("c"))),
        (flow("c"), thing("C", "").by_id(&secret("d"))),
        (connection("e"), thing("E", "").by_id(&secret("d"))),
        (secret("d"), thing("D", "")),
    ])
}

fn reaching(depth: Option<u32>, types: &[&str]) -> PlanOptions {
    let types = types.iter().map(|&word| word.to_owned()).collect();
    PlanOptions { reach: Reach { depth, types }, ..options(Policy::Skip) }
}

fn reasons(plan: &Plan) -> Vec<(String, Reason)> {
    plan.items.iter().map(|item| (item.key.to_string(), item.reason)).collect()
}

fn left_out(plan: &Plan) -> Vec<&ItemKey> {
    plan.items.iter().filter(|item| item.reason == Reason::NotIncluded).map(|item| &item.key).collect()
}

#[test]
fn so_many_references_are_followed_along_the_shortest_way() {
    let nowhere = World::default();
    for (depth, beyond) in [(0, vec![flow("b"), connection("e")]), (1, vec![flow("c"), secret("d")]), (2, vec![])] {
        let plan = plan(&chain(), &nowhere, &[&flow("a")], reaching(Some(depth), &[])).expect("a plan");
        let mut told: Vec<ItemKey> = left_out(&plan).into_iter().cloned().collect();
        told.sort();
        let mut expected = beyond;
        expected.sort();
        assert_eq!(told, expected, "depth {depth}");
    }
    let all = plan(&chain(), &nowhere, &[&flow("a")], reaching(None, &[])).expect("a plan");
    let same = plan(&chain(), &nowhere, &[&flow("a")], reaching(Some(u32::MAX), &[])).expect("a plan");
    assert_eq!(reasons(&all), reasons(&same));
}

#[test]
fn what_dangles_beyond_the_bound_is_said_and_what_is_there_is_found() {
    let destination = World::of([(secret("d"), thing("D", "other"))]);
    let plan = plan(&chain(), &destination, &[&flow("a")], reaching(Some(1), &[])).expect("a plan");
    assert_eq!(codes(&plan, &flow("b")), [code::LEFT_OUT_REFERENCE], "c is left out and missing");
    assert!(codes(&plan, &connection("e")).is_empty(), "d is left out and there");
    assert!(item(&plan, &secret("d")).matched.is_some());
}

#[test]
fn only_items_of_these_kinds_come_along_and_nothing_is_followed_through_others() {
    let plan =
        plan(&chain(), &World::default(), &[&flow("a")], reaching(None, &["connection", "secret"])).expect("a plan");
    assert_eq!(left_out(&plan), [&flow("b")]);
    assert!(plan.item(&flow("c")).is_none(), "it is reached through b alone");
    assert_eq!(item(&plan, &secret("d")).reason, Reason::Missing, "it is reached through e");
}

#[test]
fn what_is_left_out_by_its_type_does_not_come_along_either() {
    let selection = haul::model::Selection { exclude_types: vec!["connection".into()], ..Default::default() };
    let without = PlanOptions { selection, ..options(Policy::Skip) };
    let plan = plan(&chain(), &World::default(), &[&flow("a")], without).expect("a plan");
    assert_eq!(left_out(&plan), [&connection("e")]);
    assert_eq!(codes(&plan, &flow("a")), [code::LEFT_OUT_REFERENCE]);
}

#[test]
fn none_is_the_bound_of_nothing_whatever_else_is_said() {
    let bounded = PlanOptions { dependencies: Some(DependencyMode::None), ..reaching(Some(5), &[]) };
    let plan = plan(&chain(), &World::default(), &[&flow("a")], bounded).expect("a plan");
    assert_eq!(left_out(&plan).len(), 2);
}

#[test]
fn a_type_that_the_source_does_not_know_is_refused_with_a_suggestion() {
    let reach = |words: &[&str]| Reach { depth: None, types: words.iter().map(|&word| word.to_owned()).collect() };
    let inventory = chain().inventory();
    assert!(planner::refuse_unknown_reach(&reach(&["flow", "secret"]), &inventory, &rules()).is_ok());
    let error = planner::refuse_unknown_reach(&reach(&["conection"]), &inventory, &rules()).expect_err("mistyped");
    assert_eq!(error.kind(), ErrorKind::UnknownItem);
    assert!(error.hint_text().is_some_and(|hint| hint.contains("connection")), "{error}");

    let article = ItemKey::typed(haul::model::Kind::Entry, "api::a.article", "1");
    let typed = World::of([(article, thing("Article", ""))]).inventory();
    let known = planner::refuse_unknown_reach(&reach(&["api::a.article", "asset"]), &typed, &typed_rules());
    assert!(known.is_ok(), "a type, or a kind that has none");
}

#[test]
fn a_plan_that_nothing_bounds_is_written_as_before() {
    let text = |options| planner::file::write(&plan(&chain(), &World::default(), &[], options).expect("a plan"));
    assert!(!text(reaching(None, &[])).contains("reach"));
    let bounded = text(reaching(Some(2), &["flow"]));
    assert!(bounded.contains("\"reach\""), "{bounded}");
    let (read, _) = planner::file::read(&bounded).expect("it reads what it writes");
    assert_eq!(read.options.reach, Reach { depth: Some(2), types: vec!["flow".into()] });
    assert!(planner::markdown(&read).contains("over 2 references at most, of `flow` only"));
}
