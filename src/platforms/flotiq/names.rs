//! What types are called: which kind of item a type holds, and the folder that the official exporter keeps it in.
//! Must not know: definitions, files.

use crate::model::{ItemKey, Kind};

/// The internal types that the official exporter writes, in its order.
pub(super) const EXPORTED_INTERNAL: [&str; 4] = ["_media", "_plugin_settings", "_tag", "_webhooks"];

/// Internal types that stay where they are.
const OTHER_INTERNAL: [&str; 11] = [
    "_workflow",
    "_workflow_state",
    "_plugin",
    "_generated_forms",
    "_zap",
    "_editBlock",
    "_creator_content_container",
    "_layout",
    "_page",
    "_site",
    "_navigation",
];

/// Whether the platform itself defines a type.
pub(super) fn is_internal(type_: &str) -> bool {
    EXPORTED_INTERNAL.contains(&type_) || OTHER_INTERNAL.contains(&type_)
}

/// What the objects of a type are.
pub(super) fn kind_of(type_: &str) -> Kind {
    match type_ {
        "_media" => Kind::Media,
        "_tag" => Kind::Tag,
        "_webhooks" => Kind::Webhook,
        "_plugin_settings" => Kind::PluginSetting,
        _ => Kind::Object,
    }
}

/// The key of an object. Only plain objects need their type in it.
pub(super) fn key_of(type_: &str, id: &str) -> ItemKey {
    match kind_of(type_) {
        Kind::Object => ItemKey::typed(Kind::Object, type_, id),
        kind => ItemKey::new(kind, id),
    }
}

/// The type that an item is an object of.
pub(super) fn type_of(key: &ItemKey) -> Option<&str> {
    match key.kind {
        Kind::Object => key.type_.as_deref(),
        Kind::Media => Some("_media"),
        Kind::Tag => Some("_tag"),
        Kind::Webhook => Some("_webhooks"),
        Kind::PluginSetting => Some("_plugin_settings"),
        _ => None,
    }
}

/// The words of a type in one: every run of underscores before a letter is dropped and the letter set upper case.
pub(super) fn camelized(type_: &str) -> String {
    let mut name = String::with_capacity(type_.len());
    let mut pending = "";
    let mut at_start = true;
    let mut rest = type_;
    while let Some(letter) = rest.chars().next() {
        let run = rest.len() - rest.trim_start_matches('_').len();
        if run > 0 {
            (pending, rest) = rest.split_at(run);
            continue;
        }
        let follows = at_start || !pending.is_empty();
        if follows && letter.is_ascii_lowercase() {
            name.push(letter.to_ascii_uppercase());
        } else {
            name.push_str(pending);
            name.push(letter);
        }
        (pending, at_start) = ("", false);
        rest = &rest[letter.len_utf8()..];
    }
    name + pending
}

/// The folder of a type, as the official exporter calls it.
pub(super) fn folder_of(type_: &str, internal: bool) -> String {
    let prefix = if internal { "Internal" } else { "" };
    format!("{prefix}ContentType{}", camelized(type_))
}

/// The file of a type's objects.
pub(super) fn objects_file(type_: &str) -> String {
    format!("contentObject{}.json", camelized(type_))
}

/// The name of the file of a medium. `None` where its id or extension could lead out of the folder.
pub(super) fn media_file(id: &str, extension: &str) -> Option<String> {
    let name = match extension {
        "" => id.to_owned(),
        extension => format!("{id}.{extension}"),
    };
    is_plain(&name).then_some(name)
}

/// Whether a text from outside can be the name of a file or folder.
pub(super) fn is_plain(name: &str) -> bool {
    let leads_away = name.contains(['/', '\\', '\0']) || name.chars().all(|letter| letter == '.');
    !leads_away && !name.is_empty() && name.len() < 250
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("blog_post", false, "ContentTypeBlogPost")]
    #[case("_plugin_settings", true, "InternalContentTypePluginSettings")]
    #[case("_media", true, "InternalContentTypeMedia")]
    #[case("x__y", false, "ContentTypeXY")]
    #[case("plain", false, "ContentTypePlain")]
    #[case("a_", false, "ContentTypeA_")]
    #[case("a_1", false, "ContentTypeA_1")]
    fn folders_are_called_as_the_official_exporter_calls_them(
        #[case] type_: &str,
        #[case] internal: bool,
        #[case] folder: &str,
    ) {
        assert_eq!(folder_of(type_, internal), folder);
    }

    #[test]
    fn the_name_of_a_file_never_leads_out_of_its_folder() {
        assert_eq!(media_file("_media-1", "png").as_deref(), Some("_media-1.png"));
        assert_eq!(media_file("_media-1", "").as_deref(), Some("_media-1"));
        for (id, extension) in [("../x", "png"), ("x", "/../../y"), ("..", ""), ("a\\b", "png"), ("a\0", "png")] {
            assert_eq!(media_file(id, extension), None, "{id} {extension}");
        }
    }

    #[test]
    fn an_item_is_of_the_type_that_its_key_was_made_from() {
        for type_ in ["_media", "_tag", "_webhooks", "_plugin_settings", "blog_post", "_own"] {
            assert_eq!(type_of(&key_of(type_, "x")), Some(type_));
        }
    }
}
