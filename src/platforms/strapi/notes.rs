//! Gathers findings, so that a thousand equal ones become one sentence with a count and an example.
//! Must not know: what is found.

use std::collections::BTreeMap;

use crate::model::{Finding, ItemKey, Severity};

/// Different sentences that are kept; an archive that gives cause for more is named by the first ones.
const MOST_SUBJECTS: usize = 200;

#[derive(Debug)]
struct Note {
    count: u64,
    example: String,
    item: Option<ItemKey>,
}

/// Findings in the making.
#[derive(Debug, Default)]
pub(super) struct Notes(BTreeMap<(Severity, &'static str, String), Note>);

impl Notes {
    /// `subject` is the sentence that equal findings share, `example` names this one.
    pub fn add(&mut self, severity: Severity, code: &'static str, subject: &str, example: impl FnOnce() -> String) {
        let full = self.0.len() >= MOST_SUBJECTS;
        let key = (severity, code, subject.to_owned());
        match self.0.get_mut(&key) {
            Some(note) => note.count += 1,
            None if full => {}
            None => drop(self.0.insert(key, Note { count: 1, example: example(), item: None })),
        }
    }

    /// Like [`Notes::add`], for a finding that concerns one item if it stays the only one of its sort.
    pub fn add_on(&mut self, severity: Severity, code: &'static str, subject: &str, item: &ItemKey, example: String) {
        self.add(severity, code, subject, || example);
        if let Some(note) = self.0.get_mut(&(severity, code, subject.to_owned())) {
            note.item = (note.count == 1).then(|| item.clone());
        }
    }

    pub fn info(&mut self, code: &'static str, subject: &str, example: impl FnOnce() -> String) {
        self.add(Severity::Info, code, subject, example);
    }

    pub fn warning(&mut self, code: &'static str, subject: &str, example: impl FnOnce() -> String) {
        self.add(Severity::Warning, code, subject, example);
    }

    pub fn blocking(&mut self, code: &'static str, subject: &str, example: impl FnOnce() -> String) {
        self.add(Severity::Blocking, code, subject, example);
    }

    /// The worst first.
    pub fn findings(&self) -> Vec<Finding> {
        let worst_first = self.0.iter().rev();
        worst_first.map(|((severity, code, subject), note)| finding(*severity, code, subject, note)).collect()
    }
}

fn finding(severity: Severity, code: &str, subject: &str, note: &Note) -> Finding {
    let message = match (note.count, note.example.as_str()) {
        (1, "") => subject.to_owned(),
        (count, "") => format!("{subject} ({count} times)"),
        (1, example) => format!("{subject}: {example}"),
        (count, example) => format!("{subject} ({count} times): {example}, …"),
    };
    Finding { item: note.item.clone(), ..Finding::new(code, severity, message) }
}
