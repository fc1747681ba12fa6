//! One pass over an archive that turns rows, links and files into items: the inventory, and the tables by which later
//! passes know whose a row is.
//! Must not know: outputs, selections, the screen.
//!
//! Archives may hold their parts in any order. In Strapi's own order one pass is enough; where schemas come after
//! rows, links before rows, or rows of v4 need their locales joined, an early pass learns that first.

mod again;
mod digests;
mod each_row;
mod file_count;
mod finish;
mod folders;
mod line;
mod setting;
mod told;
mod values;

use std::borrow::Cow;
use std::collections::BTreeSet;

use hashbrown::HashSet;
use serde::Deserialize;

use self::digests::{digest_of, hash_of, look_of, semantic_of_schema, unique_of};
pub(super) use self::each_row::each_row;
pub(super) use self::file_count::FileCount;
use self::folders::Folders;
pub(super) use self::line::parse;
use self::line::{broken, damaged_line, short, too_many_types};
use self::setting::main_field;
pub(super) use self::setting::{Setting, SettingValue, setting_id};
use self::told::Told;
pub(super) use self::values::values;
use crate::model::{
    Digest, Digests, Error, ErrorKind, Facts, Inventory, ItemIndex, ItemKey, Kind, NewItem, Result, Sole, code,
};
use crate::platforms::strapi::assets::{LONGEST_SIDECAR, Pairing, Sidecar, Upload};
use crate::platforms::strapi::early::Early;
use crate::platforms::strapi::filter::SettingIds;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::link::{Link, Meaning};
use crate::platforms::strapi::members::{Bundle, Entry, Members};
use crate::platforms::strapi::notes::Notes;
use crate::platforms::strapi::redact::PROVIDERS;
use crate::platforms::strapi::relations::Relations;
use crate::platforms::strapi::row::{Row, RowFacts, RowReader, fnv};
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE, Schema, TypeId, Types, USER_TYPE};
use crate::platforms::strapi::table::{HIGHEST_ID, Owner, RowTable};

/// How much of an archive there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub entries: u64,
    pub assets: u64,
    /// Files of assets, renditions included.
    pub binaries: u64,
    pub schemas: u64,
    pub configuration: u64,
    pub links: u64,
    /// Bytes of the archive once unlocked and inflated.
    pub bytes: u64,
}

/// What later passes need to know.
#[derive(Debug)]
pub(super) struct Index {
    pub types: Types,
    pub rows: RowTable,
    pub pairing: Pairing,
    /// The stages in the order in which they lie in the archive.
    pub order: Vec<Part>,
    /// `metadata.json` as it is.
    pub metadata: Option<Vec<u8>>,
    pub version: Option<String>,
    pub created: Option<i64>,
    /// The first unsafe name, for which nothing is ever written.
    pub unsafe_name: Option<String>,
    pub damage: Option<String>,
    pub items: usize,
}

/// The parts of an archive that are written one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Schemas,
    Entities,
    Assets,
    Links,
    Configuration,
}

impl From<Stage> for Part {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Schemas => Part::Schemas,
            Stage::Entities => Part::Entities,
            Stage::Links => Part::Links,
            Stage::Configuration => Part::Configuration,
        }
    }
}

/// The outcome of the pass.
#[derive(Debug)]
pub(super) struct Listing {
    pub inventory: Inventory,
    pub index: Index,
    pub tally: Tally,
}

/// Why a pass stopped.
enum Stop {
    Failed(Error),
    /// It needs to know something that comes later.
    NeedsEarly,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

impl Stop {
    /// Says in which member it happened.
    fn within(self, name: &str) -> Stop {
        match self {
            Stop::Failed(error) => Stop::Failed(error.at(name)),
            Stop::NeedsEarly => Stop::NeedsEarly,
        }
    }
}

/// What a bundle is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All there is: what is missing is missing.
    Whole,
    /// The rows; files come when somebody wants them. Nothing is said of those that are not there, and the sizes of all are
    /// those that their rows tell.
    Rows,
}

/// Reads the whole archive. Damage is a finding of the inventory; only what can be read before it is listed then.
pub(super) fn list(bundle: &Bundle, extent: Extent) -> Result<Listing> {
    list_without(bundle, extent, &HashSet::new())
}

/// The same as if there were none of these links, each known by the digest of its line.
pub(super) fn list_without(bundle: &Bundle, extent: Extent, links: &HashSet<Digest>) -> Result<Listing> {
    match Pass::over(bundle, extent, None, links) {
        Ok(listing) => Ok(listing),
        Err(Stop::NeedsEarly) => match Pass::over(bundle, extent, Some(Early::read(bundle)?), links) {
            Ok(listing) => Ok(listing),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::NeedsEarly) => Err(Error::new(ErrorKind::Internal, "an early pass was asked for twice")),
        },
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// The pass and what it gathers.
struct Pass {
    extent: Extent,
    early: Option<Early>,
    /// Links that are passed over.
    without: HashSet<Digest>,
    inventory: Inventory,
    types: Types,
    rows: RowTable,
    relations: Relations,
    pairing: Pairing,
    /// Files whose row was not seen when they were.
    waiting: Vec<(Sidecar, Upload)>,
    notes: Notes,
    told: Told,
    tally: Tally,
    reader: RowReader,
    setting_ids: SettingIds,
    chunk_names: BTreeSet<String>,
    upload_names: HashSet<u64>,
    order: Vec<Part>,
    metadata: Option<Metadata>,
    metadata_bytes: Option<Vec<u8>>,
    /// Types whose entries turned out to be called by another attribute.
    renamed: BTreeSet<TypeId>,
    folders: Folders,
    unsafe_name: Option<String>,
    damage: Option<String>,
    foreign: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(rename = "createdAt", default)]
    created: Option<String>,
    #[serde(default)]
    strapi: MetadataStrapi,
}

#[derive(Debug, Default, Deserialize)]
struct MetadataStrapi {
    #[serde(default)]
    version: Option<String>,
}

const LONGEST_METADATA: u64 = 1024 * 1024;

impl Pass {
    fn over(bundle: &Bundle, extent: Extent, early: Option<Early>, without: &HashSet<Digest>) -> Result<Listing, Stop> {
        let mut pass = Pass { without: without.clone(), ..Pass::new(extent, early) };
        let mut members = bundle.members()?;
        match pass.read_members(&mut members) {
            Ok(()) => {}
            Err(Stop::Failed(error)) if error.kind() == ErrorKind::Damaged => {
                pass.damaged(&format!("at byte {} of the tar, {}", members.position(), error.message()));
            }
            Err(stop) => return Err(stop),
        }
        drop(members);
        pass.late_links(bundle)?;
        pass.rename(bundle)?;
        pass.finish().map_err(Stop::Failed)
    }

    fn new(extent: Extent, early: Option<Early>) -> Self {
        Pass {
            extent,
            early,
            without: HashSet::new(),
            inventory: Inventory::new(),
            types: Types::default(),
            rows: RowTable::default(),
            relations: Relations::default(),
            pairing: Pairing::default(),
            waiting: Vec::new(),
            notes: Notes::default(),
            told: Told::default(),
            tally: Tally::default(),
            reader: RowReader::default(),
            setting_ids: SettingIds::default(),
            chunk_names: BTreeSet::new(),
            upload_names: HashSet::new(),
            order: Vec::new(),
            metadata: None,
            metadata_bytes: None,
            renamed: BTreeSet::new(),
            folders: Folders::default(),
            unsafe_name: None,
            damage: None,
            foreign: None,
        }
    }

    fn read_members(&mut self, members: &mut Members) -> Result<(), Stop> {
        let mut scratch = Vec::new();
        if let Some(early) = &mut self.early {
            self.types = std::mem::take(&mut early.types);
        }
        while let Some(entry) = members.next_entry()? {
            self.tally.bytes += entry.size;
            let name = entry.name.clone();
            self.member(members, entry, &mut scratch).map_err(|stop| stop.within(&name))?;
        }
        Ok(())
    }

    fn member(&mut self, members: &mut Members, entry: Entry, scratch: &mut Vec<u8>) -> Result<(), Stop> {
        if self.metadata_bytes.is_some() && entry.place != Place::Metadata {
            let sentence = "members follow metadata.json, so strapi import could not tell if the archive was cut";
            self.notes.info(code::UNEXPECTED_MEMBER, sentence, || entry.name.clone());
        }
        match entry.place {
            Place::Metadata => self.read_metadata(members, &entry.name)?,
            Place::Chunk(stage) => {
                self.enter(stage.into());
                self.unique(&entry.name);
                self.chunk(members, stage, &entry.name, scratch)?;
            }
            Place::Sidecar(file) => {
                self.enter(Part::Assets);
                let bytes = members.whole(LONGEST_SIDECAR)?;
                self.sidecar(file, &bytes);
            }
            Place::Upload(file) => {
                self.enter(Part::Assets);
                self.upload(members, &file)?;
            }
            Place::Other => {
                self.foreign.get_or_insert_with(|| entry.name.clone());
                self.notes.info(code::UNEXPECTED_MEMBER, "a member that no Strapi archive has", || entry.name);
            }
            Place::Unsafe(why) => {
                let sentence = format!("a name that {why}; nothing is written from this archive");
                self.notes.blocking(code::UNSAFE_NAME, &sentence, || entry.name.clone());
                self.unsafe_name.get_or_insert(entry.name);
            }
        }
        Ok(())
    }

    fn enter(&mut self, part: Part) {
        if self.order.last() != Some(&part) {
            self.order.push(part);
        }
    }

    fn unique(&mut self, name: &str) {
        // No archive has so many; one that was made to fill the memory has.
        const MOST_NAMES: usize = 100_000;
        if self.chunk_names.len() < MOST_NAMES && !self.chunk_names.insert(name.to_owned()) {
            self.notes.warning(code::DUPLICATE_NAME, "two members of the same name", || name.to_owned());
        }
    }

    fn damaged(&mut self, what: &str) {
        self.notes.blocking(code::DAMAGED, what, String::new);
        self.damage.get_or_insert_with(|| what.to_owned());
    }

    fn read_metadata(&mut self, members: &mut Members, name: &str) -> Result<()> {
        self.unique(name);
        let bytes = members.whole(LONGEST_METADATA)?;
        match serde_json::from_slice(&bytes) {
            Ok(metadata) => self.metadata = Some(metadata),
            Err(error) => self.damaged(&format!("metadata.json is broken: {error}")),
        }
        self.metadata_bytes = Some(bytes);
        Ok(())
    }

    fn chunk(&mut self, members: &mut Members, stage: Stage, name: &str, scratch: &mut Vec<u8>) -> Result<(), Stop> {
        let links_later = stage == Stage::Links && self.early.as_ref().is_some_and(|early| early.links_first);
        if links_later {
            return Ok(());
        }
        each_line(members, scratch, |number, line| {
            let read = match stage {
                Stage::Schemas => self.schema(line),
                Stage::Entities => self.entity(line),
                Stage::Links => self.link(line),
                Stage::Configuration => self.configuration(line),
            };
            match read {
                Err(Stop::Failed(error)) if error.kind() == ErrorKind::Damaged => {
                    self.damaged(&format!("{name}, line {number}: {}", error.message()));
                    Ok(())
                }
                other => other,
            }
        })
    }

    fn schema(&mut self, line: &[u8]) -> Result<(), Stop> {
        let schema: Schema<'_> = parse(line, "schema")?;
        short(&schema.uid)?;
        let learned = self.types.learn(&schema).ok_or_else(too_many_types)?;
        let uid: Box<str> = self.types.get(learned).uid.clone();
        let name = schema.info.display_name.as_deref().filter(|name| short(name).is_ok()).unwrap_or(&schema.uid);
        self.inventory.name_type(&uid, name);
        let item = self.item(ItemKey::new(Kind::Schema, uid), name, line.len() as u64, Facts::default());
        self.sum(item, semantic_of_schema(line), Digest::of(line));
        self.tally.schemas += 1;
        Ok(())
    }

    fn entity(&mut self, line: &[u8]) -> Result<(), Stop> {
        let row: Row<'_> = parse(line, "row")?;
        if row.id > HIGHEST_ID {
            return Err(damaged_line(format!("{} is no id of a row", row.id)).into());
        }
        short(&row.type_)?;
        if self.early.is_none() && self.order.first() != Some(&Part::Schemas) {
            return Err(Stop::NeedsEarly);
        }
        if self.early.is_none() && self.order.contains(&Part::Links) {
            return Err(Stop::NeedsEarly);
        }
        let type_ = self.types.intern(&row.type_).ok_or_else(too_many_types)?;
        let facts = self.reader.read(&row, type_, &mut self.types).map_err(|error| broken(&error, "row"))?;
        short(facts.document.as_deref().unwrap_or_default())?;
        if facts.document.is_none() && self.early.is_none() && self.types.get(type_).localized {
            return Err(Stop::NeedsEarly);
        }
        self.remark_on_type(type_, &row);
        let files = if self.extent == Extent::Rows { facts.file.bytes } else { 0 };
        self.add_row(type_, &row, &facts, line.len() as u64 + files);
        Ok(())
    }

    fn add_row(&mut self, type_: TypeId, row: &Row<'_>, facts: &RowFacts<'_>, size: u64) {
        let id: Cow<'_, str> = match &facts.document {
            Some(document) => Cow::Borrowed(document),
            None => Cow::Owned(self.early.as_ref().map_or(row.id, |early| early.first_of(type_, row.id)).to_string()),
        };
        let is_file = row.type_ == FILE_TYPE;
        let key = match is_file {
            true => ItemKey::new(Kind::Asset, &*id),
            false => ItemKey::typed(Kind::Entry, &*row.type_, &*id),
        };
        let single = self.types.get(type_).single;
        let changed = Facts { updated: facts.updated, single, ..Facts::default() };
        let name = facts.name.as_deref().unwrap_or(&id);
        let item = self.item(key, name, size, changed);
        self.sum(item, facts.semantic, facts.exact);
        for (field, value) in &facts.uniques {
            self.inventory.add_unique(item, unique_of(&row.type_, field, facts.locale, value));
        }
        if single {
            // What no other document of the type has: that it is the only one.
            self.inventory.add_unique(item, unique_of(&row.type_, "", "null", "null"));
        }
        if is_file {
            self.inventory.add_look(item, look_of(&facts.file));
        }
        if row.type_ == FOLDER_TYPE {
            self.folders.add(item, name, facts.folder.path);
        }
        let place = match is_file {
            true => FileCount::of(facts).0,
            false => facts.version,
        };
        match is_file {
            true => self.told.file(item, facts),
            false => self.told.row(item, facts, self.types.get(type_).draftless),
        }
        if row.type_ == FOLDER_TYPE {
            self.folder(row);
        }
        self.rows.insert(type_, row.id, Owner { item, place });
        for &(component, id, ordinal) in &facts.components {
            let place = fnv(facts.version, &ordinal.to_le_bytes());
            self.rows.insert(component, id, Owner { item, place });
        }
    }

    fn folder(&mut self, row: &Row<'_>) {
        #[derive(Deserialize)]
        struct Folder<'a> {
            #[serde(borrow)]
            path: Cow<'a, str>,
            #[serde(borrow)]
            name: Cow<'a, str>,
        }
        // A folder without a path holds no files.
        if let Ok(Folder { path, name }) = serde_json::from_str(row.data.get()) {
            self.told.folder(&path, &name);
        }
    }

    fn remark_on_type(&mut self, type_: TypeId, row: &Row<'_>) {
        let known = self.types.get(type_).known;
        let example = || format!("row {}", row.id);
        if !known {
            let sentence = format!("rows of {}, a type without a schema", row.type_);
            self.notes.warning(code::UNKNOWN_TYPE, &sentence, example);
        }
        if row.type_.starts_with("admin::") {
            let sentence = format!("rows of {}, which strapi export leaves out; Haul never writes them", row.type_);
            self.notes.warning(code::NOT_WRITTEN, &sentence, example);
        }
        let secrets = self.types.get(type_).secrets || row.type_ == USER_TYPE;
        if secrets && !row.type_.starts_with("admin::") {
            self.notes.info(code::SENSITIVE_CONTENT, "users with the hashes of their passwords", || {
                format!("row {} of {}", row.id, row.type_)
            });
        }
    }

    /// The item of this key, new or known; its size, and the newest of its times, grow.
    fn item(&mut self, key: ItemKey, name: &str, size: u64, facts: Facts) -> ItemIndex {
        let new = NewItem { key, name, tags: &[], size, facts };
        match self.inventory.add(&new) {
            Ok(item) => {
                match new.key.kind {
                    Kind::Entry => self.tally.entries += 1,
                    Kind::Asset => self.tally.assets += 1,
                    _ => {}
                }
                item
            }
            Err(item) => {
                let before = self.inventory.item(item);
                let (grown, newest) = (before.size() + size, before.facts().updated.max(facts.updated));
                self.inventory.set_size(item, grown);
                self.inventory.set_facts(item, Facts { updated: newest, ..facts });
                item
            }
        }
    }

    /// Adds to the digests of an item, whatever the order.
    fn sum(&mut self, item: ItemIndex, semantic: Digest, exact: Digest) {
        let zero = Digests { semantic: Digest::ZERO, exact: Digest::ZERO };
        let before = self.inventory.item(item).digests().unwrap_or(zero);
        let digests = Digests { semantic: before.semantic.plus(semantic), exact: before.exact.plus(exact) };
        self.inventory.examine_local(item, digests, &[]);
    }

    fn link(&mut self, line: &[u8]) -> Result<(), Stop> {
        if !self.without.is_empty() && self.without.contains(&Digest::of(line)) {
            return Ok(());
        }
        let link: Link<'_> = parse(line, "link")?;
        link.words().try_for_each(short)?;
        self.tally.links += 1;
        let (from, to) = link.ends();
        let types = (self.types.intern(&from.type_), self.types.intern(&to.type_));
        let (Some(from_type), Some(to_type)) = types else { return Err(too_many_types().into()) };
        let owner = from.row().and_then(|row| self.rows.find(from_type, row));
        let Some(owner) = owner else {
            self.dangling(&link, "comes from a row that the archive does not hold");
            return Ok(());
        };
        self.sum(owner.item, Digest::ZERO, Digest::of(line));
        if link.meaning() == Meaning::SameEntry {
            return Ok(());
        }
        match to.row().and_then(|row| self.rows.find(to_type, row)) {
            Some(target) => {
                // A row of files has a count where others have their version.
                let place = if from.type_ == FILE_TYPE { 0 } else { owner.place };
                self.relations.add(
                    owner.item,
                    place,
                    from.field.as_deref().unwrap_or_default(),
                    link.position(),
                    target.item,
                );
                if link.leads_alone(&self.types) {
                    // Rows of one locale lead to rows of that.
                    let version = if self.types.get(to_type).localized { target.place } else { 0 };
                    let field = from.field.as_deref().unwrap_or_default();
                    let way = hash_of(&format!("{}\n{field}\n{version}", from.type_));
                    self.inventory.add_sole(Sole { way, target: target.item, item: owner.item });
                }
            }
            None => self.dangling(&link, "leads to a row that the archive does not hold"),
        }
        Ok(())
    }

    fn dangling(&mut self, link: &Link<'_>, how: &str) {
        let (from, to) = link.ends();
        let protected = |uid: &str| uid.starts_with("admin::");
        if protected(&link.left.type_) || protected(&link.right.type_) {
            self.notes.info(
                code::NOT_WRITTEN,
                "links to users of the admin panel, which are never written",
                String::new,
            );
            return;
        }
        let field = from.field.as_deref().unwrap_or("a relation");
        let sentence = format!("`{field}` of {} {how}", from.type_);
        self.notes.warning(code::LINK_WITHOUT_ENTRY, &sentence, || match (from.row(), to.row()) {
            (Some(from), Some(to)) => format!("row {from} to row {to}"),
            _ => "no row ids".to_owned(),
        });
    }

    fn configuration(&mut self, line: &[u8]) -> Result<(), Stop> {
        let setting: Setting<'_> = parse(line, "setting")?;
        let value: SettingValue<'_> = parse(setting.value.get().as_bytes(), "setting")?;
        let key = setting_id(&value);
        short(&key)?;
        let id = self.setting_ids.count(key.clone());
        if id != key {
            self.notes.warning(code::DUPLICATE_ID, "settings of the same key", || key.clone());
        }
        let name = value.key.as_deref().or(value.name.as_deref()).unwrap_or(&key);
        let item = self.item(ItemKey::new(Kind::Configuration, &*id), name, line.len() as u64, Facts::default());
        let Digests { semantic, exact } = value.digests(setting.value.get(), line);
        self.sum(item, semantic, exact);
        self.tally.configuration += 1;
        self.learn_from_setting(&value);
        Ok(())
    }

    fn learn_from_setting(&mut self, value: &SettingValue<'_>) {
        if value.headers.is_some_and(|headers| headers.get() != "{}") {
            let name = || value.name.clone().unwrap_or_default();
            self.notes.info(code::SENSITIVE_CONTENT, "headers of webhooks, which may hold credentials", name);
        }
        let Some(key) = value.key.as_deref() else { return };
        if key == PROVIDERS {
            self.notes.info(code::SENSITIVE_CONTENT, "secrets of login providers", || key.to_owned());
        }
        let uid = key.strip_prefix("plugin_content_manager_configuration_content_types::");
        let (Some(uid), Some(held)) = (uid, value.value) else { return };
        if let Some(attribute) = main_field(held.get()) {
            self.renamed.extend(self.types.call_by(uid, &attribute));
        }
    }

    fn sidecar(&mut self, file: String, bytes: &[u8]) {
        match Sidecar::read(bytes, &file) {
            Ok(sidecar) => {
                if let Some(owner) = self.file_owner(&sidecar) {
                    self.sum(owner.item, Digest::ZERO, Digest::of(bytes));
                }
                if let Some(upload) = self.pairing.sidecar(file, sidecar) {
                    self.file(sidecar, upload);
                }
            }
            Err(why) => {
                let sentence = "a file's record that strapi import refuses";
                self.notes.warning(code::MISSING_FILE, sentence, || format!("{file}.json {why}"));
            }
        }
    }

    fn upload(&mut self, members: &mut Members, file: &str) -> Result<()> {
        if !self.upload_names.insert(hash_of(file)) {
            self.notes.warning(code::DUPLICATE_NAME, "two files of the same name", || file.to_owned());
        }
        let upload = digest_of(members)?;
        if let Some(sidecar) = self.pairing.upload(file, upload) {
            if !sidecar.fits_size(upload.size) {
                let sentence = "a file has another size than its record says";
                self.notes.info(code::FILE_SIZE_DIFFERS, sentence, || format!("{file}, {} bytes", upload.size));
            }
            self.file(sidecar, upload);
        }
        Ok(())
    }

    fn file_owner(&mut self, sidecar: &Sidecar) -> Option<Owner> {
        let type_ = self.types.find(FILE_TYPE)?;
        self.rows.find(type_, sidecar.row)
    }

    /// A file whose sidecar is known: it belongs to the item of its row.
    fn file(&mut self, sidecar: Sidecar, upload: Upload) {
        let type_ = self.types.find(FILE_TYPE);
        let owner = type_.and_then(|type_| self.rows.find_mut(type_, sidecar.row));
        let Some(owner) = owner else { return self.waiting.push((sidecar, upload)) };
        owner.place = FileCount(owner.place).with_one_more(sidecar.main).0;
        let item = owner.item;
        self.tally.binaries += 1;
        if self.extent == Extent::Whole {
            let grown = self.inventory.item(item).size() + upload.size;
            self.inventory.set_size(item, grown);
        }
        // Renditions are made from the main file, by each server in its own way.
        let semantic = if sidecar.main { upload.content } else { Digest::ZERO };
        if sidecar.main {
            self.inventory.set_bytes(item, upload.content);
        }
        self.sum(item, semantic, upload.content);
    }
}
