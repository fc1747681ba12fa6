//! The two-step export through one file that all clients of a server share, and the export of the whole project.
//! Must not know: imports.

use std::{collections::HashSet, sync::Arc};

use axum::{body::Bytes, extract::State, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{
    App,
    flows::has_any_tag,
    item::{Item, Kind, set},
    references::{connection_names, secret_names, strings},
    reply::{Answer, Refusal, bytes_with, created, object, ok},
    state::State as Server,
};
use crate::sandbox::{
    fault::ExportFault,
    switch::{EmptyMatch, ExportOauth, ExportSecretValues, Layout, Switches},
};

/// `{"tags": [], "flowUuids": []}` means all flows (official docs, page "Flow export", and recorded from CLI 1.0.29).
pub(super) async fn make(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let (tags, uuids) = (string_list(&body, "tags")?, string_list(&body, "flowUuids")?);
    let switches = app.switches();
    let stale = app.pipeline.weather.strikes_export(ExportFault::Stale);
    let mut state = app.state();
    state.counters.exports += 1;
    let flows = picked(&state, &tags, &uuids, switches);
    if !stale {
        state.export_file = Some(file(&state, &flows, switches));
    }
    created(&json!({ "message": "export created" }))
}

fn string_list<'a>(body: &'a Map<String, Value>, field: &str) -> Result<Vec<&'a str>, Refusal> {
    let list = body.get(field).and_then(Value::as_array);
    let strings = list.and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    strings.ok_or_else(|| Refusal::bad_request(vec![format!("{field} must be an array of strings")]))
}

/// The flows with any of the tags, and those named; unknown uuids are passed over.
fn picked(state: &Server, tags: &[&str], uuids: &[&str], switches: Switches) -> Vec<String> {
    let all = || state.stores.flows.iter().map(|flow| flow.uuid.clone()).collect();
    if tags.is_empty() && uuids.is_empty() {
        return all();
    }
    let wanted: HashSet<&str> = uuids.iter().copied().collect();
    let tagged = |flow: &Item| !tags.is_empty() && has_any_tag(&flow.summary(), tags, switches.tag_case);
    let hits = state.stores.flows.iter().filter(|flow| wanted.contains(flow.uuid.as_str()) || tagged(flow));
    let hits: Vec<String> = hits.map(|flow| flow.uuid.clone()).collect();
    if hits.is_empty() && uuids.is_empty() && switches.empty_match == EmptyMatch::Everything { all() } else { hits }
}

pub(super) async fn download(State(app): State<Arc<App>>) -> Answer {
    let switches = app.switches();
    let weather = &app.pipeline.weather;
    let mut state = app.state();
    if state.export_file.is_some() && weather.strikes_export(ExportFault::Foreign) {
        let foreign = foreign_flow(&state);
        state.export_file = Some(file(&state, &foreign, switches));
    }
    let mut bytes = state.export_file.clone().ok_or_else(|| Refusal::not_found("File", "tagged-export.json"))?;
    if weather.strikes_export(ExportFault::Truncated) {
        bytes.truncate(bytes.len() / 2);
    }
    Ok(bytes_with(StatusCode::OK, "application/json", bytes))
}

/// The one flow that somebody else exported meanwhile: the first that is not in the file.
fn foreign_flow(state: &Server) -> Vec<String> {
    let file = state.export_file.as_deref().unwrap_or_default();
    let file = String::from_utf8_lossy(file);
    let mut flows = state.stores.flows.iter().map(|flow| flow.uuid.clone());
    let first = flows.next();
    flows.find(|uuid| !file.contains(uuid.as_str())).or(first).into_iter().collect()
}

pub(super) async fn forget(State(app): State<Arc<App>>) -> Answer {
    app.state().export_file = None;
    ok(&Value::Null)
}

/// The whole project: also what no flow uses.
pub(super) async fn all(State(app): State<Arc<App>>) -> Answer {
    let switches = app.switches();
    let state = app.state();
    let list = |kind| state.store(kind).iter().map(|item| outbound(kind, item, switches)).collect::<Vec<_>>();
    ok(&json!({
        "flows": list(Kind::Flow), "connections": list(Kind::Connection), "secrets": list(Kind::Secret),
    }))
}

/// An item as it leaves the server: never with the value of a secret.
fn outbound(kind: Kind, item: &Item, switches: Switches) -> Value {
    let mut value = item.value().into_owned();
    match kind {
        Kind::Flow => {}
        Kind::Connection => {
            if switches.export_oauth == ExportOauth::Null {
                ["devOAuthToken", "prodOAuthToken"].iter().for_each(|field| set(&mut value, field, Value::Null));
            }
        }
        Kind::Secret => {
            for field in ["devValue", "prodValue"] {
                match (switches.export_secret_values, value.as_object_mut()) {
                    (ExportSecretValues::Absent, Some(fields)) => drop(fields.shift_remove(field)),
                    _ => set(&mut value, field, Value::Null),
                }
            }
        }
    }
    value
}

fn file(state: &Server, flows: &[String], switches: Switches) -> Vec<u8> {
    let document = match switches.layout {
        Layout::Object => flat(state, flows, switches),
        Layout::Nested => nested(state, flows, switches),
    };
    serde_json::to_vec(&document).unwrap_or_default()
}

fn flat(state: &Server, uuids: &[String], switches: Switches) -> Value {
    let mut along = Along::default();
    let mut flows = Vec::new();
    for item in uuids.iter().filter_map(|uuid| state.stores.flows.live(uuid)) {
        let flow = outbound(Kind::Flow, item, switches);
        along.gather(state, &flow);
        flows.push(flow);
    }
    let (connections, secrets) = along.values(state, switches);
    json!({ "flows": flows, "connections": connections, "secrets": secrets })
}

fn nested(state: &Server, uuids: &[String], switches: Switches) -> Value {
    let flows = uuids.iter().filter_map(|uuid| state.stores.flows.live(uuid)).map(|item| {
        let mut flow = outbound(Kind::Flow, item, switches);
        let mut along = Along::default();
        along.gather(state, &flow);
        let (connections, secrets) = along.values(state, switches);
        set(&mut flow, "connections", Value::Array(connections));
        set(&mut flow, "secrets", Value::Array(secrets));
        flow
    });
    Value::Array(flows.collect())
}

/// The connections and secrets that travel with flows.
#[derive(Default)]
struct Along {
    connections: Vec<String>,
    secrets: Vec<String>,
    seen: HashSet<String>,
}

impl Along {
    fn gather(&mut self, state: &Server, flow: &Value) {
        let mut texts = Vec::new();
        strings(&flow["nodes"], &mut texts);
        strings(&flow["edges"], &mut texts);
        for text in texts {
            if let Some(connection) = state.stores.connections.live(text) {
                self.add_connection(state, connection);
            }
            for connection in connection_names(text).iter().filter_map(|name| state.stores.connections.named(name)) {
                self.add_connection(state, connection);
            }
            self.add_secrets(state, text);
        }
    }

    fn add_connection(&mut self, state: &Server, connection: &Item) {
        if !self.seen.insert(connection.uuid.clone()) {
            return;
        }
        self.connections.push(connection.uuid.clone());
        let value = connection.value();
        for field in ["devValue", "prodValue"] {
            self.add_secrets(state, value[field].as_str().unwrap_or_default());
        }
    }

    fn add_secrets(&mut self, state: &Server, text: &str) {
        for secret in secret_names(text).iter().filter_map(|name| state.stores.secrets.named(name)) {
            if self.seen.insert(secret.uuid.clone()) {
                self.secrets.push(secret.uuid.clone());
            }
        }
    }

    fn values(&self, state: &Server, switches: Switches) -> (Vec<Value>, Vec<Value>) {
        let values = |kind: Kind, uuids: &[String]| {
            uuids
                .iter()
                .filter_map(|uuid| state.store(kind).live(uuid))
                .map(|item| outbound(kind, item, switches))
                .collect()
        };
        (values(Kind::Connection, &self.connections), values(Kind::Secret, &self.secrets))
    }
}
