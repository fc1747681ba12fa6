//! Faults: what can go wrong between a client and a space, told to happen.

use std::time::{Duration, Instant};

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, faulty, sandbox, space};

const TAG: &str = "/api/v1/content/_tag/_tag-1";

#[rstest]
#[case("too-many=2", Some("1"))]
#[case("too-many=2,7", Some("7"))]
#[case("too-many=2,none", None)]
#[tokio::test]
async fn every_nth_request_is_429(#[case] fault: &str, #[case] wait: Option<&str>) {
    let sandbox = faulty(&[fault]).await;
    let api = Api::dev(&sandbox);
    assert_eq!(api.send(Method::GET, TAG, None).await.status(), 200);
    let reply = api.send(Method::GET, TAG, None).await;
    assert_eq!(reply.status(), 429);
    assert_eq!(reply.headers().get("retry-after").map(|value| value.to_str().unwrap()), wait);
    assert_eq!(reply.json::<Value>().await.unwrap(), json!({ "code": 429, "message": "Too Many Requests" }));
}

#[tokio::test]
async fn a_wait_can_be_ordered_as_a_date() {
    let sandbox = faulty(&["too-many=1,date"]).await;
    let reply = Api::dev(&sandbox).send(Method::GET, TAG, None).await;
    let date = reply.headers()["retry-after"].to_str().unwrap().to_owned();
    assert!(date.ends_with(" GMT") && date.contains(", "), "{date}");
}

#[tokio::test]
async fn a_part_of_all_requests_is_429_in_all_three_forms() {
    let sandbox = faulty(&["too-many-rate=0.5,0"]).await;
    let api = Api::dev(&sandbox);
    let (mut seconds, mut dates, mut none, mut served) = (0, 0, 0, 0);
    for _ in 0..60 {
        let reply = api.send(Method::GET, TAG, None).await;
        match reply.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned()) {
            _ if reply.status() == 200 => served += 1,
            None => none += 1,
            Some(wait) if wait == "0" => seconds += 1,
            Some(_) => dates += 1,
        }
    }
    assert!(served > 15 && seconds > 3 && dates > 3 && none > 3, "{served} {seconds} {dates} {none}");
}

#[tokio::test]
async fn whoever_does_not_wait_is_counted() {
    let sandbox = faulty(&["too-many=2,60"]).await;
    let api = Api::dev(&sandbox);
    api.send(Method::GET, TAG, None).await;
    assert_eq!(api.send(Method::GET, TAG, None).await.status(), 429);
    tokio::time::sleep(Duration::from_millis(200)).await;
    api.send(Method::GET, TAG, None).await;
    assert_eq!(space(&sandbox).early(), 1);
    assert_eq!(sandbox.server("dev").dump()["counters"]["early"], 1);
}

#[tokio::test]
async fn more_requests_than_allowed_in_a_second_are_429() {
    let sandbox = faulty(&["rate-limit=5"]).await;
    let api = Api::dev(&sandbox);
    let start = Instant::now();
    let mut refused = 0;
    for _ in 0..12 {
        refused += usize::from(api.send(Method::GET, TAG, None).await.status() == 429);
    }
    // On a machine that stood still for a second the rule has nothing to say.
    assert!(refused >= 5 || start.elapsed() > Duration::from_millis(900), "{refused}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(api.send(Method::GET, TAG, None).await.status(), 200);
}

#[tokio::test]
async fn after_the_quota_every_call_is_403_but_files_are_read() {
    let sandbox = faulty(&["quota=2"]).await;
    let api = Api::dev(&sandbox);
    api.get(TAG).await;
    api.get(TAG).await;
    let body = api.expect(Method::GET, TAG, None, 403).await;
    assert_eq!(body["message"], "Access denied or quota limit exceeded");
    assert_eq!(api.upload("file", "a.txt", "text/plain", b"a").await.0, 403);
    let url = space(&sandbox).objects("_media")[0]["url"].as_str().unwrap().to_owned();
    assert_eq!(api.request(Method::GET, &url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_key_can_expire_in_the_middle() {
    let sandbox = faulty(&["expire-after=1"]).await;
    let api = Api::dev(&sandbox);
    api.get(TAG).await;
    api.expect(Method::GET, TAG, None, 401).await;
}

#[rstest]
#[case("status=500,PATCH *", 500, false)]
#[case("status=503,PATCH *", 503, false)]
#[case("status-after=503,PATCH *", 503, true)]
#[tokio::test]
async fn a_request_fails_before_or_after_it_was_carried_out(
    #[case] fault: &str,
    #[case] status: u16,
    #[case] done: bool,
) {
    let sandbox = faulty(&[fault]).await;
    let api = Api::dev(&sandbox);
    api.refused(Method::PATCH, TAG, &json!({ "name": "new" }), status).await;
    assert_eq!(space(&sandbox).object("_tag", "_tag-1").unwrap()["name"] == "new", done);
}

#[rstest]
#[case("cut-before=PATCH *", false)]
#[case("cut-after=PATCH *", true)]
#[case("cut-body=PATCH *", true)]
#[case("stall-after=PATCH *", true)]
#[tokio::test]
async fn a_reply_is_lost_before_or_after_the_commit(#[case] fault: &str, #[case] done: bool) {
    let sandbox = faulty(&[fault]).await;
    let api = Api::dev(&sandbox);
    let request = api.request(Method::PATCH, TAG).header("Content-Type", "application/json");
    let reply = request.body(json!({ "name": "new" }).to_string()).timeout(Duration::from_millis(700)).send().await;
    let whole = match reply {
        Ok(reply) => reply.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole);
    assert_eq!(space(&sandbox).object("_tag", "_tag-1").unwrap()["name"] == "new", done);
}

#[tokio::test]
async fn replies_can_be_lost_at_random() {
    let sandbox = faulty(&["lose-rate=1"]).await;
    let api = Api::dev(&sandbox);
    let request = api.request(Method::PATCH, TAG).header("Content-Type", "application/json");
    assert!(request.body(json!({ "name": "new" }).to_string()).send().await.is_err());
    assert_eq!(space(&sandbox).object("_tag", "_tag-1").unwrap()["name"], "new");
}

#[tokio::test]
async fn a_body_can_come_slowly() {
    let sandbox = faulty(&["slow-body=20,GET *"]).await;
    let start = Instant::now();
    assert_eq!(Api::dev(&sandbox).get(TAG).await["id"], "_tag-1");
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_reset_brings_everything_back_and_the_difference_names_what_changed() {
    let sandbox = sandbox().await;
    let (api, server) = (Api::dev(&sandbox), sandbox.server("dev"));
    let before = server.dump();
    api.patch(TAG, &json!({ "name": "new" })).await;
    api.expect(Method::DELETE, "/api/v1/content/_tag/_tag-6", None, 204).await;
    let changes = haul::sandbox::changes(&before["types"], &server.dump()["types"]);
    assert!(changes.iter().any(|change| change.starts_with("/_tag/objects/_tag-1/shown/name")), "{changes:#?}");
    assert!(changes.iter().any(|change| change == "/_tag/objects/_tag-6 is gone"), "{changes:#?}");
    assert!(changes.iter().all(|change| change.starts_with("/_tag/")), "{changes:#?}");
    server.reset().unwrap();
    assert!(haul::sandbox::changes(&before, &server.dump()).is_empty());
}
