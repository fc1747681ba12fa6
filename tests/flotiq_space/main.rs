//! A space as a source, against the sandbox: complete, alike with what is exported of it, and honest about what it is not
//! shown.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

mod exporting;
mod faults;
mod listing;
mod spaces;
