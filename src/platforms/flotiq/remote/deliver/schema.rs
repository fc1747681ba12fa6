//! What the schema of a type demands of its objects: which relations have to lead somewhere, what is unique, and the same schema
//! with its demands on relations taken back.
//! Must not know: servers, plans.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::rewrite::{Field, relation};
use crate::model::ItemKey;

type Object = Map<String, Value>;

/// The second of the two schemas that a definition joins holds the fields.
fn own(definition: &Object) -> Option<&Value> {
    definition.get("schemaDefinition")?.get("allOf")?.get(1)
}

pub(super) fn properties(definition: &Object) -> Option<&Object> {
    own(definition)?.get("properties")?.as_object()
}

fn required(definition: &Object) -> Option<&Value> {
    definition.get("schemaDefinition")?.get("required")
}

pub(super) fn config<'a>(definition: &'a Object, field: &str) -> Option<&'a Value> {
    definition.get("metaDefinition")?.get("propertiesConfig")?.get(field)
}

fn is_relation(schema: &Value) -> bool {
    let items = schema.get("items").and_then(|items| items.get("$ref")).and_then(Value::as_str);
    items.is_some_and(|items| items.ends_with("/DataSource"))
}

fn least_items(schema: &Value) -> u64 {
    schema.get("minItems").and_then(Value::as_u64).unwrap_or(0)
}

fn names(list: Option<&Value>) -> BTreeSet<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The objects that an object cannot be without: those of relations that have to hold something.
pub(super) fn demanded(definition: &Object, object: &Object) -> BTreeSet<ItemKey> {
    let mut found = BTreeSet::new();
    if let Some(properties) = properties(definition) {
        demanded_of(properties, &names(required(definition)), object, &mut found);
    }
    found
}

fn demanded_of(properties: &Object, needed: &BTreeSet<&str>, object: &Object, found: &mut BTreeSet<ItemKey>) {
    for (name, schema) in properties {
        let Some(list) = object.get(name).and_then(Value::as_array) else { continue };
        if is_relation(schema) {
            if needed.contains(name.as_str()) || least_items(schema) > 0 {
                found.extend(list.iter().filter_map(relation));
            }
        } else if let Some(inner) = schema.get("items").and_then(|items| items.get("properties")?.as_object()) {
            let needed = names(schema.get("items").and_then(|items| items.get("required")));
            for item in list.iter().filter_map(Value::as_object) {
                demanded_of(inner, &needed, item, found);
            }
        }
    }
}

/// The definition without demands on relations; everything else as it is.
pub(super) fn relaxed(definition: &Object) -> Object {
    let mut relaxed = definition.clone();
    let Some(schema) = relaxed.get_mut("schemaDefinition") else { return relaxed };
    let mut relations = BTreeSet::new();
    if let Some(properties) = schema.pointer_mut("/allOf/1/properties").and_then(Value::as_object_mut) {
        relations = relax(properties);
    }
    without(schema.get_mut("required"), &relations);
    relaxed
}

fn relax(properties: &mut Object) -> BTreeSet<String> {
    let mut relations = BTreeSet::new();
    for (name, schema) in properties {
        if is_relation(schema) {
            relations.insert(name.clone());
            schema["minItems"] = json!(0);
        } else if let Some(items) = schema.get_mut("items") {
            let inner = items.get_mut("properties").and_then(Value::as_object_mut).map(relax).unwrap_or_default();
            without(items.get_mut("required"), &inner);
        }
    }
    relations
}

fn without(required: Option<&mut Value>, names: &BTreeSet<String>) {
    if let Some(list) = required.and_then(Value::as_array_mut) {
        list.retain(|name| !name.as_str().is_some_and(|name| names.contains(name)));
    }
}

/// Fields whose values no two objects share, with what their values have to be like.
pub(super) fn uniques(definition: &Object) -> Vec<(&str, Field)> {
    let Some(properties) = properties(definition) else { return Vec::new() };
    let fields = properties.iter().filter_map(|(name, schema)| {
        let config = config(definition, name)?;
        let is_unique = config.get("unique").and_then(Value::as_bool).unwrap_or(false);
        let field = Field {
            is_email: config.get("inputType").and_then(Value::as_str) == Some("email"),
            most: schema.get("maxLength").and_then(Value::as_u64).and_then(|most| most.try_into().ok()),
            is_free: schema.get("type").and_then(Value::as_str) == Some("string")
                && schema.get("pattern").and_then(Value::as_str).is_none_or(str::is_empty),
        };
        is_unique.then_some((name.as_str(), field))
    });
    fields.collect()
}

/// What a definition says of the kind of values of its fields, nested ones by their path: what a change of it converts.
pub(super) fn kinds(definition: &Object) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(properties) = properties(definition) {
        kinds_of("", properties, &mut found);
    }
    found
}

fn kinds_of(path: &str, properties: &Object, found: &mut Vec<(String, String)>) {
    for (name, schema) in properties {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let inner = schema.get("items").and_then(|items| items.get("properties")?.as_object());
        let kind = match (schema.get("type").and_then(Value::as_str).unwrap_or_default(), inner) {
            ("array", Some(_)) => "list of objects".to_owned(),
            ("array", None) if is_relation(schema) => "relation".to_owned(),
            ("array", None) => "list".to_owned(),
            ("string", _) => "text".to_owned(),
            ("object", _) => {
                let fields = schema.get("properties").and_then(Value::as_object);
                let names: Vec<&str> = fields.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                if names.contains(&"lat") { "place".to_owned() } else { "object".to_owned() }
            }
            (other, _) => other.to_owned(),
        };
        found.push((path.clone(), kind));
        if let Some(inner) = inner {
            kinds_of(&path, inner, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn definition() -> Object {
        let relation = |least: u64| json!({ "type": "array", "items": { "$ref": "#/components/schemas/DataSource" }, "minItems": least });
        let nested = json!({ "type": "array", "minItems": 2, "items": { "type": "object", "required": ["text", "pic"],
            "properties": { "text": { "type": "string" }, "pic": relation(1) } } });
        let value = json!({
            "name": "post",
            "schemaDefinition": {
                "allOf": [{ "$ref": "x" }, { "type": "object", "properties": {
                    "title": { "type": "string", "minLength": 1, "maxLength": 20 }, "author": relation(1), "tags": relation(0),
                    "parts": nested } }],
                "required": ["title", "author"],
            },
            "metaDefinition": { "propertiesConfig": { "title": { "unique": true, "inputType": "text" }, "author": {} } },
        });
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn only_relations_that_must_hold_something_are_demanded_and_relaxed() {
        let to = |id: &str| json!([{ "type": "internal", "dataUrl": format!("/api/v1/content/a/{id}") }]);
        let object =
            json!({ "title": "x", "author": to("1"), "tags": to("2"), "parts": [{ "text": "t", "pic": to("3") }] });
        let demanded = demanded(&definition(), object.as_object().expect("an object"));
        let expected = ["1", "3"].map(|id| ItemKey::typed(Kind::Object, "a", id));
        assert_eq!(demanded.into_iter().collect::<Vec<_>>(), expected);

        let relaxed = Value::Object(relaxed(&definition()));
        let schema = &relaxed["schemaDefinition"];
        assert_eq!(schema["required"], json!(["title"]));
        let fields = &schema["allOf"][1]["properties"];
        assert_eq!((&fields["author"]["minItems"], &fields["parts"]["minItems"]), (&json!(0), &json!(2)));
        assert_eq!(fields["parts"]["items"]["required"], json!(["text"]));
        assert_eq!(fields["parts"]["items"]["properties"]["pic"]["minItems"], json!(0));
        assert_eq!(fields["title"], json!({ "type": "string", "minLength": 1, "maxLength": 20 }));
    }

    #[test]
    fn unique_fields_and_the_kinds_of_values_are_read() {
        let definition = definition();
        let uniques = uniques(&definition);
        assert_eq!((uniques.len(), uniques[0].0, uniques[0].1.most), (1, "title", Some(20)));
        let kinds: Vec<String> = kinds(&definition).into_iter().map(|(path, kind)| format!("{path}={kind}")).collect();
        assert_eq!(
            kinds,
            [
                "title=text",
                "author=relation",
                "tags=relation",
                "parts=list of objects",
                "parts.text=text",
                "parts.pic=relation"
            ]
        );
    }
}
