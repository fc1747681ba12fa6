//! The content of single items: their rows, links and the names of their files, as they stand in the archive.
//! Must not know: who reads them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::value::RawValue;

use super::assets::{Half, Sidecar};
use super::filter::SettingIds;
use super::layout::{Place, Stage};
use super::lines::each_line;
use super::link::Link;
use super::listing::{Index, Setting, SettingValue, parse, setting_id};
use super::members::{Bundle, Entry, Members};
use super::row::Row;
use super::schema::{FILE_TYPE, Schema};
use crate::model::{Error, ErrorKind, Inventory, ItemIndex, ItemKey, Kind, Record, Result};

/// What is shown of one item.
#[derive(Default, Serialize)]
struct Content {
    /// Lines of the archive that are the item: one for each locale and version.
    rows: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Box<RawValue>>,
    /// Names of files with their bytes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, u64>,
}

/// Reads the items in the order asked for.
pub(super) fn records(bundle: &Bundle, index: &Index, inventory: &Inventory, keys: &[ItemKey]) -> Result<Vec<Record>> {
    let mut wanted = HashMap::new();
    let mut order = Vec::with_capacity(keys.len());
    for key in keys {
        let gone = || Error::new(ErrorKind::UnknownItem, format!("there is no {key}")).items([key.clone()]);
        let item = inventory.find(key).ok_or_else(gone)?.index();
        wanted.insert(item, Content::default());
        order.push(item);
    }
    let mut reader = Reader { index, inventory, wanted, last: None, settings: SettingIds::default() };
    reader.pass(bundle)?;
    keys.iter().zip(order).map(|(key, item)| reader.record(key, item)).collect()
}

struct Reader<'a> {
    index: &'a Index,
    inventory: &'a Inventory,
    wanted: HashMap<ItemIndex, Content>,
    settings: SettingIds,
    last: Option<(String, Sidecar)>,
}

impl Reader<'_> {
    fn pass(&mut self, bundle: &Bundle) -> Result<()> {
        let mut members = bundle.members()?;
        let mut scratch = Vec::new();
        while let Some(entry) = members.next_entry()? {
            self.member(&mut members, entry, &mut scratch)?;
        }
        Ok(())
    }

    fn member(&mut self, members: &mut Members, entry: Entry, scratch: &mut Vec<u8>) -> Result<()> {
        match entry.place {
            Place::Chunk(stage) => each_line(members, scratch, |_, line| self.line(stage, line)),
            Place::Sidecar(file) => {
                let bytes = members.whole(super::assets::LONGEST_SIDECAR)?;
                self.last = Sidecar::read(&bytes, &file).ok().map(|sidecar| (file, sidecar));
                Ok(())
            }
            Place::Upload(file) => {
                let sidecar = sidecar_of(&self.last, &file, self.index);
                if let Some(item) = sidecar.and_then(|sidecar| file_item(self.index, &sidecar))
                    && let Some(content) = self.wanted.get_mut(&item)
                {
                    content.files.insert(file, entry.size);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn line(&mut self, stage: Stage, line: &[u8]) -> Result<()> {
        let key = match stage {
            Stage::Links => {
                let item = parse::<Link<'_>>(line, "link").ok().and_then(|link| {
                    let (from, _) = link.ends();
                    let type_ = self.index.types.find(&from.type_)?;
                    self.index.rows.get(type_, from.row()?).map(|owner| owner.item)
                });
                return self.keep(item, line, |content| &mut content.links);
            }
            Stage::Entities => return self.keep(row_item(self.index, line), line, |content| &mut content.rows),
            Stage::Schemas => {
                parse::<Schema<'_>>(line, "schema").ok().map(|schema| ItemKey::new(Kind::Schema, &*schema.uid))
            }
            Stage::Configuration => self.settings.id(line).map(|id| ItemKey::new(Kind::Configuration, id)),
        };
        let item = key.and_then(|key| self.inventory.find(&key)).map(|item| item.index());
        self.keep(item, line, |content| &mut content.rows)
    }

    fn keep(
        &mut self,
        item: Option<ItemIndex>,
        line: &[u8],
        place: impl FnOnce(&mut Content) -> &mut Vec<Box<RawValue>>,
    ) -> Result<()> {
        if let Some(content) = item.and_then(|item| self.wanted.get_mut(&item)) {
            place(content).push(parse::<&RawValue>(line, "JSON")?.to_owned());
        }
        Ok(())
    }

    fn record(&mut self, key: &ItemKey, item: ItemIndex) -> Result<Record> {
        let content = self.wanted.get(&item);
        let json = serde_json::value::to_raw_value(&content)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("cannot show {key}")).caused_by(error))?;
        Ok(Record { key: key.clone(), json })
    }
}

/// The item of a row of the entities.
pub(super) fn row_item(index: &Index, line: &[u8]) -> Option<ItemIndex> {
    let row = parse::<Row<'_>>(line, "row").ok()?;
    let type_ = index.types.find(&row.type_)?;
    index.rows.get(type_, row.id).map(|owner| owner.item)
}

/// What a setting is called, before equal ones are told apart.
pub(super) fn setting_key(line: &[u8]) -> Option<String> {
    let setting = parse::<Setting<'_>>(line, "setting").ok()?;
    parse::<SettingValue<'_>>(setting.value.get().as_bytes(), "setting").ok().map(|value| setting_id(&value))
}

/// The sidecar of a file: the one right before it, or one that was seen elsewhere.
pub(super) fn sidecar_of(last: &Option<(String, Sidecar)>, file: &str, index: &Index) -> Option<Sidecar> {
    match (last, index.pairing.loose(file)) {
        (Some((name, sidecar)), _) if name == file => Some(*sidecar),
        (_, Some(Half::Both(sidecar))) => Some(*sidecar),
        _ => None,
    }
}

pub(super) fn file_item(index: &Index, sidecar: &Sidecar) -> Option<ItemIndex> {
    let type_ = index.types.find(FILE_TYPE)?;
    index.rows.get(type_, sidecar.row).map(|owner| owner.item)
}

/// The type of a row and the ends of a link, for what is decided by type alone.
pub(super) fn row_type(line: &[u8]) -> Option<Cow<'_, str>> {
    parse::<Row<'_>>(line, "row").ok().map(|row| row.type_)
}
