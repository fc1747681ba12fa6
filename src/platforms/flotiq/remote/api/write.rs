//! The calls of a space that change something, and the looks that tell what became of one.
//! Must not know: what is written, and why.

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::{Api, DEFINITIONS, LONGEST_PAGE};
use crate::model::{Error, ErrorKind, Result};
use crate::net::{Answer, Body, Call, Client, Method, Part, StatusCode};

/// Ids of one look; they stand in the URL.
const LOOKED_UP: usize = 50;
/// The newest media that a look after a lost upload goes through.
const NEWEST: &str = "100";

/// What a batch does with an object whose id is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platforms::flotiq::remote) enum Taken {
    Refuse,
    Replace,
}

impl Api {
    fn send(&self, method: Method, path: &str) -> Result<Call> {
        self.client.call(method, path).header("x-auth-token", self.key.expose_secret())
    }

    fn content(&self, method: Method, type_: &str, rest: &str) -> Result<Call> {
        self.send(method, &format!("api/v1/content/{}{rest}", Client::segment(type_)))
    }

    /// The objects of these ids that are there, as they are newest.
    pub async fn some(&self, type_: &str, ids: &[&str]) -> Result<Vec<Map<String, Value>>> {
        let mut found = Vec::new();
        for ids in ids.chunks(LOOKED_UP) {
            let limit = ids.len().to_string();
            let mut query: Vec<(&str, &str)> = ids.iter().map(|id| ("ids[]", *id)).collect();
            query.extend([("page", "1"), ("limit", &*limit)]);
            let path = format!("api/v1/content/{}", Client::segment(type_));
            let answer = self.get(&path)?.query(&query).at_most(LONGEST_PAGE * 4).answer().await?;
            found.extend(rows(&self.success(answer)?)?);
        }
        // What a space makes of unknown ids is written nowhere: only what was asked for counts.
        let asked: std::collections::HashSet<String> = ids.iter().map(|id| id.to_lowercase()).collect();
        found.retain(|row| row.get("id").and_then(Value::as_str).is_some_and(|id| asked.contains(&id.to_lowercase())));
        Ok(found)
    }

    /// The media that were stored last.
    pub async fn newest_media(&self) -> Result<Vec<Map<String, Value>>> {
        let query = [("page", "1"), ("limit", NEWEST), ("order_by", "internal.createdAt"), ("order_direction", "desc")];
        let answer = self.get("api/v1/content/_media")?.query(&query).at_most(LONGEST_PAGE).answer().await?;
        rows(&self.success(answer)?)
    }

    /// A definition as it is now.
    pub async fn definition(&self, name: &str) -> Result<Option<Map<String, Value>>> {
        let answer = self.get(&format!("{DEFINITIONS}/{}", Client::segment(name)))?.answer().await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        object(self.success(answer)?.json()?).map(Some)
    }

    pub async fn create_definition(&self, definition: &Map<String, Value>) -> Result<Answer> {
        self.send(Method::POST, DEFINITIONS)?.json(&Value::Object(definition.clone())).answer().await
    }

    /// Says what shall be, so that it can be said twice.
    pub async fn replace_definition(&self, name: &str, definition: &Map<String, Value>) -> Result<Answer> {
        let call = self.send(Method::PUT, &format!("{DEFINITIONS}/{}", Client::segment(name)))?;
        call.json(&Value::Object(definition.clone())).patient().repeatable().answer().await
    }

    pub async fn batch(&self, type_: &str, objects: &[&Map<String, Value>], taken: Taken) -> Result<Answer> {
        let call = self.content(Method::POST, type_, "/batch")?.json(&list(objects));
        match taken {
            Taken::Refuse => call.answer().await,
            Taken::Replace => call.query(&[("updateExisting", "true")]).repeatable().answer().await,
        }
    }

    /// Sets some fields of objects that are there.
    pub async fn patch(&self, type_: &str, objects: &[&Map<String, Value>]) -> Result<Answer> {
        self.content(Method::PATCH, type_, "/batch")?.json(&list(objects)).repeatable().answer().await
    }

    /// Changes the state of objects; `step` is the last part of the path.
    pub async fn transition(&self, type_: &str, step: &str, ids: &[&str]) -> Result<Answer> {
        let ids: Value = ids.iter().copied().map(Value::from).collect();
        self.content(Method::POST, type_, &format!("/{step}"))?.json(&ids).repeatable().answer().await
    }

    /// Stores a file, under an id that the space chooses. Never repeated where nobody knows what became of it.
    pub async fn upload(&self, name: &str, mime: &str, content: Bytes) -> Result<Answer> {
        let kind = if mime.starts_with("image/") { "image" } else { "file" };
        let file = Part { name: "file", file: Some((name.to_owned(), mime.to_owned().into())), content };
        // The order of the official client; what happens without `save` is told in two ways.
        let parts = vec![Part::text("type", kind), file, Part::text("save", "1")];
        self.send(Method::POST, "api/media")?.body(Body::Form(parts)).patient().answer().await
    }
}

fn list(objects: &[&Map<String, Value>]) -> Value {
    objects.iter().map(|object| Value::Object((*object).clone())).collect()
}

fn rows(answer: &Answer) -> Result<Vec<Map<String, Value>>> {
    match answer.json()? {
        Value::Object(mut page) => match page.remove("data") {
            Some(Value::Array(rows)) => rows.into_iter().map(object).collect(),
            _ => Err(no_list()),
        },
        _ => Err(no_list()),
    }
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(no_list()),
    }
}

fn no_list() -> Error {
    Error::new(ErrorKind::Protocol, "an answer of the space is not what its kind of request gives")
        .hint("is this the URL of a Flotiq API, and not of a proxy?")
}
