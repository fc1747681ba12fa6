//! Replaces: the destination holds what the source brings and nothing else of its types, or is as it was.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use crate::picture::Picture;
use crate::signals::struck;
use crate::world::{ARTICLE, FILE, World, list, text};

const REPLACE: [&str; 7] = ["transfer", "dev", "prod", "--mode", "replace", "--force", "--json"];
const OLDER: [&str; 1] = ["version=4.26.2"];
const RESUME: [&str; 5] = ["runs", "resume", "last", "--force", "--json"];

/// A picture in which settings have no row ids, files on the disk are left out, and a file that got another name because its own
/// was taken is called as at the source.
fn site(picture: &Picture) -> Picture {
    let mut plain = picture.clone();
    plain.uploads.clear();
    for setting in plain.configuration.as_array_mut().into_iter().flatten() {
        setting["value"].as_object_mut().map(|value| value.remove("id"));
    }
    let mut settings = plain.configuration.as_array().cloned().unwrap_or_default();
    settings.sort_by_key(Value::to_string);
    plain.configuration = json!(settings);
    plain.rows.retain(|key, _| !is_of_the_panel(key));
    plain.relations.retain(|(owner, _), _| !is_of_the_panel(owner));
    plain.rows.values_mut().for_each(forget_users);
    let called = |text: &str| text.replace("_haul", "");
    let rows = plain.rows.iter().map(|(key, row)| (called(key), serde_json::from_str(&called(&row.to_string()))));
    plain.rows = rows.map(|(key, row)| (key, row.expect("a row"))).collect();
    let relations = plain.relations.iter();
    plain.relations = relations
        .map(|((owner, field), ends)| ((called(owner), field.clone()), ends.iter().map(|end| called(end)).collect()))
        .collect();
    plain
}

fn is_of_the_panel(key: &str) -> bool {
    key.starts_with("admin::")
}

fn forget_users(row: &mut Value) {
    for field in ["createdBy", "updatedBy"] {
        row.as_object_mut().map(|row| row.remove(field));
    }
}

#[track_caller]
fn assert_same(left: &Picture, right: &Picture, place: &str) {
    let (left, right) = (site(left), site(right));
    let keys = |picture: &Picture| picture.rows.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&left), keys(&right), "{place}");
    for (key, row) in &left.rows {
        assert_eq!(Some(row), right.rows.get(key), "{place}: {key}");
    }
    assert_eq!(left.relations, right.relations, "{place}");
    assert_eq!(left.configuration, right.configuration, "{place}");
}

/// Whatever rows show lies on the disk, with the bytes of the source.
#[track_caller]
fn assert_files(world: &World, from: &str) {
    let files = |server: &str| {
        let rows = world.site(server).rows(FILE).into_iter();
        let files = rows.map(|row| {
            let name = format!("{}{}", text(&row["data"], "hash"), text(&row["data"], "ext"));
            (text(&row["data"], "name"), world.site(server).file(&name).map(|bytes| bytes.to_vec()))
        });
        let mut files: Vec<_> = files.collect();
        files.sort();
        files
    };
    assert_eq!(files(from), files("prod"));
}

#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn the_whole_of_a_site_becomes_that_of_another(#[case] version: &[&str]) {
    let world = World::faulty(version);
    let plan = world.haul(&["plan", "dev", "prod", "--mode", "replace", "--json"]).exits(0).json();
    assert_eq!(plan["mode"], "replace");
    let deleted = list(&plan, "effects").iter().filter(|effect| effect["effect"] == "delete");
    assert!(deleted.map(|effect| effect["count"].as_u64().unwrap_or_default()).sum::<u64>() > 0, "{plan}");
    let before = world.picture("prod");
    let refused = world.haul(&REPLACE[..5]);
    assert_eq!((refused.code, world.picture("prod")), (4, before.clone()), "{refused:#?}");
    let report = world.haul(&REPLACE).exits(0).json();
    assert_eq!((&report["status"], &report["mode"]), (&json!("succeeded"), &json!("replace")));
    assert_same(&world.picture("dev"), &world.picture("prod"), "after a replace");
    assert_files(&world, "dev");
    // What was there before comes back from the snapshot.
    let snapshot = text(&report, "snapshot");
    world.haul(&["import", &snapshot, "prod", "--mode", "replace", "--force", "--json"]).exits(0);
    assert_same(&before, &world.picture("prod"), "after the snapshot came back");
    for (name, digest) in &before.uploads {
        assert_eq!(world.picture("prod").uploads.get(name), Some(digest), "{name}");
    }
}

#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn a_second_replace_changes_nothing(#[case] version: &[&str]) {
    let world = World::faulty(version);
    world.haul(&REPLACE).exits(0);
    let once = world.picture("prod");
    let again = world.haul(&REPLACE).exits(0).json();
    assert_eq!(again["status"], "succeeded");
    assert_same(&once, &world.picture("prod"), "after the second");
    assert_files(&world, "dev");
    // Names that were taken the first time are free the second.
    let called =
        |server: &str| world.site(server).rows(FILE).iter().map(|row| text(&row["data"], "url")).collect::<Vec<_>>();
    assert!(called("prod").iter().all(|url| !url.contains("_haul")), "{:?}", called("prod"));
}

#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn types_that_are_not_named_stay_and_keep_their_relations(#[case] version: &[&str]) {
    let world = World::faulty(version);
    let before = world.picture("prod");
    let arguments = [&REPLACE[..], &["--types", ARTICLE]].concat();
    world.haul(&arguments).exits(0);
    let (dev, after) = (world.picture("dev"), world.picture("prod"));
    let of = |picture: &Picture, article: bool| -> BTreeMap<String, Value> {
        picture.rows.clone().into_iter().filter(|(key, _)| key.starts_with(&format!("{ARTICLE} ")) == article).collect()
    };
    assert_eq!(of(&site(&dev), true), of(&site(&after), true));
    for (key, row) in of(&before, false) {
        assert_eq!(Some(&row), after.rows.get(&key), "{key} was not named");
    }
    assert_eq!(site(&before).configuration, site(&after).configuration);
    // Fields of other types that lead to articles which came again lead there still.
    let articles = of(&after, true);
    for ((owner, field), ends) in before.relations.iter().filter(|((owner, _), _)| !owner.starts_with(ARTICLE)) {
        let kept = ends.iter().filter(|end| !end.starts_with(&format!("{ARTICLE} ")) || articles.contains_key(*end));
        let (mut kept, mut found): (Vec<_>, Vec<_>) = (
            kept.cloned().collect(),
            after.relations.get(&(owner.clone(), field.clone())).cloned().unwrap_or_default(),
        );
        kept.sort();
        found.sort();
        assert_eq!(kept, found, "{field} of {owner}");
    }
}

#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn the_configuration_moves_alone_and_stays_alone(#[case] version: &[&str]) {
    let world = World::faulty(version);
    let (before, dev) = (world.picture("prod"), world.picture("dev"));
    world.haul(&[&REPLACE[..], &["--exclude", "config"]].concat()).exits(0);
    assert_eq!(site(&world.picture("prod")).configuration, site(&before).configuration);
    assert_eq!(site(&world.picture("prod")).rows, site(&dev).rows);
    let world = World::faulty(version);
    world.haul(&[&REPLACE[..], &["--only", "config"]].concat()).exits(0);
    let after = world.picture("prod");
    assert_eq!(site(&after).configuration, site(&dev).configuration);
    assert_eq!((after.rows, after.relations, after.uploads), (before.rows, before.relations, before.uploads));
}

fn message(report: &Value, code: &str) -> Option<String> {
    list(report, "findings").iter().find(|finding| finding["code"] == code).map(|finding| text(finding, "message"))
}

/// What keeps a plan from being carried out, of one code.
fn blocking(plan: &Value, code: &str) -> Vec<String> {
    let blocks = |finding: &&Value| finding["code"] == code && finding["severity"] == "blocking";
    list(plan, "findings").iter().filter(blocks).map(|finding| text(finding, "message")).collect()
}

#[test]
fn a_plan_says_how_many_transactions_it_takes_and_what_a_failure_between_them_leaves() {
    let world = World::new();
    let planned = |more: &[&str]| {
        let words = [&["plan", "dev", "prod", "--mode", "replace", "--json"][..], more].concat();
        world.haul(&words).exits(0).json()
    };
    let two = message(&planned(&[]), "two-transactions").expect("files come first");
    assert!(two.contains("5 media") && two.contains("deletes nothing") && two.contains("haul runs resume"), "{two}");
    let one = planned(&["--one-transaction"]);
    assert!(message(&one, "two-transactions").is_none(), "{one:#}");
    let risk = message(&one, "not-atomic").expect("what it risks is said");
    assert!(risk.contains("uploads_backup_") && risk.contains("deleted before the new ones come"), "{risk}");
    for part in [["--exclude", "files"], ["--only", "config"], ["--only", "content"]] {
        let plan = planned(&part);
        assert!(message(&plan, "two-transactions").is_none(), "{part:?} takes one: {plan:#}");
        assert!(message(&plan, "not-atomic").is_none(), "{part:?}");
    }
}

#[test]
fn without_files_the_media_library_stays_as_it_is() {
    for part in [["--exclude", "files"], ["--exclude", "media-library"], ["--only", "content"]] {
        let world = World::new();
        let (before, dev) = (world.picture("prod"), world.picture("dev"));
        let report = world.haul(&[&REPLACE[..], &part].concat()).exits(0).json();
        let after = world.picture("prod");
        let of = |picture: &Picture, media: bool| -> BTreeMap<String, Value> {
            let rows = site(picture).rows.into_iter();
            rows.filter(|(key, _)| key.starts_with("plugin::upload.") == media).collect()
        };
        assert_eq!(of(&before, true), of(&after, true), "{part:?}: records");
        assert_eq!(before.uploads, after.uploads, "{part:?}: files");
        assert_eq!(of(&dev, false), of(&after, false), "{part:?}: everything else");
        let left_out = |finding: &Value| {
            finding["code"] == "left-out-reference" && text(finding, "message").contains("left out and missing")
        };
        assert!(list(&report, "findings").iter().any(left_out), "{part:?}: a file that only the source has");
        assert!(!world.pushed().iter().any(|frame| crate::files::word(frame).contains("assets")), "{part:?}");
    }
}

#[test]
fn records_without_any_file_replace_no_media_library() {
    let world = World::new();
    let before = world.picture("prod");
    world
        .haul(&["export", "dev", "rows.tar", "--no-encrypt", "--no-compress", "--exclude", "files", "--json"])
        .exits(0);
    let import = ["import", "rows.tar", "prod", "--mode", "replace", "--force", "--json"];
    let refused = world.haul(&import).exits(4);
    assert_eq!(refused.error().0, "blocking-finding", "{refused:#?}");
    let plan = world.haul(&["plan", "rows.tar", "prod", "--mode", "replace", "--json"]).exits(0).json();
    let blocks = blocking(&plan, "files-left-out");
    assert!(blocks.iter().any(|told| told.contains("5 media") && told.contains("--exclude files")), "{blocks:?}");
    assert_eq!(world.picture("prod"), before);
    // What the hint says works.
    world.haul(&[&import[..], &["--exclude", "files"]].concat()).exits(0);
    assert_eq!(world.picture("prod").uploads, before.uploads);
}

/// Takes the file of a record of dev off its disk. Gives the name of the file.
fn lose_at_the_source(world: &World, record: &str) -> String {
    let row = world.site("dev").rows(FILE).into_iter().find(|row| row["data"]["name"] == record).expect("a file");
    let name = format!("{}{}", text(&row["data"], "hash"), text(&row["data"], "ext"));
    world.sandbox.server("dev").set_faults(&[&format!("missing-file={name}")]).expect("a fault");
    name
}

/// The source shows a picture that is not there, and a replace shows what the source does.
#[test]
fn a_file_that_the_source_lost_is_told_by_name_before_its_record_comes_alone() {
    for (record, exit) in [("dev only.png", 0), ("logo.png", 3)] {
        let world = World::new();
        let before = world.picture("prod");
        let name = lose_at_the_source(&world, record);
        let plan = world.haul(&["plan", "dev", "prod", "--mode", "replace", "--json"]).exits(0).json();
        let told = list(&plan, "findings").iter().filter(|finding| finding["code"] == "missing-file");
        let told: Vec<String> = told.map(|finding| text(finding, "message")).collect();
        assert!(told.iter().any(|told| told.contains(record)), "{told:?}");
        assert!(
            told.iter().any(|told| told.contains("come without them") && told.contains("--exclude files")),
            "{told:?}"
        );
        assert_eq!(world.haul(&REPLACE).code, exit, "{record}: who has the file still holds something else");
        assert_eq!(
            world.picture("prod").uploads.get(&name),
            before.uploads.get(&name),
            "{record}: what lies there stays"
        );
    }
}

#[test]
fn one_transaction_deletes_no_file_that_the_source_lost() {
    let world = World::new();
    let before = world.picture("prod");
    lose_at_the_source(&world, "logo.png");
    let refused = world.haul(&[&REPLACE[..], &["--one-transaction"]].concat());
    assert_eq!((refused.code, refused.error().0.as_str()), (4, "blocking-finding"));
    assert_eq!(world.picture("prod"), before);
    assert_eq!(world.haul(&[&REPLACE[..], &["--exclude", "files"]].concat()).code, 0);
}

/// A file that goes between the plan and the run.
#[test]
fn a_file_that_gets_lost_after_the_plan_stops_the_run_before_anything_is_written() {
    let world = World::new();
    let before = world.picture("prod");
    world.haul(&["plan", "dev", "prod", "--mode", "replace", "--out", "plan.json", "--json"]).exits(0);
    lose_at_the_source(&world, "dev only.png");
    let refused = world.haul(&["apply", "plan.json", "--force", "--json"]);
    assert!(matches!(refused.code, 1 | 4), "{}: {:?}", refused.code, refused.error());
    assert_eq!(world.picture("prod"), before);
}

#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn one_transaction_leaves_no_file_behind(#[case] version: &[&str]) {
    let world = World::faulty(version);
    let arguments = [&REPLACE[..], &["--one-transaction"]].concat();
    let report = world.haul(&arguments).exits(0).json();
    let codes: Vec<_> = list(&report, "findings").iter().map(|finding| text(finding, "code")).collect();
    assert!(codes.contains(&"not-atomic".to_owned()), "{codes:?}");
    assert_same(&world.picture("dev"), &world.picture("prod"), "after one transaction");
    assert_files(&world, "dev");
    let (dev, prod) = (world.picture("dev").uploads, world.picture("prod").uploads);
    assert_eq!(dev, prod);
    let kept = world.haul(&[&arguments[..], &["--types", ARTICLE]].concat()).exits(2);
    assert!(kept.error().1.contains("keeps the media library"), "{kept:#?}");
}

#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn what_is_sent_names_all_that_it_deletes(#[case] version: &[&str]) {
    let world = World::faulty(version);
    world.haul(&REPLACE).exits(0);
    let opened = world.pushed().into_iter().filter(|frame| frame["command"] == "init");
    let restores: Vec<Value> = opened.map(|frame| frame["params"]["options"]["restore"].clone()).collect();
    assert_eq!(restores.len(), 2, "files, then rows: {restores:#?}");
    // A server of 4 tells records where their files are only if their type is named; nothing is deleted all the same.
    let named = if version.is_empty() { json!([]) } else { json!([FILE]) };
    assert_eq!(restores[0]["entities"]["include"], named);
    assert_eq!((&restores[0]["assets"], &restores[1]["assets"]), (&json!(true), &json!(false)));
    let include: Vec<&str> = list(&restores[1]["entities"], "include").iter().filter_map(Value::as_str).collect();
    assert!(include.contains(&ARTICLE) && !include.iter().any(|uid| uid.starts_with("admin::")), "{include:?}");
    let excluded = list(&restores[1]["entities"], "exclude");
    assert!(excluded.contains(&json!("admin::user")), "{excluded:?}");
    assert!(restores[1]["entities"].get("params").is_none(), "{restores:#?}");
    assert_eq!(restores[1]["configuration"], json!({"coreStore": true, "webhook": true}));
    let deletes = world.pushed().iter().filter(|frame| frame["action"] == "beforeTransfer").count();
    assert_eq!(deletes, 1);
}

#[test]
fn a_connection_or_a_server_that_breaks_leaves_the_old_site_or_the_new_one() {
    let (before, planned, frames) = {
        let world = World::new();
        let before = world.picture("prod");
        world.haul(&REPLACE).exits(0);
        (before, world.picture("prod"), world.pushed().len())
    };
    for fault in ["frame-cut", "frame-cut-after", "frame-fail"] {
        for frame in (2..=frames).step_by(7) {
            let place = format!("{fault} at frame {frame} of {frames}");
            let world = World::faulty(&[&format!("prod/{fault}={frame}:PUSH *")]);
            let answer = world.haul(&REPLACE);
            let found = world.picture("prod");
            if answer.code == 0 {
                assert_same(&planned, &found, &place);
                assert_files(&world, "dev");
                continue;
            }
            assert_eq!(answer.code, 1, "{place}: {answer:#?}");
            let is_new = site(&found).rows == site(&planned).rows;
            assert_same(if is_new { &planned } else { &before }, &found, &place);
            for (name, digest) in &before.uploads {
                assert_eq!(found.uploads.get(name), Some(digest), "{place}: {name}");
            }
            world.heal();
            let again = world.haul(&RESUME);
            assert_eq!(again.code, 0, "{place}: {again:#?}");
            assert_same(&planned, &world.picture("prod"), &place);
            assert_files(&world, "dev");
        }
    }
}

#[test]
fn rows_that_get_lost_without_a_word_are_a_failure() {
    for lost in ["once", "3"] {
        let world = World::faulty(&[&format!("prod/lost-row={lost}")]);
        let before = world.picture("prod");
        world.haul(&REPLACE).exits(1);
        assert_same(&before, &world.picture("prod"), lost);
    }
}

/// Nobody has to know that a run was killed: the same command makes a plan of what is there now and carries it out.
#[rstest]
#[case::of_5(&[])]
#[case::of_4(&OLDER)]
fn after_a_kill_the_command_given_anew_goes_through(#[case] version: &[&str]) {
    let planned = {
        let world = World::faulty(version);
        world.haul(&REPLACE).exits(0);
        world.picture("prod")
    };
    for at in [(1, "/assets/stream"), (1, "/close"), (1, "/beforeTransfer"), (2, "/entities/stream"), (2, "/close")] {
        let slow = format!("prod/frame-slow=300,{}:PUSH {}", at.0, at.1);
        let world = World::faulty(&[version, &[&*slow]].concat());
        let answer = struck(&world, &REPLACE, "-KILL", at);
        assert_eq!(answer.code, -1, "{at:?}: {answer:#?}");
        world.sandbox.server("prod").set_faults(version).expect("a version");
        let again = world.haul(&REPLACE);
        assert_eq!(again.code, 0, "{at:?}: {again:#?}");
        assert_same(&planned, &world.picture("prod"), &format!("{at:?}"));
        assert_files(&world, "dev");
    }
}

/// A server of 4 ends at whatever goes wrong.
#[test]
fn a_server_of_4_that_dies_is_the_old_site_or_the_new_one_and_the_run_goes_on() {
    let (before, planned, frames) = {
        let world = World::faulty(&OLDER);
        let before = world.picture("prod");
        world.haul(&REPLACE).exits(0);
        (before, world.picture("prod"), world.pushed().len())
    };
    for frame in (2..=frames).step_by(5) {
        let place = format!("the server died at frame {frame} of {frames}");
        let world = World::faulty(&[OLDER[0], &format!("prod/frame-crash={frame}:PUSH *")]);
        let answer = world.haul(&REPLACE);
        assert_eq!((answer.code, &*answer.error().0), (1, "unreachable"), "{place}: {answer:#?}");
        world.sandbox.server("prod").set_faults(&OLDER).expect("a version");
        world.site("prod").revive();
        let found = world.picture("prod");
        let rows = |picture: &Picture| -> Vec<String> {
            site(picture).rows.into_keys().filter(|key| !key.starts_with(FILE)).collect()
        };
        assert!(rows(&found) == rows(&before) || rows(&found) == rows(&planned), "{place}");
        let again = world.haul(&RESUME);
        assert_eq!(again.code, 0, "{place}: {again:#?}");
        assert_same(&planned, &world.picture("prod"), &place);
        assert_files(&world, "dev");
    }
}

#[test]
fn folders_of_4_are_not_replaced_apart_from_files_that_come() {
    let world = World::faulty(&OLDER);
    let before = world.picture("prod");
    let arguments = [&REPLACE[..], &["--types", ARTICLE, "plugin::upload.folder"]].concat();
    let answer = world.haul(&arguments).exits(2);
    assert!(answer.error().1.contains("not replaced apart from its files"), "{answer:#?}");
    assert_eq!(world.picture("prod"), before);
}
