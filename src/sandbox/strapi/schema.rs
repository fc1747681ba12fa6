//! What the schemas mean for the database: which fields are columns, components, zones, and which table holds a
//! relation. Read from the schemas as `getSchemas` sends them.
//! Must not know: rows, frames.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The type of media files, to whose `related` every media field is the other end.
pub(super) const FILE: &str = "plugin::upload.file";
const DOCUMENT_ID: &str = "document_id";

#[derive(Debug, Default)]
pub(super) struct Schemas {
    list: Vec<Schema>,
    index: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct Schema {
    pub uid: String,
    /// As it goes over the wire.
    pub raw: Value,
    pub is_component: bool,
    pub fields: Vec<(String, Field)>,
}

#[derive(Clone, Debug)]
pub(super) enum Field {
    Scalar {
        kind: String,
        default: Value,
    },
    Component {
        uid: String,
        repeatable: bool,
    },
    Zone {
        allowed: Vec<String>,
    },
    /// The id of the target is a column of the row itself (`createdBy`).
    Column {
        target: String,
        relation: String,
    },
    /// The other languages of the document: a string reference to the `document_id` of the rows.
    Document {
        target: String,
        relation: String,
    },
    Relation(Relation),
    /// Type and id of the target are columns of the row itself.
    MorphColumn,
    /// A table that names type, id and field of each target.
    MorphTable,
    /// The other end of a `MorphColumn` or `MorphTable` of `target`. Media fields are such ends.
    MorphEnd {
        target: String,
        by: String,
        many: bool,
    },
}

/// A relation with a join table.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub relation: String,
    pub target: String,
    /// Type and field that own the table.
    pub table: Place,
    pub owner: bool,
    /// The field at the other end, where the relation goes both ways.
    pub other: Option<String>,
}

pub(super) type Place = (String, String);

impl Relation {
    /// Whether the targets of one row have an order.
    pub fn has_order(&self) -> bool {
        self.relation == "oneToMany" || self.relation == "manyToMany"
    }

    /// Whether the rows of one target have an order.
    pub fn has_inverse_order(&self) -> bool {
        self.goes_both_ways() && (self.relation == "manyToOne" || self.relation == "manyToMany")
    }

    pub fn goes_both_ways(&self) -> bool {
        !self.owner || self.other.is_some()
    }

    /// Whether a target belongs to one row alone, so that attaching it takes it away from another.
    pub fn takes_away(&self) -> bool {
        self.goes_both_ways() && (self.relation == "oneToOne" || self.relation == "oneToMany")
    }
}

impl Schemas {
    pub fn new(raw: Vec<Value>) -> Result<Self, String> {
        let mut schemas = Self::default();
        for value in raw {
            let uid = value["uid"].as_str().ok_or("a schema has no uid")?.to_owned();
            let fields = fields(&uid, &value);
            let is_component = value["modelType"] == "component";
            schemas.index.insert(uid.clone(), schemas.list.len());
            schemas.list.push(Schema { uid, raw: value, is_component, fields });
        }
        Ok(schemas)
    }

    pub fn get(&self, uid: &str) -> Option<&Schema> {
        self.index.get(uid).and_then(|at| self.list.get(*at))
    }

    pub fn field(&self, uid: &str, field: &str) -> Option<&Field> {
        self.get(uid)?.field(field)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        self.list.iter()
    }

    /// Types with rows of their own, in their order: what the stage `entities` walks through.
    pub fn content_types(&self) -> impl Iterator<Item = &Schema> {
        self.list.iter().filter(|schema| !schema.is_component)
    }

    pub fn wire(&self) -> Value {
        Value::Object(self.list.iter().map(|schema| (schema.uid.clone(), schema.raw.clone())).collect())
    }
}

impl Schema {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    /// The name of the table, for messages alone.
    pub fn table(&self) -> &str {
        self.raw["collectionName"].as_str().unwrap_or(&self.uid)
    }
}

fn fields(uid: &str, schema: &Value) -> Vec<(String, Field)> {
    let mut fields = Vec::new();
    // Every content type of version 5 has it, although no schema names it.
    if schema["modelType"] != "component" && schema["attributes"]["localizations"]["joinColumn"].is_object() {
        fields.push(("documentId".to_owned(), Field::Scalar { kind: "string".to_owned(), default: Value::Null }));
    }
    let none = Map::new();
    for (name, attribute) in schema["attributes"].as_object().unwrap_or(&none) {
        fields.push((name.clone(), field(uid, name, attribute)));
    }
    fields
}

fn field(uid: &str, name: &str, attribute: &Value) -> Field {
    let text = |key: &str| attribute[key].as_str().unwrap_or_default().to_owned();
    match attribute["type"].as_str().unwrap_or_default() {
        "component" => Field::Component { uid: text("component"), repeatable: attribute["repeatable"] == true },
        "dynamiczone" => {
            let allowed = attribute["components"].as_array().into_iter().flatten();
            Field::Zone { allowed: allowed.filter_map(Value::as_str).map(str::to_owned).collect() }
        }
        "media" => {
            Field::MorphEnd { target: FILE.to_owned(), by: "related".to_owned(), many: attribute["multiple"] == true }
        }
        "relation" => relation(uid, name, attribute, text("relation"), text("target")),
        kind => Field::Scalar { kind: kind.to_owned(), default: attribute["default"].clone() },
    }
}

fn relation(uid: &str, name: &str, attribute: &Value, relation: String, target: String) -> Field {
    match relation.as_str() {
        "morphToOne" => return Field::MorphColumn,
        "morphToMany" => return Field::MorphTable,
        "morphOne" | "morphMany" => {
            let by = attribute["morphBy"].as_str().unwrap_or_default().to_owned();
            return Field::MorphEnd { target, by, many: relation == "morphMany" };
        }
        _ => {}
    }
    if attribute["joinColumn"]["referencedColumn"] == DOCUMENT_ID {
        return Field::Document { target, relation };
    }
    if attribute["useJoinTable"] == false {
        return Field::Column { target, relation };
    }
    match attribute["mappedBy"].as_str() {
        Some(owner) => {
            let table = (target.clone(), owner.to_owned());
            Field::Relation(Relation { relation, target, table, owner: false, other: Some(owner.to_owned()) })
        }
        None => {
            let other = attribute["inversedBy"].as_str().map(str::to_owned);
            let table = (uid.to_owned(), name.to_owned());
            Field::Relation(Relation { relation, target, table, owner: true, other })
        }
    }
}
