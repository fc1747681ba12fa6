//! `--map`: a person says which item of the destination stands for one of the source.
//! Must not know: policies.

use super::matching::Found;
use super::suggest;
use crate::model::{Error, ErrorKind, Inventory, ItemRef, KindRules, MatchMethod, ReferencedBy, Result};

/// Where a mapped item is found. The target must be there and of the same kind.
pub(super) fn mapped(item: ItemRef<'_>, id: &str, rules: &KindRules, destination: &Inventory) -> Result<Found> {
    let key = item.key();
    if rules.referenced_by == ReferencedBy::Name {
        let why =
            format!("{key} cannot be mapped: a {} is referred to by its name, which stands in free text", key.kind);
        return Err(Error::new(ErrorKind::Usage, why).items([key]));
    }
    let Some(target) = destination.lookup(item.kind(), item.type_(), id) else {
        return Err(unknown_target(item, id, destination));
    };
    if target.facts().deleted {
        let why = format!("{key} cannot be mapped to `{id}`, which was deleted at the destination");
        return Err(Error::new(ErrorKind::UnknownItem, why).items([key]));
    }
    let method = match () {
        () if target.id() == item.id() => MatchMethod::Uuid,
        () if target.name() == item.name() && rules.matching.contains(&MatchMethod::Name) => MatchMethod::Name,
        () => MatchMethod::Unmatched,
    };
    Ok(Found { mapped: true, ..Found::new(method, Some(target.index())) })
}

fn unknown_target(item: ItemRef<'_>, id: &str, destination: &Inventory) -> Error {
    let key = item.key();
    let elsewhere = destination.items().filter(|other| other.id() == id).map(|other| other.key()).min();
    let (why, hint) = match elsewhere {
        Some(other) => (format!("{key} cannot be mapped to {other}: that is no {}", kind_and_type(item)), None),
        None => (
            format!("{key} cannot be mapped to `{id}`: the destination has no {} of that id", kind_and_type(item)),
            suggest::for_id(id, &[destination], Some(item.kind())),
        ),
    };
    let error = Error::new(ErrorKind::UnknownItem, why).items([key]);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn kind_and_type(item: ItemRef<'_>) -> String {
    match item.type_() {
        Some(type_) => format!("{} of type {type_}", item.kind()),
        None => item.kind().to_string(),
    }
}
