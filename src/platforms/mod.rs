//! Opens locations: the one place that names all platforms.
//! Must not know: plans, runs, the screen.

pub mod flotiq;
mod locate;
mod look;
mod open;
mod options;
mod place;
mod spool;
mod spooled;
pub mod strapi;
mod work;
pub mod ziggy;

pub use locate::{
    Located, can_be_destination, locate, locate_destination, locate_remote, refuse_stdin_twice, refuse_unavailable,
    relocate,
};
pub use look::{BundleForm, BundleLook, is_saved_plan, recognise};
pub use open::{available_destinations, available_remotes, open_destination, open_source, output_path, rules};
pub use options::{AskKey, KeySource, OpenOptions, WriteOptions};
pub use place::Place;

pub use crate::net::Farewells;
