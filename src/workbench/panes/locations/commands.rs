//! The commands of the pane and of its popups.
//! Must not know: how any of it is drawn.

use std::borrow::Cow;

use super::effects::With;
use super::form::{Form, Purpose, Value};
use super::rows::{self, Row};
use super::state::{Side, Then};
use super::{bundle_form, choose, login, picker, remote_form, update};
use crate::workbench::command::{Availability, Command, Scope, Typing};
use crate::workbench::effect::Effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::{Pane, Popup, State};

const HERE: Scope = Scope::Pane(Pane::Locations);
const FORM: Scope = Scope::Popup("form");
const PICKER: Scope = Scope::Popup("picker");

pub const COMMANDS: &[Command] = &[
    Command::new("locations.choose", HERE, "enter", "choose", "Choose what is under the cursor", choose::choose)
        .footer(1)
        .when(can_choose),
    Command::new("locations.side", HERE, "tab", "sides", "Go to the other side", |state| {
        go_to_side(state, state.locations.side.other())
    })
    .footer(2),
    Command::new("locations.left", HERE, "left h", "source", "Go to the sources", |state| {
        go_to_side(state, Side::Source)
    }),
    Command::new("locations.right", HERE, "right l", "destination", "Go to the destinations", |state| {
        go_to_side(state, Side::Destination)
    }),
    Command::new("locations.new", HERE, "n", "new remote", "Add a server by name", remote_form::open_new).footer(3),
    Command::new("locations.test", HERE, "t", "test", "Open it, and count what it holds", test)
        .footer(4)
        .when(is_location),
    Command::new("locations.edit", HERE, "e", "edit", "Change the remote under the cursor", remote_form::edit)
        .footer(5)
        .when(is_own_remote),
    Command::new("locations.open", HERE, "o", "open file", "Find a bundle on the disk, or type its path", picker::open)
        .footer(7),
    Command::new("locations.filter", HERE, "/", "filter", "Show only what has these words", |state| {
        state.locations.filtering = true;
        Vec::new()
    })
    .footer(9),
    Command::new(
        "locations.filter.take",
        HERE,
        "enter",
        "keep filter",
        "Keep the filter, and go on in the list",
        |state| {
            state.locations.filtering = false;
            Vec::new()
        },
    )
    .typing(Typing::Only)
    .footer(1),
    Command::new("locations.back", HERE, "esc", "back", "Drop the filter; stop waiting for a location", back)
        .typing(Typing::Also)
        .footer(8)
        .when(can_go_back),
    Command::new(
        "locations.remove",
        HERE,
        "x delete",
        "remove",
        "Forget the remote under the cursor",
        remote_form::remove,
    )
    .footer(6)
    .when(is_own_remote),
    Command::new("locations.test-all", HERE, "T", "test all", "Open all remotes, each in the background", test_all)
        .when(has_remotes),
    Command::new(
        "locations.prefer",
        HERE,
        "U",
        "default",
        "Make the remote under the cursor the source that is chosen at the start",
        remote_form::prefer,
    )
    .when(is_remote),
    Command::new("locations.refresh", HERE, "r", "read again", "Read remotes and files again", |state| {
        vec![update::read(state)]
    }),
    Command::new("form.save", FORM, "enter", "accept", "Take what was filled in", submit)
        .typing(Typing::Also)
        .footer(1),
    Command::new("form.close", FORM, "esc", "leave it", "Close: nothing happens", close).typing(Typing::Also).footer(2),
    Command::new("form.next", FORM, "tab", "next field", "Go to the next field", |state| step(state, 1))
        .typing(Typing::Also)
        .footer(3),
    Command::new("form.previous", FORM, "shift-tab", "field before", "Go to the field before", |state| step(state, -1))
        .typing(Typing::Also),
    Command::new("form.right", FORM, "space right", "change", "Turn the box over, or take the next choice", |state| {
        turn(state, 1)
    })
    .footer(4)
    .when(can_turn),
    Command::new("form.left", FORM, "left", "change back", "Turn the box over, or take the choice before", |state| {
        turn(state, -1)
    })
    .when(can_turn),
    Command::new("picker.open", PICKER, "enter tab", "open", "Open the folder or the bundle", picker::take)
        .typing(Typing::Also)
        .footer(1),
    Command::new("picker.close", PICKER, "esc", "leave it", "Close: nothing is chosen", close)
        .typing(Typing::Also)
        .footer(2),
    Command::new("picker.up", PICKER, "backspace", "folder above", "Take back what was typed, or go up", picker::back)
        .typing(Typing::Also)
        .footer(3),
    Command::new(
        "picker.hidden",
        PICKER,
        "ctrl-t",
        "hidden files",
        "Show names that begin with a dot, or not",
        picker::toggle_hidden,
    )
    .typing(Typing::Also)
    .footer(4),
];

fn go_to_side(state: &mut State, side: Side) -> Vec<Effect> {
    state.locations.side = side;
    rows::settle(state, side);
    Vec::new()
}

fn can_choose(state: &State) -> Availability {
    match rows::under(state, state.locations.side) {
        Some(row) if row.can_be_chosen() => Ok(()),
        _ => Err("nothing can be chosen here; n adds a server, o opens a file".into()),
    }
}

fn is_location(state: &State) -> Availability {
    match rows::under(state, state.locations.side) {
        Some(Row::Entry(_)) => Ok(()),
        _ => Err("the cursor is on no remote and no bundle".into()),
    }
}

fn is_remote(state: &State) -> Availability {
    match rows::entry_under(state) {
        Some(entry) if entry.remote().is_some() => Ok(()),
        Some(entry) if entry.location.is_bundle() => {
            Err("this is a file, and not a remote; Haul leaves it alone".into())
        }
        Some(_) => Err("this address has no name; n adds it as a remote".into()),
        None => Err("the cursor is on no remote".into()),
    }
}

/// The remotes of the environment cannot be changed from here.
fn is_own_remote(state: &State) -> Availability {
    is_remote(state)?;
    let fixed = rows::entry_under(state).and_then(|entry| entry.remote()?.fixed.clone());
    fixed.map_or(Ok(()), |why| Err(Cow::Owned(why)))
}

fn has_remotes(state: &State) -> Availability {
    match state.locations.remotes.items.is_empty() {
        true => Err("there are no remotes yet; n adds one".into()),
        false => Ok(()),
    }
}

fn can_go_back(state: &State) -> Availability {
    let here = &state.locations;
    match here.filtering || here.pending.is_some() || !here.view(here.side).filter.is_empty() {
        true => Ok(()),
        false => Err("there is nothing to go back from".into()),
    }
}

fn back(state: &mut State) -> Vec<Effect> {
    let side = state.locations.side;
    if state.locations.filtering || !state.locations.view(side).filter.is_empty() {
        state.locations.filtering = false;
        rows::keeping_place(state, |state| state.locations.view_mut(side).filter.clear());
    } else if let Some(pending) = update::stop_waiting(state) {
        state.tell(Notice::info(format!("{} is not waited for any more", pending.location.text())));
    }
    Vec::new()
}

fn test(state: &mut State) -> Vec<Effect> {
    match rows::entry_under(state).map(|entry| entry.location.clone()) {
        Some(location) => choose::check(state, location, With::Kept, Then::Test),
        None => Vec::new(),
    }
}

fn test_all(state: &mut State) -> Vec<Effect> {
    let locations: Vec<_> = state.locations.remotes.items.iter().map(|entry| entry.location.clone()).collect();
    locations.into_iter().map(|location| choose::ask(state, location, With::Kept, true)).collect()
}

fn close(state: &mut State) -> Vec<Effect> {
    state.popups.pop();
    Vec::new()
}

fn form(state: &mut State) -> Option<&mut Form> {
    match state.popups.last_mut() {
        Some(Popup::Locations(super::Popup::Form(form))) => Some(form),
        _ => None,
    }
}

fn step(state: &mut State, by: isize) -> Vec<Effect> {
    if let Some(form) = form(state) {
        form.step(by);
    }
    Vec::new()
}

fn can_turn(state: &State) -> Availability {
    let line = match state.popups.last() {
        Some(Popup::Locations(super::Popup::Form(form))) => form.current(),
        _ => None,
    };
    match line.map(|line| &line.value) {
        Some(Value::Check(_)) => Ok(()),
        Some(Value::Choice { options, .. }) if options.len() > 1 => Ok(()),
        _ => Err("there is nothing else to choose here".into()),
    }
}

fn turn(state: &mut State, by: isize) -> Vec<Effect> {
    if let Some(form) = form(state) {
        form.turn(by);
    }
    Vec::new()
}

/// Takes the form on top. While it is looked at it is on no stack, so that it and the state can both be changed.
fn submit(state: &mut State) -> Vec<Effect> {
    let Some(Popup::Locations(super::Popup::Form(mut form))) = state.popups.pop() else { return Vec::new() };
    if form.waiting.is_some() {
        state.open(Popup::Locations(super::Popup::Form(form)));
        return Vec::new();
    }
    let effects = match form.purpose {
        Purpose::Add | Purpose::Edit(_) => remote_form::save(state, &mut form),
        Purpose::NewBundle { .. } => bundle_form::submit(state, &mut form),
        Purpose::Login { .. } => match login::submit(state, &mut form) {
            Some(effects) => return effects,
            None => Vec::new(),
        },
    };
    state.open(Popup::Locations(super::Popup::Form(form)));
    effects
}
