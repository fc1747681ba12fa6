//! Makes the report of a run from its plan and its journal, so that a resumed run reports as an unbroken one does.
//! Must not know: how the run went in this process, apart from the error that ended it.

use std::collections::BTreeSet;

use super::RunId;
use super::store::History;
use crate::model::{
    Decision, Error, ErrorKind, Finding, ItemResult, Plan, PlanItem, Report, ReportItem, RunEnd, RunStatus, Summary,
    code,
};

/// How a run ended.
#[derive(Debug)]
pub(super) enum Ending {
    Finished,
    Cancelled(Error),
    Stopped(Error),
}

/// What a run cost in this process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub seconds: f64,
    pub requests: u64,
}

pub(super) fn of(run: &RunId, plan: &Plan, history: &History, ending: &Ending, cost: Cost) -> Report {
    let mut report = draft(run, plan, history);
    report.status = status(&report, history, ending);
    report.error = match ending {
        Ending::Finished => history.surprise.clone(),
        Ending::Cancelled(error) | Ending::Stopped(error) => Some(error.brief()),
    };
    (report.summary.seconds, report.summary.requests) = (cost.seconds, cost.requests);
    report
}

/// The report of a run that has none: its process was killed, or it goes on.
pub(super) fn so_far(run: &RunId, plan: &Plan, history: &History) -> Report {
    let error = Error::new(ErrorKind::Interrupted, format!("run {run} did not come to its end"))
        .hint(format!("`haul runs resume {run}` goes on with it"));
    of(run, plan, history, &Ending::Stopped(error), Cost::default())
}

fn draft(run: &RunId, plan: &Plan, history: &History) -> Report {
    let items: Vec<_> = plan.items.iter().map(|item| report_item(item, history)).collect();
    let done = plan.items.iter().filter(|item| history.is_done(&item.key));
    let summary = Summary { bytes: done.map(|item| item.size).sum(), ..Summary::default() };
    let mut report = Report {
        schema: Report::SCHEMA,
        run: Some(run.to_string()),
        status: RunStatus::Succeeded,
        mode: plan.options.mode,
        source: plan.source.clone(),
        destination: plan.destination.clone(),
        summary,
        findings: findings(plan, history),
        effects: plan.effects.clone(),
        items,
        snapshot: history.snapshot.clone().flatten(),
        error: None,
    };
    report.count();
    report
}

/// What the plan foresaw of what was written, and what was found while running. Of an item, what was found last speaks.
fn findings(plan: &Plan, history: &History) -> Vec<Finding> {
    let found: BTreeSet<_> = history.findings.iter().map(|found| (&found.code, &found.item)).collect();
    let left_alone: BTreeSet<_> = plan.items.iter().filter(|item| !item.is_written()).map(|item| &item.key).collect();
    // That a secret of the destination has no value matters whoever wrote it; the rest was about the writing.
    let matters = |finding: &Finding| {
        finding.code == code::SECRET_WITHOUT_VALUE
            || finding.item.as_ref().is_none_or(|item| !left_alone.contains(item))
    };
    let foreseen = plan
        .findings
        .iter()
        .filter(|foreseen| matters(foreseen))
        .filter(|foreseen| foreseen.item.is_none() || !found.contains(&(&foreseen.code, &foreseen.item)));
    let all: BTreeSet<_> = foreseen.chain(&history.findings).collect();
    all.into_iter().cloned().collect()
}

fn report_item(item: &PlanItem, history: &History) -> ReportItem {
    let outcome = history.outcome(&item.key);
    let result = match (item.decision, outcome) {
        (Decision::Skip, _) => ItemResult::Skipped,
        (_, None) => ItemResult::Pending,
        (_, Some(outcome)) if outcome.error.is_some() => ItemResult::Failed,
        (_, Some(_)) => ItemResult::Done,
    };
    let mut reported = ReportItem::of(item, result);
    if let Some(outcome) = outcome {
        reported.error = outcome.error.clone();
        if let Some(new_id) = &outcome.new_id {
            reported.new_id = Some(new_id.as_str().into());
        }
    }
    reported
}

fn status(report: &Report, history: &History, ending: &Ending) -> RunStatus {
    match ending {
        Ending::Cancelled(_) => RunStatus::Cancelled,
        Ending::Stopped(_) => RunStatus::Failed,
        // Everything was reached, though the last reply was not as expected.
        Ending::Finished if report.summary.failed > 0 || history.surprise.is_some() => RunStatus::Partial,
        Ending::Finished => RunStatus::Succeeded,
    }
}

/// The last event that belongs to a report.
pub(super) fn end_of(report: &Report) -> RunEnd {
    let unknown = || Error::new(ErrorKind::Internal, "the run stopped for an unknown reason").brief();
    match report.status {
        RunStatus::Succeeded | RunStatus::Planned => RunEnd::Succeeded,
        RunStatus::Partial => RunEnd::Partial,
        RunStatus::Cancelled => RunEnd::Cancelled,
        RunStatus::Failed => RunEnd::Failed { error: report.error.clone().unwrap_or_else(unknown) },
    }
}
