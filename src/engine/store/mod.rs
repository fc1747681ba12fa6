//! What is kept of runs on disk: a folder for each, locks, journals, spools, reports. `docs/runs.md` shows it.
//! Must not know: how a run goes.

mod folder;
mod journal;
mod lock;
mod record;
mod run_id;
mod spool;
mod summary;

pub(super) use folder::RunFolder;
pub(super) use journal::Journal;
pub(super) use lock::{Attempt, Lock};
pub(super) use record::{History, Record};
pub use run_id::RunId;
pub(super) use spool::{Spool, read as read_spool, write as write_spool};
pub use summary::RunSummary;

use std::path::{Path, PathBuf};

use super::report;
use crate::files;
use crate::model::{Digest, Error, ErrorKind, LocationInfo, Plan, Report, Result, RunStatus, text};

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

impl RunState {
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Interrupted => "interrupted",
            RunState::Ended => "ended",
        }
    }
}

/// A run with its report.
#[derive(Debug)]
pub struct RunEntry {
    pub id: RunId,
    pub state: RunState,
    pub resumable: bool,
    /// What is known of it. An error where its folder is damaged.
    pub report: Result<Report>,
}

/// A line of `haul runs list`.
#[derive(Debug)]
pub struct RunLine {
    pub id: RunId,
    pub state: RunState,
    pub resumable: bool,
    /// What is known of it. An error where its folder is damaged.
    pub summary: Result<RunSummary>,
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

    /// Every run without its items, the newest first. Reads a small file for each that ended; only of one that did
    /// not, plan and journal.
    pub fn summaries(&self) -> Result<Vec<RunLine>> {
        let mut ids = self.ids()?;
        ids.sort_by(|a, b| b.cmp(a));
        ids.into_iter().map(|id| self.stored(id).line()).collect()
    }

    /// Every run with its report, the newest first. Reads all of them; [`RunStore::summaries`] is for lists.
    pub fn list(&self) -> Result<Vec<RunEntry>> {
        let mut ids = self.ids()?;
        ids.sort_by(|a, b| b.cmp(a));
        ids.into_iter().map(|id| self.stored(id).entry()).collect()
    }

    /// The run of this name, of a unique beginning of it, or `last`.
    pub fn find(&self, typed: &str) -> Result<StoredRun> {
        let mut ids = self.ids()?;
        ids.sort();
        if typed == "last" {
            let newest = ids.pop().ok_or_else(|| Error::new(ErrorKind::UnknownRun, "there is no run yet"))?;
            return Ok(self.stored(newest));
        }
        let mut fitting = ids.iter().filter(|id| !typed.is_empty() && id.as_str().starts_with(typed));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(self.stored(only.clone())),
            (Some(_), Some(_)) => Err(Error::new(ErrorKind::UnknownRun, format!("several runs begin with `{typed}`"))
                .hint("give more of its name; `haul runs list` shows them")),
            (None, _) => Err(unknown(typed, &ids)),
        }
    }

    /// Removes a run with its snapshot. One that goes on is refused.
    pub fn remove(&self, run: &RunId) -> Result<()> {
        let stored = self.find(run.as_str())?;
        let _lock = stored.folder.lock()?;
        let snapshot = stored.history().ok().and_then(|history| history.snapshot.flatten());
        if let Some(path) = snapshot.map(PathBuf::from).filter(|path| !path.starts_with(stored.folder.path())) {
            remove_path(&path)?;
        }
        remove_path(stored.folder.path())
    }

    /// Removes the runs that succeeded and were made before a moment. What can still be resumed or looked into stays.
    pub fn gc(&self, made_before: jiff::Timestamp) -> Result<Vec<RunId>> {
        let limit = made_before.strftime("%Y%m%d-%H%M%S").to_string();
        let mut removed = Vec::new();
        for entry in self.summaries()? {
            let succeeded = entry.summary.as_ref().is_ok_and(|summary| summary.status == RunStatus::Succeeded);
            if entry.state == RunState::Ended && succeeded && entry.id.as_str() < limit.as_str() {
                self.remove(&entry.id)?;
                removed.push(entry.id);
            }
        }
        Ok(removed)
    }

    /// A new folder, locked, with the plan and an empty journal in it. It appears whole or not at all: what a crash
    /// leaves before that has a name that is no run's.
    pub(super) fn create(&self, plan: &Plan) -> Result<(RunId, RunFolder, Lock, Journal)> {
        files::create_private_folder(&self.runs())?;
        let id = self.fresh_id();
        let unborn = tempfile::Builder::new().prefix(".new-").tempdir_in(self.runs());
        let unborn =
            unborn.map_err(|error| Error::io(format_args!("cannot write to {}", self.runs().display()), error))?;
        files::make_private(unborn.path())?;
        RunFolder::at(unborn.path().to_owned(), self.snapshot_path(&id)).fill(&id, plan)?;
        let path = self.runs().join(id.as_str());
        std::fs::rename(unborn.keep(), &path)
            .map_err(|error| Error::io(format_args!("cannot create {}", path.display()), error))?;
        files::sync_folder(&self.runs())?;
        let folder = RunFolder::at(path, self.snapshot_path(&id));
        let lock = folder.lock()?;
        let (journal, _) = Journal::open(&folder.journal_file())?;
        Ok((id, folder, lock, journal))
    }

    /// Another process may have made the same name in the same second.
    fn fresh_id(&self) -> RunId {
        loop {
            let id = RunId::new(jiff::Timestamp::now());
            if !self.runs().join(id.as_str()).exists() {
                return id;
            }
        }
    }

    /// The lock of a destination: one run writes to it at a time.
    pub(super) fn try_lock_destination(&self, destination: &LocationInfo, run: &str) -> Result<Attempt> {
        let locks = self.state.join("locks");
        files::create_private_folder(&locks)?;
        let name = Digest::of(format!("{} {}", destination.platform, destination.identity()).as_bytes());
        lock::try_lock(&locks.join(format!("{name}.lock")), run)
    }

    fn runs(&self) -> PathBuf {
        self.state.join("runs")
    }

    /// Where a run's snapshot goes, before the platform gives it an extension.
    fn snapshot_path(&self, id: &RunId) -> PathBuf {
        match &self.snapshots {
            Some(folder) => folder.join(format!("{id}-snapshot")),
            None => self.runs().join(id.as_str()).join("snapshot"),
        }
    }

    fn stored(&self, id: RunId) -> StoredRun {
        let folder = RunFolder::at(self.runs().join(id.as_str()), self.snapshot_path(&id));
        StoredRun { id, folder }
    }

    fn ids(&self) -> Result<Vec<RunId>> {
        let runs = self.runs();
        let failed = |error| Error::io(format_args!("cannot list {}", runs.display()), error);
        let entries = match std::fs::read_dir(&runs) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(failed)?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            ids.extend(name.to_str().and_then(|name| RunId::parse(name).ok()));
        }
        Ok(ids)
    }
}

fn unknown(typed: &str, ids: &[RunId]) -> Error {
    let error = Error::new(ErrorKind::UnknownRun, format!("no run is called `{}`", text::printable(typed)));
    match text::nearest(typed, ids.iter().map(RunId::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`haul runs list` shows them"),
    }
}

fn remove_path(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(format_args!("cannot remove {}", path.display()), error))
        }
        _ => Ok(()),
    }
}

/// A run on disk.
#[derive(Clone, Debug)]
pub struct StoredRun {
    id: RunId,
    folder: RunFolder,
}

impl StoredRun {
    pub fn id(&self) -> &RunId {
        &self.id
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn plan(&self) -> Result<Plan> {
        self.folder.plan()
    }

    pub fn state(&self) -> Result<RunState> {
        if self.folder.is_locked()? {
            return Ok(RunState::Running);
        }
        Ok(if self.folder.report_file().exists() { RunState::Ended } else { RunState::Interrupted })
    }

    /// The report; of an interrupted or running run what its journal says so far.
    pub fn report(&self) -> Result<Report> {
        match self.folder.report()? {
            Some(report) => Ok(report),
            None => Ok(report::so_far(&self.id, &self.plan()?, &self.history()?)),
        }
    }

    /// Whether `haul runs resume` goes on with it; if not, why.
    pub fn resumable(&self) -> Result<()> {
        let refuse = |why: &str, hint: &str| {
            Err(Error::new(ErrorKind::NotResumable, format!("run {} cannot be resumed: {why}", self.id)).hint(hint))
        };
        let report = match self.state()? {
            RunState::Running => return Err(folder::running(&self.id)),
            RunState::Interrupted => return Ok(()),
            RunState::Ended => self.report()?,
        };
        match after_its_end(report.status, || self.needs_source())? {
            AfterItsEnd::GoesOn => Ok(()),
            AfterItsEnd::WroteNothing => {
                refuse("it failed before anything was written", "make a new plan, or run the verb again")
            }
            AfterItsEnd::Finished => refuse("it is finished", "plan again for what is left"),
        }
    }

    /// Whether it stopped before everything that it writes was on disk.
    pub fn needs_source(&self) -> Result<bool> {
        Ok(self.history()?.spool.is_none())
    }

    /// How often somebody went on with it.
    pub fn resumed(&self) -> Result<u64> {
        Ok(self.history()?.resumed)
    }

    pub(super) fn run_folder(&self) -> &RunFolder {
        &self.folder
    }

    fn history(&self) -> Result<History> {
        Ok(History::of(self.folder.records()?))
    }

    fn line(&self) -> Result<RunLine> {
        let state = self.state()?;
        let summary = match (state, self.folder.summary()) {
            (RunState::Ended, Some(summary)) => Ok(summary),
            _ => {
                self.report().and_then(|report| Ok(RunSummary::of(&report, self.resumable().is_ok(), self.resumed()?)))
            }
        };
        let resumable = match state {
            RunState::Running => false,
            RunState::Interrupted => true,
            RunState::Ended => summary.as_ref().is_ok_and(|summary| summary.resumable),
        };
        Ok(RunLine { id: self.id.clone(), state, resumable, summary })
    }

    fn entry(&self) -> Result<RunEntry> {
        Ok(RunEntry {
            id: self.id.clone(),
            state: self.state()?,
            resumable: self.resumable().is_ok(),
            report: self.report(),
        })
    }
}

/// Whether a run that ended in a report can be gone on with.
enum AfterItsEnd {
    GoesOn,
    WroteNothing,
    Finished,
}

fn after_its_end(status: RunStatus, needs_source: impl FnOnce() -> Result<bool>) -> Result<AfterItsEnd> {
    Ok(match status {
        RunStatus::Failed if needs_source()? => AfterItsEnd::WroteNothing,
        RunStatus::Failed | RunStatus::Cancelled => AfterItsEnd::GoesOn,
        RunStatus::Succeeded | RunStatus::Partial | RunStatus::Planned => AfterItsEnd::Finished,
    })
}

/// The head of a report that is about to be written.
pub(super) fn summary_of(report: &Report, history: &History) -> RunSummary {
    let after = after_its_end(report.status, || Ok(history.spool.is_none()));
    RunSummary::of(report, matches!(after, Ok(AfterItsEnd::GoesOn)), history.resumed)
}
