//! What follows from what happens: runs begin, tell what they do, and end.
//! Must not know: how a run is carried out.

use super::effects::{End, Outcome};
use super::fold::Line;
use super::state::{Phase, Run};
use super::{Effect, Message, cancel, secrets};
use crate::model::{Error, ErrorKind, RunStatus, Severity};
use crate::wording::count;
use crate::workbench::crash;
use crate::workbench::effect;
use crate::workbench::job::Job;
use crate::workbench::panes::{self, history};
use crate::workbench::shell::Notice;
use crate::workbench::state::{Pane, State as Workbench};

/// Starts a run in the background and shows it. A run of this session that stopped goes on in its own row.
pub fn start(state: &mut Workbench, job: Job) -> Vec<effect::Effect> {
    let now = state.now;
    let pane = &mut state.transfers;
    let known = match &job {
        Job::Resume { run, .. } => pane.place_of(run),
        Job::Transfer { .. } | Job::Export(_) => None,
    };
    let begun = match known {
        Some(place) => {
            pane.go_to(place);
            let run = &mut pane.runs[place];
            if run.is_moving() {
                state.tell(Notice::warning("this run goes on already"));
                return panes::show(state, Pane::Transfers);
            }
            run.again(now);
            &*run
        }
        None => pane.add(&job, now),
    };
    let (number, stop) = (begun.number, begun.stop.clone());
    // What was said of it before is over.
    state.notice = None;
    let mut effects = panes::show(state, Pane::Transfers);
    effects.push(Effect::Run { number, job, stop }.into());
    effects
}

pub fn update(state: &mut Workbench, message: Message) -> Vec<effect::Effect> {
    match message {
        Message::Progressed(number, update) => {
            state.transfers.take(number, *update);
            Vec::new()
        }
        Message::Ended(number, end) => {
            let End { update, outcome, destination } = *end;
            state.transfers.take(number, update);
            cancel::forget(state, number);
            let now = state.now;
            let Some(run) = state.transfers.get_mut(number) else { return Vec::new() };
            run.destination = destination.or(run.destination.take());
            let notice = conclude(run, outcome, now);
            let took = run.seconds(now);
            state.tell(notice);
            state.transfers.log_grew(number);
            let mut effects = vec![history::refresh()];
            if rings(state.settings.bell_after, took) {
                effects.push(effect::Effect::Bell);
            }
            effects
        }
        // Who went elsewhere meanwhile does not want it on top of that.
        Message::Readable(view) => {
            if state.pane == Pane::Transfers && state.popups.is_empty() {
                view.open(state);
            }
            Vec::new()
        }
        Message::Filled { number, at, filled } => {
            secrets::filled(state, number, at, filled);
            Vec::new()
        }
    }
}

fn rings(after: u64, took: i64) -> bool {
    after > 0 && u64::try_from(took).is_ok_and(|took| took >= after)
}

/// Puts the end of a run into its row, and says it.
fn conclude(run: &mut Run, outcome: Result<Outcome, Error>, now: jiff::Timestamp) -> Notice {
    run.ended = Some(now);
    match outcome {
        Ok(outcome) => {
            run.phase = Phase::Ended(outcome.report.status);
            run.error = None;
            let outcome = run.outcome.insert(outcome).clone();
            notice_of(run, &outcome)
        }
        Err(error) => {
            let cancelled = error.kind() == ErrorKind::Interrupted;
            run.phase = Phase::Ended(if cancelled { RunStatus::Cancelled } else { RunStatus::Failed });
            run.error = Some(error.brief());
            let severity = if cancelled { Severity::Warning } else { Severity::Blocking };
            let (text, title) = (error.message().to_owned(), &run.title);
            let notice = match cancelled {
                true => Notice::warning(format!("{title}: {text}")),
                false => Notice::failure(format!("{title}: {text}")),
            };
            run.log.add(Line { at: now, text, severity: Some(severity), detail: false });
            with_hint(notice, error.hint_text())
        }
    }
}

fn notice_of(run: &Run, outcome: &Outcome) -> Notice {
    let text = format!("{} {}", run.title, ending(outcome));
    let report = &outcome.report;
    let error = report.error.as_ref();
    if error.is_some_and(|error| error.code == ErrorKind::Internal) {
        return Notice::failure(text).hint(crash::sentence());
    }
    match report.status {
        RunStatus::Succeeded | RunStatus::Planned if run.open_values() > 0 => {
            Notice::info(text).hint(format!("s on 4 fills in the value of {}", run.open_words()))
        }
        RunStatus::Succeeded | RunStatus::Planned => Notice::info(text),
        RunStatus::Partial => Notice::warning(text).hint("⏎ on 4 shows what failed"),
        RunStatus::Cancelled => Notice::warning(text).hint("R on 4 resumes it"),
        RunStatus::Failed => with_hint(Notice::failure(text), error.and_then(|error| error.hint.as_deref())),
    }
}

fn with_hint(notice: Notice, hint: Option<&str>) -> Notice {
    match hint {
        Some(hint) => notice.hint(hint),
        None => notice,
    }
}

/// `succeeded: 7 written`, `failed: the server is gone`.
pub fn ending(outcome: &Outcome) -> String {
    let report = &outcome.report;
    let summary = &report.summary;
    let written = format!("{} written", count(outcome.written));
    match (report.status, &report.error) {
        (RunStatus::Succeeded | RunStatus::Planned, _) => format!("succeeded: {written}"),
        (RunStatus::Partial, _) => format!("ended: {written}, {} failed", count(summary.failed)),
        (RunStatus::Cancelled, _) if summary.pending == 0 => {
            format!("cancelled when all was written: {written}, not verified")
        }
        (RunStatus::Cancelled, _) => format!("cancelled: {written}, {} left", count(summary.pending)),
        (RunStatus::Failed, Some(error)) => format!("failed: {}", error.message),
        (RunStatus::Failed, None) => "failed".to_owned(),
    }
}
