//! Whether a destination's item already holds what a source's item says.
//! Must not know: decisions; where references lead is told.

use std::collections::BTreeSet;

use crate::model::{Digest, ItemKey, ItemRef, ReferenceView, VersionState};

/// Whether both say the same: equal semantic digests, and references that lead to the same place pairwise.
/// `found_at` says under which id an item of the source is found at the destination; what it does not know keeps its
/// id. References by name stand in the text as they are, so that they are equal only to themselves.
pub fn holds<'s>(
    source: ItemRef<'s>,
    destination: ItemRef<'_>,
    found_at: impl Fn(&ItemKey) -> Option<&'s str>,
) -> bool {
    let keys: Vec<_> = source.reference_views().filter_map(key_of).collect();
    let mut keys = keys.iter();
    same(source, destination, |reference| match reference {
        ReferenceView::Id { id, .. } => keys.next().and_then(&found_at).unwrap_or(id),
        ReferenceView::Name { name, .. } => name,
    })
}

/// [`holds`] for an item of which references were left out: `written` is the semantic digest of the rest, and each reference of
/// the destination's has to be one of the source's.
pub fn holds_in_part<'s>(
    source: ItemRef<'_>,
    destination: ItemRef<'_>,
    found_at: impl Fn(&ItemKey) -> Option<&'s str>,
    written: Digest,
) -> bool {
    let is_written = destination.digests().is_some_and(|theirs| theirs.semantic == written);
    let ours: BTreeSet<ItemKey> = source.reference_views().filter_map(key_of).collect();
    let ours: BTreeSet<ItemKey> =
        ours.into_iter().map(|key| found_at(&key).map(|id| key.with_id(id)).unwrap_or(key)).collect();
    is_written
        && states_agree(source.facts().state, destination.facts().state)
        && destination.reference_views().filter_map(key_of).all(|key| ours.contains(&key))
}

/// Whether a destination's state is what a run makes of the source's. The public version of what was changed since its
/// publication does not travel, so that its newest version arrives as a draft, or beside what is public there.
fn states_agree(source: Option<VersionState>, destination: Option<VersionState>) -> bool {
    match (source, destination) {
        (None, _) | (_, None) => true,
        (Some(VersionState::Modified), Some(there)) => matches!(there, VersionState::Draft | VersionState::Modified),
        (Some(ours), Some(theirs)) => ours == theirs,
    }
}

fn key_of(reference: ReferenceView<'_>) -> Option<ItemKey> {
    match reference {
        ReferenceView::Id { kind, type_, id, .. } => {
            Some(ItemKey { kind, type_: type_.map(Into::into), id: id.into() })
        }
        ReferenceView::Name { .. } => None,
    }
}

/// [`holds`], with the destination of each reference looked up by the caller, in order.
pub(super) fn same<'s, 't>(
    source: ItemRef<'s>,
    destination: ItemRef<'_>,
    mut leads_to: impl FnMut(ReferenceView<'s>) -> &'t str,
) -> bool {
    let (Some(ours), Some(theirs)) = (source.digests(), destination.digests()) else { return false };
    if ours.semantic != theirs.semantic || source.facts().deleted != destination.facts().deleted {
        return false;
    }
    if !states_agree(source.facts().state, destination.facts().state) {
        return false;
    }
    let (left, right) = (source.reference_views(), destination.reference_views());
    left.len() == right.len()
        && left.zip(right).all(|(ours, theirs)| match (ours, theirs) {
            (ReferenceView::Id { kind, type_, .. }, ReferenceView::Id { kind: k, type_: t, id, .. }) => {
                kind == k && type_ == t && leads_to(ours) == id
            }
            (ReferenceView::Name { .. }, ReferenceView::Name { .. }) => ours == theirs,
            _ => false,
        })
}
