//! Content from what `strapi export` wrote: a folder, a `.tar` or a `.tar.gz`.
//! Must not know: rows in tables, frames.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use axum::body::Bytes;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::content::Content;

pub(super) fn read(path: &Path) -> Result<Content, String> {
    let mut content = Content::default();
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    if path.is_dir() {
        folder(path, path, &mut content)?;
    } else {
        let name = path.to_string_lossy();
        if name.ends_with(".enc") {
            return Err(format!("{name} is encrypted: decrypt it first, or unpack it into a folder"));
        }
        let file = File::open(path).map_err(cannot)?;
        let stream: Box<dyn Read> = match name.ends_with(".gz") {
            true => Box::new(MultiGzDecoder::new(file)),
            false => Box::new(file),
        };
        let mut archive = tar::Archive::new(stream);
        for entry in archive.entries().map_err(cannot)? {
            let mut entry = entry.map_err(cannot)?;
            let inner = entry.path().map_err(cannot)?.to_string_lossy().replace('\\', "/");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(cannot)?;
            if entry.header().entry_type().is_file() {
                add(inner.trim_start_matches("./"), bytes, &mut content)?;
            }
        }
    }
    if content.schemas.is_empty() {
        return Err(format!("{} holds no schemas: it is not an export of Strapi", path.display()));
    }
    Ok(content)
}

fn folder(root: &Path, at: &Path, content: &mut Content) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", at.display());
    let entries = fs::read_dir(at).map_err(cannot)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = entries.collect::<Result<_, _>>().map_err(cannot)?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            folder(root, &path, content)?;
        } else {
            let inner = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            add(&inner, fs::read(&path).map_err(cannot)?, content)?;
        }
    }
    Ok(())
}

/// A member of an export, told apart by its folder.
fn add(name: &str, bytes: Vec<u8>, content: &mut Content) -> Result<(), String> {
    if let Some(file) = name.strip_prefix("assets/uploads/") {
        content.files.insert(file.to_owned(), Bytes::from(bytes));
        return Ok(());
    }
    if name == "metadata.json" {
        let metadata: Value = serde_json::from_slice(&bytes).map_err(|error| format!("{name}: {error}"))?;
        content.version = metadata["strapi"]["version"].as_str().map(str::to_owned);
        return Ok(());
    }
    let list = match name.split('/').next() {
        Some("schemas") => &mut content.schemas,
        Some("entities") => &mut content.entities,
        Some("links") => &mut content.links,
        Some("configuration") => &mut content.configuration,
        _ => return Ok(()),
    };
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        list.push(serde_json::from_slice(line).map_err(|error| format!("{name}: {error}"))?);
    }
    Ok(())
}
