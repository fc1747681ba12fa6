//! For the tests of this pane: content to look at, and effects that are carried out at once.
//! Must not know: what is tested.

use std::collections::VecDeque;
use std::sync::Arc;

use super::arrange::{Sort, arrange};
use super::effects::Listed;
use super::update::{Message, day_ago, source_changed};
use crate::model::{
    DependencyRule, Digest, Digests, Duplicable, Facts, Features, Finding, Inventory, ItemKey, Kind, KindRules,
    LeftAlone, LocationInfo, MatchMethod, NewItem, Platform, Reference, ReferencedBy, Rules, code,
};
use crate::remotes::{Environment, Paths};
use crate::workbench::effect::{Desk, Effect, answers};
use crate::workbench::ends::{Location, SourceEnd};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing;
use crate::workbench::update::update;

/// Rules of flows, connections and secrets, which are kept rather than overwritten.
pub fn rules() -> Rules {
    let of = |kind, referenced_by| KindRules {
        kind,
        matching: &[MatchMethod::Uuid, MatchMethod::Name],
        duplicable: Duplicable::Yes,
        as_dependency: DependencyRule::ByOption,
        part_of_everything: true,
        parts: &[],
        always_exported: false,
        heavy: false,
        referenced_by,
        created_without_value: false,
        cannot_undo_overwrite: None,
        left_alone: LeftAlone::Nothing,
    };
    let features = Features { tags: true, types_are_kinds: true, ..Features::default() };
    let kinds = vec![
        of(Kind::Secret, ReferencedBy::Name),
        of(Kind::Connection, ReferencedBy::Id),
        of(Kind::Flow, ReferencedBy::Id),
        of(Kind::Entry, ReferencedBy::Id),
    ];
    Rules { platform: Platform::Ziggy, kinds, features }
}

/// Nine flows, three connections and three secrets, all of it examined.
pub fn inventory() -> Inventory {
    let mut inventory = Inventory::new();
    let now = testing::NOW.parse::<jiff::Timestamp>().expect("a timestamp").as_millisecond();
    let mut add = |kind, id: &str, name: &str, tags: &[&str], hours: i64, facts: Facts| {
        let key = ItemKey::new(kind, id);
        let facts = Facts { updated: Some(now - hours * 3_600_000), ..facts };
        inventory.add(&NewItem { key: key.clone(), name, tags, size: 400 * hours as u64, facts }).expect("new");
        key
    };
    let plain = Facts::default();
    let locked = Facts { locked: true, ..plain };
    let empty = Facts { without_value: true, ..plain };
    let sms = add(Kind::Flow, "c4492541-7a8e-4d3b-9f8c-1a2b3c4d5e6f", "SMS reminder", &["billing", "prod"], 49, plain);
    let invoice = add(Kind::Flow, "0b9f5c1e-0001-4000-8000-000000000001", "Invoice sync", &["billing"], 3, plain);
    let dunning = add(Kind::Flow, "0b9f5c1e-0002-4000-8000-000000000002", "Dunning", &["billing"], 200, locked);
    add(Kind::Flow, "0b9f5c1e-0003-4000-8000-000000000003", "Lead import", &["crm"], 90, plain);
    add(Kind::Flow, "0b9f5c1e-0004-4000-8000-000000000004", "Nightly report", &["ops"], 9000, plain);
    add(
        Kind::Flow,
        "0b9f5c1e-0005-4000-8000-000000000005",
        "Überweisung prüfen 漢字",
        &["ops", "billing-eu"],
        30,
        plain,
    );
    add(Kind::Flow, "0b9f5c1e-0006-4000-8000-000000000006", "\u{1b}[31mevil\u{202e}", &["crm"], 70, plain);
    add(Kind::Flow, "0b9f5c1e-0007-4000-8000-000000000007", "", &[], 70, plain);
    add(
        Kind::Flow,
        "0b9f5c1e-0008-4000-8000-000000000008",
        "Customer onboarding with a rather long name of its own",
        &[],
        20,
        plain,
    );
    let twilio = add(Kind::Connection, "e1000000-0001-4000-8000-000000000001", "Twilio", &[], 500, plain);
    let hubspot = add(Kind::Connection, "e1000000-0002-4000-8000-000000000002", "HubSpot", &[], 500, plain);
    add(Kind::Connection, "e1000000-0003-4000-8000-000000000003", "Slack", &[], 500, plain);
    let sid = add(Kind::Secret, "a5000000-0001-4000-8000-000000000001", "TWILIO_SID", &[], 800, plain);
    add(Kind::Secret, "a5000000-0002-4000-8000-000000000002", "HUBSPOT_TOKEN", &[], 800, empty);
    add(Kind::Secret, "a5000000-0003-4000-8000-000000000003", "UNUSED", &[], 800, plain);
    let by_name = |name: &str| Reference::Name(Kind::Secret, name.into());
    let gone = Reference::Id(ItemKey::new(Kind::Flow, "ffffffff-0000-4000-8000-000000000000"));
    let refers = [
        (&sms, vec![Reference::Id(twilio.clone()), gone]),
        (&invoice, vec![Reference::Id(hubspot.clone()), Reference::Id(dunning.clone())]),
        (&dunning, vec![Reference::Id(sms.clone())]),
        (&twilio, vec![by_name("TWILIO_SID")]),
        (&hubspot, vec![by_name("HUBSPOT_TOKEN")]),
    ];
    for index in 0..inventory.len() as u32 {
        let key = inventory.item(index).key();
        let references = refers.iter().find(|(from, _)| **from == key).map(|(_, to)| to.clone()).unwrap_or_default();
        let digest = Digest::of(key.id.as_bytes());
        let needs: &[&str] = if key == sms { &["plugin:sms"] } else { &[] };
        inventory.examine(index, Digests { semantic: digest, exact: digest }, &references, needs);
    }
    let credential = "authToken looks like a plain credential (AC…, 34 characters)";
    inventory.findings.push(Finding::warning(code::PLAINTEXT_CREDENTIAL, credential).on(&twilio));
    inventory.findings.push(Finding::info(code::LOW_CREDENTIAL, "`TWILIO_SID` looks like an account").on(&sid));
    inventory
}

/// The pane in view, with a source that was chosen and not listed yet.
pub fn chosen() -> (State, Vec<Effect>) {
    let mut state = testing::state();
    state.pane = Pane::Content;
    state.ends.source = Some(SourceEnd {
        location: Location::Remote("dev".to_owned()),
        platform: Platform::Ziggy,
        production: false,
        opened: None,
    });
    let effects = source_changed(&mut state);
    (state, effects)
}

/// The pane with this content; what follows from showing it was done.
pub fn stocked_with(inventory: Inventory) -> State {
    stocked_of(inventory, rules())
}

/// The same with rules of its own.
pub fn stocked_of(inventory: Inventory, rules: Rules) -> State {
    let (mut state, _) = chosen();
    let message = listed_of(&state, inventory, rules);
    let effects = update(&mut state, message.into());
    settle(&mut state, effects);
    state
}

pub fn stocked() -> State {
    stocked_with(inventory())
}

/// The answer that the source holds this.
pub fn listed(state: &State, inventory: Inventory) -> Message {
    listed_of(state, inventory, rules())
}

fn listed_of(state: &State, inventory: Inventory, rules: Rules) -> Message {
    let arranged = arrange(&inventory, &rules, Sort::Kind, day_ago(state));
    let listed = Listed {
        info: LocationInfo::new(Platform::Ziggy, "dev"),
        inventory: Arc::new(inventory),
        rules: Arc::new(rules),
        arranged,
        bundle: false,
        kept: None,
    };
    Message::Listed(state.content.listing, Box::new(listed))
}

/// A desk with nothing on it.
pub fn desk() -> Arc<Desk> {
    Arc::new(Desk::new(Environment::default(), Paths::at("/nonexistent/config", "/nonexistent/state")))
}

/// Carries effects out, and what follows from them, until nothing is left to do. Reading content is left out: there is
/// no server.
pub fn settle(state: &mut State, effects: Vec<Effect>) -> Vec<Effect> {
    let is_look = |effect: &Effect| matches!(effect, Effect::Content(super::Effect::Look { .. }));
    let desk = desk();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(settle_on(state, &desk, effects, is_look))
}

/// The same with a desk of its own; what `leave` says stays undone and is given back.
pub async fn settle_on(
    state: &mut State,
    desk: &Arc<Desk>,
    effects: Vec<Effect>,
    leave: impl Fn(&Effect) -> bool,
) -> Vec<Effect> {
    let mut waiting = VecDeque::from(effects);
    let mut left = Vec::new();
    while let Some(effect) = waiting.pop_front() {
        if leave(&effect) || matches!(effect, Effect::Copy(_)) {
            left.push(effect);
            continue;
        }
        for message in answers(desk, effect).await {
            waiting.extend(update(state, message));
            testing::look(state);
        }
    }
    left
}

/// Presses keys, and waits for all that follows from each.
pub fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    let mut left = Vec::new();
    for key in keys.split(' ') {
        let effects = testing::press(state, key);
        left.extend(settle(state, effects));
    }
    left
}

/// Types a text, and waits for all that follows.
pub fn type_in(state: &mut State, text: &str) {
    let effects = testing::type_in(state, text);
    settle(state, effects);
}

/// Names of the picked items, in the order of the inventory.
pub fn picked(state: &State) -> Vec<String> {
    names(state, &state.content.picks.items.iter().collect::<Vec<_>>())
}

/// Names of items.
pub fn names(state: &State, items: &[u32]) -> Vec<String> {
    let stock = state.content.stock.as_ref().expect("listed");
    items.iter().map(|&item| super::details::called(stock.inventory.item(item)).to_owned()).collect()
}
