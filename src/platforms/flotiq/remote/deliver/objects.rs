//! Writes objects, and the small records of the platform, of one step: each once, whole, and into its state.
//! Must not know: rings, definitions, files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Map, Value};

use super::batch::{self, AT_ONCE, Fates, MOST, Parcel, id_of};
use super::job::{Job, changed_since, digest_of, outcome, under_its_id};
use super::pause::rest;
use super::rewrite::{Ids, copied, is_new};
use super::schema;
use super::states::{Move, after_writing};
use crate::model::{
    Decision, Digest, Error, ErrorKind, ItemKey, ItemOutcome, Kind, PlanItem, Result, StepOutcome, VersionState,
};
use crate::net::StatusCode;
use crate::platforms::flotiq::canonical::exact;
use crate::platforms::flotiq::names::type_of;
use crate::platforms::flotiq::remote::api::Taken;
use crate::platforms::flotiq::states::State;

/// An object on its way.
#[derive(Clone)]
pub(super) struct Load {
    pub key: ItemKey,
    pub id: String,
    pub record: Map<String, Value>,
    pub new: bool,
    /// An earlier start of the run may have written it already.
    pub begun: bool,
}

/// Loads of one type.
pub(super) struct Freight {
    pub type_: String,
    pub definition: Arc<Map<String, Value>>,
    pub loads: Vec<Load>,
}

/// What was there before the first write.
pub(super) type Before = HashMap<String, Map<String, Value>>;

/// Everything of a step, by type.
pub(super) async fn freights(job: &Job<'_>, keys: &[ItemKey]) -> Result<(Vec<Freight>, Vec<ItemOutcome>)> {
    let records = job.delivery.cargo.records(keys)?;
    let mut types: BTreeMap<&str, Vec<Load>> = BTreeMap::new();
    let mut failed = Vec::new();
    for (key, record) in keys.iter().zip(records) {
        let item = job.item(key)?;
        let id = item.destination_id().unwrap_or(&key.id).to_owned();
        let begun = job.delivery.notes.has_begun(key);
        let load = Load { key: key.clone(), id, record, new: is_new(item), begun };
        types.entry(type_of(key).unwrap_or_default()).or_default().push(load);
    }
    let mut freights = Vec::new();
    for (type_, mut loads) in types {
        let definition = match job.definition(type_).await {
            Ok(definition) => definition,
            Err(error) if error.kind() == ErrorKind::Unexpected => {
                failed.extend(loads.iter().map(|load| outcome(&load.key, Some(error.message().to_owned()))));
                continue;
            }
            Err(error) => return Err(error),
        };
        loads.retain_mut(|load| match job.item(&load.key).and_then(|item| as_copy(load, item, &definition)) {
            Ok(()) => true,
            Err(error) => {
                failed.push(outcome(&load.key, Some(error.message().to_owned())));
                false
            }
        });
        freights.push(Freight { type_: type_.to_owned(), definition, loads });
    }
    Ok((freights, failed))
}

/// A copy is called otherwise, and holds other values where no two objects may hold the same.
fn as_copy(load: &mut Load, item: &PlanItem, definition: &Map<String, Value>) -> Result<()> {
    if item.decision != Decision::Duplicate {
        return Ok(());
    }
    if let (Some(name), Kind::Tag | Kind::Webhook) = (&item.new_name, item.key.kind) {
        load.record.insert("name".to_owned(), Value::from(&**name));
    }
    for (field, wanted) in schema::uniques(definition) {
        let Some(value) = load.record.get(field) else { continue };
        let Some(copy) = copied(value, &load.id, &wanted) else {
            let why = format!("no other value of the unique field `{field}` could be made for the copy");
            return Err(Error::new(ErrorKind::Refused, why));
        };
        load.record.insert(field.to_owned(), copy);
    }
    Ok(())
}

/// Writes the objects of a step.
pub(super) async fn perform(job: &Job<'_>, keys: &[ItemKey]) -> Result<StepOutcome> {
    let (freights, failed) = freights(job, keys).await?;
    job.delivery.notes.begin(keys)?;
    let mut whole = StepOutcome { items: failed, ..StepOutcome::default() };
    let delivering = freights.into_iter().map(|freight| async move { deliver(job, &freight).await });
    let parts: Vec<StepOutcome> = job.api.queue(delivering).buffer_unordered(AT_ONCE).try_collect().await?;
    for part in parts {
        whole.items.extend(part.items);
        whole.findings.extend(part.findings);
        whole.partial.extend(part.partial);
    }
    Ok(whole)
}

async fn deliver(job: &Job<'_>, freight: &Freight) -> Result<StepOutcome> {
    let before = looked_at(job, freight).await?;
    let (loads, mut whole) = unchanged(job, freight, &before)?;
    let (fates, partial) = send(job, freight, &loads, &job.ids).await?;
    whole.partial = partial;
    settle(job, freight, &loads, &before, fates, &mut whole).await?;
    Ok(whole)
}

/// What the space holds of what is overwritten, or may have been begun, right before it is written.
pub(super) async fn looked_at(job: &Job<'_>, freight: &Freight) -> Result<Before> {
    let known = freight.loads.iter().filter(|load| !load.new || load.begun);
    let ids: Vec<&str> = known.map(|load| load.id.as_str()).collect();
    let there = job.api.some(&freight.type_, &ids).await?;
    Ok(there.into_iter().map(|row| (id_of(&row), row)).collect())
}

/// Leaves alone what is not any more as the plan saw it.
fn unchanged(job: &Job<'_>, freight: &Freight, before: &Before) -> Result<(Vec<Load>, StepOutcome)> {
    let mut whole = StepOutcome::default();
    let mut loads = Vec::new();
    let migrated = job.changes_type(&freight.type_);
    let paused = job.delivery.notes.see(|noted| noted.paused.clone());
    for load in &freight.loads {
        let item = job.item(&load.key)?;
        let there = before.get(&load.id.to_lowercase());
        let planned = item.destination.map(|digests| digests.exact);
        let paused = paused.get(&load.id.to_lowercase()).filter(|_| load.key.kind == Kind::Webhook);
        let as_planned = there.is_some_and(|row| match paused {
            Some(off) => Some(off.exact) == planned && off.rest == rest(row),
            None => migrated || Some(exact(row)) == planned,
        });
        if load.new || load.begun || as_planned {
            loads.push(load.clone());
            continue;
        }
        let (outcome, finding) = changed_since(&load.key, &item.name);
        whole.items.push(outcome);
        whole.findings.push(finding);
    }
    Ok((loads, whole))
}

/// Sends objects with their references led as `ids` says. Gives their fates, and the digests of those of which something was
/// left out for good.
pub(super) async fn send(
    job: &Job<'_>,
    freight: &Freight,
    loads: &[Load],
    ids: &Ids<'_>,
) -> Result<(Fates, Vec<(ItemKey, Digest)>)> {
    let (mut fresh, mut known, mut partial) = (Vec::new(), Vec::new(), Vec::new());
    for load in loads {
        let (content, left_out) = under_its_id(&load.record, job.item(&load.key)?, ids);
        if left_out && ids.absent.is_empty() {
            partial.extend(
                digest_of(&freight.definition, &load.id, &content, ids).map(|digest| (load.key.clone(), digest)),
            );
        }
        let parcel = Parcel { key: load.key.clone(), id: load.id.clone(), content };
        if load.new && !load.begun { &mut fresh } else { &mut known }.push(parcel);
    }
    let mut fates = batch::write(job.api, &freight.type_, fresh, Taken::Refuse).await?;
    fates.extend(batch::write(job.api, &freight.type_, known, Taken::Replace).await?);
    Ok((fates, partial))
}

/// The digest of an object of which something was left out for good.
pub(super) fn partial_of(job: &Job<'_>, freight: &Freight, load: &Load, ids: &Ids<'_>) -> Option<(ItemKey, Digest)> {
    let (content, _) = under_its_id(&load.record, job.item(&load.key).ok()?, ids);
    digest_of(&freight.definition, &load.id, &content, ids).map(|digest| (load.key.clone(), digest))
}

/// Brings what was written into its state, and says what became of everything.
pub(super) async fn settle(
    job: &Job<'_>,
    freight: &Freight,
    loads: &[Load],
    before: &Before,
    mut fates: Fates,
    whole: &mut StepOutcome,
) -> Result<()> {
    let drafts = freight.definition.get("draftPublic").and_then(Value::as_bool).unwrap_or(false);
    let mut moves: BTreeMap<Move, Vec<&Load>> = BTreeMap::new();
    for load in loads.iter().filter(|load| drafts && fates.get(&load.key) == Some(&None)) {
        let there = before.get(&load.id.to_lowercase());
        if let Some(step) = after_writing(state_of(&load.record), there.and_then(state_of)) {
            moves.entry(step).or_default().push(load);
        }
    }
    for (step, loads) in moves {
        for chunk in loads.chunks(MOST) {
            if let Some(why) = transition(job, freight, step, chunk).await? {
                fates.extend(chunk.iter().map(|load| (load.key.clone(), Some(why.clone()))));
            }
        }
    }
    let failed: BTreeSet<ItemKey> = fates.iter().filter(|(_, why)| why.is_some()).map(|(key, _)| key.clone()).collect();
    whole.partial.retain(|(key, _)| !failed.contains(key));
    whole.items.extend(fates.into_iter().map(|(key, error)| outcome(&key, error)));
    Ok(())
}

/// Why it failed, if it did.
async fn transition(job: &Job<'_>, freight: &Freight, step: Move, loads: &[&Load]) -> Result<Option<String>> {
    let ids: Vec<&str> = loads.iter().map(|load| load.id.as_str()).collect();
    let answer = job.api.transition(&freight.type_, step.path(), &ids).await?;
    match answer.status {
        status if status.is_success() => Ok(None),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
            Ok(Some(format!("it was written, but its state was not changed: {}", answer.error().message())))
        }
        _ => job.api.success(answer).map(|_| None),
    }
}

/// The state that a record says it is in.
pub(super) fn state_of(record: &Map<String, Value>) -> Option<VersionState> {
    State::of(record.get("internal")?.get("status")?.as_str()).told()
}
