//! Who may transfer: the tokens of a server, and what it says to all others.
//! Must not know: transfers.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{connection::Kind, failure::Failure};

/// A transfer token. All begin with `EXAMPLE-`, so that nobody takes them for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub secret: String,
    pub pull: bool,
    pub push: bool,
    pub expired: bool,
}

impl Token {
    /// One with both rights, one with each, and one that has expired.
    pub fn all(server: &str) -> Vec<Self> {
        let token = |what: &str, pull, push, expired| Self {
            secret: format!("EXAMPLE-{server}-{what}-token"),
            pull,
            push,
            expired,
        };
        vec![
            token("transfer", true, true, false),
            token("pull", true, false, false),
            token("push", false, true, false),
            token("expired", true, true, true),
        ]
    }

    pub fn may(&self, kind: Kind) -> bool {
        match kind {
            Kind::Pull => self.pull,
            Kind::Push => self.push,
        }
    }
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(super) fn unauthorized() -> Response {
    refuse_as(StatusCode::UNAUTHORIZED, "UnauthorizedError", "Missing or invalid credentials")
}

pub(super) fn forbidden() -> Response {
    refuse_as(StatusCode::FORBIDDEN, "ForbiddenError", "Forbidden")
}

pub(super) fn not_found() -> Response {
    refuse_as(StatusCode::NOT_FOUND, "NotFoundError", "Not Found")
}

/// How the server words an error over HTTP.
pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    refuse_as(status, "ApplicationError", message)
}

pub(super) fn refuse_as(status: StatusCode, name: &str, message: &str) -> Response {
    let error = json!({ "status": status.as_u16(), "name": name, "message": message, "details": {} });
    (status, axum::Json(json!({ "data": null, "error": error }))).into_response()
}

/// The same inside a transfer.
pub(super) fn ended() -> Failure {
    Failure::named("UnauthorizedError", "Token expired")
}

pub(super) fn not_allowed() -> Failure {
    Failure::named("ForbiddenError", "Forbidden access")
}
