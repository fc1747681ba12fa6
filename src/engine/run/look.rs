//! Looks at the destination itself: whether items hold what was to be written, are as the plan saw them, or neither.
//! Must not know: journals, or what follows from what it sees.

use std::collections::BTreeMap;

use super::Run;
use crate::engine::store::Spool;
use crate::model::{Decision, Finding, Inventory, ItemIndex, ItemKey, ItemOutcome, ItemRef, PlanItem, Result, code};
use crate::planner;

/// How an item that has no result stands at the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds what was to be written.
    Written,
    /// It is as the plan saw it.
    Untouched,
    /// Neither: somebody else changed it.
    Changed,
}

/// The destination, with these items of the plan examined.
pub(super) struct Sight<'a> {
    run: &'a Run,
    spool: &'a Spool,
    inventory: Inventory,
    destinations: BTreeMap<ItemKey, String>,
}

impl<'a> Sight<'a> {
    pub async fn of(run: &'a Run, spool: &'a Spool, items: &[&PlanItem]) -> Result<Self> {
        let mut inventory = run.destination.list().await?;
        let found = items.iter().filter_map(|item| inventory.find(&place_of(run, item)?));
        let indices: Vec<ItemIndex> = found.map(|item| item.index()).collect();
        run.destination.examine(&mut inventory, &indices).await?;
        Ok(Sight { run, spool, inventory, destinations: destinations(run) })
    }

    /// `in_doubt`: its writing was begun, so that it may well be ours.
    pub fn standing(&self, item: &PlanItem, in_doubt: bool) -> Standing {
        let there = self.there(item);
        let untouched = match (item.decision, there) {
            (Decision::Overwrite, Some(there)) => {
                there.digests().map(|digests| digests.exact) == item.destination.map(|digests| digests.exact)
            }
            (Decision::Overwrite, None) => false,
            (_, there) => there.is_none(),
        };
        let written = || self.holds(item);
        match () {
            // Overwriting with the same content leaves no trace; where that may have happened, it need not be again.
            () if in_doubt && written() => Standing::Written,
            () if untouched => Standing::Untouched,
            () if written() => Standing::Written,
            () => Standing::Changed,
        }
    }

    /// Whether the destination holds what was to be written for this item.
    pub fn holds(&self, item: &PlanItem) -> bool {
        let (Some(there), Some(ours)) = (self.there(item), self.spool.inventory.find(&item.key)) else { return false };
        match item.decision {
            // A copy has another name than its original, and so another digest; its id was made for it alone.
            Decision::Duplicate => item.new_name.as_deref().is_none_or(|name| name == there.name()),
            _ => {
                let destinations = self.destinations.iter().map(|(key, id)| (key, id.as_str())).collect();
                planner::holds(ours, there, &destinations)
            }
        }
    }

    /// The item at the destination; one that is only remembered as deleted is not there.
    fn there(&self, item: &PlanItem) -> Option<ItemRef<'_>> {
        let key = place_of(self.run, item)?;
        self.inventory.find(&key).filter(|there| !there.facts().deleted)
    }
}

/// Where the item is, or will be, at the destination.
fn place_of(run: &Run, item: &PlanItem) -> Option<ItemKey> {
    let given = run.ledger.see(|history| history.outcomes.get(&item.key).and_then(|outcome| outcome.new_id.clone()));
    Some(item.key.with_id(given.as_deref().or(item.destination_id())?))
}

/// [`crate::model::Plan::destinations`], with the ids that the destination gave.
fn destinations(run: &Run) -> BTreeMap<ItemKey, String> {
    let planned = run.plan.destinations();
    let mut ids: BTreeMap<ItemKey, String> =
        planned.into_iter().map(|(key, id)| (key.clone(), id.to_owned())).collect();
    run.ledger.see(|history| {
        for (key, outcome) in &history.outcomes {
            if let Some(id) = &outcome.new_id {
                ids.insert(key.clone(), id.clone());
            }
        }
    });
    ids
}

pub(super) fn done(item: &PlanItem) -> ItemOutcome {
    ItemOutcome { item: item.key.clone(), new_id: None, error: None }
}

/// An item that somebody else changed is left alone.
pub(super) fn changed(item: &PlanItem) -> (ItemOutcome, Finding) {
    let error = "the destination's item changed after the plan was made; it was not written".to_owned();
    let finding = Finding::warning(code::CHANGED_SINCE_PLAN, format!("{}: {error}", item.name)).on(&item.key);
    (ItemOutcome { item: item.key.clone(), new_id: None, error: Some(error) }, finding)
}
