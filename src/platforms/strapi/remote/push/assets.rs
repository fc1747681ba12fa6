//! Files as they are sent: begun, in parts, ended with their checksum.
//! Must not know: sockets, which files are sent.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::merge::other_hash;
use crate::platforms::strapi::v4;
use crate::platforms::strapi::wire::Features;

/// Bytes of a file in one message, as the official client sends them.
const PART: usize = 1024 * 1024;

/// A file to send.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub name: String,
    /// Its bytes.
    pub path: PathBuf,
    /// What is said of it: its row, or that of a rendition.
    pub sidecar: PathBuf,
    /// The hash of its file, where that gets another one and so another name.
    pub renamed: Option<String>,
    /// Its row is pushed under the number that rows of v4 get.
    pub is_of_rows: bool,
}

impl Upload {
    /// What is said of it, as it is sent.
    fn told(&self, sidecar: String) -> String {
        match &self.renamed {
            Some(hash) => sidecar.replace(hash, &other_hash(hash)),
            None => sidecar,
        }
    }

    /// The hash of the file that it is, or that it is a rendition of.
    pub fn main_hash(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Hashes {
            hash: String,
            main_hash: Option<String>,
        }
        let hashes: Hashes = serde_json::from_slice(&std::fs::read(&self.sidecar).ok()?).ok()?;
        Some(hashes.main_hash.unwrap_or(hashes.hash))
    }

    /// Its name on the disk of the destination.
    pub fn name_there(&self) -> String {
        self.told(self.name.clone())
    }
}

/// A message's worth of a file.
pub(super) struct Part {
    pub json: String,
    pub bytes: u64,
}

/// A file that is sent.
pub(super) struct Parts<'a> {
    file: File,
    name: &'a str,
    id: String,
    head: Option<String>,
    hash: Sha256,
    base64: bool,
    checksums: bool,
    is_over: bool,
    buffer: Vec<u8>,
}

impl<'a> Parts<'a> {
    pub fn open(upload: &'a Upload, features: &Features) -> Result<Parts<'a>> {
        let failed = |path: &Path, error| Error::io(format_args!("cannot read {}", path.display()), error);
        let file = File::open(&upload.path).map_err(|error| failed(&upload.path, error))?;
        let size = file.metadata().map_err(|error| failed(&upload.path, error))?.len();
        let sidecar = std::fs::read_to_string(&upload.sidecar).map_err(|error| failed(&upload.sidecar, error))?;
        let sidecar = upload.told(sidecar);
        let sidecar = if upload.is_of_rows { v4::sidecar(&sidecar)? } else { sidecar };
        let metadata: &RawValue = serde_json::from_str(&sidecar).map_err(|error| {
            Error::new(ErrorKind::Damaged, format!("the record of {} is no JSON ({error})", upload.name))
        })?;
        let id = Uuid::new_v4().to_string();
        let name = upload.name_there();
        let data = json!({"filename": name, "filepath": name, "stats": {"size": size}});
        // The record goes as the text that it is.
        let data = data.to_string();
        let head = format!(
            r#"{{"action":"start","assetID":"{id}","data":{{"metadata":{},{}}}"#,
            metadata.get().trim(),
            &data[1..]
        );
        Ok(Parts {
            file,
            name: &upload.name,
            id,
            head: Some(head),
            hash: Sha256::new(),
            base64: features.takes_base64,
            checksums: features.checksums,
            is_over: false,
            buffer: Vec::new(),
        })
    }

    /// The next list of items; `None` after the end.
    pub fn next(&mut self) -> Result<Option<Part>> {
        if self.is_over {
            return Ok(None);
        }
        let name = self.name;
        self.buffer.clear();
        let read = (&mut self.file).take(PART as u64).read_to_end(&mut self.buffer);
        let bytes = read.map_err(|error| Error::io(format_args!("cannot read {name}"), error))? as u64;
        let mut items: Vec<String> = self.head.take().into_iter().collect();
        if bytes > 0 {
            self.hash.update(&self.buffer);
            items.push(self.bytes());
        }
        if bytes < PART as u64 {
            self.is_over = true;
            items.push(self.end());
        }
        Ok(Some(Part { json: format!("[{}]", items.join(",")), bytes }))
    }

    fn bytes(&self) -> String {
        match self.base64 {
            true => {
                let mut text = format!(r#"{{"action":"stream","assetID":"{}","encoding":"base64","data":""#, self.id);
                STANDARD.encode_string(&self.buffer, &mut text);
                text.push_str("\"}");
                text
            }
            false => json!({"action": "stream", "assetID": self.id, "data": {"type": "Buffer", "data": self.buffer}})
                .to_string(),
        }
    }

    fn end(&mut self) -> String {
        let hash = std::mem::take(&mut self.hash).finalize();
        match self.checksums {
            true => {
                let value = crate::platforms::strapi::remote::uploads::hexadecimal(&hash);
                let checksum = json!({"algorithm": "sha256", "value": value});
                json!({"action": "end", "assetID": self.id, "checksum": checksum}).to_string()
            }
            false => json!({"action": "end", "assetID": self.id}).to_string(),
        }
    }
}
