//! What a run will write, on disk before the first write: content, digests and references of each item, so that a
//! resumed run needs no source.
//! Must not know: what the content means. Values of secrets are not in it: no platform hands them out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::files::{self, Readers};
use crate::model::{
    self, Digest, Digests, Error, ErrorKind, Facts, Inventory, ItemKey, ItemRef, Kind, NewItem, Reference, Result,
    VersionState,
};

/// A line of the spool.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    item: ItemKey,
    name: String,
    digests: Digests,
    references: Vec<SpooledReference>,
    deleted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<VersionState>,
    #[serde(borrow)]
    content: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SpooledReference {
    Id(ItemKey),
    Name(Kind, Box<str>),
}

impl From<Reference> for SpooledReference {
    fn from(reference: Reference) -> Self {
        match reference {
            Reference::Id(key) => SpooledReference::Id(key),
            Reference::Name(kind, name) => SpooledReference::Name(kind, name),
        }
    }
}

impl From<SpooledReference> for Reference {
    fn from(reference: SpooledReference) -> Self {
        match reference {
            SpooledReference::Id(key) => Reference::Id(key),
            SpooledReference::Name(kind, name) => Reference::Name(kind, name),
        }
    }
}

/// The source's side of everything that is written.
#[derive(Debug, Default)]
pub(in crate::engine) struct Spool {
    pub records: BTreeMap<ItemKey, model::Record>,
    /// The same items with digests and references, for comparing them with what the destination holds.
    pub inventory: Inventory,
}

/// Writes the spool whole. Gives the number of its lines and its digest, for the journal.
pub(in crate::engine) fn write(path: &Path, records: &[model::Record], inventory: &Inventory) -> Result<(u64, Digest)> {
    let mut bytes = Vec::new();
    for record in records {
        let item = inventory.find(&record.key).ok_or_else(|| unexamined(&record.key))?;
        bytes.extend(line_of(record, item)?);
    }
    files::write_whole(path, &bytes, Readers::Owner)?;
    Ok((records.len() as u64, Digest::of(&bytes)))
}

fn line_of(record: &model::Record, item: ItemRef<'_>) -> Result<Vec<u8>> {
    let unwritable = |error| Error::new(ErrorKind::Internal, "cannot write a spool line").caused_by(error);
    // In JSON a line break stands only between tokens, never inside a string.
    let content = RawValue::from_string(record.json.get().replace(['\n', '\r'], " ")).map_err(unwritable)?;
    let line = Line {
        item: record.key.clone(),
        name: item.name().to_owned(),
        digests: item.digests().ok_or_else(|| unexamined(&record.key))?,
        references: item.references().map(SpooledReference::from).collect(),
        deleted: item.facts().deleted,
        state: item.facts().state,
        content: &content,
    };
    let mut bytes = serde_json::to_vec(&line).map_err(unwritable)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn unexamined(key: &ItemKey) -> Error {
    Error::new(ErrorKind::Internal, format!("{key} was read but never examined"))
}

/// Reads a spool whose journal says that it is complete.
pub(in crate::engine) fn read(path: &Path, (lines, digest): (u64, Digest)) -> Result<Spool> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
    let damaged = || {
        Error::new(ErrorKind::Damaged, format!("{} is not what its journal says", path.display()))
            .hint("the run cannot be resumed; make a new plan")
    };
    if Digest::of(text.as_bytes()) != digest || text.lines().count() as u64 != lines {
        return Err(damaged());
    }
    let mut spool = Spool::default();
    for line in text.lines() {
        spool.take(serde_json::from_str(line).map_err(|_| damaged())?);
    }
    Ok(spool)
}

impl Spool {
    fn take(&mut self, line: Line<'_>) {
        let facts = Facts { deleted: line.deleted, state: line.state, ..Facts::default() };
        let new = NewItem { facts, ..NewItem::new(line.item.clone(), &line.name) };
        let (Ok(index) | Err(index)) = self.inventory.add(&new);
        let references: Vec<Reference> = line.references.into_iter().map(Reference::from).collect();
        self.inventory.examine(index, line.digests, &references, &[]);
        let record = model::Record { key: line.item.clone(), json: line.content.to_owned() };
        self.records.insert(line.item, record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spool_gives_back_content_digests_and_references() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool.jsonl");
        let mut inventory = Inventory::new();
        let key = ItemKey::typed(Kind::Object, "t", "a");
        let index = inventory.add(&NewItem::new(key.clone(), "näme\u{2028}")).unwrap();
        let digests = Digests { semantic: Digest::of(b"s"), exact: Digest::of(b"e") };
        let references = [Reference::Id(ItemKey::new(Kind::Media, "m")), Reference::Name(Kind::Secret, "s".into())];
        inventory.examine(index, digests, &references, &[]);
        let json = RawValue::from_string("{\"a\": 1.10,\r\n \"b\": \"x\\ny\"}".into()).unwrap();
        let seal = write(&path, &[model::Record { key: key.clone(), json }], &inventory).unwrap();

        let spool = read(&path, seal).unwrap();
        assert_eq!(spool.records[&key].json.get(), "{\"a\": 1.10,   \"b\": \"x\\ny\"}");
        let item = spool.inventory.find(&key).unwrap();
        assert_eq!((item.name(), item.digests()), ("näme\u{2028}", Some(digests)));
        assert_eq!(item.references().collect::<Vec<_>>(), references);

        let mut bytes = std::fs::read(&path).unwrap();
        bytes[10] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path, seal).unwrap_err().kind(), ErrorKind::Damaged);
    }
}
