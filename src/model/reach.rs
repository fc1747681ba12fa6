//! How far what was not picked comes along.
//! Must not know: inventories.

use serde::{Deserialize, Serialize};

use super::DependencyMode;

/// The bounds of dependencies. An item beyond them is named where something refers to it, found at the destination if it
/// is there, and otherwise left out; what it refers to itself is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reach {
    /// `--dependency-depth`: over how many references. 1 is what the picked items refer to themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// `--dependency-types`: types, or kinds. Empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

impl Reach {
    /// Whether nothing bounds it. Such a reach is not written, so that plans of older versions keep their seal.
    pub fn is_unbounded(&self) -> bool {
        *self == Reach::default()
    }
}

/// How, and how far, dependencies come along.
#[derive(Clone, Copy, Debug)]
pub struct Following<'a> {
    pub mode: Option<DependencyMode>,
    pub reach: &'a Reach,
    /// `--exclude-types`: what is left out does not come along either.
    pub excluded: &'a [String],
    pub media: Media,
}

/// Whether records of files come along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    ComesAlong,
    LeftOut,
}

impl Media {
    pub fn if_carried(carried: bool) -> Self {
        if carried { Media::ComesAlong } else { Media::LeftOut }
    }
}

impl Following<'static> {
    /// As far as references lead.
    pub fn unbounded(mode: Option<DependencyMode>) -> Self {
        const UNBOUNDED: &Reach = &Reach { depth: None, types: Vec::new() };
        Following { mode, reach: UNBOUNDED, excluded: &[], media: Media::ComesAlong }
    }
}

impl Following<'_> {
    /// The number of references that are followed; `None` where nothing bounds it.
    pub fn depth(&self) -> Option<u32> {
        match self.mode {
            Some(DependencyMode::None) => Some(0),
            _ => self.reach.depth,
        }
    }
}
