//! The groups on the left: a tree of kinds and their types, then tags, languages and states, with how many items each has.
//! Must not know: what is picked; how groups are drawn.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Inventory, ItemRef, Kind, LeftAlone, Rules, VersionState};
use crate::wording::plural;

/// What groups are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Kinds, and under each its types.
    Kind,
    Tag,
    Locale,
    State,
}

impl Section {
    pub const ALL: [Section; 4] = [Section::Kind, Section::Tag, Section::Locale, Section::State];

    pub fn title(self) -> &'static str {
        match self {
            Section::Kind => "Kind",
            Section::Tag => "Tag",
            Section::Locale => "Language",
            Section::State => "State",
        }
    }
}

/// What may be true of an item besides its kind, type and tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    Locked,
    WithoutValue,
    /// One of its languages was never published.
    Draft,
    /// One of its languages is published, whether or not its draft changed since.
    Published,
    /// One of its languages is published, and its draft changed since.
    Modified,
    /// Was published, and taken away from the public.
    Archived,
    /// Within the last day.
    Changed,
    /// A finding is about it.
    Found,
    Picked,
    /// It comes along with what is picked.
    Needed,
}

impl Mark {
    pub const ALL: [Mark; 10] = [
        Mark::Draft,
        Mark::Published,
        Mark::Modified,
        Mark::Archived,
        Mark::Locked,
        Mark::WithoutValue,
        Mark::Changed,
        Mark::Found,
        Mark::Picked,
        Mark::Needed,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Mark::Locked => "locked",
            Mark::WithoutValue => "without value",
            Mark::Draft => "draft",
            Mark::Published => "published",
            Mark::Modified => "modified",
            Mark::Archived => "archived",
            Mark::Changed => "changed < 24 h",
            Mark::Found => "has a finding",
            Mark::Picked => "picked",
            Mark::Needed => "comes along",
        }
    }

    /// As it is typed behind `is:` and `state:`.
    pub fn word(self) -> &'static str {
        match self {
            Mark::Locked => "locked",
            Mark::WithoutValue => "without-value",
            Mark::Draft => "draft",
            Mark::Published => "published",
            Mark::Modified => "modified",
            Mark::Archived => "archived",
            Mark::Changed => "changed",
            Mark::Found => "finding",
            Mark::Picked => "picked",
            Mark::Needed => "needed",
        }
    }

    /// Whether it is true of an item with a language in this state; `None` where languages do not matter.
    pub fn is_of_version(self, state: Option<VersionState>) -> Option<bool> {
        match self {
            Mark::Draft => Some(state == Some(VersionState::Draft)),
            Mark::Published => Some(matches!(state, Some(VersionState::Published | VersionState::Modified))),
            Mark::Modified => Some(state == Some(VersionState::Modified)),
            Mark::Archived => Some(state == Some(VersionState::Archived)),
            _ => None,
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
    Locale(Box<str>),
    Mark(Mark),
}

impl GroupKey {
    pub fn section(&self) -> Section {
        match self {
            GroupKey::Kind(_) | GroupKey::Type(_) => Section::Kind,
            GroupKey::Tag(_) | GroupKey::Untagged => Section::Tag,
            GroupKey::Locale(_) => Section::Locale,
            GroupKey::Mark(_) => Section::State,
        }
    }

    fn title(&self) -> String {
        match self {
            GroupKey::Kind(kind) => kind_title(*kind),
            GroupKey::Type(word) | GroupKey::Tag(word) | GroupKey::Locale(word) => word.to_string(),
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
    /// What people call it.
    pub title: String,
    /// What is counted with the picks has none.
    pub count: usize,
}

impl Group {
    fn new(key: GroupKey, count: usize) -> Self {
        Group { title: key.title(), key, count }
    }
}

/// The place of a kind in lists: what is never written comes last.
pub fn rank(kind: Kind, rules: &Rules) -> (bool, Kind) {
    (rules.of(kind).is_some_and(|rules| matches!(rules.left_alone, LeftAlone::All(_))), kind)
}

/// Counts groups, item by item.
#[derive(Debug, Default)]
pub struct Counting<'a> {
    kinds: BTreeMap<Kind, usize>,
    types: HashMap<(Kind, &'a str), usize>,
    tags: HashMap<&'a str, usize>,
    untagged: usize,
    locales: HashMap<&'a str, usize>,
    marks: BTreeMap<Mark, usize>,
}

impl<'a> Counting<'a> {
    pub fn add(&mut self, item: ItemRef<'a>, marks: impl Iterator<Item = Mark>) {
        *self.kinds.entry(item.kind()).or_default() += 1;
        if let Some(type_) = item.type_() {
            *self.types.entry((item.kind(), type_)).or_default() += 1;
        }
        let tags = item.tags();
        self.untagged += usize::from(tags.len() == 0);
        for tag in tags {
            *self.tags.entry(tag).or_default() += 1;
        }
        for locale in item.versions().filter_map(|version| version.locale) {
            *self.locales.entry(locale).or_default() += 1;
        }
        for mark in marks {
            *self.marks.entry(mark).or_default() += 1;
        }
    }

    /// Kinds in their order, words by their letters.
    pub fn finish(self, inventory: &Inventory, rules: &Rules) -> Vec<Group> {
        let mut types = titled(self.types, inventory);
        let mut kinds: Vec<_> = self.kinds.into_iter().collect();
        kinds.sort_by_key(|(kind, _)| rank(*kind, rules));
        let mut groups = Vec::new();
        for (kind, count) in kinds {
            groups.push(Group::new(GroupKey::Kind(kind), count));
            groups.extend(types.remove(&kind).unwrap_or_default());
        }
        if rules.features.tags && !self.tags.is_empty() {
            groups.extend(by_letters(self.tags, GroupKey::Tag));
            if self.untagged > 0 {
                groups.push(Group::new(GroupKey::Untagged, self.untagged));
            }
        }
        groups.extend(by_letters(self.locales, GroupKey::Locale));
        for mark in Mark::ALL {
            let count = self.marks.get(&mark).copied().unwrap_or_default();
            if count > 0 || mark.is_of_picks() {
                groups.push(Group::new(GroupKey::Mark(mark), count));
            }
        }
        groups
    }
}

/// The types of each kind, by what people call them. Two that are called the same are told apart by their ids.
fn titled(types: HashMap<(Kind, &str), usize>, inventory: &Inventory) -> BTreeMap<Kind, Vec<Group>> {
    let called = |type_| inventory.type_name(type_).unwrap_or(type_);
    let mut names: HashMap<&str, usize> = HashMap::new();
    types.keys().for_each(|(_, type_)| *names.entry(called(type_)).or_default() += 1);
    let mut by_kind: BTreeMap<Kind, Vec<Group>> = BTreeMap::new();
    for (&(kind, type_), &count) in &types {
        let name = called(type_);
        let title = if names[name] == 1 { name } else { type_ }.to_owned();
        by_kind.entry(kind).or_default().push(Group { key: GroupKey::Type(type_.into()), title, count });
    }
    by_kind.values_mut().for_each(|own| {
        own.sort_unstable_by(|a, b| super::arrange::by_letters(&a.title, &b.title).then_with(|| a.key.cmp(&b.key)));
    });
    by_kind
}

fn by_letters<'a>(
    words: HashMap<&'a str, usize>,
    key: fn(Box<str>) -> GroupKey,
) -> impl Iterator<Item = Group> + use<'a> {
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_unstable_by(|(a, _), (b, _)| super::arrange::by_letters(a, b));
    words.into_iter().map(move |(word, count)| Group::new(key(word.into()), count))
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
    use crate::model::{ItemKey, KindRules, NewItem};
    use crate::workbench::panes::content::testing::rules as rules_of_tests;

    #[test]
    fn kinds_are_named_in_the_plural() {
        let titles = [Kind::Flow, Kind::Entry, Kind::Media, Kind::PluginSetting].map(kind_title);
        assert_eq!(titles, ["Flows", "Entries", "Media", "Plugin settings"]);
    }

    #[test]
    fn types_stand_under_their_kind_by_their_names_and_what_is_never_written_comes_last() {
        let mut inventory = Inventory::new();
        for (type_, name) in [("api::b.b", "Article"), ("api::a.a", "User"), ("plugin::u.u", "User")] {
            inventory.name_type(type_, name);
            inventory.add(&NewItem::new(ItemKey::typed(Kind::Entry, type_, "x"), "x")).expect("new");
        }
        inventory.add(&NewItem::new(ItemKey::new(Kind::Schema, "api::a.a"), "User")).expect("new");
        let mut rules = rules_of_tests();
        let schema = KindRules { kind: Kind::Schema, left_alone: LeftAlone::All("never"), ..rules.kinds[0].clone() };
        rules.kinds.push(schema);
        let mut counting = Counting::default();
        inventory.items().for_each(|item| counting.add(item, std::iter::empty()));
        let groups = counting.finish(&inventory, &rules);
        let titles: Vec<_> = groups.iter().take(5).map(|group| &*group.title).collect();
        assert_eq!(titles, ["Entries", "api::a.a", "Article", "plugin::u.u", "Schemas"]);
    }

    #[test]
    fn a_folded_section_is_one_line() {
        let group = |key| Group::new(key, 1);
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
