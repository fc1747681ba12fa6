//! Tells bytes that cannot be what they claim apart from a disk that does not answer.
//! Must not know: archives.

use std::fmt;
use std::io;

/// What is wrong with the bytes, as a person reads it.
#[derive(Debug)]
struct Damage(String);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damage {}

/// An error that says that the bytes are damaged.
pub fn damage(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Damage(what.into()))
}

/// Whether an error speaks of the bytes rather than of the device. The inflater reports broken data as invalid input.
pub fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof)
}
