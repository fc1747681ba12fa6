//! What is kept of runs on disk: a folder for each, locks, journals, spools, reports.
//! Must not know: how a run goes, what a record says.

mod run_id;

pub use run_id::RunId;

use std::path::{Path, PathBuf};

use crate::model::{Error, ErrorKind, Plan, Report, Result};

/// All runs of this user.
#[derive(Clone, Debug)]
pub struct RunStore {
    state: PathBuf,
    snapshots: Option<PathBuf>,
}

/// Where a run is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// A process works on it.
    Running,
    /// It has no report: its process was killed, or the machine lost power. It can be resumed.
    Interrupted,
    /// It ended in a report.
    Ended,
}

/// A line of `haul runs list`.
#[derive(Clone, Debug)]
pub struct RunEntry {
    pub id: RunId,
    pub state: RunState,
    pub resumable: bool,
    /// What is known; without items. `None` where the folder is damaged.
    pub report: Option<Report>,
}

/// A run on disk.
#[derive(Clone, Debug)]
pub struct StoredRun {
    id: RunId,
    folder: PathBuf,
}

fn later<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Internal, "not there yet"))
}

impl RunStore {
    /// In the state folder, as [`crate::remotes::Paths`] says. Touches nothing.
    pub fn at(state: impl Into<PathBuf>) -> Self {
        RunStore { state: state.into(), snapshots: None }
    }

    /// Snapshots go there, each named after its run.
    #[must_use]
    pub fn with_snapshot_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.snapshots = Some(folder.into());
        self
    }

    /// Every run, the newest first.
    pub fn list(&self) -> Result<Vec<RunEntry>> {
        let _ = (&self.state, &self.snapshots);
        later()
    }

    /// The run of this name, of a unique beginning of it, or `last`.
    pub fn find(&self, _typed: &str) -> Result<StoredRun> {
        later()
    }

    /// Removes a run with its snapshot. One that goes on is refused.
    pub fn remove(&self, _run: &RunId) -> Result<()> {
        later()
    }
}

impl StoredRun {
    pub fn id(&self) -> &RunId {
        &self.id
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn plan(&self) -> Result<Plan> {
        later()
    }

    pub fn state(&self) -> Result<RunState> {
        later()
    }

    /// The report; of an interrupted or running run what its journal says so far.
    pub fn report(&self) -> Result<Report> {
        later()
    }

    /// Whether `haul runs resume` goes on with it; if not, why.
    pub fn resumable(&self) -> Result<()> {
        later()
    }
}
