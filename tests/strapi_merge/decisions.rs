//! Every decision on documents with relations, components, media, locales and drafts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::picture::{Key, Picture};
use crate::world::{ARTICLE, FILE, World, list, text};

/// Holds the destination against the report: what is written is as at the source, everything else as before.
#[track_caller]
pub fn assert_as_planned(before: &Picture, after: &Picture, source: &Picture, report: &Value) {
    let written: Vec<(Key, String, &Value)> = list(report, "items")
        .iter()
        .filter(|item| item["decision"] != "skip")
        .map(|item| {
            let uid = item["type"].as_str().unwrap_or(FILE).to_owned();
            ((uid, destination_of(item)), text(item, "id"), item)
        })
        .collect();
    let keys: BTreeSet<Key> = written.iter().map(|(key, _, _)| key.clone()).collect();
    // What is not written is found where it was matched.
    let found: Vec<(String, String)> = list(report, "items")
        .iter()
        .filter(|item| item["decision"] == "skip" && item["matched"].is_object())
        .map(|item| (text(item, "id"), destination_of(item)))
        .collect();
    let renamed: BTreeMap<&str, &str> = written
        .iter()
        .map(|((_, there), here, _)| (here.as_str(), there.as_str()))
        .chain(found.iter().map(|(here, there)| (here.as_str(), there.as_str())))
        .collect();
    for ((uid, there), here, item) in &written {
        assert_same(source.document(uid, here), after.document(uid, there), &renamed, item);
        let was_there = !before.document(uid, there).0.is_empty();
        assert_eq!(was_there, item["decision"] == "overwrite", "{item}");
    }
    assert_rest(&before.without(&keys), &after.without(&keys));
    assert_eq!((before.strays, after.strays), (0, 0), "components that belong to nothing");
}

/// Field by field, so that a failure says where.
#[track_caller]
pub fn assert_rest(before: &Picture, after: &Picture) {
    let keys: BTreeSet<_> = before.rows.keys().chain(after.rows.keys()).collect();
    for key in keys {
        assert_eq!(before.rows.get(key), after.rows.get(key), "{key} was not in the plan");
    }
    let fields: BTreeSet<_> = before.relations.keys().chain(after.relations.keys()).collect();
    for field in fields {
        assert_eq!(before.relations.get(field), after.relations.get(field), "{field:?} was not in the plan");
    }
    assert_eq!(before.configuration, after.configuration);
}

fn destination_of(item: &Value) -> String {
    match item["decision"].as_str() {
        Some("create") => text(item, "id"),
        Some("duplicate") => text(item, "newId"),
        _ => text(&item["matched"], "id"),
    }
}

type Rows<'a> = (Vec<(&'a String, &'a Value)>, Vec<(&'a (String, String), &'a Vec<String>)>);

#[track_caller]
fn assert_same(here: Rows<'_>, there: Rows<'_>, renamed: &BTreeMap<&str, &str>, item: &Value) {
    let moved = |text: &str| {
        renamed.iter().fold(text.to_owned(), |text, (from, to)| text.replace(&format!(" {from} "), &format!(" {to} ")))
    };
    assert!(!here.0.is_empty(), "{item}");
    let expected: Vec<_> = here.0.iter().map(|(key, data)| (moved(key), content(data, item))).collect();
    let found: Vec<_> = there.0.iter().map(|(key, data)| ((*key).clone(), content(data, item))).collect();
    assert_eq!(expected, found, "{item}");
    let expected: Vec<_> = here
        .1
        .iter()
        .map(|((owner, field), ends)| ((moved(owner), field.clone()), ends.iter().map(|end| moved(end)).collect()))
        .collect();
    let found: Vec<((String, String), Vec<String>)> =
        there.1.iter().map(|(field, ends)| ((*field).clone(), (*ends).clone())).collect();
    assert_eq!(expected, found, "{item}");
}

/// What a copy has of its own is its document, its name and what has to be unique.
fn content(data: &Value, item: &Value) -> Value {
    let mut data = data.clone();
    let fields = data.as_object_mut().expect("a row");
    fields.remove("documentId");
    if item["decision"] == "duplicate" {
        for own in ["createdAt", "title", "slug", "name", "label", "code", "path", "nick", "text"] {
            fields.remove(own);
        }
    }
    data
}

#[test]
fn a_merge_of_articles_does_exactly_what_the_plan_said_under_each_policy() {
    for policy in ["--skip", "--overwrite"] {
        let world = World::new();
        let (before, source) = (world.picture("prod"), world.picture("dev"));
        let raw = world.site("prod").dump();
        let pick = ["dev", "prod", policy, "--types", ARTICLE, "--json"];
        let plan = world.haul(&[&["plan"], &pick[..]].concat()).exits(0).json();
        let dry = world.haul(&[&["transfer", "--dry-run"], &pick[..]].concat()).exits(0).json();
        assert_eq!(dry["items"], plan["items"], "{policy}");
        assert_eq!(world.site("prod").dump(), raw, "looking changes nothing");
        assert_eq!(world.pushed(), [] as [Value; 0], "nor is a transfer that writes opened");
        let report = world.haul(&[&["transfer", "--force"], &pick[..]].concat()).exits(0).json();
        assert_eq!(report["status"], "succeeded", "{policy}");
        assert_as_planned(&before, &world.picture("prod"), &source, &report);
        assert_eq!(world.picture("dev"), source, "the source is as it was");
        let counts = |decision: &str| report["summary"][decision].as_u64().expect("a count");
        assert!(counts("create") > 0, "{policy}: {}", report["summary"]);
        assert_eq!(counts("overwrite") > 0, policy == "--overwrite", "{}", report["summary"]);
    }
}

#[test]
fn a_second_run_finds_nothing_to_write() {
    for policy in ["--skip", "--overwrite"] {
        let world = World::new();
        let transfer = ["transfer", "dev", "prod", policy, "--types", ARTICLE, "--force", "--json"];
        world.haul(&transfer).exits(0);
        let after = world.site("prod").dump();
        world.site("prod").forget_frames();
        let again = world.haul(&transfer).exits(0).json();
        let summary = &again["summary"];
        let writes = ["create", "overwrite", "duplicate"].map(|decision| summary[decision].as_u64());
        assert_eq!((writes, &again["status"]), ([Some(0); 3], &"succeeded".into()), "{policy}: {summary}");
        assert_eq!(world.site("prod").dump(), after, "{policy}");
        assert_eq!(world.pushed(), [] as [Value; 0], "{policy}");
    }
}

/// Relations of every kind, in rows, components and components of components, from the replaced documents and to them.
#[test]
fn documents_of_every_type_are_replaced_under_what_refers_to_them() {
    let types = [
        ARTICLE,
        "api::tag.tag",
        "api::author.author",
        "api::category.category",
        "api::page.page",
        "api::profile.profile",
        "api::note.note",
        "api::global.global",
        "api::about.about",
    ];
    for uid in types {
        let world = World::new();
        let (before, source) = (world.picture("prod"), world.picture("dev"));
        let arguments = ["transfer", "dev", "prod", "--overwrite", "--rewrite-identical", "--force", "--json"];
        let report = world.haul(&[&arguments[..], &["--types", uid]].concat()).exits(0).json();
        assert!(report["summary"]["overwrite"].as_u64() > Some(0), "{uid}");
        assert_as_planned(&before, &world.picture("prod"), &source, &report);
    }
}

/// Articles have two tags each, in an order.
#[test]
fn a_plan_says_which_kept_documents_are_written_again() {
    let world = World::new();
    let arguments = ["plan", "dev", "prod", "--overwrite", "--rewrite-identical", "--types", "api::tag.tag", "--json"];
    let report = world.haul(&arguments).exits(0).json();
    let said = list(&report, "findings").iter().find(|finding| finding["code"] == "written-again");
    let said = said.map(|finding| text(finding, "message")).unwrap_or_default();
    assert!(said.contains(&format!("of {ARTICLE}")) && said.contains("new row ids"), "{report}");
}

#[test]
fn one_document_is_replaced_and_its_neighbours_stay() {
    let world = World::new();
    let (before, source) = (world.picture("prod"), world.picture("dev"));
    let id = world.document("dev", ARTICLE, "title", "Coffee art");
    let arguments = ["transfer", "dev", "prod", "--overwrite", "--ids", &id, "--force", "--json"];
    let report = world.haul(&arguments).exits(0).json();
    let overwritten: Vec<_> =
        list(&report, "items").iter().filter(|item| item["decision"] == "overwrite").map(|i| text(i, "id")).collect();
    assert_eq!(overwritten, [id]);
    assert_as_planned(&before, &world.picture("prod"), &source, &report);
}

#[test]
fn a_copy_stands_beside_the_original() {
    let world = World::new();
    let (before, source) = (world.picture("prod"), world.picture("dev"));
    let id = world.document("dev", ARTICLE, "title", "Coffee art");
    let arguments = ["transfer", "dev", "prod", "--duplicate", "--ids", &id, "--force", "--json"];
    let report = world.haul(&arguments).exits(0).json();
    assert_eq!(report["summary"]["duplicate"], 1, "{report}");
    assert_as_planned(&before, &world.picture("prod"), &source, &report);
    let after = world.picture("prod");
    world.haul(&arguments).exits(0);
    assert_eq!(world.picture("prod"), after, "a copy that is there is not made again");
}

#[test]
fn decisions_for_single_documents_win_over_the_policy() {
    let world = World::new();
    let (before, source) = (world.picture("prod"), world.picture("dev"));
    let id = |title: &str| world.document("dev", ARTICLE, "title", title);
    let decide = |title: &str, decision: &str| format!("entry:{ARTICLE}/{}={decision}", id(title));
    let decisions = [
        decide("Coffee art", "duplicate"),
        decide("Beautiful picture", "skip"),
        decide("Only on dev", "skip"),
        decide("Brand new draft", "skip"),
    ];
    let mut arguments = vec!["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];
    arguments.push("--decide");
    arguments.extend(decisions.iter().map(String::as_str));
    let report = world.haul(&arguments).exits(0).json();
    let decided = |title: &str| {
        let item = list(&report, "items").iter().find(|item| item["id"] == *id(title)).expect("it is planned");
        text(item, "decision")
    };
    let found = ["Coffee art", "Beautiful picture", "Only on dev", "Brand new draft"].map(decided);
    assert_eq!(found, ["duplicate", "skip", "skip", "skip"]);
    assert_as_planned(&before, &world.picture("prod"), &source, &report);
}
