//! The items of a location, compact enough for a million of them: one arena of text, flat arrays, interned words.
//! Must not know: where items come from, or what a plan makes of them.
//!
//! A million items with names of 40 bytes, two tags and three references stay under 250 bytes an item; the bench
//! `inventory` and the test beside it hold that.

use std::collections::HashMap;
use std::hash::BuildHasher;

use arcstr::ArcStr;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::told::{Told, VersionState};
use super::{Digest, Digests, Finding, ItemKey, KeyPattern, Kind};

/// The position of an item in its inventory.
pub type ItemIndex = u32;
type KeyId = u32;
pub(super) type Symbol = u32;

pub(super) const NONE: u32 = u32::MAX;

/// What an item refers to: by id, or by name where the platform does so inside free text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    Id(ItemKey),
    Name(Kind, ArcStr),
}

/// Small facts of an item that findings rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Milliseconds since 1970 of the last change, where the platform says so.
    pub updated: Option<i64>,
    /// The platform marks the item as locked.
    pub locked: bool,
    /// A secret that holds no value.
    pub without_value: bool,
    /// Deleted, but still known to the platform.
    pub deleted: bool,
    /// There is but one item of its type, so that a copy beside it would be nobody's.
    pub single: bool,
    /// How far it is published, where that is compared beside its digests. `None` where nobody says so, which agrees with
    /// every state.
    pub state: Option<VersionState>,
}

/// A reference as it lies in an inventory: borrowed, and resolved where it leads to an item of the same inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceView<'a> {
    Id { kind: Kind, type_: Option<&'a str>, id: &'a str, item: Option<ItemIndex> },
    Name { kind: Kind, name: &'a str },
}

/// A reference of which there can be one only: no two items refer to one target in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sole {
    /// A hash over the type that refers, its field, and which version of the target it leads to.
    pub way: u64,
    pub target: ItemIndex,
    /// The one that refers.
    pub item: ItemIndex,
}

/// An item as it enters an inventory.
#[derive(Clone, Debug)]
pub struct NewItem<'a> {
    pub key: ItemKey,
    pub name: &'a str,
    pub tags: &'a [&'a str],
    /// Bytes of the item at rest, files included.
    pub size: u64,
    pub facts: Facts,
}

impl<'a> NewItem<'a> {
    pub fn new(key: ItemKey, name: &'a str) -> Self {
        NewItem { key, name, tags: &[], size: 0, facts: Facts::default() }
    }
}

/// A key that an item has, or that only references name.
#[derive(Clone, Copy, Debug)]
struct KeySlot {
    id_at: u64,
    id_len: u32,
    type_: Symbol,
    item: ItemIndex,
    kind: Kind,
    /// The text is a name rather than an id.
    by_name: bool,
}

#[derive(Clone, Copy, Debug)]
struct ItemSlot {
    name_at: u64,
    size: u64,
    /// `i64::MIN` where unknown.
    updated: i64,
    digests: Digests,
    key: KeyId,
    name_len: u32,
    tags_at: u32,
    references_at: u32,
    needs_at: u32,
    references_len: u32,
    tags_len: u16,
    needs_len: u16,
    flags: u16,
}

const EXAMINED: u16 = 1;
const LOCKED: u16 = 2;
const WITHOUT_VALUE: u16 = 4;
const DELETED: u16 = 8;
/// References are known, digests are not.
const TRACED: u16 = 16;
const SINGLE: u16 = 32;
/// From this bit on stands the state, counted from one.
const STATE_AT: u32 = 8;

/// Words that occur often, stored once.
#[derive(Clone, Debug, Default)]
pub(super) struct Symbols {
    words: Vec<ArcStr>,
    known: HashMap<ArcStr, Symbol>,
}

impl Symbols {
    pub fn intern(&mut self, word: &str) -> Symbol {
        if let Some(&symbol) = self.known.get(word) {
            return symbol;
        }
        let symbol = self.words.len() as Symbol;
        let word: ArcStr = word.into();
        self.words.push(word.clone());
        self.known.insert(word, symbol);
        symbol
    }

    pub fn word(&self, symbol: Symbol) -> &str {
        &self.words[symbol as usize]
    }

    /// The word itself, to be held by others too.
    pub fn shared(&self, symbol: Symbol) -> ArcStr {
        self.words[symbol as usize].clone()
    }
}

/// The items of one location: listed (key, name, tags, size) and, once examined, with digests and references.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    text: String,
    pub(super) symbols: Symbols,
    keys: Vec<KeySlot>,
    items: Vec<ItemSlot>,
    tags: Vec<Symbol>,
    needs: Vec<Symbol>,
    references: Vec<KeyId>,
    index: HashTable<KeyId>,
    hasher: DefaultHashBuilder,
    uniques: Vec<(u64, ItemIndex)>,
    soles: Vec<Sole>,
    /// What each file looks like without its bytes, where equal bytes can stand for each other.
    looks: Vec<(ItemIndex, u64)>,
    /// The bytes of files that were read.
    bytes: HashMap<ItemIndex, Digest>,
    pub(super) told: Told,
    /// What the location itself has to say: damaged parts, clear-text credentials, records without files.
    pub findings: Vec<Finding>,
    /// What the location offers to items that need it (such as `plugin:NAME`); `None` where nobody asked it.
    pub provides: Option<std::collections::BTreeSet<String>>,
    /// The tenant that the location's items belong to, where the platform has such a thing.
    pub tenant: Option<String>,
    /// All that its location has was listed and nothing was left out before: a type without items has none there.
    pub is_whole: bool,
}

impl Inventory {
    pub fn new() -> Self {
        Inventory::default()
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds an item. `Err` gives back the index of the item that has this key already; nothing changed then.
    pub fn add(&mut self, new: &NewItem<'_>) -> Result<ItemIndex, ItemIndex> {
        let key = self.key_id(&new.key.kind, new.key.type_.as_deref(), &new.key.id, false);
        let held = self.keys[key as usize].item;
        if held != NONE {
            return Err(held);
        }
        let item = self.items.len() as ItemIndex;
        self.keys[key as usize].item = item;
        let (name_at, name_len) = self.store(new.name);
        let (tags_at, tags_len) = intern_list(&mut self.symbols, &mut self.tags, new.tags);
        let digests = Digests { semantic: Digest::ZERO, exact: Digest::ZERO };
        self.items.push(ItemSlot {
            name_at,
            size: new.size,
            updated: i64::MIN,
            digests,
            key,
            name_len,
            tags_at,
            references_at: 0,
            needs_at: 0,
            references_len: 0,
            tags_len,
            needs_len: 0,
            flags: 0,
        });
        self.set_facts(item, new.facts);
        Ok(item)
    }

    /// Adds what examination found: digests, references in their order, and what the item needs of a destination.
    pub fn examine(&mut self, item: ItemIndex, digests: Digests, references: &[Reference], needs: &[&str]) {
        let references_at = self.references.len() as u32;
        for reference in references {
            let key = match reference {
                Reference::Id(key) => self.key_id(&key.kind, key.type_.as_deref(), &key.id, false),
                Reference::Name(kind, name) => self.key_id(kind, None, name, true),
            };
            self.references.push(key);
        }
        let (needs_at, needs_len) = intern_list(&mut self.symbols, &mut self.needs, needs);
        let slot = &mut self.items[item as usize];
        slot.digests = digests;
        slot.flags |= EXAMINED;
        (slot.references_at, slot.references_len) = (references_at, references.len() as u32);
        (slot.needs_at, slot.needs_len) = (needs_at, needs_len);
    }

    /// Adds digests and references that are positions of this very inventory, for readers that know no more of a
    /// reference than where it leads. Cheaper than [`Inventory::examine`] by the text of a key each.
    pub fn examine_local(&mut self, item: ItemIndex, digests: Digests, references: &[ItemIndex]) {
        let references_at = self.references.len() as u32;
        for &reference in references {
            self.references.push(self.items[reference as usize].key);
        }
        let slot = &mut self.items[item as usize];
        slot.digests = digests;
        slot.flags |= EXAMINED;
        (slot.references_at, slot.references_len) = (references_at, references.len() as u32);
    }

    /// Takes the digests of an item back whose references are known, but of whose content not everything was read.
    pub fn trace_only(&mut self, item: ItemIndex) {
        let slot = &mut self.items[item as usize];
        slot.flags = slot.flags & !EXAMINED | TRACED;
    }

    /// Gives an item that was traced the digests of its content.
    pub fn set_digests(&mut self, item: ItemIndex, digests: Digests) {
        let slot = &mut self.items[item as usize];
        slot.digests = digests;
        slot.flags = slot.flags & !TRACED | EXAMINED;
    }

    pub fn set_facts(&mut self, item: ItemIndex, facts: Facts) {
        let slot = &mut self.items[item as usize];
        slot.updated = facts.updated.unwrap_or(i64::MIN);
        slot.flags &= EXAMINED | TRACED;
        slot.flags |= if facts.locked { LOCKED } else { 0 };
        slot.flags |= if facts.without_value { WITHOUT_VALUE } else { 0 };
        slot.flags |= if facts.deleted { DELETED } else { 0 };
        slot.flags |= if facts.single { SINGLE } else { 0 };
        let state = VersionState::ALL.iter().position(|state| Some(*state) == facts.state);
        slot.flags |= state.map_or(0, |place| (place as u16 + 1) << STATE_AT);
    }

    pub fn set_size(&mut self, item: ItemIndex, size: u64) {
        self.items[item as usize].size = size;
    }

    /// Gives an item the name that was learned after it was added.
    pub fn set_name(&mut self, item: ItemIndex, name: &str) {
        let (at, len) = self.store(name);
        let slot = &mut self.items[item as usize];
        (slot.name_at, slot.name_len) = (at, len);
    }

    pub fn item(&self, item: ItemIndex) -> ItemRef<'_> {
        ItemRef { inventory: self, index: item }
    }

    pub fn items(&self) -> impl ExactSizeIterator<Item = ItemRef<'_>> + Clone {
        (0..self.items.len() as ItemIndex).map(|index| self.item(index))
    }

    pub fn find(&self, key: &ItemKey) -> Option<ItemRef<'_>> {
        self.lookup(key.kind, key.type_.as_deref(), &key.id)
    }

    /// [`Inventory::find`] for a key in parts, which costs no allocation.
    pub fn lookup(&self, kind: Kind, type_: Option<&str>, id: &str) -> Option<ItemRef<'_>> {
        let item = self.keys[self.find_key(kind, type_, id, false)? as usize].item;
        (item != NONE).then(|| self.item(item))
    }

    /// Every item that a typed key or id fits. A scan; for a handful of patterns.
    pub fn fitting<'a>(&'a self, pattern: &'a KeyPattern) -> impl Iterator<Item = ItemRef<'a>> {
        self.items().filter(move |item| {
            item.id() == &*pattern.id
                && pattern.kind.is_none_or(|kind| kind == item.kind())
                && pattern.type_.as_deref().is_none_or(|type_| item.type_() == Some(type_))
        })
    }

    /// Says that an item holds this value in a field that tells it from all others: a hash over the type, the field and
    /// what it holds.
    pub fn add_unique(&mut self, item: ItemIndex, value: u64) {
        self.uniques.push((value, item));
    }

    /// Every unique value with the item that holds it.
    pub fn uniques(&self) -> &[(u64, ItemIndex)] {
        &self.uniques
    }

    /// Says that an item refers to another in a way that one item only can.
    pub fn add_sole(&mut self, sole: Sole) {
        self.soles.push(sole);
    }

    /// Every reference of which there can be one only.
    pub fn soles(&self) -> &[Sole] {
        &self.soles
    }

    /// Says what a file looks like as far as that is known without its bytes: files that differ here have other bytes, or
    /// must not stand for each other.
    pub fn add_look(&mut self, item: ItemIndex, look: u64) {
        self.looks.push((item, look));
    }

    /// Every file whose look is known, by item.
    pub fn looks(&self) -> &[(ItemIndex, u64)] {
        &self.looks
    }

    /// Gives a file the digest of its bytes, once they were read.
    pub fn set_bytes(&mut self, item: ItemIndex, bytes: Digest) {
        self.bytes.insert(item, bytes);
    }

    /// Gives back what growing reserved. For when the last item is in.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.keys.shrink_to_fit();
        self.items.shrink_to_fit();
        self.tags.shrink_to_fit();
        self.needs.shrink_to_fit();
        self.references.shrink_to_fit();
        self.uniques.sort_unstable();
        self.uniques.dedup();
        self.uniques.shrink_to_fit();
        self.soles.sort_unstable();
        self.soles.dedup();
        self.soles.shrink_to_fit();
        self.looks.sort_unstable();
        self.looks.shrink_to_fit();
        self.bytes.shrink_to_fit();
        self.told.shrink();
        let Inventory { index, keys, text, symbols, hasher, .. } = self;
        index.shrink_to_fit(|&id| hash_slot(hasher, text, symbols, &keys[id as usize]));
    }

    /// Without what only plans and screens ask for, for who writes very many: versions and files, unique values, references
    /// of which there can be one only, and what files look like.
    pub fn content_alone(self) -> Self {
        Inventory { uniques: Vec::new(), soles: Vec::new(), looks: Vec::new(), told: Told::default(), ..self }
    }

    /// Bytes held on the heap, findings left out.
    pub fn heap_bytes(&self) -> usize {
        self.text.capacity()
            + self.keys.capacity() * size_of::<KeySlot>()
            + (self.uniques.capacity() + self.looks.capacity()) * size_of::<(u64, ItemIndex)>()
            + self.soles.capacity() * size_of::<Sole>()
            + self.bytes.capacity() * (size_of::<(ItemIndex, Digest)>() + 1) * 8 / 7
            + self.items.capacity() * size_of::<ItemSlot>()
            + (self.tags.capacity() + self.needs.capacity() + self.references.capacity()) * 4
            + self.index.allocation_size()
            + self.told.heap_bytes()
            + self.symbols.words.iter().map(|word| word.len() + 80).sum::<usize>()
    }

    fn store(&mut self, text: &str) -> (u64, u32) {
        let at = self.text.len() as u64;
        let fits = text.len().min(u32::MAX as usize);
        self.text.push_str(&text[..text.floor_char_boundary(fits)]);
        (at, fits as u32)
    }

    fn slice(&self, at: u64, len: u32) -> &str {
        &self.text[at as usize..at as usize + len as usize]
    }

    fn find_key(&self, kind: Kind, type_: Option<&str>, id: &str, by_name: bool) -> Option<KeyId> {
        let hash = hash_key(&self.hasher, kind, type_, id, by_name);
        self.index.find(hash, |&at| self.slot_is(at, kind, type_, id, by_name)).copied()
    }

    fn slot_is(&self, at: KeyId, kind: Kind, type_: Option<&str>, id: &str, by_name: bool) -> bool {
        let slot = &self.keys[at as usize];
        slot.kind == kind
            && slot.by_name == by_name
            && self.slice(slot.id_at, slot.id_len) == id
            && (slot.type_ != NONE).then(|| self.symbols.word(slot.type_)) == type_
    }

    fn key_id(&mut self, kind: &Kind, type_: Option<&str>, id: &str, by_name: bool) -> KeyId {
        if let Some(known) = self.find_key(*kind, type_, id, by_name) {
            return known;
        }
        let (id_at, id_len) = self.store(id);
        let type_symbol = type_.map_or(NONE, |type_| self.symbols.intern(type_));
        let key = self.keys.len() as KeyId;
        self.keys.push(KeySlot { id_at, id_len, type_: type_symbol, item: NONE, kind: *kind, by_name });
        let hash = hash_key(&self.hasher, *kind, type_, id, by_name);
        let Inventory { index, keys, text, symbols, hasher, .. } = self;
        index.insert_unique(hash, key, |&id| hash_slot(hasher, text, symbols, &keys[id as usize]));
        key
    }

    fn key_of(&self, slot: &KeySlot) -> ItemKey {
        ItemKey {
            kind: slot.kind,
            type_: (slot.type_ != NONE).then(|| self.symbols.shared(slot.type_)),
            id: self.slice(slot.id_at, slot.id_len).into(),
        }
    }
}

fn intern_list(symbols: &mut Symbols, list: &mut Vec<Symbol>, words: &[&str]) -> (u32, u16) {
    let at = list.len() as u32;
    // More than 65,535 tags on one item are cut; no platform comes near.
    let words = &words[..words.len().min(u16::MAX as usize)];
    list.extend(words.iter().map(|word| symbols.intern(word)));
    (at, words.len() as u16)
}

fn hash_key(hasher: &DefaultHashBuilder, kind: Kind, type_: Option<&str>, id: &str, by_name: bool) -> u64 {
    hasher.hash_one((kind as u8, by_name, type_, id))
}

fn hash_slot(hasher: &DefaultHashBuilder, text: &str, symbols: &Symbols, slot: &KeySlot) -> u64 {
    let id = &text[slot.id_at as usize..slot.id_at as usize + slot.id_len as usize];
    let type_ = (slot.type_ != NONE).then(|| symbols.word(slot.type_));
    hash_key(hasher, slot.kind, type_, id, slot.by_name)
}

/// A borrowed view of one item.
#[derive(Clone, Copy, Debug)]
pub struct ItemRef<'a> {
    inventory: &'a Inventory,
    index: ItemIndex,
}

impl<'a> ItemRef<'a> {
    fn slot(&self) -> &'a ItemSlot {
        &self.inventory.items[self.index as usize]
    }

    fn key_slot(&self) -> &'a KeySlot {
        &self.inventory.keys[self.slot().key as usize]
    }

    pub fn index(&self) -> ItemIndex {
        self.index
    }

    pub(super) fn inventory(&self) -> &'a Inventory {
        self.inventory
    }

    pub fn key(&self) -> ItemKey {
        self.inventory.key_of(self.key_slot())
    }

    pub fn kind(&self) -> Kind {
        self.key_slot().kind
    }

    pub fn type_(&self) -> Option<&'a str> {
        let slot = self.key_slot();
        (slot.type_ != NONE).then(|| self.inventory.symbols.word(slot.type_))
    }

    pub fn id(&self) -> &'a str {
        let slot = self.key_slot();
        self.inventory.slice(slot.id_at, slot.id_len)
    }

    pub fn name(&self) -> &'a str {
        let slot = self.slot();
        self.inventory.slice(slot.name_at, slot.name_len)
    }

    pub fn size(&self) -> u64 {
        self.slot().size
    }

    pub fn tags(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let (slot, inventory) = (self.slot(), self.inventory);
        let from = slot.tags_at as usize;
        inventory.tags[from..from + slot.tags_len as usize].iter().map(|&tag| inventory.symbols.word(tag))
    }

    /// `None` until the item was examined.
    pub fn digests(&self) -> Option<Digests> {
        (self.slot().flags & EXAMINED != 0).then_some(self.slot().digests)
    }

    /// Whether references are known, which can be so before the item was examined.
    pub fn is_traced(&self) -> bool {
        self.slot().flags & (EXAMINED | TRACED) != 0
    }

    /// In the order of their first occurrence in the item; each once.
    pub fn references(&self) -> impl ExactSizeIterator<Item = Reference> + use<'a> {
        let (slot, inventory) = (self.slot(), self.inventory);
        let from = slot.references_at as usize;
        inventory.references[from..from + slot.references_len as usize].iter().map(|&key| {
            let slot = &inventory.keys[key as usize];
            match slot.by_name {
                true => Reference::Name(slot.kind, inventory.slice(slot.id_at, slot.id_len).into()),
                false => Reference::Id(inventory.key_of(slot)),
            }
        })
    }

    /// [`ItemRef::references`] without a copy of each key.
    pub fn reference_views(&self) -> impl ExactSizeIterator<Item = ReferenceView<'a>> + use<'a> {
        let (slot, inventory) = (self.slot(), self.inventory);
        let from = slot.references_at as usize;
        inventory.references[from..from + slot.references_len as usize].iter().map(|&key| {
            let slot = &inventory.keys[key as usize];
            let text = inventory.slice(slot.id_at, slot.id_len);
            if slot.by_name {
                return ReferenceView::Name { kind: slot.kind, name: text };
            }
            let type_ = (slot.type_ != NONE).then(|| inventory.symbols.word(slot.type_));
            let item = (slot.item != NONE).then_some(slot.item);
            ReferenceView::Id { kind: slot.kind, type_, id: text, item }
        })
    }

    /// References by id that lead to an item of this inventory; the others are `None`, in their place.
    pub fn local_references(&self) -> impl ExactSizeIterator<Item = Option<ItemIndex>> + use<'a> {
        let (slot, inventory) = (self.slot(), self.inventory);
        let from = slot.references_at as usize;
        inventory.references[from..from + slot.references_len as usize].iter().map(|&key| {
            let item = inventory.keys[key as usize].item;
            (item != NONE).then_some(item)
        })
    }

    /// What the item needs of a destination beyond other items, such as `plugin:NAME`.
    pub fn needs(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let (slot, inventory) = (self.slot(), self.inventory);
        let from = slot.needs_at as usize;
        inventory.needs[from..from + slot.needs_len as usize].iter().map(|&need| inventory.symbols.word(need))
    }

    /// What it looks like, if it is a file that equal bytes can stand for.
    pub fn look(&self) -> Option<u64> {
        let at = self.inventory.looks.binary_search_by_key(&self.index, |(item, _)| *item).ok()?;
        Some(self.inventory.looks[at].1)
    }

    /// The digest of its bytes, if it is a file whose bytes were read.
    pub fn bytes(&self) -> Option<Digest> {
        self.inventory.bytes.get(&self.index).copied()
    }

    pub fn facts(&self) -> Facts {
        let slot = self.slot();
        Facts {
            updated: (slot.updated != i64::MIN).then_some(slot.updated),
            locked: slot.flags & LOCKED != 0,
            without_value: slot.flags & WITHOUT_VALUE != 0,
            deleted: slot.flags & DELETED != 0,
            single: slot.flags & SINGLE != 0,
            state: usize::from(slot.flags >> STATE_AT)
                .checked_sub(1)
                .and_then(|place| VersionState::ALL.get(place).copied()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    fn digests(text: &str) -> Digests {
        Digests { semantic: Digest::of(text.as_bytes()), exact: Digest::of(text.as_bytes()) }
    }

    #[test]
    fn an_item_reads_back_as_it_was_added() {
        let mut inventory = Inventory::new();
        let key = ItemKey::typed(Kind::Entry, "api::a.a", "doc1");
        let facts = Facts { updated: Some(7), locked: true, ..Facts::default() };
        let item = inventory
            .add(&NewItem { key: key.clone(), name: "Überschrift", tags: &["x", "y"], size: 12, facts })
            .expect("new");
        assert_eq!(inventory.item(item).digests(), None);
        let dangling = Reference::Id(ItemKey::new(Kind::Asset, "missing"));
        let by_name = Reference::Name(Kind::Secret, "TOKEN".into());
        inventory.examine(item, digests("d"), &[dangling.clone(), by_name.clone()], &["plugin:x"]);
        let item = inventory.find(&key).expect("it was added");
        assert_eq!((item.name(), item.size(), item.facts()), ("Überschrift", 12, facts));
        assert_eq!(item.tags().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(item.references().collect::<Vec<_>>(), [dangling, by_name]);
        assert_eq!(item.local_references().collect::<Vec<_>>(), [None, None]);
        assert_eq!(item.needs().collect::<Vec<_>>(), ["plugin:x"]);
        assert_eq!(item.digests(), Some(digests("d")));
        assert_eq!(inventory.add(&NewItem::new(key, "again")), Err(0));
    }

    #[test]
    fn a_name_and_an_id_of_the_same_text_are_not_mixed_up() {
        let mut inventory = Inventory::new();
        let flow = inventory.add(&NewItem::new(ItemKey::new(Kind::Flow, "f"), "f")).expect("new");
        inventory.examine(flow, digests("f"), &[Reference::Name(Kind::Secret, "s".into())], &[]);
        assert!(inventory.find(&ItemKey::new(Kind::Secret, "s")).is_none());
        inventory.add(&NewItem::new(ItemKey::new(Kind::Secret, "s"), "other")).expect("still free");
        assert_eq!(inventory.item(flow).local_references().collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn references_can_be_known_before_content_is() {
        let mut inventory = Inventory::new();
        let item = inventory.add(&NewItem::new(ItemKey::new(Kind::Asset, "a"), "a")).expect("new");
        assert!(!inventory.item(item).is_traced());
        inventory.examine_local(item, digests("row"), &[item]);
        inventory.trace_only(item);
        inventory.set_facts(item, Facts { locked: true, ..Facts::default() });
        let traced = inventory.item(item);
        assert_eq!((traced.digests(), traced.is_traced(), traced.references().len()), (None, true, 1));
        inventory.set_digests(item, digests("row and file"));
        let examined = inventory.item(item);
        assert_eq!((examined.digests(), examined.references().len()), (Some(digests("row and file")), 1));
    }

    #[test]
    fn a_million_items_take_at_most_250_bytes_each() {
        const ITEMS: usize = 1_000_000;
        let tags: Vec<String> = (0..1000).map(|n| format!("tag-{n}")).collect();
        let id = |n: usize| format!("{n:08x}-0000-4000-8000-{n:012x}");
        let mut inventory = Inventory::new();
        for n in 0..ITEMS {
            let name = format!("{n:>40}");
            let new = NewItem {
                key: ItemKey::new(Kind::Flow, id(n)),
                name: &name,
                tags: &[&tags[n % 1000], &tags[(n + 7) % 1000]],
                size: 2048,
                facts: Facts::default(),
            };
            inventory.add(&new).expect("new");
        }
        for n in 0..ITEMS {
            let references = [1, 2, 3].map(|step| Reference::Id(ItemKey::new(Kind::Flow, id((n + step) % ITEMS))));
            inventory.examine(n as ItemIndex, digests(""), &references, &[]);
        }
        inventory.shrink();
        let each = inventory.heap_bytes() as f64 / ITEMS as f64;
        assert!(each <= 250.0, "{each} bytes an item");
        assert_eq!(inventory.item(5).references().nth(2), Some(Reference::Id(ItemKey::new(Kind::Flow, id(8)))));
    }
}
