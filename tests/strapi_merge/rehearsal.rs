//! `plan --rehearse`: everything is done at the destination and taken back, whatever happens meanwhile.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::files::{rows, word};
use crate::world::{ARTICLE, Answer, World, list};

const REHEARSE: [&str; 9] =
    ["plan", "dev", "prod", "--overwrite", "--types", ARTICLE, "--rehearse", "--force", "--json"];

fn finding<'a>(report: &'a Value, code: &str) -> Option<&'a str> {
    let findings = list(report, "findings").iter();
    findings.filter(|finding| finding["code"] == code).find_map(|finding| finding["message"].as_str())
}

/// The destination is as before, and answers others.
#[track_caller]
fn assert_as_before(world: &World, before: &Value, case: &str) {
    assert_eq!(&rows(world), before, "{case}");
    assert!(!world.site("prod").is_busy(), "{case}: something is left open");
}

#[test]
fn everything_is_done_and_taken_back() {
    let world = World::new();
    let (before, picture) = (rows(&world), world.picture("prod"));
    let report = world.haul(&REHEARSE).exits(0).json();
    assert_as_before(&world, &before, "a rehearsal");
    assert_eq!(world.picture("prod"), picture);
    let told = finding(&report, "rehearsed").expect("it was rehearsed");
    assert!(told.contains("rows") && told.contains("taken back"), "{told}");
    assert!(finding(&report, "not-rehearsed").is_some_and(|told| told.contains("files were not sent")));
    let words: Vec<String> = world.pushed().iter().map(word).collect();
    assert!(words.iter().any(|word| word == "/beforeTransfer") && words.iter().any(|word| word == "/links/stream"));
    assert!(!words.iter().any(|word| word.contains("assets")), "{words:?}");
    assert_eq!(&words[words.len() - 3..], ["/rollback", "/close", "/end"], "{words:?}");
    assert_eq!(words.iter().filter(|word| *word == "/end").count(), 1, "one transaction: {words:?}");
}

#[test]
fn what_the_run_would_do_is_what_was_rehearsed() {
    let world = World::new();
    let rehearsed = world.haul(&REHEARSE).exits(0).json();
    let told = finding(&rehearsed, "rehearsed").expect("it was rehearsed").to_owned();
    let is_row = |frame: &Value| word(frame) == "/entities/stream";
    let sent = |world: &World| -> usize {
        world.pushed().iter().filter(|frame| is_row(frame)).map(|frame| list(frame, "data").len()).sum()
    };
    let rows = sent(&world);
    assert!(told.contains(&format!("{rows} rows")), "{told}: {rows}");
    world.haul(&["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"]).exits(0);
    assert_eq!(sent(&world), 2 * rows, "the run sent other rows");
}

#[test]
fn what_the_server_refuses_is_told_and_keeps_the_plan_from_being_applied() {
    for at in ["/beforeTransfer", "/entities/stream", "/links/stream", "/links/end"] {
        let world = World::faulty(&[&format!("prod/frame-fail=1+:PUSH {at}")]);
        let before = rows(&world);
        let saving = [&REHEARSE[..], &["--out", "plan.json", "--replace-output"]].concat();
        let answer = world.haul(&saving).exits(4);
        let report = answer.json();
        assert_eq!(report["error"]["code"], "blocking-finding", "{at}");
        assert!(finding(&report, "rehearsal-refused").is_some_and(|told| told.contains("told to fail here")), "{at}");
        assert!(finding(&report, "rehearsed").is_none(), "{at}");
        assert_as_before(&world, &before, at);
        world.heal();
        let applied = world.haul(&["apply", "plan.json", "--force", "--json"]).exits(4);
        assert_eq!(applied.error().0, "blocking-finding", "{at}");
        assert_as_before(&world, &before, at);
    }
}

#[test]
fn without_consent_nothing_is_opened() {
    let world = World::new();
    let answer = world.haul(&REHEARSE.into_iter().filter(|word| *word != "--force").collect::<Vec<_>>()).exits(4);
    assert_eq!(answer.error().0, "no-terminal");
    assert!(world.pushed().is_empty());
}

#[test]
fn what_writes_nothing_is_not_rehearsed_and_asks_nothing() {
    let world = World::new();
    let report = world.haul(&["plan", "dev", "dev", "--overwrite", "--rehearse", "--json"]).exits(0).json();
    assert!(finding(&report, "not-rehearsed").is_some(), "{report:#}");
}

#[test]
fn a_replace_is_not_rehearsed_and_says_so_before_anything_is_read() {
    let world = World::new();
    let words = ["plan", "dev", "prod", "--mode", "replace", "--rehearse", "--force", "--out", "plan.json", "--json"];
    let answer = world.haul(&words).exits(2);
    let (code, told) = answer.error();
    assert_eq!(code, "usage");
    assert!(told.contains("--mode replace has no --rehearse"), "{told}");
    assert!(world.site("prod").frames().is_empty() && world.site("dev").frames().is_empty());
    assert!(
        !world.folder.path().join("plan.json").exists(),
        "a plan that was not rehearsed is not saved as if it were"
    );
}

#[test]
fn a_connection_that_breaks_takes_everything_back() {
    for at in ["/beforeTransfer", "/entities/stream", "/links/stream", "/rollback"] {
        let world = World::faulty(&[&format!("prod/frame-cut=1:PUSH {at}")]);
        let before = rows(&world);
        let answer = world.haul(&REHEARSE).exits(1);
        assert_eq!(answer.error().0, "unreachable", "{at}");
        assert_as_before(&world, &before, at);
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_takes_everything_back() {
    for (signal, exit) in [("-INT", 130), ("-TERM", 143)] {
        for at in ["/beforeTransfer", "/entities/stream", "/links/stream"] {
            let world = World::faulty(&[&format!("prod/frame-slow=1500,1:PUSH {at}")]);
            let before = rows(&world);
            let answer = struck(&world, signal, at);
            assert_eq!(answer.code, exit, "{signal} {at}: {answer:#?}");
            let patience = Instant::now() + Duration::from_secs(10);
            while world.site("prod").is_busy() && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(10));
            }
            assert_as_before(&world, &before, &format!("{signal} {at}"));
        }
    }
}

#[cfg(unix)]
fn struck(world: &World, signal: &str, at: &str) -> Answer {
    let child = world.command(&REHEARSE).spawn().expect("haul starts");
    let patience = Instant::now() + Duration::from_secs(60);
    while !world.pushed().iter().any(|frame| word(frame) == at) && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill starts");
    World::ended(child)
}
