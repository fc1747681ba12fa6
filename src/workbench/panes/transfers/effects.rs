//! Carries runs out: opens both ends anew, starts the engine, and follows it to its report.
//! Must not know: the state of the screen.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::ear::{Ear, until_the_end};
use super::fold::{Deed, Update};
use super::secrets::{self, Fill, Lacking};
use super::state::Number;
use super::{Effect, Message};
use crate::engine::{self, ExportSpec, Freshness, Relay, ResumeSpec, RunHandle, RunId, RunSpec, WhenBusy};
use crate::model::{
    Credentials, Destination, Error, ErrorKind, EventSink, Existing, ExportFormat, Files, Following, ItemResult,
    Layout, LocationInfo, Plan, Report, Result, RunEvent, Seal, Source, Squeeze,
};
use crate::platforms::{self, Place, WriteOptions};
use crate::remotes::address_text;
use crate::workbench::effect::{Desk, Tell};
use crate::workbench::ends::Location;
use crate::workbench::job::{Export, Job};
use crate::workbench::panes::history;
use crate::workbench::shell::View;

/// How a run ended, for the screen.
#[derive(Debug)]
pub struct End {
    pub update: Update,
    /// An error where there never was a run, or none that could report.
    pub outcome: Result<Outcome>,
    pub destination: Option<Location>,
}

/// A report, and what the screen shows of it again and again.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub report: Arc<Report>,
    /// Items that are at the destination now because of this run.
    pub written: u64,
    /// Items that somebody has to fill in.
    pub lacking: Vec<Lacking>,
}

impl Outcome {
    /// Takes time by the number of items.
    pub fn of(report: Report) -> Self {
        let done = report.items.iter().filter(|item| item.result == ItemResult::Done);
        Outcome { written: done.count() as u64, lacking: secrets::lacking(&report), report: Arc::new(report) }
    }
}

pub async fn perform(desk: &Arc<Desk>, effect: Effect, tell: &Tell) {
    match effect {
        Effect::Run { number, job, stop } => run(desk, number, job, stop, tell).await,
        Effect::Stop(stop) => stop.cancel(),
        Effect::Fill(fill) => {
            let Fill { number, at, .. } = *fill;
            let filled = secrets::fill(desk, *fill).await;
            tell.tell(Message::Filled { number, at, filled }).await;
        }
        Effect::Read { title, report, columns } => {
            let store = desk.store();
            let read = tokio::task::spawn_blocking(move || {
                let stored = report.run.as_ref().and_then(|run| store.find(run).ok());
                let resumed = stored.and_then(|stored| stored.resumed().ok()).unwrap_or_default();
                let mut view = View::new(title, history::report_text(&report, resumed, columns));
                view.copy = report.run.as_ref().map(|run| format!("haul runs show {run}"));
                Box::new(view)
            });
            // Without an answer the defect that ended it was told already.
            if let Ok(view) = read.await {
                tell.tell(Message::Readable(view)).await;
            }
        }
    }
}

/// One run from its job to its end, which is told whatever happens.
async fn run(desk: &Arc<Desk>, number: Number, job: Job, stop: CancellationToken, tell: &Tell) {
    let deed = if matches!(job, Job::Export(_)) { Deed::Export } else { Deed::Transfer };
    let ear = Arc::new(Ear::new(deed));
    let work = AssertUnwindSafe(carry_out(desk, job, stop, &ear)).catch_unwind();
    let ended = until_the_end(&ear, number, tell, work).await;
    let (outcome, destination) = ended.unwrap_or_else(|_| {
        let error = Error::new(ErrorKind::Internal, "a defect of haul stopped the run")
            .hint("history shows how far it came; it can be resumed there");
        (Err(error), None)
    });
    ear.measure();
    let end = End { update: ear.take(), outcome: outcome.map(Outcome::of), destination };
    tell.tell(Message::Ended(number, Box::new(end))).await;
}

async fn carry_out(
    desk: &Arc<Desk>,
    job: Job,
    stop: CancellationToken,
    ear: &Arc<Ear>,
) -> (Result<Report>, Option<Location>) {
    let cancel = desk.quitting.child_token();
    let work = async {
        match job {
            Job::Transfer { source, destination, plan } => {
                (transfer(desk, source, &destination, plan, &cancel, ear).await, Some(destination))
            }
            Job::Export(export) => (write_bundle(desk, *export, &cancel, ear).await, None),
            Job::Resume { run, .. } => resume(desk, &run, &cancel, ear).await,
        }
    };
    let stopped = async {
        stop.cancelled().await;
        cancel.cancel();
        std::future::pending().await
    };
    tokio::select! {
        biased;
        ended = work => ended,
        never = stopped => never,
    }
}

async fn transfer(
    desk: &Arc<Desk>,
    source: Location,
    destination: &Location,
    plan: Box<Plan>,
    cancel: &CancellationToken,
    ear: &Arc<Ear>,
) -> Result<Report> {
    let relay = Relay::new();
    let opening = async {
        let source = desk.open_source(&source, relay.clone()).await?;
        Ok((source, open_destination(desk, destination, relay.clone(), ear).await?))
    };
    let (source, destination) = unless_cancelled(cancel, opening).await?;
    ear.fold().foresee(&plan, &*destination);
    let spec = RunSpec {
        store: desk.store(),
        plan: *plan,
        source,
        destination,
        // A person took time to think.
        freshness: Freshness::MayBeStale,
        when_busy: WhenBusy::Wait,
        relay: Some(relay),
    };
    let handle = blocking(move || engine::start(spec)).await?;
    follow(handle, cancel, ear).await
}

async fn resume(
    desk: &Arc<Desk>,
    run: &RunId,
    cancel: &CancellationToken,
    ear: &Arc<Ear>,
) -> (Result<Report>, Option<Location>) {
    ear.fold().called(run);
    let mut place = None;
    let opening = async {
        let (id, store) = (run.clone(), desk.store());
        let (plan, needs_source) = blocking(move || {
            let stored = store.find(id.as_str())?;
            stored.resumable()?;
            Ok((stored.plan()?, stored.needs_source()?))
        })
        .await?;
        let relay = Relay::new();
        let there = locate(desk, &plan.destination)?;
        place = Some(there.clone());
        let destination = open_destination(desk, &there, relay.clone(), ear).await?;
        let source: Option<Arc<dyn Source>> = match needs_source {
            true => Some(desk.open_source(&locate(desk, &plan.source)?, relay.clone()).await?),
            false => None,
        };
        ear.fold().foresee(&plan, &*destination);
        let (store, run) = (desk.store(), run.clone());
        Ok(ResumeSpec { store, run, source, destination, when_busy: WhenBusy::Wait, relay: Some(relay) })
    };
    let ended = async {
        let spec = unless_cancelled(cancel, opening).await?;
        let handle = blocking(move || engine::resume(spec)).await?;
        follow(handle, cancel, ear).await
    };
    let ended = ended.await;
    (ended, place)
}

async fn write_bundle(desk: &Arc<Desk>, export: Export, cancel: &CancellationToken, ear: &Arc<Ear>) -> Result<Report> {
    let relay = Relay::new();
    relay.attach(Arc::new(Requests(ear.clone())));
    let source = unless_cancelled(cancel, desk.open_source(&export.source, relay.clone())).await?;
    let bundle = &export.bundle;
    let format = ExportFormat {
        seal: export.key.map_or(Seal::None, Seal::Key),
        squeeze: if bundle.compressed { Squeeze::Gzip } else { Squeeze::None },
        layout: Layout::Archive,
        existing: if bundle.replace { Existing::Replace } else { Existing::Refuse },
        files: Files::With,
        credentials: if bundle.redacted { Credentials::Redact } else { Credentials::Keep },
        folder: bundle.folder,
    };
    let spec = ExportSpec {
        selection: &export.selection,
        dependencies: Following::unbounded(export.dependencies),
        format: &format,
        output: Some(&bundle.path),
    };
    let mut report = engine::export(&*source, &spec, &**ear, cancel).await?;
    report.summary.requests = relay.requests();
    Ok(report)
}

/// Of what a connection says while it is exported from, only its requests and what its programs say: the export tells the rest itself.
struct Requests(Arc<Ear>);

impl EventSink for Requests {
    fn emit(&self, event: RunEvent) {
        if matches!(event, RunEvent::RequestSent { .. } | RunEvent::Waited { .. } | RunEvent::Said { .. }) {
            self.0.emit(event);
        }
    }
}

/// Hears a run to its end.
async fn follow(mut handle: RunHandle, cancel: &CancellationToken, ear: &Arc<Ear>) -> Result<Report> {
    ear.fold().called(&handle.id);
    ear.watch(handle.progress.clone());
    let mut asked_to_stop = false;
    loop {
        tokio::select! {
            event = handle.events.recv() => match event {
                Some(event) => ear.emit(event),
                None => break,
            },
            () = cancel.cancelled(), if !asked_to_stop => {
                asked_to_stop = true;
                handle.cancel.cancel();
            }
        }
    }
    handle.report.await.map_err(|error| {
        Error::new(ErrorKind::Internal, format!("run {} ended without a report", handle.id)).caused_by(error)
    })
}

async fn open_destination(
    desk: &Arc<Desk>,
    location: &Location,
    relay: Arc<Relay>,
    ear: &Ear,
) -> Result<Arc<dyn Destination>> {
    if let Location::Remote(name) = location
        && desk.remotes()?.get(name)?.production
    {
        ear.fold().is_production();
    }
    let destination = desk.open_destination(location, relay, WriteOptions::default()).await?;
    #[cfg(debug_assertions)]
    let destination = super::defect::on_purpose(destination, desk);
    Ok(destination)
}

/// The location that a plan or report names, as the workbench opens it. A remote that moved since is refused.
pub fn locate(desk: &Desk, info: &LocationInfo) -> Result<Location> {
    let located = platforms::relocate(info, &desk.remotes()?)?;
    Ok(match (located.remote, located.place) {
        (Some(remote), _) => Location::Remote(remote.name.to_string()),
        (None, Place::Remote { platform, url, .. }) => Location::Address(format!("{platform}:{}", address_text(&url))),
        (None, Place::Path(path)) => Location::Bundle(path),
        (None, Place::Stdio) => {
            return Err(Error::new(ErrorKind::Stale, "standard input cannot be read again").hint("make a new plan"));
        }
    })
}

async fn unless_cancelled<T>(cancel: &CancellationToken, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::new(ErrorKind::Interrupted, "cancelled before it began")),
        done = work => done,
    }
}

/// What waits for the disk does so where nothing else waits for it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "a defect of haul stopped the run before it began").caused_by(error))
    })
}
