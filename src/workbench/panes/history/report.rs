//! A report as a person reads it: first what went wrong and what is left to do, then the rest, then every item.
//! Must not know: the screen; how a run went on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::RunState;
use crate::model::{
    Decision, ErrorBrief, ErrorKind, ItemKey, ItemResult, Report, ReportItem, RunStatus, Severity, code,
};
use crate::wording::{bytes, count, counts, effect_sentence, finding_groups, finding_sentence, plural, seconds};
use crate::workbench::canvas::wrap;
use crate::workbench::theme::Role;

/// Failed items above the list of all items; the others are in that list.
const FAILED: usize = 20;
/// Findings of one code.
const FINDINGS: usize = 5;
/// Names in one sentence.
const NAMES: usize = 20;
/// Items in a text that is shown whole.
const ITEMS: usize = 2_000;

/// A report, ready to be shown.
#[derive(Clone, Debug)]
pub struct Readable {
    pub report: Arc<Report>,
    /// Of the run when it was read.
    pub state: RunState,
    entries: Vec<Entry>,
    failed: Vec<u32>,
    pending: Vec<u32>,
    /// Somebody has values to fill in.
    pub lacks_values: bool,
}

/// Which items are listed below the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Items {
    #[default]
    All,
    Failed,
    Pending,
}

impl Items {
    pub fn next(self) -> Items {
        match self {
            Items::All => Items::Failed,
            Items::Failed => Items::Pending,
            Items::Pending => Items::All,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Items::All => "all",
            Items::Failed => "failed",
            Items::Pending => "pending",
        }
    }
}

/// A statement: a word in front, and a sentence that may take several lines.
#[derive(Clone, Debug)]
struct Entry {
    lead: &'static str,
    text: String,
    role: Role,
}

/// A line of the report above the items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Empty on the lines after the first.
    pub lead: &'static str,
    pub text: String,
    pub role: Role,
}

/// Columns of the word in front.
pub const LEAD: usize = 11;

impl Readable {
    /// Takes time by the number of items. `resumed`: so often somebody went on with the run.
    pub fn new(report: Arc<Report>, state: RunState, resumed: u64) -> Self {
        let places = |result| -> Vec<u32> {
            let items = (0u32..).zip(&report.items).filter(move |(_, item)| item.result == result);
            items.map(|(place, _)| place).collect()
        };
        let (failed, pending) = (places(ItemResult::Failed), places(ItemResult::Pending));
        let entries = entries(&report, &failed, state, resumed);
        let lacks_values = report.findings.iter().any(|finding| finding.code == code::SECRET_WITHOUT_VALUE);
        Readable { report, state, entries, failed, pending, lacks_values }
    }

    /// The lines above the items, at a width.
    pub fn lines(&self, columns: usize) -> Vec<Line> {
        let room = columns.saturating_sub(LEAD).max(20);
        let of = |entry: &Entry| {
            let lines = wrap(&entry.text, room).into_iter().enumerate();
            let line = |(row, text)| Line { lead: if row == 0 { entry.lead } else { "" }, text, role: entry.role };
            lines.map(line).collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(of).collect()
    }

    pub fn items(&self, which: Items) -> usize {
        match which {
            Items::All => self.report.items.len(),
            Items::Failed => self.failed.len(),
            Items::Pending => self.pending.len(),
        }
    }

    pub fn item(&self, which: Items, row: usize) -> Option<&ReportItem> {
        let place = match which {
            Items::All => row,
            Items::Failed => *self.failed.get(row)? as usize,
            Items::Pending => *self.pending.get(row)? as usize,
        };
        self.report.items.get(place)
    }

    /// What failed or was not reached.
    pub fn undone(&self) -> impl Iterator<Item = &ReportItem> {
        self.failed.iter().chain(&self.pending).filter_map(|&place| self.report.items.get(place as usize))
    }
}

/// The whole report as lines of text.
pub fn report_text(report: &Arc<Report>, resumed: u64, columns: usize) -> Vec<String> {
    let readable = Readable::new(report.clone(), RunState::Ended, resumed);
    let mut lines: Vec<String> =
        readable.lines(columns).into_iter().map(|line| format!("{:<LEAD$}{}", line.lead, line.text)).collect();
    let written = report.items.iter().filter(|item| item.result != ItemResult::Skipped);
    lines.push(String::new());
    lines.extend(written.clone().take(ITEMS).map(item_text));
    let more = written.skip(ITEMS).count();
    if more > 0 {
        lines.push(format!("… and {} more", count(more as u64)));
    }
    lines
}

/// `✓ created            flow Dunning`, `✗ overwrite: failed   connection HubSpot: name already in use`.
pub fn item_text(item: &ReportItem) -> String {
    let type_ = item.key.type_.as_deref().map(|type_| format!(" {type_}")).unwrap_or_default();
    let what = match (item.result, item.decision) {
        (ItemResult::Done, Decision::Create) => "created".to_owned(),
        (ItemResult::Done, Decision::Overwrite) => "overwrote".to_owned(),
        (ItemResult::Done, Decision::Duplicate) => "duplicated".to_owned(),
        (ItemResult::Skipped, _) | (_, Decision::Skip) => "skipped".to_owned(),
        (result, decision) => format!("{decision}: {result}"),
    };
    let more = match (&item.error, item.result, &item.new_id) {
        (Some(error), ..) => format!(": {error}"),
        (None, ItemResult::Skipped, _) => format!(" · {}", item.reason),
        (None, ItemResult::Done, Some(id)) => format!(" · as {id}"),
        _ => String::new(),
    };
    format!("{} {what:<20}{}{type_} {}{more}", sign(item.result).0, item.key.kind, item.name)
}

/// The sign of a result, and its colour.
pub fn sign(result: ItemResult) -> (&'static str, Role) {
    match result {
        ItemResult::Done => ("✓", Role::Good),
        ItemResult::Failed => ("✗", Role::Bad),
        ItemResult::Pending => ("…", Role::Warning),
        ItemResult::Skipped | ItemResult::Planned => ("·", Role::Dim),
    }
}

fn entry(lead: &'static str, text: impl Into<String>, role: Role) -> Entry {
    Entry { lead, text: text.into(), role }
}

fn entries(report: &Report, failed: &[u32], state: RunState, resumed: u64) -> Vec<Entry> {
    let mut entries = Vec::new();
    if state == RunState::Running {
        entries.push(entry("running", "it goes on, here (4 shows it) or in another process; so far:", Role::Info));
    } else {
        entries.extend(of_end(report));
        entries.extend(of_pending(report));
    }
    entries.extend(of_failed(report, failed));
    // Of a run that goes on it is not known yet.
    entries.extend(without_value(report).into_iter().filter(|_| state != RunState::Running));
    entries.push(summary(report));
    entries.extend(of_resumed(resumed));
    entries.extend(of_snapshot(report));
    entries.extend(report.effects.iter().map(|effect| entry("foreseen", effect_sentence(effect), Role::Text)));
    entries.extend(of_findings(report));
    entries
}

/// Why it did not come to its end. That somebody cancelled it is no error.
fn of_end(report: &Report) -> Vec<Entry> {
    let cancelled = report.error.as_ref().is_some_and(|error| error.code == ErrorKind::Interrupted);
    match (report.status, report.summary.pending) {
        (RunStatus::Cancelled, 0) if cancelled => vec![
            entry("cancelled", "when all was written; that the destination holds it was not verified", Role::Warning),
            entry("  →", "R goes on with the run, and only verifies", Role::Dim),
        ],
        (RunStatus::Cancelled, _) if cancelled => vec![entry("cancelled", "before all was written", Role::Warning)],
        _ => report.error.iter().flat_map(of_error).collect(),
    }
}

fn of_error(error: &ErrorBrief) -> Vec<Entry> {
    let mut entries = vec![entry("error", error.message.as_str(), Role::Bad)];
    entries.extend(error.hint.as_ref().map(|hint| entry("  →", hint.as_str(), Role::Dim)));
    entries
}

fn of_failed(report: &Report, failed: &[u32]) -> Vec<Entry> {
    let shown = failed.iter().take(FAILED).filter_map(|&place| report.items.get(place as usize));
    let mut entries: Vec<_> = shown
        .map(|item| {
            let why = item.error.as_deref().unwrap_or("the reason is not known");
            entry("failed", format!("{} ({}): {why}", item.name, item.key.kind), Role::Bad)
        })
        .collect();
    if failed.len() > FAILED {
        let more = count((failed.len() - FAILED) as u64);
        entries.push(entry("", format!("… and {more} more; F lists them all below"), Role::Bad));
    }
    if !failed.is_empty() {
        let again = "mend what the error says at the source or the destination; f on 5 plans again what failed";
        entries.push(entry("  →", again, Role::Dim));
    }
    entries
}

fn of_pending(report: &Report) -> Vec<Entry> {
    match report.summary.pending {
        0 => Vec::new(),
        n => vec![
            entry("pending", format!("{} not reached", were(n)), Role::Warning),
            entry("  →", "R goes on with the run where that can be; f on 5 plans them again", Role::Dim),
        ],
    }
}

fn were(n: u64) -> String {
    format!("{} {}", plural(n, "item"), if n == 1 { "was" } else { "were" })
}

fn without_value(report: &Report) -> Vec<Entry> {
    let lacking: BTreeSet<&ItemKey> = report
        .findings
        .iter()
        .filter(|finding| finding.code == code::SECRET_WITHOUT_VALUE)
        .filter_map(|finding| finding.item.as_ref())
        .collect();
    let names = report.items.iter().filter(|item| lacking.contains(&item.key)).map(|item| &*item.name);
    let named: Vec<_> = names.take(NAMES).collect();
    let more = lacking.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    let text = format!("at {} when it ended: {}{more}", report.destination.location, named.join(", "));
    if lacking.is_empty() {
        return Vec::new();
    }
    let fill = "s fills them in, on 4 and on 5";
    vec![entry("no value", text, Role::Warning), entry("  →", fill, Role::Dim)]
}

fn of_findings(report: &Report) -> Vec<Entry> {
    let names: BTreeMap<&ItemKey, &str> = report.items.iter().map(|item| (&item.key, &*item.name)).collect();
    let mut entries = Vec::new();
    for group in finding_groups(&report.findings) {
        if group.code == code::SECRET_WITHOUT_VALUE {
            continue;
        }
        let lead = match group.severity {
            Severity::Info => "i",
            Severity::Warning => "! warning",
            Severity::Blocking => "✗ blocking",
        };
        let role = Role::of_severity(group.severity);
        let shown = group.findings.iter().take(FINDINGS);
        entries.extend(shown.map(|finding| entry(lead, finding_sentence(finding, &names), role)));
        if group.findings.len() > FINDINGS {
            let more = count((group.findings.len() - FINDINGS) as u64);
            entries.push(entry("", format!("… and {more} more of `{}`", group.code), role));
        }
    }
    entries
}

fn summary(report: &Report) -> Entry {
    let summary = &report.summary;
    let mut parts = vec![counts(summary), seconds(summary.seconds)];
    if summary.requests > 0 {
        parts.push(plural(summary.requests, "request"));
    }
    if summary.bytes > 0 {
        parts.push(bytes(summary.bytes));
    }
    entry("in all", parts.join(" · "), Role::Text)
}

/// What it cost before it was gone on with is not known.
fn of_resumed(resumed: u64) -> Option<Entry> {
    let times = match resumed {
        0 => return None,
        1 => "once".to_owned(),
        n => format!("{} times", count(n)),
    };
    Some(entry("resumed", format!("{times}; time and requests are those since then"), Role::Text))
}

/// There is no way back by one key; but the snapshot is a bundle as any other.
fn of_snapshot(report: &Report) -> Vec<Entry> {
    let overwrote =
        report.items.iter().any(|item| item.result == ItemResult::Done && item.decision == Decision::Overwrite);
    let Some(snapshot) = &report.snapshot else {
        let text = "none: nothing was overwritten";
        return if overwrote { Vec::new() } else { vec![entry("snapshot", text, Role::Dim)] };
    };
    let back = format!(
        "brings back what was overwritten, as far as the plan said; what was created stays. Choose it as source on 1 \
         (o on 5 copies its path), or `haul import SNAPSHOT {} --overwrite`",
        report.destination.location
    );
    vec![entry("snapshot", snapshot.as_str(), Role::Text), entry("  →", back, Role::Dim)]
}
