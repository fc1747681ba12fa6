//! The rules for one definition: names, the two schemas that have to agree, and its picture.
//! Must not know: stored objects, HTTP.

use serde_json::Value;

use super::{
    object::Body,
    reference,
    reply::{Complaints, complain},
    shape::own_schema,
    state::State,
};
use crate::sandbox::switch::FeaturedImage;

const RESERVED: [&str; 11] =
    ["id", "_id", "_index", "_type", "_source", "_score", "_routing", "_version", "_shards", "objectType", "internal"];
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const INPUTS: [&str; 17] = [
    "text",
    "textarea",
    "textMarkdown",
    "markdown",
    "richtext",
    "email",
    "radio",
    "select",
    "dateTime",
    "number",
    "checkbox",
    "simpleList",
    "datasource",
    "object",
    "geo",
    "block",
    "custom",
];
const REQUIRED: &str = "is required";

pub(super) fn definition(sent: &Body) -> Complaints {
    let mut complaints = Complaints::new();
    let name = text(sent, "name");
    let good = !name.is_empty() && name.bytes().all(|sign| sign == b'_' || sign.is_ascii_lowercase());
    if !good {
        complain(&mut complaints, "name", "Does not match the regex pattern ^[_a-z]+$");
    }
    if text(sent, "label").is_empty() {
        complain(&mut complaints, "label", "Must be at least 1 characters long");
    }
    schema(sent, &mut complaints);
    if complaints.is_empty() {
        agreement(sent, &mut complaints);
    }
    complaints
}

fn text<'a>(sent: &'a Body, key: &str) -> &'a str {
    sent.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn schema(sent: &Body, complaints: &mut Complaints) {
    let schema = sent.get("schemaDefinition").unwrap_or(&Value::Null);
    if schema["type"] != "object" {
        complain(complaints, "schemaDefinition.type", "Does not have a value in the enumeration [\"object\"]");
    }
    let all_of = schema["allOf"].as_array().map_or(0, Vec::len);
    let starts = schema["allOf"][0]["$ref"] == "#/components/schemas/AbstractContentTypeSchemaDefinition";
    if all_of != 2 || !starts || schema["allOf"][1]["type"] != "object" {
        complain(
            complaints,
            "schemaDefinition.allOf",
            "There have to be the abstract schema and the properties, in that order",
        );
    }
    if schema["additionalProperties"] != false {
        complain(
            complaints,
            "schemaDefinition.additionalProperties",
            "Does not have a value in the enumeration [false]",
        );
    }
    let properties = own_schema(sent)["properties"].as_object();
    for (name, property) in properties.into_iter().flatten() {
        property_name(name, complaints);
        if !property["type"].as_str().is_some_and(|kind| TYPES.contains(&kind)) {
            let path = format!("schemaDefinition.allOf[1].properties.{name}.type");
            complain(
                complaints,
                &path,
                format!("Does not have a value in the enumeration {TYPES:?}").replace(", ", ","),
            );
        }
    }
    if properties.is_none_or(|properties| properties.is_empty()) {
        complain(complaints, "schemaDefinition.allOf[1].properties", "There has to be at least one property");
    }
}

fn property_name(name: &str, complaints: &mut Complaints) {
    let path = format!("schemaDefinition.allOf[1].properties.{name}");
    let plain = name.bytes().all(|sign| sign == b'_' || sign.is_ascii_alphanumeric());
    if name.is_empty() || !plain {
        complain(complaints, &path, "Does not match the regex pattern [a-zA-Z0-9_]");
    }
    if RESERVED.contains(&name) {
        complain(complaints, &path, format!("The name {name} is reserved"));
    }
}

/// Schema, order and configuration name the same properties.
fn agreement(sent: &Body, complaints: &mut Complaints) {
    let meta = sent.get("metaDefinition").unwrap_or(&Value::Null);
    let Some(properties) = own_schema(sent)["properties"].as_object() else { return };
    let order: Vec<&str> = meta["order"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for name in properties.keys() {
        match order.iter().filter(|ordered| **ordered == name).count() {
            1 => {}
            0 => complain(complaints, "metaDefinition.order", format!("The property {name} is missing")),
            _ => complain(complaints, "metaDefinition.order", format!("The property {name} is there more than once")),
        }
        if meta["propertiesConfig"].get(name).is_none() {
            complain(
                complaints,
                &format!("metaDefinition.propertiesConfig.{name}"),
                format!("The property {name} {REQUIRED}"),
            );
        }
    }
    for name in order.iter().filter(|name| !properties.contains_key(**name)) {
        complain(complaints, "metaDefinition.order", format!("There is no property {name}"));
    }
    for (name, config) in meta["propertiesConfig"].as_object().into_iter().flatten() {
        if !properties.contains_key(name) {
            let path = format!("metaDefinition.propertiesConfig.{name}");
            complain(complaints, &path, format!("There is no property {name}"));
        }
        configuration(name, config, complaints);
    }
    let required = sent.get("schemaDefinition").map(|schema| &schema["required"]).and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !properties.contains_key(name) {
            complain(complaints, "schemaDefinition.required", format!("There is no property {name}"));
        }
    }
}

fn configuration(name: &str, config: &Value, complaints: &mut Complaints) {
    let path = format!("metaDefinition.propertiesConfig.{name}");
    for key in ["label", "inputType", "unique"] {
        if config.get(key).is_none() {
            complain(complaints, &format!("{path}.{key}"), format!("The property {key} {REQUIRED}"));
        }
    }
    if let Some(input) = config["inputType"].as_str()
        && !INPUTS.contains(&input)
    {
        complain(
            complaints,
            &format!("{path}.inputType"),
            format!("Does not have a value in the enumeration {INPUTS:?}"),
        );
    }
}

/// The picture of a type is a relation to a medium that is there.
pub(super) fn picture(state: &State, sent: &Body, switch: FeaturedImage, complaints: &mut Complaints) {
    let pictures = sent.get("featuredImage").and_then(Value::as_array).into_iter().flatten();
    let is_there = |picture: &Value| {
        reference::target(picture).is_some_and(|target| target.kind == "_media" && state.object(&target).is_some())
    };
    if switch == FeaturedImage::Checked && pictures.into_iter().any(|picture| !is_there(picture)) {
        complain(complaints, "featuredImage", "This value does not exist in database");
    }
}
