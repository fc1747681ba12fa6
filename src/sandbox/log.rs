//! What reached a server, in order, for tests that compare requests. Kept in memory only, never printed.
//! Must not know: what a request means.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, header, request::Parts};
use serde::Serialize;
use serde_json::{Value, json};

/// Older entries are forgotten, so that a server that runs for weeks does not grow.
const KEPT: usize = 10_000;
/// Longer bodies are kept as digest and length.
const LONGEST_JSON: usize = 64 * 1024;

/// One request as it arrived.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    pub number: u64,
    pub method: String,
    pub path: String,
    pub query: Option<String>,
    pub content_type: Option<String>,
    pub cookie: Option<String>,
    /// Whether the header was there at all, and whether it held anything: the official client sends an empty one
    /// at its first login.
    pub authorization: Authorization,
    /// The body as JSON, or `{"bytes", "digest"}` of anything else, or null where it was empty.
    pub body: Value,
    /// What the handler understood, where that is not the body itself (the fields of an import).
    pub understood: Value,
    /// Null while no reply was made, or when the connection was cut instead.
    pub status: Option<u16>,
}

/// How the `Authorization` header looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Authorization {
    Missing,
    Empty,
    Present,
}

/// The number of the request that a handler is answering, handed to it as an extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestNumber(pub u64);

#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    last: u64,
    records: VecDeque<RequestRecord>,
}

impl Log {
    pub fn arrived(&self, parts: &Parts, body: &[u8]) -> RequestNumber {
        self.with(|entries| {
            entries.last += 1;
            if entries.records.len() == KEPT {
                entries.records.pop_front();
            }
            entries.records.push_back(record(entries.last, parts, body));
            RequestNumber(entries.last)
        })
    }

    pub fn answered(&self, number: RequestNumber, status: u16) {
        self.change(number, |record| record.status = Some(status));
    }

    pub fn understood(&self, number: RequestNumber, what: Value) {
        self.change(number, |record| record.understood = what);
    }

    pub fn all(&self) -> Vec<RequestRecord> {
        self.with(|entries| entries.records.iter().cloned().collect())
    }

    pub fn count(&self) -> u64 {
        self.with(|entries| entries.last)
    }

    pub fn clear(&self) {
        self.with(|entries| entries.records.clear());
    }

    /// As at the start, the count included.
    pub fn reset(&self) {
        self.with(|entries| *entries = Entries::default());
    }

    fn change(&self, number: RequestNumber, change: impl FnOnce(&mut RequestRecord)) {
        self.with(|entries| entries.records.iter_mut().rev().find(|record| record.number == number.0).map(change));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn record(number: u64, parts: &Parts, body: &[u8]) -> RequestRecord {
    RequestRecord {
        number,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        content_type: text(&parts.headers, header::CONTENT_TYPE),
        cookie: text(&parts.headers, header::COOKIE),
        authorization: match parts.headers.get(header::AUTHORIZATION) {
            None => Authorization::Missing,
            Some(value) if value.is_empty() => Authorization::Empty,
            Some(_) => Authorization::Present,
        },
        body: body_value(body),
        understood: Value::Null,
        status: None,
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn body_value(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let parsed = if body.len() <= LONGEST_JSON { serde_json::from_slice(body).ok() } else { None };
    parsed.unwrap_or_else(|| json!({ "bytes": body.len(), "digest": blake3::hash(body).to_hex().as_str() }))
}
