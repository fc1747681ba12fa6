//! What comes along with what was picked: everything that it refers to, and what that refers to.
//! Must not know: destinations, decisions.

use std::cell::OnceCell;
use std::collections::VecDeque;

use super::names::NameIndex;
use super::reach::Bounds;
use crate::model::{Following, Inventory, ItemIndex, ReferenceView, Role, Rules};

/// The items of a plan before anything is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// Picked items and their dependencies, each once, in the order of the inventory.
    pub items: Vec<(ItemIndex, Role)>,
    /// Those of them that are referred to and do not come along, in the same order.
    pub beyond: Vec<ItemIndex>,
    /// Members whose references are not known yet: the caller examines them and asks again.
    pub unexamined: Vec<ItemIndex>,
}

impl Closure {
    pub fn comes_along(&self, item: ItemIndex) -> bool {
        self.beyond.binary_search(&item).is_err()
    }
}

/// Follows the references of what was picked, by id and by name, as far as they may be followed. What lies right beyond that
/// is a member too, so that every reference is accounted for, but its references are not followed.
pub fn closure(inventory: &Inventory, picked: &[ItemIndex], rules: &Rules, following: Following<'_>) -> Closure {
    let names = OnceCell::new();
    walk(inventory, picked, rules, following, &names)
}

pub(super) fn walk<'a>(
    inventory: &'a Inventory,
    picked: &[ItemIndex],
    rules: &Rules,
    following: Following<'_>,
    names: &OnceCell<NameIndex<'a>>,
) -> Closure {
    let bounds = Bounds { following, rules };
    let mut walk = Walk { inventory, bounds, names, met: vec![None; inventory.len()], waiting: VecDeque::new() };
    for &item in picked {
        walk.meet(item, Met { distance: 0, beyond: false });
    }
    let mut unexamined = Vec::new();
    while let Some(item) = walk.waiting.pop_front() {
        let Some(met) = walk.met[item as usize] else { continue };
        if !inventory.item(item).is_traced() {
            unexamined.push(item);
        } else if !met.beyond {
            walk.follow(item, met.distance);
        }
    }
    unexamined.sort_unstable();
    let met = || (0..).zip(&walk.met).filter_map(|(item, met)| Some((item, (*met)?)));
    Closure {
        items: met().map(|(item, met)| (item, met.role())).collect(),
        beyond: met().filter(|(_, met)| met.beyond).map(|(item, _)| item).collect(),
        unexamined,
    }
}

/// How an item was met first, which is over the fewest references.
#[derive(Clone, Copy)]
struct Met {
    distance: u32,
    beyond: bool,
}

impl Met {
    fn role(self) -> Role {
        if self.distance == 0 { Role::Picked } else { Role::Dependency }
    }
}

struct Walk<'w, 'a> {
    inventory: &'a Inventory,
    bounds: Bounds<'w>,
    names: &'w OnceCell<NameIndex<'a>>,
    met: Vec<Option<Met>>,
    /// A queue rather than recursion: chains are as long as users make them, and the nearest come first.
    waiting: VecDeque<ItemIndex>,
}

impl Walk<'_, '_> {
    fn meet(&mut self, item: ItemIndex, met: Met) {
        let known = &mut self.met[item as usize];
        if known.is_none() {
            *known = Some(met);
            self.waiting.push_back(item);
        }
    }

    fn follow(&mut self, item: ItemIndex, distance: u32) {
        let next = distance.saturating_add(1);
        for reference in self.inventory.item(item).reference_views() {
            match reference {
                ReferenceView::Id { item: Some(item), .. } => self.meet_dependency(item, next),
                ReferenceView::Id { item: None, .. } => {}
                ReferenceView::Name { kind, name } => {
                    let names = self.names.get_or_init(|| NameIndex::new(self.inventory));
                    names.named(kind, name).for_each(|item| self.meet_dependency(item, next));
                }
            }
        }
    }

    /// What was deleted at the source, and kinds that the platform does not move, cannot come along.
    fn meet_dependency(&mut self, item: ItemIndex, distance: u32) {
        let target = self.inventory.item(item);
        if !target.facts().deleted && self.bounds.rules.of(target.kind()).is_some() {
            let beyond = self.bounds.ends_before(target, distance);
            self.meet(item, Met { distance, beyond });
        }
    }
}
