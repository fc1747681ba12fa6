//! Folds the events of one run into what the screen shows of it: facts that replace each other, and lines of a log.
//! Must not know: the screen, tasks, where events come from.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use super::meter::{Meter, Pace};
use super::sentence::{self, Sentence};
use crate::engine::RunId;
use crate::model::{
    Destination, Forecast, ItemKey, ItemResult, Kind, Plan, Progress, RunEvent, Severity, Stage, Tally,
};
use crate::wording::reading_sentence;

/// Lines that are kept for the screen while it does not take them; the newest win.
pub const KEPT: usize = 2_000;

/// Items whose names are kept to the end, for what is found about them then.
const NAMES: usize = 10_000;

/// What the run does, as far as its sentences differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deed {
    #[default]
    Transfer,
    /// Writes a bundle.
    Export,
}

/// How far the items of one kind are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCount {
    pub kind: Kind,
    pub total: u64,
    pub finished: u64,
    pub failed: u64,
}

/// What is known of a run now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub run: Option<RunId>,
    /// It writes to a remote that is marked as production.
    pub production: bool,
    /// In the order in which they were entered; the last is where the run is.
    pub stages: Vec<Stage>,
    /// What is written just now.
    pub current: Option<String>,
    pub items_total: u64,
    pub bytes_total: u64,
    pub tally: Tally,
    pub bytes: u64,
    pub requests: u64,
    /// Those of them that were sent since the first write.
    pub requests_of_writing: u64,
    /// What the requests of writing are about to come to.
    pub forecast: Option<Forecast>,
    pub waited_milliseconds: u64,
    pub warnings: u64,
    /// In the order of writing; empty where the kinds are not known beforehand.
    pub kinds: Vec<KindCount>,
    /// Why it has not begun yet: another run writes to the destination.
    pub waits: Option<String>,
    pub pace: Pace,
    /// How long it still takes, once that can be said.
    pub left: Option<Duration>,
}

impl Facts {
    pub fn stage(&self) -> Option<Stage> {
        self.stages.last().copied()
    }

    /// Items that are written or failed.
    pub fn finished(&self) -> u64 {
        self.tally.done + self.tally.failed
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    /// Foreign text may be in it.
    pub text: String,
    pub severity: Option<Severity>,
    /// Shown only in the verbose log.
    pub detail: bool,
}

/// What a screen takes at once.
#[derive(Debug, Default)]
pub struct Update {
    pub facts: Facts,
    pub lines: Vec<Line>,
}

/// The fold.
#[derive(Debug, Default)]
pub struct Fold {
    deed: Deed,
    facts: Facts,
    lines: VecDeque<Line>,
    /// Names of items: of all of a plan that is not huge, and of those at hand.
    names: HashMap<ItemKey, String>,
    /// The step at hand: its words, and how many items it has.
    step: Option<(String, u64)>,
    meter: Meter,
    changed: bool,
}

impl Fold {
    pub fn new(deed: Deed) -> Self {
        Fold { deed, ..Fold::default() }
    }

    /// The name of the run, once it has one.
    pub fn called(&mut self, run: &RunId) {
        self.facts.run = Some(run.clone());
        self.changed = true;
    }

    /// Where it writes is marked as production.
    pub fn is_production(&mut self) {
        self.facts.production = true;
        self.changed = true;
    }

    /// What will be written, kind by kind.
    pub fn foresee(&mut self, plan: &Plan, destination: &dyn Destination) {
        let mut kinds: Vec<KindCount> = Vec::new();
        for item in plan.written() {
            match kinds.iter_mut().find(|count| count.kind == item.key.kind) {
                Some(count) => count.total += 1,
                None => kinds.push(KindCount { kind: item.key.kind, total: 1, finished: 0, failed: 0 }),
            }
        }
        let names = plan.items.iter().take(NAMES);
        self.names = names.map(|item| (item.key.clone(), item.name.to_string())).collect();
        let rules = destination.rules();
        kinds.sort_by_key(|count| rules.rank(count.kind));
        self.facts.kinds = kinds;
        self.facts.forecast = destination.forecast(plan);
        self.changed = true;
    }

    pub fn absorb(&mut self, event: &RunEvent, at: Timestamp) {
        // Waiting for another run is told again and again; once is enough.
        if matches!(event, RunEvent::Waited { why, .. } if self.facts.waits.as_ref() == Some(why)) {
            return;
        }
        self.changed = true;
        self.note(event);
        if let Some(sentence) = sentence::of(event, self.deed, &self.names) {
            self.say(sentence, at);
        }
        if let RunEvent::ItemFinished { item, .. } = event
            && self.names.len() > NAMES
        {
            self.names.remove(item);
        }
    }

    /// The newest counts, which are right even where events were left out.
    pub fn count(&mut self, progress: &Progress) {
        let facts = &mut self.facts;
        let before = (facts.finished(), facts.bytes, facts.requests);
        (facts.items_total, facts.bytes_total) = (progress.items_total, progress.bytes_total);
        (facts.tally, facts.bytes, facts.requests) = (progress.tally, progress.bytes, progress.requests);
        facts.requests_of_writing = progress.requests_of_writing;
        facts.waited_milliseconds = progress.waited_milliseconds;
        let matters = |severity| severity != Severity::Info;
        facts.warnings = progress.findings.iter().filter(|finding| matters(finding.severity)).count() as u64;
        self.changed |= before != (facts.finished(), facts.bytes, facts.requests);
    }

    /// The time went on: measures how fast it goes. `elapsed` is since the run was started.
    pub fn measure(&mut self, elapsed: Duration) {
        self.changed |= self.meter.sample(elapsed, &self.facts, self.deed);
    }

    pub fn has_news(&self) -> bool {
        self.changed
    }

    /// Everything since the last time.
    pub fn take(&mut self) -> Update {
        self.changed = false;
        self.facts.pace = self.meter.pace();
        let foreseen = self.meter.left_of_requests(&self.facts);
        self.facts.left = foreseen.or_else(|| self.meter.left(&self.facts, self.deed));
        Update { facts: self.facts.clone(), lines: self.lines.drain(..).collect() }
    }

    fn note(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { .. } => self.facts.waits = None,
            RunEvent::StageEntered { stage } => {
                self.facts.stages.push(*stage);
                self.facts.current = None;
            }
            RunEvent::StepStarted { what, items } => {
                self.step = Some((what.clone(), *items));
                self.facts.current = Some(what.clone());
            }
            RunEvent::Reading { reading } => self.facts.current = Some(reading_sentence(reading)),
            RunEvent::ItemStarted { item, name } => {
                self.names.insert(item.clone(), name.clone());
                self.facts.current = Some(self.current(item, name));
            }
            RunEvent::ItemFinished { item, result, .. } => self.finished(item, *result),
            RunEvent::Waited { why, .. } if self.facts.stages.is_empty() => self.facts.waits = Some(why.clone()),
            RunEvent::Ended { .. } => {
                self.facts.current = None;
                self.facts.waits = None;
            }
            RunEvent::Waited { .. }
            | RunEvent::BytesMoved { .. }
            | RunEvent::Said { .. }
            | RunEvent::RequestSent { .. }
            | RunEvent::Found { .. } => {}
        }
    }

    /// Items of one step travel together: none of them is more at hand than the others.
    fn current(&self, item: &ItemKey, name: &str) -> String {
        match &self.step {
            Some((what, items)) if *items > 1 => format!("{what} ({items} items)"),
            _ => format!("write {} {name}", item.kind),
        }
    }

    fn finished(&mut self, item: &ItemKey, result: ItemResult) {
        let Some(count) = self.facts.kinds.iter_mut().find(|count| count.kind == item.kind) else { return };
        match result {
            ItemResult::Done => count.finished += 1,
            ItemResult::Failed => {
                count.finished += 1;
                count.failed += 1;
            }
            ItemResult::Skipped | ItemResult::Pending | ItemResult::Planned => {}
        }
    }

    fn say(&mut self, sentence: Sentence, at: Timestamp) {
        // A resumed run tells first what was done before: that is no news.
        if sentence.of_item && self.facts.stages.is_empty() {
            return;
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { at, text: sentence.text, severity: sentence.severity, detail: sentence.detail });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Decision, Finding, RunEnd, code};
    use crate::workbench::testing::NOW;

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn key(kind: Kind, id: &str) -> ItemKey {
        ItemKey::new(kind, id)
    }

    fn done(item: ItemKey) -> RunEvent {
        RunEvent::ItemFinished { item, decision: Decision::Create, result: ItemResult::Done, error: None }
    }

    fn texts(fold: &mut Fold) -> Vec<String> {
        fold.take().lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn an_item_is_called_by_its_name_and_a_step_of_many_by_its_own() {
        let mut fold = Fold::new(Deed::Transfer);
        fold.absorb(&RunEvent::StageEntered { stage: Stage::Write }, now());
        fold.absorb(&RunEvent::StepStarted { what: "create secrets".into(), items: 1 }, now());
        fold.absorb(&RunEvent::ItemStarted { item: key(Kind::Secret, "1"), name: "TWILIO_SID".into() }, now());
        assert_eq!(fold.take().facts.current.as_deref(), Some("write secret TWILIO_SID"));
        fold.absorb(&done(key(Kind::Secret, "1")), now());
        assert_eq!(texts(&mut fold), ["created secret TWILIO_SID"]);
        fold.absorb(&RunEvent::StepStarted { what: "create flows".into(), items: 3 }, now());
        fold.absorb(&RunEvent::ItemStarted { item: key(Kind::Flow, "2"), name: "Dunning".into() }, now());
        assert_eq!(fold.take().facts.current.as_deref(), Some("create flows (3 items)"));
        fold.absorb(&RunEvent::Ended { end: RunEnd::Succeeded }, now());
        assert_eq!(fold.take().facts.current, None);
    }

    #[test]
    fn what_a_resumed_run_did_before_is_counted_but_is_no_news() {
        let mut fold = Fold::new(Deed::Transfer);
        fold.facts.kinds = vec![KindCount { kind: Kind::Flow, total: 2, finished: 0, failed: 0 }];
        fold.absorb(&RunEvent::Started { run: "r".into(), items: 2, bytes: 0 }, now());
        fold.absorb(&done(key(Kind::Flow, "1")), now());
        assert_eq!(fold.facts.kinds[0].finished, 1);
        assert_eq!(texts(&mut fold), ["run r started, 2 to write"]);
    }

    #[test]
    fn waiting_for_another_run_is_told_once_and_ends_with_the_start() {
        let (mut fold, mut lines) = (Fold::new(Deed::Transfer), Vec::new());
        for _ in 0..50 {
            let why = "run 20261121-014455-k3f9 writes to prod".to_owned();
            fold.absorb(&RunEvent::Waited { milliseconds: 200, why }, now());
            lines.extend(fold.take().lines);
        }
        let update = fold.take();
        assert_eq!(update.facts.waits.as_deref(), Some("run 20261121-014455-k3f9 writes to prod"));
        assert_eq!(lines.len(), 1);
        fold.absorb(&RunEvent::Started { run: "r".into(), items: 2, bytes: 0 }, now());
        assert_eq!(fold.take().facts.waits, None);
    }

    #[test]
    fn a_screen_that_does_not_look_gets_the_newest_lines() {
        let mut fold = Fold::new(Deed::Transfer);
        fold.absorb(&RunEvent::StageEntered { stage: Stage::Write }, now());
        for n in 0..10_000 {
            fold.absorb(&done(key(Kind::Flow, &n.to_string())), now());
        }
        let lines = texts(&mut fold);
        assert_eq!(lines.len(), KEPT);
        assert_eq!(lines.last().map(String::as_str), Some("created flow:9999"));
        assert!(!fold.has_news());
    }

    #[test]
    fn warnings_are_counted_and_told() {
        let mut fold = Fold::new(Deed::Transfer);
        let findings = vec![Finding::warning(code::LOCKED, "a"), Finding::info(code::BACKUP, "b")];
        fold.count(&Progress { findings, ..Progress::default() });
        fold.absorb(&RunEvent::Found { finding: Finding::warning(code::LOCKED, "it is locked") }, now());
        let update = fold.take();
        assert_eq!(update.facts.warnings, 1);
        assert_eq!(update.lines[0].severity, Some(Severity::Warning));
    }
}
