//! The folder of uploaded files: no transaction holds it, and a restore renames it aside.
//! Must not know: rows, frames.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) type Folder = BTreeMap<String, Bytes>;

#[derive(Debug)]
pub(super) struct Uploads {
    pub files: Folder,
    /// By the names of their folders.
    backups: BTreeMap<String, Folder>,
}

impl Uploads {
    pub fn new(files: Folder) -> Self {
        Self { files, backups: BTreeMap::new() }
    }

    /// Moves everything into a folder of this name.
    pub fn set_aside(&mut self, backup: &str) {
        self.backups.insert(backup.to_owned(), std::mem::take(&mut self.files));
    }

    pub fn remove_backup(&mut self, backup: &str) {
        self.backups.remove(backup);
    }

    /// Names with digests, also of what lies in backups.
    pub fn dump(&self) -> Value {
        let folder = |folder: &Folder| {
            folder.iter().map(|(name, bytes)| (name.clone(), json!(sha256(bytes)))).collect::<serde_json::Map<_, _>>()
        };
        let backups: serde_json::Map<String, Value> =
            self.backups.iter().map(|(name, files)| (name.clone(), json!(folder(files)))).collect();
        json!({ "uploads": folder(&self.files), "backups": backups })
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name on disk: hash and extension of the metadata, whatever the file is called.
pub(super) fn file_name(metadata: &Value) -> String {
    let text = |key: &str| metadata[key].as_str().unwrap_or_default();
    format!("{}{}", text("hash"), text("ext"))
}
