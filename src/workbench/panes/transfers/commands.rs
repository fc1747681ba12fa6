//! What can be done with runs: cancel, resume, look at the report, clear away.
//! Must not know: how any of it is carried out.

use super::state::{Focus, Phase, Run};
use super::update::start;
use super::{CANCEL, Effect, cancel, secrets};
use crate::engine::RunId;
use crate::model::RunStatus;
use crate::wording::plural;
use crate::workbench::canvas::{ListId, wrap};
use crate::workbench::command::{Availability, Command, Opens, Scope};
use crate::workbench::effect;
use crate::workbench::ends::Location;
use crate::workbench::job::Job;
use crate::workbench::panes::locations;
use crate::workbench::shell::{Confirm, View};
use crate::workbench::state::{Pane, State as Workbench};

const HERE: Scope = Scope::Pane(Pane::Transfers);
/// The question before a run is cancelled.
const ASKED: Scope = Scope::Popup(CANCEL);

pub const COMMANDS: &[Command] = &[
    Command::new("transfers.cancel", HERE, "x", "cancel", "Cancel the run; it can be resumed", cancel::ask)
        .footer(1)
        .when(can_cancel),
    Command::new("transfers.resume", HERE, "R", "resume", "Go on with a run that was cancelled or stopped", resume)
        .footer(2)
        .opens(Opens::Question)
        .when(can_resume),
    Command::new("transfers.report", HERE, "enter", "report", "Show the report of the run", report)
        .footer(3)
        .when(has_report),
    Command::new(
        "transfers.line",
        Scope::List(Pane::Transfers, ListId::Log),
        "enter",
        "whole line",
        "Show all of a line of the log",
        whole_line,
    )
    .footer(1)
    .when(|state| match state.transfers.log_len() {
        0 => Err("nothing stands in the log yet".into()),
        _ => Ok(()),
    }),
    Command::new(
        "transfers.secrets",
        HERE,
        "s",
        "secrets",
        "Fill in values that the run could not bring along",
        |state| {
            let number = state.transfers.chosen().map(|run| run.number);
            number.map(|number| secrets::ask(state, number)).unwrap_or_default()
        },
    )
    .footer(4)
    .when(secrets::can_fill),
    Command::new("transfers.focus", HERE, "tab shift-tab", "runs/log", "Move in the runs, or in the log", |state| {
        let focus = &mut state.transfers.focus;
        *focus = if *focus == Focus::Runs { Focus::Log } else { Focus::Runs };
        Vec::new()
    })
    .footer(5)
    .when(has_run),
    Command::new(
        "transfers.verbose",
        HERE,
        "V",
        "verbose",
        "Show requests and steps in the log too, or not",
        |state| {
            state.transfers.log.verbose = !state.transfers.log.verbose;
            state.transfers.log_from_the_end();
            Vec::new()
        },
    )
    .footer(6)
    .when(has_run),
    Command::new("transfers.clear", HERE, "c", "clear ended", "Take the runs that ended off the list", |state| {
        state.transfers.clear();
        Vec::new()
    })
    .footer(7)
    .when(|state| match state.transfers.runs.iter().all(Run::is_moving) {
        true => Err("no run ended here; 5 shows all runs".into()),
        false => Ok(()),
    }),
    Command::new("transfers.cancel.yes", ASKED, "enter y", "cancel it", "Cancel the run", cancel::yes).footer(1),
    Command::new("transfers.cancel.no", ASKED, "esc n q", "let it run", "Close: the run goes on", cancel::no).footer(2),
];

const NOTHING: &str = "nothing runs here; 3 shows the plan, and r there runs it";

fn chosen(state: &Workbench) -> Result<&Run, std::borrow::Cow<'static, str>> {
    state.transfers.chosen().ok_or(NOTHING.into())
}

fn has_run(state: &Workbench) -> Availability {
    chosen(state).map(|_| ())
}

fn can_cancel(state: &Workbench) -> Availability {
    match chosen(state)?.phase {
        Phase::Goes => Ok(()),
        Phase::Cancelling => Err("it comes to its end already".into()),
        Phase::Ended(_) => Err("it has ended".into()),
    }
}

fn can_resume(state: &Workbench) -> Availability {
    let run = chosen(state)?;
    match run.phase {
        Phase::Goes | Phase::Cancelling => Err("it goes on".into()),
        Phase::Ended(RunStatus::Succeeded | RunStatus::Planned) => Err("it is finished".into()),
        Phase::Ended(RunStatus::Partial) => Err("it is finished; f on 5 plans again what failed".into()),
        Phase::Ended(_) if run.facts.run.is_none() => Err("it never began; 3 plans it again".into()),
        Phase::Ended(RunStatus::Cancelled | RunStatus::Failed) => Ok(()),
    }
}

fn has_report(state: &Workbench) -> Availability {
    let run = chosen(state)?;
    match (&run.outcome, run.is_moving()) {
        (_, true) => Err("there is a report when it ends".into()),
        (Some(_), false) => Ok(()),
        (None, false) => Err("it never began, so there is no report".into()),
    }
}

fn resume(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(run) = state.transfers.chosen() else { return Vec::new() };
    let Some(id) = run.facts.run.clone() else { return Vec::new() };
    let (title, left) = (run.title.clone(), run.facts.items_total.saturating_sub(run.facts.finished()));
    let place = run.destination.as_ref().map(Location::text).unwrap_or_default();
    ask_to_resume(state, id, title, &place, left);
    Vec::new()
}

/// Asks before a run goes on writing; at a place that is marked as production, for its name.
pub fn ask_to_resume(state: &mut Workbench, run: RunId, title: String, destination: &str, left: u64) {
    let left = match left {
        0 => "All is written; what is left is to verify it.".to_owned(),
        left => format!("{} left to write at {destination}.", plural(left, "item")),
    };
    let lines = vec![title.clone(), left, "What was done is not done again.".to_owned()];
    // The mark as it was when the run began counts as much as the one of now.
    let known = state.transfers.place_of(&run).and_then(|place| state.transfers.runs.get(place));
    let production = known.is_some_and(|run| run.facts.production) || locations::is_production(state, destination);
    let job = Job::Resume { run, title };
    let question = Confirm::new("Resume the run", lines, "resume it", move |state| start(state, job));
    match production {
        true => question.word(destination).open(state),
        false => question.open(state),
    }
}

/// The widest that a text on top becomes.
fn columns_of_text(state: &Workbench) -> usize {
    usize::from(state.size.0).saturating_sub(6).min(110)
}

fn whole_line(state: &mut Workbench) -> Vec<effect::Effect> {
    let (pane, zone) = (&state.transfers, state.settings.zone.clone());
    let lines = pane.chosen().map(|run| run.log.lines(pane.log.verbose));
    let Some(line) = lines.and_then(|lines| lines.get(pane.log.cursor.at)) else { return Vec::new() };
    let time = line.at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut view = View::new(time, wrap(&line.text, columns_of_text(state)));
    view.copy = Some(line.text.clone());
    view.open(state);
    Vec::new()
}

fn report(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(run) = state.transfers.chosen() else { return Vec::new() };
    let Some(outcome) = &run.outcome else { return Vec::new() };
    let columns = columns_of_text(state);
    vec![Effect::Read { title: run.title.clone(), report: outcome.report.clone(), columns }.into()]
}
