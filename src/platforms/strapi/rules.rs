//! What differs between Strapi and other platforms, as data.
//! Must not know: archives.

use std::sync::LazyLock;

use crate::model::{
    DependencyRule, Duplicable, Features, Kind, KindRules, MatchMethod, Part, Platform, ReferencedBy, Rules,
};

/// The rules of Strapi, for archives and folders; there is no remote yet.
pub fn rules() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
        platform: Platform::Strapi,
        kinds: vec![
            KindRules {
                always_exported: true,
                duplicable: Duplicable::No("a schema belongs to the project's code and exists once"),
                ..kind(Kind::Schema, &[])
            },
            KindRules { heavy: true, ..kind(Kind::Asset, &[Part::Content, Part::Files]) },
            kind(Kind::Entry, &[Part::Content]),
            KindRules {
                duplicable: Duplicable::No("a setting exists once, under its key"),
                ..kind(Kind::Configuration, &[Part::Config])
            },
        ],
        features: Features { only_exclude: true, sealed_archives: true, redact: true, ..Features::default() },
    });
    &RULES
}

fn kind(kind: Kind, parts: &'static [Part]) -> KindRules {
    KindRules {
        kind,
        matching: &[MatchMethod::Uuid],
        duplicable: Duplicable::Yes,
        as_dependency: DependencyRule::ByOption,
        part_of_everything: true,
        parts,
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Id,
        created_without_value: false,
        cannot_undo_overwrite: None,
    }
}
