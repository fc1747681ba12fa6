//! An object: its name, what it refers to, and what tells it from others.
//! Must not know: files, servers.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::canonical::{References, exact, number_key};
use super::definition::Definition;
use super::names::{is_internal, kind_of};
use super::states::State;
use crate::model::{Digest, Digests, Facts, ItemKey, Kind};

/// What an inventory holds of an object.
#[derive(Debug)]
pub(super) struct Examined {
    pub name: String,
    pub facts: Facts,
    pub state: State,
    /// Of a medium, without its file.
    pub digests: Digests,
    pub references: Vec<ItemKey>,
    /// Hashes of what no other object of the type may hold.
    pub uniques: Vec<u64>,
    pub media: Option<MediaFacts>,
}

/// What the record of a medium says of its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MediaFacts {
    pub extension: String,
    pub size: Option<u64>,
    pub mime: Option<String>,
    /// Width and height; none of what is no picture.
    pub dimensions: Option<(u32, u32)>,
}

impl MediaFacts {
    /// Files that differ here have other bytes. `None` where the record does not say enough.
    pub fn look(&self) -> Option<u64> {
        let (size, mime) = (self.size?, self.mime.as_deref()?);
        Some(number_of(Digest::of(format!("{size}\0{mime}").as_bytes())))
    }
}

/// What of the record of a medium is people's work. Everything else is told by its file, or by where that lies.
const OF_PEOPLE: [&str; 5] = ["fileName", "alt", "title", "tags", "variants"];

/// The record of a medium as far as it says more than its file. What holds nothing says nothing.
fn said_of_medium(record: &Map<String, Value>) -> Map<String, Value> {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    let said = OF_PEOPLE.iter().filter_map(|name| Some((*name, record.get(*name)?)));
    said.filter(|(_, value)| !is_empty(value)).map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Reads an object of a type. `is_known` says whether a medium is known.
pub(super) fn examine(
    definition: &Definition,
    id: &str,
    object: &Map<String, Value>,
    is_known: &dyn Fn(&str) -> bool,
) -> Examined {
    let kind = kind_of(&definition.name);
    let mut references = References::new(is_known);
    if !is_internal(&definition.name) {
        references.place(ItemKey::new(Kind::Definition, &*definition.name));
    }
    if kind == Kind::Webhook {
        for type_ in watched_types(object) {
            references.place(ItemKey::new(Kind::Definition, type_));
        }
    }
    let semantic = match kind {
        Kind::Media => references.semantic(&said_of_medium(object), &[]),
        _ => references.semantic(object, SERVERS),
    };
    let internal = object.get("internal");
    let inner = |name: &str| internal.and_then(|internal| internal.get(name)).and_then(Value::as_str);
    Examined {
        name: definition.name_of(object),
        facts: Facts { updated: inner("updatedAt").and_then(milliseconds), ..Facts::default() },
        state: State::of(inner("status")),
        digests: Digests { semantic, exact: exact(object) },
        references: references.into_keys(),
        uniques: match kind {
            Kind::Object => uniques(definition, id, object),
            // The ids of media are the space's choice.
            Kind::Tag | Kind::Webhook | Kind::PluginSetting => vec![unique_id(&definition.name, id)],
            _ => Vec::new(),
        },
        media: (kind == Kind::Media).then(|| media_facts(object)),
    }
}

/// What of an object makes no difference: its id, and what the server alone writes.
const SERVERS: &[&str] = &["id", "internal"];

/// The digests of a medium with its file; without one, where it has none.
pub(super) fn with_file(record: Digests, file: Option<Digest>) -> Digests {
    let joined = |digest: Digest| {
        let file = file.unwrap_or(Digest::ZERO);
        Digest::of(&[digest.0, file.0].concat())
    };
    Digests { semantic: joined(record.semantic), exact: joined(record.exact) }
}

/// The user's types that a webhook watches.
fn watched_types(webhook: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let watched = webhook.get("content_type_definitions").and_then(Value::as_array);
    let names = watched.into_iter().flatten().filter_map(|entry| entry.get("content_type_definition_name")?.as_str());
    names.filter(|name| !name.is_empty() && !is_internal(name))
}

fn media_facts(object: &Map<String, Value>) -> MediaFacts {
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let pixels = |name: &str| object.get(name).and_then(Value::as_u64).and_then(|pixels| pixels.try_into().ok());
    MediaFacts {
        extension: text("extension").unwrap_or_default(),
        size: object.get("size").and_then(Value::as_u64),
        mime: text("mimeType"),
        dimensions: pixels("width")
            .zip(pixels("height"))
            .filter(|&(width, height): &(u32, u32)| width > 0 && height > 0),
    }
}

/// Ids differ by more than case, and unique fields hold what no other object of the type holds.
fn uniques(definition: &Definition, id: &str, object: &Map<String, Value>) -> Vec<u64> {
    let type_ = &definition.name;
    let mut found = vec![unique_id(type_, id)];
    for field in &definition.unique {
        match object.get(&**field) {
            Some(Value::String(text)) if !text.is_empty() => found.push(unique_of(type_, field, text)),
            Some(Value::Number(number)) => found.push(unique_of(type_, field, &number_key(&number.to_string()))),
            _ => {}
        }
    }
    found
}

/// Ids that differ in case alone are one to a space.
fn unique_id(type_: &str, id: &str) -> u64 {
    unique_of(type_, "id", &id.to_lowercase())
}

fn unique_of(type_: &str, field: &str, value: &str) -> u64 {
    number_of(Digest::of(format!("{type_}\0{field}\0{value}").as_bytes()))
}

fn number_of(digest: Digest) -> u64 {
    digest.0.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn milliseconds(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(name: &str) -> Definition {
        let config = json!({ "slug": { "unique": true, "inputType": "text" } });
        Definition::of(&json!({ "name": name, "metaDefinition": { "order": ["slug"], "propertiesConfig": config } }))
            .expect("a definition")
    }

    fn examined(type_: &str, object: &Value) -> Examined {
        let object = object.as_object().expect("an object");
        let id = object["id"].as_str().expect("an id");
        examine(&definition(type_), id, object, &|_| false)
    }

    #[test]
    fn an_object_refers_to_its_type_first() {
        let post = examined(
            "post",
            &json!({ "id": "P-1", "slug": "a", "rel": [{ "dataUrl": "/api/v1/content/post/p-2" }],
                     "internal": { "status": "modified", "updatedAt": "2021-04-09T13:30:48+00:00" } }),
        );
        let expected = [ItemKey::new(Kind::Definition, "post"), ItemKey::typed(Kind::Object, "post", "p-2")];
        assert_eq!(post.references, expected);
        assert_eq!(post.facts.updated, Some(1_617_975_048_000));
        assert_eq!(post.name, "a");
    }

    #[test]
    fn ids_that_differ_in_case_and_equal_unique_fields_are_alike() {
        let one = examined("post", &json!({ "id": "P-1", "slug": "a" })).uniques;
        let two = examined("post", &json!({ "id": "p-1", "slug": "b" })).uniques;
        let three = examined("post", &json!({ "id": "p-3", "slug": "a" })).uniques;
        assert_eq!((one[0], one[1]), (two[0], three[1]));
        assert_ne!(one[1], two[1]);
        let of_tag = |id: &str| examined("_tag", &json!({ "id": id, "slug": "a" })).uniques;
        assert!(of_tag("x").len() == 1 && of_tag("x") == of_tag("X") && of_tag("x") != of_tag("y"));
        assert!(examined("_media", &json!({ "id": "x" })).uniques.is_empty(), "a space chooses their ids");
        assert_eq!(examined("post", &json!({ "id": "x", "slug": "" })).uniques.len(), 1, "nothing is no value");
    }

    #[test]
    fn a_medium_is_the_same_under_another_id() {
        let medium = |id: &str| {
            let url = format!("/image/0x0/{id}.png");
            json!({ "id": id, "url": url, "fileName": "a.png", "extension": "png", "size": 3, "internal": {} })
        };
        let (one, two) = (examined("_media", &medium("_media-1")), examined("_media", &medium("_media-2")));
        assert_eq!(one.digests.semantic, two.digests.semantic);
        assert_ne!(one.digests.exact, two.digests.exact);
        let facts = MediaFacts { extension: "png".into(), size: Some(3), mime: None, dimensions: None };
        assert_eq!(one.media, Some(facts));
        assert!(one.references.is_empty(), "its own URL is no reference");
        let (first, second) = (Digest::of(b"1"), Digest::of(b"2"));
        assert_ne!(with_file(one.digests, Some(first)).semantic, with_file(one.digests, Some(second)).semantic);
    }

    #[test]
    fn a_webhook_refers_to_the_types_that_it_watches() {
        let webhook = json!({ "id": "w", "content_type_definitions": [
            { "content_type_definition_name": "post" }, { "content_type_definition_name": "_media" }] });
        assert_eq!(examined("_webhooks", &webhook).references, [ItemKey::new(Kind::Definition, "post")]);
    }
}
