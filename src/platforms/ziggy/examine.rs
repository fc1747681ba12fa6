//! What an item refers to, what it needs of a destination, and its digests.
//! Must not know: files, servers, plans.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::json::{self, is_uuid};
use super::pool::Item;
use super::{names, view};
use crate::model::{Digest, Digests, Facts, ItemKey, Kind, Reference};

/// The ids of a location, by which a text is known to be a reference.
#[derive(Debug, Default)]
pub(super) struct Known {
    ids: HashMap<String, Kind>,
}

impl Known {
    pub(super) fn of<'a>(keys: impl IntoIterator<Item = &'a ItemKey>) -> Known {
        let referable = |key: &&ItemKey| matches!(key.kind, Kind::Flow | Kind::Connection);
        Known { ids: keys.into_iter().filter(referable).map(|key| (key.id.to_string(), key.kind)).collect() }
    }
}

/// Blocks that every server has (docs, Receiver, Javascript, Subflow, Commander). Any other is looked up in the
/// destination's registry of blocks: the group that a block names is for the editor and says nothing sure.
const CORE_BLOCKS: &[&str] = &["RECEIVER", "TERMINATOR", "JAVASCRIPT", "SUBFLOW", "COMMANDER"];

/// What examination finds.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) digests: Digests,
    pub(super) references: Vec<Reference>,
    pub(super) needs: Vec<String>,
    pub(super) facts: Facts,
}

pub(super) fn examine(item: &Item, known: &Known) -> Examined {
    let kind = item.key.kind;
    let view = view::semantic(kind, &item.value);
    let mut finder =
        Finder { own: &item.key.id, known, references: Vec::new(), seen: HashSet::new(), needs: BTreeSet::new() };
    match kind {
        Kind::Flow => finder.flow(&view, &item.value),
        Kind::Connection => finder.connection(&view),
        _ => {}
    }
    let Finder { references, needs, .. } = finder;
    let digests = Digests { semantic: semantic_digest(&item.key, view, &references), exact: exact_digest(&item.value) };
    let needs = needs.into_iter().collect();
    Examined { digests, references, needs, facts: facts(kind, &item.value) }
}

pub(super) fn facts(kind: Kind, value: &Value) -> Facts {
    Facts {
        updated: json::changed_at(value),
        locked: json::is_true(value, "isLocked"),
        // Empty or null means: to be filled. What is not empty is masked.
        without_value: kind == Kind::Secret && json::text(value, "devValue").is_none(),
        deleted: json::is_true(value, "isDeleted"),
        single: false,
        state: None,
    }
}

struct Finder<'a> {
    own: &'a str,
    known: &'a Known,
    references: Vec<Reference>,
    seen: HashSet<Reference>,
    needs: BTreeSet<String>,
}

impl Finder<'_> {
    fn flow(&mut self, view: &Value, whole: &Value) {
        for part in ["nodes", "edges"] {
            if let Some(value) = view.get(part) {
                self.nodes(value);
            }
        }
        if let Some(queue) = json::text(view, "queueUuid") {
            self.needs.insert(format!("queue:{queue}"));
        }
        self.nested(whole);
    }

    /// Connections and secrets that the flow holds copies of, but that no block names in a way that is understood.
    fn nested(&mut self, whole: &Value) {
        let named: HashSet<String> = json::list(whole, "connections")
            .iter()
            .flat_map(|connection| ["devValue", "prodValue", "stagingValue"].map(|field| json::text(connection, field)))
            .flatten()
            .flat_map(names::secrets)
            .collect();
        for connection in json::list(whole, "connections") {
            let (Some(id), name) = (json::text(connection, "uuid"), json::text(connection, "name")) else { continue };
            let by_name = name.map(|name| Reference::Name(Kind::Connection, name.into()));
            if !by_name.is_some_and(|reference| self.seen.contains(&reference)) {
                self.add(Reference::Id(ItemKey::new(Kind::Connection, id)));
            }
        }
        for secret in json::list(whole, "secrets").iter().filter_map(|secret| json::text(secret, "name")) {
            if !named.contains(secret) {
                self.add(Reference::Name(Kind::Secret, secret.into()));
            }
        }
    }

    fn connection(&mut self, view: &Value) {
        for field in ["devValue", "prodValue", "stagingValue"] {
            match view.get(field) {
                Some(Value::String(source)) => self.config(source),
                // Newer servers may keep the config as JSON.
                Some(config @ Value::Object(_)) => self.config(&config.to_string()),
                _ => {}
            }
        }
    }

    /// References of a config stand outside quotes; in quotes they would be sent as they are written.
    fn config(&mut self, source: &str) {
        for entry in super::entries::read(source).into_iter().filter(|entry| !entry.in_comment) {
            for secret in entry.secrets {
                self.add(Reference::Name(Kind::Secret, secret.into()));
            }
        }
    }

    /// Blocks are a list, or a map by id.
    fn nodes(&mut self, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|node| self.node(node)),
            Value::Object(map) => map.values().for_each(|node| self.node(node)),
            other => self.walk("", other, CallsFlows::No),
        }
    }

    fn node(&mut self, node: &Value) {
        let data = node.get("data").unwrap_or(&Value::Null);
        let type_ = json::text(data, "type").or_else(|| json::text(node, "type")).unwrap_or_default();
        if !type_.is_empty() && !CORE_BLOCKS.contains(&type_.to_uppercase().as_str()) {
            self.needs.insert(format!("plugin:{type_}"));
        }
        let lower = type_.to_lowercase();
        let calls = lower.contains("subflow") || lower.contains("sub_flow") || lower.contains("commander");
        self.walk("", node, if calls { CallsFlows::Yes } else { CallsFlows::No });
    }

    fn walk(&mut self, key: &str, value: &Value, calls: CallsFlows) {
        match value {
            Value::String(text) => self.text(key, text, calls),
            Value::Array(list) => list.iter().for_each(|value| self.walk(key, value, calls)),
            Value::Object(object) => object.iter().for_each(|(key, value)| self.walk(key, value, calls)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, key: &str, text: &str, calls: CallsFlows) {
        if text == self.own || text.is_empty() {
            return;
        }
        let lower = key.to_lowercase();
        if let Some(&kind) = self.known.ids.get(text) {
            self.add(Reference::Id(ItemKey::new(kind, text)));
        } else if is_uuid(text) {
            self.unknown_id(&lower, text);
        } else if calls == CallsFlows::Yes && lower.contains("flow") {
            // The docs say that a subflow is chosen by name; whether it is stored so is not known.
            self.add(Reference::Name(Kind::Flow, text.into()));
        } else {
            self.names(text);
        }
    }

    /// An id that this location does not have: the key tells what it would be.
    fn unknown_id(&mut self, key: &str, id: &str) {
        if key.contains("connection") {
            self.add(Reference::Id(ItemKey::new(Kind::Connection, id)));
        } else if key.contains("flow") {
            self.add(Reference::Id(ItemKey::new(Kind::Flow, id)));
        } else if key.contains("queue") {
            self.needs.insert(format!("queue:{id}"));
        } else if key.contains("structure") {
            self.needs.insert(format!("structure:{id}"));
        }
    }

    fn names(&mut self, text: &str) {
        for name in names::connections(text) {
            self.add(Reference::Name(Kind::Connection, name.into()));
        }
        for name in names::secrets(text) {
            self.add(Reference::Name(Kind::Secret, name.into()));
        }
        self.needs.extend(names::variables(text).into_iter().map(|name| format!("variable:{name}")));
    }

    fn add(&mut self, reference: Reference) {
        if self.seen.insert(reference.clone()) {
            self.references.push(reference);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CallsFlows {
    Yes,
    No,
}

/// The view with ids replaced by their place among the references, and the item's own by one word.
fn semantic_digest(key: &ItemKey, mut view: Value, references: &[Reference]) -> Digest {
    let places: HashMap<&str, usize> = references
        .iter()
        .enumerate()
        .filter_map(|(at, reference)| match reference {
            Reference::Id(key) => Some((&*key.id, at)),
            Reference::Name(..) => None,
        })
        .collect();
    json::edit_texts(&mut view, &mut |text| {
        // U+0000 stands in no text of a database, so that no text can pass for a reference.
        if **text == *key.id {
            *text = "\0self".to_owned();
        } else if let Some(at) = places.get(text.as_str()) {
            *text = format!("\0reference {at}");
        }
    });
    Digest::of(view.to_string().as_bytes())
}

/// Everything but what is not the item: executions, schedules, and copies of other items, which change by themselves.
fn exact_digest(value: &Value) -> Digest {
    let mut own = value.clone();
    json::remove(&mut own, &["history", "schedules", "connections", "secrets", "inFlows", "hsProps"]);
    Digest::of(own.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(kind: Kind, value: Value) -> Item {
        let id = json::text(&value, "uuid").expect("an id").to_owned();
        Item { key: ItemKey::new(kind, id), value }
    }

    const C1: &str = "c0000000-0000-4000-8000-000000000001";
    const C2: &str = "c0000000-0000-4000-8000-000000000002";

    fn flow(id: &str, connection: &str) -> Value {
        json!({
            "uuid": id, "name": "N", "updatedAt": "2026-01-05T10:00:00.000Z", "isLocked": true,
            "nodes": [
                {"id": "n1", "type": "TWILIO", "data": {"type": "TWILIO", "group": "Messaging",
                    "config": {"connectionUuid": connection, "url": "https://x/{secrets.KEY}"}}},
                {"id": "n2", "type": "SUBFLOW", "data": {"group": "Core", "config": {"flowName": "Other", "self": id}}},
                {"id": "n3", "type": "JAVASCRIPT", "data": {"group": "Core",
                    "config": {"code": "connections.Db; secrets.PW; variables.region"}}}
            ]
        })
    }

    #[test]
    fn a_flow_says_what_it_refers_to_and_needs() {
        let known = Known::of(&[ItemKey::new(Kind::Connection, C1)]);
        let found = examine(&item(Kind::Flow, flow("f1", C1)), &known);
        let name = |kind, name: &str| Reference::Name(kind, name.into());
        assert_eq!(
            found.references,
            [
                Reference::Id(ItemKey::new(Kind::Connection, C1)),
                name(Kind::Secret, "KEY"),
                name(Kind::Flow, "Other"),
                name(Kind::Connection, "Db"),
                name(Kind::Secret, "PW"),
            ]
        );
        assert_eq!(found.needs, ["plugin:TWILIO", "variable:region"]);
        assert!(found.facts.locked && found.facts.updated.is_some());
    }

    #[test]
    fn the_same_flow_under_other_ids_is_semantically_equal() {
        let here = examine(&item(Kind::Flow, flow("f1", C1)), &Known::of(&[ItemKey::new(Kind::Connection, C1)]));
        let there = examine(&item(Kind::Flow, flow("f2", C2)), &Known::default());
        assert_eq!(here.digests.semantic, there.digests.semantic);
        assert_ne!(here.digests.exact, there.digests.exact);
        let mut changed = flow("f1", C1);
        changed["name"] = "M".into();
        assert_ne!(examine(&item(Kind::Flow, changed), &Known::default()).digests.semantic, here.digests.semantic);
    }

    #[test]
    fn a_connection_refers_to_secrets_outside_quotes_only() {
        let value = json!({"uuid": "c", "devValue": "{ a: secrets.A, b: 'secrets.B', /* c: secrets.C */ }",
            "prodValue": "{\"d\": \"x\"}", "inFlows": [{"uuid": "f"}]});
        let found = examine(&item(Kind::Connection, value), &Known::default());
        assert_eq!(found.references, [Reference::Name(Kind::Secret, "A".into())]);
    }

    #[test]
    fn copies_and_executions_do_not_change_a_flow() {
        let bare = examine(&item(Kind::Flow, flow("f1", C1)), &Known::of(&[ItemKey::new(Kind::Connection, C1)]));
        let mut full = flow("f1", C1);
        full["connections"] = json!([{"uuid": C1, "name": "Twilio", "devValue": "{ t: secrets.T }"}]);
        full["secrets"] = json!([{"uuid": "s", "name": "T"}, {"uuid": "s2", "name": "PW"}]);
        full["history"] = json!([1, 2]);
        let full = examine(&item(Kind::Flow, full), &Known::default());
        assert_eq!(full.digests, bare.digests);
        assert_eq!(full.references, bare.references);
    }

    #[test]
    fn a_secret_without_a_value_says_so() {
        for (value, without) in [(json!(null), true), (json!(""), true), (json!("****"), false)] {
            let secret = item(Kind::Secret, json!({"uuid": "s", "name": "S", "devValue": value}));
            assert_eq!(examine(&secret, &Known::default()).facts.without_value, without);
        }
    }
}
