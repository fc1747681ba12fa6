//! The envelope, the order of a push, and what is said where the order is wrong.

use serde_json::{Value, json};

use crate::client::{AUTHOR, Answer, Client, entity, ids, nothing, sandbox, site};

#[tokio::test]
async fn before_bootstrap_there_is_no_server() {
    let sandbox = sandbox().await;
    let mut client = Client::open(sandbox.server("dev"), "push").await;
    let error = client.action("getMetadata").await.error();
    assert_eq!(error, json!({ "code": "Error", "message": "Invalid Transfer Process", "details": {} }));
    let reply = client.init(nothing()).await;
    assert_eq!((&reply["checksums"], &reply["assetEncoding"]), (&json!(true), &json!("base64")));
    let error = client.action("getSchemas").await.error();
    assert_eq!(error["message"], "Not able to get Schemas. Strapi instance not found.");
    assert_eq!(error["details"], json!({ "step": "initialization" }));
    assert_eq!(client.action("beforeTransfer").await.message(), "Strapi instance not found");
}

#[tokio::test]
async fn commands_and_actions_have_to_be_known() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    assert_eq!(client.command("nope", Value::Null).await.message(), "Invalid transfer command");
    let error = client.action("nope").await.error();
    assert_eq!(error["message"], "Invalid action provided: \"nope\"");
    assert_eq!(error["details"]["details"]["action"], "nope");
    assert_eq!(client.ask(json!({ "type": "transfer", "kind": "x" })).await, Answer::Data(Value::Null));
    assert_eq!(client.command("init", Value::Null).await.message(), "Transfer already in progress");
    let status = client.command("status", Value::Null).await.data();
    assert_eq!((&status["active"], &status["kind"]), (&json!(true), &json!("push")));
    client.abandon().await;
}

#[tokio::test]
async fn stages_go_forward_only_and_one_at_a_time() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    let error = client.action("bootstrap").await.error();
    assert_eq!(error["message"], "Invalid action \"bootstrap\" found for the current flow ");
    assert_eq!(client.step("stream", "entities", json!([])).await.message(), "You need to init first");
    let unknown = client.step("start", "schemas", Value::Null).await.message();
    assert_eq!(unknown, "Invalid transfer step, impossible to create a stream");
    client.step("end", "schemas", Value::Null).await.data();
    client.step("start", "entities", Value::Null).await.data();
    assert_eq!(
        client.step("start", "links", Value::Null).await.message(),
        "It's not possible to start a new transfer stage (links) while another one is in progress (entities)"
    );
    client.step("end", "entities", Value::Null).await.data();
    client.step("start", "entities", Value::Null).await.data();
    client.step("end", "entities", Value::Null).await.data();
    let late = client.action("beforeTransfer").await.message();
    assert_eq!(late, "Invalid action \"beforeTransfer\" found for the current flow ");
    client.stage("links", vec![]).await;
    let back = client.step("start", "entities", Value::Null).await.error();
    assert_eq!(back["message"], "Invalid stage (entities) provided for the current flow");
    assert_eq!(back["details"]["step"], "transfer");
    client.abandon().await;
}

#[tokio::test]
async fn another_strategy_is_refused_at_bootstrap() {
    let sandbox = sandbox().await;
    let mut client = Client::open(sandbox.server("dev"), "push").await;
    let options = json!({ "options": { "strategy": "merge", "restore": {} } });
    client.command("init", options).await.data();
    let error = client.action("bootstrap").await.error();
    assert_eq!(
        (&error["message"], &error["details"]["step"]),
        (&json!("Invalid strategy merge"), &json!("validation"))
    );
}

#[tokio::test]
async fn end_asks_for_the_id_and_a_new_transfer_may_follow() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    let wrong = client.command("end", json!({ "transferID": "x" })).await.message();
    assert_eq!(wrong, "Bad transfer ID provided");
    client.action("close").await.data();
    client.end().await.data();
    assert_eq!(client.action("getMetadata").await.message(), "Invalid Transfer Process");
    client.init(nothing()).await;
    client.action("bootstrap").await.data();
    client.abandon().await;
}

#[tokio::test]
async fn a_frame_sent_again_is_not_executed_again() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let before = ids(server, AUTHOR).len();
    let mut client = Client::push(server, nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    let frame = json!({ "type": "transfer", "kind": "step", "action": "stream", "step": "entities",
        "data": [entity(AUTHOR, 1, json!({ "name": "Once" }))], "uuid": "the-same" });
    client.ask(frame.clone()).await.data();
    client.ask(frame.clone()).await.data();
    client.command("status", Value::Null).await.data();
    client.send(frame).await;
    assert!(client.is_silent().await, "only the newest frame is answered again");
    client.step("end", "entities", Value::Null).await.data();
    client.finish().await;
    assert_eq!(ids(server, AUTHOR).len(), before + 1);
}

#[tokio::test]
async fn frames_that_ask_nothing_are_ignored_and_broken_ones_cut_the_socket() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    for frame in [r#"{"type":"command"}"#, r#"{"uuid":"a"}"#, r#"{"type":"other","uuid":"b"}"#, "5"] {
        client.raw(frame).await;
    }
    assert!(client.is_silent().await);
    let empty = client.ask(json!({ "type": "command", "command": "status", "uuid": "" })).await;
    assert_eq!(empty.message(), "Missing uuid in message");
    client.stage("entities", vec![entity(AUTHOR, 1, json!({ "name": "Lost" }))]).await;
    client.raw("{").await;
    assert_eq!(client.next().await, None);
    assert!(!site(server).rows(AUTHOR).iter().any(|row| row["data"]["name"] == "Lost"), "rolled back");
}

#[tokio::test]
async fn frames_may_be_sent_ahead_of_their_replies() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::open(server, "push").await;
    let options = json!({ "options": { "strategy": "restore", "restore": nothing() } });
    let step = |action: &str, data: Value| json!({ "type": "transfer", "kind": "step", "action": action, "step": "entities", "data": data });
    let action = |action: &str| json!({ "type": "transfer", "kind": "action", "action": action });
    let frames = [
        json!({ "type": "command", "command": "init", "params": options }),
        action("bootstrap"),
        step("start", Value::Null),
        step("stream", json!([entity(AUTHOR, 1, json!({ "name": "Ahead" }))])),
        step("end", Value::Null),
        action("close"),
    ];
    let mut uuids = Vec::new();
    for frame in frames {
        uuids.push(client.send(frame).await);
    }
    for uuid in uuids {
        client.answer(&uuid).await.data();
    }
    assert!(site(server).rows(AUTHOR).iter().any(|row| row["data"]["name"] == "Ahead"));
}

#[tokio::test]
async fn pings_are_answered_and_the_log_has_the_frames() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    assert!(client.has_pong().await);
    client.abandon().await;
    let received: Vec<String> = site(server)
        .frames()
        .iter()
        .filter(|frame| frame.received)
        .map(|frame| frame.frame["action"].as_str().or(frame.frame["command"].as_str()).unwrap().to_owned())
        .collect();
    assert_eq!(received, ["init", "bootstrap", "rollback", "close", "end"]);
}
