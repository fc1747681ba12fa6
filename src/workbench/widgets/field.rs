//! A line to type into, hidden where it holds a secret.
//! Must not know: what the text is for.

use crossterm::event::KeyCode;
use secrecy::SecretString;
use tui_input::{Input, InputRequest};

use crate::workbench::key::Key;

/// A text with a cursor in it. `Debug` shows no hidden text.
#[derive(Clone, Default)]
pub struct Field {
    input: Input,
    hidden: bool,
}

impl Field {
    pub fn new(text: impl Into<String>) -> Self {
        Field { input: Input::new(text.into()), hidden: false }
    }

    /// Shows dots instead of what is typed.
    pub fn hidden() -> Self {
        Field { input: Input::default(), hidden: true }
    }

    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// The text. Of a hidden field use [`Field::take_secret`].
    pub fn text(&self) -> &str {
        if self.hidden { "" } else { self.input.value() }
    }

    pub fn set(&mut self, text: impl Into<String>) {
        self.input = Input::new(text.into());
    }

    /// What was typed into a hidden field; the field is empty afterwards.
    pub fn take_secret(&mut self) -> SecretString {
        self.input.value_and_reset().into()
    }

    pub fn clear(&mut self) {
        self.input.reset();
    }

    /// Takes away the character before the cursor.
    pub fn erase(&mut self) {
        self.input.handle(InputRequest::DeletePrevChar);
    }

    /// Text as it is shown, and the cursor in it, counted in characters.
    pub fn shown(&self) -> (String, usize) {
        let text = match self.hidden {
            true => "•".repeat(self.input.value().chars().count()),
            false => self.input.value().to_owned(),
        };
        (text, self.input.cursor())
    }

    /// Pasted text: one line of it, without control characters.
    pub fn paste(&mut self, text: &str) {
        for c in text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()) {
            self.input.handle(InputRequest::InsertChar(c));
        }
    }

    /// Takes a key that edits a line. `false` where the key is none of these.
    pub fn key(&mut self, key: Key) -> bool {
        use InputRequest::*;
        let request = match (key.code, key.ctrl, key.alt) {
            (KeyCode::Char(c), false, false) => InsertChar(c),
            (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, false) => DeletePrevChar,
            (KeyCode::Delete, false, false) => DeleteNextChar,
            (KeyCode::Left, false, false) => GoToPrevChar,
            (KeyCode::Right, false, false) => GoToNextChar,
            (KeyCode::Left, true, false) => GoToPrevWord,
            (KeyCode::Right, true, false) => GoToNextWord,
            (KeyCode::Home, false, false) | (KeyCode::Char('a'), true, false) => GoToStart,
            (KeyCode::End, false, false) | (KeyCode::Char('e'), true, false) => GoToEnd,
            (KeyCode::Char('w'), true, false) | (KeyCode::Backspace, true, false) => DeletePrevWord,
            (KeyCode::Char('u'), true, false) => DeleteLine,
            (KeyCode::Char('k'), true, false) => DeleteTillEnd,
            _ => return false,
        };
        self.input.handle(request);
        true
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = if self.hidden { "hidden" } else { self.input.value() };
        f.debug_tuple("Field").field(&shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_hidden_field_shows_nothing_and_gives_its_secret_once() {
        let mut field = Field::hidden();
        for c in "hunter2".chars() {
            assert!(field.key(Key::plain(KeyCode::Char(c))));
        }
        assert_eq!((field.text(), field.shown().0.as_str()), ("", "•••••••"));
        assert!(!format!("{field:?}").contains("hunter2"));
        assert_eq!(field.take_secret().expose_secret(), "hunter2");
        assert!(field.is_empty());
    }

    #[test]
    fn only_one_line_is_pasted() {
        let mut field = Field::new("a");
        field.paste("b\x1b[31mc\nd");
        assert_eq!(field.text(), "ab[31mc");
    }
}
