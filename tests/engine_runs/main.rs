//! Runs from the outside: a platform in memory with real faults, a store on disk, and what a person is told.

mod bundles;
mod ends;
mod refusals;
mod resume;
mod world;
