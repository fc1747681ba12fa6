//! The sandbox of Flotiq, met from outside: every rule that its documentation names, and the requests that both official
//! clients were recorded to send.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod batches;
mod client;
mod content;
mod definitions;
mod drafts;
mod faults;
mod keys;
mod lists;
mod media;
mod objects;
mod replay;
