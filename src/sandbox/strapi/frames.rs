//! The frames of all transfers, in order, for tests that compare them. Kept in memory only, never printed.
//! Must not know: what a frame means.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::connection::Kind;

/// Older frames are forgotten.
const KEPT: usize = 10_000;
/// Of larger frames only the size and what they are is kept.
const LARGEST: usize = 64 * 1024;

/// One frame of one socket.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameRecord {
    /// Which socket, counted from 1.
    pub connection: u64,
    /// `pull` or `push`.
    pub transfer: &'static str,
    /// Sent by the client.
    pub received: bool,
    pub bytes: usize,
    /// As it was, but for `data` of a large one, which is null.
    pub frame: Value,
}

#[derive(Debug, Default)]
pub(super) struct Frames(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    connections: u64,
    records: VecDeque<FrameRecord>,
}

impl Frames {
    pub fn connected(&self) -> u64 {
        self.with(|entries| {
            entries.connections += 1;
            entries.connections
        })
    }

    pub fn received(&self, connection: u64, kind: Kind, bytes: usize, frame: &Value) {
        let frame = match frame.as_object() {
            Some(large) if bytes > LARGEST => {
                let mut rest = large.clone();
                rest.insert("data".to_owned(), Value::Null);
                Value::Object(rest)
            }
            _ => frame.clone(),
        };
        self.add(FrameRecord { connection, transfer: kind.word(), received: true, bytes, frame });
    }

    pub fn sent(&self, connection: u64, kind: Kind, text: &str) {
        let bytes = text.len();
        let frame = match bytes > LARGEST {
            true => json!({ "data": null }),
            false => serde_json::from_str(text).unwrap_or_default(),
        };
        self.add(FrameRecord { connection, transfer: kind.word(), received: false, bytes, frame });
    }

    pub fn all(&self) -> Vec<FrameRecord> {
        self.with(|entries| entries.records.iter().cloned().collect())
    }

    pub fn clear(&self) {
        self.with(|entries| entries.records.clear());
    }

    fn add(&self, record: FrameRecord) {
        self.with(|entries| {
            if entries.records.len() == KEPT {
                entries.records.pop_front();
            }
            entries.records.push_back(record);
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
