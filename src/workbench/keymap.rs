//! Which key means which command: the table's own keys, patched by the user's.
//! Must not know: what commands do.

use std::collections::BTreeMap;

use super::command::{self, Command, Scope, Typing};
use super::key::Key;
use super::state::State;
use crate::model::text::{nearest, printable};
use crate::model::{Error, ErrorKind, Result};

/// Keys that replace those of the table, by command.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    patches: BTreeMap<&'static str, Vec<Key>>,
}

impl Keymap {
    /// Gives a command these keys instead of its own. None take them away.
    pub fn patch<'a>(&mut self, id: &str, keys: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let command = command::find(id).ok_or_else(|| unknown(id))?;
        let keys = keys.into_iter().map(|key| key.parse().map_err(|why| wrong(id, why)));
        let keys: Vec<Key> = keys.collect::<Result<_>>()?;
        if keys.is_empty() && command.id == "quit.now" {
            return Err(wrong(id, "without a key for it the workbench could not be left".to_owned()));
        }
        self.patches.insert(command.id, keys);
        Ok(())
    }

    /// Refuses a key that means two commands at one place, where the user brought that about.
    pub fn check(&self, id: &str) -> Result<()> {
        let Some(patched) = command::find(id) else { return Ok(()) };
        for key in self.keys(patched) {
            let clash = command::all()
                .find(|other| other.id != patched.id && meet(patched, other) && self.keys(other).contains(&key));
            if let Some(other) = clash {
                let why = format!("`{key}` is the key of `{}` there; give one of them another key", other.id);
                return Err(wrong(id, why));
            }
        }
        Ok(())
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

/// Whether the keys of two commands count at one place. A list comes before its pane, and a popup before everything.
fn meet(one: &Command, other: &Command) -> bool {
    let place = one.scope == other.scope
        || [(one, other), (other, one)].iter().any(|(near, far)| {
            far.scope == Scope::Everywhere && matches!(near.scope, Scope::Pane(_) | Scope::List(..))
        });
    let typing = one.typing == other.typing || one.typing == Typing::Also || other.typing == Typing::Also;
    place && typing
}

/// The keys of the table.
pub fn keys_of(command: &Command) -> Result<Vec<Key>, String> {
    command.keys.split(' ').map(str::parse).collect()
}

fn unknown(id: &str) -> Error {
    let error = Error::new(ErrorKind::Usage, format!("there is no command `{}`", printable(id)));
    match nearest(id, command::all().map(|command| command.id)) {
        Some(near) => error.hint(format!("did you mean `{near}`? `?` in the workbench shows all")),
        None => error.hint("`?` in the workbench shows all of them"),
    }
}

fn wrong(id: &str, why: String) -> Error {
    Error::new(ErrorKind::Usage, format!("`{}`: {why}", printable(id)))
        .hint("a key is a character, or a name such as space, enter, f1, ctrl-a, shift-tab")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_the_user_replace_those_of_the_table() {
        let mut keymap = Keymap::default();
        keymap.patch("quit", ["Q", "ctrl-q"]).unwrap();
        keymap.patch("messages", []).unwrap();
        let shown = |id: &str| keymap.shown(command::find(id).unwrap());
        assert_eq!((shown("quit").as_deref(), shown("messages")), (Some("Q"), None));
        let state = crate::workbench::testing::state();
        let meaning = |key: &str| keymap.command(&state, key.parse().unwrap()).map(|command| command.id);
        assert_eq!((meaning("Q"), meaning("q"), meaning("!")), (Some("quit"), None, None));
        assert!(keymap.check("quit").is_ok());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let patch = |id: &str, keys: &[&str]| {
            let mut keymap = Keymap::default();
            let patched = keymap.patch(id, keys.iter().copied()).and_then(|()| keymap.check(id));
            patched.map_err(|error| (error.kind(), error.message().to_owned())).unwrap_err()
        };
        for (id, keys, said) in [
            ("qiut", &["q"][..], "there is no command"),
            ("quit", &["ctlr-q"], "`ctlr-q` is no key"),
            ("quit", &["?"], "the key of `help`"),
            ("help", &["n"], "the key of `locations."),
            ("quit.now", &[], "could not be left"),
        ] {
            let (kind, message) = patch(id, keys);
            assert_eq!(kind, ErrorKind::Usage);
            assert!(message.contains(said), "{message}");
        }
    }
}
