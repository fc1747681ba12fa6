//! One line that tells what just happened, until it is read.
//! Must not know: where it is drawn.

use jiff::Timestamp;

use crate::model::{Error, Severity};

/// Seconds that a notice stays, errors longer.
const STAYS: i64 = 6;
const ERROR_STAYS: i64 = 30;

/// What just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub severity: Severity,
    pub text: String,
    pub hint: Option<String>,
    until: Option<Timestamp>,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Notice { severity: Severity::Info, text: text.into(), hint: None, until: None }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Notice { severity: Severity::Warning, ..Notice::info(text) }
    }

    /// Something failed, and stays longer.
    pub fn failure(text: impl Into<String>) -> Self {
        Notice { severity: Severity::Blocking, ..Notice::info(text) }
    }

    pub fn error(error: &Error) -> Self {
        Notice { hint: error.hint_text().map(str::to_owned), ..Notice::failure(error.message()) }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Begins to count.
    pub(in crate::workbench) fn at(mut self, now: Timestamp) -> Self {
        let stays = if self.severity == Severity::Blocking { ERROR_STAYS } else { STAYS };
        self.until = now.checked_add(jiff::SignedDuration::from_secs(stays)).ok();
        self
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}
