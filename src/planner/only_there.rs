//! What only the destination has.
//! Must not know: selections, decisions.

use super::contents::Contents;
use super::matching::{self, Doubt};
use super::names::NameIndex;
use super::uniques::Uniques;
use crate::model::{Inventory, ItemIndex, Rules};

/// The destination's items that no item of the source matches by id or name, in the order of its inventory. Where
/// several fit a name, none of them counts as only there. What was deleted on either side does not count.
pub fn only_at_destination(source: &Inventory, destination: &Inventory, rules: &Rules) -> Vec<ItemIndex> {
    let uniques = Uniques::new(source, destination);
    let (names, contents) = (NameIndex::new(destination), Contents::new(destination));
    let mut met = vec![false; destination.len()];
    for item in source.items().filter(|item| !item.facts().deleted) {
        let Some(kind) = rules.of(item.kind()) else { continue };
        let found = matching::find(item, kind, destination, &names, &uniques, &contents);
        found.hit.into_iter().chain(found.candidates).for_each(|item| met[item as usize] = true);
        if matches!(found.doubt, Some(Doubt::Namesakes(_) | Doubt::IdAndName)) {
            // The list of candidates may be cut.
            let namesakes = names.namesakes(item.kind(), item.type_(), item.name());
            namesakes.iter().for_each(|&item| met[item as usize] = true);
        }
    }
    let only = |&item: &ItemIndex| {
        let there = destination.item(item);
        !met[item as usize] && !there.facts().deleted && rules.of(there.kind()).is_some()
    };
    (0..destination.len() as ItemIndex).filter(only).collect()
}
