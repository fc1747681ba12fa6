//! Starts a run, shows it, passes a signal on to it, and answers with its report.
//! Must not know: where the plan came from.

use super::context::Context;
use super::output::{ProgressView, ReportText};
use crate::engine::RunHandle;
use crate::model::{Error, ErrorKind, EventSink, Report, Result, RunStatus};
use crate::wording::next_steps;

/// Follows a run to its end and answers with its report. The exit code says how it ended.
pub async fn follow(context: &Context, handle: RunHandle) -> Result<u8> {
    let orderly = context.interrupt.orderly();
    let view = ProgressView::new(context.output, "starting the run");
    let report = watch(context, handle, &view).await?;
    // A signal that comes only now must not cut the answer off.
    let exit = answer(context, &report);
    drop(orderly);
    exit
}

/// Shows a run until its report is there. A signal stops it in an orderly way.
pub async fn watch(context: &Context, mut handle: RunHandle, view: &ProgressView) -> Result<Report> {
    let _orderly = context.interrupt.orderly();
    let cancelled = context.interrupt.token().clone();
    let mut asked_to_stop = false;
    loop {
        tokio::select! {
            event = handle.events.recv() => match event {
                Some(event) => view.emit(event),
                None => break,
            },
            () = cancelled.cancelled(), if !asked_to_stop => {
                asked_to_stop = true;
                view.title("stopping after the item at hand; once more ends at once");
                handle.cancel.cancel();
            }
        }
    }
    let report = handle.report.await.map_err(|error| {
        Error::new(ErrorKind::Internal, format!("run {} ended without a report", handle.id)).caused_by(error)
    })?;
    view.clear();
    Ok(report)
}

/// Writes a report as it was asked for.
pub fn answer(context: &Context, report: &Report) -> Result<u8> {
    let next = next_steps(report);
    if context.output.is_json() {
        context.output.json(report)?;
    } else {
        context.output.text(|out, paint| ReportText { report, next: &next }.write(out, paint))?;
    }
    if report.status == RunStatus::Cancelled
        && let Some(run) = &report.run
    {
        context.output.note(&format!("the run was stopped; it can be resumed with `haul runs resume {run}`"));
    }
    Ok(exit_code(context, report))
}

/// How the run ended, as the program's exit code.
pub fn exit_code(context: &Context, report: &Report) -> u8 {
    match report.status {
        RunStatus::Planned | RunStatus::Succeeded => 0,
        RunStatus::Partial => 3,
        RunStatus::Failed => report.error.as_ref().map_or(1, |error| error.code.exit_code()),
        RunStatus::Cancelled => context.interrupt.kind().unwrap_or(ErrorKind::Interrupted).exit_code(),
    }
}
