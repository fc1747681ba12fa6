//! Between plan and run: what blocks, what the user refuses, and the question whether to go ahead.
//! Must not know: how plans are made or carried out.

use super::context::Context;
use super::output::{PlanText, counts, effect_sentence};
use crate::model::{Effect, Error, ErrorKind, Finding, ItemKey, Plan, Report, Result};

/// Findings that the user does not accept, as an error.
pub fn refuse_findings<'a>(findings: impl IntoIterator<Item = &'a Finding>, codes: &[String]) -> Result<()> {
    let refused: Vec<_> = findings.into_iter().filter(|finding| codes.contains(&finding.code)).collect();
    let Some(first) = refused.first() else { return Ok(()) };
    let mut found: Vec<_> = refused.iter().map(|finding| finding.code.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    let message = match refused.len() {
        1 => format!("there is a finding {} that --fail-on names: {}", first.code, first.message),
        n => format!("there are {n} findings that --fail-on names: {}", found.join(", ")),
    };
    Err(Error::new(ErrorKind::FailOn, message).items(items_of(&refused)))
}

/// Blocking findings stop a run; no option accepts them, only a decision for the item does.
pub fn refuse_blocking(plan: &Plan) -> Result<()> {
    let blocking: Vec<_> = plan.blocking().collect();
    let Some(first) = blocking.first() else { return Ok(()) };
    let message = match blocking.len() {
        1 => format!("{}: {}", first.code, first.message),
        n => format!("{n} findings block this plan; the first is {}: {}", first.code, first.message),
    };
    let items = items_of(&blocking);
    let error = Error::new(ErrorKind::BlockingFinding, message);
    Err(match items.first() {
        Some(key) => error.hint(format!("decide for each of them, such as --decide {key}=skip")).items(items),
        None => error,
    })
}

fn items_of(findings: &[&Finding]) -> Vec<ItemKey> {
    let mut items: Vec<_> = findings.iter().filter_map(|finding| finding.item.clone()).collect();
    items.sort();
    items.dedup();
    items
}

/// Shows the plan and asks. A plan that writes nothing needs no consent.
pub async fn ask(context: &Context, plan: &Plan) -> Result<()> {
    if plan.written().next().is_none() {
        return Ok(());
    }
    if context.prompter.can_ask() {
        // Where standard error is closed nobody sees the question either, and the answer is no.
        let _ = PlanText(plan).write(&mut std::io::stderr().lock(), context.output.paint_notes);
    }
    context.prompter.consent(&question(plan)).await
}

/// `create 3, overwrite 2, duplicate 0, skip 4 at prod (1 connection cannot be brought back …): go ahead?`
fn question(plan: &Plan) -> String {
    let report = Report::planned(plan);
    let lasting: Vec<_> = plan.effects.iter().filter(|effect| is_lasting(effect)).map(effect_sentence).collect();
    let lasting = if lasting.is_empty() { String::new() } else { format!(" ({})", lasting.join(", ")) };
    format!("{} at {}{lasting}: go ahead?", counts(&report.summary), plan.destination.location)
}

fn is_lasting(effect: &Effect) -> bool {
    use crate::model::EffectKind::{CannotUndo, Delete, Unlink};
    matches!(effect.effect, Delete | Unlink | CannotUndo)
}
