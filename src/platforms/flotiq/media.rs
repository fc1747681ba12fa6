//! Examines media: the file of each enters its digests.
//! Must not know: where files come from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::definition::Definition;
use super::index::{Index, Reader};
use super::json;
use super::listing::file_finding;
use super::record::{self, with_file};
use super::write::media_facts;
use crate::model::{Digest, Digests, Error, Finding, ItemIndex, ItemKey, Result};

/// A medium with its file.
#[derive(Debug)]
pub(super) struct Examined {
    pub digests: Digests,
    /// Of the file alone; `None` where there is none.
    pub bytes: Option<Digest>,
    pub size: u64,
    pub findings: Vec<Finding>,
}

/// Where the file of a medium lies.
pub(super) fn file(reader: &mut Reader<'_>, index: &Index, item: ItemIndex, key: &ItemKey) -> Result<Option<PathBuf>> {
    let text = reader.record(item, key)?;
    let fields = json::members(text.get())
        .map_err(|error| Error::new(crate::model::ErrorKind::Damaged, format!("{key}: {error}")))?;
    Ok(index.file_of_medium(item, &key.id, &media_facts(&fields).extension))
}

/// Reads the file of a medium, where there is one.
pub(super) fn examine(reader: &mut Reader<'_>, index: &Index, item: ItemIndex, key: &ItemKey) -> Result<Examined> {
    let text = reader.record(item, key)?;
    let object: Map<String, Value> = serde_json::from_str(text.get())
        .map_err(|error| Error::new(crate::model::ErrorKind::Damaged, format!("{key}: {error}")))?;
    let media = Definition::of(&serde_json::json!({ "name": "_media" }))
        .map_err(|why| Error::new(crate::model::ErrorKind::Internal, why))?;
    let examined = record::examine(&media, &key.id, &object, &|_| false);
    let record = text.get().len() as u64;
    let facts = examined.media.unwrap_or_default();
    let path = index.file_of_medium(item, &key.id, &facts.extension);
    let file = path.as_deref().map(digest_of).transpose()?;
    Ok(Examined {
        bytes: file.map(|(digest, _)| digest),
        digests: with_file(examined.digests, file.map(|(digest, _)| digest)),
        size: record + file.map_or(0, |(_, bytes)| bytes),
        findings: file_finding(key, &facts, file.map(|(_, bytes)| bytes)).into_iter().collect(),
    })
}

/// The digest of a file and how long it is.
pub(super) fn digest_of(path: &Path) -> Result<(Digest, u64)> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let mut file = File::open(path).map_err(failed)?;
    let (mut hasher, mut bytes, mut buffer) = (blake3::Hasher::new(), 0, vec![0; 64 * 1024]);
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            return Ok((Digest::from_hasher(&hasher), bytes));
        }
        hasher.update(&buffer[..count]);
        bytes += count as u64;
    }
}
