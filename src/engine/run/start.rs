//! Starts a run, or goes on with one: everything that can be refused before there is a task.
//! Must not know: what a run does.

use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::supervise::{Given, supervise};
use super::{Freshness, Ledger, Places, ResumeSpec, Run, RunHandle, RunSpec, WhenBusy};
use crate::engine::events::{Ends, Hub};
use crate::engine::store::{Attempt, History, Journal, Lock, Record};
use crate::engine::survey::destination_through_locales;
use crate::engine::{RunId, RunStore};
use crate::model::{Destination, Error, ErrorKind, Plan, Result};
use crate::planner;

/// Starts a run. Refuses at once, with nothing on disk, a plan with a blocking finding and a destination that is
/// busy. Needs a tokio runtime.
pub fn start(spec: RunSpec) -> Result<RunHandle> {
    refuse_outside_of_a_runtime()?;
    planner::refuse_blocking(&spec.plan.findings)?;
    refuse_another_destination(&spec.plan, &*spec.destination)?;
    let destination = destination_through_locales(spec.destination, &spec.plan.options.selection)?;
    let (id, folder, lock, journal) = spec.store.create(&spec.plan)?;
    let destination_lock = match lock_destination(&spec.store, &spec.plan, &id, spec.when_busy) {
        Ok(lock) => lock,
        Err(error) => {
            let _ = std::fs::remove_dir_all(folder.path()); // nothing happened; the error says why
            return Err(error);
        }
    };
    let given = match spec.freshness {
        Freshness::JustSurveyed { source, destination } => Given::Inventories { source, destination },
        Freshness::MayBeStale => Given::Nothing,
    };
    let (hub, ends) = Hub::start();
    let run = Run {
        id,
        places: Places::of(&spec.plan),
        plan: Arc::new(spec.plan),
        source: Mutex::new(Some(spec.source)),
        destination,
        store: spec.store,
        folder,
        ledger: Ledger::new(journal, History::default()),
        hub,
        relay: spec.relay,
        cancel: CancellationToken::new(),
        when_busy: spec.when_busy,
        resumed: false,
        locks: Mutex::new([Some(lock), destination_lock].into_iter().flatten().collect()),
    };
    Ok(set_off(run, given, ends))
}

/// Goes on with a run that was interrupted, cancelled or stopped: an ordinary start of a run whose journal is not
/// empty. Needs a tokio runtime.
pub fn resume(spec: ResumeSpec) -> Result<RunHandle> {
    refuse_outside_of_a_runtime()?;
    let stored = spec.store.find(spec.run.as_str())?;
    stored.resumable()?;
    let folder = stored.run_folder().clone();
    let lock = folder.lock()?;
    let plan = folder.plan()?;
    refuse_another_destination(&plan, &*spec.destination)?;
    let destination = destination_through_locales(spec.destination, &plan.options.selection)?;
    let destination_lock = lock_destination(&spec.store, &plan, &spec.run, spec.when_busy)?;
    let (mut journal, records) = Journal::open(&folder.journal_file())?;
    let mut history = History::of(records);
    if history.spool.is_none() && spec.source.is_none() {
        return Err(Error::new(
            ErrorKind::NotResumable,
            format!("run {} stopped before everything that it writes was on disk", spec.run),
        )
        .hint("it can go on only with its source; or run the verb again: nothing was written yet"));
    }
    let resumed = Record::Resumed { reported: folder.report_file().exists() };
    journal.append(&resumed)?;
    history.absorb(resumed);
    folder.forget_report()?;
    let (hub, ends) = Hub::start();
    let run = Run {
        id: spec.run,
        places: Places::of(&plan),
        plan: Arc::new(plan),
        source: Mutex::new(spec.source),
        destination,
        store: spec.store,
        folder,
        resumed: history.spool.is_some(),
        ledger: Ledger::new(journal, history),
        hub,
        relay: spec.relay,
        cancel: CancellationToken::new(),
        when_busy: spec.when_busy,
        locks: Mutex::new([Some(lock), destination_lock].into_iter().flatten().collect()),
    };
    Ok(set_off(run, Given::Nothing, ends))
}

fn set_off(run: Run, given: Given, ends: Ends) -> RunHandle {
    let (id, cancel) = (run.id.clone(), run.cancel.clone());
    let report = tokio::spawn(supervise(Arc::new(run), given));
    RunHandle { id, events: ends.events, progress: ends.progress, cancel, report }
}

fn refuse_outside_of_a_runtime() -> Result<()> {
    tokio::runtime::Handle::try_current()
        .map(|_| ())
        .map_err(|error| Error::new(ErrorKind::Internal, "a run needs a runtime").caused_by(error))
}

/// A plan is for one destination; under the same name there may be another by now.
fn refuse_another_destination(plan: &Plan, destination: &dyn Destination) -> Result<()> {
    let now = destination.info();
    if plan.destination.platform == now.platform && plan.destination.identity() == now.identity() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Refused,
        format!("the plan is for {}, but {} is {}", plan.destination.identity(), now.location, now.identity()),
    )
    .hint("make a new plan for this destination"))
}

/// `None` where the task will wait for the lock.
fn lock_destination(store: &RunStore, plan: &Plan, run: &RunId, when_busy: WhenBusy) -> Result<Option<Lock>> {
    match store.try_lock_destination(&plan.destination, run.as_str())? {
        Attempt::Got(lock) => Ok(Some(lock)),
        Attempt::Held(_) if when_busy == WhenBusy::Wait => Ok(None),
        Attempt::Held(other) => {
            Err(Error::new(ErrorKind::Busy, format!("run {other} writes to {} now", plan.destination.location))
                .hint("nothing was changed; wait for its end, `haul runs show` tells how far it is"))
        }
    }
}
