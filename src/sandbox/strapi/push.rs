//! The receiving side of a push: commands, actions and stages, in one transaction.
//! Must not know: how a row is stored, how frames travel.

use std::{collections::HashMap, time::Instant};

use serde_json::{Value, json};

use super::{
    Site,
    assets::Assets,
    connection::{Connection, Origin},
    failure::Failure,
    flow::Flow,
    mapping::Mapping,
    restore::Options,
    stage,
    transaction::{Transaction, begin},
    version::Version,
};

const ACTIONS: [&str; 6] = ["bootstrap", "close", "rollback", "beforeTransfer", "getMetadata", "getSchemas"];

#[derive(Debug, Default)]
pub(super) struct Push {
    transfer: Option<Transfer>,
    /// A failing row has ended everything (5.53 and later).
    over: bool,
}

/// From `init` to `end`.
#[derive(Debug)]
pub(super) struct Transfer {
    pub id: String,
    started: Instant,
    pub version: Version,
    pub options: Options,
    pub flow: Flow,
    pub booted: bool,
    pub transaction: Transaction,
    pub mapping: Mapping,
    pub stages: HashMap<String, stage::Stage>,
    pub stats: HashMap<String, stage::Stats>,
    pub assets: Assets,
    /// The folder into which old uploads go.
    pub backup: String,
    /// The frame in hand failed at a row.
    pub failed: bool,
}

impl Push {
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The socket is gone: what was not committed never happened; what was done to files stays.
    pub fn dropped(&mut self) {
        if let Some(mut transfer) = self.transfer.take() {
            transfer.transaction.roll_back();
        }
    }

    pub async fn handle(&mut self, to: &mut Connection, message: &Value, command: bool) -> Result<Value, Failure> {
        if command {
            return self.command(to, message);
        }
        to.verify()?;
        let Some(transfer) = &mut self.transfer else { return Err(Failure::plain("Invalid Transfer Process")) };
        match message["kind"].as_str() {
            Some("action") => transfer.action(to, message["action"].as_str().unwrap_or_default()).await,
            Some("step") => {
                let result = transfer.step(to, message).await;
                if let (Err(Failure::Error { .. }), true) = (&result, transfer.failed) {
                    return self.failed(result);
                }
                result
            }
            _ => Ok(Value::Null),
        }
    }

    /// A row could not be written.
    fn failed(&mut self, result: Result<Value, Failure>) -> Result<Value, Failure> {
        let Some(transfer) = &mut self.transfer else { return result };
        if transfer.version.is_v4() {
            return Err(Failure::Crash);
        }
        if transfer.version.protects() {
            transfer.transaction.roll_back();
            self.transfer = None;
            self.over = true;
        }
        result
    }

    fn command(&mut self, to: &mut Connection, message: &Value) -> Result<Value, Failure> {
        let params = &message["params"];
        match message["command"].as_str() {
            Some("init") => self.init(to, params),
            Some("status") => Ok(self.status()),
            Some("end") => {
                to.verify()?;
                let id = self.transfer.as_ref().map(|transfer| transfer.id.as_str());
                if id != params["transferID"].as_str() {
                    return Err(Failure::transfer("Bad transfer ID provided"));
                }
                if let Some(mut transfer) = self.transfer.take() {
                    transfer.transaction.leak(&to.site);
                }
                Ok(json!({ "ok": true }))
            }
            _ => Err(Failure::plain("Invalid transfer command")),
        }
    }

    fn init(&mut self, to: &mut Connection, params: &Value) -> Result<Value, Failure> {
        if self.transfer.is_some() {
            return Err(Failure::plain("Transfer already in progress"));
        }
        to.verify()?;
        let version = to.site.version();
        if version.is_v4() && !params["options"].is_object() {
            let message = "Cannot read properties of undefined (reading 'strategy')";
            return Err(Failure::named("TypeError", message));
        }
        let transfer = Transfer::new(&to.site, params, version);
        let mut reply = json!({ "transferID": transfer.id });
        if version.has_checksums() {
            super::set(&mut reply, "checksums", json!(true));
        }
        if version.echoes_encoding() && params["assetEncoding"] == "base64" {
            super::set(&mut reply, "assetEncoding", json!("base64"));
        }
        self.transfer = Some(transfer);
        Ok(reply)
    }

    fn status(&self) -> Value {
        match &self.transfer {
            Some(transfer) => {
                let elapsed = u64::try_from(transfer.started.elapsed().as_millis()).unwrap_or(u64::MAX);
                let started = jiff::Timestamp::now().as_millisecond().saturating_sub_unsigned(elapsed);
                json!({ "active": true, "kind": "push", "startedAt": started, "elapsed": elapsed })
            }
            None => json!({ "active": false, "kind": null, "elapsed": null, "startedAt": null }),
        }
    }
}

impl Transfer {
    fn new(site: &Site, params: &Value, version: Version) -> Self {
        let checksums = version.has_checksums() && params["checksums"] == true;
        Self {
            id: site.clock().uuid(),
            started: Instant::now(),
            version,
            options: Options::new(params, version),
            flow: Flow::default(),
            booted: false,
            transaction: Transaction::None,
            mapping: Mapping::default(),
            stages: HashMap::new(),
            stats: HashMap::new(),
            assets: Assets::new(checksums),
            backup: format!("uploads_backup_{}", site.next_number()),
            failed: false,
        }
    }

    async fn action(&mut self, to: &mut Connection, action: &str) -> Result<Value, Failure> {
        if !ACTIONS.contains(&action) {
            let details = json!({ "action": action, "validActions": ["0", "1", "2", "3", "4", "5"] });
            return Err(Failure::transfer_with(format!("Invalid action provided: \"{action}\""), details));
        }
        self.flow.action(action)?;
        match action {
            "bootstrap" => self.bootstrap(to).await,
            "getMetadata" => {
                to.diagnose("info", "getting metadata", Origin::Provider).await;
                self.ready("Not able to get Schemas")?;
                Ok(to.site.metadata())
            }
            "getSchemas" => {
                to.diagnose("info", "getting schema", Origin::Provider).await;
                self.ready("Not able to get Schemas")?;
                Ok(to.site.schemas.wire())
            }
            "beforeTransfer" => self.before(to).await,
            "rollback" => {
                to.diagnose("info", "Rolling back transaction", Origin::Provider).await;
                self.transaction.roll_back_on_request()?;
                to.diagnose("info", "Rolled back transaction", Origin::Provider).await;
                Ok(Value::Null)
            }
            _ => {
                self.ready("")?;
                self.transaction.commit(&to.site);
                Ok(Value::Null)
            }
        }
    }

    pub fn ready(&self, what: &str) -> Result<(), Failure> {
        if self.booted { Ok(()) } else { Err(Failure::not_started(what)) }
    }

    async fn bootstrap(&mut self, to: &mut Connection) -> Result<Value, Failure> {
        to.diagnose("info", "validating options", Origin::Provider).await;
        let strategy = &self.options.strategy;
        if strategy != "restore" {
            let details = json!({ "check": "strategy", "strategy": strategy, "validStrategies": ["restore"] });
            return Err(Failure::validation(format!("Invalid strategy {strategy}"), details));
        }
        self.booted = true;
        self.transaction = begin(&to.site);
        Ok(Value::Null)
    }

    async fn before(&mut self, to: &mut Connection) -> Result<Value, Failure> {
        if !self.booted {
            return Err(Failure::plain("Strapi instance not found"));
        }
        let database = self.transaction.open(&to.site).await?;
        let assets = self.options.has_assets();
        if assets {
            to.diagnose("info", "creating assets backup directory", Origin::Provider).await;
            if to.site.pipeline.weather.faults().uploads_mounted {
                return Err(restore_failed(
                    "Error",
                    "The backup folder for the assets could not be created inside the public folder. Please ensure \
                     Strapi has write permissions on the public directory",
                ));
            }
            to.site.uploads().set_aside(&self.backup);
            to.diagnose("info", "deleting all assets", Origin::Provider).await;
        }
        to.diagnose("info", "deleting record ", Origin::Provider).await;
        match self.options.delete(&to.site.schemas, database) {
            Err(Failure::Error { code, message, .. }) => Err(restore_failed(code, &message)),
            Err(other) => Err(other),
            Ok(()) => Ok(Value::Null),
        }
    }
}

fn restore_failed(code: &str, message: &str) -> Failure {
    Failure::plain(format!("restore failed {code}: {message}"))
}
