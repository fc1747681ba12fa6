//! The sandbox as a whole: what it announces, what it holds, how it starts and ends.

use haul::sandbox::{Kind, PLATFORMS, Sandbox, SandboxOptions, SecretField, start};
use serde_json::{Value, json};

use crate::client::{Cli, all_named, list, named, sandbox, texts, uuid_of};

async fn generated(items: usize, seed: u64) -> Sandbox {
    start(SandboxOptions { items: Some(items), seed, ..SandboxOptions::default() }).await.unwrap()
}

#[tokio::test]
async fn the_announcement_is_one_line_with_all_that_a_user_needs() {
    let sandbox = sandbox().await;
    let line = sandbox.announce();
    assert_eq!(line["schema"], 1);
    assert_eq!(texts(list(&line, "servers"), "name"), ["dev", "prod"]);
    for server in list(&line, "servers") {
        let fields: Vec<&String> = server.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["platform", "name", "url", "user", "password", "token"]);
        assert!(server["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
        assert_eq!(server["token"], Value::Null);
        assert!(PLATFORMS.contains(&server["platform"].as_str().unwrap()));
    }
    assert!(!line.to_string().contains('\n'));
}

#[tokio::test]
async fn a_first_port_can_be_chosen_and_the_second_server_has_the_next() {
    // Another process may take a port between the look and the use, so a few are tried.
    for _ in 0..20 {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = SandboxOptions { port: Some(free), ..SandboxOptions::default() };
        if let Ok(sandbox) = start(options).await {
            assert_eq!(sandbox.servers[0].url, format!("http://127.0.0.1:{free}"));
            assert_eq!(sandbox.servers[1].url, format!("http://127.0.0.1:{}", free + 1));
            return;
        }
    }
    panic!("no two free ports beside each other were found");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = start(SandboxOptions { port: Some(port), ..SandboxOptions::default() }).await.unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn nobody_answers_after_the_end() {
    let sandbox = sandbox().await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    sandbox.stop().await;
    assert!(cli.request(reqwest::Method::GET, "/flow").send().await.is_err());
}

#[tokio::test]
async fn two_sandboxes_hold_the_same_content() {
    let (one, two) = (sandbox().await, sandbox().await);
    for name in ["dev", "prod"] {
        assert_eq!(one.server(name).dump(), two.server(name).dump());
    }
}

#[tokio::test]
async fn generated_content_depends_on_number_and_seed_alone() {
    let (one, two, other) = (generated(300, 5).await, generated(300, 5).await, generated(300, 6).await);
    for name in ["dev", "prod"] {
        assert_eq!(one.server(name).dump(), two.server(name).dump());
        assert_ne!(one.server(name).dump(), other.server(name).dump());
        assert_eq!(list(&one.server(name).dump(), "flows").len(), 300);
        assert_eq!(list(&one.server(name).dump(), "connections").len(), 30);
    }
}

#[tokio::test]
async fn no_generated_flows_are_no_trouble() {
    let sandbox = generated(0, 1).await;
    assert_eq!(list(&Cli::logged_in(sandbox.server("dev")).await.export(&[], &[]).await, "flows").len(), 0);
}

#[tokio::test]
async fn generated_content_travels_like_any_other() {
    let sandbox = generated(60, 1).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let file = Cli::logged_in(dev).await.export(&[], &[]).await;
    let reply = Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
    let processed = list(&reply, "flowsProcessed");
    assert_eq!(processed.len(), 60);
    for method in ["uuid", "name", "unmatched"] {
        assert!(processed.iter().any(|item| item["matchMethod"] == method), "{method}");
    }
}

#[tokio::test]
async fn a_hundred_thousand_flows_can_be_listed() {
    let sandbox = generated(100_000, 1).await;
    let flows = Cli::logged_in(sandbox.server("dev")).await.get("/flow?search=&flowId=&tags=").await;
    assert_eq!(flows.as_array().unwrap().len(), 100_000);
}

#[tokio::test]
async fn the_ambiguous_cases_come_only_when_asked_for() {
    let with = start(SandboxOptions { ambiguous: true, ..SandboxOptions::default() }).await.unwrap();
    let without = sandbox().await;
    assert!(all_named(without.server("prod"), Kind::Flow, "Parcel tracking").is_empty());
    let (dev, prod) = (with.server("dev"), with.server("prod"));
    for (kind, twice, renamed, retired) in [
        (Kind::Flow, "Parcel tracking", "Duty roster", "Retired report"),
        (Kind::Connection, "Broker", "Roster database", "Retired database"),
        (Kind::Secret, "BROKER_TOKEN", "ROSTER_TOKEN", "RETIRED_TOKEN"),
    ] {
        assert_eq!(all_named(prod, kind, twice).len(), 2, "two namesakes");
        let uuid = uuid_of(dev, kind, renamed);
        assert_ne!(prod.item(kind, &uuid).unwrap()["name"], renamed, "the uuid hits one");
        assert_ne!(uuid_of(prod, kind, renamed), uuid, "the name hits another");
        assert_eq!(prod.item(kind, &uuid_of(dev, kind, retired)).unwrap()["isDeleted"], true);
    }
}

#[tokio::test]
async fn a_test_can_change_the_state_behind_the_wire_and_reset_it() {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let before = prod.dump();
    let flow = named(prod, Kind::Flow, "SMS Test");
    let uuid = flow["uuid"].as_str().unwrap();
    assert!(prod.edit(Kind::Flow, uuid, |flow| flow["info"] = json!("edited")));
    let edited = prod.item(Kind::Flow, uuid).unwrap();
    assert_eq!(edited["info"], "edited");
    assert_ne!(edited["updatedAt"], flow["updatedAt"]);
    let secret = uuid_of(prod, Kind::Secret, "TWILIO_TOKEN");
    assert!(prod.set_secret_value(&secret, SecretField::Prod, Some("EXAMPLE-set")));
    assert_eq!(named(prod, Kind::Secret, "TWILIO_TOKEN")["prodValue"], "EXAMPLE-set");
    assert!(prod.erase(Kind::Connection, &uuid_of(prod, Kind::Connection, "Twilio")));
    prod.upsert(Kind::Secret, json!({ "uuid": "extra", "name": "EXTRA" }));
    named(prod, Kind::Secret, "EXTRA");
    assert!(!prod.edit(Kind::Flow, "unknown", |_| ()) && !prod.delete(Kind::Flow, "unknown"));
    prod.reset().unwrap();
    assert_eq!(prod.dump(), before);
}

#[tokio::test]
async fn tokens_can_be_made_to_expire() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    dev.expire_tokens();
    assert_eq!(cli.send(reqwest::Method::GET, "/flow", None).await.status().as_u16(), 401);
}

#[test]
fn the_sandbox_imports_no_other_room() {
    fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { sources(&path, found) } else { found.push(path) }
        }
    }
    let mut files = Vec::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox"), &mut files);
    assert!(files.len() > 20);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let strangers = text.matches("crate::").count() - text.matches("crate::sandbox").count();
        assert_eq!(strangers, 0, "{}", file.display());
    }
}
