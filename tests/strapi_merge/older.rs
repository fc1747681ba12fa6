//! Merges into a server of version 4, where entries are rows without names and a mistake ends the server.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::decisions::assert_as_planned;
use crate::picture::{Key, Picture};
use crate::world::{ARTICLE, FILE, World, list, text};

const OLDER: &str = "version=4.26.2";
const TYPES: [&str; 9] = [
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

/// What is not in the plan is as before, the order of every list and the rows of every locale included.
#[track_caller]
fn assert_rest_in_order(before: &Picture, after: &Picture, report: &Value) {
    let written = list(report, "items").iter().filter(|item| item["decision"] != "skip").map(|item| {
        let uid = item["type"].as_str().unwrap_or(FILE).to_owned();
        let id = match item["decision"].as_str() {
            Some("create") => text(item, "id"),
            Some("duplicate") => text(item, "newId"),
            _ => text(&item["matched"], "id"),
        };
        (uid, id)
    });
    let keys: BTreeSet<Key> = written.collect();
    let (before, after) = (before.without(&keys), after.without(&keys));
    assert_eq!(before.rows, after.rows);
    for (field, ends) in &before.relations {
        assert_eq!(Some(ends), after.relations.get(field), "{field:?}");
    }
    assert_eq!(before.relations.len(), after.relations.len());
    assert_eq!(before.configuration, after.configuration);
}

/// The locales of each article, joined by numbers in both directions.
fn locales(world: &World) -> BTreeSet<(String, String)> {
    let dump = world.site("prod").dump();
    let of = |end: &Value| {
        let rows = list(&dump, "entities");
        let row = rows.iter().find(|row| row["type"] == end["type"] && row["id"] == end["ref"]).expect("a row");
        format!("{} {}", text(&row["data"], "slug"), text(&row["data"], "locale"))
    };
    let links = list(&dump, "links").iter().filter(|link| link["left"]["field"] == "localizations");
    links.map(|link| (of(&link["left"]), of(&link["right"]))).collect()
}

#[test]
fn articles_are_written_as_planned_and_a_second_run_finds_them() {
    for policy in ["--skip", "--overwrite"] {
        let world = World::faulty(&[OLDER]);
        let (before, source) = (world.picture("prod"), world.picture("dev"));
        let transfer = ["transfer", "dev", "prod", policy, "--types", ARTICLE, "--force", "--json"];
        let report = world.haul(&transfer).exits(0).json();
        assert_eq!(report["status"], "succeeded", "{policy}");
        let after = world.picture("prod");
        assert_as_planned(&before, &after, &source, &report);
        assert_rest_in_order(&before, &after, &report);
        assert_eq!(world.picture("dev"), source, "the source is as it was");
        let counts = |decision: &str| report["summary"][decision].as_u64().expect("a count");
        assert!(counts("create") > 0, "{policy}: {}", report["summary"]);
        assert_eq!(counts("overwrite") > 0, policy == "--overwrite", "{}", report["summary"]);
        let joined = locales(&world);
        assert!(joined.iter().all(|(a, b)| joined.contains(&(b.clone(), a.clone()))), "{joined:?}");
        assert!(joined.iter().any(|(a, _)| a.starts_with("only-on-dev") || a.contains("-fr fr")), "{joined:?}");

        world.site("prod").forget_frames();
        let again = world.haul(&transfer).exits(0).json();
        let summary = &again["summary"];
        let writes = ["create", "overwrite", "duplicate"].map(|decision| summary[decision].as_u64());
        assert_eq!((writes, &again["status"]), ([Some(0); 3], &"succeeded".into()), "{policy}: {summary}");
        assert_eq!(world.pushed(), [] as [Value; 0], "{policy}");
    }
}

#[test]
fn entries_of_every_type_are_replaced_under_what_refers_to_them_and_no_list_changes_its_order() {
    for uid in TYPES {
        let world = World::faulty(&[OLDER]);
        let (before, source) = (world.picture("prod"), world.picture("dev"));
        let arguments = ["transfer", "dev", "prod", "--overwrite", "--rewrite-identical", "--force", "--json"];
        let report = world.haul(&[&arguments[..], &["--types", uid]].concat()).exits(0).json();
        assert!(report["summary"]["overwrite"].as_u64() > Some(0), "{uid}");
        let after = world.picture("prod");
        assert_as_planned(&before, &after, &source, &report);
        assert_rest_in_order(&before, &after, &report);
    }
}

#[test]
fn a_copy_stands_beside_the_original_and_is_made_once() {
    let world = World::faulty(&[OLDER]);
    let (before, source) = (world.picture("prod"), world.picture("dev"));
    let id = row_of(&world, "Coffee art");
    let arguments = ["transfer", "dev", "prod", "--duplicate", "--ids", &id, "--force", "--json"];
    let report = world.haul(&arguments).exits(0).json();
    assert_eq!(report["summary"]["duplicate"], 1, "{report}");
    assert_as_planned(&before, &world.picture("prod"), &source, &report);
    let after = world.picture("prod");
    world.haul(&arguments).exits(0);
    assert_eq!(world.picture("prod"), after, "a copy that is there is not made again");
}

/// The number of an article's row, as people of version 4 know it.
fn row_of(world: &World, title: &str) -> String {
    let rows = world.site("dev").rows(ARTICLE);
    let row = rows.iter().find(|row| row["data"]["title"] == title).expect("an article");
    format!("{ARTICLE}/{}", row["id"])
}

#[test]
fn files_come_first_and_nothing_of_the_admin_panel_may_be_deleted() {
    let world = World::faulty(&[OLDER]);
    let before = world.picture("prod");
    let transfer = ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];
    world.haul(&transfer).exits(0);
    let pushed = world.pushed();
    let inits: Vec<&Value> = pushed.iter().filter(|frame| frame["command"] == "init").collect();
    let restores: Vec<&Value> = inits.iter().map(|init| &init["params"]["options"]["restore"]).collect();
    let [first, second] = restores[..] else { panic!("{inits:#?}") };
    assert_eq!((&first["assets"], &second["assets"]), (&json!(true), &json!(false)));
    let deletions = pushed.iter().filter(|frame| frame["action"] == "beforeTransfer").count();
    assert_eq!(deletions, 1, "the transaction that brings files deletes nothing");
    for restore in restores {
        let excluded = list(&restore["entities"], "exclude");
        for uid in ["admin::user", "admin::role", "admin::permission", "admin::api-token", "admin::transfer-token"] {
            assert!(excluded.contains(&json!(uid)), "{restore}");
        }
    }
    let uploads = world.picture("prod").uploads;
    assert!(before.uploads.iter().all(|(name, sum)| uploads.get(name) == Some(sum)), "no file was touched");
    assert!(uploads.len() > before.uploads.len());
}

#[test]
fn a_server_that_dies_is_as_before_or_as_planned_and_the_run_goes_on() {
    let transfer = ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];
    let (before, planned, frames) = {
        let world = World::faulty(&[OLDER]);
        let before = world.picture("prod");
        world.haul(&transfer).exits(0);
        (before, world.picture("prod"), world.pushed().len())
    };
    for frame in (1..=frames).step_by(5) {
        let place = format!("the server died at frame {frame} of {frames}");
        let world = World::faulty(&[OLDER, &format!("prod/frame-crash={frame}:PUSH *")]);
        let answer = world.haul(&transfer);
        assert_eq!((answer.code, &*answer.error().0), (1, "unreachable"), "{place}: {answer:#?}");
        world.sandbox.server("prod").set_faults(&[OLDER]).expect("a version");
        world.site("prod").revive();
        let found = world.picture("prod");
        let rows = |picture: &Picture| picture.rows.iter().filter(|(key, _)| !key.starts_with(FILE)).count();
        assert!(rows(&found) == rows(&before) || rows(&found) == rows(&planned), "{place}");
        let again = world.haul(&["runs", "resume", "last", "--force", "--json"]);
        assert_eq!(again.code, 0, "{place}: {again:#?}");
        assert_eq!(world.picture("prod").rows, planned.rows, "{place}");
        assert_eq!(world.picture("prod").relations, planned.relations, "{place}");
    }
}

/// What the database refuses would end the server.
#[test]
fn an_address_that_is_taken_in_another_locale_stops_the_run_before_anything_is_sent() {
    let world = World::faulty(&[OLDER]);
    let slug = "only-on-dev";
    let taken = json!({ "title": "Other", "slug": slug, "locale": "fr", "blocks": [], "publishedAt": null });
    world.site("prod").create(ARTICLE, &taken).expect("a row");
    let before = world.site("prod").dump();
    let id = row_of(&world, "Only on dev");
    let arguments =
        ["transfer", "dev", "prod", "--overwrite", "--dependencies", "none", "--ids", &id, "--force", "--json"];
    let answer = world.haul(&arguments).exits(2);
    let (_, said) = answer.error();
    assert!(said.contains("which the destination's database takes once") && said.contains(slug), "{said}");
    assert_eq!(world.site("prod").dump(), before);
    assert!(!world.site("prod").is_down(), "the server was told nothing that ends it");
}

#[test]
fn content_of_version_5_is_not_written_to_version_4() {
    let newer = World::new();
    newer.haul(&["export", "dev", "backup", "--no-encrypt"]).exits(0);
    let world = World::faulty(&[OLDER]);
    let archive = newer.folder.path().join("backup.tar.gz");
    let before = world.site("prod").dump();
    let archive = archive.to_str().expect("a path");
    let answer = world.haul(&["import", archive, "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"]);
    assert_ne!(answer.code, 0, "{answer:#?}");
    let (_, said) = answer.error();
    assert!(said.contains("5.54.0") && said.contains("4.26.2"), "{said}");
    assert_eq!(world.site("prod").dump(), before);
}

/// One of them is compared in the form of the other, whichever it is, and wherever its version stands.
#[test]
fn what_differs_between_versions_is_told_in_one_form() {
    let older = World::faulty(&[OLDER]);
    older.haul(&["export", "dev", "older.tar.gz", "--no-encrypt"]).exits(0);
    let older = older.folder.path().join("older.tar.gz").display().to_string();
    let world = World::new();
    world.haul(&["export", "dev", "newer.tar.gz", "--no-encrypt"]).exits(0);
    for (left, right) in [(&*older, "dev"), ("dev", &*older), (&older, "newer.tar.gz"), ("newer.tar.gz", &older)] {
        let types = ["--types", "api::category.category", ARTICLE];
        let answer = world.haul(&[&["diff", left, right, "--json"][..], &types].concat()).exits(0).json();
        let is_said = list(&answer, "findings").iter().any(|finding| finding["code"] == "converted");
        assert!(is_said, "{left} {right}: {answer:#}");
        let items = list(&answer, "items").iter().filter(|item| item["type"] == "api::category.category");
        let states: BTreeSet<&str> = items.clone().filter_map(|item| item["state"].as_str()).collect();
        assert_eq!(states, BTreeSet::from(["equal"]), "{left} {right}: found by their slugs: {answer:#}");
    }
    let alike = world.haul(&["diff", &older, &older, "--json"]).exits(0).json();
    assert_eq!(alike["status"], "equal");
    assert!(!list(&alike, "findings").iter().any(|finding| finding["code"] == "converted"), "nothing is converted");
    let row = list(&alike, "items").iter().find(|item| item["type"] == ARTICLE).expect("an article");
    let id = format!("{ARTICLE}/{}", text(row, "id"));
    let one = world.haul(&["diff", &older, "dev", "--ids", &id, "--json"]).exits(0).json();
    assert_eq!(list(&one, "items").len(), 1, "a row is found by its number: {one:#}");
}
