//! From a place to a platform's room: bundles and projects by their content, remotes by their platform.
//! Must not know: what is done with an open location.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::spooled::Spooled;
use super::{OpenOptions, Place, WriteOptions, flotiq, strapi, ziggy};
use crate::codec;
use crate::model::{Destination, Error, ErrorKind, Platform, Result, Rules, Source, Squeeze};

/// The platforms whose servers this version speaks to.
pub fn available_remotes() -> &'static [Platform] {
    &[Platform::Ziggy, Platform::Strapi, Platform::Flotiq]
}

/// Those among them that content can be moved to.
pub fn available_destinations() -> &'static [Platform] {
    &[Platform::Ziggy, Platform::Strapi, Platform::Flotiq]
}

/// What differs between platforms.
pub fn rules(platform: Platform) -> &'static Rules {
    match platform {
        Platform::Strapi => strapi::rules(),
        Platform::Ziggy => ziggy::rules(),
        Platform::Flotiq => flotiq::rules(),
    }
}

/// The path that a bundle gets which is written to `output`: with the ending of its form, added where there is none. An
/// ending of something else is [`ErrorKind::Usage`]. Platforms without such forms ignore `squeeze` and `sealed`.
pub fn output_path(platform: Platform, output: &Path, squeeze: Squeeze, sealed: bool) -> Result<PathBuf> {
    match platform {
        Platform::Strapi => strapi::output_path(output, squeeze, sealed),
        Platform::Ziggy => ziggy::output_path(output),
        Platform::Flotiq => flotiq::output_path(output),
    }
}

/// Opens a location for reading; a bundle is recognised by its content.
pub async fn open_source(place: &Place, options: &OpenOptions) -> Result<Box<dyn Source>> {
    match place {
        Place::Remote { platform, .. } => match platform {
            Platform::Ziggy => Ok(Box::new(connect_ziggy(place, options, None).await?)),
            Platform::Strapi => Ok(Box::new(connect_strapi(place, options).await?)),
            Platform::Flotiq => Ok(Box::new(connect_flotiq(place, options).await?)),
        },
        Place::Path(path) if strapi::is_project(path) => Ok(Box::new(strapi::Project::open(path, options)?)),
        Place::Path(path) => open_bundle(path, options),
        Place::Stdio => open_stdin(options),
    }
}

/// Opens a remote, or a local project, for writing.
pub async fn open_destination(place: &Place, options: &OpenOptions) -> Result<Box<dyn Destination>> {
    match place {
        Place::Remote { platform: Platform::Ziggy, .. } => {
            Ok(Box::new(connect_ziggy(place, options, Some(options.write.clone())).await?))
        }
        Place::Remote { platform: Platform::Strapi, .. } => {
            Ok(Box::new(connect_strapi(place, options).await?.for_writing()?))
        }
        Place::Remote { platform: Platform::Flotiq, .. } => Ok(Box::new(connect_flotiq(place, options).await?)),
        Place::Path(path) if strapi::is_project(path) => {
            Ok(Box::new(strapi::Project::open(path, options)?.for_writing()))
        }
        Place::Path(_) | Place::Stdio => {
            Err(Error::new(ErrorKind::Usage, "content is moved to a remote, not to a bundle"))
        }
    }
}

async fn connect_flotiq(place: &Place, options: &OpenOptions) -> Result<flotiq::Remote> {
    let Place::Remote { url, name, .. } = place else {
        return Err(Error::new(ErrorKind::Internal, "a bundle cannot be connected to"));
    };
    flotiq::Remote::connect(url, name.as_deref(), options).await
}

async fn connect_strapi(place: &Place, options: &OpenOptions) -> Result<strapi::Remote> {
    let Place::Remote { url, name, .. } = place else {
        return Err(Error::new(ErrorKind::Internal, "a bundle cannot be connected to"));
    };
    strapi::Remote::connect(url, name.as_deref(), options).await
}

async fn connect_ziggy(place: &Place, options: &OpenOptions, write: Option<WriteOptions>) -> Result<ziggy::Remote> {
    let Place::Remote { url, name, .. } = place else {
        return Err(Error::new(ErrorKind::Internal, "a bundle cannot be connected to"));
    };
    let (login, events) = (options.login.clone(), options.events.clone());
    ziggy::Remote::connect(url, name.as_deref(), login, &options.net, write, events).await
}

fn open_bundle(path: &Path, options: &OpenOptions) -> Result<Box<dyn Source>> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let (head, len) = match path.metadata().map_err(failed)?.is_dir() {
        true => (Vec::new(), 0),
        false => {
            let mut file = File::open(path).map_err(failed)?;
            (head_of(&mut file).map_err(failed)?, file.metadata().map_err(failed)?.len())
        }
    };
    if super::look::begins_like_a_plan(&head) {
        return Err(Error::new(ErrorKind::NotABundle, format!("{} is a saved plan", path.display()))
            .hint("`haul apply` carries it out; the plan pane of the workbench loads it"));
    }
    if strapi::recognise(&head, len, path).is_some() {
        let source = strapi::ArchiveSource::open(path, &options.keys, options.events.clone())?;
        return Ok(Box::new(source.converting_in(&options.spool)));
    }
    if path.is_dir() && flotiq::recognise(path) {
        return Ok(Box::new(flotiq::DirectorySource::open(path, options.events.clone())?));
    }
    if ziggy::recognise(&head) {
        return Ok(Box::new(ziggy::BundleSource::open(path)?));
    }
    Err(not_a_bundle(&path.display().to_string(), &head, len))
}

/// An export file is held whole, as from disk; an archive is spooled to a temporary file.
fn open_stdin(options: &OpenOptions) -> Result<Box<dyn Source>> {
    let failed = |error| Error::io("cannot read standard input", error);
    let mut stdin = std::io::stdin().lock();
    let head = head_of(&mut stdin).map_err(failed)?;
    let mut rest = head.as_slice().chain(stdin);
    if ziggy::recognise(&head) {
        let mut bytes = Vec::new();
        rest.read_to_end(&mut bytes).map_err(failed)?;
        return Ok(Box::new(ziggy::BundleSource::from_bytes("-", &bytes)?));
    }
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    let len = std::io::copy(&mut rest, file.as_file_mut()).map_err(failed)?;
    if strapi::recognise(&head, len, file.path()).is_none() {
        return Err(not_a_bundle("standard input", &head, len));
    }
    let path = file.into_temp_path();
    let source = strapi::ArchiveSource::open_called(&path, "standard input", &options.keys, options.events.clone())?;
    let source = Arc::new(source.converting_in(&options.spool));
    Ok(Box::new(Spooled { source, file: Arc::new(path) }))
}

fn head_of(reader: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(codec::HEAD);
    reader.take(codec::HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn not_a_bundle(name: &str, head: &[u8], len: u64) -> Error {
    let what = match codec::recognise(head, len) {
        codec::Form::Empty if len == 0 => "is empty",
        codec::Form::Text => "is text, but no export",
        _ => "is no bundle that haul knows",
    };
    Error::new(ErrorKind::NotABundle, format!("{name} {what}"))
        .hint("a bundle is an archive or an export file; what is inside counts, not the name")
}
