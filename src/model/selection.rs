//! What the user asked for, before anything is resolved against an inventory.
//! Must not know: inventories.

use serde::{Deserialize, Serialize};

use super::decision::words;

words! {
    /// The parts that `--only` and `--exclude` name.
    Part { Content = "content", Files = "files", Config = "config" }
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

    pub fn is_everything(&self) -> bool {
        *self == Selection::default()
    }
}
