//! Where configuration and state of this user live.
//! Must not know: what is in them.

use std::path::{Path, PathBuf};

use super::Environment;
use crate::model::{Error, ErrorKind, Result};

/// The two folders of this user, as the system's conventions give them, or as `HAUL_CONFIG_DIR` and
/// `HAUL_STATE_DIR` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    state: PathBuf,
    /// The configuration folder is not the conventional one.
    moved: bool,
}

impl Paths {
    pub fn find(environment: &Environment) -> Result<Self> {
        let conventional = directories::ProjectDirs::from("", "", "haul");
        let folder = |variable: &str, convention: Option<PathBuf>| match environment.get(variable) {
            Some(path) => Ok(PathBuf::from(path)),
            None => convention.ok_or_else(|| no_home(variable)),
        };
        let config = folder("HAUL_CONFIG_DIR", conventional.as_ref().map(|dirs| dirs.config_dir().to_owned()))?;
        let state = folder("HAUL_STATE_DIR", conventional.as_ref().map(state_folder))?;
        Ok(Paths { config, state, moved: environment.get("HAUL_CONFIG_DIR").is_some() })
    }

    /// Both at given places.
    pub fn at(config: impl Into<PathBuf>, state: impl Into<PathBuf>) -> Self {
        Paths { config: config.into(), state: state.into(), moved: true }
    }

    pub fn config_dir(&self) -> &Path {
        &self.config
    }

    /// What [`crate::engine::RunStore::at`] takes.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    pub fn credentials_file(&self) -> PathBuf {
        self.config.join("credentials.toml")
    }

    /// The name under which the keyring lists our entries. Another configuration folder has its own, so that two
    /// remotes of one name do not share a credential.
    pub(super) fn keyring_service(&self) -> String {
        match self.moved {
            true => format!("haul ({})", self.config.display()),
            false => "haul".to_owned(),
        }
    }
}

/// Systems without a place for state keep it beside local data.
fn state_folder(dirs: &directories::ProjectDirs) -> PathBuf {
    dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned()
}

fn no_home(variable: &str) -> Error {
    Error::new(ErrorKind::Usage, "this user has no home folder to keep configuration and runs in")
        .hint(format!("say where with {variable}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_moves_both_folders() {
        let environment = Environment::from_iter([("HAUL_CONFIG_DIR", "/c"), ("HAUL_STATE_DIR", "/s")]);
        let paths = Paths::find(&environment).unwrap();
        assert_eq!(paths.config_file(), Path::new("/c/config.toml"));
        assert_eq!(paths.state_dir(), Path::new("/s"));
        assert_eq!(paths.keyring_service(), "haul (/c)");
    }
}
