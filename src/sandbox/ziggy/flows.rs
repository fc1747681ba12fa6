//! Flows one by one: list, read, change, delete, run.
//! Must not know: exports and imports.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    App,
    item::{Kind, text},
    reply::{Answer, Refusal, created, object, ok, require},
};
use crate::sandbox::switch::TagCase;

/// The fields of `UpdateFlowDto` (OpenAPI types of CLI 1.0.29): a PUT cannot set anything else.
const UPDATABLE: [&str; 11] = [
    "tenantId",
    "nodes",
    "edges",
    "viewport",
    "isValid",
    "name",
    "listenerType",
    "numBlocks",
    "tags",
    "isCommander",
    "isDeleted",
];

/// The official client always sends all three, empty where unused.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Filter {
    search: String,
    flow_id: String,
    tags: String,
}

pub(super) async fn list(State(app): State<Arc<App>>, Query(filter): Query<Filter>) -> Answer {
    let tags: Vec<&str> = filter.tags.split(',').filter(|tag| !tag.is_empty()).collect();
    let search = filter.search.to_lowercase();
    let case = app.switches().tag_case;
    let state = app.state();
    let found: Vec<Value> = state
        .stores
        .flows
        .iter()
        .filter(|flow| filter.flow_id.is_empty() || flow.uuid == filter.flow_id)
        .filter(|flow| search.is_empty() || flow.name.to_lowercase().contains(&search))
        .map(|flow| flow.summary())
        .filter(|summary| tags.is_empty() || has_any_tag(summary, &tags, case))
        .collect();
    drop(state);
    ok(&found)
}

/// Several tags mean any of them (screenshot in the official docs, page "Flow list").
pub(super) fn has_any_tag(flow: &Value, tags: &[&str], case: TagCase) -> bool {
    let same = |tag: &str, wanted: &str| match case {
        TagCase::Sensitive => tag == wanted,
        TagCase::Insensitive => tag.to_lowercase() == wanted.to_lowercase(),
    };
    let own = flow["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    own.into_iter().any(|tag| tags.iter().any(|wanted| same(tag, wanted)))
}

pub(super) async fn read(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    ok(&app.live(Kind::Flow, &uuid)?)
}

pub(super) async fn update(State(app): State<Arc<App>>, Path(uuid): Path<String>, body: Bytes) -> Answer {
    ok(&app.update(Kind::Flow, &uuid, &body, &UPDATABLE)?)
}

pub(super) async fn delete(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    app.delete(Kind::Flow, &uuid)
}

pub(super) async fn vacuum(State(app): State<Arc<App>>) -> Answer {
    app.state().counters.vacuums += 1;
    ok(&json!({ "message": "vacuum finished" }))
}

/// Plays a run: nothing is executed. A flow that is not valid ends FATAL, all others succeed.
pub(super) async fn execute(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let [uuid, mode] = require(&body, ["flowUuid", "executionEnvironmentMode"])?;
    if !["DEV", "PROD"].contains(&mode) {
        return Err(Refusal::bad_request(vec!["executionEnvironmentMode must be one of: DEV, PROD"]));
    }
    let flow = app.live(Kind::Flow, uuid)?;
    app.state().counters.executions += 1;
    if body.get("doNotQueue") != Some(&Value::Bool(true)) {
        return created(&json!({ "flowStatus": "QUEUED", "data": null }));
    }
    if flow["isValid"] == false {
        return created(&json!({ "flowStatus": "FATAL", "data": { "error": "the flow is not valid" } }));
    }
    created(&json!({ "flowStatus": "SUCCESS", "data": body.get("data").unwrap_or(&Value::Null) }))
}

pub(super) async fn running() -> Answer {
    ok(&Vec::<Value>::new())
}

/// Newest first, without the graph, which `history-load` brings.
pub(super) async fn saves(State(app): State<Arc<App>>, Path(flow): Path<String>) -> Answer {
    let state = app.state();
    if state.stores.flows.any(&flow).is_none() {
        return Err(Refusal::not_found("Flow", &flow));
    }
    let saves = state.saves.iter().rev().filter(|save| text(save, "flowUUID") == flow);
    let without_graph = |save: &Value| {
        let mut save = save.clone();
        save.as_object_mut().and_then(|fields| fields.shift_remove("flowHistory"));
        save
    };
    ok(&saves.map(without_graph).collect::<Vec<_>>())
}

pub(super) async fn load_save(State(app): State<Arc<App>>, Path(uuid): Path<String>) -> Answer {
    let state = app.state();
    let save = state.saves.iter().find(|save| text(save, "uuid") == uuid);
    ok(save.ok_or_else(|| Refusal::not_found("History", &uuid))?)
}

pub(super) async fn make_save(State(app): State<Arc<App>>, Path((uuid, name)): Path<(String, String)>) -> Answer {
    let flow = app.live(Kind::Flow, &uuid)?;
    created(&app.state().save_flow(&flow, &name))
}

/// The route that exists to show what an error looks like.
pub(super) async fn error_500() -> Answer {
    Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"))
}
