//! The main job against two servers: what the plan said is exactly what the destination holds afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::common::Scene;

const KINDS: [(&str, &str); 3] = [("flow", "flows"), ("connection", "connections"), ("secret", "secrets")];

type Items<'a> = BTreeMap<(&'a str, String), &'a Value>;

fn items(state: &Value) -> Items<'_> {
    let of_kind = |(kind, list): (&'static str, &'static str)| {
        let items = state[list].as_array().expect("a list").iter();
        items.map(move |item| ((kind, text(item, "uuid")), item))
    };
    KINDS.into_iter().flat_map(of_kind).collect()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// The id under which an item of the plan is found at the destination afterwards.
fn destination_id(item: &Value) -> Option<String> {
    match item["decision"].as_str().expect("a decision") {
        "create" => Some(text(item, "id")),
        "duplicate" => Some(text(item, "newId")),
        _ => item["matched"]["id"].as_str().map(str::to_owned),
    }
}

/// Holds the destination against the report, item by item: what is written holds the source's content with its
/// references mapped, and nothing else has changed.
#[track_caller]
fn assert_as_planned(before: &Value, after: &Value, source: &Value, report: &Value) {
    let (before, after, source) = (items(before), items(after), items(source));
    let planned = list(report, "items");
    let mapped: Vec<_> = planned.iter().filter_map(|item| Some((text(item, "id"), destination_id(item)?))).collect();
    let mut written = BTreeSet::new();
    for item in planned.iter().filter(|item| item["decision"] != "skip") {
        let (kind, _) = KINDS.into_iter().find(|(kind, _)| item["kind"] == *kind).expect("a known kind");
        let id = destination_id(item).expect("what is written has an id");
        let place = format!("{} {} {}", item["decision"], kind, item["name"]);
        let held = after.get(&(kind, id.clone())).unwrap_or_else(|| panic!("{place} is not there"));
        let original = source[&(kind, text(item, "id"))];
        assert_same_content(kind, held, original, &mapped, &place);
        match item["decision"].as_str() {
            Some("duplicate") => {
                assert!(text(held, "name").starts_with(&format!("{} (imported", text(original, "name"))), "{place}");
                assert!(!before.contains_key(&(kind, id.clone())), "{place} was there before");
            }
            Some("create") => assert_eq!(held["name"], original["name"], "{place}"),
            _ => assert!(before.contains_key(&(kind, id.clone())), "{place} was not there before"),
        }
        written.insert((kind, id));
    }
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    for key in keys.difference(&written) {
        assert_eq!(before.get(key), after.get(key), "{key:?} changed, and the plan does not say so");
    }
}

#[track_caller]
fn assert_same_content(kind: &str, held: &Value, original: &Value, mapped: &[(String, String)], place: &str) {
    let fields: &[&str] = match kind {
        "flow" => &["nodes", "edges", "tags", "info"],
        "connection" => &["type", "description", "devValue", "prodValue"],
        // Values of secrets never travel.
        _ => &["description", "type", "group"],
    };
    for field in fields {
        let mut expected = original[field].to_string();
        for (from, to) in mapped {
            expected = expected.replace(from.as_str(), to);
        }
        assert_eq!(held[field].to_string(), expected, "{field} of {place}");
    }
}

#[test]
fn a_transfer_does_exactly_what_the_plan_said_under_each_policy() {
    for policy in ["--skip", "--overwrite", "--duplicate"] {
        let scene = Scene::new();
        let (before, source) = (scene.state("prod"), scene.state("dev"));
        let plan = scene.haul(&["plan", "dev", "prod", policy, "--json"]).exits(0).json();
        let dry = scene.haul(&["transfer", "dev", "prod", policy, "--dry-run", "--json"]).exits(0).json();
        assert_eq!(dry["items"], plan["items"], "{policy}");
        assert_eq!(scene.state("prod"), before, "looking changes nothing");
        let report = scene.haul(&["transfer", "dev", "prod", policy, "-y", "--json"]).exits(0).json();
        assert_eq!(report["status"], "succeeded");
        let decisions = |report: &Value| -> Vec<_> {
            list(report, "items")
                .iter()
                .map(|item| (item["id"].clone(), item["decision"].clone(), item["newId"].clone()))
                .collect()
        };
        assert_eq!(decisions(&report), decisions(&plan), "{policy}");
        assert_as_planned(&before, &scene.state("prod"), &source, &report);
        assert_settled(&scene.haul(&["plan", "dev", "prod", policy, "--json"]).exits(0).json(), &report, policy);
    }
}

/// Planned again, nothing is left to do for what was written. (What a duplicating transfer created matches by id
/// from now on, and so would be duplicated by another one.)
#[track_caller]
fn assert_settled(again: &Value, report: &Value, policy: &str) {
    for item in list(report, "items").iter().filter(|item| policy != "--duplicate" || item["decision"] != "create") {
        let now = list(again, "items").iter().find(|now| now["id"] == item["id"]).expect("it is planned again");
        assert_eq!(now["decision"], "skip", "after {policy}: {now}");
    }
}

/// Every kind that is matched in every way meets every decision: a legal one is done, an illegal one is refused with
/// a reason and changes nothing.
#[test]
fn every_decision_is_done_or_refused_for_every_kind_and_match() {
    let scene = Scene::new();
    let everything = ["plan", "dev", "prod", "--skip", "--types", "flow", "connection", "secret", "--json"];
    let plan = scene.haul(&everything).exits(0).json();
    let mut first: BTreeMap<(String, String), Value> = BTreeMap::new();
    for item in list(&plan, "items") {
        first.entry((text(item, "kind"), text(item, "match"))).or_insert_with(|| item.clone());
    }
    assert_eq!(first.len(), 9, "three kinds, each matched by id, by name and not at all: {:?}", first.keys());
    for ((kind, method), item) in &first {
        for decision in ["create", "overwrite", "skip", "duplicate"] {
            let legal = match decision {
                "skip" => true,
                "create" => method == "unmatched",
                "overwrite" => method != "unmatched",
                _ => method != "unmatched" && kind != "secret",
            };
            let scene = Scene::new();
            let (before, source) = (scene.state("prod"), scene.state("dev"));
            let key = format!("{kind}:{}", text(item, "id"));
            let decide = format!("{key}={decision}");
            let arguments =
                ["transfer", "dev", "prod", "--overwrite", "--ids", &key, "--decide", &decide, "-y", "--json"];
            let answer = scene.haul(&arguments);
            let place = format!("{decision} for a {kind} matched by {method}: {answer:?}");
            if legal {
                assert_eq!(answer.code, 0, "{place}");
                let report = answer.json();
                let decided =
                    list(&report, "items").iter().find(|found| found["id"] == item["id"]).expect("it is planned");
                assert_eq!(decided["decision"], decision, "{place}");
                assert_as_planned(&before, &scene.state("prod"), &source, &report);
            } else {
                assert!(matches!(answer.code, 2 | 4), "{place}");
                assert!(answer.json()["error"]["message"].as_str().is_some_and(|why| why.contains(&key)), "{place}");
                assert_eq!(scene.state("prod"), before, "{place}");
            }
        }
    }
}

#[test]
fn a_saved_plan_is_edited_and_applied_as_edited() {
    let scene = Scene::new();
    let (before, source) = (scene.state("prod"), scene.state("dev"));
    scene.haul(&["plan", "dev", "prod", "--overwrite", "--tags", "billing", "--out", "plan.json"]).exits(0);
    let mut plan: Value =
        serde_json::from_slice(&std::fs::read(scene.user.path("plan.json")).expect("readable")).expect("JSON");
    let edited = plan["items"].as_array_mut().expect("a list").iter_mut();
    let overwritten =
        edited.into_iter().filter(|item| item["decision"] == "overwrite" && item["item"]["kind"] == "flow");
    let changed: Vec<String> = overwritten
        .map(|item| {
            item["decision"] = "skip".into();
            text(&item["item"], "id")
        })
        .collect();
    assert!(!changed.is_empty());
    scene.user.write("plan.json", plan.to_string());
    assert_eq!(scene.haul(&["apply", "plan.json", "--dry-run", "--json"]).exits(0).json()["status"], "planned");
    scene.haul(&["apply", "plan.json"]).exits(4);
    assert_eq!(scene.state("prod"), before);
    let report = scene.haul(&["apply", "plan.json", "-y", "--json"]).exits(0).json();
    for item in list(&report, "items").iter().filter(|item| changed.contains(&text(item, "id"))) {
        assert_eq!((&item["decision"], &item["reason"]), (&"skip".into(), &"override".into()));
    }
    assert_as_planned(&before, &scene.state("prod"), &source, &report);
}

#[test]
fn an_edited_decision_changes_no_other_decision_of_the_plan() {
    let scene = Scene::new();
    scene.haul(&["plan", "dev", "prod", "--overwrite", "--out", "plan.json"]).exits(0);
    let saved = std::fs::read_to_string(scene.user.path("plan.json")).expect("readable");
    let saved: Value = serde_json::from_str(&saved).expect("a plan");
    let identical = |item: &Value| item["reason"] == "identical" && item["item"]["kind"] != "secret";
    for at in 0..list(&saved, "items").len() {
        let mut plan = saved.clone();
        if !identical(&plan["items"][at]) {
            continue;
        }
        plan["items"][at]["decision"] = "duplicate".into();
        scene.user.write("edited.json", plan.to_string());
        let report = scene.haul(&["apply", "edited.json", "--dry-run", "--json"]).exits(0).json();
        for item in list(&plan, "items") {
            let planned = list(&report, "items").iter().find(|other| other["id"] == item["item"]["id"]);
            assert_eq!(planned.map(|planned| &planned["decision"]), Some(&item["decision"]), "{}", item["name"]);
        }
    }
}

#[test]
fn everything_of_a_bundle_is_also_what_no_flow_in_it_needs() {
    let scene = Scene::new();
    let exported = scene.haul(&["export", "dev", "strays.json", "--types", "connection", "--json"]).exits(0).json();
    let keys = |answer: &Value| -> BTreeSet<String> {
        list(answer, "items").iter().map(|item| format!("{}:{}", text(item, "kind"), text(item, "id"))).collect()
    };
    assert!(list(&exported, "items").iter().all(|item| item["kind"] != "flow"));
    for arguments in [
        ["list", "strays.json", "--json"].as_slice(),
        &["export", "strays.json", "again.json", "--json"],
        &["import", "strays.json", "prod", "--skip", "--dry-run", "--json"],
    ] {
        assert_eq!(keys(&scene.haul(arguments).exits(0).json()), keys(&exported), "{arguments:?}");
    }
    let read = |name: &str| std::fs::read(scene.user.path(name)).expect("readable");
    assert_eq!(read("strays.json"), read("again.json"));
}

#[test]
fn a_bundle_is_exported_imported_and_then_equal() {
    let scene = Scene::new();
    let (before, source) = (scene.state("prod"), scene.state("dev"));
    scene.haul(&["export", "dev", "flows.json", "--tags", "billing"]).exits(0);
    scene.haul(&["export", "dev", "again.json", "--tags", "billing"]).exits(0);
    let read = |name: &str| std::fs::read(scene.user.path(name)).expect("readable");
    assert_eq!(read("flows.json"), read("again.json"), "two exports of an unchanged server are equal");
    scene.haul(&["verify", "flows.json"]).exits(0);
    let report = scene.haul(&["import", "flows.json", "prod", "--overwrite", "-y", "--json"]).exits(0).json();
    assert_as_planned(&before, &scene.state("prod"), &source, &report);
    let left = scene.haul(&["plan", "flows.json", "prod", "--overwrite", "--json"]).exits(0).json();
    assert_eq!((&left["summary"]["create"], &left["summary"]["overwrite"]), (&0.into(), &0.into()));
}

#[test]
fn an_export_goes_through_a_pipe() {
    let scene = Scene::new();
    let id = "84a5e7b1-518f-482b-835d-dc383df43167";
    let exported = scene.haul(&["export", "dev", "-", "--ids", id]).exits(0);
    let bundle: Value = serde_json::from_str(&exported.stdout).expect("the bundle and nothing else");
    assert!(list(&bundle, "flows").iter().any(|flow| flow["uuid"] == id));
    let arguments = ["import", "-", "prod", "--overwrite", "--no-prompt", "--json"];
    let report = scene.user.haul_with_stdin(&arguments, exported.stdout.as_bytes()).exits(0).json();
    assert_eq!(report["source"]["location"], "-");
}

#[test]
fn a_run_is_kept_shown_and_removed() {
    let scene = Scene::new();
    let report =
        scene.haul(&["transfer", "dev", "prod", "--overwrite", "--tags", "billing", "-y", "--json"]).exits(0).json();
    let run = text(&report, "run");
    let listed = scene.haul(&["runs", "list", "--json"]).exits(0).json();
    assert_eq!((&listed["runs"][0]["run"], &listed["runs"][0]["status"]), (&run.as_str().into(), &"succeeded".into()));
    assert!(scene.haul(&["runs"]).exits(0).stdout.contains(&run));
    assert_eq!(scene.haul(&["runs", "show", &run, "--json"]).exits(0).json(), report);
    assert_eq!(scene.haul(&["runs", "show", "last", "--json"]).exits(0).json(), report);
    assert_eq!(scene.haul(&["runs", "resume", &run, "-y", "--json"]).exits(4).json()["error"]["code"], "not-resumable");
    assert_eq!(
        scene.haul(&["runs", "show", "20200101-000000-aaaa", "--json"]).exits(4).json()["error"]["code"],
        "unknown-run"
    );
    scene.haul(&["runs", "remove", &run]).exits(4);
    scene.haul(&["runs", "remove", &run, "-y"]).exits(0);
    assert_eq!(list(&scene.haul(&["runs", "--json"]).exits(0).json(), "runs").len(), 0);
}

#[test]
fn the_snapshot_of_a_run_is_an_ordinary_bundle() {
    let scene = Scene::new();
    let before = scene.state("prod");
    let arguments =
        ["transfer", "dev", "prod", "--overwrite", "--tags", "billing", "-y", "--json", "--snapshot-dir", "snapshots"];
    let report = scene.haul(&arguments).exits(0).json();
    let snapshot = text(&report, "snapshot");
    assert!(snapshot.contains("snapshots"), "{snapshot}");
    scene.haul(&["verify", &snapshot]).exits(0);
    scene.haul(&["import", &snapshot, "prod", "--overwrite", "-y"]).exits(0);
    let (before, after) = (scene_items(&before), scene_items(&scene.state("prod")));
    for item in list(&report, "items").iter().filter(|item| item["decision"] == "overwrite" && item["kind"] == "flow") {
        let key = ("flow".to_owned(), text(&item["matched"], "id"));
        assert_eq!(before[&key]["nodes"], after[&key]["nodes"], "{key:?} is as it was");
    }
}

fn scene_items(state: &Value) -> BTreeMap<(String, String), Value> {
    items(state).into_iter().map(|((kind, id), item)| ((kind.to_owned(), id), item.clone())).collect()
}

#[test]
fn values_of_created_secrets_are_filled_in_and_never_shown() {
    let scene = Scene::new();
    let plan = scene.haul(&["plan", "dev", "prod", "--skip", "--types", "secret", "--json"]).exits(0).json();
    let created =
        list(&plan, "items").iter().find(|item| item["decision"] == "create").expect("one is missing at prod");
    let name = text(created, "name");
    let values = serde_json::json!({ &name: { "dev": "canary-dev", "prod": "canary-prod" } });
    scene.user.write("values.json", values.to_string());
    let arguments = ["transfer", "dev", "prod", "--skip", "--types", "secret", "-y", "-v", "--progress", "json"];
    let answer = scene.haul(&[&arguments[..], &["--secret-values", "values.json"]].concat()).exits(0);
    assert!(!format!("{answer:?}").contains("canary"));
    let state = scene.state("prod");
    let secret = list(&state, "secrets").iter().find(|secret| secret["name"] == *name).expect("created");
    assert_eq!((&secret["devValue"], &secret["prodValue"]), (&"canary-dev".into(), &"canary-prod".into()));
    let mut kept = String::new();
    read_all(&scene.user.path("state"), &mut kept);
    assert!(
        !kept.is_empty() && !kept.contains("canary") && !kept.contains("EXAMPLE-dev-password"),
        "journal and report hold none"
    );
}

fn read_all(folder: &std::path::Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        match path.is_dir() {
            true => read_all(&path, text),
            false => text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).expect("readable"))),
        }
    }
}

#[test]
fn decisions_come_from_a_file_and_the_command_line_wins() {
    let scene = Scene::new();
    let plan = scene.haul(&["plan", "dev", "prod", "--overwrite", "--tags", "billing", "--json"]).exits(0).json();
    let keys: Vec<_> = list(&plan, "items")
        .iter()
        .filter(|item| item["decision"] == "overwrite" && item["kind"] == "flow")
        .map(|item| format!("flow:{}", text(item, "id")))
        .collect();
    let [one, two] = &keys[..2] else { panic!("two flows are overwritten") };
    scene.user.write("decisions.txt", format!("# after review\n{one}=skip\n{two}=skip\n"));
    let decide = format!("{two}=duplicate");
    let arguments = [
        "plan",
        "dev",
        "prod",
        "--overwrite",
        "--tags",
        "billing",
        "--json",
        "--decisions",
        "decisions.txt",
        "--decide",
        &decide,
    ];
    let decided = scene.haul(&arguments).exits(0).json();
    let decision = |key: &str| {
        let found = list(&decided, "items").iter().find(|item| key.ends_with(&text(item, "id"))).expect("planned");
        text(found, "decision")
    };
    assert_eq!((decision(one).as_str(), decision(two).as_str()), ("skip", "duplicate"));
}

#[test]
fn credentials_in_clear_text_are_replaced_on_request() {
    let scene = Scene::new();
    scene.haul(&["export", "dev", "plain.json", "--tags", "billing"]).exits(0);
    let report =
        scene.haul(&["export", "dev", "clean.json", "--tags", "billing", "--redact", "--json"]).exits(0).json();
    assert!(list(&report, "findings").iter().any(|finding| finding["code"] == "redacted"), "{report}");
    let codes = |file: &str| -> Vec<String> {
        let listed = scene.haul(&["verify", file, "--json"]).exits(0).json();
        list(&listed, "findings").iter().map(|finding| text(finding, "code")).collect()
    };
    assert!(codes("plain.json").contains(&"plaintext-credential".to_owned()));
    assert!(!codes("clean.json").contains(&"plaintext-credential".to_owned()));
}
