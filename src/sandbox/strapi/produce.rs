//! What a stage of a pull sends, piece by piece: rows, links, settings, and files in chunks.
//! Must not know: acknowledgements, sockets.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    Site, read,
    schema::{FILE, Schema},
    store::Database,
    uploads,
    version::Version,
};

/// A file is read in pieces of this size; so many of them fill a frame.
const CHUNK: usize = 64 * 1024;
const CHUNKS_A_FRAME: usize = 16;
const MOST_WARNINGS: usize = 10;

#[derive(Debug)]
pub(super) enum Produced {
    Row(String),
    Frame(String),
    Warning(String),
    /// The stage ends here with this error.
    Failed(Value),
    Crash,
}

pub(super) struct Source {
    pieces: Box<dyn Iterator<Item = Produced> + Send>,
    totals: Value,
    /// The end, seen while a batch was filled.
    end: Option<Value>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Source").field("end", &self.end).finish_non_exhaustive()
    }
}

impl Source {
    pub fn new(site: &Arc<Site>, database: &Arc<Database>, stage: &str, version: Version, checksums: bool) -> Self {
        let (site, database) = (Arc::clone(site), Arc::clone(database));
        let mut totals = Value::Null;
        let pieces: Box<dyn Iterator<Item = Produced> + Send> = match stage {
            "entities" => Box::new(entities(site, database)),
            "links" => Box::new(links(site, database)),
            "configuration" => {
                Box::new(read::configuration(&database).into_iter().map(|item| Produced::Row(item.to_string())))
            }
            _ => {
                let files = files(&site, &database);
                totals = sum(&site, &files);
                Box::new(assets(site, files, version, checksums))
            }
        };
        Self { pieces, totals, end: None }
    }

    pub fn totals(&self) -> Value {
        self.totals.clone()
    }

    pub fn next(&mut self) -> Option<Produced> {
        match self.end.take() {
            Some(Value::Null) => None,
            Some(error) => Some(Produced::Failed(error)),
            None => self.pieces.next(),
        }
    }

    pub fn put_back(&mut self, end: Value) {
        self.end = Some(end);
    }
}

fn uids(site: &Site, all: bool) -> Vec<String> {
    site.schemas.iter().filter(|schema| all || !schema.is_component).map(|schema| schema.uid.clone()).collect()
}

fn entities(site: Arc<Site>, database: Arc<Database>) -> impl Iterator<Item = Produced> + Send {
    uids(&site, false).into_iter().flat_map(move |uid| {
        let ids: Vec<u64> = database.rows(&uid).map(|(id, _)| id).collect();
        let (site, database) = (Arc::clone(&site), Arc::clone(&database));
        ids.into_iter().filter_map(move |id| {
            let schema = site.schemas.get(&uid)?;
            Some(Produced::Row(read::entity(&site.schemas, &database, schema, id).to_string()))
        })
    })
}

fn links(site: Arc<Site>, database: Arc<Database>) -> impl Iterator<Item = Produced> + Send {
    let mut lost = 0;
    let mut uids = uids(&site, true).into_iter();
    let mut waiting: Vec<Produced> = Vec::new();
    std::iter::from_fn(move || {
        loop {
            if let Some(piece) = waiting.pop() {
                return Some(piece);
            }
            let Some(uid) = uids.next() else {
                let count = std::mem::take(&mut lost);
                let text = format!("{count} link(s) in all were left out, because one of their ends does not exist.");
                return (count > 0).then_some(Produced::Warning(text));
            };
            if let Some(schema) = site.schemas.get(&uid) {
                waiting = links_of(&site, &database, schema, &mut lost);
                waiting.reverse();
            }
        }
    })
}

fn links_of(site: &Site, database: &Database, schema: &Schema, lost: &mut usize) -> Vec<Produced> {
    let (mut found, mut orphans) = (Vec::new(), Vec::new());
    for (name, field) in &schema.fields {
        read::links(&site.schemas, database, schema, name, field, &mut found, &mut orphans);
    }
    // Before 5.49 nobody looked whether the other end was there.
    if !site.version().skips_unmapped() {
        found.append(&mut orphans);
    }
    let mut pieces: Vec<Produced> = found.into_iter().map(|link| Produced::Row(link.to_string())).collect();
    for link in orphans {
        *lost += 1;
        if *lost <= MOST_WARNINGS {
            let (left, right) = (super::link::name(&link["left"]), super::link::name(&link["right"]));
            pieces.push(Produced::Warning(format!("Left out the link {left} -> {right}: one end does not exist.")));
        }
    }
    pieces
}

/// A file on its way out: what its frames say about it.
#[derive(Debug)]
struct File {
    metadata: Map<String, Value>,
    name: String,
    url: String,
}

/// Files in the order of their rows, each followed by its formats.
fn files(site: &Site, database: &Database) -> Vec<File> {
    let Some(schema) = site.schemas.get(FILE) else { return Vec::new() };
    let mut files = Vec::new();
    for (id, _) in database.rows(FILE) {
        let row = read::flat(database, schema, id);
        let (hash, formats) = (row.get("hash").cloned(), row.get("formats").cloned().unwrap_or_default());
        files.push(File::new(row));
        for (kind, format) in formats.as_object().into_iter().flatten() {
            let mut metadata = format.as_object().cloned().unwrap_or_default();
            metadata.insert("type".to_owned(), json!(kind));
            metadata.insert("id".to_owned(), json!(id));
            metadata.insert("mainHash".to_owned(), hash.clone().unwrap_or_default());
            files.push(File::new(metadata));
        }
    }
    files
}

impl File {
    fn new(metadata: Map<String, Value>) -> Self {
        let url = metadata.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
        let whole = Value::Object(metadata);
        let name = uploads::file_name(&whole);
        let Value::Object(metadata) = whole else { return Self { metadata: Map::new(), name, url } };
        Self { metadata, name, url }
    }

    fn is_elsewhere(&self) -> bool {
        self.url.starts_with("http")
    }

    fn on_disk(&self) -> &str {
        self.url.strip_prefix("/uploads/").unwrap_or(&self.url)
    }

    fn path(&self) -> String {
        format!("/srv/app/public{}", self.url)
    }
}

fn sum(site: &Site, files: &[File]) -> Value {
    let found: Vec<usize> = files.iter().filter_map(|file| site.upload(file.on_disk())).map(|b| b.len()).collect();
    json!({ "totalBytes": found.iter().sum::<usize>(), "totalCount": found.len() })
}

fn assets(
    site: Arc<Site>,
    files: Vec<File>,
    version: Version,
    checksums: bool,
) -> impl Iterator<Item = Produced> + Send {
    files.into_iter().flat_map(move |file| match site.upload(file.on_disk()) {
        _ if site.pipeline.weather.faults().is_unreadable(&file.name) => vec![Produced::Crash],
        // The server would have to fetch it from another provider, which cannot be reached: an error without words.
        _ if file.is_elsewhere() => vec![Produced::Failed(json!({}))],
        Some(bytes) => frames(&site, &file, &bytes, version, checksums),
        None if version.has_checksums() => {
            let (id, path) = (&file.metadata["id"], file.path());
            vec![Produced::Warning(format!(
                "[Data transfer] Media item {id} exists in the database, but there is no such file. Path: {path}"
            ))]
        }
        None => {
            let path = file.path();
            vec![Produced::Failed(json!({ "errno": -2, "code": "ENOENT", "syscall": "stat", "path": path }))]
        }
    })
}

/// Start, chunks, end; a new frame after each megabyte and for each file.
fn frames(site: &Site, file: &File, bytes: &[u8], version: Version, checksums: bool) -> Vec<Produced> {
    let id = site.clock().uuid();
    let data = json!({ "metadata": file.metadata, "filepath": file.path(), "filename": file.name,
        "stats": { "size": bytes.len() } });
    let mut frames = Vec::new();
    let mut items = vec![json!({ "action": "start", "assetID": id, "data": data }).to_string()];
    for (at, chunk) in bytes.chunks(CHUNK).enumerate() {
        let item = match version.sends_base64() {
            true => {
                json!({ "action": "stream", "assetID": id, "encoding": "base64", "data": STANDARD.encode(chunk) })
            }
            false => json!({ "action": "stream", "assetID": id, "data": { "type": "Buffer", "data": chunk } }),
        };
        items.push(item.to_string());
        if (at + 1).is_multiple_of(CHUNKS_A_FRAME) {
            frames.push(Produced::Frame(format!("[{}]", items.join(","))));
            items.clear();
        }
    }
    let mut end = json!({ "action": "end", "assetID": id });
    if checksums {
        let mut value = uploads::sha256(bytes);
        if site.pipeline.weather.strikes_checksum() {
            value = uploads::sha256(value.as_bytes());
        }
        super::set(&mut end, "checksum", json!({ "algorithm": "sha256", "value": value }));
    }
    items.push(end.to_string());
    frames.push(Produced::Frame(format!("[{}]", items.join(","))));
    frames
}
