//! What this pane's effects answer.
//! Must not know: what follows from it.

use super::scan::{Arrived, Writable};
use super::state::{Counts, Entry, Found};
use crate::model::{ErrorBrief, LocationInfo};
use crate::remotes::Remote;
use crate::workbench::ends::Location;

type Answer<T> = Result<T, ErrorBrief>;

/// Answers to this pane's effects.
#[derive(Debug)]
pub enum Message {
    Remotes {
        reading: u64,
        remotes: Answer<Vec<Entry>>,
    },
    Bundles {
        reading: u64,
        bundles: Answer<Vec<Entry>>,
    },
    Opened {
        location: Location,
        asked: u64,
        answer: Answer<Box<Found>>,
    },
    /// The information is complete only after a listing.
    Counted {
        location: Location,
        asked: u64,
        answer: Answer<(LocationInfo, Counts)>,
    },
    Editable {
        asked: u64,
        answer: Answer<Box<Remote>>,
    },
    /// `before` is what a remote that was changed was called until then.
    Saved {
        asked: u64,
        before: Option<String>,
        answer: Answer<Remote>,
    },
    Removed {
        name: String,
        answer: Answer<()>,
    },
    Preferred {
        name: String,
        answer: Answer<()>,
    },
    Arrived {
        asked: u64,
        answer: Answer<Arrived>,
    },
    Output {
        asked: u64,
        answer: Answer<Writable>,
    },
    /// Times on the screen go on.
    Tick,
}
