//! What comes along with what was picked: everything that it refers to, and what that refers to.
//! Must not know: destinations, decisions.

use std::cell::OnceCell;

use super::names::NameIndex;
use crate::model::{DependencyMode, Inventory, ItemIndex, ReferenceView, Role, Rules};

/// The items of a plan before anything is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// Picked items and their dependencies, each once, in the order of the inventory.
    pub items: Vec<(ItemIndex, Role)>,
    /// Members whose references are not known yet: the caller examines them and asks again.
    pub unexamined: Vec<ItemIndex>,
}

/// Follows the references of what was picked, by id and by name. With [`DependencyMode::None`] the items that are
/// referred to are members too, so that every reference is accounted for, but theirs are not followed.
pub fn closure(inventory: &Inventory, picked: &[ItemIndex], rules: &Rules, mode: Option<DependencyMode>) -> Closure {
    let names = OnceCell::new();
    walk(inventory, picked, rules, mode, &names)
}

pub(super) fn walk<'a>(
    inventory: &'a Inventory,
    picked: &[ItemIndex],
    rules: &Rules,
    mode: Option<DependencyMode>,
    names: &OnceCell<NameIndex<'a>>,
) -> Closure {
    let mut walk = Walk { inventory, rules, names, roles: vec![None; inventory.len()], waiting: Vec::new() };
    for &item in picked {
        walk.meet(item, Role::Picked);
    }
    let mut unexamined = Vec::new();
    while let Some(item) = walk.waiting.pop() {
        let follow = mode != Some(DependencyMode::None) || walk.roles[item as usize] == Some(Role::Picked);
        if !inventory.item(item).is_traced() {
            unexamined.push(item);
        } else if follow {
            walk.follow(item);
        }
    }
    unexamined.sort_unstable();
    let items = (0..).zip(&walk.roles).filter_map(|(item, role)| Some((item, (*role)?))).collect();
    Closure { items, unexamined }
}

struct Walk<'w, 'a> {
    inventory: &'a Inventory,
    rules: &'w Rules,
    names: &'w OnceCell<NameIndex<'a>>,
    roles: Vec<Option<Role>>,
    /// A list rather than recursion: chains are as long as users make them.
    waiting: Vec<ItemIndex>,
}

impl Walk<'_, '_> {
    fn meet(&mut self, item: ItemIndex, role: Role) {
        let known = &mut self.roles[item as usize];
        if known.is_none() {
            *known = Some(role);
            self.waiting.push(item);
        }
    }

    fn follow(&mut self, item: ItemIndex) {
        for reference in self.inventory.item(item).reference_views() {
            match reference {
                ReferenceView::Id { item: Some(item), .. } => self.meet_dependency(item),
                ReferenceView::Id { item: None, .. } => {}
                ReferenceView::Name { kind, name } => {
                    let names = self.names.get_or_init(|| NameIndex::new(self.inventory));
                    names.named(kind, name).for_each(|item| self.meet_dependency(item));
                }
            }
        }
    }

    /// What was deleted at the source, and kinds that the platform does not move, cannot come along.
    fn meet_dependency(&mut self, item: ItemIndex) {
        let target = self.inventory.item(item);
        if !target.facts().deleted && self.rules.of(target.kind()).is_some() {
            self.meet(item, Role::Dependency);
        }
    }
}
