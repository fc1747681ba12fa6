//! What differs between Ziggy and other platforms, as data.
//! Must not know: how any of it is done.

use std::sync::LazyLock;

use crate::model::{
    DependencyRule, Duplicable, Features, Kind, KindRules, LeftAlone, MatchMethod, Platform, ReferencedBy, Rules,
};

/// The server's own order: id first, then name (docs, Flow import).
const MATCHING: &[MatchMethod] = &[MatchMethod::Uuid, MatchMethod::Name];

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    platform: Platform::Ziggy,
    kinds: vec![secret(), connection(), flow()],
    features: Features {
        tags: true,
        types_are_kinds: true,
        redact: true,
        backup: true,
        secret_values: true,
        test_connections: true,
        password_login: true,
        ..Features::default()
    },
});

pub fn rules() -> &'static Rules {
    &RULES
}

fn secret() -> KindRules {
    KindRules {
        kind: Kind::Secret,
        matching: MATCHING,
        // Names of secrets are JavaScript identifiers (docs, Secrets); `NAME (imported)` could never be used.
        duplicable: Duplicable::No("a secret is referred to by its name, so nothing could use a copy of another name"),
        as_dependency: DependencyRule::CreateOrKeep,
        part_of_everything: false,
        parts: &[],
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Name,
        created_without_value: true,
        cannot_undo_overwrite: Some("the server never hands out a secret's value, so no snapshot holds it"),
        left_alone: LeftAlone::Nothing,
    }
}

fn connection() -> KindRules {
    KindRules {
        kind: Kind::Connection,
        matching: MATCHING,
        duplicable: Duplicable::Yes,
        as_dependency: DependencyRule::PolicyUnlessGiven,
        part_of_everything: false,
        parts: &[],
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Id,
        created_without_value: false,
        cannot_undo_overwrite: Some("OAuth tokens of a connection are in no snapshot; it has to be authorized again"),
        left_alone: LeftAlone::Nothing,
    }
}

fn flow() -> KindRules {
    KindRules {
        kind: Kind::Flow,
        matching: MATCHING,
        duplicable: Duplicable::Yes,
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
