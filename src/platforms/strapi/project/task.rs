//! Runs one command of a project: in its folder, with its environment, and without a question.
//! Must not know: what the command does.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::process::Command;

use super::child::Child;
use super::failure::failed;
use super::manifest::Manifest;
use super::secrets::Secrets;
use super::talk::Talk;
use crate::model::{Error, ErrorKind, EventSink, Finding, Result};
use crate::net::Farewells;

/// What every command of an open project needs.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub manifest: Manifest,
    pub events: Arc<dyn EventSink>,
    pub farewells: Farewells,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

/// A command that is put together.
#[derive(Debug)]
pub(super) struct Task {
    program: &'static str,
    command: Command,
    grows: Option<PathBuf>,
}

impl Task {
    /// `program` is what people call it.
    pub fn new(program: &'static str, around: &Surroundings) -> Task {
        let mut command = Command::new(&around.manifest.command);
        command.current_dir(&around.manifest.folder);
        // The project needs none of this program's credentials.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HAUL_")) {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1").env("FORCE_COLOR", "0").env("NO_UPDATE_NOTIFIER", "1");
        Task { program, command, grows: None }
    }

    pub fn arguments(&mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Task {
        self.command.args(arguments);
        self
    }

    pub fn argument(&mut self, path: &Path) -> &mut Task {
        self.command.arg(path);
        self
    }

    /// What grows while the command is at work, so that it can be told that it goes on.
    pub fn grows(&mut self, path: PathBuf) {
        self.grows = Some(path);
    }

    /// Waits for the command, which says what it warned of. `afterwards` is called if it had to be ended.
    pub async fn run(
        mut self,
        around: &Surroundings,
        afterwards: impl FnOnce() + Send + 'static,
    ) -> Result<Vec<Finding>> {
        let folder = &around.manifest.folder;
        let mut talk = Talk::new(self.program, &*around.events, Secrets::of(folder), self.grows.take());
        let not_started = |error: std::io::Error| {
            Error::new(ErrorKind::Project, format!("cannot run `{}` in {}: {error}", self.program, folder.display()))
                .hint("is node_modules/.bin/strapi there, and may it be run?")
        };
        let child = Child::start(&mut self.command, &around.farewells, afterwards).map_err(not_started)?;
        let status = child.follow(|heard| talk.hear(heard)).await;
        let status = status.map_err(|error| Error::io(format_args!("cannot follow `{}`", self.program), error))?;
        match status.success() {
            true => Ok(talk.findings()),
            false => Err(failed(self.program, folder, status, &talk.tail())),
        }
    }
}
