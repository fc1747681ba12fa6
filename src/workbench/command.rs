//! Commands as data: one table feeds the keys, the footer, `?`, the `:` palette and the user's key map.
//! Must not know: what a command does; its function does.

use std::borrow::Cow;

use super::canvas::ListId;
use super::effect::Effect;
use super::state::{Pane, State};
use super::{panes, shell};

/// Where the keys of a command count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Everywhere,
    Pane(Pane),
    /// While this list of the pane has the focus. Such a key comes before the same key of the pane.
    List(Pane, ListId),
    /// While the popup of this name is on top.
    Popup(&'static str),
}

/// Whether the keys count while somebody types into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    Never,
    Also,
    /// Only then.
    Only,
}

/// Whether what is typed right after a command is meant for a window of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    Nothing,
    /// A question that may want a word. Where it cannot open, what was typed ahead for it must do nothing.
    Question,
}

/// `Err` says why a command cannot be used now, as a person reads it.
pub type Availability = Result<(), Cow<'static, str>>;

/// Something that a person can do.
#[derive(Clone, Copy)]
pub struct Command {
    /// Stable: the key map and the palette name it.
    pub id: &'static str,
    pub scope: Scope,
    /// As [`super::key::Key`] is spelled, with blanks between several; the first is shown.
    pub keys: &'static str,
    /// Two words at most, for the footer.
    pub label: &'static str,
    /// A sentence, for `?` and `:`.
    pub help: &'static str,
    /// The place in the footer, from 1; 0 is only in `?`.
    pub footer: u8,
    pub typing: Typing,
    pub opens: Opens,
    pub available: fn(&State) -> Availability,
    pub run: fn(&mut State) -> Vec<Effect>,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Command").field(&self.id).finish()
    }
}

impl Command {
    /// A command that can always be used; what differs is set with the methods below.
    pub const fn new(
        id: &'static str,
        scope: Scope,
        keys: &'static str,
        label: &'static str,
        help: &'static str,
        run: fn(&mut State) -> Vec<Effect>,
    ) -> Self {
        Command {
            id,
            scope,
            keys,
            label,
            help,
            footer: 0,
            typing: Typing::Never,
            opens: Opens::Nothing,
            available: always,
            run,
        }
    }

    #[must_use]
    pub const fn footer(self, place: u8) -> Self {
        Command { footer: place, ..self }
    }

    #[must_use]
    pub const fn when(self, available: fn(&State) -> Availability) -> Self {
        Command { available, ..self }
    }

    #[must_use]
    pub const fn typing(self, typing: Typing) -> Self {
        Command { typing, ..self }
    }

    #[must_use]
    pub const fn opens(self, opens: Opens) -> Self {
        Command { opens, ..self }
    }
}

fn always(_: &State) -> Availability {
    Ok(())
}

/// Every command there is.
pub fn all() -> impl Iterator<Item = &'static Command> {
    let tables = std::iter::once(shell::COMMANDS).chain(panes::tables());
    tables.flatten()
}

/// The command of this id.
pub fn find(id: &str) -> Option<&'static Command> {
    all().find(|command| command.id == id)
}

/// The commands whose keys count now: those of the popup on top, or of the pane and its list that has the focus, and
/// those of everywhere.
pub fn current(state: &State) -> impl Iterator<Item = &'static Command> {
    let list = state.list_scope();
    counting(state.scope()).filter(move |command| match command.scope {
        Scope::List(..) => Some(command.scope) == list,
        _ => true,
    })
}

/// The commands whose keys count in a popup, or in a pane with all its lists.
pub fn counting(scope: Scope) -> impl Iterator<Item = &'static Command> {
    all().filter(move |command| match (command.scope, scope) {
        (Scope::Everywhere, Scope::Popup(popup)) => counts_above(popup, command.id),
        (Scope::Everywhere, _) => true,
        _ => belongs(command, scope),
    })
}

/// Whether a command belongs to what lies on top there: the popup, or the pane with all its lists.
pub fn belongs(command: &Command, scope: Scope) -> bool {
    match command.scope {
        Scope::List(pane, _) => scope == Scope::Pane(pane),
        own => own == scope,
    }
}

/// Moving, help and leaving work everywhere; the rest of what works everywhere would pull the floor from under a popup.
fn counts_above(popup: &str, id: &str) -> bool {
    let is_help = matches!(popup, "help" | "palette");
    match id {
        "quit.now" | "redraw" | "suspend" => true,
        "help" | "help.typing" => !is_help,
        id => id.starts_with("move."),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::workbench::keymap::keys_of;

    #[test]
    fn every_command_has_an_id_of_its_own_a_sentence_and_keys_that_exist() {
        let mut ids = HashSet::new();
        for command in all() {
            assert!(ids.insert(command.id), "{} is there twice", command.id);
            assert!(command.help.len() > 8 && command.help.starts_with(char::is_uppercase), "{}", command.id);
            assert!(!command.label.is_empty() && !command.keys.is_empty(), "{}", command.id);
            assert!(keys_of(command).is_ok(), "{}: {:?}", command.id, keys_of(command));
        }
    }

    #[test]
    fn no_key_means_two_things_at_one_place() {
        let mut taken: HashMap<(Scope, String, bool), &str> = HashMap::new();
        let everywhere: Vec<_> = all().filter(|command| command.scope == Scope::Everywhere).collect();
        for command in all() {
            for key in keys_of(command).expect("checked above") {
                for typing in [false, true] {
                    let counts = match command.typing {
                        Typing::Never => !typing,
                        Typing::Also => true,
                        Typing::Only => typing,
                    };
                    if !counts {
                        continue;
                    }
                    let other = taken.insert((command.scope, key.to_string(), typing), command.id);
                    assert!(other.is_none(), "{key} is {} and {}", command.id, other.unwrap_or_default());
                    if matches!(command.scope, Scope::Pane(_) | Scope::List(..)) && !typing {
                        let clash =
                            everywhere.iter().find(|other| keys_of(other).is_ok_and(|keys| keys.contains(&key)));
                        assert!(clash.is_none(), "{key} is {} and {:?}", command.id, clash);
                    }
                }
            }
        }
    }
}
