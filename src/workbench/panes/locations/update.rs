//! What follows from the answers of this pane's effects.
//! Must not know: how anything is found out.

use std::time::Duration;

use super::effects::{Effect, With};
use super::message::Message;
use super::state::{Counts, Entry, Found, Pending, Side, Then};
use super::{bundle_form, choose, picker, remote_form, rows};
use crate::model::{ErrorBrief, LocationInfo};
use crate::remotes::Remote;
use crate::workbench::effect;
use crate::workbench::ends::{DestinationEnd, Location, OpenedEnd};
use crate::workbench::message::Message as Any;
use crate::workbench::panes::{content, plan};
use crate::workbench::shell::Notice;
use crate::workbench::state::{Pane, Popup, State as Workbench};

/// How often times such as `3 s ago` go on.
const TICK: Duration = Duration::from_secs(5);

pub fn update(state: &mut Workbench, message: Message) -> Vec<effect::Effect> {
    match message {
        Message::Remotes { reading, remotes } if reading == state.locations.reading => got_remotes(state, remotes),
        Message::Bundles { reading, bundles } if reading == state.locations.reading => got_bundles(state, bundles),
        Message::Remotes { .. } | Message::Bundles { .. } => Vec::new(),
        Message::Opened { location, asked, answer } => opened(state, &location, asked, answer),
        Message::Counted { location, asked, answer } => counted(state, &location, asked, answer),
        Message::Editable { asked, answer } => editable(state, asked, answer),
        Message::Saved { asked, before, answer } => saved(state, asked, before, answer),
        Message::Removed { name, answer } => removed(state, &name, answer),
        Message::Preferred { name, answer } => preferred(state, &name, answer),
        Message::Arrived { asked, answer } => picker::arrived(state, asked, answer),
        Message::Output { asked, answer } => bundle_form::looked(state, asked, answer),
        Message::Tick => {
            state.locations.ticking = false;
            tick(state)
        }
    }
}

/// Reads both lists.
pub fn read(state: &mut Workbench) -> effect::Effect {
    state.locations.reading += 1;
    Effect::Read { reading: state.locations.reading, folder: state.settings.folder.clone() }.into()
}

/// Lets times on the screen go on, slowly, as long as there are any.
pub fn tick(state: &mut Workbench) -> Vec<effect::Effect> {
    let here = &mut state.locations;
    let has_times = here.looks.values().any(|look| look.at.is_some());
    if here.ticking || !has_times || state.pane != Pane::Locations {
        return Vec::new();
    }
    here.ticking = true;
    vec![effect::Effect::After(TICK, Box::new(Any::Locations(Message::Tick)))]
}

fn got_remotes(state: &mut Workbench, remotes: Result<Vec<Entry>, ErrorBrief>) -> Vec<effect::Effect> {
    rows::keeping_place(state, |state| {
        let list = &mut state.locations.remotes;
        list.known = true;
        match remotes {
            Ok(items) => (list.items, list.error) = (items, None),
            Err(error) => (list.items, list.error) = (Vec::new(), Some(error)),
        }
    });
    follow_marks(state);
    let mut effects = go_to_new(state);
    effects.extend(preselect(state));
    effects
}

/// A mark that was changed counts at once where its remote is an end.
fn follow_marks(state: &mut Workbench) {
    let production = |location: &Location| state.locations.entry(location).is_some_and(Entry::is_production);
    let source = state.ends.source.as_ref().map(|source| production(&source.location));
    let destination = match &state.ends.destination {
        Some(DestinationEnd::Remote { location, .. }) => Some(production(location)),
        _ => None,
    };
    if let (Some(source), Some(marked)) = (&mut state.ends.source, source) {
        source.production = marked;
    }
    if let (Some(DestinationEnd::Remote { production, .. }), Some(marked)) = (&mut state.ends.destination, destination)
    {
        *production = marked;
    }
}

/// Goes to a remote that was just added or renamed, and tests it.
fn go_to_new(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(location) = state.locations.go_to.take() else { return Vec::new() };
    for side in Side::BOTH {
        rows::go_to(state, side, &location);
    }
    match state.locations.entry(&location) {
        Some(_) => vec![choose::ask(state, location, With::Kept, true)],
        None => Vec::new(),
    }
}

/// Opens the default source, once, without a word.
fn preselect(state: &mut Workbench) -> Vec<effect::Effect> {
    let here = &mut state.locations;
    if std::mem::replace(&mut here.preselected, true) || here.pending.is_some() || state.ends.source.is_some() {
        return Vec::new();
    }
    let default = |entry: &&Entry| entry.remote().is_some_and(|facts| facts.default_source);
    let Some(location) = here.remotes.items.iter().find(default).map(|entry| entry.location.clone()) else {
        return Vec::new();
    };
    rows::go_to(state, Side::Source, &location);
    choose::check(state, location, With::Kept, Then::Preselect)
}

fn got_bundles(state: &mut Workbench, bundles: Result<Vec<Entry>, ErrorBrief>) -> Vec<effect::Effect> {
    rows::keeping_place(state, |state| {
        let list = &mut state.locations.bundles;
        list.known = true;
        match bundles {
            Ok(mut items) => {
                // One that was picked a moment ago may not be among the recent ones yet.
                let source = state.ends.source.as_ref().map(|source| &source.location);
                let kept = list.items.iter().find(|entry| Some(&entry.location) == source);
                if let Some(kept) = kept.filter(|kept| items.iter().all(|entry| entry.location != kept.location)) {
                    items.insert(0, kept.clone());
                }
                (list.items, list.error) = (items, None);
            }
            Err(error) => list.error = Some(error),
        }
    });
    Vec::new()
}

fn opened(
    state: &mut Workbench,
    location: &Location,
    asked: u64,
    answer: Result<Box<Found>, ErrorBrief>,
) -> Vec<effect::Effect> {
    let now = state.now;
    let Some(look) = state.locations.looks.get_mut(location).filter(|look| look.asked == asked) else {
        return Vec::new();
    };
    (look.waiting, look.at) = (false, Some(now));
    let mut effects = match answer {
        Ok(mut found) => {
            // What was counted before is shown until it is counted again.
            found.counts = found.counts.or_else(|| look.opened().and_then(|before| before.counts.clone()));
            let end = OpenedEnd { info: found.info.clone(), rules: found.rules.clone() };
            look.found = Some(Ok(*found));
            if let Some(source) = state.ends.source.as_mut().filter(|source| source.location == *location) {
                source.opened = Some(end);
            }
            choose::opened(state, location, asked)
        }
        Err(error) => {
            look.found = Some(Err(error.clone()));
            choose::refused(state, location, asked, &error)
        }
    };
    effects.extend(tick(state));
    effects
}

fn counted(
    state: &mut Workbench,
    location: &Location,
    asked: u64,
    answer: Result<(LocationInfo, Counts), ErrorBrief>,
) -> Vec<effect::Effect> {
    let now = state.now;
    let Some(look) = state.locations.looks.get_mut(location).filter(|look| look.asked == asked) else {
        return Vec::new();
    };
    look.at = Some(now);
    match (answer, &mut look.found) {
        (Ok((info, counts)), Some(Ok(found))) => {
            found.counting = false;
            (found.info, found.counts) = (info, Some(counts));
        }
        (Ok(_), _) => {}
        (Err(error), _) => look.found = Some(Err(error)),
    }
    Vec::new()
}

fn editable(state: &mut Workbench, asked: u64, answer: Result<Box<Remote>, ErrorBrief>) -> Vec<effect::Effect> {
    // Somebody who did something else since then did not wait for the form.
    if asked != state.locations.asked || !state.popups.is_empty() || state.pane != Pane::Locations {
        return Vec::new();
    }
    match answer {
        Ok(remote) => remote_form::open_edit(state, *remote),
        Err(error) => state.tell(choose::notice_of(&error)),
    }
    Vec::new()
}

fn saved(
    state: &mut Workbench,
    asked: u64,
    before: Option<String>,
    answer: Result<Remote, ErrorBrief>,
) -> Vec<effect::Effect> {
    let waits =
        |popup: &Popup| matches!(popup, Popup::Locations(super::Popup::Form(form)) if form.waiting == Some(asked));
    let at = state.popups.iter().position(waits);
    match answer {
        Ok(remote) => {
            if let Some(at) = at {
                state.popups.remove(at);
            }
            remote_form::tell_saved(state, &remote);
            let location = Location::Remote(remote.name.to_string());
            let mut effects = match before {
                Some(before) => changed(state, &Location::Remote(before), &location),
                None => Vec::new(),
            };
            state.locations.go_to = Some(location);
            effects.push(read(state));
            effects
        }
        Err(error) => {
            match at.and_then(|at| state.popups.get_mut(at)) {
                Some(Popup::Locations(super::Popup::Form(form))) => {
                    form.waiting = None;
                    form.error = Some(error);
                }
                // The form was left while it was saved.
                _ => state.tell(choose::notice_of(&error)),
            }
            Vec::new()
        }
    }
}

/// A remote was changed: what is known of it counts no longer, and an end that it was is opened anew.
fn changed(state: &mut Workbench, before: &Location, after: &Location) -> Vec<effect::Effect> {
    state.locations.looks.remove(before);
    state.locations.looks.remove(after);
    state.locations.pending.take_if(|pending| pending.location == *before);
    let mut effects = Vec::new();
    if let Some(DestinationEnd::Remote { location, .. }) = &mut state.ends.destination
        && location == before
    {
        *location = after.clone();
        plan::outdate(state);
    }
    if let Some(source) = &mut state.ends.source
        && source.location == *before
    {
        source.location = after.clone();
        source.opened = None;
        plan::outdate(state);
        effects.extend(content::source_changed(state));
    }
    effects
}

fn removed(state: &mut Workbench, name: &str, answer: Result<(), ErrorBrief>) -> Vec<effect::Effect> {
    if let Err(error) = answer {
        state.tell(choose::notice_of(&error));
        return Vec::new();
    }
    let location = Location::Remote(name.to_owned());
    state.tell(Notice::info(format!("removed {name}; its server is as it was")));
    state.locations.looks.remove(&location);
    let was_destination = matches!(
        &state.ends.destination,
        Some(DestinationEnd::Remote { location: end, .. }) if *end == location
    );
    if was_destination {
        state.ends.destination = None;
        plan::outdate(state);
    }
    let mut effects = vec![read(state)];
    if state.ends.source.take_if(|source| source.location == location).is_some() {
        plan::outdate(state);
        effects.extend(content::source_changed(state));
    }
    effects
}

fn preferred(state: &mut Workbench, name: &str, answer: Result<(), ErrorBrief>) -> Vec<effect::Effect> {
    match answer {
        Ok(()) => {
            state.tell(Notice::info(format!("{name} is the source from now on when the workbench opens")));
            vec![read(state)]
        }
        Err(error) => {
            state.tell(choose::notice_of(&error));
            Vec::new()
        }
    }
}

/// Stops waiting for a location to be chosen. The check goes on and tells its outcome on the row.
pub fn stop_waiting(state: &mut Workbench) -> Option<Pending> {
    state.locations.pending.take()
}
