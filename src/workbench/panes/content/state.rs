//! What the pane shows: the content of the source, what of it is looked at, what of it is picked.
//! Must not know: how any of it is found out or drawn.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::arrange::{Arranged, Sort};
use super::bits::Bits;
use super::details::Line;
use super::groups::{GroupKey, Row, Section, rows};
use super::json::Pretty;
use super::picture::Picture;
use super::sieve::Marks;
use crate::model::{DependencyMode, Error, ErrorKind, Inventory, ItemIndex, ItemRef, Rules, Selection};
use crate::planner::Meaning;
use crate::workbench::canvas::ListId;
use crate::workbench::widgets::{Cursor, Field};

/// What the pane shows.
#[derive(Debug)]
pub struct State {
    pub stage: Stage,
    /// How far the listing is, where the location tells.
    pub reading: Option<String>,
    /// Counts listings: answers to an older one are dropped.
    pub listing: u64,
    /// Stays while the same source is listed again.
    pub stock: Option<Stock>,
    pub narrowing: Narrowing,
    /// What fits, in its order.
    pub shown: Arc<[ItemIndex]>,
    pub picks: Picks,
    pub needed: Needed,
    /// `None` follows each kind's own rule.
    pub dependencies: Option<DependencyMode>,
    pub look: Look,
    pub details: Details,
}

/// How far the listing is.
#[derive(Debug, Default)]
pub enum Stage {
    #[default]
    NoSource,
    Listing {
        since: Timestamp,
    },
    Failed(Failure),
    Ready,
}

/// Why something is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
}

impl Failure {
    /// Whether another key would help.
    pub fn is_of_key(&self) -> bool {
        matches!(self.kind, ErrorKind::NoKey | ErrorKind::WrongKey)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { kind: error.kind(), message: error.message().to_owned(), hint: error.hint_text().map(str::to_owned) }
    }
}

/// The content of the source.
#[derive(Clone, Debug)]
pub struct Stock {
    pub inventory: Arc<Inventory>,
    pub rules: Arc<Rules>,
    pub arranged: Arranged,
    /// Reading one item of it takes as long as listing it did.
    pub slow_to_read: bool,
}

/// What the list is narrowed to, and its order.
#[derive(Debug, Default)]
pub struct Narrowing {
    pub field: Field,
    /// Characters go into the field.
    pub typing: bool,
    pub chosen: BTreeSet<GroupKey>,
    pub sort: Sort,
    /// Counts questions: answers to an older one are dropped.
    pub asked: u64,
    /// Tells the question that is being answered that nobody wants to know any more.
    pub stop: Option<Arc<AtomicBool>>,
    /// A new order is being made.
    pub sorting: bool,
}

impl Narrowing {
    pub fn is_everything(&self) -> bool {
        self.field.text().trim().is_empty() && self.chosen.is_empty()
    }

    /// The question that is being answered is no longer wanted. Gives the number of the next.
    pub fn next(&mut self) -> u64 {
        if let Some(stop) = self.stop.take() {
            stop.store(true, Ordering::Relaxed);
        }
        self.asked += 1;
        self.asked
    }
}

/// What is picked.
#[derive(Debug, Default)]
pub struct Picks {
    pub items: Arc<Bits>,
    /// How many of the shown ones.
    pub shown: usize,
    /// What was picked before, the newest last.
    pub past: Vec<Arc<Bits>>,
    /// Counts changes.
    pub changed: u64,
    /// The other end of a range that is being marked, as a row.
    pub range: Option<usize>,
}

/// What comes along.
#[derive(Debug, Default)]
pub struct Needed {
    pub items: Arc<Bits>,
    /// In the order of kinds and names.
    pub list: Arc<[ItemIndex]>,
    /// The change of picks that this is right for.
    pub known_for: u64,
    /// It is being found out.
    pub asking: bool,
    /// The picks changed meanwhile.
    pub again: bool,
    pub failure: Option<Failure>,
    /// What picks exactly the picks.
    pub selection: Option<Selection>,
    /// The places of findings about the picks, what comes along, and nothing in particular; what matters most first.
    pub findings: Vec<usize>,
    /// Which of them is told.
    pub told: usize,
}

/// Where somebody is on the screen.
#[derive(Debug)]
pub struct Look {
    pub focus: ListId,
    pub groups: Cursor,
    pub items: Cursor,
    pub details: Cursor,
    /// What the groups are folded to.
    pub folded: BTreeSet<Section>,
    pub rows: Vec<Row>,
    /// Details have the whole width.
    pub zoom: bool,
    /// Columns of the details that are out of view on the left.
    pub sideways: usize,
    /// A part of the list is for what comes along.
    pub needed: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            focus: ListId::Items,
            groups: Cursor::default(),
            items: Cursor::default(),
            details: Cursor::default(),
            folded: BTreeSet::new(),
            rows: Vec::new(),
            zoom: false,
            sideways: 0,
            needed: true,
        }
    }
}

/// What is known of the item under the cursor beyond its line.
#[derive(Debug, Default)]
pub struct Details {
    pub item: Option<ItemIndex>,
    /// Counts items: answers about an older one are dropped.
    pub asked: u64,
    /// What it needs and what needs it, findings.
    pub near: Vec<Line>,
    pub content: Content,
    /// What its file looks like, where it can be shown.
    pub picture: Option<Arc<Picture>>,
    /// An answer is on its way, about this item or an older one.
    pub asking: bool,
    /// The cursor rests on another item than the one that is asked for.
    pub again: bool,
}

/// What an item holds.
#[derive(Clone, Debug, Default)]
pub enum Content {
    #[default]
    Unknown,
    /// It takes long, so that somebody has to ask for it.
    Unasked,
    Reading(Timestamp),
    Read {
        pretty: Arc<Pretty>,
        /// As it was read; `None` where it is too long to copy.
        json: Option<Arc<str>>,
    },
    Failed(Failure),
}

/// Ids that are typed or pasted.
#[derive(Debug, Default)]
pub struct Ids {
    pub field: Field,
    /// Counts questions: answers to an older one are dropped.
    pub asked: u64,
    pub meanings: Vec<(String, Meaning)>,
    /// The meanings are those of what stands in the field.
    pub known: bool,
    pub cursor: Cursor,
}

/// The popups of this pane.
#[derive(Debug)]
pub enum Popup {
    Ids(Ids),
}

impl Default for State {
    fn default() -> Self {
        State {
            stage: Stage::default(),
            reading: None,
            listing: 0,
            stock: None,
            narrowing: Narrowing::default(),
            shown: Arc::new([]),
            picks: Picks::default(),
            needed: Needed::default(),
            dependencies: None,
            look: Look::default(),
            details: Details::default(),
        }
    }
}

impl State {
    /// The item under the cursor.
    pub fn current(&self) -> Option<ItemIndex> {
        self.stock.as_ref()?;
        self.shown.get(self.look.items.at).copied()
    }

    /// The item under the cursor with what a listing tells of it.
    pub fn current_item(&self) -> Option<ItemRef<'_>> {
        let item = self.current()?;
        Some(self.stock.as_ref()?.inventory.item(item))
    }

    /// The rows of the range that is being marked.
    pub fn range(&self) -> Option<std::ops::RangeInclusive<usize>> {
        let from = self.picks.range?;
        let to = self.look.items.at;
        Some(from.min(to)..=from.max(to))
    }

    /// What marks rest on now.
    pub fn marks(&self, day_ago: i64) -> Marks {
        Marks {
            picked: self.picks.items.clone(),
            needed: self.needed.items.clone(),
            found: self.stock.as_ref().map(|stock| stock.arranged.found.clone()).unwrap_or_default(),
            day_ago,
        }
    }

    /// Whether what comes along is known for what is picked.
    pub fn is_settled(&self) -> bool {
        self.needed.known_for == self.picks.changed && self.needed.failure.is_none()
    }

    /// Makes the lines of groups anew.
    pub fn lay_out_groups(&mut self) {
        let groups = self.stock.as_ref().map(|stock| stock.arranged.groups.clone()).unwrap_or_default();
        self.look.rows = rows(&groups, &self.look.folded);
        self.look.groups.at = self.look.groups.at.min(self.look.rows.len().saturating_sub(1));
    }
}

impl Stock {
    /// What people call a group.
    pub fn title_of(&self, key: &GroupKey) -> &str {
        self.arranged.groups.iter().find(|group| group.key == *key).map_or("", |group| &group.title)
    }

    /// The places of the findings about an item.
    pub fn findings_of(&self, item: ItemIndex) -> impl Iterator<Item = usize> + '_ {
        let found = &self.arranged.found;
        let from = found.partition_point(|(about, _)| *about < item);
        found[from..].iter().take_while(move |(about, _)| *about == item).map(|(_, at)| *at)
    }
}
