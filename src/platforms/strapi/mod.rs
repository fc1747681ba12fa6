//! Strapi: archives of `strapi export`, packed or unpacked, read and written; servers; and local projects.
//! Must not know: runs, the screen.

mod assets;
mod canonical;
mod chunks;
mod compare;
mod convert;
mod definitions;
mod early;
mod export;
mod filter;
mod folder;
mod layout;
mod lines;
mod link;
mod listing;
mod members;
mod merge;
#[cfg(test)]
mod mutation;
mod naming;
mod narrow;
mod notes;
mod project;
mod read;
mod redact;
mod relations;
mod remote;
mod row;
mod rules;
mod schema;
mod source;
mod suit;
mod table;
mod unload;
mod v4;
mod wire;

pub use listing::Tally;
pub use naming::output_path;
pub use project::{Project, is_project};
pub use remote::Remote;
pub use rules::rules;
pub use source::{ArchiveSource, Recognised, begins_like_one, recognise};
