//! What differs between platforms, as data for the planner and the command line.
//! Must not know: how a platform does any of it.

use super::{Kind, MatchMethod, Mode, Part, Platform};

/// The rules of one platform.
#[derive(Clone, Debug)]
pub struct Rules {
    pub platform: Platform,
    /// In the order in which kinds are written.
    pub kinds: Vec<KindRules>,
    pub features: Features,
}

impl Rules {
    pub fn of(&self, kind: Kind) -> Option<&KindRules> {
        self.kinds.iter().find(|rules| rules.kind == kind)
    }

    /// The place of a kind in the order of writing.
    pub fn rank(&self, kind: Kind) -> usize {
        self.kinds.iter().position(|rules| rules.kind == kind).unwrap_or(self.kinds.len())
    }
}

/// How one kind of item is matched, decided and referred to.
#[derive(Clone, Debug)]
pub struct KindRules {
    pub kind: Kind,
    /// Tried in this order; the first that hits is the match.
    pub matching: &'static [MatchMethod],
    pub duplicable: Duplicable,
    pub as_dependency: DependencyRule,
    /// Whether picking everything picks this kind. Others come along only as dependencies.
    pub part_of_everything: bool,
    /// Which of `--only` and `--exclude`'s parts the kind belongs to; empty where the platform has no parts.
    pub parts: &'static [Part],
    /// Every export holds all items of this kind, whatever was selected.
    pub always_exported: bool,
    /// Examining an item of a remote moves its files. A listing leaves that, and so does an export without files.
    pub heavy: bool,
    pub referenced_by: ReferencedBy,
    /// A created item lacks its value until somebody fills it in.
    pub created_without_value: bool,
    /// Why an overwritten item of this kind cannot be brought back whole, if so.
    pub cannot_undo_overwrite: Option<&'static str>,
    /// What of this kind is never written to a destination. A plan counts it instead of listing it.
    pub left_alone: LeftAlone,
}

/// What is never written to a destination, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftAlone {
    Nothing,
    /// All items, with the reason as the user reads it.
    All(&'static str),
    /// All items, unless the mode is `replace`.
    AllOfMerge(&'static str),
    /// Those of one type, unless the mode is `replace`.
    Type(&'static str, &'static str),
}

impl LeftAlone {
    /// The reason, for an item of this type in a plan of this mode.
    pub fn why(self, type_: Option<&str>, mode: Mode) -> Option<&'static str> {
        let (why, uid) = self.stated(mode)?;
        (uid.is_none() || uid == type_).then_some(why)
    }

    /// The reason, and the type that it is about, if not all of the kind.
    pub fn stated(self, mode: Mode) -> Option<(&'static str, Option<&'static str>)> {
        match (self, mode) {
            (LeftAlone::All(why), _) | (LeftAlone::AllOfMerge(why), Mode::Merge) => Some((why, None)),
            (LeftAlone::Type(uid, why), Mode::Merge) => Some((why, Some(uid))),
            (LeftAlone::Nothing, _) | (LeftAlone::AllOfMerge(_) | LeftAlone::Type(..), Mode::Replace) => None,
        }
    }
}

/// Whether an item can have a copy beside the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicable {
    /// The copy gets a name that is free.
    Yes,
    /// The copy keeps the name: names tell nothing apart.
    SameName,
    /// With the reason, as the user reads it.
    No(&'static str),
}

/// What `--dependencies` means for a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyRule {
    /// As the option says; without it, created if missing and otherwise kept.
    ByOption,
    /// As the option says; without it, as the policy says.
    PolicyUnlessGiven,
    /// Created if missing and otherwise kept, unless the option says `none`.
    CreateOrKeep,
}

/// How other items point at an item of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferencedBy {
    /// By its id, which can be rewritten.
    Id,
    /// By its name, inside free text, which is never rewritten.
    Name,
}

/// Options that only some platforms have. An option that the platform lacks is a usage error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    pub tags: bool,
    /// `--types` takes kinds.
    pub types_are_kinds: bool,
    pub only_exclude: bool,
    pub only_definitions: bool,
    /// Archives are compressed and sealed: `--key…`, `--no-encrypt`, `--no-compress`.
    pub sealed_archives: bool,
    pub redact: bool,
    pub backup: bool,
    pub secret_values: bool,
    pub test_connections: bool,
    /// `--mode merge|replace`.
    pub mode: bool,
    /// Login with `--from-user` and a password rather than a token.
    pub password_login: bool,
    /// A run's content is a folder that the source fills ([`Source::unload`](super::Source::unload)), rather than records
    /// in memory.
    pub unloads: bool,
    /// Locations say what their types are like ([`Source::schemas`](super::Source::schemas)), and that may differ:
    /// `diff --schemas`, `--skip-blocked`.
    pub schemas: bool,
    /// Entries can be found by an attribute that a person names ([`Source::values`](super::Source::values)): `--match-by`.
    pub match_by: bool,
    pub copies: CopyIds,
    /// Bundles are folders of records, which may say what the server alone knows of them, and of which a manifest can be
    /// made: `--with-internal`, `--manifest`.
    pub folders: bool,
    /// Content is written in locales, and a location can be looked at in some of them ([`Source::narrowed`](super::Source::narrowed)): `--locales`.
    pub locales: bool,
    /// Files move with checksums, and rows one after the other: `--no-checksums`, `--throttle`.
    pub streams: bool,
    /// The types, or kinds, that `--exclude media-library` leaves out.
    pub media_library: &'static [&'static str],
    /// A run can be rehearsed at the destination and taken back ([`Destination::rehearse`](super::Destination::rehearse)): `--rehearse`.
    pub rehearse: bool,
    /// Destinations tell others of changes by webhooks, which a run can switch off while it writes
    /// ([`Destination::pause`](super::Destination::pause)): `--pause-webhooks`.
    pub pauses_webhooks: bool,
    /// What a run changes beside what it writes follows from both sides' schemas
    /// ([`Destination::foresee`](super::Destination::foresee)).
    pub foresees: bool,
}

/// What the id of a copy looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyIds {
    #[default]
    Uuid,
    /// 24 letters and digits.
    Short,
    /// Items are told apart by the time at which they were made, and so is a copy: at most a quarter of an hour later.
    Time,
}
