//! Relations that are embedded in the data of a new row, with ids of this server: a number, `{"id"}`, a list,
//! `connect` or `set`; owned, inverse and polymorphic. In the way of Strapi's database layer 5.54.
//! Must not know: frames, source ids.

use serde_json::{Map, Number, Value};

use super::{
    failure::Failure,
    order,
    schema::{FILE, Field, Relation, Schema, Schemas},
    store::{Database, Id, Join, Morph, Row},
};

/// What a relation field asks for.
#[derive(Debug, Default)]
struct Wanted {
    list: Vec<Target>,
    /// Its targets may say where they want to stand. Polymorphic ends ignore it.
    connect: bool,
}

impl Wanted {
    fn positions(&self) -> Vec<order::Wish> {
        self.list.iter().map(|target| order::Wish::new(target.id.to_string(), &target.whole, |id| id)).collect()
    }
}

#[derive(Debug)]
struct Target {
    id: Id,
    whole: Value,
}

impl Target {
    /// Among rows of many types an id alone says nothing.
    fn with_type(&self) -> order::Wish {
        let kind = self.whole["__type"].as_str().unwrap_or("undefined");
        order::Wish::new(format!("{}:::{kind}", self.id), &self.whole, |id| format!("{id}:::{kind}"))
    }
}

/// Relations that are columns of the row itself.
pub(super) fn columns(schema: &Schema, data: &Map<String, Value>, row: &mut Row) -> Result<(), Failure> {
    for (name, field) in &schema.fields {
        let Some(value) = data.get(name).filter(|value| !value.is_null()) else { continue };
        match field {
            Field::Column { .. } => {
                if let Some(target) = wanted(value)?.list.pop() {
                    row.columns.insert(name.clone(), target.id);
                }
            }
            Field::MorphColumn => {
                let single = value.as_array().and_then(|list| list.first()).unwrap_or(value);
                let kind = single["__type"].as_str().unwrap_or_default();
                if let Some(id) = single["id"].as_u64() {
                    row.morphs.insert(name.clone(), (kind.to_owned(), id));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Relations that live in other tables.
pub(super) fn relations(
    schemas: &Schemas,
    database: &mut Database,
    schema: &Schema,
    id: Id,
    data: &Map<String, Value>,
) -> Result<(), Failure> {
    for (name, field) in &schema.fields {
        let Some(value) = data.get(name).filter(|value| !value.is_null()) else { continue };
        match field {
            Field::Relation(relation) => join(schemas, database, schema, relation, id, &wanted(value)?)?,
            Field::MorphTable => morph_table(schemas, database, schema, name, id, &wanted(value)?)?,
            Field::MorphEnd { target, by, .. } => {
                morph_end(schemas, database, schema, name, (target, by), id, &wanted(value)?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn wanted(value: &Value) -> Result<Wanted, Failure> {
    let whole_object = value.is_object() && value.get("id").is_none();
    if whole_object {
        if let Some(set) = value.get("set").filter(|set| !set.is_null()) {
            return Ok(Wanted { list: targets(set)?, connect: false });
        }
        let list = value.get("connect").map(targets).transpose()?.unwrap_or_default();
        return Ok(Wanted { list, connect: true });
    }
    Ok(Wanted { list: targets(value)?, connect: false })
}

/// Each id once, whatever its form.
fn targets(value: &Value) -> Result<Vec<Target>, Failure> {
    let single = [value.clone()];
    let items = value.as_array().map_or(&single[..], Vec::as_slice);
    let mut list: Vec<Target> = Vec::new();
    for item in items.iter().filter(|item| !item.is_null()) {
        let id = if item.is_object() { &item["id"] } else { item };
        let id = id.as_u64().or_else(|| id.as_str()?.parse().ok());
        let id = id.ok_or_else(|| Failure::plain("Invalid id, expected a string or integer, got [object Object]"))?;
        if !list.iter().any(|known| known.id == id && known.whole == *item) {
            list.push(Target { id, whole: item.clone() });
        }
    }
    Ok(list)
}

fn join(
    schemas: &Schemas,
    database: &mut Database,
    schema: &Schema,
    relation: &Relation,
    id: Id,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let own = |join: &Join| if relation.owner { join.left } else { join.right };
    let other = |join: &Join| if relation.owner { join.right } else { join.left };
    let ids: Vec<Id> = wanted.list.iter().map(|target| target.id).collect();
    if relation.takes_away() && !ids.is_empty() {
        let siblings = siblings(database, &schema.uid, id);
        let lost = |join: &Join| !siblings.contains(&own(join)) && ids.contains(&other(join));
        if database.joins(&relation.table).iter().any(lost) {
            database.joins_mut(&relation.table).retain(|join| !lost(join));
        }
    }
    let placed = if wanted.connect && relation.has_order() { order::placed(&wanted.positions())? } else { Vec::new() };
    let mut seen = Vec::new();
    for target in &ids {
        if seen.contains(target) {
            continue;
        }
        seen.push(*target);
        if database.row(&relation.target, *target).is_none() {
            return Err(foreign_key(schemas, relation, id, *target));
        }
        // `connect` counts from 0 where everything else counts from 1.
        let connected = placed.iter().position(|placed| *placed == target.to_string());
        let order = relation.has_order().then(|| Number::from(connected.unwrap_or(seen.len())));
        let inverse = relation.has_inverse_order().then(|| next_place(database, relation, *target));
        let join = match relation.owner {
            true => Join { left: id, right: *target, order, inverse },
            false => Join { left: *target, right: id, order: inverse, inverse: order },
        };
        if !database.joins_mut(&relation.table).insert(join) {
            return Err(unique(schemas, relation));
        }
    }
    Ok(())
}

/// Rows of the same document: a relation is not taken away from them.
fn siblings(database: &Database, uid: &str, id: Id) -> Vec<Id> {
    let document = database.row(uid, id).and_then(|row| row.text("documentId").map(str::to_owned));
    let Some(document) = document else { return vec![id] };
    database.rows(uid).filter(|(_, row)| row.text("documentId") == Some(&document)).map(|(id, _)| id).collect()
}

/// Behind the last row in the target's list.
fn next_place(database: &Database, relation: &Relation, target: Id) -> Number {
    let joins = database.joins(&relation.table).iter();
    let places = joins.filter_map(|join| match relation.owner {
        true if join.right == target => join.inverse.as_ref(),
        false if join.left == target => join.order.as_ref(),
        _ => None,
    });
    let last = places.filter_map(Number::as_f64).fold(0.0, f64::max);
    if last.fract() == 0.0 {
        Number::from(last as u64 + 1)
    } else {
        Number::from_f64(last + 1.0).unwrap_or_else(|| Number::from(1))
    }
}

fn morph_table(
    schemas: &Schemas,
    database: &mut Database,
    schema: &Schema,
    name: &str,
    id: Id,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let table = (schema.uid.clone(), name.to_owned());
    let mut rows = Vec::new();
    // The same row twice is refused, even for two of its fields.
    order::placed(&wanted.list.iter().map(Target::with_type).collect::<Vec<_>>())?;
    for (at, target) in wanted.list.iter().enumerate() {
        let kind = target.whole["__type"].as_str().unwrap_or_default();
        if schemas.get(kind).is_none() {
            return Err(Failure::plain(format!("Metadata for \"{kind}\" not found")));
        }
        let field = target.whole["__pivot"]["field"].as_str().map(str::to_owned);
        rows.push(Morph {
            left: id,
            right_type: kind.to_owned(),
            right: target.id,
            field,
            order: Some(Number::from(at + 1)),
        });
    }
    // A field that holds one target gives up the one it had.
    let single = |morph: &Morph| {
        let end = morph.field.as_deref().and_then(|field| schemas.field(&morph.right_type, field));
        matches!(end, Some(Field::MorphEnd { target, by, many: false }) if *target == schema.uid && by == name)
    };
    let taken: Vec<&Morph> = rows.iter().filter(|morph| single(morph)).collect();
    let replaces = |old: &Morph| {
        taken.iter().any(|new| new.right_type == old.right_type && new.right == old.right && new.field == old.field)
    };
    if !taken.is_empty() {
        database.morphs_mut(&table).retain(|old| !replaces(old));
    }
    database.morphs_mut(&table).extend(rows);
    Ok(())
}

/// The end of a polymorphic relation: a media field, or `morphOne` and `morphMany`.
fn morph_end(
    schemas: &Schemas,
    database: &mut Database,
    schema: &Schema,
    name: &str,
    (target, by): (&str, &str),
    id: Id,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let list = if wanted.connect { &[][..] } else { &wanted.list };
    match schemas.field(target, by) {
        Some(Field::MorphColumn) => {
            if let Some(first) = list.first() {
                database.change(target, first.id, |row| {
                    row.morphs.insert(by.to_owned(), (schema.uid.clone(), id));
                });
            }
        }
        Some(Field::MorphTable) => {
            for (at, file) in list.iter().enumerate() {
                if database.row(target, file.id).is_none() {
                    return Err(foreign_key_of_morph(target, by, schema, name, id, file.id));
                }
                database.morphs_mut(&(target.to_owned(), by.to_owned())).push(Morph {
                    left: file.id,
                    right_type: schema.uid.clone(),
                    right: id,
                    field: Some(name.to_owned()),
                    order: Some(Number::from(at + 1)),
                });
            }
        }
        _ => return Err(Failure::plain(format!("Expected target attribute {target}.{by} to be a relation attribute"))),
    }
    Ok(())
}

/// Name and columns of a join table, owner first.
fn table(schemas: &Schemas, relation: &Relation) -> [String; 3] {
    let (uid, field) = &relation.table;
    let owner = schemas.get(uid).map_or(uid.as_str(), Schema::table);
    let target = match schemas.field(uid, field) {
        Some(Field::Relation(owning)) => owning.target.as_str(),
        _ => &relation.target,
    };
    let prefix = if target == uid { "inv_" } else { "" };
    [format!("{owner}_{}_lnk", snake(field)), format!("{}_id", single(uid)), format!("{prefix}{}_id", single(target))]
}

/// `api::tag.tag` and `shared.tag` are a `tag`.
fn single(uid: &str) -> String {
    snake(uid.rsplit('.').next().unwrap_or(uid))
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for sign in name.chars() {
        match sign {
            '-' => text.push('_'),
            'A'..='Z' => {
                text.push('_');
                text.push(sign.to_ascii_lowercase());
            }
            _ => text.push(sign),
        }
    }
    text
}

fn foreign_key(schemas: &Schemas, relation: &Relation, id: Id, target: Id) -> Failure {
    let [table, owner, other] = table(schemas, relation);
    let (left, right) = if relation.owner { (id, target) } else { (target, id) };
    Failure::sqlite(format!(
        "insert into `{table}` (`{owner}`, `{other}`) values ({left}, {right}) returning `id` - FOREIGN KEY constraint \
         failed"
    ))
}

fn foreign_key_of_morph(target: &str, by: &str, schema: &Schema, name: &str, id: Id, file: Id) -> Failure {
    let table = if target == FILE { "files" } else { target };
    let uid = &schema.uid;
    Failure::sqlite(format!(
        "insert into `{table}_{by}_mph` (`field`, `file_id`, `order`, `related_id`, `related_type`) values ('{name}', \
         {file}, 1, {id}, '{uid}') returning `id` - FOREIGN KEY constraint failed"
    ))
}

pub(super) fn unique(schemas: &Schemas, relation: &Relation) -> Failure {
    let [table, owner, other] = table(schemas, relation);
    Failure::sqlite(format!("insert into `{table}` - UNIQUE constraint failed: {table}.{owner}, {table}.{other}"))
}
