//! Loads flows with the missing connections and secrets that they need, for servers whose files nest them.
//! Must not know: requests.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::examine::{Known, examine};
use super::pool::Item;
use super::rewrite::{self, Ids};
use super::{bundle, json, steps};
use crate::model::{ItemKey, Kind, Reference, Result, Step, Work};

/// A flow, and what of the step it carries.
#[derive(Debug)]
pub(super) struct Carrier {
    key: ItemKey,
    carried: BTreeSet<ItemKey>,
}

/// The flows of one upload.
#[derive(Debug, Default)]
pub(super) struct Freight {
    pub(super) flows: Vec<Carrier>,
    /// What the upload creates along with its flows; an earlier upload created the rest.
    first_carried: BTreeSet<ItemKey>,
}

impl Freight {
    /// Everything that the upload's answer has to mention.
    pub(super) fn keys(&self) -> impl Iterator<Item = &ItemKey> {
        self.flows.iter().map(|flow| &flow.key).chain(&self.first_carried)
    }
}

/// A step's items by how they travel.
#[derive(Debug, Default)]
pub(super) struct Cargo {
    pub(super) created: Freight,
    pub(super) overwritten: Freight,
    /// What no flow of the step needs.
    pub(super) alone: Vec<ItemKey>,
}

pub(super) fn load(step: &Step, work: &Work<'_>, ids: &Ids<'_>) -> Result<Cargo> {
    let needs = Needs::of(work)?;
    let passengers: BTreeSet<&ItemKey> = step.items.iter().filter(|key| key.kind != Kind::Flow).collect();
    let mut cargo = Cargo::default();
    for key in step.items.iter().filter(|key| key.kind == Kind::Flow) {
        let carried = needs.of_flow(key).into_iter().filter(|key| passengers.contains(key)).collect();
        let is_new = steps::is_new(ids.planned(key)?);
        let freight = if is_new { &mut cargo.created } else { &mut cargo.overwritten };
        freight.flows.push(Carrier { key: key.clone(), carried });
    }
    let carried = |freight: &Freight| freight.flows.iter().flat_map(|flow| flow.carried.clone()).collect();
    let first: BTreeSet<ItemKey> = carried(&cargo.created);
    // The first upload created these, so the second one leaves them out.
    for flow in &mut cargo.overwritten.flows {
        flow.carried.retain(|key| !first.contains(key));
    }
    cargo.overwritten.first_carried = carried(&cargo.overwritten);
    cargo.created.first_carried = first;
    let on_board =
        |key: &ItemKey| cargo.created.first_carried.contains(key) || cargo.overwritten.first_carried.contains(key);
    cargo.alone = passengers.into_iter().filter(|key| !on_board(key)).cloned().collect();
    // Secrets before the connections that name them.
    cargo.alone.sort_by_key(|key| std::cmp::Reverse(key.kind));
    Ok(cargo)
}

/// The flow as it is uploaded, with what it carries in nested lists.
pub(super) fn with_copies(carrier: &Carrier, work: &Work<'_>, ids: &Ids<'_>) -> Result<Value> {
    let mut flow = rewrite::item(work, &carrier.key, ids)?;
    for (list, kind) in [("connections", Kind::Connection), ("secrets", Kind::Secret)] {
        let carried = carrier.carried.iter().filter(|key| key.kind == kind);
        let copies = carried.map(|key| rewrite::item(work, key, ids)).collect::<Result<Vec<_>>>()?;
        json::set(&mut flow, list, Value::Array(copies));
    }
    Ok(flow)
}

/// What each written item refers to, by the keys of the plan.
struct Needs {
    direct: BTreeMap<ItemKey, BTreeSet<ItemKey>>,
}

impl Needs {
    fn of(work: &Work<'_>) -> Result<Needs> {
        let known = Known::of(work.plan.items.iter().map(|item| &item.key));
        let keys: HashSet<&ItemKey> = work.plan.items.iter().map(|item| &item.key).collect();
        let names: HashMap<(Kind, &str), &ItemKey> =
            work.plan.items.iter().map(|item| ((item.key.kind, &*item.name), &item.key)).collect();
        let planned = |reference: &Reference| match reference {
            Reference::Id(key) => keys.get(key).map(|key| ItemKey::clone(key)),
            Reference::Name(kind, name) => names.get(&(*kind, &**name)).map(|key| ItemKey::clone(key)),
        };
        let mut direct = BTreeMap::new();
        for (key, record) in work.records {
            let item = Item { key: key.clone(), value: bundle::content(&record.json)? };
            let references = examine(&item, &known).references;
            direct.insert(key.clone(), references.iter().filter_map(planned).collect());
        }
        Ok(Needs { direct })
    }

    /// Connections and secrets of a flow, and the secrets of those connections.
    fn of_flow(&self, flow: &ItemKey) -> BTreeSet<ItemKey> {
        let of = |key: &ItemKey| self.direct.get(key).cloned().unwrap_or_default();
        let own: BTreeSet<ItemKey> = of(flow).into_iter().filter(|key| key.kind != Kind::Flow).collect();
        let theirs: Vec<ItemKey> = own.iter().flat_map(of).collect();
        own.into_iter().chain(theirs).collect()
    }
}
