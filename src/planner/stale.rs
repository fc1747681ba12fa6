//! Whether a saved plan still fits the locations.
//! Must not know: where plans are saved.

use std::collections::{BTreeSet, HashMap};

use arcstr::ArcStr;

use crate::model::{ItemKey, Plan, PlanItem, code};

/// The items for which what was reviewed is no longer what would happen: they changed on either side, are found
/// elsewhere, are gone, or are needed now and were not before. Decisions do not count: those a person edits.
pub fn stale(saved: &Plan, now: &Plan) -> Vec<ItemKey> {
    let mut stale: BTreeSet<&ItemKey> = BTreeSet::new();
    let mut left: HashMap<&ItemKey, &PlanItem> = saved.items.iter().map(|item| (&item.key, item)).collect();
    for item in &now.items {
        if !left.remove(&item.key).is_some_and(|before| is_as_before(before, item)) {
            stale.insert(&item.key);
        }
    }
    stale.extend(left.keys());
    // What a planned item refers to at the destination, and is no part of the plan, went away.
    let before: BTreeSet<_> = dangling(saved).collect();
    stale.extend(dangling(now).filter(|one| !before.contains(one)).map(|(key, _)| key));
    stale.into_iter().cloned().collect()
}

fn is_as_before(before: &PlanItem, now: &PlanItem) -> bool {
    let exact = |item: &PlanItem| (item.source.exact, item.destination.map(|digests| digests.exact));
    let copies = before.new_id.is_none() || now.new_id.is_none() || copy(before) == copy(now);
    let open = before.candidates.is_empty() || now.candidates.is_empty() || before.candidates == now.candidates;
    let ids = |item: &PlanItem| item.matched.as_ref().map(|matched| matched.id.clone());
    exact(before) == exact(now) && before.match_ == now.match_ && ids(before) == ids(now) && copies && open
}

fn copy(item: &PlanItem) -> (&Option<ArcStr>, &Option<ArcStr>) {
    (&item.new_id, &item.new_name)
}

fn dangling(plan: &Plan) -> impl Iterator<Item = (&ItemKey, &str)> {
    let findings = plan.findings.iter().filter(|finding| finding.code == code::DANGLING_REFERENCE);
    findings.filter_map(|finding| Some((finding.item.as_ref()?, finding.message.as_str())))
}
