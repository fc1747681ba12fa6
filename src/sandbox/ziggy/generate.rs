//! Content by number: the same number and seed give the same flows, connections and secrets, each made only when it is
//! looked at. `prod` holds the same numbers in other states, so that every match occurs here as well.
//! Must not know: stores and servers.

use serde_json::{Value, json};

use super::{
    graph::{Block, FlowParts, flow},
    item::Kind,
    state::SOLO,
};
use crate::sandbox::Side;
use crate::sandbox::rng::{Rng, seed_of};

const SUBJECTS: [&str; 16] = [
    "Invoice",
    "Customer",
    "Order",
    "Payment",
    "Shipment",
    "Ticket",
    "Lead",
    "Contract",
    "Refund",
    "Stock",
    "Price",
    "Rechnung",
    "Överföring",
    "Newsletter",
    "Webhook",
    "Subscription",
];
const VERBS: [&str; 12] = [
    "sync",
    "import",
    "export",
    "reminder",
    "check",
    "clean-up",
    "report",
    "notification",
    "archive",
    "enrichment",
    "approval",
    "retry",
];
const TAGS: [&str; 8] =
    ["production", "staging", "billing", "crm", "nightly", "alerting", "försäljning", "needs review"];
const TYPES: [(&str, &str); 6] = [
    ("Postgres", "POSTGRES_QUERY"),
    ("Hubspot", "HUBSPOT_SEARCH"),
    ("SMTP", "SEND_EMAIL"),
    ("S3", "S3_PUT"),
    ("Twilio", "TWILIO_SMS"),
    ("Redis Pub Sub", "REDIS_PUBLISH"),
];

/// All tags that generated flows can have.
pub(super) fn tags() -> Vec<Value> {
    TAGS.iter().map(|tag| json!(tag)).collect()
}

/// How many items of each kind there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amounts {
    pub flows: u32,
    pub connections: u32,
    pub secrets: u32,
}

impl Amounts {
    pub fn of(flows: usize) -> Self {
        let flows = u32::try_from(flows).unwrap_or(u32::MAX);
        let tenth = flows.div_ceil(10);
        Self { flows, connections: tenth, secrets: tenth }
    }

    pub fn recipes(self, kind: Kind, seed: u64, side: Side) -> impl Iterator<Item = Recipe> {
        let count = match kind {
            Kind::Flow => self.flows,
            Kind::Connection => self.connections,
            Kind::Secret => self.secrets,
        };
        (0..count).map(move |index| Recipe { kind, index, seed, side, amounts: self })
    }
}

/// How an item stands at prod, compared with dev.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Same,
    Changed,
    Renamed,
    /// The same name, another uuid.
    Twin,
    TwinChanged,
    /// Each side has an item of this number that the other has not.
    Alone,
}

/// All that is needed to make one item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    kind: Kind,
    index: u32,
    seed: u64,
    side: Side,
    amounts: Amounts,
}

impl Recipe {
    fn rng(&self, purpose: u64) -> Rng {
        Rng::new(self.seed ^ seed_of(self.kind.word()) ^ (u64::from(self.index) << 8) ^ purpose)
    }

    fn fate(&self) -> Fate {
        match self.rng(1).below(100) {
            0..55 => Fate::Same,
            55..70 => Fate::Changed,
            70..75 => Fate::Renamed,
            75..80 => Fate::Twin,
            80..85 => Fate::TwinChanged,
            _ => Fate::Alone,
        }
    }

    fn differs(&self) -> bool {
        self.side == Side::Prod && matches!(self.fate(), Fate::Changed | Fate::TwinChanged)
    }

    pub fn uuid(&self) -> String {
        let other = self.side == Side::Prod && matches!(self.fate(), Fate::Twin | Fate::TwinChanged | Fate::Alone);
        self.rng(2 + u64::from(other)).uuid().to_string()
    }

    pub fn name(&self) -> String {
        let suffix = match (self.side, self.fate()) {
            (Side::Prod, Fate::Renamed) => " live",
            (Side::Prod, Fate::Alone) => " hotfix",
            _ => "",
        };
        let mut rng = self.rng(4);
        let (subject, verb) = (rng.pick(&SUBJECTS), rng.pick(&VERBS));
        match self.kind {
            Kind::Flow => format!("{subject} {verb} {:05}{suffix}", self.index),
            Kind::Connection => format!("{} {:05}{suffix}", self.connection_type().0, self.index),
            Kind::Secret => format!("GENERATED_{:05}{}", self.index, suffix.to_uppercase().replace(' ', "_")),
        }
    }

    fn connection_type(&self) -> (&'static str, &'static str) {
        *self.rng(5).pick(&TYPES)
    }

    fn tags(&self) -> Value {
        let mut rng = self.rng(6);
        let first = rng.pick(&TAGS);
        let second = rng.pick(&TAGS);
        if first == second { json!([first]) } else { json!([first, second]) }
    }

    fn is_subflow(&self) -> bool {
        self.index % 10 == 9
    }

    fn updated(&self) -> String {
        let mut rng = self.rng(7);
        let (month, day) = (1 + u64::from(self.differs()), 1 + rng.below(28));
        format!("2026-{month:02}-{day:02}T{:02}:{:02}:00.000Z", rng.below(24), rng.below(60))
    }

    /// What a list of flows shows, without making the graph.
    pub fn summary(&self) -> Value {
        json!({
            "uuid": self.uuid(), "isSubflow": self.is_subflow(), "name": self.name(), "listenerType": "REST",
            "tags": self.tags(), "updatedAt": self.updated(),
        })
    }

    pub fn value(&self) -> Value {
        match self.kind {
            Kind::Flow => self.flow(),
            Kind::Connection => self.connection(),
            Kind::Secret => self.secret(),
        }
    }

    /// Another item of this server.
    fn sibling(&self, kind: Kind, index: u32) -> Self {
        Self { kind, index, ..*self }
    }

    fn flow(&self) -> Value {
        let (uuid, name, updated, tags) = (self.uuid(), self.name(), self.updated(), self.tags());
        let parts = FlowParts {
            uuid: &uuid,
            name: &name,
            queue: "",
            info: if self.differs() { "Changed at prod" } else { "" },
            tags: &tags,
            timeout: 10_000,
            is_subflow: self.is_subflow(),
            is_commander: false,
            is_locked: false,
            created: "2026-01-01T08:00:00.000Z",
            updated: &updated,
        };
        flow(&parts, &self.blocks())
    }

    fn blocks(&self) -> Vec<Block> {
        let mut rng = self.rng(8);
        let block = |kind: &str, config| Block { kind: kind.to_owned(), config };
        let connection = self.sibling(Kind::Connection, rng.below(u64::from(self.amounts.connections)) as u32);
        let secret = self.sibling(Kind::Secret, rng.below(u64::from(self.amounts.secrets)) as u32);
        let code = format!("const token = secrets.{}\nreturn {{ number: {} }}", secret.name(), self.index);
        let mut blocks = vec![
            block("RECEIVER", json!({ "testData": "{}" })),
            block(connection.connection_type().1, json!({ "connectionUuid": connection.uuid() })),
            block("JAVASCRIPT", json!({ "code": code })),
        ];
        if !self.is_subflow() && self.index >= 10 && rng.below(4) == 0 {
            // The numbers that end in 9 are the subflows.
            let called = self.sibling(Kind::Flow, (rng.below(u64::from(self.index / 10)) * 10 + 9) as u32);
            blocks.push(block("SUBFLOW", json!({ "flowUuid": called.uuid() })));
        }
        blocks
    }

    fn connection(&self) -> Value {
        let secret = self.sibling(Kind::Secret, self.index % self.amounts.secrets.max(1));
        let host = if self.differs() { "prod.example.invalid" } else { "dev.example.invalid" };
        json!({
            "tenantId": SOLO, "uuid": self.uuid(), "name": self.name(), "type": self.connection_type().0,
            "description": "", "isCorePlatform": false,
            "devValue": format!("{{\n  host: '{host}',\n  password: secrets.{},\n}}", secret.name()),
            "prodValue": "", "createdAt": "2026-01-01T08:00:00.000Z", "updatedAt": null, "isDeleted": false,
            "devOAuthToken": null, "prodOAuthToken": null,
        })
    }

    fn secret(&self) -> Value {
        let side = self.side.name();
        json!({
            "tenantId": SOLO, "uuid": self.uuid(), "name": self.name(),
            "description": if self.differs() { "Changed at prod" } else { "" }, "type": "", "group": "",
            "devValue": format!("EXAMPLE-{side}-{:05}", self.index), "prodValue": null, "tags": [],
            "createdAt": "2026-01-01T08:00:00.000Z", "updatedAt": null, "isDeleted": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(seed: u64, side: Side) -> Vec<Value> {
        Amounts::of(200).recipes(Kind::Flow, seed, side).map(|recipe| recipe.value()).collect()
    }

    #[test]
    fn number_and_seed_decide_every_byte() {
        assert_eq!(values(7, Side::Dev), values(7, Side::Dev));
        assert_ne!(values(7, Side::Dev), values(8, Side::Dev));
    }

    #[test]
    fn every_match_occurs_among_generated_items() {
        let (dev, prod) = (values(1, Side::Dev), values(1, Side::Prod));
        let has = |value: &Value, field: &str| prod.iter().any(|other| other[field] == value[field]);
        assert!(dev.iter().any(|flow| prod.contains(flow)), "identical");
        assert!(dev.iter().any(|flow| has(flow, "uuid") && !has(flow, "name")), "renamed");
        assert!(dev.iter().any(|flow| !has(flow, "uuid") && has(flow, "name")), "by name");
        assert!(dev.iter().any(|flow| !has(flow, "uuid") && !has(flow, "name")), "only at dev");
    }

    #[test]
    fn a_summary_agrees_with_the_flow_that_it_sums_up() {
        for recipe in Amounts::of(50).recipes(Kind::Flow, 3, Side::Prod) {
            assert_eq!(recipe.summary(), super::super::item::summary(&recipe.value()));
        }
    }
}
