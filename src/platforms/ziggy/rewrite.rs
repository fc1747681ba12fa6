//! Makes of a source's item what the destination is to hold: under its id and name there, referring to what stands
//! for its references there, without what never travels.
//! Must not know: uploads.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{bundle, json, remote, sanitize, steps};
use crate::model::{Decision, Error, ErrorKind, ItemKey, Kind, PlanItem, Result, Work};

/// For each source id of the plan, the id of what stands for it at the destination; and the plan's items by key.
#[derive(Debug)]
pub(super) struct Ids<'a> {
    ids: HashMap<String, String>,
    items: HashMap<&'a ItemKey, &'a PlanItem>,
}

impl<'a> Ids<'a> {
    /// `picked` are ids that the server chose itself for what an earlier step created.
    pub(super) fn of(work: &Work<'a>, picked: &BTreeMap<ItemKey, String>) -> Ids<'a> {
        let planned = work.plan.destinations().into_iter().map(|(key, id)| (key, id.to_owned()));
        let mut ids: HashMap<String, String> = planned.map(|(key, id)| (key.id.to_string(), id)).collect();
        // A run that is resumed finds in its plan what an earlier process was told.
        ids.extend(
            work.plan.items.iter().filter_map(|item| Some((item.key.id.to_string(), item.own_id()?.to_owned()))),
        );
        ids.extend(picked.iter().map(|(key, id)| (key.id.to_string(), id.clone())));
        ids.retain(|from, to| from != to);
        Ids { ids, items: work.plan.items.iter().map(|item| (&item.key, item)).collect() }
    }

    /// As [`Work::item`], without a search through the plan.
    pub(super) fn planned(&self, key: &ItemKey) -> Result<&'a PlanItem> {
        let none = || Error::new(ErrorKind::Internal, format!("{key} is in no plan"));
        self.items.get(key).copied().ok_or_else(none)
    }

    /// Only a text that is an id and nothing else is a reference.
    fn apply(&self, value: &mut Value) {
        json::edit_texts(value, &mut |text| {
            if let Some(id) = self.ids.get(text.as_str()) {
                text.clone_from(id);
            }
        });
    }
}

/// The item as it is uploaded.
pub(super) fn item(work: &Work<'_>, key: &ItemKey, ids: &Ids<'_>) -> Result<Value> {
    let planned = ids.planned(key)?;
    let record = work.records.get(key).ok_or_else(|| {
        Error::new(ErrorKind::Internal, format!("{key} is to be written, but nobody read it")).items([key.clone()])
    })?;
    let mut value = bundle::content(&record.json)?;
    sanitize::item(key.kind, &mut value);
    let mut value = on_its_own(key.kind, value);
    ids.apply(&mut value);
    json::set(&mut value, "uuid", Value::from(destination_id(planned)?));
    if planned.decision == Decision::Duplicate {
        json::set(&mut value, "name", Value::from(destination_name(planned)));
    }
    Ok(value)
}

/// Without copies of other items, executions and schedules: a schedule would start running something that the plan
/// does not show.
fn on_its_own(kind: Kind, value: Value) -> Value {
    let mut value = if kind == Kind::Flow { remote::without_copies(value) } else { value };
    json::remove(&mut value, &["history", "schedules", "inFlows", "hsProps"]);
    value
}

/// The id that an item has at the destination after the run.
pub(super) fn destination_id(item: &PlanItem) -> Result<&str> {
    let given = item.own_id().filter(|_| steps::is_new(item));
    given.or_else(|| item.destination_id()).ok_or_else(|| {
        let message = format!("{} is to be written, but the plan does not say under which id", item.key);
        Error::new(ErrorKind::InvalidPlan, message).items([item.key.clone()])
    })
}

/// The name that an item has at the destination after the run.
pub(super) fn destination_name(item: &PlanItem) -> &str {
    match item.decision {
        Decision::Duplicate => item.new_name.as_deref().unwrap_or(&item.name),
        _ => &item.name,
    }
}
