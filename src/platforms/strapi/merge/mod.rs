//! What a merge sends: which documents are deleted, which rows are pushed, and how each relation between what is pushed
//! and what stays is kept. A function of two listings and a plan.
//! Must not know: sockets, frames, runs.
//!
//! Found by experiment on 5.54.0: a row can be replaced only by deleting its document and pushing it again under a new row
//! id; links join only rows of one transfer; a row may name rows of the destination inside its data, also through the other
//! side of a relation, and such relations are numbered 1, 2, … in their order; a link may lie between two numbers; what
//! is attached through the other side comes last there, but for files, which come at the place that they have in the list of all
//! that show them.

mod compose;
mod fate;
mod library;
mod locales;
mod order;
mod push_row;
mod side;
#[cfg(test)]
mod tests;

pub(super) use compose::{Assignment, Bundles, Merge};
pub(super) use library::{Instead, Library, of_bytes};
pub(super) use order::{Drawn, MOST_DRAWN, Overwritten, draw};
pub(super) use push_row::other_hash;
pub(super) use side::{RowId, Side};
