//! What is said of an item's languages and states, and of its file.
//! Must not know: where there is room for it.

use crate::model::text::printable;
use crate::model::{FileInfo, Version, VersionState};

/// `en, de published; fr draft`: languages by state. What has no languages is its state alone.
pub fn versions_sentence<'a>(versions: impl Iterator<Item = Version<'a>> + Clone) -> String {
    const STATES: [Option<VersionState>; 5] = [
        Some(VersionState::Published),
        Some(VersionState::Modified),
        Some(VersionState::Draft),
        Some(VersionState::Archived),
        None,
    ];
    let groups = STATES.into_iter().filter_map(|state| {
        let mut own = versions.clone().filter(|version| version.state == state).peekable();
        own.peek()?;
        let locales: Vec<_> = own.filter_map(|version| version.locale.map(printable)).collect();
        let state = state.map(VersionState::as_str);
        Some([locales.join(", ").as_str(), state.unwrap_or_default()].join(" ").trim().to_owned())
    });
    groups.collect::<Vec<_>>().join("; ")
}

/// One version where there is little room: `de`, `de*` for a draft that changed since it was published, `(de)` for one
/// that never was.
pub fn version_sign(version: Version<'_>) -> String {
    let Some(locale) = version.locale.map(printable) else {
        return version.state.map_or_else(String::new, |state| state.as_str().to_owned());
    };
    match version.state {
        None | Some(VersionState::Published) => locale.into_owned(),
        Some(VersionState::Modified) => format!("{locale}*"),
        Some(VersionState::Draft) => format!("({locale})"),
        Some(VersionState::Archived) => format!("[{locale}]"),
    }
}

/// `640×480 image/png`.
pub fn file_sentence(file: &FileInfo<'_>) -> String {
    let dimensions = file.dimensions.map(|(width, height)| format!("{width}×{height}"));
    let mime = file.mime.map(|mime| printable(mime).into_owned());
    [dimensions, mime].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(Option<&str>, Option<VersionState>); 5] = [
        (Some("de"), Some(VersionState::Published)),
        (Some("en"), Some(VersionState::Published)),
        (Some("fr"), Some(VersionState::Draft)),
        (Some("it"), Some(VersionState::Modified)),
        (Some("pl"), None),
    ];

    fn versions<'a>(of: &[(Option<&'a str>, Option<VersionState>)]) -> Vec<Version<'a>> {
        of.iter().map(|&(locale, state)| Version { locale, state }).collect()
    }

    #[test]
    fn languages_are_told_by_state() {
        let sentence = |of: &[_]| versions_sentence(versions(of).into_iter());
        assert_eq!(sentence(&ALL), "de, en published; it modified; fr draft; pl");
        assert_eq!(sentence(&[(None, Some(VersionState::Draft))]), "draft");
        assert_eq!(sentence(&[]), "");
    }

    #[test]
    fn little_room_has_a_sign_for_each_state() {
        let signs: Vec<_> = versions(&ALL).into_iter().map(version_sign).collect();
        assert_eq!(signs, ["de", "en", "(fr)", "it*", "pl"]);
        assert_eq!(version_sign(Version { locale: None, state: Some(VersionState::Modified) }), "modified");
    }

    #[test]
    fn a_file_is_told_as_far_as_it_is_known() {
        let file = FileInfo { mime: Some("image/png"), dimensions: Some((640, 480)), ..FileInfo::default() };
        assert_eq!(file_sentence(&file), "640×480 image/png");
        assert_eq!(file_sentence(&FileInfo { dimensions: None, ..file }), "image/png");
        assert_eq!(file_sentence(&FileInfo::default()), "");
    }
}
