//! Builds content row by row: ids, documents in languages and states, links between them, and small files.
//! Must not know: what the sample is about.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::{
    clock::document_id_of,
    content::Content,
    schema::{FILE, Field, Schemas},
    store::Id,
};

/// Rows of one document, as the builder made them.
pub(super) type Made = Vec<Variant>;

/// One row of a document: its language and whether it is the published one.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub id: Id,
    pub locale: Option<&'static str>,
    pub published: bool,
}

#[derive(Debug)]
pub(super) struct Builder<'a> {
    schemas: &'a Schemas,
    pub content: Content,
    last: BTreeMap<String, Id>,
    /// How many rows a target has, for its order.
    places: BTreeMap<(String, String, Id), u64>,
}

/// The states that a document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A type without drafts, or a draft that was never published.
    Single,
    Draft,
    Published,
}

impl<'a> Builder<'a> {
    pub fn new(schemas: &'a Schemas) -> Self {
        Self { schemas, content: Content::default(), last: BTreeMap::new(), places: BTreeMap::new() }
    }

    pub fn next_id(&mut self, uid: &str) -> Id {
        let last = self.last.entry(uid.to_owned()).or_default();
        *last += 1;
        *last
    }

    /// Makes ids of the type begin later, so that two servers number alike rows differently.
    pub fn skip(&mut self, uid: &str, count: Id) {
        *self.last.entry(uid.to_owned()).or_default() += count;
    }

    /// A component with an id of its own, for use in `data`.
    pub fn part(&mut self, uid: &str, data: Value) -> Value {
        let id = self.next_id(uid);
        let mut part = Map::new();
        part.insert("id".to_owned(), json!(id));
        part.extend(data.as_object().cloned().unwrap_or_default());
        Value::Object(part)
    }

    /// The same for a dynamic zone.
    pub fn block(&mut self, uid: &str, data: Value) -> Value {
        let id = self.next_id(uid);
        let mut part = Map::new();
        part.insert("__component".to_owned(), json!(uid));
        part.insert("id".to_owned(), json!(id));
        part.extend(data.as_object().cloned().unwrap_or_default());
        Value::Object(part)
    }

    /// One row of the document `name`.
    pub fn row(&mut self, uid: &str, name: &str, locale: Option<&'static str>, state: State, data: Value) -> Variant {
        let id = self.next_id(uid);
        let document = document_id_of(&format!("{uid}/{name}"));
        let mut row = Map::new();
        row.insert("documentId".to_owned(), json!(document));
        row.extend(data.as_object().cloned().unwrap_or_default());
        row.entry("createdAt").or_insert(json!("2026-02-01T08:00:00.000Z"));
        row.entry("updatedAt").or_insert(json!("2026-02-02T08:00:00.000Z"));
        let published = match state {
            State::Draft => Value::Null,
            State::Single | State::Published => json!("2026-02-02T08:00:01.000Z"),
        };
        row.insert("publishedAt".to_owned(), published);
        row.insert("locale".to_owned(), json!(locale));
        self.content.entities.push(json!({ "type": uid, "id": id, "data": row }));
        Variant { id, locale, published: state != State::Draft }
    }

    /// From a field that owns the relation.
    pub fn link(&mut self, uid: &str, field: &str, from: Id, to: Id) {
        let Some(Field::Relation(relation)) = self.schemas.field(uid, field) else { return };
        let relation = relation.clone();
        let kind = if relation.target == uid { "relation.circular" } else { "relation.basic" };
        let mut left = json!({ "type": uid, "field": field, "ref": from });
        let mut right = json!({ "type": relation.target, "ref": to });
        if let Some(other) = &relation.other {
            super::set(&mut right, "field", json!(other));
        }
        if relation.has_order() {
            super::set(&mut left, "pos", json!(self.place(uid, field, from)));
        }
        if relation.has_inverse_order() {
            super::set(&mut right, "pos", json!(self.place(&format!("inverse of {uid}"), field, to)));
        }
        self.content.links.push(json!({ "kind": kind, "relation": relation.relation, "left": left, "right": right }));
    }

    fn place(&mut self, uid: &str, field: &str, id: Id) -> u64 {
        let place = self.places.entry((uid.to_owned(), field.to_owned(), id)).or_default();
        *place += 1;
        *place
    }

    /// Polymorphic, from the side that owns the table or column.
    pub fn morph(&mut self, uid: &str, field: &str, from: Id, (to_type, to_field): (&str, Option<&str>), to: Id) {
        let many = matches!(self.schemas.field(uid, field), Some(Field::MorphTable));
        let left = json!({ "type": uid, "field": field, "ref": from });
        let link = match many {
            true => {
                let place = self.place(to_type, to_field.unwrap_or_default(), to);
                let right = json!({ "ref": to, "pos": place, "type": to_type, "field": to_field });
                json!({ "kind": "relation.morph", "relation": "morphToMany", "left": left, "right": right })
            }
            false => json!({ "kind": "relation.morph", "relation": "morphToOne", "left": left,
                "right": { "type": to_type, "ref": to } }),
        };
        self.content.links.push(link);
    }

    pub fn media(&mut self, file: Id, uid: &str, field: &str, id: Id) {
        self.morph(FILE, "related", file, (uid, Some(field)), id);
    }

    pub fn setting(&mut self, key: &str, value: Value) {
        let id = self.next_id("core-store");
        let kind = if value.is_object() { "object" } else { "string" };
        let value = json!({ "id": id, "key": key, "value": value, "type": kind, "environment": null, "tag": null });
        self.content.configuration.push(json!({ "type": "core-store", "value": value }));
    }

    /// A picture with a thumbnail, or a text without.
    pub fn file(&mut self, name: &str, bytes: Bytes) -> Id {
        let picture = name.ends_with(".png");
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let ext = &name[stem.len()..];
        let hash = format!("{}_{}", stem.replace([' ', '-'], "_"), &document_id_of(name)[..10]);
        let kilobytes = format!("{:.2}", bytes.len() as f64 / 1000.0);
        let size: Value = serde_json::from_str(&kilobytes).unwrap_or_default();
        let mime = if picture { "image/png" } else { "text/plain" };
        let mut formats = Value::Null;
        if picture {
            let hash = format!("thumbnail_{hash}");
            let url = format!("/uploads/{hash}{ext}");
            let small = bytes.slice(..bytes.len() / 2);
            formats = json!({ "thumbnail": { "name": format!("thumbnail_{name}"), "hash": hash, "ext": ext,
                "mime": mime, "path": null, "width": 64, "height": 48, "size": 0.1, "sizeInBytes": small.len(),
                "url": url } });
            self.content.files.insert(format!("{hash}{ext}"), small);
        }
        self.content.files.insert(format!("{hash}{ext}"), bytes);
        let data = json!({ "name": name, "alternativeText": format!("{stem}, for example"), "caption": null,
            "focalPoint": null, "width": if picture { json!(640) } else { Value::Null },
            "height": if picture { json!(480) } else { Value::Null }, "formats": formats, "hash": hash, "ext": ext,
            "mime": mime, "size": size, "url": format!("/uploads/{hash}{ext}"), "previewUrl": null,
            "provider": "local", "provider_metadata": null, "folderPath": "/1" });
        let id = self.row(FILE, name, None, State::Single, data).id;
        self.link(FILE, "folder", id, 1);
        id
    }
}

/// Bytes that are always the same for the same text: a PNG by its first bytes, noise after them.
pub(super) fn noise(text: &str, len: usize) -> Bytes {
    let mut chance = crate::sandbox::rng::Rng::new(crate::sandbox::rng::seed_of(text));
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    while bytes.len() < len {
        bytes.extend_from_slice(&chance.next().to_le_bytes());
    }
    bytes.truncate(len);
    Bytes::from(bytes)
}
