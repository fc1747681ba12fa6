//! A Flotiq space as a location. A listing is a pull of all records into a folder laid out like an export directory, and
//! everything else is asked of that folder, so that spaces and directories cannot disagree about what an item is.
//! Must not know: plans, the engine.

mod api;
mod deliver;
mod files;
mod pages;
mod pull;

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use url::Url;

use self::api::Api;
use self::deliver::{Began, Delivery};
use super::directory::{self, same_listing};
use super::export;
use super::index::Index;
use super::listing::{self, Listing, Origin};
use super::rules::rules;
use crate::model::{
    Access, Digest, Error, ErrorKind, EventSink, ExportRequest, Exported, Files, Inventory, ItemIndex, ItemKey, Kind,
    LocationInfo, Platform, Record, Result, Rules, Schemas, Source, UnloadRequest,
};
use crate::platforms::OpenOptions;
use crate::platforms::spool::SpoolFolder;
use crate::platforms::work::blocking;

/// A space, seen through an API key.
pub struct Remote {
    api: Api,
    info: LocationInfo,
    /// Grows with what a listing learns.
    access: Mutex<Access>,
    spools: PathBuf,
    events: Arc<dyn EventSink>,
    held: Mutex<Option<Held>>,
    /// One pull at a time.
    pulling: tokio::sync::Mutex<()>,
    /// The run that writes here now.
    delivery: Mutex<Option<Arc<Delivery>>>,
    /// When that run began.
    began: Mutex<Option<Began>>,
}

/// What was pulled with the last listing.
#[derive(Clone)]
struct Held {
    spool: Arc<SpoolFolder>,
    index: Arc<Index>,
    /// Media whose files were asked for.
    with_files: Arc<Mutex<HashSet<ItemIndex>>>,
    /// Every item, as a number.
    known: Arc<HashSet<u64>>,
    /// Types whose objects the key may not read.
    denied: Arc<[String]>,
}

/// A number for an item. Ids that differ in case alone are one to a space.
fn number_of(key: &ItemKey) -> u64 {
    Digest::of(key.to_string().to_lowercase().as_bytes())
        .0
        .iter()
        .take(8)
        .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("api", &self.api).finish_non_exhaustive()
    }
}

impl Remote {
    /// Checks the key.
    pub async fn connect(url: &Url, name: Option<&str>, options: &OpenOptions) -> Result<Remote> {
        let origin = url.origin().ascii_serialization();
        let place = name.unwrap_or(&origin).to_owned();
        let api = Api::open(url, options.login.as_ref(), &options.net, options.events.clone());
        let api = api.await.map_err(|error| error.at(&place))?;
        let mut info = LocationInfo::new(Platform::Flotiq, place);
        info.identity = Some(origin);
        let access = Access {
            rights: vec!["reads the definitions of all types, drafts included".to_owned()],
            limits: vec![
                "which objects the key may read shows when they are listed; whether it may write is not told"
                    .to_owned(),
            ],
            ..Access::default()
        };
        Ok(Remote {
            api,
            info,
            access: Mutex::new(access),
            spools: options.spool.clone(),
            events: options.events.clone(),
            held: Mutex::default(),
            pulling: tokio::sync::Mutex::default(),
            delivery: Mutex::default(),
            began: Mutex::default(),
        })
    }

    fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn pull(&self) -> Result<Inventory> {
        let spool = Arc::new(SpoolFolder::new(&self.spools)?);
        let pulled = pull::pull(&self.api, spool.path()).await?;
        let listed = spool.clone();
        let Listing { mut inventory, index } = blocking(move || listing::list(listed.path(), &Origin::Pulled)).await?;
        inventory.findings.extend(pulled.findings);
        self.learn(pulled.types, &pulled.denied);
        let known = Arc::new(inventory.items().map(|item| number_of(&item.key())).collect());
        let held =
            Held { spool, index: Arc::new(index), with_files: Arc::default(), known, denied: pulled.denied.into() };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(inventory)
    }

    fn learn(&self, types: usize, denied: &[String]) {
        let mut access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        let readable = types - denied.iter().filter(|name| !super::names::is_internal(name)).count();
        access.rights = vec![format!("reads objects of {readable} of {types} types, drafts included")];
        access.limits = denied.iter().map(|name| format!("may not read objects of {name}")).collect();
        access.limits.push("whether the key may write is not told".to_owned());
    }

    /// What was listed, for an inventory that must be its own.
    async fn listed_as(&self, inventory: &Inventory) -> Result<Held> {
        let held = self.held().ok_or_else(|| Error::new(ErrorKind::Internal, "nothing was listed yet"))?;
        same_listing(&held.index, inventory, &self.info.location)?;
        Ok(held)
    }

    /// The same, with the files of these media.
    async fn with_files(&self, inventory: &Inventory, items: &[ItemIndex], events: &dyn EventSink) -> Result<Held> {
        let _one = self.pulling.lock().await;
        let held = self.listed_as(inventory).await?;
        let asked: Vec<(ItemIndex, ItemKey)> = {
            let known = held.with_files.lock().unwrap_or_else(PoisonError::into_inner);
            let missing = items.iter().filter(|item| !known.contains(item)).map(|&item| inventory.item(item));
            missing.filter(|item| item.kind() == Kind::Media).map(|item| (item.index(), item.key())).collect()
        };
        files::fetch(&self.api, &held.index, &asked, events).await?;
        let mut known = held.with_files.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(asked.into_iter().map(|(item, _)| item));
        drop(known);
        Ok(held)
    }
}

#[async_trait]
impl Source for Remote {
    fn info(&self) -> LocationInfo {
        self.info.clone()
    }

    fn rules(&self) -> &Rules {
        rules()
    }

    fn access(&self) -> Access {
        self.access.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Two listings are not held at once: that of a run's content is made anew where it goes on.
    async fn list(&self) -> Result<Inventory> {
        let _one = self.pulling.lock().await;
        self.forget_delivery();
        self.pull().await.map_err(|error| error.at(&self.info.location))
    }

    /// The files of media enter their digests; everything else was examined while it was listed.
    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let open: Vec<ItemIndex> =
            items.iter().copied().filter(|&item| inventory.item(item).digests().is_none()).collect();
        if open.is_empty() {
            return Ok(());
        }
        let at = |error: Error| error.at(&self.info.location);
        let held = self.with_files(inventory, &open, &*self.events).await.map_err(at)?;
        directory::examine(held.index.clone(), inventory, &open).await.map_err(at)
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        if self.held().is_none() {
            self.list().await?;
        }
        let held = self.held().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))?;
        let spool = held.spool.clone();
        let listing = blocking(move || listing::list(spool.path(), &Origin::Pulled)).await?;
        let read = directory::read(held.index.clone(), listing.inventory, items).await;
        read.map_err(|error| error.at(&self.info.location))
    }

    /// Nothing is fetched that is larger by its record.
    async fn file(&self, inventory: &Inventory, item: ItemIndex, most: u64) -> Result<Option<Vec<u8>>> {
        let view = inventory.item(item);
        let is_small = view.file().and_then(|file| file.bytes).is_some_and(|bytes| bytes <= most);
        if view.kind() != Kind::Media || !is_small {
            return Ok(None);
        }
        let at = |error: Error| error.at(&self.info.location);
        let held = self.with_files(inventory, &[item], &*self.events).await.map_err(at)?;
        directory::file(held.index.clone(), item, view.key(), most).await.map_err(at)
    }

    async fn schemas(&self) -> Result<Schemas> {
        if self.held().is_none() {
            self.list().await?;
        }
        let held = self.held().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))?;
        directory::schemas(held.index).await
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        let held = self.with_files(request.inventory, request.items, &()).await;
        let held = held.map_err(|error| error.at(&self.info.location))?;
        export::run(held.index.clone(), request, events).await
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        let files = if request.files == Files::With { request.items } else { &[] };
        let held = self.with_files(request.inventory, files, &()).await;
        let held = held.map_err(|error| error.at(&self.info.location))?;
        export::unload(held.index.clone(), request, events).await
    }
}
