//! Older versions: what they do not say, and what they do otherwise. As in the comparison of their packages, and as
//! watched on 4.26.2 and on data-transfer 5.48.0.

use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{
    ARTICLE, AUTHOR, Answer, Client, FILE, TAG, asset, entity, faulty, files, ids, nothing, pull, row_with, site,
    text_file,
};

async fn playing(version: &str) -> haul::sandbox::Sandbox {
    faulty(&[&format!("version={version}")]).await
}

#[rstest]
#[case("4.26.2", json!({}))]
#[case("5.42.0", json!({}))]
#[case("5.48.0", json!({ "checksums": true }))]
#[case("5.50.0", json!({ "checksums": true, "assetEncoding": "base64" }))]
#[tokio::test]
async fn init_echoes_what_the_version_knows(#[case] version: &str, #[case] expected: Value) {
    let sandbox = playing(version).await;
    let mut client = Client::open(sandbox.server("dev"), "push").await;
    let mut reply = client.init(nothing()).await;
    reply.as_object_mut().unwrap().shift_remove("transferID");
    assert_eq!(reply, expected);
    client.action("bootstrap").await.data();
    assert_eq!(client.action("getMetadata").await.data()["strapi"]["version"], version);
}

#[rstest]
#[case("4.26.2", false, false)]
#[case("5.42.0", false, false)]
#[case("5.48.0", true, true)]
#[tokio::test]
async fn files_of_a_pull_are_numbers_or_base64(#[case] version: &str, #[case] base64: bool, #[case] checksums: bool) {
    let sandbox = playing(version).await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    let (frames, _) = client.stream("assets").await;
    let items: Vec<&Value> = frames.iter().flat_map(|batch| batch.as_array().unwrap()).collect();
    let chunk = items.iter().find(|item| item["action"] == "stream").unwrap();
    assert_eq!(chunk["data"].is_string(), base64);
    let end = items.iter().find(|item| item["action"] == "end").unwrap();
    assert_eq!(end.get("checksum").is_some(), checksums);
    assert!(!files(&frames).is_empty());
}

#[tokio::test]
async fn a_missing_file_ends_the_stage_of_an_old_server() {
    let sandbox = playing("4.26.2").await;
    let server = sandbox.server("dev");
    let hash = site(server).rows(FILE)[1]["data"]["hash"].as_str().unwrap().to_owned();
    server.set_faults(&["version=4.26.2", &format!("missing-file={hash}.txt")]).unwrap();
    let mut client = Client::pull(server).await;
    let (_, error) = client.stream("assets").await;
    assert_eq!((&error["code"], &error["errno"], error.get("message")), (&json!("ENOENT"), &json!(-2), None));
}

#[tokio::test]
async fn an_old_server_takes_no_base64() {
    let sandbox = playing("5.48.0").await;
    let restore = json!({ "entities": { "include": [] }, "assets": true });
    let mut client = Client::push(sandbox.server("dev"), restore).await;
    client.stage("entities", vec![entity(FILE, 1, text_file("x"))]).await;
    client.step("start", "assets", Value::Null).await.data();
    let mut metadata = text_file("x");
    metadata["id"] = json!(1);
    let error = client.step("stream", "assets", Value::Array(asset("a", &metadata, b"x"))).await.error();
    assert_eq!(error["code"], "TypeError");
    assert!(error["message"].as_str().unwrap().starts_with("The first argument must be of type string"));
}

#[tokio::test]
async fn before_5_49_a_link_takes_unknown_references_for_ids_of_its_own() {
    let sandbox = playing("5.48.0").await;
    let server = sandbox.server("dev");
    let author = ids(server, AUTHOR)[1];
    let mut client = Client::push(server, nothing()).await;
    client.stage("entities", vec![entity(TAG, 900, json!({ "label": "Raw", "refs": [], "locale": "en" }))]).await;
    let link = json!({ "kind": "relation.basic", "relation": "oneToOne",
        "left": { "type": TAG, "field": "owner", "ref": 900 }, "right": { "type": AUTHOR, "ref": author } });
    client.stage("links", vec![link]).await;
    assert!(client.warnings.is_empty());
    client.finish().await;
    let tag = row_with(server, TAG, "label", "Raw")["id"].clone();
    let owners = site(server).links(TAG, "owner");
    assert!(owners.iter().any(|link| link["left"]["ref"] == tag && link["right"]["ref"] == author));
}

#[rstest]
#[case("5.49.0", true)]
#[case("5.50.0", false)]
#[tokio::test]
async fn only_5_49_skips_the_languages(#[case] version: &str, #[case] skips: bool) {
    let sandbox = playing(version).await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.stage("entities", vec![entity(TAG, 1, json!({ "label": "L", "refs": [] }))]).await;
    let link = json!({ "kind": "relation.circular", "relation": "oneToMany",
        "left": { "type": TAG, "field": "localizations", "ref": 1 }, "right": { "type": TAG, "ref": "abc" } });
    client.stage("links", vec![link]).await;
    assert_eq!(!client.warnings.is_empty(), skips);
}

#[tokio::test]
async fn before_5_53_the_administration_is_deleted_and_writable() {
    let sandbox = playing("5.48.0").await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, json!({})).await;
    client.action("beforeTransfer").await.data();
    client.stage("entities", vec![entity("admin::role", 1, json!({ "name": "Intruder" }))]).await;
    client.finish().await;
    let roles = site(server).rows("admin::role");
    assert_eq!(roles.len(), 1);
    assert!(ids(server, "admin::user").is_empty());
}

#[tokio::test]
async fn before_5_53_a_failing_row_does_not_stop_the_commit_of_the_rest() {
    let sandbox = playing("5.48.0").await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    let bad = json!([entity("api::none.none", 1, json!({})), entity(AUTHOR, 2, json!({ "name": "Never" }))]);
    let error = client.step("stream", "entities", bad).await.error();
    assert_eq!(error["code"], "TypeError");
    let end = client.step("end", "entities", Value::Null).await.data();
    assert_eq!(end, json!({ "ok": true, "stats": { "started": 1, "finished": 0 } }), "ok, but finished is too low");
    client.stage("configuration", vec![]).await;
    client.finish().await;
}

#[tokio::test]
async fn a_failing_row_kills_version_4() {
    let sandbox = playing("4.26.2").await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    let rows = json!([entity(TAG, 1, json!({ "owner": 99_999 }))]);
    assert_eq!(client.step("stream", "entities", rows).await, Answer::Closed);
    assert!(site(server).is_down());
}

#[tokio::test]
async fn version_4_holds_one_row_for_each_document_and_language() {
    let sandbox = playing("4.26.2").await;
    let pulled = pull(sandbox.server("dev")).await;
    assert!(pulled.entities.iter().all(|row| row["data"].get("documentId").is_none()));
    let newer = crate::client::sandbox().await;
    let articles = |rows: &[Value]| rows.iter().filter(|row| row["type"] == ARTICLE).count();
    let all = pull(newer.server("dev")).await;
    assert!(articles(&pulled.entities) < articles(&all.entities));
    let languages: Vec<&Value> = pulled.links.iter().filter(|link| link["left"]["field"] == "localizations").collect();
    assert!(!languages.is_empty() && languages.iter().all(|link| link["right"]["ref"].is_number()));
    let back = languages.iter().all(|link| {
        languages
            .iter()
            .any(|other| other["left"]["ref"] == link["right"]["ref"] && other["right"]["ref"] == link["left"]["ref"])
    });
    assert!(back, "in both directions");
    assert!(pulled.schemas[ARTICLE]["attributes"]["localizations"].get("joinColumn").is_none());
    assert_eq!(sandbox.server("dev").dump()["orphans"], json!([]));
}

#[rstest]
#[case("4.26.2", false)]
#[case("5.0.0", false)]
#[case("5.12.0", true)]
#[tokio::test]
async fn the_end_of_a_stage_has_stats_since_5_12(#[case] version: &str, #[case] stats: bool) {
    let sandbox = playing(version).await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    let end = client.stage("entities", vec![]).await;
    assert_eq!(end.get("stats").is_some(), stats);
}

#[tokio::test]
async fn version_4_needs_options_and_keeps_the_models() {
    let sandbox = playing("4.26.2").await;
    let server = sandbox.server("dev");
    let mut client = Client::open(server, "push").await;
    assert_eq!(client.command("init", Value::Null).await.error()["code"], "TypeError");
    let flags = json!({ "coreStore": false, "webhook": false });
    let mut client = Client::push(server, json!({ "entities": { "exclude": [] }, "configuration": flags })).await;
    client.action("beforeTransfer").await.data();
    client.finish().await;
    assert!(!server.dump()["configuration"].as_array().unwrap().is_empty());
}
