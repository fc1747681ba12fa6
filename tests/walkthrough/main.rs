//! The walk-through of `docs/walkthrough.md`, walked anew: the real binary in a terminal of 80 columns and 24 rows, by keys
//! alone, by mouse alone, between two Flotiq spaces, and on an archive that Strapi wrote. What each step shows is kept in `docs/walkthrough/`, and the
//! page holds exactly that.
//! Must not know: how the workbench is made.
//!
//! Where a changed picture is right, `HAUL_UPDATE_CAPTURES=1 cargo test --test walkthrough` writes pictures and page anew.

#![cfg(unix)]
#![allow(clippy::panic, reason = "what is around tests may panic as tests may")]

#[path = "../terminal_common/mod.rs"]
mod terminal_common;

mod archive;
mod archive_mouse;
mod keys;
mod masks;
mod mouse;
mod page;
mod pictures;
mod spaces;
mod walk;
