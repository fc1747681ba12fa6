//! Pause: webhooks of the destination are switched off before the first write, and on again whatever became of the run.
//! Must not know: which ones, or how they are switched.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Run;
use super::write::tell;
use crate::engine::events::PlatformSink;
use crate::engine::report::Ending;
use crate::engine::store::{Record, Spool};
use crate::model::{Error, ErrorKind, Finding, ItemKey, Result, Work, code};

/// What switching on gets after a cancellation, beyond what the run itself got. Somebody waits for the end of the program then,
/// and a second signal ends it at once.
const LAST_MOMENTS: Duration = Duration::from_secs(5);

/// Before the first step of this start.
pub(super) async fn pause(run: &Run, spool: &Spool) -> Result<()> {
    if !run.plan.options.pause_webhooks {
        return Ok(());
    }
    run.stop_if_cancelled()?;
    let sink = PlatformSink::new(&run.hub);
    let (plan, content) = (run.plan_so_far(), run.content());
    let work = Work { plan, records: &spool.records, content: content.as_deref() };
    run.in_flight(run.destination.pause(&work, &sink)).await
}

/// After everything else. What could not be switched on makes a failure of a run that had come to its end.
pub(super) async fn unpause(run: &Run, ending: Ending) -> Ending {
    if !run.plan.options.pause_webhooks {
        return ending;
    }
    match switch_on(run).await.and_then(|findings| record(run, findings)) {
        Ok(()) => ending,
        Err(error) => left_off(run, ending, error),
    }
}

async fn switch_on(run: &Run) -> Result<Vec<Finding>> {
    let (plan, content) = (run.plan_so_far(), run.content());
    let work = Work { plan, records: &BTreeMap::new(), content: content.as_deref() };
    let is_done = |key: &ItemKey| run.ledger.see(|history| history.is_done(key));
    tokio::select! {
        biased;
        done = run.destination.unpause(&work, &is_done) => done,
        () = overdue(run) => {
            let message = "the webhooks that the run switched off were not switched on again before the program had to end";
            Err(Error::new(ErrorKind::TimedOut, message))
        }
    }
}

async fn overdue(run: &Run) {
    run.cancel.cancelled().await;
    tokio::time::sleep(LAST_MOMENTS).await;
}

fn record(run: &Run, findings: Vec<Finding>) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let recorded = run.ledger.record(Record::Settled { items: Vec::new(), findings: findings.clone() });
    tell(run, &[], &findings);
    recorded
}

fn left_off(run: &Run, ending: Ending, error: Error) -> Ending {
    let way_out = format!("`haul runs resume {}` switches them on", run.id);
    let why = format!("{}; {way_out}, and so can you at the destination", error.message());
    // The run has an error to tell already where this fails too.
    let _ = record(run, vec![Finding::warning(code::WEBHOOK_LEFT_OFF, why)]);
    match ending {
        Ending::Finished => Ending::Stopped(error.hint(way_out)),
        Ending::Stopped(_) | Ending::Cancelled(_) => ending,
    }
}
