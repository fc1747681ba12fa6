//! Rows, links and configuration as a pull sends them, and the dump of everything.
//! Must not know: frames, batches.

use serde_json::{Map, Number, Value, json};

use super::{
    schema::{Field, Schema, Schemas},
    store::{CORE_STORE, Database, Id, WEBHOOK},
};

/// The columns of a row: scalars in the order of the schema.
fn columns(database: &Database, schema: &Schema, id: Id) -> Map<String, Value> {
    let Some(row) = database.row(&schema.uid, id) else { return Map::new() };
    let mut data = Map::new();
    for (name, field) in &schema.fields {
        if matches!(field, Field::Scalar { .. }) {
            data.insert(name.clone(), row.values.get(name).cloned().unwrap_or_default());
        }
    }
    data
}

/// Columns, then components with their own ids.
fn data(schemas: &Schemas, database: &Database, schema: &Schema, id: Id) -> Map<String, Value> {
    let mut data = columns(database, schema, id);
    let Some(row) = database.row(&schema.uid, id) else { return data };
    // Dynamic zones come after all other components, whatever their place in the schema.
    let zone = |field: &Field| matches!(field, Field::Zone { .. });
    let (zones, plain): (Vec<_>, Vec<_>) = schema.fields.iter().partition(|(_, field)| zone(field));
    for (name, field) in plain.into_iter().chain(zones) {
        let parts = row.parts.get(name).map_or(&[][..], Vec::as_slice);
        let mut items = parts.iter().map(|(uid, id)| component(schemas, database, uid, *id, zone(field)));
        match field {
            Field::Component { repeatable: false, .. } => {
                data.insert(name.clone(), items.next().unwrap_or_default());
            }
            Field::Component { .. } | Field::Zone { .. } => {
                data.insert(name.clone(), Value::Array(items.collect()));
            }
            _ => {}
        }
    }
    data
}

fn component(schemas: &Schemas, database: &Database, uid: &str, id: Id, zone: bool) -> Value {
    let Some(schema) = schemas.get(uid) else { return Value::Null };
    let mut item = Map::new();
    if zone {
        item.insert("__component".to_owned(), json!(uid));
    }
    item.insert("id".to_owned(), json!(id));
    item.extend(data(schemas, database, schema, id));
    Value::Object(item)
}

pub(super) fn entity(schemas: &Schemas, database: &Database, schema: &Schema, id: Id) -> Value {
    json!({ "type": schema.uid, "id": id, "data": data(schemas, database, schema, id) })
}

/// A row of a file as the asset's metadata has it.
pub(super) fn flat(database: &Database, schema: &Schema, id: Id) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("id".to_owned(), json!(id));
    row.extend(columns(database, schema, id));
    row
}

/// The links that one field owns.
pub(super) fn links(
    schemas: &Schemas,
    database: &Database,
    schema: &Schema,
    name: &str,
    field: &Field,
    links: &mut Vec<Value>,
    orphans: &mut Vec<Value>,
) {
    let uid = &schema.uid;
    let kind = |target: &str| if target == uid { "relation.circular" } else { "relation.basic" };
    match field {
        Field::Relation(relation) if relation.owner => {
            for join in database.joins(&relation.table) {
                let left = end(&[("type", json!(uid)), ("field", json!(name)), ("ref", json!(join.left))], &join.order);
                let mut right = vec![("type", json!(relation.target))];
                right.extend(relation.other.as_ref().map(|other| ("field", json!(other))));
                right.push(("ref", json!(join.right)));
                let right = end(&right, &join.inverse);
                let kind = kind(&relation.target);
                links.push(json!({ "kind": kind, "relation": relation.relation, "left": left, "right": right }));
            }
        }
        Field::Document { target, relation } => {
            for (id, row) in database.rows(uid) {
                if let Some(document) = row.text("documentId") {
                    links.push(json!({ "kind": kind(target), "relation": relation,
                        "left": { "type": uid, "ref": id, "field": name }, "right": { "type": target, "ref": document } }));
                }
            }
        }
        Field::Column { target, relation } => {
            for (id, row) in database.rows(uid) {
                if let Some(to) = row.columns.get(name) {
                    let link = json!({ "kind": kind(target), "relation": relation,
                        "left": { "type": uid, "ref": id, "field": name }, "right": { "type": target, "ref": to } });
                    let known = database.row(target, *to).is_some();
                    if known { links.push(link) } else { orphans.push(link) }
                }
            }
        }
        Field::MorphTable => {
            for morph in database.morphs(&(uid.clone(), name.to_owned())) {
                let right = end(&[("ref", json!(morph.right))], &morph.order);
                let mut right = right.as_object().cloned().unwrap_or_default();
                right.entry("pos").or_insert(Value::Null);
                right.insert("type".to_owned(), json!(morph.right_type));
                right.insert("field".to_owned(), json!(morph.field));
                let link = json!({ "kind": "relation.morph", "relation": "morphToMany",
                    "left": { "type": uid, "field": name, "ref": morph.left }, "right": right });
                let known = database.row(&morph.right_type, morph.right).is_some();
                if known && schemas.get(&morph.right_type).is_some() { links.push(link) } else { orphans.push(link) }
            }
        }
        Field::MorphColumn => {
            for (id, row) in database.rows(uid) {
                if let Some((target, to)) = row.morphs.get(name) {
                    let link = json!({ "kind": "relation.morph", "relation": "morphToOne",
                        "left": { "type": uid, "ref": id, "field": name }, "right": { "type": target, "ref": to } });
                    let known = database.row(target, *to).is_some();
                    if known { links.push(link) } else { orphans.push(link) }
                }
            }
        }
        _ => {}
    }
}

fn end(parts: &[(&str, Value)], place: &Option<Number>) -> Value {
    let mut end: Map<String, Value> = parts.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    if let Some(place) = place {
        end.insert("pos".to_owned(), json!(place));
    }
    Value::Object(end)
}

/// Core-store, then webhooks.
pub(super) fn configuration(database: &Database) -> Vec<Value> {
    let mut items = Vec::new();
    for (kind, table) in [("core-store", CORE_STORE), ("webhook", WEBHOOK)] {
        for (id, row) in database.rows(table) {
            let mut value = Map::new();
            value.insert("id".to_owned(), json!(id));
            value.extend(row.values.clone());
            items.push(json!({ "type": kind, "value": value }));
        }
    }
    items
}

/// Everything a server holds, in the shapes of a pull, `admin::*` included.
pub(super) fn dump(schemas: &Schemas, database: &Database) -> Value {
    let mut entities = Vec::new();
    let (mut all, mut orphans) = (Vec::new(), Vec::new());
    for schema in schemas.content_types() {
        entities.extend(database.rows(&schema.uid).map(|(id, _)| entity(schemas, database, schema, id)));
    }
    let mut components = Map::new();
    for schema in schemas.iter() {
        for (name, field) in &schema.fields {
            links(schemas, database, schema, name, field, &mut all, &mut orphans);
        }
        if schema.is_component {
            components.insert(schema.uid.clone(), json!(database.count(&schema.uid)));
        }
    }
    json!({ "entities": entities, "links": all, "orphans": orphans, "components": components,
        "configuration": configuration(database) })
}
