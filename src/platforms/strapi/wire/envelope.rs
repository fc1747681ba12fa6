//! Frames: what is sent, and what a frame that came is.
//! Must not know: sockets, the order of things.
//!
//! One JSON object in each message. Rows inside stay the text that they came as: numbers of a database must not pass
//! through a float.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::ServerError;
use crate::model::text::{printable, shorten};
use crate::model::{Error, ErrorKind, Result};

/// A message of `init`, `end` and the like.
pub(super) fn command(uuid: &str, command: &str, params: &Value) -> String {
    json!({"type": "command", "command": command, "params": params, "uuid": uuid}).to_string()
}

pub(super) fn action(uuid: &str, action: &str, transfer: &str) -> String {
    json!({"type": "transfer", "kind": "action", "action": action, "transferID": transfer, "uuid": uuid}).to_string()
}

pub(super) fn step(uuid: &str, action: &str, step: &str, transfer: &str) -> String {
    json!({
        "type": "transfer", "kind": "step", "action": action, "step": step, "transferID": transfer, "uuid": uuid,
    })
    .to_string()
}

/// Rows or files of a stage that is pushed. `data` is a list, as JSON; it goes as the text that it is.
pub(super) fn stream(uuid: &str, step: &str, data: &str, transfer: &str) -> String {
    format!(
        r#"{{"type":"transfer","kind":"step","action":"stream","step":"{step}","transferID":"{transfer}","uuid":"{uuid}","data":{data}}}"#
    )
}

/// Says that a frame of data was taken in.
pub(super) fn acknowledgement(uuid: &str) -> String {
    json!({"uuid": uuid}).to_string()
}

/// A frame that came.
#[derive(Debug)]
pub(super) enum Frame<'a> {
    /// The answer to the message of this uuid.
    Reply { uuid: Cow<'a, str>, data: Option<&'a RawValue>, error: Option<ServerError> },
    /// A piece of a stage that is pulled.
    Piece { uuid: Cow<'a, str>, piece: Piece<'a> },
    /// The server thinks aloud. Never acknowledged.
    Diagnostic { warns: bool, message: String },
}

#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Which stream it belongs to.
    pub stream: Cow<'a, str>,
    /// `None` in the last one.
    pub data: Option<&'a RawValue>,
    pub ended: bool,
    pub error: Option<ServerError>,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow, default)]
    uuid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    diagnostic: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Inner<'a> {
    #[serde(borrow, rename = "type")]
    type_: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    ended: bool,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

impl<'a> Frame<'a> {
    /// What a message is. `asked` is the uuid of the message that waits for its reply.
    pub fn read(message: &'a [u8], asked: Option<&str>) -> Result<Frame<'a>> {
        let whole: Whole<'a> = serde_json::from_slice(message).map_err(|error| {
            let start = String::from_utf8_lossy(&message[..message.len().min(120)]);
            odd(format!("a message that is none of the protocol ({error}): {}", shorten(&printable(&start), 80)))
        })?;
        if let Some(diagnostic) = whole.diagnostic {
            let warns = diagnostic.kind != "info";
            return Ok(Frame::Diagnostic { warns, message: printable(&diagnostic.details.message).into_owned() });
        }
        let error = whole.error.and_then(ServerError::read);
        let Some(uuid) = whole.uuid else {
            // Only an error comes without one: the server could not make out what it was asked.
            return Err(match error {
                Some(error) => error.told("the server could not read what it was sent"),
                None => odd("a message without a uuid".to_owned()),
            });
        };
        let inner = whole.data.filter(|_| asked != Some(&uuid)).map(|raw| serde_json::from_str::<Inner<'a>>(raw.get()));
        match inner {
            Some(Ok(inner)) if inner.type_ == "transfer" => {
                let error = inner.error.and_then(ServerError::read);
                let piece = Piece { stream: inner.id, data: inner.data, ended: inner.ended, error };
                Ok(Frame::Piece { uuid, piece })
            }
            _ => Ok(Frame::Reply { uuid, data: whole.data, error }),
        }
    }
}

/// The rows of a piece, each as it came.
pub(in crate::platforms::strapi) fn rows(data: &str) -> Result<Vec<&RawValue>> {
    serde_json::from_str(data).map_err(|error| odd(format!("a piece that is no list of rows ({error})")))
}

pub(super) fn odd(what: String) -> Error {
    Error::new(ErrorKind::Protocol, format!("the server sent {what}"))
        .hint("is this the URL of the admin panel itself? A proxy in between must pass WebSockets on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Frames between the official client and 5.54.0.
    const RECORDED: &str = include_str!("../../../../tests/data/strapi/frames-v5-pull.jsonl");

    fn recorded() -> Vec<(bool, String)> {
        let read = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            (line["dir"] == "<", line["frame"].to_string())
        };
        RECORDED.lines().map(read).collect()
    }

    #[test]
    fn what_is_sent_is_what_the_official_client_sends() {
        let transfer = "16ffda29-0aee-4fc4-ac6d-154ef6897e79";
        let ours = |frame: &Value| {
            let text = |key: &str| frame[key].as_str().unwrap_or_default();
            let uuid = text("uuid");
            match (text("type"), text("kind")) {
                ("command", _) => command(uuid, text("command"), &frame["params"]),
                (_, "action") => action(uuid, text("action"), transfer),
                (_, "step") => step(uuid, text("action"), text("step"), transfer),
                _ => acknowledgement(uuid),
            }
        };
        let sent: Vec<String> = recorded().into_iter().filter(|(came, _)| !came).map(|(_, frame)| frame).collect();
        assert_eq!(sent.len(), 23);
        for frame in sent {
            let theirs: Value = serde_json::from_str(&frame).expect("JSON");
            let ours: Value = serde_json::from_str(&ours(&theirs)).expect("JSON");
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn recorded_frames_are_told_apart() {
        let (mut replies, mut pieces, mut ends, mut notes) = (0, 0, 0, 0);
        let mut asked = String::new();
        for (came, frame) in recorded() {
            if !came {
                let frame: Value = serde_json::from_str(&frame).expect("JSON");
                asked = frame["uuid"].as_str().unwrap_or_default().to_owned();
                continue;
            }
            match Frame::read(frame.as_bytes(), Some(&asked)).expect("a frame of the protocol") {
                Frame::Reply { uuid, error, .. } => {
                    assert_eq!((&*uuid, error.is_none()), (&*asked, true));
                    replies += 1;
                }
                Frame::Piece { piece, .. } if piece.ended => ends += 1,
                Frame::Piece { piece, .. } => {
                    assert!(!rows(piece.data.expect("data").get()).expect("rows").is_empty());
                    pieces += 1;
                }
                Frame::Diagnostic { warns, .. } => {
                    assert!(!warns);
                    notes += 1;
                }
            }
        }
        assert_eq!((replies, pieces, ends, notes), (14, 5, 4, 20));
    }

    #[test]
    fn a_row_stays_the_text_that_it_came_as() {
        let row = r#"{"type":"api::a.a","id":1,"data":{"big":9007199254740993,"price":12.340,"e":1E+2}}"#;
        let frame = format!(r#"{{"uuid":"u","data":{{"type":"transfer","data":[{row}],"ended":false,"id":"s"}}}}"#);
        let Ok(Frame::Piece { piece, .. }) = Frame::read(frame.as_bytes(), None) else { panic!("a piece") };
        assert_eq!(rows(piece.data.expect("data").get()).expect("rows")[0].get(), row);
    }

    #[test]
    fn whatever_else_comes_is_an_error_that_shows_it() {
        for message in ["<html>nginx</html>", "[]", "{}", r#"{"uuid":null,"data":1}"#, "\u{fffd}", ""] {
            let error = Frame::read(message.as_bytes(), Some("u")).expect_err(message);
            assert_eq!(error.kind(), ErrorKind::Protocol, "{message}");
        }
        let nameless = r#"{"data":null,"error":{"code":"Error","message":"Missing uuid in message"}}"#;
        let error = Frame::read(nameless.as_bytes(), Some("u")).expect_err("an error");
        assert!(error.message().contains("Missing uuid"), "{error}");
    }
}
