//! Documents with languages and states, and files: what a listing tells of them.

use haul::sandbox::{self, SandboxOptions};
use serde_json::json;

use crate::common::{User, assert_transcript};

#[test]
fn a_listing_tells_languages_states_and_files() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("starts");
    let options = SandboxOptions { platform: Some("strapi".into()), ..SandboxOptions::default() };
    let sandbox = runtime.block_on(sandbox::start(options)).expect("the sandbox starts");
    let server = sandbox.servers.iter().find(|server| server.name == "dev").expect("it has two");
    let user = User::new()
        .with("HAUL_REMOTE_DEV", &format!("strapi:{}", server.url))
        .with("HAUL_REMOTE_DEV_TOKEN", server.token.as_deref().expect("a token"));
    let articles = ["list", "dev", "--types", "api::article.article"];
    assert_transcript!("list-documents", user.haul(&articles).exits(0));
    let answer = user.haul(&["list", "dev", "--only", "content", "--json"]).exits(0).json();
    let items = answer["items"].as_array().expect("a list");
    let coffee = items.iter().find(|item| item["name"] == "Coffee art").expect("it is there");
    assert_eq!(coffee["typeName"], "Article");
    let states: Vec<_> = coffee["versions"].as_array().expect("a list").iter().collect();
    assert!(states.contains(&&json!({"locale": "en", "state": "published"})), "{states:?}");
    let picture = items.iter().find(|item| item["name"] == "sunrise.png").expect("it is there");
    let file = json!({"mime": "image/png", "width": 640, "height": 480, "bytes": 2400, "folder": "API Uploads"});
    assert_eq!((&picture["file"], &picture["versions"]), (&file, &json!([])));
    let schema = format!("{}/docs/schemas/list.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::from_slice(&std::fs::read(schema).expect("a schema")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
    let problems: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
    let _guard = runtime.enter();
    drop(sandbox);
}
