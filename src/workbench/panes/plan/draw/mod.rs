//! Draws the pane: counts on top, the items, and below them the difference of the one under the cursor.
//! Must not know: how anything changes; it only reads.

mod difference;
mod head;
mod items;
mod lines;
mod notes;
mod pending;
mod schemas;

pub(super) use notes::draw_finding;

use super::sheet::Sheet;
use super::state::View;
use crate::model::Decision;
use crate::workbench::canvas::{Canvas, Rect, split_top};
use crate::workbench::state::State;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(sheet) = state.plan.sheet() else {
        pending::draw(state, area, canvas);
        return;
    };
    let (top, rest) = split_top(area, head::rows(state, sheet));
    head::draw(state, sheet, top, canvas);
    match state.plan.view {
        View::Items => {
            let (table, panel) = split_top(rest, table_height(state, sheet, rest.height));
            // They share a line: the panel's upper one closes the table.
            items::draw(state, sheet, table, canvas);
            difference::draw(state, sheet, panel, difference::Upper::Joined, canvas);
        }
        View::Difference => difference::draw(state, sheet, rest, difference::Upper::Corner, canvas),
        View::Notes => notes::draw(state, sheet, rest, canvas),
        View::Schemas => schemas::draw(state, sheet, rest, canvas),
    }
}

/// Rows of the table with its upper line: what it needs, as far as the difference keeps enough to be read.
fn table_height(state: &State, sheet: &Sheet, height: u16) -> u16 {
    let below = (height * 2 / 5).max(6).min(height / 2);
    let extras = state.plan.extras.items.as_ref().filter(|_| state.plan.extras.on).map_or(0, |items| items.len() + 1);
    let needed = u16::try_from(sheet.len() + extras + 1).unwrap_or(u16::MAX).max(5);
    needed.min(height - below)
}

/// What a decision looks like.
fn sign(decision: Decision) -> &'static str {
    match decision {
        Decision::Overwrite => "●",
        Decision::Create => "○",
        Decision::Skip => "⊘",
        Decision::Duplicate => "⧉",
    }
}

/// What the two ends are called here.
fn names(sheet: &Sheet) -> (String, String) {
    (sheet.asked.source.text(), sheet.asked.destination.text())
}
