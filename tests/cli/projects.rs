//! Local projects: their command is run for them, and nothing of it reaches standard output.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{User, sample};

const COMMAND: &str = r#"#!/bin/sh
env | grep HAUL_ >leaked
echo $$ >running
[ ! -f behaviour ] || . ./behaviour
for word in "$@"; do [ "$previous" = --file ] && target=$word; previous=$word; done
echo "a line of its own, with topsecret"
cp archive.tar "$target.tar"
"#;

/// A user with a project called `site`, whose command hands out an archive.
fn user() -> User {
    let user = User::new().with("HAUL_KEY", "canary").with("HAUL_FROM_KEY", "canary");
    let folder = user.path("site");
    std::fs::create_dir_all(folder.join("node_modules/.bin")).expect("made");
    std::fs::copy(sample("strapi/v5.54.0-only-content.tar"), folder.join("archive.tar")).expect("copied");
    user.write("site/package.json", r#"{"dependencies": {"@strapi/strapi": "4.26.2"}}"#);
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
