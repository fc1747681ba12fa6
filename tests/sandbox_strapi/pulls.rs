//! Pulls: order, lock-step, rows, links and files.

use serde_json::{Value, json};

use crate::client::{ARTICLE, Client, FILE, assuming, faulty, files, pull, sandbox, site};

#[tokio::test]
async fn a_pull_brings_what_the_server_holds() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let (pulled, dump) = (pull(server).await, server.dump());
    assert_eq!(json!(pulled.entities), dump["entities"]);
    assert_eq!(json!(pulled.links), dump["links"]);
    assert_eq!(json!(pulled.configuration), dump["configuration"]);
    assert_eq!(pulled.schemas, site(server).schemas());
    for (name, bytes) in &pulled.files {
        assert_eq!(site(server).file(name).as_ref(), Some(bytes), "{name}");
    }
    assert_eq!(pulled.files.len(), dump["files"]["uploads"].as_object().unwrap().len());
}

#[tokio::test]
async fn a_pull_has_the_secrets_of_the_administration() {
    let sandbox = sandbox().await;
    let pulled = pull(sandbox.server("dev")).await;
    for uid in ["admin::user", "admin::session", "admin::api-token", "admin::transfer-token"] {
        assert!(pulled.entities.iter().any(|row| row["type"] == uid), "{uid}");
    }
}

#[tokio::test]
async fn rows_and_links_have_the_shapes_of_a_real_server() {
    let sandbox = sandbox().await;
    let pulled = pull(sandbox.server("dev")).await;
    let article = pulled.entities.iter().find(|row| row["type"] == ARTICLE).unwrap();
    let keys: Vec<&String> = article["data"].as_object().unwrap().keys().collect();
    let expected = [
        "documentId",
        "title",
        "description",
        "slug",
        "createdAt",
        "updatedAt",
        "publishedAt",
        "locale",
        "seo",
        "blocks",
    ];
    assert_eq!(keys, expected, "components after columns, zones after components, no relations and no media");
    let block = article["data"]["blocks"][0].as_object().unwrap().keys().take(2).collect::<Vec<_>>();
    assert_eq!(block, ["__component", "id"]);
    let find = |uid: &str, field: &str| {
        let found = pulled.links.iter().find(|link| link["left"]["type"] == uid && link["left"]["field"] == field);
        found.unwrap().to_string()
    };
    assert_eq!(
        find("api::article.article", "author"),
        r#"{"kind":"relation.basic","relation":"manyToOne","left":{"type":"api::article.article","field":"author","ref":1},"right":{"type":"api::author.author","field":"articles","ref":1,"pos":1}}"#
    );
    assert!(find("api::tag.tag", "parent").starts_with(r#"{"kind":"relation.circular","relation":"manyToOne""#));
    assert!(
        find("api::tag.tag", "watchers")
            .contains(r#""field":"watchers","ref":1,"pos":1},"right":{"type":"api::author.author","ref":1}"#)
    );
    assert!(find("api::tag.tag", "localizations").contains(
        r#""left":{"type":"api::tag.tag","ref":1,"field":"localizations"},"right":{"type":"api::tag.tag","ref":""#
    ));
    assert!(find(FILE, "related").contains(r#""relation":"morphToMany","left":{"type":"plugin::upload.file","field":"related","ref":1},"right":{"ref":1,"pos":1,"type":"api::author.author","field":"avatar"}"#));
    let rows = pulled.entities.iter().filter(|row| row["data"]["documentId"].is_string()).count();
    let languages = pulled.links.iter().filter(|link| link["left"]["field"] == "localizations").count();
    assert_eq!(rows, languages, "every row has its link of languages");
}

#[tokio::test]
async fn one_frame_waits_for_its_acknowledgement_and_two_stages_may_run() {
    let sandbox = sandbox().await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    let start = client.step("start", "entities", Value::Null).await.data();
    let again = client.step("start", "entities", Value::Null).await.message();
    assert_eq!(again, "Stream already created, something went wrong");
    let frame = match client.waiting.pop() {
        Some(frame) => frame,
        None => client.next().await.unwrap(),
    };
    assert_eq!((&frame["data"]["id"], &frame["data"]["ended"]), (&start["id"], &json!(false)));
    assert!(client.is_silent().await, "no acknowledgement, no frame");
    let (links, _) = client.stream("links").await;
    assert!(!links.is_empty());
    client.acknowledge(&frame).await;
    let last = client.next().await.unwrap();
    assert_eq!((&last["data"]["ended"], &last["data"]["data"]), (&json!(true), &Value::Null));
    client.acknowledge(&last).await;
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn a_stage_may_be_ended_early_and_begun_again() {
    let sandbox = sandbox().await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    client.step("start", "assets", Value::Null).await.data();
    client.step("end", "assets", Value::Null).await.data();
    client.waiting.clear();
    while !client.is_silent().await {}
    let (frames, _) = client.stream("assets").await;
    assert!(!files(&frames).is_empty());
    client.action("close").await.data();
    client.end().await.data();
}

#[tokio::test]
async fn a_pull_knows_neither_rollback_nor_unknown_stages() {
    let sandbox = sandbox().await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    assert_eq!(client.action("rollback").await.message(), "Invalid action provided: \"rollback\"");
    let unknown = client.step("start", "schemas", Value::Null).await.message();
    assert_eq!(unknown, "Invalid transfer step, impossible to create a stream");
    let status = client.command("status", Value::Null).await.data();
    assert_eq!(status["active"], false, "the wrong way round, as the real one");
}

#[tokio::test]
async fn totals_count_what_is_on_disk_and_a_missing_file_is_a_warning() {
    let whole = sandbox().await;
    let all = pull(whole.server("dev")).await.files;
    let lost = all.keys().next().unwrap();
    let sandbox = faulty(&[&format!("missing-file={lost}")]).await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    let start = client.step("start", "assets", Value::Null).await.data();
    assert_eq!(start["totals"]["totalCount"], all.len() - 1);
    client.step("end", "assets", Value::Null).await.data();
    client.waiting.clear();
    while !client.is_silent().await {}
    let (frames, error) = client.stream("assets").await;
    assert_eq!((files(&frames).len(), error), (all.len() - 1, Value::Null));
    assert!(client.warnings.iter().any(|warning| warning.contains(lost.as_str())), "{:?}", client.warnings);
}

#[tokio::test]
async fn large_files_come_in_several_frames() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let row = site(server).rows(FILE).remove(0);
    let name = row["data"]["url"].as_str().unwrap().strip_prefix("/uploads/").unwrap().to_owned();
    let bytes: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    site(server).put_file(&name, &bytes);
    assert_eq!(pull(server).await.files[&name], bytes);
    let data = site(server).frames().into_iter().filter(|frame| !frame.received && frame.bytes > 1_000_000).count();
    assert!(data >= 2, "about a megabyte a frame");
}

#[tokio::test]
async fn the_first_frame_may_follow_its_reply_at_once() {
    let sandbox = assuming(&["first-frame=follows"]).await;
    assert!(!pull(sandbox.server("dev")).await.entities.is_empty());
}
