//! Finds files of the destination that hold the bytes of a file of the source.
//! Must not know: what such a match means; when bytes are read.
//!
//! What a file looks like without its bytes is known from the listing, so that only what can be equal has to be read. Names
//! do not count: the same picture is often called otherwise.

use crate::model::{Inventory, ItemIndex, ItemRef};

/// The files of the destination by their looks.
#[derive(Debug)]
pub(super) struct Contents<'a> {
    destination: &'a Inventory,
    by_look: Vec<(u64, ItemIndex)>,
}

impl<'a> Contents<'a> {
    pub fn new(destination: &'a Inventory) -> Self {
        let mut by_look: Vec<_> = destination.looks().iter().map(|&(item, look)| (look, item)).collect();
        by_look.sort_unstable();
        Contents { destination, by_look }
    }

    /// What may hold the same bytes: whose bytes have to be read to know it.
    pub fn alike(&self, item: ItemRef<'_>) -> impl Iterator<Item = ItemIndex> + '_ {
        let look = item.look();
        let from = look.map_or(self.by_look.len(), |look| self.by_look.partition_point(|(other, _)| *other < look));
        let alike = self.by_look[from..].iter().take_while(move |(other, _)| Some(*other) == look);
        alike.map(|(_, item)| *item).filter(|item| !self.destination.item(*item).facts().deleted)
    }

    /// What holds the same bytes, as far as they were read. Among several the one of the same name, then that of the first
    /// id: any would do, and it is the same one every time.
    pub fn equal(&self, item: ItemRef<'_>) -> Option<ItemIndex> {
        let equal = self.alike(item).map(|other| self.destination.item(other)).filter(|other| same(item, *other));
        equal.min_by_key(|other| (other.name() != item.name(), other.id())).map(|other| other.index())
    }
}

/// Whether both are files that look alike and hold the same bytes.
pub(super) fn same(one: ItemRef<'_>, other: ItemRef<'_>) -> bool {
    one.look().is_some() && one.look() == other.look() && one.bytes().is_some() && one.bytes() == other.bytes()
}
