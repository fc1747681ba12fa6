//! Plans that replace: what goes, what stays, and what is said of both.

use haul::model::{
    Decision, Effect, EffectKind, Kind, MatchMethod, Mode, Plan, PlanOptions, Policy, Reason, SchemaComparison, code,
};

use crate::world::{World, connection, flow, item, options, plan_with, secret, thing};

fn replacing() -> PlanOptions {
    PlanOptions { mode: Mode::Replace, ..options(Policy::Overwrite) }
}

fn deleted(plan: &Plan) -> Vec<(Kind, u64)> {
    let effects = plan.effects.iter().filter(|effect| effect.effect == EffectKind::Delete);
    effects.map(|effect| (effect.kind, effect.count)).collect()
}

fn destination() -> World {
    World::of([
        (flow("f"), thing("F", "1")),
        (flow("old"), thing("Old", "1")),
        (flow("older"), thing("G", "1")),
        (connection("kept"), thing("Kept", "1").by_id(&flow("old"))),
        (secret("s"), thing("S", "1")),
    ])
}

fn planned(source: &World, whole: bool, schemas: &SchemaComparison, options: PlanOptions) -> Plan {
    let (mut ours, theirs) = (source.inventory(), destination().inventory());
    ours.is_whole = whole;
    let picked: Vec<_> = ours.items().map(|item| item.index()).collect();
    plan_with(&ours, &theirs, &picked, options, schemas).expect("a plan")
}

#[test]
fn of_the_types_that_are_brought_everything_else_goes_and_other_types_stay() {
    let source = World::of([(flow("f"), thing("F", "1")), (flow("g"), thing("G", "1"))]);
    let plan = planned(&source, false, &SchemaComparison::default(), replacing());
    let (f, g) = (item(&plan, &flow("f")), item(&plan, &flow("g")));
    assert_eq!((f.decision, f.reason, f.changed), (Decision::Overwrite, Reason::Policy, Some(false)));
    // Another item's name stands for nothing.
    assert_eq!((g.decision, g.match_), (Decision::Create, MatchMethod::Unmatched));
    assert_eq!(deleted(&plan), [(Kind::Flow, 2)]);
    let unlinked = Effect { effect: EffectKind::Unlink, kind: Kind::Connection, type_: None, count: 1 };
    assert!(plan.effects.contains(&unlinked), "{:?}", plan.effects);
    let kept = plan.findings.iter().find(|finding| finding.code == code::KEPT_TYPE).expect("what stays is said");
    assert!(kept.message.contains("connection (1)") && kept.message.contains("secret (1)"), "{kept:?}");
    let theirs = destination().inventory();
    let left: Vec<_> = plan.left_over(&theirs).into_iter().map(|item| theirs.item(item).key()).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&flow("old")) && left.contains(&flow("older")));
}

#[test]
fn a_merge_deletes_nothing() {
    let source = World::of([(flow("f"), thing("F", "1"))]);
    let plan = planned(&source, true, &SchemaComparison::default(), options(Policy::Overwrite));
    assert!(deleted(&plan).is_empty() && plan.left_over(&destination().inventory()).is_empty());
}

#[test]
fn what_a_whole_site_has_nothing_of_is_emptied_with_a_warning() {
    let source = World::of([(flow("f"), thing("F", "1"))]);
    let parts = [((Kind::Flow, None), ["flow".into()].into()), ((Kind::Connection, None), ["c".into()].into())];
    let schemas = SchemaComparison { parts: parts.into(), ..SchemaComparison::default() };
    let plan = planned(&source, true, &schemas, replacing());
    let mut gone = deleted(&plan);
    gone.sort();
    let mut expected = vec![(Kind::Flow, 2), (Kind::Connection, 1)];
    expected.sort();
    assert_eq!(gone, expected);
    let emptied = plan.findings.iter().find(|finding| finding.code == code::EMPTIED_TYPE).expect("it is said");
    assert!(emptied.message.contains("connection (1)"), "{emptied:?}");
    let part = planned(&source, false, &schemas, replacing());
    assert_eq!(deleted(&part), [(Kind::Flow, 2)], "a part of a site says nothing of what it lacks");
}

#[test]
fn a_type_is_replaced_as_a_whole_or_not_at_all() {
    let source = World::of([(flow("f"), thing("F", "1")), (flow("g"), thing("G", "1"))]);
    let (ours, theirs) = (source.inventory(), destination().inventory());
    let one = [ours.find(&flow("f")).expect("a flow").index()];
    let refused = plan_with(&ours, &theirs, &one, replacing(), &SchemaComparison::default()).expect_err("a part");
    assert_eq!((refused.exit_code(), refused.item_keys()), (2, &[flow("g")][..]));
}
