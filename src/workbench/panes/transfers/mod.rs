//! What is running: several runs at once, each with its progress and its log.
//! Must not know: the terminal; other panes beyond their doors.

mod cancel;
mod commands;
#[cfg(debug_assertions)]
mod defect;
mod details;
mod draw;
mod ear;
mod effects;
mod fold;
mod meter;
mod secrets;
mod sentence;
mod stages;
mod state;
#[cfg(test)]
pub(super) mod tests;
mod update;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::{Report, Result};
use crate::workbench::canvas::{Canvas, ListId};
use crate::workbench::effect;
use crate::workbench::job::Job;
use crate::workbench::shell::View;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::{Cursor, Field};

pub use commands::{COMMANDS, ask_to_resume};
pub use draw::{draw, draw_finding, draw_small};
pub use effects::{Outcome, locate, perform};
pub use secrets::{Past, fill_past};
pub use state::State;
pub use update::{start, update};

use effects::End;
use fold::Update;
use secrets::Fill;
use state::{Focus, Number};

/// Answers to this pane's effects.
#[derive(Debug)]
pub enum Message {
    /// What is new of a run.
    Progressed(Number, Box<Update>),
    /// The last word on a run.
    Ended(Number, Box<End>),
    /// A report, to be shown on top.
    Readable(Box<View>),
    /// Whether an item that lacked a value has it now.
    Filled { number: Number, at: usize, filled: Result<()> },
}

/// What this pane has done outside of the state.
#[derive(Debug)]
pub enum Effect {
    Run {
        number: Number,
        job: Job,
        stop: CancellationToken,
    },
    /// Cancels a run.
    Stop(CancellationToken),
    Fill(Box<Fill>),
    /// Makes a report readable, at a width.
    Read {
        title: String,
        report: Arc<Report>,
        columns: usize,
    },
}

impl Effect {
    /// Whether it changes a destination, so that leaving has to wait for its end.
    pub fn writes(&self) -> bool {
        matches!(self, Effect::Run { .. } | Effect::Fill(_))
    }
}

/// The popups of this pane.
#[derive(Debug)]
pub enum Popup {
    /// Whether this run is to be cancelled.
    Cancel(Number),
}

/// The name of its scope.
const CANCEL: &str = "cancel";

/// Runs that go on, for the question before leaving.
pub fn running(state: &Workbench) -> usize {
    state.transfers.running()
}

/// The pane came into view.
pub fn shown(state: &mut Workbench) -> Vec<effect::Effect> {
    state.transfers.focus = Focus::Runs;
    Vec::new()
}

/// What stands behind the pane's title: how many runs go on, or that the newest went wrong.
pub fn sign(state: &Workbench) -> String {
    let runs = &state.transfers.runs;
    match running(state) {
        0 => {
            let newest = runs.iter().max_by_key(|run| run.ended);
            if newest.is_some_and(state::Run::is_bad) { "!".to_owned() } else { String::new() }
        }
        n => format!("{n}▶"),
    }
}

pub fn draw_popup(state: &Workbench, popup: &Popup, canvas: &mut Canvas<'_>) {
    match popup {
        Popup::Cancel(number) => cancel::draw(state, *number, canvas),
    }
}

/// The scope of the popup's commands.
pub fn popup_name(popup: &Popup) -> &'static str {
    match popup {
        Popup::Cancel(_) => CANCEL,
    }
}

pub fn popup_is_typing(_: &Popup) -> bool {
    false
}

pub fn popup_field(_: &mut Popup) -> Option<&mut Field> {
    None
}

pub fn popup_typed(_: &mut Workbench) -> Vec<effect::Effect> {
    Vec::new()
}

pub fn popup_cursor(_: &mut Workbench) -> Option<(&mut Cursor, usize)> {
    None
}

pub fn is_typing(_: &Workbench) -> bool {
    false
}

pub fn field(_: &mut Workbench) -> Option<&mut Field> {
    None
}

pub fn typed(_: &mut Workbench) -> Vec<effect::Effect> {
    Vec::new()
}

pub fn focused(state: &Workbench) -> Option<ListId> {
    Some(match state.transfers.focus {
        Focus::Runs => ListId::Runs,
        Focus::Log => ListId::Log,
    })
}

pub fn focus(state: &mut Workbench, list: ListId) {
    match list {
        ListId::Runs => state.transfers.focus = Focus::Runs,
        ListId::Log => state.transfers.focus = Focus::Log,
        _ => {}
    }
}

pub fn cursor(state: &mut Workbench, list: ListId) -> Option<(&mut Cursor, usize)> {
    let lines = state.transfers.log_len();
    let pane = &mut state.transfers;
    match list {
        ListId::Runs => Some((&mut pane.cursor, pane.runs.len())),
        ListId::Log => Some((&mut pane.log.cursor, lines)),
        _ => None,
    }
}

pub fn moved(state: &mut Workbench, list: ListId) -> Vec<effect::Effect> {
    let pane = &mut state.transfers;
    match list {
        ListId::Runs => pane.log_from_the_end(),
        // At its end the log goes on by itself.
        ListId::Log => pane.log.held = pane.log.cursor.at + 1 < pane.log_len(),
        _ => {}
    }
    Vec::new()
}
