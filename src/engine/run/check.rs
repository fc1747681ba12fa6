//! Check: both locations are surveyed again, and a plan that is no longer true is refused.
//! Must not know: what makes a plan stale.

use std::sync::Arc;

use super::Run;
use crate::engine::survey::survey;
use crate::model::{Error, ErrorKind, Finding, Inventory, ItemKey, Plan, Reason, Result, Severity, Source, Stage};
use crate::planner;

/// The inventories of now.
pub(super) async fn check(run: &Run, source: &dyn Source) -> Result<(Arc<Inventory>, Arc<Inventory>)> {
    run.enter(Stage::Check)?;
    let options = run.plan.options.clone();
    let now = run.race(survey(source, &*run.destination, options)).await.map_err(gone_means_stale)?;
    let changed = planner::stale(&run.plan, &now.plan);
    if !changed.is_empty() {
        return Err(stale(&run.plan, &now.plan, changed));
    }
    planner::refuse_blocking(&new_blocking(&run.plan, &now.plan))?;
    Ok((now.source, now.destination))
}

/// What the selection named when the plan was made is not there any more.
fn gone_means_stale(error: Error) -> Error {
    match error.kind() {
        ErrorKind::UnknownItem => Error::new(ErrorKind::Stale, format!("the plan is stale: {}", error.message()))
            .hint("nothing was changed; make a new plan")
            .items(error.item_keys().iter().cloned()),
        _ => error,
    }
}

fn stale(saved: &Plan, now: &Plan, changed: Vec<ItemKey>) -> Error {
    const SHOWN: usize = 5;
    let name = |key: &ItemKey| {
        let item = saved.item(key).or_else(|| now.item(key));
        item.map_or_else(|| key.to_string(), |item| format!("{key} ({})", item.name))
    };
    let mut names: Vec<_> = changed.iter().take(SHOWN).map(name).collect();
    if changed.len() > SHOWN {
        names.push(format!("{} more", changed.len() - SHOWN));
    }
    Error::new(ErrorKind::Stale, format!("the plan is stale, what it rests on changed: {}", names.join(", ")))
        .hint("nothing was changed; make a new plan and look at it again")
        .items(changed)
}

/// Blocking findings that the reviewed plan did not have. One that a person settled by a decision is settled.
fn new_blocking(saved: &Plan, now: &Plan) -> Vec<Finding> {
    let settled = |key: &ItemKey| saved.item(key).is_some_and(|item| item.reason == Reason::Override);
    let known =
        |finding: &Finding| saved.findings.iter().any(|known| known.code == finding.code && known.item == finding.item);
    let blocking = now.findings.iter().filter(|finding| finding.severity == Severity::Blocking);
    blocking.filter(|finding| !known(finding) && !finding.item.as_ref().is_some_and(settled)).cloned().collect()
}
