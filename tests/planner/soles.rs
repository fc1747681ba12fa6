//! References that one item only can have: they stay with the item that the destination keeps, and the plan says so.

use haul::model::{
    Decision, Digest, Digests, Finding, Inventory, ItemIndex, ItemKey, Kind, Mode, NewItem, Plan, PlanOptions, Policy,
    Reference, SchemaComparison, Sole, code,
};
use haul::planner::{self, PlanRequest};

use crate::world::{info, options, typed_rules};

const WAY: u64 = 7;

fn key(id: &str) -> ItemKey {
    ItemKey::typed(Kind::Entry, "api::page.page", id)
}

/// Pages by id, and which of them is the only one that may refer to another.
fn pages(ids: &[&str], soles: &[(&str, &str)]) -> Inventory {
    let mut inventory = Inventory::new();
    for id in ids {
        inventory.add(&NewItem::new(key(id), id)).expect("new");
    }
    let at = |inventory: &Inventory, id: &str| -> ItemIndex { inventory.find(&key(id)).expect("added").index() };
    for id in ids {
        let digests = Digests { semantic: Digest::of(id.as_bytes()), exact: Digest::of(id.as_bytes()) };
        let references = soles.iter().filter(|(from, _)| from == id).map(|(_, to)| Reference::Id(key(to)));
        let item = at(&inventory, id);
        inventory.examine(item, digests, &references.collect::<Vec<_>>(), &[]);
    }
    for (from, to) in soles {
        let sole = Sole { way: WAY, target: at(&inventory, to), item: at(&inventory, from) };
        inventory.add_sole(sole);
    }
    inventory
}

fn plan_of(source: &Inventory, destination: &Inventory, picked: &[&str], options: PlanOptions) -> Plan {
    let picked: Vec<_> = picked.iter().map(|id| source.find(&key(id)).expect("there").index()).collect();
    let (source_info, destination_info) = (info("dev"), info("prod"));
    let (rules, picked, schemas) = (&typed_rules(), &picked, &SchemaComparison::default());
    let request = PlanRequest { source, source_info, destination, destination_info, rules, picked, options, schemas };
    planner::plan(request).expect("a plan")
}

fn told(plan: &Plan) -> Vec<&Finding> {
    plan.findings.iter().filter(|finding| finding.code == code::STAYS_WITH_KEPT).collect()
}

#[test]
fn what_a_kept_item_has_stays_with_it_and_the_plan_names_both() {
    let source = pages(&["new", "target"], &[("new", "target")]);
    let destination = pages(&["keeper", "target"], &[("keeper", "target")]);
    let plan = plan_of(&source, &destination, &["new"], options(Policy::Overwrite));
    let [finding] = told(&plan)[..] else { panic!("{:?}", plan.findings) };
    assert_eq!(finding.item, Some(key("new")));
    assert!(finding.message.contains("`target`") && finding.message.contains("`keeper`"), "{}", finding.message);
}

#[test]
fn a_copy_leaves_it_to_its_original() {
    let both = pages(&["page", "target"], &[("page", "target")]);
    let plan = plan_of(&both, &both, &["page"], options(Policy::Duplicate));
    assert_eq!(plan.items.iter().filter(|item| item.decision == Decision::Duplicate).count(), 1);
    assert_eq!(told(&plan).len(), 1, "{:?}", plan.findings);
}

#[test]
fn nothing_is_said_where_nobody_keeps_it() {
    let source = pages(&["new", "keeper", "target", "fresh"], &[("new", "target"), ("keeper", "fresh")]);
    let destination = pages(&["keeper", "target"], &[("keeper", "target")]);
    let overwrites = PlanOptions { rewrite_identical: true, ..options(Policy::Overwrite) };
    // Who has it is overwritten, and has another afterwards.
    assert!(told(&plan_of(&source, &destination, &["new", "keeper"], overwrites)).is_empty());
    // The target is new.
    assert!(told(&plan_of(&source, &pages(&["keeper"], &[]), &["new"], options(Policy::Overwrite))).is_empty());
    // Who has it leads to another target.
    let other = pages(&["keeper", "target", "fresh"], &[("keeper", "fresh")]);
    assert!(told(&plan_of(&source, &other, &["new"], options(Policy::Overwrite))).is_empty());
    // A replace keeps nothing of the type.
    let replaces = PlanOptions { mode: Mode::Replace, ..options(Policy::Overwrite) };
    assert!(told(&plan_of(&source, &destination, &["new", "keeper", "target", "fresh"], replaces)).is_empty());
}
