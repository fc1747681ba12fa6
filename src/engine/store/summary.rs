//! What a list of runs shows of each: small, so that hundreds are listed at once.
//! Must not know: plans, items.

use serde::{Deserialize, Serialize};

use crate::model::{ErrorBrief, LocationInfo, Report, RunStatus, Summary};

/// The head of a report, without its items. Kept beside it as `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunSummary {
    /// Of a run that did not end: how it stands so far.
    pub status: RunStatus,
    pub source: LocationInfo,
    pub destination: LocationInfo,
    pub summary: Summary,
    pub findings: u64,
    pub snapshot: Option<String>,
    pub error: Option<ErrorBrief>,
    /// Whether `haul runs resume` goes on with it once no process works on it.
    pub resumable: bool,
    /// How often somebody went on with it.
    #[serde(default)]
    pub resumed: u64,
}

impl RunSummary {
    pub(super) fn of(report: &Report, resumable: bool, resumed: u64) -> Self {
        RunSummary {
            status: report.status,
            source: report.source.clone(),
            destination: report.destination.clone(),
            summary: report.summary.clone(),
            findings: report.findings.len() as u64,
            snapshot: report.snapshot.clone(),
            error: report.error.clone(),
            resumable,
            resumed,
        }
    }
}
