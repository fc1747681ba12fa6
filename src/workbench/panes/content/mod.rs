//! What the source holds, and what of it is picked.
//! Must not know: the terminal; other panes beyond their doors.

mod arrange;
pub mod bench;
mod bits;
mod commands;
mod details;
mod draw;
mod effects;
mod findings;
mod groups;
mod ids;
mod json;
mod looking;
mod narrowing;
mod picking;
mod picture;
mod query;
mod sieve;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod update;

pub use commands::{COMMANDS, popup_name};
pub use draw::{draw, draw_finding, draw_popup};
pub use effects::{Effect, perform};
pub use ids::pasted;
pub use picking::{mode_words, selection, set_dependencies};
pub use state::{Popup, State};
pub use update::{Message, shown, source_changed, update};

use crate::model::DependencyMode;
use crate::workbench::canvas::{ListId, Target};
use crate::workbench::effect;
use crate::workbench::message::Click;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::{Cursor, Field};

/// How items that are needed and were not picked come along; `None` follows each kind's rule.
pub fn dependencies(state: &Workbench) -> Option<DependencyMode> {
    state.content.dependencies
}

/// Whether an answer is awaited.
pub fn is_waiting(state: &Workbench) -> bool {
    let content = &state.content;
    matches!(content.stage, state::Stage::Listing { .. })
        || content.needed.asking
        || content.details.asking
        || content.narrowing.stop.is_some()
}

/// A click on a check box, or on a row with shift or ctrl.
pub fn clicked(state: &mut Workbench, target: Target, how: Click) -> Vec<effect::Effect> {
    match (target, how) {
        (Target::Check(ListId::Items, row), Click::Plain) => {
            state.content.look.focus = ListId::Items;
            let mut effects = crate::workbench::update::go(state, crate::workbench::widgets::Move::To(row));
            effects.extend(picking::toggle_row(state, row));
            effects
        }
        (Target::Check(ListId::Items, row), Click::Extend) => {
            state.content.look.focus = ListId::Items;
            picking::toggle_to(state, row)
        }
        (Target::Row(ListId::Items, row), Click::Extend) => picking::extend_to(state, row),
        (Target::Row(list, row), Click::Extend) => {
            focus(state, list);
            crate::workbench::update::go(state, crate::workbench::widgets::Move::To(row))
        }
        (Target::Field(_), _) => narrowing::type_filter(state),
        _ => Vec::new(),
    }
}

/// What stands behind the pane's title.
pub fn sign(state: &Workbench) -> String {
    if state.content.picks.items.is_empty() { String::new() } else { "✓".to_owned() }
}

pub fn popup_is_typing(popup: &Popup) -> bool {
    match popup {
        Popup::Ids(_) => true,
    }
}

pub fn popup_field(popup: &mut Popup) -> Option<&mut Field> {
    match popup {
        Popup::Ids(ids) => Some(&mut ids.field),
    }
}

pub fn popup_typed(state: &mut Workbench) -> Vec<effect::Effect> {
    ids::typed(state)
}

pub fn popup_cursor(state: &mut Workbench) -> Option<(&mut Cursor, usize)> {
    let ids = update::ids_on_top(state)?;
    let rows = ids.meanings.len();
    Some((&mut ids.cursor, rows))
}

pub fn is_typing(state: &Workbench) -> bool {
    state.content.narrowing.typing
}

pub fn field(state: &mut Workbench) -> Option<&mut Field> {
    let narrowing = &mut state.content.narrowing;
    narrowing.typing.then_some(&mut narrowing.field)
}

pub fn typed(state: &mut Workbench) -> Vec<effect::Effect> {
    narrowing::ask(state)
}

pub fn focused(state: &Workbench) -> Option<ListId> {
    let content = &state.content;
    content.stock.as_ref()?;
    Some(if content.narrowing.typing { ListId::Items } else { content.look.focus })
}

pub fn focus(state: &mut Workbench, list: ListId) {
    if matches!(list, ListId::Groups | ListId::Items | ListId::Details) {
        state.content.look.focus = list;
        state.content.narrowing.typing = false;
    }
}

pub fn cursor(state: &mut Workbench, list: ListId) -> Option<(&mut Cursor, usize)> {
    state.content.stock.as_ref()?;
    let (now, zone) = (state.now, &state.settings.zone);
    let content = &mut state.content;
    match list {
        ListId::Groups => Some((&mut content.look.groups, content.look.rows.len())),
        ListId::Items => Some((&mut content.look.items, content.shown.len())),
        ListId::Details => {
            let rows = details::Lines::of(content, now, zone).len();
            Some((&mut content.look.details, rows))
        }
        _ => None,
    }
}

/// After the cursor of a list went elsewhere.
pub fn moved(state: &mut Workbench, list: ListId) -> Vec<effect::Effect> {
    if list == ListId::Items { looking::came_to(state) } else { Vec::new() }
}
