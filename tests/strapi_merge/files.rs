//! Files come first, in a transaction of their own: what becomes of them when the second one fails.

use serde_json::json;

use crate::decisions::assert_rest;
use crate::picture::Picture;
use crate::world::{ARTICLE, FILE, World, list, text};

const TRANSFER: [&str; 8] = ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];

/// The plan brings a new file, a new folder, and documents that show the file.
#[test]
fn new_files_are_taken_back_when_the_rows_that_need_them_fail() {
    let world = World::faulty(&["prod/frame-fail=2+:PUSH /entities/stream"]);
    let (before, raw) = (world.picture("prod"), rows(&world));
    let answer = world.haul(&TRANSFER).exits(1);
    let (code, said) = answer.error();
    assert_eq!(code, "server", "{said}");
    assert!(said.contains("told to fail here"), "{said}");
    assert_eq!(rows(&world), raw, "row by row, ids included");
    assert_files_stay(&before, &world.picture("prod"));
    let words: Vec<_> = world.pushed().iter().map(word).collect();
    assert!(words.contains(&"/assets/stream".to_owned()), "the files had been sent: {words:?}");
}

/// What cannot be promised of a killed run is told before it: two transactions are one too many for a server to take back.
#[test]
fn a_plan_with_files_says_that_they_come_first() {
    let world = World::new();
    let files_first = |arguments: &[&str]| {
        let plan = world.haul(&[&["plan", "dev", "prod", "--overwrite", "--json"], arguments].concat()).exits(0).json();
        let found = list(&plan, "findings").iter().find(|finding| finding["code"] == "two-transactions").cloned();
        found.map(|finding| text(&finding, "message"))
    };
    let said = files_first(&["--types", ARTICLE]).expect("a finding");
    assert!(said.contains("a transaction of their own") && said.contains("haul runs resume"), "{said}");
    assert_eq!(files_first(&["--types", "api::tag.tag", "--dependencies", "none"]), None);
    let new = world.document("dev", FILE, "name", "dev only.png");
    assert_eq!(files_first(&["--ids", &new, "--dependencies", "none"]), None, "nothing comes after it");
}

/// Bytes on a disk are in no transaction: a file that replaces another of its name gets a name of its own, so that the old
/// one is whole until nothing needs it.
#[test]
fn a_file_is_replaced_without_touching_the_bytes_of_the_old_one() {
    let arguments = |world: &World| {
        let id = world.document("dev", FILE, "name", "portrait.png");
        ["transfer", "dev", "prod", "--overwrite", "--ids", &id, "--force", "--json"].map(str::to_owned)
    };
    let transfer = |world: &World| world.haul(&arguments(world).each_ref().map(String::as_str));
    let bytes = |world: &World, server: &str| {
        let rows = world.site(server).rows(FILE);
        let row = rows.iter().find(|row| row["data"]["name"] == "portrait.png").expect("a row");
        world.site(server).file(&format!("{}{}", text(&row["data"], "hash"), text(&row["data"], "ext")))
    };
    let world = World::faulty(&["prod/frame-fail=2+:PUSH /entities/stream"]);
    let (before, raw, old) = (world.picture("prod"), rows(&world), bytes(&world, "prod"));
    assert_ne!(old, bytes(&world, "dev"));
    transfer(&world).exits(1);
    assert_eq!((rows(&world), bytes(&world, "prod")), (raw, old));
    assert_files_stay(&before, &world.picture("prod"));
    world.heal();
    let report = world.haul(&["runs", "resume", "last", "--force", "--json"]).exits(0).json();
    assert_eq!(report["status"], "succeeded");
    assert_eq!(bytes(&world, "prod"), bytes(&world, "dev"));
    assert_files_stay(&without_portrait(&before), &without_portrait(&world.picture("prod")));
    let again = transfer(&world).exits(0).json();
    assert_eq!(again["summary"]["overwrite"], 0, "{again}");
}

/// The folder comes along.
fn without_portrait(picture: &Picture) -> Picture {
    let mut rest = picture.clone();
    rest.rows.retain(|key, row| row["name"] != "portrait.png" && !key.starts_with("plugin::upload.folder"));
    rest.relations.retain(|(owner, _), _| !owner.starts_with(FILE));
    rest
}

#[test]
fn every_file_of_the_source_arrives_with_its_renditions() {
    let world = World::new();
    let (before, source) = (world.picture("prod"), world.picture("dev"));
    let report = world
        .haul(&["transfer", "dev", "prod", "--overwrite", "--types", "asset", "--force", "--json"])
        .exits(0)
        .json();
    assert!(list(&report, "items").iter().any(|item| text(item, "name") == "dev only.png"), "{report}");
    let after = world.picture("prod");
    let sums = |picture: &Picture| picture.uploads.values().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sums(&source).difference(&sums(&after)).count(), 0, "every file of the source is there");
    for (name, sum) in &before.uploads {
        assert_eq!(after.uploads.get(name), Some(sum), "{name} was there before");
    }
    let is_file = |key: &String| key.starts_with(FILE);
    assert_eq!(
        before.rows.keys().filter(|key| is_file(key)).count() + 1,
        after.rows.keys().filter(|key| is_file(key)).count()
    );
    let kept = |picture: &Picture| {
        let mut rest = picture.clone();
        rest.rows.retain(|key, _| !is_file(key) && !key.starts_with("plugin::upload.folder"));
        rest.relations.retain(|(owner, _), _| !is_file(owner));
        rest
    };
    assert_rest(&kept(&before), &kept(&after));
}

/// A record without its file would be a picture that nobody sees.
#[test]
fn a_file_that_is_missing_at_the_source_stops_the_merge_until_it_is_left_out() {
    let world = World::new();
    let files = world.site("dev").rows(FILE);
    let row = files.iter().find(|row| row["data"]["name"] == "dev only.png").expect("a file of dev alone");
    let name = format!("{}{}", text(&row["data"], "hash"), text(&row["data"], "ext"));
    world.sandbox.server("dev").set_faults(&[&format!("missing-file={name}")]).expect("a fault");
    let before = world.site("prod").dump();
    let answer = world.haul(&TRANSFER).exits(1);
    let (code, said) = answer.error();
    assert_eq!(code, "damaged", "{said}");
    let skip = format!("asset:{}=skip", text(&row["data"], "documentId"));
    assert!(said.contains("dev only.png") && said.contains(&format!("--decide {skip}")), "{said}");
    assert!(list(&answer.json(), "findings").iter().any(|finding| finding["code"] == "missing-file"), "{answer:#?}");
    assert_eq!(world.site("prod").dump(), before);
    assert!(world.pushed().is_empty(), "a transfer that writes was opened");
    let without = world.haul(&[&TRANSFER[..], &["--decide", &skip]].concat());
    assert!(matches!(without.code, 0 | 3), "{without:#?}");
    let rows = world.site("prod").rows(FILE);
    assert!(!rows.iter().any(|row| row["data"]["name"] == "dev only.png"), "it was left out");
}

/// All rows and links as they are stored, without the folder of files.
pub fn rows(world: &World) -> serde_json::Value {
    let mut dump = world.site("prod").dump();
    dump["files"] = json!(null);
    dump
}

/// Nothing that was there changed; files that nothing uses may lie beside it.
#[track_caller]
pub fn assert_files_stay(before: &Picture, after: &Picture) {
    assert_rest(before, after);
    for (name, sum) in &before.uploads {
        assert_eq!(after.uploads.get(name), Some(sum), "{name} on disk");
    }
}

/// What a frame is, as a trigger names it.
pub fn word(frame: &serde_json::Value) -> String {
    match (frame["type"].as_str(), frame["kind"].as_str()) {
        (Some("command"), _) => format!("/{}", text(frame, "command")),
        (_, Some("step")) => format!("/{}/{}", text(frame, "step"), text(frame, "action")),
        _ => format!("/{}", text(frame, "action")),
    }
}
