//! Write: each step with its intent in the journal before it and its result after it.
//! Must not know: what a step does.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::look::{self, Sight, Standing};
use super::{Run, interrupted, pause};
use crate::engine::events::PlatformSink;
use crate::engine::store::{Record, Spool};
use crate::model::{
    Error, ErrorBrief, ErrorKind, EventSink, Finding, ItemKey, ItemOutcome, ItemResult, Mode, PlanItem, Result,
    RunEvent, Stage, Step, StepOutcome, Work,
};

/// Carries out every step that has no result yet.
pub(super) async fn write(run: &Run, spool: &Spool) -> Result<()> {
    let steps = steps(run).await?;
    stop_on_a_surprise(run, &steps)?;
    run.enter(Stage::Write)?;
    if run.resumed {
        settle_what_is_open(run, spool, &steps).await?;
    }
    if run.ledger.see(|history| steps.iter().any(|step| history.is_open(step))) {
        pause::pause(run, spool).await?;
    }
    for step in steps.iter() {
        if let Some(rest) = run.ledger.see(|history| history.rest_of(step)) {
            carry_out(run, spool, rest).await?;
            stop_on_a_surprise(run, &steps)?;
        }
    }
    Ok(())
}

/// The steps of the first start: a resumed run does the same as an unbroken one.
async fn steps(run: &Run) -> Result<Arc<[Step]>> {
    if let Some(steps) = run.ledger.see(|history| history.steps.clone()) {
        return Ok(steps);
    }
    let content = run.content();
    let steps = run.race(run.destination.steps_with(&run.plan, content.as_deref())).await?;
    refuse_odd_steps(run, &steps)?;
    run.ledger.record(Record::Steps { steps })?;
    Ok(run.ledger.see(|history| history.steps.clone()).unwrap_or_default())
}

fn refuse_odd_steps(run: &Run, steps: &[Step]) -> Result<()> {
    let mut written: Vec<&ItemKey> = run.plan.written().map(|item| &item.key).collect();
    let mut planned: Vec<&ItemKey> = steps.iter().flat_map(|step| &step.items).collect();
    written.sort();
    planned.sort();
    let mut names: Vec<_> = steps.iter().map(|step| &step.name).collect();
    names.sort();
    names.dedup();
    match written == planned && names.len() == steps.len() {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Internal, "the steps are not those of the plan")),
    }
}

/// A reply that was not as the plan expects ends the run, unless nothing is left to do.
fn stop_on_a_surprise(run: &Run, steps: &[Step]) -> Result<()> {
    run.ledger.see(|history| match &history.surprise {
        Some(surprise) if steps.iter().any(|step| history.is_open(step)) => Err(error_of(surprise)),
        _ => Ok(()),
    })
}

fn error_of(brief: &ErrorBrief) -> Error {
    let error = Error::new(brief.code, brief.message.clone());
    match &brief.hint {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    }
}

/// After a break nothing is taken for granted: every item without a result is looked at.
async fn settle_what_is_open(run: &Run, spool: &Spool, steps: &[Step]) -> Result<()> {
    let open = run.ledger.see(|history| {
        steps
            .iter()
            .filter_map(|step| history.rest_of(step))
            .flat_map(|rest| rest.into_owned().items)
            .collect::<Vec<_>>()
    });
    run.race(settle(run, spool, &open)).await
}

/// Looks at items without a result, and records those that turn out to have one.
async fn settle(run: &Run, spool: &Spool, items: &[ItemKey]) -> Result<()> {
    let items: Vec<&PlanItem> = items.iter().filter_map(|key| run.item(key)).collect();
    if items.is_empty() {
        return Ok(());
    }
    let sight = Sight::of(run, items.iter().copied()).await?;
    let ours = spool.inventory()?;
    if run.plan.options.mode == Mode::Replace && !sight.is_replaced(&ours) {
        return Ok(());
    }
    let underway = run.destination.underway(&run.plan, run.content().as_deref())?;
    let (mut outcomes, mut findings) = (Vec::new(), Vec::new());
    for item in items {
        let in_doubt = run.ledger.see(|history| history.in_doubt(&item.key));
        match sight.standing(item, ours.find(&item.key), in_doubt) {
            Standing::Untouched => {}
            Standing::Written { new_id } => outcomes.push(look::done(item, new_id)),
            Standing::Changed if underway.contains(&item.key) => {}
            Standing::Changed => {
                let (outcome, finding) = look::changed(item);
                outcomes.push(outcome);
                findings.push(finding);
            }
        }
    }
    if outcomes.is_empty() {
        return Ok(());
    }
    let settled: Vec<ItemKey> = outcomes.iter().map(|outcome| outcome.item.clone()).collect();
    let recorded = run.ledger.record(Record::Settled { items: outcomes, findings: findings.clone() });
    tell(run, &settled, &findings);
    recorded
}

/// One step, or what is left of it.
async fn carry_out(run: &Run, spool: &Spool, step: Cow<'_, Step>) -> Result<()> {
    let mut rest = step;
    let mut may_repeat = true;
    loop {
        run.stop_if_cancelled()?;
        run.ledger.record(Record::Intent { step: rest.name.clone(), items: rest.items.clone() })?;
        announce(run, &rest);
        let sink = PlatformSink::new(&run.hub);
        let plan = run.plan_so_far();
        let content = run.content();
        let work = Work { plan, records: &spool.records, content: content.as_deref() };
        match run.in_flight(run.destination.perform(&rest, &work, &sink)).await {
            Ok(outcome) => return record(run, &rest, outcome, sink.take_found()),
            Err(error) if run.cancel.is_cancelled() => {
                return Err(if error.kind() == ErrorKind::Interrupted {
                    error
                } else {
                    interrupted().caused_by(error)
                });
            }
            Err(error) => match after_an_error(run, spool, &rest, error, may_repeat).await? {
                Some(again) => rest = Cow::Owned(again),
                None => return Ok(()),
            },
        }
        may_repeat = false;
    }
}

/// A step that ended in an error may have been carried out all the same: the destination is asked. `Some` is what may
/// be tried once more, `None` means that all of it is settled.
async fn after_an_error(run: &Run, spool: &Spool, step: &Step, error: Error, may_repeat: bool) -> Result<Option<Step>> {
    let looked = run.race(settle(run, spool, &step.items)).await;
    if looked.is_err() {
        run.stop_if_cancelled()?;
        // It cannot be asked now; the items stay in doubt until the run is resumed.
        return Err(error.at(&step.name));
    }
    let lost = matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::TimedOut);
    match run.ledger.see(|history| history.rest_of(step)) {
        None => Ok(None),
        Some(rest) if may_repeat && lost && rest.items.len() == step.items.len() => Ok(Some(rest.into_owned())),
        Some(_) => Err(error.at(&step.name)),
    }
}

fn announce(run: &Run, step: &Step) {
    run.hub.emit(RunEvent::StepStarted { what: step.name.clone(), items: step.items.len() as u64 });
    for item in step.items.iter().filter_map(|key| run.item(key)) {
        run.hub.emit(RunEvent::ItemStarted { item: item.key.clone(), name: item.name.to_string() });
    }
}

fn record(run: &Run, step: &Step, outcome: StepOutcome, found: Vec<Finding>) -> Result<()> {
    let StepOutcome { mut items, mut findings, surprise, partial } = outcome;
    findings.extend(found);
    let asked: BTreeSet<&ItemKey> = step.items.iter().collect();
    items.retain(|outcome| asked.contains(&outcome.item));
    if surprise.is_none() {
        let told: BTreeSet<&ItemKey> = items.iter().map(|outcome| &outcome.item).collect();
        let untold: Vec<ItemKey> = step.items.iter().filter(|key| !told.contains(key)).cloned().collect();
        let error = || Some("the destination's answer does not mention it".to_owned());
        items.extend(untold.into_iter().map(|item| ItemOutcome { item, new_id: None, error: error() }));
    }
    let recorded = run.ledger.record(Record::Result {
        step: step.name.clone(),
        items,
        findings: findings.clone(),
        surprise: surprise.map(|error| error.brief()),
        partial,
    });
    tell(run, &step.items, &findings);
    recorded
}

/// Events come after the journal, and say of these items what it says.
pub(super) fn tell(run: &Run, items: &[ItemKey], findings: &[Finding]) {
    let error_of = |key: &ItemKey| run.ledger.see(|history| Some(history.outcome(key)?.error.clone()));
    for item in items.iter().filter_map(|key| run.item(key)) {
        let Some(error) = error_of(&item.key) else { continue };
        let result = if error.is_some() { ItemResult::Failed } else { ItemResult::Done };
        run.hub.emit(RunEvent::ItemFinished { item: item.key.clone(), decision: item.decision, result, error });
    }
    for finding in findings {
        run.hub.emit(RunEvent::Found { finding: finding.clone() });
    }
}
