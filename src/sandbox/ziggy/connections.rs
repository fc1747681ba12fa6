//! Connections one by one, and the test of one connection.
//! Must not know: exports and imports.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    App,
    item::{Kind, merge, text},
    references::secret_names,
    reply::{Answer, Refusal, created, object, ok, require},
    state::SOLO,
};

const WRITABLE: [&str; 10] = [
    "tenantId",
    "name",
    "type",
    "description",
    "isCorePlatform",
    "devValue",
    "prodValue",
    "devOAuthToken",
    "prodOAuthToken",
    "isDeleted",
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    r#type: String,
    core: String,
}

pub(super) async fn list(State(app): State<Arc<App>>, Query(filter): Query<Filter>) -> Answer {
    let state = app.state();
    let all = state.stores.connections.iter().map(|item| item.value());
    let found = all
        .filter(|connection| filter.r#type.is_empty() || text(connection, "type") == filter.r#type)
        .filter(|connection| filter.core.is_empty() || connection["isCorePlatform"] == (filter.core == "true"));
    ok(&found.collect::<Vec<_>>())
}

/// `CreateConnectionDto` has no uuid: the server picks one, whatever the body says.
pub(super) async fn create(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    require(&body, ["name", "type"])?;
    let mut state = app.state();
    let mut connection = json!({
        "tenantId": SOLO, "uuid": state.fresh_uuid(), "name": "", "type": "", "description": "",
        "isCorePlatform": false, "devValue": "", "prodValue": "", "createdAt": state.now(), "updatedAt": null,
        "isDeleted": false, "devOAuthToken": null, "prodOAuthToken": null,
    });
    merge(&mut connection, &body, &WRITABLE);
    state.stores.connections.put(connection.clone());
    created(&connection)
}

pub(super) async fn read(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    ok(&app.live(Kind::Connection, &uuid)?)
}

pub(super) async fn update(State(app): State<Arc<App>>, Path(uuid): Path<String>, body: Bytes) -> Answer {
    ok(&app.update(Kind::Connection, &uuid, &body, &WRITABLE)?)
}

pub(super) async fn delete(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    app.delete(Kind::Connection, &uuid)
}

/// The real server connects somewhere; here a connection works if it has a configuration and every secret that the
/// configuration names has a value. An empty production configuration falls back to the other, as secrets do.
pub(super) async fn test(State(app): State<Arc<App>>, Path(mode): Path<String>, body: Bytes) -> Answer {
    let body = Value::Object(object(&body)?);
    let fields: &[&str] = match mode.as_str() {
        "DEV" => &["devValue"],
        "PROD" => &["prodValue", "devValue"],
        _ => return Err(Refusal::bad_request("mode must be one of: DEV, PROD")),
    };
    let mut state = app.state();
    state.counters.connection_tests += 1;
    let config = fields.iter().map(|field| text(&body, field)).find(|config| !config.trim().is_empty());
    let Some(config) = config else {
        return created(&json!({ "isOk": false, "msg": "the connection has no configuration" }));
    };
    let lacking = secret_names(config).into_iter().find(|name| !has_value(&state.stores.secrets, name, fields));
    match lacking {
        Some(name) => created(&json!({ "isOk": false, "msg": format!("secret {name} has no value") })),
        None => created(&json!({ "isOk": true, "msg": "OK" })),
    }
}

fn has_value(secrets: &super::item::Store, name: &str, fields: &[&str]) -> bool {
    secrets.named(name).is_some_and(|item| fields.iter().any(|field| !text(&item.value(), field).is_empty()))
}

pub(super) async fn templates(State(app): State<Arc<App>>) -> Answer {
    ok(&app.templates)
}
