//! Keys that mean nothing where they are pressed: somebody is told so once, and where they do mean something each time.
//! What is typed ahead for a window that did not open means nothing either.
//! Must not know: what commands do.

use jiff::{SignedDuration, Timestamp};

use super::Notice;
use crate::workbench::command::{self, Command, Opens, Scope, Typing};
use crate::workbench::ends::DestinationEnd;
use crate::workbench::key::Key;
use crate::workbench::state::State;

/// For so long after a window did not open, what is typed was meant for it.
const AHEAD: SignedDuration = SignedDuration::from_millis(700);

/// What is known of keys that meant nothing.
#[derive(Debug, Default)]
pub struct Unmeant {
    /// Somebody was told where to look for keys.
    told: bool,
    /// A window did not open, or something was typed for it, at this time.
    closed: Option<(Timestamp, &'static str)>,
}

/// A key without a command.
pub fn unknown(state: &mut State, key: Key) {
    if is_habit(key) {
        return;
    }
    if let Some((list, label)) = elsewhere(state, key) {
        state.tell(Notice::info(format!("{key} is for the {list}: {label}")).hint("tab goes there"));
    } else if !std::mem::replace(&mut state.unmeant.told, true) {
        state.tell(Notice::info(format!("{key} means nothing here")).hint("? shows the keys that do"));
    }
}

/// A key that is pressed out of habit, and harmless: nobody is told that it does nothing here.
pub fn is_habit(key: Key) -> bool {
    key.to_string() == "esc"
}

/// The list of the same pane where the key means something, and what.
fn elsewhere(state: &State, key: Key) -> Option<(&'static str, &'static str)> {
    let mut counting = command::counting(state.scope()).filter(|command| command.typing != Typing::Only);
    counting.find_map(|command| match command.scope {
        Scope::List(_, list) if state.settings.keymap.keys(command).contains(&key) => {
            Some((list.name(), command.label))
        }
        _ => None,
    })
}

/// A command could not be used, or not yet. Where it opens a question, and production is written to, a word is typed into
/// that.
pub fn did_not_open(state: &mut State, command: &Command) {
    let is_typed_into = state.ends.destination.as_ref().is_some_and(DestinationEnd::is_production);
    if is_typed_into && command.opens == Opens::Question {
        state.unmeant.closed = Some((state.now, command.label));
    }
}

/// Whether a key was typed for a window that did not open. It is told, and means nothing.
pub fn is_ahead(state: &mut State, key: Key) -> bool {
    let Some((since, label)) = state.unmeant.closed.take() else { return false };
    let soon = state.now.duration_since(since) < AHEAD;
    if !soon || state.is_typing() || (key.character().is_none() && key.to_string() != "enter") {
        return false;
    }
    state.unmeant.closed = Some((state.now, label));
    state.tell(Notice::warning(format!("{label} did not open, so what is typed for it is dropped")));
    true
}
