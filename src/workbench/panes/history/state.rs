//! What the pane shows: the list of runs, its filter, and the report of the run under the cursor.
//! Must not know: files, how anything is drawn.

use std::time::Instant;

use super::report::{Items, Readable};
use super::rows::Row;
use crate::engine::RunId;
use crate::model::ErrorBrief;
use crate::workbench::widgets::{Cursor, Field};

/// What the pane shows.
#[derive(Debug, Default)]
pub struct State {
    /// The newest first.
    pub rows: Vec<Row>,
    /// The rows that the filter lets through, by their place.
    pub shown: Vec<u32>,
    pub cursor: Cursor,
    pub filter: Field,
    pub filtering: bool,
    pub focus: Focus,
    /// The report has the whole pane.
    pub zoomed: bool,
    pub report: Shown,
    /// When the list was read; `None` until it was.
    pub as_of: Option<Instant>,
    /// Why the list could not be read.
    pub error: Option<ErrorBrief>,
    /// It will be looked soon whether runs that go on have ended.
    pub looks_again: bool,
    /// Questions about reports so far; an answer to an older one is dropped.
    pub question: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    Past,
    Report,
}

/// The report below the list.
#[derive(Debug, Default)]
pub struct Shown {
    pub run: Option<RunId>,
    /// `None` while it is read.
    pub read: Option<Result<Box<Readable>, ErrorBrief>>,
    pub cursor: Cursor,
    pub items: Items,
}

impl State {
    /// The run under the cursor.
    pub fn chosen(&self) -> Option<&Row> {
        let place = *self.shown.get(self.cursor.at)?;
        self.rows.get(place as usize)
    }

    /// Shows what the filter lets through, and stays on the same run where that can be.
    pub fn sift(&mut self, chosen: Option<&RunId>) {
        let words: Vec<String> = self.filter.text().split_whitespace().map(str::to_lowercase).collect();
        let fitting = (0u32..).zip(&self.rows).filter(|(_, row)| row.fits(&words));
        self.shown = fitting.map(|(place, _)| place).collect();
        let place = chosen.and_then(|id| self.shown.iter().position(|&place| self.rows[place as usize].id == *id));
        self.cursor.at = place.unwrap_or(self.cursor.at).min(self.shown.len().saturating_sub(1));
    }

    /// The report that was read of the run under the cursor.
    pub fn readable(&self) -> Option<&Readable> {
        let chosen = self.chosen()?;
        match &self.report.read {
            Some(Ok(readable)) if self.report.run.as_ref() == Some(&chosen.id) => Some(readable),
            _ => None,
        }
    }

    /// Rows of the report at a width: its lines, a line of its own above the items, and the items.
    pub fn report_len(&self, columns: usize) -> usize {
        self.readable().map_or(0, |readable| readable.lines(columns).len() + 1 + readable.items(self.report.items))
    }
}
