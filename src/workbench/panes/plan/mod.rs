//! What would happen to each item and why, before anything does.
//! Must not know: the terminal; other panes beyond their doors; platforms, and how plans and runs are made.
//!
//! A question ([`question`]) is answered ([`answering`]) by an effect ([`making`]) with a [`sheet`]: the plan, laid out by
//! row. Decisions ([`deciding`], [`edits`]) show at once and are planned again. [`launch`] goes from a plan that was seen
//! to a run.

mod answering;
mod choosing;
mod commands;
mod compare;
mod contents;
mod deciding;
mod draw;
mod edits;
mod effects;
mod files;
mod launch;
mod list;
mod looking;
mod making;
mod marks;
mod message;
mod question;
mod rows;
mod saving;
mod schemas;
mod sheet;
mod sift;
mod state;
#[cfg(test)]
mod tests;
mod update;

pub use commands::COMMANDS;
pub use effects::perform;
pub use message::{Effect, Message};
pub use state::State;
pub use update::update;

use super::super::job::Question;
use crate::workbench::canvas::{Canvas, ListId, Rect, Target};
use crate::workbench::effect;
use crate::workbench::message::Click;
use crate::workbench::shell::Notice;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::{Cursor, Field};
use state::View;

/// This pane has no popups of its own: the shell's are enough.
#[derive(Debug)]
pub enum Popup {}

/// Whether an answer is awaited.
pub fn is_waiting(state: &Workbench) -> bool {
    state.plan.work.is_some()
}

/// A click on a check box, or on a row with shift or ctrl.
pub fn clicked(state: &mut Workbench, target: Target, click: Click) -> Vec<effect::Effect> {
    match target {
        Target::Check(ListId::PlanItems, place) | Target::Row(ListId::PlanItems, place) => {
            state.plan.in_difference = false;
            list::click_mark(state, place, click == Click::Extend)
        }
        Target::Row(list, place) => {
            if let Some((cursor, rows)) = cursor(state, list) {
                cursor.at = place.min(rows.saturating_sub(1));
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The ends, the picks or what comes along changed: the plan no longer fits and is made anew when it is looked at.
pub fn outdate(state: &mut Workbench) {
    question::outdate(state);
}

/// Plans other content than what is picked: what failed in a run, or what a saved plan says.
pub fn open_for(state: &mut Workbench, question: Question) -> Vec<effect::Effect> {
    let Question { source, destination, options } = question;
    state.tell(Notice::info(format!("planning again: {} → {}", source.text(), destination.text())));
    let title = "what a run left".to_owned();
    vec![Effect::Locate { title, source, destination, options: Box::new(options) }.into()]
}

/// The pane came into view.
pub fn shown(state: &mut Workbench) -> Vec<effect::Effect> {
    question::shown(state)
}

/// What stands behind the pane's title.
pub fn sign(state: &Workbench) -> String {
    match state.plan.sheet() {
        Some(sheet) if launch::is_blocked(sheet) => "!".to_owned(),
        Some(_) if state.plan.settled().is_some() => "✓".to_owned(),
        _ => String::new(),
    }
}

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    draw::draw(state, area, canvas);
}

/// The line above the footer.
pub fn draw_finding(state: &Workbench, line: Rect, canvas: &mut Canvas<'_>) {
    draw::draw_finding(state, line, canvas);
}

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
    state.plan.filtering && state.plan.sheet().is_some()
}

pub fn field(state: &mut Workbench) -> Option<&mut Field> {
    Some(&mut state.plan.filter)
}

pub fn typed(state: &mut Workbench) -> Vec<effect::Effect> {
    list::sift(state)
}

pub fn focused(state: &Workbench) -> Option<ListId> {
    state.plan.sheet()?;
    Some(match state.plan.view {
        View::Notes => ListId::Notes,
        View::Schemas => ListId::Schemas,
        View::Difference => ListId::Difference,
        View::Items if state.plan.in_difference => ListId::Difference,
        View::Items => ListId::PlanItems,
    })
}

pub fn focus(state: &mut Workbench, list: ListId) {
    match list {
        ListId::Difference => state.plan.in_difference = true,
        ListId::PlanItems => state.plan.in_difference = false,
        _ => {}
    }
}

pub fn cursor(state: &mut Workbench, list: ListId) -> Option<(&mut Cursor, usize)> {
    let (notes, schemas) = (state.plan.sheet()?.notes.len(), state.plan.sheet()?.schemas.lines.len());
    let plan = &mut state.plan;
    match list {
        ListId::PlanItems => Some((&mut plan.cursor, plan.rows.len())),
        ListId::Difference => {
            let rows = plan.difference.len();
            Some((&mut plan.difference.cursor, rows))
        }
        ListId::Notes => Some((&mut plan.notes, notes)),
        ListId::Schemas => Some((&mut plan.schemas, schemas)),
        _ => None,
    }
}

pub fn moved(state: &mut Workbench, list: ListId) -> Vec<effect::Effect> {
    match list {
        ListId::PlanItems => looking::look(state),
        _ => Vec::new(),
    }
}
