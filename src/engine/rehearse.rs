//! Does a plan at its destination and has all of it taken back, to learn what the destination says to it.
//! Must not know: how a destination takes something back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::run::race;
use super::survey::Survey;
use crate::files;
use crate::model::{
    Destination, Error, EventSink, Files, Finding, ItemIndex, ItemKey, Mode, Rehearsal, Result, RunEvent, Source,
    Stage, UnloadRequest, Work, code,
};

/// The folder of a rehearsal begins like those of the platforms, whose next one removes what a killed process left.
const PREFIX: &str = "pull-rehearsal-";

/// Rehearses the plan of a survey, with the very locations that it was made from. What came of it joins the findings of the
/// plan. `folders` is a place for what the source hands out meanwhile.
pub async fn rehearse(
    survey: &mut Survey,
    source: &dyn Source,
    destination: &dyn Destination,
    folders: &Path,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> Result<()> {
    let findings = match survey.plan.blocking().next() {
        Some(_) => vec![Finding::warning(code::NOT_REHEARSED, "the plan is blocked; nothing was rehearsed")],
        None if survey.plan.written().next().is_none() => {
            vec![Finding::info(code::NOT_REHEARSED, "nothing would be written; there is nothing to rehearse")]
        }
        None if survey.plan.options.mode != Mode::Merge => {
            vec![Finding::warning(code::NOT_REHEARSED, "only a merge can be rehearsed; nothing was")]
        }
        None => race(cancel, tried(survey, source, destination, folders, events)).await?,
    };
    let plan = &mut survey.plan;
    plan.findings.extend(findings);
    plan.findings.sort_by(|a, b| (b.severity, a).cmp(&(a.severity, b)));
    plan.findings.dedup();
    Ok(())
}

async fn tried(
    survey: &Survey,
    source: &dyn Source,
    destination: &dyn Destination,
    folders: &Path,
    events: &dyn EventSink,
) -> Result<Vec<Finding>> {
    let began = std::time::Instant::now();
    files::create_private_folder(folders)?;
    let failed = |error| Error::io(format_args!("cannot make a folder in {}", folders.display()), error);
    let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folders).map_err(failed)?;
    let content = folder.path().join("content");
    files::create_private_folder(&content)?;
    let keys: Vec<ItemKey> = survey.plan.written().map(|item| item.key.clone()).collect();
    let items: Vec<ItemIndex> =
        keys.iter().filter_map(|key| survey.source.find(key)).map(|item| item.index()).collect();
    events.emit(RunEvent::StageEntered { stage: Stage::Fetch });
    // Files are never sent: nothing takes them back.
    let request =
        UnloadRequest { inventory: &survey.source, items: &items, folder: &content, files: Files::RecordsOnly };
    source.unload(&request, events).await?;
    events.emit(RunEvent::StageEntered { stage: Stage::Write });
    let (plan, records) = (Arc::new(survey.plan.clone()), BTreeMap::new());
    let work = Work { plan: &plan, records: &records, content: Some(&content) };
    let rehearsal = destination.rehearse(&work, events).await?;
    Ok(told(rehearsal, began.elapsed().as_secs_f64()))
}

fn told(rehearsal: Rehearsal, seconds: f64) -> Vec<Finding> {
    let Rehearsal { rows, relations, deleted, refused, mut findings } = rehearsal;
    findings.push(match refused {
        Some(error) => Finding::blocking(code::REHEARSAL_REFUSED, format!("the rehearsal ended with: {error}")),
        None => Finding::info(
            code::REHEARSED,
            format!(
                "rehearsed in {seconds:.1} s: {deleted} documents went, {rows} rows and {relations} relations came, and \
                 all of it was taken back"
            ),
        ),
    });
    findings
}
