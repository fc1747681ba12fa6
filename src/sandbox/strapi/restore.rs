//! What `beforeTransfer` deletes, from the options that `init` brought.
//! Must not know: frames, files.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    condition,
    failure::Failure,
    policy::PROTECTED,
    schema::{Field, Place, Schema, Schemas},
    store::{CORE_STORE, Database, Id, MODELS, WEBHOOK},
    version::Version,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub strategy: String,
    /// Null where `init` brought none.
    restore: Value,
    version: Version,
}

impl Options {
    pub fn new(params: &Value, version: Version) -> Self {
        let options = &params["options"];
        let strategy = options["strategy"].as_str().unwrap_or("restore").to_owned();
        Self { strategy, restore: options["restore"].clone(), version }
    }

    pub fn has_assets(&self) -> bool {
        self.restore["assets"] == true
    }

    /// Whether rows of the type are part of this restore, as far as files are concerned.
    pub fn covers(&self, uid: &str) -> bool {
        self.included(uid) && !self.excluded(uid)
    }

    fn included(&self, uid: &str) -> bool {
        match &self.restore["entities"]["include"] {
            Value::Array(list) => list.iter().any(|known| known == uid),
            _ => true,
        }
    }

    fn excluded(&self, uid: &str) -> bool {
        let listed = self.restore["entities"]["exclude"].as_array().is_some_and(|list| list.iter().any(|k| k == uid));
        listed || (self.version.protects() && uid.starts_with(PROTECTED))
    }

    /// Everything this restore deletes from the database.
    pub fn delete(&self, schemas: &Schemas, database: &mut Database) -> Result<(), Failure> {
        let targets = |place: &Place| target(schemas, place);
        let condition = &self.restore["entities"]["params"]["where"];
        for schema in schemas.content_types().filter(|schema| self.covers(&schema.uid)) {
            if !condition.is_null() {
                condition::check(schema, condition)?;
            }
            let ids: HashSet<Id> = database
                .rows(&schema.uid)
                .filter(|(id, row)| condition.is_null() || condition::matches(condition, *id, row))
                .map(|(id, _)| id)
                .collect();
            delete_rows(schemas, database, schema, &ids);
        }
        if self.version.clears_models() {
            for model in MODELS.iter().filter(|model| self.covers(model)) {
                database.clear(model, &targets);
            }
        }
        let configuration = &self.restore["configuration"];
        for (key, table) in [("coreStore", CORE_STORE), ("webhook", WEBHOOK)] {
            if configuration[key] != false {
                database.clear(table, &targets);
            }
        }
        Ok(())
    }
}

/// The type at the right end of a join table.
pub(super) fn target(schemas: &Schemas, (uid, field): &Place) -> Option<String> {
    match schemas.field(uid, field) {
        Some(Field::Relation(relation)) => Some(relation.target.clone()),
        _ => None,
    }
}

/// Rows with their components, and the components of these.
pub(super) fn delete_rows(schemas: &Schemas, database: &mut Database, schema: &Schema, ids: &HashSet<Id>) {
    let mut level: Vec<(String, HashSet<Id>)> = vec![(schema.uid.clone(), ids.clone())];
    while let Some((uid, ids)) = level.pop() {
        for id in &ids {
            let parts = database.row(&uid, *id).map(|row| row.parts.clone()).unwrap_or_default();
            for (part, id) in parts.into_values().flatten() {
                match level.iter_mut().find(|(known, _)| *known == part) {
                    Some((_, ids)) => {
                        ids.insert(id);
                    }
                    None => level.push((part, HashSet::from([id]))),
                }
            }
        }
        database.delete(&uid, &ids, &|place| target(schemas, place));
    }
    // A column that points at a deleted row becomes null.
    let columns = schemas.iter().flat_map(|other| other.fields.iter().map(move |(name, field)| (other, name, field)));
    let pointing: Vec<(&str, &str)> = columns
        .filter(|(_, _, field)| matches!(field, Field::Column { target, .. } if *target == schema.uid))
        .map(|(other, name, _)| (other.uid.as_str(), name.as_str()))
        .collect();
    for (uid, name) in pointing {
        let lost = |row: &super::store::Row| row.columns.get(name).is_some_and(|id| ids.contains(id));
        let rows: Vec<Id> = database.rows(uid).filter(|(_, row)| lost(row)).map(|(id, _)| id).collect();
        for id in rows {
            database.change(uid, id, |row| {
                row.columns.remove(name);
            });
        }
    }
}
