//! The part of an item that matters when two are compared: without times, tenant, view state and what the last
//! execution left behind; keys sorted, empty fields gone, numbers spelled one way.
//! Must not know: digests, references, locations. The view is never uploaded.

use serde_json::{Map, Number, Value};

use super::numbers;
use crate::model::Kind;

/// Fields of every item that do not count: its own id, times, tenant, relations that only some answers carry, and
/// what a server never hands out.
const LEFT_OUT: &[&str] = &[
    "uuid",
    "tenantId",
    "createdAt",
    "updatedAt",
    "viewport",
    "history",
    "schedules",
    "connections",
    "secrets",
    "structures",
    "variables",
    "privateVariables",
    "inFlows",
    "hsProps",
    "devOAuthToken",
    "prodOAuthToken",
    "stagingOAuthToken",
];
const SECRET_VALUES: &[&str] = &["devValue", "prodValue", "stagingValue"];
/// Of a block: how the editor shows it, and what its last execution left (plugin SDK 1.0.5).
const BLOCK_STATE: &[&str] = &["selected", "isActive", "executionTime", "waitingForAllEdgeData"];
/// Of an edge: data of the last execution.
const EDGE_STATE: &[&str] = &["payload", "data", "batchItems", "edgeDataErrorMsg"];

pub(super) fn semantic(kind: Kind, item: &Value) -> Value {
    let Some(object) = item.as_object() else { return normal(item) };
    let left_out = |key: &str, value: &Value| {
        LEFT_OUT.contains(&key)
            || (kind == Kind::Secret && SECRET_VALUES.contains(&key))
            // Lists and single answers differ in whether a field without a value is there at all.
            || value.is_null()
            || (matches!(key, "isDeleted" | "isCorePlatform") && *value == Value::Bool(false))
    };
    let fields = object.iter().filter(|(key, value)| !left_out(key, value)).map(|(key, value)| {
        let value = match key.as_str() {
            "nodes" => without_state(value, block),
            "edges" => without_state(value, edge),
            "tags" => sorted(value),
            _ => normal(value),
        };
        (key.clone(), value)
    });
    sort_keys(fields)
}

/// Keys sorted and numbers spelled one way, nothing left out.
fn normal(value: &Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.iter().map(normal).collect()),
        Value::Object(object) => sort_keys(object.iter().map(|(key, value)| (key.clone(), normal(value)))),
        Value::Number(number) => Value::Number(one_spelling(number)),
        Value::String(text) => match numbers::marked(text) {
            Some(number) => Value::Number(one_spelling(&number)),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

fn sort_keys(fields: impl Iterator<Item = (String, Value)>) -> Value {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    Value::Object(Map::from_iter(fields))
}

fn sorted(tags: &Value) -> Value {
    let Value::Array(list) = tags else { return normal(tags) };
    let mut list: Vec<Value> = list.iter().map(normal).collect();
    list.sort_by_key(Value::to_string);
    Value::Array(list)
}

/// `1.0`, `1e0` and `1` are one number to the JavaScript at the other end. Whole numbers keep every digit.
fn one_spelling(number: &Number) -> Number {
    let text = number.to_string();
    if !text.contains(['.', 'e', 'E']) && text != "-0" {
        return number.clone();
    }
    let Some(float) = number.as_f64().filter(|float| float.is_finite()) else { return number.clone() };
    // Beyond 2^53 a float no longer holds every whole number.
    if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 {
        return Number::from(float as i64);
    }
    Number::from_f64(float).unwrap_or_else(|| number.clone())
}

/// Blocks and edges are a list, or a map by id.
fn without_state(value: &Value, strip: fn(&Map<String, Value>) -> Value) -> Value {
    let element = |value: &Value| value.as_object().map_or_else(|| normal(value), strip);
    match value {
        Value::Array(list) => Value::Array(list.iter().map(element).collect()),
        Value::Object(map) => sort_keys(map.iter().map(|(key, value)| (key.clone(), element(value)))),
        other => normal(other),
    }
}

fn block(node: &Map<String, Value>) -> Value {
    fields(node, BLOCK_STATE, BLOCK_STATE)
}

fn edge(edge: &Map<String, Value>) -> Value {
    fields(edge, BLOCK_STATE, EDGE_STATE)
}

/// The fields of a block or edge, without its state and without the state inside its `data`.
fn fields(object: &Map<String, Value>, state: &[&str], data_state: &[&str]) -> Value {
    let kept = object.iter().filter(|(key, _)| !state.contains(&key.as_str())).map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("data", Value::Object(data)) => {
                let kept = data.iter().filter(|(key, _)| !data_state.contains(&key.as_str()));
                sort_keys(kept.map(|(key, value)| (key.clone(), normal(value))))
            }
            _ => normal(value),
        };
        (key.clone(), value)
    });
    // An edge that carried data only is equal to one that never ran.
    let kept = kept.filter(|(key, value)| !(key == "data" && value.as_object().is_some_and(Map::is_empty)));
    sort_keys(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(kind: Kind, text: &str) -> String {
        semantic(kind, &serde_json::from_str(text).expect(text)).to_string()
    }

    #[test]
    fn what_does_not_matter_is_left_out() {
        let flow = r#"{"uuid":"f","tenantId":"t","updatedAt":null,"name":"N","tags":["b","a"],"viewport":{"x":1},
            "isDeleted":false,"history":[1],
            "nodes":[{"id":"n","selected":true,"data":{"isActive":true,"executionTime":3,"config":{"x":1.0}}}],
            "edges":[{"id":"e","data":{"payload":"p"}}]}"#;
        let expected =
            r#"{"edges":[{"id":"e"}],"name":"N","nodes":[{"data":{"config":{"x":1}},"id":"n"}],"tags":["a","b"]}"#;
        assert_eq!(view(Kind::Flow, flow), expected);
        let secret = r#"{"uuid":"s","name":"S","devValue":"x","prodValue":null,"description":"d"}"#;
        assert_eq!(view(Kind::Secret, secret), r#"{"description":"d","name":"S"}"#);
    }

    #[test]
    fn numbers_are_equal_where_javascript_sees_one_number() {
        for (text, spelled) in [
            ("1.0", "1"),
            ("1e2", "100"),
            ("-0", "0"),
            ("0.10", "0.1"),
            ("12345678901234567890", "12345678901234567890"),
            ("1e400", "1e+400"),
        ] {
            let view = view(Kind::Flow, &format!("{{\"x\":{text}}}"));
            if text != "1e400" {
                assert_eq!(view, format!("{{\"x\":{spelled}}}"));
            }
        }
    }
}
