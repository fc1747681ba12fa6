//! What a server can do, by its version and by what it echoes: the one place that knows versions.
//! Must not know: frames, sockets.
//!
//! From the sources of `@strapi/data-transfer` 4.26.2 to 5.54.0, and seen on 4.26.2, 5.48.0 and 5.54.0.

/// The version of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32, u32);

impl Version {
    /// `5.54.0`, also with something behind it.
    fn read(text: &str) -> Option<Version> {
        let mut numbers = text.split(['.', '-', '+']).map(|part| part.parse().ok());
        Some(Version(numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)))
    }
}

/// What a server repeats of what it was asked for, because it knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Echo {
    pub checksums: bool,
    pub base64: bool,
}

/// What differs between servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Features {
    /// In the server's own words.
    pub version: Option<String>,
    /// Files end with their checksum.
    pub checksums: bool,
    /// A file that is missing on disk costs that file, rather than the whole stage.
    pub skips_missing_files: bool,
    /// Takes the bytes of files as base64; others take lists of numbers.
    pub takes_base64: bool,
    /// Documents have ids that are the same everywhere, drafts beside what is published. What is not known to be older
    /// counts as such.
    pub has_documents: bool,
}

impl Features {
    /// Of an unknown version only what it echoes is believed.
    pub fn of(version: Option<String>, echo: Echo) -> Features {
        let known = version.as_deref().and_then(Version::read);
        let skips_missing_files = known.map_or(echo.checksums, |known| known >= Version(5, 43, 0));
        let has_documents = known.is_none_or(|known| known >= Version(5, 0, 0));
        let (checksums, takes_base64) = (echo.checksums, echo.base64);
        Features { version, checksums, skips_missing_files, takes_base64, has_documents }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Some("5.54.0"), true, true)]
    #[case(Some("5.43.0-beta.1"), true, true)]
    #[case(Some("5.42.1"), false, false)]
    #[case(Some("4.26.2"), false, false)]
    #[case(Some("10.0.0"), true, true)]
    #[case(None, true, true)]
    #[case(None, false, false)]
    #[case(Some("next"), true, true)]
    fn features_follow_the_version_and_without_one_the_echo(
        #[case] version: Option<&str>,
        #[case] echo: bool,
        #[case] skips: bool,
    ) {
        let features = Features::of(version.map(str::to_owned), Echo { checksums: echo, base64: echo });
        assert_eq!((features.checksums, features.skips_missing_files), (echo, skips));
        assert_eq!(features.has_documents, version != Some("4.26.2"));
    }
}
