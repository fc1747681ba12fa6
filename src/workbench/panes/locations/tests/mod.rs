//! Tests of the pane. What several of them need: lists as effects would bring them, and answers.

mod choosing;
mod effects;
mod forms;
mod picking;
mod pictures;

use std::path::Path;
use std::sync::Arc;

use super::state::{About, Counts, Entry, Found, RemoteFacts};
use super::{Effect, Message, describe};
use crate::model::{Access, ErrorBrief, ErrorKind, Kind, LocationInfo, Platform};
use crate::platforms::{self, BundleForm, BundleLook};
use crate::workbench::effect;
use crate::workbench::ends::Location;
use crate::workbench::message::Message as Any;
use crate::workbench::state::State;
use crate::workbench::testing;
use crate::workbench::update::update;

/// Tells the pane an answer.
pub fn tell(state: &mut State, message: Message) -> Vec<effect::Effect> {
    update(state, Any::Locations(message))
}

pub fn facts(url: &str) -> RemoteFacts {
    RemoteFacts {
        url: url.to_owned(),
        user: Some("demo".to_owned()),
        credential: "in the keyring".to_owned(),
        default_source: false,
        production: false,
        read_only: false,
        fixed: None,
    }
}

pub fn remote(name: &str, platform: Platform, facts: RemoteFacts) -> Entry {
    Entry { location: Location::Remote(name.to_owned()), name: name.to_owned(), platform, about: About::Remote(facts) }
}

pub fn remotes() -> Vec<Entry> {
    let from_environment = RemoteFacts {
        fixed: Some("live comes from HAUL_REMOTE_LIVE: change or unset that".to_owned()),
        user: None,
        credential: "from HAUL_REMOTE_LIVE_TOKEN".to_owned(),
        ..facts("https://live.example")
    };
    vec![
        remote("cms-stage", Platform::Flotiq, facts("https://cms.example")),
        remote("dev", Platform::Ziggy, facts("http://127.0.0.1:40123")),
        remote("live", Platform::Ziggy, from_environment),
        remote("prod", Platform::Ziggy, RemoteFacts { production: true, ..facts("http://127.0.0.1:40124") }),
        remote("vault", Platform::Ziggy, RemoteFacts { read_only: true, ..facts("https://vault.example") }),
    ]
}

pub fn bundles() -> Vec<Entry> {
    let archive = BundleLook {
        platform: Platform::Strapi,
        form: BundleForm::Archive,
        sealed: true,
        bytes: 1_300_000,
        certain: true,
    };
    let file =
        BundleLook { platform: Platform::Ziggy, form: BundleForm::File, sealed: false, bytes: 48_000, ..archive };
    let entry = |path: &str, look| describe::bundle(Path::new(path), Some(look), None);
    [entry("./backup.tar.gz.enc", archive), entry("./flows.json", file)].into_iter().flatten().collect()
}

/// A state whose lists were read.
pub fn read() -> State {
    let mut state = testing::state();
    super::begin(&mut state);
    tell(&mut state, Message::Remotes { reading: 1, remotes: Ok(remotes()) });
    tell(&mut state, Message::Bundles { reading: 1, bundles: Ok(bundles()) });
    testing::look(&mut state);
    state
}

pub fn at(name: &str) -> Location {
    Location::Remote(name.to_owned())
}

pub fn file(path: &str) -> Location {
    Location::Bundle(path.into())
}

/// What opening a location tells.
pub fn found(platform: Platform, name: &str) -> Box<Found> {
    let mut info = LocationInfo::new(platform, name);
    info.version = Some("1.27".to_owned());
    let access = Access {
        account: Some("demo".to_owned()),
        role: Some("ADMIN".to_owned()),
        rights: vec!["sees every item".to_owned()],
        limits: Vec::new(),
    };
    Box::new(Found { info, rules: Arc::new(platforms::rules(platform).clone()), access, counts: None, counting: true })
}

pub fn counts() -> Counts {
    Counts {
        kinds: vec![(Kind::Secret, 17), (Kind::Connection, 9), (Kind::Flow, 22)],
        items: 48,
        bytes: 123_456,
        notes: Vec::new(),
    }
}

pub fn error(code: ErrorKind, message: &str, hint: Option<&str>) -> ErrorBrief {
    ErrorBrief { code, message: message.to_owned(), hint: hint.map(str::to_owned) }
}

/// The number of the newest question about a location.
pub fn asked(state: &State, location: &Location) -> u64 {
    state.locations.look(location).asked
}

/// Answers the newest question about a location.
pub fn answer(state: &mut State, location: &Location, answer: Result<Box<Found>, ErrorBrief>) -> Vec<effect::Effect> {
    let asked = asked(state, location);
    tell(state, Message::Opened { location: location.clone(), asked, answer })
}

/// Lets a location open, and counts what it holds.
pub fn opens(state: &mut State, location: &Location, platform: Platform) -> Vec<effect::Effect> {
    let effects = answer(state, location, Ok(found(platform, &location.text())));
    let (asked, info) = (asked(state, location), found(platform, &location.text()).info);
    tell(state, Message::Counted { location: location.clone(), asked, answer: Ok((info, counts())) });
    effects
}

/// Moves to a row by the name that it shows.
pub fn go(state: &mut State, name: &str) {
    let side = state.locations.side;
    let rows = super::rows::rows(state, side);
    let at = rows.iter().position(|row| matches!(row, super::rows::Row::Entry(entry) if entry.name == name));
    let at = at.unwrap_or_else(|| panic!("no row is called {name}"));
    state.locations.view_mut(side).cursor.at = at;
    super::rows::settle(state, side);
}

/// The effects of this pane among all.
pub fn ours(effects: Vec<effect::Effect>) -> Vec<Effect> {
    let ours = |effect| match effect {
        effect::Effect::Locations(effect) => Some(effect),
        _ => None,
    };
    effects.into_iter().filter_map(ours).collect()
}
