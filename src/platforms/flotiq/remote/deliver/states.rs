//! What brings an object into the state that it has at the source.
//! Must not know: requests.

use crate::model::VersionState;

/// A change of state, as the platform calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    Publish,
    Unpublish,
    Archive,
}

impl Move {
    pub fn path(self) -> &'static str {
        match self {
            Move::Publish => "batch-publish",
            Move::Unpublish => "batch-unpublish",
            Move::Archive => "batch-archive",
        }
    }
}

/// What is left to do once an object of a type with drafts was written. `before` is its state at the destination before that,
/// `None` for one that was made. A source that does not say leaves the state to the space: new objects are drafts, and what was
/// public stays public beside its changed version.
pub(super) fn after_writing(source: Option<VersionState>, before: Option<VersionState>) -> Option<Move> {
    use VersionState::{Archived, Draft, Modified, Published};
    match (source?, before) {
        (Published, _) => Some(Move::Publish),
        (Archived, _) => Some(Move::Archive),
        (Draft, None | Some(Draft)) => None,
        (Draft, Some(_)) => Some(Move::Unpublish),
        // Nothing that is being edited becomes public by a transfer, and nothing that is public goes.
        (Modified, Some(Archived)) => Some(Move::Unpublish),
        (Modified, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use VersionState::{Archived, Draft, Modified, Published};
    use rstest::rstest;

    #[rstest]
    #[case(Some(Published), None, Some(Move::Publish))]
    #[case(Some(Published), Some(Modified), Some(Move::Publish))]
    #[case(Some(Archived), Some(Published), Some(Move::Archive))]
    #[case(Some(Draft), None, None)]
    #[case(Some(Draft), Some(Published), Some(Move::Unpublish))]
    #[case(Some(Modified), None, None)]
    #[case(Some(Modified), Some(Published), None)]
    #[case(Some(Modified), Some(Archived), Some(Move::Unpublish))]
    #[case(None, Some(Published), None)]
    fn what_is_written_gets_the_state_of_its_source(
        #[case] source: Option<VersionState>,
        #[case] before: Option<VersionState>,
        #[case] expected: Option<Move>,
    ) {
        assert_eq!(after_writing(source, before), expected);
    }
}
