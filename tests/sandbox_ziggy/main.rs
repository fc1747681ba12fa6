//! The sandbox of Ziggy, met from outside: what the official CLI 1.0.29 sends is replayed, and the state behind the
//! wire is compared.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod client;
mod content;
mod faults;
mod imports;
mod requests;
mod switches;
