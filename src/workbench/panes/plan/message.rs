//! What this pane has done outside of the state, and the answers.
//! Must not know: how either is carried out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::compare::Comparison;
use super::edits::Judged;
use super::rows::Rows;
use super::sheet::{Asked, Sheet};
use super::sift::Query;
use super::state::Subject;
use crate::model::{Decision, Error, ItemIndex, Plan, PlanOptions, Result};
use crate::workbench::ends::{DestinationEnd, Location, SourceEnd};

/// Ends an effect whose answer nobody waits for any more.
pub use tokio_util::sync::CancellationToken as Stop;

/// Answers to this pane's effects.
#[derive(Debug)]
pub enum Message {
    Planned {
        generation: u64,
        answer: Result<Box<Answer>, Box<Refused>>,
    },
    Sifted {
        number: u64,
        rows: Rows,
    },
    Extras {
        number: u64,
        items: Arc<[ItemIndex]>,
        rows: Rows,
    },
    Judged {
        sheet: Arc<Sheet>,
        decision: Decision,
        judged: Judged,
    },
    Compared {
        generation: u64,
        subject: Subject,
        comparison: Result<Arc<Comparison>>,
    },
    /// How many fields differ, by row.
    Counted {
        generation: u64,
        fields: Vec<(u32, usize)>,
    },
    Saved {
        path: PathBuf,
    },
    /// A file of this name is there already.
    InTheWay {
        path: PathBuf,
    },
    NotSaved(Error),
    Loaded(Box<Loaded>),
    NotLoaded {
        what: String,
        error: Error,
    },
    CommandLine(String),
}

/// A new plan.
#[derive(Debug)]
pub struct Answer {
    pub sheet: Arc<Sheet>,
    /// For this filter.
    pub query: Query,
    pub rows: Rows,
    pub extras: Option<Arc<[ItemIndex]>>,
    /// Where the rows of the plan before are now; `None` where they are.
    pub moved: Option<Vec<Option<u32>>>,
    /// Items whose decision is not possible any more.
    pub dropped: Vec<String>,
    /// Items that changed since the plan was saved.
    pub stale: Vec<String>,
}

/// Why there is no new plan.
#[derive(Debug)]
pub struct Refused {
    pub error: Error,
    /// The newest edit is the reason: it is not possible.
    pub edit: bool,
}

/// A question with ends that are known well enough to be chosen.
#[derive(Debug)]
pub struct Loaded {
    pub source: SourceEnd,
    pub destination: DestinationEnd,
    pub options: PlanOptions,
    /// Where it comes from.
    pub title: String,
    /// The plan as it was saved, where it comes from a file.
    pub saved: Option<Arc<Plan>>,
}

/// What this pane has done outside of the state.
#[derive(Debug)]
pub enum Effect {
    Plan(Box<Planning>),
    Sift {
        number: u64,
        sheet: Arc<Sheet>,
        query: Query,
        extras: Option<Arc<[ItemIndex]>>,
    },
    Extras {
        number: u64,
        sheet: Arc<Sheet>,
        query: Query,
    },
    /// Asks of many rows whether a decision is legal for them.
    Judge {
        sheet: Arc<Sheet>,
        rows: Vec<u32>,
        decision: Decision,
    },
    Compare {
        generation: u64,
        sheet: Arc<Sheet>,
        subject: Subject,
        cancel: Stop,
    },
    Count {
        generation: u64,
        sheet: Arc<Sheet>,
        rows: Vec<u32>,
        cancel: Stop,
    },
    Save {
        path: PathBuf,
        sheet: Arc<Sheet>,
        existing: crate::model::Existing,
    },
    Load {
        path: PathBuf,
    },
    /// Finds out what is needed to choose the ends of a question.
    Locate {
        title: String,
        source: Location,
        destination: Location,
        options: Box<PlanOptions>,
    },
    CommandLine {
        sheet: Arc<Sheet>,
    },
    /// A plan that nobody looks at any more: to forget many items takes its time.
    Forget(Arc<Sheet>),
}

/// What to do with decisions that are not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// They are left to the policy, and named.
    Drop,
    /// The plan is refused: it was asked for because of them.
    Refuse,
}

/// A plan to make.
#[derive(Debug)]
pub struct Planning {
    pub generation: u64,
    pub asked: Asked,
    pub cancel: Stop,
    /// The newest plan between the same ends, and what was decided for its rows since.
    pub before: Option<(Arc<Sheet>, Vec<Option<Decision>>)>,
    /// Between the inventories of the plan before: nothing is listed again.
    pub again: bool,
    /// More keys may follow: waits so long before it begins.
    pub delay: Duration,
    pub impossible: Impossible,
    pub query: Query,
    /// Whether what only the destination has is to be shown, and where it is known already.
    pub extras: Option<Option<Arc<[ItemIndex]>>>,
    pub saved: Option<Arc<Plan>>,
}
