//! The two ends of what is moved, as a person chose them.
//! Must not know: how an end is opened.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{FolderFormat, LocationInfo, Platform, Rules};

/// Where content is, as the workbench calls it. A handle: credentials and keys for it stay with the effects.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// A remote of the configuration, by name.
    Remote(String),
    /// `PLATFORM:URL`.
    Address(String),
    /// A bundle on disk.
    Bundle(PathBuf),
}

impl Location {
    /// As it is shown, and as the command line takes it.
    pub fn text(&self) -> String {
        match self {
            Location::Remote(name) => name.clone(),
            Location::Address(address) => address.clone(),
            Location::Bundle(path) => path.display().to_string(),
        }
    }

    pub fn is_bundle(&self) -> bool {
        matches!(self, Location::Bundle(_))
    }
}

/// The source, once it was chosen.
#[derive(Clone, Debug)]
pub struct SourceEnd {
    pub location: Location,
    pub platform: Platform,
    pub production: bool,
    /// What opening it told; `None` until then.
    pub opened: Option<OpenedEnd>,
}

/// What is known of an end that was opened.
#[derive(Clone, Debug)]
pub struct OpenedEnd {
    pub info: LocationInfo,
    pub rules: Arc<Rules>,
}

/// The destination, once it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DestinationEnd {
    /// A server: content is merged into what it has.
    Remote { location: Location, platform: Platform, production: bool },
    /// A new bundle: an export.
    NewBundle(NewBundle),
}

/// A bundle to write. Its key, if it is sealed, is asked for when the run starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBundle {
    pub path: PathBuf,
    pub sealed: bool,
    pub compressed: bool,
    /// Credentials in clear text are replaced.
    pub redacted: bool,
    /// Of bundles that are folders.
    pub folder: FolderFormat,
    /// An existing output is replaced.
    pub replace: bool,
}

impl DestinationEnd {
    pub fn text(&self) -> String {
        match self {
            DestinationEnd::Remote { location, .. } => location.text(),
            DestinationEnd::NewBundle(bundle) => bundle.path.display().to_string(),
        }
    }

    pub fn is_production(&self) -> bool {
        matches!(self, DestinationEnd::Remote { production: true, .. })
    }
}

/// Both ends.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    pub source: Option<SourceEnd>,
    pub destination: Option<DestinationEnd>,
}
