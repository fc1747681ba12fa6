//! What is known of the login that a location was opened with.
//! Must not know: credentials, or how a platform tells.

use serde::{Deserialize, Serialize};

/// The account and what it may do, as far as the platform tells. What is empty is not known, rather than not so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The name that was logged in with; `None` for a token and for a bundle.
    pub account: Option<String>,
    /// In the platform's own word.
    pub role: Option<String>,
    /// What it may do, as half sentences: `sees every item`.
    pub rights: Vec<String>,
    /// What it may not, or perhaps may not do: `read only`.
    pub limits: Vec<String>,
}

impl Access {
    /// That of a bundle.
    pub fn read_only() -> Self {
        Access { limits: vec!["read only".to_owned()], ..Access::default() }
    }
}
