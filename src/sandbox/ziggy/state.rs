//! Everything that one Ziggy server remembers, and the clock and the uuids it works with.
//! Must not know: HTTP, faults.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::item::{Kind, Store, set, text};
use crate::sandbox::rng::{Rng, seed_of};

/// The tenant id of a server with a single tenant (official CLI 1.0.29).
pub(super) const SOLO: &str = "##solo##";

/// What a server did, counted.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counters {
    pub logins: u64,
    pub exports: u64,
    pub imports: u64,
    pub backups: u64,
    pub transfers: u64,
    pub vacuums: u64,
    pub executions: u64,
    pub connection_tests: u64,
}

#[derive(Debug, Default)]
pub(super) struct Stores {
    pub flows: Store,
    pub connections: Store,
    pub secrets: Store,
}

/// What is neither matched nor imported, kept as plain lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    pub variables: Vec<Value>,
    pub structures: Vec<Value>,
    pub schedules: Vec<Value>,
    pub queues: Vec<Value>,
    pub blocks: Vec<Value>,
}

#[derive(Debug)]
pub(super) struct State {
    pub stores: Stores,
    pub around: Surroundings,
    /// Named saves, oldest first.
    pub saves: Vec<Value>,
    /// Known tags for each type (`Flow`, `Secret`, `Structure`), in the order of their registration.
    pub tags: BTreeMap<String, Vec<String>>,
    /// The one export file that all clients share.
    pub export_file: Option<Vec<u8>>,
    pub transfer_file: Option<Vec<u8>>,
    pub counters: Counters,
    pub last_backup: Option<String>,
    clock: Timestamp,
    uuids: Rng,
}

impl State {
    pub fn new(server: &str, seed: u64) -> Self {
        Self {
            stores: Stores::default(),
            around: Surroundings::default(),
            saves: Vec::new(),
            tags: BTreeMap::new(),
            export_file: None,
            transfer_file: None,
            counters: Counters::default(),
            last_backup: None,
            // 2026-03-02T08:00:00Z: after everything in the sample content.
            clock: Timestamp::from_second(1_772_438_400).unwrap_or_default(),
            uuids: Rng::new(seed_of(server) ^ seed),
        }
    }

    pub fn store(&self, kind: Kind) -> &Store {
        match kind {
            Kind::Flow => &self.stores.flows,
            Kind::Connection => &self.stores.connections,
            Kind::Secret => &self.stores.secrets,
        }
    }

    pub fn store_mut(&mut self, kind: Kind) -> &mut Store {
        match kind {
            Kind::Flow => &mut self.stores.flows,
            Kind::Connection => &mut self.stores.connections,
            Kind::Secret => &mut self.stores.secrets,
        }
    }

    /// The server's own time: one second later at every look, so that the same requests leave the same state.
    pub fn now(&mut self) -> Value {
        self.clock += Duration::from_secs(1);
        json!(format!("{:.3}", self.clock))
    }

    pub fn fresh_uuid(&mut self) -> String {
        self.uuids.uuid().to_string()
    }

    /// Stores a changed item with a new `updatedAt`.
    pub fn touch(&mut self, kind: Kind, mut value: Value) {
        let now = self.now();
        set(&mut value, "updatedAt", now);
        self.store_mut(kind).put(value);
    }

    pub fn delete_softly(&mut self, kind: Kind, uuid: &str) -> bool {
        let Some(mut value) = self.store(kind).live(uuid).map(|item| item.value().into_owned()) else {
            return false;
        };
        set(&mut value, "isDeleted", json!(true));
        self.touch(kind, value);
        true
    }

    /// Keeps a flow as it is now under a name, in the shape of a `History` (OpenAPI types of CLI 1.0.29).
    pub fn save_flow(&mut self, flow: &Value, name: &str) -> Value {
        let uuid = self.fresh_uuid();
        let save = json!({
            "tenantId": SOLO, "uuid": uuid, "flowName": text(flow, "name"), "executionUuid": "",
            "flowUUID": text(flow, "uuid"), "executionCounter": 0, "ms": 0, "externalExecutionId": null,
            "saveName": name, "flowHistory": flow, "logData": [], "consoleData": [], "terminationStatus": "SUCCESS",
            "isSubFlow": flow["isSubflow"] == true, "isTest": false, "isQueue": false, "hasSnapshotData": false,
            "isAlertSent": false, "isNamedSave": true, "isSnapshot": false, "isDebugStep": false, "isDeleted": false,
            "executionEnvironmentMode": "DEV", "createdAt": self.now(), "updatedAt": null,
        });
        self.saves.push(save.clone());
        save
    }

    pub fn register_tags(&mut self, list: &str, tags: &[Value]) {
        let known = self.tags.entry(list.to_owned()).or_default();
        for tag in tags.iter().filter_map(Value::as_str) {
            if !known.iter().any(|other| other == tag) {
                known.push(tag.to_owned());
            }
        }
    }

    pub fn count_backup(&mut self) -> String {
        self.counters.backups += 1;
        let file = format!("backup-{:04}.sql.gz", self.counters.backups);
        self.last_backup = Some(file.clone());
        file
    }

    /// The true state, secret values included. For tests inside the process; no route shows it.
    pub fn dump(&self) -> Value {
        let list = |kind| self.store(kind).iter_all().map(|item| item.value().into_owned()).collect::<Vec<_>>();
        json!({
            "flows": list(Kind::Flow),
            "connections": list(Kind::Connection),
            "secrets": list(Kind::Secret),
            "namedSaves": self.saves,
            "variables": self.around.variables,
            "structures": self.around.structures,
            "schedules": self.around.schedules,
            "queues": self.around.queues,
            "tags": self.tags,
            "counters": self.counters,
            "lastBackup": self.last_backup,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_at_every_look_and_writes_dates_as_the_platform_does() {
        let mut state = State::new("dev", 0);
        assert_eq!(state.now(), json!("2026-03-02T08:00:01.000Z"));
        assert_eq!(state.now(), json!("2026-03-02T08:00:02.000Z"));
    }
}
