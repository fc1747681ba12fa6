//! What one transaction deletes: one condition for all types that it names, so that it must hit nothing that stays.
//! Must not know: why documents go, sockets.

use std::collections::{BTreeMap, BTreeSet};

use super::feed::Replaced;
use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::filter::never_written;
use crate::platforms::strapi::merge::Side;
use crate::platforms::strapi::wire::{Cut, Goes, Restore};

/// Documents that one transfer can name: fewer than SQLite takes as values of one statement (32,766).
pub(super) const MOST_DELETED: usize = 30_000;

/// `documents` are all that go, by type, and `cut` those that go in the locales of the plan alone; of the types that are replaced these are all that there are.
pub(super) fn of(
    documents: BTreeMap<String, Vec<String>>,
    cut: &BTreeMap<String, Vec<String>>,
    replaced: Option<&Replaced>,
    destination: &Side<'_>,
) -> Result<Restore> {
    let Some(replaced) = replaced else {
        refuse_what_cannot_go(&all_of(&documents, cut), destination)?;
        let restore = these(documents, cut.keys().cloned().collect(), false);
        let documents = cut.values().flatten().cloned().collect();
        return Ok(Restore { cut: Cut { documents, ..Cut::default() }, ..restore });
    };
    // A server that is sent a type it does not have may end.
    let is_there = |uid: &&String| destination.schema(uid).is_some() && !never_written(uid);
    let types: BTreeSet<String> = replaced.types.iter().filter(is_there).cloned().collect();
    let others: BTreeSet<&String> = documents.keys().filter(|uid| !types.contains(*uid)).collect();
    let all = |types: BTreeSet<String>, going| Restore {
        types: types.into_iter().collect(),
        goes: going,
        configuration: replaced.configuration,
        empties_files: replaced.empties_files,
        ..Restore::default()
    };
    if others.is_empty() {
        let going = if types.is_empty() { Goes::default() } else { Goes::All };
        return Ok(all(types, going));
    }
    if documents.values().map(Vec::len).sum::<usize>() <= MOST_DELETED {
        refuse_what_cannot_go(&documents, destination)?;
        let restore = these(documents, types, replaced.configuration);
        return Ok(Restore { empties_files: replaced.empties_files, ..restore });
    }
    let kept = kept(&others, &documents, destination);
    refuse_too_many(kept.len())?;
    if kept.is_empty() {
        return Ok(all(types.into_iter().chain(others.into_iter().cloned()).collect(), Goes::All));
    }
    let is_kept: BTreeSet<&String> = kept.iter().collect();
    if let Some((uid, id)) = first(&documents, |id| is_kept.contains(id)) {
        return Err(met_twice(uid, "another type", id));
    }
    Ok(all(types.into_iter().chain(others.into_iter().cloned()).collect(), Goes::AllBut(kept)))
}

/// Documents that go whole or in part, by type.
fn all_of(
    documents: &BTreeMap<String, Vec<String>>,
    cut: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, Vec<String>> {
    let mut all = documents.clone();
    for (uid, ids) in cut {
        all.entry(uid.clone()).or_default().extend(ids.iter().cloned());
    }
    all
}

fn these(documents: BTreeMap<String, Vec<String>>, types: BTreeSet<String>, configuration: bool) -> Restore {
    let types: BTreeSet<String> = documents.keys().cloned().chain(types).collect();
    let documents = documents.into_values().flatten().collect();
    Restore {
        types: types.into_iter().collect(),
        goes: Goes::Documents(documents),
        configuration,
        ..Restore::default()
    }
}

/// Documents of these types that stay.
fn kept(types: &BTreeSet<&String>, documents: &BTreeMap<String, Vec<String>>, destination: &Side<'_>) -> Vec<String> {
    let mut kept = Vec::new();
    for uid in types {
        let goes: BTreeSet<&String> = documents[*uid].iter().collect();
        kept.extend(destination.documents(uid).map(str::to_owned).filter(|id| !goes.contains(id)));
    }
    kept
}

fn first(documents: &BTreeMap<String, Vec<String>>, is_it: impl Fn(&String) -> bool) -> Option<(&str, &str)> {
    let mut all = documents.iter().flat_map(|(uid, ids)| ids.iter().map(move |id| (uid, id)));
    all.find(|(_, id)| is_it(id)).map(|(uid, id)| (&**uid, &**id))
}

fn refuse_too_many(count: usize) -> Result<()> {
    if count <= MOST_DELETED {
        return Ok(());
    }
    let message = format!(
        "{count} documents would have to be named at once, and a server takes at most {MOST_DELETED} in one transaction"
    );
    Err(Error::new(ErrorKind::Usage, message).hint("write them in parts, such as type by type"))
}

fn met_twice(uid: &str, other: &str, id: &str) -> Error {
    let message =
        format!("{uid} and {other} both hold a document {id}, of which one would be overwritten and the other deleted");
    Error::new(ErrorKind::Usage, message).hint("write one of the two types by itself")
}

/// A document that goes must not be the namesake of one that stays.
fn refuse_what_cannot_go(documents: &BTreeMap<String, Vec<String>>, destination: &Side<'_>) -> Result<()> {
    refuse_too_many(documents.values().map(Vec::len).sum())?;
    for (uid, ids) in documents {
        for other in documents.keys().filter(|other| *other != uid) {
            let goes: BTreeSet<&String> = documents[other].iter().collect();
            if let Some(id) = ids.iter().find(|id| !goes.contains(id) && destination.has(other, id)) {
                return Err(met_twice(uid, other, id));
            }
        }
    }
    Ok(())
}
