//! What a listing tells of an item beyond its name: the languages and states it has, what its file is like, and what
//! people call its type.
//! Must not know: where any of it comes from, or how it is shown.
//!
//! Kept beside the items and by their numbers, so that an item of which nothing is told costs nothing.

use std::collections::BTreeMap;

use super::decision::words;
use super::inventory::{Inventory, ItemIndex, ItemRef, NONE, Symbol};

words! {
    /// How far one language of an item is published.
    VersionState {
        /// Never published.
        Draft = "draft",
        Published = "published",
        /// Published, and its draft was changed since.
        Modified = "modified",
        /// Was published, and taken away from the public.
        Archived = "archived",
    }
}

/// One language of an item; an item without languages has one version at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version<'a> {
    pub locale: Option<&'a str>,
    /// `None` where the type has no drafts.
    pub state: Option<VersionState>,
}

/// The file of an item, as its record says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileInfo<'a> {
    pub mime: Option<&'a str>,
    /// Width and height in pixels.
    pub dimensions: Option<(u32, u32)>,
    /// Of the file alone, without what was made of it.
    pub bytes: Option<u64>,
    /// Where people put it.
    pub folder: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
struct VersionSlot {
    item: ItemIndex,
    locale: Symbol,
    state: Option<VersionState>,
}

#[derive(Clone, Copy, Debug)]
struct FileSlot {
    item: ItemIndex,
    mime: Symbol,
    folder: Symbol,
    dimensions: Option<(u32, u32)>,
    bytes: Option<u64>,
}

/// Everything that is told, by item.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    versions: Vec<VersionSlot>,
    files: Vec<FileSlot>,
    types: BTreeMap<Box<str>, Box<str>>,
}

impl Told {
    pub fn heap_bytes(&self) -> usize {
        self.versions.capacity() * size_of::<VersionSlot>() + self.files.capacity() * size_of::<FileSlot>()
    }

    pub fn shrink(&mut self) {
        self.versions.sort_by_key(|slot| slot.item);
        self.versions.shrink_to_fit();
        self.files.sort_by_key(|slot| slot.item);
        self.files.shrink_to_fit();
    }
}

impl Inventory {
    /// Says that an item has a version. Those of one item are told in the order in which they came; of several items only
    /// once [`Inventory::shrink`] put them in order.
    pub fn add_version(&mut self, item: ItemIndex, version: Version<'_>) {
        let locale = version.locale.map_or(NONE, |locale| self.symbols.intern(locale));
        self.told.versions.push(VersionSlot { item, locale, state: version.state });
    }

    /// Says what the file of an item is like. The same order is asked for as for versions.
    pub fn add_file(&mut self, item: ItemIndex, file: FileInfo<'_>) {
        let mut symbol = |word: Option<&str>| word.map_or(NONE, |word| self.symbols.intern(word));
        let (mime, folder) = (symbol(file.mime), symbol(file.folder));
        self.told.files.push(FileSlot { item, mime, folder, dimensions: file.dimensions, bytes: file.bytes });
    }

    /// Says what people call a type.
    pub fn name_type(&mut self, type_: &str, name: &str) {
        if type_ != name {
            self.told.types.insert(type_.into(), name.into());
        }
    }

    /// What people call a type, where the location says so.
    pub fn type_name(&self, type_: &str) -> Option<&str> {
        self.told.types.get(type_).map(|name| &**name)
    }

    fn told_word(&self, symbol: Symbol) -> Option<&str> {
        (symbol != NONE).then(|| self.symbols.word(symbol))
    }
}

impl<'a> ItemRef<'a> {
    /// The languages of the item with their states, in the order of the location.
    pub fn versions(&self) -> impl ExactSizeIterator<Item = Version<'a>> + Clone + use<'a> {
        let (item, inventory) = (self.index(), self.inventory());
        let versions = &inventory.told.versions;
        let from = versions.partition_point(|slot| slot.item < item);
        let own = versions[from..].iter().take_while(|slot| slot.item == item).count();
        let version = |slot: &'a VersionSlot| Version { locale: inventory.told_word(slot.locale), state: slot.state };
        versions[from..from + own].iter().map(version)
    }

    /// What the file of the item is like, if it has one.
    pub fn file(&self) -> Option<FileInfo<'a>> {
        let inventory = self.inventory();
        let at = inventory.told.files.binary_search_by_key(&self.index(), |slot| slot.item).ok()?;
        let FileSlot { mime, folder, dimensions, bytes, .. } = inventory.told.files[at];
        Some(FileInfo { mime: inventory.told_word(mime), dimensions, bytes, folder: inventory.told_word(folder) })
    }

    /// What people call the item's type; the type itself where nobody says so.
    pub fn type_title(&self) -> Option<&'a str> {
        let type_ = self.type_()?;
        Some(self.inventory().type_name(type_).unwrap_or(type_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemKey, Kind, NewItem};

    fn inventory() -> Inventory {
        let mut inventory = Inventory::new();
        for id in ["a", "b", "c"] {
            inventory.add(&NewItem::new(ItemKey::typed(Kind::Entry, "api::a.a", id), id)).expect("new");
        }
        inventory
    }

    #[test]
    fn versions_and_files_are_told_of_their_item_alone() {
        let mut inventory = inventory();
        let version = |locale, state| Version { locale, state };
        inventory.add_version(2, version(None, Some(VersionState::Draft)));
        inventory.add_version(0, version(Some("fr"), Some(VersionState::Modified)));
        inventory.add_version(0, version(Some("de"), None));
        let file = FileInfo { mime: Some("image/png"), dimensions: Some((640, 480)), bytes: Some(9), folder: None };
        inventory.add_file(1, file);
        inventory.shrink();
        let of = |item| inventory.item(item).versions().collect::<Vec<_>>();
        assert_eq!(of(0), [version(Some("fr"), Some(VersionState::Modified)), version(Some("de"), None)]);
        assert_eq!((of(1), of(2)), (vec![], vec![version(None, Some(VersionState::Draft))]));
        assert_eq!([0, 1, 2].map(|item| inventory.item(item).file()), [None, Some(file), None]);
    }

    #[test]
    fn a_type_is_called_by_its_name_or_else_by_itself() {
        let mut inventory = inventory();
        assert_eq!(inventory.item(0).type_title(), Some("api::a.a"));
        inventory.name_type("api::a.a", "Article");
        assert_eq!(inventory.item(0).type_title(), Some("Article"));
    }
}
