//! Which item a row belongs to: every row of the entities, and the component rows in them that links can name.
//! Must not know: rows, links. Sixteen bytes a row, for a million of them.

use super::schema::TypeId;
use crate::model::ItemIndex;

/// Row ids are numbers of a database; a larger one is no row id.
pub(super) const HIGHEST_ID: u64 = (1 << 48) - 1;

/// Where a row leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub item: ItemIndex,
    /// Which row of the item it is, alike in every archive; for rows of files their count of files.
    pub place: u32,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u64,
    owner: Owner,
}

/// Filled first, then asked: sorting is put off until the first question.
#[derive(Debug, Default)]
pub(super) struct RowTable {
    slots: Vec<Slot>,
    sorted: bool,
}

fn key(type_: TypeId, id: u64) -> u64 {
    u64::from(type_) << 48 | id
}

impl RowTable {
    pub fn insert(&mut self, type_: TypeId, id: u64, owner: Owner) {
        let key = key(type_, id.min(HIGHEST_ID));
        self.sorted = (self.sorted || self.slots.is_empty()) && self.slots.last().is_none_or(|last| last.key <= key);
        self.slots.push(Slot { key, owner });
    }

    pub fn sort(&mut self) {
        if !self.sorted {
            self.slots.sort_unstable_by_key(|slot| (slot.key, slot.owner.item));
            self.sorted = true;
        }
    }

    pub fn find(&mut self, type_: TypeId, id: u64) -> Option<Owner> {
        self.sort();
        self.get(type_, id)
    }

    /// Like [`RowTable::find`], of a table that was sorted.
    pub fn get(&self, type_: TypeId, id: u64) -> Option<Owner> {
        let at = self.position(type_, id)?;
        Some(self.slots[at].owner)
    }

    pub fn find_mut(&mut self, type_: TypeId, id: u64) -> Option<&mut Owner> {
        self.sort();
        let at = self.position(type_, id)?;
        Some(&mut self.slots[at].owner)
    }

    fn position(&self, type_: TypeId, id: u64) -> Option<usize> {
        let key = key(type_, Some(id).filter(|id| *id <= HIGHEST_ID)?);
        let at = self.slots.partition_point(|slot| slot.key < key);
        (self.slots.get(at)?.key == key).then_some(at)
    }

    /// Rows of one type.
    pub fn of_type(&self, type_: TypeId) -> impl Iterator<Item = (u64, Owner)> {
        let from = self.slots.partition_point(|slot| slot.key < key(type_, 0));
        let rows = self.slots[from..].iter().take_while(move |slot| slot.key >> 48 == u64::from(type_));
        rows.map(|slot| (slot.key & HIGHEST_ID, slot.owner))
    }

    /// Rows that stand there more than once, each once.
    pub fn repeated(&self) -> impl Iterator<Item = (TypeId, u64)> {
        let pairs = self.slots.windows(2).filter(|pair| pair[0].key == pair[1].key);
        pairs.map(|pair| ((pair[0].key >> 48) as TypeId, pair[0].key & HIGHEST_ID))
    }

    pub fn shrink(&mut self) {
        self.slots.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_type_and_id() {
        let mut table = RowTable::default();
        for (type_, id, item) in [(1, 5, 0), (0, 9, 1), (1, 2, 2), (1, 5, 3)] {
            table.insert(type_, id, Owner { item, place: 0 });
        }
        assert_eq!(table.find(0, 9).map(|owner| owner.item), Some(1));
        assert_eq!(table.find(1, 5).map(|owner| owner.item), Some(0));
        assert_eq!(table.find(0, 5), None);
        assert_eq!(table.find(1, u64::MAX), None);
        assert_eq!(table.repeated().collect::<Vec<_>>(), [(1, 5)]);
        assert_eq!(table.of_type(1).map(|(id, _)| id).collect::<Vec<_>>(), [2, 5, 5]);
    }
}
