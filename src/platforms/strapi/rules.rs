//! What differs between Strapi and other platforms, as data.
//! Must not know: archives, servers.

use std::sync::LazyLock;

use crate::model::{
    CopyIds, DependencyRule, Duplicable, Features, Kind, KindRules, LeftAlone, MatchMethod, Part, Platform,
    ReferencedBy, Rules,
};

/// The rules of Strapi.
pub fn rules() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
        platform: Platform::Strapi,
        kinds: vec![
            KindRules {
                always_exported: true,
                duplicable: Duplicable::No("a schema belongs to the project's code and exists once"),
                left_alone: LeftAlone::All("schemas belong to the code of a project; a transfer never writes them"),
                ..kind(Kind::Schema, &[])
            },
            KindRules {
                heavy: true,
                matching: &[MatchMethod::Uuid, MatchMethod::Content],
                duplicable: Duplicable::No("a copy would share its file with the original"),
                ..kind(Kind::Asset, &[Part::Content, Part::Files])
            },
            KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Field],
                left_alone: LeftAlone::Type(
                    "plugin::users-permissions.permission",
                    "a merge keeps what the roles of the destination may do",
                ),
                ..kind(Kind::Entry, &[Part::Content])
            },
            KindRules {
                duplicable: Duplicable::No("a setting exists once, under its key"),
                left_alone: LeftAlone::AllOfMerge("a merge keeps the configuration of the destination"),
                ..kind(Kind::Configuration, &[Part::Config])
            },
        ],
        features: Features {
            only_exclude: true,
            mode: true,
            sealed_archives: true,
            redact: true,
            unloads: true,
            schemas: true,
            match_by: true,
            copies: CopyIds::Short,
            locales: true,
            rehearse: true,
            streams: true,
            media_library: &["asset", "plugin::upload.folder"],
            ..Features::default()
        },
    });
    &RULES
}

/// The rules between two servers of v4: what is equal there is no number of a row, but what is unique to an entry.
pub(super) fn rules_of_rows() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(|| {
        let mut rules = rules().clone();
        for kind in &mut rules.kinds {
            kind.matching = match kind.kind {
                Kind::Entry => &[MatchMethod::Field],
                Kind::Asset => &[MatchMethod::Field, MatchMethod::Content],
                _ => kind.matching,
            };
        }
        rules.features.copies = CopyIds::Time;
        rules
    });
    &RULES
}

fn kind(kind: Kind, parts: &'static [Part]) -> KindRules {
    KindRules {
        kind,
        matching: &[MatchMethod::Uuid],
        duplicable: Duplicable::SameName,
        as_dependency: DependencyRule::ByOption,
        part_of_everything: true,
        parts,
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Id,
        created_without_value: false,
        cannot_undo_overwrite: None,
        left_alone: LeftAlone::Nothing,
    }
}
