//! The report: what a verb did, in the same words as the plan. Its JSON is a contract (`docs/schemas/report.json`).
//! Must not know: how anything was done.

use std::collections::BTreeMap;

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};

use super::decision::words;
use super::{
    Candidate, Decision, Effect, ErrorBrief, Finding, ItemKey, LocationInfo, MatchMethod, Mode, Plan, PlanItem, Reason,
    code,
};

words! {
    RunStatus {
        Planned = "planned",
        Succeeded = "succeeded",
        /// Some items failed, all others are done.
        Partial = "partial",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

words! {
    /// What became of an item.
    ItemResult {
        Done = "done",
        Failed = "failed",
        /// Not reached.
        Pending = "pending",
        Skipped = "skipped",
        Planned = "planned",
    }
}

/// Counts of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub create: u64,
    pub overwrite: u64,
    pub skip: u64,
    pub duplicate: u64,
    pub failed: u64,
    pub pending: u64,
    /// By type, or by kind where the platform has no types.
    pub by_type: BTreeMap<String, u64>,
    pub bytes: u64,
    pub seconds: f64,
    pub requests: u64,
}

/// One item of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportItem {
    #[serde(flatten)]
    pub key: ItemKey,
    pub name: ArcStr,
    pub tags: Box<[ArcStr]>,
    #[serde(rename = "match")]
    pub match_: MatchMethod,
    pub matched: Option<Candidate>,
    pub decision: Decision,
    pub reason: Reason,
    pub changed: Option<bool>,
    pub result: ItemResult,
    #[serde(rename = "newId")]
    pub new_id: Option<ArcStr>,
    pub error: Option<String>,
}

impl ReportItem {
    pub fn of(item: &PlanItem, result: ItemResult) -> Self {
        ReportItem {
            key: item.key.clone(),
            name: item.name.clone(),
            tags: item.tags.clone(),
            match_: item.match_,
            matched: item.matched.clone(),
            decision: item.decision,
            reason: item.reason,
            changed: item.changed,
            result,
            new_id: item.new_id.clone(),
            error: None,
        }
    }
}

impl ReportItem {
    /// What the destination calls this item after the run; `None` for one that it does not have.
    pub fn destination_key(&self) -> Option<ItemKey> {
        let id = match self.decision {
            Decision::Create => Some(self.new_id.as_deref().unwrap_or(&self.key.id)),
            Decision::Duplicate => self.new_id.as_deref(),
            Decision::Overwrite | Decision::Skip => self.matched.as_ref().map(|matched| &*matched.id),
        };
        id.map(|id| self.key.with_id(id))
    }
}

/// What plan, apply, import, transfer, export and `runs show` answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema: u32,
    /// `null` for a plan and for an export.
    pub run: Option<String>,
    pub status: RunStatus,
    /// Not written where it is `merge`.
    #[serde(default = "Mode::usual", skip_serializing_if = "Mode::is_usual")]
    pub mode: Mode,
    pub source: LocationInfo,
    pub destination: LocationInfo,
    pub summary: Summary,
    pub findings: Vec<Finding>,
    pub effects: Vec<Effect>,
    pub items: Vec<ReportItem>,
    /// Path of the snapshot, where one was taken.
    pub snapshot: Option<String>,
    pub error: Option<ErrorBrief>,
}

impl Report {
    pub const SCHEMA: u32 = 1;

    /// The report of a plan that was only looked at.
    pub fn planned(plan: &Plan) -> Self {
        let items: Vec<_> = plan.items.iter().map(|item| ReportItem::of(item, ItemResult::Planned)).collect();
        let mut report = Report {
            schema: Report::SCHEMA,
            run: None,
            status: RunStatus::Planned,
            mode: plan.options.mode,
            source: plan.source.clone(),
            destination: plan.destination.clone(),
            summary: Summary::default(),
            findings: plan.findings.clone(),
            effects: plan.effects.clone(),
            items,
            snapshot: None,
            error: None,
        };
        report.summary.bytes = plan.written().map(|item| item.size).sum();
        report.count();
        report
    }

    /// The items that the destination holds without a value that somebody has to fill in, each once.
    pub fn without_value(&self) -> Vec<&ReportItem> {
        let lacking = |item: &&ReportItem| {
            let said = |finding: &Finding| {
                finding.code == code::SECRET_WITHOUT_VALUE && finding.item.as_ref() == Some(&item.key)
            };
            matches!(item.result, ItemResult::Done | ItemResult::Skipped) && self.findings.iter().any(said)
        };
        self.items.iter().filter(lacking).collect()
    }

    /// Counts the items again; bytes, seconds and requests stay.
    pub fn count(&mut self) {
        let summary = &mut self.summary;
        (summary.create, summary.overwrite, summary.skip, summary.duplicate) = (0, 0, 0, 0);
        (summary.failed, summary.pending) = (0, 0);
        summary.by_type.clear();
        for item in &self.items {
            match item.decision {
                Decision::Create => summary.create += 1,
                Decision::Overwrite => summary.overwrite += 1,
                Decision::Skip => summary.skip += 1,
                Decision::Duplicate => summary.duplicate += 1,
            }
            match item.result {
                ItemResult::Failed => summary.failed += 1,
                ItemResult::Pending => summary.pending += 1,
                ItemResult::Done | ItemResult::Skipped | ItemResult::Planned => {}
            }
            let type_ = item.key.type_.as_deref().unwrap_or(item.key.kind.as_str());
            *summary.by_type.entry(type_.to_owned()).or_default() += 1;
        }
    }
}
