//! Switches webhooks off for a run, and on again those that it switched off. Which ones these are lies in the notes of the run
//! before the first is off, so that a resumed run knows them.
//! Must not know: what else a run writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::batch::{MOST, id_of, sentence};
use super::notes::{Notes, Off};
use crate::model::{
    Error, ErrorKind, Finding, Inventory, ItemIndex, ItemKey, Kind, Plan, PlanItem, Result, code, text::printable,
};
use crate::net::StatusCode;
use crate::platforms::flotiq::canonical::exact;
use crate::platforms::flotiq::index::{Index, Reader};
use crate::platforms::flotiq::remote::api::Api;
use crate::platforms::work::blocking;

pub(super) const TYPE: &str = "_webhooks";
/// How often webhooks are looked at and sent to: what is deleted in between makes a space refuse all of them.
const TRIES: u32 = 4;

type Webhook = Map<String, Value>;

/// What a plan says of the webhooks that are on.
pub(super) async fn foreseen(plan: &Plan, destination: &Inventory, index: Arc<Index>) -> Result<Vec<Finding>> {
    let hooks = destination.items().filter(|item| item.kind() == Kind::Webhook);
    let hooks: Vec<(ItemIndex, ItemKey, String)> =
        hooks.map(|item| (item.index(), item.key(), item.name().to_owned())).collect();
    let written = written(plan, &|_| true);
    let on = blocking(move || {
        let mut reader = Reader::new(&index);
        let mut on = Vec::new();
        for (item, key, name) in hooks {
            let webhook: Webhook = serde_json::from_str(reader.record(item, &key)?.get())
                .map_err(|_| Error::new(ErrorKind::Protocol, format!("{key} is no object")))?;
            if is_on(&webhook) {
                on.push((key, name));
            }
        }
        Ok(on)
    });
    let on = on.await?;
    if on.is_empty() {
        let nothing = "no webhook of the destination is on; none is switched off";
        return Ok(vec![Finding::info(code::WEBHOOK_PAUSED, nothing)]);
    }
    let findings = on.into_iter().map(|(key, name)| {
        let afterwards = match written.contains(&key.id.to_lowercase()) {
            true => "afterwards it is as this plan writes it",
            false => "on again afterwards",
        };
        let message = format!("the webhook `{}` is switched off while the run writes, {afterwards}", printable(&name));
        Finding::info(code::WEBHOOK_PAUSED, message).on(&key)
    });
    Ok(findings.collect())
}

/// Nobody can tell which webhooks are on.
pub(super) fn unseen() -> Finding {
    let message = "the API key may not read webhooks, so nobody can tell which are on: leave --pause-webhooks out";
    Finding::blocking(code::PARTIAL_VIEW, message)
}

fn is_on(webhook: &Webhook) -> bool {
    webhook.get("enabled") == Some(&Value::Bool(true))
}

fn name_of(webhook: &Webhook) -> String {
    webhook.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Moves with each write, whoever writes.
fn version_of(webhook: &Webhook) -> Option<Value> {
    webhook.get("internal")?.get("latestVersion").cloned()
}

/// What a webhook says beside whether it is on.
pub(super) fn rest(webhook: &Webhook) -> crate::model::Digest {
    let said = webhook.iter().filter(|(name, _)| !matches!(name.as_str(), "internal" | "enabled"));
    exact(&said.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Ids of webhooks that the plan writes over, in lower case.
fn written(plan: &Plan, is_done: &(dyn Fn(&ItemKey) -> bool + Sync)) -> BTreeSet<String> {
    let hooks = plan.written().filter(|item| item.key.kind == Kind::Webhook && is_done(&item.key));
    hooks.filter_map(PlanItem::destination_id).map(str::to_lowercase).collect()
}

/// Switches off what the plan says, as far as it is on.
pub(super) async fn off(api: &Api, notes: &Notes, plan: &Plan) -> Result<()> {
    let planned = plan.findings.iter().filter(|finding| finding.code == code::WEBHOOK_PAUSED);
    let planned = planned.filter_map(|finding| finding.item.as_ref()).map(|key| key.id.to_string());
    let mut ids: BTreeSet<String> = notes.see(|noted| noted.off.keys().cloned().collect());
    ids.extend(planned.map(|id| id.to_lowercase()));
    for _ in 0..TRIES {
        let there = look(api, &ids).await?;
        let on: Vec<&Webhook> = there.values().filter(|webhook| is_on(webhook)).collect();
        if on.is_empty() {
            let known = notes.see(|noted| noted.off.clone());
            // One that an earlier start knew may be somebody else's by now.
            let versions = there.iter().filter(|(id, _)| known.get(*id) == Some(&None));
            let versions: BTreeMap<String, Option<Value>> =
                versions.map(|(id, webhook)| (id.clone(), version_of(webhook))).collect();
            return if versions.is_empty() { Ok(()) } else { notes.are_off(versions) };
        }
        let about = on.iter().map(|webhook| Off {
            id: webhook.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            name: name_of(webhook),
            exact: exact(webhook),
            rest: rest(webhook),
        });
        notes.switch_off(about.collect())?;
        let ids: Vec<&str> = on.iter().filter_map(|webhook| webhook.get("id").and_then(Value::as_str)).collect();
        switch(api, &ids, false).await?;
    }
    Err(Error::new(ErrorKind::Unexpected, "the space says that webhooks are on after they were switched off")
        .hint("nothing else was written; leave --pause-webhooks out, or switch them off in the space"))
}

/// Switches on what this run switched off.
pub(super) async fn on(
    api: &Api,
    notes: &Notes,
    plan: &Plan,
    is_done: &(dyn Fn(&ItemKey) -> bool + Sync),
) -> Result<Vec<Finding>> {
    let (off, paused) = notes.see(|noted| (noted.off.clone(), noted.paused.clone()));
    if off.is_empty() {
        return Ok(Vec::new());
    }
    let written = written(plan, is_done);
    let ours: BTreeSet<String> = off.keys().filter(|id| !written.contains(*id)).cloned().collect();
    let name = |id: &String| format!("`{}`", printable(paused.get(id).map_or(id.as_str(), |off| &off.name)));
    let names = |ids: &mut dyn Iterator<Item = &String>| ids.map(name).collect::<Vec<_>>().join(", ");
    let lost = |error: Error| {
        let message = format!("the webhooks {} are off still: {}", names(&mut ours.iter()), error.message());
        let hint = error.hint_text().map(str::to_owned);
        let error = Error::new(error.kind(), message);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    };
    let others = switch_on(api, &ours, &off).await.map_err(lost)?;
    notes.switched_on()?;
    let back: Vec<&String> = ours.iter().filter(|id| !others.contains(*id)).collect();
    let mut findings = Vec::new();
    if !back.is_empty() {
        let message =
            format!("webhooks that were off while the run wrote are on again: {}", names(&mut back.into_iter()));
        findings.push(Finding::info(code::WEBHOOK_PAUSED, message));
    }
    if !others.is_empty() {
        let message = format!(
            "webhooks that were on before the run were changed by somebody while they were off, and were left off: {}",
            names(&mut others.iter())
        );
        findings.push(Finding::warning(code::WEBHOOK_LEFT_OFF, message));
    }
    Ok(findings)
}

/// Gives those that somebody else wrote to while they were off: whoever did that has decided, and nothing is forced.
async fn switch_on(
    api: &Api,
    ours: &BTreeSet<String>,
    versions: &BTreeMap<String, Option<Value>>,
) -> Result<BTreeSet<String>> {
    for _ in 0..TRIES {
        let there = look(api, ours).await?;
        let off = there.iter().filter(|(_, webhook)| !is_on(webhook));
        let (open, others): (Vec<_>, Vec<_>) = off.partition(|(id, webhook)| {
            let known = versions.get(*id).cloned().flatten();
            known.is_none() || known == version_of(webhook)
        });
        if open.is_empty() {
            return Ok(others.into_iter().map(|(id, _)| id.clone()).collect());
        }
        let ids: Vec<&str> = open.iter().filter_map(|(_, webhook)| webhook.get("id").and_then(Value::as_str)).collect();
        switch(api, &ids, true).await?;
    }
    Err(Error::new(ErrorKind::Unexpected, "the space took the change, and says that they are off"))
}

/// Those that are there, by their ids in lower case.
async fn look(api: &Api, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Webhook>> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Ok(api.some(TYPE, &ids).await?.into_iter().map(|webhook| (id_of(&webhook), webhook)).collect())
}

/// A 404 says that one of them is gone; the next look tells which.
async fn switch(api: &Api, ids: &[&str], enabled: bool) -> Result<()> {
    for chunk in ids.chunks(MOST) {
        let changes = chunk.iter().map(|id| json!({ "id": id, "enabled": enabled }));
        let changes: Vec<Webhook> = changes.filter_map(|change| change.as_object().cloned()).collect();
        let changes: Vec<&Webhook> = changes.iter().collect();
        let answer = api.patch(TYPE, &changes).await?;
        match answer.status {
            StatusCode::NOT_FOUND => {}
            StatusCode::BAD_REQUEST => {
                let why = answer.json().map_or_else(|error| error.message().to_owned(), |body| sentence(&body));
                return Err(Error::new(ErrorKind::Refused, format!("the space refuses to switch webhooks: {why}")));
            }
            _ => drop(api.success(answer)?),
        }
    }
    Ok(())
}
