//! What follows from answers, and from another source.
//! Must not know: clocks, files, sockets, the terminal.

use std::sync::Arc;

use super::arrange::carry_over;
use super::effects::{Effect, Listed};
use super::state::{Failure, Ids, Popup, Stage, State, Stock};
use super::{findings, ids, looking, narrowing, picking};
use crate::model::{Error, ItemIndex};
use crate::planner::Meaning;
use crate::workbench::effect;
use crate::workbench::ends::{Location, OpenedEnd};
use crate::workbench::panes::plan;
use crate::workbench::shell::{Ask, Notice};
use crate::workbench::state::{self, Pane, State as Workbench};
use crate::workbench::widgets::Field;

/// Answers to this pane's effects, and its own alarm clocks.
#[derive(Debug)]
pub enum Message {
    Listed(u64, Box<Listed>),
    NotListed(u64, Error),
    /// How far the listing is.
    Reading(u64, String),
    /// What fits, of the question of this number.
    Sifted(u64, Arc<[ItemIndex]>),
    /// A new order, and what of it fits.
    Sorted(u64, Arc<[ItemIndex]>, Arc<[ItemIndex]>),
    /// The items of a group, to pick them.
    Gathered(u64, Vec<ItemIndex>),
    /// The picks were left alone for a moment.
    PicksRest(u64),
    Followed(Box<super::effects::Followed>),
    NotFollowed(u64, Error),
    /// The cursor was left alone for a moment.
    CursorRests(u64),
    Near(u64, Box<super::details::Near>),
    /// The last of what is told of an item; `None` where nobody asked for its content.
    Content(u64, Option<Result<super::effects::Text, Error>>),
    /// What the file of an item looks like.
    Pictured(u64, Arc<super::picture::Picture>),
    Meant(u64, Vec<(String, Meaning)>),
}

pub fn update(state: &mut Workbench, message: Message) -> Vec<effect::Effect> {
    match message {
        Message::Listed(listing, listed) if listing == state.content.listing => take(state, *listed),
        Message::NotListed(listing, error) if listing == state.content.listing => fail(state, error),
        Message::Reading(listing, text) if listing == state.content.listing => {
            state.content.reading = Some(text);
            Vec::new()
        }
        Message::Sifted(asked, shown) => narrowing::sifted(state, asked, shown),
        Message::Sorted(asked, order, shown) => narrowing::sorted(state, asked, order, shown),
        Message::Gathered(listing, items) if listing == state.content.listing => picking::gathered(state, &items),
        Message::PicksRest(changed) => picking::rest(state, changed),
        Message::Followed(followed) => picking::followed(state, *followed),
        Message::NotFollowed(listing, error) => picking::not_followed(state, listing, error),
        Message::CursorRests(asked) => looking::rest(state, asked),
        Message::Near(asked, near) => looking::near(state, asked, &near),
        Message::Content(asked, content) => looking::content(state, asked, content),
        Message::Pictured(asked, picture) => looking::pictured(state, asked, picture),
        Message::Meant(asked, meanings) => ids::meant(state, asked, meanings),
        Message::Listed(..) | Message::NotListed(..) | Message::Reading(..) | Message::Gathered(..) => Vec::new(),
    }
}

/// The source was chosen or changed: lists it.
pub fn source_changed(state: &mut Workbench) -> Vec<effect::Effect> {
    let before = std::mem::take(&mut state.content);
    let old = before.stock.map(|stock| Effect::Discard(Box::new(stock)).into());
    let mut narrowing = before.narrowing;
    narrowing.next();
    let mut fresh = State { listing: before.listing, dependencies: before.dependencies, ..State::default() };
    // Numbers go on, so that late answers about the old source fit nothing.
    (fresh.narrowing.asked, fresh.narrowing.sort) = (narrowing.asked, narrowing.sort);
    (fresh.picks.changed, fresh.needed.known_for) = (before.picks.changed + 1, before.picks.changed + 1);
    fresh.details.asked = before.details.asked + 1;
    fresh.look.needed = before.look.needed;
    state.content = fresh;
    state.popups.retain(|popup| !matches!(popup, state::Popup::Content(_)));
    plan::outdate(state);
    let mut effects = list(state, None);
    effects.extend(old);
    effects
}

/// Lists the source, with a key that was typed for it.
pub fn list(state: &mut Workbench, key: Option<secrecy::SecretString>) -> Vec<effect::Effect> {
    let Some(source) = &state.ends.source else { return Vec::new() };
    let location = source.location.clone();
    let now = state.now;
    let day_ago = day_ago(state);
    let content = &mut state.content;
    content.listing += 1;
    content.stage = Stage::Listing { since: now };
    content.reading = None;
    let kept = content.stock.as_ref().map(|stock| (stock.inventory.clone(), content.picks.items.clone()));
    let effect = Effect::List { listing: content.listing, location, key, kept, sort: content.narrowing.sort, day_ago };
    vec![effect.into()]
}

/// Milliseconds since 1970 of a day ago.
pub fn day_ago(state: &Workbench) -> i64 {
    state.now.as_millisecond().saturating_sub(24 * 60 * 60 * 1000)
}

/// Seconds that a bundle takes to list beyond which nothing of it is read unasked: each read looks through all of it.
const SLOW: f64 = 1.5;

fn take(state: &mut Workbench, listed: Listed) -> Vec<effect::Effect> {
    let took = match state.content.stage {
        Stage::Listing { since } => state.now.duration_since(since).as_secs_f64(),
        _ => 0.0,
    };
    let Listed { info, inventory, rules, arranged, bundle, kept } = listed;
    if let Some(source) = &mut state.ends.source {
        source.opened = Some(OpenedEnd { info, rules: rules.clone() });
    }
    let content = &mut state.content;
    let before = content.stock.take();
    content.shown = arranged.order.clone();
    content.stock = Some(Stock { inventory: inventory.clone(), rules, arranged, slow_to_read: bundle && took > SLOW });
    content.stage = Stage::Ready;
    content.details.item = None;
    content.picks.range = None;
    content.picks.past.clear();
    content.lay_out_groups();
    let mut effects = Vec::new();
    if let Some(before) = before {
        content.needed.asking = false;
        // Whoever picked while it was listed picked from the old listing.
        let (picks, lost) = match kept {
            Some(kept) if Arc::ptr_eq(&kept.from, &content.picks.items) => (kept.picks, kept.lost),
            _ => carry_over(&before.inventory, &content.picks.items, &inventory),
        };
        content.picks.items = Arc::new(picks);
        effects.extend(picking::changed(state));
        if lost > 0 {
            let gone = crate::wording::plural(lost as u64, "picked item");
            state.tell(Notice::warning(format!("{gone} of before is no longer at the source")));
        }
    } else {
        state.content.look.groups.at = 1;
    }
    findings::tell(state);
    effects.extend(narrowing::ask(state));
    effects.extend(looking::came_to(state));
    effects
}

fn fail(state: &mut Workbench, error: Error) -> Vec<effect::Effect> {
    if state.content.stock.is_some() {
        // What was listed before is still worth looking at.
        state.content.stage = Stage::Ready;
        state.tell_error(&error);
        return Vec::new();
    }
    let failure = Failure::from(error);
    let needs_key = failure.is_of_key();
    state.content.stage = Stage::Failed(failure);
    if needs_key && state.pane == Pane::Content && state.popups.is_empty() {
        ask_for_key(state);
    }
    Vec::new()
}

/// The pane came into view.
pub fn shown(state: &mut Workbench) -> Vec<effect::Effect> {
    if matches!(&state.content.stage, Stage::Failed(failure) if failure.is_of_key()) && state.popups.is_empty() {
        ask_for_key(state);
    }
    Vec::new()
}

/// Asks for the key of the archive that the source is.
pub fn ask_for_key(state: &mut Workbench) {
    let Some(Location::Bundle(path)) = state.ends.source.as_ref().map(|source| &source.location) else { return };
    let Stage::Failed(failure) = &state.content.stage else { return };
    let question =
        format!("{} is encrypted. Its key stays in memory only, until the workbench is left.", path.display());
    let then = |state: &mut Workbench, mut field: Field| list(state, Some(field.take_secret()));
    let ask = Ask::new("Key of the archive", vec![question], "open it", Field::hidden(), then);
    let ask = match failure.kind {
        crate::model::ErrorKind::WrongKey => ask.error(failure.message.clone()),
        _ => ask,
    };
    ask.open(state);
}

/// What enter does while there is no list: goes where it can be mended.
pub fn go_on(state: &mut Workbench) -> Vec<effect::Effect> {
    match &state.content.stage {
        Stage::NoSource => crate::workbench::panes::show(state, Pane::Locations),
        Stage::Failed(failure) if failure.is_of_key() => {
            ask_for_key(state);
            Vec::new()
        }
        Stage::Failed(_) => list(state, None),
        Stage::Listing { .. } | Stage::Ready => Vec::new(),
    }
}

/// The popup of ids, if it is on top.
pub fn ids_on_top(state: &mut Workbench) -> Option<&mut Ids> {
    match state.popups.last_mut()? {
        state::Popup::Content(Popup::Ids(ids)) => Some(ids),
        _ => None,
    }
}
