//! One running server: its address for users, and for tests in the same process its true state, its log and its faults.
//! Must not know: the command line.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    fault::Faults,
    log::RequestRecord,
    switch::{Switch, Switches},
    wire::{CuttableListener, Wire},
    ziggy::{self, Kind, Side},
};

/// What a user needs to reach a server.
#[derive(Clone, Debug, Serialize)]
pub struct ServerInfo {
    pub platform: &'static str,
    pub name: &'static str,
    pub url: String,
    pub user: String,
    pub password: String,
    /// Null for platforms where one logs in.
    pub token: Option<String>,
}

/// A server under test.
#[derive(Debug)]
pub struct Server {
    pub info: ServerInfo,
    side: Side,
    app: Arc<ziggy::App>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(side: Side, app: Arc<ziggy::App>, port: u16) -> Result<Self, String> {
        let stop = CancellationToken::new();
        let bound = CuttableListener::bind(port, stop.clone()).await;
        let listener = bound.map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}"))?;
        let port = listener.port().map_err(|error| format!("cannot read the port of the sandbox: {error}"))?;
        let info = ServerInfo {
            platform: "ziggy",
            name: side.name(),
            url: format!("http://127.0.0.1:{port}"),
            user: app.user.clone(),
            password: app.password.clone(),
            token: None,
        };
        let service = app.router().into_make_service_with_connect_info::<Wire>();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                // The accept loop of axum never ends by itself.
                _ = async { axum::serve(listener, service).await } => {}
            }
        });
        Ok(Self { info, side, app, stop, task })
    }

    /// The true state, secret values included: items (also softly deleted ones), named saves, counters.
    pub fn dump(&self) -> Value {
        self.app.dump()
    }

    /// What reached the server, in order.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.app.pipeline.log.all()
    }

    pub fn forget_requests(&self) {
        self.app.pipeline.log.clear();
    }

    /// Replaces all faults; `[]` heals the server. Counts start again.
    pub fn set_faults(&self, faults: &[&str]) -> Result<(), String> {
        self.app.pipeline.weather.set(Faults::parse(faults, self.info.name)?);
        Ok(())
    }

    /// Changes one assumption; the others stay.
    pub fn assume(&self, switch: &str) -> Result<(), String> {
        let mut switches = self.app.switches();
        switches.set(Switch::parse(switch)?);
        self.app.assume(switches);
        Ok(())
    }

    pub fn switches(&self) -> Switches {
        self.app.switches()
    }

    /// The item as it is, softly deleted or not.
    pub fn item(&self, kind: Kind, uuid: &str) -> Option<Value> {
        self.app.item(kind, uuid)
    }

    /// Adds the item or replaces the one of the same uuid, byte for byte.
    pub fn upsert(&self, kind: Kind, item: Value) {
        self.app.upsert(kind, item);
    }

    /// Changes an item as a colleague would: with a new `updatedAt`. False if there is none.
    pub fn edit(&self, kind: Kind, uuid: &str, change: impl FnOnce(&mut Value)) -> bool {
        self.app.edit(kind, uuid, change)
    }

    /// Deletes softly, as the platform does.
    pub fn delete(&self, kind: Kind, uuid: &str) -> bool {
        self.app.delete_softly(kind, uuid)
    }

    /// Removes the row as if it had never been there.
    pub fn erase(&self, kind: Kind, uuid: &str) -> bool {
        self.app.erase(kind, uuid)
    }

    /// Sets the value of a secret in one mode; `None` takes it away.
    pub fn set_secret_value(&self, uuid: &str, field: SecretField, value: Option<&str>) -> bool {
        let field = match field {
            SecretField::Dev => "devValue",
            SecretField::Prod => "prodValue",
        };
        self.edit(Kind::Secret, uuid, |secret| secret[field] = value.map_or(Value::Null, Value::from))
    }

    /// Every token that was issued stops working.
    pub fn expire_tokens(&self) {
        self.app.expire_tokens();
    }

    /// Content, counters and log as at the start; tokens stop working; faults and assumptions stay.
    pub fn reset(&self) -> Result<(), String> {
        self.app.reset(self.side)
    }

    /// Ends all connections and frees the port.
    pub async fn stop(self) {
        self.stop.cancel();
        let mut server = self;
        let _ = (&mut server.task).await; // a task that was cancelled has nothing to say
    }
}

/// The two values of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretField {
    Dev,
    Prod,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
