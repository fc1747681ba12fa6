//! What a person may have meant by a word that fits nothing.
//! Must not know: errors, options.

use crate::model::text::nearest;
use crate::model::{Inventory, ItemRef, Kind};

/// Beyond so many ids a comparison with each would take longer than a person waits for an error.
const COMPARED: usize = 100_000;

/// A hint for an id that no item has: its item by name, an id that it begins, or one that is nearly the same.
pub(super) fn for_id(typed: &str, inventories: &[&Inventory], kind: Option<Kind>) -> Option<String> {
    let typed = typed.rsplit(['/', ':']).next().unwrap_or(typed);
    let items = || {
        let all = inventories.iter().flat_map(|inventory| inventory.items());
        all.filter(|item| kind.is_none_or(|kind| kind == item.kind()) && !item.facts().deleted)
    };
    if let Some(item) = items().filter(|item| item.name() == typed).min_by_key(ItemRef::key) {
        return Some(format!("`{typed}` is the name of {}; say that", item.key()));
    }
    let begins = |item: &ItemRef<'_>| typed.len() >= 3 && item.id().starts_with(typed);
    let near = |item: &ItemRef<'_>| item.id().len().abs_diff(typed.len()) <= 1 + typed.len() / 4;
    let found = items().filter(begins).map(|item| item.id()).min();
    let found = found.or_else(|| nearest(typed, items().filter(near).map(|item| item.id()).take(COMPARED)));
    found.map(did_you_mean)
}

pub(super) fn for_word<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, known).map(did_you_mean)
}

fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// Some of a list, and how many more there are.
pub(super) fn listed(words: impl IntoIterator<Item = String>, between: &str, at_most: usize) -> String {
    let words: Vec<String> = words.into_iter().collect();
    match words.len() {
        count if count > at_most => format!("{} and {} more", words[..at_most].join(between), count - at_most),
        _ => words.join(between),
    }
}
