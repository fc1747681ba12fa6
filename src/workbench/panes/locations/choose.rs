//! From a row to an end: opens the location, asks for a key or a login until it opens, and makes it the source or the
//! destination.
//! Must not know: how a location is opened.

use secrecy::SecretString;

use super::effects::{Effect, With};
use super::form::Form;
use super::rows::{self, Row};
use super::state::{About, Entry, Pending, Side, Then};
use super::{bundle_form, login, picker, remote_form};
use crate::model::{ErrorBrief, ErrorKind, Platform};
use crate::remotes::Login;
use crate::workbench::ends::{DestinationEnd, Location, OpenedEnd, SourceEnd};
use crate::workbench::panes::{content, plan};
use crate::workbench::shell::{Ask, Notice};
use crate::workbench::state::{Pane, State as Workbench};
use crate::workbench::widgets::Field;
use crate::workbench::{effect, panes};

/// Bundles up to this size are counted at once when they are opened; longer ones take a while, so that somebody has
/// to ask for it.
const COUNTED_AT_ONCE: u64 = 64 * 1024 * 1024;

/// Chooses what is under the cursor.
pub fn choose(state: &mut Workbench) -> Vec<effect::Effect> {
    let side = state.locations.side;
    match rows::under(state, side) {
        Some(Row::Entry(entry)) => {
            let location = entry.location.clone();
            choose_location(state, side, location)
        }
        Some(Row::AddRemote) => remote_form::open_new(state),
        Some(Row::OpenFile) => picker::open(state),
        Some(Row::NewBundle) => bundle_form::open(state),
        Some(Row::Heading(_) | Row::Note(_) | Row::Trouble(_)) | None => Vec::new(),
    }
}

/// Makes a location of the lists an end, once it opens.
pub fn choose_location(state: &mut Workbench, side: Side, location: Location) -> Vec<effect::Effect> {
    let Some(entry) = state.locations.entry(&location) else { return Vec::new() };
    if side == Side::Destination
        && let Some((why, hint)) = rows::refusal_at_length(state, entry)
    {
        state.tell(Notice::warning(why).hint(hint));
        return Vec::new();
    }
    let look = state.locations.look(&location);
    if look.opened().is_some() && !look.waiting {
        return become_end(state, side, location);
    }
    check(state, location, With::Kept, Then::Choose(side))
}

/// Opens a location anew, with what is to follow.
pub fn check(state: &mut Workbench, location: Location, with: With, then: Then) -> Vec<effect::Effect> {
    let effect = ask(state, location.clone(), with, then == Then::Test);
    let pending = &mut state.locations.pending;
    let keeps_waiting = |other: &Pending| then == Then::Test && other.then != Then::Test && other.location != location;
    if !pending.as_ref().is_some_and(keeps_waiting) {
        *pending = Some(Pending { location, asked: state.locations.asked, then });
    }
    vec![effect]
}

/// Opens a location anew; only its row tells the outcome.
pub fn ask(state: &mut Workbench, location: Location, with: With, told_to: bool) -> effect::Effect {
    let asked = state.locations.next();
    let size = match state.locations.entry(&location).map(|entry| &entry.about) {
        Some(About::Bundle(Some(look))) => look.bytes,
        _ => 0,
    };
    let now = state.now;
    let look = state.locations.looks.entry(location.clone()).or_default();
    (look.asked, look.waiting, look.since) = (asked, true, Some(now));
    let count = told_to || size <= COUNTED_AT_ONCE;
    Effect::Check { location, asked, with, count }.into()
}

/// The location could be opened: what waited for it goes on.
pub fn opened(state: &mut Workbench, location: &Location, asked: u64) -> Vec<effect::Effect> {
    let waited = |pending: &mut Pending| pending.location == *location && pending.asked == asked;
    let Some(pending) = state.locations.pending.take_if(waited) else { return Vec::new() };
    match pending.then {
        Then::Choose(side) => become_end(state, side, pending.location),
        Then::Preselect if state.ends.source.is_none() => become_end(state, Side::Source, pending.location),
        Then::Preselect | Then::Test => Vec::new(),
    }
}

/// The location could not be opened: asks for what is missing.
pub fn refused(state: &mut Workbench, location: &Location, asked: u64, error: &ErrorBrief) -> Vec<effect::Effect> {
    let waited = |pending: &mut Pending| pending.location == *location && pending.asked == asked;
    let Some(pending) = state.locations.pending.take_if(waited) else { return Vec::new() };
    let Some(entry) = state.locations.entry(location).cloned() else { return Vec::new() };
    if pending.then == Then::Preselect {
        return Vec::new();
    }
    // Somebody who went elsewhere meanwhile is told, and not interrupted.
    let is_looking = state.pane == Pane::Locations && state.popups.is_empty();
    match error.code {
        ErrorKind::NoKey if is_looking => ask_key(state, &entry, None, pending.then),
        ErrorKind::WrongKey if is_looking => ask_key(state, &entry, Some(error), pending.then),
        ErrorKind::NoCredential | ErrorKind::Unauthorized if is_looking && !location.is_bundle() => {
            let form = login::form(&entry, error, pending.then);
            open_form(state, form);
        }
        _ => state.tell(notice_of(error)),
    }
    Vec::new()
}

pub fn open_form(state: &mut Workbench, form: Form) {
    state.open(crate::workbench::state::Popup::Locations(super::Popup::Form(Box::new(form))));
}

/// An error of an effect, in the line above the footer.
pub fn notice_of(error: &ErrorBrief) -> Notice {
    let built = crate::model::Error::new(error.code, &*error.message);
    Notice::error(&match &error.hint {
        Some(hint) => built.hint(&**hint),
        None => built,
    })
}

fn ask_key(state: &mut Workbench, entry: &Entry, error: Option<&ErrorBrief>, then: Then) {
    let asked = entry.clone();
    let lines = vec![format!("{} is encrypted. The key that it was exported with opens it.", entry.name)];
    let ask = Ask::new("Key", lines, "open it", Field::hidden(), move |state, mut field| {
        if field.is_empty() {
            // Nothing typed is no key to try.
            let why =
                ErrorBrief { code: ErrorKind::NoKey, message: "type the key, or leave with esc".into(), hint: None };
            ask_key(state, &asked, Some(&why), then);
            return Vec::new();
        }
        let key: SecretString = field.take_secret();
        check(state, asked.location, With::Key(key), then)
    });
    match error {
        Some(error) => ask.error(format!("✗ {}", error.message)),
        None => ask,
    }
    .open(state);
}

/// Tries a login that was typed.
pub fn log_in(state: &mut Workbench, location: Location, login: Login, then: Then) -> Vec<effect::Effect> {
    check(state, location, With::Login(login), then)
}

fn become_end(state: &mut Workbench, side: Side, location: Location) -> Vec<effect::Effect> {
    let mut effects = match side {
        Side::Source => become_source(state, &location),
        Side::Destination => become_destination(state, &location),
    };
    if !matches!(location, Location::Remote(_)) {
        effects.push(Effect::Remember { place: location.text() }.into());
    }
    effects.extend(go_on(state, side));
    effects
}

/// After an end was chosen: to the other side, or to the content when both are known.
pub fn go_on(state: &mut Workbench, side: Side) -> Vec<effect::Effect> {
    if state.ends.source.is_some() && state.ends.destination.is_some() {
        return panes::show(state, Pane::Content);
    }
    state.locations.side = side.other();
    rows::settle(state, side.other());
    if side == Side::Source {
        rows::leave_refused(state);
    }
    Vec::new()
}

fn become_source(state: &mut Workbench, location: &Location) -> Vec<effect::Effect> {
    let Some(found) = state.locations.look(location).opened().cloned() else { return Vec::new() };
    if state.ends.source.as_ref().is_some_and(|source| source.location == *location) {
        // Picks stay.
        return Vec::new();
    }
    let production = state.locations.entry(location).is_some_and(Entry::is_production);
    let platform = found.info.platform;
    let before = state.ends.source.as_ref().map(|source| source.platform);
    state.ends.source = Some(SourceEnd {
        location: location.clone(),
        platform,
        production,
        opened: Some(OpenedEnd { info: found.info, rules: found.rules }),
    });
    drop_unfit_destination(state, before);
    plan::outdate(state);
    content::source_changed(state)
}

/// A destination that the new source does not fit is chosen anew.
fn drop_unfit_destination(state: &mut Workbench, before: Option<Platform>) {
    let Some(source) = &state.ends.source else { return };
    let why = match &state.ends.destination {
        Some(DestinationEnd::Remote { location, .. }) if *location == source.location => "is the source now",
        Some(DestinationEnd::Remote { platform, .. }) if *platform != source.platform => "is of another platform",
        Some(DestinationEnd::NewBundle(_)) if before != Some(source.platform) => "has the form of another platform",
        _ => return,
    };
    if let Some(dropped) = state.ends.destination.take() {
        state.tell(Notice::info(format!("choose the destination anew: {} {why}", dropped.text())));
    }
}

fn become_destination(state: &mut Workbench, location: &Location) -> Vec<effect::Effect> {
    let Some(entry) = state.locations.entry(location) else { return Vec::new() };
    // What it may be can have changed while it was opened.
    if let Some((why, hint)) = rows::refusal_at_length(state, entry) {
        state.tell(Notice::warning(why).hint(hint));
        return Vec::new();
    }
    let (platform, production) = (entry.platform, entry.is_production());
    set_destination(state, DestinationEnd::Remote { location: location.clone(), platform, production });
    Vec::new()
}

pub fn set_destination(state: &mut Workbench, destination: DestinationEnd) {
    if state.ends.destination.as_ref() != Some(&destination) {
        state.ends.destination = Some(destination);
        plan::outdate(state);
    }
}
