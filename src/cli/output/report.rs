//! Plans and reports as people read them: a row for each item, what else happens, what to know, what to do next.
//! Must not know: how a plan is made or carried out.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Cell, Paint, Style, Table};
use crate::model::text::printable;
use crate::model::{
    Decision, Effect, Finding, ItemKey, ItemResult, LocationInfo, MatchMethod, Plan, PlanItem, Report, ReportItem,
    RunStatus, Severity,
};
use crate::wording::{
    FindingGroup, bytes, count, counts, effect_sentence, finding_groups, finding_sentence, mode_sentence, plan_name,
    plan_reason, plural, seconds,
};

/// A plan as text.
#[derive(Debug)]
pub struct PlanText<'a>(pub &'a Plan);

impl PlanText<'_> {
    pub fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let plan = self.0;
        let heading = format!("Plan: {} → {}", place(&plan.source), place(&plan.destination));
        writeln!(out, "{}", paint.paint(Style::Heading, heading))?;
        if let Some(sentence) = mode_sentence(plan.options.mode) {
            writeln!(out, "{sentence}")?;
        }
        if plan.items.is_empty() {
            writeln!(out, "\nnothing was selected")?;
        } else {
            writeln!(out)?;
            let titles = ["decision", "kind", "type", "name", "match", "changed", "why"];
            Table::new(titles).indented(2).write(out, paint, || plan.items.iter().map(plan_row))?;
        }
        write_effects(out, paint, &plan.effects)?;
        let names = plan.items.iter().map(|item| (&item.key, &*item.name)).collect();
        write_findings(out, paint, &plan.findings, &names)?;
        let report = Report::planned(plan);
        writeln!(out, "\n{}", paint.paint(Style::Heading, counts(&report.summary)))
    }
}

fn plan_row(item: &PlanItem) -> [Cell<'_>; 7] {
    [
        decision_cell(item.decision),
        Cell::new(item.key.kind.as_str()),
        Cell::new(item.key.type_.as_deref().unwrap_or_default()),
        Cell::new(plan_name(item)),
        match_cell(item.match_),
        changed_cell(item.changed),
        Cell::styled(plan_reason(item), Style::Dim),
    ]
}

fn decision_cell(decision: Decision) -> Cell<'static> {
    let style = match decision {
        Decision::Create => Style::Create,
        Decision::Overwrite => Style::Overwrite,
        Decision::Skip => Style::Dim,
        Decision::Duplicate => Style::Duplicate,
    };
    Cell::styled(decision.as_str(), style)
}

fn match_cell(method: MatchMethod) -> Cell<'static> {
    match method {
        MatchMethod::Unmatched => Cell::styled("–", Style::Dim),
        method => Cell::new(method.as_str()),
    }
}

fn changed_cell(changed: Option<bool>) -> Cell<'static> {
    match changed {
        Some(true) => Cell::new("yes"),
        Some(false) => Cell::styled("no", Style::Dim),
        None => Cell::styled("–", Style::Dim),
    }
}

/// A report as text.
#[derive(Debug)]
pub struct ReportText<'a> {
    pub report: &'a Report,
    /// What to do next, one sentence each.
    pub next: &'a [String],
}

impl ReportText<'_> {
    pub fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let report = self.report;
        let run = report.run.as_deref().map(|run| format!("Run {run}")).unwrap_or_else(|| "Export".to_owned());
        let status = paint.paint(status_style(report.status), report.status);
        let mode = if report.mode.is_usual() { String::new() } else { format!(" ({})", report.mode) };
        writeln!(out, "{run} {status}: {} → {}{mode}", place(&report.source), place(&report.destination))?;
        // What is left as it is needs no row, unless nothing else happened.
        let rows = || report.items.iter().filter(|item| item.result != ItemResult::Skipped).map(report_row);
        if rows().next().is_some() {
            writeln!(out)?;
            let titles = ["result", "decision", "kind", "type", "name", "new id", "error"];
            Table::new(titles).indented(2).write(out, paint, rows)?;
        }
        write_effects(out, paint, &report.effects)?;
        let names = report.items.iter().map(|item| (&item.key, &*item.name)).collect();
        write_findings(out, paint, &report.findings, &names)?;
        let summary = &report.summary;
        writeln!(out, "\n{}", paint.paint(Style::Heading, counts(summary)))?;
        let mut details = vec![seconds(summary.seconds)];
        if summary.requests > 0 {
            details.push(plural(summary.requests, "request"));
        }
        if summary.bytes > 0 {
            details.push(bytes(summary.bytes));
        }
        writeln!(out, "{}", details.join(", "))?;
        if let Some(snapshot) = &report.snapshot {
            writeln!(out, "snapshot of what was changed: {}", printable(snapshot))?;
        }
        if let Some(error) = &report.error {
            writeln!(out, "{}: {}", paint.paint(Style::Bad, "error"), printable(&error.message))?;
            if let Some(hint) = &error.hint {
                writeln!(out, "  {}: {}", paint.paint(Style::Good, "hint"), printable(hint))?;
            }
        }
        for sentence in self.next {
            writeln!(out, "{}: {}", paint.paint(Style::Good, "next"), printable(sentence))?;
        }
        Ok(())
    }
}

fn report_row(item: &ReportItem) -> [Cell<'_>; 7] {
    let style = match item.result {
        ItemResult::Done => Style::Good,
        ItemResult::Failed => Style::Bad,
        ItemResult::Pending => Style::Warning,
        ItemResult::Skipped | ItemResult::Planned => Style::Dim,
    };
    [
        Cell::styled(item.result.as_str(), style),
        decision_cell(item.decision),
        Cell::new(item.key.kind.as_str()),
        Cell::new(item.key.type_.as_deref().unwrap_or_default()),
        Cell::new(&*item.name),
        Cell::styled(item.new_id.as_deref().unwrap_or_default(), Style::Dim),
        Cell::new(item.error.as_deref().unwrap_or_default()),
    ]
}

fn status_style(status: RunStatus) -> Style {
    match status {
        RunStatus::Planned => Style::None,
        RunStatus::Succeeded => Style::Good,
        RunStatus::Partial | RunStatus::Cancelled => Style::Warning,
        RunStatus::Failed => Style::Bad,
    }
}

fn write_effects(out: &mut dyn Write, paint: Paint, effects: &[Effect]) -> io::Result<()> {
    if effects.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.paint(Style::Heading, "Also"))?;
    effects.iter().try_for_each(|effect| writeln!(out, "  {}", effect_sentence(effect)))
}

/// Findings of one code beyond these are only counted.
const SHOWN: usize = 5;

/// Blocking first, each with the item that it is about. What occurs often is not repeated to the end, unless it
/// blocks. `names` are those of the items, as far as they are known here.
pub fn write_findings(
    out: &mut dyn Write,
    paint: Paint,
    findings: &[Finding],
    names: &BTreeMap<&ItemKey, &str>,
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.paint(Style::Heading, "To know"))?;
    let widest = findings.iter().map(|finding| finding.code.len()).max().unwrap_or(0);
    for FindingGroup { severity, code, findings: group } in finding_groups(findings) {
        let shown = match severity {
            Severity::Blocking => group.len(),
            Severity::Info | Severity::Warning if group.len() > SHOWN + 1 => SHOWN,
            Severity::Info | Severity::Warning => group.len(),
        };
        for finding in &group[..shown] {
            let severity = paint.paint(severity_style(severity), format!("{severity:<8}"));
            writeln!(out, "  {severity}  {code:<widest$}  {}", printable(&finding_sentence(finding, names)))?;
        }
        if group.len() > shown {
            writeln!(out, "  {:8}  {:widest$}  … and {} more", "", "", count((group.len() - shown) as u64))?;
        }
    }
    Ok(())
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Info => Style::Dim,
        Severity::Warning => Style::Warning,
        Severity::Blocking => Style::Bad,
    }
}

fn place(location: &LocationInfo) -> String {
    printable(&location.location).into_owned()
}
