//! Files and folders of the media library, single types, and what an item cannot bring along.

use serde_json::{Value, json};

use crate::world::{ARTICLE, FILE, World, list, text};

const FOLDER: &str = "plugin::upload.folder";
const GLOBAL: &str = "api::global.global";

/// The first row whose field has this value.
#[track_caller]
fn row(world: &World, server: &str, uid: &str, field: &str, value: &str) -> Value {
    let rows = world.site(server).rows(uid);
    rows.into_iter().find(|row| row["data"][field] == value).expect("a row")
}

fn id(row: &Value) -> u64 {
    row["id"].as_u64().expect("a number")
}

#[track_caller]
fn edit(world: &World, server: &str, uid: &str, row: &Value, field: &str, value: Value) {
    let is_there = world.site(server).edit(uid, id(row), |data| drop(data.insert(field.to_owned(), value)));
    assert!(is_there);
}

#[track_caller]
fn transfer(world: &World, more: &[&str]) -> Value {
    let arguments = [&["transfer", "dev", "prod", "--overwrite", "--force", "--json"], more].concat();
    world.haul(&arguments).exits(0).json()
}

#[track_caller]
fn item(report: &Value, id: &str) -> Value {
    list(report, "items").iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("no {id}: {report}")).clone()
}

#[test]
fn a_single_type_is_found_whatever_its_id_and_keeps_that_of_the_destination() {
    let world = World::new();
    let there = row(&world, "prod", GLOBAL, "siteName", "Magazine on prod");
    edit(&world, "prod", GLOBAL, &there, "documentId", json!("globalofproduction000000"));
    let report = transfer(&world, &["--types", GLOBAL]);
    let ours = world.document("dev", GLOBAL, "siteName", "Magazine on dev");
    let global = item(&report, &ours);
    assert_eq!((&global["decision"], &global["match"]), (&json!("overwrite"), &json!("field")), "{global}");
    let rows = world.site("prod").rows(GLOBAL);
    let told: Vec<_> =
        rows.iter().map(|row| (text(&row["data"], "documentId"), text(&row["data"], "siteName"))).collect();
    assert_eq!(told, [("globalofproduction000000".to_owned(), "Magazine on dev".to_owned())]);
    let again = transfer(&world, &["--types", GLOBAL]);
    assert_eq!(again["summary"]["overwrite"], 0, "{again}");
}

#[test]
fn a_single_type_has_no_copies() {
    let world = World::new();
    let before = world.site("prod").rows(GLOBAL);
    let policy = ["transfer", "dev", "prod", "--duplicate", "--types", GLOBAL, "--force", "--json"];
    let report = world.haul(&policy).exits(0).json();
    let global = world.document("dev", GLOBAL, "siteName", "Magazine on dev");
    let told = item(&report, &global);
    assert_eq!((&told["decision"], &told["reason"]), (&json!("skip"), &json!("cannot-duplicate")));
    let decide = format!("entry:{GLOBAL}/{global}=duplicate");
    let answer =
        world.haul(&["plan", "dev", "prod", "--skip", "--types", GLOBAL, "--decide", &decide, "--json"]).exits(2);
    assert!(answer.error().1.contains("there is but one of its type"), "{answer:?}");
    assert_eq!(world.site("prod").rows(GLOBAL), before);
}

/// Only the caption differs, and the destination calls the file otherwise on its disk.
#[test]
fn the_record_of_a_file_is_written_without_its_bytes() {
    let world = World::new();
    let there = row(&world, "prod", FILE, "name", "sunrise.png");
    let bytes = world.site("prod").file(&on_disk(&there)).expect("a file");
    edit(&world, "prod", FILE, &there, "hash", json!("sunrise_of_production"));
    edit(&world, "prod", FILE, &there, "caption", json!("caption of production"));
    world.site("prod").put_file("sunrise_of_production.png", &bytes);
    let before = world.picture("prod");
    world.site("prod").forget_frames();
    let ours = world.document("dev", FILE, "name", "sunrise.png");
    let report = transfer(&world, &["--ids", &ours]);
    assert_eq!(item(&report, &ours)["decision"], "overwrite", "{report}");
    let there = row(&world, "prod", FILE, "name", "sunrise.png");
    let here = row(&world, "dev", FILE, "name", "sunrise.png");
    assert_eq!(
        (&there["data"]["hash"], &there["data"]["caption"]),
        (&json!("sunrise_of_production"), &here["data"]["caption"])
    );
    assert_eq!(world.picture("prod").uploads, before.uploads, "no file came, went or changed");
    assert!(world.pushed().iter().all(|frame| frame["step"] != "assets"), "no bytes were sent");
}

fn on_disk(row: &Value) -> String {
    format!("{}{}", text(&row["data"], "hash"), text(&row["data"], "ext"))
}

#[test]
fn a_file_that_the_destination_has_under_another_id_is_used() {
    let world = World::new();
    let there = row(&world, "prod", FILE, "name", "sunrise.png");
    edit(&world, "prod", FILE, &there, "documentId", json!("sunriseofproduction00000"));
    edit(&world, "prod", FILE, &there, "name", json!("called otherwise.png"));
    let ours = world.document("dev", FILE, "name", "sunrise.png");
    let article = world.document("dev", ARTICLE, "title", "Only on dev");
    let before = world.picture("prod");
    let report = transfer(&world, &["--ids", &article, "--dependencies", "create"]);
    let told = item(&report, &ours);
    assert_eq!(
        (&told["match"], &told["decision"], &told["reason"]),
        (&json!("content"), &json!("skip"), &json!("kept"))
    );
    let found = list(&report, "findings").iter().any(|finding| finding["code"] == "content-match");
    assert!(!found, "of what is not written a report says nothing: {report}");
    let after = world.picture("prod");
    let covers = after.relations.iter().filter(|((owner, _), _)| owner.starts_with(&format!("{ARTICLE} {article} ")));
    let leads = covers.flat_map(|(_, ends)| ends).filter(|end| end.contains("sunriseofproduction00000")).count();
    assert!(leads > 0, "relations lead to the file of the destination");
    assert!(after.rows.keys().all(|key| !key.contains(&ours)), "it did not come a second time");
    let gained: Vec<_> = after.uploads.keys().filter(|name| !before.uploads.contains_key(*name)).collect();
    assert!(gained.iter().all(|name| !name.contains("sunrise")), "{gained:?}");
    let again = transfer(&world, &["--ids", &article, "--dependencies", "create"]);
    assert_eq!((&again["summary"]["create"], &again["summary"]["overwrite"]), (&json!(0), &json!(0)), "{again}");
}

/// Of two entries with the same title, each side has one.
#[test]
fn entries_are_found_by_an_attribute_that_a_person_names() {
    const CATEGORY: &str = "api::category.category";
    let world = World::new();
    let there = row(&world, "prod", CATEGORY, "name", "tech");
    edit(&world, "prod", CATEGORY, &there, "documentId", json!("techofproduction0000000"));
    edit(&world, "prod", CATEGORY, &there, "slug", json!("another-slug"));
    let ours = world.document("dev", CATEGORY, "name", "tech");
    let plan = ["plan", "dev", "prod", "--overwrite", "--ids", &ours, "--json"];
    let matched = |by: &[&str]| item(&world.haul(&[&plan, by].concat()).exits(0).json(), &ours)["match"].clone();
    assert_eq!(matched(&[]), "unmatched");
    let by = format!("{CATEGORY}=name");
    assert_eq!(matched(&["--match-by", &by]), "field");
    let refused = |by: &str| world.haul(&[&plan[..], &["--match-by", by]].concat()).exits(4).error();
    let (code, said) = refused(&format!("{CATEGORY}=nam"));
    assert!(code == "unknown-item" && said.contains("did you mean `name`?"), "{said}");
    let (code, said) = refused("api::category.categry=name");
    assert!(code == "unknown-item" && said.contains("did you mean `api::category.category`?"), "{said}");
    let report = transfer(&world, &["--ids", &ours, "--match-by", &by]);
    assert_eq!(item(&report, &ours)["matched"]["id"], "techofproduction0000000");
    let names = world.site("prod").rows(CATEGORY).iter().filter(|row| row["data"]["name"] == "tech").count();
    assert_eq!(names, 1);
}

/// Another file of the destination lies on the disk where the source has its own.
#[test]
fn a_new_file_is_never_written_over_that_of_another_record() {
    let world = World::new();
    let (ours, theirs) =
        (row(&world, "dev", FILE, "name", "dev only.png"), row(&world, "prod", FILE, "name", "prod only.txt"));
    let name = on_disk(&ours);
    world.site("prod").put_file(&name, b"something else");
    edit(&world, "prod", FILE, &theirs, "hash", ours["data"]["hash"].clone());
    edit(&world, "prod", FILE, &theirs, "ext", ours["data"]["ext"].clone());
    let id = text(&ours["data"], "documentId");
    transfer(&world, &["--ids", &id, "--dependencies", "create"]);
    assert_eq!(world.site("prod").file(&name).as_deref(), Some(&b"something else"[..]));
    let there = row(&world, "prod", FILE, "name", "dev only.png");
    assert_ne!(on_disk(&there), name);
    assert_eq!(world.site("prod").file(&on_disk(&there)), world.site("dev").file(&name));
}

/// A folder with the source's number is there already, and one with its name, which is found.
#[test]
fn new_folders_get_numbers_that_are_free_and_files_follow_them() {
    let world = World::new();
    let folder = |server: &str, name: &str, number: u64, path: &str| {
        let data = json!({ "documentId": format!("folder{name}{server}"), "name": name, "pathId": number, "path": path, "locale": null, "publishedAt": null });
        world.site(server).create(FOLDER, &data).expect("a folder")
    };
    let (press, own) = (folder("dev", "press", 2, "/2"), folder("dev", "own", 3, "/2/3"));
    assert!(world.site("dev").relate(FOLDER, "parent", own, Some(press)));
    folder("prod", "another", 3, "/3");
    folder("prod", "press", 2, "/2");
    let file = row(&world, "dev", FILE, "name", "dev only.png");
    assert!(world.site("dev").relate(FILE, "folder", id(&file), Some(own)));
    edit(&world, "dev", FILE, &file, "folderPath", json!("/2/3"));
    let ours = text(&file["data"], "documentId");
    let report = transfer(&world, &["--ids", &ours, "--dependencies", "create"]);
    let matched = item(&report, "folderpressdev");
    assert_eq!((&matched["match"], &matched["decision"]), (&json!("field"), &json!("skip")), "{matched}");
    let there = row(&world, "prod", FOLDER, "name", "own");
    assert_eq!((&there["data"]["pathId"], &there["data"]["path"]), (&json!(4), &json!("/2/4")));
    let file = row(&world, "prod", FILE, "name", "dev only.png");
    assert_eq!(file["data"]["folderPath"], "/2/4");
    let presses = world.site("prod").rows(FOLDER).iter().filter(|row| row["data"]["name"] == "press").count();
    assert_eq!(presses, 1, "the one of the destination is used");
    let again = transfer(&world, &["--ids", &ours, "--dependencies", "create"]);
    assert_eq!((&again["summary"]["create"], &again["summary"]["overwrite"]), (&json!(0), &json!(0)), "{again}");
}

#[test]
fn an_item_of_which_a_relation_was_left_out_is_done_and_what_it_holds_is_compared() {
    let arguments = |world: &World| {
        let article = world.document("dev", ARTICLE, "title", "Only on dev");
        ["transfer", "dev", "prod", "--overwrite", "--ids", &article, "--dependencies", "none", "--force", "--json"]
            .map(str::to_owned)
    };
    let world = World::new();
    let author = row(&world, "prod", "api::author.author", "name", "Sarah Baker");
    assert!(world.site("prod").delete("api::author.author", id(&author)));
    let report = world.haul(&arguments(&world).each_ref().map(String::as_str)).exits(0).json();
    assert!(
        list(&report, "items").iter().any(|item| item["decision"] == "create" && item["result"] == "done"),
        "{report}"
    );
    let said = list(&report, "findings").iter().any(|finding| finding["code"] == "left-out-reference");
    assert!(said, "{report}");
}
