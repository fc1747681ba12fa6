//! Strapi: archives of `strapi export`, packed or unpacked, read and written; and servers, read.
//! Must not know: plans, runs, the screen.

mod assets;
mod canonical;
mod chunks;
mod convert;
mod early;
mod export;
mod filter;
mod layout;
mod lines;
mod link;
mod listing;
mod members;
#[cfg(test)]
mod mutation;
mod naming;
mod notes;
mod read;
mod redact;
mod relations;
mod remote;
mod row;
mod rules;
mod schema;
mod source;
mod table;
mod wire;

pub use listing::Tally;
pub use naming::output_path;
pub use remote::Remote;
pub use rules::rules;
pub use source::{ArchiveSource, Recognised, begins_like_one, recognise};
