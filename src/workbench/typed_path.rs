//! Paths that a person types: where a bare name is meant, and whose home `~` is.
//! Must not know: the disk.

use std::path::{Component, Path, PathBuf};

use crate::remotes::Environment;

/// A bare name is meant in the folder of the workbench; everything else as it was typed.
pub fn in_folder(text: &str, folder: &Path) -> PathBuf {
    let path = Path::new(text);
    let mut parts = path.components();
    let is_bare = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) && text != "~";
    match is_bare && folder != Path::new(".") {
        true => folder.join(path),
        false => path.to_owned(),
    }
}

/// `~` is this user's home folder; everything else is seen from `base`.
pub fn expand(base: &Path, text: &str, home: Option<&Path>) -> PathBuf {
    let text = text.trim();
    match (text.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => base.join(text),
    }
}

/// The home folder of this user.
pub fn home(environment: &Environment) -> Option<PathBuf> {
    environment.get("HOME").or_else(|| environment.get("USERPROFILE")).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::bare("x", "/demo/x")]
    #[case::bare_with_an_ending("x.json", "/demo/x.json")]
    #[case::bare_with_a_tilde("~x", "/demo/~x")]
    #[case::here("./x", "./x")]
    #[case::below("a/x", "a/x")]
    #[case::above("../x", "../x")]
    #[case::the_folder_above("..", "..")]
    #[case::absolute("/a/x", "/a/x")]
    #[case::at_home("~/x", "~/x")]
    #[case::home("~", "~")]
    #[case::nothing("", "")]
    fn only_a_bare_name_is_meant_in_the_folder(#[case] typed: &str, #[case] meant: &str) {
        assert_eq!(in_folder(typed, Path::new("/demo")), Path::new(meant));
        assert_eq!(in_folder(typed, Path::new(".")), Path::new(typed));
    }

    #[rstest]
    #[case("~", "/home/u")]
    #[case("~/x", "/home/u/x")]
    #[case("~x", "/base/~x")]
    #[case("x", "/base/x")]
    #[case("/x", "/x")]
    fn a_tilde_is_the_home_folder(#[case] typed: &str, #[case] meant: &str) {
        assert_eq!(expand(Path::new("/base"), typed, Some(Path::new("/home/u"))), Path::new(meant));
        assert_eq!(expand(Path::new("/base"), typed, None), Path::new("/base").join(typed));
    }
}
