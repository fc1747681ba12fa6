//! The import: each item is matched by uuid, then by name, and left, overwritten, renamed or created.
//! The match table follows the official docs (page "Flow import"); what they leave open is a switch.
//! Must not know: the shape of the file.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension,
    extract::{Multipart, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{
    App,
    item::{Kind, set, text},
    references::rename,
    reply::{Answer, Refusal, created},
    state::{SOLO, State as Server},
    upload::{Bundle, Mode, Upload},
};
use crate::sandbox::{
    fault::{Faults, OddReply},
    log::RequestNumber,
    switch::{
        BackupOnBadFile, CreateUuid, DeletedUuid, ImportTags, Locked, NameOverwriteUuid, OauthNull, RemapReferences,
        RenameUnmatched, ReplyUuid, SecretNull, Switches, Tenant,
    },
};

pub(super) async fn import(
    State(app): State<Arc<App>>,
    Extension(number): Extension<RequestNumber>,
    form: Multipart,
) -> Answer {
    let upload = Upload::read(form).await?;
    app.pipeline.log.understood(number, upload.summary());
    let (switches, faults) = (app.switches(), app.pipeline.weather.faults());
    upload.check_size(faults.max_upload)?;
    let bundle = Bundle::read(&upload.file, switches);
    if upload.wants_backup && (bundle.is_ok() || switches.backup_on_bad_file == BackupOnBadFile::Made) {
        if faults.backup_fails {
            return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the backup before the import failed"));
        }
        app.state().count_backup();
    }
    let mut state = app.state();
    state.counters.imports += 1;
    let mut import = Import { state: &mut state, mode: upload.mode, switches, faults, renamed: HashMap::new() };
    created(&import.run(bundle?))
}

struct Import<'a> {
    state: &'a mut Server,
    mode: Mode,
    switches: Switches,
    faults: Faults,
    /// Old uuid to new uuid of items whose uuid changed on the way in.
    renamed: HashMap<String, String>,
}

/// How an item was found at this server.
#[derive(Clone, Debug)]
struct Found {
    uuid: String,
    method: &'static str,
}

impl Import<'_> {
    fn run(&mut self, bundle: Bundle) -> Value {
        let secrets = self.all(Kind::Secret, bundle.secrets);
        let connections = self.all(Kind::Connection, bundle.connections);
        let flows = self.all(Kind::Flow, bundle.flows);
        self.remap(&flows);
        let mut reply =
            json!({ "flowsProcessed": flows, "connectionsProcessed": connections, "secretsProcessed": secrets });
        for (list, kind) in [
            ("flowsProcessed", Kind::Flow),
            ("connectionsProcessed", Kind::Connection),
            ("secretsProcessed", Kind::Secret),
        ] {
            self.name_the_target(&mut reply[list], kind);
        }
        self.distort(&mut reply);
        reply
    }

    fn all(&mut self, kind: Kind, items: Vec<Value>) -> Vec<Value> {
        items.into_iter().map(|item| self.one(kind, item)).collect()
    }

    /// Does one item and reports it as `ProcessedItemDto` (OpenAPI types of CLI 1.0.29).
    fn one(&mut self, kind: Kind, item: Value) -> Value {
        let (uuid, name) = (text(&item, "uuid").to_owned(), text(&item, "name").to_owned());
        let found = self.find(kind, &uuid, &name);
        let method = found.as_ref().map_or("unmatched", |found| found.method);
        let outcome = if uuid.is_empty() || name.is_empty() {
            Err("uuid and name are required".to_owned())
        } else {
            self.write(kind, item, found)
        };
        let mut report = json!({
            "uuid": uuid, "name": name, "result": self.mode.word(), "matchMethod": method, "isProcessed": outcome.is_ok(),
        });
        if let Err(error) = outcome {
            set(&mut report, "error", json!(error));
        }
        report
    }

    fn find(&self, kind: Kind, uuid: &str, name: &str) -> Option<Found> {
        let store = self.state.store(kind);
        let by_uuid = match self.switches.deleted_uuid {
            DeletedUuid::Matches => store.any(uuid),
            DeletedUuid::Unmatched => store.live(uuid),
        };
        let by_uuid = by_uuid.map(|item| (item, "uuid"));
        let found = by_uuid.or_else(|| store.named(name).map(|item| (item, "name")));
        found.map(|(item, method)| Found { uuid: item.uuid.clone(), method })
    }

    fn write(&mut self, kind: Kind, item: Value, found: Option<Found>) -> Result<(), String> {
        let uuid = text(&item, "uuid");
        if self.faults.fail_items.iter().any(|failing| failing == uuid) {
            return Err(format!("the sandbox was told to fail {} {uuid}", kind.word()));
        }
        if self.faults.ignore_items.iter().any(|ignored| ignored == uuid) {
            return Ok(());
        }
        match (self.mode, found) {
            (Mode::Leave, Some(_)) => Ok(()),
            (Mode::Overwrite, Some(found)) => self.overwrite(kind, item, &found),
            (Mode::Rename, Some(_)) => {
                self.create_copy(kind, item);
                Ok(())
            }
            (_, None) => {
                self.create(kind, item);
                Ok(())
            }
        }
    }

    fn create(&mut self, kind: Kind, mut item: Value) {
        if self.mode == Mode::Rename && self.switches.rename_unmatched == RenameUnmatched::Renamed {
            return self.create_copy(kind, item);
        }
        if self.switches.create_uuid == CreateUuid::Fresh {
            self.give_uuid(&mut item, None);
        }
        self.store(kind, item);
    }

    /// "Create a new item and append (imported) to the name" (screenshot of the import dialog in the official docs).
    fn create_copy(&mut self, kind: Kind, mut item: Value) {
        let name = format!("{} (imported)", text(&item, "name"));
        set(&mut item, "name", json!(name));
        self.give_uuid(&mut item, None);
        self.store(kind, item);
    }

    fn overwrite(&mut self, kind: Kind, mut item: Value, found: &Found) -> Result<(), String> {
        let Some(target) = self.state.store(kind).any(&found.uuid).map(|item| item.value().into_owned()) else {
            return Err("the matched item is gone".to_owned());
        };
        if kind == Kind::Flow {
            if target["isLocked"] == true && self.switches.locked == Locked::Refused {
                return Err("the flow is locked".to_owned());
            }
            self.state.save_flow(&target, "Pre import");
        }
        self.keep_what_null_must_not_erase(kind, &mut item, &target);
        match self.switches.name_overwrite_uuid {
            NameOverwriteUuid::Target => self.give_uuid(&mut item, Some(&found.uuid)),
            NameOverwriteUuid::Source if found.uuid != text(&item, "uuid") => {
                self.state.store_mut(kind).remove(&found.uuid);
            }
            NameOverwriteUuid::Source => {}
        }
        self.store(kind, item);
        Ok(())
    }

    fn keep_what_null_must_not_erase(&self, kind: Kind, item: &mut Value, target: &Value) {
        let fields: &[&str] = match kind {
            Kind::Secret if self.switches.secret_null == SecretNull::Keeps => &["devValue", "prodValue"],
            Kind::Connection if self.switches.oauth_null == OauthNull::Keeps => &["devOAuthToken", "prodOAuthToken"],
            _ => &[],
        };
        for field in fields {
            if text(item, field).is_empty() {
                set(item, field, target[*field].clone());
            }
        }
    }

    fn give_uuid(&mut self, item: &mut Value, uuid: Option<&str>) {
        let new = uuid.map_or_else(|| self.state.fresh_uuid(), str::to_owned);
        let old = text(item, "uuid").to_owned();
        if old != new {
            self.renamed.insert(old, new.clone());
            set(item, "uuid", json!(new));
        }
    }

    fn store(&mut self, kind: Kind, mut item: Value) {
        if self.switches.tenant == Tenant::Rewritten {
            set(&mut item, "tenantId", json!(SOLO));
        }
        if kind == Kind::Secret {
            for field in ["devValue", "prodValue"] {
                let value = if text(&item, field).is_empty() { Value::Null } else { item[field].clone() };
                set(&mut item, field, value);
            }
        }
        if kind == Kind::Flow && self.switches.import_tags == ImportTags::Registered {
            self.state.register_tags("Flow", item["tags"].as_array().map(Vec::as_slice).unwrap_or_default());
        }
        self.state.touch(kind, item);
    }

    /// Points imported flows at the new uuids, where the switch says that the server does so.
    fn remap(&mut self, flows: &[Value]) {
        if self.switches.remap_references == RemapReferences::No || self.renamed.is_empty() {
            return;
        }
        for report in flows.iter().filter(|report| report["isProcessed"] == true) {
            let source = text(report, "uuid");
            let uuid = self.renamed.get(source).map_or(source, String::as_str);
            let Some(mut flow) = self.state.stores.flows.live(uuid).map(|item| item.value().into_owned()) else {
                continue;
            };
            rename(&mut flow["nodes"], &self.renamed);
            self.state.stores.flows.put(flow);
        }
    }

    fn name_the_target(&self, reports: &mut Value, kind: Kind) {
        if self.switches.reply_uuid == ReplyUuid::Source {
            return;
        }
        for report in reports.as_array_mut().into_iter().flatten() {
            let new = self.renamed.get(text(report, "uuid"));
            let matched = || self.state.store(kind).named(text(report, "name")).map(|item| item.uuid.clone());
            let by_name = if report["matchMethod"] == "name" { matched() } else { None };
            if let Some(uuid) = new.cloned().or(by_name) {
                set(report, "uuid", json!(uuid));
            }
        }
    }

    fn distort(&self, reply: &mut Value) {
        let Some(odd) = self.faults.odd_reply else { return };
        let lists = ["flowsProcessed", "connectionsProcessed", "secretsProcessed"];
        let Some(list) = lists.into_iter().find(|list| reply[*list].as_array().is_some_and(|list| !list.is_empty()))
        else {
            return;
        };
        let Some(list) = reply[list].as_array_mut() else { return };
        match (odd, list.last_mut()) {
            (OddReply::Missing, _) => drop(list.pop()),
            (OddReply::Extra, Some(last)) => {
                let mut stranger = last.clone();
                set(&mut stranger, "uuid", json!("00000000-0000-4000-8000-00000000dead"));
                set(&mut stranger, "name", json!("Stranger"));
                list.push(stranger);
            }
            (OddReply::Match, Some(last)) => {
                let other = if last["matchMethod"] == "unmatched" { "name" } else { "unmatched" };
                set(last, "matchMethod", json!(other));
            }
            (_, None) => {}
        }
    }
}
