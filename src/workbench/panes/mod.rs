//! The five panes, and the one place that dispatches to them. Each is a room of its own with the same doors:
//! `State, Message, Effect, Popup, COMMANDS, update, perform, draw, …`.
//! Must not know: what a pane is for.

pub mod content;
pub mod history;
pub mod locations;
pub mod plan;
pub mod transfers;

use super::canvas::{Canvas, ListId, Rect, Target};
use super::command::Command;
use super::effect::Effect;
use super::message::{Click, Message};
use super::shell;
use super::state::{Pane, Popup, State};
use super::widgets::{Cursor, Field};

/// The commands of all panes and their popups.
pub fn tables() -> impl Iterator<Item = &'static [Command]> {
    [locations::COMMANDS, content::COMMANDS, plan::COMMANDS, transfers::COMMANDS, history::COMMANDS].into_iter()
}

/// What the panes begin with.
pub fn begin(state: &mut State) -> Vec<Effect> {
    let mut effects = locations::begin(state);
    effects.extend(history::begin(state));
    effects
}

/// Goes to a pane.
pub fn show(state: &mut State, pane: Pane) -> Vec<Effect> {
    state.pane = pane;
    match pane {
        Pane::Locations => locations::shown(state),
        Pane::Content => content::shown(state),
        Pane::Plan => plan::shown(state),
        Pane::Transfers => transfers::shown(state),
        Pane::History => history::shown(state),
    }
}

/// The sign behind a pane's title: whether its step is done, or what goes on there.
pub fn sign(state: &State, pane: Pane) -> String {
    match pane {
        Pane::Locations => locations::sign(state),
        Pane::Content => content::sign(state),
        Pane::Plan => plan::sign(state),
        Pane::Transfers => transfers::sign(state),
        Pane::History => history::sign(state),
    }
}

pub fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    match state.pane {
        Pane::Locations => locations::draw(state, area, canvas),
        Pane::Content => content::draw(state, area, canvas),
        Pane::Plan => plan::draw(state, area, canvas),
        Pane::Transfers => transfers::draw(state, area, canvas),
        Pane::History => history::draw(state, area, canvas),
    }
}

/// The line above the footer, where no notice is to be told: the finding that matters here.
pub fn draw_finding(state: &State, line: Rect, canvas: &mut Canvas<'_>) {
    match state.pane {
        Pane::Locations => locations::draw_finding(state, line, canvas),
        Pane::Content => content::draw_finding(state, line, canvas),
        Pane::Plan => plan::draw_finding(state, line, canvas),
        Pane::Transfers => transfers::draw_finding(state, line, canvas),
        Pane::History => history::draw_finding(state, line, canvas),
    }
}

pub fn draw_popup(state: &State, popup: &Popup, canvas: &mut Canvas<'_>) {
    match popup {
        Popup::Shell(popup) => shell::draw_popup(state, popup, canvas),
        Popup::Locations(popup) => locations::draw_popup(state, popup, canvas),
        Popup::Content(popup) => content::draw_popup(state, popup, canvas),
        Popup::Plan(popup) => plan::draw_popup(state, popup, canvas),
        Popup::Transfers(popup) => transfers::draw_popup(state, popup, canvas),
        Popup::History(popup) => history::draw_popup(state, popup, canvas),
    }
}

pub fn popup_scope(popup: &Popup) -> &'static str {
    match popup {
        Popup::Shell(popup) => shell::name(popup),
        Popup::Locations(popup) => locations::popup_name(popup),
        Popup::Content(popup) => content::popup_name(popup),
        Popup::Plan(popup) => plan::popup_name(popup),
        Popup::Transfers(popup) => transfers::popup_name(popup),
        Popup::History(popup) => history::popup_name(popup),
    }
}

/// Whether characters go into a field.
pub fn is_typing(state: &State) -> bool {
    match state.popups.last() {
        Some(Popup::Shell(popup)) => shell::is_typing(popup),
        Some(Popup::Locations(popup)) => locations::popup_is_typing(popup),
        Some(Popup::Content(popup)) => content::popup_is_typing(popup),
        Some(Popup::Plan(popup)) => plan::popup_is_typing(popup),
        Some(Popup::Transfers(popup)) => transfers::popup_is_typing(popup),
        Some(Popup::History(popup)) => history::popup_is_typing(popup),
        None => match state.pane {
            Pane::Locations => locations::is_typing(state),
            Pane::Content => content::is_typing(state),
            Pane::Plan => plan::is_typing(state),
            Pane::Transfers => transfers::is_typing(state),
            Pane::History => history::is_typing(state),
        },
    }
}

/// The field that characters go into.
pub fn field(state: &mut State) -> Option<&mut Field> {
    if state.popups.is_empty() {
        return match state.pane {
            Pane::Locations => locations::field(state),
            Pane::Content => content::field(state),
            Pane::Plan => plan::field(state),
            Pane::Transfers => transfers::field(state),
            Pane::History => history::field(state),
        };
    }
    match state.popups.last_mut()? {
        Popup::Shell(popup) => shell::field(popup),
        Popup::Locations(popup) => locations::popup_field(popup),
        Popup::Content(popup) => content::popup_field(popup),
        Popup::Plan(popup) => plan::popup_field(popup),
        Popup::Transfers(popup) => transfers::popup_field(popup),
        Popup::History(popup) => history::popup_field(popup),
    }
}

/// After a change of the field.
pub fn typed(state: &mut State) -> Vec<Effect> {
    match state.popups.last_mut() {
        Some(Popup::Shell(popup)) => {
            shell::typed(popup);
            Vec::new()
        }
        Some(Popup::Locations(_)) => locations::popup_typed(state),
        Some(Popup::Content(_)) => content::popup_typed(state),
        Some(Popup::Plan(_)) => plan::popup_typed(state),
        Some(Popup::Transfers(_)) => transfers::popup_typed(state),
        Some(Popup::History(_)) => history::popup_typed(state),
        None => match state.pane {
            Pane::Locations => locations::typed(state),
            Pane::Content => content::typed(state),
            Pane::Plan => plan::typed(state),
            Pane::Transfers => transfers::typed(state),
            Pane::History => history::typed(state),
        },
    }
}

/// Text that was pasted while no field had the focus.
pub fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    match (state.popups.last(), state.pane) {
        (None, Pane::Content) | (Some(Popup::Content(_)), _) => content::pasted(state, text),
        _ => Vec::new(),
    }
}

/// The list that keys move in.
pub fn focused(state: &State) -> Option<ListId> {
    if !state.popups.is_empty() {
        return Some(ListId::Popup);
    }
    match state.pane {
        Pane::Locations => locations::focused(state),
        Pane::Content => content::focused(state),
        Pane::Plan => plan::focused(state),
        Pane::Transfers => transfers::focused(state),
        Pane::History => history::focused(state),
    }
}

/// Keys move in this list from now on.
pub fn focus(state: &mut State, list: ListId) {
    if list == ListId::Popup {
        return;
    }
    match state.pane {
        Pane::Locations => locations::focus(state, list),
        Pane::Content => content::focus(state, list),
        Pane::Plan => plan::focus(state, list),
        Pane::Transfers => transfers::focus(state, list),
        Pane::History => history::focus(state, list),
    }
}

/// The cursor of a list that is on the screen, and how many rows the list has.
pub fn cursor(state: &mut State, list: ListId) -> Option<(&mut Cursor, usize)> {
    if list != ListId::Popup {
        return match state.pane {
            Pane::Locations => locations::cursor(state, list),
            Pane::Content => content::cursor(state, list),
            Pane::Plan => plan::cursor(state, list),
            Pane::Transfers => transfers::cursor(state, list),
            Pane::History => history::cursor(state, list),
        };
    }
    match state.popups.last()? {
        Popup::Shell(_) => shell::cursor(state),
        Popup::Locations(_) => locations::popup_cursor(state),
        Popup::Content(_) => content::popup_cursor(state),
        Popup::Plan(_) => plan::popup_cursor(state),
        Popup::Transfers(_) => transfers::popup_cursor(state),
        Popup::History(_) => history::popup_cursor(state),
    }
}

/// After the cursor of a list went elsewhere.
pub fn moved(state: &mut State, list: ListId) -> Vec<Effect> {
    if list == ListId::Popup {
        return Vec::new();
    }
    match state.pane {
        Pane::Locations => locations::moved(state, list),
        Pane::Content => content::moved(state, list),
        Pane::Plan => plan::moved(state, list),
        Pane::Transfers => transfers::moved(state, list),
        Pane::History => history::moved(state, list),
    }
}

/// A click that is no tab, command or plain row: a check box, a field, a row with shift.
pub fn clicked(state: &mut State, target: Target, click: Click) -> Vec<Effect> {
    match state.popups.last() {
        Some(Popup::Locations(_)) => return locations::popup_clicked(state, target),
        Some(_) => return Vec::new(),
        None => {}
    }
    match state.pane {
        Pane::Content => content::clicked(state, target, click),
        Pane::Plan => plan::clicked(state, target, click),
        Pane::Locations | Pane::Transfers | Pane::History => Vec::new(),
    }
}

/// The command that a second click on a row uses, by the list.
pub fn opens(list: ListId, state: &State) -> Option<&'static str> {
    match list {
        ListId::Popup => match state.popups.last()? {
            Popup::Shell(popup) => match shell::name(popup) {
                "help" => Some("help.run"),
                "palette" => Some("palette.run"),
                "choose" => Some("choose.take"),
                _ => None,
            },
            Popup::Locations(popup) => locations::popup_opens(popup),
            Popup::Content(_) | Popup::Plan(_) | Popup::Transfers(_) | Popup::History(_) => None,
        },
        ListId::Sources | ListId::Destinations => Some("locations.choose"),
        ListId::Groups => Some("content.group"),
        ListId::Items => Some("content.details"),
        ListId::Details => Some("content.zoom"),
        ListId::Past => Some("history.open"),
        ListId::PlanItems => Some("plan.open"),
        ListId::Notes => Some("plan.note"),
        ListId::Runs => Some("transfers.report"),
        ListId::Log => Some("transfers.line"),
        ListId::Report => Some("history.line"),
        ListId::Difference | ListId::Schemas => None,
    }
}

/// Whether an answer is awaited, so that a clock on the screen has to go on.
pub fn is_waiting(state: &State) -> bool {
    locations::is_waiting(state) || content::is_waiting(state) || plan::is_waiting(state)
}

macro_rules! wrapped {
    ($($room:ident: $name:ident),+) => {
        $(
            impl From<$room::Message> for Message {
                fn from(message: $room::Message) -> Self { Message::$name(message) }
            }
            impl From<$room::Effect> for Effect {
                fn from(effect: $room::Effect) -> Self { Effect::$name(effect) }
            }
        )+
    };
}
wrapped!(locations: Locations, content: Content, plan: Plan, transfers: Transfers, history: History);
