//! The HTTP routes of the played server: the way into a transfer, the files, health, and a login that gives a token
//! which is no transfer token.
//! Must not know: what a transfer does.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        ConnectInfo, Path, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    Site,
    connection::{self, Kind, LARGEST},
    token::{self, Token},
};
use crate::sandbox::{pipeline, wire::Wire};

pub(super) fn router(site: &Arc<Site>) -> Router {
    Router::new()
        .route("/_health", get(|| async { StatusCode::NO_CONTENT }))
        .route("/admin/init", get(init))
        .route("/admin/login", post(login))
        .route("/admin/transfer/runner/{direction}", get(transfer))
        .route("/admin/transfer/runner/{direction}/", get(transfer))
        .route("/uploads/{file}", get(file))
        .fallback(|| async { token::not_found() })
        .method_not_allowed_fallback(|| async { token::not_found() })
        .with_state(Arc::clone(site))
        .layer(middleware::from_fn_with_state(Arc::clone(&site.pipeline), pipeline::handle))
}

async fn init(State(site): State<Arc<Site>>) -> Response {
    site.wait_for_database().await;
    Json(json!({ "data": { "uuid": false, "hasAdmin": true } })).into_response()
}

async fn login(State(site): State<Arc<Site>>, body: Bytes) -> Response {
    site.wait_for_database().await;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if body["email"] != site.user.as_str() || body["password"] != site.password.as_str() {
        return token::refuse_as(StatusCode::BAD_REQUEST, "ApplicationError", "Invalid credentials");
    }
    let token = format!("EXAMPLE-{}-session", site.name);
    Json(json!({ "data": { "token": token, "user": { "id": 1, "email": site.user } } })).into_response()
}

async fn file(State(site): State<Arc<Site>>, Path(name): Path<String>) -> Response {
    let Some(bytes) = site.upload(&name) else { return token::not_found() };
    let kind = match name.rsplit('.').next() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// The upgrade. A plain GET with a token is 404, without one 401: that is how a token can be tried.
async fn transfer(
    State(site): State<Arc<Site>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(direction): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let faults = site.pipeline.weather.faults();
    let kind = match direction.as_str() {
        "pull" => Kind::Pull,
        "push" => Kind::Push,
        _ => return token::not_found(),
    };
    if faults.transfer_disabled {
        return token::not_found();
    }
    if faults.no_salt {
        return token::refuse_as(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Internal Server Error");
    }
    site.wait_for_database().await;
    let Some(token) = authenticate(&site, &headers).filter(|token| !token.expired && !faults.token_expired) else {
        return token::unauthorized();
    };
    if !token.may(kind) || faults.refuse_right.as_deref() == Some(kind.word()) {
        return token::forbidden();
    }
    let Ok(upgrade) = upgrade else { return token::not_found() };
    let upgrade = upgrade.max_message_size(LARGEST).max_frame_size(LARGEST);
    upgrade.on_upgrade(move |socket| connection::serve(site, kind, token, wire, socket))
}

fn authenticate(site: &Site, headers: &HeaderMap) -> Option<Token> {
    let secret = token::bearer(headers)?;
    site.tokens.iter().find(|token| token.secret == secret).cloned()
}
