//! Writes one link of the links stage: translates its references, then inserts it into the table it belongs to.
//! Must not know: frames, warnings that are counted.

use serde_json::{Number, Value};

use super::{
    attach,
    failure::Failure,
    mapping::Mapping,
    schema::{Field, Schemas},
    store::{Database, Id, Join, Morph},
    version::{DocumentLinks, Version},
};

/// What became of a link.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    Done,
    /// References that are not in the mapping, in words.
    Unmapped(String),
    ForeignKey,
}

pub(super) fn write(
    schemas: &Schemas,
    database: &mut Database,
    mapping: &Mapping,
    version: Version,
    link: &Value,
) -> Result<Written, Failure> {
    let (left, right) = (&link["left"], &link["right"]);
    let left_type = left["type"].as_str().unwrap_or_default();
    let Some(schema) = schemas.get(left_type) else { return Err(unknown_type(version)) };
    let name = left["field"].as_str().unwrap_or_default();
    let field = schema.field(name);
    let left_id = translate(mapping, version, left);
    if let Some(Field::Document { .. }) = field {
        return Ok(document(database, left_type, left_id, left, right, version));
    }
    let right_id = translate(mapping, version, right);
    let (Some(left_id), Some(right_id)) = (left_id, right_id) else {
        return Ok(Written::Unmapped(unmapped(&[(left, left_id), (right, right_id)])));
    };
    let right_type = right["type"].as_str().unwrap_or_default().to_owned();
    let order = |end: &Value| end["pos"].as_number().cloned();
    match field {
        None if version.is_v4() => {
            Err(Failure::named("TypeError", "Cannot read properties of undefined (reading 'type')"))
        }
        // Fields that a plugin adds may be missing here.
        None | Some(Field::MorphEnd { .. }) => Ok(Written::Done),
        Some(Field::Relation(relation)) => {
            let ends = Ends { left: left_id, right: right_id, order: order(left), inverse: order(right) };
            let join = ends.join(relation.owner, relation.has_order(), relation.has_inverse_order());
            if !known(database, left_type, left_id) || !known(database, &relation.target, right_id) {
                return Ok(Written::ForeignKey);
            }
            let fresh = database.joins_mut(&relation.table).insert(join);
            if fresh { Ok(Written::Done) } else { Err(attach::unique(schemas, relation)) }
        }
        Some(Field::Column { .. }) => {
            database.change(left_type, left_id, |row| {
                row.columns.insert(name.to_owned(), right_id);
            });
            Ok(Written::Done)
        }
        Some(Field::MorphColumn) => {
            database.change(left_type, left_id, |row| {
                row.morphs.insert(name.to_owned(), (right_type, right_id));
            });
            Ok(Written::Done)
        }
        Some(Field::MorphTable) => {
            if !known(database, left_type, left_id) {
                return Ok(Written::ForeignKey);
            }
            let field = right["field"].as_str().map(str::to_owned);
            let morph = Morph { left: left_id, right_type, right: right_id, field, order: order(right) };
            database.morphs_mut(&(left_type.to_owned(), name.to_owned())).push(morph);
            Ok(Written::Done)
        }
        Some(_) => Err(Failure::plain(format!("Attribute {name} is not a relation"))),
    }
}

struct Ends {
    left: Id,
    right: Id,
    order: Option<Number>,
    inverse: Option<Number>,
}

impl Ends {
    fn join(self, owner: bool, has_order: bool, has_inverse: bool) -> Join {
        let order = self.order.filter(|_| has_order);
        let inverse = self.inverse.filter(|_| has_inverse);
        match owner {
            true => Join { left: self.left, right: self.right, order, inverse },
            false => Join { left: self.right, right: self.left, order: inverse, inverse: order },
        }
    }
}

fn known(database: &Database, uid: &str, id: Id) -> bool {
    database.row(uid, id).is_some()
}

/// A server of 5.49 and later dies of it; before, and in version 4, the transfer fails.
fn unknown_type(version: Version) -> Failure {
    if version.skips_unmapped() { Failure::Crash } else { Failure::plain("Cannot read properties of undefined") }
}

/// A string reference to a document: the row joins that document, whatever it was before.
fn document(
    database: &mut Database,
    uid: &str,
    left: Option<Id>,
    left_end: &Value,
    right: &Value,
    version: Version,
) -> Written {
    let Some(id) = left else { return Written::Unmapped(unmapped(&[(left_end, None)])) };
    if version.document_links() == DocumentLinks::Skipped {
        return Written::Unmapped(unmapped(&[(right, None)]));
    }
    database.change(uid, id, |row| {
        row.values.insert("documentId".to_owned(), right["ref"].clone());
    });
    Written::Done
}

fn translate(mapping: &Mapping, version: Version, end: &Value) -> Option<Id> {
    let mapped = mapping.get(end["type"].as_str().unwrap_or_default(), &end["ref"]);
    if version.skips_unmapped() { mapped } else { mapped.or_else(|| end["ref"].as_u64()) }
}

fn unmapped(ends: &[(&Value, Option<Id>)]) -> String {
    let missing = ends.iter().filter(|(_, id)| id.is_none()).map(|(end, _)| name(end));
    missing.collect::<Vec<_>>().join(" and ")
}

/// `type:ref`, as warnings have it.
pub(super) fn name(end: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("{}:{}", text(&end["type"]), text(&end["ref"]))
}
