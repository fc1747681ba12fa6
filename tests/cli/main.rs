//! The whole binary, run as users run it: standard output, standard error and exit code are looked at together.

mod archives;
mod common;
mod errors;
mod flow;
mod help;
mod output;
mod remotes;
mod sandbox;
mod signals;
