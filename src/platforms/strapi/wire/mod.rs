//! The transfer protocol of a Strapi server: frames, the order in which they are allowed, and the good end of every
//! conversation. Learned from recorded frames of 5.54.0 and 4.26.2 and from experiments with both.
//! Must not know: where rows and files go, items, archives.

mod asset;
mod envelope;
mod error;
mod features;
mod probe;
mod session;

pub(super) use asset::{AssetItem, each_item};
pub(super) use envelope::rows;
pub(super) use features::Features;
pub(super) use probe::{Right, probe};
pub(super) use session::{Channel, Chunk, Cut, Direction, Goes, Restore, Session, Step, Totals};
