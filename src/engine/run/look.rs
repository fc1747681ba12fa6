//! Looks at the destination itself: whether items hold what was to be written, are as the plan saw them, or neither.
//! Must not know: journals, or what follows from what it sees.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Run;
use crate::model::{
    Decision, Finding, Inventory, ItemIndex, ItemKey, ItemOutcome, ItemRef, Kind, MatchMethod, Plan, PlanItem, Result,
    Rules, code,
};
use crate::planner;

/// How an item that has no result stands at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds what was to be written; with the id that it got, where that is not the planned one.
    Written { new_id: Option<String> },
    /// It is as the plan saw it.
    Untouched,
    /// Neither: somebody else changed it.
    Changed,
}

/// The destination, with these items of the plan examined.
pub(super) struct Sight<'a> {
    run: &'a Run,
    plan: &'a Plan,
    inventory: Inventory,
    /// Items that were to be created, are not found under their id, but of whose name there is one.
    namesakes: HashMap<ItemKey, ItemIndex>,
}

impl<'a> Sight<'a> {
    pub async fn of(run: &'a Run, items: impl Iterator<Item = &PlanItem>) -> Result<Self> {
        let inventory = run.destination.list().await?;
        let mut sight = Sight { run, plan: run.plan_so_far(), inventory, namesakes: HashMap::new() };
        let keys: Vec<&ItemKey> = items.map(|item| &item.key).collect();
        sight.namesakes = namesakes(&sight, &keys, run.destination.rules());
        let there = keys.iter().filter_map(|key| sight.there(run.item(key)?)).map(|item| item.index());
        let found: Vec<ItemIndex> = there.chain(sight.namesakes.values().copied()).collect();
        run.destination.examine(&mut sight.inventory, &found).await?;
        Ok(sight)
    }

    /// Whether a replace was carried out: all that it brings (`ours`) is there, and nothing else of its types. Until then none of it
    /// is: it counts as a whole.
    pub fn is_replaced(&self, ours: &Inventory) -> bool {
        self.run.plan.written().all(|item| self.holds(item, ours.find(&item.key)))
            && self.plan.left_over(&self.inventory).is_empty()
    }

    /// Items that a replace should have deleted.
    pub fn left_over(&self) -> Vec<ItemKey> {
        self.plan.left_over(&self.inventory).into_iter().map(|item| self.inventory.item(item).key()).collect()
    }

    /// The item at the destination; one that is only remembered as deleted is not there.
    fn there(&self, item: &PlanItem) -> Option<ItemRef<'_>> {
        let key = item.key.with_id(item.destination_id()?);
        self.inventory.find(&key).filter(|there| !there.facts().deleted)
    }

    /// How an item stands. `ours` is what was to be written. `in_doubt`: its writing was begun, so that it may well be ours.
    pub fn standing(&self, item: &PlanItem, ours: Option<ItemRef<'_>>, in_doubt: bool) -> Standing {
        let written = Standing::Written { new_id: None };
        match () {
            // Overwriting with the same content leaves no trace; where that may have happened, it need not be again.
            () if in_doubt && self.holds(item, ours) => written,
            () if self.is_untouched(item) => Standing::Untouched,
            () if self.holds(item, ours) => written,
            () => match self.namesakes.get(&item.key).map(|&namesake| self.inventory.item(namesake)) {
                // A server that gives ids of its own: what has the content and the name is what we asked for.
                Some(namesake) if in_doubt && self.agrees(item, ours, namesake) => {
                    Standing::Written { new_id: Some(namesake.id().to_owned()) }
                }
                _ => Standing::Changed,
            },
        }
    }

    fn is_untouched(&self, item: &PlanItem) -> bool {
        match (item.decision, self.there(item)) {
            (Decision::Overwrite, Some(there)) => {
                there.digests().map(|digests| digests.exact) == item.destination.map(|digests| digests.exact)
            }
            (Decision::Overwrite, None) => false,
            (_, there) => there.is_none() && !self.namesakes.contains_key(&item.key),
        }
    }

    /// Whether the destination holds what was to be written for this item.
    pub fn holds(&self, item: &PlanItem, ours: Option<ItemRef<'_>>) -> bool {
        self.there(item).is_some_and(|there| self.agrees(item, ours, there))
    }

    fn agrees(&self, item: &PlanItem, ours: Option<ItemRef<'_>>, there: ItemRef<'_>) -> bool {
        let Some(ours) = ours else { return false };
        match item.decision {
            // A copy has another name than its original, and so another digest; its id was made for it alone.
            Decision::Duplicate => item.new_name.as_deref().is_none_or(|name| name == there.name()),
            _ => match self.run.ledger.see(|history| history.partial.get(&item.key).copied()) {
                Some(written) => planner::holds_in_part(ours, there, |key| self.found_at(key), written),
                None => planner::holds(ours, there, |key| self.found_at(key)),
            },
        }
    }

    /// The id under which an item of the source is found after the run.
    fn found_at(&self, key: &ItemKey) -> Option<&str> {
        self.run.item(key)?.destination_id()
    }
}

/// For new items that are not there under their id: the item that has the name which was free when the plan was made.
/// Items that others of the plan are found at are not it.
fn namesakes(sight: &Sight<'_>, keys: &[&ItemKey], rules: &Rules) -> HashMap<ItemKey, ItemIndex> {
    let is_new = |item: &&PlanItem| matches!(item.decision, Decision::Create | Decision::Duplicate);
    let by_name =
        |item: &&PlanItem| rules.of(item.key.kind).is_some_and(|rules| rules.matching.contains(&MatchMethod::Name));
    let missing = keys.iter().filter_map(|key| sight.run.item(key));
    let missing: Vec<_> = missing.filter(is_new).filter(by_name).filter(|item| sight.there(item).is_none()).collect();
    if missing.is_empty() {
        return HashMap::new();
    }
    let taken: BTreeSet<ItemIndex> =
        sight.plan.items.iter().filter_map(|item| sight.there(item)).map(|there| there.index()).collect();
    let mut named: BTreeMap<(Kind, Option<&str>, &str), ItemIndex> = BTreeMap::new();
    for there in sight.inventory.items().filter(|there| !there.facts().deleted && !taken.contains(&there.index())) {
        named.insert((there.kind(), there.type_(), there.name()), there.index());
    }
    let name_of = |item: &'_ PlanItem| match item.decision {
        Decision::Duplicate => item.new_name.clone(),
        _ => Some(item.name.clone()),
    };
    let found = missing.into_iter().filter_map(|item| {
        let name = name_of(item).filter(|name| !name.is_empty())?;
        let namesake = named.get(&(item.key.kind, item.key.type_.as_deref(), &*name))?;
        Some((item.key.clone(), *namesake))
    });
    found.collect()
}

pub(super) fn done(item: &PlanItem, new_id: Option<String>) -> ItemOutcome {
    ItemOutcome { item: item.key.clone(), new_id, error: None }
}

/// An item that somebody else changed is left alone.
pub(super) fn changed(item: &PlanItem) -> (ItemOutcome, Finding) {
    let error = "the destination's item changed after the plan was made; it was not written".to_owned();
    let finding = Finding::warning(code::CHANGED_SINCE_PLAN, format!("{}: {error}", item.name)).on(&item.key);
    (ItemOutcome { item: item.key.clone(), new_id: None, error: Some(error) }, finding)
}
