//! How the workbench is left: at once where nothing runs, after a question where something does.
//! Must not know: how a run stops.

use super::Confirm;
use super::popup::Popup;
use crate::workbench::effect::Effect;
use crate::workbench::panes::transfers;
use crate::workbench::state::{self, State};

const TITLE: &str = "Leave";

/// Leaves; asks first where runs go on.
pub fn quit(state: &mut State) -> Vec<Effect> {
    let running = transfers::running(state);
    // Asked for once more while the question stands: meant.
    if running == 0 || question(state).is_some() {
        state.over = true;
        return Vec::new();
    }
    let runs = if running == 1 { "A run goes on.".to_owned() } else { format!("{running} runs go on.") };
    let lines = vec![runs, what_happens(state, running)];
    let leave = |state: &mut State| {
        state.over = true;
        Vec::new()
    };
    Confirm::new(TITLE, lines, "stop and leave", leave).no("stay").open(state);
    Vec::new()
}

fn what_happens(state: &State, running: usize) -> String {
    let (it, resumed) = if running == 1 { ("it", "It can") } else { ("them", "They can") };
    match state.settings.fleeting {
        true => format!("Leaving stops {it} after the item at hand. This is the demo: nothing of it is kept."),
        false => format!(
            "Leaving stops {it} after the item at hand. {resumed} be resumed: here under 5, or with `haul runs resume`."
        ),
    }
}

/// The question, where it is on top.
pub fn question(state: &State) -> Option<&Confirm> {
    match state.popups.last() {
        Some(state::Popup::Shell(Popup::Confirm(confirm))) if confirm.title == TITLE => Some(confirm),
        _ => None,
    }
}
