//! Kind × match × policy × role: the whole table of decisions, and of what is legal.

use haul::model::{Decision, DependencyMode, ErrorKind, ItemKey, Kind, MatchMethod, Plan, Policy, Reason, Role};
use haul::planner::legal;
use rstest::rstest;

use crate::world::{NO_COPY, Thing, World, flow, item, options, plan, rules, thing, with_dependencies};

/// How the item under test is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Missing,
    ById,
    ByName,
    Identical,
    Namesakes,
    IdAndName,
}

const CASES: [Case; 6] = [Case::Missing, Case::ById, Case::ByName, Case::Identical, Case::Namesakes, Case::IdAndName];

fn worlds(kind: Kind, case: Case, role: Role) -> (World, World, ItemKey) {
    let key = ItemKey::new(kind, "it");
    let mut source = World::of([(key.clone(), thing("NAME", "new"))]);
    if role == Role::Dependency {
        let user = thing("user", "x");
        let user: Thing = if kind == Kind::Secret { user.by_name(kind, "NAME") } else { user.by_id(&key) };
        source.things.insert(flow("user"), user);
    }
    let there = |id: &str, name: &str, text: &str| (ItemKey::new(kind, id), thing(name, text));
    let destination = World::of(match case {
        Case::Missing => vec![],
        Case::ById => vec![there("it", "NAME", "old")],
        Case::ByName => vec![there("other", "NAME", "old")],
        Case::Identical => vec![there("it", "NAME", "new")],
        Case::Namesakes => vec![there("one", "NAME", "old"), there("two", "NAME", "old")],
        Case::IdAndName => vec![there("it", "ELSE", "old"), there("two", "NAME", "old")],
    });
    (source, destination, key)
}

fn planned(kind: Kind, case: Case, role: Role, policy: Policy, mode: Option<DependencyMode>) -> (Plan, ItemKey) {
    let (source, destination, key) = worlds(kind, case, role);
    let picked = if role == Role::Picked { key.clone() } else { flow("user") };
    (plan(&source, &destination, &[&picked], with_dependencies(policy, mode)).expect("a plan"), key)
}

fn by_policy(kind: Kind, case: Case, policy: Policy, role: Role) -> (Decision, Reason) {
    match (case, policy) {
        (_, Policy::Duplicate) if kind == Kind::Secret && role == Role::Picked => {
            (Decision::Skip, Reason::CannotDuplicate)
        }
        (_, Policy::Duplicate) if kind == Kind::Secret => (Decision::Skip, Reason::Kept),
        (Case::Identical, Policy::Skip | Policy::Overwrite) => (Decision::Skip, Reason::Identical),
        (_, policy) => (policy.into(), Reason::Policy),
    }
}

fn expected(kind: Kind, case: Case, policy: Policy, role: Role, mode: Option<DependencyMode>) -> (Decision, Reason) {
    use DependencyMode as Mode;
    let follows = match (role, kind, mode) {
        (Role::Picked, ..) => true,
        (Role::Dependency, _, Some(Mode::None)) => return (Decision::Skip, Reason::NotIncluded),
        (Role::Dependency, Kind::Secret, _) => false,
        (Role::Dependency, _, Some(Mode::Policy)) => true,
        (Role::Dependency, Kind::Connection, None) => true,
        _ => false,
    };
    match case {
        Case::Missing => (Decision::Create, Reason::Missing),
        Case::Namesakes | Case::IdAndName => (Decision::Skip, Reason::Ambiguous),
        _ if follows => by_policy(kind, case, policy, role),
        _ => (Decision::Skip, Reason::Kept),
    }
}

#[rstest]
fn every_cell_of_the_table_has_its_decision(
    #[values(Kind::Flow, Kind::Connection, Kind::Secret)] kind: Kind,
    #[values(Role::Picked, Role::Dependency)] role: Role,
) {
    let modes = [None, Some(DependencyMode::Create), Some(DependencyMode::Policy), Some(DependencyMode::None)];
    for case in CASES {
        for policy in [Policy::Skip, Policy::Overwrite, Policy::Duplicate] {
            for mode in modes {
                let (plan, key) = planned(kind, case, role, policy, mode);
                let it = item(&plan, &key);
                let cell = format!("{kind} {case:?} {role} {policy} {mode:?}");
                assert_eq!((it.decision, it.reason), expected(kind, case, policy, role, mode), "{cell}");
                assert_eq!(it.role, role, "{cell}");
                assert_eq!(plan.blocking().count() > 0, it.reason == Reason::Ambiguous, "{cell}");
                assert_eq!(
                    !it.candidates.is_empty(),
                    matches!(case, Case::Namesakes) || it.reason == Reason::Ambiguous
                );
            }
        }
    }
}

#[rstest]
#[case(Case::Missing, MatchMethod::Unmatched, None, None)]
#[case(Case::ById, MatchMethod::Uuid, Some("it"), Some(true))]
#[case(Case::ByName, MatchMethod::Name, Some("other"), Some(true))]
#[case(Case::Identical, MatchMethod::Uuid, Some("it"), Some(false))]
#[case(Case::Namesakes, MatchMethod::Name, None, None)]
#[case(Case::IdAndName, MatchMethod::Uuid, Some("it"), Some(true))]
fn a_match_is_told_with_its_method(
    #[case] case: Case,
    #[case] method: MatchMethod,
    #[case] matched: Option<&str>,
    #[case] changed: Option<bool>,
) {
    let (plan, key) = planned(Kind::Flow, case, Role::Picked, Policy::Overwrite, None);
    let it = item(&plan, &key);
    assert_eq!((it.match_, it.matched.as_ref().map(|m| &*m.id), it.changed), (method, matched, changed));
    assert_eq!(it.destination.is_some(), matched.is_some());
}

fn is_legal(kind: Kind, case: Case, decision: Decision) -> bool {
    match decision {
        Decision::Skip => true,
        Decision::Create => case == Case::Missing,
        Decision::Overwrite => !matches!(case, Case::Missing | Case::Namesakes),
        Decision::Duplicate => case != Case::Missing && kind != Kind::Secret,
    }
}

#[rstest]
fn a_decision_is_taken_when_legal_and_refused_with_a_reason_when_not(
    #[values(Kind::Flow, Kind::Connection, Kind::Secret)] kind: Kind,
    #[values(Role::Picked, Role::Dependency)] role: Role,
) {
    for case in CASES {
        for &decision in Decision::ALL {
            let (source, destination, key) = worlds(kind, case, role);
            let picked = if role == Role::Picked { key.clone() } else { flow("user") };
            let cell = format!("{kind} {case:?} {role} {decision}");
            let mut decided = options(Policy::Skip);
            let before = plan(&source, &destination, &[&picked], decided.clone()).expect("a plan");
            let told = legal(item(&before, &key), &rules());
            let told = told.into_iter().find(|(other, _)| *other == decision).expect("every decision is told").1;
            assert_eq!(told.is_ok(), is_legal(kind, case, decision), "{cell}");
            decided.decisions.insert(key.clone(), decision);
            match plan(&source, &destination, &[&picked], decided) {
                Ok(after) => {
                    assert!(is_legal(kind, case, decision), "{cell}");
                    let it = item(&after, &key);
                    assert_eq!((it.decision, it.reason), (decision, Reason::Override), "{cell}");
                    assert_eq!(after.blocking().count(), 0, "a decision resolves the doubt: {cell}");
                }
                Err(error) => {
                    assert!(!is_legal(kind, case, decision), "{cell}: {error}");
                    assert_eq!(error.kind(), ErrorKind::Usage);
                    assert_eq!(error.item_keys(), std::slice::from_ref(&key));
                    assert!(error.message().contains(&told.expect_err("refused alike")), "{cell}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_kind_that_cannot_be_duplicated_says_why() {
    let (source, destination, key) = worlds(Kind::Secret, Case::ById, Role::Picked);
    let mut decided = options(Policy::Skip);
    decided.decisions.insert(key.clone(), Decision::Duplicate);
    let error = plan(&source, &destination, &[&key], decided).expect_err("secrets have no copies");
    assert_eq!(error.message(), format!("secret:it cannot be `duplicate`: {NO_COPY}"));
}

#[test]
fn identical_items_are_rewritten_only_when_asked() {
    let (source, destination, key) = worlds(Kind::Flow, Case::Identical, Role::Picked);
    let mut rewriting = options(Policy::Overwrite);
    rewriting.rewrite_identical = true;
    let it = |options| {
        let plan = plan(&source, &destination, &[&key], options).expect("a plan");
        (item(&plan, &key).decision, item(&plan, &key).reason)
    };
    assert_eq!(it(rewriting), (Decision::Overwrite, Reason::Policy));
    assert_eq!(it(options(Policy::Overwrite)), (Decision::Skip, Reason::Identical));
    let mut skipping = options(Policy::Skip);
    skipping.rewrite_identical = true;
    assert_eq!(it(skipping).0, Decision::Skip);
    assert_eq!(it(options(Policy::Duplicate)), (Decision::Duplicate, Reason::Policy));
}
