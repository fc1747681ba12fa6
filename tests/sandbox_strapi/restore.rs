//! What `beforeTransfer` deletes, by its options, and that closing commits while dropping and rolling back do not.

use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{ARTICLE, AUTHOR, CATEGORY, Client, FILE, NOTE, TAG, entity, ids, nothing, only, sandbox, site};

/// Runs `beforeTransfer` with these options and commits.
async fn after(restore: Value) -> haul::sandbox::Sandbox {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("prod"), restore).await;
    client.action("beforeTransfer").await.data();
    client.finish().await;
    sandbox
}

fn configuration(server: &haul::sandbox::Server) -> Vec<Value> {
    server.dump()["configuration"].as_array().unwrap().clone()
}

#[tokio::test]
async fn nothing_is_deleted_where_nothing_is_included() {
    let untouched = sandbox().await;
    let sandbox = after(nothing()).await;
    assert_eq!(sandbox.server("prod").dump(), untouched.server("prod").dump());
}

#[rstest]
#[case(json!({}))]
#[case(json!({ "entities": {} }))]
#[tokio::test]
async fn everything_but_the_administration_goes_without_options(#[case] restore: Value) {
    let sandbox = after(restore).await;
    let server = sandbox.server("prod");
    let dump = server.dump();
    let rows = dump["entities"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["type"].as_str().unwrap().starts_with("admin::")));
    assert!(configuration(server).is_empty());
    let parts = dump["components"].as_object().unwrap();
    assert!(parts.values().all(|count| *count == 0), "components go with their rows: {parts:?}");
}

#[tokio::test]
async fn the_core_store_is_emptied_when_include_is_absent_whatever_its_flag() {
    let flags = json!({ "coreStore": false, "webhook": false });
    let sandbox = after(json!({ "entities": { "exclude": [ARTICLE] }, "configuration": flags })).await;
    assert!(configuration(sandbox.server("prod")).is_empty());
    assert!(!ids(sandbox.server("prod"), ARTICLE).is_empty());
    let kept = after(json!({ "entities": { "include": [] }, "configuration": { "coreStore": false } })).await;
    let kinds: Vec<Value> = configuration(kept.server("prod")).iter().map(|setting| setting["type"].clone()).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| kind == "core-store"), "webhooks go by default: {kinds:?}");
}

#[tokio::test]
async fn join_rows_of_kept_rows_vanish_with_their_targets_and_morph_rows_stay() {
    let sandbox = after(only(&[CATEGORY, AUTHOR], Value::Null)).await;
    let server = sandbox.server("prod");
    assert!(!ids(server, ARTICLE).is_empty());
    assert!(site(server).links(ARTICLE, "category").is_empty() && site(server).links(ARTICLE, "author").is_empty());
    let litter = site(server).links(FILE, "related").into_iter().filter(|link| link["right"]["type"] == AUTHOR);
    assert_eq!(litter.count(), 3, "polymorphic rows that lead nowhere are left behind");
    let pulled = crate::client::pull(server).await;
    assert!(!pulled.links.iter().any(|link| link["right"]["type"] == AUTHOR), "but a pull leaves them out");
}

#[tokio::test]
async fn a_condition_takes_only_what_it_names() {
    let first = sandbox().await;
    let rows = site(first.server("prod")).rows(TAG);
    let document = rows[0]["data"]["documentId"].clone();
    let same = rows.iter().filter(|row| row["data"]["documentId"] == document).count();
    assert_eq!(same, 4, "two languages, drafted and published");
    let named = after(only(&[TAG], json!({ "documentId": { "$in": [document] } }))).await;
    assert_eq!(ids(named.server("prod"), TAG).len(), rows.len() - 4);
    let condition =
        json!({ "$or": [{ "documentId": document, "locale": "fr", "publishedAt": { "$null": true } }, { "id": 2 }] });
    let some = after(only(&[TAG], condition)).await;
    assert_eq!(ids(some.server("prod"), TAG).len(), rows.len() - 2);
    let none = after(only(&[TAG, ARTICLE], json!({ "documentId": { "$in": [] } }))).await;
    assert_eq!(ids(none.server("prod"), TAG).len(), rows.len());
}

#[tokio::test]
async fn anything_else_in_params_is_ignored_so_that_everything_goes() {
    let mut restore = nothing();
    restore["entities"] = json!({ "include": [NOTE], "params": { "limit": 1 } });
    let sandbox = after(restore).await;
    assert!(ids(sandbox.server("prod"), NOTE).is_empty());
}

#[tokio::test]
async fn exclude_wins_over_include_and_unknown_types_are_ignored() {
    let mut restore = nothing();
    restore["entities"] = json!({ "include": [TAG, NOTE, "api::no.no", "admin::user"], "exclude": [TAG] });
    let sandbox = after(restore).await;
    let server = sandbox.server("prod");
    assert!(!ids(server, TAG).is_empty() && ids(server, NOTE).is_empty() && !ids(server, "admin::user").is_empty());
}

#[rstest]
#[case(json!({ "nope": 1 }), "no such column: t0.nope")]
#[case(json!({ "documentId": { "$in": (0..33_000).map(|id| id.to_string()).collect::<Vec<_>>() } }), "too many SQL variables")]
#[tokio::test]
async fn a_condition_that_the_database_refuses_is_told(#[case] condition: Value, #[case] reason: &str) {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), only(&[TAG], condition)).await;
    let message = client.action("beforeTransfer").await.message();
    assert!(message.starts_with("restore failed SqliteError:") && message.ends_with(reason), "{message}");
    client.abandon().await;
}

#[tokio::test]
async fn until_close_nobody_sees_a_change_and_what_is_not_closed_never_was() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let before = server.dump();
    for end in ["rollback", "drop"] {
        let mut client = Client::push(server, json!({ "assets": false })).await;
        client.action("beforeTransfer").await.data();
        client.stage("entities", vec![entity(AUTHOR, 1, json!({ "name": "Never" }))]).await;
        assert_eq!(server.dump(), before, "not yet");
        match end {
            "rollback" => client.abandon().await,
            _ => drop(client),
        }
        while site(server).is_busy() {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.dump(), before, "{end}");
    }
}

#[tokio::test]
async fn replacing_a_document_keeps_its_id_and_gives_it_new_row_ids() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let rows: Vec<Value> = site(server).rows(TAG).into_iter().filter(|row| row["data"]["code"] == "root").collect();
    let document = rows[0]["data"]["documentId"].clone();
    let mut client = Client::push(server, only(&[TAG], json!({ "documentId": document }))).await;
    client.action("beforeTransfer").await.data();
    client.stage("entities", rows.clone()).await;
    client.finish().await;
    let now: Vec<Value> = site(server).rows(TAG).into_iter().filter(|row| row["data"]["code"] == "root").collect();
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].as_u64().unwrap()).collect::<Vec<_>>();
    assert!(ids(&now).iter().min() > ids(&rows).iter().max(), "an id is never used again");
    let data = |rows: &[Value]| rows.iter().map(|row| row["data"]["updatedAt"].clone()).collect::<Vec<_>>();
    assert_eq!(data(&now), data(&rows), "dates stay as they were sent");
    assert!(now.iter().all(|row| row["data"]["documentId"] == document));
}

#[tokio::test]
async fn settings_are_inserted_blindly() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let setting =
        configuration(server).into_iter().find(|s| s["value"]["key"] == "plugin_i18n_default_locale").unwrap();
    let mut client = Client::push(server, nothing()).await;
    client.stage("configuration", vec![setting]).await;
    client.finish().await;
    let count = configuration(server).iter().filter(|s| s["value"]["key"] == "plugin_i18n_default_locale").count();
    assert_eq!(count, 2);
}
