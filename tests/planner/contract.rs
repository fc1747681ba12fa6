//! The pages and schemas that users' scripts rely on, held against what the code says.

use std::collections::BTreeSet;
use std::path::Path;

use haul::model::{
    Decision, EffectKind, Error, ErrorKind, ItemKey, ItemResult, KeyPattern, Kind, MatchMethod, Platform, Policy,
    Reason, Report, RunStatus, Selection, Severity, code,
};
use haul::planner::{DifferenceRequest, DifferenceSide, difference, file};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, flow, info, item, options, plan, rules, secret, thing};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    std::fs::read_to_string(path).expect(name)
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&page(&format!("schemas/{name}.json"))).expect("a schema is JSON")
}

fn problems(name: &str, answer: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&schema(name)).expect("a valid schema");
    validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path)).collect()
}

fn sample() -> (World, World) {
    let source = World::of([
        (flow("a"), thing("A", "1").by_id(&flow("gone")).by_name(Kind::Secret, "S").tagged(&["x"])),
        (flow("b"), thing("B", "1")),
        (flow("c"), thing("C", "1")),
        (secret("s"), thing("S", "")),
    ]);
    let destination = World::of([
        (flow("a"), thing("Old", "0")),
        (flow("b"), thing("B", "1")),
        (flow("c1"), thing("C", "1")),
        (flow("c2"), thing("C", "1")),
    ]);
    (source, destination)
}

#[test]
fn every_schema_is_itself_valid() {
    for name in ["report", "plan-file", "list", "verify", "diff", "sandbox", "error"] {
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
    }
}

#[test]
fn reports_keep_to_their_schema() {
    let (source, destination) = sample();
    for policy in [Policy::Skip, Policy::Overwrite, Policy::Duplicate] {
        let plan = plan(&source, &destination, &[], options(policy)).expect("a plan");
        let mut report = Report::planned(&plan);
        assert_eq!(problems("report", &serde_json::to_value(&report).expect("JSON")), Vec::<String>::new());
        report.run = Some("20261121-014455-k3f9".to_owned());
        report.error = Some(Error::new(ErrorKind::Unexpected, "the reply differs").brief());
        for status in RunStatus::ALL {
            report.status = *status;
            for result in ItemResult::ALL {
                report.items[0].result = *result;
                let answer = serde_json::to_value(&report).expect("JSON");
                assert_eq!(problems("report", &answer), Vec::<String>::new());
                assert_eq!(serde_json::from_value::<Report>(answer).expect("reads back"), report);
            }
        }
    }
}

#[test]
fn plan_files_keep_to_their_schema() {
    let (source, destination) = sample();
    let mut options = options(Policy::Duplicate);
    options.selection = Selection { ids: vec!["a".to_owned()], ..Selection::default() };
    options.decisions.insert(flow("c"), Decision::Skip);
    let saved = file::write(&plan(&source, &destination, &[], options).expect("a plan"));
    let mut answer: Value = serde_json::from_str(&saved).expect("JSON");
    assert_eq!(problems("plan-file", &answer), Vec::<String>::new());
    answer["items"][0]["decision"] = json!("drop");
    answer["more"] = json!(1);
    assert_eq!(problems("plan-file", &answer).len(), 2, "a slip is found by the schema too");
}

#[test]
fn differences_keep_to_their_schema() {
    let (source, destination) = sample();
    let (left, right) = (source.inventory(), destination.inventory());
    let rules = rules();
    let found = difference(&DifferenceRequest {
        left: DifferenceSide { inventory: &left, info: info("dev"), picked: &[0, 1, 2, 3] },
        right: DifferenceSide { inventory: &right, info: info("prod"), picked: &[0, 1, 2, 3] },
        rules: &rules,
    });
    let answer = serde_json::to_value(found).expect("JSON");
    assert_eq!(problems("diff", &answer), Vec::<String>::new());
}

/// As the design shows them.
#[rstest]
#[case("list", json!({"schema": 1, "location": {"platform": "strapi", "location": "./backup.tar.gz", "version": "5.54.0"},
    "summary": {"items": 1, "bytes": 2048, "byKind": {"entry": 1}, "byType": {"api::article.article": 1}},
    "items": [{"kind": "entry", "type": "api::article.article", "id": "x", "name": "n", "tags": [], "size": 2048,
        "digest": null, "references": [{"kind": "asset", "type": null, "id": "y"}, {"kind": "secret", "name": "S"}]}],
    "findings": []}))]
#[case("verify", json!({"schema": 1, "status": "damaged", "location": {"platform": "ziggy", "location": "x.json"},
    "summary": {"items": 0, "bytes": 12},
    "findings": [{"code": "damaged", "severity": "blocking", "item": null, "message": "cut at byte 12"}]}))]
#[case("sandbox", json!({"schema": 1, "servers": [{"platform": "ziggy", "name": "dev", "url": "http://127.0.0.1:40123",
    "user": "u", "password": "p", "token": null}]}))]
#[case("error", json!({"status": "failed", "error": {"code": "usage", "message": "m", "hint": null}}))]
fn the_answers_of_the_design_keep_to_their_schemas(#[case] name: &str, #[case] answer: Value) {
    assert_eq!(problems(name, &answer), Vec::<String>::new());
}

/// The words of a definition in a schema.
fn words(schema: &Value, path: &str) -> BTreeSet<String> {
    let list = schema.pointer(path).and_then(Value::as_array).expect(path);
    list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

#[test]
fn the_schemas_know_every_word_of_the_model() {
    fn all<T: ToString>(words: &[T]) -> BTreeSet<String> {
        words.iter().map(ToString::to_string).collect()
    }
    let report = schema("report");
    for (path, known) in [
        ("/$defs/kind/enum", all(&Kind::ALL)),
        ("/$defs/decision/enum", all(Decision::ALL)),
        ("/$defs/match/enum", all(MatchMethod::ALL)),
        ("/$defs/reason/enum", all(Reason::ALL)),
        ("/$defs/error/properties/code/enum", all(ErrorKind::ALL)),
        ("/$defs/effect/properties/effect/enum", all(EffectKind::ALL)),
        ("/$defs/finding/properties/severity/enum", all(Severity::ALL)),
        ("/$defs/location/properties/platform/enum", all(&Platform::ALL)),
        ("/properties/status/enum", all(RunStatus::ALL)),
        ("/properties/items/items/properties/result/enum", all(ItemResult::ALL)),
    ] {
        assert_eq!(words(&report, path), known, "{path}");
    }
}

#[test]
fn every_kind_of_error_has_the_exit_code_that_the_design_promises() {
    use ErrorKind::*;
    let table = [
        (2, vec![Usage, UnknownLocation]),
        (
            4,
            vec![
                NoKey,
                NoCredential,
                Refused,
                NoTerminal,
                Stale,
                InvalidPlan,
                BlockingFinding,
                FailOn,
                UnknownItem,
                OutputExists,
                UnknownRun,
                NotResumable,
                Busy,
            ],
        ),
        (
            1,
            vec![
                WrongKey,
                Unauthorized,
                Forbidden,
                Unreachable,
                TimedOut,
                Server,
                Project,
                Protocol,
                NotABundle,
                Damaged,
                Unsafe,
                Io,
                DiskFull,
                Unexpected,
                Internal,
            ],
        ),
        (130, vec![Interrupted]),
        (143, vec![Terminated]),
    ];
    let mut seen = BTreeSet::new();
    for (code, kinds) in table {
        for kind in kinds {
            assert_eq!((kind.exit_code(), Error::new(kind, "x").exit_code()), (code, code), "{kind}");
            seen.insert(kind);
        }
    }
    assert_eq!(seen, ErrorKind::ALL.iter().copied().collect());
}

#[rstest]
#[case("flow:0f9c", ItemKey::new(Kind::Flow, "0f9c"))]
#[case("entry:api::article.article/a1", ItemKey::typed(Kind::Entry, "api::article.article", "a1"))]
#[case("schema:api::article.article", ItemKey::new(Kind::Schema, "api::article.article"))]
#[case("object:blog post/with=sign", ItemKey::typed(Kind::Object, "blog post", "with=sign"))]
#[case("entry:t/a/b", ItemKey::typed(Kind::Entry, "t", "a/b"))]
#[case("plugin-setting:a:b", ItemKey::new(Kind::PluginSetting, "a:b"))]
fn a_key_is_written_as_it_is_typed(#[case] text: &str, #[case] key: ItemKey) {
    assert_eq!(key.to_string(), text);
    assert!(KeyPattern::kind_and_id(text).expect("a key").fits(&key));
    let json = json!({"kind": key.kind.as_str(), "type": key.type_, "id": key.id});
    assert_eq!(serde_json::to_value(&key).expect("JSON"), json);
    assert_eq!(serde_json::from_value::<ItemKey>(json).expect("a key"), key);
}

/// The first column of every table row of a page that begins with a code span.
fn listed(page: &str) -> Vec<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`').map(|(word, _)| word.to_owned())).collect()
}

#[test]
fn the_page_of_findings_lists_exactly_the_codes_that_exist() {
    let known: Vec<_> = code::ALL.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(listed(&page("findings.md")), known);
    let unique: BTreeSet<_> = known.iter().collect();
    assert_eq!(unique.len(), known.len());
}

#[test]
fn the_vocabulary_lists_every_decision_reason_and_match() {
    let listed: BTreeSet<_> = listed(&page("vocabulary.md")).into_iter().collect();
    let words = Decision::ALL.iter().map(|word| word.as_str());
    let words = words.chain(Reason::ALL.iter().map(|word| word.as_str()));
    let words = words.chain(MatchMethod::ALL.iter().map(|word| word.as_str()));
    let words = words.chain(EffectKind::ALL.iter().map(|word| word.as_str()));
    for word in words.chain(Kind::ALL.iter().map(|kind| kind.as_str())) {
        assert!(listed.contains(word), "{word}");
    }
}

#[test]
fn the_planner_names_no_platform() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/planner");
    let files = std::fs::read_dir(folder).expect("the room is there");
    for file in files {
        let path = file.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("source text").to_lowercase();
        for platform in Platform::ALL {
            assert!(!text.contains(platform.as_str()), "{} names {platform}", path.display());
        }
    }
}

#[test]
fn a_planned_item_is_reported_in_the_words_of_the_plan() {
    let (source, destination) = sample();
    let plan = plan(&source, &destination, &[], options(Policy::Overwrite)).expect("a plan");
    let answer = serde_json::to_value(Report::planned(&plan)).expect("JSON");
    assert_eq!(answer["items"][0]["matched"], json!({"id": "a", "name": "Old"}));
    assert_eq!(answer["items"][0]["reason"], item(&plan, &flow("a")).reason.as_str());
    assert_eq!(answer["summary"]["byType"], json!({"flow": 3, "secret": 1}));
}
