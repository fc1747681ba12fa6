//! Parses a line, and says what is wrong with one that is broken.
//! Must not know: what a line means.

use serde::Deserialize;

use crate::model::{Error, ErrorKind, Result};

pub(in crate::platforms::strapi) fn parse<'a, T: Deserialize<'a>>(line: &'a [u8], what: &str) -> Result<T> {
    if line.starts_with(b"\xef\xbb\xbf") {
        return Err(damaged_line("begins with a byte-order mark, at which strapi import fails"));
    }
    serde_json::from_slice(line).map_err(|error| broken(&error, what))
}

pub(super) fn broken(error: &serde_json::Error, what: &str) -> Error {
    damaged_line(format!("is no {what}: {error}"))
}

/// Ids, names of types and fields, and keys are kept in memory, so none may be endless. Strapi's own have at most 255
/// characters, as their columns do.
pub(super) fn short(word: &str) -> Result<()> {
    const LONGEST: usize = 1024;
    match word.len() <= LONGEST {
        true => Ok(()),
        false => Err(damaged_line(format!("a name or id of {} bytes", word.len()))),
    }
}

pub(super) fn damaged_line(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Damaged, message)
}

pub(super) fn too_many_types() -> Error {
    damaged_line("there are more types than any project has")
}
