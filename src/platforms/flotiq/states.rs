//! What an export says of the states of the objects that it holds, and what it cannot say.
//! Must not know: files, formats.

use super::write::Internal;
use crate::model::{Finding, VersionState, code};

/// Where an object stands between draft and publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Public,
    Draft,
    /// Changed after it was published: the public version is another one.
    Modified,
    Archived,
    /// The record does not say, or in a word that is not known.
    Unknown,
}

impl State {
    /// As an inventory calls it.
    pub fn told(self) -> Option<VersionState> {
        match self {
            State::Public => Some(VersionState::Published),
            State::Draft => Some(VersionState::Draft),
            State::Modified => Some(VersionState::Modified),
            State::Archived => Some(VersionState::Archived),
            State::Unknown => None,
        }
    }

    pub fn of(word: Option<&str>) -> State {
        match word {
            Some("public") => State::Public,
            Some("draft") => State::Draft,
            Some("modified") => State::Modified,
            Some("archived") => State::Archived,
            _ => State::Unknown,
        }
    }
}

/// Objects of types that have drafts, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct States {
    public: u64,
    modified: u64,
    archived: u64,
    unknown: u64,
}

impl States {
    pub fn add(&mut self, state: State) {
        match state {
            State::Public => self.public += 1,
            State::Modified => self.modified += 1,
            State::Archived => self.archived += 1,
            State::Unknown => self.unknown += 1,
            State::Draft => {}
        }
    }

    pub fn findings(self, internal: Internal) -> Vec<Finding> {
        let mut findings = Vec::new();
        let published = self.public + self.modified;
        if internal == Internal::Nothing && published + self.archived > 0 {
            let archived = match self.archived {
                0 => String::new(),
                archived => format!(" and {archived} archived ones"),
            };
            let message = format!(
                "without --with-internal the export does not say what is published: {published} published objects{archived} will arrive as drafts"
            );
            findings.push(Finding::warning(code::STATES_LEFT_OUT, message));
        }
        if self.unknown > 0 {
            let message = format!(
                "the source does not say which of {} objects of types with drafts are published; they will arrive as drafts",
                self.unknown
            );
            findings.push(Finding::warning(code::STATES_LEFT_OUT, message));
        }
        if self.modified > 0 {
            let message = format!(
                "{} objects were changed after they were published; their newest version is written, their public one is not",
                self.modified
            );
            findings.push(Finding::warning(code::PUBLIC_VERSION_LEFT_OUT, message));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_a_draft_is_counted_where_states_are_left_out() {
        let mut states = States::default();
        [State::Public, State::Public, State::Modified, State::Draft, State::Archived]
            .into_iter()
            .for_each(|state| states.add(state));
        let codes = |internal| states.findings(internal).into_iter().map(|finding| finding.code).collect::<Vec<_>>();
        assert_eq!(codes(Internal::Nothing), ["states-left-out", "public-version-left-out"]);
        assert_eq!(codes(Internal::Carried), ["public-version-left-out"]);
        let message = &states.findings(Internal::Nothing)[0].message;
        assert!(message.contains("3 published objects and 1 archived"), "{message}");
        assert!(States::default().findings(Internal::Nothing).is_empty());
    }
}
