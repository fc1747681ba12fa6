//! What a change of a definition does to stored objects: values of removed properties go, values whose type changed are
//! converted by a fixed table, and the change is refused where a required property would end up empty.
//! Must not know: HTTP.

use serde_json::{Value, json};

use super::{
    definition::{Definition, Type},
    object::{Body, is_empty},
    reference,
    reply::{Complaints, complain},
    shape::{Field, Holds},
};

/// The bodies that the objects of the type would have, by id; only of those that change.
pub(super) fn outcome(kind: &Type, after: &Definition) -> Result<Vec<(String, Body)>, Complaints> {
    let mut complaints = Complaints::new();
    let mut changed = Vec::new();
    for object in kind.objects.iter() {
        let before = object.body();
        let body = migrated(&before, &kind.definition, after);
        for field in after.fields.iter().filter(|field| was_emptied(field, &before, &body)) {
            if !complaints.contains_key(&field.name) {
                complain(&mut complaints, &field.name, format!("The property {} is required", field.name));
            }
        }
        if body != before {
            changed.push((object.id.clone(), body));
        }
    }
    if complaints.is_empty() {
        return Ok(changed);
    }
    let of_objects = Value::Object(complaints.clone());
    complaints.insert("co".to_owned(), of_objects);
    complaints.insert("ctd".to_owned(), json!(["Objects of this type do not conform to the new schema"]));
    Err(complaints)
}

/// Only what the change itself takes away counts: a property that is newly required changes no object.
fn was_emptied(field: &Field, before: &Body, after: &Body) -> bool {
    let is_there = |body: &Body| body.get(&field.name).is_some_and(|value| !is_empty(value));
    let is_needed = field.required && (field.least_items > 0 || field.least_length > 0);
    is_needed && is_there(before) && !is_there(after)
}

fn migrated(body: &Body, before: &Definition, after: &Definition) -> Body {
    let mut migrated = Body::new();
    for (name, value) in body {
        let Some(new) = after.field(name) else { continue };
        let value = match before.field(name) {
            Some(old) if old.holds == Holds::Objects && new.holds == Holds::Objects => members(value, old, new),
            Some(old) if old.holds != new.holds => converted(value, new.holds),
            _ => value.clone(),
        };
        migrated.insert(name.clone(), value);
    }
    migrated
}

/// The same for the members of a nested list.
fn members(value: &Value, before: &Field, after: &Field) -> Value {
    let known = |fields: &[Field], name: &str| fields.iter().find(|field| field.name == name).map(|field| field.holds);
    let item = |item: &Value| {
        let mut kept = Body::new();
        for (name, value) in item.as_object().into_iter().flatten() {
            match (known(&before.fields, name), known(&after.fields, name)) {
                (_, None) => {}
                (Some(old), Some(new)) if old != new => {
                    kept.insert(name.clone(), converted(value, new));
                }
                _ => {
                    kept.insert(name.clone(), value.clone());
                }
            }
        }
        Value::Object(kept)
    };
    Value::Array(value.as_array().into_iter().flatten().map(item).collect())
}

fn converted(value: &Value, to: Holds) -> Value {
    match to {
        Holds::Text => json!(as_text(value)),
        Holds::Number => value.as_str().and_then(number).unwrap_or_else(|| json!(0)),
        Holds::Boolean => json!(false),
        Holds::Texts | Holds::Relations | Holds::Objects => json!([]),
        Holds::Geo | Holds::Block | Holds::Free => Value::Null,
    }
}

/// A text that is a number keeps its digits.
fn number(text: &str) -> Option<Value> {
    let parsed: Value = serde_json::from_str(text.trim()).ok()?;
    parsed.is_number().then_some(parsed)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(", "),
        Value::Object(map) if reference::target(value).is_some() => {
            map["dataUrl"].as_str().unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    }
}
