//! Each fault, as a client meets it.

use std::time::Duration;

use haul::sandbox::{Kind, SandboxOptions, start};
use reqwest::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Cli, faulty, json_of, list, named, sandbox, texts, uuid_of};

async fn status(cli: &Cli, path: &str) -> u16 {
    cli.send(Method::GET, path, None).await.status().as_u16()
}

#[tokio::test]
async fn a_token_expires_midway_and_a_new_login_helps() {
    let sandbox = faulty(&["expire-after=2"]).await;
    let mut cli = Cli::logged_in(sandbox.server("dev")).await;
    assert_eq!(
        [status(&cli, "/secret").await, status(&cli, "/secret").await, status(&cli, "/secret").await],
        [200, 200, 401]
    );
    cli.login().await;
    assert_eq!(status(&cli, "/secret").await, 200);
}

#[rstest]
#[case("too-many=2", Some("1"))]
#[case("too-many=2,7", Some("7"))]
#[case("too-many=2,none", None)]
#[tokio::test]
async fn every_second_request_is_too_many(#[case] fault: &str, #[case] retry_after: Option<&str>) {
    let sandbox = faulty(&[fault]).await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    let refused = cli.send(Method::GET, "/secret", None).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap()), retry_after);
    assert_eq!(status(&cli, "/secret").await, 200);
}

#[tokio::test]
async fn retry_after_can_be_a_date() {
    let sandbox = faulty(&["too-many=2,date"]).await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    let refused = cli.send(Method::GET, "/secret", None).await;
    let date = refused.headers()[header::RETRY_AFTER].to_str().unwrap();
    jiff::fmt::rfc2822::parse(date).unwrap_or_else(|error| panic!("{date}: {error}"));
    assert!(date.ends_with(" GMT"), "{date}");
}

#[tokio::test]
async fn the_same_seed_fails_the_same_requests() {
    let mut runs = Vec::new();
    for seed in [4, 4, 5] {
        let sandbox = start(SandboxOptions { fail_rate: 0.5, seed, ..SandboxOptions::default() }).await.unwrap();
        let cli = Cli::at(sandbox.server("dev"));
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(status(&cli, "/health").await);
        }
        runs.push(seen);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains(&200) && runs[0].iter().any(|status| *status >= 500));
}

#[tokio::test]
async fn a_connection_cut_before_the_handler_leaves_nothing_done() {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let cli = Cli::logged_in(prod).await;
    prod.set_faults(&["cut-before=POST /system/backup-db"]).unwrap();
    let lost = cli.request(Method::POST, "/system/backup-db").send().await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(prod.dump()["counters"]["backups"], 0);
    assert_eq!(prod.requests().last().unwrap().status, None);
    json_of(cli.send(Method::POST, "/system/backup-db", None).await, StatusCode::CREATED).await;
}

#[tokio::test]
async fn a_reply_can_be_lost_after_the_work_was_done() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cli = Cli::logged_in(prod).await;
    prod.set_faults(&["cut-after=2:POST /flow/import"]).unwrap();
    let file = json!({ "flows": [named(dev, Kind::Flow, "Dunning")] });
    let empty = json!({ "flows": [] });
    cli.import(&empty, "LEAVE").await;
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::text(file.to_string()).file_name("f.json"))
        .text("duplicatesMode", "LEAVE")
        .text("noBackup", "true");
    let lost = cli.request(Method::POST, "/flow/import").multipart(form).send().await;
    assert!(lost.is_err(), "{lost:?}");
    named(prod, Kind::Flow, "Dunning");
}

#[tokio::test]
async fn a_stalled_request_never_answers_and_a_stalled_body_never_ends() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    dev.set_faults(&["stall=/secret", "stall-body=/connection"]).unwrap();
    let short = Duration::from_millis(300);
    let stalled = cli.request(Method::GET, "/secret").timeout(short).send().await;
    assert!(stalled.unwrap_err().is_timeout());
    let begun = cli.request(Method::GET, "/connection").timeout(short).send().await.unwrap();
    assert_eq!(begun.status(), StatusCode::OK);
    assert!(begun.bytes().await.is_err());
    assert_eq!(status(&cli, "/secret").await, 200, "only the first was struck");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_slow_body_arrives_whole() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let quick = cli.get("/connection").await;
    dev.set_faults(&["slow-body=1,/connection", "latency=1"]).unwrap();
    assert_eq!(cli.get("/connection").await, quick);
}

#[tokio::test]
async fn a_status_can_come_instead_of_the_work_or_after_it() {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let cli = Cli::logged_in(prod).await;
    prod.set_faults(&["status=403,POST /system/backup-db", "status-after=504,2:POST /system/backup-db"]).unwrap();
    let refused = json_of(cli.send(Method::POST, "/system/backup-db", None).await, StatusCode::FORBIDDEN).await;
    assert_eq!(refused["statusCode"], 403);
    assert_eq!(prod.dump()["counters"]["backups"], 0);
    json_of(cli.send(Method::POST, "/system/backup-db", None).await, StatusCode::GATEWAY_TIMEOUT).await;
    assert_eq!(prod.dump()["counters"]["backups"], 1);
}

#[tokio::test]
async fn an_export_file_can_be_stale_foreign_or_cut_off() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let (sms, dunning) = (uuid_of(dev, Kind::Flow, "SMS Test"), uuid_of(dev, Kind::Flow, "Dunning"));
    cli.export(&[], &[&sms]).await;

    dev.set_faults(&["stale-export=once"]).unwrap();
    assert_eq!(texts(list(&cli.export(&[], &[&dunning]).await, "flows"), "name"), ["SMS Test"]);
    assert_eq!(texts(list(&cli.export(&[], &[&dunning]).await, "flows"), "name"), ["Dunning"]);

    dev.set_faults(&["foreign-export=always"]).unwrap();
    for _ in 0..2 {
        assert_ne!(texts(list(&cli.export(&[], &[&dunning]).await, "flows"), "name"), ["Dunning"]);
    }

    dev.set_faults(&["truncated-export=once"]).unwrap();
    cli.post("/flow/export-tagged", json!({ "tags": [], "flowUuids": [sms] })).await;
    let text = cli.send(Method::GET, "/flow/export-tagged", None).await.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
    cli.get("/flow/export-tagged").await;
}

#[tokio::test]
async fn an_import_can_fail_or_forget_single_items() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cli = Cli::logged_in(prod).await;
    let flows = ["Dunning", "Churn warning", "Agent run"].map(|name| named(dev, Kind::Flow, name));
    let uuid = |index: usize| flows[index]["uuid"].as_str().unwrap();
    prod.set_faults(&[&format!("fail-import={}", uuid(0)), &format!("ignore-import={}", uuid(1))]).unwrap();
    let reply = cli.import(&json!({ "flows": flows }), "LEAVE").await;
    assert_eq!(reply["flowsProcessed"][0]["isProcessed"], false);
    assert!(reply["flowsProcessed"][0]["error"].as_str().unwrap().contains(uuid(0)));
    assert_eq!(reply["flowsProcessed"][1]["isProcessed"], true);
    let there = [0, 1, 2].map(|index| prod.item(Kind::Flow, uuid(index)).is_some());
    assert_eq!(there, [false, false, true]);
}

#[rstest]
#[case("odd-reply=missing", 1, "unmatched")]
#[case("odd-reply=extra", 3, "unmatched")]
#[case("odd-reply=match", 2, "name")]
#[tokio::test]
async fn the_reply_of_an_import_can_differ_from_what_was_done(
    #[case] fault: &str,
    #[case] count: usize,
    #[case] last_match: &str,
) {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let flows = ["Dunning", "Churn warning"].map(|name| named(dev, Kind::Flow, name));
    prod.set_faults(&[fault]).unwrap();
    let reply = Cli::logged_in(prod).await.import(&json!({ "flows": flows }), "LEAVE").await;
    let processed = list(&reply, "flowsProcessed");
    assert_eq!((processed.len(), processed.last().unwrap()["matchMethod"].as_str().unwrap()), (count, last_match));
    named(prod, Kind::Flow, "Churn warning");
}

#[tokio::test]
async fn a_failed_backup_says_201_and_stops_an_import_that_wants_one() {
    let sandbox = faulty(&["backup-fails"]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cli = Cli::logged_in(prod).await;
    let reply = json_of(cli.send(Method::POST, "/system/backup-db", None).await, StatusCode::CREATED).await;
    assert_eq!(reply["localBackupStatus"], "failed");
    let file = json!({ "flows": [named(dev, Kind::Flow, "Dunning")] });
    json_of(cli.upload(&file, "LEAVE", false).await, StatusCode::INTERNAL_SERVER_ERROR).await;
    let dump = prod.dump();
    assert_eq!((&dump["counters"]["backups"], &dump["counters"]["imports"]), (&json!(0), &json!(0)));
    json_of(cli.upload(&file, "LEAVE", true).await, StatusCode::CREATED).await;
}

#[tokio::test]
async fn a_big_file_is_too_big() {
    let sandbox = faulty(&["max-upload=1000"]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cli = Cli::logged_in(prod).await;
    let file = json!({ "flows": [named(dev, Kind::Flow, "Dunning")] });
    json_of(cli.upload(&file, "LEAVE", true).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(prod.item(Kind::Flow, file["flows"][0]["uuid"].as_str().unwrap()).is_none());
}

#[tokio::test]
async fn a_server_can_refuse_logins_and_be_ill() {
    let sandbox = faulty(&["prod/login-refused", "prod/unhealthy"]).await;
    let cli = Cli::at(sandbox.server("prod"));
    let body = json!({ "username": cli.user, "password": cli.password });
    json_of(cli.send(Method::POST, "/auth/login", Some(body)).await, StatusCode::UNAUTHORIZED).await;
    assert_eq!(status(&cli, "/health").await, 503);
    assert_eq!(status(&Cli::logged_in(sandbox.server("dev")).await, "/health").await, 200, "dev is well");
}

#[tokio::test]
async fn a_sandbox_does_not_start_with_a_fault_or_a_switch_that_makes_no_sense() {
    let refusal = |options: SandboxOptions| async move { start(options).await.unwrap_err().to_string() };
    let texts = |text: &str| vec![text.to_owned()];
    let plain = SandboxOptions::default;
    assert!(refusal(SandboxOptions { faults: texts("nonsense"), ..plain() }).await.contains("there is no fault"));
    assert!(
        refusal(SandboxOptions { faults: texts("test/latency=1"), ..plain() }).await.contains("choose dev or prod")
    );
    assert!(refusal(SandboxOptions { switches: texts("layout=flat"), ..plain() }).await.contains("object, nested"));
    assert!(refusal(SandboxOptions { layout: Some("flat".to_owned()), ..plain() }).await.contains("object, nested"));
    assert!(refusal(SandboxOptions { fail_rate: 2.0, ..plain() }).await.contains("between 0 and 1"));
    assert!(refusal(SandboxOptions { platform: Some("oracle".to_owned()), ..plain() }).await.contains("choose one of"));
}
