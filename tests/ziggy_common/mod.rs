//! What the tests of Ziggy share: a sandbox, connections to it, and plans made by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use haul::model::{
    Candidate, Credentials, Decision, Destination, Error, Existing, ExportFormat, ExportRequest, Files, Finding,
    FolderFormat, Inventory, ItemIndex, ItemKey, ItemOutcome, Kind, Layout, Marks, MatchMethod, Plan, PlanItem,
    PlanOptions, Policy, Reason, Result, Role, Seal, Source, Squeeze, Work,
};
use haul::net::NetOptions;
use haul::platforms::WriteOptions;
use haul::platforms::ziggy::Remote;
use haul::remotes::Login;
use haul::sandbox::{Sandbox, SandboxOptions, Server};
use serde_json::{Value, json};

pub async fn sandbox(switches: &[&str]) -> Sandbox {
    let switches = switches.iter().map(|text| (*text).to_owned()).collect();
    let options = SandboxOptions { platform: Some("ziggy".into()), switches, ..SandboxOptions::default() };
    haul::sandbox::start(options).await.expect("a sandbox")
}

pub fn write() -> WriteOptions {
    WriteOptions { backup: true, secret_values: BTreeMap::new(), test_connections: false }
}

pub async fn try_connect(server: &Server, password: &str, write: Option<WriteOptions>) -> Result<Remote> {
    let url = server.info.url.parse().expect("a URL");
    let login = Login::password(server.info.user.clone(), password.to_owned());
    let net = NetOptions { first_byte_timeout: Duration::from_secs(20), retries: 6, ..NetOptions::default() };
    Remote::connect(&url, Some(server.info.name), Some(login), &net, write, Arc::new(())).await
}

pub async fn connect(server: &Server, write: Option<WriteOptions>) -> Remote {
    try_connect(server, &server.info.password, write).await.expect("a login")
}

pub fn format(credentials: Credentials, existing: Existing) -> ExportFormat {
    ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing,
        files: Files::With,
        credentials,
        folder: FolderFormat::default(),
    }
}

/// Exports everything to a file: its text and the inventory.
pub async fn export_all(remote: &Remote, path: &Path, credentials: Credentials) -> (String, Inventory) {
    let mut inventory = remote.list().await.expect("a listing");
    let all: Vec<ItemIndex> = inventory.items().map(|item| item.index()).collect();
    remote.examine(&mut inventory, &all).await.expect("examined");
    let format = format(credentials, Existing::Refuse);
    let request = ExportRequest { inventory: &inventory, items: &all, output: Some(path), format: &format };
    remote.export(&request, &()).await.expect("exported");
    (std::fs::read_to_string(path).expect("a file"), inventory)
}

/// Both sides of a transfer, listed.
pub struct World {
    pub source: Inventory,
    pub destination: Arc<Inventory>,
}

impl World {
    pub async fn of(source: &Remote, destination: &Remote) -> World {
        let (mut ours, theirs) = (source.list().await.expect("listed"), destination.list().await.expect("listed"));
        let all: Vec<ItemIndex> = ours.items().map(|item| item.index()).collect();
        source.examine(&mut ours, &all).await.expect("examined");
        World { source: ours, destination: theirs.into() }
    }

    fn namesakes(&self, kind: Kind, name: &str) -> Vec<Candidate> {
        let named = self.destination.items().filter(|item| item.kind() == kind && item.name() == name);
        named.map(|item| Candidate { id: item.id().into(), name: item.name().into() }).collect()
    }

    fn find_match(&self, key: &ItemKey) -> (MatchMethod, Option<Candidate>) {
        if let Some(item) = self.destination.find(key) {
            return (MatchMethod::Uuid, Some(Candidate { id: item.id().into(), name: item.name().into() }));
        }
        let mut named = self.namesakes(key.kind, &self.name(key));
        match named.len() {
            1 => (MatchMethod::Name, named.pop()),
            _ => (MatchMethod::Unmatched, None),
        }
    }

    pub fn name(&self, key: &ItemKey) -> String {
        self.source.find(key).expect("an item of the source").name().to_owned()
    }

    fn of_kind(&self, kind: Kind, method: MatchMethod) -> Vec<ItemKey> {
        let keys = self.source.items().filter(|item| item.kind() == kind && !item.facts().deleted).map(|i| i.key());
        keys.filter(|key| self.find_match(key).0 == method).collect()
    }

    pub fn unmatched(&self, kind: Kind) -> ItemKey {
        self.of_kind(kind, MatchMethod::Unmatched).first().expect("an unmatched item").clone()
    }

    pub fn unmatched_again(&self, kind: Kind) -> ItemKey {
        self.of_kind(kind, MatchMethod::Unmatched).get(1).expect("a second unmatched item").clone()
    }

    /// An item with a match that was not taken yet.
    pub fn matched(&self, kind: Kind, by_name: bool, taken: &[ItemKey]) -> Option<ItemKey> {
        let method = if by_name { MatchMethod::Name } else { MatchMethod::Uuid };
        self.of_kind(kind, method).into_iter().find(|key| !taken.contains(key))
    }

    pub fn named(&self, kind: Kind, name: &str) -> ItemKey {
        let found = self.source.items().find(|item| item.kind() == kind && item.name() == name);
        found.expect("an item of this name").key()
    }

    /// The chosen decisions; everything else of the source is left out, with its match, as a planner would say.
    pub fn plan(&self, source: &Remote, destination: &Remote, chosen: &[(ItemKey, Decision)]) -> Plan {
        let mut items: Vec<PlanItem> = self
            .source
            .items()
            .map(|item| {
                let key = item.key();
                let decision = chosen.iter().find(|(k, _)| *k == key).map_or(Decision::Skip, |(_, decision)| *decision);
                let (match_, matched) = self.find_match(&key);
                let copy = decision == Decision::Duplicate;
                let new_id =
                    copy.then(|| uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, key.id.as_bytes()).to_string().into());
                PlanItem {
                    name: item.name().into(),
                    tags: Box::default(),
                    size: item.size(),
                    role: Role::Picked,
                    match_,
                    matched,
                    candidates: Box::default(),
                    decision,
                    reason: Reason::Override,
                    changed: None,
                    new_id,
                    given_id: std::sync::OnceLock::new(),
                    new_name: copy.then(|| format!("{} (imported)", item.name()).into()),
                    source: item.digests().expect("examined"),
                    destination: None,
                    marks: Marks::default(),
                    key,
                }
            })
            .collect();
        items.sort_by(|a, b| (a.key.kind, &a.name, &a.key.id).cmp(&(b.key.kind, &b.name, &b.key.id)));
        Plan {
            source: source.info(),
            destination: destination.info(),
            options: PlanOptions::of(Policy::Skip),
            items,
            findings: Vec::new(),
            effects: Vec::new(),
        }
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Ran {
    pub items: Vec<ItemOutcome>,
    pub findings: Vec<Finding>,
    pub surprises: Vec<String>,
}

pub async fn carry_out(source: &Remote, destination: &Remote, plan: &Plan) -> Ran {
    try_carry_out(source, destination, plan).await.expect("carried out")
}

/// Every step in order, as the engine does it.
pub async fn try_carry_out(source: &Remote, destination: &Remote, plan: &Plan) -> Result<Ran, Error> {
    let keys: Vec<ItemKey> = plan.written().map(|item| item.key.clone()).collect();
    let records = source.read(&keys).await?.into_iter().map(|record| (record.key.clone(), record)).collect();
    let work = Work { plan: &Arc::new(plan.clone()), records: &records, content: None };
    let mut ran = Ran::default();
    for step in destination.steps(plan) {
        let outcome = destination.perform(&step, &work, &()).await?;
        ran.items.extend(outcome.items);
        ran.findings.extend(outcome.findings);
        if let Some(surprise) = outcome.surprise {
            ran.surprises.push(surprise.message().to_owned());
            return Ok(ran);
        }
    }
    ran.findings.extend(destination.conclude(&work, &()).await?);
    Ok(ran)
}

fn lists() -> [(&'static str, Kind); 3] {
    [("flows", Kind::Flow), ("connections", Kind::Connection), ("secrets", Kind::Secret)]
}

/// The items of a dump by kind and id.
fn by_key(dump: &Value) -> BTreeMap<ItemKey, Value> {
    let of = |(list, kind): (&str, Kind)| {
        let items = dump[list].as_array().expect("a list").clone();
        items.into_iter().map(move |item| (ItemKey::new(kind, item["uuid"].as_str().expect("an id")), item))
    };
    lists().into_iter().flat_map(of).collect()
}

/// What a test compares: an item without its times and view state.
fn content(item: &Value, ids: &BTreeMap<String, String>) -> Value {
    let mut text = item.clone();
    let object = text.as_object_mut().expect("an object");
    for field in [
        "createdAt",
        "updatedAt",
        "connections",
        "secrets",
        "inFlows",
        "history",
        "hsProps",
        "tenantId",
        "devOAuthToken",
        "prodOAuthToken",
        "viewport",
        "isCorePlatform",
    ] {
        object.remove(field);
    }
    replace(&mut text, ids);
    text
}

fn replace(value: &mut Value, ids: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = ids.get(text.as_str()) {
                *text = id.clone();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| replace(value, ids)),
        Value::Object(object) => object.values_mut().for_each(|value| replace(value, ids)),
        _ => {}
    }
}

/// The destination holds what the plan said, and nothing else changed.
pub fn check_world(plan: &Plan, ran: &Ran, source: &Value, before: &Value, after: &Value) {
    let (source, before, after) = (by_key(source), by_key(before), by_key(after));
    let mut ids: BTreeMap<String, String> =
        plan.destinations().into_iter().map(|(key, id)| (key.id.to_string(), id.to_owned())).collect();
    let picked: Vec<_> = ran.items.iter().filter_map(|o| Some((o.item.id.to_string(), o.new_id.clone()?))).collect();
    ids.extend(picked);
    let mut touched = BTreeSet::new();
    for item in plan.written() {
        let id = ids.get(&*item.key.id).expect("a destination");
        let key = item.key.with_id(id.as_str());
        touched.insert(key.clone());
        let there = after.get(&key);
        assert!(there.is_some(), "{} ({:?}) is missing", item.key, item.decision);
        let there = there.expect("as asserted");
        let mut expected = content(&source[&item.key], &ids);
        expected["uuid"] = json!(id);
        if item.decision == Decision::Duplicate {
            expected["name"] = json!(item.new_name);
        }
        let mut found = content(there, &BTreeMap::new());
        if item.key.kind == Kind::Secret {
            for field in ["devValue", "prodValue"] {
                match before.get(&key) {
                    Some(kept) => assert_eq!(there[field], kept[field], "a secret's value stays as it was"),
                    None => assert!(there[field].as_str().unwrap_or_default().is_empty(), "no value travels"),
                }
                found.as_object_mut().expect("an object").remove(field);
                expected.as_object_mut().expect("an object").remove(field);
            }
        }
        assert_eq!(found, expected, "{} was to be {}", item.key, item.decision);
    }
    for (key, item) in &before {
        if !touched.contains(key) {
            assert_eq!(after.get(key), Some(item), "{key} was not to change");
        }
    }
    let new: Vec<&ItemKey> = after.keys().filter(|key| !before.contains_key(key) && !touched.contains(key)).collect();
    assert!(new.is_empty(), "nobody planned {new:?}");
}
