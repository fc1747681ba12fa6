//! Reads one line of the links, and says which end refers to which.
//! Must not know: items, tables.
//!
//! In 5.54.0 and 4.26.2 a link's `left` is the side that owns the join table, except for media: there `left` is the
//! file, and the row that shows it is on the right.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::schema::{Attribute, FILE_TYPE, Types};

/// A line of the links.
#[derive(Debug, Deserialize)]
pub(super) struct Link<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    /// How many rows each end has: `manyToMany`, `morphToOne`, …
    #[serde(borrow, default)]
    pub relation: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub left: End<'a>,
    #[serde(borrow)]
    pub right: End<'a>,
}

/// One end of a link.
#[derive(Debug, Deserialize)]
pub(super) struct End<'a> {
    #[serde(borrow, rename = "type")]
    pub type_: Cow<'a, str>,
    #[serde(borrow, default)]
    pub field: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ref")]
    reference: &'a RawValue,
    #[serde(default)]
    pub pos: Option<f64>,
}

impl End<'_> {
    /// The row id; `None` for a `documentId`, as the `localizations` of v5 have it.
    pub fn row(&self) -> Option<u64> {
        self.reference.get().parse().ok()
    }
}

/// What a link means for the items at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The rows belong to one entry in several locales.
    SameEntry,
    /// The left end refers to the right one.
    LeftToRight,
    /// The right end shows the file on the left.
    RightToLeft,
}

impl<'a> Link<'a> {
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn meaning(&self) -> Meaning {
        if self.left.field.as_deref() == Some("localizations") && self.left.type_ == self.right.type_ {
            Meaning::SameEntry
        } else if self.is_morph() && self.left.type_ == FILE_TYPE {
            Meaning::RightToLeft
        } else {
            Meaning::LeftToRight
        }
    }

    /// Whether its field leads to rows of several types.
    pub fn is_morph(&self) -> bool {
        self.kind == "relation.morph"
    }

    /// Whether it leads to rows of any type; those that show files do not.
    pub fn is_any(&self) -> bool {
        self.is_morph() && self.meaning() != Meaning::RightToLeft
    }

    /// Its place in the field that refers. Links to rows of any type say it at the other end.
    pub fn position(&self) -> Option<f64> {
        let (from, to) = self.ends();
        from.pos.or(to.pos.filter(|_| self.is_morph()))
    }

    /// Whether the row that is referred to has a field that names the one that refers. What leads to rows of any type says its
    /// own field at the other end, which is none of that type.
    pub fn names_back(&self, types: &Types) -> bool {
        let (_, to) = self.ends();
        let target = types.find(&to.type_).map(|target| types.get(target));
        let attribute = to.field.as_deref().zip(target).and_then(|(field, target)| target.attributes.get(field));
        attribute == Some(&Attribute::Relation)
    }

    /// Whether one row only may refer to another by it: who comes later takes it from the one that has it.
    pub fn leads_alone(&self, types: &Types) -> bool {
        self.relation.as_deref() == Some("oneToOne") && self.names_back(types)
    }

    /// Everything in it that is kept in memory.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        [&self.left, &self.right].into_iter().flat_map(|end| std::iter::once(&*end.type_).chain(end.field.as_deref()))
    }

    /// The end that refers and the end that is referred to.
    pub fn ends(&self) -> (&End<'a>, &End<'a>) {
        match self.meaning() {
            Meaning::RightToLeft => (&self.right, &self.left),
            Meaning::SameEntry | Meaning::LeftToRight => (&self.left, &self.right),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Lines that Strapi 5.54.0 and 4.26.2 wrote.
    #[rstest]
    #[case::relation(
        r#"{"kind":"relation.basic","relation":"manyToOne","left":{"type":"api::article.article","field":"author","ref":1},"right":{"type":"api::author.author","field":"articles","ref":1,"pos":1}}"#,
        Meaning::LeftToRight
    )]
    #[case::media(
        r#"{"kind":"relation.morph","relation":"morphToMany","left":{"type":"plugin::upload.file","field":"related","ref":1},"right":{"ref":1,"pos":1,"type":"api::author.author","field":"avatar"}}"#,
        Meaning::RightToLeft
    )]
    #[case::locales_of_version_5(
        r#"{"kind":"relation.circular","relation":"oneToMany","left":{"type":"api::tag.tag","ref":7,"field":"localizations"},"right":{"type":"api::tag.tag","ref":"dhisn14zonn5kdryoa2vufwx"}}"#,
        Meaning::SameEntry
    )]
    #[case::locales_of_version_4(
        r#"{"kind":"relation.circular","relation":"oneToMany","left":{"type":"api::tag.tag","ref":7,"field":"localizations","pos":1},"right":{"type":"api::tag.tag","ref":8,"pos":1.5}}"#,
        Meaning::SameEntry
    )]
    fn a_link_says_who_refers_to_whom(#[case] line: &str, #[case] meaning: Meaning) {
        assert_eq!(serde_json::from_str::<Link<'_>>(line).expect("a link").meaning(), meaning);
    }
}
