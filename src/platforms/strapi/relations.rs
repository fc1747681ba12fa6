//! Gathers what items refer to, and settles it once all links were seen: references, and their share of the digests.
//! Must not know: rows, lines.
//!
//! A link's share of the semantic digest is its field, its place in the item, its rank in the field, and which of the
//! item's references it is, counted in the order of fields and ranks: where each leads is compared apart from the digest,
//! since an item may be found at the destination under another id.
//! Raw positions are left out; a database numbers them with gaps and fractions.

use std::cmp::Ordering;

use hashbrown::HashMap;

use crate::model::{Digest, Digests, Inventory, ItemIndex};

#[derive(Clone, Copy, Debug)]
struct Relation {
    from: ItemIndex,
    to: ItemIndex,
    field: u32,
    place: u32,
    /// NaN where the field has no order.
    position: f64,
}

const MOST_FIELDS: usize = 1 << 16;

/// Relations in the order of the links.
#[derive(Debug, Default)]
pub(super) struct Relations {
    list: Vec<Relation>,
    fields: Vec<Box<str>>,
    known: HashMap<Box<str>, u32>,
}

impl Relations {
    /// `place` says which row of the item refers, `position` where in the field.
    pub fn add(&mut self, from: ItemIndex, place: u32, field: &str, position: Option<f64>, to: ItemIndex) {
        let field = match self.known.get(field) {
            Some(&field) => field,
            // A field of its own for every link is an attack; its links then count as links of the first field.
            None if self.fields.len() >= MOST_FIELDS => 0,
            None => {
                let new = self.fields.len() as u32;
                self.fields.push(field.into());
                self.known.insert(field.into(), new);
                new
            }
        };
        self.list.push(Relation { from, to, field, place, position: position.unwrap_or(f64::NAN) });
    }

    /// Gives every item its references, each once, in the order in which its fields name them, and completes its digest.
    pub fn settle(mut self, inventory: &mut Inventory) {
        // Two archives meet their fields in different orders.
        let mut by_name: Vec<u32> = (0..self.fields.len() as u32).collect();
        by_name.sort_by_key(|&field| &self.fields[field as usize]);
        let mut ranks = vec![0; by_name.len()];
        (0u32..).zip(&by_name).for_each(|(rank, &field)| ranks[field as usize] = rank);
        let rank = |relation: &Relation| ranks[relation.field as usize];
        self.list.sort_by(|a, b| {
            (a.from, rank(a), a.place)
                .cmp(&(b.from, rank(b), b.place))
                .then(a.position.total_cmp(&b.position))
                .then_with(|| by_key(inventory, a.to, b.to))
        });
        let (mut known, mut start) = (HashMap::new(), 0);
        while start < self.list.len() {
            let from = self.list[start].from;
            let end = start + self.list[start..].iter().take_while(|relation| relation.from == from).count();
            let relations = &self.list[start..end];
            let mut targets: Vec<ItemIndex> = Vec::new();
            known.clear();
            for relation in relations {
                known.entry(relation.to).or_insert_with(|| {
                    targets.push(relation.to);
                    targets.len() as u32 - 1
                });
            }
            let share = self.share(relations, &known, inventory);
            if let Some(digests) = inventory.item(from).digests() {
                let digests = Digests { semantic: digests.semantic.plus(share), exact: digests.exact };
                inventory.examine_local(from, digests, &targets);
            }
            start = end;
        }
    }

    fn share(&self, relations: &[Relation], numbers: &HashMap<ItemIndex, u32>, inventory: &Inventory) -> Digest {
        let mut sum = Digest::ZERO;
        let mut rank = 0_u32;
        for (at, relation) in relations.iter().enumerate() {
            let follows = at > 0 && {
                let before = &relations[at - 1];
                (before.field, before.place) == (relation.field, relation.place)
            };
            rank = if follows && !relation.position.is_nan() { rank + 1 } else { 0 };
            let target = inventory.item(relation.to);
            let field = &self.fields[relation.field as usize];
            let mut bytes = [field.as_bytes(), target.type_().unwrap_or_default().as_bytes()].join(&0xff);
            bytes.extend_from_slice(&[0xff, target.kind() as u8]);
            bytes.extend_from_slice(&numbers.get(&relation.to).copied().unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(&relation.place.to_le_bytes());
            bytes.extend_from_slice(&rank.to_le_bytes());
            sum = sum.plus(Digest::of(&bytes));
        }
        sum
    }
}

fn by_key(inventory: &Inventory, a: ItemIndex, b: ItemIndex) -> Ordering {
    let (a, b) = (inventory.item(a), inventory.item(b));
    (a.kind(), a.type_(), a.id()).cmp(&(b.kind(), b.type_(), b.id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemKey, Kind, NewItem};

    fn settled(relations: &[(u32, &str, Option<f64>, ItemIndex)]) -> (Digest, Vec<String>) {
        let mut inventory = Inventory::new();
        let zero = Digests { semantic: Digest::ZERO, exact: Digest::ZERO };
        for id in ["from", "b", "a"] {
            let item = inventory.add(&NewItem::new(ItemKey::typed(Kind::Entry, "t", id), id)).expect("new");
            inventory.examine_local(item, zero, &[]);
        }
        let mut all = Relations::default();
        for (place, field, position, to) in relations {
            all.add(0, *place, field, *position, *to);
        }
        all.settle(&mut inventory);
        let names = inventory.item(0).local_references().flatten().map(|to| inventory.item(to).id().to_owned());
        (inventory.item(0).digests().expect("examined").semantic, names.collect())
    }

    #[test]
    fn references_are_listed_once_in_the_order_of_fields_and_ranks() {
        assert_eq!(settled(&[(0, "x", None, 1), (0, "x", None, 2), (1, "y", None, 1)]).1, ["a", "b"]);
        assert_eq!(settled(&[(0, "y", None, 2), (0, "x", Some(2.0), 2), (0, "x", Some(1.0), 1)]).1, ["b", "a"]);
    }

    #[test]
    fn where_a_reference_leads_is_no_part_of_the_digest_but_which_ones_are_the_same_is() {
        let (one, other) = (settled(&[(0, "x", None, 1)]), settled(&[(0, "x", None, 2)]));
        assert!(one.0 == other.0 && one.1 != other.1);
        let twice = settled(&[(0, "x", None, 1), (0, "y", None, 1)]).0;
        assert_ne!(twice, settled(&[(0, "x", None, 1), (0, "y", None, 2)]).0);
    }

    #[test]
    fn order_counts_but_not_its_numbers() {
        let here = settled(&[(0, "x", Some(1.0), 1), (0, "x", Some(2.0), 2)]);
        assert_eq!(here, settled(&[(0, "x", Some(7.5), 2), (0, "x", Some(0.5), 1)]));
        assert_ne!(here, settled(&[(0, "x", Some(2.0), 1), (0, "x", Some(1.0), 2)]));
    }

    #[test]
    fn without_positions_the_order_of_links_does_not_count() {
        assert_eq!(settled(&[(0, "x", None, 1), (0, "x", None, 2)]), settled(&[(0, "x", None, 2), (0, "x", None, 1)]));
    }

    #[test]
    fn the_row_that_refers_counts() {
        assert_ne!(settled(&[(0, "x", None, 1)]).0, settled(&[(1, "x", None, 1)]).0);
    }
}
