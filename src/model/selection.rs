//! What the user asked for, before anything is resolved against an inventory.
//! Must not know: inventories.

use serde::{Deserialize, Serialize};

use super::decision::words;

words! {
    /// The parts that `--only` and `--exclude` name.
    Part {
        Content = "content",
        Files = "files",
        Config = "config",
        /// Only left out: records of files, their files, and the folders that they lie in.
        MediaLibrary = "media-library",
    }
}

/// A query: `ids` and `tags` add up; the rest narrows. All empty means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// `ID`, `TYPE/ID`, `KIND:ID` or `KIND:TYPE/ID`, as typed.
    pub ids: Vec<String>,
    pub tags: Vec<String>,
    /// Types, or kinds on a platform whose items have no types.
    pub types: Vec<String>,
    /// Types, or kinds, that are left out; not written where nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_types: Vec<String>,
    /// The locales that both ends are looked at through; empty for all. Not written then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<String>,
    /// Part of the name or the id, case-insensitive.
    pub search: Option<String>,
    pub only: Vec<Part>,
    pub exclude: Vec<Part>,
    pub only_definitions: bool,
}

impl Selection {
    pub fn everything() -> Self {
        Selection::default()
    }

    /// Whether files move with their records.
    pub fn carries_files(&self) -> bool {
        self.carries_media()
            && !self.exclude.contains(&Part::Files)
            && (self.only.is_empty() || self.only.contains(&Part::Files))
    }

    /// Whether records of files move at all.
    pub fn carries_media(&self) -> bool {
        !self.exclude.contains(&Part::MediaLibrary)
    }

    /// Whether every item is meant, be it in all of its locales or in some.
    pub fn is_everything(&self) -> bool {
        *self == Selection { locales: self.locales.clone(), ..Selection::default() }
    }
}
