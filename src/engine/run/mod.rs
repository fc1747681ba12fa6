//! A run: the execution of a plan in a task of its own.
//! Must not know: who started it, or who listens.

mod check;
mod fetch;
mod ledger;
mod look;
mod pause;
mod snapshot;
mod start;
mod supervise;
mod verify;
mod write;

pub use start::{resume, start};

use std::future::Future;
use std::hash::BuildHasher;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::{DefaultHashBuilder, HashTable};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::events::Hub;
use super::store::{Lock, RunFolder};
use super::{Relay, RunId, RunStore};
use crate::memory;
use crate::model::{
    Destination, Error, ErrorKind, EventSink, Inventory, ItemKey, Plan, PlanItem, Progress, Report, Result, RunEvent,
    Source, Stage,
};
use ledger::Ledger;

/// What a write that is under way gets to come to its end after a cancellation. With the report, that is less than
/// the two seconds that a cancellation may take.
const GRACE: Duration = Duration::from_millis(1_500);
/// After this even a task that does not let itself be stopped is left behind.
const OVERDUE: Duration = Duration::from_millis(1_700);
/// What an aborted task gets to let go of what it holds.
const LAST_WAIT: Duration = Duration::from_millis(100);

/// Whether the plan is read from both locations again before the run.
#[derive(Debug)]
pub enum Freshness {
    /// Made moments ago by this process from these inventories.
    JustSurveyed { source: Arc<Inventory>, destination: Arc<Inventory> },
    /// Read from a file, edited, or a person took time to think: both locations are surveyed again, and a stale plan
    /// is refused.
    MayBeStale,
}

/// What happens when another run writes to the destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenBusy {
    /// [`ErrorKind::Busy`], which names the other run.
    #[default]
    Refuse,
    /// Waits for its end.
    Wait,
}

/// A run to start.
pub struct RunSpec {
    pub store: RunStore,
    /// Reviewed: it is carried out as it stands.
    pub plan: Plan,
    pub source: Arc<dyn Source>,
    pub destination: Arc<dyn Destination>,
    pub freshness: Freshness,
    pub when_busy: WhenBusy,
    /// The sink that the locations were opened with; the run attaches itself to it.
    pub relay: Option<Arc<Relay>>,
}

/// A run to go on with.
pub struct ResumeSpec {
    pub store: RunStore,
    pub run: RunId,
    /// Needed only for a run that stopped before everything it writes was on disk.
    pub source: Option<Arc<dyn Source>>,
    pub destination: Arc<dyn Destination>,
    pub when_busy: WhenBusy,
    pub relay: Option<Arc<Relay>>,
}

impl std::fmt::Debug for RunSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunSpec")
            .field("store", &self.store)
            .field("when_busy", &self.when_busy)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ResumeSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResumeSpec").field("run", &self.run).field("when_busy", &self.when_busy).finish_non_exhaustive()
    }
}

/// A run that goes on. Dropping it stops nothing; [`RunHandle::cancel`] does.
#[derive(Debug)]
pub struct RunHandle {
    pub id: RunId,
    /// The facts in order; the last is `Ended`. Who reads slowly misses progress, not facts.
    pub events: mpsc::Receiver<RunEvent>,
    /// The newest fold of all events.
    pub progress: watch::Receiver<Progress>,
    /// Ends the run within two seconds, and five more where webhooks that it switched off have to be switched on; it can be
    /// resumed.
    pub cancel: CancellationToken,
    pub report: JoinHandle<Report>,
}

/// What every stage of a run works with.
struct Run {
    id: RunId,
    plan: Arc<Plan>,
    places: Places,
    /// Until everything that is written was brought to disk.
    source: std::sync::Mutex<Option<Arc<dyn Source>>>,
    destination: Arc<dyn Destination>,
    store: RunStore,
    folder: RunFolder,
    ledger: Ledger,
    hub: Arc<Hub>,
    relay: Option<Arc<Relay>>,
    cancel: CancellationToken,
    when_busy: WhenBusy,
    /// Its journal was not empty: nothing at the destination is taken for granted.
    resumed: bool,
    locks: std::sync::Mutex<Vec<Lock>>,
}

impl Run {
    /// What only the stage before needed was let go of.
    fn enter(&self, stage: Stage) -> Result<()> {
        memory::give_back();
        self.ledger.record(super::store::Record::StageEntered { stage })?;
        self.hub.emit(RunEvent::StageEntered { stage });
        Ok(())
    }

    /// Waits for something that changes nothing; a cancellation ends it at once.
    async fn race<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        race(&self.cancel, work).await
    }

    /// Waits for something that changes the destination; after a cancellation it gets a moment to come to its end.
    async fn in_flight<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => done,
            () = self.cancel.cancelled() => {
                tokio::time::timeout(GRACE, work).await.unwrap_or_else(|_| Err(interrupted()))
            }
        }
    }

    fn place(&self, key: &ItemKey) -> Option<usize> {
        self.places.find(&self.plan, key)
    }

    fn item(&self, key: &ItemKey) -> Option<&PlanItem> {
        self.plan.items.get(self.place(key)?)
    }

    /// The plan, with the ids that the destination gave to what was created. What is written later refers to those,
    /// also after a resume.
    fn plan_so_far(&self) -> &Arc<Plan> {
        self.ledger.see(|history| {
            for (item, id) in history.new_ids().filter_map(|(key, id)| Some((self.item(key)?, id))) {
                if item.own_id() != Some(id) {
                    // Whoever was first to say it said the same: a destination gives an item one id.
                    let _ = item.given_id.set(id.into());
                }
            }
        });
        &self.plan
    }

    /// The folder that the source filled, where the platform does so.
    fn content(&self) -> Option<PathBuf> {
        self.destination.rules().features.unloads.then(|| self.folder.content_folder())
    }

    fn stop_if_cancelled(&self) -> Result<()> {
        if self.cancel.is_cancelled() { Err(interrupted()) } else { Ok(()) }
    }

    fn keep(&self, lock: Lock) {
        self.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(lock);
    }

    fn release(&self) {
        self.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

/// Where each item stands in the plan. Holds no keys: of very many items those of the plan are enough.
struct Places {
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Places {
    fn of(plan: &Plan) -> Self {
        let mut places =
            Places { table: HashTable::with_capacity(plan.items.len()), hasher: DefaultHashBuilder::default() };
        for (place, item) in plan.items.iter().enumerate() {
            let hash = |&place: &usize| places.hasher.hash_one(&plan.items[place].key);
            places.table.insert_unique(places.hasher.hash_one(&item.key), place, hash);
        }
        places
    }

    fn find(&self, plan: &Plan, key: &ItemKey) -> Option<usize> {
        self.table.find(self.hasher.hash_one(key), |&place| plan.items[place].key == *key).copied()
    }
}

/// Ends at once when it is cancelled.
pub(super) async fn race<T>(cancel: &CancellationToken, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(interrupted()),
        done = work => done,
    }
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}
