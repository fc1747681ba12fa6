//! What a person should know of a plan before it is carried out, and afterwards: conflicts that the space would refuse, states
//! that change, and what it costs.
//! Must not know: servers, definitions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::batch::MOST;
use super::job::Cost;
use super::order;
use super::rewrite::is_new;
use crate::model::{
    Decision, Finding, Forecast, Inventory, ItemIndex, ItemKey, Kind, Plan, PlanItem, VersionState, code,
};
use crate::platforms::flotiq::names::type_of;

/// What a space takes of one object, by its documentation.
const LARGEST: u64 = 1_000_000;

/// What there is to say before a run.
pub(super) fn before(plan: &Plan, source: &Inventory, destination: &Inventory, rate: Option<f64>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let without_file: HashSet<&ItemKey> = source
        .findings
        .iter()
        .filter(|finding| finding.code == code::MISSING_FILE)
        .filter_map(|finding| finding.item.as_ref())
        .collect();
    for item in plan.written() {
        findings.extend(media(item, &without_file));
        findings.extend(too_large(item, source));
    }
    findings.extend(taken_values(plan, source, destination));
    findings.extend(states(plan, source, destination));
    findings.extend(forecast(plan, rate).map(|forecast| told(plan, forecast)));
    findings
}

fn media(item: &PlanItem, without_file: &HashSet<&ItemKey>) -> Option<Finding> {
    let key = &item.key;
    if key.kind != Kind::Media {
        return None;
    }
    let why = match item.decision {
        Decision::Create if without_file.contains(key) => {
            format!("{key} has no file, and a space takes no record without one")
        }
        Decision::Overwrite if !item.marks.same_bytes => {
            format!("{key} holds another file at the destination, and no space lets the file behind an id be replaced")
        }
        _ => return None,
    };
    Some(Finding::blocking(code::NOT_WRITTEN, why).on(key))
}

fn too_large(item: &PlanItem, source: &Inventory) -> Option<Finding> {
    let size = source.find(&item.key).filter(|_| item.key.kind == Kind::Object)?.size();
    let why = format!("{} has {size} bytes, and a space takes {LARGEST} of one object", item.key);
    (size > LARGEST).then(|| Finding::blocking(code::NOT_WRITTEN, why).on(&item.key))
}

/// Ids and unique values that another object of the destination holds, and keeps.
fn taken_values(plan: &Plan, source: &Inventory, destination: &Inventory) -> Vec<Finding> {
    let mut holders: HashMap<u64, Vec<ItemIndex>> = HashMap::new();
    destination.uniques().iter().for_each(|&(value, item)| holders.entry(value).or_default().push(item));
    let rewritten: BTreeSet<ItemIndex> = plan
        .items
        .iter()
        .filter(|item| item.decision == Decision::Overwrite)
        .filter_map(|item| Some(destination.find(&item.key.with_id(item.destination_id()?))?.index()))
        .collect();
    let mut ours: BTreeMap<ItemIndex, Vec<u64>> = BTreeMap::new();
    source.uniques().iter().for_each(|&(value, item)| ours.entry(item).or_default().push(value));
    let mut findings = Vec::new();
    for item in plan.written().filter(|item| item.key.kind == Kind::Object && item.decision != Decision::Duplicate) {
        let Some(here) = source.find(&item.key) else { continue };
        let own = destination.find(&item.key.with_id(item.destination_id().unwrap_or_default())).map(|own| own.index());
        let values = ours.get(&here.index()).into_iter().flatten();
        let others = values.filter_map(|value| holders.get(value)).flatten();
        if let Some(&other) = others.into_iter().find(|other| Some(**other) != own && !rewritten.contains(other)) {
            let why = format!(
                "{} has the id or the value of a unique field of {}, which the destination keeps",
                item.key,
                destination.item(other).key()
            );
            findings.push(Finding::blocking(code::NAME_COLLISION, why).on(&item.key));
        }
    }
    findings
}

/// Objects whose state at the destination changes, counted: what is public may be taken away by that.
fn states(plan: &Plan, source: &Inventory, destination: &Inventory) -> Vec<Finding> {
    let (mut hidden, mut shown, mut unknown, mut newest) = (0, 0, 0, 0);
    let drafted: BTreeSet<&str> = drafted(source).chain(drafted(destination)).collect();
    for item in plan.written().filter(|item| item.key.kind == Kind::Object) {
        let ours = source.find(&item.key).and_then(|item| item.facts().state);
        let there = item.destination_id().and_then(|id| destination.find(&item.key.with_id(id)));
        let theirs = there.and_then(|there| there.facts().state);
        let was_public = matches!(theirs, Some(VersionState::Published | VersionState::Modified));
        match ours {
            Some(VersionState::Draft | VersionState::Archived) if was_public => hidden += 1,
            Some(VersionState::Published) if theirs.is_some() && theirs != ours => shown += 1,
            Some(VersionState::Modified) => newest += 1,
            None if item.key.type_.as_deref().is_some_and(|type_| drafted.contains(type_)) => unknown += 1,
            _ => {}
        }
    }
    let told = [
        (
            hidden,
            code::STATES_CHANGE,
            "that are public at the destination are taken from the public, as they are drafts or archived at the source",
        ),
        (shown, code::STATES_CHANGE, "are published that were not, or not in their newest version, at the destination"),
        (
            unknown,
            code::STATES_LEFT_OUT,
            "do not say whether they are published: new ones arrive as drafts, and what is public at the destination stays so beside its changed version",
        ),
        (
            newest,
            code::PUBLIC_VERSION_LEFT_OUT,
            "were changed after they were published: their newest version is written as a draft, or beside what is public at the destination",
        ),
    ];
    told.into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, code, what)| Finding::warning(code, format!("{count} objects {what}")))
        .collect()
}

/// Types of which something has a state.
fn drafted(inventory: &Inventory) -> impl Iterator<Item = &str> {
    inventory.items().filter(|item| item.facts().state.is_some()).filter_map(|item| item.type_())
}

/// About how many requests a run sends, with its checks before and after.
pub(super) fn forecast(plan: &Plan, rate: Option<f64>) -> Option<Forecast> {
    plan.written().next()?;
    let mut requests = 0;
    let mut types: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for item in plan.written() {
        match item.key.kind {
            Kind::Definition => requests += 2,
            Kind::Media => requests += 2,
            _ => {
                let (new, old) = types.entry(type_of(&item.key).unwrap_or_default()).or_default();
                *(if is_new(item) { new } else { old }) += 1;
            }
        }
    }
    let batches = |count: usize| count.div_ceil(MOST);
    // Written, put into their state, and of what is overwritten looked at in halves of a batch.
    requests += types.values().map(|&(new, old)| 1 + 2 * batches(new) + 4 * batches(old)).sum::<usize>();
    requests += order::steps(plan, None).len();
    let all: usize = plan.items.iter().filter(|item| item.key.kind == Kind::Definition).count().max(types.len());
    if plan.options.pause_webhooks {
        requests += 5;
    }
    // The space is listed once more to see what it holds.
    requests += 6 + all;
    Some(Forecast { requests: requests as u64, rate })
}

fn told(plan: &Plan, forecast: Forecast) -> Finding {
    let (requests, written) = (forecast.requests, plan.written().count());
    let cost = match (forecast.seconds(requests), forecast.rate) {
        (Some(seconds), Some(rate)) => format!(", about {seconds:.0} s at {rate} in a second"),
        _ => String::new(),
    };
    Finding::info(
        code::FORECAST,
        format!(
            "about {requests} requests to the space for {written} items{cost}; more where requests are refused for haste, or objects refer to each other in a ring"
        ),
    )
}

/// What there is to say after a run that cost so much in so many seconds.
pub(super) fn afterwards(plan: &Plan, cost: Option<(Cost, f64)>, rate: Option<f64>) -> Vec<Finding> {
    let is_newest = |finding: &&Finding| finding.code == code::PUBLIC_VERSION_LEFT_OUT && finding.item.is_none();
    let newest = plan.findings.iter().find(is_newest).cloned();
    let cost = cost.filter(|(_, seconds)| *seconds > 1.0);
    let used = rate.zip(cost).map(|(rate, (Cost { sent, slots }, seconds))| {
        let share = 100.0 * sent as f64 / (rate * seconds);
        let (used, free) = (slots.used, slots.used + slots.missed);
        let message = format!(
            "{sent} requests in {seconds:.0} s of writing and checking: {share:.0} % of {rate} in a second; \
             {used} of {free} slots were used that were free while something waited to be sent"
        );
        Finding::info(code::RATE_USED, message)
    });
    newest.into_iter().chain(used).collect()
}
