//! Secrets one by one. Their values come in and never go out: a reader sees asterisks, or null where there is none.
//! Must not know: exports and imports.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{
    App,
    item::{Kind, merge, set, text},
    reply::{Answer, Refusal, created, object, ok, require},
    state::SOLO,
};

const WRITABLE: [&str; 9] =
    ["tenantId", "name", "description", "type", "group", "devValue", "prodValue", "tags", "isDeleted"];

/// Of one length whatever the value (a screenshot of the secret dialog in the official docs shows asterisks).
const MASK: &str = "********";

pub(super) fn masked(mut secret: Value) -> Value {
    for field in ["devValue", "prodValue"] {
        let mask = if text(&secret, field).is_empty() { Value::Null } else { json!(MASK) };
        set(&mut secret, field, mask);
    }
    secret
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Answer {
    let state = app.state();
    ok(&state.stores.secrets.iter().map(|item| masked(item.value().into_owned())).collect::<Vec<_>>())
}

pub(super) async fn create(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    require(&body, ["name"])?;
    let mut state = app.state();
    let mut secret = json!({
        "tenantId": SOLO, "uuid": state.fresh_uuid(), "name": "", "description": "", "type": "", "group": "",
        "devValue": null, "prodValue": null, "tags": [], "createdAt": state.now(), "updatedAt": null,
        "isDeleted": false,
    });
    merge(&mut secret, &body, &WRITABLE);
    state.stores.secrets.put(secret.clone());
    created(&masked(secret))
}

pub(super) async fn read(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    ok(&masked(app.live(Kind::Secret, &uuid)?))
}

/// The trap of the real platform is kept: a client that sends back the asterisks it read has set them as the value.
pub(super) async fn update(State(app): State<Arc<App>>, Path(uuid): Path<String>, body: Bytes) -> Answer {
    ok(&masked(app.update(Kind::Secret, &uuid, &body, &WRITABLE)?))
}

pub(super) async fn delete(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    app.delete(Kind::Secret, &uuid)
}

pub(super) async fn set_value(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let [mode, uuid, value] = require(&body, ["executionEnvironmentMode", "uuid", "secret"])?;
    let field = match mode {
        "DEV" => "devValue",
        "PROD" => "prodValue",
        _ => return Err(Refusal::bad_request(vec!["executionEnvironmentMode must be one of: DEV, PROD"])),
    };
    let change = json!({ field: value }).to_string();
    ok(&masked(app.update(Kind::Secret, uuid, change.as_bytes(), &[field])?))
}

pub(super) async fn by_name(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    let state = app.state();
    let secret = state.stores.secrets.named(&name).ok_or_else(|| Refusal::not_found("Secret", &name))?;
    ok(&json!({ "uuid": secret.uuid, "value": masked(secret.value().into_owned())["devValue"] }))
}
