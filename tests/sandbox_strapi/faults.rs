//! Faults: sockets that are cut, stall or slow down at a frame, wrong checksums, servers that die, tokens that end.

use serde_json::{Value, json};

use crate::client::{AUTHOR, Answer, Client, assuming, entity, faulty, ids, nothing, pull, sandbox, site};

async fn rows_after(fault: &str) -> (Answer, haul::sandbox::Sandbox) {
    let sandbox = faulty(&[fault]).await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    client.step("stream", "entities", json!([entity(AUTHOR, 1, json!({ "name": "First" }))])).await.data();
    let answer = client.step("stream", "entities", json!([entity(AUTHOR, 2, json!({ "name": "Second" }))])).await;
    (answer, sandbox)
}

#[tokio::test]
async fn a_socket_is_cut_at_the_frame_that_is_named_and_everything_is_rolled_back() {
    for fault in ["frame-cut=2:PUSH /entities/stream", "frame-cut-after=2:PUSH /entities/stream", "frame-cut=5:PUSH *"]
    {
        let (answer, sandbox) = rows_after(fault).await;
        assert_eq!(answer, Answer::Closed, "{fault}");
        let server = sandbox.server("dev");
        while site(server).is_busy() {
            tokio::task::yield_now().await;
        }
        assert!(!site(server).rows(AUTHOR).iter().any(|row| row["data"]["name"] == "First"), "{fault}");
    }
}

#[tokio::test]
async fn a_lost_reply_to_close_hides_a_commit() {
    let sandbox = faulty(&["frame-cut-after=PUSH /close"]).await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.stage("entities", vec![entity(AUTHOR, 1, json!({ "name": "Committed" }))]).await;
    assert_eq!(client.action("close").await, Answer::Closed);
    assert!(site(server).rows(AUTHOR).iter().any(|row| row["data"]["name"] == "Committed"));
}

#[tokio::test]
async fn a_pull_is_cut_at_a_data_frame() {
    let sandbox = faulty(&["frame-cut=PULL /links/data"]).await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    assert!(!client.stream("entities").await.0.is_empty());
    client.step("start", "links", Value::Null).await.data();
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn a_stalled_server_answers_pings_and_a_frozen_one_does_not() {
    for (fault, pong) in [("frame-stall=PUSH /bootstrap", true), ("frame-freeze=PUSH /bootstrap", false)] {
        let sandbox = faulty(&[fault]).await;
        let mut client = Client::open(sandbox.server("dev"), "push").await;
        client.init(nothing()).await;
        client.send(json!({ "type": "transfer", "kind": "action", "action": "bootstrap" })).await;
        assert!(client.is_silent().await, "{fault}");
        assert_eq!(client.has_pong().await, pong, "{fault}");
    }
}

#[tokio::test]
async fn a_frame_can_be_slow_or_fail() {
    let sandbox = faulty(&["frame-slow=20,PUSH /bootstrap", "frame-fail=PUSH /getSchemas"]).await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    assert_eq!(client.action("getSchemas").await.error()["code"], "Error");
    client.action("getSchemas").await.data();
}

#[tokio::test]
async fn a_server_that_dies_loses_what_was_open_and_may_come_back() {
    let sandbox = faulty(&["frame-crash=PUSH /close"]).await;
    let server = sandbox.server("dev");
    let before = ids(server, AUTHOR);
    let mut client = Client::push(server, nothing()).await;
    client.stage("entities", vec![entity(AUTHOR, 1, json!({ "name": "Gone" }))]).await;
    assert_eq!(client.action("close").await, Answer::Closed);
    assert!(site(server).is_down());
    site(server).revive();
    assert_eq!(ids(server, AUTHOR), before);
    Client::pull(server).await;
}

#[tokio::test]
async fn something_may_start_a_dead_server_again() {
    let sandbox = assuming(&["crash=restarts"]).await;
    let server = sandbox.server("dev");
    let name = site(server).rows("plugin::upload.file").remove(0)["data"]["hash"].as_str().unwrap().to_owned();
    server.set_faults(&[&format!("unreadable-file={name}.png")]).unwrap();
    let mut client = Client::pull(server).await;
    client.step("start", "assets", Value::Null).await.data();
    assert_eq!(client.next().await, None, "a file that cannot be read kills the server");
    server.set_faults(&[]).unwrap();
    assert!(!pull(server).await.files.is_empty());
}

#[tokio::test]
async fn checksums_of_a_pull_can_be_wrong() {
    let sandbox = faulty(&["wrong-checksum=once"]).await;
    let mut client = Client::pull(sandbox.server("dev")).await;
    let (frames, _) = client.stream("assets").await;
    let mut wrong = 0;
    for batch in &frames {
        let one = std::slice::from_ref(batch);
        wrong += usize::from(std::panic::catch_unwind(|| crate::client::files(one)).is_err());
    }
    assert_eq!(wrong, 1);
}

#[tokio::test]
async fn a_token_may_end_in_the_middle() {
    let sandbox = faulty(&["expire-after=3"]).await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    let error = client.step("stream", "entities", json!([])).await.error();
    assert_eq!((&error["code"], &error["message"]), (&json!("UnauthorizedError"), &json!("Token expired")));
}

#[tokio::test]
async fn faults_of_http_strike_the_upgrade() {
    let sandbox = faulty(&["dev/status=503,GET /admin/transfer/runner/push"]).await;
    let open = async |name| {
        Client::try_open(sandbox.server(name), "push", &format!("EXAMPLE-{name}-transfer-token")).await.err()
    };
    assert_eq!(open("dev").await, Some(503));
    assert_eq!(open("dev").await, None, "once");
    assert_eq!(open("prod").await, None);
}

#[tokio::test]
async fn a_message_over_100_mebibytes_closes_the_socket() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.raw(&" ".repeat(100 * 1024 * 1024 + 1)).await;
    assert_eq!(client.next().await, None);
    while site(server).is_busy() {
        tokio::task::yield_now().await;
    }
}
