//! Files that are pushed: their chunks are kept until the file ends, then they go to the uploads, outside of the
//! transaction.
//! Must not know: sockets, the other stages.

use std::collections::HashMap;

use axum::body::Bytes;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    connection::{Connection, Origin},
    failure::Failure,
    push::Transfer,
    schema::FILE,
    store::Id,
    uploads,
    version::Version,
};

#[derive(Debug, Default)]
pub(super) struct Assets {
    checksums: bool,
    open: HashMap<String, Asset>,
}

#[derive(Debug)]
struct Asset {
    file: Id,
    metadata: Value,
    bytes: Vec<u8>,
}

impl Assets {
    pub fn new(checksums: bool) -> Self {
        Self { checksums, open: HashMap::new() }
    }
}

impl Transfer {
    pub async fn assets(&mut self, to: &Connection, data: &Value) -> Result<(), Failure> {
        if data.is_null() {
            return Ok(());
        }
        let Some(items) = data.as_array() else { return Err(Failure::named("TypeError", "payload is not iterable")) };
        for item in items {
            let id = item["assetID"].as_str().unwrap_or("undefined").to_owned();
            match item["action"].as_str() {
                Some("start") => self.start_asset(id, item)?,
                Some(action @ ("stream" | "end")) => {
                    if !self.assets.open.contains_key(&id) {
                        return Err(Failure::transfer(format!(
                            "No asset \"{id}\" for {action} action; send start before stream/end"
                        )));
                    }
                    match action {
                        "stream" => self.chunk(&id, item)?,
                        _ => self.end_asset(to, &id, item).await?,
                    }
                }
                other => {
                    let action = other.unwrap_or("undefined");
                    return Err(Failure::transfer(format!("Invalid asset flow action: {action}")));
                }
            }
        }
        Ok(())
    }

    fn start_asset(&mut self, id: String, item: &Value) -> Result<(), Failure> {
        self.count("assets", |stats| stats.started += 1);
        if self.assets_broken() {
            return Err(Failure::plain("Cannot call write after a stream was destroyed"));
        }
        let metadata = item["data"]["metadata"].clone();
        let Some(file) = self.mapping.get(FILE, &metadata["id"]) else {
            self.break_assets();
            return Err(Failure::plain(format!("File ID not found for ID: {}", metadata["id"])));
        };
        self.assets.open.insert(id, Asset { file, metadata, bytes: Vec::new() });
        Ok(())
    }

    fn chunk(&mut self, id: &str, item: &Value) -> Result<(), Failure> {
        let bytes = decode(item, self.version)?;
        if let Some(asset) = self.assets.open.get_mut(id) {
            asset.bytes.extend_from_slice(&bytes);
        }
        Ok(())
    }

    async fn end_asset(&mut self, to: &Connection, id: &str, item: &Value) -> Result<(), Failure> {
        if self.assets.checksums
            && let Some(asset) = self.assets.open.get(id)
        {
            check(id, &item["checksum"], &asset.bytes)?;
        }
        let Some(asset) = self.assets.open.remove(id) else { return Ok(()) };
        let name = uploads::file_name(&asset.metadata);
        let url = format!("/uploads/{name}");
        to.site.uploads().files.insert(name, Bytes::from(asset.bytes));
        if self.options.covers(FILE) {
            let kind = asset.metadata["type"].as_str().map(str::to_owned);
            let database = self.transaction.open(&to.site).await?;
            database.change(FILE, asset.file, |row| {
                match kind {
                    Some(kind) => {
                        if let Some(format) = row.values.get_mut("formats").and_then(|formats| formats.get_mut(&kind)) {
                            super::set(format, "url", json!(url));
                        }
                    }
                    None => {
                        row.values.insert("url".to_owned(), json!(url));
                    }
                }
                row.values.insert("provider".to_owned(), json!("local"));
            });
        }
        self.count("assets", |stats| stats.finished += 1);
        Ok(())
    }

    /// Waits for files that never ended, for ever. Otherwise what was set aside is gone from here on.
    pub async fn end_assets(&mut self, to: &mut Connection) -> Result<(), Failure> {
        if self.assets_broken() {
            return Ok(());
        }
        if !self.assets.open.is_empty() {
            return Err(Failure::Hang);
        }
        to.diagnose("info", "removing assets backup", Origin::Provider).await;
        to.site.uploads().remove_backup(&self.backup);
        to.diagnose("info", "successfully removed assets backup", Origin::Provider).await;
        Ok(())
    }
}

fn check(id: &str, checksum: &Value, bytes: &[u8]) -> Result<(), Failure> {
    if checksum.is_null() {
        return Err(Failure::transfer(format!("Missing checksum for asset \"{id}\"")));
    }
    let algorithm = checksum["algorithm"].as_str().unwrap_or("undefined");
    if algorithm != "sha256" {
        return Err(Failure::transfer(format!("Unsupported checksum algorithm \"{algorithm}\" for asset {id}")));
    }
    let (expected, got) = (checksum["value"].as_str().unwrap_or("undefined"), uploads::sha256(bytes));
    if expected != got {
        return Err(Failure::transfer(format!(
            "Checksum mismatch for asset \"{id}\" (expected {expected}, got {got})"
        )));
    }
    Ok(())
}

/// Base64, or the list of numbers that a `Buffer` becomes in JSON, which every version takes.
fn decode(item: &Value, version: Version) -> Result<Vec<u8>, Failure> {
    match &item["data"] {
        Value::String(text) if version.echoes_encoding() => {
            STANDARD.decode(text).map_err(|_| Failure::plain("Invalid transfer asset stream chunk payload"))
        }
        Value::Object(buffer) if buffer.get("data").is_some_and(Value::is_array) => {
            let numbers = buffer["data"].as_array().into_iter().flatten();
            Ok(numbers.filter_map(|number| u8::try_from(number.as_u64()?).ok()).collect())
        }
        _ if version.echoes_encoding() => {
            Err(Failure::named("TypeError", "Invalid transfer asset stream chunk payload"))
        }
        _ => Err(Failure::named(
            "TypeError",
            "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an \
             Array-like Object. Received undefined",
        )),
    }
}
