//! Definitions built from fields, so that schema, order and configuration agree by themselves.
//! Must not know: which types there are.

use serde_json::{Map, Value, json};

use crate::sandbox::flotiq::object::Body;

/// One field: its part of the schema and its part of the form.
#[derive(Clone, Debug)]
pub(super) struct Part {
    name: &'static str,
    schema: Value,
    config: Value,
    required: bool,
}

impl Part {
    fn new(name: &'static str, input: &str, schema: Value) -> Self {
        let mut label = name.replace('_', " ");
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let config = json!({ "label": label, "inputType": input, "unique": false, "helpText": "" });
        Self { name, schema, config, required: false }
    }

    pub fn required(mut self) -> Self {
        self.required = true;
        match self.schema["type"].as_str() {
            Some("string") => self.schema["minLength"] = json!(1),
            Some("array") => self.schema["minItems"] = json!(1),
            _ => {}
        }
        self
    }

    /// Required, but a list of nothing will do.
    pub fn needed(mut self) -> Self {
        self.required = true;
        self
    }

    pub fn unique(mut self) -> Self {
        self.config["unique"] = json!(true);
        self
    }

    pub fn title(mut self) -> Self {
        self.config["isTitlePart"] = json!(true);
        self
    }
}

pub(super) fn text(name: &'static str) -> Part {
    string(name, "text")
}

/// A field that holds text, by its `inputType`.
pub(super) fn string(name: &'static str, input: &str) -> Part {
    Part::new(name, input, json!({ "type": "string" }))
}

pub(super) fn number(name: &'static str) -> Part {
    Part::new(name, "number", json!({ "type": "number" }))
}

pub(super) fn checkbox(name: &'static str) -> Part {
    Part::new(name, "checkbox", json!({ "type": "boolean" }))
}

pub(super) fn select(name: &'static str, options: &[&str]) -> Part {
    let mut part = string(name, "select");
    part.config["options"] = json!(options);
    part
}

pub(super) fn words(name: &'static str) -> Part {
    Part::new(name, "simpleList", json!({ "type": "array", "items": { "type": "string" } }))
}

/// A relation to one object of a type; of any type where the name is empty.
pub(super) fn to_one(name: &'static str, target: &str) -> Part {
    relation(name, json!({ "relationContenttype": target, "relationMultiple": false }))
}

pub(super) fn to_many(name: &'static str, target: &str) -> Part {
    relation(name, json!({ "relationContenttype": target, "relationMultiple": true }))
}

fn relation(name: &'static str, validation: Value) -> Part {
    let items = json!({ "$ref": "#/components/schemas/DataSource" });
    let mut part = Part::new(name, "datasource", json!({ "type": "array", "items": items, "minItems": 0 }));
    part.config["validation"] = validation;
    part
}

/// A nested list.
pub(super) fn list(name: &'static str, parts: Vec<Part>) -> Part {
    let Joined { properties, config, order, required } = joined(parts);
    let items = json!({ "type": "object", "properties": properties, "required": required });
    let mut part = Part::new(name, "object", json!({ "type": "array", "items": items }));
    part.config["items"] = json!({ "order": order, "propertiesConfig": config });
    part
}

pub(super) fn geo(name: &'static str) -> Part {
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "lat": { "type": "number", "minimum": -90, "maximum": 90 },
            "lon": { "type": "number", "minimum": -180, "maximum": 180 },
        },
    });
    Part::new(name, "geo", schema)
}

pub(super) fn block(name: &'static str) -> Part {
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": { "time": { "type": "number" }, "blocks": { "type": "array" }, "version": { "type": "string" } },
    });
    let mut part = Part::new(name, "block", schema);
    part.config["blockEditorTypes"] = json!([]);
    part
}

/// Anything, in internal types only.
pub(super) fn free(name: &'static str) -> Part {
    Part::new(name, "custom", json!({ "type": "array" }))
}

/// Fields as the two halves of a definition name them.
struct Joined {
    properties: Map<String, Value>,
    config: Map<String, Value>,
    order: Vec<&'static str>,
    required: Vec<&'static str>,
}

fn joined(parts: Vec<Part>) -> Joined {
    let order = parts.iter().map(|part| part.name).collect();
    let required = parts.iter().filter(|part| part.required).map(|part| part.name).collect();
    let (mut properties, mut config) = (Map::new(), Map::new());
    for part in parts {
        properties.insert(part.name.to_owned(), part.schema);
        config.insert(part.name.to_owned(), part.config);
    }
    Joined { properties, config, order, required }
}

/// A definition as a client would send it.
pub(super) fn definition(name: &str, label: &str, parts: Vec<Part>) -> Body {
    let Joined { properties, config, order, required } = joined(parts);
    let own = json!({ "type": "object", "properties": properties });
    let body = json!({
        "name": name,
        "label": label,
        "schemaDefinition": {
            "type": "object",
            "allOf": [{ "$ref": "#/components/schemas/AbstractContentTypeSchemaDefinition" }, own],
            "required": required,
            "additionalProperties": false,
        },
        "metaDefinition": { "order": order, "propertiesConfig": config },
    });
    match body {
        Value::Object(body) => body,
        _ => Body::new(),
    }
}
