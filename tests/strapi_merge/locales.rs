//! `--locales`: only rows of these move; other locales of the same documents stay as they are, relations included.

use std::collections::BTreeMap;

use crate::decisions::{assert_as_planned, assert_rest};
use crate::files::rows;
use crate::picture::Picture;
use crate::world::{ARTICLE, World, list};

const TAG: &str = "api::tag.tag";

/// What a picture shows of rows whose locale fits; `-` is none.
fn through(picture: &Picture, fits: impl Fn(&str) -> bool) -> Picture {
    let is_of = |key: &str| key.split(' ').nth(2).is_some_and(&fits);
    let mut seen = picture.clone();
    seen.rows.retain(|key, _| is_of(key));
    seen.relations.retain(|(owner, _), _| is_of(owner));
    seen
}

fn transfer(world: &World, how: &[&str], types: &[&str], locales: &str) -> serde_json::Value {
    let arguments = [&["transfer", "dev", "prod", "--locales", locales, "--types"], types, how].concat();
    world.haul(&[&arguments[..], &["--force", "--json"]].concat()).exits(0).json()
}

/// Rows of the chosen locales are as planned, and everything of the others is as before.
#[track_caller]
fn assert_only_these_moved(world: &World, before: &Picture, report: &serde_json::Value, locales: &[&str]) {
    let (after, source) = (world.picture("prod"), world.picture("dev"));
    let moves = |locale: &str| locale == "-" || locales.contains(&locale);
    let stays = |locale: &str| !moves(locale);
    assert_as_planned(&through(before, moves), &through(&after, moves), &through(&source, moves), report);
    assert_rest(&through(before, stays), &through(&after, stays));
}

#[test]
fn one_locale_is_overwritten_under_the_others() {
    for locales in ["en", "fr", "en,fr"] {
        let world = World::new();
        let before = world.picture("prod");
        let report = transfer(&world, &["--overwrite", "--rewrite-identical"], &[ARTICLE, TAG], locales);
        assert!(report["summary"]["overwrite"].as_u64() > Some(0), "{locales}: {report:#}");
        assert_only_these_moved(&world, &before, &report, &locales.split(',').collect::<Vec<_>>());
        let again = transfer(&world, &["--overwrite"], &[ARTICLE, TAG], locales);
        let written = list(&again, "items").iter().filter(|item| item["decision"] != "skip").count();
        assert_eq!(written, 0, "{locales}: a second run writes again: {again:#}");
    }
}

/// Of an article that both have, the destination lacks one locale: it is created beside what is there.
#[test]
fn a_locale_that_a_document_lacks_is_created_beside_the_others() {
    let world = World::new();
    let before = world.picture("prod");
    let title = "The internet's own boy (fr)";
    let document = world.document("dev", ARTICLE, "title", title);
    assert!(!before.rows.contains_key(&format!("{ARTICLE} {document} fr draft")), "the sample changed");
    let report = transfer(&world, &["--skip"], &[ARTICLE], "fr");
    let item = list(&report, "items").iter().find(|item| item["id"] == document.as_str()).expect("planned");
    assert_eq!(item["decision"], "create");
    assert_only_these_moved(&world, &before, &report, &["fr"]);
    let after = world.picture("prod");
    for version in ["draft", "published"] {
        assert!(after.rows.contains_key(&format!("{ARTICLE} {document} fr {version}")));
        assert!(after.rows.contains_key(&format!("{ARTICLE} {document} en {version}")));
    }
}

#[test]
fn what_a_document_of_another_locale_alone_holds_is_no_item() {
    let world = World::new();
    let listed = |locales: &[&str]| {
        let listing = world.haul(&[&["list", "dev", "--types", ARTICLE, "--json"], locales].concat()).exits(0).json();
        list(&listing, "items").len()
    };
    assert!(listed(&["--locales", "fr"]) < listed(&["--locales", "en"]));
    assert_eq!(listed(&["--locales", "en", "fr"]), listed(&[]));
}

#[test]
fn a_locale_that_the_source_does_not_know_is_refused() {
    let world = World::new();
    let before = rows(&world);
    for (locales, hint) in [("fr,de", "en, fr"), ("frr", "did you mean `fr`?"), ("EN", "did you mean `en`?")] {
        let answer =
            world.haul(&["transfer", "dev", "prod", "--overwrite", "--locales", locales, "--force", "--json"]).exits(4);
        let (code, said) = answer.error();
        assert_eq!(code, "unknown-item", "{said}");
        assert!(said.contains("no locale") && said.contains(hint), "{said}");
        assert_eq!(rows(&world), before);
    }
}

#[test]
fn a_saved_plan_keeps_its_locales() {
    let world = World::new();
    let before = world.picture("prod");
    let plan = ["plan", "dev", "prod", "--overwrite", "--types", ARTICLE, "--locales", "en", "--out", "plan.json"];
    world.haul(&plan).exits(0);
    let report = world.haul(&["apply", "plan.json", "--force", "--json"]).exits(0).json();
    assert_only_these_moved(&world, &before, &report, &["en"]);
}

#[test]
fn a_run_that_broke_goes_on_in_its_locales() {
    let world = World::faulty(&["prod/frame-fail=1:PUSH /links/stream"]);
    let before = world.picture("prod");
    let arguments =
        ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--locales", "en", "--force", "--json"];
    world.haul(&arguments).exits(1);
    assert_eq!(world.picture("prod").rows, before.rows);
    world.heal();
    let report = world.haul(&["runs", "resume", "last", "--force", "--json"]).exits(0).json();
    assert_only_these_moved(&world, &before, &report, &["en"]);
}

#[test]
fn a_rehearsal_in_one_locale_leaves_everything() {
    let world = World::new();
    let before = rows(&world);
    let arguments = ["plan", "dev", "prod", "--overwrite", "--types", ARTICLE, "--locales", "en", "--rehearse"];
    world.haul(&[&arguments[..], &["--force", "--json"]].concat()).exits(0);
    assert_eq!(rows(&world), before);
}

#[test]
fn an_archive_in_one_locale_holds_that_and_no_loose_ends() {
    let world = World::new();
    world.haul(&["export", "dev", "en.tar.gz", "--no-encrypt", "--locales", "en"]).exits(0);
    let listing = world.haul(&["list", "en.tar.gz", "--json"]).exits(0).json();
    let codes: BTreeMap<&str, usize> = list(&listing, "findings").iter().fold(BTreeMap::new(), |mut codes, finding| {
        *codes.entry(finding["code"].as_str().unwrap_or_default()).or_default() += 1;
        codes
    });
    assert!(!codes.contains_key("link-without-entry"), "{codes:?}");
    world.haul(&["verify", "en.tar.gz"]).exits(0);
    let error = world.haul(&["list", "en.tar.gz", "--locales", "fr", "--types", ARTICLE, "--json"]).exits(4).error();
    assert!(
        error.1.contains("none fits") || error.1.contains("no item"),
        "fr is offered there, and no row has it: {error:?}"
    );
}

/// An archive is narrowed like a server.
#[test]
fn an_archive_is_imported_in_one_locale() {
    let world = World::new();
    world.haul(&["export", "dev", "all.tar.gz", "--no-encrypt"]).exits(0);
    let before = world.picture("prod");
    let arguments = ["import", "all.tar.gz", "prod", "--overwrite", "--types", ARTICLE, "--locales", "fr"];
    let report = world.haul(&[&arguments[..], &["--force", "--json"]].concat()).exits(0).json();
    assert_only_these_moved(&world, &before, &report, &["fr"]);
}

/// What a server does for its administrators when a locale is added it does not do during a transfer.
#[test]
fn a_plan_says_of_a_new_locale_that_the_server_has_to_be_started_again() {
    let world = World::new();
    let said = |from: &str, to: &str, how: &str| {
        let answer = world.haul(&["plan", from, to, how, "--types", "plugin::i18n.locale", "--json"]).exits(0).json();
        let findings = list(&answer, "findings").iter().filter(|finding| finding["code"] == "locale-needs-restart");
        findings.map(|finding| finding["message"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let [only] = &said("prod", "dev", "--skip")[..] else { panic!("German is new to dev") };
    assert!(only.contains("German (de)") && !only.contains("French"), "{only}");
    assert_eq!(said("dev", "prod", "--overwrite"), [""; 0], "prod has both that dev has");
}
