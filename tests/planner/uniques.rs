//! Items that are found by the value of a unique field, and kinds that are never written.

use haul::model::{
    Decision, Inventory, ItemKey, Kind, KindRules, LeftAlone, MatchMethod, NewItem, Plan, Policy, Reason, Reference,
    Rules, SchemaComparison, code,
};
use haul::planner::{self, PlanRequest};

use crate::world::{info, item, options, typed_rules};

const TYPE: &str = "api::page.page";

fn rules() -> Rules {
    let mut rules = typed_rules();
    for kind in &mut rules.kinds {
        *kind = match kind.kind {
            Kind::Entry => KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Field],
                left_alone: LeftAlone::Type("api::right.right", "rights stay"),
                ..kind.clone()
            },
            Kind::Schema => KindRules { left_alone: LeftAlone::All("schemas stay"), ..kind.clone() },
            _ => kind.clone(),
        };
    }
    rules
}

fn page(id: &str) -> ItemKey {
    ItemKey::typed(Kind::Entry, TYPE, id)
}

/// Pages by id, text and unique values; the last may refer to others.
fn pages(pages: &[(&str, &str, &[u64], &[&str])]) -> Inventory {
    let mut inventory = Inventory::new();
    for (id, _, values, _) in pages {
        let item = inventory.add(&NewItem::new(page(id), id)).expect("new");
        values.iter().for_each(|&value| inventory.add_unique(item, value));
    }
    for (id, text, _, references) in pages {
        let digest = haul::model::Digest::of(text.as_bytes());
        let digests = haul::model::Digests { semantic: digest, exact: digest };
        let references: Vec<_> = references.iter().map(|id| Reference::Id(page(id))).collect();
        let item = inventory.find(&page(id)).expect("added").index();
        inventory.examine(item, digests, &references, &[]);
    }
    inventory
}

fn plan(source: &Inventory, destination: &Inventory) -> Plan {
    let picked: Vec<_> = source.items().map(|item| item.index()).collect();
    let (rules, options) = (rules(), options(Policy::Overwrite));
    let (source_info, destination_info) = (info("dev"), info("prod"));
    let (rules, picked, schemas) = (&rules, &picked, &SchemaComparison::default());
    let request = PlanRequest { source, source_info, destination, destination_info, rules, picked, options, schemas };
    planner::plan(request).expect("a plan")
}

fn found(plan: &Plan, id: &str) -> (MatchMethod, Option<String>, Decision, Reason) {
    let item = item(plan, &page(id));
    (item.match_, item.matched.as_ref().map(|there| there.id.to_string()), item.decision, item.reason)
}

#[test]
fn a_unique_value_finds_what_has_another_id_there() {
    let source = pages(&[("a", "new", &[7], &[]), ("b", "same", &[8], &["a"]), ("c", "c", &[9], &[])]);
    let destination = pages(&[("x", "old", &[7, 70], &[]), ("y", "same", &[8], &["x"])]);
    let plan = plan(&source, &destination);
    assert_eq!(found(&plan, "a"), (MatchMethod::Field, Some("x".into()), Decision::Overwrite, Reason::Policy));
    // Its reference leads to what its target is found at.
    assert_eq!(found(&plan, "b"), (MatchMethod::Field, Some("y".into()), Decision::Skip, Reason::Identical));
    assert_eq!(found(&plan, "c").2, Decision::Create);
    let told: Vec<_> = plan.findings.iter().filter(|finding| finding.code == code::FIELD_MATCH).collect();
    assert_eq!(told.len(), 2);
}

#[test]
fn an_id_is_a_better_match_than_a_value() {
    let source = pages(&[("a", "new", &[7], &[])]);
    let destination = pages(&[("a", "old", &[1], &[]), ("x", "old", &[7], &[])]);
    assert_eq!(found(&plan(&source, &destination), "a").1.as_deref(), Some("a"));
}

#[test]
fn values_that_are_not_unique_after_all_are_a_question() {
    let source = pages(&[("a", "new", &[7, 8], &[])]);
    let destination = pages(&[("x", "old", &[7], &[]), ("y", "old", &[8], &[])]);
    let plan_of_two = plan(&source, &destination);
    assert_eq!(found(&plan_of_two, "a"), (MatchMethod::Field, None, Decision::Skip, Reason::Ambiguous));
    assert_eq!(item(&plan_of_two, &page("a")).candidates.len(), 2);

    let source = pages(&[("a", "new", &[7], &[]), ("b", "new", &[7], &[])]);
    let destination = pages(&[("x", "old", &[7], &[])]);
    let plan_of_one = plan(&source, &destination);
    for id in ["a", "b"] {
        assert_eq!(found(&plan_of_one, id).3, Reason::Ambiguous);
    }

    let source = pages(&[("x", "new", &[], &[]), ("b", "new", &[7], &[])]);
    assert_eq!(found(&plan(&source, &destination), "b").3, Reason::Ambiguous, "another one is it by its id");
}

#[test]
fn what_is_never_written_is_counted_and_no_part_of_the_plan() {
    let mut source = pages(&[("a", "new", &[], &[])]);
    for key in [ItemKey::new(Kind::Schema, TYPE), ItemKey::typed(Kind::Entry, "api::right.right", "r")] {
        let item = source.add(&NewItem::new(key, "n")).expect("new");
        let zero = haul::model::Digest::ZERO;
        source.examine(item, haul::model::Digests { semantic: zero, exact: zero }, &[], &[]);
    }
    let plan = plan(&source, &Inventory::new());
    assert_eq!(plan.items.len(), 1);
    let told: Vec<_> = plan.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        told,
        ["1 of api::right.right not in the plan: rights stay", "1 of schema not in the plan: schemas stay"]
    );
}
