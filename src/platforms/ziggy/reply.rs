//! Compares what an upload's answer says with what the plan expects of it.
//! Must not know: how the upload was made.
//!
//! The answer lists each item with how it was matched, the mode and whether it was processed (OpenAPI
//! `FlowImportResponseDto`). An item can fail although the status says success; a match that the plan did not expect
//! means that the server knows something its lists do not show, and ends the run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json;
use super::pool::Item;
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, ItemKey, ItemOutcome, Kind, Result, StepOutcome};

/// What the server does with items that it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Leave,
    Overwrite,
}

impl Mode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Mode::Leave => "LEAVE",
            Mode::Overwrite => "OVERWRITE",
        }
    }
}

/// An item of an upload, and what is to become of it.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) key: ItemKey,
    /// As it stands in the uploaded file.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_new: bool,
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    kind: Kind,
    id: &'a str,
    name: &'a str,
    result: &'a str,
    method: &'a str,
    processed: bool,
    error: Option<&'a str>,
}

const LISTS: [(&str, Kind); 3] =
    [("flowsProcessed", Kind::Flow), ("connectionsProcessed", Kind::Connection), ("secretsProcessed", Kind::Secret)];

/// Reads an upload's answer. One without the lists (servers before CLI 1.0.14 answered nothing) says nothing, so that
/// the destination has to be looked at.
pub(super) fn compare(reply: &Value, expected: &[Expected], mode: Mode) -> Result<StepOutcome> {
    if !LISTS.iter().any(|(list, _)| reply.get(*list).is_some_and(Value::is_array)) {
        let message = "the server's answer to the import does not say what became of the items";
        return Err(Error::new(ErrorKind::Protocol, message).hint("look at the destination; the import may be done"));
    }
    let mut entries = entries(reply);
    let mut outcome = StepOutcome::default();
    let mut surprises = Vec::new();
    for item in expected {
        let entry = take(&mut entries, item);
        let (outcome_of_item, surprise) = judge(item, entry, mode);
        surprises.extend(surprise.map(|why| (item.key.clone(), why)));
        outcome.items.push(outcome_of_item);
    }
    let foreign = entries.iter().map(|entry| {
        let what = format!("{} `{}` ({}) was not sent", entry.kind, printable(entry.name), printable(entry.id));
        (ItemKey::new(entry.kind, entry.id), what)
    });
    surprises.extend(foreign);
    outcome.surprise = surprise(surprises);
    Ok(outcome)
}

fn entries(reply: &Value) -> Vec<Entry<'_>> {
    let of = |(list, kind): (&str, Kind)| -> Vec<Entry<'_>> {
        let read = |value| {
            let field = |name| json::text(value, name).unwrap_or_default();
            Entry {
                kind,
                id: field("uuid"),
                name: field("name"),
                result: field("result"),
                method: field("matchMethod"),
                processed: json::is_true(value, "isProcessed"),
                error: json::text(value, "error"),
            }
        };
        json::list(reply, list).iter().map(read).collect()
    };
    LISTS.into_iter().flat_map(of).collect()
}

/// The entry of an item: by its id, else by its name. Further entries of the same id are copies that several flows
/// carried, and are taken with it.
fn take<'a>(entries: &mut Vec<Entry<'a>>, item: &Expected) -> Option<Entry<'a>> {
    let fits_id = |entry: &Entry<'_>| entry.kind == item.key.kind && entry.id == item.id;
    let fits_name = |entry: &Entry<'_>| entry.kind == item.key.kind && entry.name == item.name;
    let at = entries.iter().position(fits_id).or_else(|| entries.iter().position(fits_name))?;
    let entry = entries.remove(at);
    entries.retain(|other| !(other.kind == entry.kind && other.id == entry.id));
    Some(entry)
}

/// What became of one item, and what is surprising about it.
fn judge(item: &Expected, entry: Option<Entry<'_>>, mode: Mode) -> (ItemOutcome, Option<String>) {
    let done = |error: Option<String>| ItemOutcome { item: item.key.clone(), new_id: None, error };
    let called = format!("{} `{}`", item.key.kind, printable(&item.name));
    let Some(entry) = entry else {
        let why = "the server's answer does not mention it".to_owned();
        return (done(Some(why.clone())), Some(format!("{called}: {why}")));
    };
    if !entry.processed {
        let why = printable(entry.error.unwrap_or("the server gave no reason")).into_owned();
        return (done(Some(format!("the server refused it: {why}"))), None);
    }
    let expected = if item.is_new { "unmatched" } else { "uuid" };
    if entry.method != expected {
        let came = printable(entry.method);
        let why = format!("{called}: expected to be {}, but was {}", matched(expected), matched(&came));
        let written = mode == Mode::Overwrite && entry.method != "name";
        let error = (!written).then(|| format!("not written as planned: the server found it {}", matched(&came)));
        return (done(error), Some(why));
    }
    let mut outcome = done(None);
    if entry.id != item.id {
        outcome.new_id = Some(entry.id.to_owned());
        let why = format!("{called}: expected the id {}, but it got {}", item.id, printable(entry.id));
        return (outcome, Some(why));
    }
    if entry.name != item.name {
        let why = format!("{called}: the server calls it `{}`", printable(entry.name));
        return (outcome, Some(why));
    }
    let as_sent = entry.result == mode.as_str();
    let why = || format!("{called}: sent with {}, but done with {}", mode.as_str(), printable(entry.result));
    (outcome, (!as_sent).then(why))
}

/// New items that the server does not list under their ids, with the ids under which it lists their names.
pub(super) fn elsewhere<'a>(new: &[&'a Expected], listed: &[Item]) -> Vec<(&'a Expected, String)> {
    let ids: BTreeSet<&str> = listed.iter().map(|item| &*item.key.id).collect();
    let names: BTreeMap<&str, &str> = listed.iter().map(|item| (item.name(), &*item.key.id)).collect();
    let missing = new.iter().filter(|item| !ids.contains(item.id.as_str()));
    missing.filter_map(|item| Some((*item, (*names.get(item.name.as_str())?).to_owned()))).collect()
}

/// Such items were written, but not as planned.
pub(super) fn note_elsewhere(outcome: &mut StepOutcome, elsewhere: Vec<(&Expected, String)>) {
    let mut surprises = Vec::new();
    for (item, id) in elsewhere {
        let called = format!("{} `{}`", item.key.kind, printable(&item.name));
        let why = format!("{called}: expected the id {}, but it is listed under {}", item.id, printable(&id));
        surprises.push((item.key.clone(), why));
        if let Some(outcome) = outcome.items.iter_mut().find(|outcome| outcome.item == item.key) {
            outcome.new_id = Some(id);
        }
    }
    outcome.surprise = surprise(surprises);
}

fn matched(method: &str) -> String {
    match method {
        "unmatched" => "unmatched".to_owned(),
        "uuid" => "matched by its id".to_owned(),
        other => format!("matched by its {other}"),
    }
}

fn surprise(surprises: Vec<(ItemKey, String)>) -> Option<Error> {
    if surprises.is_empty() {
        return None;
    }
    const SHOWN: usize = 5;
    let mut words: Vec<&str> = surprises.iter().take(SHOWN).map(|(_, why)| why.as_str()).collect();
    let more = format!("and {} more", surprises.len().saturating_sub(SHOWN));
    if surprises.len() > SHOWN {
        words.push(&more);
    }
    let message = format!("the server's answer is not what the plan expects: {}", words.join("; "));
    let error = Error::new(ErrorKind::Unexpected, message)
        .hint("the run stops here; look at the destination, then make a new plan");
    Some(error.items(surprises.into_iter().map(|(key, _)| key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expected(kind: Kind, id: &str, name: &str, is_new: bool) -> Expected {
        Expected { key: ItemKey::new(kind, id), id: id.into(), name: name.into(), is_new }
    }

    fn entry(id: &str, name: &str, result: &str, method: &str, processed: bool) -> Value {
        json!({"uuid": id, "name": name, "result": result, "matchMethod": method, "isProcessed": processed})
    }

    #[test]
    fn every_difference_is_a_surprise_and_every_refusal_a_failed_item() {
        for (sent_new, mode, reply, failed, surprised) in [
            (true, Mode::Leave, entry("f", "F", "LEAVE", "unmatched", true), false, false),
            (false, Mode::Overwrite, entry("f", "F", "OVERWRITE", "uuid", true), false, false),
            (true, Mode::Leave, entry("f", "F", "LEAVE", "uuid", true), true, true),
            (true, Mode::Leave, entry("g", "F", "LEAVE", "name", true), true, true),
            (true, Mode::Leave, entry("g", "F", "LEAVE", "unmatched", true), false, true),
            (true, Mode::Leave, entry("f", "F (imported)", "RENAME", "unmatched", true), false, true),
            (true, Mode::Leave, entry("f", "F", "RENAME", "unmatched", true), false, true),
            (false, Mode::Overwrite, entry("f", "F", "OVERWRITE", "unmatched", true), false, true),
            (false, Mode::Overwrite, entry("f", "F", "OVERWRITE", "name", true), true, true),
            (false, Mode::Overwrite, entry("f", "F", "OVERWRITE", "uuid", false), true, false),
            (true, Mode::Leave, entry("x", "X", "LEAVE", "unmatched", true), true, true),
        ] {
            let reply = json!({"flowsProcessed": [reply], "connectionsProcessed": [], "secretsProcessed": []});
            let outcome = compare(&reply, &[expected(Kind::Flow, "f", "F", sent_new)], mode).expect("lists");
            assert_eq!(outcome.items[0].error.is_some(), failed, "{reply}");
            assert_eq!(outcome.surprise.is_some(), surprised, "{reply}");
        }
    }

    #[test]
    fn the_recorded_form_of_an_answer_is_read() {
        let reply: Value =
            serde_json::from_str(include_str!("../../../tests/data/ziggy/import-response-mixed.json")).expect("JSON");
        let sms = expected(Kind::Flow, "f1000000-0000-4000-8000-000000000001", "SMS Test", false);
        let nightly = expected(Kind::Flow, "f1000000-0000-4000-8000-000000000002", "Nightly sync", false);
        let outcome = compare(&reply, &[sms, nightly], Mode::Overwrite).expect("lists");
        assert_eq!(outcome.items[0].error, None);
        assert_eq!(outcome.items[1].error.as_deref(), Some("the server refused it: synthetic error text"));
        assert!(outcome.surprise.is_some_and(|e| e.message().contains("`Twilio`")), "connections were not sent");
    }

    #[test]
    fn a_copy_that_two_flows_carry_is_one_item() {
        let reply = json!({"flowsProcessed": [], "secretsProcessed": [], "connectionsProcessed": [
            entry("c", "C", "LEAVE", "unmatched", true), entry("c", "C", "LEAVE", "uuid", true)]});
        let outcome = compare(&reply, &[expected(Kind::Connection, "c", "C", true)], Mode::Leave).expect("lists");
        assert!(outcome.surprise.is_none() && outcome.items[0].error.is_none());
    }

    #[test]
    fn an_answer_that_says_nothing_is_an_error() {
        for reply in [json!({}), json!("ok"), json!([]), json!(null)] {
            assert!(compare(&reply, &[], Mode::Leave).is_err(), "{reply}");
        }
    }
}
