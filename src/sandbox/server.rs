//! One running server: its address for users, and for tests in the same process its true state, its log and its faults.
//! Must not know: the command line.

use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    fault::Faults,
    log::RequestRecord,
    platform::Played,
    switch::{Switch, Switches},
    wire::{CuttableListener, Life, Wire},
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
    pub(super) played: Played,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(played: Played, life: Life, port: u16) -> Result<Self, String> {
        let stop = CancellationToken::new();
        let bound = CuttableListener::bind(port, stop.clone(), life).await;
        let listener = bound.map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}"))?;
        let port = listener.port().map_err(|error| format!("cannot read the port of the sandbox: {error}"))?;
        let info = played.info(&format!("http://127.0.0.1:{port}"));
        let service = played.router().into_make_service_with_connect_info::<Wire>();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                // The accept loop of axum never ends by itself.
                _ = async { axum::serve(listener, service).await } => {}
            }
        });
        Ok(Self { info, played, stop, task })
    }

    /// The true state, secret values included.
    pub fn dump(&self) -> Value {
        self.played.dump()
    }

    /// What reached the server, in order.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.played.pipeline().log.all()
    }

    pub fn forget_requests(&self) {
        self.played.pipeline().log.clear();
    }

    /// Replaces all faults; `[]` heals the server. Counts start again.
    pub fn set_faults(&self, faults: &[&str]) -> Result<(), String> {
        self.played.pipeline().weather.set(Faults::parse(faults, self.info.name)?);
        Ok(())
    }

    /// Changes one assumption; the others stay.
    pub fn assume(&self, switch: &str) -> Result<(), String> {
        let mut switches = self.played.switches();
        switches.set(Switch::parse(switch)?);
        self.played.assume(switches);
        Ok(())
    }

    pub fn switches(&self) -> Switches {
        self.played.switches()
    }

    /// Content, counters and log as at the start; tokens stop working; faults and assumptions stay.
    pub fn reset(&self) -> Result<(), String> {
        self.played.reset()
    }

    /// Ends all connections and frees the port.
    pub async fn stop(self) {
        self.stop.cancel();
        let mut server = self;
        let _ = (&mut server.task).await; // a task that was cancelled has nothing to say
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
