//! What a journal says, and the one fold that makes a run's state of it.
//! Must not know: files, or who writes the journal.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Digest, ErrorBrief, Finding, ItemKey, ItemOutcome, Stage, Step};

/// One fact of a run's journal. The order is that of the run; `docs/runs.md` shows each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::engine) enum Record {
    Opened {
        schema: u32,
        run: String,
    },
    /// Somebody went on with the run. `reported`: its last end was told to a person, in a report.
    Resumed {
        reported: bool,
    },
    StageEntered {
        stage: Stage,
    },
    /// Everything that will be written is on disk, in so many lines with this digest.
    Spooled {
        items: u64,
        digest: Digest,
    },
    /// What will be overwritten is on disk; `null` where nothing will be.
    Snapshot {
        path: Option<String>,
    },
    /// What will be done, in order. Written once, so that a resumed run does the same.
    Steps {
        steps: Vec<Step>,
    },
    /// The step is about to be carried out, for these items.
    Intent {
        step: String,
        items: Vec<ItemKey>,
    },
    /// The step was carried out.
    Result {
        step: String,
        items: Vec<ItemOutcome>,
        findings: Vec<Finding>,
        surprise: Option<ErrorBrief>,
        /// Items that could not be written whole, with the digest of what was.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        partial: Vec<(ItemKey, Digest)>,
    },
    /// What the destination itself told of items whose writing was in doubt, or that changed since the plan.
    Settled {
        items: Vec<ItemOutcome>,
        findings: Vec<Finding>,
    },
    /// The destination was read again; these items are not as they were written.
    Verified {
        items: Vec<ItemOutcome>,
        findings: Vec<Finding>,
    },
    Concluded {
        findings: Vec<Finding>,
    },
}

/// What became of an item that has a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Outcome {
    pub new_id: Option<String>,
    /// Why it failed; `None` when done.
    pub error: Option<String>,
}

const DONE: Outcome = Outcome { new_id: None, error: None };

/// The state of a run: its journal, folded.
#[derive(Debug, Default)]
pub(in crate::engine) struct History {
    /// Lines and digest of the spool, once it is complete.
    pub spool: Option<(u64, Digest)>,
    /// Once the snapshot was taken or found unneeded.
    pub snapshot: Option<Option<String>>,
    pub steps: Option<Arc<[Step]>>,
    /// Items whose writing was begun, and which have no result, by the digests of their keys: there can be very many.
    begun: HashSet<Digest>,
    /// Steps without items that were carried out.
    carried_out: BTreeSet<String>,
    /// Items that have a result; of most there is nothing more to say than that they are done.
    outcomes: BTreeMap<ItemKey, Option<Box<Outcome>>>,
    /// Items that could not be written whole, with the semantic digest of what was.
    pub partial: BTreeMap<ItemKey, Digest>,
    pub findings: BTreeSet<Finding>,
    /// A reply that stopped the run, unless a person was told and went on all the same.
    pub surprise: Option<ErrorBrief>,
    pub concluded: bool,
    /// How often somebody went on with it.
    pub resumed: u64,
}

impl History {
    pub fn of(records: impl IntoIterator<Item = Record>) -> Self {
        let mut history = History::default();
        records.into_iter().for_each(|record| history.absorb(record));
        history
    }

    pub fn absorb(&mut self, record: Record) {
        match record {
            Record::Opened { .. } | Record::StageEntered { .. } => {}
            Record::Resumed { reported } => {
                self.resumed += 1;
                if reported {
                    self.surprise = None;
                }
            }
            Record::Spooled { items, digest } => self.spool = Some((items, digest)),
            Record::Snapshot { path } => self.snapshot = Some(path),
            Record::Steps { steps } => self.steps = Some(steps.into()),
            Record::Intent { items, .. } => self.begun.extend(items.iter().map(digest_of)),
            Record::Result { step, items, findings, surprise, partial } => {
                self.partial.extend(partial);
                self.carried_out.insert(step);
                self.settle(items, findings);
                self.surprise = surprise.or(self.surprise.take());
            }
            Record::Settled { items, findings } | Record::Verified { items, findings } => self.settle(items, findings),
            Record::Concluded { findings } => {
                self.concluded = true;
                self.settle(Vec::new(), findings);
            }
        }
    }

    fn settle(&mut self, items: Vec<ItemOutcome>, findings: Vec<Finding>) {
        for ItemOutcome { item, new_id, error } in items {
            // What has a result was begun, and is not in doubt any more.
            self.begun.remove(&digest_of(&item));
            let outcome = Outcome { new_id, error };
            self.outcomes.insert(item, (outcome != DONE).then(|| Box::new(outcome)));
        }
        if self.begun.is_empty() {
            self.begun = HashSet::new(); // its room too
        }
        self.findings.extend(findings);
    }

    /// What became of an item; `None` where it has no result.
    pub fn outcome(&self, item: &ItemKey) -> Option<&Outcome> {
        self.outcomes.get(item).map(|outcome| outcome.as_deref().unwrap_or(&DONE))
    }

    /// The ids that the destination gave.
    pub fn new_ids(&self) -> impl Iterator<Item = (&ItemKey, &str)> {
        self.outcomes.iter().filter_map(|(item, outcome)| Some((item, outcome.as_ref()?.new_id.as_deref()?)))
    }

    /// Whether the journal cannot tell if this item was written.
    pub fn in_doubt(&self, item: &ItemKey) -> bool {
        self.begun.contains(&digest_of(item)) && !self.outcomes.contains_key(item)
    }

    /// The part of a step that is still to do; `None` where nothing is.
    pub fn rest_of<'s>(&self, step: &'s Step) -> Option<Cow<'s, Step>> {
        let is_left = |item: &&ItemKey| !self.outcomes.contains_key(*item);
        match step.items.iter().filter(is_left).count() {
            0 if !step.items.is_empty() || self.carried_out.contains(&step.name) => None,
            left if left == step.items.len() => Some(Cow::Borrowed(step)),
            _ => {
                let items = step.items.iter().filter(is_left).cloned().collect();
                Some(Cow::Owned(Step { name: step.name.clone(), items }))
            }
        }
    }

    /// Whether something of a step is still to do.
    pub fn is_open(&self, step: &Step) -> bool {
        self.rest_of(step).is_some()
    }

    pub fn is_done(&self, item: &ItemKey) -> bool {
        self.outcome(item).is_some_and(|outcome| outcome.error.is_none())
    }
}

fn digest_of(item: &ItemKey) -> Digest {
    let ItemKey { kind, type_, id } = item;
    Digest::of(format!("{kind}\n{}\n{id}", type_.as_deref().unwrap_or_default()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorKind, Kind};

    fn key(id: &str) -> ItemKey {
        ItemKey::new(Kind::Object, id)
    }

    fn done(id: &str) -> ItemOutcome {
        ItemOutcome { item: key(id), new_id: None, error: None }
    }

    fn result(step: &str, items: &[&str]) -> Record {
        let items = items.iter().map(|id| done(id)).collect();
        Record::Result { step: step.into(), items, findings: vec![], surprise: None, partial: vec![] }
    }

    #[test]
    fn a_step_is_open_for_the_items_without_a_result() {
        let step = Step { name: "s".into(), items: vec![key("a"), key("b")] };
        let mut history = History::default();
        assert_eq!(history.rest_of(&step).as_deref(), Some(&step));
        history.absorb(Record::Intent { step: "s".into(), items: step.items.clone() });
        assert!(history.in_doubt(&key("a")));
        history.absorb(Record::Settled { items: vec![done("a")], findings: vec![] });
        assert!(!history.in_doubt(&key("a")));
        assert_eq!(history.rest_of(&step).unwrap().items, [key("b")]);
        history.absorb(result("s", &["b"]));
        assert_eq!(history.rest_of(&step), None);
    }

    #[test]
    fn a_step_without_items_is_open_until_it_has_a_result() {
        let step = Step { name: "backup".into(), items: vec![] };
        let mut history = History::default();
        history.absorb(Record::Intent { step: "backup".into(), items: vec![] });
        assert_eq!(history.rest_of(&step).as_deref(), Some(&step));
        history.absorb(result("backup", &[]));
        assert_eq!(history.rest_of(&step), None);
    }

    #[test]
    fn a_surprise_is_forgotten_only_after_a_person_was_told() {
        let surprise = ErrorBrief { code: ErrorKind::Unexpected, message: "x".into(), hint: None };
        let mut history = History::default();
        history.absorb(Record::Result {
            step: "s".into(),
            items: vec![],
            findings: vec![],
            surprise: Some(surprise.clone()),
            partial: vec![],
        });
        history.absorb(Record::Resumed { reported: false });
        assert_eq!(history.surprise, Some(surprise));
        history.absorb(Record::Resumed { reported: true });
        assert_eq!((history.surprise, history.resumed), (None, 2));
    }
}
