//! What two locations say of their types, and what differs between that, ranked by what it means for content that moves.
//! Must not know: what a schema looks like. Each platform compares its own.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::decision::words;
use super::{Finding, Kind};

words! {
    /// How much a difference matters to content of the source.
    Rank {
        /// Content of this type cannot arrive, or would arrive as something else.
        Blocking = "blocking",
        /// Something of it is lost or cut.
        Lossy = "lossy",
        /// The content is the same afterwards.
        Harmless = "harmless",
    }
}

/// What a location says of its types, as the platform writes it.
#[derive(Debug, Default)]
pub struct Schemas {
    /// Of the platform, where the location knows it.
    pub version: Option<String>,
    pub texts: Vec<Box<RawValue>>,
}

/// One difference; ordered by type, rank and path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SchemaDifference {
    /// The type, or a part that values of types are made of.
    #[serde(rename = "type")]
    pub type_: Box<str>,
    pub rank: Rank,
    /// Where in the schema; empty for the type itself.
    pub path: Box<str>,
    /// What follows from it, as a sentence for a person.
    pub meaning: Box<str>,
    /// The two values as JSON; `None` where there is none.
    #[serde(serialize_with = "as_json")]
    pub source: Option<Box<str>>,
    #[serde(serialize_with = "as_json")]
    pub destination: Option<Box<str>>,
}

/// The value itself rather than a text that holds it.
fn as_json<S: Serializer>(text: &Option<Box<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    let value = text.as_ref().map(|text| serde_json::from_str::<&RawValue>(text).map_err(serde::ser::Error::custom));
    value.transpose()?.serialize(serializer)
}

/// A kind, and the type where the kind has types.
pub type TypeOfItems = (Kind, Option<ArcStr>);

/// Everything that differs between the schemas of a source and a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaComparison {
    pub differences: Vec<SchemaDifference>,
    /// What items of a kind and type are made of: the type itself and everything that a value of it can hold.
    pub parts: BTreeMap<TypeOfItems, BTreeSet<Box<str>>>,
    /// What is to be said of the two locations as a whole.
    pub findings: Vec<Finding>,
}

impl SchemaComparison {
    /// What items of this kind and type are made of; nothing where the platform does not say.
    pub fn parts_of(&self, kind: Kind, type_: Option<&str>) -> impl Iterator<Item = &str> {
        self.parts.get(&(kind, type_.map(ArcStr::from))).into_iter().flatten().map(|part| &**part)
    }

    /// What differs for items of this kind and type.
    pub fn of(&self, kind: Kind, type_: Option<&str>) -> impl Iterator<Item = &SchemaDifference> {
        self.parts_of(kind, type_).flat_map(|part| self.about(part))
    }

    /// What differs between the two schemas of a type or a part.
    pub fn about(&self, type_: &str) -> &[SchemaDifference] {
        let from = self.differences.partition_point(|difference| &*difference.type_ < type_);
        let to = self.differences.partition_point(|difference| &*difference.type_ <= type_);
        &self.differences[from..to]
    }

    /// Whether items of this kind and type cannot arrive as what they are.
    pub fn blocks(&self, kind: Kind, type_: Option<&str>) -> bool {
        self.of(kind, type_).any(|difference| difference.rank == Rank::Blocking)
    }

    pub fn count(&self, rank: Rank) -> u64 {
        self.differences.iter().filter(|difference| difference.rank == rank).count() as u64
    }
}
