//! Fingerprints of schemas, settings and files, and short hashes of names.
//! Must not know: items.

use std::io::BufRead;

use crate::model::{Digest, Result};
use crate::platforms::strapi::assets::Upload;
use crate::platforms::strapi::canonical;
use crate::platforms::strapi::members::{Members, from_io};
use crate::platforms::strapi::row::FileFacts;
use crate::platforms::strapi::schema::indexed;

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

pub(super) fn semantic_of_schema(line: &[u8]) -> Digest {
    let Ok(indexed::Pairs(pairs)) = serde_json::from_slice(line) else { return Digest::ZERO };
    let mut out = Vec::with_capacity(line.len());
    for wanted in COMPARED {
        if let Some((_, raw)) = pairs.iter().find(|(key, _)| key == wanted) {
            canonical::append(&format!("\"{wanted}\""), &mut out);
            canonical::append(raw.get(), &mut out);
        }
    }
    Digest::of(&out)
}

pub(super) fn semantic_of_object(json: &str, left_out: &[&str]) -> Digest {
    let Ok(indexed::Pairs(mut pairs)) = serde_json::from_str(json) else { return Digest::of(json.as_bytes()) };
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = Vec::with_capacity(json.len());
    for (key, raw) in pairs.iter().filter(|(key, _)| !left_out.contains(&&**key)) {
        out.extend_from_slice(key.as_bytes());
        out.push(0xff);
        canonical::append(raw.get(), &mut out);
    }
    Digest::of(&out)
}

/// Reads a file to its end.
pub(super) fn digest_of(members: &mut Members) -> Result<Upload> {
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

/// A value that no two entries of a type have in one locale.
pub(super) fn unique_of(uid: &str, field: &str, locale: &str, value: &str) -> u64 {
    let mut text = [uid, field, locale].join("\u{1f}").into_bytes();
    canonical::append(value, &mut text);
    short(Digest::of(&text))
}

/// What a file looks like without its bytes: those that differ here cannot hold the same, or are not to be used as one.
pub(super) fn look_of(file: &FileFacts<'_>) -> u64 {
    let mut text = file.main.unwrap_or_default().to_le_bytes().to_vec();
    for part in [file.ext, file.mime_as_json] {
        text.push(0xff);
        canonical::append(part, &mut text);
    }
    short(Digest::of(&text))
}

fn short(digest: Digest) -> u64 {
    u64::from_le_bytes(*digest.0.first_chunk().unwrap_or(&[0; 8]))
}

pub(super) fn hash_of(name: &str) -> u64 {
    short(Digest::of(name.as_bytes()))
}
