//! Looks at the disk: bundles in folders, the folders of the picker, the place of a new bundle. Blocks.
//! Must not know: the state.

use std::path::{Path, PathBuf};

use super::describe;
use super::state::Entry;
use crate::model::{Error, ErrorKind, Platform, Result, Squeeze};
use crate::platforms::{self, BundleForm, BundleLook};
use crate::remotes::{Environment, Paths, Recent, address_text, parse_address};
use crate::workbench::ends::NewBundle;
use crate::workbench::typed_path::{expand, home};

/// Files of a folder that are looked at for bundles.
const LOOKED_AT: usize = 300;
/// Entries of a folder that the picker shows.
const SHOWN: usize = 20_000;

/// A folder as the picker shows it.
#[derive(Clone, Debug)]
pub struct Folder {
    pub path: PathBuf,
    /// The path as people write it.
    pub name: String,
    /// Folders first, each by name.
    pub files: Vec<FolderEntry>,
    /// So many more were left out.
    pub left_out: usize,
}

#[derive(Clone, Debug)]
pub struct FolderEntry {
    pub name: String,
    pub kind: FileKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Folder,
    /// A folder or a file that looks like a bundle.
    Bundle(BundleLook),
    /// A plan that was saved, which looks like a bundle from afar.
    Plan,
    /// Nobody looked: there are too many.
    Unknown,
    Other,
}

/// Where somebody came to in the picker.
#[derive(Clone, Debug)]
pub enum Arrived {
    Folder(Folder),
    Bundle(Entry),
}

/// What is known of the place of a new bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writable {
    Free(NewBundle),
    /// There is a file of that name.
    Exists(NewBundle),
}

/// Addresses that were used lately.
pub fn recent_addresses(paths: &Paths) -> Vec<Entry> {
    let places = Recent::read(paths).places.into_iter();
    let address = |place: String| {
        let (platform, _) = parse_address(&place)?.ok()?;
        Some(describe::address(platform, place))
    };
    places.filter_map(address).collect()
}

/// Bundles: those used lately, then what lies in a folder and in the current one. Each once.
pub fn bundles(environment: &Environment, paths: &Paths, folder: &Path) -> Vec<Entry> {
    let home = home(environment);
    let recent = Recent::read(paths).places.into_iter().filter(|place| parse_address(place).is_none());
    let recent = recent.map(|place| as_called(Path::new(&place)));
    let mut found: Vec<Entry> = Vec::new();
    let mut add = |path: PathBuf, certain_only: bool| {
        // What cannot be read now is not offered.
        let look = platforms::recognise(&path).ok().flatten().filter(|look| look.certain || !certain_only);
        if let Some(entry) = describe::bundle(&path, look, home.as_deref())
            && !found.iter().any(|known| known.location == entry.location)
        {
            found.push(entry);
        }
    };
    recent.for_each(|path| add(path, false));
    for folder in [folder, Path::new(".")] {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut files: Vec<PathBuf> = list(folder).unwrap_or_default().into_iter().map(|(path, _)| path).collect();
        files.sort();
        files.into_iter().take(LOOKED_AT).for_each(|path| add(as_called(&path), true));
    }
    found
}

/// A path below the current folder as somebody there would type it, any other in full.
fn as_called(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let below = std::env::current_dir().ok().and_then(|here| Some(absolute.strip_prefix(here).ok()?.to_owned()));
    match below {
        Some(below) if !below.as_os_str().is_empty() => Path::new(".").join(below),
        _ => absolute,
    }
}

/// What lies in a folder, with whether it is a folder itself, also by a link.
fn list(folder: &Path) -> std::io::Result<Vec<(PathBuf, bool)>> {
    let entries = std::fs::read_dir(folder)?.filter_map(std::result::Result::ok);
    Ok(entries
        .map(|entry| {
            let path = entry.path();
            let is_folder = match entry.file_type() {
                Ok(kind) if kind.is_symlink() => path.is_dir(),
                Ok(kind) => kind.is_dir(),
                Err(_) => false,
            };
            (path, is_folder)
        })
        .collect())
}

/// Goes to what was chosen or typed: a folder, a bundle, or an address.
pub fn go(environment: &Environment, base: &Path, text: &str) -> Result<Arrived> {
    if let Some(address) = parse_address(text.trim()) {
        let (platform, url) = address?;
        platforms::refuse_unavailable(platform)?;
        return Ok(Arrived::Bundle(describe::address(platform, format!("{platform}:{}", address_text(&url)))));
    }
    let home = home(environment);
    let path = expand(base, text, home.as_deref());
    let path = tidy(&std::path::absolute(&path).unwrap_or(path));
    let failed = |error| Error::io(format_args!("cannot open {}", path.display()), error);
    if platforms::is_saved_plan(&path) {
        return Err(no_content(&path.display().to_string()));
    }
    let look = match platforms::recognise(&path) {
        Ok(look) => look,
        Err(_) if path.is_dir() => None, // listing it says why it cannot be read
        Err(error) => return Err(error),
    };
    // With a slash behind it, a project is a folder like any other: exports lie in it.
    let may_be_entered =
        |look: &BundleLook| matches!(look.form, BundleForm::Project | BundleForm::Folder) && !look.certain;
    let look = look.filter(|look| !may_be_entered(look) || !text.trim_end().ends_with('/'));
    if let Some(entry) = describe::bundle(&as_called(&path), look, home.as_deref()) {
        return Ok(Arrived::Bundle(entry));
    }
    if !path.is_dir() {
        return Err(Error::new(ErrorKind::NotABundle, format!("{} is no bundle that haul knows", path.display()))
            .hint("what is inside counts, not the name"));
    }
    let found = list(&path).map_err(failed)?;
    let name = describe::path_text(&path, home.as_deref());
    Ok(Arrived::Folder(folder(path, name, found)))
}

fn folder(path: PathBuf, name: String, mut found: Vec<(PathBuf, bool)>) -> Folder {
    found.sort_by_cached_key(|(path, is_folder)| (!is_folder, path.file_name().map(|name| name.to_ascii_lowercase())));
    let left_out = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    let mut looked_at = 0;
    let files = found.into_iter().map(|(path, is_folder)| {
        looked_at += 1;
        let look = || platforms::recognise(&path).ok().flatten();
        let kind = match (is_folder, looked_at <= LOOKED_AT) {
            (true, false) => FileKind::Folder,
            (true, true) => look().map_or(FileKind::Folder, FileKind::Bundle),
            (false, true) if platforms::is_saved_plan(&path) => FileKind::Plan,
            (false, true) => look().map_or(FileKind::Other, FileKind::Bundle),
            (false, false) => FileKind::Unknown,
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        FolderEntry { name, kind }
    });
    let files = files.collect();
    Folder { path, name, files, left_out }
}

/// A saved plan that somebody takes for content.
pub fn no_content(name: &str) -> Error {
    Error::new(ErrorKind::NotABundle, format!("{name} is a saved plan, and holds no content"))
        .hint("leave with esc; L on 3 loads it")
}

/// Without `.` and `..`, as far as that can be told from the path alone.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

/// Whether a new bundle can be written where it was asked for.
pub fn output(environment: &Environment, bundle: NewBundle) -> Result<Writable> {
    let home = home(environment);
    let path = expand(Path::new(""), &bundle.path.display().to_string(), home.as_deref());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Error::new(ErrorKind::Io, format!("there is no folder {}", folder.display()))
            .hint("make it first, or choose another one"));
    }
    if folder.metadata().is_ok_and(|about| about.permissions().readonly()) {
        return Err(Error::new(ErrorKind::Io, format!("{} cannot be written to", folder.display()))
            .hint("choose another folder"));
    }
    let bundle = NewBundle { path, ..bundle };
    match bundle.path.symlink_metadata() {
        Err(_) => Ok(Writable::Free(bundle)),
        Ok(about) if about.is_dir() => {
            Err(Error::new(ErrorKind::OutputExists, format!("{} is a folder", bundle.path.display()))
                .hint("choose another name"))
        }
        Ok(_) => Ok(Writable::Exists(bundle)),
    }
}

/// The path that a bundle gets in its form.
pub fn final_path(platform: Platform, bundle: &NewBundle) -> Result<PathBuf> {
    let squeeze = if bundle.compressed { Squeeze::Gzip } else { Squeeze::None };
    platforms::output_path(platform, &bundle.path, squeeze, bundle.sealed)
}
