//! Writes definitions: those that others lead to first, and in a ring first without what they lead to.
//! Must not know: objects.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use serde_json::{Map, Value};

use super::batch::{is_lost, sentence};
use super::graph;
use super::job::{Job, changed_since, outcome};
use super::rewrite::{self, is_new};
use crate::model::{Digest, ErrorKind, ItemKey, ItemOutcome, PlanItem, Reference, Result, StepOutcome};
use crate::net::{Answer, StatusCode};
use crate::platforms::flotiq::canonical::exact;
use crate::platforms::flotiq::definition;
use crate::platforms::flotiq::names::is_internal;

type Object = Map<String, Value>;

/// What the space gives to a definition by itself.
const SERVERS: [&str; 4] = ["id", "createdAt", "updatedAt", "deletedAt"];
const TRIES: u32 = 5;

/// Writes the definitions of a step.
pub(super) async fn perform(job: &Job<'_>, keys: &[ItemKey]) -> Result<StepOutcome> {
    let records: Vec<Object> = job.delivery.cargo.records(keys)?;
    let begun: BTreeSet<&ItemKey> = keys.iter().filter(|key| job.delivery.notes.has_begun(key)).collect();
    job.delivery.notes.begin(keys)?;
    let mut whole = StepOutcome::default();
    let mut open: BTreeSet<ItemKey> =
        keys.iter().filter(|key| job.ids.item(key).is_some_and(is_new)).cloned().collect();
    let mut again = Vec::new();
    for place in in_order(job, keys) {
        let (key, item) = (&keys[place], job.item(&keys[place])?);
        let rewritten = rewrite::lead(&as_sent(&records[place], is_new(item)), &job.ids);
        if rewritten.left_out {
            whole.partial.push((key.clone(), semantic(&rewritten.content)));
        }
        let definition = Definition { key, item, content: rewritten.content, begun: begun.contains(key) };
        let (first, waits) = without_types(&definition.content, &open);
        let written = definition.write(job, &first, &mut whole).await?;
        let failed = written.error.is_some();
        open.remove(key);
        if waits && !failed {
            again.push(definition);
        } else {
            whole.items.push(written);
        }
        job.forget_definition(&key.id);
    }
    for definition in again {
        let answer = job.api.replace_definition(&definition.key.id, &definition.content).await?;
        whole.items.push(outcome(definition.key, refusal(job, answer)?));
        job.forget_definition(&definition.key.id);
    }
    let failed: BTreeSet<ItemKey> =
        whole.items.iter().filter(|item| item.error.is_some()).map(|item| item.item.clone()).collect();
    whole.partial.retain(|(key, _)| !failed.contains(key));
    Ok(whole)
}

fn semantic(content: &Object) -> Digest {
    definition::examine(&Value::Object(content.clone()), &|_| false).digests.semantic
}

/// Those that others lead to first.
fn in_order(job: &Job<'_>, keys: &[ItemKey]) -> Vec<usize> {
    let places: HashMap<&ItemKey, usize> = keys.iter().enumerate().map(|(place, key)| (key, place)).collect();
    let needs: Vec<Vec<usize>> = keys
        .iter()
        .map(|key| {
            let item = job.delivery.cargo.inventory.find(key);
            let references = item.into_iter().flat_map(|item| item.references());
            let places = references.filter_map(|reference| match reference {
                Reference::Id(target) => places.get(&target).copied(),
                Reference::Name(..) => None,
            });
            places.collect()
        })
        .collect();
    let ranks = graph::ranks(&needs);
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|&place| (ranks[place].level, place));
    order
}

fn as_sent(record: &Object, new: bool) -> Object {
    let kept = record.iter().filter(|(name, _)| !SERVERS.contains(&name.as_str()));
    let mut sent: Object = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !new {
        // What is not sent may stay as it was.
        sent.entry("draftPublic").or_insert(Value::Bool(false));
        sent.entry("featuredImage").or_insert_with(|| Value::Array(Vec::new()));
    }
    sent
}

/// The definition with relations to any type instead of those to types that are not there yet, and whether there were such.
fn without_types(content: &Object, open: &BTreeSet<ItemKey>) -> (Object, bool) {
    let own = content.get("name").and_then(Value::as_str).unwrap_or_default();
    let is_open = |name: &str| name != own && !is_internal(name) && open.iter().any(|key| *key.id == *name);
    let mut waits = false;
    let mut content = content.clone();
    if let Some(meta) = content.get_mut("metaDefinition") {
        loosen(meta, &is_open, &mut waits);
    }
    (content, waits)
}

fn loosen(value: &mut Value, is_open: &dyn Fn(&str) -> bool, waits: &mut bool) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value.as_str().filter(|_| name == "relationContenttype") {
                    Some(type_) if is_open(type_) => {
                        *waits = true;
                        *value = Value::from("");
                    }
                    Some(_) => {}
                    None => loosen(value, is_open, waits),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| loosen(value, is_open, waits)),
        _ => {}
    }
}

/// A definition on its way.
struct Definition<'w> {
    key: &'w ItemKey,
    item: &'w PlanItem,
    content: Object,
    begun: bool,
}

impl Definition<'_> {
    async fn write(&self, job: &Job<'_>, first: &Object, whole: &mut StepOutcome) -> Result<ItemOutcome> {
        if is_new(self.item) {
            return Ok(outcome(self.key, self.create(job, first).await?));
        }
        let there = job.api.definition(&self.key.id).await?;
        let planned = self.item.destination.map(|digests| digests.exact);
        if !self.begun && there.map(|there| exact(&there)) != planned {
            let (outcome, finding) = changed_since(self.key, &self.item.name);
            whole.findings.push(finding);
            return Ok(outcome);
        }
        let answer = job.api.replace_definition(&self.key.id, first).await?;
        Ok(outcome(self.key, refusal(job, answer)?))
    }

    /// Why it was not made. What a lost request left behind is looked up before it is said again.
    async fn create(&self, job: &Job<'_>, first: &Object) -> Result<Option<String>> {
        let mut look = self.begun;
        for attempt in 0..TRIES {
            if look && let Some(there) = job.api.definition(&self.key.id).await? {
                let same = semantic(&there) == semantic(first) || semantic(&there) == semantic(&self.content);
                return Ok((!same).then(|| "the space has another type of this name by now".to_owned()));
            }
            match job.api.create_definition(first).await {
                Ok(answer) if answer.status.is_server_error() => {}
                Ok(answer) => return refusal(job, answer),
                Err(error) if is_lost(&error) => {}
                Err(error) => return Err(error),
            }
            look = true;
            tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
        }
        Ok(Some("the space neither makes it nor says why".to_owned()))
    }
}

/// What a refusal of one definition means for it; others mean the end of the run.
fn refusal(job: &Job<'_>, answer: Answer) -> Result<Option<String>> {
    match answer.status {
        status if status.is_success() => Ok(None),
        StatusCode::BAD_REQUEST => {
            Ok(Some(answer.json().map_or_else(|error| error.message().to_owned(), |body| sentence(&body))))
        }
        _ => match job.api.success(answer) {
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::UnknownItem => Ok(Some(error.message().to_owned())),
            Err(error) => Err(error),
        },
    }
}
