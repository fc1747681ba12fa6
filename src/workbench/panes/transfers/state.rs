//! What the pane shows: the runs of this session, each with its facts, its log and how it ended.
//! Must not know: tasks, channels, how anything is drawn.

use std::collections::VecDeque;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::effects::Outcome;
use super::fold::{Deed, Facts, KEPT, Line, Update};
use super::secrets::Past;
use crate::engine::RunId;
use crate::model::{ErrorBrief, ItemResult, RunStatus, Stage, Tally};
use crate::workbench::ends::Location;
use crate::workbench::job::Job;
use crate::workbench::widgets::Cursor;

/// Which run of this session; counts from 1 and is never used again.
pub type Number = u64;

/// What the pane shows.
#[derive(Debug, Default)]
pub struct State {
    /// The newest first.
    pub runs: Vec<Run>,
    pub cursor: Cursor,
    pub log: LogView,
    pub focus: Focus,
    numbers: Number,
}

/// Which of the two lists the keys move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    Runs,
    Log,
}

/// Where somebody is in the log of the run under the cursor.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogView {
    pub cursor: Cursor,
    /// Somebody scrolled up: new lines do not move what is read.
    pub held: bool,
    pub verbose: bool,
}

/// A run of this session, from the moment that it was asked for.
#[derive(Debug)]
pub struct Run {
    pub number: Number,
    /// `dev → prod`.
    pub title: String,
    pub deed: Deed,
    pub began: Timestamp,
    /// Cancelled when somebody asks for that.
    pub stop: CancellationToken,
    pub phase: Phase,
    pub facts: Facts,
    pub log: Log,
    /// Once it ended.
    pub ended: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    /// Why there is no report, or why a resume was refused.
    pub error: Option<ErrorBrief>,
    /// Where it writes; known once it was opened.
    pub destination: Option<Location>,
    /// It goes on, or went on, after it had stopped before.
    pub resumed: bool,
}

/// Where a run is in its life, as far as the screen is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its ends are being opened, or it goes on.
    Goes,
    /// Somebody cancelled it; it comes to its end.
    Cancelling,
    /// With this status; `Planned` does not occur.
    Ended(RunStatus),
}

impl State {
    /// Adds a run at the top and goes to it.
    pub fn add(&mut self, job: &Job, now: Timestamp) -> &Run {
        self.numbers += 1;
        let deed = if matches!(job, Job::Export(_)) { Deed::Export } else { Deed::Transfer };
        let destination = match job {
            Job::Transfer { destination, .. } => Some(destination.clone()),
            Job::Export(_) | Job::Resume { .. } => None,
        };
        let mut run = Run {
            number: self.numbers,
            title: job.title(),
            deed,
            began: now,
            stop: CancellationToken::new(),
            phase: Phase::Goes,
            facts: Facts::default(),
            log: Log::default(),
            ended: None,
            outcome: None,
            error: None,
            destination,
            resumed: false,
        };
        if matches!(job, Job::Resume { .. }) {
            run.resumed_at(now);
        }
        self.runs.insert(0, run);
        self.go_to(0);
        &self.runs[0]
    }

    /// Goes to a run of before, which is added unless it is here already.
    pub fn adopt(&mut self, past: Past, now: Timestamp) -> Option<Number> {
        match self.place_of(&past.run) {
            Some(place) => self.go_to(place),
            None => {
                self.numbers += 1;
                self.runs.insert(0, Run::of_before(self.numbers, past, now));
                self.go_to(0);
            }
        }
        self.chosen().map(|run| run.number)
    }

    pub fn get_mut(&mut self, number: Number) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.number == number)
    }

    /// The run under the cursor.
    pub fn chosen(&self) -> Option<&Run> {
        self.runs.get(self.cursor.at)
    }

    /// The place of a run by its name on disk.
    pub fn place_of(&self, id: &RunId) -> Option<usize> {
        self.runs.iter().position(|run| run.facts.run.as_ref() == Some(id))
    }

    pub fn go_to(&mut self, place: usize) {
        self.cursor = Cursor { at: place, top: self.cursor.top };
        self.log_from_the_end();
    }

    /// The log of the run under the cursor, from its newest line on.
    pub fn log_from_the_end(&mut self) {
        self.log.held = false;
        self.log.cursor.at = self.log_len().saturating_sub(1);
    }

    /// The screen itself added to the log of a run.
    pub fn log_grew(&mut self, number: Number) {
        if !self.log.held && self.chosen().is_some_and(|run| run.number == number) {
            self.log_from_the_end();
        }
    }

    pub fn log_len(&self) -> usize {
        self.chosen().map_or(0, |run| run.log.lines(self.log.verbose).len())
    }

    pub fn running(&self) -> usize {
        self.runs.iter().filter(|run| run.is_moving()).count()
    }

    /// Whether something here goes on.
    pub fn is_moving(&self) -> bool {
        self.running() > 0
    }

    /// Takes what a run told, and keeps the log where somebody reads it.
    pub fn take(&mut self, number: Number, update: Update) {
        let (chosen, verbose) = (self.chosen().map(|run| run.number) == Some(number), self.log.verbose);
        let Some(run) = self.get_mut(number) else { return };
        run.facts = update.facts;
        let dropped = run.log.extend(update.lines, verbose);
        if !chosen {
            return;
        }
        if self.log.held {
            let cursor = &mut self.log.cursor;
            (cursor.at, cursor.top) = (cursor.at.saturating_sub(dropped), cursor.top.saturating_sub(dropped));
        } else {
            self.log_from_the_end();
        }
    }

    /// Forgets the runs that ended.
    pub fn clear(&mut self) {
        let chosen = self.chosen().map(|run| run.number);
        self.runs.retain(Run::is_moving);
        let place = self.runs.iter().position(|run| Some(run.number) == chosen).unwrap_or(0);
        self.cursor = Cursor { at: place, top: 0 };
        self.log_from_the_end();
    }
}

impl Run {
    /// As far as its report tells.
    fn of_before(number: Number, past: Past, now: Timestamp) -> Self {
        let Past { run, outcome, destination } = past;
        let report = outcome.report.clone();
        let summary = &report.summary;
        let went_through = matches!(report.status, RunStatus::Succeeded | RunStatus::Partial);
        let count = |result| report.items.iter().filter(|item| item.result == result).count() as u64;
        let facts = Facts {
            run: Some(run.clone()),
            stages: if went_through { Stage::ALL.to_vec() } else { Vec::new() },
            items_total: outcome.written + summary.failed + summary.pending,
            tally: Tally { done: outcome.written, failed: summary.failed, skipped: count(ItemResult::Skipped) },
            bytes: summary.bytes,
            requests: summary.requests,
            ..Facts::default()
        };
        let began = run.made().unwrap_or(now);
        let took = jiff::SignedDuration::try_from_secs_f64(summary.seconds).unwrap_or_default();
        let mut log = Log::default();
        let text = "a run of before; its log is not kept".to_owned();
        log.add(Line { at: now, text, severity: None, detail: false });
        Run {
            number,
            title: format!("{} → {}", report.source.location, report.destination.location),
            deed: Deed::Transfer,
            began,
            stop: CancellationToken::new(),
            phase: Phase::Ended(report.status),
            facts,
            log,
            ended: began.checked_add(took).ok().or(Some(began)),
            outcome: Some(outcome),
            error: None,
            destination: Some(destination),
            resumed: false,
        }
    }

    pub fn is_moving(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_))
    }

    /// Ended otherwise than it should have.
    pub fn is_bad(&self) -> bool {
        matches!(self.phase, Phase::Ended(RunStatus::Failed | RunStatus::Partial))
    }

    /// How long it goes on, or went on, in seconds.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        let end = self.ended.unwrap_or(now);
        end.as_second().saturating_sub(self.began.as_second()).max(0)
    }

    /// How much of it is done, from 0 to 1. Less than 1 until it ended: the last word is the report's.
    pub fn part(&self) -> f64 {
        match self.phase {
            Phase::Ended(RunStatus::Succeeded | RunStatus::Partial) => 1.0,
            Phase::Goes | Phase::Cancelling | Phase::Ended(_) => part_of(&self.facts, self.deed).min(0.99),
        }
    }

    /// Goes on with a run that stopped.
    pub fn again(&mut self, now: Timestamp) {
        self.stop = CancellationToken::new();
        self.phase = Phase::Goes;
        self.facts.stages.clear();
        (self.began, self.ended, self.error) = (now, None, None);
        self.resumed_at(now);
    }

    fn resumed_at(&mut self, now: Timestamp) {
        self.resumed = true;
        self.log.add(Line { at: now, text: "resumed".to_owned(), severity: None, detail: false });
    }
}

/// What each stage is of the whole: writing takes longest, as every item has its request or its bytes there.
fn share(stage: Stage, deed: Deed) -> f64 {
    match (deed, stage) {
        (Deed::Export, Stage::Check) => 0.2,
        (Deed::Export, Stage::Write) => 0.8,
        (Deed::Export, _) => 0.0,
        (Deed::Transfer, Stage::Check) => 0.1,
        (Deed::Transfer, Stage::Fetch | Stage::Snapshot) => 0.1,
        (Deed::Transfer, Stage::Write) => 0.6,
        (Deed::Transfer, Stage::Verify) => 0.1,
    }
}

fn part_of(facts: &Facts, deed: Deed) -> f64 {
    let Some(now) = facts.stage() else { return 0.0 };
    let before: f64 = Stage::ALL.iter().filter(|stage| **stage < now).map(|stage| share(*stage, deed)).sum();
    let within = if now == Stage::Write { written(facts, deed) } else { 0.0 };
    before + share(now, deed) * within
}

/// How much of the writing is done, from 0 to 1.
pub fn written(facts: &Facts, deed: Deed) -> f64 {
    let part = |n: u64, of: u64| if of == 0 { 0.0 } else { (n as f64 / of as f64).min(1.0) };
    let items = part(facts.finished(), facts.items_total);
    match deed {
        Deed::Transfer => items,
        // Items of a bundle are done only when all of it is.
        Deed::Export => items.max(part(facts.bytes, facts.bytes_total)),
    }
}

/// The newest lines of a run, and beside them those with every detail.
#[derive(Debug, Default)]
pub struct Log {
    plain: VecDeque<Line>,
    verbose: VecDeque<Line>,
}

impl Log {
    pub fn lines(&self, verbose: bool) -> &VecDeque<Line> {
        if verbose { &self.verbose } else { &self.plain }
    }

    /// Adds lines. Gives how many old ones were dropped of those that are shown.
    fn extend(&mut self, lines: Vec<Line>, verbose: bool) -> usize {
        let mut dropped = 0;
        for line in lines {
            if !line.detail {
                dropped += usize::from(push(&mut self.plain, line.clone()) && !verbose);
            }
            dropped += usize::from(push(&mut self.verbose, line) && verbose);
        }
        dropped
    }

    /// A line that the screen itself has to add.
    pub fn add(&mut self, line: Line) {
        self.extend(vec![line], false);
    }
}

/// Whether the oldest had to go.
fn push(ring: &mut VecDeque<Line>, line: Line) -> bool {
    let full = ring.len() == KEPT;
    if full {
        ring.pop_front();
    }
    ring.push_back(line);
    full
}
