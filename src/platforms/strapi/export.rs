//! Writes a new archive from what was picked of another one. Three passes over the source in bounded memory: the
//! listing, a pass that measures (a tar says sizes first), and a pass that copies, byte for byte.
//! Must not know: why something was picked.

use std::borrow::Cow;
use std::io::{BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::assets::{Half, LONGEST_SIDECAR, Sidecar};
use super::chunks::Chunks;
use super::filter::{Filter, SettingIds};
use super::folder;
use super::layout::{Place, Stage};
use super::lines::each_line;
use super::listing::{Index, Part};
use super::members::{Bundle, Entry, Members, from_io};
pub(super) use super::naming::ending;
use super::naming::{free, output_path};
use super::notes::Notes;
use super::read::sidecar_of;
use super::redact::redacted;
use super::source::{Progress, telling};
use crate::codec::{ArchiveKey, Packing, Sealing, TarWriter};
use crate::model::{
    Credentials, Error, ErrorKind, EventSink, ExportFormat, ExportRequest, Exported, Files, Layout, Result, RunEvent,
    Seal, Squeeze, code,
};

/// Bytes between two signs of progress.
const PROGRESS: u64 = 4 * 1024 * 1024;

/// What the copying thread needs.
struct Job {
    bundle: Bundle,
    index: Arc<Index>,
    filter: Filter,
    packing: Packing,
    rotation: u64,
    credentials: Credentials,
    progress: Progress,
}

pub(super) async fn run(
    bundle: &Bundle,
    index: Arc<Index>,
    source: &Path,
    rotation: u64,
    request: &ExportRequest<'_>,
    events: &dyn EventSink,
) -> Result<Exported> {
    refuse_unsound(&index, source)?;
    let sealed = matches!(request.format.seal, Seal::Key(_));
    let output = match (request.format.layout, request.output) {
        (Layout::Folder, Some(folder)) => {
            folder::free(folder, request.format.existing, source)?;
            Some(folder.to_owned())
        }
        (Layout::Folder, None) => return Err(folder::not_one_file()),
        (Layout::Archive, output) => {
            let output = output.map(|output| output_path(output, request.format.squeeze, sealed)).transpose()?;
            output.as_ref().map(|output| free(output, request.format.existing, source)).transpose()?;
            output
        }
    };
    let filter = Filter::new(index.clone(), request.inventory, request.items, request.format.files);
    let (bundle, format) = (bundle.clone(), request.format.clone());
    telling(events, move |progress| {
        let packing = packing(&format);
        let credentials = format.credentials;
        Job { bundle, index, filter, packing, rotation, credentials, progress }.run(output, &format)
    })
    .await
}

pub(super) fn refuse_unsound(index: &Index, source: &Path) -> Result<()> {
    if let Some(damage) = &index.damage {
        let message = format!("{} is damaged, so nothing is written from it: {damage}", source.display());
        return Err(Error::new(ErrorKind::Damaged, message).hint("see haul verify"));
    }
    match &index.unsafe_name {
        Some(name) => {
            let message = format!("{} holds an unsafe name, so nothing is written from it: {name}", source.display());
            Err(Error::new(ErrorKind::Unsafe, message).hint("see haul verify"))
        }
        None => Ok(()),
    }
}

fn packing(format: &ExportFormat) -> Packing {
    let key = match &format.seal {
        Seal::Key(password) => Some(ArchiveKey::derive(password)),
        Seal::None => None,
    };
    Packing { gzip: format.squeeze == Squeeze::Gzip, key }
}

impl Job {
    fn run(self, output: Option<PathBuf>, format: &ExportFormat) -> Result<Exported> {
        let mut notes = Notes::default();
        if self.filter.files == Files::RecordsOnly && self.filter.assets > 0 {
            let sentence = "records of files are written without their files";
            notes.warning(code::FILES_LEFT_OUT, sentence, || format!("{} assets", self.filter.assets));
        }
        let sizes = Measured::of(&self, &mut notes)?;
        let bytes = match &output {
            Some(path) if format.layout == Layout::Folder => self.to_folder(path, format, &sizes)?,
            Some(path) => self.to_file(path, format, &sizes)?,
            None => self.to_stdout(&sizes)?,
        };
        Ok(Exported { path: output, bytes, findings: notes.findings() })
    }

    /// Whole or not at all: under another name until the last byte is safe on disk.
    fn to_file(&self, path: &Path, format: &ExportFormat, sizes: &Measured) -> Result<u64> {
        let failed = |error| Error::io(format!("cannot write {}", path.display()), error);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The name is private until then; so are the rights, for archives hold password hashes.
        let mut file = NamedTempFile::with_prefix_in(".haul-export-", folder).map_err(failed)?;
        let bytes = self.write(&mut file, sizes).map_err(|error| error.at(path.display()))?;
        file.as_file().sync_all().map_err(failed)?;
        let kept = match format.existing {
            crate::model::Existing::Replace => file.persist(path),
            crate::model::Existing::Refuse => file.persist_noclobber(path),
        };
        kept.map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::new(ErrorKind::OutputExists, format!("{} appeared meanwhile", path.display()))
            }
            _ => failed(error.error),
        })?;
        sync_folder(folder);
        Ok(bytes)
    }

    /// Packed first, for the form is the same; then unpacked beside its place.
    fn to_folder(&self, path: &Path, format: &ExportFormat, sizes: &Measured) -> Result<u64> {
        let parent = folder::parent_of(path);
        let failed = |error| Error::io(format!("cannot write {}", path.display()), error);
        let mut file = NamedTempFile::with_prefix_in(".haul-export-", parent).map_err(failed)?;
        let bytes = self.write(&mut file, sizes).map_err(|error| error.at(path.display()))?;
        folder::unpack(file.path(), path, format.existing)?;
        sync_folder(parent);
        Ok(bytes)
    }

    fn to_stdout(&self, sizes: &Measured) -> Result<u64> {
        self.write(std::io::stdout().lock(), sizes).map_err(|error| error.at("standard output"))
    }

    fn write(&self, to: impl Write, sizes: &Measured) -> Result<u64> {
        let counted = Counted { inner: BufWriter::with_capacity(256 * 1024, to), bytes: 0 };
        let modified = self.index.created.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        let tar = TarWriter::new(Sealing::new(counted, &self.packing), modified);
        let mut copy = Copying { job: self, tar, sizes, told: 0, part: None, last: None };
        copy.parts()?;
        copy.put("metadata.json", self.index.metadata.as_deref().unwrap_or(b"{}"))?;
        let mut counted = copy.tar.finish().and_then(Sealing::finish).map_err(writing)?;
        counted.flush().map_err(writing)?;
        Ok(counted.bytes)
    }

    /// A line as it is written.
    fn written<'a>(&self, stage: Stage, line: &'a [u8], notes: &mut Notes) -> Cow<'a, [u8]> {
        match self.credentials {
            Credentials::Keep => Cow::Borrowed(line),
            Credentials::Redact => redacted(stage, line, &self.index.types, notes),
        }
    }

    /// Whether the caller still waits for the outcome.
    fn tell(&self, event: RunEvent) -> Result<()> {
        self.progress.tell(event)
    }

    fn each_member(&self, mut each: impl FnMut(&mut Members, Entry) -> Result<()>) -> Result<()> {
        let mut members = self.bundle.members()?;
        while let Some(entry) = members.next_entry()? {
            each(&mut members, entry)?;
        }
        Ok(())
    }
}

fn writing(error: std::io::Error) -> Error {
    Error::io("cannot write", error)
}

/// Best effort: some file systems cannot sync a folder, and the file itself is safe.
fn sync_folder(folder: &Path) {
    let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
}

struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// The sizes of the JSONL files to come.
struct Measured([Vec<u64>; 4]);

impl Measured {
    fn of(job: &Job, notes: &mut Notes) -> Result<Measured> {
        let mut chunks = [(); 4].map(|()| Chunks::new(job.rotation));
        let mut settings = SettingIds::default();
        let mut scratch = Vec::new();
        let mut seen = 0;
        job.each_member(|members, entry| {
            seen += entry.size;
            if seen > PROGRESS {
                // Nothing moved yet; asks only whether someone still waits.
                job.tell(RunEvent::BytesMoved { bytes: 0 })?;
                seen = 0;
            }
            match entry.place {
                Place::Chunk(stage) => each_line(members, &mut scratch, |_, line| {
                    if job.filter.keeps(stage, line, &mut settings, notes) {
                        chunks[stage as usize].add(&job.written(stage, line, notes));
                    }
                    Ok(())
                }),
                _ => Ok(()),
            }
        })?;
        Ok(Measured(chunks.map(|chunks| chunks.sizes)))
    }
}

/// The pass that writes.
struct Copying<'a, W: Write> {
    job: &'a Job,
    tar: TarWriter<W>,
    sizes: &'a Measured,
    /// Bytes that were told of.
    told: u64,
    /// The only part to write in this pass, where the source has another order than Strapi's.
    part: Option<Part>,
    last: Option<(String, Sidecar)>,
}

/// Where the writing of a stage is.
struct StageWriter {
    chunks: Chunks,
    /// Whether a member is open.
    open: bool,
}

impl<W: Write> Copying<'_, W> {
    fn parts(&mut self) -> Result<()> {
        if self.job.index.order.windows(2).all(|pair| pair[0] < pair[1]) {
            return self.pass();
        }
        for part in [Part::Schemas, Part::Entities, Part::Assets, Part::Links, Part::Configuration] {
            self.part = Some(part);
            self.pass()?;
        }
        Ok(())
    }

    fn pass(&mut self) -> Result<()> {
        let job = self.job;
        let mut stages = [(); 4].map(|()| StageWriter { chunks: Chunks::new(job.rotation), open: false });
        let mut settings = SettingIds::default();
        let mut notes = Notes::default();
        let mut scratch = Vec::new();
        let mut before: Option<Part> = None;
        job.each_member(|members, entry| {
            let part = part_of(&entry.place);
            if part.is_none() || self.part.is_some_and(|only| part != Some(only)) {
                return Ok(());
            }
            if part != before {
                // The parts of a pass come in order, so the last file of the stage before is complete.
                stages.iter_mut().try_for_each(|stage| self.close(stage))?;
                before = part;
            }
            match entry.place {
                Place::Chunk(stage) => each_line(members, &mut scratch, |_, line| {
                    if job.filter.keeps(stage, line, &mut settings, &mut notes) {
                        let line = job.written(stage, line, &mut notes);
                        self.line(&mut stages[stage as usize], stage, &line)?;
                    }
                    Ok(())
                }),
                Place::Sidecar(file) => self.sidecar(file, members),
                Place::Upload(file) => self.upload(&file, entry.size, members),
                _ => Ok(()),
            }
        })?;
        stages.iter_mut().try_for_each(|stage| self.close(stage))
    }

    fn line(&mut self, to: &mut StageWriter, stage: Stage, line: &[u8]) -> Result<()> {
        let before = to.chunks.add(line);
        if before.file {
            self.close(to)?;
            let number = to.chunks.sizes.len();
            let changed = || Error::new(ErrorKind::Stale, "the archive changed while it was read");
            let size = *self.sizes.0[stage as usize].get(number - 1).ok_or_else(changed)?;
            self.tar.begin(&stage.chunk_name(number), size).map_err(writing)?;
            to.open = true;
        }
        if before.line_feed {
            self.tar.write_all(b"\n").map_err(writing)?;
        }
        self.tar.write_all(line).map_err(writing)?;
        self.tell()
    }

    fn close(&mut self, stage: &mut StageWriter) -> Result<()> {
        if std::mem::take(&mut stage.open) {
            self.tar.end().map_err(writing)?;
        }
        Ok(())
    }

    /// A sidecar goes out together with its file: one alone would speak of a file that is not there.
    fn sidecar(&mut self, file: String, members: &mut Members) -> Result<()> {
        let bytes = members.whole(LONGEST_SIDECAR)?;
        self.last = None;
        let Ok(sidecar) = Sidecar::read(&bytes, &file) else { return Ok(()) };
        if !self.job.filter.keeps_file(&sidecar) {
            return Ok(());
        }
        match self.job.index.pairing.loose(&file) {
            Some(Half::Sidecar(_) | Half::Upload(_)) => Ok(()),
            Some(Half::Both(_)) | None => {
                self.put(&format!("assets/metadata/{file}.json"), &bytes)?;
                self.last = Some((file, sidecar));
                Ok(())
            }
        }
    }

    fn upload(&mut self, file: &str, size: u64, members: &mut Members) -> Result<()> {
        let sidecar = sidecar_of(&self.last, file, &self.job.index);
        if !sidecar.is_some_and(|sidecar| self.job.filter.keeps_file(&sidecar)) {
            return Ok(());
        }
        self.tar.begin(&format!("assets/uploads/{file}"), size).map_err(writing)?;
        loop {
            let ready = members.fill_buf().map_err(from_io)?;
            if ready.is_empty() {
                break;
            }
            self.tar.write_all(ready).map_err(writing)?;
            let count = ready.len();
            members.consume(count);
            self.tell()?;
        }
        self.tar.end().map_err(writing)
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.tar.member(name, bytes).map_err(writing)
    }

    fn tell(&mut self) -> Result<()> {
        let moved = self.tar.written() - self.told;
        if moved < PROGRESS {
            return Ok(());
        }
        self.told += moved;
        self.job.tell(RunEvent::BytesMoved { bytes: moved })
    }
}

fn part_of(place: &Place) -> Option<Part> {
    match place {
        Place::Chunk(stage) => Some((*stage).into()),
        Place::Sidecar(_) | Place::Upload(_) => Some(Part::Assets),
        Place::Metadata | Place::Other | Place::Unsafe(_) => None,
    }
}
