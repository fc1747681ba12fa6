//! A local Strapi project as a location: its own `strapi export` and `strapi import` are run for it, so that a project that
//! is not running can be source and destination. A listing is an export of all rows into a folder laid out like an unpacked
//! archive, and everything else is asked of that folder; files are exported when somebody wants them.
//! Must not know: runs, the screen.

mod child;
mod destination;
mod export;
mod failure;
mod import;
mod logs;
mod manifest;
mod secrets;
mod talk;
mod task;
#[cfg(unix)]
#[cfg(test)]
mod tests;
mod unpack;
mod uploads;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::manifest::Manifest;
use self::task::Surroundings;
use self::unpack::Half;
use super::chunks::ROTATION;
use super::listing::{self, Extent, Index, Listing};
use super::members::Bundle;
use super::narrow::narrow;
use super::remote::{Spool, rows_only};
use super::source::blocking;
use super::suit::{Renaming, Shape};
use super::{compare, definitions, export as bundle, read, rules, unload};
use crate::model::text::printable;
use crate::model::{
    Access, Digest, Digests, Error, ErrorKind, EventSink, ExportRequest, Exported, Files, Finding, Inventory,
    ItemIndex, ItemKey, Kind, LocationInfo, MatchBy, Platform, Record, Result, Rules, RunEvent, SchemaComparison,
    Schemas, Source, UnloadRequest, code,
};
use crate::platforms::OpenOptions;

pub use self::manifest::is_project;

/// A project whose packages are installed.
#[derive(Debug)]
pub struct Project {
    around: Surroundings,
    info: LocationInfo,
    /// Where folders of a moment are made.
    spools: PathBuf,
    held: Mutex<Option<Held>>,
    /// One command at a time.
    running: Arc<tokio::sync::Mutex<()>>,
    /// The locales that it is looked at through; empty for all.
    locales: Vec<String>,
    /// The form that the content takes on, where that is not the project's own.
    form: Option<Shape>,
    /// How that renamed what it holds, at the last listing.
    names: Arc<Mutex<Option<Renaming>>>,
}

/// What was exported since the last listing.
#[derive(Clone, Debug)]
struct Held {
    spool: Arc<Spool>,
    index: Arc<Index>,
    /// What the files told, once they were exported.
    files: Option<Arc<Told>>,
}

/// What files tell of their items.
#[derive(Debug)]
struct Told {
    /// With those of the bytes alone.
    digests: HashMap<ItemIndex, (Digests, Option<Digest>)>,
    findings: Vec<Finding>,
}

impl Held {
    fn bundle(&self) -> Bundle {
        Bundle::Folder(self.spool.path().to_owned())
    }
}

impl Project {
    /// Runs nothing yet.
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<Project> {
        let manifest = Manifest::open(folder)?;
        let mut info = LocationInfo::new(Platform::Strapi, folder.display().to_string());
        info.version = manifest.version.clone();
        info.identity = Some(manifest.folder.display().to_string());
        let around = Surroundings { manifest, events: options.events.clone(), farewells: options.farewells.clone() };
        let (held, running) = (Mutex::default(), Arc::default());
        let (spools, locales) = (options.spool.clone(), Vec::new());
        Ok(Project { around, info, spools, held, running, locales, form: None, names: Arc::default() })
    }

    /// As a destination: what a project of v4 holds has no names of its own to be found by.
    pub fn for_writing(self) -> Project {
        let version = self.info.version.clone().unwrap_or_default();
        let form = Shape::of(Some(&version), &version).filter(|form| *form == Shape::Called);
        Project { form, ..self }
    }

    /// The same project, not listed yet.
    fn anew(&self, form: Option<Shape>, locales: &[String]) -> Project {
        Project {
            around: self.around.clone(),
            info: self.info.clone(),
            spools: self.spools.clone(),
            held: Mutex::default(),
            running: self.running.clone(),
            locales: locales.to_vec(),
            form,
            names: Arc::default(),
        }
    }

    fn held_now(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the last listing left, or that of a new one.
    async fn listed(&self) -> Result<Held> {
        let held = self.held_now().clone();
        if let Some(held) = held {
            return Ok(held);
        }
        self.list().await?;
        self.held_now().clone().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))
    }

    /// The same, for an inventory that must be its own.
    async fn listed_as(&self, inventory: &Inventory) -> Result<Held> {
        let held = self.listed().await?;
        match held.index.items == inventory.len() {
            true => Ok(held),
            false => {
                let message = format!("{} was listed anew meanwhile", self.info.location);
                Err(Error::new(ErrorKind::Stale, message).hint("start again"))
            }
        }
    }

    /// With the files of these items, if there are any among them, and what is to be said of those.
    async fn with_files_of(&self, inventory: &Inventory, items: &[ItemIndex]) -> Result<(Held, Vec<Finding>)> {
        let held = self.listed_as(inventory).await?;
        let is_asset = |item: &ItemIndex| inventory.item(*item).kind() == Kind::Asset;
        if held.files.is_some() || !items.iter().any(is_asset) {
            return Ok((held, Vec::new()));
        }
        let _one = self.running.lock().await;
        let (held, files) = self.with_files(held).await?;
        let new = files.findings.iter().filter(|finding| !inventory.findings.contains(finding));
        Ok((held, new.cloned().collect()))
    }

    /// What was exported in the form that it takes on, with what there is to say of that.
    async fn in_form(&self, exported: Arc<Spool>) -> Result<(Arc<Spool>, Vec<Finding>)> {
        let Some(form) = self.form.clone() else { return Ok((exported, Vec::new())) };
        let spools = self.spools.clone();
        let work = move || {
            let spool = Spool::new(&spools)?;
            let suited = form.write(&Bundle::Folder(exported.path().to_owned()), spool.path())?;
            // Not of v4 after all, whatever its packages say.
            Ok(suited.map_or((exported, None), |suited| (Arc::new(spool), Some(suited))))
        };
        let (spool, suited) = blocking(work).await.map_err(|error| error.at(&self.info.location))?;
        let (findings, names) = suited.map_or_else(Default::default, |suited| (suited.findings, Some(suited.renaming)));
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
        Ok((spool, findings))
    }

    /// What was exported, without rows of locales that nobody asked for.
    async fn through_locales(&self, whole: Arc<Spool>) -> Result<Arc<Spool>> {
        if self.locales.is_empty() {
            return Ok(whole);
        }
        let (spools, locales) = (self.spools.clone(), self.locales.clone());
        let work = move || {
            let narrowed = Spool::new(&spools)?;
            narrow(&Bundle::Folder(whole.path().to_owned()), narrowed.path(), &locales)?.refuse_unknown(&locales)?;
            Ok(Arc::new(narrowed))
        };
        blocking(work).await.map_err(|error| error.at(&self.info.location))
    }

    /// With the files beside the rows.
    async fn with_files(&self, held: Held) -> Result<(Held, Arc<Told>)> {
        if let Some(files) = held.files.clone() {
            return Ok((held, files));
        }
        let mut findings = export::fill(&self.around, &held.spool, Half::Files).await?;
        let folder = held.bundle();
        let Listing { inventory, index, .. } = blocking(move || listing::list(&folder, Extent::Whole)).await?;
        let assets = inventory.items().filter(|item| item.kind() == Kind::Asset);
        let digests = assets.filter_map(|item| Some((item.index(), (item.digests()?, item.bytes())))).collect();
        findings.extend(inventory.findings);
        let files = Arc::new(Told { digests, findings });
        let held = Held { index: Arc::new(index), files: Some(files.clone()), ..held };
        *self.held_now() = Some(held.clone());
        Ok((held, files))
    }
}

/// What whoever opens a project should know.
fn runs_code(folder: &str) -> Finding {
    let sentence = format!(
        "runs the project's own `strapi export` in {folder}: its code, its migrations and what it does at every start"
    );
    Finding::info(code::RUNS_PROJECT, sentence)
}

/// Why a project is no destination of a merge.
fn not_merged(folder: &str) -> Error {
    let message =
        format!("{} is a local project, and nothing is merged into a project that does not run", printable(folder));
    Error::new(ErrorKind::Usage, message)
        .hint(
            "start it, and name its address: strapi:http://127.0.0.1:1337/admin, with a transfer token; or replace all that it \
             holds with --mode replace",
        )
}

/// Adds what is new. Rows told their part when they were listed.
fn add(findings: &mut Vec<Finding>, more: &[Finding]) {
    for finding in more {
        if !findings.contains(finding) {
            findings.push(finding.clone());
        }
    }
}

#[async_trait]
impl Source for Project {
    fn info(&self) -> LocationInfo {
        self.info.clone()
    }

    fn rules(&self) -> &Rules {
        self.form.as_ref().map_or_else(rules, Shape::rules)
    }

    fn access(&self) -> Access {
        Access {
            rights: vec![
                "everything, by the project's own `strapi export`".to_owned(),
                "may be replaced as a whole, by its own `strapi import`".to_owned(),
            ],
            limits: vec!["nothing is merged into a project that does not run".to_owned()],
            ..Access::default()
        }
    }

    fn locales(&self) -> &[String] {
        &self.locales
    }

    async fn narrowed(&self, locales: &[String]) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(self.anew(self.form.clone(), locales)))
    }

    async fn suited(&self, destination: &LocationInfo) -> Result<Option<Arc<dyn Source>>> {
        let wanted = destination.version.clone().filter(|_| destination.platform == Platform::Strapi);
        let wanted = wanted.filter(|_| self.form.is_none() && self.info.version.is_some());
        let form = wanted.and_then(|wanted| Shape::of(self.info.version.as_deref(), &wanted));
        Ok(form.map(|form| Arc::new(self.anew(Some(form), &self.locales)) as Arc<dyn Source>))
    }

    fn renamed(&self, typed: &str) -> Option<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.renamed(typed)
    }

    async fn list(&self) -> Result<Inventory> {
        let _one = self.running.lock().await;
        let spools = self.spools.clone();
        let spool = Arc::new(blocking(move || Spool::new(&spools)).await?);
        let warned = export::fill(&self.around, &spool, Half::Rows).await?;
        let (spool, remarks) = self.in_form(spool).await?;
        let spool = self.through_locales(spool).await?;
        let folder = Bundle::Folder(spool.path().to_owned());
        let listing = blocking(move || rows_only(&folder)).await;
        let Listing { mut inventory, index, .. } = listing.map_err(|error| error.at(&self.info.location))?;
        inventory.findings.insert(0, runs_code(&self.info.location));
        inventory.findings.extend(warned.into_iter().chain(remarks));
        if let Some(form) = &self.form {
            form.complete(&mut inventory);
        }
        *self.held_now() = Some(Held { spool, index: Arc::new(index), files: None });
        Ok(inventory)
    }

    /// Everything but files was examined while it was listed.
    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let asked: Vec<_> = items.iter().copied().filter(|item| inventory.item(*item).digests().is_none()).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let _one = self.running.lock().await;
        let held = self.listed_as(inventory).await?;
        let (_, files) = self.with_files(held).await?;
        for item in asked {
            if let Some(digests) = files.digests.get(&item) {
                inventory.set_digests(item, digests.0);
                digests.1.into_iter().for_each(|bytes| inventory.set_bytes(item, bytes));
            }
        }
        add(&mut inventory.findings, &files.findings);
        Ok(())
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        let held = self.listed().await?;
        let (items, place) = (items.to_vec(), self.info.location.clone());
        blocking(move || {
            let inventory = rows_only(&held.bundle())?.inventory;
            read::records(&held.bundle(), &held.index, &inventory, &items).map_err(|error| error.at(place))
        })
        .await
    }

    async fn values(&self, by: &MatchBy) -> Result<Vec<(ItemIndex, u64)>> {
        let (held, by) = (self.listed().await?, by.clone());
        let found = blocking(move || listing::values(&held.bundle(), &held.index, &by)).await;
        found.map_err(|error| error.at(&self.info.location))
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        let (held, told) = match request.files {
            Files::With => self.with_files_of(request.inventory, request.items).await?,
            Files::RecordsOnly => (self.listed_as(request.inventory).await?, Vec::new()),
        };
        told.into_iter().for_each(|finding| events.emit(RunEvent::Found { finding }));
        unload::run(&held.bundle(), held.index.clone(), Path::new(&self.info.location), request, events).await
    }

    async fn schemas(&self) -> Result<Schemas> {
        let held = self.listed().await?;
        let texts = blocking(move || definitions::of_bundle(&held.bundle())).await;
        let texts = texts.map_err(|error| error.at(&self.info.location))?;
        let version = self.form.as_ref().and_then(Shape::version).map(str::to_owned);
        Ok(Schemas { texts, version: version.or_else(|| self.info.version.clone()) })
    }

    fn compare_schemas(&self, source: &Schemas, destination: &Schemas) -> SchemaComparison {
        compare::compare(source, destination)
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        let (held, told) = match request.format.files {
            Files::With => self.with_files_of(request.inventory, request.items).await?,
            Files::RecordsOnly => (self.listed_as(request.inventory).await?, Vec::new()),
        };
        let place = Path::new(&self.info.location);
        let mut exported = bundle::run(&held.bundle(), held.index.clone(), place, ROTATION, request, events).await?;
        exported.findings.extend(told);
        Ok(exported)
    }
}
