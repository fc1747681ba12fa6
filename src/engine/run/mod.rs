//! A run: the execution of a plan in a task of its own.
//! Must not know: who started it, or who listens.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Relay, RunId, RunStore, Survey};
use crate::model::{Destination, Error, ErrorKind, Plan, Progress, Report, Result, RunEvent, Source};

/// Whether the plan is read from both locations again before the run.
#[derive(Debug)]
pub enum Freshness {
    /// Made moments ago by this process: these inventories are what it was made from.
    JustSurveyed(Box<Survey>),
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

/// A run that goes on. Dropping it stops nothing; [`RunHandle::cancel`] does.
#[derive(Debug)]
pub struct RunHandle {
    pub id: RunId,
    /// The facts in order; the last is `Ended`. Who reads slowly misses progress, not facts.
    pub events: mpsc::Receiver<RunEvent>,
    /// The newest fold of all events.
    pub progress: watch::Receiver<Progress>,
    /// Ends the run within two seconds; it can be resumed.
    pub cancel: CancellationToken,
    pub report: JoinHandle<Report>,
}

fn later<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Internal, "the planner is not there yet"))
}

/// Starts a run. Refuses at once, with nothing on disk, a plan with a blocking finding and a destination that is
/// busy. Needs a tokio runtime.
pub fn start(_spec: RunSpec) -> Result<RunHandle> {
    later()
}

/// Goes on with a run that was interrupted, cancelled or stopped: an ordinary start of a run whose journal is not
/// empty. Needs a tokio runtime.
pub fn resume(_spec: ResumeSpec) -> Result<RunHandle> {
    later()
}
