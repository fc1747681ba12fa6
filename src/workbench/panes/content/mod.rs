//! What the source holds, and what of it is picked.
//! Must not know: the terminal; other panes beyond their doors.

use crate::workbench::canvas::{Canvas, ListId, Rect, Target};
use crate::workbench::command::Command;
use crate::workbench::effect::{self, Desk, Tell};
use crate::workbench::message::Click;
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;
use crate::workbench::widgets::{Cursor, Field};

/// What the pane shows.
#[derive(Debug, Default)]
pub struct State {}

/// Answers to this pane's effects.
#[derive(Debug)]
pub enum Message {}

/// What this pane has done outside of the state.
#[derive(Debug)]
pub enum Effect {}

/// The popups of this pane.
#[derive(Debug)]
pub enum Popup {}

pub const COMMANDS: &[Command] = &[];

/// Whether an answer is awaited.
pub fn is_waiting(_: &Workbench) -> bool {
    false
}

/// A click on a check box, or on a row with shift or ctrl.
pub fn clicked(_: &mut Workbench, _: Target, _: Click) -> Vec<effect::Effect> {
    Vec::new()
}

/// Text that was pasted: ids to pick.
pub fn pasted(_: &mut Workbench, _: &str) -> Vec<effect::Effect> {
    Vec::new()
}

/// The source was chosen or changed: lists it.
pub fn source_changed(_: &mut Workbench) -> Vec<effect::Effect> {
    Vec::new()
}

/// What is picked, as a query that picks exactly this. Everything needed comes along by itself.
pub fn selection(_: &Workbench) -> Option<crate::model::Selection> {
    None
}

/// How items that are needed and were not picked come along; `None` follows each kind's rule.
pub fn dependencies(_: &Workbench) -> Option<crate::model::DependencyMode> {
    None
}

/// Another pane says how items that are needed come along. Does not outdate the plan: whoever says it plans again.
pub fn set_dependencies(_: &mut Workbench, _: Option<crate::model::DependencyMode>) -> Vec<effect::Effect> {
    Vec::new()
}

/// The pane came into view.
pub fn shown(_: &mut Workbench) -> Vec<effect::Effect> {
    Vec::new()
}

/// What stands behind the pane's title.
pub fn sign(_: &Workbench) -> String {
    String::new()
}

pub fn update(_: &mut Workbench, message: Message) -> Vec<effect::Effect> {
    match message {}
}

pub async fn perform(_: &std::sync::Arc<Desk>, effect: Effect, _: &Tell) {
    match effect {}
}

pub fn draw(_: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    canvas.text(area, "Content", Role::Heading);
}

/// The line above the footer.
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

pub fn is_typing(_: &Workbench) -> bool {
    false
}

pub fn field(_: &mut Workbench) -> Option<&mut Field> {
    None
}

pub fn typed(_: &mut Workbench) -> Vec<effect::Effect> {
    Vec::new()
}

pub fn focused(_: &Workbench) -> Option<ListId> {
    None
}

pub fn focus(_: &mut Workbench, _: ListId) {}

pub fn cursor(_: &mut Workbench, _: ListId) -> Option<(&mut Cursor, usize)> {
    None
}

pub fn moved(_: &mut Workbench, _: ListId) -> Vec<effect::Effect> {
    Vec::new()
}
