//! Reads runs from the disk, removes them, and finds what a run would be planned from again.
//! Must not know: the state of the screen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::report::Readable;
use super::rows::Row;
use super::{Effect, Message};
use crate::engine::RunId;
use crate::model::{Decision, Error, ErrorKind, ItemKey, ItemResult, PlanOptions, Result, Selection};
use crate::wording::transfer_command;
use crate::workbench::effect::{Desk, Tell};
use crate::workbench::job::Question;
use crate::workbench::panes::transfers::{self, Outcome, Past};

pub async fn perform(desk: &Arc<Desk>, effect: Effect, tell: &Tell) {
    let message = match effect {
        Effect::List => list(desk).await,
        Effect::Read { question, run } => read(desk, question, run).await,
        Effect::Again(run) => Message::Again(again(desk, run).await.map(Box::new)),
        Effect::Values(run) => Message::Values(values(desk, run).await.map(Box::new)),
        Effect::Command(run) => Message::Command(command(desk, run).await),
        Effect::Remove(run) => Message::Removed(remove(desk, run).await),
    };
    tell.tell(message).await;
}

async fn list(desk: &Arc<Desk>) -> Message {
    let (as_of, store) = (Instant::now(), desk.store());
    let listed = blocking(move || Ok(store.summaries()?.into_iter().map(Row::of).collect())).await;
    Message::Listed { as_of, listed }
}

async fn read(desk: &Arc<Desk>, question: u64, run: RunId) -> Message {
    let (store, id) = (desk.store(), run.clone());
    let report = blocking(move || {
        let stored = store.find(id.as_str())?;
        let state = stored.state()?;
        Ok(Box::new(Readable::new(Arc::new(stored.report()?), state, stored.resumed()?)))
    })
    .await;
    Message::Read { question, run, report }
}

async fn remove(desk: &Arc<Desk>, run: RunId) -> Result<RunId> {
    let store = desk.store();
    blocking(move || {
        store.remove(&run)?;
        Ok(run)
    })
    .await
}

/// The question whose plan holds what failed or was not reached, with the run's own options.
pub(super) async fn again(desk: &Arc<Desk>, run: RunId) -> Result<Question> {
    let store = desk.store();
    let (plan, undone) = blocking(move || {
        let stored = store.find(run.as_str())?;
        let report = stored.report()?;
        let undone = report.items.iter().filter(|item| matches!(item.result, ItemResult::Failed | ItemResult::Pending));
        let undone: BTreeSet<ItemKey> = undone.map(|item| item.key.clone()).collect();
        Ok((stored.plan()?, undone))
    })
    .await?;
    if undone.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "nothing of this run failed or is pending"));
    }
    let (source, destination) = (transfers::locate(desk, &plan.source)?, transfers::locate(desk, &plan.destination)?);
    Ok(Question { source, destination, options: narrowed(plan.options, &undone) })
}

/// What filling in the values of a run needs.
async fn values(desk: &Arc<Desk>, run: RunId) -> Result<Past> {
    let (store, id) = (desk.store(), run.clone());
    let (plan, outcome) = blocking(move || {
        let stored = store.find(id.as_str())?;
        Ok((stored.plan()?, Outcome::of(stored.report()?)))
    })
    .await?;
    Ok(Past { run, outcome, destination: transfers::locate(desk, &plan.destination)? })
}

/// The same options for fewer items.
fn narrowed(mut options: PlanOptions, items: &BTreeSet<ItemKey>) -> PlanOptions {
    options.selection = Selection { ids: items.iter().map(ToString::to_string).collect(), ..Selection::default() };
    // What has no match is created without being told, and by now it may have one.
    options.decisions.retain(|key, decision| items.contains(key) && *decision != Decision::Create);
    options.map.retain(|key, _| items.contains(key));
    options
}

async fn command(desk: &Arc<Desk>, run: RunId) -> Result<String> {
    let store = desk.store();
    blocking(move || {
        let plan = store.find(run.as_str())?.plan()?;
        Ok(transfer_command(&plan.source.location, &plan.destination.location, &plan.options))
    })
    .await
}

/// What waits for the disk does so where nothing else waits for it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "a defect of haul ended the reading of runs").caused_by(error))
    })
}
