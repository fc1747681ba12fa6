//! What can be done with runs: cancel, resume, look at the report, clear away.
//! Must not know: how any of it is carried out.

use super::state::{Focus, Phase, Run};
use super::update::start;
use super::{Effect, secrets};
use crate::engine::RunId;
use crate::model::RunStatus;
use crate::wording::plural;
use crate::workbench::canvas::wrap;
use crate::workbench::command::{Availability, Command, Scope};
use crate::workbench::effect;
use crate::workbench::ends::Location;
use crate::workbench::job::Job;
use crate::workbench::panes::locations;
use crate::workbench::shell::{Confirm, Notice, View};
use crate::workbench::state::{Pane, State as Workbench};

const HERE: Scope = Scope::Pane(Pane::Transfers);

pub const COMMANDS: &[Command] = &[
    Command::new("transfers.cancel", HERE, "x", "cancel", "Cancel the run; it can be resumed", ask_to_cancel)
        .footer(1)
        .when(can_cancel),
    Command::new("transfers.resume", HERE, "R", "resume", "Go on with a run that was cancelled or stopped", resume)
        .footer(2)
        .when(can_resume),
    Command::new(
        "transfers.report",
        HERE,
        "enter",
        "report",
        "Show the report of the run; in the log, the whole line",
        open,
    )
    .footer(3)
    .when(can_open),
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

fn can_open(state: &Workbench) -> Availability {
    if state.transfers.focus == Focus::Log {
        let some = state.transfers.log_len() > 0;
        return if some { Ok(()) } else { Err("nothing stands in the log yet".into()) };
    }
    let run = chosen(state)?;
    match (&run.outcome, run.is_moving()) {
        (Some(_), _) => Ok(()),
        (None, true) => Err("there is a report when it ends".into()),
        (None, false) => Err("it never began, so there is no report".into()),
    }
}

fn ask_to_cancel(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(run) = state.transfers.chosen() else { return Vec::new() };
    let number = run.number;
    let after = match run.deed {
        super::fold::Deed::Transfer => "What is being written comes to its end. R resumes it later, here or on 5.",
        super::fold::Deed::Export => "A bundle is written whole or not at all: nothing of it stays.",
    };
    // How far it is stands behind the question, and goes on there.
    let lines = vec![run.title.clone(), after.to_owned()];
    let question = Confirm::new("Cancel the run", lines, "cancel it", move |state| cancel(state, number));
    question.no("let it run").open(state);
    Vec::new()
}

fn cancel(state: &mut Workbench, number: super::state::Number) -> Vec<effect::Effect> {
    let Some(run) = state.transfers.get_mut(number).filter(|run| run.phase == Phase::Goes) else {
        state.tell(Notice::info("the run had ended before it could be cancelled").hint("⏎ shows its report"));
        return Vec::new();
    };
    run.phase = Phase::Cancelling;
    vec![Effect::Stop(run.stop.clone()).into()]
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

fn open(state: &mut Workbench) -> Vec<effect::Effect> {
    // The widest that such a popup becomes.
    let columns = usize::from(state.size.0).saturating_sub(6).min(110);
    match state.transfers.focus {
        Focus::Runs => report(state, columns),
        Focus::Log => whole_line(state, columns),
    }
}

fn whole_line(state: &mut Workbench, columns: usize) -> Vec<effect::Effect> {
    let (pane, zone) = (&state.transfers, state.settings.zone.clone());
    let lines = pane.chosen().map(|run| run.log.lines(pane.log.verbose));
    let Some(line) = lines.and_then(|lines| lines.get(pane.log.cursor.at)) else { return Vec::new() };
    let time = line.at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut view = View::new(time, wrap(&line.text, columns));
    view.copy = Some(line.text.clone());
    view.open(state);
    Vec::new()
}

fn report(state: &Workbench, columns: usize) -> Vec<effect::Effect> {
    let Some(run) = state.transfers.chosen() else { return Vec::new() };
    let Some(outcome) = &run.outcome else { return Vec::new() };
    vec![Effect::Read { title: run.title.clone(), report: outcome.report.clone(), columns }.into()]
}
