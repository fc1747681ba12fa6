//! What an archive is called on disk: `strapi import` decides by the ending how to open a file, so it must be right.
//! Must not know: content.

use std::path::{Path, PathBuf};

use crate::model::{Error, ErrorKind, Existing, Result, Squeeze};

/// The ending that `strapi import` needs for this packing.
pub(super) fn ending(gzip: bool, sealed: bool) -> &'static str {
    match (gzip, sealed) {
        (true, true) => ".tar.gz.enc",
        (true, false) => ".tar.gz",
        (false, true) => ".tar.enc",
        (false, false) => ".tar",
    }
}

/// The output with the ending of its packing: added where there is none, refused where it is another.
pub fn output_path(output: &Path, squeeze: Squeeze, sealed: bool) -> Result<PathBuf> {
    with_ending(output, ending(squeeze == Squeeze::Gzip, sealed))
}

/// Endings of files that are something else, or this in another packing.
const OTHER_ENDINGS: [&str; 14] =
    ["tar", "gz", "tgz", "enc", "zip", "json", "jsonl", "7z", "bz2", "xz", "zst", "txt", "sql", "db"];

/// The output with its right ending: added where there is none, kept where it is right, refused where it is another.
fn with_ending(output: &Path, ending: &str) -> Result<PathBuf> {
    let name = output.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.is_empty() || output.to_string_lossy().ends_with('/') {
        return Err(Error::new(ErrorKind::Usage, format!("{} names no file", output.display())));
    }
    if name.len() > ending.len() && name.ends_with(ending) {
        return Ok(output.to_owned());
    }
    let last = name.rsplit_once('.').map(|(_, last)| last.to_lowercase());
    match last {
        Some(last) if OTHER_ENDINGS.contains(&last.as_str()) => {
            let message = format!("the archive will be a {ending}, but the output is called {name}");
            let hint = "leave the ending out, or choose --no-compress and --no-encrypt to fit it";
            Err(Error::new(ErrorKind::Usage, message).hint(hint))
        }
        _ => Ok(output.with_file_name(format!("{name}{ending}"))),
    }
}

/// Refuses an output that exists, unless it may be replaced; and always the source itself.
pub(super) fn free(output: &Path, existing: Existing, source: &Path) -> Result<()> {
    let same = || std::fs::canonicalize(output).is_ok_and(|output| Some(output) == std::fs::canonicalize(source).ok());
    match output.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) if same() => {
            let message = format!("{} is the source, and cannot be written while it is read", output.display());
            Err(Error::new(ErrorKind::OutputExists, message).hint("choose another output"))
        }
        Ok(about) if about.is_dir() => {
            Err(Error::new(ErrorKind::OutputExists, format!("{} is a folder", output.display())))
        }
        Ok(_) if existing == Existing::Replace => Ok(()),
        Ok(_) => Err(Error::new(ErrorKind::OutputExists, format!("{} exists", output.display()))
            .hint("choose another output, or pass --replace-output")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("out", ".tar.gz.enc", Some("out.tar.gz.enc"))]
    #[case("out.tar.gz.enc", ".tar.gz.enc", Some("out.tar.gz.enc"))]
    #[case("a/out", ".tar", Some("a/out.tar"))]
    #[case("export.2026-11-21", ".tar.gz", Some("export.2026-11-21.tar.gz"))]
    #[case("my.blog", ".tar", Some("my.blog.tar"))]
    #[case("out.tar", ".tar.gz.enc", None)]
    #[case("out.tar.gz", ".tar", None)]
    #[case("out.tar.gz.enc", ".tar.gz", None)]
    #[case("out.zip", ".tar", None)]
    #[case("out.TGZ", ".tar.gz", None)]
    #[case(".tar", ".tar", None)]
    #[case("a/..", ".tar", None)]
    fn the_right_ending_is_added_once(#[case] given: &str, #[case] ending: &str, #[case] name: Option<&str>) {
        let named = with_ending(Path::new(given), ending);
        assert_eq!(named.as_deref().ok(), name.map(Path::new));
        assert!(named.is_ok() || named.is_err_and(|error| error.exit_code() == 2));
    }
}
