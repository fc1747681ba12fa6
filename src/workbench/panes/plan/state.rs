//! What the pane remembers: the question, its plan, where somebody is in it, and what is still being answered.
//! Must not know: other panes, effects.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::compare::Comparison;
use super::edits::Edits;
use super::marks::Marks;
use super::message::Stop;
use super::rows::{Row, Rows};
use super::sheet::Sheet;
use super::sift::{Query, Quick};
use crate::model::{Error, ItemIndex, Mode, Plan, PlanOptions, Policy};
use crate::workbench::ends::Location;
use crate::workbench::widgets::{Cursor, Field};

/// What the pane shows.
#[derive(Debug)]
pub struct State {
    /// What happens to what matches. Begins with the harmless one.
    pub policy: Policy,
    pub rewrite_identical: bool,
    /// Types that the destination cannot take are left out.
    pub skip_blocked: bool,
    /// The destination's webhooks are off while a run writes.
    pub pause_webhooks: bool,
    /// What happens to what only the destination has. Begins with the harmless one too.
    pub mode: Mode,
    /// The policy to go back to with a merge: a replace has one only.
    pub policy_of_merge: Policy,
    /// Somebody said that everything of this source is to be planned.
    pub everything: Option<Location>,
    /// Other content than what is picked.
    pub special: Option<Special>,
    /// Why nothing can be planned.
    pub lack: Option<Lack>,
    pub(super) sheet: Option<Arc<Sheet>>,
    /// The ends or the picks changed since.
    pub outdated: bool,
    /// A run of the plan was started.
    pub started: bool,
    pub work: Option<Work>,
    pub trouble: Option<Trouble>,
    pub edits: Edits,
    pub marks: Marks,
    pub filter: Field,
    pub filtering: bool,
    pub quick: Quick,
    pub rows: Rows,
    pub cursor: Cursor,
    /// Where the cursor goes once the list has the row.
    pub go_to: Option<u32>,
    pub extras: Extras,
    pub view: View,
    /// Keys move in the difference rather than in the list.
    pub in_difference: bool,
    pub notes: Cursor,
    pub schemas: Cursor,
    pub difference: Difference,
    /// How many fields of an item differ, by row, as far as that was counted.
    pub fields: HashMap<u32, usize>,
    /// Ends the counting of fields.
    pub counting: Stop,
    /// Answers to older questions are dropped.
    pub generation: u64,
    pub sifting: u64,
}

impl Default for State {
    fn default() -> Self {
        State {
            policy: Policy::Skip,
            rewrite_identical: false,
            skip_blocked: false,
            pause_webhooks: false,
            mode: Mode::Merge,
            policy_of_merge: Policy::Skip,
            everything: None,
            special: None,
            lack: None,
            sheet: None,
            outdated: false,
            started: false,
            work: None,
            trouble: None,
            edits: Edits::default(),
            marks: Marks::default(),
            filter: Field::default(),
            filtering: false,
            quick: Quick::default(),
            rows: Rows::default(),
            cursor: Cursor::default(),
            go_to: None,
            extras: Extras::default(),
            view: View::default(),
            in_difference: false,
            notes: Cursor::default(),
            schemas: Cursor::default(),
            difference: Difference::default(),
            fields: HashMap::new(),
            counting: Stop::new(),
            generation: 0,
            sifting: 0,
        }
    }
}

/// What the pane is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The items, and below them the difference of the one under the cursor.
    #[default]
    Items,
    Difference,
    /// Effects and findings.
    Notes,
    /// What differs between the schemas.
    Schemas,
}

/// What is missing before something can be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    Source,
    Destination,
    Picks,
}

/// A question that does not come from the picks.
#[derive(Clone, Debug)]
pub struct Special {
    /// `plan.json`, or what a run left.
    pub title: String,
    /// What it asks; settings that can be chosen for all items stand in the pane instead.
    pub options: PlanOptions,
    /// As it was saved, to tell what changed since.
    pub saved: Option<Arc<Plan>>,
}

/// A plan that is being made.
#[derive(Debug)]
pub struct Work {
    pub since: Timestamp,
    pub cancel: Stop,
    /// What the screen shows stays there meanwhile.
    pub again: bool,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum Trouble {
    Failed(Error),
    Cancelled,
}

/// What only the destination has.
#[derive(Debug, Default)]
pub struct Extras {
    pub on: bool,
    /// Unknown until somebody wants to see them.
    pub items: Option<Arc<[ItemIndex]>>,
}

/// What the difference is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Item(u32),
    Extra(ItemIndex),
}

/// The difference of the row under the cursor.
#[derive(Debug, Default)]
pub struct Difference {
    pub of: Option<Subject>,
    /// Whether it is being read, or was.
    pub asked: bool,
    /// `None` while it is read.
    pub shown: Option<Result<Arc<Comparison>, Arc<Error>>>,
    pub cursor: Cursor,
    /// Columns that are scrolled out at the left.
    pub shift: usize,
    /// All lines rather than those that differ.
    pub whole: bool,
    pub generation: u64,
    pub cancel: Stop,
    /// The newest ones, so that going back shows them at once.
    pub known: Vec<(Subject, Arc<Comparison>)>,
}

/// Comparisons that are remembered.
const KNOWN: usize = 24;

impl Difference {
    pub fn comparison(&self) -> Option<&Arc<Comparison>> {
        self.shown.as_ref().and_then(|shown| shown.as_ref().ok())
    }

    /// Rows of its list.
    pub fn len(&self) -> usize {
        self.comparison().map_or(0, |comparison| comparison.len(self.whole))
    }

    pub fn remember(&mut self, subject: Subject, comparison: &Arc<Comparison>) {
        self.known.retain(|(other, _)| *other != subject);
        if self.known.len() >= KNOWN {
            self.known.remove(0);
        }
        self.known.push((subject, comparison.clone()));
    }

    pub fn forget(&mut self) {
        self.cancel.cancel();
        self.generation += 1;
        (self.of, self.shown, self.asked) = (None, None, false);
        (self.cursor, self.shift) = (Cursor::default(), 0);
        self.known.clear();
    }
}

impl State {
    /// The plan, where it fits the ends and the picks.
    pub fn sheet(&self) -> Option<&Arc<Sheet>> {
        self.sheet.as_ref().filter(|_| !self.outdated)
    }

    /// The plan, and nothing about it is being worked out.
    pub fn settled(&self) -> Option<&Arc<Sheet>> {
        self.sheet().filter(|_| self.work.is_none())
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<Row> {
        self.sheet()?;
        self.rows.at(self.cursor.at)
    }

    /// The item under the cursor.
    pub fn item_row(&self) -> Option<u32> {
        match self.row()? {
            Row::Item(row) => Some(row),
            Row::Title | Row::Extra(_) => None,
        }
    }

    /// The item at the cursor, whether or not the list is true.
    pub fn item_row_of_list(&self) -> Option<u32> {
        self.rows.items.get(self.cursor.at).copied()
    }

    pub fn query(&self) -> Query {
        Query { text: self.filter.text().trim().to_owned(), quick: self.quick }
    }

    /// The rows that a decision is for: the marked ones, else the one under the cursor.
    pub fn chosen(&mut self) -> Vec<u32> {
        self.marks.end_range(&self.rows, self.cursor.at);
        match self.marks.count() {
            0 => self.item_row().into_iter().collect(),
            _ => self.marks.rows(),
        }
    }

    /// What is chosen for all items, as the options of a plan have it.
    pub fn take_settings(&mut self, options: &PlanOptions) {
        (self.policy, self.mode) = (options.policy, options.mode);
        (self.rewrite_identical, self.skip_blocked) = (options.rewrite_identical, options.skip_blocked);
        self.pause_webhooks = options.pause_webhooks;
    }

    /// Ends what is being worked out; its answer is dropped.
    pub fn stop_work(&mut self) {
        if let Some(work) = self.work.take() {
            work.cancel.cancel();
        }
        self.generation += 1;
    }
}
