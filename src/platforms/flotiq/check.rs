//! Verifies an export directory to its last byte.
//! Must not know: servers.

use std::path::Path;

use super::index::Reader;
use super::listing::{Listing, files_of};
use super::write::media_facts;
use super::{json, manifest, media};
use crate::model::{Check, Error, ErrorKind, Finding, ItemKey, Kind, Reference, Result, code};

/// What a listing found, what it refers to and does not hold, the files of media, and the manifest where there is one.
pub(super) fn check(listing: Listing) -> Result<Check> {
    let Listing { inventory, index } = listing;
    let mut findings = inventory.findings.clone();
    let mut bytes = index.bytes;
    let mut files = files_of(&index);
    let mut reader = Reader::new(&index);
    for item in inventory.items() {
        let key = item.key();
        findings.extend(item.references().filter_map(|reference| dangling(&key, &reference, &inventory)));
        if key.kind != Kind::Media {
            continue;
        }
        let record = reader.record(item.index(), &key)?;
        let damaged = |error| Error::new(ErrorKind::Damaged, format!("{key}: {error}"));
        let facts = media_facts(&json::members(record.get()).map_err(damaged)?);
        if let Some(path) = index.file_of_medium(item.index(), &key.id, &facts.extension) {
            bytes += media::digest_of(&path)?.1;
            files.push(path);
        }
    }
    let present: Vec<String> = files.iter().filter_map(|path| below(&index.root, path)).collect();
    findings.extend(manifest::check(&index.root, &present)?.unwrap_or_default());
    findings.sort();
    findings.dedup();
    Ok(Check { findings, items: inventory.len() as u64, bytes })
}

fn below(root: &Path, path: &Path) -> Option<String> {
    let names: Vec<_> = path.strip_prefix(root).ok()?.iter().map(|name| name.to_string_lossy()).collect();
    Some(names.join("/"))
}

fn dangling(key: &ItemKey, reference: &Reference, inventory: &crate::model::Inventory) -> Option<Finding> {
    let Reference::Id(target) = reference else { return None };
    let message = format!("{key} refers to {target}, which the export does not hold");
    inventory.find(target).is_none().then(|| Finding::info(code::DANGLING_REFERENCE, message).on(key))
}
