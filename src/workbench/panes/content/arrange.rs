//! Puts an inventory in order for the screen: the order of its items, its groups, and which finding is about what.
//! Must not know: what is picked or looked for. Takes its time: only effects call it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::bits::Bits;
use super::details::called;
use super::groups::{Counting, Group, GroupKey, Mark, rank};
use crate::model::{Inventory, ItemIndex, ItemRef, Kind, Rules};

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Kinds as the groups have them, then their types, then by name.
    #[default]
    Kind,
    Name,
    Newest,
    Size,
}

impl Sort {
    pub fn next(self) -> Self {
        match self {
            Sort::Kind => Sort::Name,
            Sort::Name => Sort::Newest,
            Sort::Newest => Sort::Size,
            Sort::Size => Sort::Kind,
        }
    }

    /// As it follows "sorted by".
    pub fn words(self) -> &'static str {
        match self {
            Sort::Kind => "kind and type, then name",
            Sort::Name => "name",
            Sort::Newest => "what changed last",
            Sort::Size => "size, largest first",
        }
    }
}

/// An inventory in order.
#[derive(Clone, Debug, Default)]
pub struct Arranged {
    /// What can be picked, in the order of the list.
    pub order: Arc<[ItemIndex]>,
    pub groups: Arc<[Group]>,
    /// Items with the places of the findings about them, by item.
    pub found: Arc<[(ItemIndex, usize)]>,
    /// The places of findings that are about no item.
    pub general: Arc<[usize]>,
    pub several_kinds: bool,
}

/// Puts everything in order. `day_ago` is the time, in milliseconds since 1970, after which an item counts as changed.
pub fn arrange(inventory: &Inventory, rules: &Rules, sort: Sort, day_ago: i64) -> Arranged {
    let found = found(inventory);
    let mut counting = Counting::default();
    let mut items = Vec::with_capacity(inventory.len());
    let mut findings = found.iter().peekable();
    for item in inventory.items() {
        let mut is_found = false;
        while findings.next_if(|(about, _)| *about == item.index()).is_some() {
            is_found = true;
        }
        if can_be_picked(item, rules) {
            items.push(item.index());
            counting.add(item, marks(item, is_found, day_ago));
        }
    }
    let groups = counting.finish(inventory, rules);
    let kinds = groups.iter().filter(|group| matches!(group.key, GroupKey::Kind(_))).count();
    let general = inventory.findings.iter().enumerate().filter(|(_, finding)| finding.item.is_none());
    Arranged {
        order: sorted(items, inventory, rules, sort).into(),
        groups: groups.into(),
        found: found.into(),
        general: general.map(|(at, _)| at).collect(),
        several_kinds: kinds > 1,
    }
}

/// Sorts items.
pub fn sorted(items: Vec<ItemIndex>, inventory: &Inventory, rules: &Rules, sort: Sort) -> Vec<ItemIndex> {
    let places = if sort == Sort::Kind { places(&items, inventory, rules) } else { HashMap::new() };
    // Most names differ early, so that few comparisons have to look at the text itself.
    let key = |item: ItemRef<'_>| match sort {
        Sort::Kind => (places.get(&(item.kind(), item.type_())).copied().unwrap_or_default(), head(called(item))),
        Sort::Name => (0, head(called(item))),
        Sort::Newest => (u64::MAX - item.facts().updated.map_or(0, |time| time.max(0) as u64 + 1), head(called(item))),
        Sort::Size => (u64::MAX - item.size(), head(called(item))),
    };
    let mut keyed: Vec<_> = items.into_iter().map(|item| (key(inventory.item(item)), item)).collect();
    keyed.sort_unstable_by(|(a_key, a), (b_key, b)| {
        let names = || by_letters(called(inventory.item(*a)), called(inventory.item(*b)));
        a_key.cmp(b_key).then_with(names).then_with(|| a.cmp(b))
    });
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// The places of kinds and types, as the groups have them.
fn places<'a>(items: &[ItemIndex], inventory: &'a Inventory, rules: &Rules) -> HashMap<(Kind, Option<&'a str>), u64> {
    let mut places: HashMap<_, u64> = HashMap::new();
    items.iter().map(|&item| inventory.item(item)).for_each(|item| {
        places.insert((item.kind(), item.type_()), 0);
    });
    let title = |type_: Option<&'a str>| type_.map(|type_| inventory.type_name(type_).unwrap_or(type_));
    let ordered: BTreeMap<_, _> = places
        .keys()
        .map(|&(kind, type_)| ((rank(kind, rules), title(type_).map(str::to_lowercase), type_), (kind, type_)))
        .collect();
    (0..).zip(ordered.into_values()).map(|(place, key)| (key, place)).collect()
}

/// What was deleted only lingers, and what the platform does not move cannot be picked.
fn can_be_picked(item: ItemRef<'_>, rules: &Rules) -> bool {
    !item.facts().deleted && rules.of(item.kind()).is_some()
}

fn marks(item: ItemRef<'_>, found: bool, day_ago: i64) -> impl Iterator<Item = Mark> {
    Mark::ALL.into_iter().filter(|mark| !mark.is_of_picks()).filter(move |mark| has_mark(item, *mark, found, day_ago))
}

/// Whether a mark that does not depend on the picks is true of an item.
pub fn has_mark(item: ItemRef<'_>, mark: Mark, found: bool, day_ago: i64) -> bool {
    let facts = item.facts();
    match mark {
        Mark::Locked => facts.locked,
        Mark::WithoutValue => facts.without_value,
        Mark::Changed => facts.updated.is_some_and(|updated| updated >= day_ago),
        Mark::Found => found,
        Mark::Draft | Mark::Published | Mark::Modified | Mark::Archived => {
            item.versions().any(|version| mark.is_of_version(version.state) == Some(true))
        }
        Mark::Picked | Mark::Needed => false,
    }
}

/// The same items of another listing, and how many are no longer in it.
pub fn carry_over(before: &Inventory, picks: &Bits, after: &Inventory) -> (Bits, usize) {
    let still = |item| {
        let item = before.item(item);
        let there = after.lookup(item.kind(), item.type_(), item.id())?;
        (!there.facts().deleted).then(|| there.index())
    };
    let carried: Bits = picks.iter().filter_map(still).collect();
    let lost = picks.len() - carried.len();
    (carried, lost)
}

fn found(inventory: &Inventory) -> Vec<(ItemIndex, usize)> {
    let about = |finding: &crate::model::Finding| Some(inventory.find(finding.item.as_ref()?)?.index());
    let mut found: Vec<_> =
        inventory.findings.iter().enumerate().filter_map(|(at, finding)| Some((about(finding)?, at))).collect();
    found.sort_unstable();
    found
}

/// The first bytes of a text as a number that sorts as they do, upper case like lower.
fn head(text: &str) -> u64 {
    let mut bytes = [0; 8];
    for (byte, own) in bytes.iter_mut().zip(text.bytes()) {
        *byte = own.to_ascii_lowercase();
    }
    u64::from_be_bytes(bytes)
}

/// Upper case like lower, and only between equals upper case first.
pub fn by_letters(a: &str, b: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    a.bytes().map(lower).cmp(b.bytes().map(lower)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Facts, Finding, ItemKey, NewItem, code};
    use crate::workbench::panes::content::testing::rules;

    fn order(sort: Sort, items: &[(Kind, &str, u64, i64)]) -> Vec<String> {
        let mut inventory = Inventory::new();
        for (kind, name, size, updated) in items {
            let facts = Facts { updated: Some(*updated), ..Facts::default() };
            let new = NewItem { size: *size, facts, ..NewItem::new(ItemKey::new(*kind, *name), name) };
            inventory.add(&new).expect("new");
        }
        let arranged = arrange(&inventory, &rules(), sort, 0);
        arranged.order.iter().map(|&item| inventory.item(item).name().to_owned()).collect()
    }

    #[test]
    fn each_order_falls_back_on_names() {
        let items = [
            (Kind::Secret, "b", 1, 1),
            (Kind::Flow, "Zebra", 2, 9),
            (Kind::Flow, "apple tree", 2, 9),
            (Kind::Flow, "apple trea", 5, 9),
            (Kind::Connection, "A", 1, 3),
        ];
        assert_eq!(order(Sort::Kind, &items), ["apple trea", "apple tree", "Zebra", "A", "b"]);
        assert_eq!(order(Sort::Name, &items), ["A", "apple trea", "apple tree", "b", "Zebra"]);
        assert_eq!(order(Sort::Newest, &items), ["apple trea", "apple tree", "Zebra", "A", "b"]);
        assert_eq!(order(Sort::Size, &items), ["apple trea", "apple tree", "Zebra", "A", "b"]);
    }

    #[test]
    fn what_was_deleted_or_never_moves_is_not_offered() {
        let mut inventory = Inventory::new();
        let deleted = Facts { deleted: true, ..Facts::default() };
        let flow = ItemKey::new(Kind::Flow, "f");
        inventory.add(&NewItem { facts: deleted, ..NewItem::new(ItemKey::new(Kind::Flow, "gone"), "gone") }).unwrap();
        inventory.add(&NewItem::new(ItemKey::new(Kind::Webhook, "w"), "w")).unwrap();
        inventory.add(&NewItem::new(flow.clone(), "f")).unwrap();
        inventory.findings.push(Finding::warning(code::LOCKED, "is locked").on(&flow));
        let arranged = arrange(&inventory, &rules(), Sort::Kind, 0);
        assert_eq!(*arranged.order, [2]);
        assert_eq!(*arranged.found, [(2, 0)]);
        assert!(!arranged.several_kinds);
    }
}
