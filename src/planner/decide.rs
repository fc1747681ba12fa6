//! The decision for one item, and which decisions a match allows. A table, in code.
//! Must not know: inventories; whether something changed arrives later.

use super::matching::Found;
use crate::model::{
    Decision, DependencyMode, DependencyRule, Duplicable, KindRules, MatchMethod, PlanItem, PlanOptions, Policy,
    Reason, Role, Rules,
};

/// What rules an item: the policy, its being a dependency, or that dependencies were left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    Policy,
    CreateOrKeep,
    LeaveOut,
}

pub(super) fn treatment(role: Role, rule: DependencyRule, mode: Option<DependencyMode>) -> Treatment {
    use DependencyMode as Mode;
    use DependencyRule as Rule;
    match (role, rule, mode) {
        (Role::Picked, ..) => Treatment::Policy,
        (Role::Dependency, _, Some(Mode::None)) => Treatment::LeaveOut,
        (Role::Dependency, Rule::CreateOrKeep, _) => Treatment::CreateOrKeep,
        (Role::Dependency, _, Some(Mode::Policy)) => Treatment::Policy,
        (Role::Dependency, _, Some(Mode::Create)) => Treatment::CreateOrKeep,
        (Role::Dependency, Rule::PolicyUnlessGiven, None) => Treatment::Policy,
        (Role::Dependency, Rule::ByOption, None) => Treatment::CreateOrKeep,
    }
}

/// The decision where no person gave one. `Identical` is found out later.
pub(super) fn proposed(
    found: &Found,
    role: Role,
    treatment: Treatment,
    duplicable: Duplicable,
    options: &PlanOptions,
) -> (Decision, Reason) {
    match (treatment, found.method) {
        _ if found.mapped => (Decision::Skip, Reason::Mapped),
        (Treatment::LeaveOut, _) => (Decision::Skip, Reason::NotIncluded),
        _ if found.doubt.is_some() => (Decision::Skip, Reason::Ambiguous),
        (_, MatchMethod::Unmatched) => (Decision::Create, Reason::Missing),
        _ if found.shared => (Decision::Skip, Reason::Kept),
        (Treatment::CreateOrKeep, _) => (Decision::Skip, Reason::Kept),
        (Treatment::Policy, _) => match (options.policy, duplicable, role) {
            (Policy::Duplicate, Duplicable::No(_), Role::Picked) => (Decision::Skip, Reason::CannotDuplicate),
            (Policy::Duplicate, Duplicable::No(_), Role::Dependency) => (Decision::Skip, Reason::Kept),
            (policy, ..) => (policy.into(), Reason::Policy),
        },
    }
}

/// The decision that a person gave, or why it cannot be.
pub(super) fn overridden(
    found: &Found,
    decision: Decision,
    rules: &KindRules,
    only_one: bool,
) -> Result<(Decision, Reason), String> {
    let case = Case {
        only_one,
        method: found.method,
        is_there: found.hit.is_some(),
        unclear: found.doubt.is_some() && found.hit.is_none(),
        already_copied: false,
    };
    allowed(decision, case, Some(rules))?;
    match (decision, found.mapped) {
        (Decision::Skip, true) => Ok((decision, Reason::Mapped)),
        _ => Ok((decision, Reason::Override)),
    }
}

/// Every decision with whether it is legal for a planned item, and the reason where it is not.
pub fn legal(item: &PlanItem, rules: &Rules) -> Vec<(Decision, Result<(), String>)> {
    let kind = rules.of(item.key.kind);
    Decision::ALL.iter().map(|&decision| (decision, allowed(decision, Case::of(item), kind))).collect()
}

/// What of a match decides what is legal.
#[derive(Clone, Copy)]
pub(super) struct Case {
    method: MatchMethod,
    is_there: bool,
    /// There are candidates, and none is the match.
    unclear: bool,
    already_copied: bool,
    only_one: bool,
}

/// Why an item that is the only one of its type has no copies.
const ONLY_ONE: &str = "there is but one of its type, and a copy beside it would be nobody's";

/// What an item of a kind may be made into, if it is the `only_one` of its type or not.
pub(super) fn duplicable(rules: &KindRules, only_one: bool) -> Duplicable {
    if only_one { Duplicable::No(ONLY_ONE) } else { rules.duplicable }
}

impl Case {
    pub fn of(item: &PlanItem) -> Self {
        Case {
            method: item.match_,
            is_there: item.matched.is_some(),
            unclear: item.matched.is_none() && !item.candidates.is_empty(),
            already_copied: item.reason == Reason::AlreadyDuplicated,
            only_one: item.marks.only_one,
        }
    }
}

/// `rules` are left out where only the match is known.
pub(super) fn allowed(decision: Decision, case: Case, rules: Option<&KindRules>) -> Result<(), String> {
    let refused = |why: &str| Err(why.to_owned());
    let unmatched = case.method == MatchMethod::Unmatched;
    match decision {
        Decision::Skip => Ok(()),
        Decision::Create if unmatched && !case.is_there => Ok(()),
        Decision::Create if unmatched => refused("it is mapped to an item of the destination"),
        Decision::Create => refused("the destination has it already; only what is missing can be created"),
        _ if case.already_copied => refused("an earlier run made its copy; decide when planning, with --decide"),
        _ if unmatched && case.is_there => refused("it is mapped to an item that has neither its id nor its name"),
        _ if unmatched => refused("nothing at the destination matches it"),
        Decision::Overwrite if case.unclear => {
            refused("it is not clear which item of the destination is meant; say which with --map KEY=ID")
        }
        Decision::Overwrite => Ok(()),
        Decision::Duplicate if case.only_one => refused(ONLY_ONE),
        Decision::Duplicate => match rules.map(|rules| rules.duplicable) {
            Some(Duplicable::No(why)) => refused(why),
            Some(Duplicable::Yes | Duplicable::SameName) | None => Ok(()),
        },
    }
}
