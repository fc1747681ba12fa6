//! Which source id became which row: filled while entities are pushed, asked by assets and links.
//! Must not know: rows.

use std::collections::HashMap;

use serde_json::Value;

use super::store::Id;

#[derive(Clone, Debug, Default)]
pub(super) struct Mapping(HashMap<String, HashMap<String, Id>>);

impl Mapping {
    pub fn add(&mut self, uid: &str, source: &Value, id: Id) {
        self.0.entry(uid.to_owned()).or_default().insert(key(source), id);
    }

    pub fn get(&self, uid: &str, source: &Value) -> Option<Id> {
        self.0.get(uid)?.get(&key(source)).copied()
    }
}

/// As the property of a JavaScript object: 1 and "1" are the same.
fn key(source: &Value) -> String {
    match source {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
