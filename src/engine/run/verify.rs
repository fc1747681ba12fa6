//! Verify: the destination is read again and compared with what was written; then the platform says what is left.
//! Must not know: what equal means.

use std::collections::BTreeMap;

use super::Run;
use super::look::Sight;
use super::write::tell;
use crate::engine::events::PlatformSink;
use crate::engine::store::{Record, Spool};
use crate::model::{
    Effect, EffectKind, Error, ErrorKind, Finding, ItemKey, ItemOutcome, Plan, PlanItem, Result, Stage, Work, code,
};

/// Compares every item that was written. One that differs has failed.
pub(super) async fn verify(run: &Run, spool: &Spool) -> Result<()> {
    let done = done_items(run);
    if done.is_empty() {
        return Ok(());
    }
    run.enter(Stage::Verify)?;
    let sight = run.race(Sight::of(run, done.iter().copied())).await?;
    let wrong = differing(run, spool, &sight, done)?;
    let (converted, wrong): (Vec<_>, Vec<_>) = wrong.into_iter().partition(|item| is_converted(&run.plan, item));
    let (items, mut findings): (Vec<_>, Vec<_>) = wrong.into_iter().map(|item| differs(run, item)).unzip();
    findings.extend(cannot_be_compared(converted.len()));
    if !findings.is_empty() {
        run.ledger.record(Record::Verified { items, findings: findings.clone() })?;
        // The items were counted as done when they were written; the report has the last word.
        tell(run, &[], &findings);
    }
    refuse_left_over(&sight.left_over())
}

/// Of items that were written those that the destination does not hold.
fn differing<'r>(run: &'r Run, spool: &Spool, sight: &Sight<'_>, done: Vec<&'r PlanItem>) -> Result<Vec<&'r PlanItem>> {
    let mut held = vec![false; run.plan.items.len()];
    spool.each_item(|ours| {
        if let Some(place) = run.place(&ours.key()) {
            held[place] |= sight.holds(&run.plan.items[place], Some(ours));
        }
    })?;
    Ok(done.into_iter().filter(|item| run.place(&item.key).is_none_or(|place| !held[place])).collect())
}

/// What a replace deletes and the destination still holds.
fn refuse_left_over(items: &[ItemKey]) -> Result<()> {
    match items.first() {
        None => Ok(()),
        Some(first) => {
            let message = format!("the destination holds {first} and {} more that should be gone", items.len() - 1);
            Err(Error::new(ErrorKind::Server, message)
                .hint("everything else was written; did somebody write to the destination meanwhile?")
                .items(items.iter().cloned()))
        }
    }
}

/// The destination's schema takes less than the source has, and the plan said so: it cannot hold the same.
fn is_converted(plan: &Plan, item: &PlanItem) -> bool {
    let is_it = |effect: &Effect| {
        effect.effect == EffectKind::Convert && effect.kind == item.key.kind && effect.type_ == item.key.type_
    };
    plan.findings.iter().any(|finding| finding.code == code::SCHEMA_LOSSY) && plan.effects.iter().any(is_it)
}

fn cannot_be_compared(items: usize) -> Option<Finding> {
    let items_were = if items == 1 { "1 item was".to_owned() } else { format!("{items} items were") };
    let why = "could not be compared with the source, since the destination's schemas take less";
    let sentence = format!("{items_were} written and {why}");
    (items > 0).then(|| Finding::info(code::SCHEMA_LOSSY, sentence))
}

fn differs(run: &Run, item: &PlanItem) -> (ItemOutcome, Finding) {
    let error = "the destination does not hold what was written".to_owned();
    let finding = Finding::warning(code::VERIFY_FAILED, format!("{}: {error}", item.name)).on(&item.key);
    let new_id = run.ledger.see(|history| history.outcome(&item.key).and_then(|outcome| outcome.new_id.clone()));
    (ItemOutcome { item: item.key.clone(), new_id, error: Some(error) }, finding)
}

/// What is left to do or to know, for the items that were written.
pub(super) async fn conclude(run: &Run, spool: &Spool) -> Result<()> {
    if run.ledger.see(|history| history.concluded) {
        return Ok(());
    }
    run.stop_if_cancelled()?;
    let done = done_items(run);
    let records: BTreeMap<_, _> =
        done.iter().filter_map(|item| Some((item.key.clone(), spool.records.get(&item.key)?.clone()))).collect();
    let sink = PlatformSink::new(&run.hub);
    let plan = run.plan_so_far();
    let content = run.content();
    let work = Work { plan, records: &records, content: content.as_deref() };
    let mut findings = run.in_flight(run.destination.conclude(&work, &sink)).await?;
    findings.extend(sink.take_found());
    let recorded = run.ledger.record(Record::Concluded { findings: findings.clone() });
    tell(run, &[], &findings);
    recorded
}

fn done_items(run: &Run) -> Vec<&PlanItem> {
    run.ledger.see(|history| run.plan.written().filter(|item| history.is_done(&item.key)).collect())
}
