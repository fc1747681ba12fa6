//! Answers and progress: one object on standard output, everything else on standard error.

use std::io::Read;

use serde_json::Value;

use crate::common::{Scene, User, assert_transcript};

#[test]
fn the_demo_runs_the_main_job_and_leaves_nothing_behind() {
    let user = User::new();
    let text = user.haul(&["demo"]).exits(0).stdout;
    for part in ["haul list dev", "haul plan dev prod", "overwrite", "succeeded", "create 0, overwrite 0, duplicate 0"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let json = user.haul(&["demo", "--json"]).exits(0).json();
    assert_eq!(json["status"], "succeeded");
    assert_eq!(json["plan"]["status"], "planned");
    assert_eq!(json["again"]["summary"]["overwrite"], 0);
    let more = json["more"].as_array().expect("a list");
    assert_eq!(more.len() + 1, haul::sandbox::TOURS.len(), "every platform with a tour has its part");
    for act in more {
        assert_eq!((&act["report"]["status"], &act["plan"]["status"]), (&"succeeded".into(), &"planned".into()));
        assert!(act["report"]["summary"]["overwrite"].as_u64() > Some(0), "{act}");
        assert_eq!(act["again"]["summary"]["overwrite"], 0, "{act}");
    }
    assert!(user.files().is_empty() && !user.path("state").exists() && !user.path("config").exists());
}

#[test]
fn progress_as_json_is_one_object_a_line_and_ends_once() {
    let scene = Scene::new();
    let answer = scene
        .haul(&["transfer", "dev", "prod", "--overwrite", "--tags", "billing", "-y", "--json", "--progress", "json"])
        .exits(0);
    assert_eq!(answer.json()["status"], "succeeded");
    let events: Vec<Value> = answer.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((named("started"), named("ended")), (1, 1));
    assert!(named("stage-entered") >= 4 && named("request-sent") > 5);
    assert_eq!(events.last().expect("an event")["event"], "ended");
}

#[test]
fn progress_as_lines_tells_each_stage() {
    let scene = Scene::new();
    let arguments = ["transfer", "dev", "prod", "--overwrite", "--tags", "billing", "-y", "--progress", "plain"];
    assert_transcript!("progress-plain", scene.haul(&arguments).exits(0));
}

#[test]
fn standard_error_stays_silent_in_a_script() {
    let scene = Scene::new();
    assert_eq!(scene.haul(&["list", "dev", "--json"]).exits(0).stderr, "");
    assert_eq!(scene.haul(&["plan", "dev", "prod", "--skip", "--json"]).exits(0).stderr, "");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let scene = Scene::with_items(3000);
    let mut child = scene.user.command(&["list", "dev"]).spawn().expect("haul starts");
    let mut first = [0; 16];
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_exact(&mut first).expect("something is written");
    drop(stdout);
    let output = child.wait_with_output().expect("haul ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let scene = Scene::new();
    let arguments = ["plan", "dev", "prod", "--overwrite", "--tags", "billing"];
    assert!(!scene.haul(&arguments).stdout.contains('\x1b'));
    let forced = scene.user.command(&arguments).env("CLICOLOR_FORCE", "1").output().expect("haul starts");
    assert!(String::from_utf8_lossy(&forced.stdout).contains("\x1b[33moverwrite\x1b[0m"));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let user = User::new();
    let evil = "a\u{1b}]0;owned\u{7}\u{202e}b";
    let bundle = serde_json::json!({ "flows": [{ "uuid": "f", "name": evil, "tags": [evil], "nodes": [] }], "connections": [], "secrets": [] });
    user.write("evil.json", bundle.to_string());
    for arguments in [&["list", "evil.json"][..], &["verify", "evil.json"], &["list", "evil.json", "--ids", evil]] {
        let answer = user.haul(arguments);
        for stream in [&answer.stdout, &answer.stderr] {
            assert!(!stream.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{stream:?}");
        }
    }
    assert_eq!(user.haul(&["list", "evil.json", "--json"]).exits(0).json()["items"][0]["name"], evil);
}

#[test]
fn a_listing_says_what_the_contract_says() {
    let scene = Scene::new();
    assert_transcript!("list-text", scene.haul(&["list", "dev", "--tags", "nightly"]).exits(0));
    let answer = scene.haul(&["list", "dev", "--tags", "nightly", "--json"]).exits(0).json();
    assert_eq!(answer["schema"], 1);
    assert_eq!(answer["location"]["platform"], "ziggy");
    assert_eq!(answer["summary"]["byKind"]["flow"], answer["summary"]["items"]);
    for item in answer["items"].as_array().expect("a list") {
        for field in ["kind", "type", "id", "name", "tags", "size", "digest", "references"] {
            assert!(item.get(field).is_some(), "{field} is missing in {item}");
        }
        assert!(item["tags"].as_array().expect("tags").iter().any(|tag| tag == "nightly"));
    }
}

#[test]
fn a_plan_reads_as_text_and_as_a_summary() {
    let scene = Scene::new();
    let arguments = ["plan", "dev", "prod", "--overwrite", "--tags", "billing"];
    assert_transcript!("plan-text", scene.haul(&arguments).exits(0));
    let markdown = scene.haul(&[&arguments[..], &["--format", "markdown"]].concat()).exits(0).stdout;
    assert!(markdown.contains('|') && markdown.contains("Dunning"), "{markdown}");
    let json = scene.haul(&[&arguments[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!(json["status"], "planned");
}

#[test]
fn every_answer_keeps_to_its_schema() {
    let scene = Scene::new();
    scene.haul(&["export", "dev", "flows.json", "--tags", "billing"]).exits(0);
    for (schema, arguments) in [
        ("list", &["list", "dev"][..]),
        ("list", &["list", "flows.json"]),
        ("verify", &["verify", "flows.json"]),
        ("diff", &["diff", "flows.json", "prod"]),
        ("error", &["sandbox", "--items", "x"]),
        ("report", &["plan", "dev", "prod", "--duplicate"]),
        ("report", &["export", "dev", "again.json", "--tags", "crm"]),
        ("report", &["import", "flows.json", "prod", "--overwrite", "-y"]),
        ("report", &["runs", "show", "last"]),
        ("error", &["list", "nowhere"]),
        ("error", &["transfer", "dev", "prod", "--skip"]),
        ("error", &["list", "dev", "--ids", "nothing"]),
    ] {
        let answer = scene.haul(&[arguments, &["--json"]].concat()).json();
        let path = format!("{}/docs/schemas/{schema}.json", env!("CARGO_MANIFEST_DIR"));
        let schema: Value = serde_json::from_slice(&std::fs::read(path).expect("a schema")).expect("JSON");
        let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
        let problems: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{arguments:?}: {problems:?}");
    }
}
