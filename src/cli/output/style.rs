//! Colours, where they are wanted. A colour always stands beside a word that says the same.
//! Must not know: what is painted.

use std::fmt;

use crate::remotes::Environment;

/// Whether a stream gets colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    Colours,
    Plain,
}

impl Paint {
    /// Only on terminals; `NO_COLOR` (no-color.org) and `CLICOLOR=0` take them away, `CLICOLOR_FORCE` gives them.
    pub fn new(is_terminal: bool, environment: &Environment) -> Self {
        let forced = environment.get("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let refused = environment.get("NO_COLOR").is_some()
            || environment.get("CLICOLOR") == Some("0")
            || environment.get("TERM") == Some("dumb");
        match (forced, refused, is_terminal) {
            (true, _, _) | (false, false, true) => Paint::Colours,
            _ => Paint::Plain,
        }
    }

    pub fn paint<T: fmt::Display>(self, style: Style, text: T) -> Painted<T> {
        Painted { code: if self == Paint::Colours { style.code() } else { "" }, text }
    }
}

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    None,
    Heading,
    Dim,
    Create,
    Overwrite,
    Duplicate,
    Good,
    Warning,
    Bad,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::None => "",
            Style::Heading => "\x1b[1m",
            Style::Dim => "\x1b[2m",
            Style::Create | Style::Good => "\x1b[32m",
            Style::Overwrite | Style::Warning => "\x1b[33m",
            Style::Duplicate => "\x1b[36m",
            Style::Bad => "\x1b[31m",
        }
    }
}

/// Text in its colour.
#[derive(Clone, Copy, Debug)]
pub struct Painted<T> {
    code: &'static str,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_empty() {
            return self.text.fmt(f);
        }
        f.write_str(self.code)?;
        self.text.fmt(f)?;
        f.write_str("\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_terminal_and_the_environment() {
        let with = |pairs: &[(&str, &str)]| Environment::from_iter(pairs.iter().copied());
        assert_eq!(Paint::new(true, &with(&[])), Paint::Colours);
        assert_eq!(Paint::new(false, &with(&[])), Paint::Plain);
        assert_eq!(Paint::new(true, &with(&[("NO_COLOR", "1")])), Paint::Plain);
        assert_eq!(Paint::new(true, &with(&[("NO_COLOR", "")])), Paint::Colours);
        assert_eq!(Paint::new(true, &with(&[("CLICOLOR", "0")])), Paint::Plain);
        assert_eq!(Paint::new(false, &with(&[("CLICOLOR_FORCE", "1")])), Paint::Colours);
        assert_eq!(Paint::new(true, &with(&[("TERM", "dumb")])), Paint::Plain);
    }
}
