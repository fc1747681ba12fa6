//! The whole binary, run as users run it: standard output, standard error and exit code are looked at together.

#![expect(clippy::panic, reason = "what is around tests may panic as tests may")]

mod archives;
#[cfg(unix)]
mod commands;
mod common;
mod directories;
mod documents;
mod errors;
mod flow;
mod help;
mod output;
#[cfg(unix)]
mod projects;
mod remotes;
mod sandbox;
mod schemas;
mod signals;
mod spaces;
#[cfg(unix)]
mod terminal;
