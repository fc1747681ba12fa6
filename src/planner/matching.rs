//! Finds each item at the destination: by id, by name, or not at all, and says where it is not clear which.
//! Must not know: policies, decisions.

use super::names::NameIndex;
use super::uniques::Uniques;
use crate::model::{Inventory, ItemIndex, ItemRef, KindRules, MatchMethod};

/// Why it is not clear which item of the destination is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// So many items of the destination have the name, and none has the id.
    Namesakes(usize),
    /// The id hits one item, the name another.
    IdAndName,
    /// Another item of the source is that item by its id.
    TakenById,
    /// Other items of the source have the same name, and one item of the destination has it.
    TakenByName,
    /// So many items of the destination share a unique value with it.
    SameValues(usize),
}

/// How an item was found at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub method: MatchMethod,
    pub hit: Option<ItemIndex>,
    /// What a person has to choose between.
    pub candidates: Vec<ItemIndex>,
    pub doubt: Option<Doubt>,
    /// `--map` said where it is.
    pub mapped: bool,
}

/// Nobody chooses from a longer list; the finding says how many there are.
const MOST_CANDIDATES: usize = 20;

impl Found {
    pub fn new(method: MatchMethod, hit: Option<ItemIndex>) -> Self {
        Found { method, hit, candidates: Vec::new(), doubt: None, mapped: false }
    }

    fn doubtful(method: MatchMethod, hit: Option<ItemIndex>, candidates: Vec<ItemIndex>, doubt: Doubt) -> Self {
        Found { method, hit, candidates, doubt: Some(doubt), mapped: false }
    }

    /// Several fit.
    fn among(method: MatchMethod, doubt: Doubt, several: &[ItemIndex]) -> Self {
        let candidates = several.iter().copied().take(MOST_CANDIDATES).collect();
        Found::doubtful(method, None, candidates, doubt)
    }
}

/// Finds one item, as its kind is matched. Equal bytes are no part of an inventory yet, so that these never hit. Names of
/// deleted items do not count, ids do: the id is taken all the same. A deleted item that the plan brings back counts by its
/// name too; [`settle_claims`] sees to that.
pub(super) fn find(
    item: ItemRef<'_>,
    rules: &KindRules,
    destination: &Inventory,
    names: &NameIndex<'_>,
    uniques: &Uniques,
) -> Found {
    let by_id = rules.matching.contains(&MatchMethod::Uuid).then(|| same_id(item, destination)).flatten();
    let by_name = rules.matching.contains(&MatchMethod::Name);
    let namesakes = || namesakes(item, destination, names, |_| false);
    if by_id.is_none() && rules.matching.contains(&MatchMethod::Field) {
        match uniques.shared_with(item.index()).as_slice() {
            [] => {}
            [one] => return Found::new(MatchMethod::Field, Some(*one)),
            several => return Found::among(MatchMethod::Field, Doubt::SameValues(several.len()), several),
        }
    }
    match by_id {
        Some(hit) if by_name && hit.name() != item.name() => match namesakes() {
            others if others.is_empty() => Found::new(MatchMethod::Uuid, Some(hit.index())),
            others => {
                let candidates = [hit.index()].into_iter().chain(others).take(MOST_CANDIDATES).collect();
                Found::doubtful(MatchMethod::Uuid, Some(hit.index()), candidates, Doubt::IdAndName)
            }
        },
        Some(hit) => Found::new(MatchMethod::Uuid, Some(hit.index())),
        None if by_name => match namesakes() {
            none if none.is_empty() => Found::new(MatchMethod::Unmatched, None),
            one if one.len() == 1 => Found::new(MatchMethod::Name, Some(one[0])),
            several => Found::among(MatchMethod::Name, Doubt::Namesakes(several.len()), &several),
        },
        None => Found::new(MatchMethod::Unmatched, None),
    }
}

/// Finds one item by its id alone.
pub(super) fn find_by_id(item: ItemRef<'_>, destination: &Inventory) -> Found {
    match same_id(item, destination) {
        Some(hit) => Found::new(MatchMethod::Uuid, Some(hit.index())),
        None => Found::new(MatchMethod::Unmatched, None),
    }
}

pub(super) fn same_id<'a>(item: ItemRef<'_>, destination: &'a Inventory) -> Option<ItemRef<'a>> {
    destination.lookup(item.kind(), item.type_(), item.id())
}

/// Whether a claim counts against those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Counts,
    /// Of an item that is left out.
    Yields,
}

/// Puts in doubt what several items of the source would claim by name, and what the plan gives a namesake by bringing a
/// deleted item back. An id is a better claim than a name.
pub(super) fn settle_claims<'f>(
    founds: impl Iterator<Item = (&'f mut Found, Claim)>,
    destination: &Inventory,
    names: &NameIndex<'_>,
) {
    let mut founds: Vec<(&mut Found, Claim)> = founds.collect();
    let mut by_id = vec![false; destination.len()];
    let mut by_name = vec![0u32; destination.len()];
    for (found, _) in founds.iter().filter(|(_, claim)| *claim == Claim::Counts) {
        match (found.method, found.hit) {
            (MatchMethod::Uuid, Some(hit)) => by_id[hit as usize] = true,
            (_, Some(hit)) => by_name[hit as usize] += 1,
            (_, None) => {}
        }
    }
    for (found, claim) in &mut founds {
        let (MatchMethod::Name | MatchMethod::Field, Some(hit), None) = (found.method, found.hit, found.doubt) else {
            continue;
        };
        let others = by_name[hit as usize] - u32::from(*claim == Claim::Counts);
        let taken = |doubt| Found::doubtful(found.method, None, vec![hit], doubt);
        **found = if by_id[hit as usize] {
            taken(Doubt::TakenById)
        } else if others > 0 {
            taken(Doubt::TakenByName)
        } else if found.method == MatchMethod::Field {
            continue;
        } else {
            let namesakes = namesakes(destination.item(hit), destination, names, |other| by_id[other as usize]);
            if namesakes.len() < 2 {
                continue;
            }
            Found::among(MatchMethod::Name, Doubt::Namesakes(namesakes.len()), &namesakes)
        };
    }
}

/// The items of the destination with the name of `item`. One that is deleted counts where it `comes_back`.
fn namesakes(
    item: ItemRef<'_>,
    destination: &Inventory,
    names: &NameIndex<'_>,
    comes_back: impl Fn(ItemIndex) -> bool,
) -> Vec<ItemIndex> {
    let all = names.namesakes(item.kind(), item.type_(), item.name()).iter().copied();
    all.filter(|&other| comes_back(other) || !destination.item(other).facts().deleted).collect()
}
