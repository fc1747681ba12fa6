//! Sees to it that a run comes to its end: whatever happens to the work, a report is written and `Ended` is said once.
//! Must not know: what the stages do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinError;

use super::{LAST_WAIT, OVERDUE, Run, WhenBusy, check, fetch, interrupted, pause, snapshot, verify, write};
use crate::engine::report::{self, Cost, Ending};
use crate::engine::store::{Attempt, read_spool, summary_of};
use crate::engine::survey::{suited, through_locales};
use crate::memory;
use crate::model::{Error, ErrorKind, EventSink, Inventory, ItemResult, Report, Result, RunEvent};

/// What a run was handed beside its plan.
pub(super) enum Given {
    /// What the plan was made from, moments ago.
    Inventories {
        source: Arc<Inventory>,
        destination: Arc<Inventory>,
    },
    Nothing,
}

pub(super) async fn supervise(run: Arc<Run>, given: Given) -> Report {
    let began = Instant::now();
    if let Some(relay) = &run.relay {
        relay.attach(run.hub.clone());
    }
    let ending = work(&run, given).await;
    let ending = pause::unpause(&run, ending).await;
    run.ledger.close();
    if let Some(relay) = &run.relay {
        relay.detach();
    }
    let requests = run.relay.as_ref().map_or_else(|| run.hub.requests(), |relay| relay.requests());
    let cost = Cost { seconds: began.elapsed().as_secs_f64(), requests };
    let mut report = run.ledger.see(|history| report::of(&run.id, &run.plan, history, &ending, cost));
    let summary = run.ledger.see(|history| summary_of(&report, history));
    if let Err(error) = run.folder.write_report(&report, &summary) {
        // Without a report on disk the run counts as interrupted; this process still tells what it knows.
        report.error.get_or_insert(error.brief());
    }
    if matches!(ending, Ending::Finished) {
        let _ = run.folder.forget_content(); // what stays there costs room, nothing else
    }
    // A task that could not be stopped keeps the locks until it is gone: it may still write.
    if Arc::strong_count(&run) == 1 {
        run.release();
    }
    run.hub.end(report::end_of(&report));
    report
}

/// The stages in a task of their own, so that a panic in one is an outcome like any other.
async fn work(run: &Arc<Run>, given: Given) -> Ending {
    let mut task = tokio::spawn(carry_out(run.clone(), given));
    tokio::select! {
        biased;
        ended = &mut task => ending_of(run, ended),
        () = overdue(run) => {
            task.abort();
            let _ = tokio::time::timeout(LAST_WAIT, task).await; // it is gone, or cannot be stopped
            Ending::Cancelled(resumable(run, interrupted()))
        }
    }
}

async fn overdue(run: &Run) {
    run.cancel.cancelled().await;
    tokio::time::sleep(OVERDUE).await;
}

fn ending_of(run: &Run, ended: Result<Result<()>, JoinError>) -> Ending {
    match ended {
        Ok(Ok(())) => Ending::Finished,
        Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => Ending::Cancelled(resumable(run, error)),
        Ok(Err(error)) => Ending::Stopped(error),
        // The panic's text is left out: it may hold content.
        Err(_) => {
            let error = Error::new(ErrorKind::Internal, "a defect of Haul stopped the run");
            Ending::Stopped(resumable(run, error))
        }
    }
}

fn resumable(run: &Run, error: Error) -> Error {
    error.hint(format!("`haul runs resume {}` goes on with it", run.id))
}

/// All stages. One that was completed before a resume is not repeated, except the last, which only reads.
async fn carry_out(run: Arc<Run>, given: Given) -> Result<()> {
    wait_for_the_destination(&run).await?;
    announce(&run);
    let seal = run.ledger.see(|history| history.spool);
    let (seal, destination) = match seal {
        Some(seal) => (seal, None),
        None => prepare(&run, given).await?,
    };
    let spool = read_spool(&run.folder.spool_file(), seal)?;
    snapshot::snapshot(&run, destination).await?;
    write::write(&run, &spool).await?;
    verify::verify(&run, &spool).await?;
    memory::give_back();
    verify::conclude(&run, &spool).await
}

/// Check and fetch: from here on the run needs its source no more.
async fn prepare(run: &Run, given: Given) -> Result<((u64, crate::model::Digest), Option<Arc<Inventory>>)> {
    let source = run.source.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    let source = source.ok_or_else(|| Error::new(ErrorKind::Internal, "the run has no source"))?;
    let source = run.race(suited(source, &*run.destination)).await?;
    let source = run.race(through_locales(source, &run.plan.options.selection)).await?;
    let source = &*source;
    let (ours, theirs) = match given {
        Given::Inventories { source, destination } => (source, destination),
        Given::Nothing => check::check(run, source).await?,
    };
    let seal = fetch::fetch(run, source, ours).await?;
    Ok((seal, Some(theirs)))
}

async fn wait_for_the_destination(run: &Run) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(200);
    let has_it = || run.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).len() > 1;
    while run.when_busy == WhenBusy::Wait && !has_it() {
        match run.store.try_lock_destination(&run.plan.destination, run.id.as_str())? {
            Attempt::Got(lock) => run.keep(lock),
            Attempt::Held(other) => {
                let why = format!("run {other} writes to {}", run.plan.destination.location);
                run.hub.emit(RunEvent::Waited { milliseconds: PAUSE.as_millis() as u64, why });
                run.race(async {
                    tokio::time::sleep(PAUSE).await;
                    Ok(())
                })
                .await?;
            }
        }
    }
    Ok(())
}

/// The first events: what there is to do, and on a resume what is done already.
fn announce(run: &Run) {
    let (items, bytes) = run.plan.written().fold((0, 0), |(items, bytes), item| (items + 1, bytes + item.size));
    run.hub.emit(RunEvent::Started { run: run.id.to_string(), items, bytes });
    run.ledger.see(|history| {
        for item in &run.plan.items {
            let (result, error) = match history.outcome(&item.key) {
                _ if !item.is_written() => (ItemResult::Skipped, None),
                Some(outcome) if outcome.error.is_some() => (ItemResult::Failed, outcome.error.clone()),
                Some(_) => (ItemResult::Done, None),
                None => continue,
            };
            let (item, decision) = (item.key.clone(), item.decision);
            run.hub.emit(RunEvent::ItemFinished { item, decision, result, error });
        }
    });
}
