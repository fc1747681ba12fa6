//! The folder of one run: which files are in it, and how each is read and written.
//! Must not know: other runs.

use std::path::{Path, PathBuf};

use super::lock::{self, Attempt, Lock};
use super::{Journal, Record, RunId, RunSummary, journal};
use crate::files::{self, Readers};
use crate::model::{Error, ErrorKind, Plan, Report, Result};
use crate::planner;

/// The layout of a run's files, in its journal's first line.
pub(in crate::engine) const SCHEMA: u32 = 1;

/// A run's folder, of mode 0700.
#[derive(Clone, Debug)]
pub(in crate::engine) struct RunFolder {
    path: PathBuf,
    snapshot: PathBuf,
}

impl RunFolder {
    pub fn at(path: PathBuf, snapshot: PathBuf) -> Self {
        RunFolder { path, snapshot }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the snapshot goes, without the extension that the platform gives it.
    pub fn snapshot_path(&self) -> &Path {
        &self.snapshot
    }

    pub fn spool_file(&self) -> PathBuf {
        self.path.join("spool.jsonl")
    }

    /// What a source unloads, for platforms that do.
    pub fn content_folder(&self) -> PathBuf {
        self.path.join("content")
    }

    /// A finished run needs its content no more; the snapshot and the report stay.
    pub fn forget_content(&self) -> Result<()> {
        super::remove_path(&self.content_folder())
    }

    pub fn report_file(&self) -> PathBuf {
        self.path.join("report.json")
    }

    /// The head of the report, for lists.
    fn summary_file(&self) -> PathBuf {
        self.path.join("summary.json")
    }

    fn plan_file(&self) -> PathBuf {
        self.path.join("plan.json")
    }

    pub fn journal_file(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    fn id(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The first files of a new run.
    pub(super) fn fill(&self, id: &RunId, plan: &Plan) -> Result<()> {
        files::write_whole_with(&self.plan_file(), Readers::Owner, |out| planner::file::write_to(plan, out))?;
        let mut journal = Journal::create(&self.journal_file())?;
        journal.append(&Record::Opened { schema: SCHEMA, run: id.to_string() })
    }

    /// Takes the run for this process.
    pub fn lock(&self) -> Result<Lock> {
        match lock::try_lock(&self.lock_file(), &format!("process {}", std::process::id()))? {
            Attempt::Got(lock) => Ok(lock),
            Attempt::Held(_) => Err(running(self.id())),
        }
    }

    pub fn is_locked(&self) -> Result<bool> {
        lock::is_held(&self.lock_file())
    }

    pub fn plan(&self) -> Result<Plan> {
        let path = self.plan_file();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
        let read = planner::file::read(&text).map_err(|error| error.at(path.display()))?;
        Ok(read.0)
    }

    pub fn records(&self) -> Result<Vec<Record>> {
        journal::read_records(&self.journal_file())
    }

    pub fn report(&self) -> Result<Option<Report>> {
        let path = self.report_file();
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?,
        };
        let report = serde_json::from_slice(&text);
        report
            .map(Some)
            .map_err(|error| Error::new(ErrorKind::Damaged, format!("{} is damaged", path.display())).caused_by(error))
    }

    /// Writes the report, and its head for lists beside it.
    pub fn write_report(&self, report: &Report, summary: &RunSummary) -> Result<()> {
        files::write_whole_with(&self.report_file(), Readers::Owner, |out| {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        })?;
        if let Ok(bytes) = serde_json::to_vec(summary) {
            let _ = files::write_whole(&self.summary_file(), &bytes, Readers::Owner); // lists read the report then
        }
        Ok(())
    }

    /// The head of the report; `None` where it was never written or cannot be read: the report tells the same.
    pub fn summary(&self) -> Option<RunSummary> {
        serde_json::from_slice(&std::fs::read(self.summary_file()).ok()?).ok()
    }

    /// The last end is about to be overtaken: from here on the journal speaks for the run.
    pub fn forget_report(&self) -> Result<()> {
        // The head goes first: it must never outlive its report.
        super::remove_path(&self.summary_file())?;
        super::remove_path(&self.report_file())?;
        files::sync_folder(&self.path)
    }
}

pub(super) fn running(run: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Busy, format!("run {run} goes on in another process"))
        .hint("wait for it, or end that process; the run can be resumed then")
}
