//! What a server starts with: schemas, rows, links, settings and files as an export has them, loaded with their ids.
//! Must not know: where they come from (see `sample`, `archive`).

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::{
    clock::document_id_of,
    link,
    mapping::Mapping,
    schema::{Field, Schema, Schemas},
    store::{CORE_STORE, Database, Id, Row, WEBHOOK},
    version::Version,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub schemas: Vec<Value>,
    pub entities: Vec<Value>,
    pub links: Vec<Value>,
    pub configuration: Vec<Value>,
    pub files: BTreeMap<String, Bytes>,
    /// Of the server that it was exported from.
    pub version: Option<String>,
}

impl Content {
    /// The rows with their ids, in tables.
    pub fn load(&self, schemas: &Schemas, server: &str) -> Result<Database, String> {
        let mut database = Database::default();
        for entity in self.entities.iter().chain(&administration(schemas, server)) {
            put(schemas, &mut database, entity)?;
        }
        let mapping = Mapping::default();
        for link in self.links.iter().chain(&roles(schemas)) {
            link::write(schemas, &mut database, &mapping, Version::taking_ids_as_they_are(), link)
                .map_err(|failure| format!("a link of the content cannot be loaded: {link}: {failure:?}"))?;
        }
        for setting in &self.configuration {
            let table = if setting["type"] == "webhook" { WEBHOOK } else { CORE_STORE };
            let mut values = setting["value"].as_object().cloned().unwrap_or_default();
            let id = values.shift_remove("id").and_then(|id| id.as_u64()).unwrap_or_default();
            database.put(table, id, Row { values, ..Row::default() });
        }
        Ok(database)
    }
}

fn put(schemas: &Schemas, database: &mut Database, entity: &Value) -> Result<(), String> {
    let uid = entity["type"].as_str().unwrap_or_default();
    let schema = schemas.get(uid).ok_or_else(|| format!("the content has a row of {uid:?}, but no such schema"))?;
    let id = entity["id"].as_u64().ok_or_else(|| format!("a row of {uid:?} has no id"))?;
    let row = row(schemas, database, schema, &entity["data"]);
    database.put(uid, id, row);
    Ok(())
}

fn row(schemas: &Schemas, database: &mut Database, schema: &Schema, data: &Value) -> Row {
    let mut row = Row::default();
    for (name, field) in &schema.fields {
        match field {
            Field::Scalar { .. } => {
                row.values.insert(name.clone(), data[name].clone());
            }
            Field::Component { uid, .. } => {
                let parts =
                    items(&data[name]).iter().map(|item| (uid.clone(), component(schemas, database, uid, item)));
                row.parts.insert(name.clone(), parts.collect());
            }
            Field::Zone { .. } => {
                let parts = items(&data[name]).iter().map(|item| {
                    let uid = item["__component"].as_str().unwrap_or_default();
                    (uid.to_owned(), component(schemas, database, uid, item))
                });
                row.parts.insert(name.clone(), parts.collect());
            }
            _ => {}
        }
    }
    row
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

fn component(schemas: &Schemas, database: &mut Database, uid: &str, item: &Value) -> Id {
    let id = item["id"].as_u64().unwrap_or_default();
    if let Some(schema) = schemas.get(uid) {
        let row = row(schemas, database, schema, item);
        database.put(uid, id, row);
    }
    id
}

/// Rows that no export has but every server: those of its own administration. None of the hashes fits anything.
fn administration(schemas: &Schemas, server: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut row = |uid: &str, id: Id, data: Value| {
        if schemas.get(uid).is_some() {
            let mut all = Map::new();
            all.insert("documentId".to_owned(), json!(document_id_of(&format!("{server}/{uid}/{id}"))));
            all.extend(data.as_object().cloned().unwrap_or_default());
            for moment in ["createdAt", "updatedAt", "publishedAt"] {
                all.insert(moment.to_owned(), json!("2026-01-05T09:00:00.000Z"));
            }
            rows.push(json!({ "type": uid, "id": id, "data": all }));
        }
    };
    for (id, name, code) in
        [(1, "Super Admin", "strapi-super-admin"), (2, "Editor", "strapi-editor"), (3, "Author", "strapi-author")]
    {
        row("admin::role", id, json!({ "name": name, "code": code, "description": name }));
    }
    row(
        "admin::user",
        1,
        json!({ "firstname": "Ada", "lastname": server, "email": format!("{server}@example.invalid"),
            "password": "$2a$10$EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAM", "isActive": true, "blocked": false }),
    );
    let permission = json!({ "action": "plugin::content-manager.explorer.read", "subject": "api::article.article",
        "actionParameters": {}, "properties": {}, "conditions": [] });
    row("admin::permission", 1, permission);
    row("admin::transfer-token", 1, json!({ "name": "sandbox", "description": "", "accessKey": "EXAMPLE-hash" }));
    row("admin::transfer-token-permission", 1, json!({ "action": "push" }));
    row("admin::transfer-token-permission", 2, json!({ "action": "pull" }));
    row(
        "admin::api-token",
        1,
        json!({ "name": "Read Only", "description": "", "type": "read-only", "accessKey": "EXAMPLE-hash",
            "encryptedKey": "EXAMPLE-key" }),
    );
    row("admin::session", 1, json!({ "userId": "1", "sessionId": "EXAMPLE-session", "origin": "admin" }));
    rows
}

fn roles(schemas: &Schemas) -> Vec<Value> {
    let links = [
        json!({ "kind": "relation.basic", "relation": "manyToMany",
            "left": { "type": "admin::user", "field": "roles", "ref": 1, "pos": 1 },
            "right": { "type": "admin::role", "field": "users", "ref": 1, "pos": 1 } }),
        json!({ "kind": "relation.basic", "relation": "manyToOne",
            "left": { "type": "admin::permission", "field": "role", "ref": 1 },
            "right": { "type": "admin::role", "field": "permissions", "ref": 2, "pos": 1 } }),
        json!({ "kind": "relation.basic", "relation": "manyToOne",
            "left": { "type": "admin::transfer-token-permission", "field": "token", "ref": 1 },
            "right": { "type": "admin::transfer-token", "field": "permissions", "ref": 1, "pos": 1 } }),
        json!({ "kind": "relation.basic", "relation": "manyToOne",
            "left": { "type": "admin::transfer-token-permission", "field": "token", "ref": 2 },
            "right": { "type": "admin::transfer-token", "field": "permissions", "ref": 1, "pos": 2 } }),
    ];
    let known = |link: &&Value| link["left"]["type"].as_str().is_some_and(|uid| schemas.get(uid).is_some());
    links.iter().filter(known).cloned().collect()
}
