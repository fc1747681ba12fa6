//! A definition of a type: what it says of its objects, what it refers to, and what of it matters.
//! Must not know: files, objects.

use serde_json::{Map, Value};

use super::canonical::{References, exact};
use super::names::is_internal;
use crate::model::{Digests, ItemKey, Kind};

/// What is read of a definition.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub name: Box<str>,
    pub label: Box<str>,
    pub internal: bool,
    /// Objects are drafts until they are published.
    pub draft_public: bool,
    /// Fields that make an object's name: each of the first list that has a value, or the first of the second.
    title: Vec<Box<str>>,
    instead: Vec<Box<str>>,
    pub unique: Vec<Box<str>>,
}

/// What an inventory holds of a definition.
#[derive(Debug)]
pub(super) struct Examined {
    pub digests: Digests,
    pub references: Vec<ItemKey>,
}

impl Definition {
    /// `Err` says what it lacks.
    pub fn of(value: &Value) -> Result<Definition, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let name = text("name").filter(|name| !name.is_empty()).ok_or("the definition has no name")?;
        if name.contains(['/', '\0', '\n']) {
            return Err(format!("`{}` is no name of a type", crate::model::text::printable(name)));
        }
        let fields = Fields::of(value);
        Ok(Definition {
            name: name.into(),
            label: text("label").unwrap_or(name).into(),
            internal: value.get("internal").and_then(Value::as_bool).unwrap_or(false),
            draft_public: value.get("draftPublic").and_then(Value::as_bool).unwrap_or(false),
            title: fields.those(|config| is_set(config, "isTitlePart")),
            instead: fields.instead(),
            unique: fields.those(|config| is_set(config, "unique")),
        })
    }

    /// What an object is called.
    pub fn name_of(&self, object: &Map<String, Value>) -> String {
        let text = |field: &str| match object.get(field)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let parts: Vec<String> = self.title.iter().filter_map(|field| text(field)).collect();
        match parts.is_empty() {
            false => parts.join(" "),
            true => self.instead.iter().find_map(|field| text(field)).unwrap_or_default(),
        }
    }
}

fn is_set(config: &Value, name: &str) -> bool {
    config.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The fields of a type in their order, with what is configured of each.
struct Fields<'a>(Vec<(&'a str, &'a Value)>);

impl<'a> Fields<'a> {
    fn of(definition: &'a Value) -> Self {
        let meta = definition.get("metaDefinition");
        let configs = meta.and_then(|meta| meta.get("propertiesConfig")).and_then(Value::as_object);
        let order = meta.and_then(|meta| meta.get("order")).and_then(Value::as_array);
        let named = order.into_iter().flatten().filter_map(Value::as_str);
        let mut fields: Vec<(&str, &Value)> = named.filter_map(|name| Some((name, configs?.get(name)?))).collect();
        for (name, config) in configs.into_iter().flatten() {
            if !fields.iter().any(|(known, _)| known == name) {
                fields.push((name, config));
            }
        }
        Fields(fields)
    }

    fn those(&self, fits: impl Fn(&Value) -> bool) -> Vec<Box<str>> {
        self.0.iter().filter(|(_, config)| fits(config)).map(|(name, _)| (*name).into()).collect()
    }

    /// Where nobody marked a field as part of the title: what people call so, or any short text.
    fn instead(&self) -> Vec<Box<str>> {
        let usual = ["title", "name", "label", "fileName", "slug"].map(Box::from);
        let short = self.those(|config| {
            matches!(config.get("inputType").and_then(Value::as_str), Some("text" | "email" | "textarea"))
        });
        usual.into_iter().chain(short).collect()
    }
}

/// Digests and references of a definition. `is_known` says whether a medium is known.
pub(super) fn examine(value: &Value, is_known: &dyn Fn(&str) -> bool) -> Examined {
    let empty = Map::new();
    let whole = value.as_object().unwrap_or(&empty);
    let mut references = References::new(is_known);
    if let Some(meta) = value.get("metaDefinition") {
        related(meta, &mut |type_| {
            references.place(ItemKey::new(Kind::Definition, type_));
        });
    }
    let matters = without_defaults(whole);
    let semantic = references.semantic(&matters, &["id", "createdAt", "updatedAt", "deletedAt"]);
    Examined { digests: Digests { semantic, exact: exact(whole) }, references: references.into_keys() }
}

/// The types that relations of a definition lead to, at any depth. Relations to any type have an empty name.
fn related(config: &Value, found: &mut impl FnMut(&str)) {
    match config {
        Value::Object(map) => {
            // Sorted, for the order must not depend on how the server arranged it.
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "relationContenttype") {
                    Some(type_) if !type_.is_empty() && !is_internal(type_) => found(type_),
                    Some(_) => {}
                    None => related(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| related(value, found)),
        _ => {}
    }
}

/// A definition without what says the same as nothing, which servers of different age leave out or write down.
fn without_defaults(map: &Map<String, Value>) -> Map<String, Value> {
    let kept = map.iter().filter(|(name, value)| !is_default(name, value));
    kept.map(|(name, value)| (name.clone(), normal(name, value))).collect()
}

fn is_default(name: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => (name == "helpText" && text.is_empty()) || (name == "workflowId" && text == "generic"),
        Value::Number(number) => name == "minItems" && number.as_f64() == Some(0.0),
        Value::Array(list) => list.is_empty() && matches!(name, "featuredImage" | "slugs" | "required"),
        _ => false,
    }
}

fn normal(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(without_defaults(map)),
        Value::Array(list) if name == "required" && list.iter().all(Value::is_string) => {
            let mut names: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            names.sort_unstable();
            names.into_iter().map(Value::from).collect()
        }
        Value::Array(list) => list.iter().map(|value| normal("", value)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value() -> Value {
        json!({
            "name": "article", "label": "Article", "draftPublic": true, "internal": false,
            "schemaDefinition": { "required": ["title", "slug"], "allOf": [{ "$ref": "x" }, { "properties": { "pic": { "minItems": 0 } } }] },
            "metaDefinition": {
                "order": ["slug", "title", "rel", "parts"],
                "propertiesConfig": {
                    "title": { "inputType": "text", "isTitlePart": true, "unique": false, "helpText": "" },
                    "slug": { "inputType": "text", "unique": true },
                    "rel": { "validation": { "relationContenttype": "" } },
                    "parts": { "items": { "propertiesConfig": {
                        "b": { "validation": { "relationContenttype": "author" } },
                        "a": { "validation": { "relationContenttype": "_media" } },
                    } } },
                },
            },
            "featuredImage": [{ "type": "internal", "dataUrl": "/api/v1/content/_media/_media-1" }],
        })
    }

    fn examined(value: &Value) -> Examined {
        examine(value, &|_| false)
    }

    #[test]
    fn a_definition_tells_names_unique_fields_and_what_it_refers_to() {
        let definition = Definition::of(&value()).expect("a definition");
        assert_eq!(&*definition.unique, [Box::from("slug")]);
        assert!(definition.draft_public && !definition.internal);
        let name = |object: Value| definition.name_of(object.as_object().expect("an object"));
        assert_eq!(name(json!({ "title": " A ", "slug": "s" })), "A");
        assert_eq!(name(json!({ "title": "", "slug": "s" })), "s");
        assert_eq!(name(json!({ "other": 1 })), "");
        let keys = examined(&value()).references;
        assert_eq!(keys, [ItemKey::new(Kind::Definition, "author"), ItemKey::new(Kind::Media, "_media-1")]);
        assert!(Definition::of(&json!({ "label": "x" })).is_err());
        assert!(Definition::of(&json!({ "name": "a/b" })).is_err());
    }

    #[test]
    fn what_says_the_same_as_nothing_makes_no_difference() {
        let mut other = value();
        other["id"] = json!("uuid");
        other["updatedAt"] = json!("2026-01-01");
        other["workflowId"] = json!("generic");
        other["slugs"] = json!([]);
        other["autoSave"] = json!(false);
        other["schemaDefinition"]["required"] = json!(["slug", "title"]);
        other["schemaDefinition"]["allOf"][0]["type"] = json!(null);
        other["schemaDefinition"]["allOf"][1]["properties"]["pic"] = json!({});
        other["metaDefinition"]["propertiesConfig"]["slug"]["hidden"] = json!(false);
        let (one, two) = (examined(&value()).digests, examined(&other).digests);
        assert_eq!(one.semantic, two.semantic);
        assert_ne!(one.exact, two.exact);
        other["metaDefinition"]["order"] = json!(["title", "slug", "rel", "parts"]);
        assert_ne!(one.semantic, examined(&other).digests.semantic, "the order of fields is what editors see");
    }
}
