//! What differs between Flotiq and other platforms, as data.
//! Must not know: directories, servers.

use std::sync::LazyLock;

use crate::model::{
    DependencyRule, Duplicable, Features, Kind, KindRules, LeftAlone, MatchMethod, Platform, ReferencedBy, Rules,
};

/// The rules of Flotiq.
pub fn rules() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
        platform: Platform::Flotiq,
        kinds: vec![
            // Nobody keeps two tags of one name apart.
            KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Field, MatchMethod::Name],
                duplicable: Duplicable::Yes,
                ..kind(Kind::Tag)
            },
            KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Content],
                duplicable: Duplicable::No(
                    "the space gives files their ids, so that no later run would find the copy again; a file that is there byte for byte is used",
                ),
                heavy: true,
                ..kind(Kind::Media)
            },
            KindRules {
                duplicable: Duplicable::No(
                    "objects name their type, so that none would belong to a copy of a definition",
                ),
                ..kind(Kind::Definition)
            },
            // Ids that differ in case alone are one to the platform; that is a unique value like any other.
            KindRules { matching: &[MatchMethod::Uuid, MatchMethod::Field], ..kind(Kind::Object) },
            KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Field],
                duplicable: Duplicable::No("the settings of a plugin exist once, under its id"),
                ..kind(Kind::PluginSetting)
            },
            KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Field],
                duplicable: Duplicable::Yes,
                ..kind(Kind::Webhook)
            },
        ],
        features: Features {
            tags: true,
            only_definitions: true,
            unloads: true,
            folders: true,
            foresees: true,
            pauses_webhooks: true,
            ..Features::default()
        },
    });
    &RULES
}

fn kind(kind: Kind) -> KindRules {
    KindRules {
        kind,
        matching: &[MatchMethod::Uuid],
        duplicable: Duplicable::SameName,
        as_dependency: DependencyRule::ByOption,
        part_of_everything: true,
        parts: &[],
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Id,
        created_without_value: false,
        cannot_undo_overwrite: None,
        left_alone: LeftAlone::Nothing,
    }
}
