//! `restore.entities.params.where` held against a row, in the way of Strapi's query engine: equality, `$in`, `$or`,
//! `$null` and their like on the columns of the row.
//! Must not know: what happens to the rows that match.

use serde_json::{Value, json};

use super::{
    failure::Failure,
    schema::{Field, Schema},
    store::{Id, Row},
};

/// Bound values that SQLite takes in one statement.
const MOST_VALUES: usize = 32_766;

/// Whether the condition can be asked of the type at all.
pub(super) fn check(schema: &Schema, condition: &Value) -> Result<(), Failure> {
    let values = count(condition);
    if values > MOST_VALUES {
        return Err(Failure::sqlite(format!("select * from `{}` - too many SQL variables", schema.table())));
    }
    columns(schema, condition)
}

fn count(condition: &Value) -> usize {
    match condition {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 1,
    }
}

fn columns(schema: &Schema, condition: &Value) -> Result<(), Failure> {
    match condition {
        Value::Array(list) => list.iter().try_for_each(|part| columns(schema, part)),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| match key.as_str() {
            "$or" | "$and" | "$not" => columns(schema, value),
            name => match schema.field(name) {
                Some(Field::Scalar { .. }) => Ok(()),
                _ if name == "id" => Ok(()),
                _ => Err(Failure::sqlite(format!(
                    "select `t0`.* from `{}` as `t0` where (`t0`.`{name}` = ?) - no such column: t0.{name}",
                    schema.table()
                ))),
            },
        }),
        _ => Ok(()),
    }
}

pub(super) fn matches(condition: &Value, id: Id, row: &Row) -> bool {
    match condition {
        Value::Array(parts) => parts.iter().all(|part| matches(part, id, row)),
        Value::Object(map) => map.iter().all(|(key, value)| match key.as_str() {
            "$and" => list(value).iter().all(|part| matches(part, id, row)),
            "$or" => list(value).iter().any(|part| matches(part, id, row)),
            "$not" => !matches(value, id, row),
            "id" => holds(value, &json!(id)),
            name => holds(value, row.values.get(name).unwrap_or(&Value::Null)),
        }),
        _ => true,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn holds(wanted: &Value, found: &Value) -> bool {
    match wanted {
        Value::Object(operators) => operators.iter().all(|(operator, value)| operate(operator, value, found)),
        // A list is short for `$in`.
        Value::Array(list) => list.iter().any(|value| same(value, found)),
        value => same(value, found),
    }
}

fn operate(operator: &str, value: &Value, found: &Value) -> bool {
    match operator {
        "$eq" => same(value, found),
        "$ne" => !same(value, found),
        "$in" => list(value).iter().any(|value| same(value, found)),
        "$notIn" => !list(value).iter().any(|value| same(value, found)),
        "$null" => found.is_null() == (*value == json!(true)),
        "$notNull" => found.is_null() != (*value == json!(true)),
        "$lt" => compare(found, value).is_some_and(|order| order.is_lt()),
        "$lte" => compare(found, value).is_some_and(|order| order.is_le()),
        "$gt" => compare(found, value).is_some_and(|order| order.is_gt()),
        "$gte" => compare(found, value).is_some_and(|order| order.is_ge()),
        "$startsWith" => text(found).is_some_and(|found| text(value).is_some_and(|start| found.starts_with(start))),
        "$contains" => text(found).is_some_and(|found| text(value).is_some_and(|part| found.contains(part))),
        _ => false,
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// A number and its text are the same to the database.
fn same(a: &Value, b: &Value) -> bool {
    a == b || (!a.is_null() && !b.is_null() && plain(a) == plain(b))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => Some(text(a)?.cmp(text(b)?)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn row() -> Row {
        let values = json!({ "documentId": "a", "locale": "en", "publishedAt": null, "views": 7 });
        Row { values: values.as_object().unwrap().clone(), ..Row::default() }
    }

    #[rstest]
    #[case(json!({ "documentId": { "$in": ["a", "b"] } }), true)]
    #[case(json!({ "documentId": { "$in": [] } }), false)]
    #[case(json!({ "documentId": "b" }), false)]
    #[case(json!({ "publishedAt": null }), true)]
    #[case(json!({ "publishedAt": { "$null": true } }), true)]
    #[case(json!({ "publishedAt": { "$null": false } }), false)]
    #[case(json!({ "publishedAt": { "$notNull": true } }), false)]
    #[case(json!({ "$or": [{ "documentId": "x" }, { "locale": "en", "id": 3 }] }), true)]
    #[case(json!({ "$or": [{ "documentId": "x" }, { "locale": "fr" }] }), false)]
    #[case(json!({ "$not": { "locale": "fr" } }), true)]
    #[case(json!({ "views": { "$gt": 6, "$lte": 7 } }), true)]
    #[case(json!({ "id": "3" }), true)]
    #[case(json!({}), true)]
    fn a_condition_is_held_against_the_columns(#[case] condition: Value, #[case] expected: bool) {
        assert_eq!(matches(&condition, 3, &row()), expected, "{condition}");
    }
}
