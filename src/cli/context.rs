//! What every verb is handed: how to answer, whom to ask, what the environment holds, and when to stop.
//! Must not know: verbs.

use std::io::IsTerminal;
use std::path::PathBuf;

use crate::model::Result;
use crate::net::Farewells;
use crate::remotes::{Environment, Paths, Remotes};

use super::args::Cli;
use super::interrupt::Interrupt;
use super::output::{Answer, Output};
use super::prompt::Prompter;
use super::screen::Screen;

/// The surroundings of one call of the program.
#[derive(Clone, Debug)]
pub struct Context {
    pub output: Output,
    pub prompter: Prompter,
    pub environment: Environment,
    pub interrupt: Interrupt,
    pub screen: Screen,
    /// Conversations with servers that were left midway, and are still being ended.
    pub farewells: Farewells,
}

impl Context {
    pub fn new(cli: &Cli, environment: Environment, interrupt: Interrupt, screen: Screen) -> Self {
        let output = Output::new(&cli.output, &environment);
        let prompter = Prompter::new(cli.consent.no_prompt, output.paint_notes, interrupt.clone());
        Context { output, prompter, environment, interrupt, screen, farewells: Farewells::default() }
    }

    /// Whether the workbench can be opened: both ends are a terminal, and text was asked for.
    pub fn can_show_screen(&self) -> bool {
        let dumb = self.environment.get("TERM") == Some("dumb");
        !self.output.is_json() && !dumb && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }

    /// The same surroundings, answering in JSON if asked to.
    #[must_use]
    pub fn with_json(&self, json: bool) -> Self {
        let mut same = self.clone();
        if json {
            same.output.answer = Answer::Json;
        }
        same
    }

    pub fn paths(&self) -> Result<Paths> {
        Paths::find(&self.environment)
    }

    /// Where content of remotes is kept while they are read.
    pub fn spool(&self) -> Result<PathBuf> {
        Ok(self.paths()?.state_dir().join("spool"))
    }

    /// Where it is kept until when servers asked for patience.
    pub fn waits(&self) -> Result<PathBuf> {
        Ok(self.paths()?.state_dir().join("waits"))
    }

    pub fn remotes(&self) -> Result<Remotes> {
        Remotes::open(&self.paths()?, &self.environment)
    }
}
