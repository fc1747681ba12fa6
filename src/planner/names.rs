//! Finds the items of an inventory by name: built once, then a look-up each.
//! Must not know: what a name match means.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::model::{Inventory, ItemIndex, ItemRef, Kind};

/// Groups of items with the same kind, type and name. Items without a name are in none.
#[derive(Debug)]
pub(super) struct NameIndex<'a> {
    inventory: &'a Inventory,
    hasher: DefaultHashBuilder,
    groups: HashTable<u32>,
    /// Where each group begins in `members`; one more than there are groups.
    starts: Vec<u32>,
    /// Within a group in the order of ids, so that no answer depends on the order in which items arrived.
    members: Vec<ItemIndex>,
}

const NO_GROUP: u32 = u32::MAX;

impl<'a> NameIndex<'a> {
    pub fn new(inventory: &'a Inventory) -> Self {
        let hasher = DefaultHashBuilder::default();
        let mut groups: HashTable<u32> = HashTable::with_capacity(inventory.len());
        let mut first: Vec<ItemIndex> = Vec::new();
        let mut sizes: Vec<u32> = Vec::new();
        let mut group_of = vec![NO_GROUP; inventory.len()];
        for item in inventory.items().filter(|item| !item.name().is_empty()) {
            let same = |&group: &u32| is_namesake(inventory.item(first[group as usize]), item);
            let hash = hash(&hasher, item.kind(), item.type_(), item.name());
            let group = match groups.find(hash, same) {
                Some(&group) => group,
                None => {
                    let group = first.len() as u32;
                    let rehash = |&group: &u32| {
                        let item = inventory.item(first[group as usize]);
                        self::hash(&hasher, item.kind(), item.type_(), item.name())
                    };
                    groups.insert_unique(hash, group, rehash);
                    first.push(item.index());
                    sizes.push(0);
                    group
                }
            };
            sizes[group as usize] += 1;
            group_of[item.index() as usize] = group;
        }
        let (starts, members) = gather(inventory, &group_of, &sizes);
        NameIndex { inventory, hasher, groups, starts, members }
    }

    /// Every item of this kind, type and name.
    pub fn namesakes(&self, kind: Kind, type_: Option<&str>, name: &str) -> &[ItemIndex] {
        let same = |&group: &u32| {
            let item = self.inventory.item(self.members[self.starts[group as usize] as usize]);
            item.kind() == kind && item.name() == name && item.type_() == type_
        };
        match self.groups.find(hash(&self.hasher, kind, type_, name), same) {
            Some(&group) => {
                &self.members[self.starts[group as usize] as usize..self.starts[group as usize + 1] as usize]
            }
            None => &[],
        }
    }

    /// Every item that a reference by name means and that was not deleted. What is referred to by name has no type.
    pub fn named(&self, kind: Kind, name: &str) -> impl Iterator<Item = ItemIndex> + '_ {
        let alive = |item: &ItemIndex| !self.inventory.item(*item).facts().deleted;
        self.namesakes(kind, None, name).iter().copied().filter(alive)
    }
}

fn is_namesake(one: ItemRef<'_>, other: ItemRef<'_>) -> bool {
    one.kind() == other.kind() && one.name() == other.name() && one.type_() == other.type_()
}

fn hash(hasher: &DefaultHashBuilder, kind: Kind, type_: Option<&str>, name: &str) -> u64 {
    hasher.hash_one((kind, type_, name))
}

/// Turns "item is in group" into "group has these items".
fn gather(inventory: &Inventory, group_of: &[u32], sizes: &[u32]) -> (Vec<u32>, Vec<ItemIndex>) {
    let mut starts = Vec::with_capacity(sizes.len() + 1);
    let mut total = 0;
    starts.push(0);
    for size in sizes {
        total += size;
        starts.push(total);
    }
    let mut next: Vec<u32> = starts.clone();
    let mut members = vec![0; total as usize];
    for (item, &group) in group_of.iter().enumerate().filter(|(_, group)| **group != NO_GROUP) {
        members[next[group as usize] as usize] = item as ItemIndex;
        next[group as usize] += 1;
    }
    for range in starts.windows(2).filter(|range| range[1] - range[0] > 1) {
        members[range[0] as usize..range[1] as usize].sort_unstable_by_key(|&item| inventory.item(item).id());
    }
    (starts, members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemKey, NewItem};

    #[test]
    fn namesakes_share_kind_type_and_name() {
        let mut inventory = Inventory::new();
        for (key, name) in [
            (ItemKey::new(Kind::Flow, "2"), "a"),
            (ItemKey::new(Kind::Secret, "3"), "a"),
            (ItemKey::new(Kind::Flow, "1"), "a"),
            (ItemKey::typed(Kind::Entry, "t", "1"), "a"),
            (ItemKey::new(Kind::Flow, "4"), ""),
        ] {
            inventory.add(&NewItem::new(key, name)).expect("new");
        }
        let names = NameIndex::new(&inventory);
        assert_eq!(names.namesakes(Kind::Flow, None, "a"), [2, 0]);
        assert_eq!(names.namesakes(Kind::Entry, Some("t"), "a"), [3]);
        assert!(names.namesakes(Kind::Entry, None, "a").is_empty());
        assert!(names.namesakes(Kind::Flow, None, "").is_empty());
        assert_eq!(names.named(Kind::Secret, "a").collect::<Vec<_>>(), [1]);
    }
}
