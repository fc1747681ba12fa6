//! An export directory as a source of content.
//! Must not know: servers, destinations.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::index::{Index, Reader};
use super::listing::{self, Listing, Origin};
use super::{check, export, layout, media, rules};
use crate::model::{
    Check, Error, ErrorKind, EventSink, ExportRequest, Exported, Inventory, ItemIndex, ItemKey, Kind, LocationInfo,
    Platform, Record, Result, Rules, RunEvent, Schemas, Source, UnloadRequest,
};
use crate::platforms::work::blocking;

/// Whether a folder is an export directory, holds one as `.flotiq`, or is the folder of one type.
pub fn recognise(path: &Path) -> bool {
    layout::root_of(path).is_some()
}

/// Whether a folder is only that of a project which holds its export hidden: there is more in it than content.
pub fn is_project(path: &Path) -> bool {
    layout::root_of(path).is_some_and(|root| root != path)
}

/// An export directory that was opened.
pub struct DirectorySource {
    path: PathBuf,
    root: PathBuf,
    events: Arc<dyn EventSink>,
    /// What the last listing learned.
    index: Mutex<Option<Arc<Index>>>,
}

impl std::fmt::Debug for DirectorySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectorySource").field("path", &self.path).finish_non_exhaustive()
    }
}

impl DirectorySource {
    pub fn open(path: &Path, events: Arc<dyn EventSink>) -> Result<DirectorySource> {
        let root = layout::root_of(path)
            .ok_or_else(|| Error::new(ErrorKind::NotABundle, format!("{} is no export of Flotiq", path.display())))?;
        Ok(DirectorySource { path: path.to_owned(), root, events, index: Mutex::default() })
    }

    async fn listing(&self) -> Result<Listing> {
        let (root, today) = (self.root.clone(), jiff::Zoned::now().date());
        blocking(move || listing::list(&root, &Origin::Kept(today)))
            .await
            .map_err(|error| error.at(self.path.display()))
    }

    async fn index(&self) -> Result<Arc<Index>> {
        if let Some(index) = self.known() {
            return Ok(index);
        }
        self.list().await?;
        self.known().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))
    }

    fn known(&self) -> Option<Arc<Index>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The index of this very inventory.
    async fn index_of(&self, inventory: &Inventory) -> Result<Arc<Index>> {
        let index = self.index().await?;
        same_listing(&index, inventory, &self.path.display().to_string())?;
        Ok(index)
    }
}

/// Refuses an inventory that another listing made.
pub(super) fn same_listing(index: &Index, inventory: &Inventory, place: &str) -> Result<()> {
    match index.places.len() == inventory.len() {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Stale, format!("{place} was listed anew meanwhile")).hint("start again")),
    }
}

/// The files of these media enter their digests; everything else was examined while it was listed.
pub(super) async fn examine(index: Arc<Index>, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
    let open = items.iter().copied().filter(|&item| inventory.item(item).digests().is_none());
    let asked: Vec<(ItemIndex, ItemKey)> = open.map(|item| (item, inventory.item(item).key())).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let examined = blocking(move || {
        let mut reader = Reader::new(&index);
        asked
            .iter()
            .map(|(item, key)| Ok((*item, media::examine(&mut reader, &index, *item, key)?)))
            .collect::<Result<Vec<_>>>()
    })
    .await?;
    let known: BTreeSet<_> = inventory.findings.iter().cloned().collect();
    for (item, examined) in examined {
        inventory.set_digests(item, examined.digests);
        inventory.set_size(item, examined.size);
        if let Some(bytes) = examined.bytes {
            inventory.set_bytes(item, bytes);
        }
        inventory.findings.extend(examined.findings.into_iter().filter(|finding| !known.contains(finding)));
    }
    Ok(())
}

/// The content of items.
pub(super) async fn read(index: Arc<Index>, inventory: Inventory, items: &[ItemKey]) -> Result<Vec<Record>> {
    let items = items.to_vec();
    blocking(move || {
        let mut reader = Reader::new(&index);
        let one = |key: &ItemKey| {
            let gone =
                || Error::new(ErrorKind::UnknownItem, format!("there is no {key} any more")).items([key.clone()]);
            let item = inventory.find(key).ok_or_else(gone)?.index();
            Ok(Record { key: key.clone(), json: reader.record(item, key)? })
        };
        items.iter().map(one).collect()
    })
    .await
}

/// The file of a medium that lies there, of at most so many bytes.
pub(super) async fn file(index: Arc<Index>, item: ItemIndex, key: ItemKey, most: u64) -> Result<Option<Vec<u8>>> {
    blocking(move || {
        let Some(path) = media::file(&mut Reader::new(&index), &index, item, &key)? else { return Ok(None) };
        let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&path).map_err(failed)?;
        let read = file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
        Ok((read as u64 <= most).then_some(bytes))
    })
    .await
}

/// The definitions of the user's own types.
pub(super) async fn schemas(index: Arc<Index>) -> Result<Schemas> {
    blocking(move || {
        let own = index.types.iter().filter(|type_| !type_.definition.internal);
        let texts = own.map(|type_| index.definition_text(type_)).collect::<Result<_>>()?;
        Ok(Schemas { version: None, texts })
    })
    .await
}

#[async_trait]
impl Source for DirectorySource {
    fn info(&self) -> LocationInfo {
        let mut info = LocationInfo::new(Platform::Flotiq, self.path.display().to_string());
        info.identity = std::path::absolute(&self.path).ok().map(|path| path.display().to_string());
        info
    }

    fn is_bundle(&self) -> bool {
        true
    }

    fn rules(&self) -> &Rules {
        rules()
    }

    async fn list(&self) -> Result<Inventory> {
        let Listing { inventory, index } = self.listing().await?;
        self.events.emit(RunEvent::BytesMoved { bytes: index.bytes });
        *self.index.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(index));
        Ok(inventory)
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let index = self.index_of(inventory).await?;
        examine(index, inventory, items).await.map_err(|error| error.at(self.path.display()))
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        let Listing { inventory, index } = self.listing().await?;
        read(Arc::new(index), inventory, items).await.map_err(|error| error.at(self.path.display()))
    }

    async fn file(&self, inventory: &Inventory, item: ItemIndex, most: u64) -> Result<Option<Vec<u8>>> {
        let key = inventory.item(item).key();
        match key.kind {
            Kind::Media => file(self.index_of(inventory).await?, item, key, most).await,
            _ => Ok(None),
        }
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        export::run(self.index_of(request.inventory).await?, request, events).await
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        export::unload(self.index_of(request.inventory).await?, request, events).await
    }

    async fn schemas(&self) -> Result<Schemas> {
        schemas(self.index().await?).await
    }

    async fn check(&self) -> Result<Option<Check>> {
        let listing = self.listing().await?;
        blocking(move || check::check(listing)).await.map(Some).map_err(|error| error.at(self.path.display()))
    }
}
