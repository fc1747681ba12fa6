//! The groups on the left: by kind, type, tag and state, with how many items each has.
//! Must not know: what is picked; how groups are drawn.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{ItemRef, Kind};
use crate::wording::plural;

/// What groups are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Kind,
    Type,
    Tag,
    State,
}

impl Section {
    pub const ALL: [Section; 4] = [Section::Kind, Section::Type, Section::Tag, Section::State];

    pub fn title(self) -> &'static str {
        match self {
            Section::Kind => "Kind",
            Section::Type => "Type",
            Section::Tag => "Tag",
            Section::State => "State",
        }
    }
}

/// What may be true of an item besides its kind, type and tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    Locked,
    WithoutValue,
    /// Within the last day.
    Changed,
    /// A finding is about it.
    Found,
    Picked,
    /// It comes along with what is picked.
    Needed,
}

impl Mark {
    pub const ALL: [Mark; 6] =
        [Mark::Locked, Mark::WithoutValue, Mark::Changed, Mark::Found, Mark::Picked, Mark::Needed];

    pub fn title(self) -> &'static str {
        match self {
            Mark::Locked => "locked",
            Mark::WithoutValue => "without value",
            Mark::Changed => "changed < 24 h",
            Mark::Found => "has a finding",
            Mark::Picked => "picked",
            Mark::Needed => "comes along",
        }
    }

    /// As it is typed behind `state:`.
    pub fn word(self) -> &'static str {
        match self {
            Mark::Locked => "locked",
            Mark::WithoutValue => "without-value",
            Mark::Changed => "changed",
            Mark::Found => "finding",
            Mark::Picked => "picked",
            Mark::Needed => "needed",
        }
    }

    /// Whether it changes with what is picked, so that it cannot be counted once and for all.
    pub fn is_of_picks(self) -> bool {
        matches!(self, Mark::Picked | Mark::Needed)
    }
}

/// Names a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    Kind(Kind),
    Type(Box<str>),
    Tag(Box<str>),
    Untagged,
    Mark(Mark),
}

impl GroupKey {
    pub fn section(&self) -> Section {
        match self {
            GroupKey::Kind(_) => Section::Kind,
            GroupKey::Type(_) => Section::Type,
            GroupKey::Tag(_) | GroupKey::Untagged => Section::Tag,
            GroupKey::Mark(_) => Section::State,
        }
    }

    pub fn title(&self) -> String {
        match self {
            GroupKey::Kind(kind) => kind_title(*kind),
            GroupKey::Type(word) | GroupKey::Tag(word) => word.to_string(),
            GroupKey::Untagged => "untagged".to_owned(),
            GroupKey::Mark(mark) => mark.title().to_owned(),
        }
    }
}

/// `Flows`, `Plugin settings`.
pub fn kind_title(kind: Kind) -> String {
    let many = plural(2, kind.as_str()).replace('-', " ");
    let many = many.strip_prefix("2 ").unwrap_or(&many);
    let mut letters = many.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A group and how many items it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub key: GroupKey,
    /// What is counted with the picks has none.
    pub count: usize,
}

/// Counts groups, item by item.
#[derive(Debug, Default)]
pub struct Counting<'a> {
    kinds: BTreeMap<Kind, usize>,
    types: HashMap<&'a str, usize>,
    tags: HashMap<&'a str, usize>,
    untagged: usize,
    marks: BTreeMap<Mark, usize>,
}

impl<'a> Counting<'a> {
    pub fn add(&mut self, item: ItemRef<'a>, marks: impl Iterator<Item = Mark>) {
        *self.kinds.entry(item.kind()).or_default() += 1;
        if let Some(type_) = item.type_() {
            *self.types.entry(type_).or_default() += 1;
        }
        let tags = item.tags();
        self.untagged += usize::from(tags.len() == 0);
        for tag in tags {
            *self.tags.entry(tag).or_default() += 1;
        }
        for mark in marks {
            *self.marks.entry(mark).or_default() += 1;
        }
    }

    /// Kinds in their order, words by their letters.
    pub fn finish(self, tags: bool) -> Vec<Group> {
        let mut groups: Vec<_> =
            self.kinds.into_iter().map(|(kind, count)| Group { key: GroupKey::Kind(kind), count }).collect();
        groups.extend(by_letters(self.types, GroupKey::Type));
        if tags && !self.tags.is_empty() {
            groups.extend(by_letters(self.tags, GroupKey::Tag));
            if self.untagged > 0 {
                groups.push(Group { key: GroupKey::Untagged, count: self.untagged });
            }
        }
        for mark in Mark::ALL {
            let count = self.marks.get(&mark).copied().unwrap_or_default();
            if count > 0 || mark.is_of_picks() {
                groups.push(Group { key: GroupKey::Mark(mark), count });
            }
        }
        groups
    }
}

fn by_letters<'a>(
    words: HashMap<&'a str, usize>,
    key: fn(Box<str>) -> GroupKey,
) -> impl Iterator<Item = Group> + use<'a> {
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_unstable_by(|(a, _), (b, _)| super::arrange::by_letters(a, b));
    words.into_iter().map(move |(word, count)| Group { key: key(word.into()), count })
}

/// A line of the list of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Its groups are folded away or follow.
    Head(Section, Fold),
    /// By its place among all groups.
    Group(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Open,
    Closed,
}

/// The lines to show, some sections folded.
pub fn rows(groups: &[Group], folded: &BTreeSet<Section>) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in Section::ALL {
        let mut own = (0..).zip(groups).filter(|(_, group)| group.key.section() == section).peekable();
        if own.peek().is_none() {
            continue;
        }
        if folded.contains(&section) {
            rows.push(Row::Head(section, Fold::Closed));
        } else {
            rows.push(Row::Head(section, Fold::Open));
            rows.extend(own.map(|(at, _)| Row::Group(at)));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_in_the_plural() {
        let titles = [Kind::Flow, Kind::Entry, Kind::Media, Kind::PluginSetting].map(kind_title);
        assert_eq!(titles, ["Flows", "Entries", "Media", "Plugin settings"]);
    }

    #[test]
    fn a_folded_section_is_one_line() {
        let group = |key| Group { key, count: 1 };
        let groups = [group(GroupKey::Kind(Kind::Flow)), group(GroupKey::Tag("a".into())), group(GroupKey::Untagged)];
        let all = rows(&groups, &BTreeSet::new());
        assert_eq!(
            all,
            [
                Row::Head(Section::Kind, Fold::Open),
                Row::Group(0),
                Row::Head(Section::Tag, Fold::Open),
                Row::Group(1),
                Row::Group(2)
            ]
        );
        let folded = rows(&groups, &BTreeSet::from([Section::Tag]));
        assert_eq!(folded[2..], [Row::Head(Section::Tag, Fold::Closed)]);
    }
}
