//! A Ziggy server as a location: its inventory, its items and its exports.
//! Must not know: plans (see `destination`), the engine.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arcstr::ArcStr;
use async_trait::async_trait;
use serde_json::{Map, Value};
use url::Url;

use super::access::access;
use super::bundle::{chosen, finish, listed, only_tenant, record};
use super::document::{Document, Layout, key_of};
use super::examine::Known;
use super::pool::{Item, Pool};
use super::rules::rules;
use super::session::Session;
use super::turn::{self, Turn};
use super::{export, json, output, stock};
use crate::model::{
    Access, Error, ErrorKind, EventSink, ExportRequest, Exported, Finding, Inventory, ItemIndex, ItemKey, Kind,
    LocationInfo, NewItem, Platform, Record, Result, Rules, Source, code,
};
use crate::net::NetOptions;
use crate::platforms::WriteOptions;
use crate::remotes::Login;

/// A running Ziggy server.
#[derive(Debug)]
pub struct Remote {
    pub(super) session: Session,
    info: LocationInfo,
    /// As it was at the login.
    access: Access,
    /// `None` for a server that is only read.
    pub(super) write: Option<WriteOptions>,
    held: Mutex<Held>,
    /// The server writes one export file for everybody, so that two exports must not run at once.
    exporting: Arc<Turn>,
}

/// What was read since the last listing.
#[derive(Debug, Default)]
struct Held {
    items: HashMap<ItemKey, Value>,
    /// Every key of the listing, by which references are known.
    keys: Vec<ItemKey>,
    layout: Option<Layout>,
    /// Ids that the server picked itself for items that a run created, by the source's key.
    picked: BTreeMap<ItemKey, String>,
}

impl Remote {
    /// Logs in. `write` is given where the server is a destination.
    pub async fn connect(
        url: &Url,
        name: Option<&str>,
        login: Option<Login>,
        net: &NetOptions,
        write: Option<WriteOptions>,
        events: Arc<dyn EventSink>,
    ) -> Result<Remote> {
        let origin = url.origin().ascii_serialization();
        let place = name.unwrap_or(&origin);
        let session = Session::open(url, login, net, events).await.map_err(|error| error.at(place))?;
        let mut info = LocationInfo::new(Platform::Ziggy, place);
        info.version = session.get_if_any("system/version-info").await?.as_ref().and_then(version);
        info.identity = Some(origin);
        let access = access(session.account(), session.role().await.as_deref());
        let (held, exporting) = (Mutex::default(), turn::of(&url.origin().ascii_serialization()));
        Ok(Remote { session, info, access, write, held, exporting })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the server arranges its exports, where one was seen.
    pub(super) fn layout(&self) -> Option<Layout> {
        self.held().layout
    }

    pub(super) fn picked_ids(&self) -> BTreeMap<ItemKey, String> {
        self.held().picked.clone()
    }

    pub(super) fn remember_picked(&self, key: &ItemKey, id: &str) {
        self.held().picked.insert(key.clone(), id.to_owned());
    }

    /// What was read is no longer true once something was written.
    pub(super) fn forget(&self) {
        self.held().items.clear();
    }

    /// Everything of one kind that the server lists, whole for connections and secrets.
    pub(super) async fn all(&self, kind: Kind) -> Result<Vec<Item>> {
        let (path, query): (_, &[(&str, &str)]) = match kind {
            // All three are declared mandatory, and the official CLI sends them empty.
            Kind::Flow => ("flow", &[("search", ""), ("flowId", ""), ("tags", "")]),
            Kind::Connection => ("connection", &[("type", ""), ("core", "")]),
            _ => ("secret", &[]),
        };
        let list = self.session.get_list(path, query).await?;
        Ok(list.into_iter().filter_map(|value| Some(Item { key: key_of(kind, &value)?, value })).collect())
    }

    /// The same, and a finding instead of an error where the account may not list this kind.
    pub(super) async fn all_visible(&self, kind: Kind) -> Result<(Vec<Item>, Option<Finding>)> {
        match self.all(kind).await {
            Ok(items) => Ok((items, None)),
            Err(error) if error.kind() == ErrorKind::Forbidden && kind != Kind::Flow => {
                let message = format!("the account may not list items of kind {kind}; they are treated as missing");
                Ok((Vec::new(), Some(Finding::warning(code::PARTIAL_VIEW, message))))
            }
            Err(error) => Err(error),
        }
    }

    /// Brings the whole content of these items into memory.
    async fn fetch(&self, keys: &[ItemKey]) -> Result<()> {
        let missing: Vec<ItemKey> = {
            let held = self.held();
            keys.iter().filter(|key| !held.items.contains_key(*key)).cloned().collect()
        };
        for kind in [Kind::Connection, Kind::Secret] {
            if missing.iter().any(|key| key.kind == kind) {
                let all = self.all(kind).await?;
                self.held().items.extend(all.into_iter().map(|item| (item.key, without_relations(item.value))));
            }
        }
        let flows = missing.iter().filter(|key| key.kind == Kind::Flow).map(|key| key.id.clone()).collect();
        self.fetch_flows(&flows).await
    }

    async fn fetch_flows(&self, ids: &BTreeSet<ArcStr>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let documents = export::flows(&self.session, ids, &self.exporting).await?;
        let mut held = self.held();
        for document in &documents {
            held.layout = Some(document.layout());
            for item in Pool::of(document).items {
                match item.key.kind {
                    Kind::Flow => {
                        held.items.insert(item.key, item.value);
                    }
                    // Its own endpoint tells the same and is read first; this one is all there is where the account
                    // may not list it.
                    _ => {
                        held.items.entry(item.key).or_insert_with(|| without_relations(item.value));
                    }
                }
            }
        }
        Ok(())
    }

    /// How the server arranges an export, learned from one flow; unknown where there is none.
    async fn learn_layout(&self, flows: &[Item]) {
        let Some(first) = flows.iter().find(|flow| !json::is_true(&flow.value, "isDeleted")) else { return };
        if self.layout().is_some() {
            return;
        }
        // Without an answer three lists are assumed, and the server's reply to the first upload is checked anyway.
        let _ = self.fetch_flows(&BTreeSet::from([first.key.id.clone()])).await;
    }

    fn value(&self, key: &ItemKey) -> Result<Value> {
        self.held().items.get(key).cloned().ok_or_else(|| {
            let message = format!("{} no longer has {key}", self.info.location);
            Error::new(ErrorKind::UnknownItem, message).items([key.clone()])
        })
    }

    fn known(&self) -> Known {
        let held = self.held();
        Known::of(held.keys.iter().chain(held.items.keys()))
    }

    /// What the server offers to flows; nothing is said where it does not tell all of it.
    async fn provides(&self) -> Result<Option<BTreeSet<String>>> {
        let mut provided = BTreeSet::new();
        for (path, word, fields) in [
            ("plugins/registry/blocks", "plugin", &["type", "name"][..]),
            ("queue", "queue", &["uuid"]),
            ("structure", "structure", &["uuid"]),
            ("variable", "variable", &["name"]),
        ] {
            let Ok(Some(answer)) = self.session.get_if_any(path).await else { return Ok(None) };
            provided.extend(words(&answer, fields).into_iter().map(|text| format!("{word}:{text}")));
        }
        Ok(Some(provided))
    }
}

/// Texts of a list of texts or objects, or the keys of a map of objects.
fn words(answer: &Value, fields: &[&str]) -> Vec<String> {
    let of = |entry: &Value| -> Vec<String> {
        match entry {
            Value::String(text) => vec![text.clone()],
            other => fields.iter().filter_map(|field| json::text(other, field)).map(str::to_owned).collect(),
        }
    };
    match answer {
        Value::Array(list) => list.iter().flat_map(of).collect(),
        Value::Object(map) => {
            let keys = map.iter().filter(|(_, value)| value.is_object()).map(|(key, _)| key.clone());
            keys.chain(map.values().flat_map(|value| words(value, fields))).collect()
        }
        _ => Vec::new(),
    }
}

fn version(answer: &Value) -> Option<String> {
    let part = |field: &str| match answer.get(field)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let parts: Vec<String> = ["major", "minor", "build"].iter().map_while(|field| part(field)).collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// A connection or secret without the flows that use it, which only some answers carry.
fn without_relations(mut value: Value) -> Value {
    json::remove(&mut value, &["inFlows", "hsProps"]);
    value
}

#[async_trait]
impl Source for Remote {
    fn info(&self) -> LocationInfo {
        self.info.clone()
    }

    fn rules(&self) -> &Rules {
        rules()
    }

    fn access(&self) -> Access {
        self.access.clone()
    }

    async fn list(&self) -> Result<Inventory> {
        let (flows, connections, secrets) =
            tokio::try_join!(self.all(Kind::Flow), self.all_visible(Kind::Connection), self.all_visible(Kind::Secret))?;
        let mut inventory = Inventory::new();
        inventory.findings.extend([connections.1, secrets.1].into_iter().flatten());
        let whole: Vec<Item> = connections.0.into_iter().chain(secrets.0).collect();
        {
            let mut held = self.held();
            held.items = whole.iter().map(|i| (i.key.clone(), without_relations(i.value.clone()))).collect();
            held.keys = flows.iter().chain(&whole).map(|item| item.key.clone()).collect();
        }
        inventory.tenant = only_tenant(whole.iter().map(|item| &item.value));
        for item in &flows {
            add(&mut inventory, item);
        }
        let known = self.known();
        for item in &whole {
            if let Some(index) = add(&mut inventory, item) {
                stock::look_into(&mut inventory, index, item, &known);
            }
        }
        if self.write.is_some() {
            inventory.provides = self.provides().await?;
            self.learn_layout(&flows).await;
        }
        Ok(inventory)
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let open = |&&index: &&ItemIndex| inventory.item(index).digests().is_none();
        let indexes: Vec<ItemIndex> = items.iter().filter(open).copied().collect();
        let keys: Vec<ItemKey> = indexes.iter().map(|&index| inventory.item(index).key()).collect();
        self.fetch(&keys).await?;
        self.add_unlisted(inventory);
        let known = self.known();
        for (index, key) in indexes.into_iter().zip(keys) {
            let item = Item { value: self.value(&key)?, key };
            if inventory.tenant.is_none() {
                inventory.tenant = json::text(&item.value, "tenantId").map(str::to_owned);
            }
            stock::look_into(inventory, index, &item, &known);
        }
        Ok(())
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        self.fetch(items).await?;
        items.iter().map(|key| record(key, &self.value(key)?)).collect()
    }

    async fn export(&self, request: &ExportRequest<'_>, _: &dyn EventSink) -> Result<Exported> {
        let chosen = chosen(request);
        let keys: Vec<ItemKey> = chosen.iter().cloned().collect();
        self.fetch(&keys).await?;
        let mut document = self.document(&chosen)?;
        let mut found = HashMap::new();
        document.rewrite(&|key| key.is_some_and(|key| chosen.contains(key)), &mut |kind, value| {
            finish(request.format.credentials, &mut found, kind, value);
            Ok(())
        })?;
        document.sort();
        let exported = output::write(&document, request.output, request.format.existing)?;
        Ok(Exported { findings: listed(found), ..exported })
    }
}

/// Adds an item of a listing; a server that lists one twice is not believed twice.
fn add(inventory: &mut Inventory, item: &Item) -> Option<ItemIndex> {
    let added = stock::add(inventory, item);
    if added.is_none() {
        let message = format!("the server lists {} more than once; the first is taken", item.key);
        inventory.findings.push(Finding::warning(code::DUPLICATE_ID, message).on(&item.key));
    }
    added
}

impl Remote {
    /// Items that an export carried although the listing did not show them.
    fn add_unlisted(&self, inventory: &mut Inventory) {
        let held = self.held();
        let mut unlisted: Vec<(&ItemKey, &Value)> =
            held.items.iter().filter(|(key, _)| inventory.find(key).is_none()).collect();
        unlisted.sort_by_key(|(key, _)| *key);
        for (key, value) in unlisted {
            let name = json::text(value, "name").unwrap_or_default();
            if inventory.add(&NewItem::new(key.clone(), name)).is_ok() {
                let message = format!("{key} is not listed for this account, but flows carry it");
                inventory.findings.push(Finding::warning(code::PARTIAL_VIEW, message).on(key));
            }
        }
    }

    /// The chosen items in the server's own layout, or as three lists where nothing carries one of them.
    fn document(&self, chosen: &HashSet<ItemKey>) -> Result<Document> {
        let of = |kind: Kind| -> Result<Vec<Value>> {
            let mut keys: Vec<&ItemKey> = chosen.iter().filter(|key| key.kind == kind).collect();
            keys.sort();
            keys.into_iter().map(|key| self.value(key)).collect()
        };
        let flows = of(Kind::Flow)?;
        if self.layout() == Some(Layout::Nested) {
            let document = Document::of_flows(flows.clone());
            let pool = Pool::of(&document);
            if chosen.iter().all(|key| pool.get(key).is_some()) {
                return Ok(document);
            }
        }
        let flows = flows.into_iter().map(without_copies).collect();
        Ok(Document::of_lists(flows, of(Kind::Connection)?, of(Kind::Secret)?))
    }
}

/// A flow without the connections and secrets that it holds copies of; lists of ids stay.
pub(super) fn without_copies(mut flow: Value) -> Value {
    if let Some(object) = flow.as_object_mut() {
        object.retain(|key, value| !(matches!(key.as_str(), "connections" | "secrets") && is_list_of_copies(value)));
    }
    flow
}

fn is_list_of_copies(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Value::is_object))
}

/// An empty map, for the fields of a request's body.
pub(super) fn fields_of(value: &Value, fields: &[&str]) -> Value {
    let kept = fields.iter().filter_map(|field| Some(((*field).to_owned(), value.get(*field)?.clone())));
    Value::Object(Map::from_iter(kept))
}
