//! What never leaves a Ziggy server by Haul: values of secrets and OAuth tokens. They become null wherever they are.
//! Must not know: why the JSON is written.
//!
//! A server hands out masked values of secrets (the docs' screenshots show asterisks); written back they would
//! replace the real ones. OAuth tokens of connections are not masked at all.

use serde_json::Value;

use super::json;
use crate::model::Kind;

const VALUES: [&str; 3] = ["devValue", "prodValue", "stagingValue"];
pub(super) const OAUTH: [&str; 3] = ["devOAuthToken", "prodOAuthToken", "stagingOAuthToken"];

/// An item as it may be written to a file.
pub(super) fn item(kind: Kind, value: &mut Value) {
    if kind == Kind::Secret {
        blank(value, &VALUES);
    }
    anything(value);
}

/// Blanks tokens at any depth, and values of everything in a list called `secrets`.
fn anything(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(anything),
        Value::Object(_) => {
            blank(value, &OAUTH);
            if let Some(secrets) = value.get_mut("secrets").and_then(Value::as_array_mut) {
                secrets.iter_mut().for_each(|secret| blank(secret, &VALUES));
            }
            value.as_object_mut().into_iter().flatten().for_each(|(_, inner)| anything(inner));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fields that are there become null; none is added.
fn blank(value: &mut Value, fields: &[&str]) {
    for field in fields {
        if value.get(*field).is_some() {
            json::set(value, field, Value::Null);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_value_and_no_token_stays_anywhere() {
        let mut flow = json!({
            "uuid": "f", "nodes": [{"data": {"config": {"devValue": "kept"}}}],
            "connections": [{"devValue": "{}", "devOAuthToken": "canary", "secrets": [{"prodValue": "canary"}]}],
            "secrets": [{"name": "S", "devValue": "canary", "prodValue": null, "stagingValue": "canary"}],
            "history": [{"flowHistory": {"connections": [{"prodOAuthToken": "canary"}]}}],
        });
        item(Kind::Flow, &mut flow);
        let text = flow.to_string();
        assert!(!text.contains("canary") && text.contains("kept"), "{text}");
        let mut secret = json!({"name": "S", "devValue": "canary", "other": 1});
        item(Kind::Secret, &mut secret);
        assert_eq!(secret, json!({"name": "S", "devValue": null, "other": 1}));
        let mut connection = json!({"devValue": "{ a: 1 }", "prodOAuthToken": "canary"});
        item(Kind::Connection, &mut connection);
        assert_eq!(connection, json!({"devValue": "{ a: 1 }", "prodOAuthToken": null}));
    }
}
