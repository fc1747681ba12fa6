//! How the Ziggy server answers: JSON, and errors in the manner of NestJS, which the platform is presumably built with.
//! Must not know: what is being answered.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(super) type Answer = Result<Response, Refusal>;

/// A request that is not fulfilled: `{"statusCode", "message", "error"}`.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: Value,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<Value>) -> Self {
        Self { status, message: message.into() }
    }

    pub fn bad_request(message: impl Into<Value>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} {id} not found"))
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = self.status.canonical_reason().unwrap_or("Error");
        json_with(self.status, &json!({ "statusCode": self.status.as_u16(), "message": self.message, "error": error }))
    }
}

pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    Refusal::new(status, message).into_response()
}

pub(super) fn ok(value: &impl Serialize) -> Answer {
    Ok(json_with(StatusCode::OK, value))
}

/// What NestJS answers to a POST unless told otherwise.
pub(super) fn created(value: &impl Serialize) -> Answer {
    Ok(json_with(StatusCode::CREATED, value))
}

fn json_with(status: StatusCode, value: &impl Serialize) -> Response {
    // A value with string keys always serialises; an empty body would show in every test.
    bytes_with(status, "application/json; charset=utf-8", serde_json::to_vec(value).unwrap_or_default())
}

pub(super) fn bytes_with(status: StatusCode, content_type: &'static str, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, content_type)], Body::from(bytes)).into_response()
}

/// Reads a JSON object. An empty body counts as an empty object: the official client announces JSON on every request,
/// also where it sends nothing.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))
}

/// The strings that the fields must hold, or all complaints at once, as the validation of NestJS lists them.
pub(super) fn require<'a, const N: usize>(
    object: &'a Map<String, Value>,
    fields: [&str; N],
) -> Result<[&'a str; N], Refusal> {
    let found = fields.map(|field| object.get(field).and_then(Value::as_str));
    let missing: Vec<Value> = fields
        .iter()
        .zip(&found)
        .filter(|(_, value)| value.is_none())
        .map(|(field, _)| json!(format!("{field} must be a string")))
        .collect();
    if missing.is_empty() { Ok(found.map(Option::unwrap_or_default)) } else { Err(Refusal::bad_request(missing)) }
}
