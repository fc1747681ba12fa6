//! A key as the key map spells it: `a`, `A`, `space`, `ctrl-a`, `shift-tab`, `f1`.
//! Must not know: what a key does.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with its modifiers. Shift is part of a character, and counts only with other keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

/// Keys that are no character, by name.
const NAMES: [(&str, KeyCode); 17] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("comma", KeyCode::Char(',')),
    ("minus", KeyCode::Char('-')),
];

impl Key {
    pub const fn plain(code: KeyCode) -> Self {
        Key { code, ctrl: false, alt: false, shift: false }
    }

    /// The character that this key types, if it types one.
    pub fn character(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let has = |modifier| event.modifiers.contains(modifier);
        let (code, shift) = match event.code {
            KeyCode::BackTab => (KeyCode::Tab, true),
            KeyCode::Char(c) => (KeyCode::Char(c), false),
            code => (code, has(KeyModifiers::SHIFT)),
        };
        Key { code, ctrl: has(KeyModifiers::CONTROL), alt: has(KeyModifiers::ALT), shift }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            f.write_str(if held { name } else { "" })?;
        }
        match (NAMES.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, KeyCode::F(n)) => write!(f, "f{n}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Key {
    /// What is wrong, as the user reads it.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut key = Key::plain(KeyCode::Null);
        let mut rest = text;
        loop {
            rest = match rest {
                _ if rest.len() > 5 && rest.starts_with("ctrl-") => {
                    key.ctrl = true;
                    &rest[5..]
                }
                _ if rest.len() > 4 && rest.starts_with("alt-") => {
                    key.alt = true;
                    &rest[4..]
                }
                _ if rest.len() > 6 && rest.starts_with("shift-") => {
                    key.shift = true;
                    &rest[6..]
                }
                _ => break,
            };
        }
        key.code = code_of(rest).ok_or_else(|| format!("`{text}` is no key"))?;
        Ok(key)
    }
}

fn code_of(text: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some(*code);
    }
    let mut characters = text.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(KeyCode::Char(only));
    }
    let number: u8 = text.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spelled_and_read_alike() {
        for text in
            ["a", "A", "?", "space", "ctrl-a", "alt-x", "shift-tab", "ctrl-shift-left", "f1", "f12", "-", "pageup"]
        {
            let key: Key = text.parse().unwrap();
            let spelled = if text == "-" { "minus" } else { text };
            assert_eq!(key.to_string(), spelled);
            assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }
        assert!("ctrl-".parse::<Key>().is_err() && "f99".parse::<Key>().is_err() && "sapce".parse::<Key>().is_err());
    }

    #[test]
    fn shift_counts_only_where_it_is_no_part_of_the_character() {
        let shifted = |code| Key::from(KeyEvent::new(code, KeyModifiers::SHIFT));
        assert_eq!(shifted(KeyCode::Char('A')).to_string(), "A");
        assert_eq!(shifted(KeyCode::BackTab).to_string(), "shift-tab");
        assert_eq!(shifted(KeyCode::Down).to_string(), "shift-down");
    }
}
