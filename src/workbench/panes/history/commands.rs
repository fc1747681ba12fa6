//! What can be done with the runs of before: read, resume, plan again, copy, remove.
//! Must not know: how any of it is carried out.

use std::borrow::Cow;

use super::draw::report_columns;
use super::report::item_text;
use super::rows::Row;
use super::state::Focus;
use super::{Effect, update};
use crate::engine::RunState;
use crate::model::RunStatus;
use crate::workbench::canvas::ListId;
use crate::workbench::command::{Availability, Command, Opens, Scope, Typing};
use crate::workbench::effect;
use crate::workbench::panes::transfers;
use crate::workbench::shell::{Confirm, Notice, View};
use crate::workbench::state::{Pane, State as Workbench};
use crate::workbench::widgets::Cursor;

const HERE: Scope = Scope::Pane(Pane::History);

pub const COMMANDS: &[Command] = &[
    Command::new("history.open", HERE, "enter", "open", "Read the report on the whole pane", open).footer(2).when(
        |state| match state.history.zoomed {
            true => Err("it has the whole pane already; esc goes back to the list".into()),
            false => has_run(state),
        },
    ),
    Command::new(
        "history.line",
        Scope::List(Pane::History, ListId::Report),
        "enter",
        "whole line",
        "Show all of a line of the report",
        whole_line,
    )
    .footer(2)
    .when(has_report),
    Command::new("history.resume", HERE, "R", "resume", "Go on with a run that was cancelled or stopped", resume)
        .footer(3)
        .opens(Opens::Question)
        .when(can_resume),
    Command::new("history.again", HERE, "f", "plan failed", "Plan again only what failed or was not reached", again)
        .footer(4)
        .when(can_plan_again),
    Command::new(
        "history.secrets",
        HERE,
        "s",
        "secrets",
        "Fill in values that the run could not bring along",
        |state| {
            let run = state.history.chosen().map(|row| row.id.clone());
            run.map(|run| Effect::Values(run).into()).into_iter().collect()
        },
    )
    .footer(4)
    .when(can_fill),
    Command::new("history.filter", HERE, "/", "filter", "Show only runs with these words in them", |state| {
        state.history.filtering = true;
        state.history.focus = Focus::Past;
        state.history.zoomed = false;
        Vec::new()
    })
    .footer(5)
    .when(has_runs),
    Command::new(
        "history.items",
        HERE,
        "F",
        "items",
        "List all items of the report, the failed, or the pending",
        |state| {
            let columns = report_columns(state);
            let above = state.history.readable().map_or(0, |readable| readable.lines(columns).len());
            let shown = &mut state.history.report;
            shown.items = shown.items.next();
            // The other items come into view.
            shown.cursor = Cursor { at: above, top: above };
            Vec::new()
        },
    )
    .footer(6)
    .when(has_report),
    Command::new("history.copy", HERE, "y", "copy", "Copy the command that shows the run", |state| {
        let Some(row) = state.history.chosen() else { return Vec::new() };
        let line = format!("haul runs show {}", row.id);
        state.tell(Notice::info("copied the command").hint(line.clone()));
        vec![effect::Effect::Copy(line)]
    })
    .footer(7)
    .when(has_run),
    Command::new("history.remove", HERE, "x", "remove", "Remove the run with its snapshot, for good", ask_to_remove)
        .footer(8)
        .when(can_remove),
    Command::new("history.copy-command", HERE, "Y", "copy transfer", "Copy the command that plans the same", |state| {
        let run = state.history.chosen().map(|row| row.id.clone());
        run.map(|run| Effect::Command(run).into()).into_iter().collect()
    })
    .when(has_run),
    Command::new(
        "history.snapshot",
        HERE,
        "o",
        "snapshot path",
        "Copy the snapshot's path: it restores what was overwritten",
        |state| {
            let path = state.history.chosen().and_then(Row::snapshot).map(str::to_owned);
            let Some(path) = path else { return Vec::new() };
            state.tell(Notice::info("copied the path").hint(path.clone()));
            vec![effect::Effect::Copy(path)]
        },
    )
    .footer(9)
    .when(|state| match chosen(state)?.snapshot() {
        Some(_) => Ok(()),
        None => Err("this run overwrote nothing, so there is no snapshot".into()),
    }),
    Command::new(
        "history.focus",
        HERE,
        "tab shift-tab",
        "list/report",
        "Move in the list, or in the report",
        |state| {
            let focus = &mut state.history.focus;
            *focus = if *focus == Focus::Past { Focus::Report } else { Focus::Past };
            Vec::new()
        },
    )
    .footer(10)
    .when(has_run),
    Command::new("history.back", HERE, "esc", "back", "Go back to the list, then show all runs again", |state| {
        let pane = &mut state.history;
        if pane.zoomed {
            (pane.zoomed, pane.focus) = (false, Focus::Past);
            return Vec::new();
        }
        pane.filter.clear();
        update::filtered(state)
    })
    .footer(1)
    .when(|state| match state.history.zoomed || !state.history.filter.is_empty() {
        true => Ok(()),
        false => Err("all runs are shown".into()),
    }),
    Command::new("history.refresh", HERE, "r", "read again", "Read the list of runs again", |_| vec![super::refresh()]),
    Command::new("history.filter.done", HERE, "enter tab", "done", "Keep the filter and go to the list", |state| {
        state.history.filtering = false;
        Vec::new()
    })
    .typing(Typing::Only)
    .footer(1),
    Command::new("history.filter.clear", HERE, "esc", "all runs", "Show all runs again", |state| {
        state.history.filtering = false;
        state.history.filter.clear();
        update::filtered(state)
    })
    .typing(Typing::Only)
    .footer(2),
];

fn chosen(state: &Workbench) -> Result<&Row, Cow<'static, str>> {
    let none = if state.history.rows.is_empty() { "there are no runs yet" } else { "no run fits the filter" };
    state.history.chosen().ok_or(none.into())
}

fn has_run(state: &Workbench) -> Availability {
    chosen(state).map(|_| ())
}

fn has_runs(state: &Workbench) -> Availability {
    if state.history.rows.is_empty() { Err("there are no runs yet".into()) } else { Ok(()) }
}

fn has_report(state: &Workbench) -> Availability {
    chosen(state)?;
    state.history.readable().map(|_| ()).ok_or_else(|| "its report was not read".into())
}

fn can_resume(state: &Workbench) -> Availability {
    let row = chosen(state)?;
    let status = row.known.as_ref().map(|known| known.status);
    match (row.state, status) {
        _ if row.resumable => Ok(()),
        (RunState::Running, _) => Err("it goes on, here or in another process".into()),
        (_, Ok(RunStatus::Partial)) => Err("it is finished; f plans again what failed".into()),
        (_, Ok(RunStatus::Failed)) => Err("it failed before anything was written; f plans it again".into()),
        (_, Ok(_)) => Err("it is finished".into()),
        (_, Err(_)) => Err("its files are damaged".into()),
    }
}

fn can_plan_again(state: &Workbench) -> Availability {
    let row = chosen(state)?;
    match (row.state, row.undone()) {
        (RunState::Running, _) => Err("it goes on; plan again when it has ended".into()),
        (_, 0) => Err("nothing of it failed or is pending".into()),
        _ => Ok(()),
    }
}

fn can_fill(state: &Workbench) -> Availability {
    has_report(state)?;
    match (chosen(state)?.state, state.history.readable().is_some_and(|readable| readable.lacks_values)) {
        (RunState::Running, _) => Err("it goes on; fill in when it has ended".into()),
        (_, false) => Err("nothing of this run lacks a value".into()),
        (_, true) => Ok(()),
    }
}

fn can_remove(state: &Workbench) -> Availability {
    match chosen(state)?.state {
        RunState::Running => Err("it goes on; cancel it on 4 first".into()),
        RunState::Interrupted | RunState::Ended => Ok(()),
    }
}

fn open(state: &mut Workbench) -> Vec<effect::Effect> {
    let pane = &mut state.history;
    (pane.zoomed, pane.focus) = (true, Focus::Report);
    Vec::new()
}

fn whole_line(state: &mut Workbench) -> Vec<effect::Effect> {
    let columns = report_columns(state);
    let shown = &state.history.report;
    let Some(readable) = state.history.readable() else { return Vec::new() };
    let lines = readable.lines(columns);
    let text = match shown.cursor.at.checked_sub(lines.len()) {
        None => lines[shown.cursor.at].text.clone(),
        Some(0) => return Vec::new(),
        Some(below) => readable.item(shown.items, below - 1).map(item_text).unwrap_or_default(),
    };
    View::new("Report", vec![text.clone()]).copy(text).open(state);
    Vec::new()
}

fn resume(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(row) = state.history.chosen() else { return Vec::new() };
    let (run, title, left) = (row.id.clone(), row.title(), row.pending());
    let destination = row.destination().to_owned();
    transfers::ask_to_resume(state, run, title, &destination, left);
    Vec::new()
}

fn again(state: &mut Workbench) -> Vec<effect::Effect> {
    let run = state.history.chosen().map(|row| row.id.clone());
    run.map(|run| Effect::Again(run).into()).into_iter().collect()
}

fn ask_to_remove(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(row) = state.history.chosen() else { return Vec::new() };
    let run = row.id.clone();
    let mut lines = vec![format!("{} {}", row.id, row.title())];
    lines.push(match row.snapshot() {
        Some(path) => format!("Its snapshot goes too: without {path} what it overwrote cannot be brought back."),
        None => "It has no snapshot. Its report and its plan are gone then.".to_owned(),
    });
    if row.resumable {
        lines.push("It could still be resumed; then no more.".to_owned());
    }
    Confirm::new("Remove the run", lines, "remove it", move |_| vec![Effect::Remove(run).into()]).open(state);
    Vec::new()
}
