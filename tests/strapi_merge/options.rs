//! Options that the official commands have too: what they do to a merge, and to an archive.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::decisions::assert_rest;
use crate::files::word;
use crate::picture::Picture;
use crate::world::{ARTICLE, FILE, World, list};

fn transfer(world: &World, options: &[&str]) -> Value {
    world.haul(&[&["transfer", "dev", "prod", "--overwrite", "--force", "--json"], options].concat()).exits(0).json()
}

fn codes(report: &Value) -> Vec<&str> {
    list(report, "findings").iter().filter_map(|finding| finding["code"].as_str()).collect()
}

fn without_files(picture: &Picture) -> Picture {
    let mut rest = picture.clone();
    let is_media = |key: &str| key.starts_with(FILE) || key.starts_with("plugin::upload.folder");
    rest.rows.retain(|key, _| !is_media(key));
    rest.relations.retain(|(owner, _), _| !is_media(owner));
    rest
}

/// The official `--only files` always fails, after it has moved the files of the destination away.
#[test]
fn only_files_adds_records_and_bytes_and_deletes_nothing() {
    let world = World::new();
    let before = world.picture("prod");
    let report = transfer(&world, &["--only", "files"]);
    let is_media = |item: &Value| item["kind"] == "asset" || item["type"] == "plugin::upload.folder";
    let others: Vec<&Value> = list(&report, "items").iter().filter(|item| !is_media(item)).collect();
    assert!(others.iter().all(|item| item["decision"] == "skip"), "{others:#?}");
    let after = world.picture("prod");
    assert_rest(&without_files(&before), &without_files(&after));
    for name in before.uploads.keys() {
        assert!(after.uploads.contains_key(name), "{name} is gone");
    }
    let has = |picture: &Picture, file: &str| picture.rows.values().any(|data| data["name"] == file);
    assert!(has(&after, "dev only.png") && has(&after, "prod only.txt") && !has(&before, "dev only.png"));
    assert!(after.uploads.len() > before.uploads.len());
}

#[test]
fn without_files_no_record_of_one_moves_and_what_dangles_is_told() {
    for options in [["--exclude", "files"], ["--exclude", "media-library"], ["--only", "content"]] {
        let world = World::new();
        let before = world.picture("prod");
        let arguments = ["transfer", "dev", "prod", "--overwrite", "--force", "--json", "--types", ARTICLE];
        let answer = world.haul(&[&arguments[..], &options[..]].concat());
        assert_eq!(answer.code, 0, "{options:?}: {answer:#?}");
        let report = answer.json();
        let moved = |item: &&Value| item["decision"] != "skip" && item["kind"] == "asset";
        assert_eq!(list(&report, "items").iter().filter(moved).count(), 0, "{options:?}");
        assert!(report["summary"]["overwrite"].as_u64() > Some(0), "{options:?}");
        assert!(!world.pushed().iter().any(|frame| word(frame).contains("assets")), "{options:?}");
        assert_eq!(world.picture("prod").uploads, before.uploads, "{options:?}");
        assert!(codes(&report).contains(&"left-out-reference"), "{options:?}: {:?}", codes(&report));
    }
}

#[test]
fn a_type_that_is_left_out_neither_moves_nor_comes_along() {
    for option in ["--exclude-types", "--exclude-content-types"] {
        let world = World::new();
        let before = world.picture("prod");
        let report = transfer(&world, &["--types", ARTICLE, option, "api::author.author,api::tag.tag"]);
        let written = list(&report, "items").iter().filter(|item| item["decision"] != "skip");
        assert!(written.clone().count() > 0 && written.clone().all(|item| item["type"] != "api::author.author"));
        let authors = |picture: &Picture| {
            let mut rows = picture.rows.clone();
            rows.retain(|key, _| key.starts_with("api::author") || key.starts_with("api::tag"));
            rows
        };
        assert_eq!(authors(&before), authors(&world.picture("prod")), "{option}");
    }
    let error =
        World::new().haul(&["list", "dev", "--exclude-types", "api::articel.articel", "--json"]).exits(4).error();
    assert!(error.1.contains("api::articel.articel"), "{error:?}");
}

#[test]
fn checksums_can_be_left_out_on_both_ways() {
    for (option, wanted) in [(&["--no-checksums"][..], false), (&[], true)] {
        let world = World::new();
        transfer(&world, &[&["--only", "files"], option].concat());
        for server in ["dev", "prod"] {
            let frames = world.site(server).frames().into_iter().filter(|record| record.received);
            let asked: Vec<Value> = frames
                .filter(|record| record.frame["command"] == "init")
                .map(|record| record.frame["params"]["checksums"].clone())
                .collect();
            assert!(!asked.is_empty() && asked.iter().all(|asked| *asked == json!(wanted)), "{server}: {asked:?}");
        }
    }
}

#[test]
fn entries_can_be_written_slowly() {
    let world = World::new();
    let began = Instant::now();
    let report = transfer(&world, &["--types", "api::category.category", "--rewrite-identical", "--throttle", "400"]);
    let written = list(&report, "items").iter().filter(|item| item["decision"] != "skip").count() as u32;
    assert!(written >= 3, "{report:#}");
    assert!(began.elapsed() >= Duration::from_millis(400) * written, "{:?}", began.elapsed());
}

#[test]
fn an_export_can_be_a_folder_that_holds_the_same_as_the_archive() {
    let world = World::new();
    world.haul(&["export", "dev", "packed", "--no-encrypt"]).exits(0);
    world.haul(&["export", "dev", "unpacked", "--format", "dir"]).exits(0);
    let folder = world.folder.path().join("unpacked");
    assert!(folder.join("metadata.json").is_file() && folder.join("entities/entities_00001.jsonl").is_file());
    world.haul(&["verify", "unpacked"]).exits(0);
    world.haul(&["diff", "packed.tar.gz", "unpacked", "--exit-code"]).exits(0);
    let again = world.haul(&["export", "dev", "unpacked", "--format", "dir", "--json"]).exits(4);
    assert_eq!(again.error().0, "output-exists");
    std::fs::write(folder.join("stranger"), "x").expect("written");
    world.haul(&["export", "dev", "unpacked", "--format", "dir", "--types", ARTICLE, "--replace-output"]).exits(0);
    assert!(!folder.join("stranger").exists(), "what was there is replaced as a whole");
    let own = world.haul(&["export", "unpacked", "unpacked", "--format", "dir", "--replace-output", "--json"]).exits(4);
    assert_eq!(own.error().0, "output-exists", "the source itself");
    world.haul(&["export", "dev", "-", "--format", "dir"]).exits(2);
    world.haul(&["export", "dev", "sealed", "--format", "dir", "--to-key", "k"]).exits(2);
    let left: Vec<_> = std::fs::read_dir(world.folder.path()).expect("readable").flatten().collect();
    assert!(!left.iter().any(|entry| entry.file_name().to_string_lossy().starts_with(".haul-export-")), "{left:?}");
}
