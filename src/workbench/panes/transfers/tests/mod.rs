//! Tests of the pane: runs against the sandbox, what follows from messages, and pictures.

pub mod pictures;
mod runs;
mod updates;
mod values;
pub mod world;
