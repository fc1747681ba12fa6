//! What a remote may be called. The one place that says what is legal.
//! Must not know: which remotes there are.

use std::fmt;
use std::str::FromStr;

use crate::model::{Error, ErrorKind};

/// The short name of a remote: 1 to 64 letters, digits, `-` and `_` of ASCII, not beginning with `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteName(Box<str>);

impl RemoteName {
    const LONGEST: usize = 64;

    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| {
            let shown = crate::model::text::printable(text);
            Error::new(ErrorKind::Usage, format!("`{shown}` cannot be the name of a remote: {why}"))
                .hint("a name is made of letters, digits, `-` and `_`, such as prod or stage-2")
        };
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if text.len() > Self::LONGEST {
            return Err(wrong("it is longer than 64 characters"));
        }
        if text.starts_with('-') {
            return Err(wrong("it begins like an option"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Err(wrong("it holds something else than letters, digits, `-` and `_`"));
        }
        Ok(RemoteName(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as the middle of a variable: `HAUL_REMOTE_<THIS>_TOKEN`.
    pub fn in_variables(&self) -> String {
        self.0.to_ascii_uppercase().replace('-', "_")
    }
}

impl FromStr for RemoteName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        RemoteName::parse(text)
    }
}

impl fmt::Display for RemoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_dashes_and_underscores() {
        for good in ["prod", "Prod-2", "a", "0", "_x", &"n".repeat(64)] {
            assert_eq!(RemoteName::parse(good).map(|name| name.to_string()).ok().as_deref(), Some(good));
        }
        for bad in ["", "-x", "a b", "a.b", "a/b", "ü", "a:b", "\x1b[31m", &"n".repeat(65)] {
            let error = RemoteName::parse(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{bad}");
            assert!(!error.message().contains('\x1b'));
        }
        assert_eq!(RemoteName::parse("stage-2").unwrap().in_variables(), "STAGE_2");
    }
}
