//! Ziggy: its export files and its servers.
//! Must not know: the engine, the planner, the screen, or any other platform.
//!
//! There is no public server to try things on. What the wire looks like comes from the official CLI 1.0.29 (its
//! requests were recorded), the OpenAPI types bundled with it and Ziggy's docs; what none of them says is treated
//! with care and named as an assumption in `docs/ziggy.md`.

mod access;
mod bundle;
mod copies;
mod credentials;
mod destination;
mod document;
mod entries;
mod examine;
mod export;
mod findings;
mod json;
mod look_ahead;
mod look_back;
mod names;
mod numbers;
mod output;
mod patterns;
mod pool;
mod remote;
mod reply;
mod rewrite;
mod rules;
mod sanitize;
mod session;
mod steps;
mod stock;
mod tokens;
mod turn;
mod twins;
mod view;

pub use bundle::{BundleSource, begins_like_one, recognise};
pub use output::output_path;
pub use remote::Remote;
pub use rules::rules;
