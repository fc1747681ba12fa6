//! Runs from the outside: a platform in memory with real faults, a store on disk, and what a person is told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what helps a test may end it; a panic is one of the faults")]

mod bundles;
mod ends;
mod refusals;
mod replans;
mod resume;
mod suited;
mod unloads;
mod world;
