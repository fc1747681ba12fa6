//! How this server answers: JSON with its length, nothing on 204, and errors of several shapes, since the real one has no
//! single envelope.
//! Must not know: routes and content.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(super) type Answer = Result<Response, Refusal>;

/// Complaints by field, each a list of sentences.
pub(super) type Complaints = Map<String, Value>;

/// A request that is not fulfilled.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    pub fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }

    pub fn coded(status: StatusCode, message: &str) -> Self {
        Self::new(status, json!({ "code": status.as_u16(), "message": message }))
    }

    pub fn unauthorized() -> Self {
        Self::coded(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    /// The same words for a missing right and for a quota that is used up.
    pub fn forbidden() -> Self {
        Self::coded(StatusCode::FORBIDDEN, "Access denied or quota limit exceeded")
    }

    pub fn not_found() -> Self {
        Self::coded(StatusCode::NOT_FOUND, "Not found")
    }

    pub fn fields(complaints: Complaints) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Value::Object(complaints))
    }

    pub fn field(name: &str, complaint: &str) -> Self {
        let mut complaints = Complaints::new();
        complain(&mut complaints, name, complaint);
        Self::fields(complaints)
    }

    /// The shape of deletions.
    pub fn errors(errors: Vec<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, json!({ "errors": errors }))
    }

    pub fn too_many_items(limit: usize) -> Self {
        Self::new(StatusCode::BAD_REQUEST, json!({ "batch_limit": limit, "data": [] }))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        json_with(self.status, &self.body)
    }
}

pub(super) fn complain(complaints: &mut Complaints, field: &str, complaint: impl Into<String>) {
    let list = complaints.entry(field).or_insert_with(|| json!([]));
    if let Value::Array(list) = list {
        list.push(Value::String(complaint.into()));
    }
}

/// How the faults of every platform look here.
pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    Refusal::coded(status, message).into_response()
}

pub(super) fn ok(value: &impl Serialize) -> Answer {
    Ok(json_with(StatusCode::OK, value))
}

pub(super) fn no_content() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn json_with(status: StatusCode, value: &impl Serialize) -> Response {
    // A value with string keys always serialises; an empty body would show in every test.
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(bytes)).into_response()
}

pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match parse(body)? {
        Value::Object(object) => Ok(object),
        _ => Err(Refusal::coded(StatusCode::BAD_REQUEST, "The body has to be an object")),
    }
}

pub(super) fn list(body: &[u8]) -> Result<Vec<Value>, Refusal> {
    match parse(body)? {
        Value::Array(items) => Ok(items),
        _ => Err(Refusal::coded(StatusCode::BAD_REQUEST, "The body has to be an array")),
    }
}

pub(super) fn ids(body: &[u8]) -> Result<Vec<String>, Refusal> {
    let text = |id: Value| match id {
        Value::String(id) => Ok(id),
        _ => Err(Refusal::coded(StatusCode::BAD_REQUEST, "The body has to be an array of ids")),
    };
    list(body)?.into_iter().map(text).collect()
}

fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::coded(StatusCode::BAD_REQUEST, &error.to_string()))
}
