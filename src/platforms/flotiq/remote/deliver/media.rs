//! Writes media: a file that the space lacks is stored under an id of the space's choice, and then gets what people said of it.
//! A file whose upload was lost on the way back is looked for before it is sent again.
//! Must not know: what refers to media.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{StreamExt, TryStreamExt};
use serde_json::{Map, Value};

use super::batch::{is_lost, sentence};
use super::job::{Job, outcome};
use super::rewrite::{is_new, lead};
use crate::model::{Error, ErrorKind, ItemKey, ItemOutcome, Kind, Result, RunEvent, StepOutcome};
use crate::net::StatusCode;

type Object = Map<String, Value>;

/// What an upload does not carry, and what of a file's name an upload may have changed.
const SAID: [&str; 7] = ["fileName", "alt", "title", "tags", "variants", "externalId", "source"];
/// Files that are sent at once; each is held whole.
const AT_ONCE: usize = 4;
const TRIES: u32 = 5;

/// Writes the media of a step.
pub(super) async fn perform(job: &Job<'_>, keys: &[ItemKey]) -> Result<StepOutcome> {
    let records = job.delivery.cargo.records(keys)?;
    let begun: BTreeSet<&ItemKey> = keys.iter().filter(|key| job.delivery.notes.has_begun(key)).collect();
    job.delivery.notes.begin(keys)?;
    let uploads = Uploads { job, given: Mutex::default() };
    let uploading: Vec<_> =
        keys.iter().zip(&records).map(|(key, record)| uploads.one(key, record, begun.contains(key))).collect();
    let stored: Vec<Stored> = job.api.queue(uploading).buffered(AT_ONCE).try_collect().await?;
    let mut whole = StepOutcome::default();
    let mut patches: Vec<(&Stored, Object)> = Vec::new();
    for (stored, record) in stored.iter().zip(&records) {
        match &stored.there {
            Ok(there) => patches.extend(patch(job, record, &stored.id, there).map(|patch| (stored, patch))),
            Err(why) => whole.items.push(outcome(&stored.key, Some(why.clone()))),
        }
    }
    let mut refused = std::collections::BTreeMap::new();
    for chunk in patches.chunks(super::batch::MOST) {
        let contents: Vec<&Object> = chunk.iter().map(|(_, patch)| patch).collect();
        let answer = job.api.patch("_media", &contents).await?;
        match answer.status {
            status if status.is_success() => {}
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
                let why = answer.json().map_or_else(|error| error.message().to_owned(), |body| sentence(&body));
                let why = format!("its file is there, but not what is said of it: {why}");
                refused.extend(chunk.iter().map(|(stored, _)| (stored.key.clone(), why.clone())));
            }
            _ => {
                job.api.success(answer)?;
            }
        }
    }
    for stored in stored.iter().filter(|stored| stored.there.is_ok()) {
        let new_id =
            (*stored.id != *job.item(&stored.key)?.destination_id().unwrap_or_default()).then(|| stored.id.clone());
        let error = refused.get(&stored.key).cloned();
        whole.items.push(ItemOutcome { item: stored.key.clone(), new_id, error });
    }
    Ok(whole)
}

/// A medium with its record at the space, or why it is not there.
struct Stored {
    key: ItemKey,
    id: String,
    there: std::result::Result<Object, String>,
}

struct Uploads<'w, 'j> {
    job: &'w Job<'j>,
    /// Ids that uploads of this step got.
    given: Mutex<BTreeSet<String>>,
}

impl Uploads<'_, '_> {
    async fn one(&self, key: &ItemKey, record: &Object, begun: bool) -> Result<Stored> {
        let item = self.job.item(key)?;
        let found = |id: String, there| Stored { key: key.clone(), id, there };
        if !is_new(item) {
            let id = item.destination_id().unwrap_or(&key.id).to_owned();
            return Ok(match self.record_of(&id).await? {
                Some(there) => found(id, Ok(there)),
                None => found(id, Err("the space does not have it any more".to_owned())),
            });
        }
        if let Some(id) = self.job.delivery.notes.see(|noted| noted.uploaded.get(key).cloned())
            && let Some(there) = self.record_of(&id).await?
        {
            return Ok(found(id, Ok(there)));
        }
        let there = self.upload(key, record, begun).await?;
        let id = there.as_ref().ok().and_then(|there| text(there, "id")).unwrap_or_default().to_owned();
        if there.is_ok() {
            self.job.delivery.notes.uploaded(key, &id)?;
        }
        Ok(found(id, there))
    }

    async fn record_of(&self, id: &str) -> Result<Option<Object>> {
        Ok(self.job.api.some("_media", &[id]).await?.into_iter().next())
    }

    async fn upload(&self, key: &ItemKey, record: &Object, begun: bool) -> Result<std::result::Result<Object, String>> {
        let extension = text(record, "extension").unwrap_or_default();
        let Some(path) = self.job.delivery.cargo.file(key, extension) else {
            return Ok(Err("the source has no file of it, and a space takes no record without one".to_owned()));
        };
        let content = Bytes::from(read(&path).await?);
        let name = file_name(record, key, extension);
        let mime = text(record, "mimeType").unwrap_or("application/octet-stream");
        let mut look = begun;
        for attempt in 0..TRIES {
            if look && let Some(there) = self.lost(key, record, &content).await? {
                return Ok(Ok(there));
            }
            match self.job.api.upload(&name, mime, content.clone()).await {
                Ok(answer) if answer.is_success() => return self.stored(answer.json()?, content.len()),
                Ok(answer) if answer.status.is_server_error() => {}
                Ok(answer) if matches!(answer.status.as_u16(), 400 | 413 | 415) => {
                    return Ok(Err(answer
                        .json()
                        .map_or_else(|_| answer.error().message().to_owned(), |body| sentence(&body))));
                }
                Ok(answer) => {
                    self.job.api.success(answer)?;
                }
                Err(error) if is_lost(&error) => {}
                Err(error) => return Err(error),
            }
            look = true;
            tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
        }
        Ok(Err("the space neither stores its file nor says why".to_owned()))
    }

    fn stored(&self, answer: Value, sent: usize) -> Result<std::result::Result<Object, String>> {
        let Value::Object(there) = answer else {
            return Err(Error::new(ErrorKind::Protocol, "the answer to an upload is no medium"));
        };
        let Some(id) = text(&there, "id") else {
            return Err(Error::new(ErrorKind::Protocol, "the answer to an upload names no id"));
        };
        if there.get("size").and_then(Value::as_u64).is_some_and(|size| size != sent as u64) {
            return Ok(Err(format!("the space says that {id} has another size than what was sent")));
        }
        self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id.to_owned());
        self.job.events.emit(RunEvent::BytesMoved { bytes: sent as u64 });
        Ok(Ok(there))
    }

    /// The medium that a lost upload left behind: among the newest, of no other upload of the run, unknown when the space was
    /// listed, and of the same bytes.
    async fn lost(&self, key: &ItemKey, record: &Object, content: &Bytes) -> Result<Option<Object>> {
        let taken: BTreeSet<String> = self.job.delivery.notes.see(|noted| noted.uploaded.values().cloned().collect());
        for there in self.job.api.newest_media().await? {
            let Some(id) = text(&there, "id").map(str::to_owned) else { continue };
            let alike = there.get("size").and_then(Value::as_u64) == Some(content.len() as u64)
                && text(&there, "mimeType") == text(record, "mimeType");
            let given = self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&id);
            let known = self.job.ids.is_there(&ItemKey::new(Kind::Media, &*id));
            if !alike || given || known || taken.contains(&id) {
                continue;
            }
            let extension = text(&there, "extension").unwrap_or_default().to_owned();
            if self.bytes_of(key, &id, &extension).await?.as_ref() == Some(content) {
                self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id);
                return Ok(Some(there));
            }
        }
        Ok(None)
    }

    async fn bytes_of(&self, key: &ItemKey, id: &str, extension: &str) -> Result<Option<Bytes>> {
        let name = format!("look-{}", blake3::hash(format!("{key} {id}").as_bytes()).to_hex());
        let path = self.job.delivery.cargo.folder.join(name);
        if !self.job.api.file(id, extension, path.clone()).await? {
            return Ok(None);
        }
        let bytes = read(&path).await?;
        let _ = tokio::fs::remove_file(&path).await; // the folder goes with the run
        Ok(Some(Bytes::from(bytes)))
    }
}

async fn read(path: &Path) -> Result<Vec<u8>> {
    let path: PathBuf = path.to_owned();
    tokio::fs::read(&path).await.map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))
}

fn text<'a>(record: &'a Object, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_str)
}

/// A name with an ending, for the space takes the extension from it.
fn file_name(record: &Object, key: &ItemKey, extension: &str) -> String {
    let name = text(record, "fileName").filter(|name| !name.is_empty()).unwrap_or(&key.id);
    let has_ending = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension));
    if has_ending || extension.is_empty() { name.to_owned() } else { format!("{name}.{extension}") }
}

/// What of a medium has to be said beside its file; `None` where the space says the same already.
fn patch(job: &Job<'_>, record: &Object, id: &str, there: &Object) -> Option<Object> {
    let wanted = lead(record, &job.ids).content;
    let mut patch = Object::new();
    for name in SAID {
        let (ours, theirs) = (wanted.get(name), there.get(name));
        if is_nothing(ours) && is_nothing(theirs) || ours == theirs {
            continue;
        }
        let empty = if matches!(name, "tags" | "variants") { Value::Array(Vec::new()) } else { Value::from("") };
        match ours {
            Some(value) if !value.is_null() => patch.insert(name.to_owned(), value.clone()),
            // Where the file came from, and how it is called, is never taken away.
            _ if matches!(name, "source" | "fileName" | "externalId") => continue,
            _ => patch.insert(name.to_owned(), empty),
        };
    }
    (!patch.is_empty()).then(|| {
        patch.insert("id".to_owned(), Value::from(id));
        patch
    })
}

fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    }
}
