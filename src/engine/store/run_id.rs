//! What a run is called.
//! Must not know: what a run is.

use std::fmt;
use std::str::FromStr;

use crate::model::{Error, ErrorKind, text};

/// `20261121-014455-k3f9`: the time in UTC when the run was made, and four letters or digits by chance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Box<str>);

impl RunId {
    /// Without those that look alike.
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

    pub fn new(now: jiff::Timestamp) -> Self {
        let mut chance = [0; 4];
        if getrandom::fill(&mut chance).is_err() {
            // A system without randomness: the nanoseconds differ as well. The folder is created anew or not at all.
            chance = (now.subsec_nanosecond() as u32).to_le_bytes();
        }
        let end: String = chance.iter().map(|byte| char::from(Self::LETTERS[usize::from(byte % 32)])).collect();
        RunId(format!("{}-{end}", now.strftime("%Y%m%d-%H%M%S")).into())
    }

    pub fn parse(typed: &str) -> Result<Self, Error> {
        let shape = b"dddddddd-dddddd-aaaa";
        let fits = typed.len() == shape.len()
            && typed.bytes().zip(shape).all(|(byte, shape)| match shape {
                b'd' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
                _ => byte == *shape,
            });
        match fits {
            true => Ok(RunId(typed.into())),
            false => Err(Error::new(ErrorKind::UnknownRun, format!("`{}` is no run", text::printable(typed)))
                .hint("a run is called like 20261121-014455-k3f9; `haul runs list` shows them")),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the run was made; `None` where its name is no time.
    pub fn made(&self) -> Option<jiff::Timestamp> {
        let time = jiff::civil::DateTime::strptime("%Y%m%d-%H%M%S", self.0.get(..15)?).ok()?;
        time.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|time| time.timestamp())
    }
}

impl FromStr for RunId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        RunId::parse(text)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_run_tells_when_it_was_made() {
        let id = RunId::parse("20261121-014455-k3f9").unwrap();
        assert_eq!(id.made(), Some("2026-11-21T01:44:55Z".parse().unwrap()));
        assert_eq!(RunId::parse("20269921-014455-k3f9").unwrap().made(), None);
    }

    #[test]
    fn a_run_is_called_by_its_time() {
        let id = RunId::new("2026-11-21T01:44:55Z".parse().unwrap());
        assert!(id.as_str().starts_with("20261121-014455-"), "{id}");
        assert_eq!(RunId::parse(id.as_str()).unwrap(), id);
    }

    #[test]
    fn nothing_else_is_a_run_and_none_leaves_its_folder() {
        for wrong in ["", "..", "../../etc", "20261121-014455-k3f", "20261121-014455-K3F9", "20261121-014455/k3f9"] {
            assert_eq!(RunId::parse(wrong).unwrap_err().kind(), ErrorKind::UnknownRun, "{wrong}");
        }
    }
}
