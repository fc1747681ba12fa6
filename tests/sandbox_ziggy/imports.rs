//! The import: how its form is read, and the match table for each kind and mode.

use haul::sandbox::{Kind, Server};
use reqwest::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Cli, all_named, json_of, list, named, sandbox, uuid_of};

/// A form with its fields in the given order, its boundary in quotes or not.
fn form(fields: &[(&str, &str)], quoted: bool) -> (String, String) {
    let boundary = "----haul-7MA4YWxk";
    let part = |(name, value): &(&str, &str)| {
        let head = if *name == "file" { "; filename=\"zexport.json\"\r\nContent-Type: application/json" } else { "" };
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n{value}\r\n")
    };
    let body: String = fields.iter().map(part).collect();
    let shown = if quoted { format!("\"{boundary}\"") } else { boundary.to_owned() };
    (format!("multipart/form-data; boundary={shown}"), format!("{body}--{boundary}--\r\n"))
}

async fn post(cli: &Cli, (kind, body): (String, String)) -> reqwest::Response {
    cli.request(Method::POST, "/flow/import").header(header::CONTENT_TYPE, kind).body(body).send().await.unwrap()
}

const EMPTY: &str = r#"{"flows":[],"connections":[],"secrets":[]}"#;

#[rstest]
#[tokio::test]
async fn form_fields_may_stand_in_any_order_and_the_boundary_in_quotes(
    #[values([0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2])] order: [usize; 3],
    #[values(true, false)] quoted: bool,
) {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let cli = Cli::logged_in(prod).await;
    let fields = [("file", EMPTY), ("duplicatesMode", "OVERWRITE"), ("noBackup", "false")];
    let reply = json_of(post(&cli, form(&order.map(|index| fields[index]), quoted)).await, StatusCode::CREATED).await;
    assert_eq!(reply, json!({ "flowsProcessed": [], "connectionsProcessed": [], "secretsProcessed": [] }));
    assert_eq!(prod.dump()["counters"]["backups"], 1);
    let understood = prod.requests().last().unwrap().understood.clone();
    assert_eq!((&understood["fileName"], &understood["duplicatesMode"]), (&json!("zexport.json"), &json!("OVERWRITE")));
}

#[rstest]
#[case::no_file(&[("duplicatesMode", "LEAVE")], "file is required")]
#[case::no_mode(&[("file", EMPTY)], "duplicatesMode")]
#[case::unknown_mode(&[("file", EMPTY), ("duplicatesMode", "MERGE")], "duplicatesMode must be one of")]
#[case::broken_json(&[("file", "{\"flows\": ["), ("duplicatesMode", "LEAVE")], "Invalid JSON")]
#[case::no_list(&[("file", "[]"), ("duplicatesMode", "LEAVE")], "no list of flows")]
#[case::flows_are_no_list(&[("file", "{\"flows\": {}}"), ("duplicatesMode", "LEAVE")], "flows must be an array")]
#[tokio::test]
async fn a_bad_form_is_refused_and_changes_nothing(#[case] fields: &[(&str, &str)], #[case] message: &str) {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let cli = Cli::logged_in(prod).await;
    let refused = json_of(post(&cli, form(fields, false)).await, StatusCode::BAD_REQUEST).await;
    assert!(refused["message"].as_str().unwrap().contains(message), "{refused}");
    assert_eq!(prod.dump()["counters"]["backups"], 0);
}

#[tokio::test]
async fn a_backup_is_made_unless_the_form_says_no() {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let cli = Cli::logged_in(prod).await;
    let file: Value = serde_json::from_str(EMPTY).unwrap();
    for (no_backup, expected) in [(true, 0), (false, 1), (true, 1)] {
        cli.upload(&file, "LEAVE", no_backup).await;
        assert_eq!(prod.dump()["counters"]["backups"], expected);
    }
    post(&cli, form(&[("file", EMPTY), ("duplicatesMode", "LEAVE")], false)).await;
    assert_eq!(prod.dump()["counters"]["backups"], 2, "older clients send no such field");
}

/// Names at dev: one with the same uuid but other content at prod, a namesake with another uuid, one that prod lacks.
fn rows(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Flow => ("Invoice approval", "Lead scoring", "Dunning"),
        Kind::Connection => ("Sales", "Invoice archive", "Product search"),
        Kind::Secret => ("CHAT_HOOK_TOKEN", "S3_SECRET_KEY", "ELASTIC_API_KEY"),
    }
}

/// The items with a mark that shows whether they arrived.
fn bundle(kind: Kind, items: &[&Value]) -> Value {
    let marked: Vec<Value> = items
        .iter()
        .map(|item| {
            let mut item = (*item).clone();
            item["x-mark"] = serde_json::from_str(r#"{ "from": 1.50 }"#).unwrap();
            if kind == Kind::Secret {
                item["devValue"] = Value::Null;
                item["prodValue"] = Value::Null;
            }
            item
        })
        .collect();
    json!({ kind.list(): marked })
}

struct Cast {
    by_uuid: Value,
    by_name: Value,
    unmatched: Value,
    named_at_prod: Value,
}

fn cast(kind: Kind, dev: &Server, prod: &Server) -> Cast {
    let (by_uuid, by_name, unmatched) = rows(kind);
    Cast {
        by_uuid: named(dev, kind, by_uuid),
        by_name: named(dev, kind, by_name),
        unmatched: named(dev, kind, unmatched),
        named_at_prod: named(prod, kind, by_name),
    }
}

fn at(server: &Server, kind: Kind, item: &Value) -> Option<Value> {
    server.item(kind, item["uuid"].as_str().unwrap())
}

#[rstest]
#[tokio::test]
async fn the_reply_names_mode_and_match_of_every_item(
    #[values(Kind::Flow, Kind::Connection, Kind::Secret)] kind: Kind,
    #[values("LEAVE", "OVERWRITE", "RENAME")] mode: &str,
) {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cast = cast(kind, dev, prod);
    let items = [&cast.by_uuid, &cast.by_name, &cast.unmatched];
    let reply = Cli::logged_in(prod).await.import(&bundle(kind, &items), mode).await;
    let expected: Vec<Value> = items
        .iter()
        .zip(["uuid", "name", "unmatched"])
        .map(|(item, method)| {
            json!({
                "uuid": item["uuid"], "name": item["name"], "result": mode, "matchMethod": method, "isProcessed": true,
            })
        })
        .collect();
    assert_eq!(reply[format!("{}Processed", kind.list())], json!(expected));
}

#[rstest]
#[tokio::test]
async fn leave_creates_what_is_missing_and_touches_nothing_else(
    #[values(Kind::Flow, Kind::Connection, Kind::Secret)] kind: Kind,
) {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cast = cast(kind, dev, prod);
    let before = prod.dump();
    let file = bundle(kind, &[&cast.by_uuid, &cast.by_name, &cast.unmatched]);
    Cli::logged_in(prod).await.import(&file, "LEAVE").await;
    let after = prod.dump();
    let count = list(&before, kind.list()).len();
    assert_eq!(list(&after, kind.list())[..count], *list(&before, kind.list()), "what was there is as it was");
    assert_eq!(list(&after, kind.list()).len(), count + 1);
    let made = at(prod, kind, &cast.unmatched).unwrap();
    assert_eq!(made["x-mark"]["from"].to_string(), "1.50", "unknown fields arrive with the text of their numbers");
    assert_eq!(list(&after, "namedSaves").len(), 0);
}

#[rstest]
#[tokio::test]
async fn overwrite_replaces_by_uuid_and_by_name_and_creates_the_rest(
    #[values(Kind::Flow, Kind::Connection, Kind::Secret)] kind: Kind,
) {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cast = cast(kind, dev, prod);
    let count = list(&prod.dump(), kind.list()).len();
    let file = bundle(kind, &[&cast.by_uuid, &cast.by_name, &cast.unmatched]);
    Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
    assert_eq!(list(&prod.dump(), kind.list()).len(), count + 1);
    for item in [&cast.by_uuid, &cast.named_at_prod, &cast.unmatched] {
        assert!(at(prod, kind, item).unwrap()["x-mark"].is_object(), "{item}");
    }
    assert!(at(prod, kind, &cast.by_name).is_none(), "the destination's uuid survives");
}

#[rstest]
#[tokio::test]
async fn rename_makes_copies_of_matched_items_and_leaves_the_originals(
    #[values(Kind::Flow, Kind::Connection, Kind::Secret)] kind: Kind,
) {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cast = cast(kind, dev, prod);
    let before = prod.dump();
    let file = bundle(kind, &[&cast.by_uuid, &cast.by_name, &cast.unmatched]);
    Cli::logged_in(prod).await.import(&file, "RENAME").await;
    let count = list(&before, kind.list()).len();
    assert_eq!(list(&prod.dump(), kind.list())[..count], *list(&before, kind.list()));
    for item in [&cast.by_uuid, &cast.by_name] {
        let copy = named(prod, kind, &format!("{} (imported)", item["name"].as_str().unwrap()));
        assert!(copy["x-mark"].is_object() && copy["uuid"] != item["uuid"]);
    }
    assert_eq!(at(prod, kind, &cast.unmatched).unwrap()["name"], cast.unmatched["name"]);
}

#[tokio::test]
async fn an_overwritten_flow_gets_a_pre_import_save_and_nothing_else_does() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cli = Cli::logged_in(prod).await;
    let before = named(prod, Kind::Flow, "Invoice approval");
    for kind in Kind::ALL {
        let cast = cast(kind, dev, prod);
        cli.import(&bundle(kind, &[&cast.by_uuid]), "OVERWRITE").await;
    }
    let saves = cli.get(&format!("/ziggy/named-saves/{}", before["uuid"].as_str().unwrap())).await;
    assert_eq!(saves.as_array().unwrap().len(), 1);
    assert_eq!(saves[0]["saveName"], "Pre import");
    let dump = prod.dump();
    assert_eq!(list(&dump, "namedSaves").len(), 1);
    assert_eq!(dump["namedSaves"][0]["flowHistory"], before);
}

#[tokio::test]
async fn the_value_of_an_overwritten_secret_stays_and_a_created_one_has_none() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cast = cast(Kind::Secret, dev, prod);
    let file = bundle(Kind::Secret, &[&cast.by_uuid, &cast.by_name, &cast.unmatched]);
    Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
    assert_eq!(named(prod, Kind::Secret, "CHAT_HOOK_TOKEN")["devValue"], "EXAMPLE-chat-at-prod");
    assert_eq!(named(prod, Kind::Secret, "S3_SECRET_KEY")["devValue"], "EXAMPLE-s3-secret-at-prod");
    assert_eq!(named(prod, Kind::Secret, "ELASTIC_API_KEY")["devValue"], Value::Null);
}

#[tokio::test]
async fn the_uuid_wins_over_the_name() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let mut flow = named(dev, Kind::Flow, "Merge contacts");
    flow["name"] = json!("SMS Test");
    let reply = Cli::logged_in(prod).await.import(&json!({ "flows": [flow] }), "OVERWRITE").await;
    assert_eq!(reply["flowsProcessed"][0]["matchMethod"], "uuid");
    assert_eq!(all_named(prod, Kind::Flow, "SMS Test").len(), 2);
    assert!(all_named(prod, Kind::Flow, "Merge contacts (CRM team)").is_empty());
}

#[tokio::test]
async fn an_item_without_uuid_or_name_fails_alone() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let good = named(dev, Kind::Flow, "Dunning");
    let file = json!({ "flows": [{ "name": "No uuid" }, { "uuid": "no-name" }, good] });
    let reply = Cli::logged_in(prod).await.import(&file, "LEAVE").await;
    let processed: Vec<bool> =
        list(&reply, "flowsProcessed").iter().map(|item| item["isProcessed"].as_bool().unwrap()).collect();
    assert_eq!(processed, [false, false, true]);
    assert!(reply["flowsProcessed"][0]["error"].is_string() && reply["flowsProcessed"][2]["error"].is_null());
}

#[tokio::test]
async fn everything_exported_from_dev_can_be_imported_into_prod() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let file = Cli::logged_in(dev).await.export(&[], &[]).await;
    let reply = Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
    for kind in Kind::ALL {
        let processed = list(&reply, &format!("{}Processed", kind.list())).to_vec();
        assert_eq!(processed.len(), list(&file, kind.list()).len());
        assert!(processed.iter().all(|item| item["isProcessed"] == true));
    }
    let lead = uuid_of(prod, Kind::Flow, "Lead scoring");
    assert_ne!(lead, uuid_of(dev, Kind::Flow, "Lead scoring"), "a namesake keeps the destination's uuid");
}
