//! Relations replaced by what they lead to, one level or two.
//! Must not know: HTTP.

use serde_json::Value;

use super::{content::View, query::Query, reference, state::State};

pub(super) fn depth(query: &Query) -> usize {
    query.get("hydrate").and_then(|text| text.parse().ok()).map_or(0, |depth: usize| depth.min(2))
}

/// What cannot be seen stays a relation.
pub(super) fn hydrated(state: &State, view: &View, value: Value, depth: usize) -> Value {
    if depth == 0 {
        return value;
    }
    match value {
        Value::Array(items) => items.into_iter().map(|item| hydrated(state, view, item, depth)).collect(),
        Value::Object(map) => {
            let value = Value::Object(map);
            let target = reference::target(&value);
            match (target.and_then(|target| seen(state, view, &target.kind, &target.id)), value) {
                (Some(object), _) => hydrated(state, view, object, depth - 1),
                (None, Value::Object(map)) => {
                    map.into_iter().map(|(key, value)| (key, hydrated(state, view, value, depth))).collect()
                }
                (None, other) => other,
            }
        }
        other => other,
    }
}

fn seen(state: &State, view: &View, kind: &str, id: &str) -> Option<Value> {
    let holder = state.kind(kind)?;
    view.object(holder, holder.objects.get(id)?)
}
