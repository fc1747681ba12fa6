//! Transactions that are ended badly, and what that does to everybody else.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::client::{AUTHOR, Client, assuming, entity, ids, nothing, sandbox, site};

#[tokio::test]
async fn while_a_push_is_open_sqlite_answers_nobody_else() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let client = Client::push(server, nothing()).await;
    let other = Client::try_open(server, "pull", "EXAMPLE-dev-transfer-token");
    assert!(timeout(Duration::from_millis(300), other).await.is_err(), "a second transfer waits");
    let author = ids(server, AUTHOR)[0];
    assert!(!site(server).edit(AUTHOR, author, |_| {}), "so does a colleague");
    client.finish().await;
    Client::pull(server).await;
    assert!(site(server).edit(AUTHOR, author, |_| {}));
}

#[tokio::test]
async fn postgres_answers_a_pull_meanwhile_with_what_is_committed() {
    let sandbox = assuming(&["database=postgres"]).await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, json!({ "assets": false })).await;
    client.action("beforeTransfer").await.data();
    assert!(!crate::client::pull(server).await.entities.is_empty());
    client.abandon().await;
}

#[tokio::test]
async fn end_without_close_hangs_sqlite_until_a_restart() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.stage("entities", vec![entity(AUTHOR, 1, json!({ "name": "Leaked" }))]).await;
    client.end().await.data();
    drop(client);
    let other = Client::try_open(server, "pull", "EXAMPLE-dev-transfer-token");
    assert!(timeout(Duration::from_millis(300), other).await.is_err(), "dropping the socket does not help");
    site(server).revive();
    let pulled = crate::client::pull(server).await;
    assert!(!pulled.entities.iter().any(|row| row["data"]["name"] == "Leaked"));
}

#[tokio::test]
async fn the_leak_can_be_assumed_away() {
    let sandbox = assuming(&["leaked-transaction=rolled-back"]).await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.end().await.data();
    Client::pull(server).await;
}

#[tokio::test]
async fn a_second_rollback_and_one_after_close_are_never_answered() {
    let sandbox = sandbox().await;
    for first in ["rollback", "close"] {
        let mut client = Client::push(sandbox.server("dev"), nothing()).await;
        client.action(first).await.data();
        client.send(json!({ "type": "transfer", "kind": "action", "action": "rollback" })).await;
        assert!(client.is_silent().await, "after {first}");
    }
}

#[tokio::test]
async fn a_stage_after_a_rollback_is_never_answered() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.action("rollback").await.data();
    client.step("start", "entities", Value::Null).await.data();
    let rows = json!([entity(AUTHOR, 1, json!({ "name": "Late" }))]);
    client
        .send(json!({ "type": "transfer", "kind": "step", "action": "stream", "step": "entities", "data": rows }))
        .await;
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn close_alone_commits() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.stage("entities", vec![entity(AUTHOR, 1, json!({ "name": "Kept" }))]).await;
    client.action("close").await.data();
    drop(client);
    assert!(site(server).rows(AUTHOR).iter().any(|row| row["data"]["name"] == "Kept"));
}
