//! Where things lie in an export directory: its root, the folders of its types, and the files of media.
//! Must not know: what is in them.

use std::fs;
use std::path::{Path, PathBuf};

use super::names::media_file;
use crate::model::{Error, Result};

pub(super) const DEFINITION: &str = "ContentTypeDefinition.json";
/// Where projects keep their export, and where the official importer never looks.
const HIDDEN: &str = ".flotiq";
/// Where old starters keep the files of media.
const IMAGES: &str = "images";
/// Nobody waits for a look into a folder of more entries.
const LOOKED_AT: usize = 10_000;

/// A folder that holds objects, a definition, or both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Folder {
    /// Below the root; empty for the root itself.
    pub name: String,
    pub path: PathBuf,
    pub has_definition: bool,
    /// Names of the files of objects.
    pub objects: Vec<String>,
}

impl Folder {
    /// A file of the folder, as messages call it.
    pub fn shown(&self, file: &str) -> String {
        match self.name.is_empty() {
            true => file.to_owned(),
            false => format!("{}/{file}", self.name),
        }
    }
}

/// The folder that holds the folders of types: this one, the `.flotiq` in it, or this one where it is of one type itself.
pub(super) fn root_of(path: &Path) -> Option<PathBuf> {
    if holds_types(path) {
        return Some(path.to_owned());
    }
    let hidden = path.join(HIDDEN);
    if holds_types(&hidden) {
        return Some(hidden);
    }
    path.join(DEFINITION).is_file().then(|| path.to_owned())
}

fn holds_types(path: &Path) -> bool {
    let Ok(entries) = fs::read_dir(path) else { return false };
    entries.take(LOOKED_AT).flatten().any(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| !kind.is_file());
        is_folder && entry.path().join(DEFINITION).is_file()
    })
}

pub(super) fn is_objects_file(name: &str) -> bool {
    name.starts_with("contentObject") && name.ends_with(".json")
}

/// The folders of types, by name, and the root if it is one itself. Everything else is a stranger and left alone.
pub(super) fn folders(root: &Path) -> Result<Vec<Folder>> {
    let mut found: Vec<Folder> = folder_at(root, String::new())?.into_iter().collect();
    for name in names_in(root)? {
        let path = root.join(&name);
        if path.is_dir() && !name.starts_with('.') {
            found.extend(folder_at(&path, name)?);
        }
    }
    found.sort();
    Ok(found)
}

fn folder_at(path: &Path, name: String) -> Result<Option<Folder>> {
    let mut objects: Vec<String> = names_in(path)?.into_iter().filter(|name| is_objects_file(name)).collect();
    objects.sort();
    let has_definition = path.join(DEFINITION).is_file();
    let folder = Folder { name, path: path.to_owned(), has_definition, objects };
    Ok((has_definition || !folder.objects.is_empty()).then_some(folder))
}

/// Names that are no UTF-8 cannot be of an export.
fn names_in(path: &Path) -> Result<Vec<String>> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    Ok(names)
}

/// The file of a medium: beside its record, or where old starters keep it.
pub(super) fn file_of_medium(root: &Path, folder: &Path, id: &str, extension: &str) -> Option<PathBuf> {
    let name = media_file(id, extension)?;
    let places = [folder.join(&name), folder.join(IMAGES).join(&name), root.join(IMAGES).join(&name)];
    places.into_iter().find(|path| path.is_file())
}
