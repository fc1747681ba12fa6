//! What differs between the schemas of both ends, as a list: types in use, and under each what differs, the gravest first.
//! Must not know: the state of the pane, or what a schema looks like.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Survey;
use crate::model::{Rank, SchemaComparison};

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A type, with how many items of the plan are made of it.
    Type { type_: Box<str>, name: Box<str>, items: u64 },
    /// A difference, by its place in the comparison.
    Difference(usize),
}

/// The lines, and what they leave out.
#[derive(Clone, Debug, Default)]
pub struct SchemaLines {
    pub lines: Vec<Line>,
    /// Differences by rank.
    pub counts: [u64; 3],
    /// Differences of types that no item of the plan is made of.
    pub elsewhere: u64,
}

impl SchemaLines {
    pub fn of(survey: &Survey) -> Self {
        let comparison: &SchemaComparison = &survey.schemas;
        let mut made_of: BTreeMap<&str, u64> = BTreeMap::new();
        for item in &survey.plan.items {
            for part in comparison.parts_of(item.key.kind, item.key.type_.as_deref()) {
                *made_of.entry(part).or_default() += 1;
            }
        }
        let types: BTreeSet<&str> = comparison.differences.iter().map(|difference| &*difference.type_).collect();
        let mut types: Vec<(Rank, &str)> = types
            .into_iter()
            .filter(|type_| made_of.contains_key(type_))
            .filter_map(|type_| Some((comparison.about(type_).iter().map(|found| found.rank).min()?, type_)))
            .collect();
        types.sort_unstable();
        let mut own = SchemaLines::default();
        for (_, type_) in types {
            let from = comparison.differences.partition_point(|difference| &*difference.type_ < type_);
            let name = survey.source.type_name(type_).unwrap_or(type_).into();
            own.lines.push(Line::Type { type_: type_.into(), name, items: made_of[type_] });
            for (at, difference) in comparison.about(type_).iter().enumerate() {
                own.counts[difference.rank as usize] += 1;
                own.lines.push(Line::Difference(from + at));
            }
        }
        own.elsewhere = comparison.differences.len() as u64 - own.counts.iter().sum::<u64>();
        own
    }
}
