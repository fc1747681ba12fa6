//! Puts items into an inventory: as a listing knows them, and as examination does.
//! Must not know: whether they come from a file or a server.

use serde_json::Value;

use super::examine::{Known, examine, facts};
use super::findings;
use super::json;
use super::pool::Item;
use crate::model::{Inventory, ItemIndex, NewItem};

/// Adds an item with what a listing tells. `None` where the inventory has it already.
pub(super) fn add(inventory: &mut Inventory, item: &Item) -> Option<ItemIndex> {
    let tags: Vec<&str> = json::list(&item.value, "tags").iter().filter_map(Value::as_str).collect();
    let new = NewItem {
        key: item.key.clone(),
        name: item.name(),
        tags: &tags,
        size: 0,
        facts: facts(item.key.kind, &item.value),
    };
    inventory.add(&new).ok()
}

/// Adds what the item's content tells. An item that was examined already stays as it is.
pub(super) fn look_into(inventory: &mut Inventory, index: ItemIndex, item: &Item, known: &Known) {
    if inventory.item(index).digests().is_some() {
        return;
    }
    let found = examine(item, known);
    let needs: Vec<&str> = found.needs.iter().map(String::as_str).collect();
    inventory.examine(index, found.digests, &found.references, &needs);
    inventory.set_facts(index, found.facts);
    inventory.set_size(index, size(&item.value));
    inventory.findings.extend(findings::of(item));
}

/// Bytes of the item itself, without copies of others.
fn size(value: &Value) -> u64 {
    let mut own = value.clone();
    json::remove(&mut own, &["connections", "secrets", "inFlows", "hsProps"]);
    own.to_string().len() as u64
}
