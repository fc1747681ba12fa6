//! Has a project import an archive: `strapi import`, which replaces everything that the archive's parts name. The archive is
//! read to its last byte before, keys never stand on a command line, and files that a failure put aside come back.
//! Must not know: what was planned, or who was asked.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Project;
use super::task::Task;
use super::uploads::Uploads;
use crate::codec::TarWriter;
use crate::model::{Error, ErrorKind, Finding, Result, Severity, Source, code};
use crate::platforms::KeySource;
use crate::platforms::strapi::layout::Place;
use crate::platforms::strapi::members::{Bundle, from_io};
use crate::platforms::strapi::remote::Spool;
use crate::platforms::strapi::source::{ArchiveSource, blocking};
use crate::platforms::strapi::{Tally, naming};

pub(super) const PROGRAM: &str = "strapi import";

impl Project {
    /// Replaces what the project holds by the parts that the archive or unpacked folder has: content, files, configuration.
    /// Parts that it lacks stay as they are. Asks nobody.
    ///
    /// When it fails, the database is as before, and the files too unless links or settings were the reason: Strapi drops
    /// the old files once the new ones are written. An error says where they are.
    pub async fn import(&self, archive: &Path, keys: &KeySource) -> Result<Vec<Finding>> {
        let source = ArchiveSource::open(archive, keys, self.around.events.clone())?;
        let inventory = source.list().await?;
        if let Some(damage) = inventory.findings.iter().find(|finding| finding.severity == Severity::Blocking) {
            let message = format!("{} is not imported: {}", archive.display(), damage.message);
            return Err(Error::new(ErrorKind::Damaged, message).hint("nothing was changed; export it again"));
        }
        let parts = options_for(&source.tally().unwrap_or_default(), archive)?;
        let _one = self.running.lock().await;
        let spools = self.spools.clone();
        let spool = blocking(move || Spool::new(&spools)).await?;
        let (bundle, target) = (source.bundle().clone(), spool.path().join("import.tar"));
        let takes_folders = self.around.manifest.knows_folders();
        let ready = blocking(move || prepared(&bundle, &target, takes_folders)).await?;
        self.run_import(&ready, parts, spool).await
    }

    /// Runs the command, and gives the files back if it fails. The spool holds what is imported.
    pub(super) async fn run_import(
        &self,
        ready: &Path,
        parts: &'static [&'static str],
        spool: Spool,
    ) -> Result<Vec<Finding>> {
        let mut task = Task::new(PROGRAM, &self.around);
        task.arguments(["import", "--force", "--file"]).argument(ready).arguments(parts);
        let uploads = Uploads::of(&self.around.manifest.folder);
        let left = uploads.clone();
        let outcome = task.run(&self.around, move || drop(left.give_back())).await;
        // What was listed before is history.
        *self.held_now() = None;
        drop(spool);
        match outcome {
            Ok(mut findings) => {
                findings.push(restart(&self.info.location));
                Ok(findings)
            }
            Err(error) => Err(with_files_back(error, &uploads)),
        }
    }
}

/// What the command is told, so that it deletes nothing for which the archive has nothing. `--only files` and
/// `--exclude content` fail on every version that was tried, and leave a project without files.
pub(super) fn options_for(tally: &Tally, archive: &Path) -> Result<&'static [&'static str]> {
    match (tally.entries > 0 || tally.assets > 0, tally.binaries > 0, tally.configuration > 0) {
        (true, true, true) => Ok(&[]),
        (true, false, true) => Ok(&["--exclude", "files"]),
        (true, true, false) => Ok(&["--exclude", "config"]),
        (true, false, false) => Ok(&["--only", "content"]),
        (false, false, true) => Ok(&["--only", "config"]),
        (false, _, _) => {
            let message = format!("{} holds nothing that `{PROGRAM}` can import on its own", archive.display());
            Err(Error::new(ErrorKind::Usage, message)
                .hint("files need their records beside them; schemas alone change nothing"))
        }
    }
}

/// The path to import from: a folder or an open archive whose name says what it is as they are, anything else as a tar.
pub(super) fn prepared(bundle: &Bundle, target: &Path, takes_folders: bool) -> Result<PathBuf> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| Error::io(path.display(), error));
    match bundle {
        Bundle::Folder(path) if takes_folders => return absolute(path),
        Bundle::File(path, key) => {
            let file = File::open(path).map_err(|error| Error::io("cannot open it", error))?;
            let mut opened = crate::codec::open(file, key.as_ref())?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !opened.sealed && name.ends_with(naming::ending(opened.gzip, false)) {
                return absolute(path);
            }
            written(target, |out| io::copy(&mut opened, out).map(drop).map_err(from_io))?;
        }
        bundle => written(target, |out| packed(bundle, out))?,
    }
    Ok(target.to_owned())
}

fn written(target: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let failed = |error| Error::io(format_args!("cannot write {}", target.display()), error);
    let mut out = BufWriter::new(File::create(target).map_err(failed)?);
    write(&mut out)?;
    out.flush().map_err(failed)
}

/// A tar of the parts of a bundle, for versions that take no folders.
fn packed(bundle: &Bundle, out: &mut dyn Write) -> Result<()> {
    let failed = |error| Error::io("cannot pack the archive", error);
    let mut tar = TarWriter::new(out, 0);
    let mut members = bundle.members()?;
    while let Some(entry) = members.next_entry()? {
        if !matches!(entry.place, Place::Other | Place::Unsafe(_)) {
            tar.copy(&entry.name, entry.size, &mut members).map_err(failed)?;
        }
    }
    tar.finish().map(drop).map_err(failed)
}

fn restart(folder: &str) -> Finding {
    let sentence = format!(
        "ran the project's own `{PROGRAM}` in {folder}; a server that runs on this project has to be started again, because \
         it still holds settings and permissions of before"
    );
    Finding::info(code::RUNS_PROJECT, sentence)
}

fn with_files_back(error: Error, uploads: &Uploads) -> Error {
    let hint = error.hint_text().unwrap_or_default().to_owned();
    match uploads.give_back() {
        Some(said) => error.hint(format!("{hint}; the database is as before, {said}")),
        None => error,
    }
}
