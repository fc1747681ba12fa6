//! Files that are pushed, and what becomes of those that were there.

use serde_json::{Value, json};

use crate::client::{Answer, Client, FILE, asset, entity, faulty, nothing, row_with, sandbox, site, text_file};

fn with_assets() -> Value {
    let mut restore = nothing();
    restore["assets"] = json!(true);
    restore
}

fn metadata(name: &str, id: u64) -> Value {
    let mut metadata = text_file(name);
    metadata["id"] = json!(id);
    metadata
}

#[tokio::test]
async fn files_are_added_without_touching_others() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let before = server.dump()["files"]["uploads"].as_object().unwrap().len();
    let mut client = Client::push(server, with_assets()).await;
    client.stage("entities", vec![entity(FILE, 900, text_file("added"))]).await;
    let stats = client.stage("assets", asset("a", &metadata("added", 900), b"hello")).await;
    assert_eq!(stats["stats"], json!({ "started": 1, "finished": 1 }));
    client.finish().await;
    assert_eq!(site(server).file("added.txt"), Some(b"hello".to_vec()), "hash and ext decide the name");
    assert_eq!(server.dump()["files"]["uploads"].as_object().unwrap().len(), before + 1);
}

#[tokio::test]
async fn chunks_may_be_lists_of_numbers() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), with_assets()).await;
    client.stage("entities", vec![entity(FILE, 1, text_file("old"))]).await;
    let mut items = asset("a", &metadata("old", 1), b"hi");
    items[1] = json!({ "action": "stream", "assetID": "a", "data": { "type": "Buffer", "data": [104, 105] } });
    client.stage("assets", items).await;
    client.finish().await;
    assert_eq!(site(sandbox.server("dev")).file("old.txt"), Some(b"hi".to_vec()));
}

#[tokio::test]
async fn url_and_provider_are_rewritten_where_files_are_part_of_the_restore() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    for (include, expected) in [(json!([]), "http://far"), (json!([FILE]), "/uploads/far.txt")] {
        let restore = json!({ "entities": { "include": include }, "assets": true,
            "configuration": { "coreStore": false, "webhook": false } });
        let mut client = Client::push(server, restore).await;
        let mut row = text_file("far");
        row["url"] = json!("http://far");
        row["name"] = json!(expected);
        client.stage("entities", vec![entity(FILE, 1, row)]).await;
        client.stage("assets", asset("a", &metadata("far", 1), b"x")).await;
        client.finish().await;
        assert_eq!(row_with(server, FILE, "name", expected)["data"]["url"], expected);
    }
}

#[tokio::test]
async fn a_restore_sets_the_old_files_aside_until_the_stage_ends() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let folders = || server.dump()["files"].clone();
    let before = folders()["uploads"].clone();
    let mut client = Client::push(server, with_assets()).await;
    client.action("beforeTransfer").await.data();
    assert_eq!(folders()["uploads"], json!({}));
    let backup = folders()["backups"].as_object().unwrap().clone();
    assert_eq!(backup.values().collect::<Vec<_>>(), [&before]);
    assert!(backup.keys().all(|name| name.starts_with("uploads_backup_")));
    drop(client);
    while site(server).is_busy() {
        tokio::task::yield_now().await;
    }
    assert_eq!(folders()["uploads"], json!({}), "a drop brings no file back");
    let mut client = Client::push(server, with_assets()).await;
    client.action("beforeTransfer").await.data();
    client.stage("entities", vec![entity(FILE, 1, text_file("new"))]).await;
    client.stage("assets", asset("a", &metadata("new", 1), b"n")).await;
    client.abandon().await;
    let files = folders()["uploads"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(files, ["new.txt"], "nor does a rollback after the stage take the new ones away");
    assert_eq!(folders()["backups"].as_object().unwrap().len(), 1, "the second backup is gone for good");
}

#[tokio::test]
async fn assets_need_their_option_and_their_rows() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    let message = client.step("start", "assets", Value::Null).await.message();
    assert_eq!(message, "Attempting to transfer assets when `assets` is not set in restore options");
    client.abandon().await;
    let mut client = Client::push(sandbox.server("dev"), with_assets()).await;
    client.step("start", "assets", Value::Null).await.data();
    let items = Value::Array(asset("a", &metadata("x", 7), b"x"));
    assert_eq!(client.step("stream", "assets", items).await.message(), "File ID not found for ID: 7");
    let end = client.step("end", "assets", Value::Null).await.data();
    assert_eq!(end, json!({ "ok": true, "stats": { "started": 1, "finished": 0 } }), "ok, but finished is too low");
    client.abandon().await;
}

#[tokio::test]
async fn checksums_are_asked_for_and_checked() {
    let sandbox = sandbox().await;
    for (broken, expected) in
        [(true, "Checksum mismatch for asset \"a\" (expected 00, got "), (false, "Missing checksum for asset \"a\"")]
    {
        let mut client = Client::push(sandbox.server("dev"), with_assets()).await;
        client.stage("entities", vec![entity(FILE, 1, text_file("sum"))]).await;
        client.step("start", "assets", Value::Null).await.data();
        let mut items = asset("a", &metadata("sum", 1), b"x");
        match broken {
            true => items[2]["checksum"]["value"] = json!("00"),
            false => items[2]["checksum"] = Value::Null,
        }
        let message = client.step("stream", "assets", Value::Array(items)).await.message();
        assert!(message.starts_with(expected), "{message}");
        let unknown = json!([{ "action": "stream", "assetID": "b", "data": "" }]);
        let message = client.step("stream", "assets", unknown).await.message();
        assert_eq!(message, "No asset \"b\" for stream action; send start before stream/end");
        client.abandon().await;
    }
}

#[tokio::test]
async fn ending_the_stage_with_an_open_file_is_never_answered() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, with_assets()).await;
    client.stage("entities", vec![entity(FILE, 1, text_file("open"))]).await;
    client.step("start", "assets", Value::Null).await.data();
    let mut items = asset("a", &metadata("open", 1), b"x");
    items.truncate(2);
    client.step("stream", "assets", Value::Array(items)).await.data();
    client.send(json!({ "type": "transfer", "kind": "step", "action": "end", "step": "assets" })).await;
    client.send(json!({ "type": "command", "command": "status" })).await;
    assert!(client.is_silent().await);
    assert!(client.has_pong().await, "although the server lives");
    drop(client);
    while site(server).is_busy() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_mounted_folder_of_uploads_cannot_be_set_aside() {
    let sandbox = faulty(&["uploads-mounted"]).await;
    let mut client = Client::push(sandbox.server("dev"), with_assets()).await;
    let message = client.action("beforeTransfer").await.message();
    assert!(message.starts_with("restore failed Error: The backup folder for the assets could not be created"));
    assert_eq!(client.action("rollback").await, Answer::Data(Value::Null));
}
