//! Picking by ids that are typed or pasted.
//! Must not know: what an id looks like.

use super::effects::Effect;
use super::picking;
use super::state::{Ids, Popup};
use super::update::ids_on_top;
use crate::planner::Meaning;
use crate::workbench::effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::{self, State as Workbench};
use crate::workbench::widgets::{Cursor, Field};

/// Splits at blanks, commas, semicolons and line ends, and takes quotes away, so that a column of a table or a list of
/// JSON can be pasted. Each id once.
pub fn split(text: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '[' | ']'))
        .map(|word| word.trim_matches(['"', '\'', '`']))
        .filter(|word| !word.is_empty() && seen.insert(*word))
        .map(str::to_owned)
        .collect()
}

/// Opens the popup.
pub fn open(state: &mut Workbench, text: &str) -> Vec<effect::Effect> {
    // What steers a line has no place in a field.
    let line = split(text).join(" ");
    let ids = Ids { field: Field::new(line), known: true, ..Ids::default() };
    state.open(state::Popup::Content(Popup::Ids(ids)));
    typed(state)
}

/// Text that was pasted into the pane, or several lines of it into the popup.
pub fn pasted(state: &mut Workbench, text: &str) -> Vec<effect::Effect> {
    if state.content.stock.is_none() {
        state.tell(Notice::warning("there is no list yet to pick from"));
        return Vec::new();
    }
    match ids_on_top(state) {
        Some(ids) => {
            let both = format!("{} {text}", ids.field.text());
            ids.field.set(split(&both).join(" "));
            typed(state)
        }
        None => open(state, text),
    }
}

/// The field changed: asks what the ids mean.
pub fn typed(state: &mut Workbench) -> Vec<effect::Effect> {
    let inventory = state.content.stock.as_ref().map(|stock| stock.inventory.clone());
    let (Some(ids), Some(inventory)) = (ids_on_top(state), inventory) else { return Vec::new() };
    ids.asked += 1;
    ids.known = false;
    let texts = split(ids.field.text());
    if texts.is_empty() {
        (ids.meanings, ids.known) = (Vec::new(), true);
        return Vec::new();
    }
    vec![Effect::Resolve { asked: ids.asked, texts, inventory }.into()]
}

/// What the ids mean; what is wrong comes first.
pub fn meant(state: &mut Workbench, asked: u64, mut meanings: Vec<(String, Meaning)>) -> Vec<effect::Effect> {
    if let Some(ids) = ids_on_top(state).filter(|ids| ids.asked == asked) {
        meanings.sort_by_key(|(_, meaning)| match meaning {
            Meaning::Nothing { .. } => 0,
            Meaning::Several(_) => 1,
            Meaning::Item(_) => 2,
        });
        ids.meanings = meanings;
        ids.known = true;
        ids.cursor = Cursor::default();
    }
    Vec::new()
}

/// Picks what was found, and says what was not.
pub fn pick(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(ids) = ids_on_top(state) else { return Vec::new() };
    let found: Vec<_> = ids
        .meanings
        .iter()
        .filter_map(|(_, meaning)| match meaning {
            Meaning::Item(item) => Some(*item),
            Meaning::Several(_) | Meaning::Nothing { .. } => None,
        })
        .collect();
    let missed = (ids.meanings.len() - found.len()) as u64;
    state.popups.pop();
    let effects = picking::add(state, &found);
    if missed > 0 {
        let found = crate::wording::plural(found.len() as u64, "item");
        state.tell(Notice::warning(format!("{found} found, {missed} not found or ambiguous")));
    }
    effects
}

/// Whether enter has anything to pick.
pub fn can_pick(state: &Workbench) -> crate::workbench::command::Availability {
    match state.popups.last() {
        Some(state::Popup::Content(Popup::Ids(ids))) if !ids.known => Err("still looking".into()),
        Some(state::Popup::Content(Popup::Ids(ids)))
            if ids.meanings.iter().any(|(_, meaning)| matches!(meaning, Meaning::Item(_))) =>
        {
            Ok(())
        }
        _ => Err("nothing that was typed is the id of one item".into()),
    }
}

pub fn close(state: &mut Workbench) -> Vec<effect::Effect> {
    state.popups.pop();
    Vec::new()
}
