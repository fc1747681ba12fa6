//! Puts an export directory where the user wants it: whole or not at all, and never over what is none.
//! Must not know: what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::layout::{DEFINITION, folders, is_objects_file};
use super::manifest::MANIFEST;
use crate::files::{folder_of, sync_folder};
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, Existing, Result};

/// Endings of what is a file.
const OF_FILES: [&str; 10] = ["json", "jsonl", "tar", "gz", "tgz", "enc", "zip", "txt", "7z", "csv"];

/// The output as it was named; an ending that only files have is [`ErrorKind::Usage`].
pub fn output_path(output: &Path) -> Result<PathBuf> {
    let ending = output.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.filter(|ending| OF_FILES.contains(&&**ending)) {
        None => Ok(output.to_owned()),
        Some(ending) => {
            let message = format!("an export of Flotiq is a folder, and .{ending} is the ending of a file");
            Err(Error::new(ErrorKind::Usage, message).hint("leave the ending out"))
        }
    }
}

/// A directory that is being written, beside the place that it is for.
#[derive(Debug)]
pub(super) struct Draft {
    folder: TempDir,
    output: PathBuf,
    existing: Existing,
}

impl Draft {
    /// Refuses an output that is taken, before anything is written.
    pub fn new(output: &Path, existing: Existing) -> Result<Draft> {
        refuse_taken(output, existing)?;
        let beside = folder_of(output);
        let failed = |error| Error::io(format_args!("cannot write into {}", beside.display()), error);
        // Private, as content may hold credentials.
        let folder = tempfile::Builder::new().prefix(".haul-export-").tempdir_in(beside).map_err(failed)?;
        Ok(Draft { folder, output: output.to_owned(), existing })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the directory its name.
    pub fn keep(self) -> Result<PathBuf> {
        let Draft { folder, output, existing } = self;
        refuse_taken(&output, existing)?;
        let beside = folder_of(&output).to_owned();
        let failed = |error| Error::io(format_args!("cannot write {}", output.display()), error);
        for entry in fs::read_dir(folder.path()).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                sync_folder(&path)?;
            }
        }
        sync_folder(folder.path())?;
        // An empty folder gives way to the rename on some systems only.
        let old = match output.is_dir() {
            true => {
                let aside = tempfile::Builder::new().prefix(".haul-old-").tempdir_in(&beside).map_err(failed)?;
                fs::rename(&output, aside.path().join("old")).map_err(failed)?;
                Some(aside)
            }
            false => None,
        };
        if let Err(error) = fs::rename(folder.path(), &output) {
            // What was there comes back; if even that fails, the message names the place.
            if let Some(aside) = old
                && fs::rename(aside.path().join("old"), &output).is_err()
            {
                let kept = aside.keep();
                return Err(failed(error).hint(format!("what was there lies in {}", kept.display())));
            }
            return Err(failed(error));
        }
        // Renamed away: there is nothing left to remove.
        let _ = folder.keep();
        sync_folder(&beside)?;
        Ok(output)
    }
}

fn refuse_taken(output: &Path, existing: Existing) -> Result<()> {
    let Ok(about) = output.symlink_metadata() else { return Ok(()) };
    if !about.is_dir() {
        return Err(Error::new(ErrorKind::OutputExists, format!("{} exists and is no folder", output.display()))
            .hint("choose another output"));
    }
    let failed = |error| Error::io(format_args!("cannot read {}", output.display()), error);
    if fs::read_dir(output).map_err(failed)?.next().is_none() {
        return Ok(());
    }
    if existing == Existing::Refuse {
        return Err(Error::new(ErrorKind::OutputExists, format!("{} exists and is not empty", output.display()))
            .hint("choose another output, or pass --replace-output"));
    }
    match stranger_in(output)? {
        None => Ok(()),
        Some(name) => {
            let (output, name) = (output.display(), printable(&name).into_owned());
            let message = format!("{output} holds {name}, which is no part of an export, and so is not replaced");
            Err(Error::new(ErrorKind::OutputExists, message).hint("choose another output, or move that away"))
        }
    }
}

/// What an export has no place for. Nobody's notes, repository or project goes with an export that is replaced.
fn stranger_in(output: &Path) -> Result<Option<String>> {
    let failed = |error| Error::io(format_args!("cannot read {}", output.display()), error);
    let known: Vec<PathBuf> = folders(output)?.into_iter().filter(|f| !f.name.is_empty()).map(|f| f.path).collect();
    for entry in fs::read_dir(output).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != MANIFEST && !known.contains(&entry.path()) {
            return Ok(Some(name));
        }
    }
    for folder in &known {
        let holds_media = folder.file_name().is_some_and(|name| name.to_string_lossy().contains("Media"));
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_part = name == DEFINITION || is_objects_file(&name) || (holds_media && !entry.path().is_dir());
            if !is_part {
                return Ok(Some(name));
            }
        }
    }
    Ok(None)
}
