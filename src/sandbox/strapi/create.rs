//! Creates a row as Strapi's query engine does: components first, then the row with defaults, then the relations that
//! are embedded in the data.
//! Must not know: frames, what is refused before.

use serde_json::{Map, Value, json};

use super::{
    attach,
    clock::Clock,
    failure::Failure,
    mapping::Mapping,
    schema::{Field, Schema, Schemas},
    store::{Database, Id, Row},
    version::Version,
};

/// What creating needs besides the data.
#[derive(Debug)]
pub(super) struct Creation<'a> {
    pub schemas: &'a Schemas,
    pub database: &'a mut Database,
    pub clock: &'a mut Clock,
    pub mapping: &'a mut Mapping,
    pub version: Version,
}

impl Creation<'_> {
    /// Returns the new id, which the mapping knows from then on, as it knows those of all components.
    pub fn entity(&mut self, uid: &str, source: &Value, data: &Map<String, Value>) -> Result<Id, Failure> {
        let schemas = self.schemas;
        let Some(schema) = schemas.get(uid) else {
            // A server before 5.53 asks the schema of an unknown type for its attributes.
            let message = "Cannot destructure property 'attributes' of 'contentType' as it is undefined.";
            return Err(Failure::named("TypeError", message));
        };
        let mut found = Vec::new();
        let id = self.row(schema, data, &mut found)?;
        self.mapping.add(uid, source, id);
        // Components are known only once the whole row is there.
        for (uid, old, new) in found {
            self.mapping.add(&uid, &old, new);
        }
        Ok(id)
    }

    fn row(
        &mut self,
        schema: &Schema,
        data: &Map<String, Value>,
        found: &mut Vec<(String, Value, Id)>,
    ) -> Result<Id, Failure> {
        let mut row = Row::default();
        for (name, field) in &schema.fields {
            match field {
                Field::Component { uid, repeatable } => {
                    if let Some(value) = data.get(name).filter(|value| !value.is_null()) {
                        let parts = self.components(uid, *repeatable, value, found)?;
                        row.parts.insert(name.clone(), parts);
                    }
                }
                Field::Zone { .. } => {
                    if let Some(value) = data.get(name) {
                        row.parts.insert(name.clone(), self.zone(value, found)?);
                    }
                }
                Field::Scalar { kind, default } => {
                    let value = self.scalar(name, kind, default, data.get(name))?;
                    if kind == "uid" && self.version.is_v4() {
                        self.refuse_taken(schema, name, &value)?;
                    }
                    row.values.insert(name.clone(), value);
                }
                _ => {}
            }
        }
        attach::columns(schema, data, &mut row)?;
        let id = self.database.insert(&schema.uid, row);
        attach::relations(self.schemas, self.database, schema, id, data)?;
        Ok(id)
    }

    /// An address stands once in the whole table of version 4, also among locales.
    fn refuse_taken(&self, schema: &Schema, name: &str, value: &Value) -> Result<(), Failure> {
        let holds = |row: &Row| row.values.get(name).is_some_and(|held| !held.is_null() && held == value);
        if self.database.rows(&schema.uid).any(|(_, row)| holds(row)) {
            let table = schema.table();
            return Err(Failure::sqlite(format!("insert into `{table}` - UNIQUE constraint failed: {table}.{name}")));
        }
        Ok(())
    }

    fn components(
        &mut self,
        uid: &str,
        repeatable: bool,
        value: &Value,
        found: &mut Vec<(String, Value, Id)>,
    ) -> Result<Vec<(String, Id)>, Failure> {
        let single = [value.clone()];
        let items = match (repeatable, value) {
            (true, Value::Array(items)) => items.as_slice(),
            (true, _) => return Err(Failure::plain("Expected an array to create repeatable component")),
            (false, _) => &single,
        };
        items.iter().map(|item| self.component(uid, item, found)).collect()
    }

    fn zone(&mut self, value: &Value, found: &mut Vec<(String, Value, Id)>) -> Result<Vec<(String, Id)>, Failure> {
        let Value::Array(items) = value else {
            return Err(Failure::plain("Expected an array to create repeatable component"));
        };
        items.iter().map(|item| self.component(item["__component"].as_str().unwrap_or_default(), item, found)).collect()
    }

    fn component(
        &mut self,
        uid: &str,
        value: &Value,
        found: &mut Vec<(String, Value, Id)>,
    ) -> Result<(String, Id), Failure> {
        let schemas = self.schemas;
        let schema = schemas.get(uid).ok_or_else(|| Failure::plain(format!("Model {uid} not found")))?;
        let none = Map::new();
        let id = self.row(schema, value.as_object().unwrap_or(&none), found)?;
        if value["id"].is_number() {
            found.push((uid.to_owned(), value["id"].clone(), id));
        }
        Ok((uid.to_owned(), id))
    }

    fn scalar(&mut self, name: &str, kind: &str, default: &Value, given: Option<&Value>) -> Result<Value, Failure> {
        match given {
            None if name == "documentId" => Ok(json!(self.clock.document_id())),
            None if name == "publishedAt" => Ok(json!(self.clock.now())),
            None => Ok(default.clone()),
            Some(value) => stored(kind, value),
        }
    }
}

/// The value as it comes back from the database.
fn stored(kind: &str, value: &Value) -> Result<Value, Failure> {
    match (kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        // A biginteger is text on the wire in both directions.
        ("biginteger", Value::Number(number)) => Ok(json!(number.to_string())),
        ("string" | "text" | "richtext" | "uid" | "email", Value::Number(number)) => Ok(json!(number.to_string())),
        ("integer" | "decimal" | "float", Value::String(text)) => Ok(serde_json::from_str(text).unwrap_or(Value::Null)),
        ("datetime" | "timestamp", Value::String(text)) if text.parse::<jiff::Timestamp>().is_err() => {
            Err(Failure::named("InvalidDatetimeFormat", "Invalid format, expected a timestamp or an ISO date"))
        }
        _ => Ok(value.clone()),
    }
}
