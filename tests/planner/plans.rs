//! What a plan says beyond the table: references, copies, maps, doubts, findings, effects, staleness.

use std::collections::BTreeSet;

use haul::model::{
    Decision, DependencyMode, Effect, EffectKind, ErrorKind, Facts, Finding, Following, Inventory, ItemKey, Kind,
    MatchMethod, NewItem, Policy, Reason, Role, SchemaComparison, Severity, code,
};
use haul::planner::{self, PlanRequest, closure, matches, stale};

use crate::world::{
    World, codes, connection, flow, info, item, options, plan, plan_of, rules, secret, thing, with_dependencies,
};

#[test]
fn what_is_referred_to_by_id_and_by_name_comes_along() {
    let source = World::of([
        (flow("a"), thing("A", "").by_id(&flow("b"))),
        (flow("b"), thing("B", "").by_id(&connection("c")).by_id(&flow("a"))),
        (connection("c"), thing("C", "").by_name(Kind::Secret, "S")),
        (secret("s1"), thing("S", "")),
        (secret("s2"), thing("T", "")),
        (flow("z"), thing("Z", "")),
    ]);
    let plan = plan(&source, &World::default(), &[&flow("a")], options(Policy::Skip)).expect("a plan");
    let items: Vec<_> = plan.items.iter().map(|item| (item.key.to_string(), item.role)).collect();
    assert_eq!(
        items,
        [
            ("flow:a".to_owned(), Role::Picked),
            ("flow:b".to_owned(), Role::Dependency),
            ("connection:c".to_owned(), Role::Dependency),
            ("secret:s1".to_owned(), Role::Dependency),
        ]
    );
}

#[test]
fn a_chain_of_ten_thousand_and_its_end_at_the_beginning_are_followed() {
    let key = |n: usize| flow(&format!("{n:05}"));
    let source = World::of((0..10_000).map(|n| (key(n), thing("", "").by_id(&key((n + 1) % 10_000)))));
    let inventory = source.inventory();
    let closure = closure(&inventory, &[17], &rules(), Following::unbounded(None));
    assert_eq!((closure.items.len(), closure.unexamined), (10_000, vec![]));
}

#[test]
fn without_dependencies_only_direct_ones_are_told() {
    let source = World::of([
        (flow("a"), thing("A", "").by_id(&flow("b")).by_id(&flow("there"))),
        (flow("b"), thing("B", "").by_id(&flow("c"))),
        (flow("c"), thing("C", "")),
        (flow("there"), thing("There", "")),
    ]);
    let destination = World::of([(flow("there"), thing("There", "old"))]);
    let none = with_dependencies(Policy::Skip, Some(DependencyMode::None));
    let plan = plan(&source, &destination, &[&flow("a")], none).expect("a plan");
    assert_eq!(plan.items.len(), 3);
    assert_eq!(item(&plan, &flow("b")).reason, Reason::NotIncluded);
    assert_eq!(item(&plan, &flow("there")).reason, Reason::NotIncluded);
    assert_eq!(codes(&plan, &flow("a")), [code::LEFT_OUT_REFERENCE]);
    assert!(plan.findings[0].message.contains("flow:b"));
}

#[test]
fn members_that_nobody_examined_are_asked_for() {
    let mut inventory = Inventory::new();
    inventory.add(&NewItem::new(flow("a"), "A")).expect("new");
    assert_eq!(closure(&inventory, &[0], &rules(), Following::unbounded(None)).unexamined, [0]);
    let error = plan_of(&inventory, &Inventory::new(), &[0], options(Policy::Skip)).expect_err("not examined");
    assert_eq!(error.kind(), ErrorKind::Internal);
}

#[test]
fn the_items_to_examine_at_the_destination_are_matches_candidates_and_copies() {
    let source = World::of([(flow("a"), thing("A", "")), (flow("b"), thing("B", "")), (flow("c"), thing("C", ""))]);
    let mut destination = World::of([
        (flow("a"), thing("A", "")),
        (flow("b1"), thing("B", "")),
        (flow("b2"), thing("B", "")),
        (flow("x"), thing("X", "")),
    ]);
    let first = plan(&source, &destination, &[&flow("a")], options(Policy::Duplicate)).expect("a plan");
    let copies = destination.apply(&first, &source);
    let (source, destination) = (source.inventory(), destination.inventory());
    let rules = rules();
    let request = PlanRequest {
        source: &source,
        source_info: info("dev"),
        destination: &destination,
        destination_info: info("prod"),
        rules: &rules,
        picked: &[0, 1, 2],
        options: options(Policy::Duplicate),
        schemas: &SchemaComparison::default(),
    };
    let asked = matches(&request).expect("matches");
    let asked: BTreeSet<_> = asked.into_iter().map(|item| destination.item(item).key()).collect();
    let expected = [flow("a"), flow("b1"), flow("b2"), copies[0].clone()];
    assert_eq!(asked, expected.into_iter().collect());
}

#[test]
fn changed_follows_references_through_the_matches() {
    let source =
        World::of([(flow("a"), thing("A", "same").by_id(&connection("c"))), (connection("c"), thing("C", "same"))]);
    let to = |id: &str| {
        World::of([
            (flow("a"), thing("A", "same").by_id(&connection(id))),
            (connection("theirs"), thing("C", "same")),
            (connection("other"), thing("Other", "same")),
        ])
    };
    let same = plan(&source, &to("theirs"), &[], options(Policy::Overwrite)).expect("a plan");
    assert_eq!(item(&same, &flow("a")).reason, Reason::Identical);
    assert_eq!(item(&same, &connection("c")).match_, MatchMethod::Name);
    let moved = plan(&source, &to("other"), &[], options(Policy::Overwrite)).expect("a plan");
    assert_eq!(item(&moved, &flow("a")).changed, Some(true));
}

#[test]
fn copies_take_the_first_free_name_and_a_second_run_finds_them() {
    let source = World::of([(flow("a"), thing("N", "1").by_id(&flow("b"))), (flow("b"), thing("N (imported)", "2"))]);
    let mut destination = World::of([
        (flow("a"), thing("N", "1").by_id(&flow("b"))),
        (flow("b"), thing("N (imported)", "2")),
        (flow("x"), thing("N (imported 2)", "3")),
    ]);
    let first = plan(&source, &destination, &[], options(Policy::Duplicate)).expect("a plan");
    assert_eq!(item(&first, &flow("a")).new_name.as_deref(), Some("N (imported 3)"));
    assert_eq!(item(&first, &flow("b")).new_name.as_deref(), Some("N (imported) (imported)"));
    assert_eq!(item(&first, &flow("a")).changed, Some(false), "compared with the original");
    destination.apply(&first, &source);
    let again = plan(&source, &destination, &[], options(Policy::Duplicate)).expect("a plan");
    assert_eq!(again.written().count(), 0);
    let a = item(&again, &flow("a"));
    assert_eq!(
        (a.reason, a.matched.as_ref().map(|m| &m.id)),
        (Reason::AlreadyDuplicated, item(&first, &flow("a")).new_id.as_ref())
    );
    let refused: Vec<_> =
        planner::legal(a, &rules()).into_iter().filter(|(_, legal)| legal.is_err()).map(|(d, _)| d).collect();
    assert_eq!(refused, [Decision::Create, Decision::Overwrite, Decision::Duplicate]);
}

#[test]
fn the_id_of_a_copy_depends_on_item_and_destination_alone() {
    let source = World::of([(flow("a"), thing("N", "1"))]);
    let destination = World::of([(flow("a"), thing("N", "1"))]);
    let id = |name: &str| {
        let (source, destination) = (source.inventory(), destination.inventory());
        let plan = planner::plan(PlanRequest {
            source: &source,
            source_info: info("dev"),
            destination: &destination,
            destination_info: info(name),
            rules: &rules(),
            picked: &[0],
            options: options(Policy::Duplicate),
            schemas: &SchemaComparison::default(),
        });
        item(&plan.expect("a plan"), &flow("a")).new_id.clone().expect("a copy")
    };
    assert_ne!(id("prod"), id("stage"));
    // Written down, because ids of earlier copies must be found for ever.
    assert_eq!(&*id("prod"), "23205409-2f7d-51cb-a38c-c66b0b6bb38b");
}

#[test]
fn a_source_that_holds_the_copy_too_gets_another_id_for_the_new_one() {
    let original = World::of([(flow("a"), thing("N", "1"))]);
    let mut source = original.clone();
    let copy = plan(&original, &original, &[], options(Policy::Duplicate)).expect("a plan");
    source.apply(&copy, &original);
    let mut destination = original.clone();
    let plan = plan(&source, &destination, &[], options(Policy::Duplicate)).expect("a plan");
    assert_eq!(plan.written().count(), 2);
    assert_eq!(destination.apply(&plan, &source).into_iter().collect::<BTreeSet<_>>().len(), 2);
}

#[test]
fn a_map_points_references_elsewhere() {
    let source = World::of([(flow("a"), thing("A", "1").by_id(&connection("c"))), (connection("c"), thing("C", "1"))]);
    let mut destination = World::of([(connection("theirs"), thing("Other", "1"))]);
    let mut mapped = options(Policy::Overwrite);
    mapped.map.insert(connection("c"), "theirs".to_owned());
    let plan = plan(&source, &destination, &[], mapped).expect("a plan");
    let c = item(&plan, &connection("c"));
    assert_eq!((c.decision, c.reason, c.destination_id()), (Decision::Skip, Reason::Mapped, Some("theirs")));
    destination.apply(&plan, &source);
    assert_eq!(destination.things[&flow("a")], thing("A", "1").by_id(&connection("theirs")));
}

#[test]
fn a_map_says_which_of_several_namesakes_is_overwritten() {
    let source = World::of([(flow("a"), thing("A", "1"))]);
    let destination = World::of([(flow("x"), thing("A", "1")), (flow("y"), thing("A", "2"))]);
    let mut decided = options(Policy::Skip);
    decided.decisions.insert(flow("a"), Decision::Overwrite);
    let error = plan(&source, &destination, &[], decided.clone()).expect_err("not clear which");
    assert!(error.message().contains("--map"), "{error}");
    decided.map.insert(flow("a"), "y".to_owned());
    let plan = plan(&source, &destination, &[], decided).expect("a plan");
    let a = item(&plan, &flow("a"));
    assert_eq!((a.decision, a.match_, a.destination_id()), (Decision::Overwrite, MatchMethod::Name, Some("y")));
    assert_eq!(plan.blocking().count(), 0);
}

#[test]
fn a_map_is_refused_where_it_cannot_work() {
    let source = World::of([(flow("a"), thing("A", "1").by_name(Kind::Secret, "S")), (secret("s"), thing("S", ""))]);
    let destination = World::of([
        (flow("abcdef"), thing("X", "1")),
        (connection("c"), thing("C", "")),
        (secret("t"), thing("T", "")),
    ]);
    for (key, id, kind, says) in [
        (flow("a"), "abcdeg", ErrorKind::UnknownItem, "the destination has no flow of that id"),
        (flow("a"), "c", ErrorKind::UnknownItem, "connection:c: that is no flow"),
        (secret("s"), "t", ErrorKind::Usage, "referred to by its name"),
        (flow("zz"), "c", ErrorKind::UnknownItem, "the source has no such item"),
    ] {
        let mut mapped = options(Policy::Skip);
        mapped.map.insert(key, id.to_owned());
        let error = plan(&source, &destination, &[], mapped).expect_err("refused");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(says), "{error}");
    }
    let mut mapped = options(Policy::Skip);
    mapped.map.insert(flow("a"), "abcdeg".to_owned());
    let error = plan(&source, &destination, &[], mapped.clone()).expect_err("refused");
    assert_eq!(error.hint_text(), Some("did you mean `abcdef`?"));
    mapped.map.insert(flow("a"), "abcdef".to_owned());
    mapped.decisions.insert(flow("a"), Decision::Overwrite);
    let error = plan(&source, &destination, &[], mapped).expect_err("an unrelated item is not overwritten");
    assert!(error.message().contains("neither its id nor its name"), "{error}");
}

#[test]
fn several_items_of_the_source_never_write_one_of_the_destination() {
    let source = World::of([(flow("a"), thing("N", "1")), (flow("b"), thing("N", "2"))]);
    let by_name = World::of([(flow("x"), thing("N", "3"))]);
    let doubtful = plan(&source, &by_name, &[], options(Policy::Overwrite)).expect("a plan");
    assert_eq!(doubtful.written().count(), 0);
    assert_eq!(codes(&doubtful, &flow("a")), [code::DUPLICATE_NAME]);
    assert_eq!(codes(&doubtful, &flow("b")), [code::DUPLICATE_NAME]);
    assert_eq!(doubtful.blocking().count(), 2);

    let by_id = World::of([(flow("a"), thing("N", "3"))]);
    let clear = plan(&source, &by_id, &[], options(Policy::Overwrite)).expect("a plan");
    assert_eq!(item(&clear, &flow("a")).decision, Decision::Overwrite);
    assert_eq!(
        (item(&clear, &flow("b")).reason, codes(&clear, &flow("b"))),
        (Reason::Ambiguous, vec![code::AMBIGUOUS])
    );

    let mut both = options(Policy::Overwrite);
    both.map.insert(flow("b"), "a".to_owned());
    both.decisions.insert(flow("b"), Decision::Overwrite);
    let error = plan(&source, &by_id, &[], both).expect_err("two writes to one item");
    assert_eq!((error.kind(), error.item_keys()), (ErrorKind::Usage, &[flow("a"), flow("b")][..]));
}

#[test]
fn a_deleted_item_that_the_plan_brings_back_is_a_namesake() {
    let source =
        World::of([(flow("a"), thing("N", "1").by_id(&flow("left out"))), (flow("left out"), thing("N", "2"))]);
    let mut deleted = thing("N", "1");
    deleted.facts.deleted = true;
    let mut destination = World::of([(flow("a"), deleted), (flow("x"), thing("N", "3"))]);
    let none = with_dependencies(Policy::Overwrite, Some(DependencyMode::None));
    let first = plan(&source, &destination, &[&flow("a")], none.clone()).expect("a plan");
    assert_eq!(item(&first, &flow("a")).decision, Decision::Overwrite);
    assert_eq!(item(&first, &flow("left out")).matched, None);
    assert_eq!(item(&first, &flow("left out")).candidates.len(), 2);

    destination.apply(&first, &source);
    let again = plan(&source, &destination, &[&flow("a")], none).expect("a plan");
    assert_eq!(item(&again, &flow("left out")).candidates.len(), 2);
    assert_eq!(again.written().count(), 0);
}

#[test]
fn decisions_on_what_is_not_planned_are_all_reported_at_once() {
    let source = World::of([(flow("a"), thing("A", "1")), (flow("abcdef"), thing("B", "1"))]);
    let mut decided = options(Policy::Skip);
    decided.decisions.insert(flow("abcdef"), Decision::Skip);
    decided.decisions.insert(flow("abcdeg"), Decision::Skip);
    decided.decisions.insert(flow("a"), Decision::Overwrite);
    let error = plan(&source, &World::default(), &[&flow("a")], decided).expect_err("three are wrong");
    assert_eq!((error.kind(), error.item_keys().len()), (ErrorKind::UnknownItem, 3));
    assert_eq!(
        error.message(),
        "flow:a cannot be `overwrite`: nothing at the destination matches it; --decide flow:abcdef: the item is not \
         part of this plan; --decide flow:abcdeg: the source has no such item"
    );
    assert_eq!(error.hint_text(), Some("did you mean `abcdef`?; pick it, or leave the option out"));
}

#[test]
fn references_are_kept_left_out_or_dangling() {
    let source = World::of([
        (
            flow("a"),
            thing("A", "")
                .by_id(&flow("kept"))
                .by_id(&flow("gone"))
                .by_name(Kind::Secret, "KEPT")
                .by_name(Kind::Secret, "GONE"),
        ),
        (flow("same"), thing("Same", "").by_id(&flow("gone"))),
    ]);
    let destination = World::of([
        (flow("kept"), thing("K", "")),
        (secret("k"), thing("KEPT", "")),
        (flow("same"), thing("Same", "").by_id(&flow("gone"))),
    ]);
    let plan = plan(&source, &destination, &[], options(Policy::Skip)).expect("a plan");
    let said: Vec<_> = plan.findings.iter().map(|f| (f.severity, f.code.as_str(), f.message.as_str())).collect();
    assert_eq!(
        said,
        [
            (Severity::Warning, code::DANGLING_REFERENCE, "refers to flow:gone, which neither location has"),
            (
                Severity::Warning,
                code::DANGLING_REFERENCE,
                "refers to the secret named `GONE`, which neither location has"
            ),
            (Severity::Info, code::DANGLING_REFERENCE, "refers to flow:gone, which neither location has"),
        ]
    );
}

#[test]
fn what_was_deleted_is_no_target_and_no_dependency() {
    let deleted = Facts { deleted: true, ..Facts::default() };
    let mut source = World::of([
        (flow("a"), thing("A", "").by_id(&flow("d"))),
        (flow("d"), thing("D", "")),
        (flow("e"), thing("E", "")),
    ]);
    source.things.get_mut(&flow("d")).expect("there").facts = deleted;
    let mut destination =
        World::of([(flow("d"), thing("D", "")), (flow("e"), thing("E", "")), (flow("f"), thing("A", ""))]);
    for thing in destination.things.values_mut() {
        thing.facts = deleted;
    }
    let plan = plan(&source, &destination, &[], options(Policy::Overwrite)).expect("a plan");
    assert_eq!(plan.items.len(), 2);
    assert_eq!(
        (item(&plan, &flow("a")).decision, codes(&plan, &flow("a"))),
        (Decision::Create, vec![code::DANGLING_REFERENCE])
    );
    assert_eq!(
        (item(&plan, &flow("e")).decision, codes(&plan, &flow("e"))),
        (Decision::Overwrite, vec![code::DELETED_AT_DESTINATION])
    );
}

#[test]
fn what_would_be_overwritten_is_looked_at_closely() {
    let facts = |updated, locked| Facts { updated: Some(updated), locked, ..Facts::default() };
    let mut source = World::of([
        (flow("a"), thing("New name", "1")),
        (flow("b"), thing("B", "1")),
        (connection("c"), thing("C", "1")),
    ]);
    let mut destination = World::of([
        (flow("a"), thing("Old name", "1")),
        (flow("b"), thing("B", "1")),
        (connection("d"), thing("C", "2")),
    ]);
    source.things.get_mut(&flow("a")).expect("there").needs = vec!["plugin:x".to_owned(), "plugin:y".to_owned()];
    for key in [flow("a"), flow("b")] {
        source.things.get_mut(&key).expect("there").facts = facts(1, false);
        destination.things.get_mut(&key).expect("there").facts = facts(2, true);
    }
    source.tenant = Some("one".to_owned());
    destination.tenant = Some("two".to_owned());
    destination.provides = Some(["plugin:x".to_owned()].into());
    source.findings = vec![
        Finding::warning(code::PLAINTEXT_CREDENTIAL, "of a").on(&flow("a")),
        Finding::warning(code::PLAINTEXT_CREDENTIAL, "of b").on(&flow("b")),
        Finding::warning(code::PARTIAL_VIEW, "of all"),
    ];
    let picked = [&flow("a"), &flow("b"), &connection("c")];
    let plan = plan(&source, &destination, &picked, options(Policy::Overwrite)).expect("a plan");
    let said: Vec<_> =
        plan.findings.iter().map(|f| (f.code.as_str(), f.item.as_ref().map(ItemKey::to_string))).collect();
    let on = |key: &ItemKey| Some(key.to_string());
    let a = flow("a");
    assert_eq!(
        said,
        [
            (code::DESTINATION_NEWER, on(&a)),
            (code::LOCKED, on(&a)),
            (code::MISSING_REQUIREMENT, on(&a)),
            (code::NAME_MATCH, on(&connection("c"))),
            (code::PARTIAL_VIEW, None),
            (code::PLAINTEXT_CREDENTIAL, on(&a)),
            (code::RENAMED_AT_DESTINATION, on(&a)),
            (code::TENANT_DIFFERS, None),
        ]
    );
    let effect = |effect, kind| Effect { effect, kind, type_: None, count: 1 };
    assert_eq!(
        plan.effects,
        [effect(EffectKind::Rename, Kind::Flow), effect(EffectKind::CannotUndo, Kind::Connection)]
    );
}

#[test]
fn created_secrets_lack_a_value_and_are_counted() {
    let source = World::of([
        (flow("a"), thing("A", "").by_name(Kind::Secret, "S").by_name(Kind::Secret, "T")),
        (secret("s"), thing("S", "")),
        (secret("t"), thing("T", "")),
    ]);
    let mut destination = World::of([(secret("t"), thing("T", "old"))]);
    destination.things.get_mut(&secret("t")).expect("there").facts.without_value = true;
    let plan = plan(&source, &destination, &[], options(Policy::Overwrite)).expect("a plan");
    assert_eq!(codes(&plan, &secret("s")), [code::SECRET_WITHOUT_VALUE]);
    assert_eq!(codes(&plan, &secret("t")), [code::SECRET_WITHOUT_VALUE]);
    assert_eq!(plan.effects, [Effect { effect: EffectKind::WithoutValue, kind: Kind::Secret, type_: None, count: 1 }]);
}

#[test]
fn only_what_a_plan_rests_on_makes_it_stale() {
    let source =
        World::of([(flow("a"), thing("A", "1").by_id(&flow("b"))), (flow("b"), thing("B", "1").by_id(&flow("kept")))]);
    let destination =
        World::of([(flow("a"), thing("A", "old")), (flow("kept"), thing("K", "")), (flow("x"), thing("X", ""))]);
    let make = |source: &World, destination: &World| {
        plan(source, destination, &[&flow("a")], options(Policy::Overwrite)).expect("a plan")
    };
    let saved = make(&source, &destination);
    assert_eq!(stale(&saved, &make(&source, &destination)), []);

    let changed = |world: &World, change: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        change(&mut world);
        world
    };
    let elsewhere = changed(&destination, &|world| world.things.get_mut(&flow("x")).expect("there").text.push('!'));
    assert_eq!(stale(&saved, &make(&source, &elsewhere)), []);
    let at_source = changed(&source, &|world| world.things.get_mut(&flow("b")).expect("there").text.push('!'));
    assert_eq!(stale(&saved, &make(&at_source, &destination)), [flow("b")]);
    let at_destination =
        changed(&destination, &|world| world.things.get_mut(&flow("a")).expect("there").text.push('!'));
    assert_eq!(stale(&saved, &make(&source, &at_destination)), [flow("a")]);
    let appeared = changed(&destination, &|world| drop(world.things.insert(flow("b"), thing("B", "2"))));
    assert_eq!(stale(&saved, &make(&source, &appeared)), [flow("b")]);
    let gone = changed(&destination, &|world| drop(world.things.remove(&flow("kept"))));
    assert_eq!(stale(&saved, &make(&source, &gone)), [flow("b")]);
    let needed = changed(&source, &|world| {
        world.things.insert(flow("n"), thing("N", ""));
        let b = world.things.get_mut(&flow("b")).expect("there");
        *b = b.clone().by_id(&flow("n"));
    });
    assert_eq!(stale(&saved, &make(&needed, &destination)), [flow("b"), flow("n")]);
}

#[test]
fn a_saved_plan_is_not_stale_for_its_edits() {
    let source = World::of([(flow("a"), thing("A", "1")), (flow("b"), thing("B", "1"))]);
    let destination = World::of([(flow("a"), thing("A", "old")), (flow("b"), thing("B", "old"))]);
    let saved = plan(&source, &destination, &[], options(Policy::Overwrite)).expect("a plan");
    let mut edited = options(Policy::Overwrite);
    edited.decisions.insert(flow("a"), Decision::Duplicate);
    edited.decisions.insert(flow("b"), Decision::Skip);
    let now = plan(&source, &destination, &[], edited).expect("a plan");
    assert_eq!(stale(&saved, &now), []);
}
