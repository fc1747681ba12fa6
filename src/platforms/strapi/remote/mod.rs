//! A Strapi server as a location. It can be read only as a whole, so a listing is a pull of all rows into a folder laid out
//! like an unpacked archive, and everything else is asked of that folder. Files are pulled when somebody wants them.
//! Must not know: frames, runs, the screen.

mod files;
mod listing;
mod push;
mod rows;
mod spool;
mod stage;
#[cfg(test)]
mod tests;
mod uploads;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use url::Url;

use self::listing::Pulled;
pub(super) use self::listing::again as rows_only;
pub(super) use self::push::{End, refuse_other_deletions, same_amounts, source_end, without_creators};
pub(super) use self::spool::Spool;
use super::chunks::ROTATION;
use super::listing::{Index, values};
use super::members::Bundle;
use super::source::blocking;
use super::suit::{Renaming, Shape};
use super::wire::{Channel, Direction, Features, Right, Session, probe};
use super::{compare, definitions, export, read, rules, unload};
use crate::memory;
use crate::model::{
    Access, Destination, Error, ErrorKind, EventSink, ExportRequest, Exported, Files, Finding, Inventory, ItemIndex,
    ItemKey, Kind, LocationInfo, MatchBy, Mode, Plan, Platform, Record, Rehearsal, Result, Rules, RunEvent,
    SchemaComparison, Schemas, Source, Step, StepOutcome, UnloadRequest, Work,
};
use crate::net::{Client, SocketLimits};
use crate::platforms::OpenOptions;

/// A running Strapi server.
pub struct Remote {
    channel: Channel,
    info: Mutex<LocationInfo>,
    /// Whether the token may push. It may pull, or nothing is opened.
    push: Right,
    /// Of the server when it was opened.
    features: Features,
    spools: PathBuf,
    held: Mutex<Option<Held>>,
    /// One pull at a time: each keeps a SQLite server from answering anybody.
    pulling: Arc<tokio::sync::Mutex<()>>,
    /// The form that the content takes on, where that is not the server's own.
    form: Option<Shape>,
    /// How that renamed what it holds, at the last listing.
    names: Mutex<Option<Renaming>>,
    /// The locales that it is looked at through; empty for all.
    locales: Vec<String>,
    role: Role,
}

/// What a server is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Source,
    Destination,
}

/// What was pulled since the last listing.
#[derive(Clone)]
struct Held {
    spool: Arc<Spool>,
    index: Arc<Index>,
    /// Assets whose files were asked for.
    with_files: Arc<HashSet<ItemIndex>>,
}

impl Held {
    fn bundle(&self) -> Bundle {
        Bundle::Folder(self.spool.path().to_owned())
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl Remote {
    /// Asks what the token may do, and for the version of the server.
    pub async fn connect(url: &Url, name: Option<&str>, options: &OpenOptions) -> Result<Remote> {
        let identity = url.as_str().trim_end_matches('/').to_owned();
        let place = name.unwrap_or(&identity).to_owned();
        let opened = Remote::open(url, options).await;
        let (channel, push, features) = opened.map_err(|error| with_loopback(error, url).at(&place))?;
        let mut info = LocationInfo::new(Platform::Strapi, place);
        info.identity = Some(identity);
        info.version = features.version.clone();
        let pulling = Arc::default();
        let (info, held, spools) = (Mutex::new(info), Mutex::default(), options.spool.clone());
        Ok(Remote {
            channel,
            info,
            push,
            features,
            spools,
            held,
            pulling,
            form: None,
            names: Mutex::default(),
            locales: Vec::new(),
            role: Role::Source,
        })
    }

    /// Refuses a server that could not be written to, before anything is read.
    pub fn for_writing(self) -> Result<Remote> {
        let place = self.place();
        if self.push == Right::Denied {
            let message = "this transfer token may not push, so that nothing can be written with it";
            return Err(Error::new(ErrorKind::Forbidden, message)
                .hint("make one of type \"full access\" in the admin panel, under Settings, Transfer Tokens")
                .at(place));
        }
        // What a server of v4 holds has no names of its own to be found by.
        let form = Shape::of(self.features.version.as_deref(), self.features.version.as_deref().unwrap_or_default());
        let form = form.filter(|_| !self.features.has_documents);
        Ok(Remote { form, role: Role::Destination, ..self })
    }

    async fn open(url: &Url, options: &OpenOptions) -> Result<(Channel, Right, Features)> {
        let token = options.login.as_ref().map(|login| login.secret.clone()).ok_or_else(|| {
            Error::new(ErrorKind::NoCredential, format!("{url} needs a transfer token"))
                .hint("set HAUL_FROM_TOKEN or HAUL_TO_TOKEN, or add a remote with --credential-stdin")
        })?;
        let client = Client::new(url.clone(), &options.net, options.events.clone())?;
        client.hide(token.clone());
        let channel = Channel {
            client,
            token,
            limits: SocketLimits::of(&options.net),
            events: options.events.clone(),
            farewells: options.farewells.clone(),
            checksums: options.net.checksums,
            throttle: options.net.throttle,
        };
        let push = right_to_push(&channel).await?;
        let (session, features, _) = Session::pull(&channel).await?;
        session.finish().await?;
        Ok((channel, push, features))
    }

    fn info_now(&self) -> MutexGuard<'_, LocationInfo> {
        self.info.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> String {
        self.info_now().location.clone()
    }

    fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Held) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    /// What the last listing left is of no use any more.
    fn let_go(&self) {
        drop(self.held.lock().unwrap_or_else(PoisonError::into_inner).take());
        memory::give_back();
    }

    async fn pull(&self) -> Result<Pulled> {
        let pulled = self.whole().await?;
        match self.locales.is_empty() {
            true => Ok(pulled),
            false => self.through_locales(&pulled).await,
        }
    }

    /// Whatever locales it is looked at through.
    async fn whole(&self) -> Result<Pulled> {
        let Some(form) = &self.form else { return listing::pull(&self.channel, &self.spools).await };
        let (pulled, names) = listing::pull_as(form, &self.channel, &self.spools).await?;
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = Some(names);
        Ok(pulled)
    }

    /// What was pulled, without rows of locales that nobody asked for. A source has to know those that somebody did.
    async fn through_locales(&self, pulled: &Pulled) -> Result<Pulled> {
        let (mut narrowed, known) = listing::narrowed(pulled, &self.spools, &self.locales).await?;
        match self.role {
            Role::Source => known.refuse_unknown(&self.locales)?,
            Role::Destination => narrowed.inventory.findings.extend(known.not_offered(&self.locales)),
        }
        Ok(narrowed)
    }

    /// The same server, not listed yet.
    fn anew(&self, form: Option<Shape>, locales: &[String]) -> Remote {
        Remote {
            channel: self.channel.clone(),
            info: Mutex::new(self.info()),
            push: self.push,
            features: self.features.clone(),
            spools: self.spools.clone(),
            held: Mutex::default(),
            pulling: self.pulling.clone(),
            form,
            names: Mutex::default(),
            locales: locales.to_vec(),
            role: self.role,
        }
    }

    /// What the last listing left, or that of a new one.
    async fn listed(&self) -> Result<Held> {
        if let Some(held) = self.held() {
            return Ok(held);
        }
        self.list().await?;
        self.held().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))
    }

    /// What was listed, with the files of these items, and what the server did not send of them.
    async fn with_files(&self, inventory: &Inventory, items: &[ItemIndex]) -> Result<(Held, Vec<Finding>)> {
        let held = self.listed_as(inventory).await?;
        let is_missing =
            |item: &ItemIndex| inventory.item(*item).kind() == Kind::Asset && !held.with_files.contains(item);
        let asked: HashSet<ItemIndex> = items.iter().copied().filter(is_missing).collect();
        if asked.is_empty() {
            return Ok((held, Vec::new()));
        }
        let _one = self.pulling.lock().await;
        let at = |error: Error| error.at(self.place());
        let mut findings = files::pull(&self.channel, &held, &asked).await.map_err(at)?;
        let (grown, _, missing) = self.grown(held, &asked).await.map_err(at)?;
        findings.extend(missing);
        Ok((grown, findings))
    }

    /// What was listed, as it is since the files of these items came. What was known of it before goes first: two listings are not
    /// held at once.
    async fn grown(&self, held: Held, asked: &HashSet<ItemIndex>) -> Result<(Held, Inventory, Vec<Finding>)> {
        let Held { spool, index, with_files } = held;
        let with_files = with_files.union(asked).copied().collect();
        drop(index);
        self.let_go();
        let (grown, mut inventory, missing) = files::listed(spool, with_files, asked).await?;
        if let Some(form) = self.form.as_ref().filter(|_| self.locales.is_empty()) {
            form.complete(&mut inventory);
        }
        self.hold(grown.clone());
        Ok((grown, inventory, missing))
    }

    /// The same, for an inventory that must be its own.
    async fn listed_as(&self, inventory: &Inventory) -> Result<Held> {
        let held = self.listed().await?;
        match held.index.items == inventory.len() {
            true => Ok(held),
            false => {
                Err(Error::new(ErrorKind::Stale, format!("{} was listed anew meanwhile", self.place()))
                    .hint("start again"))
            }
        }
    }
}

/// What the token may do. One that may not pull opens nothing.
async fn right_to_push(channel: &Channel) -> Result<Right> {
    let pull = probe(&channel.client, &channel.token, Direction::Pull).await?;
    let push = probe(&channel.client, &channel.token, Direction::Push).await?;
    match pull {
        Right::Granted => Ok(push),
        Right::Denied => Err(Error::new(ErrorKind::Forbidden, "this transfer token may not pull, which every use of it begins with")
            .hint("edit the token in the admin panel, under Settings, Transfer Tokens: \"pull\" to read, \"full access\" to write too")),
    }
}

/// Node often listens at one of the two addresses that `localhost` means.
fn with_loopback(error: Error, url: &Url) -> Error {
    let refused = error.kind() == ErrorKind::Unreachable && error.message().contains("refused");
    match refused && url.host_str() == Some("localhost") {
        true => error.hint("is the server running? Try 127.0.0.1 instead of localhost: they need not be the same"),
        false => error,
    }
}

#[async_trait]
impl Source for Remote {
    fn info(&self) -> LocationInfo {
        self.info_now().clone()
    }

    fn rules(&self) -> &Rules {
        self.form.as_ref().map_or_else(rules, Shape::rules)
    }

    fn access(&self) -> Access {
        let mut access = Access {
            rights: vec!["pull: reads everything but what belongs to the admin panel".to_owned()],
            ..Access::default()
        };
        match self.push {
            Right::Granted => access.rights.push("push: may write".to_owned()),
            Right::Denied => access.limits.push("read only: the token lacks the right to push".to_owned()),
        }
        access
    }

    async fn list(&self) -> Result<Inventory> {
        let _one = self.pulling.lock().await;
        let pulled = self.pull().await.map_err(|error| error.at(self.place()))?;
        self.info_now().version = pulled.features.version;
        self.hold(Held { spool: pulled.spool, index: pulled.index, with_files: Arc::default() });
        Ok(pulled.inventory)
    }

    /// Everything but files was examined while it was listed.
    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let is_asked = |item: &ItemIndex| inventory.item(*item).digests().is_none();
        let asked: HashSet<ItemIndex> = items.iter().copied().filter(is_asked).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let _one = self.pulling.lock().await;
        let held = self.listed_as(inventory).await?;
        let at = |error: Error| error.at(self.place());
        let came = files::pull(&self.channel, &held, &asked).await.map_err(at)?;
        let findings = std::mem::take(&mut inventory.findings);
        *inventory = Inventory::new();
        let (_, listed, missing) = self.grown(held, &asked).await.map_err(at)?;
        *inventory = listed;
        inventory.findings = findings.into_iter().chain(came).chain(missing).collect();
        Ok(())
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        let held = self.listed().await?;
        let (items, place) = (items.to_vec(), self.place());
        blocking(move || {
            let inventory = listing::again(&held.bundle())?.inventory;
            read::records(&held.bundle(), &held.index, &inventory, &items).map_err(|error| error.at(place))
        })
        .await
    }

    async fn suited(&self, destination: &LocationInfo) -> Result<Option<Arc<dyn Source>>> {
        let info = self.info();
        let wanted = destination.version.clone().filter(|_| destination.platform == Platform::Strapi);
        let wanted = wanted.filter(|_| self.form.is_none());
        let Some(form) = wanted.and_then(|wanted| Shape::of(info.version.as_deref(), &wanted)) else { return Ok(None) };
        Ok(Some(Arc::new(self.anew(Some(form), &self.locales))))
    }

    fn locales(&self) -> &[String] {
        &self.locales
    }

    async fn narrowed(&self, locales: &[String]) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(self.anew(self.form.clone(), locales)))
    }

    fn renamed(&self, typed: &str) -> Option<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.renamed(typed)
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        let (held, missing) = match request.format.files {
            Files::With => self.with_files(request.inventory, request.items).await?,
            Files::RecordsOnly => (self.listed_as(request.inventory).await?, Vec::new()),
        };
        let place = self.place();
        let mut exported =
            export::run(&held.bundle(), held.index.clone(), Path::new(&place), ROTATION, request, events).await?;
        exported.findings.extend(missing);
        Ok(exported)
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        let (held, missing) = match request.files {
            Files::With => self.with_files(request.inventory, request.items).await?,
            Files::RecordsOnly => (self.listed_as(request.inventory).await?, Vec::new()),
        };
        missing.into_iter().for_each(|finding| events.emit(RunEvent::Found { finding }));
        unload::run(&held.bundle(), held.index.clone(), Path::new(&self.place()), request, events).await
    }

    async fn values(&self, by: &MatchBy) -> Result<Vec<(ItemIndex, u64)>> {
        let (held, by, place) = (self.listed().await?, by.clone(), self.place());
        blocking(move || values(&held.bundle(), &held.index, &by)).await.map_err(|error| error.at(place))
    }

    /// What was pulled with the last listing; before that the schemas alone.
    async fn schemas(&self) -> Result<Schemas> {
        let texts = match self.held() {
            Some(held) => blocking(move || definitions::of_bundle(&held.bundle())).await,
            None => {
                let _one = self.pulling.lock().await;
                listing::schemas(&self.channel).await
            }
        };
        Ok(Schemas {
            texts: texts.map_err(|error| error.at(self.place()))?,
            version: self
                .form
                .as_ref()
                .and_then(Shape::version)
                .map(str::to_owned)
                .or_else(|| self.info_now().version.clone()),
        })
    }

    fn compare_schemas(&self, source: &Schemas, destination: &Schemas) -> SchemaComparison {
        compare::compare(source, destination)
    }
}

#[async_trait]
impl Destination for Remote {
    fn steps(&self, plan: &Plan) -> Vec<Step> {
        push::steps(plan)
    }

    async fn perform(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome> {
        let performed = push::perform(self, step, work, events).await;
        // Whatever was pulled before is of another time.
        self.let_go();
        performed.map_err(|error| error.at(self.place()))
    }

    fn narrowed_to(&self, locales: &[String]) -> Result<Arc<dyn Destination>> {
        if !self.features.has_documents {
            let message = "entries are written into Strapi 4 with all their locales";
            return Err(Error::new(ErrorKind::Usage, message).hint("leave --locales out").at(self.place()));
        }
        Ok(Arc::new(self.anew(self.form.clone(), locales)))
    }

    async fn rehearse(&self, work: &Work<'_>, events: &dyn EventSink) -> Result<Rehearsal> {
        push::rehearse(self, work, events).await.map_err(|error| error.at(self.place()))
    }

    async fn conclude(&self, work: &Work<'_>, _: &dyn EventSink) -> Result<Vec<Finding>> {
        push::conclude(self, work).await.map_err(|error| error.at(self.place()))?;
        Ok(Vec::new())
    }

    async fn remarks(&self, plan: &Plan, source: &Inventory, destination: &Arc<Inventory>) -> Result<Vec<Finding>> {
        let mut findings = match plan.options.mode {
            Mode::Merge if !self.features.has_documents => push::of_rows(plan).into_iter().collect(),
            Mode::Merge => {
                let held = self.listed_as(destination).await?;
                let of_kept = push::of_kept(held, plan, source, destination).await;
                let mut findings = of_kept.map_err(|error| error.at(self.place()))?;
                findings.extend(push::surprises(plan));
                findings
            }
            Mode::Replace if !self.features.has_documents => {
                push::of_replaced_rows(plan, source).map_err(|error| error.at(self.place()))?
            }
            Mode::Replace => push::remarks(plan, source).map_err(|error| error.at(self.place()))?,
        };
        findings.extend(push::for_locales(plan));
        Ok(findings)
    }
}
