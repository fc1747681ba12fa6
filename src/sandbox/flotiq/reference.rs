//! Relations as they stand in objects: `{"type":"internal","dataUrl":"/api/v1/content/TYPE/ID"}`.
//! Must not know: whether what they name exists.

use std::borrow::Cow;

use serde_json::{Value, json};

const ROOT: &str = "/api/v1/content/";

/// The other end of a relation. Ids are equal whatever their case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Target {
    pub kind: String,
    /// In lower case.
    pub id: String,
}

impl Target {
    pub fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.to_owned(), id: folded(id) }
    }
}

/// The form in which ids are compared.
pub(super) fn folded(id: &str) -> String {
    id.to_lowercase()
}

pub(super) fn url(kind: &str, id: &str) -> String {
    format!("{ROOT}{kind}/{id}")
}

pub(super) fn relation(kind: &str, id: &str) -> Value {
    json!({ "type": "internal", "dataUrl": url(kind, id) })
}

/// What a relation object leads to; `None` where it is none. Whether ids are percent-encoded here is not known, so both
/// spellings are read.
pub(super) fn target(value: &Value) -> Option<Target> {
    if value["type"] != "internal" {
        return None;
    }
    let (kind, id) = value["dataUrl"].as_str()?.strip_prefix(ROOT)?.split_once('/')?;
    let is_path = id.contains('/');
    (!is_path && !id.is_empty()).then(|| Target::new(kind, &decoded(id)))
}

fn decoded(id: &str) -> Cow<'_, str> {
    if !id.contains('%') {
        return Cow::Borrowed(id);
    }
    let text = format!("id={}", id.replace('+', "%2B").replace('&', "%26"));
    match url::form_urlencoded::parse(text.as_bytes()).next() {
        Some((_, value)) if !value.contains('\u{fffd}') => Cow::Owned(value.into_owned()),
        _ => Cow::Borrowed(id),
    }
}

/// Every relation in a value, at any depth.
pub(super) fn all(value: &Value) -> Vec<Target> {
    let mut found = Vec::new();
    walk(value, &mut found);
    found
}

fn walk(value: &Value, found: &mut Vec<Target>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Object(map) => match target(value) {
            Some(target) => found.push(target),
            None => map.values().for_each(|item| walk(item, found)),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_found_at_any_depth_and_compared_without_case() {
        let value = json!({ "parts": [{ "pic": [relation("_media", "M-1")] }], "other": { "type": "external" } });
        assert_eq!(all(&value), [Target::new("_media", "m-1")]);
    }

    #[test]
    fn ids_with_odd_letters_are_read_plain_and_encoded() {
        for id in ["a b&c%", "a%20b%26c%25"] {
            let value = relation("page", id);
            let expected = if id.contains("%20") { "a b&c%" } else { id };
            assert_eq!(target(&value), Some(Target::new("page", expected)), "{id}");
        }
        assert_eq!(target(&relation("page", "a/b")), None);
    }
}
