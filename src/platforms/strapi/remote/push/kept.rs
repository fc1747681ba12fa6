//! What can be said before a merge of the documents that it keeps: which of them are written again, and whose lists change.
//! Must not know: sockets, runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Decision, Finding, Inventory, ItemIndex, Plan, Result, code};
use crate::platforms::strapi::merge::{Drawn, MOST_DRAWN, Overwritten, Side, draw};
use crate::platforms::strapi::remote::Held;
use crate::platforms::strapi::source::blocking;

/// From the relations that the destination's last listing told.
pub(in crate::platforms::strapi::remote) async fn of_kept(
    held: Held,
    plan: &Plan,
    source: &Inventory,
    destination: &Arc<Inventory>,
) -> Result<Vec<Finding>> {
    let overwritten = plan.written().filter(|item| item.decision == Decision::Overwrite);
    let there = overwritten.filter_map(|item| destination.find(&item.key.with_id(item.destination_id()?)));
    let wanted: BTreeSet<ItemIndex> = there.map(|there| there.index()).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let goes = Overwritten::of(plan, source, destination, &wanted);
    let destination = destination.clone();
    blocking(move || {
        let side = Side::new(&held.index, &destination);
        let drawn = draw(&side, &held.bundle(), &goes)?;
        Ok(findings(&side, &drawn))
    })
    .await
}

fn findings(side: &Side<'_>, drawn: &Drawn) -> Vec<Finding> {
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    drawn.again.iter().for_each(|&item| *types.entry(side.uid(item)).or_default() += 1);
    let counts = types.iter().map(|(uid, count)| format!("{count} of {uid}")).collect::<Vec<_>>().join(", ");
    let again = (!types.is_empty()).then(|| {
        let why = "so that their relations to what is overwritten stay, and the order of these";
        let then = "they get new row ids, and `createdBy` and `updatedBy` become empty";
        Finding::info(
            code::WRITTEN_AGAIN,
            format!("documents that are kept are written again as they are, {why}: {counts}; {then}"),
        )
    });
    let lists = drawn.disordered.iter().map(|((uid, field), count)| {
        let whose = if *count == 1 { "1 document".to_owned() } else { format!("{count} documents") };
        let why = format!("keeping it would take more than {MOST_DRAWN} documents that are written again");
        Finding::warning(
            code::ORDER_CHANGES,
            format!("`{field}` of {whose} of {uid} changes its order, what is written comes last in it: {why}"),
        )
    });
    again.into_iter().chain(lists).collect()
}
