//! What a plan does to the destination beyond writing what was picked, counted.
//! Must not know: how decisions came about.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Member, type_of};
use super::replaced::{self, Replaced};
use crate::model::{Decision, Effect, EffectKind, Rank};

pub(super) fn of<'a>(draft: &Draft<'a>, replaced: &Replaced<'a>) -> Vec<Effect> {
    let mut counts = BTreeMap::new();
    let is_lossy = |&(kind, type_): &(_, Option<&str>)| {
        draft.request.schemas.of(kind, type_).any(|difference| difference.rank == Rank::Lossy)
    };
    let converted: BTreeSet<_> = draft.types().filter(is_lossy).collect();
    for member in &draft.members {
        let is_converted = member.is_written() && converted.contains(&type_of(member));
        for effect in of_member(draft, member).chain(is_converted.then_some(EffectKind::Convert)) {
            *counts.entry((effect, member.item.kind(), member.item.type_())).or_insert(0) += 1;
        }
    }
    for &gone in &replaced.deleted {
        let gone = draft.destination(gone);
        *counts.entry((EffectKind::Delete, gone.kind(), gone.type_())).or_insert(0) += 1;
    }
    for ((kind, type_), count) in replaced::unlinked(draft, replaced) {
        counts.insert((EffectKind::Unlink, kind, type_), count);
    }
    let effect = |((effect, kind, type_), count): ((_, _, Option<&str>), _)| Effect {
        effect,
        kind,
        type_: type_.map(Into::into),
        count,
    };
    counts.into_iter().map(effect).collect()
}

fn of_member(draft: &Draft<'_>, member: &Member<'_>) -> impl Iterator<Item = EffectKind> {
    let overwrites = member.decision == Decision::Overwrite;
    let makes = matches!(member.decision, Decision::Create | Decision::Duplicate);
    let renames = overwrites && is_called_otherwise(draft, member);
    let effects = [
        renames.then_some(EffectKind::Rename),
        (makes && member.rules.created_without_value).then_some(EffectKind::WithoutValue),
        (overwrites && member.rules.cannot_undo_overwrite.is_some()).then_some(EffectKind::CannotUndo),
    ];
    effects.into_iter().flatten()
}

pub(super) fn is_called_otherwise(draft: &Draft<'_>, member: &Member<'_>) -> bool {
    member.found.hit.is_some_and(|hit| draft.destination(hit).name() != member.item.name())
}
