//! Export directories by the binary: listed, exported, verified, compared.

use crate::common::{User, sample};

#[test]
fn a_directory_is_listed_exported_verified_and_compared() {
    let user = User::new();
    let from = sample("flotiq/export-dir");
    let from = from.to_str().expect("UTF-8");
    let listed = user.haul(&["list", from, "--json"]).exits(0).json();
    assert_eq!(listed["summary"]["items"], 17);
    assert_eq!(listed["summary"]["byKind"]["object"], 7);
    let listed = user.haul(&["list", from, "--tags", "hero", "--json"]).exits(0).json();
    assert_eq!(listed["summary"]["byKind"]["media"], 3);

    let exported = user.haul(&["export", from, "out", "--with-internal", "--manifest", "--json"]).exits(0).json();
    assert_eq!(exported["findings"].as_array().expect("a list").len(), 0, "{exported}");
    assert_eq!(user.haul(&["verify", "out", "--json"]).exits(0).json()["status"], "ok");
    user.haul(&["diff", from, "out", "--exit-code"]).exits(0);
    let taken = user.haul(&["export", from, "out"]).exits(4);
    assert!(taken.stderr.contains("--replace-output"), "{taken:?}");

    let plain = user.haul(&["export", from, "plain", "--types", "blog_post", "--dependencies", "none"]).exits(0);
    assert!(plain.stderr.contains("arrive as drafts") || plain.stdout.contains("arrive as drafts"), "{plain:?}");
    user.haul(&["export", from, "types", "--only-definitions", "--dependencies", "none"]).exits(0);
    assert!(!user.path("types/ContentTypeAuthor/contentObjectAuthor.json").exists());
    assert!(user.path("types/InternalContentTypeMedia/ContentTypeDefinition.json").exists());
    user.haul(&["export", from, "-"]).exits(2);
    user.haul(&["export", from, "x", "--redact"]).exits(2);
}

#[test]
fn damage_names_file_and_line_and_stops_an_export() {
    let user = User::new();
    std::fs::create_dir_all(user.path("dir/ContentTypeA")).expect("made");
    user.write("dir/ContentTypeA/ContentTypeDefinition.json", r#"{"name":"a"}"#);
    user.write("dir/ContentTypeA/contentObjectA.json", "{\"id\":\"1\"}\n{\"id\":");
    let verified = user.haul(&["verify", "dir"]).exits(1);
    let place = "ContentTypeA/contentObjectA.json, line 2";
    assert!(verified.stdout.contains(place) || verified.stderr.contains(place), "{verified:?}");
    let exported = user.haul(&["export", "dir", "out"]);
    assert!(exported.code != 0 && exported.stderr.contains(place) && !user.path("out").exists(), "{exported:?}");
}
