//! The verbs, one file each: what was typed becomes a request, the engine is called, the answer is written.
//! Must not know: each other.

pub mod apply;
pub mod completions;
pub mod demo;
pub mod diff;
pub mod export;
pub mod import;
pub mod list;
pub mod man;
pub mod plan;
pub mod remote;
pub mod runs;
pub mod sandbox;
pub mod transfer;
pub mod verify;
