//! Haul moves content between environments: pick it, see every decision, run it, resume it, verify it.
//!
//! The map of the house; `ARCHITECTURE.md` draws the arrows and `tests/architecture.rs` checks them.

/// The command line: arguments in, engine calls, text or JSON out.
pub mod cli;
/// Streaming tar, gzip and ciphers.
pub mod codec;
/// Carries a plan out: run, journal, snapshot, resume. Knows no platform and no screen.
pub mod engine;
/// Files written whole or not at all, private folders, free space. Knows only the error type of `model`.
pub mod files;
/// What is freed goes back to the system.
pub mod memory;
/// The vocabulary as types, and the traits that a platform implements. No I/O.
pub mod model;
/// One client layer for HTTP: timeouts, retries, limits, redaction.
pub mod net;
/// Decides what would happen to each item. Pure: values in, a plan out.
pub mod planner;
/// Opens locations: the one place that names the platforms.
pub mod platforms;
/// Configuration, credentials and the directories of this user.
pub mod remotes;
/// In-memory servers that play the platforms. Shares no code with `platforms`.
pub mod sandbox;
/// What the program says, whoever shows it: amounts, times, sentences.
pub mod wording;
/// The terminal workbench: five panes over the same engine. Knows no platform's room.
pub mod workbench;
