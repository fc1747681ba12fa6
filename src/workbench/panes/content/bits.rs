//! A set of items of one inventory, a bit for each, so that picking a million costs no more than a thousandth of a
//! second and a copy of the set little more.
//! Must not know: inventories, or what it means to be in the set.

use crate::model::ItemIndex;

/// A set of items. What was never put in is not in it, so that it fits an inventory that grows.
#[derive(Clone, Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn has(&self, item: ItemIndex) -> bool {
        let word = self.words.get(item as usize / 64).copied().unwrap_or_default();
        word >> (item % 64) & 1 == 1
    }

    /// Whether it is new.
    pub fn add(&mut self, item: ItemIndex) -> bool {
        let at = item as usize / 64;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        let bit = 1 << (item % 64);
        let new = self.words[at] & bit == 0;
        self.words[at] |= bit;
        self.len += usize::from(new);
        new
    }

    /// Whether it was in.
    pub fn remove(&mut self, item: ItemIndex) -> bool {
        let Some(word) = self.words.get_mut(item as usize / 64) else { return false };
        let bit = 1 << (item % 64);
        let was = *word & bit != 0;
        *word &= !bit;
        self.len -= usize::from(was);
        was
    }

    /// A bit for each item, the first in the lowest of the first word.
    pub fn from_words(words: Vec<u64>) -> Self {
        let len = words.iter().map(|word| word.count_ones() as usize).sum();
        Bits { words, len }
    }

    /// In the order of the inventory.
    pub fn iter(&self) -> impl Iterator<Item = ItemIndex> + '_ {
        (0..).zip(&self.words).flat_map(|(at, &word): (u32, _)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }

    /// How many of these are in.
    pub fn count(&self, items: &[ItemIndex]) -> usize {
        items.iter().filter(|&&item| self.has(item)).count()
    }
}

impl PartialEq for Bits {
    fn eq(&self, other: &Self) -> bool {
        let shared = self.words.len().min(other.words.len());
        // What one has longer is empty where both hold as many.
        self.len == other.len && self.words[..shared] == other.words[..shared] && {
            let rest = self.words[shared..].iter().chain(&other.words[shared..]);
            rest.copied().all(|word| word == 0)
        }
    }
}

impl FromIterator<ItemIndex> for Bits {
    fn from_iter<T: IntoIterator<Item = ItemIndex>>(items: T) -> Self {
        let mut bits = Bits::default();
        items.into_iter().for_each(|item| {
            bits.add(item);
        });
        bits
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_set(steps in proptest::collection::vec((any::<bool>(), 0u32..300), 0..200)) {
            let (mut bits, mut set) = (Bits::default(), BTreeSet::new());
            for (add, item) in steps {
                match add {
                    true => prop_assert_eq!(bits.add(item), set.insert(item)),
                    false => prop_assert_eq!(bits.remove(item), set.remove(&item)),
                }
            }
            prop_assert_eq!(bits.len(), set.len());
            let mut longer: Bits = set.iter().copied().chain([1000]).collect();
            prop_assert_ne!(&longer, &bits);
            longer.remove(1000);
            prop_assert_eq!(&longer, &bits);
            prop_assert!((0..400).all(|item| bits.has(item) == set.contains(&item)));
            prop_assert_eq!(bits.iter().collect::<Vec<_>>(), set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(bits.count(&[0, 1, 2, 299]), [0, 1, 2, 299].iter().filter(|item| set.contains(item)).count());
        }
    }
}
