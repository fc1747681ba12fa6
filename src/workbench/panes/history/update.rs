//! What follows from what happens: the list and reports arrive, a run is removed or planned again.
//! Must not know: how a run is read.

use std::time::Duration;

use super::state::Shown;
use super::{Effect, Message};
use crate::engine::{RunId, RunState};
use crate::model::Error;
use crate::workbench::effect;
use crate::workbench::message::Message as Happened;
use crate::workbench::panes::{plan, transfers};
use crate::workbench::shell::Notice;
use crate::workbench::state::{Pane, State as Workbench};

/// Between two looks at runs that go on.
const LOOK: Duration = Duration::from_secs(2);
/// The cursor rests when it did not move for so long.
const REST: Duration = Duration::from_millis(120);

pub fn update(state: &mut Workbench, message: Message) -> Vec<effect::Effect> {
    match message {
        Message::Listed { as_of, listed } => {
            // Two readings may overtake each other.
            if state.history.as_of.is_some_and(|newest| newest > as_of) {
                return Vec::new();
            }
            state.history.as_of = Some(as_of);
            let mut effects = listed_now(state, listed);
            effects.extend(look_again(state));
            effects
        }
        Message::LookAgain => {
            state.history.looks_again = false;
            if state.pane == Pane::History { vec![super::refresh()] } else { Vec::new() }
        }
        Message::Rested(question) if question == state.history.question => read(state),
        Message::Rested(_) => Vec::new(),
        Message::Read { question, run, report } => {
            if question == state.history.question {
                state.history.report.run = Some(run);
                state.history.report.read = Some(report.map_err(|error| error.brief()));
            }
            Vec::new()
        }
        Message::Again(Ok(question)) => plan::open_for(state, *question),
        // Who went elsewhere meanwhile is not to be asked there.
        Message::Values(Ok(_)) if state.pane != Pane::History || !state.popups.is_empty() => Vec::new(),
        Message::Values(Ok(past)) => transfers::fill_past(state, *past),
        Message::Command(Ok(line)) => {
            state.tell(Notice::info("copied the command").hint(line.clone()));
            vec![effect::Effect::Copy(line)]
        }
        Message::Removed(Ok(run)) => {
            state.tell(Notice::info(format!("removed {run} with its snapshot")));
            vec![super::refresh()]
        }
        Message::Again(Err(error))
        | Message::Values(Err(error))
        | Message::Command(Err(error))
        | Message::Removed(Err(error)) => {
            state.tell_error(&error);
            Vec::new()
        }
    }
}

fn listed_now(state: &mut Workbench, listed: Result<Vec<super::rows::Row>, Error>) -> Vec<effect::Effect> {
    let pane = &mut state.history;
    let rows = match listed {
        Ok(rows) => rows,
        Err(error) => {
            pane.error = Some(error.brief());
            return Vec::new();
        }
    };
    pane.error = None;
    let chosen = pane.chosen().map(|row| row.id.clone());
    pane.rows = rows;
    pane.sift(chosen.as_ref());
    // What is below may have gone on since it was read.
    let same = pane.chosen().map(|row| &row.id) == pane.report.run.as_ref();
    let over = pane.chosen().is_some_and(|row| row.state == RunState::Ended);
    match same && over && matches!(pane.report.read, Some(Ok(_))) && !was_running(state) {
        true => Vec::new(),
        false => read(state),
    }
}

/// Runs of other processes end unseen: while any goes on and the list is in view, it is read now and then.
fn look_again(state: &mut Workbench) -> Option<effect::Effect> {
    let pane = &mut state.history;
    let goes_on = pane.rows.iter().any(|row| row.state == RunState::Running);
    if !goes_on || pane.looks_again || state.pane != Pane::History {
        return None;
    }
    pane.looks_again = true;
    Some(effect::Effect::After(LOOK, Box::new(Happened::History(Message::LookAgain))))
}

/// Whether the report below was made while the run went on.
fn was_running(state: &Workbench) -> bool {
    state.history.readable().is_some_and(|readable| readable.state == RunState::Running)
}

/// After the cursor went to another run: its report is read when it stays there.
pub fn moved(state: &mut Workbench) -> Vec<effect::Effect> {
    let pane = &mut state.history;
    pane.question += 1;
    let rested = Happened::History(Message::Rested(pane.question));
    vec![effect::Effect::After(REST, Box::new(rested))]
}

/// Reads the report of the run under the cursor.
fn read(state: &mut Workbench) -> Vec<effect::Effect> {
    let pane = &mut state.history;
    pane.question += 1;
    let Some(run) = pane.chosen().map(|row| row.id.clone()) else {
        pane.report = Shown::default();
        return Vec::new();
    };
    if pane.report.run.as_ref() != Some(&run) {
        pane.report = Shown { run: Some(run.clone()), items: pane.report.items, ..Shown::default() };
    }
    vec![Effect::Read { question: pane.question, run }.into()]
}

/// After a change of the filter.
pub fn filtered(state: &mut Workbench) -> Vec<effect::Effect> {
    let pane = &mut state.history;
    // Where no run fits any more, the one that was read comes back with the others.
    let chosen: Option<RunId> = pane.chosen().map(|row| row.id.clone()).or(pane.report.run.clone());
    pane.sift(chosen.as_ref());
    moved(state)
}
