//! What differs between Flotiq and other platforms, as data.
//! Must not know: directories, servers.

use std::sync::LazyLock;

use crate::model::text::printable;
use crate::model::{
    DependencyRule, Duplicable, Error, ErrorKind, Features, Kind, KindRules, LeftAlone, MatchMethod, Platform,
    ReferencedBy, Rules,
};

/// Refuses a space as a destination: nothing here writes to one yet.
pub fn only_read(place: &str) -> Error {
    let message = format!("{} is a Flotiq space, and this version of haul only reads those", printable(place));
    Error::new(ErrorKind::Usage, message)
        .hint("`haul export` writes a directory that the official importer takes (`flotiq import`)")
}

/// The rules of Flotiq.
pub fn rules() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
        platform: Platform::Flotiq,
        kinds: vec![
            KindRules {
                duplicable: Duplicable::No(
                    "objects name their type, so that none would belong to a copy of a definition",
                ),
                ..kind(Kind::Definition)
            },
            // Nobody keeps two tags of one name apart.
            KindRules {
                matching: &[MatchMethod::Uuid, MatchMethod::Name],
                duplicable: Duplicable::Yes,
                ..kind(Kind::Tag)
            },
            KindRules { heavy: true, ..kind(Kind::Media) },
            // Ids that differ in case alone are one to the platform; that is a unique value like any other.
            KindRules { matching: &[MatchMethod::Uuid, MatchMethod::Field], ..kind(Kind::Object) },
            KindRules {
                duplicable: Duplicable::No("the settings of a plugin exist once, under its id"),
                ..kind(Kind::PluginSetting)
            },
            KindRules { duplicable: Duplicable::Yes, ..kind(Kind::Webhook) },
        ],
        features: Features { tags: true, only_definitions: true, unloads: true, folders: true, ..Features::default() },
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
