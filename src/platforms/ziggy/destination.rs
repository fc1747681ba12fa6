//! A Ziggy server as a destination: carries out one step after the other.
//! Must not know: the order of steps (see `steps`), what is made of an outcome.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};

use super::document::{Document, Layout};
use super::remote::{Remote, fields_of};
use super::reply::{self, Expected, Mode};
use super::rewrite::{self, Ids};
use super::steps::{self, Backup, Deed};
use super::{copies, json as js};
use crate::model::{
    Destination, Error, ErrorKind, EventSink, Finding, Inventory, ItemKey, ItemOutcome, Kind, Plan, Result, RunEvent,
    SecretValues, Step, StepOutcome, Work, code,
};
use crate::net::{Answer, Body, Call, Client, Method, Part};

/// What an overwritten connection takes over. OAuth tokens stay those of the destination.
const CONNECTION_FIELDS: &[&str] = &["name", "type", "description", "devValue", "prodValue", "stagingValue"];
/// What an overwritten secret takes over; never a value.
const SECRET_FIELDS: &[&str] = &["name", "description", "type", "group", "tags"];
/// What a request of one item leaves to the server.
const SERVERS_FIELDS: &[&str] = &[
    "uuid",
    "tenantId",
    "createdAt",
    "updatedAt",
    "isDeleted",
    "isCorePlatform",
    "devValue",
    "prodValue",
    "stagingValue",
    "devOAuthToken",
    "prodOAuthToken",
    "stagingOAuthToken",
];

#[async_trait]
impl Destination for Remote {
    fn steps(&self, plan: &Plan) -> Vec<Step> {
        steps::steps(plan, self.expected_layout(), self.backup())
    }

    async fn perform(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome> {
        let deed = Deed::of(&step.name)
            .ok_or_else(|| Error::new(ErrorKind::Internal, format!("no step is called `{}`", step.name)))?;
        let outcome = match deed {
            Deed::Backup => self.back_up().await,
            Deed::DescribeSecret(_) => self.describe_secret(step, work).await,
            Deed::PutConnection(_) => self.put_connection(step, work).await,
            Deed::CreateSecrets | Deed::CreateConnections | Deed::CreateFlows => {
                self.upload_lists(step, work, Mode::Leave, events).await
            }
            Deed::OverwriteConnections | Deed::OverwriteFlows => {
                self.upload_lists(step, work, Mode::Overwrite, events).await
            }
            Deed::WriteFlowsWithCopies => self.write_with_copies(step, work, events).await,
        };
        self.forget();
        outcome
    }

    async fn conclude(&self, work: &Work<'_>, _: &dyn EventSink) -> Result<Vec<Finding>> {
        self.look_back(work).await
    }

    async fn fill(&self, item: &ItemKey, values: &SecretValues) -> Result<()> {
        self.give_values(item, values).await
    }

    async fn remarks(&self, plan: &Plan, _: &Inventory, destination: &Arc<Inventory>) -> Result<Vec<Finding>> {
        self.look_ahead(plan, destination).await
    }
}

impl Remote {
    /// Three lists, where no export of this server was seen.
    pub(super) fn expected_layout(&self) -> Layout {
        self.layout().unwrap_or(Layout::Lists)
    }

    pub(super) fn backup(&self) -> Backup {
        let wanted = self.write.as_ref().is_none_or(|write| write.backup);
        if wanted { Backup::Wanted } else { Backup::Declined }
    }

    async fn back_up(&self) -> Result<StepOutcome> {
        let build = || self.session.call(Method::POST, "system/backup-db").patient();
        let reply = self.session.send(build).await?.json()?;
        let word = |field| js::text(&reply, field).unwrap_or("unknown").to_owned();
        if word("localBackupStatus") != "success" {
            let message = format!("the server's backup before the first write: {}", word("localBackupStatus"));
            return Err(Error::new(ErrorKind::Server, message)
                .hint("nothing was written; look at the server, or decline the backup with --no-backup"));
        }
        let mut message = "the server backed up its database before the first write".to_owned();
        if let Some(file) = js::text(&reply, "localBackupFile") {
            message.push_str(&format!(" ({})", crate::model::text::printable(file)));
        }
        let mut findings = vec![Finding::info(code::BACKUP, message)];
        if word("remoteBackupStatus") == "failed" {
            let why = js::text(&reply, "remoteBackupError").unwrap_or("no reason given");
            let message = format!("the copy of the backup elsewhere failed: {}", crate::model::text::printable(why));
            findings.push(Finding::warning(code::BACKUP, message));
        }
        Ok(StepOutcome { findings, ..StepOutcome::default() })
    }

    /// Items of one kind as one file of three lists.
    async fn upload_lists(
        &self,
        step: &Step,
        work: &Work<'_>,
        mode: Mode,
        events: &dyn EventSink,
    ) -> Result<StepOutcome> {
        let ids = Ids::of(work, &self.picked_ids());
        let mut lists: [Vec<Value>; 3] = Default::default();
        let mut expected = Vec::new();
        for key in &step.items {
            let place = match key.kind {
                Kind::Flow => 0,
                Kind::Connection => 1,
                _ => 2,
            };
            lists[place].push(rewrite::item(work, key, &ids)?);
            expected.push(expectation(&ids, key)?);
        }
        let [mut flows, connections, secrets] = lists;
        callees_first(&mut flows);
        let document = Document::of_lists(flows, connections, secrets);
        let backup = steps::asks_for_backup(work.plan, self.expected_layout(), self.backup(), &step.name);
        let mut outcome = self.upload(&document, mode, &expected, backup, events).await?;
        if backup {
            let message = "the server was asked to back up its database before the first upload";
            outcome.findings.push(Finding::info(code::BACKUP, message));
        }
        Ok(outcome)
    }

    /// Uploads one file and compares the answer with what is expected. Not repeated: whether a lost upload was done,
    /// only a look at the destination tells.
    pub(super) async fn upload(
        &self,
        document: &Document,
        mode: Mode,
        expected: &[Expected],
        backup: bool,
        events: &dyn EventSink,
    ) -> Result<StepOutcome> {
        let bytes = Bytes::from(document.to_bytes()?);
        let length = bytes.len() as u64;
        // The names and their order as the official CLI 1.0.29 sends them.
        let parts = vec![
            Part {
                name: "file",
                file: Some(("haul-import.json".to_owned(), "application/json".into())),
                content: bytes,
            },
            Part::text("duplicatesMode", mode.as_str()),
            Part::text("noBackup", if backup { "false" } else { "true" }),
        ];
        let build = || self.session.call(Method::POST, "flow/import").body(Body::Form(parts.clone())).patient();
        let answer = self.session.send(build).await?;
        events.emit(RunEvent::BytesMoved { bytes: length });
        let mut outcome = reply::compare(&answer.json()?, expected, mode)?;
        if outcome.surprise.is_none() {
            self.find_under_other_ids(expected, &mut outcome).await?;
        }
        Ok(outcome)
    }

    /// The answer may name the ids of the file while the server gave its own, so the lists are asked: what comes
    /// after would refer to nothing.
    async fn find_under_other_ids(&self, expected: &[Expected], outcome: &mut StepOutcome) -> Result<()> {
        let refused = |key: &ItemKey| outcome.items.iter().any(|item| item.item == *key && item.error.is_some());
        let new: Vec<&Expected> = expected.iter().filter(|item| item.is_new && !refused(&item.key)).collect();
        let mut elsewhere = Vec::new();
        for kind in [Kind::Secret, Kind::Connection, Kind::Flow] {
            let new: Vec<_> = new.iter().filter(|item| item.key.kind == kind).copied().collect();
            if !new.is_empty() {
                elsewhere.extend(reply::elsewhere(&new, &self.all_visible(kind).await?.0));
            }
        }
        reply::note_elsewhere(outcome, elsewhere);
        Ok(())
    }

    async fn describe_secret(&self, step: &Step, work: &Work<'_>) -> Result<StepOutcome> {
        let mut outcome = StepOutcome::default();
        for key in &step.items {
            let value = rewrite::item(work, key, &Ids::of(work, &self.picked_ids()))?;
            let id = rewrite::destination_id(work.item(key)?)?;
            let had_value = self.secret_has_value(id).await?;
            let body = fields_of(&value, SECRET_FIELDS);
            outcome.findings.extend(left_out(key, &value, SECRET_FIELDS));
            let path = format!("secret/{}", Client::segment(id));
            let answer = self.session.answer(|| self.put(&path, &body)).await?;
            outcome.items.push(outcome_of(key, &answer));
            if answer.is_success() && had_value != self.secret_has_value(id).await? {
                let message = format!("the server changed the value of the secret `{}`", work.item(key)?.name);
                outcome.surprise = Some(
                    Error::new(ErrorKind::Unexpected, message)
                        .hint("only its description was sent; look at the secret and set its value again")
                        .items([key.clone()]),
                );
            }
        }
        Ok(outcome)
    }

    async fn secret_has_value(&self, id: &str) -> Result<bool> {
        let secrets = self.all(Kind::Secret).await?;
        let secret = secrets.iter().find(|secret| *secret.key.id == *id);
        Ok(secret.is_some_and(|secret| js::text(&secret.value, "devValue").is_some()))
    }

    async fn put_connection(&self, step: &Step, work: &Work<'_>) -> Result<StepOutcome> {
        let mut outcome = StepOutcome::default();
        for key in &step.items {
            let value = rewrite::item(work, key, &Ids::of(work, &self.picked_ids()))?;
            let path = format!("connection/{}", Client::segment(rewrite::destination_id(work.item(key)?)?));
            let body = fields_of(&value, CONNECTION_FIELDS);
            outcome.findings.extend(left_out(key, &value, CONNECTION_FIELDS));
            let answer = self.session.answer(|| self.put(&path, &body)).await?;
            outcome.items.push(outcome_of(key, &answer));
        }
        Ok(outcome)
    }

    /// A PUT says what shall be, so that it can be said twice.
    fn put(&self, path: &str, body: &Value) -> Call {
        self.session.call(Method::PUT, path).json(body).repeatable()
    }

    /// Flows with what they need, for servers whose files are lists of flows. What no flow of the run carries is
    /// created by itself first, under an id of the server's choice.
    async fn write_with_copies(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome> {
        let cargo = copies::load(step, work, &Ids::of(work, &self.picked_ids()))?;
        let mut outcome = StepOutcome::default();
        for key in &cargo.alone {
            outcome.items.push(self.post(key, work, &mut outcome.findings).await?);
        }
        for (mode, freight) in [(Mode::Leave, &cargo.created), (Mode::Overwrite, &cargo.overwritten)] {
            if freight.flows.is_empty() {
                continue;
            }
            let ids = Ids::of(work, &self.picked_ids());
            let mut flows =
                freight.flows.iter().map(|flow| copies::with_copies(flow, work, &ids)).collect::<Result<Vec<_>>>()?;
            callees_first(&mut flows);
            let expected = freight.keys().map(|key| expectation(&ids, key)).collect::<Result<Vec<_>>>()?;
            let part = self.upload(&Document::of_flows(flows), mode, &expected, false, events).await?;
            outcome.items.extend(part.items);
            outcome.findings.extend(part.findings);
            outcome.surprise = part.surprise;
            if outcome.surprise.is_some() {
                break;
            }
        }
        Ok(outcome)
    }

    async fn post(&self, key: &ItemKey, work: &Work<'_>, findings: &mut Vec<Finding>) -> Result<ItemOutcome> {
        let value = rewrite::item(work, key, &Ids::of(work, &self.picked_ids()))?;
        let (path, fields) = match key.kind {
            Kind::Connection => ("connection", CONNECTION_FIELDS),
            _ => ("secret", SECRET_FIELDS),
        };
        let body = fields_of(&value, fields);
        findings.extend(left_out(key, &value, fields));
        let answer = self.session.answer(|| self.session.call(Method::POST, path).json(&body)).await?;
        let mut outcome = outcome_of(key, &answer);
        if outcome.error.is_some() {
            return Ok(outcome);
        }
        let id = match answer.json().ok().as_ref().and_then(|reply| js::text(reply, "uuid")) {
            Some(id) => Some(id.to_owned()),
            None => self.id_by_name(key.kind, rewrite::destination_name(work.item(key)?)).await?,
        };
        match id {
            Some(id) => {
                self.remember_picked(key, &id);
                outcome.new_id = Some(id);
            }
            None => outcome.error = Some("the server says it was created, but does not list it".to_owned()),
        }
        Ok(outcome)
    }

    async fn id_by_name(&self, kind: Kind, name: &str) -> Result<Option<String>> {
        let all = self.all(kind).await?;
        Ok(all.iter().find(|item| item.name() == name).map(|item| item.key.id.to_string()))
    }
}

fn expectation(ids: &Ids<'_>, key: &ItemKey) -> Result<Expected> {
    let item = ids.planned(key)?;
    Ok(Expected {
        key: key.clone(),
        id: rewrite::destination_id(item)?.to_owned(),
        name: rewrite::destination_name(item).to_owned(),
        is_new: steps::is_new(item),
    })
}

/// A request of one item: refused means that this item failed, not the run.
fn outcome_of(key: &ItemKey, answer: &Answer) -> ItemOutcome {
    let error = (!answer.is_success()).then(|| answer.error().message().to_owned());
    ItemOutcome { item: key.clone(), new_id: None, error }
}

/// Fields that only a file can carry.
fn left_out(key: &ItemKey, value: &Value, sent: &[&str]) -> Option<Finding> {
    let object = value.as_object()?;
    let other = |field: &&String| !sent.contains(&field.as_str()) && !SERVERS_FIELDS.contains(&field.as_str());
    let fields: Vec<String> =
        object.keys().filter(other).map(|field| format!("`{}`", crate::model::text::printable(field))).collect();
    let message = format!("{key} is written by a request of its own, which cannot carry {}", fields.join(", "));
    (!fields.is_empty()).then(|| Finding::warning(code::NOT_WRITTEN, message).on(key))
}

/// Subflows before the flows that call them, commanders last; otherwise the order stays.
fn callees_first(flows: &mut [Value]) {
    flows.sort_by_key(|flow| match (js::is_true(flow, "isSubflow"), js::is_true(flow, "isCommander")) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    });
}

/// The body of a change of a secret's value.
pub(super) fn value_body(mode: &str, id: &str, value: &str) -> Value {
    json!({"executionEnvironmentMode": mode, "uuid": id, "secret": value})
}
