//! Schemas that differ: what a plan says of them, and what it leaves out.

use haul::model::{
    Decision, Effect, EffectKind, Kind, Plan, PlanOptions, Policy, Rank, Reason, SchemaComparison, SchemaDifference,
    Severity, code,
};

use crate::world::{World, connection, flow, item, options, plan_with, thing};

fn difference(type_: &str, rank: Rank, path: &str) -> SchemaDifference {
    let (source, destination) = (Some("\"string\"".into()), Some("\"json\"".into()));
    SchemaDifference {
        type_: type_.into(),
        rank,
        path: path.into(),
        meaning: "they differ".into(),
        source,
        destination,
    }
}

/// Flows are made of `flow` and `block`, connections of `connection`; something of each differs.
fn schemas() -> SchemaComparison {
    let parts = [
        ((Kind::Flow, None), ["block".into(), "flow".into()].into()),
        ((Kind::Connection, None), ["connection".into()].into()),
    ];
    let mut differences = vec![
        difference("block", Rank::Blocking, "a.type"),
        difference("connection", Rank::Lossy, "b.type"),
        difference("connection", Rank::Harmless, "c"),
        difference("connection", Rank::Harmless, "d"),
        difference("nobody", Rank::Blocking, "e"),
    ];
    differences.sort();
    SchemaComparison { differences, parts: parts.into(), findings: Vec::new() }
}

fn planned(source: &World, destination: &World, options: PlanOptions) -> Plan {
    let (source, destination) = (source.inventory(), destination.inventory());
    let picked: Vec<_> = source.items().map(|item| item.index()).collect();
    plan_with(&source, &destination, &picked, options, &schemas()).expect("a plan")
}

fn said(plan: &Plan) -> Vec<(&str, Severity, &str, String)> {
    let of_schemas = plan.findings.iter().filter(|finding| finding.code.starts_with("schema-"));
    let said = of_schemas.map(|found| {
        let item = found.item.as_ref().expect("a schema");
        assert_eq!(item.kind, Kind::Schema);
        (found.code.as_str(), found.severity, &*item.id, found.message.clone())
    });
    said.collect()
}

fn world() -> World {
    World::of([
        (flow("f"), thing("F", "1").by_id(&connection("c"))),
        (flow("g"), thing("G", "1")),
        (connection("c"), thing("C", "1")),
    ])
}

#[test]
fn only_types_that_are_written_matter_and_each_rank_has_its_severity() {
    let plan = planned(&world(), &World::default(), options(Policy::Skip));
    let values = "(source \"string\", destination \"json\")";
    let expected = [
        (
            code::SCHEMA_BLOCKING,
            Severity::Blocking,
            "block",
            // Flows have no type, so that nobody can be named who holds the part.
            format!("block a.type: they differ {values}"),
        ),
        (code::SCHEMA_LOSSY, Severity::Warning, "connection", format!("connection b.type: they differ {values}")),
        (
            code::SCHEMA_HARMLESS,
            Severity::Info,
            "connection",
            "connection differs in what content does not show: c, d".to_owned(),
        ),
    ];
    assert_eq!(said(&plan), expected);
    assert_eq!(item(&plan, &flow("f")).decision, Decision::Create, "nothing is decided by it");
    let convert = Effect { effect: EffectKind::Convert, kind: Kind::Connection, type_: None, count: 1 };
    assert_eq!(plan.effects, [convert], "something of it is lost");

    let there = world();
    let plan = planned(&there, &there, options(Policy::Overwrite));
    assert!(plan.written().next().is_none() && said(&plan).is_empty(), "{plan:?}");
}

#[test]
fn blocked_types_are_left_out_where_somebody_says_so() {
    let skipping = PlanOptions { skip_blocked: true, ..options(Policy::Overwrite) };
    let plan = planned(&world(), &World::default(), skipping.clone());
    for (key, decision, reason) in [
        (flow("f"), Decision::Skip, Reason::SchemaBlocking),
        (flow("g"), Decision::Skip, Reason::SchemaBlocking),
        (connection("c"), Decision::Create, Reason::Missing),
    ] {
        assert_eq!((item(&plan, &key).decision, item(&plan, &key).reason), (decision, reason), "{key}");
    }
    assert_eq!(plan.blocking().count(), 0);
    let (code, severity, part, message) = &said(&plan)[0];
    assert_eq!((*code, *severity, *part), (code::SCHEMA_BLOCKING, Severity::Warning, "block"));
    assert!(message.ends_with("items of this type are left out"), "{message}");

    let deciding = PlanOptions { decisions: [(flow("g"), Decision::Create)].into(), ..skipping };
    let plan = planned(&world(), &World::default(), deciding);
    assert_eq!((item(&plan, &flow("g")).decision, plan.blocking().count()), (Decision::Create, 1));
    assert_eq!(item(&plan, &flow("f")).reason, Reason::SchemaBlocking);
}

#[test]
fn what_the_destination_holds_alike_is_not_left_out_for_its_schema() {
    let skipping = PlanOptions { skip_blocked: true, ..options(Policy::Overwrite) };
    let plan = planned(&world(), &world(), skipping);
    assert_eq!(item(&plan, &flow("f")).reason, Reason::Identical);
    assert!(said(&plan).is_empty(), "{plan:?}");
}

#[test]
fn what_refers_to_something_left_out_is_said() {
    let source = World::of([
        (connection("c"), thing("C", "1").by_id(&flow("f"))),
        (connection("d"), thing("D", "1").by_id(&flow("there"))),
        (flow("f"), thing("F", "1")),
        (flow("there"), thing("There", "1")),
    ]);
    let destination = World::of([(flow("there"), thing("There", "2"))]);
    let plan = planned(&source, &destination, PlanOptions { skip_blocked: true, ..options(Policy::Overwrite) });
    let left_out: Vec<_> = plan.findings.iter().filter(|found| found.code == code::LEFT_OUT_REFERENCE).collect();
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].item, Some(connection("c")), "what the destination has is found there");
}
