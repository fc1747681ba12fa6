//! What every step works with: the space, the content, the plan, and the notes of the run.
//! Must not know: what a step does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value};

use super::cargo::Cargo;
use super::notes::Notes;
use super::rewrite::{Ids, lead};
use crate::model::{Digest, Error, ErrorKind, EventSink, Finding, ItemKey, ItemOutcome, Kind, PlanItem, Result};
use crate::net::Slots;
use crate::platforms::flotiq::definition::Definition;
use crate::platforms::flotiq::record;
use crate::platforms::flotiq::remote::api::Api;

/// Definitions by the names of their types; `None` where the space has none.
type Types = BTreeMap<String, Option<Arc<Map<String, Value>>>>;

/// What stays the same over the steps of a run.
#[derive(Debug)]
pub(in crate::platforms::flotiq::remote) struct Delivery {
    pub(super) cargo: Cargo,
    pub(super) notes: Notes,
    /// Definitions of the space as they were read or written last.
    types: Mutex<Types>,
}

/// What went out to a space.
#[derive(Clone, Copy, Debug)]
pub(in crate::platforms::flotiq::remote) struct Cost {
    pub sent: u64,
    pub slots: Slots,
}

impl Cost {
    fn of(api: &Api) -> Cost {
        Cost { sent: api.sent(), slots: api.slots() }
    }
}

/// When a run began to write, and what had gone out before.
#[derive(Debug)]
pub(in crate::platforms::flotiq::remote) struct Began {
    /// Of the run.
    folder: PathBuf,
    at: Instant,
    before: Cost,
}

impl Began {
    pub fn now(folder: &Path, api: &Api) -> Began {
        Began { folder: folder.to_owned(), at: Instant::now(), before: Cost::of(api) }
    }

    pub fn is_of(&self, folder: &Path) -> bool {
        self.folder == folder
    }

    /// What went out since then, and seconds.
    pub fn cost(&self, api: &Api) -> (Cost, f64) {
        let Cost { sent, slots } = Cost::of(api);
        let since = Cost { sent: sent.saturating_sub(self.before.sent), slots: slots.since(self.before.slots) };
        (since, self.at.elapsed().as_secs_f64())
    }
}

impl Delivery {
    pub async fn of(folder: &Path) -> Result<Delivery> {
        let (cargo, notes) = (Cargo::of(folder).await?, Notes::of(folder)?);
        Ok(Delivery { cargo, notes, types: Mutex::default() })
    }

    pub fn is_of(&self, folder: &Path) -> bool {
        self.cargo.folder == folder
    }
}

/// One step under way.
pub(super) struct Job<'w> {
    pub api: &'w Api,
    pub delivery: &'w Delivery,
    pub ids: Ids<'w>,
    pub events: &'w dyn EventSink,
}

impl Job<'_> {
    pub fn item(&self, key: &ItemKey) -> Result<&PlanItem> {
        self.ids.item(key).ok_or_else(|| Error::new(ErrorKind::Internal, format!("{key} is in no plan")))
    }

    /// The definition of a type as the space has it now.
    pub async fn definition(&self, type_: &str) -> Result<Arc<Map<String, Value>>> {
        let known = self.types().get(type_).cloned();
        let found = match known {
            Some(known) => known,
            None => {
                let read = self.api.definition(type_).await?.map(Arc::new);
                self.types().insert(type_.to_owned(), read.clone());
                read
            }
        };
        found.ok_or_else(|| Error::new(ErrorKind::Unexpected, format!("the space has no type `{type_}`")))
    }

    /// A definition changed: it is read again before something rests on it.
    pub fn forget_definition(&self, type_: &str) {
        self.types().remove(type_);
    }

    fn types(&self) -> MutexGuard<'_, Types> {
        self.delivery.types.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the plan changes the definition of a type, and with it the objects that are there.
    pub fn changes_type(&self, type_: &str) -> bool {
        self.ids.item(&ItemKey::new(Kind::Definition, type_)).is_some_and(PlanItem::is_written)
    }
}

/// The semantic digest of what was written of an object, where that is not all of it.
pub(super) fn digest_of(
    definition: &Map<String, Value>,
    id: &str,
    content: &Map<String, Value>,
    ids: &Ids<'_>,
) -> Option<Digest> {
    let definition = Definition::of(&Value::Object(definition.clone())).ok()?;
    let is_known = |id: &str| ids.is_there(&ItemKey::new(Kind::Media, id));
    Some(record::examine(&definition, id, content, &is_known).digests.semantic)
}

/// Content with every reference led, without what the space gives by itself, under its id at the destination.
pub(super) fn under_its_id(record: &Map<String, Value>, item: &PlanItem, ids: &Ids<'_>) -> (Map<String, Value>, bool) {
    let mut led = lead(record, ids);
    led.content.shift_remove("internal");
    if let Some(id) = item.destination_id() {
        led.content.insert("id".to_owned(), Value::from(id));
    }
    (led.content, led.left_out)
}

pub(super) fn outcome(key: &ItemKey, error: Option<String>) -> ItemOutcome {
    ItemOutcome { item: key.clone(), new_id: None, error }
}

pub(super) fn changed_since(key: &ItemKey, name: &str) -> (ItemOutcome, Finding) {
    let error = "the destination's item changed after the plan was made; it was not written".to_owned();
    let finding = Finding::warning(crate::model::code::CHANGED_SINCE_PLAN, format!("{name}: {error}")).on(key);
    (outcome(key, Some(error)), finding)
}
