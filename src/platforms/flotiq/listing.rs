//! Lists an export directory: one pass over its files in bounded memory. What is damaged becomes a finding that names file
//! and line, and the rest is read.
//! Must not know: servers, destinations.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::definition::{self, Definition};
use super::index::{Index, Place, Type};
use super::layout::{self, DEFINITION, Folder};
use super::names::{key_of, media_file};
use super::record::{self, Examined, MediaFacts};
use super::scan::{self, Fault, Spot};
use super::{dates, secrets};
use crate::model::text::printable;
use crate::model::{
    Error, Facts, FileInfo, Finding, Inventory, ItemIndex, ItemKey, Kind, NewItem, Reference, Result, Version, code,
};

/// What is listed.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A directory that somebody keeps, with the day that its date variables are seen from.
    Kept(Date),
    /// What was pulled from a server: literal, and without the files of media until they are asked for.
    Pulled,
}

/// A listed directory.
#[derive(Debug)]
pub(super) struct Listing {
    pub inventory: Inventory,
    pub index: Index,
}

/// Lists the directory whose types lie in `root`.
pub(super) fn list(root: &Path, origin: &Origin) -> Result<Listing> {
    let mut lister = Lister::new(root, origin);
    let folders = layout::folders(root)?;
    let types: Vec<Option<usize>> = folders.iter().map(|folder| lister.definition(folder)).collect::<Result<_>>()?;
    lister.definitions();
    // What is referred to by name comes first, so that its name is known: tags, then media, then who uses both.
    let rank = |at: usize| match &*lister.index.types[at].definition.name {
        "_tag" => 0,
        "_media" => 1,
        _ => 2,
    };
    let mut order: Vec<(u8, usize, &Folder)> =
        types.iter().zip(&folders).filter_map(|(at, folder)| Some((rank((*at)?), (*at)?, folder))).collect();
    order.sort_by_key(|(rank, ..)| *rank);
    for (_, at, folder) in order {
        lister.objects(at, folder)?;
    }
    Ok(lister.finish())
}

struct Lister {
    inventory: Inventory,
    index: Index,
    pulled: bool,
    values: Vec<Value>,
    dates: u64,
    secrets: secrets::Tally,
}

impl Lister {
    fn new(root: &Path, origin: &Origin) -> Self {
        let (today, pulled) = match origin {
            Origin::Kept(today) => (Some(*today), false),
            Origin::Pulled => (None, true),
        };
        Lister {
            inventory: Inventory::new(),
            index: Index { root: root.to_owned(), today, ..Index::default() },
            pulled,
            values: Vec::new(),
            dates: 0,
            secrets: secrets::Tally::default(),
        }
    }

    /// Reads the definition of a folder; `None` where there is none that could be used.
    fn definition(&mut self, folder: &Folder) -> Result<Option<usize>> {
        if !folder.has_definition {
            let message = format!(
                "the objects in {} have no {DEFINITION} beside them, which says of which type they are; they are left out",
                printable(&folder.name)
            );
            self.inventory.findings.push(Finding::warning(code::UNKNOWN_TYPE, message));
            return Ok(None);
        }
        let path = folder.path.join(DEFINITION);
        let bytes =
            fs::read(&path).map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
        self.index.bytes += bytes.len() as u64;
        let read = read_definition(&bytes);
        let (value, definition) = match read {
            Ok(read) => read,
            Err(fault) => {
                self.damaged(&folder.shown(DEFINITION), &fault);
                return Ok(None);
            }
        };
        if let Some(&known) = self.index.by_name.get(&definition.name) {
            self.second_definition(known, &value, folder);
            return Ok(Some(known));
        }
        let at = self.index.types.len();
        self.index.by_name.insert(definition.name.clone(), at);
        self.index.types.push(Type { definition, path });
        self.values.push(value);
        Ok(Some(at))
    }

    /// A type may lie in several folders. The first definition counts.
    fn second_definition(&mut self, known: usize, value: &Value, folder: &Folder) {
        let digest = |value: &Value| definition::examine(value, &|_| false).digests.semantic;
        if digest(&self.values[known]) != digest(value) {
            let name = &self.index.types[known].definition.name;
            let message = format!(
                "{} defines the type `{name}` otherwise than another folder; the other one is taken",
                printable(&folder.shown(DEFINITION))
            );
            self.inventory.findings.push(Finding::warning(code::DUPLICATE_ID, message));
        }
    }

    /// Definitions of internal types belong to the platform: they travel with their objects, and are no items.
    fn definitions(&mut self) {
        let values = std::mem::take(&mut self.values);
        for (at, value) in values.iter().enumerate() {
            let definition = &self.index.types[at].definition;
            if definition.internal {
                continue;
            }
            let key = ItemKey::new(Kind::Definition, &*definition.name);
            let size = value.to_string().len() as u64;
            self.inventory.name_type(&definition.name, &definition.label);
            let added = self.inventory.add(&NewItem { size, ..NewItem::new(key, &definition.label) });
            // A name is there once, for it was looked up by it.
            let Ok(item) = added else { continue };
            let examined = definition::examine(value, &|_| false);
            let references: Vec<Reference> = examined.references.into_iter().map(Reference::Id).collect();
            self.inventory.examine(item, examined.digests, &references, &[]);
            self.index.places.push(Place { file: at as u32, length: 0, at: 0 });
        }
    }

    fn objects(&mut self, type_: usize, folder: &Folder) -> Result<()> {
        for name in &folder.objects {
            let path = folder.path.join(name);
            let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
            let file = File::open(&path).map_err(failed)?;
            self.index.bytes += file.metadata().map_err(failed)?.len();
            let number = self.index.files.len() as u32;
            self.index.files.push(path);
            let definition = self.index.types[type_].definition.clone();
            let reader = BufReader::with_capacity(256 * 1024, file);
            let read =
                scan::each_object(reader, |spot, bytes| self.object(&definition, (folder, name), number, spot, bytes));
            if let Err(fault) = read {
                self.damaged(&folder.shown(name), &fault);
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        definition: &Definition,
        (folder, name): (&Folder, &str),
        file: u32,
        spot: Spot,
        bytes: &[u8],
    ) -> std::result::Result<(), Fault> {
        let object = self.parse(spot, bytes)?;
        let Some(id) = object.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            let place = printable(&folder.shown(name)).into_owned();
            let message = format!("{place}, line {}: the object has no id and is left out", spot.line);
            self.inventory.findings.push(Finding::warning(code::NOT_ADDRESSABLE, message));
            return Ok(());
        };
        let key = key_of(&definition.name, id);
        let examined = {
            let inventory = &self.inventory;
            record::examine(definition, id, &object, &|id| inventory.lookup(Kind::Media, None, id).is_some())
        };
        let state = examined.state.told().filter(|_| definition.draft_public);
        let facts = Facts { state, ..examined.facts };
        let Some(item) = self.add(&key, &examined, facts, bytes.len() as u64) else {
            let place = printable(&folder.shown(name)).into_owned();
            let message = format!("{place}, line {}: {key} is there already; the first one is taken", spot.line);
            self.inventory.findings.push(Finding::warning(code::DUPLICATE_ID, message).on(&key));
            return Ok(());
        };
        self.index.places.push(Place { file, length: bytes.len() as u32, at: spot.at });
        if let Some(media) = &examined.media {
            self.medium(item, &key, media, folder);
        }
        if let Some(state) = state {
            self.inventory.add_version(item, Version { locale: None, state: Some(state) });
        }
        self.secrets.look_into(&key, &object);
        Ok(())
    }

    fn parse(&mut self, spot: Spot, bytes: &[u8]) -> std::result::Result<Map<String, Value>, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::new(spot.line, "the object is no UTF-8"))?;
        let text = match self.index.today {
            Some(today) => {
                let (text, count) = dates::expanded(text, today);
                self.dates += count as u64;
                text
            }
            None => text.into(),
        };
        serde_json::from_str(&text).map_err(|error| Fault::json(spot.line, &error))
    }

    fn add(&mut self, key: &ItemKey, examined: &Examined, facts: Facts, size: u64) -> Option<ItemIndex> {
        let tags: Vec<String> = examined
            .references
            .iter()
            .filter(|key| key.kind == Kind::Tag)
            .filter_map(|key| Some(self.inventory.find(key)?.name().to_owned()))
            .collect();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let name = if examined.name.is_empty() { &*key.id } else { &examined.name };
        let new = NewItem { key: key.clone(), name, tags: &tags, size, facts };
        let item = self.inventory.add(&new).ok()?;
        let references: Vec<Reference> = examined.references.iter().cloned().map(Reference::Id).collect();
        self.inventory.examine(item, examined.digests, &references, &[]);
        examined.uniques.iter().for_each(|&value| self.inventory.add_unique(item, value));
        Some(item)
    }

    /// A medium is examined once its file was read.
    fn medium(&mut self, item: ItemIndex, key: &ItemKey, facts: &MediaFacts, folder: &Folder) {
        self.inventory.trace_only(item);
        if let Some(look) = facts.look() {
            self.inventory.add_look(item, look);
        }
        let (mime, dimensions, bytes) = (facts.mime.as_deref(), facts.dimensions, facts.size);
        self.inventory.add_file(item, FileInfo { mime, dimensions, bytes, folder: None });
        if media_file(&key.id, &facts.extension).is_none() {
            let message = format!("{key} would have a file outside of its folder; it is never looked for");
            self.inventory.findings.push(Finding::blocking(code::UNSAFE_NAME, message).on(key));
            return;
        }
        let record = self.inventory.item(item).size();
        if self.pulled {
            self.inventory.set_size(item, record + facts.size.unwrap_or(0));
            return;
        }
        let path = layout::file_of_medium(&self.index.root, &folder.path, &key.id, &facts.extension);
        let size = path.as_deref().and_then(|path| path.metadata().ok()).map(|about| about.len());
        self.inventory.set_size(item, record + size.unwrap_or(0));
        self.inventory.findings.extend(file_finding(key, facts, size));
    }

    fn damaged(&mut self, file: &str, fault: &Fault) {
        let place = printable(file).into_owned();
        let message = match fault.line {
            Some(line) => format!("{place}, line {line}: {}", fault.why),
            None => format!("{place}: {}", fault.why),
        };
        self.index.damage.get_or_insert_with(|| message.clone());
        self.inventory.findings.push(Finding::blocking(code::DAMAGED, message));
    }

    fn finish(mut self) -> Listing {
        if self.dates > 0 {
            let message =
                format!("{} date variables such as {{{{date}}}} were replaced by days seen from today", self.dates);
            self.inventory.findings.push(Finding::info(code::DATE_VARIABLE, message));
        }
        self.inventory.findings.extend(self.secrets.findings());
        self.inventory.shrink();
        let doubled = doubled_values(&self.inventory);
        self.inventory.findings.extend(doubled);
        Listing { inventory: self.inventory, index: self.index }
    }
}

fn read_definition(bytes: &[u8]) -> std::result::Result<(Value, Definition), Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault { line: None, why: "is no UTF-8".to_owned() })?;
    let text = text.trim_start_matches('\u{feff}');
    super::json::members(text).map_err(|error| Fault::json(1, &error))?;
    let value: Value = serde_json::from_str(text).map_err(|error| Fault::json(1, &error))?;
    let definition = Definition::of(&value).map_err(|why| Fault { line: None, why })?;
    Ok((value, definition))
}

/// What there is to say of a medium's file of this size, or of none.
pub(super) fn file_finding(key: &ItemKey, facts: &MediaFacts, size: Option<u64>) -> Option<Finding> {
    match (size, facts.size) {
        (None, _) => {
            let message = format!("{key} has no file; its record alone travels");
            Some(Finding::warning(code::MISSING_FILE, message).on(key))
        }
        (Some(size), Some(said)) if size != said => {
            let message = format!("the file of {key} has {size} bytes, and its record says {said}");
            Some(Finding::warning(code::FILE_SIZE_DIFFERS, message).on(key))
        }
        _ => None,
    }
}

/// Objects of one type that a space cannot hold beside each other: ids that differ in case alone, equal unique fields.
fn doubled_values(inventory: &Inventory) -> Vec<Finding> {
    let doubled = inventory.uniques().windows(2).filter(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1);
    let say = |pair: &[(u64, ItemIndex)]| {
        let [one, other] = [pair[0].1, pair[1].1].map(|item| inventory.item(item).key());
        let message = format!(
            "{other} and {one} cannot be in one space: their ids or the values of a unique field are equal there"
        );
        Finding::warning(code::DUPLICATE_ID, message).on(&other)
    };
    doubled.map(say).collect()
}

/// Every file of a listed directory that holds definitions or objects, once.
pub(super) fn files_of(index: &Index) -> Vec<PathBuf> {
    let mut files: HashMap<&PathBuf, ()> = index.files.iter().map(|path| (path, ())).collect();
    files.extend(index.types.iter().map(|type_| (&type_.path, ())));
    let mut files: Vec<PathBuf> = files.into_keys().cloned().collect();
    files.sort();
    files
}
