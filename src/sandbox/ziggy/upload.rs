//! Reads what an import was sent: the multipart form, the mode, and the file in either layout.
//! Must not know: what the server holds.

use axum::{extract::Multipart, http::StatusCode};
use serde_json::{Value, json};

use super::{item::Kind, reply::Refusal};
use crate::sandbox::switch::{Layout, MissingLists, NestedTopLevel, Switches};

/// Several times the whole sample content; a test looks at no longer file.
const LONGEST_KEPT: usize = 4 * 1024 * 1024;

/// What an import does to an item that matches (`duplicatesMode`, recorded from CLI 1.0.29).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Leave,
    Overwrite,
    Rename,
}

impl Mode {
    fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "LEAVE" => Ok(Self::Leave),
            "OVERWRITE" => Ok(Self::Overwrite),
            "RENAME" => Ok(Self::Rename),
            _ => Err(Refusal::bad_request("duplicatesMode must be one of: LEAVE, OVERWRITE, RENAME")),
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Leave => "LEAVE",
            Self::Overwrite => "OVERWRITE",
            Self::Rename => "RENAME",
        }
    }
}

#[derive(Debug)]
pub(super) struct Upload {
    pub file: Vec<u8>,
    pub file_name: Option<String>,
    pub mode: Mode,
    pub wants_backup: bool,
}

impl Upload {
    /// The fields may stand in any order. Without `noBackup` a backup is made, as by clients before 1.0.29.
    pub async fn read(mut form: Multipart) -> Result<Self, Refusal> {
        let (mut file, mut file_name, mut mode, mut no_backup) = (None, None, None, None);
        let broken = |error: axum::extract::multipart::MultipartError| Refusal::bad_request(error.body_text());
        while let Some(field) = form.next_field().await.map_err(broken)? {
            match field.name().unwrap_or_default() {
                "file" => {
                    file_name = field.file_name().map(str::to_owned);
                    file = Some(field.bytes().await.map_err(broken)?.to_vec());
                }
                "duplicatesMode" => mode = Some(Mode::parse(&field.text().await.map_err(broken)?)?),
                "noBackup" => no_backup = Some(field.text().await.map_err(broken)?),
                _ => {}
            }
        }
        Ok(Self {
            file: file.ok_or_else(|| Refusal::bad_request("file is required"))?,
            file_name,
            mode: mode.ok_or_else(|| Refusal::bad_request("duplicatesMode is required"))?,
            wants_backup: no_backup.as_deref() != Some("true"),
        })
    }

    /// For the request log; of a file that is too long to keep, only the length.
    pub fn summary(&self) -> Value {
        let kept = if self.file.len() <= LONGEST_KEPT { self.file.as_slice() } else { b"" };
        json!({
            "fileName": self.file_name, "fileBytes": self.file.len(),
            "file": serde_json::from_slice::<Value>(kept).unwrap_or(Value::Null),
            "duplicatesMode": self.mode.word(), "noBackup": !self.wants_backup,
        })
    }

    pub fn check_size(&self, limit: Option<u64>) -> Result<(), Refusal> {
        match limit {
            Some(limit) if self.file.len() as u64 > limit => {
                Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "File too large"))
            }
            _ => Ok(()),
        }
    }
}

/// The items of an import file, in the order in which they are written: secrets, connections, flows.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    pub secrets: Vec<Value>,
    pub connections: Vec<Value>,
    pub flows: Vec<Value>,
}

impl Bundle {
    pub fn read(file: &[u8], switches: Switches) -> Result<Self, Refusal> {
        let document: Value = serde_json::from_slice(file)
            .map_err(|error| Refusal::bad_request(format!("Invalid JSON file: {error}")))?;
        let mut bundle = Self::default();
        match (document, switches.layout) {
            (Value::Array(flows), Layout::Nested) => bundle.flows = flows,
            (Value::Object(mut lists), layout) => {
                let mut take = |kind: Kind| list(lists.shift_remove(kind.list()), kind, switches);
                bundle.flows = take(Kind::Flow)?;
                let (connections, secrets) = (take(Kind::Connection)?, take(Kind::Secret)?);
                if layout == Layout::Object || switches.nested_top_level == NestedTopLevel::Read {
                    (bundle.connections, bundle.secrets) = (connections, secrets);
                }
            }
            (_, Layout::Object) => return Err(Refusal::bad_request("the file has no list of flows")),
            (_, Layout::Nested) => return Err(Refusal::bad_request("the file is not a list of flows")),
        }
        bundle.unfold();
        Ok(bundle)
    }

    /// Takes the connections and secrets out of the flows that hold them; each item counts once.
    fn unfold(&mut self) {
        for flow in &mut self.flows {
            let Some(fields) = flow.as_object_mut() else { continue };
            for (kind, into) in [(Kind::Connection, &mut self.connections), (Kind::Secret, &mut self.secrets)] {
                if let Some(Value::Array(items)) = fields.shift_remove(kind.list()) {
                    let new = items.into_iter().filter(|item| !into.iter().any(|known| known["uuid"] == item["uuid"]));
                    let new: Vec<Value> = new.collect();
                    into.extend(new);
                }
            }
        }
    }
}

fn list(found: Option<Value>, kind: Kind, switches: Switches) -> Result<Vec<Value>, Refusal> {
    match found {
        Some(Value::Array(items)) => Ok(items),
        None if switches.layout == Layout::Nested || switches.missing_lists == MissingLists::Accepted => Ok(Vec::new()),
        _ => Err(Refusal::bad_request(format!("{} must be an array", kind.list()))),
    }
}
