//! After the last step: values of created secrets are filled in, and what is left to do or to know is said.
//! Must not know: steps.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::destination::value_body;
use super::examine::{Known, examine};
use super::json;
use super::look_ahead::few_at_once;
use super::pool::Item;
use super::remote::Remote;
use super::rewrite::{self, Ids};
use crate::model::text::printable;
use crate::model::{
    Decision, Error, ErrorKind, Finding, ItemKey, Kind, PlanItem, Reference, Result, SecretValues, Work, code,
};
use crate::net::{Answer, Client, Method};

/// The name that the server gives to what an import replaces (docs, Flow import).
const SAVED_AS: &str = "Pre import";

impl Remote {
    pub(super) async fn look_back(&self, work: &Work<'_>) -> Result<Vec<Finding>> {
        let picked = self.picked_ids();
        let mut findings = self.fill_in(work, &picked).await?;
        let flows = self.all(Kind::Flow).await?;
        let connections = self.all(Kind::Connection).await?;
        let secrets = self.all(Kind::Secret).await?;
        findings.extend(without_value(work, &picked, &secrets));
        findings.extend(dangling(work, &picked, &[&flows, &connections, &secrets])?);
        findings.extend(self.saved_versions(work).await?);
        if self.write.as_ref().is_some_and(|write| write.test_connections) {
            findings.extend(self.test_connections(work, &picked, &connections).await?);
        }
        Ok(findings)
    }

    /// Sets the values that the user gave for secrets that the run created.
    async fn fill_in(&self, work: &Work<'_>, picked: &BTreeMap<ItemKey, String>) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let Some(write) = &self.write else { return Ok(findings) };
        for item in done(work).filter(|item| item.key.kind == Kind::Secret && item.decision == Decision::Create) {
            let Some(values) = write.secret_values.get(&*item.name) else { continue };
            let Some(id) = id_there(item, picked) else { continue };
            for (mode, value) in by_mode(values) {
                findings.extend(self.set_value(item, id, mode, value).await?);
            }
        }
        Ok(findings)
    }

    async fn set_value(&self, item: &PlanItem, id: &str, mode: &str, value: &SecretString) -> Result<Option<Finding>> {
        let answer = self.send_value(id, mode, value).await?;
        if answer.is_success() {
            return Ok(None);
        }
        // A server's words could repeat what was sent; only the status is told.
        let message = format!(
            "the {mode} value of the secret `{}` could not be set: the server answered {}",
            printable(&item.name),
            answer.status.as_u16()
        );
        Ok(Some(Finding::warning(code::SECRET_WITHOUT_VALUE, message).on(&item.key)))
    }

    async fn send_value(&self, id: &str, mode: &str, value: &SecretString) -> Result<Answer> {
        let build = || {
            let body = value_body(mode, id, value.expose_secret());
            self.session.call(Method::PATCH, "secret/update-secret-value").json(&body).repeatable()
        };
        self.session.answer(build).await
    }

    /// Gives a secret its values by itself, outside of a run.
    pub(super) async fn give_values(&self, item: &ItemKey, values: &SecretValues) -> Result<()> {
        if item.kind != Kind::Secret {
            return Err(Error::new(ErrorKind::Usage, format!("{item} has no value; only secrets do")));
        }
        for (mode, value) in by_mode(values) {
            let answer = self.send_value(&item.id, mode, value).await?;
            if !answer.is_success() {
                // As above: only the status is told.
                let status = answer.status.as_u16();
                let message = format!("the {mode} value of {item} could not be set: the server answered {status}");
                return Err(Error::new(answer.error().kind(), message)
                    .hint("look at the secret at the destination; it may be set there"));
            }
        }
        self.forget();
        Ok(())
    }

    /// What the server kept of flows that were overwritten.
    async fn saved_versions(&self, work: &Work<'_>) -> Result<Vec<Finding>> {
        let mut checks = Vec::new();
        for item in done(work).filter(|item| item.decision == Decision::Overwrite) {
            if item.key.kind == Kind::Flow {
                checks.push(self.saved_version(item).boxed());
            }
        }
        few_at_once(checks).await
    }

    async fn saved_version(&self, item: &PlanItem) -> Result<Option<Finding>> {
        let Some(id) = item.destination_id() else { return Ok(None) };
        let path = format!("ziggy/named-saves/{}", Client::segment(id));
        let Some(Value::Array(saves)) = self.session.get_if_any(&path).await? else { return Ok(None) };
        let ours =
            saves.iter().filter(|save| json::text(save, "saveName").is_some_and(|name| name.starts_with(SAVED_AS)));
        let newest = ours.filter_map(|save| json::text(save, "createdAt").or_else(|| json::text(save, "uuid"))).max();
        Ok(newest.map(|when| {
            let message =
                format!("the server kept flow `{}` as `{SAVED_AS}` ({})", printable(&item.name), printable(when));
            Finding::info(code::SAVED_VERSION, message).on(&item.key)
        }))
    }

    async fn test_connections(
        &self,
        work: &Work<'_>,
        picked: &BTreeMap<ItemKey, String>,
        connections: &[Item],
    ) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for item in done(work).filter(|item| item.key.kind == Kind::Connection) {
            let there = id_there(item, picked).and_then(|id| connections.iter().find(|other| *other.key.id == *id));
            let Some(there) = there else { continue };
            for mode in ["DEV", "PROD"] {
                findings.push(self.test_connection(item, &there.value, mode).await?);
            }
        }
        Ok(findings)
    }

    async fn test_connection(&self, item: &PlanItem, connection: &Value, mode: &str) -> Result<Finding> {
        let path = format!("connection/test/{mode}");
        let build = || self.session.call(Method::POST, &path).json(connection).repeatable().patient();
        let answer = self.session.answer(build).await?;
        let called = format!("connection `{}`, {mode}", printable(&item.name));
        let finding = match answer.is_success().then(|| answer.json()) {
            Some(Ok(reply)) => {
                let words =
                    json::text(&reply, "msg").map(|words| format!(": {}", printable(words))).unwrap_or_default();
                match json::is_true(&reply, "isOk") {
                    true => Finding::info(code::CONNECTION_TEST, format!("{called}: works{words}")),
                    false => Finding::warning(code::CONNECTION_TEST, format!("{called}: does not work{words}")),
                }
            }
            _ => {
                let status = answer.status.as_u16();
                Finding::warning(code::CONNECTION_TEST, format!("{called}: not tested, the server answered {status}"))
            }
        };
        Ok(finding.on(&item.key))
    }
}

/// The values that are given, by the server's word for what uses them.
fn by_mode(values: &SecretValues) -> impl Iterator<Item = (&'static str, &SecretString)> {
    [("DEV", &values.dev), ("PROD", &values.prod)].into_iter().filter_map(|(mode, value)| Some((mode, value.as_ref()?)))
}

/// The items that were written: a run that ended early has the records of no other.
fn done<'a>(work: &Work<'a>) -> impl Iterator<Item = &'a PlanItem> {
    let (plan, records) = (work.plan, work.records);
    plan.written().filter(|item| records.contains_key(&item.key))
}

/// Where an item is found at the destination now.
fn id_there<'a>(item: &'a PlanItem, picked: &'a BTreeMap<ItemKey, String>) -> Option<&'a str> {
    picked.get(&item.key).map(String::as_str).or_else(|| rewrite::destination_id(item).ok())
}

/// Secrets of the plan, written or kept, that somebody has to fill in.
fn without_value(work: &Work<'_>, picked: &BTreeMap<ItemKey, String>, secrets: &[Item]) -> Vec<Finding> {
    let there: HashMap<&str, &Value> = secrets.iter().map(|secret| (&*secret.key.id, &secret.value)).collect();
    let ours = work.plan.items.iter().filter(|item| item.key.kind == Kind::Secret);
    let empty = ours.filter(|item| {
        id_there(item, picked)
            .and_then(|id| there.get(id))
            .is_some_and(|secret| json::text(secret, "devValue").is_none())
    });
    let say = |item: &PlanItem| {
        let message = "has no value at the destination; fill it in there";
        Finding::warning(code::SECRET_WITHOUT_VALUE, message).on(&item.key)
    };
    empty.map(say).collect()
}

/// References of what was written that lead nowhere at the destination.
fn dangling(work: &Work<'_>, picked: &BTreeMap<ItemKey, String>, there: &[&Vec<Item>]) -> Result<Vec<Finding>> {
    let ids = Ids::of(work, picked);
    let items = || there.iter().flat_map(|list| list.iter());
    let keys: HashSet<&ItemKey> = items().map(|item| &item.key).collect();
    let names: HashSet<(Kind, &str)> = items().map(|item| (item.key.kind, item.name())).collect();
    let known = Known::of(keys.iter().copied());
    let mut findings = Vec::new();
    for planned in done(work).filter(|item| item.key.kind != Kind::Secret) {
        let Some(id) = id_there(planned, picked) else { continue };
        let value = rewrite::item(work, &planned.key, &ids)?;
        let item = Item { key: planned.key.with_id(id), value };
        for reference in examine(&item, &known).references {
            let (leads, what) = match &reference {
                Reference::Id(key) => (keys.contains(key), key.to_string()),
                Reference::Name(kind, name) => {
                    (names.contains(&(*kind, &**name)), format!("the {kind} `{}`", printable(name)))
                }
            };
            if !leads {
                let called = format!("{} `{}`", planned.key.kind, printable(&planned.name));
                let message = format!("{called} refers to {what}, which the destination does not have");
                findings.push(Finding::warning(code::DANGLING_REFERENCE, message).on(&planned.key));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_value_goes_into_the_body_and_nowhere_else() {
        let body = value_body("DEV", "s1", "canary");
        assert_eq!(body.to_string(), r#"{"executionEnvironmentMode":"DEV","uuid":"s1","secret":"canary"}"#);
    }
}
