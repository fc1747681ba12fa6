//! Which version of Strapi is played, and what differs on the wire between versions.
//! Must not know: what uses it.

use std::fmt;

/// `MAJOR.MINOR.PATCH`, compared as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Default for Version {
    fn default() -> Self {
        Self { major: 5, minor: 54, patch: 0 }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What becomes of a link whose string reference is a document id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentLinks {
    Kept,
    Skipped,
}

impl Version {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major @ 4..=5)), Some(Ok(minor)), Some(Ok(patch)), None) => Ok(Self { major, minor, patch }),
            _ => Err(format!("{text:?} is no version of Strapi 4 or 5: write it like 5.48.0")),
        }
    }

    /// One that links rows by the ids that a link has: what loading content needs.
    pub(super) fn taking_ids_as_they_are() -> Self {
        Self { major: 5, minor: 48, patch: 0 }
    }

    fn since(self, minor: u32) -> bool {
        self.major == 5 && self.minor >= minor
    }

    pub(super) fn is_v4(self) -> bool {
        self.major == 4
    }

    /// Chunks of files are base64 in a pull; before, each was a list of numbers.
    pub(super) fn sends_base64(self) -> bool {
        self.since(43)
    }

    /// Checksums, totals of the assets, a warning instead of an end for a missing file.
    pub(super) fn has_checksums(self) -> bool {
        self.since(43)
    }

    /// Whether `init` of a push says that base64 chunks are understood.
    pub(super) fn echoes_encoding(self) -> bool {
        self.since(49)
    }

    /// A link to a row that was not pushed is skipped; before, its number was taken for an id of the destination.
    pub(super) fn skips_unmapped(self) -> bool {
        self.since(49)
    }

    pub(super) fn document_links(self) -> DocumentLinks {
        if self.major == 5 && self.minor == 49 { DocumentLinks::Skipped } else { DocumentLinks::Kept }
    }

    /// `admin::*` is refused and never deleted, and a failing row ends the transfer.
    pub(super) fn protects(self) -> bool {
        self.since(53)
    }

    /// Whether core-store and its like are emptied together with all types.
    pub(super) fn clears_models(self) -> bool {
        self.major == 5
    }

    pub(super) fn has_stats(self) -> bool {
        self.since(12)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_by_number() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("5.48.0").sends_base64() && !version("5.48.0").echoes_encoding());
        assert!(!version("5.9.0").has_stats() && version("5.12.1").has_stats());
        assert_eq!(version("5.49.0").document_links(), DocumentLinks::Skipped);
        assert!(version("4.26.2").is_v4() && !version("4.99.0").protects());
        assert_eq!(version("5.54.0").to_string(), "5.54.0");
        for wrong in ["5", "3.1.0", "5.54", "5.54.0.1", "new"] {
            assert!(Version::parse(wrong).is_err(), "{wrong}");
        }
    }
}
