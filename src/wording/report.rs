//! How a report is told: its counts, and what is left to do.
//! Must not know: how anything was done.

use std::collections::BTreeSet;

use super::{count, plural};
use crate::model::{Report, RunStatus, Summary, code};

/// `create 3, overwrite 2, duplicate 0, skip 4`, and what failed or was not reached, where there is any.
pub fn counts(summary: &Summary) -> String {
    let mut parts = vec![
        format!("create {}", count(summary.create)),
        format!("overwrite {}", count(summary.overwrite)),
        format!("duplicate {}", count(summary.duplicate)),
        format!("skip {}", count(summary.skip)),
    ];
    for (word, n) in [("failed", summary.failed), ("pending", summary.pending)] {
        if n > 0 {
            parts.push(format!("{word} {}", count(n)));
        }
    }
    parts.join(", ")
}

/// What is left to do after a run, one sentence each: values to fill in, a run to look at or to resume.
pub fn next_steps(report: &Report) -> Vec<String> {
    let mut next = Vec::new();
    let without_value: BTreeSet<_> = report
        .findings
        .iter()
        .filter(|finding| finding.code == code::SECRET_WITHOUT_VALUE)
        .filter_map(|finding| finding.item.as_ref())
        .collect();
    if !without_value.is_empty() {
        let secrets = plural(without_value.len() as u64, "secret");
        next.push(format!("fill in the value of {secrets} at {}", report.destination.location));
    }
    let Some(run) = &report.run else { return next };
    match report.status {
        RunStatus::Failed | RunStatus::Cancelled => next.push(format!("resume it with `haul runs resume {run}`")),
        RunStatus::Partial => next.push(format!("see what failed with `haul runs show {run}`")),
        RunStatus::Succeeded => next.push(format!("look at it again with `haul runs show {run}`")),
        RunStatus::Planned => {}
    }
    next
}
