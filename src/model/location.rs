//! Where content lives, as plans and reports name it.
//! Must not know: credentials, or how a location is opened.

use serde::{Deserialize, Serialize};

use super::Platform;

/// A location as it is written down: what the user called it, and where that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocationInfo {
    pub platform: Platform,
    /// The name or path that the user gave.
    pub location: String,
    /// Version of the server or of the tool that wrote the bundle, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What stays the same when a remote is renamed: its URL, or the absolute path of a bundle.
    /// Seeds the ids of duplicates and the lock of a destination. Never holds a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

impl LocationInfo {
    pub fn new(platform: Platform, location: impl Into<String>) -> Self {
        LocationInfo { platform, location: location.into(), version: None, identity: None }
    }

    /// The identity, or the given name where there is none.
    pub fn identity(&self) -> &str {
        self.identity.as_deref().unwrap_or(&self.location)
    }
}
