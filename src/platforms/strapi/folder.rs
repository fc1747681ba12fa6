//! An export as a folder: what the archive would hold, unpacked, there whole or not at all.
//! Must not know: what is in it.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::members::{Bundle, from_io};
use crate::model::{Error, ErrorKind, Existing, Result};

/// Folders have no ending, and standard output is no folder.
pub(super) fn not_one_file() -> Error {
    Error::new(ErrorKind::Usage, "a folder cannot go to standard output").hint("name it, or leave --format dir out")
}

pub(super) fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses an output that exists, unless it may be replaced; and always the source itself. An empty folder is free.
pub(super) fn free(output: &Path, existing: Existing, source: &Path) -> Result<()> {
    let exists = |why: &str, hint: &str| {
        Err(Error::new(ErrorKind::OutputExists, format!("{} {why}", output.display())).hint(hint.to_owned()))
    };
    let Ok(about) = output.symlink_metadata() else { return Ok(()) };
    let same = || fs::canonicalize(output).is_ok_and(|output| Some(output) == fs::canonicalize(source).ok());
    let is_empty = || fs::read_dir(output).is_ok_and(|mut entries| entries.next().is_none());
    match about.is_dir() {
        _ if same() => exists("is the source, and cannot be written while it is read", "choose another output"),
        false => exists("is no folder", "choose another output, or leave --format dir out"),
        true if existing == Existing::Replace || is_empty() => Ok(()),
        true => exists("exists, and is not empty", "choose another output, or pass --replace-output"),
    }
}

/// Unpacks an archive that was just written into a folder that nobody sees before it is whole.
pub(super) fn unpack(archive: &Path, output: &Path, existing: Existing) -> Result<()> {
    let failed = |error| Error::io(format!("cannot write {}", output.display()), error);
    let making = tempfile::Builder::new().prefix(".haul-export-").tempdir_in(parent_of(output)).map_err(failed)?;
    let mut members = Bundle::File(archive.to_owned(), None).members()?;
    while let Some(entry) = members.next_entry()? {
        let path = making.path().join(&entry.name);
        fs::create_dir_all(parent_of(&path)).map_err(failed)?;
        let mut file = File::create(&path).map_err(failed)?;
        io::copy(&mut members, &mut file).map_err(from_io)?;
        file.sync_all().map_err(failed)?;
    }
    // Content may hold password hashes; the folder stays private.
    if existing == Existing::Replace && output.is_dir() {
        let old = making.path().with_extension("old");
        fs::rename(output, &old).map_err(failed)?;
        let moved = fs::rename(making.path(), output);
        if moved.is_err() {
            let _ = fs::rename(&old, output); // as it was; the error says why
        }
        moved.map_err(failed)?;
        let _ = making.keep(); // it is the output now
        return fs::remove_dir_all(&old).map_err(failed);
    }
    fs::rename(making.path(), output).map_err(failed)?;
    let _ = making.keep(); // it is the output now
    Ok(())
}
