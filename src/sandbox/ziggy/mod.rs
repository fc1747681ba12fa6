//! A Ziggy server in memory: what the official CLI 1.0.29 needs, recorded from it, and what its OpenAPI types name
//! beyond that. Nobody could watch a real server; every guess is a switch (see `docs/sandbox.md`).
//! Must not know: the client in `platforms`, with which it shares no code.

mod auth;
mod connections;
mod content;
mod desk;
mod export;
mod flows;
mod generate;
mod graph;
mod import;
mod item;
mod references;
mod reply;
mod secrets;
mod state;
mod system;
mod upload;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use serde_json::{Value, json};

pub use desk::SecretField;
pub use item::Kind;

pub(super) use content::Content;
use reply::Refusal;
use state::State;

use super::{Side, fault::Faults, log::Log, pipeline, pipeline::Pipeline, switch::Switches, weather::Weather};

/// One server: what it holds, who may come in, and what it pretends.
#[derive(Debug)]
pub(super) struct App {
    pub name: &'static str,
    pub user: String,
    pub password: String,
    pub pipeline: Arc<Pipeline>,
    content: Content,
    templates: Value,
    switches: Mutex<Switches>,
    sessions: auth::Sessions,
    state: Mutex<State>,
}

impl App {
    pub fn new(side: Side, content: Content, faults: Faults, switches: Switches) -> Result<Arc<Self>, String> {
        let state = content.state(side)?;
        let pipeline =
            Pipeline { weather: Weather::new(faults, content.seed), log: Log::default(), refuse: reply::refuse };
        Ok(Arc::new(Self {
            name: side.name(),
            user: format!("{}@example.invalid", side.name()),
            password: format!("EXAMPLE-{}-password", side.name()),
            pipeline: Arc::new(pipeline),
            templates: content::templates()?,
            content,
            switches: Mutex::new(switches),
            sessions: auth::Sessions::default(),
            state: Mutex::new(state),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn switches(&self) -> Switches {
        *self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn assume(&self, switches: Switches) {
        *self.switches.lock().unwrap_or_else(PoisonError::into_inner) = switches;
    }

    /// Content and counters as at the start; tokens stop working.
    pub fn reset(&self, side: Side) -> Result<(), String> {
        *self.state() = self.content.state(side)?;
        self.sessions.clear();
        self.pipeline.log.reset();
        Ok(())
    }

    pub fn expire_tokens(&self) {
        self.sessions.clear();
    }

    fn live(&self, kind: Kind, uuid: &str) -> Result<Value, Refusal> {
        let state = self.state();
        let item = state.store(kind).live(uuid).map(|item| item.value().into_owned());
        item.ok_or_else(|| Refusal::not_found(kind.word(), uuid))
    }

    /// A partial update: the allowed fields that the body has. Under one lock, so that no change is lost.
    fn update(&self, kind: Kind, uuid: &str, body: &[u8], allowed: &[&str]) -> Result<Value, Refusal> {
        let changes = reply::object(body)?;
        let mut state = self.state();
        let item = state.store(kind).live(uuid).map(|item| item.value().into_owned());
        let mut item = item.ok_or_else(|| Refusal::not_found(kind.word(), uuid))?;
        item::merge(&mut item, &changes, allowed);
        state.touch(kind, item);
        Ok(state.store(kind).any(uuid).map(|item| item.value().into_owned()).unwrap_or_default())
    }

    fn delete(&self, kind: Kind, uuid: &str) -> reply::Answer {
        if self.state().delete_softly(kind, uuid) {
            reply::ok(&json!({ "uuid": uuid }))
        } else {
            Err(Refusal::not_found(kind.word(), uuid))
        }
    }

    /// The item as it is, softly deleted or not.
    pub fn item(&self, kind: Kind, uuid: &str) -> Option<Value> {
        self.state().store(kind).any(uuid).map(|item| item.value().into_owned())
    }

    pub fn upsert(&self, kind: Kind, item: Value) {
        self.state().store_mut(kind).put(item);
    }

    pub fn edit(&self, kind: Kind, uuid: &str, change: impl FnOnce(&mut Value)) -> bool {
        let mut state = self.state();
        let Some(mut item) = state.store(kind).any(uuid).map(|item| item.value().into_owned()) else { return false };
        change(&mut item);
        state.touch(kind, item);
        true
    }

    pub fn delete_softly(&self, kind: Kind, uuid: &str) -> bool {
        self.state().delete_softly(kind, uuid)
    }

    pub fn erase(&self, kind: Kind, uuid: &str) -> bool {
        self.state().store_mut(kind).remove(uuid)
    }

    pub fn dump(&self) -> Value {
        let mut dump = self.state().dump();
        item::set(&mut dump["counters"], "requests", json!(self.pipeline.log.count()));
        item::set(&mut dump, "name", json!(self.name));
        dump
    }

    /// All routes, with the guard and the faults around them. Fixed paths win over `{id}` whatever their order here.
    pub fn router(self: &Arc<Self>) -> Router {
        let api = Router::new().merge(flow_routes()).merge(item_routes()).merge(system_routes());
        Router::new()
            .nest("/api", api)
            .fallback(unknown)
            .method_not_allowed_fallback(unknown)
            .with_state(Arc::clone(self))
            .layer(DefaultBodyLimit::disable())
            .layer(middleware::from_fn_with_state(Arc::clone(self), auth::guard))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.pipeline), pipeline::handle))
    }
}

type Routes = Router<Arc<App>>;

fn flow_routes() -> Routes {
    Router::new()
        .route("/flow", get(flows::list))
        .route("/flow/export-tagged", post(export::make).get(export::download))
        .route("/flow/tagged-export", axum::routing::delete(export::forget))
        .route("/flow/export-all", get(export::all))
        .route("/flow/import", post(import::import))
        .route("/flow/vacuum", get(flows::vacuum))
        .route("/flow/{id}", get(flows::read).put(flows::update).delete(flows::delete))
        .route("/ziggy/execute-internal", post(flows::execute))
        .route("/ziggy/get-running-flows", get(flows::running))
        .route("/ziggy/named-saves/{flow}", get(flows::saves))
        .route("/ziggy/history-load/{uuid}", get(flows::load_save))
        .route("/ziggy/history-named-save/{uuid}/{name}", post(flows::make_save))
}

fn item_routes() -> Routes {
    Router::new()
        .route("/connection", get(connections::list).post(connections::create))
        .route("/connection/connection-templates", get(connections::templates))
        .route("/connection/test/{mode}", post(connections::test))
        .route("/connection/{id}", get(connections::read).put(connections::update).delete(connections::delete))
        .route("/secret", get(secrets::list).post(secrets::create))
        .route("/secret/update-secret-value", patch(secrets::set_value))
        .route("/secret/get-obfuscated-by-name/{name}", get(secrets::by_name))
        .route("/secret/{id}", get(secrets::read).put(secrets::update).delete(secrets::delete))
        .route("/variable", get(system::variables))
        .route("/structure", get(system::structures))
        .route("/schedule", get(system::schedules))
        .route("/queue", get(system::queues))
        .route("/plugins/registry/blocks", get(system::blocks))
}

fn system_routes() -> Routes {
    Router::new()
        .route("/health", get(auth::health))
        .route("/auth/health", get(auth::health))
        .route("/auth/health-private", get(auth::health_private))
        .route("/auth/login", post(auth::login))
        .route("/auth/refresh-token", post(auth::refresh))
        .route("/auth/profile", get(auth::profile))
        .route("/system/version-info", get(system::version))
        .route("/system/tenant-info", get(system::tenant))
        .route("/system/devops-test", get(system::devops))
        .route("/system/error500", get(flows::error_500))
        .route("/system/backup-db", post(system::backup))
        .route("/system/transfer-db", post(system::make_transfer))
        .route("/system/download-transfer", get(system::download_transfer))
        .route("/system/add-tag/{type}/{value}", patch(system::add_tag))
        .route("/system/value/{key}", get(system::value))
}

async fn unknown(method: Method, uri: Uri) -> Response {
    Refusal::new(StatusCode::NOT_FOUND, format!("Cannot {method} {}", uri.path())).into_response()
}
