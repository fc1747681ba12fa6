//! Everything about the server as a whole: versions, backups, tags, and the lists that nobody imports.
//! Must not know: flows, connections and secrets.

use std::{io::Write as _, sync::Arc};

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{
    App,
    item::Kind,
    reply::{Answer, Refusal, bytes_with, created, ok},
};

pub(super) async fn version() -> Answer {
    ok(&json!({ "major": 1, "minor": 27, "build": "sandbox", "info": "Haul sandbox, not a Ziggy server" }))
}

pub(super) async fn tenant() -> Answer {
    ok(&json!({ "isMultiTenant": false, "oauthTypes": [] }))
}

pub(super) async fn devops() -> Answer {
    ok(&json!({
        "redisResult": "OK", "databaseResult": "OK", "tenantResult": "OK", "isMultiTenant": false, "oauthTypes": [],
    }))
}

pub(super) async fn variables(State(app): State<Arc<App>>) -> Answer {
    ok(&app.state().around.variables)
}

pub(super) async fn structures(State(app): State<Arc<App>>) -> Answer {
    ok(&app.state().around.structures)
}

pub(super) async fn schedules(State(app): State<Arc<App>>) -> Answer {
    ok(&app.state().around.schedules)
}

pub(super) async fn queues(State(app): State<Arc<App>>) -> Answer {
    ok(&app.state().around.queues)
}

pub(super) async fn blocks(State(app): State<Arc<App>>) -> Answer {
    ok(&app.state().around.blocks)
}

/// `BackupResponseDto`: a backup that failed still says 201.
pub(super) async fn backup(State(app): State<Arc<App>>) -> Answer {
    if app.pipeline.weather.faults().backup_fails {
        return created(&json!({ "localBackupStatus": "failed", "remoteBackupStatus": "not_configured" }));
    }
    let file = app.state().count_backup();
    created(&json!({
        "localBackupStatus": "success", "localBackupFile": file, "remoteBackupStatus": "not_configured",
    }))
}

/// Makes the file that `download_transfer` hands out: gzip, as the real one; what is inside is for nobody to read, and
/// so holds counts and no content.
pub(super) async fn make_transfer(State(app): State<Arc<App>>) -> Answer {
    let mut state = app.state();
    state.counters.transfers += 1;
    let rows = Kind::ALL.map(|kind| (kind.list(), state.store(kind).iter_all().count()));
    let text = format!("-- haul sandbox, dump {} of {}: {rows:?}\n", state.counters.transfers, app.name);
    state.transfer_file = Some(gzip(text.as_bytes())?);
    created(&json!({ "message": "transfer file created" }))
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

pub(super) async fn download_transfer(State(app): State<Arc<App>>) -> Answer {
    let file = app.state().transfer_file.clone().ok_or_else(|| Refusal::not_found("File", "transfer"))?;
    Ok(bytes_with(StatusCode::OK, "application/gzip", file))
}

pub(super) async fn add_tag(State(app): State<Arc<App>>, Path((list, tag)): Path<(String, String)>) -> Answer {
    if !["Flow", "Secret", "Structure"].contains(&list.as_str()) {
        return Err(Refusal::bad_request("type must be one of: Flow, Secret, Structure"));
    }
    let mut state = app.state();
    state.register_tags(&list, &[json!(tag)]);
    ok(&state.tags.get(&list))
}

/// The known tags of a type under `FlowTags`, `SecretTags` and `StructureTags`; the shape of the reply is a guess.
pub(super) async fn value(State(app): State<Arc<App>>, Path(key): Path<String>) -> Answer {
    let state = app.state();
    let list = key.strip_suffix("Tags").filter(|list| ["Flow", "Secret", "Structure"].contains(list));
    let list = list.ok_or_else(|| Refusal::not_found("Value", &key))?;
    ok(&state.tags.get(list).map(|tags| json!(tags)).unwrap_or(Value::Array(Vec::new())))
}
