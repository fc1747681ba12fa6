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

/// What differs between servers, for a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Features {
    /// In the server's own words.
    pub version: Option<String>,
    /// Files end with their checksum.
    pub checksums: bool,
    /// A file that is missing on disk costs that file, rather than the whole stage.
    pub skips_missing_files: bool,
}

impl Features {
    /// Of an unknown version only what it echoes is believed.
    pub fn of(version: Option<String>, echoes_checksums: bool) -> Features {
        let known = version.as_deref().and_then(Version::read);
        let skips_missing_files = known.map_or(echoes_checksums, |known| known >= Version(5, 43, 0));
        Features { version, checksums: echoes_checksums, skips_missing_files }
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
        let features = Features::of(version.map(str::to_owned), echo);
        assert_eq!((features.checksums, features.skips_missing_files), (echo, skips));
    }
}
