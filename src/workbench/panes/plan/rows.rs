//! The rows that the list shows: items of the plan, and behind them what only the destination has.
//! Must not know: what is in a row.

use crate::model::ItemIndex;

/// Rows of the list: items of the plan, and behind them what only the destination has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub items: Vec<u32>,
    /// Places in the destination's inventory.
    pub extras: Vec<ItemIndex>,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Item(u32),
    /// The heading of what only the destination has.
    Title,
    Extra(ItemIndex),
}

impl Rows {
    pub fn len(&self) -> usize {
        self.items.len() + if self.extras.is_empty() { 0 } else { 1 + self.extras.len() }
    }

    pub fn at(&self, place: usize) -> Option<Row> {
        if let Some(&row) = self.items.get(place) {
            return Some(Row::Item(row));
        }
        match place - self.items.len() {
            0 => (!self.extras.is_empty()).then_some(Row::Title),
            n => self.extras.get(n - 1).map(|&item| Row::Extra(item)),
        }
    }
}
