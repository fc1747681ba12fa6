//! Picking, and what follows: what comes along, which findings matter, that the plan is outdated.
//! Must not know: how it is found out what comes along.

use std::sync::Arc;
use std::time::Duration;

use super::bits::Bits;
use super::effects::{Effect, Followed};
use super::state::Failure;
use super::update::{Message, day_ago};
use super::{findings, looking, narrowing};
use crate::model::{DependencyMode, Error, ItemIndex, Selection};
use crate::planner;
use crate::wording::plural;
use crate::workbench::canvas::ListId;
use crate::workbench::command;
use crate::workbench::effect;
use crate::workbench::message;
use crate::workbench::panes::plan;
use crate::workbench::shell::{Choice, Choose, Notice};
use crate::workbench::state::State as Workbench;
use crate::workbench::update;
use crate::workbench::widgets::{Cursor, Move};

/// How long the picks have to rest before anybody asks what comes along.
const REST: Duration = Duration::from_millis(150);
/// Changes of picks that can be taken back.
const PAST: usize = 30;
/// Items of an inventory that is small enough to say at once how picks are said in words.
const SMALL: usize = 20_000;

/// Changes the picks in one step that can be taken back.
fn change(state: &mut Workbench, work: impl FnOnce(&mut Bits, &[ItemIndex])) -> Vec<effect::Effect> {
    let content = &mut state.content;
    let picks = &mut content.picks;
    let before = picks.items.clone();
    work(Arc::make_mut(&mut picks.items), &content.shown);
    if before == picks.items {
        return Vec::new();
    }
    picks.past.push(before);
    if picks.past.len() > PAST {
        picks.past.remove(0);
    }
    changed(state)
}

/// After every change of the picks.
pub fn changed(state: &mut Workbench) -> Vec<effect::Effect> {
    let content = &mut state.content;
    content.picks.changed += 1;
    content.picks.shown = content.picks.items.count(&content.shown);
    plan::outdate(state);
    let changed = state.content.picks.changed;
    if state.content.picks.items.is_empty() {
        forget_needed(state);
        return Vec::new();
    }
    vec![effect::Effect::After(REST, Box::new(message::Message::Content(Message::PicksRest(changed))))]
}

/// Nothing is picked: nothing comes along.
fn forget_needed(state: &mut Workbench) {
    let content = &mut state.content;
    let needed = &mut content.needed;
    (needed.items, needed.list) = (Arc::default(), Arc::new([]));
    (needed.selection, needed.failure) = (None, None);
    needed.known_for = content.picks.changed;
    findings::tell(state);
}

/// Picks or unpicks the row under the cursor and goes on, or all of the range.
pub fn toggle(state: &mut Workbench) -> Vec<effect::Effect> {
    if let Some(range) = state.content.range() {
        state.content.picks.range = None;
        return change(state, |picks, shown| {
            let rows = &shown[*range.start().min(&shown.len())..(*range.end() + 1).min(shown.len())];
            let all = rows.iter().all(|&item| picks.has(item));
            set(picks, rows, !all);
        });
    }
    let row = state.content.look.items.at;
    let mut effects = toggle_row(state, row);
    effects.extend(update::go(state, Move::Down));
    effects
}

/// Picks or unpicks one row.
pub fn toggle_row(state: &mut Workbench, row: usize) -> Vec<effect::Effect> {
    change(state, |picks, shown| {
        if let Some(&item) = shown.get(row)
            && !picks.remove(item)
        {
            picks.add(item);
        }
    })
}

fn set(picks: &mut Bits, items: &[ItemIndex], to: bool) {
    for &item in items {
        if to {
            picks.add(item);
        } else {
            picks.remove(item);
        }
    }
}

pub fn all_shown(state: &mut Workbench) -> Vec<effect::Effect> {
    state.content.picks.range = None;
    change(state, |picks, shown| set(picks, shown, true))
}

pub fn none_shown(state: &mut Workbench) -> Vec<effect::Effect> {
    state.content.picks.range = None;
    change(state, |picks, shown| set(picks, shown, false))
}

pub fn invert_shown(state: &mut Workbench) -> Vec<effect::Effect> {
    change(state, |picks, shown| {
        for &item in shown {
            if !picks.remove(item) {
                picks.add(item);
            }
        }
    })
}

pub fn clear(state: &mut Workbench) -> Vec<effect::Effect> {
    change(state, |picks, _| *picks = Bits::default())
}

pub fn undo(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(before) = state.content.picks.past.pop() else { return Vec::new() };
    state.content.picks.items = before;
    changed(state)
}

/// Picks the items of a group; where all of them were picked, unpicks them.
pub fn gathered(state: &mut Workbench, items: &[ItemIndex]) -> Vec<effect::Effect> {
    let all = !items.is_empty() && items.iter().all(|&item| state.content.picks.items.has(item));
    if all {
        state.tell(Notice::info(format!("{} unpicked", plural(items.len() as u64, "item"))));
        return change(state, |picks, _| set(picks, items, false));
    }
    let (new, effects) = pick(state, items);
    let key = |id| command::find(id).and_then(|command| state.settings.keymap.shown(command));
    let again = key("content.group-pick").map(|key| format!("{key} once more unpicks them, "));
    let plan = key("pane.plan").unwrap_or_default();
    state.tell(picked(new).hint(format!("{}{plan} shows what would happen", again.unwrap_or_default())));
    effects
}

/// Picks these besides.
pub fn add(state: &mut Workbench, items: &[ItemIndex]) -> Vec<effect::Effect> {
    let (new, effects) = pick(state, items);
    state.tell(picked(new));
    effects
}

/// Picks these, and counts those that were not picked before.
fn pick(state: &mut Workbench, items: &[ItemIndex]) -> (u64, Vec<effect::Effect>) {
    let before = state.content.picks.items.len();
    let effects = change(state, |picks, _| set(picks, items, true));
    ((state.content.picks.items.len() - before) as u64, effects)
}

fn picked(new: u64) -> Notice {
    match new {
        0 => Notice::info("all of it was picked already"),
        new => Notice::info(format!("{} picked", plural(new, "item"))),
    }
}

/// Begins a range at the cursor, or ends it.
pub fn mark_range(state: &mut Workbench) -> Vec<effect::Effect> {
    let content = &mut state.content;
    content.look.focus = ListId::Items;
    content.picks.range = match content.picks.range {
        None => Some(content.look.items.at),
        Some(_) => None,
    };
    Vec::new()
}

/// Extends the range by a step, beginning one where there is none.
pub fn extend_range(state: &mut Workbench, step: Move) -> Vec<effect::Effect> {
    let content = &mut state.content;
    content.look.focus = ListId::Items;
    let at = content.look.items.at;
    content.picks.range.get_or_insert(at);
    update::go(state, step)
}

/// Extends the range to a row.
pub fn extend_to(state: &mut Workbench, row: usize) -> Vec<effect::Effect> {
    extend_range(state, Move::To(row))
}

/// Picks or unpicks from the cursor to a row, as the row is to become.
pub fn toggle_to(state: &mut Workbench, row: usize) -> Vec<effect::Effect> {
    let from = state.content.picks.range.take().unwrap_or(state.content.look.items.at);
    let mut effects = change(state, |picks, shown| {
        let Some(&item) = shown.get(row) else { return };
        let rows = &shown[from.min(row).min(shown.len())..(from.max(row) + 1).min(shown.len())];
        let to = !picks.has(item);
        set(picks, rows, to);
    });
    effects.extend(update::go(state, Move::To(row)));
    effects
}

/// Asks what comes along, if the picks did not change meanwhile.
pub fn rest(state: &mut Workbench, changed: u64) -> Vec<effect::Effect> {
    let content = &mut state.content;
    if changed != content.picks.changed || content.picks.items.is_empty() {
        return Vec::new();
    }
    if content.needed.asking {
        content.needed.again = true;
        return Vec::new();
    }
    follow(state)
}

fn follow(state: &mut Workbench) -> Vec<effect::Effect> {
    let day_ago = day_ago(state);
    let content = &mut state.content;
    let (Some(stock), Some(source)) = (&content.stock, &state.ends.source) else { return Vec::new() };
    content.needed.asking = true;
    content.needed.again = false;
    let effect = Effect::Follow {
        listing: content.listing,
        changed: content.picks.changed,
        location: source.location.clone(),
        inventory: stock.inventory.clone(),
        rules: stock.rules.clone(),
        picked: content.picks.items.clone(),
        mode: content.dependencies,
        sort: content.narrowing.sort,
        day_ago,
    };
    vec![effect.into()]
}

/// It is known what comes along.
pub fn followed(state: &mut Workbench, followed: Followed) -> Vec<effect::Effect> {
    let content = &mut state.content;
    if followed.listing != content.listing {
        return Vec::new();
    }
    content.needed.asking = false;
    let mut effects = Vec::new();
    if let (Some((inventory, arranged)), Some(stock)) = (followed.examined, &mut content.stock) {
        (stock.inventory, stock.arranged) = (inventory, arranged);
        content.narrowing.sorting |= followed.sort != content.narrowing.sort;
        content.details.item = None;
        content.lay_out_groups();
        effects.extend(narrowing::ask(state));
        effects.extend(looking::came_to(state));
    }
    let content = &mut state.content;
    if followed.changed == content.picks.changed {
        let needed = &mut content.needed;
        (needed.items, needed.list) = (Arc::new(followed.needed.iter().copied().collect()), followed.needed);
        (needed.selection, needed.failure) = (followed.selection, None);
        needed.known_for = followed.changed;
        findings::tell(state);
    } else if content.needed.again {
        effects.extend(follow(state));
    }
    effects
}

pub fn not_followed(state: &mut Workbench, listing: u64, error: Error) -> Vec<effect::Effect> {
    let content = &mut state.content;
    if listing != content.listing {
        return Vec::new();
    }
    content.needed.asking = false;
    state.tell_error(&error);
    let content = &mut state.content;
    content.needed.failure = Some(Failure::from(error));
    if content.needed.again { follow(state) } else { Vec::new() }
}

/// What is picked, as a query that picks exactly this. Everything needed comes along by itself.
pub fn selection(state: &Workbench) -> Option<Selection> {
    let content = &state.content;
    let (stock, picks) = (content.stock.as_ref()?, &content.picks.items);
    if picks.is_empty() {
        return None;
    }
    if content.is_settled() && content.needed.selection.is_some() {
        return content.needed.selection.clone();
    }
    let picked: Vec<_> = picks.iter().collect();
    let shortest = (stock.inventory.len() <= SMALL)
        .then(|| planner::selection_of(&picked, &stock.inventory, &stock.rules))
        .flatten();
    // Always right, and never slow: each by its key.
    let keys = || picked.iter().map(|&item| stock.inventory.item(item).key().to_string());
    Some(shortest.unwrap_or_else(|| Selection { ids: keys().collect(), ..Selection::default() }))
}

/// The modes in the order of the choice.
const MODES: [Option<DependencyMode>; 4] =
    [None, Some(DependencyMode::Create), Some(DependencyMode::Policy), Some(DependencyMode::None)];

/// How what is needed comes along, in two words.
pub fn mode_words(mode: Option<DependencyMode>) -> &'static str {
    match mode {
        None => "as usual",
        Some(DependencyMode::Create) => "created if missing",
        Some(DependencyMode::Policy) => "by the policy",
        Some(DependencyMode::None) => "left out",
    }
}

/// Asks how what is needed comes along.
pub fn choose_dependencies(state: &mut Workbench) -> Vec<effect::Effect> {
    let help = |mode| match mode {
        None => {
            "What each kind does by itself: most are created if missing and otherwise kept; some follow the policy."
        }
        Some(DependencyMode::Create) => {
            "What the destination lacks is created, what it has is kept, whatever the policy."
        }
        Some(DependencyMode::Policy) => {
            "As if it had been picked: what the destination has is treated as the policy says."
        }
        Some(DependencyMode::None) => "Only what is picked is written. References to the rest may lead to nothing.",
    };
    let current = MODES.iter().position(|mode| *mode == state.content.dependencies).unwrap_or_default();
    let choice = |mode: &Option<DependencyMode>| Choice {
        label: match mode {
            None => format!("each kind's rule   {}", mode_words(*mode)),
            Some(mode) => format!("{:<16}   {}", mode.as_str(), mode_words(Some(*mode))),
        },
        help: help(*mode).to_owned(),
        refused: None,
    };
    let choose = Choose {
        title: "What comes along".to_owned(),
        choices: MODES.iter().map(choice).collect(),
        cursor: Cursor { at: current, top: 0 },
        then: crate::workbench::shell::Action::new(|state: &mut Workbench, at: usize| {
            let Some(mode) = MODES.get(at) else { return Vec::new() };
            if *mode == state.content.dependencies {
                return Vec::new();
            }
            plan::outdate(state);
            set_dependencies(state, *mode)
        }),
    };
    choose.open(state);
    Vec::new()
}

/// Says how what is needed comes along. Does not outdate the plan.
pub fn set_dependencies(state: &mut Workbench, mode: Option<DependencyMode>) -> Vec<effect::Effect> {
    let content = &mut state.content;
    content.dependencies = mode;
    if content.picks.items.is_empty() || content.stock.is_none() {
        return Vec::new();
    }
    // What is told of the old mode is right for no picks any more.
    content.picks.changed += 1;
    let changed = content.picks.changed;
    rest(state, changed)
}
