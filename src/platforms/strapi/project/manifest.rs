//! Recognises a local project by its package.json, and finds the command and the version that belong to it.
//! Must not know: what the command is asked for.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::{Error, ErrorKind, Result};

/// The package that makes a folder a project.
const PACKAGE: &str = "@strapi/strapi";
/// A longer package.json is none that people write.
const LONGEST: u64 = 4 * 1024 * 1024;

/// A project whose own command is there.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    /// As absolute path: the command runs in it.
    pub folder: PathBuf,
    /// Below `node_modules/.bin`.
    pub command: PathBuf,
    /// Of the package that is installed.
    pub version: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Package {
    version: Option<String>,
    dependencies: Map<String, Value>,
    dev_dependencies: Map<String, Value>,
}

/// Whether this folder is a project. Runs nothing.
pub fn is_project(folder: &Path) -> bool {
    wanted(folder).is_some()
}

/// The version that package.json asks for, where it asks for one at all.
fn wanted(folder: &Path) -> Option<String> {
    let package = read(&folder.join("package.json"))?;
    let wanted = package.dependencies.get(PACKAGE).or_else(|| package.dev_dependencies.get(PACKAGE))?;
    Some(wanted.as_str().unwrap_or_default().to_owned())
}

fn read(path: &Path) -> Option<Package> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Manifest {
    pub fn open(folder: &Path) -> Result<Manifest> {
        let refused = |what: &str| Error::new(ErrorKind::Project, format!("{} {what}", folder.display()));
        let wanted = wanted(folder).ok_or_else(|| refused("is no Strapi project"))?;
        let absolute = std::path::absolute(folder).map_err(|error| Error::io(folder.display(), error))?;
        let modules = absolute.join("node_modules");
        let command = modules.join(".bin").join(if cfg!(windows) { "strapi.cmd" } else { "strapi" });
        if !command.exists() {
            return Err(refused(
                "is a Strapi project whose packages are not installed: it has no node_modules/.bin/strapi",
            )
            .hint("run `npm install` there (or what the project uses instead), and start again"));
        }
        let version = read(&modules.join(PACKAGE).join("package.json")).and_then(|package| package.version);
        let manifest = Manifest { folder: absolute, command, version };
        match manifest.numbers().or_else(|| numbers(&wanted)) {
            None | Some((4 | 5, _)) => Ok(manifest),
            Some((major, _)) => Err(refused(&format!("is a project of Strapi {major}"))
                .hint("`strapi export` and `strapi import` are those of Strapi 4 and 5")),
        }
    }

    /// Unpacked directories are written and read by 5.42 and later. An unknown version is taken for an older one.
    pub fn knows_folders(&self) -> bool {
        self.numbers().is_some_and(|version| version >= (5, 42))
    }

    fn numbers(&self) -> Option<(u64, u64)> {
        self.version.as_deref().and_then(numbers)
    }
}

/// Major and minor of a version or of a range such as `^5.42.1`.
fn numbers(version: &str) -> Option<(u64, u64)> {
    let mut parts = version.trim_start_matches(|c: char| !c.is_ascii_digit()).split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"dependencies": {"@strapi/strapi": "5.54.0"}}"#, true)]
    #[case(r#"{"devDependencies": {"@strapi/strapi": "^4.26.2"}}"#, true)]
    #[case(r#"{"dependencies": {"react": "18"}}"#, false)]
    #[case(r#"{"name": "@strapi/strapi"}"#, false)]
    #[case("no json", false)]
    fn a_project_is_what_depends_on_strapi(#[case] package: &str, #[case] expected: bool) {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_project(folder.path()));
        std::fs::write(folder.path().join("package.json"), package).unwrap();
        assert_eq!(is_project(folder.path()), expected);
    }

    #[test]
    fn packages_that_are_not_installed_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("package.json"), r#"{"dependencies": {"@strapi/strapi": "5.54.0"}}"#)
            .unwrap();
        let error = Manifest::open(folder.path()).expect_err("nothing is installed");
        assert_eq!(error.kind(), ErrorKind::Project);
        assert!(error.hint_text().is_some_and(|hint| hint.contains("npm install")));
    }

    #[rstest]
    #[case("5.54.0", Some((5, 54)))]
    #[case("^4.26.2", Some((4, 26)))]
    #[case(">=5", Some((5, 0)))]
    #[case("latest", None)]
    fn versions_and_ranges_are_read(#[case] text: &str, #[case] expected: Option<(u64, u64)>) {
        assert_eq!(numbers(text), expected);
    }
}
