//! The journal of this run together with its fold: what is recorded is on disk before anybody hears of it.
//! Must not know: what is done between two records.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::store::{History, Journal, Record};
use crate::model::{Error, ErrorKind, Result};

#[derive(Debug)]
pub(super) struct Ledger(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    journal: Journal,
    history: History,
    closed: bool,
}

impl Ledger {
    pub fn new(journal: Journal, history: History) -> Self {
        Ledger(Mutex::new(Inner { journal, history, closed: false }))
    }

    /// Writes a record and folds it in. What cannot be written is folded in all the same where it already happened
    /// at the destination: the report of this process then tells the truth, and a resumed run looks for itself.
    pub fn record(&self, record: Record) -> Result<()> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(Error::new(ErrorKind::Interrupted, "the run has ended"));
        }
        let written = inner.journal.append(&record);
        let happened = matches!(record, Record::Result { .. } | Record::Settled { .. } | Record::Concluded { .. });
        if written.is_ok() || happened {
            inner.history.absorb(record);
        }
        written
    }

    /// Looks at the history. Not to be held across a wait.
    pub fn see<T>(&self, look: impl FnOnce(&History) -> T) -> T {
        look(&self.lock().history)
    }

    /// From here on nothing is recorded, whatever a task left behind still does.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves both whole: an append that was torn is known to the journal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
