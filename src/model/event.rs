//! What a run says while it goes on: facts in the past tense, and the one fold that counts them.
//! Must not know: text, bars, panes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decision::words;
use super::{Decision, ErrorBrief, Finding, ItemKey, ItemResult};

words! {
    /// Where a run is. A stage may be left out; the order never changes.
    Stage {
        /// Both locations are read again and compared with the plan.
        Check = "check",
        /// What will be written is brought to disk.
        Fetch = "fetch",
        /// What will be changed is saved.
        Snapshot = "snapshot",
        Write = "write",
        /// The destination is read again and compared with what was written.
        Verify = "verify",
    }
}

/// A fact of a run. In JSON lines each has a field `event`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent {
    /// The first event of a run; of an export, which has no name, once the amounts are known. `items` counts those
    /// that will be written.
    Started {
        run: String,
        items: u64,
        bytes: u64,
    },
    StageEntered {
        stage: Stage,
    },
    /// A request or a batch of them began; `what` names it in the platform's words.
    StepStarted {
        what: String,
        items: u64,
    },
    ItemStarted {
        item: ItemKey,
        name: String,
    },
    ItemFinished {
        item: ItemKey,
        decision: Decision,
        result: ItemResult,
        error: Option<String>,
    },
    BytesMoved {
        bytes: u64,
    },
    /// A location that can only be read in stages is at one of them.
    Reading {
        #[serde(flatten)]
        reading: Reading,
    },
    RequestSent {
        method: String,
        path: String,
        status: Option<u16>,
    },
    /// A program that works for this one said a line of its own. Fit to be shown: without colours, without credentials.
    Said {
        program: String,
        line: String,
    },
    /// The run waits for the server, for so many milliseconds.
    Waited {
        milliseconds: u64,
        why: String,
    },
    Found {
        finding: Finding,
    },
    /// The last event, exactly once, also after an error, a panic or a cancellation.
    Ended {
        end: RunEnd,
    },
}

/// How far the reading of a location is. Counts begin anew with each stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// In the platform's words.
    pub what: String,
    /// Rows, or files.
    pub rows: u64,
    /// Where the location says so.
    pub rows_total: Option<u64>,
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    /// The file at hand.
    pub current: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    Succeeded,
    /// Some items failed, all others are done.
    Partial,
    Failed {
        error: ErrorBrief,
    },
    Cancelled,
}

/// Takes the facts of a run. Never blocks for long: a slow listener costs updates, never items.
pub trait EventSink: Send + Sync {
    fn emit(&self, event: RunEvent);
}

impl<T: EventSink + ?Sized> EventSink for Arc<T> {
    fn emit(&self, event: RunEvent) {
        (**self).emit(event);
    }
}

/// Nobody listens.
impl EventSink for () {
    fn emit(&self, _: RunEvent) {}
}

/// Counts of what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub done: u64,
    pub failed: u64,
    pub skipped: u64,
}

/// The newest state of a run, folded from its events. The pane, the bar and the JSON lines all read this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub run: Option<String>,
    pub stage: Option<Stage>,
    pub step: Option<String>,
    pub current: Option<ItemKey>,
    pub items_total: u64,
    pub bytes_total: u64,
    pub tally: Tally,
    pub bytes: u64,
    /// While a location is read that has stages of its own.
    pub reading: Option<Reading>,
    pub requests: u64,
    /// Those of them that were sent since the first write.
    pub requests_of_writing: u64,
    pub waited_milliseconds: u64,
    pub findings: Vec<Finding>,
    pub end: Option<RunEnd>,
}

impl Progress {
    pub fn absorb(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { run, items, bytes } => {
                self.run = (!run.is_empty()).then(|| run.clone());
                (self.items_total, self.bytes_total) = (*items, *bytes);
            }
            RunEvent::StageEntered { stage } => {
                self.stage = Some(*stage);
                self.reading = None;
            }
            RunEvent::Reading { reading } => self.reading = Some(reading.clone()),
            RunEvent::StepStarted { what, .. } => self.step = Some(what.clone()),
            RunEvent::ItemStarted { item, .. } => self.current = Some(item.clone()),
            RunEvent::ItemFinished { result, .. } => match result {
                ItemResult::Done => self.tally.done += 1,
                ItemResult::Failed => self.tally.failed += 1,
                ItemResult::Skipped => self.tally.skipped += 1,
                ItemResult::Pending | ItemResult::Planned => {}
            },
            RunEvent::BytesMoved { bytes } => self.bytes += bytes,
            RunEvent::Said { .. } => {}
            RunEvent::RequestSent { .. } => {
                self.requests += 1;
                self.requests_of_writing += u64::from(self.stage >= Some(Stage::Write));
            }
            RunEvent::Waited { milliseconds, .. } => self.waited_milliseconds += milliseconds,
            RunEvent::Found { finding } => self.findings.push(finding.clone()),
            RunEvent::Ended { end } => {
                self.end = Some(end.clone());
                self.current = None;
            }
        }
    }
}
