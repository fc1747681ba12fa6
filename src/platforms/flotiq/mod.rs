//! Flotiq: export directories, read and written, and spaces.
//! Must not know: the engine, the planner, the screen, or any other platform.
//!
//! There is no public space to try things on. What the wire and the disk look like comes from the official CLI (its requests
//! and exports were recorded) and Flotiq's docs; what none of them says is treated with care and named in `docs/flotiq.md`.

mod canonical;
mod check;
mod dates;
mod definition;
mod directory;
mod export;
mod index;
mod json;
mod layout;
mod listing;
mod manifest;
mod media;
mod mentions;
mod names;
mod output;
mod record;
mod remote;
mod rules;
mod scan;
mod secrets;
mod states;
mod write;

pub use directory::{DirectorySource, is_project, recognise};
pub use output::output_path;
pub use remote::Remote;
pub use rules::rules;
