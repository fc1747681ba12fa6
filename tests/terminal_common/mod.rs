//! A terminal for tests: starts a program in one, types, clicks and looks at the screen as a user does.
//! Must not know: which program it is, or what its screens mean.
//!
//! The terminal is a pty with an emulator in this process, or a real tmux where `HAUL_TEST_TERMINAL=tmux` says so; the
//! steps of a test are the same for both.

#![allow(dead_code, unused_imports, reason = "each test crate that includes this uses its own part of it")]
#![allow(clippy::panic, reason = "what is around tests may panic as tests may")]

mod captures;
mod keys;
mod picture;
mod pty;
mod screen;
mod svg;
mod tmux;
mod written;

pub use captures::{CHANGING, Mode, capture, capture_svg, compare, normalise};
pub use keys::{Key, Wheel};
pub use picture::{Cell, Picture};
pub use screen::{Kind, Screen};
pub use vt100::Color;
pub use written::Written;
