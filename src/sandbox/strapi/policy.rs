//! What a push refuses before it writes anything (5.53 and later): `admin::*`, unknown types, relations into `admin::*`,
//! components and zones of the wrong shape.
//! Must not know: rows, frames.

use serde_json::Value;

use super::{
    failure::Failure,
    schema::{Field, Schemas},
};

pub(super) const PROTECTED: &str = "admin::";

pub(super) fn entity(schemas: &Schemas, entity: &Value) -> Result<(), Failure> {
    let uid = entity["type"].as_str().unwrap_or_default();
    if uid.starts_with(PROTECTED) {
        return Err(protected(uid, uid));
    }
    if !entity["data"].is_object() {
        return Err(invalid(uid, "expected entity data object"));
    }
    data(schemas, uid, &entity["data"], uid)
}

pub(super) fn link(link: &Value) -> Result<(), Failure> {
    for side in ["left", "right"] {
        let Some(uid) = link[side]["type"].as_str() else {
            let message = "Cannot read properties of undefined (reading 'startsWith')";
            return Err(Failure::named("TypeError", message));
        };
        if uid.starts_with(PROTECTED) {
            return Err(protected(uid, &format!("link.{side}")));
        }
    }
    Ok(())
}

fn data(schemas: &Schemas, uid: &str, data: &Value, path: &str) -> Result<(), Failure> {
    let Some(schema) = schemas.get(uid) else {
        return Err(invalid(path, &format!("unknown schema {uid:?}")));
    };
    for (name, value) in data.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        match schema.field(name) {
            None => raw_column(schemas, uid, name, &path)?,
            Some(Field::Relation(relation)) if relation.target.starts_with(PROTECTED) => {
                return Err(protected(&relation.target, &path));
            }
            Some(Field::Column { target, .. }) if target.starts_with(PROTECTED) => {
                return Err(protected(target, &path));
            }
            Some(Field::MorphColumn | Field::MorphTable) => polymorphic(value, &path)?,
            // A media field has no discriminator; other ends are checked like polymorphic ones.
            Some(Field::MorphEnd { target, .. }) if target != super::schema::FILE => polymorphic(value, &path)?,
            Some(Field::Component { uid, repeatable }) => component(schemas, uid, *repeatable, value, &path)?,
            Some(Field::Zone { allowed }) => zone(schemas, allowed, value, &path)?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// The column of an owned relation by its own name: `created_by_id`.
fn raw_column(schemas: &Schemas, uid: &str, name: &str, path: &str) -> Result<(), Failure> {
    let fields = schemas.get(uid).map_or(&[][..], |schema| &schema.fields);
    for (field, kind) in fields {
        if let Field::Column { target, .. } = kind
            && target.starts_with(PROTECTED)
            && column(field) == name
        {
            return Err(protected(target, path));
        }
    }
    Ok(())
}

fn column(field: &str) -> String {
    let mut name = String::new();
    for sign in field.chars() {
        if sign.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(sign.to_ascii_lowercase());
    }
    name + "_id"
}

fn polymorphic(value: &Value, path: &str) -> Result<(), Failure> {
    let single = std::slice::from_ref(value);
    for entry in value.as_array().map_or(single, Vec::as_slice) {
        match entry["__type"].as_str() {
            None => return Err(invalid(path, "missing polymorphic discriminator \"__type\"")),
            Some(target) if target.starts_with(PROTECTED) => return Err(protected(target, path)),
            Some(_) => {}
        }
    }
    Ok(())
}

fn component(schemas: &Schemas, uid: &str, repeatable: bool, value: &Value, path: &str) -> Result<(), Failure> {
    let items = match (repeatable, value) {
        (false, Value::Null) => return Ok(()),
        (true, Value::Array(items)) => items.as_slice(),
        (true, _) => return Err(invalid(path, "expected component value")),
        (false, value) => std::slice::from_ref(value),
    };
    for item in items {
        if !item.is_object() {
            return Err(invalid(path, "expected component object"));
        }
        data(schemas, uid, item, path)?;
    }
    Ok(())
}

fn zone(schemas: &Schemas, allowed: &[String], value: &Value, path: &str) -> Result<(), Failure> {
    let Value::Array(items) = value else { return Err(invalid(path, "expected dynamic zone array")) };
    for item in items {
        let Some(uid) = item["__component"].as_str() else {
            return Err(invalid(path, "missing dynamic zone component discriminator"));
        };
        if !allowed.iter().any(|known| known == uid) {
            return Err(invalid(path, &format!("unsupported dynamic zone component {uid:?}")));
        }
        data(schemas, uid, item, path)?;
    }
    Ok(())
}

fn protected(uid: &str, path: &str) -> Failure {
    Failure::transfer(format!("Remote push cannot transfer protected type {uid:?} at {path}"))
}

fn invalid(path: &str, reason: &str) -> Failure {
    Failure::transfer(format!("Remote push received invalid relation payload at {path}: {reason}"))
}
