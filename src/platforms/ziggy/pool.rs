//! The items of a document, each once: copies nested in other items are merged with the original.
//! Must not know: files, servers.

use std::collections::HashMap;

use serde_json::Value;

use super::document::{self, Document};
use super::json;
use crate::model::{Finding, ItemKey, Kind, code};

/// An item with its whole JSON.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) key: ItemKey,
    pub(super) value: Value,
}

impl Item {
    pub(super) fn name(&self) -> &str {
        json::text(&self.value, "name").unwrap_or_default()
    }
}

/// The addressable items of a document in the order of the file, and what is odd about it.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) items: Vec<Item>,
    pub(super) findings: Vec<Finding>,
    index: HashMap<ItemKey, usize>,
}

impl Pool {
    pub(super) fn of(document: &Document) -> Pool {
        let mut pool = Pool::default();
        for (kind, item) in document.top_level() {
            pool.take(kind, item, Place::Top);
        }
        for (_, item) in document.top_level() {
            pool.take_copies(item);
        }
        let unknown = document.unknown_keys();
        if !unknown.is_empty() {
            let keys: Vec<String> = unknown.iter().map(|key| format!("`{key}`")).collect();
            let message = format!("the bundle also holds {}; they are kept as they are", keys.join(", "));
            pool.findings.push(Finding::info(code::UNKNOWN_FIELDS, message));
        }
        pool
    }

    pub(super) fn get(&self, key: &ItemKey) -> Option<&Item> {
        self.index.get(key).map(|&at| &self.items[at])
    }

    fn take_copies(&mut self, item: &Value) {
        for (kind, copy) in document::copies(item) {
            self.take(kind, copy, Place::Nested);
            self.take_copies(copy);
        }
    }

    fn take(&mut self, kind: Kind, item: &Value, place: Place) {
        let Some(key) = document::key_of(kind, item) else {
            let name = json::text(item, "name").map_or_else(String::new, |name| format!(" named `{name}`"));
            let message = format!("a {kind}{name} has no id; it is kept but cannot be picked");
            self.findings.push(Finding::warning(code::NOT_ADDRESSABLE, message));
            return;
        };
        if let Some(&at) = self.index.get(&key) {
            self.compare(&key, at, item, place);
            return;
        }
        if json::text(item, "name").is_none() {
            let message = format!("{key} has no name; it can be matched by its id only");
            self.findings.push(Finding::warning(code::NOT_ADDRESSABLE, message).on(&key));
        }
        self.index.insert(key.clone(), self.items.len());
        self.items.push(Item { key, value: item.clone() });
    }

    fn compare(&mut self, key: &ItemKey, at: usize, copy: &Value, place: Place) {
        match place {
            Place::Top => {
                let message = format!("the bundle holds {key} more than once; the first is taken");
                self.findings.push(Finding::warning(code::DUPLICATE_ID, message).on(key));
            }
            Place::Nested => {
                let said =
                    self.findings.iter().any(|f| f.code == code::NESTED_COPIES_DIFFER && f.item.as_ref() == Some(key));
                if !said && bare(&self.items[at].value) != bare(copy) {
                    let message = format!("the bundle holds unequal copies of {key}; the first is taken");
                    self.findings.push(Finding::warning(code::NESTED_COPIES_DIFFER, message).on(key));
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Nested,
}

/// An item without the copies that it holds: which of them are written depends on where the item stands.
fn bare(item: &Value) -> Value {
    let mut bare = item.clone();
    json::remove(&mut bare, &["connections", "secrets", "inFlows", "hsProps"]);
    bare
}
