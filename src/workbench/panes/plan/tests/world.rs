//! Two small locations in memory: dev, and a prod that overlaps with it in every way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{
    Digest, Digests, Facts, Finding, Inventory, ItemKey, Kind, LocationInfo, NewItem, Platform, Reference,
    SchemaComparison, code,
};

/// What one item is.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    pub name: String,
    pub tags: Vec<&'static str>,
    pub body: Value,
    pub references: Vec<Reference>,
    pub facts: Facts,
}

#[derive(Clone, Debug, Default)]
pub struct World {
    pub things: BTreeMap<ItemKey, Thing>,
    pub findings: Vec<Finding>,
    /// Against the schemas of the destination.
    pub schemas: SchemaComparison,
}

pub fn thing(name: &str, body: Value) -> Thing {
    Thing { name: name.to_owned(), body, ..Thing::default() }
}

impl Thing {
    pub fn to(mut self, key: &ItemKey) -> Self {
        self.references.push(Reference::Id(key.clone()));
        self
    }

    pub fn naming(mut self, kind: Kind, name: &str) -> Self {
        self.references.push(Reference::Name(kind, name.into()));
        self
    }

    pub fn tagged(mut self, tags: &[&'static str]) -> Self {
        self.tags = tags.to_vec();
        self
    }

    /// The content without what does not count: references are told by their place.
    fn digests(&self) -> Digests {
        let mut text = format!("{}{}", self.name, self.body);
        for reference in &self.references {
            if let Reference::Id(key) = reference {
                text = text.replace(&*key.id, "#");
            }
        }
        Digests { semantic: Digest::of(text.as_bytes()), exact: Digest::of(format!("{self:?}").as_bytes()) }
    }
}

impl World {
    pub fn of(things: impl IntoIterator<Item = (ItemKey, Thing)>) -> Self {
        World { things: things.into_iter().collect(), ..World::default() }
    }

    pub fn inventory(&self) -> Inventory {
        let mut inventory = Inventory::new();
        for (key, thing) in &self.things {
            let size = thing.body.to_string().len() as u64;
            let new = NewItem { key: key.clone(), name: &thing.name, tags: &thing.tags, size, facts: thing.facts };
            let item = inventory.add(&new).expect("keys are unique");
            inventory.examine(item, thing.digests(), &thing.references, &[]);
        }
        inventory.findings.clone_from(&self.findings);
        inventory
    }

    pub fn json(&self, key: &ItemKey) -> String {
        let thing = &self.things[key];
        let mut whole = json!({ "id": key.id, "name": thing.name });
        if let (Value::Object(whole), Value::Object(body)) = (&mut whole, &thing.body) {
            whole.extend(body.clone());
        }
        whole.to_string()
    }
}

pub fn flow(id: &str) -> ItemKey {
    ItemKey::new(Kind::Flow, id)
}

pub fn connection(id: &str) -> ItemKey {
    ItemKey::new(Kind::Connection, id)
}

pub fn secret(id: &str) -> ItemKey {
    ItemKey::new(Kind::Secret, id)
}

pub fn info(name: &str) -> LocationInfo {
    LocationInfo { identity: Some(format!("https://{name}.example")), ..LocationInfo::new(Platform::Ziggy, name) }
}

pub fn dev() -> World {
    let twilio = connection("c-twilio");
    let blocks = json!([{ "type": "trigger", "cron": "0 7 * * *" }, { "type": "send", "connection": "c-twilio" }]);
    let mut world = World::of([
        (
            flow("f-sms"),
            thing("SMS reminder", json!({ "active": true, "timeout": 30000, "blocks": blocks, "notes": "remind" }))
                .to(&twilio)
                .tagged(&["billing", "prod"]),
        ),
        (flow("f-invoice"), thing("Invoice sync", json!({ "timeout": 1 })).tagged(&["billing"])),
        (flow("f-dunning"), thing("Dunning", json!({ "steps": [1, 2, 3] })).to(&twilio).tagged(&["billing"])),
        (flow("f-lead"), thing("Lead import", json!({ "timeout": 5 })).to(&connection("c-hub")).tagged(&["crm"])),
        (flow("f-report"), thing("Nightly report \u{1b}[31m", json!({ "rows": 10 }))),
        (twilio.clone(), thing("Twilio", json!({ "sid": "{{TWILIO_SID}}" })).naming(Kind::Secret, "TWILIO_SID")),
        (connection("c-hub"), thing("HubSpot", json!({ "devValue": "a", "prodValue": "b" }))),
        (secret("s-sid"), thing("TWILIO_SID", json!({}))),
    ]);
    world.findings.push(
        Finding::warning(code::PLAINTEXT_CREDENTIAL, "authToken looks like a plain credential (AC…, 34 characters)")
            .on(&flow("f-sms")),
    );
    world.findings.push(Finding::info(code::BACKUP, "a backup of the database is made first"));
    world
}

pub fn prod() -> World {
    let twilio = connection("c-twilio-prod");
    let blocks = json!([{ "type": "trigger", "cron": "0 9 * * *" }, { "type": "send", "connection": "c-twilio-prod" }]);
    World::of([
        (
            flow("f-sms"),
            thing("SMS reminder", json!({ "active": true, "timeout": 10000, "blocks": blocks, "owner": "ops" }))
                .to(&twilio),
        ),
        (flow("f-other"), thing("Invoice sync", json!({ "timeout": 2 }))),
        (flow("f-lead"), thing("Lead import", json!({ "timeout": 5 })).to(&connection("c-hub"))),
        (flow("f-report-1"), thing("Nightly report \u{1b}[31m", json!({ "rows": 1 }))),
        (flow("f-report-2"), thing("Nightly report \u{1b}[31m", json!({ "rows": 2 }))),
        (flow("f-old"), thing("Old campaign", json!({ "active": false }))),
        (twilio, thing("Twilio", json!({ "sid": "{{TWILIO_SID}}" })).naming(Kind::Secret, "TWILIO_SID")),
        (connection("c-hub"), thing("HubSpot", json!({ "devValue": "a", "prodValue": "c" }))),
        (secret("s-gone"), thing("OLD_KEY", json!({}))),
    ])
}
