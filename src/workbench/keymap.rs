//! Which key means which command: the table's own keys, patched by the user's.
//! Must not know: what commands do.

use std::collections::BTreeMap;

use super::command::{self, Command, Scope, Typing};
use super::key::Key;
use super::state::State;
use crate::model::text::nearest;
use crate::model::{Error, ErrorKind, Result};

/// Keys that replace those of the table, by command.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    patches: BTreeMap<&'static str, Vec<Key>>,
}

impl Keymap {
    /// From `command.id` and keys, as the configuration has them.
    pub fn read<'a>(patches: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) -> Result<Self> {
        let mut keymap = Keymap::default();
        for (id, keys) in patches {
            let command = command::find(id).ok_or_else(|| unknown(id))?;
            let keys = keys.into_iter().map(|key| key.parse().map_err(|why| wrong(id, why)));
            keymap.patches.insert(command.id, keys.collect::<Result<_>>()?);
        }
        Ok(keymap)
    }

    /// The keys of a command; the first is the one to show.
    pub fn keys(&self, command: &Command) -> Vec<Key> {
        match self.patches.get(command.id) {
            Some(keys) => keys.clone(),
            None => keys_of(command).unwrap_or_default(),
        }
    }

    /// The key to show for a command; `None` where the user took all its keys away.
    pub fn shown(&self, command: &Command) -> Option<String> {
        self.keys(command).first().map(|key| match key.to_string().as_str() {
            "enter" => "⏎".to_owned(),
            "comma" => ",".to_owned(),
            "minus" => "-".to_owned(),
            other => other.to_owned(),
        })
    }

    /// The command that a key means now: of the list that has the focus first, then of the popup or pane, then of
    /// everywhere.
    pub fn command(&self, state: &State, key: Key) -> Option<&'static Command> {
        let typing = state.is_typing();
        let counts = |command: &&Command| match command.typing {
            Typing::Never => !typing,
            Typing::Also => true,
            Typing::Only => typing,
        };
        let fitting = command::current(state).filter(counts).filter(|command| self.keys(command).contains(&key));
        fitting.min_by_key(|command| match command.scope {
            Scope::List(..) => 0,
            Scope::Pane(_) | Scope::Popup(_) => 1,
            Scope::Everywhere => 2,
        })
    }
}

/// The keys of the table.
pub fn keys_of(command: &Command) -> Result<Vec<Key>, String> {
    command.keys.split(' ').map(str::parse).collect()
}

fn unknown(id: &str) -> Error {
    let error = Error::new(ErrorKind::Usage, format!("[workbench.keys]: there is no command `{id}`"));
    match nearest(id, command::all().map(|command| command.id)) {
        Some(near) => error.hint(format!("did you mean `{near}`? `?` in the workbench shows all")),
        None => error.hint("`?` in the workbench shows all of them"),
    }
}

fn wrong(id: &str, why: String) -> Error {
    Error::new(ErrorKind::Usage, format!("[workbench.keys]: {id}: {why}"))
        .hint("a key is a character, or a name such as space, enter, f1, ctrl-a, shift-tab")
}
