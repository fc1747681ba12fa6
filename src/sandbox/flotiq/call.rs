//! One request with a key that is good: who asks, in which mode, with which parameters and body.
//! Must not know: what is asked for.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde_json::json;

use super::{
    Space,
    key::{Key, Right},
    query::Query,
    reply::Refusal,
};
use crate::sandbox::log::RequestNumber;

#[derive(Debug)]
pub(super) struct Call {
    pub key: Key,
    /// Whether drafts are wanted too: `X-MODE: preview`.
    pub preview: bool,
    pub query: Query,
    pub body: Bytes,
    headers: HeaderMap,
}

impl Call {
    pub fn may(&self, right: Right, kind: &str) -> Result<(), Refusal> {
        if self.key.may(right, kind) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    pub fn may_define(&self) -> Result<(), Refusal> {
        if self.key.may_define() { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// A body of JSON has to be announced as such.
    pub fn json(&self) -> Result<&[u8], Refusal> {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match kind.to_lowercase().starts_with("application/json") {
            true => Ok(&self.body),
            false => Err(Refusal::coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")),
        }
    }
}

impl FromRequest<Arc<Space>> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, space: &Arc<Space>) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let key = admit(space, &parts.headers, &query)?;
        let preview = parts.headers.get("x-mode").is_some_and(|mode| mode == "preview");
        if let Some(number) = parts.extensions.get::<RequestNumber>() {
            space.pipeline.log.understood(*number, json!({ "key": key.name, "preview": preview }));
        }
        // The pipeline has read it already.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        Ok(Self { key, preview, query, body, headers: parts.headers })
    }
}

/// The key of a request, in the header or, as clients should not, in the address.
pub(super) fn admit(space: &Space, headers: &HeaderMap, query: &Query) -> Result<Key, Refusal> {
    let of_header = headers.get("x-auth-token").and_then(|secret| secret.to_str().ok());
    let secret = of_header.or_else(|| query.get("auth_token")).ok_or_else(Refusal::unauthorized)?;
    space.admit(secret)
}
