//! What is written and would take a reference away from an item that the destination keeps: where one item only can lead to
//! another, it stays with the one that has it.
//! Must not know: platforms.

use std::collections::HashSet;

use super::draft::{Draft, Member};
use crate::model::{Decision, Finding, ItemIndex, Mode, Sole, code};

/// As far as both inventories tell; a replace keeps nothing that could have it.
pub(super) fn findings(draft: &Draft<'_>) -> Vec<Finding> {
    let (source, destination) = (draft.request.source, draft.request.destination);
    if draft.request.options.mode == Mode::Replace || source.soles().is_empty() {
        return Vec::new();
    }
    let mut held = destination.soles().to_vec();
    held.sort_unstable();
    let overwritten = draft.members.iter().filter(|member| member.decision == Decision::Overwrite);
    let overwritten: HashSet<ItemIndex> = overwritten.filter_map(|member| member.found.hit).collect();
    let stays = |sole: &Sole| {
        let member = draft.member(sole.item).filter(|member| member.is_written())?;
        let target = afterwards(draft, sole.target)?;
        let from = held.partition_point(|other| (other.way, other.target) < (sole.way, target));
        let holders = held[from..].iter().take_while(|other| (other.way, other.target) == (sole.way, target));
        let holder = holders.map(|other| other.item).find(|holder| !overwritten.contains(holder))?;
        Some(told(draft, member, destination.item(target).name(), destination.item(holder).name()))
    };
    source.soles().iter().filter_map(stays).collect()
}

/// The item of the destination that an item of the source is or becomes, if it is there before the run.
fn afterwards(draft: &Draft<'_>, item: ItemIndex) -> Option<ItemIndex> {
    match draft.member(item) {
        Some(member) if matches!(member.decision, Decision::Create | Decision::Duplicate) => None,
        Some(member) => member.found.hit,
        None => {
            let item = draft.request.source.item(item);
            Some(draft.request.destination.lookup(item.kind(), item.type_(), item.id())?.index())
        }
    }
}

fn told(draft: &Draft<'_>, member: &Member<'_>, target: &str, holder: &str) -> Finding {
    let becomes = if member.decision == Decision::Duplicate { "its copy" } else { "it" };
    let place = &draft.request.destination_info.location;
    let sentence = format!(
        "its one-to-one relation to `{target}` is left out: `{holder}` has that at {place} and keeps it, so that {becomes} \
         arrives without"
    );
    Finding::warning(code::STAYS_WITH_KEPT, sentence).on(&member.item.key())
}
