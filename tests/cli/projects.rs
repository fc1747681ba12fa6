//! Local projects: their command is run for them, and nothing of it reaches standard output.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::common::{User, sample};

const COMMAND: &str = r#"#!/bin/sh
env | grep HAUL_ >leaked
echo $$ >running
[ ! -f behaviour ] || . ./behaviour
for word in "$@"; do [ "$previous" = --file ] && target=$word; previous=$word; done
echo "a line of its own, with topsecret"
echo "$*" >>asked
case $1 in
  import) cp "$target" archive.tar ;;
  *) cp archive.tar "$target.tar" ;;
esac
"#;

const REPLACE: [&str; 5] = ["--mode", "replace", "--no-prompt", "--json", "--progress=plain"];

/// A user with a project called `site`, whose command hands out an archive.
fn user() -> User {
    user_of("4.26.2", "v5.54.0-only-content.tar")
}

/// The same with a project of a version that writes no folders, and what it holds.
fn user_of(version: &str, archive: &str) -> User {
    let user = User::new().with("HAUL_KEY", "canary").with("HAUL_FROM_KEY", "canary");
    let folder = user.path("site");
    std::fs::create_dir_all(folder.join("node_modules/.bin")).expect("made");
    std::fs::copy(sample(&format!("strapi/{archive}")), folder.join("archive.tar")).expect("copied");
    user.write("site/package.json", format!(r#"{{"dependencies": {{"@strapi/strapi": "{version}"}}}}"#));
    user.write("site/.env", "JWT_SECRET=topsecret\n");
    let command = user.write("site/node_modules/.bin/strapi", COMMAND);
    std::fs::set_permissions(command, std::fs::Permissions::from_mode(0o755)).expect("permitted");
    user
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

#[test]
fn a_project_is_listed_and_exported_like_any_source() {
    let user = user();
    let listed = user.haul(&["list", "site", "--types", "api::article.article", "--json"]).exits(0);
    let answer = listed.json();
    assert_eq!(answer["location"]["location"], "site");
    assert!(answer["summary"]["items"].as_u64().is_some_and(|items| items > 0), "{listed:?}");
    let codes: Vec<_> = answer["findings"].as_array().expect("a list").iter().map(|f| f["code"].clone()).collect();
    assert!(codes.contains(&"runs-project".into()), "{listed:?}");
    assert_eq!(std::fs::read_to_string(user.path("site/leaked")).expect("written"), "");

    let told = user.haul(&["list", "strapi:./site", "--progress", "plain", "-v"]).exits(0);
    assert!(told.stderr.contains("strapi export: a line of its own, with (hidden)"), "{told:?}");
    assert!(!told.stdout.contains("a line of its own"), "{told:?}");

    let format = ["--exclude", "files", "--no-encrypt", "--no-prompt"];
    user.haul(&[&["export", "site", "out"], &format[..]].concat()).exits(0);
    let archive = sample("strapi/v5.54.0-only-content.tar");
    let archive = archive.to_str().expect("UTF-8");
    user.haul(&["diff", archive, "out.tar.gz", "--exit-code"]).exits(0);
    assert!(is_empty(&user.path("state/spool")));
}

#[test]
fn nothing_is_merged_into_a_project() {
    let user = user();
    for to in ["site", "strapi:site", "./site"] {
        let refused = user.haul(&["plan", "site", to, "--overwrite"]).exits(2);
        assert!(refused.stderr.contains("is a local project") && refused.stderr.contains("/admin"), "{refused:?}");
    }
    assert!(!user.path("site/running").exists(), "it was run");
}

fn asked(user: &User, verb: &str) -> Vec<String> {
    let asked = std::fs::read_to_string(user.path("site/asked")).unwrap_or_default();
    asked.lines().filter(|line| line.starts_with(verb)).map(str::to_owned).collect()
}

fn archive(name: &str) -> String {
    sample(&format!("strapi/{name}")).to_str().expect("UTF-8").to_owned()
}

#[rstest]
#[case::of_5("5.40.0", "v5.54.0-only-content.tar", "v5.54.0.tar.gz")]
#[case::of_4("4.26.2", "v4.26.2.tar.gz", "v4.26.2.tar.gz")]
fn a_project_is_replaced_by_its_own_command(#[case] version: &str, #[case] before: &str, #[case] after: &str) {
    let user = user_of(version, before);
    let plan = user.haul(&["plan", &archive(after), "site", "--mode", "replace", "--json"]).exits(0).json();
    let codes: Vec<_> = plan["findings"].as_array().expect("a list").iter().map(|f| f["code"].clone()).collect();
    for code in ["runs-project", "not-atomic", "creators-empty"] {
        assert!(codes.contains(&code.into()), "{code}: {codes:?}");
    }
    user.haul(&["import", &archive(after), "site", "--mode", "replace", "--json"]).exits(4);
    assert_eq!(asked(&user, "import"), [""; 0], "nobody was asked");

    let report = user.haul(&[&["import", &archive(after), "site"], &REPLACE[..]].concat()).exits(0).json();
    assert_eq!(report["status"], "succeeded", "{report}");
    let [import] = &asked(&user, "import")[..] else { panic!("{:?}", asked(&user, "import")) };
    assert!(import.starts_with("import --force --file ") && import.ends_with("/import.tar"), "{import}");
    user.haul(&["diff", &archive(after), "site", "--exclude", "config", "--exit-code"]).exits(0);
    let held = std::fs::read(user.path("site/archive.tar")).expect("read");
    let names = String::from_utf8_lossy(&held).contains("documentId");
    assert_eq!(names, version.starts_with('5'), "rows of v4 have no names");

    let snapshot = report["snapshot"].as_str().expect("a snapshot").to_owned();
    let back = user.haul(&[&["import", &snapshot, "site"], &REPLACE[..]].concat()).exits(0).json();
    assert_eq!(back["status"], "succeeded", "{back}");
    assert!(is_empty(&user.path("state/spool")));
}

#[test]
fn a_part_of_a_project_is_not_replaced_where_the_command_would_delete_the_rest() {
    let user = user_of("5.40.0", "v5.54.0.tar.gz");
    let part = archive("v5.54.0.tar.gz");
    for narrowed in [&["--types", "api::article.article"][..], &["--exclude-types", "asset"], &["--only", "files"]] {
        let refused = user.haul(&[&["import", &part, "site"], narrowed, &REPLACE[..]].concat()).exits(2);
        assert!(refused.stdout.contains("is replaced as a whole"), "{refused:?}");
    }
    assert!(asked(&user, "").is_empty(), "it was run");
    user.haul(&[
        "export",
        &part,
        "articles",
        "--types",
        "api::article.article",
        "--no-encrypt",
        "--dependencies",
        "none",
    ])
    .exits(0);
    let refused = user.haul(&[&["import", "articles.tar.gz", "site"], &REPLACE[..]].concat()).exits(4);
    assert!(refused.stdout.contains("brings nothing for what `strapi import` would delete"), "{refused:?}");
    assert!(refused.stdout.contains("5 of api::category.category"), "{refused:?}");
    assert!(asked(&user, "import").is_empty());
    // Settings alone touch nothing else.
    user.haul(&[&["import", &part, "site", "--only", "config"], &REPLACE[..]].concat());
    let [import] = &asked(&user, "import")[..] else { panic!("{:?}", asked(&user, "import")) };
    assert!(import.ends_with("/import.tar --only config"), "{import}");
}

#[test]
fn an_import_that_fails_leaves_the_files_of_before() {
    let user = user_of("5.40.0", "v5.54.0-only-content.tar");
    std::fs::create_dir_all(user.path("site/public/uploads")).expect("made");
    user.write("site/public/uploads/old.png", "old");
    user.write(
        "site/behaviour",
        "[ $1 = export ] || { mv public/uploads public/uploads_backup_1; mkdir public/uploads; echo '[ERROR] no luck'; exit 1; }\n",
    );
    let after = archive("v5.54.0.tar.gz");
    let arguments = [&["import", &after, "site"], &REPLACE[..]].concat();
    let failed = user.haul(&arguments).exits(1);
    let error = &failed.json()["error"];
    assert_eq!(error["code"], "project", "{failed:?}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("are back in public/uploads")), "{failed:?}");
    assert_eq!(std::fs::read_to_string(user.path("site/public/uploads/old.png")).expect("read"), "old");
    std::fs::remove_file(user.path("site/behaviour")).expect("removed");
    let again = user.haul(&["runs", "resume", "last", "--no-prompt", "--json"]).exits(0).json();
    assert_eq!(again["status"], "succeeded", "{again}");
}

#[test]
fn a_project_without_packages_says_what_to_do() {
    let user = user();
    std::fs::remove_dir_all(user.path("site/node_modules")).expect("removed");
    let refused = user.haul(&["list", "site"]).exits(1);
    assert!(refused.stderr.contains("npm install"), "{refused:?}");
}

#[test]
fn a_signal_ends_the_command_too() {
    let user = user();
    user.write("site/behaviour", "sleep 600 &\nwait\n");
    let child = user.command(&["list", "site"]).spawn().expect("haul starts");
    let patience = Instant::now() + Duration::from_secs(60);
    let running = || std::fs::read_to_string(user.path("site/running")).unwrap_or_default();
    while !running().ends_with('\n') && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill starts");
    let answer = user.answer(&["list"], child.wait_with_output().expect("it ends"));
    assert_eq!(answer.code, 143, "{answer:?}");
    let lives = Command::new("kill").args(["-0", running().trim()]).output().expect("kill starts");
    assert!(!lives.status.success(), "the command goes on");
    assert!(is_empty(&user.path("state/spool")));
}
