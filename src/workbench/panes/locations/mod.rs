//! Where content comes from and where it goes: remotes and bundles, side by side.
//! Must not know: the terminal; other panes beyond their doors.

mod bundle_form;
mod choose;
mod commands;
mod describe;
mod details;
mod draw;
mod effects;
mod form;
mod form_draw;
mod login;
mod message;
mod picker;
mod picker_draw;
mod remote_form;
mod rows;
mod scan;
mod state;
#[cfg(test)]
mod tests;
mod update;

pub use commands::COMMANDS;
pub use draw::{draw, draw_finding};
pub use effects::{Effect, perform};
pub use message::Message;
pub use state::State;
pub use update::update;

use crate::workbench::canvas::{Canvas, ListId, Target};
use crate::workbench::effect;
use crate::workbench::ends::Location;
use crate::workbench::state::{Popup as AnyPopup, State as Workbench};
use crate::workbench::widgets::{Cursor, Field};
use form::{Form, Value};
use picker::Picker;
use state::Side;

/// The popups of this pane.
#[derive(Debug)]
pub enum Popup {
    Form(Box<Form>),
    Picker(Box<Picker>),
}

/// What the workbench begins with here.
pub fn begin(state: &mut Workbench) -> Vec<effect::Effect> {
    for side in Side::BOTH {
        rows::settle(state, side);
    }
    vec![update::read(state)]
}

/// Whether an answer is awaited.
pub fn is_waiting(state: &Workbench) -> bool {
    state.locations.looks.values().any(|look| look.waiting)
}

/// The pane came into view.
pub fn shown(state: &mut Workbench) -> Vec<effect::Effect> {
    // Keys are keys again, also after a click on another pane while a filter was typed.
    state.locations.filtering = false;
    update::tick(state)
}

/// What stands behind the pane's title.
pub fn sign(state: &Workbench) -> String {
    if draw::is_done(state) { "✓".to_owned() } else { String::new() }
}

pub fn draw_popup(_: &Workbench, popup: &Popup, canvas: &mut Canvas<'_>) {
    match popup {
        Popup::Form(form) => form_draw::draw(form, canvas),
        Popup::Picker(picker) => picker_draw::draw(picker, canvas),
    }
}

/// The scope of the popup's commands.
pub fn popup_name(popup: &Popup) -> &'static str {
    match popup {
        Popup::Form(_) => "form",
        Popup::Picker(_) => "picker",
    }
}

pub fn popup_is_typing(popup: &Popup) -> bool {
    match popup {
        Popup::Form(form) => form.current().is_some_and(|line| matches!(line.value, Value::Text(_))),
        Popup::Picker(_) => true,
    }
}

pub fn popup_field(popup: &mut Popup) -> Option<&mut Field> {
    match popup {
        Popup::Form(form) if form.waiting.is_some() => None,
        Popup::Form(form) => match &mut form.current_mut()?.value {
            Value::Text(field) => Some(field),
            Value::Choice { .. } | Value::Check(_) | Value::Fixed(_) => None,
        },
        Popup::Picker(picker) => Some(&mut picker.field),
    }
}

pub fn popup_typed(state: &mut Workbench) -> Vec<effect::Effect> {
    match state.popups.last_mut() {
        Some(AnyPopup::Locations(Popup::Form(form))) => {
            form.error = None;
            if let Some(line) = form.current_mut() {
                line.error = None;
            }
        }
        Some(AnyPopup::Locations(Popup::Picker(picker))) => picker::typed(picker),
        _ => {}
    }
    Vec::new()
}

pub fn popup_cursor(state: &mut Workbench) -> Option<(&mut Cursor, usize)> {
    match state.popups.last_mut()? {
        AnyPopup::Locations(Popup::Form(form)) => {
            let lines = form.visible().len();
            Some((&mut form.cursor, lines))
        }
        AnyPopup::Locations(Popup::Picker(picker)) => {
            let rows = picker.rows();
            Some((&mut picker.cursor, rows))
        }
        _ => None,
    }
}

/// A click on a field of a form.
pub fn popup_clicked(state: &mut Workbench, target: Target) -> Vec<effect::Effect> {
    if let (Some(AnyPopup::Locations(Popup::Form(form))), Target::Field(at)) = (state.popups.last_mut(), target) {
        form.cursor.at = at;
        form.turn(1);
    }
    Vec::new()
}

/// The command that a second click on a row of the popup's list uses.
pub fn popup_opens(popup: &Popup) -> Option<&'static str> {
    match popup {
        Popup::Form(_) => None,
        Popup::Picker(_) => Some("picker.open"),
    }
}

pub fn is_typing(state: &Workbench) -> bool {
    state.locations.filtering
}

pub fn field(state: &mut Workbench) -> Option<&mut Field> {
    let side = state.locations.side;
    state.locations.filtering.then(|| &mut state.locations.view_mut(side).filter)
}

/// The filter changed: the cursor goes to the first that fits.
pub fn typed(state: &mut Workbench) -> Vec<effect::Effect> {
    let side = state.locations.side;
    let view = state.locations.view_mut(side);
    (view.cursor, view.before) = (Cursor::default(), 0);
    rows::settle(state, side);
    Vec::new()
}

pub fn focused(state: &Workbench) -> Option<ListId> {
    Some(state.locations.side.list())
}

pub fn focus(state: &mut Workbench, list: ListId) {
    if let Some(side) = Side::of(list) {
        state.locations.side = side;
    }
}

pub fn cursor(state: &mut Workbench, list: ListId) -> Option<(&mut Cursor, usize)> {
    let side = Side::of(list)?;
    let rows = rows::rows(state, side).len();
    Some((&mut state.locations.view_mut(side).cursor, rows))
}

pub fn moved(state: &mut Workbench, list: ListId) -> Vec<effect::Effect> {
    if let Some(side) = Side::of(list) {
        rows::settle(state, side);
    }
    Vec::new()
}

/// Whether the remote of this name is marked as production.
pub fn is_production(state: &Workbench, name: &str) -> bool {
    state.locations.entry(&Location::Remote(name.to_owned())).is_some_and(state::Entry::is_production)
}
