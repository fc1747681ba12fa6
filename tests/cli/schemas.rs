//! Projects whose schemas differ: what a comparison says of them, and what a plan makes of it.

use std::path::Path;

use haul::sandbox::{self, Sandbox, SandboxOptions};
use serde_json::{Value, json};

use crate::common::{User, assert_transcript, sample};

const ARTICLE: &str = "api::article.article";
const AUTHOR: &str = "api::author.author";

fn schema(uid: &str, mut attributes: Value) -> Value {
    let kind = if uid.contains("::") { "contentType" } else { "component" };
    if uid.contains("::") {
        // What Strapi adds to every content type.
        for time in ["createdAt", "updatedAt", "publishedAt"] {
            attributes[time] = json!({"type": "datetime"});
        }
        attributes["locale"] = json!({"type": "string"});
        attributes["localizations"] = json!({
            "type": "relation", "relation": "oneToMany", "target": uid, "writable": false,
            "joinColumn": {"name": "document_id", "referencedColumn": "document_id"},
        });
    }
    let singular = uid.rsplit('.').next().expect("a name");
    json!({
        "uid": uid, "modelType": kind, "kind": "collectionType", "modelName": singular,
        "collectionName": format!("{singular}s"), "options": {"draftAndPublish": true},
        "info": {"singularName": singular, "pluralName": format!("{singular}s"), "displayName": singular},
        "attributes": attributes,
    })
}

/// Articles that hold a component and lead to an author; authors.
fn schemas() -> Vec<Value> {
    let author = json!({"type": "relation", "relation": "oneToOne", "target": AUTHOR});
    vec![
        schema(
            ARTICLE,
            json!({
                "title": {"type": "string"}, "body": {"type": "text"}, "subtitle": {"type": "string"},
                "seo": {"type": "component", "component": "shared.seo"}, "author": author,
            }),
        ),
        schema(AUTHOR, json!({"name": {"type": "string"}})),
        schema("shared.seo", json!({"words": {"type": "text"}})),
        schema("plugin::upload.file", json!({"name": {"type": "string"}})),
        schema("admin::user", json!({"email": {"type": "email"}})),
    ]
}

fn entry(uid: &str, id: u64, document: &str, data: Value) -> Value {
    // In the order of the schema, as servers write rows.
    let mut whole = data;
    let of_strapi = json!({
        "documentId": document, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "publishedAt": null, "locale": null,
    });
    whole.as_object_mut().expect("an object").extend(of_strapi.as_object().expect("an object").clone());
    json!({"type": uid, "id": id, "data": whole})
}

/// An unpacked archive.
fn project(user: &User, name: &str, version: &str, schemas: &[Value], rows: &[Value], links: &[Value]) {
    let folder = user.path(name);
    let lines = |list: &[Value]| list.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    for (stage, list) in [("schemas", schemas), ("entities", rows), ("links", links), ("configuration", &[])] {
        std::fs::create_dir_all(folder.join(stage)).expect("a folder");
        write(&folder.join(format!("{stage}/{stage}_00001.jsonl")), &lines(list));
    }
    let metadata = json!({"createdAt": "2026-01-01T00:00:00.000Z", "strapi": {"version": version}});
    write(&folder.join("metadata.json"), &metadata.to_string());
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}

/// One article and its author.
fn source(user: &User) {
    let article = json!({"title": "One", "body": "b", "subtitle": "s", "seo": {"id": 1, "words": "w"}});
    let rows = [entry(ARTICLE, 1, "articleone", article), entry(AUTHOR, 1, "authorone", json!({"name": "Ada"}))];
    let link = json!({
        "kind": "relation.basic", "relation": "oneToOne",
        "left": {"type": ARTICLE, "field": "author", "ref": 1}, "right": {"type": AUTHOR, "ref": 1},
    });
    project(user, "ours", "5.54.0", &schemas(), &rows, &[link]);
}

/// The schemas after a change of the attributes of one of them.
fn schemas_but(uid: &str, change: impl Fn(&mut serde_json::Map<String, Value>)) -> Vec<Value> {
    let mut schemas = schemas();
    let schema = schemas.iter_mut().find(|schema| schema["uid"] == uid).expect("it is there");
    change(schema["attributes"].as_object_mut().expect("an object"));
    schemas
}

/// A server with these schemas and nothing in it.
struct Prod {
    runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    user: User,
}

impl Prod {
    fn new(user: User, schemas: &[Value]) -> Prod {
        project(&user, "theirs", "5.54.0", schemas, &[], &[]);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("starts");
        let options = SandboxOptions {
            platform: Some("strapi".into()),
            content: vec![format!("prod={}", user.path("theirs").display())],
            ..SandboxOptions::default()
        };
        let sandbox = runtime.block_on(sandbox::start(options)).expect("the sandbox starts");
        let server = sandbox.servers.iter().find(|server| server.name == "prod").expect("it has two");
        let user = user
            .with("HAUL_REMOTE_PROD", &format!("strapi:{}", server.url))
            .with("HAUL_REMOTE_PROD_TOKEN", server.token.as_deref().expect("a token"));
        Prod { runtime, sandbox, user }
    }

    /// All that the server was sent.
    fn frames(&self) -> String {
        let site = self.sandbox.server("prod").site().expect("it has a site");
        site.frames().iter().filter(|frame| frame.received).map(|frame| frame.frame.to_string()).collect()
    }
}

impl Drop for Prod {
    fn drop(&mut self) {
        let _guard = self.runtime.enter();
        assert!(!self.sandbox.servers.is_empty());
    }
}

fn findings(answer: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = answer["findings"].as_array().expect("findings");
    let schemas = list.iter().filter(|finding| text(&finding["code"]).starts_with("schema-"));
    schemas.map(|found| (text(&found["code"]), text(&found["severity"]), text(&found["item"]["id"]))).collect()
}

fn decision(report: &Value, id: &str) -> (Value, Value) {
    let items = report["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["id"] == id).expect("it is planned");
    (item["decision"].clone(), item["reason"].clone())
}

#[test]
fn two_projects_are_compared_by_their_schemas() {
    let user = User::new();
    source(&user);
    let mut theirs = schemas_but(ARTICLE, |attributes| {
        attributes.remove("subtitle");
        attributes["body"]["type"] = json!("string");
        attributes["title"]["maxLength"] = json!(9);
        attributes.insert("extra".into(), json!({"type": "integer", "required": true}));
    });
    theirs.retain(|schema| schema["uid"] != "shared.seo");
    theirs.push(schema("api::only.only", json!({})));
    project(&user, "theirs", "5.50.0", &theirs, &[], &[]);
    assert_transcript!("diff-schemas", user.haul(&["diff", "ours", "theirs", "--schemas", "--exit-code"]).exits(1));
    let answer = user.haul(&["diff", "ours", "theirs", "--schemas", "--json"]).exits(0).json();
    assert_eq!(answer["summary"], json!({"blocking": 1, "lossy": 2, "harmless": 3}), "{answer}");
    let longest = answer["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|found| found["path"] == "attributes.title.maxLength");
    let longest = longest.expect("it differs");
    assert_eq!((&longest["source"], &longest["destination"]), (&Value::Null, &json!(9)));
    let narrowed = user.haul(&["diff", "ours", "theirs", "--schemas", "--types", AUTHOR, "--exit-code"]).exits(0);
    assert!(narrowed.stdout.contains("blocking: 0, lossy: 0, harmless: 0"), "{narrowed:?}");
    user.haul(&["diff", "ours", "theirs", "--schemas", "--types", "api::nothing.nothing"]).exits(4);
    user.haul(&["diff", "ours", "theirs", "--schemas", "--ids", "x"]).exits(2);
    let equal = user.haul(&["diff", "ours", "ours", "--schemas", "--exit-code", "--json"]).exits(0).json();
    assert_eq!((&equal["status"], &equal["differences"]), (&json!("equal"), &json!([])));
}

#[test]
fn real_projects_of_two_versions_are_compared_and_the_answer_keeps_to_its_schema() {
    let archive = |name: &str| sample("strapi").join(name).display().to_string();
    let answer = User::new()
        .haul(&["diff", &archive("v4.26.2.tar.gz"), &archive("v5.54.0.tar.gz"), "--schemas", "--json"])
        .exits(0)
        .json();
    assert_eq!(answer["status"], "different");
    let of_admins = |found: &&Value| found["type"].as_str().is_some_and(|uid| uid.starts_with("admin::"));
    assert_eq!(answer["differences"].as_array().expect("a list").iter().filter(of_admins).count(), 0);
    let path = format!("{}/docs/schemas/diff-schemas.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_slice(&std::fs::read(path).expect("a schema")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
    let problems: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn a_server_is_asked_for_its_schemas_alone() {
    let user = User::new();
    source(&user);
    let prod = Prod::new(user, &schemas_but(AUTHOR, |attributes| attributes["name"]["type"] = json!("json")));
    let answer = prod.user.haul(&["diff", "ours", "prod", "--schemas", "--types", AUTHOR, "--json"]).exits(0).json();
    assert_eq!(answer["summary"], json!({"blocking": 1, "lossy": 0, "harmless": 0}), "{answer}");
    let found = &answer["differences"][0];
    assert_eq!((&found["type"], &found["path"]), (&json!(AUTHOR), &json!("attributes.name.type")));
    assert!(!prod.frames().contains("\"step\""), "no stage was begun");
}

#[test]
fn a_type_that_the_destination_cannot_take_stops_the_run_or_is_left_out() {
    let user = User::new();
    source(&user);
    let prod = Prod::new(user, &schemas_but(AUTHOR, |attributes| attributes["name"]["type"] = json!("json")));
    let plan = ["plan", "ours", "prod", "--skip", "--json"];
    let report = prod.user.haul(&plan).exits(0).json();
    let blocking = ("schema-blocking".to_owned(), "blocking".to_owned(), AUTHOR.to_owned());
    assert_eq!(findings(&report), [blocking], "{report}");
    let refused = prod.user.haul(&["transfer", "ours", "prod", "--skip", "-y"]).exits(4);
    assert!(refused.stderr.contains("--skip-blocked"), "{refused:?}");

    let report = prod.user.haul(&[&plan[..], &["--skip-blocked"]].concat()).exits(0).json();
    let warning = ("schema-blocking".to_owned(), "warning".to_owned(), AUTHOR.to_owned());
    assert_eq!(findings(&report), [warning], "{report}");
    assert_eq!(decision(&report, "authorone"), (json!("skip"), json!("schema-blocking")));
    assert_eq!(decision(&report, "articleone"), (json!("create"), json!("missing")));
    assert!(report["findings"].as_array().expect("a list").iter().any(|found| found["code"] == "left-out-reference"));

    let key = format!("entry:{AUTHOR}/authorone=create");
    let report = prod.user.haul(&[&plan[..], &["--skip-blocked", "--decide", &key]].concat()).exits(0).json();
    assert_eq!(decision(&report, "authorone").0, "create");
    assert_eq!(findings(&report)[0].1, "blocking", "a person's word is not taken back in silence");

    prod.user.haul(&["plan", "ours", "prod", "--skip", "--skip-blocked", "--out", "plan.json"]).exits(0);
    let report = prod.user.haul(&["apply", "plan.json", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(
        decision(&report, "authorone"),
        (json!("skip"), json!("schema-blocking")),
        "a saved plan keeps the option"
    );
}

#[test]
fn what_the_destination_has_no_attribute_for_is_said_and_left_out() {
    let user = User::new();
    source(&user);
    let theirs = schemas_but(ARTICLE, |attributes| {
        for lacking in ["subtitle", "seo", "author"] {
            attributes.remove(lacking);
        }
    });
    let prod = Prod::new(user, &theirs);
    let report = prod.user.haul(&["transfer", "ours", "prod", "--skip", "-y", "--json"]).exits(0).json();
    let lossy: Vec<_> = findings(&report).into_iter().filter(|found| found.1 == "warning").collect();
    assert_eq!(lossy.len(), 3, "{report}");
    assert_eq!(report["status"], "succeeded", "what the destination cannot hold is no failure");
    let convert = |effect: &Value| effect["effect"] == "convert" && effect["type"] == ARTICLE && effect["count"] == 1;
    assert!(report["effects"].as_array().expect("effects").iter().any(convert), "{report}");
    let sent = prod.frames();
    assert!(sent.contains("articleone") && !sent.contains("\"subtitle\":\"s\"") && !sent.contains("\"words\":\"w\""));
}

#[test]
fn what_is_converted_is_of_the_same_version_and_platforms_without_schemas_have_no_such_options() {
    let user = User::new();
    let v4 = sample("strapi").join("v4.26.2.tar.gz").display().to_string();
    let prod = Prod::new(user, &schemas());
    let report = prod.user.haul(&["plan", &v4, "prod", "--skip", "--json"]).exits(0).json();
    let codes: Vec<_> = report["findings"].as_array().expect("a list").iter().map(|found| &found["code"]).collect();
    assert!(codes.contains(&&json!("converted")) && !codes.contains(&&json!("version-differs")), "{report}");
    let ziggy = sample("ziggy").join("export-object.json").display().to_string();
    let refused = prod.user.haul(&["diff", &ziggy, &ziggy, "--schemas"]).exits(2);
    assert!(refused.stderr.contains("has no --schemas"), "{refused:?}");
    let refused = prod.user.haul(&["plan", &ziggy, "prod", "--mode", "replace"]).exits(2);
    assert!(refused.stderr.contains("has no --mode"), "{refused:?}");
    for option in [&["--rehearse"][..], &["--locales", "en"], &["--throttle", "5"], &["--no-checksums"]] {
        let refused = prod.user.haul(&[&["plan", &ziggy, "prod", "--skip"], option].concat()).exits(2);
        assert!(refused.stderr.contains(&format!("has no {}", option[0])), "{refused:?}");
    }
}
