//! The sandbox of Strapi, met from outside: raw frames over a WebSocket, and the state behind the wire. What is expected
//! here was watched on a real server of 5.54.0 (of 4.26.2 and 5.48 where a test says so) with the same frames.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod assets;
mod client;
mod content;
mod doors;
mod entities;
mod failures;
mod faults;
mod links;
mod protocol;
mod pulls;
mod restore;
mod versions;
