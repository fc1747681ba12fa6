//! One pass over an archive that turns rows, links and files into items: the inventory, and the tables by which later
//! passes know whose a row is.
//! Must not know: outputs, selections, the screen.
//!
//! Archives may hold their parts in any order. In Strapi's own order one pass is enough; where schemas come after
//! rows, links before rows, or rows of v4 need their locales joined, an early pass learns that first.

use std::borrow::Cow;
use std::collections::BTreeSet;

use hashbrown::HashSet;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::assets::{Half, LONGEST_SIDECAR, Pairing, Sidecar, Upload};
use super::early::Early;
use super::filter::SettingIds;
use super::layout::{Place, Stage};
use super::lines::each_line;
use super::link::{Link, Meaning};
use super::members::{Bundle, Entry, Members, from_io};
use super::notes::Notes;
use super::relations::Relations;
use super::row::{Row, RowFacts, RowReader, fnv};
use super::schema::{FILE_TYPE, Schema, TypeId, Types, indexed};
use super::table::{HIGHEST_ID, Owner, RowTable};
use crate::model::{
    Digest, Digests, Error, ErrorKind, Facts, Inventory, ItemIndex, ItemKey, Kind, NewItem, Result, code,
};

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

/// Reads the whole archive. Damage is a finding of the inventory; only what can be read before it is listed then.
pub(super) fn list(bundle: &Bundle) -> Result<Listing> {
    match Pass::over(bundle, None) {
        Ok(listing) => Ok(listing),
        Err(Stop::NeedsEarly) => match Pass::over(bundle, Some(Early::read(bundle)?)) {
            Ok(listing) => Ok(listing),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::NeedsEarly) => Err(Error::new(ErrorKind::Internal, "an early pass was asked for twice")),
        },
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// The pass and what it gathers.
struct Pass {
    early: Option<Early>,
    inventory: Inventory,
    types: Types,
    rows: RowTable,
    relations: Relations,
    pairing: Pairing,
    /// Files whose row was not seen when they were.
    waiting: Vec<(Sidecar, Upload)>,
    notes: Notes,
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
    fn over(bundle: &Bundle, early: Option<Early>) -> Result<Listing, Stop> {
        let mut pass = Pass::new(early);
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

    fn new(early: Option<Early>) -> Self {
        Pass {
            early,
            inventory: Inventory::new(),
            types: Types::default(),
            rows: RowTable::default(),
            relations: Relations::default(),
            pairing: Pairing::default(),
            waiting: Vec::new(),
            notes: Notes::default(),
            tally: Tally::default(),
            reader: RowReader::default(),
            setting_ids: SettingIds::default(),
            chunk_names: BTreeSet::new(),
            upload_names: HashSet::new(),
            order: Vec::new(),
            metadata: None,
            metadata_bytes: None,
            renamed: BTreeSet::new(),
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
        self.add_row(type_, &row, &facts, line.len() as u64);
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
        let changed = Facts { updated: facts.updated, ..Facts::default() };
        let name = facts.name.as_deref().unwrap_or(&id);
        let item = self.item(key, name, size, changed);
        self.sum(item, facts.semantic, facts.exact);
        let place = match is_file {
            true => FileCount::of(facts).0,
            false => facts.version,
        };
        self.rows.insert(type_, row.id, Owner { item, place });
        for &(component, id, ordinal) in &facts.components {
            let place = fnv(facts.version, &ordinal.to_le_bytes());
            self.rows.insert(component, id, Owner { item, place });
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
        if row.type_ == "plugin::users-permissions.user" {
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
                self.inventory.set_facts(item, Facts { updated: newest, ..Facts::default() });
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
                self.relations.add(owner.item, place, from.field.as_deref().unwrap_or_default(), from.pos, target.item);
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
        self.sum(item, semantic_of_object(setting.value.get(), &["id"]), Digest::of(line));
        self.tally.configuration += 1;
        self.learn_from_setting(&value);
        Ok(())
    }

    fn learn_from_setting(&mut self, value: &SettingValue<'_>) {
        let Some(key) = value.key.as_deref() else { return };
        if key == "plugin_users-permissions_grant" {
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
        let grown = self.inventory.item(item).size() + upload.size;
        self.inventory.set_size(item, grown);
        // Renditions are made from the main file, by each server in its own way.
        let semantic = if sidecar.main { upload.content } else { Digest::ZERO };
        self.sum(item, semantic, upload.content);
    }

    fn late_links(&mut self, bundle: &Bundle) -> Result<(), Stop> {
        if !self.early.as_mut().is_some_and(|early| std::mem::take(&mut early.links_first)) {
            return Ok(());
        }
        let mut scratch = Vec::new();
        self.again(bundle, |pass, members, entry| match entry.place {
            Place::Chunk(Stage::Links) => pass.chunk(members, Stage::Links, &entry.name, &mut scratch),
            _ => Ok(()),
        })
    }

    /// Gives entries the name that the content manager's configuration calls them by, where that was learned only
    /// after they were read.
    fn rename(&mut self, bundle: &Bundle) -> Result<(), Stop> {
        let Pass { renamed, rows, .. } = self;
        rows.sort();
        renamed.retain(|type_| rows.of_type(*type_).next().is_some());
        if renamed.is_empty() {
            return Ok(());
        }
        let mut named = vec![false; self.inventory.len()];
        let mut scratch = Vec::new();
        self.again(bundle, |pass, members, entry| match entry.place {
            Place::Chunk(Stage::Entities) => each_line(members, &mut scratch, |_, line| {
                pass.rename_row(line, &mut named);
                Ok(())
            }),
            _ => Ok(()),
        })
    }

    fn rename_row(&mut self, line: &[u8], named: &mut [bool]) {
        // What is broken was said in the first pass.
        let Ok(row) = parse::<Row<'_>>(line, "row") else { return };
        let Some(type_) = self.types.find(&row.type_).filter(|type_| self.renamed.contains(type_)) else { return };
        let Some(owner) = self.rows.find(type_, row.id) else { return };
        if std::mem::replace(&mut named[owner.item as usize], true) {
            return;
        }
        let attribute = self.types.get(type_).name_by.as_deref();
        let name = RowReader::name(&row, attribute).unwrap_or_default();
        let id = self.inventory.item(owner.item).id().to_owned();
        self.inventory.set_name(owner.item, if name.is_empty() { &id } else { &name });
    }

    /// Another pass over the members, up to the place where the first one found damage.
    fn again(
        &mut self,
        bundle: &Bundle,
        mut each: impl FnMut(&mut Self, &mut Members, Entry) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut members = bundle.members()?;
        loop {
            let read = match members.next_entry() {
                Ok(None) => return Ok(()),
                Ok(Some(entry)) => each(self, &mut members, entry),
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(()) => {}
                Err(Stop::Failed(error)) if error.kind() == ErrorKind::Damaged && self.damage.is_some() => {
                    return Ok(());
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    fn finish(mut self) -> Result<Listing> {
        self.rows.sort();
        for (sidecar, upload) in std::mem::take(&mut self.waiting) {
            match self.file_owner(&sidecar) {
                Some(_) => self.file(sidecar, upload),
                None => {
                    let sentence = "a file without a row, which strapi import would stop at; Haul never writes it";
                    self.notes.warning(code::UNEXPECTED_MEMBER, sentence, || format!("row {}", sidecar.row));
                }
            }
        }
        self.pairing.park();
        self.remark_on_halves();
        self.remark_on_missing_files();
        self.remark_on_repeated_rows();
        if self.metadata_bytes.is_none() {
            self.without_metadata()?;
        }
        let relations = std::mem::take(&mut self.relations);
        relations.settle(&mut self.inventory);
        self.inventory.shrink();
        self.rows.shrink();
        self.inventory.findings = self.notes.findings();
        let created = self.metadata.as_ref().and_then(|metadata| metadata.created.as_deref());
        let created = created.and_then(|time| time.parse::<jiff::Timestamp>().ok());
        let index = Index {
            items: self.inventory.len(),
            types: self.types,
            rows: self.rows,
            pairing: self.pairing,
            order: self.order,
            metadata: self.metadata_bytes,
            version: self.metadata.and_then(|metadata| metadata.strapi.version),
            created: created.map(jiff::Timestamp::as_second),
            unsafe_name: self.unsafe_name,
            damage: self.damage,
        };
        Ok(Listing { inventory: self.inventory, index, tally: self.tally })
    }

    /// `metadata.json` is the end mark of an archive, and what makes a tar one.
    fn without_metadata(&mut self) -> Result<()> {
        if self.order.is_empty() && self.damage.is_none() {
            let wrapped =
                self.foreign.as_deref().filter(|name| name.ends_with("metadata.json") || name.contains("/schemas/"));
            let error = Error::new(ErrorKind::NotABundle, "it holds no metadata.json: this is no Strapi archive");
            return Err(match wrapped {
                Some(name) => {
                    error.hint(format!("its members lie in a folder of their own ({name}); pack them without it"))
                }
                None => error,
            });
        }
        self.damaged("metadata.json is missing, which Strapi writes last: the archive was cut, or never finished");
        Ok(())
    }

    fn remark_on_halves(&mut self) {
        let Pass { pairing, notes, .. } = self;
        for (file, half) in pairing.halves() {
            match half {
                Half::Upload(_) => notes.warning(
                    code::UNEXPECTED_MEMBER,
                    "a file without a sound record, which strapi import would refuse; Haul never writes it",
                    || file.to_owned(),
                ),
                // The importer ignores it, and the row is spoken of as one without its file.
                Half::Sidecar(_) | Half::Both(_) => {}
            }
        }
    }

    fn remark_on_missing_files(&mut self) {
        let Some(type_) = self.types.find(FILE_TYPE) else { return };
        let any = self.tally.binaries > 0;
        let Pass { rows, notes, inventory, .. } = self;
        for (_, owner) in rows.of_type(type_) {
            let count = FileCount(owner.place);
            let item = inventory.item(owner.item);
            if count.has_main() {
                if count.seen() < count.expected() {
                    let sentence = "renditions of files are missing";
                    notes.add_on(
                        crate::model::Severity::Info,
                        code::MISSING_FILE,
                        sentence,
                        &item.key(),
                        item.name().into(),
                    );
                }
            } else if count.elsewhere() {
                let sentence = "files held by another provider are not part of the archive";
                notes.warning(code::FILES_ELSEWHERE, sentence, || item.name().to_owned());
            } else if any {
                let sentence = "the file of this record is missing";
                notes.add_on(
                    crate::model::Severity::Warning,
                    code::MISSING_FILE,
                    sentence,
                    &item.key(),
                    item.name().into(),
                );
            } else {
                let sentence =
                    "records of files without their files, as `--only content` and `--exclude files` make them";
                notes.warning(code::FILES_LEFT_OUT, sentence, || item.name().to_owned());
            }
        }
    }

    fn remark_on_repeated_rows(&mut self) {
        let Pass { rows, notes, types, .. } = self;
        for (type_, id) in rows.repeated() {
            let sentence = format!("rows of {} with the same id", types.get(type_).uid);
            notes.warning(code::DUPLICATE_ID, &sentence, || format!("row {id}"));
        }
    }
}

/// How many files a row should have and has, in the bits that other rows use for their version.
#[derive(Clone, Copy)]
struct FileCount(u32);

impl FileCount {
    const MAIN: u32 = 1 << 16;
    const ELSEWHERE: u32 = 1 << 17;

    fn of(facts: &RowFacts<'_>) -> Self {
        let expected = facts.file.renditions.min(254) as u32 + 1;
        let local = facts.file.provider.as_deref().is_none_or(|provider| provider == "local");
        FileCount(expected | if local { 0 } else { FileCount::ELSEWHERE })
    }

    fn with_one_more(self, main: bool) -> Self {
        let seen = (self.seen() + 1).min(255);
        FileCount(self.0 & !0xff00 | seen << 8 | if main { FileCount::MAIN } else { 0 })
    }

    fn expected(self) -> u32 {
        self.0 & 0xff
    }

    fn seen(self) -> u32 {
        self.0 >> 8 & 0xff
    }

    fn has_main(self) -> bool {
        self.0 & FileCount::MAIN != 0
    }

    fn elsewhere(self) -> bool {
        self.0 & FileCount::ELSEWHERE != 0
    }
}

/// A line of the configuration: a value of the core store, or a webhook.
#[derive(Deserialize)]
pub(super) struct Setting<'a> {
    #[serde(borrow)]
    pub value: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct SettingValue<'a> {
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    tag: Option<String>,
}

/// `KEY`, `KEY@ENVIRONMENT`, `KEY#TAG` or both: the core store keeps values apart by all three.
pub(super) fn setting_id(value: &SettingValue<'_>) -> String {
    let mut id = value.key.as_deref().or(value.name.as_deref()).unwrap_or("without a key").to_owned();
    if let Some(environment) = value.environment.as_deref().filter(|text| !text.is_empty()) {
        id = format!("{id}@{environment}");
    }
    if let Some(tag) = value.tag.as_deref().filter(|text| !text.is_empty()) {
        id = format!("{id}#{tag}");
    }
    id
}

/// Older exports keep the value as text that holds JSON.
fn main_field(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct View {
        settings: Settings,
    }
    #[derive(Deserialize)]
    struct Settings {
        #[serde(rename = "mainField")]
        main_field: String,
    }
    let inner: Cow<'_, str> = match json.starts_with('"') {
        true => Cow::Owned(serde_json::from_str(json).ok()?),
        false => Cow::Borrowed(json),
    };
    serde_json::from_str::<View>(&inner).ok().map(|view| view.settings.main_field)
}

/// What two projects compare of a schema (`@strapi/data-transfer` 5.54.0, `utils/schema`).
const COMPARED: [&str; 11] = [
    "collectionName",
    "info",
    "options",
    "pluginOptions",
    "attributes",
    "kind",
    "modelType",
    "modelName",
    "uid",
    "plugin",
    "globalId",
];

fn semantic_of_schema(line: &[u8]) -> Digest {
    let Ok(indexed::Pairs(pairs)) = serde_json::from_slice(line) else { return Digest::ZERO };
    let mut out = Vec::with_capacity(line.len());
    for wanted in COMPARED {
        if let Some((_, raw)) = pairs.iter().find(|(key, _)| key == wanted) {
            super::canonical::append(&format!("\"{wanted}\""), &mut out);
            super::canonical::append(raw.get(), &mut out);
        }
    }
    Digest::of(&out)
}

fn semantic_of_object(json: &str, left_out: &[&str]) -> Digest {
    let Ok(indexed::Pairs(mut pairs)) = serde_json::from_str(json) else { return Digest::of(json.as_bytes()) };
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = Vec::with_capacity(json.len());
    for (key, raw) in pairs.iter().filter(|(key, _)| !left_out.contains(&&**key)) {
        out.extend_from_slice(key.as_bytes());
        out.push(0xff);
        super::canonical::append(raw.get(), &mut out);
    }
    Digest::of(&out)
}

/// Reads a file to its end.
fn digest_of(members: &mut Members) -> Result<Upload> {
    use std::io::BufRead;
    let mut hasher = blake3::Hasher::new();
    let mut size = 0;
    loop {
        let ready = members.fill_buf().map_err(from_io)?;
        if ready.is_empty() {
            return Ok(Upload { size, content: Digest::from_hasher(&hasher) });
        }
        hasher.update(ready);
        let count = ready.len();
        size += count as u64;
        members.consume(count);
    }
}

fn hash_of(name: &str) -> u64 {
    let digest = Digest::of(name.as_bytes()).0;
    u64::from_le_bytes(*digest.first_chunk().unwrap_or(&[0; 8]))
}

pub(super) fn parse<'a, T: Deserialize<'a>>(line: &'a [u8], what: &str) -> Result<T> {
    if line.starts_with(b"\xef\xbb\xbf") {
        return Err(damaged_line("begins with a byte-order mark, at which strapi import fails"));
    }
    serde_json::from_slice(line).map_err(|error| broken(&error, what))
}

fn broken(error: &serde_json::Error, what: &str) -> Error {
    damaged_line(format!("is no {what}: {error}"))
}

/// Ids, names of types and fields, and keys are kept in memory, so none may be endless. Strapi's own have at most 255
/// characters, as their columns do.
fn short(word: &str) -> Result<()> {
    const LONGEST: usize = 1024;
    match word.len() <= LONGEST {
        true => Ok(()),
        false => Err(damaged_line(format!("a name or id of {} bytes", word.len()))),
    }
}

fn damaged_line(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Damaged, message)
}

fn too_many_types() -> Error {
    damaged_line("there are more types than any project has")
}
