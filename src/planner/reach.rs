//! Where following references ends: after so many, or at items of other types.
//! Must not know: how they are followed.

use std::collections::BTreeSet;

use super::suggest;
use crate::model::{Error, ErrorKind, Following, Inventory, ItemRef, Kind, Media, Reach, Result, Rules};

/// The bounds of one closure.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub following: Following<'a>,
    pub rules: &'a Rules,
}

impl Bounds<'_> {
    /// Whether an item that is met over so many references does not come along.
    pub fn ends_before(&self, item: ItemRef<'_>, distance: u32) -> bool {
        let is_one_of =
            |types: &[String]| types.iter().any(|word| words_of(item, self.rules).any(|known| known == word));
        let types = &self.following.reach.types;
        self.following.depth().is_some_and(|depth| distance > depth)
            || is_one_of(self.following.excluded)
            || (self.following.media == Media::LeftOut && is_media(item, self.rules))
            || !(types.is_empty() || is_one_of(types))
    }
}

/// Records of files, and the folders that they lie in.
pub(super) fn is_media(item: ItemRef<'_>, rules: &Rules) -> bool {
    words_of(item, rules).any(|word| rules.features.media_library.contains(&word))
}

/// A dependency is named by its type or by its kind: on some platforms only some kinds have types.
fn words_of<'a>(item: ItemRef<'a>, rules: &Rules) -> impl Iterator<Item = &'a str> {
    let type_ = item.type_().filter(|_| !rules.features.types_are_kinds);
    type_.into_iter().chain([item.kind().as_str()])
}

/// Refuses types that bound dependencies and that the source does not know: a mistyped one would leave everything out.
pub fn refuse_unknown_reach(reach: &Reach, inventory: &Inventory, rules: &Rules) -> Result<()> {
    refuse_unknown_types("--dependency-types", &reach.types, &[inventory], rules)
}

/// The same for any list of types that leaves items out.
pub(super) fn refuse_unknown_types(
    option: &str,
    words: &[String],
    inventories: &[&Inventory],
    rules: &Rules,
) -> Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    let mut known: BTreeSet<&str> = rules.kinds.iter().map(|rules| rules.kind.as_str()).collect();
    for item in inventories.iter().flat_map(|inventory| inventory.items()) {
        known.extend(words_of(item, rules));
        known.extend(matches!(item.kind(), Kind::Definition | Kind::Schema).then(|| item.id()));
    }
    let unknown: Vec<&String> = words.iter().filter(|word| !known.contains(word.as_str())).collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    let list = unknown.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let error = Error::new(ErrorKind::UnknownItem, format!("{option}: there is no type {list}"));
    Err(match suggest::for_word(first, known) {
        Some(hint) => error.hint(hint),
        None => error.hint("`haul list LOCATION` shows types; a kind, such as that of media, will do too"),
    })
}

/// The picked items of a transfer that carries no files: without the media that it would bring.
pub fn without_media(
    inventory: &Inventory,
    picked: Vec<crate::model::ItemIndex>,
    rules: &Rules,
) -> Vec<crate::model::ItemIndex> {
    picked.into_iter().filter(|&item| !is_media(inventory.item(item), rules)).collect()
}
