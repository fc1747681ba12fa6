//! Webhooks as records of what would have been sent. Nothing is ever sent.
//! Must not know: HTTP.

use serde_json::{Value, json};

use super::{object::Body, state::State};

pub(super) const KIND: &str = "_webhooks";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fired {
    pub webhook: String,
    pub action: &'static str,
    pub kind: String,
    pub id: String,
}

impl Fired {
    pub fn value(&self) -> Value {
        json!({ "webhook": self.webhook, "action": self.action, "type": self.kind, "id": self.id })
    }
}

/// Notes which enabled webhooks this write would have told.
pub(super) fn fire(state: &mut State, action: &'static str, kind: &str, id: &str) {
    let Some(webhooks) = state.kind(KIND) else { return };
    let of_user = state.kind(kind).is_some_and(|kind| !kind.definition.internal);
    let told: Vec<String> = webhooks
        .objects
        .iter()
        .filter(|webhook| wants(&webhook.body(), action, kind, of_user))
        .map(|webhook| webhook.id.clone())
        .collect();
    for webhook in told {
        state.fired.push(Fired { webhook, action, kind: kind.to_owned(), id: id.to_owned() });
    }
}

/// A list of types that is empty means all types of the user.
fn wants(webhook: &Body, action: &str, kind: &str, of_user: bool) -> bool {
    let list = |name: &str, key: &str| -> Vec<String> {
        let entries = webhook.get(name).and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(|entry| entry[key].as_str().map(str::to_owned)).collect()
    };
    let types = list("content_type_definitions", "content_type_definition_name");
    let of_type = if types.is_empty() { of_user } else { types.iter().any(|name| name == kind) };
    let enabled = webhook.get("enabled") == Some(&Value::Bool(true));
    enabled && of_type && list("actions", "action").iter().any(|wanted| wanted == action)
}
