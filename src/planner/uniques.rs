//! Finds the items of the destination that share the value of a unique field with an item of the source.
//! Must not know: what such a match means.

use std::collections::BTreeSet;

use crate::model::{Inventory, ItemIndex};

/// The unique values of both sides.
#[derive(Debug)]
pub(super) struct Uniques {
    /// Of the source, by item.
    ours: Vec<(ItemIndex, u64)>,
    /// Of the destination, by value.
    theirs: Vec<(u64, ItemIndex)>,
}

impl Uniques {
    pub fn new(source: &Inventory, destination: &Inventory) -> Self {
        let mut ours: Vec<_> = source.uniques().iter().map(|&(value, item)| (item, value)).collect();
        let mut theirs = destination.uniques().to_vec();
        ours.sort_unstable();
        theirs.sort_unstable();
        Uniques { ours, theirs }
    }

    /// The items of the destination that share a value with this item of the source, each once.
    pub fn shared_with(&self, item: ItemIndex) -> Vec<ItemIndex> {
        let from = self.ours.partition_point(|(other, _)| *other < item);
        let values = self.ours[from..].iter().take_while(|(other, _)| *other == item).map(|(_, value)| *value);
        let mut found = BTreeSet::new();
        for value in values {
            let from = self.theirs.partition_point(|(other, _)| *other < value);
            found.extend(self.theirs[from..].iter().take_while(|(other, _)| *other == value).map(|(_, item)| *item));
        }
        found.into_iter().collect()
    }
}
