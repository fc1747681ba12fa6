//! What a run notes in its folder while it writes, so that a resumed one knows what was begun: half-written items, uploads
//! whose ids nobody chose, definitions whose constraints were relaxed, webhooks that were switched off.
//! Must not know: servers, plans.
//!
//! A line each, synced before anything rests on it. A torn last line was not rested on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::files;
use crate::model::{Digest, Error, ErrorKind, ItemKey, Result};

const FILE: &str = "haul-notes.jsonl";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Note {
    /// The first request for these items is about to go out.
    Begun(Vec<ItemKey>),
    /// The file of a medium was stored under this id.
    Uploaded { item: ItemKey, id: String },
    /// The definition of a type is about to be replaced by one that demands less; this is the one to bring back.
    Relaxed { name: String, definition: Map<String, Value> },
    /// It is back.
    Restored { name: String },
    /// These webhooks are on and about to be switched off.
    SwitchOff(Vec<Off>),
    /// They are off, as these versions of them.
    AreOff(BTreeMap<String, Option<Value>>),
    /// They are on again.
    SwitchedOn,
}

/// A webhook as it was before the run switched it off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Off {
    pub id: String,
    pub name: String,
    pub exact: Digest,
    /// Of what it says beside whether it is on.
    pub rest: Digest,
}

/// What the notes say.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub begun: BTreeSet<ItemKey>,
    pub uploaded: BTreeMap<ItemKey, String>,
    pub relaxed: BTreeMap<String, Map<String, Value>>,
    /// Webhooks that are off by their ids in lower case, and their versions since then as far as they are known.
    pub off: BTreeMap<String, Option<Value>>,
    /// All that ever were, as they were before the run switched them off for the first time.
    pub paused: BTreeMap<String, Off>,
}

impl Noted {
    fn take(&mut self, note: Note) {
        match note {
            Note::Begun(items) => self.begun.extend(items),
            Note::Uploaded { item, id } => {
                self.uploaded.insert(item, id);
            }
            Note::Relaxed { name, definition } => {
                // The first one is the original, also where a broken run relaxed it again.
                self.relaxed.entry(name).or_insert(definition);
            }
            Note::Restored { name } => {
                self.relaxed.remove(&name);
            }
            Note::SwitchOff(webhooks) => {
                for webhook in webhooks {
                    let id = webhook.id.to_lowercase();
                    self.off.insert(id.clone(), None);
                    self.paused.entry(id).or_insert(webhook);
                }
            }
            Note::AreOff(versions) => self.off.extend(versions),
            Note::SwitchedOn => self.off.clear(),
        }
    }
}

/// The notes of a run.
#[derive(Debug)]
pub(super) struct Notes {
    path: PathBuf,
    noted: Mutex<Noted>,
}

impl Notes {
    pub fn of(folder: &Path) -> Result<Notes> {
        let path = folder.join(FILE);
        let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(error)),
        };
        let mut noted = Noted::default();
        let mut good = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(note) if line.ends_with(b"\n") => noted.take(note),
                _ if good + line.len() == bytes.len() => {
                    let file = File::options().write(true).open(&path).map_err(failed)?;
                    file.set_len(good as u64).map_err(failed)?;
                    break;
                }
                _ => return Err(Error::new(ErrorKind::Damaged, format!("{} is damaged", path.display()))),
            }
            good += line.len();
        }
        Ok(Notes { path, noted: Mutex::new(noted) })
    }

    /// Looks at the notes. Not to be held across a wait.
    pub fn see<T>(&self, look: impl FnOnce(&Noted) -> T) -> T {
        look(&self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What they say, for good.
    pub fn into_noted(self) -> Noted {
        self.noted.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn has_begun(&self, item: &ItemKey) -> bool {
        self.see(|noted| noted.begun.contains(item))
    }

    pub fn begin(&self, items: &[ItemKey]) -> Result<()> {
        self.add(Note::Begun(items.to_vec()))
    }

    pub fn uploaded(&self, item: &ItemKey, id: &str) -> Result<()> {
        self.add(Note::Uploaded { item: item.clone(), id: id.to_owned() })
    }

    pub fn relax(&self, name: &str, definition: &Map<String, Value>) -> Result<()> {
        self.add(Note::Relaxed { name: name.to_owned(), definition: definition.clone() })
    }

    pub fn restored(&self, name: &str) -> Result<()> {
        self.add(Note::Restored { name: name.to_owned() })
    }

    pub fn switch_off(&self, webhooks: Vec<Off>) -> Result<()> {
        self.add(Note::SwitchOff(webhooks))
    }

    pub fn are_off(&self, versions: BTreeMap<String, Option<Value>>) -> Result<()> {
        self.add(Note::AreOff(versions))
    }

    pub fn switched_on(&self) -> Result<()> {
        self.add(Note::SwitchedOn)
    }

    fn add(&self, note: Note) -> Result<()> {
        let failed = |error| Error::io(format_args!("cannot write {}", self.path.display()), error);
        let mut line = serde_json::to_vec(&note)
            .map_err(|error| Error::new(ErrorKind::Internal, "cannot write a note").caused_by(error))?;
        line.push(b'\n');
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !self.path.exists();
        let mut file = File::options().create(true).append(true).open(&self.path).map_err(failed)?;
        file.write_all(&line).and_then(|()| file.sync_data()).map_err(failed)?;
        if is_new {
            files::make_private(&self.path)?;
            files::sync_folder(files::folder_of(&self.path))?;
        }
        noted.take(note);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn what_was_noted_is_known_to_the_next_start_and_a_torn_line_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let key = ItemKey::new(Kind::Media, "m");
        let definition = |label: &str| Map::from_iter([("label".to_owned(), Value::from(label))]);
        let notes = Notes::of(folder.path()).unwrap();
        notes.begin(std::slice::from_ref(&key)).unwrap();
        notes.uploaded(&key, "new").unwrap();
        notes.relax("post", &definition("first")).unwrap();
        notes.relax("post", &definition("relaxed already")).unwrap();
        notes.relax("page", &definition("x")).unwrap();
        notes.restored("page").unwrap();
        let path = folder.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], b"{\"begun\":[{\"ki"].concat()).unwrap();
        let noted = Notes::of(folder.path()).unwrap().into_noted();
        assert!(noted.begun.contains(&key));
        assert_eq!(noted.uploaded[&key], "new");
        assert_eq!(noted.relaxed, BTreeMap::from([("post".to_owned(), definition("first"))]));
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        std::fs::write(&path, [b"no\n", &whole[..]].concat()).unwrap();
        assert_eq!(Notes::of(folder.path()).unwrap_err().kind(), ErrorKind::Damaged);
    }
}
