//! All runs of this user, and their reports.
//! Must not know: the terminal; other panes beyond their doors.

mod commands;
mod draw;
mod effects;
mod report;
mod rows;
mod state;
#[cfg(test)]
mod tests;
mod update;

use std::time::Instant;

use crate::engine::RunId;
use crate::model::Result;
use crate::workbench::canvas::{Canvas, ListId, Rect};
use crate::workbench::effect;
use crate::workbench::job::Question;
use crate::workbench::panes::transfers::Past;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::{Cursor, Field};

pub use commands::COMMANDS;
pub use draw::draw;
pub use effects::perform;
pub use report::report_text;
pub use state::State;
pub use update::update;

use report::Readable;
use rows::Row;
use state::Focus;

/// Answers to this pane's effects.
#[derive(Debug)]
pub enum Message {
    /// The runs as they were at a time.
    Listed {
        as_of: Instant,
        listed: Result<Vec<Row>>,
    },
    /// Runs that went on may be over by now.
    LookAgain,
    /// The cursor may rest since this question.
    Rested(u64),
    Read {
        question: u64,
        run: RunId,
        report: Result<Box<Readable>>,
    },
    /// What a run would be planned from again.
    Again(Result<Box<Question>>),
    /// A run whose values are to be filled in.
    Values(Result<Box<Past>>),
    /// A command line, to be copied.
    Command(Result<String>),
    Removed(Result<RunId>),
}

/// What this pane has done outside of the state.
#[derive(Debug)]
pub enum Effect {
    List,
    Read { question: u64, run: RunId },
    Again(RunId),
    Values(RunId),
    Command(RunId),
    Remove(RunId),
}

/// The popups of this pane.
#[derive(Debug)]
pub enum Popup {}

/// What the workbench begins with here.
pub fn begin(_: &mut Workbench) -> Vec<effect::Effect> {
    vec![refresh()]
}

/// A run ended or was removed: reads the list again.
pub fn refresh() -> effect::Effect {
    Effect::List.into()
}

/// The pane came into view.
pub fn shown(state: &mut Workbench) -> Vec<effect::Effect> {
    state.history.filtering = false;
    vec![refresh()]
}

/// What stands behind the pane's title.
pub fn sign(_: &Workbench) -> String {
    String::new()
}

/// The line above the footer: nothing here needs it.
pub fn draw_finding(_: &Workbench, _: Rect, _: &mut Canvas<'_>) {}

pub fn draw_popup(_: &Workbench, popup: &Popup, _: &mut Canvas<'_>) {
    match *popup {}
}

/// The scope of the popup's commands.
pub fn popup_name(popup: &Popup) -> &'static str {
    match *popup {}
}

pub fn popup_is_typing(popup: &Popup) -> bool {
    match *popup {}
}

pub fn popup_field(popup: &mut Popup) -> Option<&mut Field> {
    match *popup {}
}

pub fn popup_typed(_: &mut Workbench) -> Vec<effect::Effect> {
    Vec::new()
}

pub fn popup_cursor(_: &mut Workbench) -> Option<(&mut Cursor, usize)> {
    None
}

pub fn is_typing(state: &Workbench) -> bool {
    state.history.filtering
}

pub fn field(state: &mut Workbench) -> Option<&mut Field> {
    state.history.filtering.then_some(&mut state.history.filter)
}

pub fn typed(state: &mut Workbench) -> Vec<effect::Effect> {
    update::filtered(state)
}

pub fn focused(state: &Workbench) -> Option<ListId> {
    Some(match state.history.focus {
        Focus::Past => ListId::Past,
        Focus::Report => ListId::Report,
    })
}

pub fn focus(state: &mut Workbench, list: ListId) {
    match list {
        ListId::Past => state.history.focus = Focus::Past,
        ListId::Report => state.history.focus = Focus::Report,
        _ => {}
    }
}

pub fn cursor(state: &mut Workbench, list: ListId) -> Option<(&mut Cursor, usize)> {
    let columns = draw::report_columns(state);
    let pane = &mut state.history;
    match list {
        ListId::Past => Some((&mut pane.cursor, pane.shown.len())),
        ListId::Report => {
            let rows = pane.report_len(columns);
            Some((&mut pane.report.cursor, rows))
        }
        _ => None,
    }
}

pub fn moved(state: &mut Workbench, list: ListId) -> Vec<effect::Effect> {
    match list {
        ListId::Past => update::moved(state),
        _ => Vec::new(),
    }
}
