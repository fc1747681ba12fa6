//! One content type: its definition as it was sent, what the server adds to it, and its objects.
//! Must not know: rules and HTTP.

use serde_json::{Value, json};

use super::{
    clock::long_moment,
    object::{Body, Store},
    shape::{self, Field},
};

/// What the server keeps itself; a client may send it back, and it is not looked at.
const OWN: [&str; 4] = ["id", "createdAt", "updatedAt", "deletedAt"];
/// What a full update keeps or resets where it is not sent. Nobody knows which.
const SOFT: [&str; 4] = ["draftPublic", "autoSave", "featuredImage", "workflowId"];

#[derive(Clone, Debug)]
pub(super) struct Definition {
    id: String,
    sent: Body,
    created: i64,
    updated: Option<i64>,
    pub internal: bool,
    pub fields: Vec<Field>,
}

impl Definition {
    pub fn new(id: String, sent: Body, internal: bool, at: i64) -> Self {
        let sent = without_own(sent);
        let fields = shape::fields(&sent);
        Self { id, sent, created: at, updated: None, internal, fields }
    }

    /// The definition that a full update leaves.
    pub fn updated(&self, sent: Body, keeps_absent: bool, at: i64) -> Self {
        let mut sent = without_own(sent);
        for name in SOFT.iter().filter(|_| keeps_absent) {
            if let (None, Some(old)) = (sent.get(*name), self.sent.get(*name)) {
                sent.insert((*name).to_owned(), old.clone());
            }
        }
        let fields = shape::fields(&sent);
        Self { id: self.id.clone(), sent, created: self.created, updated: Some(at), internal: self.internal, fields }
    }

    pub fn name(&self) -> &str {
        self.sent.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    pub fn label(&self) -> &str {
        self.sent.get("label").and_then(Value::as_str).unwrap_or_default()
    }

    pub fn has_drafts(&self) -> bool {
        self.sent.get("draftPublic") == Some(&Value::Bool(true))
    }

    pub fn get(&self, key: &str) -> &Value {
        self.sent.get(key).unwrap_or(&Value::Null)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// As the server shows it.
    pub fn shown(&self) -> Value {
        let mut shown = Body::new();
        shown.insert("id".to_owned(), json!(self.id));
        shown.extend(self.sent.clone());
        shown.insert("internal".to_owned(), json!(self.internal));
        shown.entry("featuredImage").or_insert_with(|| json!([]));
        shown.insert("deletedAt".to_owned(), Value::Null);
        shown.insert("createdAt".to_owned(), json!(long_moment(self.created)));
        shown.insert("updatedAt".to_owned(), json!(self.updated.map(long_moment)));
        Value::Object(shown)
    }

    pub fn created(&self) -> i64 {
        self.created
    }

    pub fn updated_at(&self) -> i64 {
        self.updated.unwrap_or(self.created)
    }

    pub fn id(&self) -> &str {
        &self.id
    }
}

fn without_own(mut sent: Body) -> Body {
    sent.retain(|key, _| !OWN.contains(&key.as_str()));
    sent
}

/// A content type with everything in it.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub definition: Definition,
    pub objects: Store,
    /// Ids of deleted objects with the moment.
    pub removed: Vec<(String, i64)>,
}

impl Type {
    pub fn new(definition: Definition) -> Self {
        Self { definition, objects: Store::default(), removed: Vec::new() }
    }
}
