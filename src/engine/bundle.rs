//! The verbs that write no remote: list, export, diff and verify.
//! Must not know: forms of bundles.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::run::race;
use super::survey::{needs, pick};
use crate::model::{
    Decision, Error, ErrorKind, EventSink, ExportFormat, ExportRequest, Exported, Files, Finding, Following, Inventory,
    ItemIndex, ItemRef, ItemResult, LocationInfo, MatchMethod, Reason, Report, ReportItem, Result, Rules, RunEnd,
    RunEvent, RunStatus, Selection, Severity, Source, Stage, Summary,
};
use crate::planner;

/// How much of each picked item is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What a listing tells.
    Listed,
    /// Content too: digests, references, findings; but nothing that files would have to be moved for.
    Examined,
}

/// The items of a location, and which of them were picked.
#[derive(Debug)]
pub struct Listing {
    pub inventory: Inventory,
    /// In the order of the inventory.
    pub picked: Vec<ItemIndex>,
}

/// Lists a location and resolves a selection. Without one, all that the location holds, also what a transfer of
/// everything would leave where it is.
pub async fn list(source: &dyn Source, selection: &Selection, depth: Depth) -> Result<Listing> {
    let mut inventory = source.list().await?;
    let picked = match selection.is_everything() {
        true => inventory.items().filter(|item| !item.facts().deleted).map(|item| item.index()).collect(),
        false => planner::resolve(selection, &inventory, source.rules())?,
    };
    if depth == Depth::Examined {
        let light = without_heavy(&inventory, &picked, source.rules());
        source.examine(&mut inventory, &light).await?;
    }
    Ok(Listing { inventory, picked })
}

/// What an export takes.
#[derive(Debug)]
pub struct ExportSpec<'a> {
    pub selection: &'a Selection,
    pub dependencies: Following<'a>,
    pub format: &'a ExportFormat,
    /// `None` for standard output.
    pub output: Option<&'a Path>,
}

/// Writes a bundle of what was selected and what it needs. Refuses while a finding blocks.
///
/// `events` hears of it as of a run without a name: stages, `Started` with items and bytes once they are known, bytes
/// as they are written, a result for each item, and `Ended` in any case but a panic.
pub async fn export(
    source: &dyn Source,
    spec: &ExportSpec<'_>,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> Result<Report> {
    let exported = export_unended(source, spec, events, cancel).await;
    let end = match &exported {
        Ok(_) => RunEnd::Succeeded,
        Err(error) if error.kind() == ErrorKind::Interrupted => RunEnd::Cancelled,
        Err(error) => RunEnd::Failed { error: error.brief() },
    };
    events.emit(RunEvent::Ended { end });
    exported
}

async fn export_unended(
    source: &dyn Source,
    spec: &ExportSpec<'_>,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> Result<Report> {
    let began = Instant::now();
    events.emit(RunEvent::StageEntered { stage: Stage::Check });
    let (inventory, items) = race(cancel, gather(source, spec)).await?;
    let findings = findings_on(&inventory, &items);
    planner::refuse_blocking(&findings)?;
    let request = ExportRequest { inventory: &inventory, items: &items, output: spec.output, format: spec.format };
    let bytes = items.iter().map(|&item| inventory.item(item).size()).sum();
    events.emit(RunEvent::Started { run: String::new(), items: items.len() as u64, bytes });
    events.emit(RunEvent::StageEntered { stage: Stage::Write });
    let counting = Counting { events, bytes: AtomicU64::new(0) };
    // Dropped midway by a cancellation, it leaves no output: the platform writes whole or not at all.
    let exported = race(cancel, source.export(&request, &counting)).await?;
    counting.tell_of_items(&request, exported.bytes);
    let mut report = exported_report(source.info(), spec, &request, exported, findings);
    report.summary.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

/// Passes events on and counts bytes, so that a platform that writes all at once need not tell of them.
struct Counting<'a> {
    events: &'a dyn EventSink,
    bytes: AtomicU64,
}

impl EventSink for Counting<'_> {
    fn emit(&self, event: RunEvent) {
        if let RunEvent::BytesMoved { bytes } = &event {
            self.bytes.fetch_add(*bytes, Ordering::Relaxed);
        }
        self.events.emit(event);
    }
}

impl Counting<'_> {
    /// A bundle appears whole: now every item is done.
    fn tell_of_items(&self, request: &ExportRequest<'_>, written: u64) {
        if self.bytes.load(Ordering::Relaxed) == 0 {
            self.events.emit(RunEvent::BytesMoved { bytes: written });
        }
        for &item in request.items {
            let item = request.inventory.item(item).key();
            let (decision, result) = (Decision::Create, ItemResult::Done);
            self.events.emit(RunEvent::ItemFinished { item, decision, result, error: None });
        }
    }
}

/// What [`export`] would write, as a report with every item planned. Writes nothing, and blocks on no finding.
pub async fn preview_export(source: &dyn Source, spec: &ExportSpec<'_>) -> Result<Report> {
    let (inventory, items) = gather(source, spec).await?;
    let findings = findings_on(&inventory, &items);
    let request = ExportRequest { inventory: &inventory, items: &items, output: spec.output, format: spec.format };
    let bytes = items.iter().map(|&item| inventory.item(item).size()).sum();
    let mut report =
        exported_report(source.info(), spec, &request, Exported { bytes, ..Exported::default() }, findings);
    report.status = RunStatus::Planned;
    report.items.iter_mut().for_each(|item| item.result = ItemResult::Planned);
    Ok(report)
}

/// What goes into the bundle, examined, in the order of the inventory.
async fn gather(source: &dyn Source, spec: &ExportSpec<'_>) -> Result<(Inventory, Vec<ItemIndex>)> {
    let mut inventory = source.list().await?;
    planner::refuse_unknown_reach(spec.dependencies.reach, &inventory, source.rules())?;
    let picked = pick(source, &mut inventory, spec.selection).await?;
    let members = needs(source, &mut inventory, &picked, spec.dependencies).await?;
    // The planner names what is left out and referred to all the same, so that a plan can account for it.
    let items = members.items.iter().map(|(item, _)| *item).filter(|item| members.comes_along(*item));
    let items = with_always_exported(&inventory, items, source.rules());
    let examined = match spec.format.files {
        Files::With => items.clone(),
        Files::RecordsOnly => without_heavy(&inventory, &items, source.rules()),
    };
    source.examine(&mut inventory, &examined).await?;
    Ok((inventory, items))
}

/// Items that can be examined without moving their files.
fn without_heavy(inventory: &Inventory, items: &[ItemIndex], rules: &Rules) -> Vec<ItemIndex> {
    let heavy = |item: ItemIndex| rules.of(inventory.item(item).kind()).is_some_and(|rules| rules.heavy);
    items.iter().copied().filter(|&item| !heavy(item)).collect()
}

/// Adds the items of kinds that every bundle of the platform holds.
pub(super) fn with_always_exported(
    inventory: &Inventory,
    items: impl IntoIterator<Item = ItemIndex>,
    rules: &Rules,
) -> Vec<ItemIndex> {
    let always = |item: &ItemRef<'_>| rules.of(item.kind()).is_some_and(|rules| rules.always_exported);
    let mut items: Vec<_> = items.into_iter().collect();
    if rules.kinds.iter().any(|rules| rules.always_exported) {
        items.extend(inventory.items().filter(always).map(|item| item.index()));
    }
    items.sort_unstable();
    items.dedup();
    items
}

/// What the location says of itself and of these items.
fn findings_on(inventory: &Inventory, items: &[ItemIndex]) -> Vec<Finding> {
    let concerns = |finding: &&Finding| match &finding.item {
        None => true,
        Some(key) => inventory.find(key).is_none_or(|item| items.binary_search(&item.index()).is_ok()),
    };
    let mut findings: Vec<_> = inventory.findings.iter().filter(concerns).cloned().collect();
    findings.sort();
    findings.dedup();
    findings
}

fn exported_report(
    source: LocationInfo,
    spec: &ExportSpec<'_>,
    request: &ExportRequest<'_>,
    exported: Exported,
    mut findings: Vec<Finding>,
) -> Report {
    let path = exported.path.as_deref().or(spec.output);
    let destination = path.map_or_else(|| "-".to_owned(), |path| path.display().to_string());
    findings.extend(exported.findings);
    findings.sort();
    findings.dedup();
    let items = request.items.iter().map(|&item| exported_item(request.inventory.item(item))).collect();
    let mut report = Report {
        mode: crate::model::Mode::usual(),
        schema: Report::SCHEMA,
        run: None,
        status: RunStatus::Succeeded,
        destination: LocationInfo::new(source.platform, destination),
        source,
        summary: Summary { bytes: exported.bytes, ..Summary::default() },
        findings,
        effects: Vec::new(),
        items,
        snapshot: None,
        error: None,
    };
    report.count();
    report
}

fn exported_item(item: ItemRef<'_>) -> ReportItem {
    ReportItem {
        key: item.key(),
        name: item.name().into(),
        tags: item.tags().map(Into::into).collect(),
        match_: MatchMethod::Unmatched,
        matched: None,
        decision: Decision::Create,
        reason: Reason::Selected,
        changed: None,
        result: ItemResult::Done,
        new_id: None,
        error: None,
    }
}

/// The answer of `haul verify`.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    pub status: VerificationStatus,
    pub findings: Vec<Finding>,
    pub items: u64,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationStatus {
    Ok,
    Damaged,
}

impl VerificationStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            VerificationStatus::Ok => "ok",
            VerificationStatus::Damaged => "damaged",
        }
    }
}

/// Checks a bundle to its last byte. Damage is an answer, not an error.
pub async fn verify(source: &dyn Source) -> Result<Verification> {
    let location = source.info().location;
    let check = source.check().await?.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("{location} is no bundle"))
            .hint("verify reads a bundle on disk; `haul diff` compares a remote")
    })?;
    let damaged = check.findings.iter().any(|finding| finding.severity == Severity::Blocking);
    Ok(Verification {
        status: if damaged { VerificationStatus::Damaged } else { VerificationStatus::Ok },
        findings: check.findings,
        items: check.items,
        bytes: check.bytes,
    })
}
