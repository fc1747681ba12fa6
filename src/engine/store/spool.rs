//! What a run will write, on disk before the first write: content, digests and references of each item, so that a
//! resumed run needs no source.
//! Must not know: what the content means. Values of secrets are not in it: no platform hands them out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use arcstr::ArcStr;
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
    Name(Kind, ArcStr),
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
#[derive(Debug)]
pub(in crate::engine) struct Spool {
    /// What the lines hold, where the platform is not given a folder instead.
    pub records: BTreeMap<ItemKey, model::Record>,
    path: PathBuf,
    seal: Seal,
}

/// Number of lines and digest.
type Seal = (u64, Digest);

/// Writes the spool whole. Gives the number of its lines and its digest, for the journal.
pub(in crate::engine) fn write(path: &Path, records: &[model::Record], inventory: &Inventory) -> Result<Seal> {
    let mut hasher = blake3::Hasher::new();
    let mut odd = None;
    let written = files::write_whole_with(path, Readers::Owner, |file| {
        for record in records {
            let item = inventory.find(&record.key).ok_or_else(|| unexamined(&record.key));
            let bytes = item.and_then(|item| line_of(record, item)).map_err(|error| {
                odd = Some(error);
                io::Error::other("a line cannot be written")
            })?;
            hasher.update(&bytes);
            file.write_all(&bytes)?;
        }
        Ok(())
    });
    odd.map_or(written, Err)?;
    Ok((records.len() as u64, Digest::from_hasher(&hasher)))
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
pub(in crate::engine) fn read(path: &Path, seal: Seal) -> Result<Spool> {
    let mut records = BTreeMap::new();
    each_line(path, seal, |line| {
        // Where the platform has a folder of its own, a line says nothing more than that the item is in it.
        if line.content.get() != RawValue::NULL.get() {
            let record = model::Record { key: line.item.clone(), json: line.content.to_owned() };
            records.insert(line.item, record);
        }
    })?;
    Ok(Spool { records, path: path.to_owned(), seal })
}

impl Spool {
    /// The items with digests and references, for comparing them with what the destination holds. Read anew each time: between
    /// two comparisons nobody needs it.
    pub fn inventory(&self) -> Result<Inventory> {
        let mut inventory = Inventory::new();
        each_line(&self.path, self.seal, |line| line.add_to(&mut inventory))?;
        inventory.shrink();
        Ok(inventory)
    }

    /// The same, one item at a time.
    pub fn each_item(&self, mut each: impl FnMut(ItemRef<'_>)) -> Result<()> {
        each_line(&self.path, self.seal, |line| {
            let mut alone = Inventory::new();
            line.add_to(&mut alone);
            alone.items().for_each(&mut each);
        })
    }
}

impl Line<'_> {
    fn add_to(self, inventory: &mut Inventory) {
        let facts = Facts { deleted: self.deleted, state: self.state, ..Facts::default() };
        let new = NewItem { facts, ..NewItem::new(self.item, &self.name) };
        let (Ok(index) | Err(index)) = inventory.add(&new);
        let references: Vec<Reference> = self.references.into_iter().map(Reference::from).collect();
        inventory.examine(index, self.digests, &references, &[]);
    }
}

/// Every line of a spool that is as its journal says.
fn each_line(path: &Path, (lines, digest): Seal, mut each: impl FnMut(Line<'_>)) -> Result<()> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let damaged = || {
        Error::new(ErrorKind::Damaged, format!("{} is not what its journal says", path.display()))
            .hint("the run cannot be resumed; make a new plan")
    };
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let (mut hasher, mut count, mut text) = (blake3::Hasher::new(), 0, Vec::new());
    loop {
        text.clear();
        if file.read_until(b'\n', &mut text).map_err(failed)? == 0 {
            break;
        }
        hasher.update(&text);
        count += 1;
        each(serde_json::from_slice(&text).map_err(|_| damaged())?);
    }
    match (count, Digest::from_hasher(&hasher)) == (lines, digest) {
        true => Ok(()),
        false => Err(damaged()),
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
        let inventory = spool.inventory().unwrap();
        let item = inventory.find(&key).unwrap();
        assert_eq!((item.name(), item.digests()), ("näme\u{2028}", Some(digests)));
        assert_eq!(item.references().collect::<Vec<_>>(), references);

        let mut bytes = std::fs::read(&path).unwrap();
        bytes[10] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path, seal).unwrap_err().kind(), ErrorKind::Damaged);
    }
}
