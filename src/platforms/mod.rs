//! Opens locations: the one place that names all platforms.
//! Must not know: plans, runs, the screen.

mod options;
mod place;
pub mod ziggy;
pub mod strapi;

pub use options::{AskKey, KeySource, SecretValues, WriteOptions};
pub use place::Place;
