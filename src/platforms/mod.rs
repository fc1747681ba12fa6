//! Opens locations: the one place that names all platforms.
//! Must not know: plans, runs, the screen.

mod options;
mod place;
pub mod ziggy;

pub use options::{AskKey, KeySource, OpenOptions, SecretValues, WriteOptions};
pub use place::Place;

use crate::model::{Destination, Error, ErrorKind, Platform, Result, Rules, Source};

/// The platforms whose servers this version speaks to.
pub fn available_remotes() -> &'static [Platform] {
    &[Platform::Ziggy]
}

/// What differs between platforms.
pub fn rules(platform: Platform) -> &'static Rules {
    static NONE: std::sync::LazyLock<Rules> = std::sync::LazyLock::new(|| Rules {
        platform: Platform::Ziggy,
        kinds: Vec::new(),
        features: crate::model::Features { password_login: true, tags: true, ..Default::default() },
    });
    let _ = platform;
    &NONE
}

/// Opens a location for reading; a bundle is recognised by its content.
pub async fn open_source(place: &Place, options: &OpenOptions) -> Result<Box<dyn Source>> {
    let _ = (place, options);
    Err(Error::new(ErrorKind::Internal, "no platform is there yet"))
}

/// Opens a remote for writing.
pub async fn open_destination(place: &Place, options: &OpenOptions) -> Result<Box<dyn Destination>> {
    let _ = (place, options);
    Err(Error::new(ErrorKind::Internal, "no platform is there yet"))
}
