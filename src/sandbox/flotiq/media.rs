//! Files: what an upload has to be, the record that it makes, and finding the bytes of a download.
//! Must not know: keys, content other than `_media`.

use axum::{
    body::Bytes,
    extract::Multipart,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    object::Body,
    picture,
    reference::folded,
    reply::{Answer, Complaints, Refusal, complain},
    state::State,
    write::{How, fresh_id},
};
use crate::sandbox::{
    fault::Faults,
    switch::{Switches, UnsavedUpload, UploadTwice},
};

pub(super) const KIND: &str = "_media";
/// Ten megabytes, as the sample error says.
const LARGEST: u64 = 10_000_000;
const ALLOWED: [&str; 20] = [
    "image/gif",
    "image/png",
    "image/jpeg",
    "image/bmp",
    "image/webp",
    "image/svg+xml",
    "image/x-icon",
    "text/plain",
    "audio/midi",
    "audio/mpeg",
    "audio/webm",
    "audio/ogg",
    "audio/wav",
    "video/webm",
    "video/ogg",
    "video/mp4",
    "application/pdf",
    "application/json",
    "image/vnd.microsoft.icon",
    "audio/mp3",
];

/// The bytes of a medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub bytes: Bytes,
    pub mime: String,
    pub extension: String,
}

impl File {
    pub fn dump(&self) -> Value {
        json!({ "size": self.bytes.len(), "digest": blake3::hash(&self.bytes).to_hex().as_str(), "mime": self.mime })
    }
}

/// The fields of the form.
#[derive(Debug, Default)]
pub(super) struct Upload {
    kind: String,
    name: String,
    mime: String,
    bytes: Option<Bytes>,
    save: Option<String>,
}

impl Upload {
    pub async fn read(mut form: Multipart) -> Result<Self, Refusal> {
        let broken = |error: axum::extract::multipart::MultipartError| {
            Refusal::coded(StatusCode::BAD_REQUEST, &error.body_text())
        };
        let mut upload = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            match field.name().unwrap_or_default() {
                "type" => upload.kind = field.text().await.map_err(broken)?,
                "save" => upload.save = Some(field.text().await.map_err(broken)?),
                "file" => {
                    upload.name = field.file_name().unwrap_or_default().to_owned();
                    upload.mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
                    upload.bytes = Some(field.bytes().await.map_err(broken)?);
                }
                _ => {}
            }
        }
        Ok(upload)
    }

    /// What the log keeps of it.
    pub fn summary(&self) -> Value {
        json!({
            "type": self.kind, "save": self.save, "fileName": self.name, "mimeType": self.mime,
            "size": self.bytes.as_ref().map(Bytes::len),
        })
    }

    fn check(&self, most: u64) -> Result<Bytes, Refusal> {
        let mut complaints = Complaints::new();
        if !matches!(self.kind.as_str(), "image" | "file") {
            complain(&mut complaints, "type", "The value does not match possible options");
        }
        let bytes = self.bytes.clone().unwrap_or_default();
        if self.bytes.is_none() || self.name.is_empty() {
            complain(&mut complaints, "file", "The property file is required");
        } else {
            let fits_type =
                ALLOWED.contains(&self.mime.as_str()) && (self.kind != "image" || self.mime.starts_with("image/"));
            if !fits_type {
                let why = format!("The mime type of the file is invalid ({:?}). Allowed mime types are ...", self.mime);
                complain(&mut complaints, "file", why);
            }
            if bytes.len() as u64 > most {
                let (size, most) = (bytes.len() as f64 / 1e6, most as f64 / 1e6);
                let why = format!("The file is too large ({size:.2} MB). Allowed maximum size is {most} MB.");
                complain(&mut complaints, "file", why);
            }
        }
        if complaints.is_empty() { Ok(bytes) } else { Err(Refusal::fields(complaints)) }
    }

    /// Stores the file under an id that nobody can choose, and gives its record, without `internal`.
    pub fn store(self, state: &mut State, switches: Switches, faults: &Faults) -> Result<Value, Refusal> {
        let bytes = self.check(faults.max_upload.unwrap_or(LARGEST))?;
        if switches.upload_twice == UploadTwice::Reused
            && let Some(record) = same(state, &bytes, &self.name)
        {
            return Ok(record);
        }
        let id = fresh_id(state, KIND);
        let record = self.record(&id, &bytes);
        let is_kept = self.save.as_deref() == Some("1") || switches.unsaved_upload == UnsavedUpload::Stored;
        if is_kept {
            let extension = extension(&self.name, &self.mime);
            super::write::write(state, KIND, None, record.clone(), How::Create, Default::default())
                .map_err(Refusal::fields)?;
            state.files.insert(folded(&id), File { bytes, mime: self.mime, extension });
        }
        Ok(Value::Object(record))
    }

    fn record(&self, id: &str, bytes: &Bytes) -> Body {
        let size = if self.kind == "image" { picture::measure(bytes) } else { None };
        let extension = extension(&self.name, &self.mime);
        let (width, height) = size.unwrap_or_default();
        let record = json!({
            "id": id, "extension": extension, "fileName": self.name, "mimeType": self.mime,
            "size": bytes.len(), "type": self.kind, "source": "disk", "externalId": "",
            "url": format!("/image/0x0/{id}.{extension}"), "height": height, "width": width,
        });
        match record {
            Value::Object(record) => record,
            _ => Body::new(),
        }
    }
}

fn same(state: &State, bytes: &Bytes, name: &str) -> Option<Value> {
    let (id, _) = state.files.iter().filter(|(_, file)| file.bytes == *bytes).min_by_key(|(id, _)| id.as_str())?;
    let object = state.kind(KIND)?.objects.get(id)?;
    let mut record = Body::from_iter([("id".to_owned(), json!(object.id))]);
    record.extend(object.body());
    (record.get("fileName") == Some(&json!(name))).then_some(Value::Object(record))
}

fn extension(name: &str, mime: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, extension)) if !extension.is_empty() => extension.to_lowercase(),
        _ => mime.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

/// `{id}.{extension}` or `{id}/{any name}.{extension}`; the extension has to be that of the file.
pub(super) fn find(state: &State, id: Option<&str>, name: &str) -> Result<File, Refusal> {
    let (stem, extension) = name.rsplit_once('.').ok_or_else(Refusal::not_found)?;
    let file = state.file(id.unwrap_or(stem)).ok_or_else(Refusal::not_found)?;
    if !file.extension.eq_ignore_ascii_case(extension) {
        return Err(Refusal::not_found());
    }
    Ok(file.clone())
}

/// Every size gives the file as it is: pictures are not scaled here.
pub(super) fn deliver(file: File) -> Answer {
    let response: Response = ([(header::CONTENT_TYPE, file.mime)], file.bytes).into_response();
    Ok(response)
}
