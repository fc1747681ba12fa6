//! Between plan and run: the question whether to go ahead.
//! Must not know: how plans are made or carried out, or what blocks one.

use super::context::Context;
use super::output::PlanText;
use crate::model::{Plan, Result};
use crate::wording::consent_question;

/// Shows the plan and asks. A plan that writes nothing needs no consent.
pub async fn ask(context: &Context, plan: &Plan) -> Result<()> {
    if plan.written().next().is_none() {
        return Ok(());
    }
    if context.prompter.can_ask() {
        // Where standard error is closed nobody sees the question either, and the answer is no.
        let _ = PlanText(plan).write(&mut std::io::stderr().lock(), context.output.paint_notes);
    }
    context.prompter.consent(&consent_question(plan)).await
}
