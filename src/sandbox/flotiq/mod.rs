//! A Flotiq space in memory: definitions, objects, media and keys behind the endpoints that a migration needs. Nobody could
//! watch a real one; rules follow its documentation, and what that leaves open is a switch (see `docs/sandbox.md`).
//! Must not know: the client in `platforms`, with which it shares no code.

mod batch;
mod call;
mod check;
mod clock;
mod content;
mod definition;
mod definitions;
mod desk;
mod filter;
mod http;
mod hydrate;
mod key;
mod media;
mod migrate;
mod object;
mod objects;
mod picture;
mod query;
mod reference;
mod reply;
mod rules;
mod sample;
mod shape;
mod slug;
mod state;
mod system;
mod webhook;
mod write;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use axum::Router;
use serde_json::{Value, json};

pub use key::Right;

use key::Key;
use reply::Refusal;
use state::State;

use super::{Side, fault::Faults, log::Log, pipeline::Pipeline, switch::Switches, weather::Weather};

/// What a space holds at the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// So many objects instead of the usual number.
    pub items: Option<usize>,
    pub seed: u64,
}

/// One server with one space: what it holds, who may come in, and what it pretends.
#[derive(Debug)]
pub struct Space {
    pub(super) name: &'static str,
    pub(super) pipeline: Arc<Pipeline>,
    start: State,
    keys: Mutex<Vec<Key>>,
    switches: Mutex<Switches>,
    state: Mutex<State>,
    /// Requests with a good key, as a quota counts them.
    calls: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Space {
    pub(super) fn new(side: Side, wanted: Wanted, faults: Faults, switches: Switches) -> Arc<Self> {
        let start = sample::state(side, wanted);
        let weather = Weather::new(faults, wanted.seed);
        let pipeline = Pipeline { weather, log: Log::default(), refuse: reply::refuse };
        Arc::new(Self {
            name: side.name(),
            pipeline: Arc::new(pipeline),
            keys: Mutex::new(Key::all(side.name())),
            switches: Mutex::new(switches),
            state: Mutex::new(start.clone()),
            calls: AtomicU64::new(0),
            start,
        })
    }

    pub(super) fn router(self: &Arc<Self>) -> Router {
        http::router(self)
    }

    /// The key that reads and writes.
    pub(super) fn key(&self) -> String {
        lock(&self.keys).first().map(|key| key.secret.clone()).unwrap_or_default()
    }

    /// Content, keys, counters and log as at the start.
    pub(super) fn reset(&self) {
        *self.state() = self.start.clone();
        *lock(&self.keys) = Key::all(self.name);
        self.pipeline.log.reset();
        self.calls.store(0, Ordering::Relaxed);
    }

    pub(super) fn switches(&self) -> Switches {
        *lock(&self.switches)
    }

    pub(super) fn assume(&self, switches: Switches) {
        *lock(&self.switches) = switches;
    }

    pub(super) fn dump(&self) -> Value {
        let mut dump = self.state().dump();
        dump["name"] = json!(self.name);
        dump["counters"] = json!({
            "requests": self.pipeline.log.count(),
            "calls": self.calls.load(Ordering::Relaxed),
            "early": self.pipeline.weather.early(),
        });
        dump
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Counts the call; refused where the key is not good, or where no calls are left.
    fn admit(&self, secret: &str) -> Result<Key, Refusal> {
        let key = lock(&self.keys).iter().find(|key| key.secret == secret && key.is_valid()).cloned();
        let key = key.ok_or_else(Refusal::unauthorized)?;
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let faults = self.pipeline.weather.faults();
        if faults.expire_after.is_some_and(|most| calls > most) {
            return Err(Refusal::unauthorized());
        }
        if faults.quota.is_some_and(|most| calls > most) {
            return Err(Refusal::forbidden());
        }
        Ok(key)
    }
}
