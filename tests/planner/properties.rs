//! What holds of every plan, tried on thousands of small worlds in which everything overlaps.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use haul::model::{
    Decision, DependencyMode, Facts, ItemIndex, ItemKey, Kind, Plan, PlanOptions, Policy, Reason, Reference, Role,
    Selection, code,
};
use haul::planner::{holds, legal, resolve, selection_of, stale};
use proptest::prelude::*;

use crate::world::{Thing, World, plan_of, rules, thing, typed_rules, with_dependencies};

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![4 => Just(Kind::Flow), 2 => Just(Kind::Connection), 2 => Just(Kind::Secret)]
}

fn keys() -> impl Strategy<Value = ItemKey> {
    (kinds(), 0..5u8).prop_map(|(kind, id)| ItemKey::new(kind, format!("id-{id}")))
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![1 => Just(String::new()), 8 => (0..4u8).prop_map(|n| format!("N{n}")), 1 => Just("N0 (imported)".to_owned())]
}

fn references() -> impl Strategy<Value = Vec<Reference>> {
    let one = prop_oneof![
        3 => keys().prop_map(Reference::Id),
        1 => names().prop_map(|name| Reference::Name(Kind::Secret, name.into())),
    ];
    proptest::collection::btree_set(one, 0..4).prop_map(|set| set.into_iter().collect())
}

fn things() -> impl Strategy<Value = Thing> {
    let facts = (proptest::bool::weighted(0.05), proptest::option::of(0..3i64), any::<bool>());
    (names(), 0..2u8, references(), facts).prop_map(|(name, text, references, (deleted, updated, locked))| Thing {
        name,
        text: format!("text {text}"),
        references,
        facts: Facts { deleted, updated, locked, ..Facts::default() },
        ..Thing::default()
    })
}

fn worlds() -> impl Strategy<Value = World> {
    proptest::collection::btree_map(keys(), things(), 0..9).prop_map(World::of)
}

fn modes() -> impl Strategy<Value = Option<DependencyMode>> {
    prop_oneof![
        Just(None),
        Just(Some(DependencyMode::Create)),
        Just(Some(DependencyMode::Policy)),
        Just(Some(DependencyMode::None))
    ]
}

fn policies() -> impl Strategy<Value = Policy> {
    prop_oneof![Just(Policy::Skip), Just(Policy::Overwrite), Just(Policy::Duplicate)]
}

#[derive(Clone)]
struct Question {
    source: World,
    destination: World,
    picked: Vec<bool>,
    options: PlanOptions,
}

/// Short, because it is read when a property fails.
impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (side, world) in [("source", &self.source), ("destination", &self.destination)] {
            for (key, thing) in &world.things {
                let to: Vec<String> = thing
                    .references
                    .iter()
                    .map(|reference| match reference {
                        Reference::Id(key) => key.to_string(),
                        Reference::Name(kind, name) => format!("{kind} named {name}"),
                    })
                    .collect();
                let deleted = if thing.facts.deleted { ", deleted" } else { "" };
                write!(f, "\n{side}: {key} `{}` `{}`{deleted}, refers to {to:?}", thing.name, thing.text)?;
            }
        }
        let picked: Vec<_> = self.picked().iter().map(ItemKey::to_string).collect();
        let (policy, mode) = (self.options.policy, self.options.dependencies);
        write!(f, "\npicked {picked:?}, policy {policy}, dependencies {mode:?}, {:?}", self.options.decisions)
    }
}

fn questions() -> impl Strategy<Value = Question> {
    let options = (policies(), modes()).prop_map(|(policy, mode)| with_dependencies(policy, mode));
    (worlds(), worlds(), proptest::collection::vec(any::<bool>(), 9), options)
        .prop_map(|(source, destination, picked, options)| Question { source, destination, picked, options })
}

impl Question {
    fn picked(&self) -> Vec<ItemKey> {
        let alive = self.source.things.iter().filter(|(_, thing)| !thing.facts.deleted);
        alive.zip(&self.picked).filter(|(_, picked)| **picked).map(|((key, _), _)| key.clone()).collect()
    }

    fn answer(&self) -> Plan {
        self.answer_from(0).expect("without decisions there is always a plan")
    }

    fn answer_from(&self, turn: usize) -> haul::model::Result<Plan> {
        let (source, destination) = (self.source.inventory_from(turn), self.destination.inventory_from(turn / 2));
        let picked: Vec<ItemIndex> =
            self.picked().iter().map(|key| source.find(key).expect("it was picked").index()).collect();
        plan_of(&source, &destination, &picked, self.options.clone())
    }
}

/// A reference is accounted for when it is planned, kept at the destination, or a finding.
fn is_accounted_for(question: &Question, plan: &Plan, reference: &Reference) -> bool {
    let alive = |world: &World, key: &ItemKey| world.things.get(key).is_some_and(|thing| !thing.facts.deleted);
    match reference {
        Reference::Id(key) => {
            plan.item(key).is_some_and(|item| item.destination_id().is_some()) || alive(&question.destination, key)
        }
        Reference::Name(kind, name) => {
            let named = |world: &World| {
                world.things.iter().any(|(key, thing)| key.kind == *kind && *thing.name == **name && alive(world, key))
            };
            !name.is_empty()
                && (named(&question.destination)
                    || plan.written().any(|item| item.key.kind == *kind && item.name == *name))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_item_is_planned_twice_and_all_are_in_order(question in questions()) {
        let plan = question.answer();
        let keys: BTreeSet<_> = plan.items.iter().map(|item| &item.key).collect();
        prop_assert_eq!(keys.len(), plan.items.len());
        prop_assert!(plan.items.is_sorted_by_key(|item| (item.key.kind, &item.key.type_, &item.name, &item.key.id)));
        for key in question.picked() {
            prop_assert_eq!(plan.item(&key).map(|item| item.role), Some(Role::Picked));
        }
    }

    #[test]
    fn every_reference_is_planned_kept_or_a_finding(question in questions()) {
        let plan = question.answer();
        let told = |key: &ItemKey, code: &str| {
            plan.findings.iter().filter(|f| f.code == code && f.item.as_ref() == Some(key)).count()
        };
        for item in plan.written() {
            let references = &question.source.things[&item.key].references;
            let open = references.iter().filter(|reference| !is_accounted_for(&question, &plan, reference)).count();
            let told = told(&item.key, code::DANGLING_REFERENCE) + told(&item.key, code::LEFT_OUT_REFERENCE);
            prop_assert_eq!(told, open, "{}", item.key);
        }
    }

    #[test]
    fn every_reference_to_an_item_of_the_source_is_planned(question in questions()) {
        let plan = question.answer();
        for item in plan.items.iter().filter(|item| item.reason != Reason::NotIncluded) {
            for reference in &question.source.things[&item.key].references {
                if let Reference::Id(key) = reference
                    && question.source.things.get(key).is_some_and(|thing| !thing.facts.deleted)
                {
                    prop_assert!(plan.item(key).is_some(), "{} refers to {}", item.key, key);
                }
            }
        }
    }

    #[test]
    fn every_decision_is_legal_for_its_match(question in questions()) {
        let plan = question.answer();
        for item in &plan.items {
            let verdicts = legal(item, &rules());
            let verdict = verdicts.iter().find(|(decision, _)| *decision == item.decision);
            prop_assert!(verdict.is_some_and(|(_, verdict)| verdict.is_ok()), "{:?}", item);
            prop_assert_eq!(item.changed.is_some(), item.matched.is_some());
        }
    }

    #[test]
    fn no_two_items_are_written_to_one_place(question in questions()) {
        let plan = question.answer();
        let mut places = HashMap::new();
        for item in plan.written() {
            let place = (item.key.kind, item.key.type_.clone(), item.destination_id().map(str::to_owned));
            prop_assert!(place.2.is_some());
            if let Some(other) = places.insert(place, &item.key) {
                prop_assert!(false, "{} and {} are written to one place", other, item.key);
            }
        }
        question.destination.clone().apply(&plan, &question.source);
    }

    #[test]
    fn applying_a_plan_and_planning_again_changes_nothing(mut question in questions()) {
        if question.options.policy == Policy::Duplicate {
            question.options.policy = Policy::Overwrite;
        }
        let plan = question.answer();
        prop_assume!(plan.blocking().next().is_none());
        // Where a left-out item is at the destination can become clear only by the renaming that the plan does.
        prop_assume!(plan.items.iter().all(|item| item.candidates.is_empty()));
        question.destination.apply(&plan, &question.source);
        let again = question.answer();
        prop_assert_eq!(again.written().collect::<Vec<_>>(), Vec::<&haul::model::PlanItem>::new());
        for item in plan.written() {
            prop_assert_eq!(again.item(&item.key).and_then(|item| item.changed), Some(false));
        }
    }

    #[test]
    fn what_was_written_holds_what_the_source_says(mut question in questions()) {
        question.options.policy = Policy::Overwrite;
        let plan = question.answer();
        question.destination.apply(&plan, &question.source);
        let (source, destination) = (question.source.inventory(), question.destination.inventory());
        let destinations = plan.destinations();
        for item in plan.written() {
            let place = item.key.with_id(item.destination_id().expect("what is written has a place"));
            let (ours, theirs) = (source.find(&item.key).expect("ours"), destination.find(&place).expect("theirs"));
            prop_assert!(holds(ours, theirs, |key| destinations.get(key).copied()), "{}", item.key);
        }
    }

    #[test]
    fn a_second_duplicate_run_finds_its_own_copies(mut question in questions()) {
        question.options.policy = Policy::Duplicate;
        let first = question.answer();
        question.destination.apply(&first, &question.source);
        let again = question.answer();
        for item in first.items.iter().filter(|item| item.decision == Decision::Duplicate) {
            let now = again.item(&item.key).expect("it is planned again");
            prop_assert_eq!(now.reason, Reason::AlreadyDuplicated, "{}", item.key);
            prop_assert_eq!(now.destination_id(), item.new_id.as_deref());
        }
    }

    #[test]
    fn the_order_in_which_items_arrive_does_not_matter(question in questions(), turn in 0..20usize) {
        let (one, other) = (question.answer(), question.answer_from(turn).expect("a plan"));
        prop_assert_eq!(haul::planner::file::write(&one), haul::planner::file::write(&other));
        prop_assert_eq!(stale(&one, &other), vec![]);
    }

    #[test]
    fn decisions_are_done_or_refused_and_never_bent(mut question in questions(), choices in proptest::collection::vec(0..5usize, 9)) {
        let proposed = question.answer();
        for (item, choice) in proposed.items.iter().zip(choices).filter(|(_, choice)| *choice < 4) {
            question.options.decisions.insert(item.key.clone(), Decision::ALL[choice]);
        }
        match question.answer_from(0) {
            Ok(plan) => {
                for (key, decision) in &question.options.decisions {
                    let item = plan.item(key).expect("still planned");
                    prop_assert!(item.decision == *decision || item.reason == Reason::AlreadyDuplicated, "{}", key);
                }
                question.destination.clone().apply(&plan, &question.source);
            }
            Err(error) => prop_assert!(!error.item_keys().is_empty(), "{}", error),
        }
    }
}

/// Ids, types and tags that are easily mixed up.
fn taggeds() -> impl Strategy<Value = (ItemKey, Thing)> {
    let id = prop_oneof![Just("a"), Just("b"), Just("t/a"), Just("flow/a"), Just("object:a"), Just("-c")];
    let kind = prop_oneof![Just(Kind::Flow), Just(Kind::Connection), Just(Kind::Secret)];
    let tags = proptest::collection::btree_set(prop_oneof![Just("x"), Just("y"), Just("z")], 0..3);
    let type_ = proptest::option::weighted(0.4, prop_oneof![Just("t"), Just("flow"), Just("u")]);
    (kind, type_, id, tags, proptest::bool::weighted(0.1)).prop_map(|(kind, type_, id, tags, deleted)| {
        let key = ItemKey { kind, type_: type_.map(Into::into), id: id.into() };
        let tags: Vec<&str> = tags.into_iter().collect();
        let mut thing = thing(id, "").tagged(&tags);
        thing.facts.deleted = deleted;
        (key, thing)
    })
}

proptest! {
    #[test]
    fn a_selection_made_of_picked_items_picks_them_again(
        entries in proptest::collection::vec((taggeds(), any::<bool>()), 1..14),
    ) {
        let mut picks: BTreeMap<ItemKey, bool> = BTreeMap::new();
        let world = World::of(entries.iter().map(|((key, thing), pick)| {
            picks.insert(key.clone(), *pick && !thing.facts.deleted);
            (key.clone(), thing.clone())
        }));
        let inventory = world.inventory();
        let picked: Vec<ItemIndex> =
            inventory.items().filter(|item| picks[&item.key()]).map(|item| item.index()).collect();
        for rules in [rules(), typed_rules()] {
            match selection_of(&picked, &inventory, &rules) {
                Some(selection) => prop_assert_eq!(&resolve(&selection, &inventory, &rules).unwrap(), &picked),
                None => {
                    // Only where even the longest name of an item means another one too.
                    let named = |item: &ItemIndex| {
                        let item = inventory.item(*item);
                        let type_ = item.type_().unwrap_or(item.kind().as_str());
                        let text = format!("{}:{}/{}", item.kind(), type_, item.id());
                        resolve(&Selection { ids: vec![text], ..Selection::default() }, &inventory, &rules).is_ok()
                    };
                    prop_assert!(picked.is_empty() || !picked.iter().all(named));
                }
            }
        }
    }
}
