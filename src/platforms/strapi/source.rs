//! An archive or an unpacked folder as a source of content.
//! Must not know: destinations, the screen.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::chunks::ROTATION;
use super::convert;
use super::listing::{self, Extent, Index, Listing, Tally};
use super::members::Bundle;
use super::remote::Spool;
use super::suit::{Shape, Suited};
use super::{compare, definitions, export, narrow, read, rules, unload};
use crate::codec::{self, ArchiveKey, Form, TarReader};
use crate::model::{
    Check, Error, ErrorKind, EventSink, ExportRequest, Exported, Finding, Inventory, ItemIndex, ItemKey, LocationInfo,
    MatchBy, Platform, Record, Result, Rules, RunEvent, SchemaComparison, Schemas, Source, UnloadRequest, code,
};
use crate::platforms::KeySource;
pub(super) use crate::platforms::work::{Progress, blocking, telling};
use async_trait::async_trait;

/// What a path holds, as far as a look at its first bytes can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// A tar, packed or not; or something that only an archive could be meant by, such as a zip.
    Archive,
    Folder,
    /// Unknown bytes: sealed, or nothing at all.
    PerhapsSealed,
}

/// Recognises a bundle by its content: the first 512 bytes and the length, or for a folder what lies in it.
pub fn recognise(head: &[u8], len: u64, path: &Path) -> Option<Recognised> {
    if path.is_dir() {
        return is_unpacked(path).then_some(Recognised::Folder);
    }
    match codec::recognise(head, len) {
        Form::Tar | Form::Gzip | Form::Zip => Some(Recognised::Archive),
        Form::PerhapsSealed => Some(Recognised::PerhapsSealed),
        // A sealed archive that was cut is told by its name alone.
        Form::Unknown => path.extension().is_some_and(|end| end == "enc").then_some(Recognised::PerhapsSealed),
        Form::Text | Form::Empty => None,
    }
}

/// Whether what a tar begins with, packed or not, is a member that only this platform's archives have. Bytes that are
/// sealed never tell.
pub fn begins_like_one(head: &[u8]) -> bool {
    let Ok(opened) = codec::open(std::io::Cursor::new(head.to_vec()), None) else { return false };
    let Ok(Some(member)) = TarReader::new(opened).next_member() else { return false };
    let name = member.name.trim_start_matches("./");
    let first = name.split('/').next().unwrap_or_default();
    let folders = ["schemas", "entities", "links", "configuration", "assets"];
    name == "metadata.json" || (first != name && folders.contains(&first))
}

fn is_unpacked(folder: &Path) -> bool {
    let parts = ["schemas", "entities", "links", "configuration"];
    parts.iter().filter(|part| folder.join(part).is_dir()).count()
        >= if folder.join("metadata.json").is_file() { 1 } else { 2 }
}

/// A bundle of Strapi that was opened: its key fits, if it has one.
pub struct ArchiveSource {
    path: PathBuf,
    bundle: Bundle,
    events: Arc<dyn EventSink>,
    rotation: u64,
    /// Where a conversion of it is kept.
    spools: PathBuf,
    /// What it was before it was converted.
    converted: Option<Arc<Conversion>>,
    /// The locales that it is looked at through.
    narrowed: Option<Arc<Narrowing>>,
    /// What the last listing learned, for the passes that copy.
    known: Mutex<Option<Known>>,
}

/// What a listing learned, and of which state of the file.
#[derive(Clone)]
struct Known {
    index: Arc<Index>,
    tally: Tally,
    stamp: Stamp,
}

/// An archive of v4 in another form: the folder goes with the last source that reads it.
struct Conversion {
    spool: Spool,
    shape: Shape,
    suited: Suited,
    /// Of the archive, when it was converted.
    stamp: Stamp,
}

/// An archive without the rows of other locales.
struct Narrowing {
    spool: Spool,
    locales: Vec<String>,
    /// Of the archive, when it was narrowed.
    stamp: Stamp,
}

type Stamp = Option<(u64, SystemTime)>;

impl fmt::Debug for ArchiveSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveSource").field("path", &self.path).finish_non_exhaustive()
    }
}

impl ArchiveSource {
    /// Opens a bundle by its content. The key is asked for only if it is sealed, and proven at once.
    pub fn open(path: &Path, keys: &KeySource, events: Arc<dyn EventSink>) -> Result<ArchiveSource> {
        ArchiveSource::open_called(path, &path.display().to_string(), keys, events)
    }

    /// The same under another name than the path's, for an archive that lies in a temporary file.
    pub fn open_called(
        path: &Path,
        called: &str,
        keys: &KeySource,
        events: Arc<dyn EventSink>,
    ) -> Result<ArchiveSource> {
        let key = key_of(path, keys, called)?;
        let bundle = open_bundle(path, key).map_err(|error| error.at(called))?;
        let (spools, known) = (std::env::temp_dir(), Mutex::default());
        Ok(ArchiveSource {
            path: path.to_owned(),
            bundle,
            events,
            rotation: ROTATION,
            spools,
            converted: None,
            narrowed: None,
            known,
        })
    }

    /// Keeps what has to be written down while it is open in this folder rather than among temporary files.
    #[must_use]
    pub fn converting_in(mut self, spools: &Path) -> Self {
        self.spools = spools.to_owned();
        self
    }

    /// Lets exports begin a new JSONL file after so many characters rather than after Strapi's 256,000,000, so that
    /// tests need no archive of that size.
    #[doc(hidden)]
    #[must_use]
    pub fn rotating_at(mut self, characters: u64) -> Self {
        self.rotation = characters;
        self
    }

    pub(super) fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// How much the archive holds; nothing before it was listed.
    pub fn tally(&self) -> Option<Tally> {
        self.known().map(|known| known.tally)
    }

    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stamp(&self) -> Stamp {
        let about = self.path.metadata().ok().filter(|about| about.is_file())?;
        Some((about.len(), about.modified().ok()?))
    }

    async fn listing(&self) -> Result<Inventory> {
        let (bundle, path) = (self.bundle.clone(), self.path.clone());
        let stamp = self.stamp();
        let made_of = [
            self.converted.as_ref().map(|conversion| conversion.stamp),
            self.narrowed.as_ref().map(|narrowing| narrowing.stamp),
        ];
        if made_of.iter().flatten().any(|then| *then != stamp) {
            return Err(self.changed());
        }
        let listing =
            blocking(move || listing::list(&bundle, Extent::Whole).map_err(|error| error.at(path.display()))).await?;
        let Listing { mut inventory, index, tally } = listing;
        inventory.findings.extend(self.remarks_on_packing()?);
        if let Some(conversion) = &self.converted {
            inventory.findings.extend(conversion.suited.findings.iter().cloned());
            conversion.shape.complete(&mut inventory);
        }
        let known = Known { index: Arc::new(index), tally, stamp };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        self.events.emit(RunEvent::BytesMoved { bytes: tally.bytes });
        Ok(inventory)
    }

    /// The index of an archive that did not change since it was listed.
    async fn index(&self) -> Result<Arc<Index>> {
        let known = match self.known() {
            Some(known) => known,
            None => {
                self.listing().await?;
                self.known().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))?
            }
        };
        match known.stamp == self.stamp() {
            true => Ok(known.index),
            false => Err(self.changed()),
        }
    }

    fn changed(&self) -> Error {
        let message = format!("{} changed while it was read", self.path.display());
        Error::new(ErrorKind::Stale, message).hint("start again")
    }

    /// The archive in another form; `None` if it is not of v4 after all.
    async fn conversion(&self, shape: Shape) -> Result<Option<Conversion>> {
        let (bundle, spools, stamp) = (self.bundle.clone(), self.spools.clone(), self.stamp());
        let work = move || {
            if !convert::looks_older(&bundle)? {
                return Ok(None);
            }
            let spool = Spool::new(&spools)?;
            let suited = shape.write(&bundle, spool.path())?;
            Ok(suited.map(|suited| Conversion { spool, shape, suited, stamp }))
        };
        blocking(work).await.map_err(|error| error.at(self.path.display()))
    }

    fn remarks_on_packing(&self) -> Result<Vec<Finding>> {
        let bundle = match &self.bundle {
            Bundle::Joined { files, .. } => files,
            whole => whole,
        };
        let Bundle::File(path, key) = bundle else { return Ok(Vec::new()) };
        let file = File::open(path).map_err(|error| Error::io(format!("cannot open {}", path.display()), error))?;
        let opened = codec::open(file, key.as_ref())?;
        let mut remarks = Vec::new();
        if opened.sealed {
            let sentence = "the archive's encryption (AES-128-ECB) hides content, but cannot detect changes to it";
            remarks.push(Finding::info(code::WEAK_SEAL, sentence));
        }
        let ending = export::ending(opened.gzip, opened.sealed);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(ending) {
            let sentence =
                format!("strapi import goes by the name and would take {name} for something else than {ending}");
            remarks.push(Finding::warning(code::MISLEADING_NAME, sentence));
        }
        Ok(remarks)
    }
}

/// The key, if the content asks for one. Whoever is asked for it names the archive, in an error too.
fn key_of(path: &Path, keys: &KeySource, called: &str) -> Result<Option<ArchiveKey>> {
    if path.is_dir() {
        return Ok(None);
    }
    let (head, len) = head_of(path).map_err(|error| Error::io(format_args!("cannot read {called}"), error))?;
    match (codec::recognise(&head, len), keys) {
        (Form::PerhapsSealed, _) | (Form::Unknown, KeySource::Given(_)) => {
            Ok(Some(ArchiveKey::derive(&keys.opening(called)?)))
        }
        _ => Ok(None),
    }
}

fn head_of(path: &Path) -> std::io::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut head = Vec::new();
    file.by_ref().take(codec::HEAD as u64).read_to_end(&mut head)?;
    Ok((head, len))
}

/// A wrong key shows here, before anything is listed.
fn open_bundle(path: &Path, key: Option<ArchiveKey>) -> Result<Bundle> {
    if path.is_dir() {
        return match is_unpacked(path) {
            true => Ok(Bundle::Folder(path.to_owned())),
            false => Err(Error::new(ErrorKind::NotABundle, "this folder is no unpacked Strapi archive")),
        };
    }
    let file = File::open(path).map_err(|error| Error::io("cannot open it", error))?;
    codec::open(file, key.as_ref())?;
    Ok(Bundle::File(path.to_owned(), key))
}

#[async_trait]
impl Source for ArchiveSource {
    fn info(&self) -> LocationInfo {
        let mut info = LocationInfo::new(Platform::Strapi, self.path.display().to_string());
        let converted = self.converted.as_ref().and_then(|conversion| conversion.suited.from.clone());
        info.version = converted.or_else(|| self.known().and_then(|known| known.index.version.clone()));
        info.identity = std::path::absolute(&self.path).ok().map(|path| path.display().to_string());
        info
    }

    fn is_bundle(&self) -> bool {
        true
    }

    fn rules(&self) -> &Rules {
        self.converted.as_ref().map_or_else(rules, |conversion| conversion.shape.rules())
    }

    async fn list(&self) -> Result<Inventory> {
        self.listing().await
    }

    /// Everything was examined while it was listed.
    async fn examine(&self, _: &mut Inventory, _: &[ItemIndex]) -> Result<()> {
        Ok(())
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        let inventory = self.listing().await?;
        let index = self.index().await?;
        let (bundle, items, path) = (self.bundle.clone(), items.to_vec(), self.path.clone());
        blocking(move || read::records(&bundle, &index, &inventory, &items).map_err(|error| error.at(path.display())))
            .await
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        let index = self.index().await?;
        export::run(&self.bundle, index, &self.path, self.rotation, request, events).await
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        let index = self.index().await?;
        unload::run(&self.bundle, index, &self.path, request, events).await
    }

    async fn values(&self, by: &MatchBy) -> Result<Vec<(ItemIndex, u64)>> {
        let (bundle, index, by) = (self.bundle.clone(), self.index().await?, by.clone());
        blocking(move || listing::values(&bundle, &index, &by)).await.map_err(|error| error.at(self.path.display()))
    }

    /// The version stands at an archive's end: only a listing knows it.
    async fn schemas(&self) -> Result<Schemas> {
        let (bundle, path) = (self.bundle.clone(), self.path.clone());
        let read = blocking(move || definitions::of_bundle(&bundle).map_err(|error| error.at(path.display()))).await;
        let texts = match read {
            // The listing met it too, and a finding says so.
            Err(error) if error.kind() == ErrorKind::Damaged && self.known().is_some() => Vec::new(),
            read => read?,
        };
        Ok(Schemas { version: self.known().and_then(|known| known.index.version.clone()), texts })
    }

    fn compare_schemas(&self, source: &Schemas, destination: &Schemas) -> SchemaComparison {
        compare::compare(source, destination)
    }

    async fn suited(&self, destination: &LocationInfo) -> Result<Option<Arc<dyn Source>>> {
        let wanted = destination.version.as_deref().filter(|_| destination.platform == Platform::Strapi);
        let shape = wanted.filter(|_| self.converted.is_none()).and_then(|version| Shape::of(None, version));
        let Some(shape) = shape else { return Ok(None) };
        let Some(conversion) = self.conversion(shape).await? else { return Ok(None) };
        let rows = conversion.spool.path().to_owned();
        Ok(Some(Arc::new(ArchiveSource {
            path: self.path.clone(),
            bundle: Bundle::Joined { rows, files: Box::new(self.bundle.clone()) },
            events: self.events.clone(),
            rotation: self.rotation,
            spools: self.spools.clone(),
            converted: Some(Arc::new(conversion)),
            narrowed: None,
            known: Mutex::default(),
        })))
    }

    fn locales(&self) -> &[String] {
        self.narrowed.as_ref().map_or(&[], |narrowing| &narrowing.locales)
    }

    async fn narrowed(&self, locales: &[String]) -> Result<Arc<dyn Source>> {
        let (bundle, spools, stamp, locales) =
            (self.bundle.clone(), self.spools.clone(), self.stamp(), locales.to_vec());
        let work = move || {
            let spool = Spool::new(&spools)?;
            narrow::narrow(&bundle, spool.path(), &locales)?.refuse_unknown(&locales)?;
            Ok(Narrowing { spool, locales, stamp })
        };
        let narrowing = blocking(work).await.map_err(|error| error.at(self.path.display()))?;
        let files = match &self.bundle {
            Bundle::Joined { files, .. } => files.clone(),
            whole => Box::new(whole.clone()),
        };
        Ok(Arc::new(ArchiveSource {
            path: self.path.clone(),
            bundle: Bundle::Joined { rows: narrowing.spool.path().to_owned(), files },
            events: self.events.clone(),
            rotation: self.rotation,
            spools: self.spools.clone(),
            converted: self.converted.clone(),
            narrowed: Some(Arc::new(narrowing)),
            known: Mutex::default(),
        }))
    }

    fn renamed(&self, typed: &str) -> Option<String> {
        self.converted.as_ref()?.suited.renaming.renamed(typed)
    }

    async fn check(&self) -> Result<Option<Check>> {
        let inventory = self.listing().await?;
        let bytes = self.tally().unwrap_or_default().bytes;
        Ok(Some(Check { items: inventory.len() as u64, bytes, findings: inventory.findings }))
    }
}
