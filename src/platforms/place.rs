//! Where a location is, once its text has been understood.
//! Must not know: how a location is opened.

use std::path::PathBuf;

use url::Url;

use crate::model::Platform;

/// A location that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A running instance. `name` is what the user calls it; the URL never holds a credential.
    Remote { platform: Platform, url: Url, name: Option<String> },
    /// A bundle or a local project on disk; which it is, its content says.
    Path(PathBuf),
    /// Standard input or output.
    Stdio,
}
