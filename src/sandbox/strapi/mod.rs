//! A Strapi server in memory, as far as its remote data transfer goes: pull, push, and the few HTTP routes beside them.
//! Its rules were watched on real servers of 5.54.0 and 4.26.2 (see `docs/sandbox.md`).
//! Must not know: the client in `platforms`, with which it shares no code.

mod archive;
mod assets;
mod attach;
mod builder;
mod clock;
mod condition;
mod connection;
mod content;
mod create;
mod desk;
mod failure;
mod flow;
mod frames;
mod generate;
mod http;
mod link;
mod mapping;
mod older;
mod order;
mod policy;
mod produce;
mod pull;
mod push;
mod read;
mod reader;
mod restore;
mod sample;
mod schema;
mod stage;
mod store;
mod token;
mod transaction;
mod uploads;
mod version;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, body::Bytes};
use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;

pub use frames::FrameRecord;
pub(super) use version::Version;

use clock::Clock;
use connection::Kind;
use content::Content;
use failure::Failure;
use frames::Frames;
use schema::Schemas;
use store::Database;
use token::Token;
use uploads::{Folder, Uploads};

use super::{
    Side,
    fault::Faults,
    log::Log,
    pipeline::Pipeline,
    switch::{CrashEffect, DatabaseKind, Switches},
    weather::Weather,
    wire::Life,
};

/// What a server holds at the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// So many generated articles instead of the sample content.
    pub items: Option<usize>,
    pub seed: u64,
    /// An export to take schemas and content from.
    pub export: Option<PathBuf>,
}

/// What a reset goes back to. Tables are shared with the database until they change.
#[derive(Debug)]
struct Start {
    database: Database,
    files: Folder,
    /// Of the server that an export was made from.
    version: Option<Version>,
}

/// One server: what it holds, who may come in, and what it pretends.
#[derive(Debug)]
pub struct Site {
    pub(super) name: &'static str,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) pipeline: Arc<Pipeline>,
    life: Life,
    start: Start,
    schemas: Schemas,
    tokens: Vec<Token>,
    switches: Mutex<Switches>,
    database: Mutex<Database>,
    uploads: Mutex<Uploads>,
    clock: Mutex<Clock>,
    frames: Frames,
    /// Held by whoever has a transaction open.
    gate: Arc<tokio::sync::Mutex<()>>,
    /// Transactions that nobody ends any more.
    leaked: Mutex<Vec<OwnedMutexGuard<()>>>,
    numbers: AtomicU64,
    verified: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets a field of an object; anything else is left alone.
fn set(object: &mut Value, field: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(field.to_owned(), value);
    }
}

impl Site {
    pub(super) fn new(
        side: Side,
        wanted: &Wanted,
        faults: Faults,
        switches: Switches,
        life: Life,
    ) -> Result<Arc<Self>, String> {
        let (schemas, content) = content(side, wanted, faults.version)?;
        let database = content.load(&schemas, side.name())?;
        let version = content.version.as_deref().and_then(|text| Version::parse(text).ok());
        let start = Start { database: database.clone(), files: content.files, version };
        let weather = Weather::new(faults, wanted.seed);
        let pipeline = Pipeline { weather, log: Log::default(), refuse: token::refuse };
        Ok(Arc::new(Self {
            name: side.name(),
            user: format!("{}@example.invalid", side.name()),
            password: format!("EXAMPLE-{}-password", side.name()),
            pipeline: Arc::new(pipeline),
            life,
            schemas,
            tokens: Token::all(side.name()),
            switches: Mutex::new(switches),
            database: Mutex::new(database),
            uploads: Mutex::new(Uploads::new(start.files.clone())),
            clock: Mutex::new(Clock::new(side.name())),
            frames: Frames::default(),
            gate: Arc::default(),
            leaked: Mutex::default(),
            numbers: AtomicU64::new(1_772_438_400_000),
            verified: AtomicU64::new(0),
            start,
        }))
    }

    pub(super) fn router(self: &Arc<Self>) -> Router {
        http::router(self)
    }

    /// The token that may both pull and push.
    pub(super) fn token(&self) -> String {
        self.tokens.first().map(|token| token.secret.clone()).unwrap_or_default()
    }

    /// Content, files and log as at the start.
    pub(super) fn reset(&self) {
        *self.database() = self.start.database.clone();
        *self.uploads() = Uploads::new(self.start.files.clone());
        *self.clock() = Clock::new(self.name);
        self.pipeline.log.reset();
        self.frames.clear();
        self.verified.store(0, Ordering::Relaxed);
        self.restart();
    }

    pub(super) fn switches(&self) -> Switches {
        *lock(&self.switches)
    }

    pub(super) fn assume(&self, switches: Switches) {
        *lock(&self.switches) = switches;
    }

    fn version(&self) -> Version {
        self.pipeline.weather.faults().version.or(self.start.version).unwrap_or_default()
    }

    fn metadata(&self) -> Value {
        json!({ "createdAt": self.clock().now(), "strapi": { "version": self.version().to_string() } })
    }

    fn database(&self) -> MutexGuard<'_, Database> {
        lock(&self.database)
    }

    fn uploads(&self) -> MutexGuard<'_, Uploads> {
        lock(&self.uploads)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        lock(&self.clock)
    }

    fn leaked(&self) -> MutexGuard<'_, Vec<OwnedMutexGuard<()>>> {
        lock(&self.leaked)
    }

    fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// On SQLite every request to the database waits while a transaction is open.
    async fn wait_for_database(&self) {
        if self.switches().database == DatabaseKind::Sqlite {
            drop(self.gate.lock().await);
        }
    }

    /// What is committed, as of now.
    async fn read_database(&self) -> Database {
        self.wait_for_database().await;
        self.database().clone()
    }

    /// The bytes of a file, unless a fault says that it is not there.
    fn upload(&self, name: &str) -> Option<Bytes> {
        let missing = self.pipeline.weather.faults().is_missing(name);
        if missing { None } else { self.uploads().files.get(name).cloned() }
    }

    /// What each frame of a transfer asks again.
    fn verify(&self, token: &Token, kind: Kind) -> Result<(), Failure> {
        let faults = self.pipeline.weather.faults();
        let count = self.verified.fetch_add(1, Ordering::Relaxed);
        if token.expired || faults.expire_after.is_some_and(|most| count >= most) {
            return Err(token::ended());
        }
        if token.may(kind) { Ok(()) } else { Err(token::not_allowed()) }
    }

    /// The process dies: every connection is cut, every open transaction is lost.
    fn crash(&self) {
        self.life.kill();
        if self.switches().crash == CrashEffect::Restarts {
            self.restart();
        }
    }

    /// A new process on the same data.
    fn restart(&self) {
        self.life.kill();
        self.leaked().clear();
        self.life.revive();
    }
}

fn content(side: Side, wanted: &Wanted, version: Option<Version>) -> Result<(Schemas, Content), String> {
    if let Some(path) = &wanted.export {
        let content = archive::read(path)?;
        return Ok((Schemas::new(content.schemas.clone())?, content));
    }
    let raw = sample::schemas()?;
    let schemas = Schemas::new(raw.clone())?;
    let content = match wanted.items {
        Some(items) => generate::content(&schemas, side, items, wanted.seed),
        None => sample::content(&schemas, side),
    };
    let content = Content { schemas: raw, ..content };
    if version.is_some_and(Version::is_v4) {
        let older = older::content(&content);
        return Ok((Schemas::new(older.schemas.clone())?, older));
    }
    Ok((schemas, content))
}
