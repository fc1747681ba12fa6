//! The sample content: a catalogue of rows in `assets/ziggy`, each of which says how an item looks at dev and at prod.
//! In a row, `at` names the servers (both without it), `prod` overrides fields at prod, `twin` gives prod another uuid,
//! and `@flow:NAME`, `@connection:NAME`, `@queue:NAME` … in a string become the uuid of that item on that server.
//! Must not know: HTTP, imports.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    generate::{self, Amounts},
    graph::{Block, FlowParts, flow},
    item::{Kind, set},
    state::{SOLO, State},
};
use crate::sandbox::{Side, rng::uuid_of};

const FLOWS: &str = include_str!("../../../assets/ziggy/flows.json");
const CONNECTIONS: &str = include_str!("../../../assets/ziggy/connections.json");
const SECRETS: &str = include_str!("../../../assets/ziggy/secrets.json");
const AROUND: &str = include_str!("../../../assets/ziggy/around.json");
const AMBIGUOUS: &str = include_str!("../../../assets/ziggy/ambiguous.json");
const TEMPLATES: &str = include_str!("../../../assets/ziggy/templates.json");

/// What the servers hold at the start.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Content {
    /// So many generated flows instead of the sample content.
    pub items: Option<usize>,
    pub seed: u64,
    /// With the cases that no rule can decide.
    pub ambiguous: bool,
}

impl Content {
    pub(super) fn state(&self, side: Side) -> Result<State, String> {
        let mut state = State::new(side.name(), self.seed);
        let catalogue = Catalogue::read(self.ambiguous)?;
        catalogue.furnish(&mut state, side);
        match self.items {
            None => catalogue.fill(&mut state, side),
            Some(items) => {
                state.register_tags("Flow", &generate::tags());
                for kind in Kind::ALL {
                    for recipe in Amounts::of(items).recipes(kind, self.seed, side) {
                        state.store_mut(kind).put_recipe(recipe);
                    }
                }
            }
        }
        Ok(state)
    }
}

/// `[{type, connectionObject}]`, the field list of each connection type.
pub(super) fn templates() -> Result<Value, String> {
    parsed("templates", TEMPLATES)
}

fn parsed<T: for<'a> Deserialize<'a>>(name: &str, source: &str) -> Result<T, String> {
    serde_json::from_str(source).map_err(|error| format!("the sandbox's {name} are damaged: {error}"))
}

/// One row of a catalogue, as written.
type Row = Map<String, Value>;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lists {
    flows: Vec<Row>,
    connections: Vec<Row>,
    secrets: Vec<Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Around {
    variables: Vec<Row>,
    structures: Vec<Row>,
    schedules: Vec<Row>,
    queues: Vec<Row>,
    blocks: Vec<Row>,
}

struct Catalogue {
    lists: Lists,
    around: Around,
}

impl Catalogue {
    fn read(ambiguous: bool) -> Result<Self, String> {
        let mut lists = Lists {
            flows: parsed("flows", FLOWS)?,
            connections: parsed("connections", CONNECTIONS)?,
            secrets: parsed("secrets", SECRETS)?,
        };
        if ambiguous {
            let more: Lists = parsed("ambiguous items", AMBIGUOUS)?;
            lists.flows.extend(more.flows);
            lists.connections.extend(more.connections);
            lists.secrets.extend(more.secrets);
        }
        Ok(Self { lists, around: parsed("surroundings", AROUND)? })
    }

    fn rows(&self, word: &str) -> &[Row] {
        match word {
            "flow" => &self.lists.flows,
            "connection" => &self.lists.connections,
            "secret" => &self.lists.secrets,
            "queue" => &self.around.queues,
            "structure" => &self.around.structures,
            "variable" => &self.around.variables,
            "schedule" => &self.around.schedules,
            _ => &[],
        }
    }

    fn fill(&self, state: &mut State, side: Side) {
        for kind in Kind::ALL {
            for row in present(self.rows(kind.word()), side) {
                let value = self.item(kind, row, side);
                if kind == Kind::Flow {
                    state.register_tags("Flow", value["tags"].as_array().map(Vec::as_slice).unwrap_or_default());
                }
                state.store_mut(kind).put(value);
            }
        }
    }

    /// What the flows stand on, also the generated ones.
    fn furnish(&self, state: &mut State, side: Side) {
        let list = |word: &str| present(self.rows(word), side).map(|row| self.plain(word, row, side)).collect();
        state.around.variables = list("variable");
        state.around.structures = list("structure");
        state.around.schedules = list("schedule");
        state.around.queues = list("queue");
        let blocks = present(&self.around.blocks, side).map(|row| at(row, side));
        state.around.blocks = blocks.map(Value::Object).collect();
    }

    fn item(&self, kind: Kind, row: &Row, side: Side) -> Value {
        let mut value = match kind {
            Kind::Flow => self.flow(row, side),
            Kind::Connection => connection(),
            Kind::Secret => secret(),
        };
        self.dress(kind.word(), &mut value, row, side);
        value
    }

    /// Uuid, tenant and the row's own fields over what is already there.
    fn dress(&self, word: &str, value: &mut Value, row: &Row, side: Side) {
        set(value, "uuid", json!(uuid(word, row, side)));
        for (field, given) in at(row, side) {
            if !["key", "blocks", "queue"].contains(&field.as_str()) {
                set(value, &field, self.resolved(given, side));
            }
        }
    }

    fn plain(&self, word: &str, row: &Row, side: Side) -> Value {
        let mut value = json!({ "tenantId": SOLO, "uuid": "" });
        self.dress(word, &mut value, row, side);
        set(&mut value, "createdAt", json!("2026-01-05T10:00:00.000Z"));
        set(&mut value, "updatedAt", Value::Null);
        set(&mut value, "isDeleted", json!(false));
        value
    }

    fn flow(&self, row: &Row, side: Side) -> Value {
        let row = Value::Object(at(row, side));
        let queue = self.resolved(row["queue"].clone(), side);
        let parts = FlowParts {
            uuid: "",
            name: "",
            queue: queue.as_str().unwrap_or_default(),
            info: "",
            tags: &json!([]),
            timeout: 10_000,
            is_subflow: false,
            is_commander: false,
            is_locked: false,
            created: "2026-01-05T10:00:00.000Z",
            updated: "2026-01-20T10:00:00.000Z",
        };
        flow(&parts, &self.blocks(&row["blocks"], side))
    }

    /// `[["TYPE", {config}], …]` after the receiver that every flow begins with.
    fn blocks(&self, rows: &Value, side: Side) -> Vec<Block> {
        let receiver = Block { kind: "RECEIVER".to_owned(), config: json!({ "testData": "{}" }) };
        let block = |row: &Value| Block {
            kind: row[0].as_str().unwrap_or_default().to_owned(),
            config: self.resolved(row[1].clone(), side),
        };
        std::iter::once(receiver).chain(rows.as_array().into_iter().flatten().map(block)).collect()
    }

    /// Puts uuids in the place of `@kind:name`.
    fn resolved(&self, value: Value, side: Side) -> Value {
        match value {
            Value::String(text) => Value::String(self.reference(&text, side).unwrap_or(text)),
            Value::Array(list) => list.into_iter().map(|value| self.resolved(value, side)).collect(),
            Value::Object(fields) => {
                let resolved = fields.into_iter().map(|(key, value)| (key, self.resolved(value, side)));
                Value::Object(resolved.collect())
            }
            other => other,
        }
    }

    /// An item that this server lacks is referred to by the uuid that it has elsewhere: a dangling reference.
    fn reference(&self, text: &str, side: Side) -> Option<String> {
        let (word, key) = text.strip_prefix('@')?.split_once(':')?;
        let row = self.rows(word).iter().find(|row| key_of(row) == key)?;
        Some(uuid(word, row, side))
    }
}

fn connection() -> Value {
    json!({
        "tenantId": SOLO, "uuid": "", "name": "", "type": "", "description": "", "isCorePlatform": false,
        "devValue": "", "prodValue": "", "createdAt": "2026-01-05T10:00:00.000Z", "updatedAt": null,
        "isDeleted": false, "devOAuthToken": null, "prodOAuthToken": null,
    })
}

fn secret() -> Value {
    json!({
        "tenantId": SOLO, "uuid": "", "name": "", "description": "", "type": "", "group": "", "devValue": null,
        "prodValue": null, "tags": [], "createdAt": "2026-01-05T10:00:00.000Z", "updatedAt": null,
        "isDeleted": false,
    })
}

fn present(rows: &[Row], side: Side) -> impl Iterator<Item = &Row> {
    rows.iter().filter(move |row| row.get("at").is_none_or(|at| *at == side.name()))
}

/// The row as it looks on one server.
fn at(row: &Row, side: Side) -> Row {
    let mut fields = row.clone();
    fields.shift_remove("at");
    fields.shift_remove("twin");
    let overrides = fields.shift_remove("prod");
    if let (Side::Prod, Some(Value::Object(overrides))) = (side, overrides) {
        fields.extend(overrides);
    }
    fields
}

fn key_of(row: &Row) -> &str {
    row.get("key").or_else(|| row.get("name")).and_then(Value::as_str).unwrap_or_default()
}

fn uuid(word: &str, row: &Row, side: Side) -> String {
    let twin = side == Side::Prod && row.get("twin") == Some(&Value::Bool(true));
    uuid_of(&format!("{word}/{}{}", key_of(row), if twin { "/prod" } else { "" }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::item::text, *};

    fn state(side: Side, ambiguous: bool) -> State {
        Content { items: None, seed: 0, ambiguous }.state(side).unwrap()
    }

    #[test]
    fn each_server_has_forty_flows_and_a_dozen_connections_and_secrets() {
        for side in Side::BOTH {
            let counts = Kind::ALL.map(|kind| state(side, false).store(kind).iter().count());
            assert!(counts[0] >= 40 && counts[1] >= 12 && counts[2] >= 12, "{side:?}: {counts:?}");
        }
    }

    #[test]
    fn every_match_occurs_for_every_kind() {
        let (dev, prod) = (state(Side::Dev, false), state(Side::Prod, false));
        for kind in Kind::ALL {
            let seen: HashSet<&str> = dev.store(kind).iter().map(|item| case(item, prod.store(kind))).collect();
            for wanted in ["identical", "changed", "renamed", "namesake", "namesake-changed", "only-here"] {
                assert!(seen.contains(wanted), "{wanted} is missing among the {}", kind.list());
            }
            let only_there = |item: &super::super::item::Item| case(item, dev.store(kind)) == "only-here";
            assert!(prod.store(kind).iter().any(only_there), "{}", kind.list());
        }
    }

    fn case(item: &super::super::item::Item, others: &super::super::item::Store) -> &'static str {
        // A secret's values are not what it is compared by.
        let content = |value: &Value| {
            let mut value = value.clone();
            let values: &[&str] = if value["group"].is_string() { &["devValue", "prodValue"] } else { &[] };
            ["uuid", "updatedAt", "createdAt"]
                .iter()
                .chain(values)
                .for_each(|field| set(&mut value, field, Value::Null));
            value
        };
        let (by_uuid, by_name) = (others.live(&item.uuid), others.named(&item.name));
        match (by_uuid, by_name) {
            (Some(other), _) if other.name != item.name => "renamed",
            (Some(other), _) if content(&other.value()) == content(&item.value()) => "identical",
            (Some(_), _) => "changed",
            (None, Some(other)) if content(&other.value()) == content(&item.value()) => "namesake",
            (None, Some(_)) => "namesake-changed",
            (None, None) => "only-here",
        }
    }

    #[test]
    fn no_name_or_uuid_is_ambiguous_unless_asked_for() {
        for (ambiguous, expected) in [(false, false), (true, true)] {
            let prod = state(Side::Prod, ambiguous);
            for kind in Kind::ALL {
                let names: Vec<&str> = prod.store(kind).iter().map(|item| item.name.as_str()).collect();
                let distinct: HashSet<&&str> = names.iter().collect();
                assert_eq!(distinct.len() < names.len(), expected, "{}", kind.list());
            }
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        let dev = state(Side::Dev, false);
        let text: String = dev.stores.flows.iter().map(|item| item.value().to_string()).collect();
        assert!(text.contains(r#""x-unknown-field":{"keep":1.0,"big":12345678901234567890}"#));
    }

    #[test]
    fn every_reference_of_the_catalogue_was_resolved() {
        for side in Side::BOTH {
            let text: String = state(side, true).stores.flows.iter().map(|item| item.value().to_string()).collect();
            assert!(!text.contains("\"@"), "{side:?}");
        }
    }

    #[test]
    fn no_flow_lacks_a_name() {
        let dev = state(Side::Dev, true);
        assert!(dev.stores.flows.iter().all(|item| !text(&item.value(), "name").is_empty()));
    }
}
