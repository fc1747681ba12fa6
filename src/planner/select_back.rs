//! From picked items back to words: the shortest selection that picks exactly these.
//! Must not know: why they were picked, or who reads the words.

use std::collections::BinaryHeap;

use hashbrown::HashMap;

use super::closure::closure;
use super::select::{TypeFilter, Wanted, resolve};
use crate::model::{Following, Inventory, ItemIndex, ItemRef, Rules, Selection};

/// Fewer items than this are named by their ids rather than by a tag that they share.
const WORTH_A_TAG: usize = 2;

/// The shortest selection that picks exactly these items: everything, or whole types, or whole tags and the ids of
/// the rest. An id that alone is ambiguous is written out as a key. Takes any order; what it gives was tried with
/// [`resolve`].
///
/// `None` where no selection can say it: nothing was picked, or something of it was deleted or has a name that
/// means several items however it is written.
pub fn selection_of(picked: &[ItemIndex], inventory: &Inventory, rules: &Rules) -> Option<Selection> {
    let mut sorted = picked.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let wanted = Picked::new(&sorted, inventory, rules)?;
    let selection = match wanted.is_everything() {
        true => Selection::everything(),
        false => wanted.by_words()?,
    };
    (resolve(&selection, inventory, rules).ok()? == sorted).then_some(selection)
}

struct Picked<'a> {
    items: &'a [ItemIndex],
    is_picked: Vec<bool>,
    inventory: &'a Inventory,
    rules: &'a Rules,
    /// Without words: what tags and "everything" choose from.
    unnarrowed: TypeFilter<'a>,
}

impl<'a> Picked<'a> {
    fn new(items: &'a [ItemIndex], inventory: &'a Inventory, rules: &'a Rules) -> Option<Self> {
        let mut is_picked = vec![false; inventory.len()];
        for &item in items {
            *is_picked.get_mut(item as usize)? = true;
        }
        let unnarrowed = TypeFilter { words: &[], rules, definitions: false };
        (!items.is_empty()).then_some(Picked { items, is_picked, inventory, rules, unnarrowed })
    }

    fn is_picked(&self, item: ItemRef<'_>) -> bool {
        self.is_picked[item.index() as usize]
    }

    fn refs(&self) -> impl Iterator<Item = ItemRef<'a>> {
        let inventory = self.inventory;
        self.items.iter().map(move |&item| inventory.item(item))
    }

    /// Everything of a bundle is also what nothing else in it needs; so what is not part of everything must come
    /// along with what was picked, or the word would pick more there.
    fn is_everything(&self) -> bool {
        if !self.inventory.items().all(|item| self.unnarrowed.is_offered(item) == self.is_picked(item)) {
            return false;
        }
        let aside = |item: &ItemRef<'_>| {
            let rules = self.rules.of(item.kind());
            rules.is_some_and(|rules| !rules.part_of_everything) && !item.facts().deleted
        };
        if !self.inventory.items().any(|item| aside(&item)) {
            return true;
        }
        let members = closure(self.inventory, self.items, self.rules, Following::unbounded(None)).items;
        let is_met = |item: &ItemRef<'_>| members.binary_search_by_key(&item.index(), |(member, _)| *member).is_ok();
        self.inventory.items().filter(aside).all(|item| is_met(&item))
    }

    fn by_words(&self) -> Option<Selection> {
        let types = self.whole_types();
        let (tags, rest) = self.whole_tags();
        match types {
            Some(types) if types.len() < tags.len() + rest.len() => Some(Selection { types, ..Selection::default() }),
            _ => Some(Selection { ids: self.ids(&rest)?, tags, ..Selection::default() }),
        }
    }

    /// The types that these items are all of; `None` where a type is picked only in part.
    fn whole_types(&self) -> Option<Vec<String>> {
        let has_rules = |item: &ItemRef<'_>| self.rules.of(item.kind()).is_some();
        let mut left: HashMap<&str, bool> = HashMap::new();
        for item in self.inventory.items().filter(|item| has_rules(item) && !item.facts().deleted) {
            *left.entry(self.unnarrowed.word_of(item)).or_insert(true) &= self.is_picked(item);
        }
        let is_whole = |item: ItemRef<'a>| left.get(self.unnarrowed.word_of(item)) == Some(&true);
        if !self.refs().all(|item| has_rules(&item) && is_whole(item)) {
            return None;
        }
        let mut types: Vec<_> = self.refs().map(|item| self.unnarrowed.word_of(item)).collect();
        types.sort_unstable();
        types.dedup();
        Some(types.into_iter().map(str::to_owned).collect())
    }

    /// Tags all of whose items were picked, the one that says most first, and the items that none of them says.
    fn whole_tags(&self) -> (Vec<String>, Vec<ItemIndex>) {
        let mut open = self.is_picked.clone();
        let members = if self.rules.features.tags { self.tags_picked_whole() } else { HashMap::new() };
        let mut heap: BinaryHeap<(usize, std::cmp::Reverse<&str>)> =
            members.iter().map(|(tag, items)| (items.len(), std::cmp::Reverse(*tag))).collect();
        let mut tags = Vec::new();
        while let Some((promised, tag)) = heap.pop().filter(|(promised, _)| *promised >= WORTH_A_TAG) {
            let items = &members[tag.0];
            let says = items.iter().filter(|&&item| open[item as usize]).count();
            if says < promised {
                // Others said part of it meanwhile; its turn comes again.
                heap.push((says, tag));
                continue;
            }
            items.iter().for_each(|&item| open[item as usize] = false);
            tags.push(tag.0.to_owned());
        }
        tags.sort_unstable();
        (tags, self.items.iter().copied().filter(|&item| open[item as usize]).collect())
    }

    fn tags_picked_whole(&self) -> HashMap<&'a str, Vec<ItemIndex>> {
        let mut members: HashMap<&str, Option<Vec<ItemIndex>>> = HashMap::new();
        for item in self.inventory.items().filter(|item| self.unnarrowed.is_offered(*item)) {
            for tag in item.tags() {
                match (members.entry(tag).or_insert_with(|| Some(Vec::new())), self.is_picked(item)) {
                    (Some(items), true) if items.last() != Some(&item.index()) => items.push(item.index()),
                    (Some(_), true) | (None, _) => {}
                    (whole @ Some(_), false) => *whole = None,
                }
            }
        }
        members.into_iter().filter_map(|(tag, items)| Some((tag, items?))).collect()
    }

    /// Each item by the shortest of its names that means no other.
    fn ids(&self, items: &[ItemIndex]) -> Option<Vec<String>> {
        let mut names: Vec<Option<String>> = vec![None; items.len()];
        for form in [bare, key, of_type, key_of_type] {
            let open: Vec<usize> = (0..items.len()).filter(|&place| names[place].is_none()).collect();
            let texts: Vec<String> = open.iter().map(|&place| form(self.inventory.item(items[place]))).collect();
            if texts.is_empty() {
                break;
            }
            let hits = Wanted::new(texts.iter().map(String::as_str)).hits(&[self.inventory]);
            for ((place, hits), text) in open.into_iter().zip(hits).zip(texts) {
                if hits[0] == [items[place]] {
                    names[place] = Some(text);
                }
            }
        }
        names.into_iter().collect()
    }
}

fn bare(item: ItemRef<'_>) -> String {
    item.id().to_owned()
}

fn key(item: ItemRef<'_>) -> String {
    item.key().to_string()
}

/// The kind stands for the type where items have none.
fn of_type(item: ItemRef<'_>) -> String {
    format!("{}/{}", item.type_().unwrap_or(item.kind().as_str()), item.id())
}

fn key_of_type(item: ItemRef<'_>) -> String {
    format!("{}:{}", item.kind(), of_type(item))
}
