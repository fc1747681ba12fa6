//! What a replace deletes: the destination's items of the types that it brings which no item of the source becomes.
//! Must not know: effects, sentences.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, type_of};
use crate::model::{Error, ErrorKind, ItemIndex, ItemKey, ItemRef, Kind, Mode, ReferenceView, Result, Role};

/// A kind, and the type where it has types.
type Of<'a> = (Kind, Option<&'a str>);

/// The destination's items that go, and the types that are left with nothing.
#[derive(Debug, Default)]
pub(super) struct Replaced<'a> {
    pub deleted: Vec<ItemIndex>,
    /// Types that the source says it holds nothing of, by the number of entries that go.
    pub emptied: BTreeMap<Of<'a>, u64>,
    /// Types of the destination that the source knows and that stay as they are, by the number of their items.
    pub kept: BTreeMap<Of<'a>, u64>,
}

/// Nothing in a merge.
pub(super) fn of<'a>(draft: &Draft<'a>) -> Replaced<'a> {
    let mut replaced = Replaced::default();
    if draft.request.options.mode == Mode::Merge {
        return replaced;
    }
    let brought: BTreeSet<Of<'a>> = brought(draft);
    let empty: BTreeSet<Of<'a>> = said_to_be_empty(draft).filter(|of| !brought.contains(of)).collect();
    let met: BTreeSet<ItemIndex> = draft.members.iter().filter_map(|member| member.found.hit).collect();
    for there in draft.request.destination.items().filter(|there| !there.facts().deleted) {
        let of = (there.kind(), there.type_());
        if !brought.contains(&of) && !empty.contains(&of) {
            *replaced.kept.entry(of).or_default() += u64::from(is_movable(draft, of));
            continue;
        }
        if !met.contains(&there.index()) {
            replaced.deleted.push(there.index());
            if empty.contains(&of) {
                *replaced.emptied.entry(of).or_default() += 1;
            }
        }
    }
    replaced.kept.retain(|_, count| *count > 0);
    replaced
}

/// Refuses a replace that brings some items of a type and leaves others of it out: those would be deleted with the rest.
pub(super) fn refuse_parts(draft: &Draft<'_>) -> Result<()> {
    if draft.request.options.mode == Mode::Merge {
        return Ok(());
    }
    let brought = brought(draft);
    let comes = |item: ItemRef<'_>| {
        draft.member(item.index()).is_some_and(|member| member.is_written() && member.role == Role::Picked)
    };
    let whole = draft.request.source.items().filter(|item| brought.contains(&(item.kind(), item.type_())));
    let left_out: Vec<ItemKey> =
        whole.filter(|item| !item.facts().deleted && !comes(*item)).map(|item| item.key()).collect();
    match left_out.first() {
        None => Ok(()),
        Some(first) => {
            let message =
                format!("a replace takes types as a whole, but {first} and {} more stay out", left_out.len() - 1);
            Err(Error::new(ErrorKind::Usage, message).hint("pick whole types, or merge").items(left_out))
        }
    }
}

/// Types of which something is written because it was picked.
fn brought<'a>(draft: &Draft<'a>) -> BTreeSet<Of<'a>> {
    let written = draft.members.iter().filter(|member| member.is_written() && member.role == Role::Picked);
    written.map(type_of).collect()
}

/// Types that the source knows and holds nothing of, where it is all that its location has and nothing of it is left out.
fn said_to_be_empty<'a>(draft: &Draft<'a>) -> impl Iterator<Item = Of<'a>> {
    let request = draft.request;
    let is_asked = request.source.is_whole && request.options.selection.is_everything();
    let held: BTreeSet<Of<'a>> = request.source.items().map(|item| (item.kind(), item.type_())).collect();
    request.schemas.parts.keys().map(|(kind, type_)| (*kind, type_.as_deref())).filter(move |&(kind, type_)| {
        let is_empty = !held.contains(&(kind, type_)) && is_movable(draft, (kind, type_));
        is_asked && is_empty && !request.schemas.blocks(kind, type_)
    })
}

/// Whether a plan could write items of this kind and type.
fn is_movable(draft: &Draft<'_>, (kind, type_): Of<'_>) -> bool {
    draft.request.rules.of(kind).is_some_and(|rules| rules.left_alone.why(type_, Mode::Replace).is_none())
}

/// Items of the destination that stay and refer to what goes, by kind and type.
pub(super) fn unlinked<'a>(draft: &Draft<'a>, replaced: &Replaced<'a>) -> BTreeMap<Of<'a>, u64> {
    let mut counts = BTreeMap::new();
    if replaced.deleted.is_empty() {
        return counts;
    }
    let deleted: BTreeSet<ItemIndex> = replaced.deleted.iter().copied().collect();
    let leads_there = |reference: ReferenceView<'_>| match reference {
        ReferenceView::Id { item: Some(item), .. } => deleted.contains(&item),
        ReferenceView::Id { item: None, .. } | ReferenceView::Name { .. } => false,
    };
    for there in draft.request.destination.items() {
        let stays = replaced.kept.contains_key(&(there.kind(), there.type_()));
        if stays && there.is_traced() && there.reference_views().any(leads_there) {
            *counts.entry((there.kind(), there.type_())).or_insert(0) += 1;
        }
    }
    counts
}
