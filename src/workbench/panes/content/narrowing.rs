//! Narrowing the list: by what is typed, by groups; and its order.
//! Must not know: how it is looked for.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::effects::Effect;
use super::groups::{Fold, GroupKey, Row};
use super::looking;
use super::query;
use super::sieve::Wanted;
use super::state::State;
use super::update::day_ago;
use crate::model::ItemIndex;
use crate::workbench::canvas::ListId;
use crate::workbench::effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::{Cursor, Move};

/// Asks what fits now. Where everything does, the answer is at hand.
pub fn ask(state: &mut Workbench) -> Vec<effect::Effect> {
    let day_ago = day_ago(state);
    let content = &mut state.content;
    let asked = content.narrowing.next();
    let Some(stock) = &content.stock else { return Vec::new() };
    let wanted = wanted(content, day_ago);
    if wanted.is_everything() && !content.narrowing.sorting {
        let order = stock.arranged.order.clone();
        return show(state, order);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (inventory, order) = (stock.inventory.clone(), stock.arranged.order.clone());
    let effect = match content.narrowing.sorting {
        true => {
            let (sort, rules) = (content.narrowing.sort, stock.rules.clone());
            Effect::Sort { asked, wanted, inventory, rules, order, sort, stop: stop.clone() }
        }
        false => Effect::Sift { asked, wanted, inventory, order, stop: stop.clone() },
    };
    content.narrowing.stop = Some(stop);
    vec![effect.into()]
}

fn wanted(content: &State, day_ago: i64) -> Wanted {
    let terms = query::read(content.narrowing.field.text());
    Wanted { terms, groups: content.narrowing.chosen.clone(), marks: content.marks(day_ago) }
}

/// Shows other items; the cursor stays on its item where that is still among them.
fn show(state: &mut Workbench, shown: Arc<[ItemIndex]>) -> Vec<effect::Effect> {
    let height = state.seen.height(ListId::Items);
    let content = &mut state.content;
    let before = content.current();
    content.shown = shown;
    content.picks.range = None;
    content.picks.shown = content.picks.items.count(&content.shown);
    let stays = before.and_then(|item| content.shown.iter().position(|&other| other == item));
    match stays {
        Some(row) => content.look.items.go(Move::To(row), content.shown.len(), height),
        None => content.look.items = Cursor::default(),
    }
    looking::came_to(state)
}

pub fn sifted(state: &mut Workbench, asked: u64, shown: Arc<[ItemIndex]>) -> Vec<effect::Effect> {
    if asked != state.content.narrowing.asked {
        return Vec::new();
    }
    state.content.narrowing.stop = None;
    show(state, shown)
}

pub fn sorted(
    state: &mut Workbench,
    asked: u64,
    order: Arc<[ItemIndex]>,
    shown: Arc<[ItemIndex]>,
) -> Vec<effect::Effect> {
    let content = &mut state.content;
    let Some(stock) = content.stock.as_mut().filter(|_| asked == content.narrowing.asked) else { return Vec::new() };
    stock.arranged.order = order;
    content.narrowing.sorting = false;
    content.narrowing.stop = None;
    show(state, shown)
}

/// Sorts by the next thing.
pub fn sort(state: &mut Workbench) -> Vec<effect::Effect> {
    let narrowing = &mut state.content.narrowing;
    narrowing.sort = narrowing.sort.next();
    narrowing.sorting = true;
    let words = narrowing.sort.words();
    state.tell(Notice::info(format!("sorted by {words}")));
    ask(state)
}

/// Goes into the field.
pub fn type_filter(state: &mut Workbench) -> Vec<effect::Effect> {
    state.content.narrowing.typing = true;
    state.content.look.focus = ListId::Items;
    state.content.look.zoom = false;
    Vec::new()
}

/// Leaves the field; what was typed stays.
pub fn keep_filter(state: &mut Workbench) -> Vec<effect::Effect> {
    state.content.narrowing.typing = false;
    Vec::new()
}

/// Leaves the field and empties it.
pub fn clear_filter(state: &mut Workbench) -> Vec<effect::Effect> {
    let narrowing = &mut state.content.narrowing;
    narrowing.typing = false;
    narrowing.field.clear();
    ask(state)
}

/// The row of groups under the cursor.
pub fn row(content: &State) -> Option<Row> {
    content.look.rows.get(content.look.groups.at).copied()
}

/// The group under the cursor.
pub fn group(content: &State) -> Option<&GroupKey> {
    match row(content)? {
        Row::Group(at) => content.stock.as_ref()?.arranged.groups.get(at).map(|group| &group.key),
        Row::Head(..) => None,
    }
}

/// Narrows the list to the group under the cursor, or no longer; folds a section.
pub fn choose_group(state: &mut Workbench) -> Vec<effect::Effect> {
    let content = &mut state.content;
    match row(content) {
        Some(Row::Head(section, fold)) => {
            match fold {
                Fold::Open => content.look.folded.insert(section),
                Fold::Closed => content.look.folded.remove(&section),
            };
            content.lay_out_groups();
            Vec::new()
        }
        Some(Row::Group(_)) => {
            let Some(key) = group(content).cloned() else { return Vec::new() };
            if !content.narrowing.chosen.remove(&key) {
                content.narrowing.chosen.insert(key);
            }
            ask(state)
        }
        None => Vec::new(),
    }
}

/// Picks all of the group under the cursor.
pub fn pick_group(state: &mut Workbench) -> Vec<effect::Effect> {
    let day_ago = day_ago(state);
    let content = &state.content;
    let (Some(key), Some(stock)) = (group(content), &content.stock) else { return Vec::new() };
    let wanted = Wanted { groups: [key.clone()].into(), marks: content.marks(day_ago), ..Wanted::default() };
    let (inventory, order) = (stock.inventory.clone(), stock.arranged.order.clone());
    vec![Effect::Gather { listing: content.listing, wanted, inventory, order }.into()]
}

/// One step back: out of a range, of the zoom, of the filter, of the groups.
pub fn back(state: &mut Workbench) -> Vec<effect::Effect> {
    let content = &mut state.content;
    if content.picks.range.take().is_some() {
        return Vec::new();
    }
    if content.look.zoom {
        return looking::unzoom(state);
    }
    if !content.narrowing.field.is_empty() {
        return clear_filter(state);
    }
    if !content.narrowing.chosen.is_empty() {
        content.narrowing.chosen.clear();
        return ask(state);
    }
    content.look.focus = ListId::Items;
    Vec::new()
}
