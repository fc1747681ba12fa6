//! Strapi 4 as a destination: an entry is a row, or one for each locale, and what it is called has to be found out before
//! anything else: the numbers of rows mean nothing beyond their server, and change whenever a row is written again.
//! Must not know: sockets, frames, runs, the screen.
//!
//! Found by experiment on 4.26.2: links join rows of a transfer with rows that are there by their numbers, with their places,
//! so that what refers to a row that is written again needs not be written itself; the condition of a deletion holds for all
//! its types; a row that the database refuses, a link that is there already and a field that does not exist end the server's
//! process; a link to a row that does not exist is left out with a warning.

mod called;
mod columns;
mod compose;
mod demands;
mod library;
mod links;
mod naming;
mod prepare;
#[cfg(test)]
mod tests;
mod write;

pub(super) use called::{Called, add_times, beside};
pub(super) use compose::{Besides, Going, RowMerge, going_alone};
pub(super) use naming::{name, unnamed};
pub(super) use prepare::Prepared;
pub(super) use write::sidecar;
