//! Each assumption, in both positions.

use haul::sandbox::{Kind, Switch};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Cli, all_named, assuming, json_of, list, named, sandbox, texts, uuid_of};

#[tokio::test]
async fn the_nested_layout_holds_connections_and_secrets_inside_the_flows() {
    let sandbox = assuming(&["layout=nested"]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let file = Cli::logged_in(dev).await.export(&["support"], &[]).await;
    let flow = file.as_array().unwrap().iter().find(|flow| flow["name"] == "Ticket from e-mail").unwrap();
    assert_eq!(texts(list(flow, "connections"), "name"), ["Support inbox"]);
    assert_eq!(texts(list(flow, "secrets"), "name"), ["IMAP_PASSWORD"]);
    let reply = Cli::logged_in(prod).await.import(&file, "LEAVE").await;
    assert!(texts(list(&reply, "connectionsProcessed"), "name").contains(&"Support inbox"));
    assert_eq!(
        named(prod, Kind::Flow, "Ticket from e-mail")["connections"],
        Value::Null,
        "stored as items of their own"
    );
    named(prod, Kind::Secret, "IMAP_PASSWORD");
}

#[tokio::test]
async fn the_nested_layout_passes_over_lists_beside_the_flows() {
    for (switch, expected) in [("nested-top-level=ignored", 0), ("nested-top-level=read", 1)] {
        let sandbox = assuming(&["layout=nested", switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let file = json!({ "flows": [], "connections": [named(dev, Kind::Connection, "Product search")] });
        let reply = Cli::logged_in(prod).await.import(&file, "LEAVE").await;
        assert_eq!(list(&reply, "connectionsProcessed").len(), expected, "{switch}");
        assert_eq!(all_named(prod, Kind::Connection, "Product search").len(), expected, "{switch}");
    }
}

#[tokio::test]
async fn a_file_may_lack_a_list_or_not() {
    for (switch, status) in [("missing-lists=accepted", 201), ("missing-lists=refused", 400)] {
        let sandbox = assuming(&[switch]).await;
        let cli = Cli::logged_in(sandbox.server("prod")).await;
        let found = cli.upload(&json!({ "flows": [] }), "LEAVE", true).await.status();
        assert_eq!(found.as_u16(), status, "{switch}");
    }
}

#[tokio::test]
async fn null_in_the_file_keeps_or_blanks_a_secret() {
    for (switch, expected) in
        [("secret-null=keeps", json!("EXAMPLE-twilio-at-prod")), ("secret-null=blanks", Value::Null)]
    {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let file = Cli::logged_in(dev).await.export(&[], &[&uuid_of(dev, Kind::Flow, "SMS Test")]).await;
        Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
        assert_eq!(named(prod, Kind::Secret, "TWILIO_TOKEN")["devValue"], expected, "{switch}");
    }
}

#[tokio::test]
async fn oauth_tokens_leak_or_not_and_null_keeps_or_blanks_them() {
    for (leak, null, exported, after) in [
        ("export-oauth=leaked", "oauth-null=keeps", json!("EXAMPLE-oauth-token-dev"), json!("EXAMPLE-oauth-token-dev")),
        ("export-oauth=null", "oauth-null=keeps", Value::Null, json!("EXAMPLE-oauth-token-at-prod")),
        ("export-oauth=null", "oauth-null=blanks", Value::Null, Value::Null),
    ] {
        let sandbox = assuming(&[leak, null]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let file = Cli::logged_in(dev).await.export(&[], &[&uuid_of(dev, Kind::Flow, "Weekly sales report")]).await;
        assert_eq!(file["connections"][0]["devOAuthToken"], exported, "{leak}");
        Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
        assert_eq!(named(prod, Kind::Connection, "Sales")["devOAuthToken"], after, "{leak} {null}");
    }
}

#[tokio::test]
async fn secret_values_are_null_or_absent_in_an_export() {
    let sandbox = assuming(&["export-secret-values=absent"]).await;
    let file = Cli::logged_in(sandbox.server("dev")).await.export(&[], &[]).await;
    assert!(list(&file, "secrets").iter().all(|secret| secret.get("devValue").is_none()));
}

#[tokio::test]
async fn a_name_overwrite_keeps_one_uuid_or_the_other() {
    for (switch, target_survives) in [("name-overwrite-uuid=target", true), ("name-overwrite-uuid=source", false)] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let flow = named(dev, Kind::Flow, "Lead scoring");
        let target = uuid_of(prod, Kind::Flow, "Lead scoring");
        Cli::logged_in(prod).await.import(&json!({ "flows": [flow] }), "OVERWRITE").await;
        let survivor = uuid_of(prod, Kind::Flow, "Lead scoring");
        assert_eq!(survivor == target, target_survives, "{switch}");
        assert_eq!(survivor == flow["uuid"].as_str().unwrap(), !target_survives, "{switch}");
    }
}

#[tokio::test]
async fn a_created_item_keeps_its_uuid_or_gets_a_new_one() {
    for (switch, kept) in [("create-uuid=source", true), ("create-uuid=fresh", false)] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let flow = named(dev, Kind::Flow, "Dunning");
        Cli::logged_in(prod).await.import(&json!({ "flows": [flow] }), "LEAVE").await;
        assert_eq!(named(prod, Kind::Flow, "Dunning")["uuid"] == flow["uuid"], kept, "{switch}");
    }
}

#[tokio::test]
async fn rename_renames_what_did_not_match_or_not() {
    for (switch, name) in [("rename-unmatched=plain", "Dunning"), ("rename-unmatched=renamed", "Dunning (imported)")] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let file = json!({ "flows": [named(dev, Kind::Flow, "Dunning")] });
        Cli::logged_in(prod).await.import(&file, "RENAME").await;
        named(prod, Kind::Flow, name);
    }
}

#[tokio::test]
async fn the_reply_names_the_uuid_of_one_side_or_the_other() {
    let sandbox = sandbox().await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let cli = Cli::logged_in(prod).await;
    let flow = named(dev, Kind::Flow, "Lead scoring");
    for mode in ["LEAVE", "OVERWRITE"] {
        prod.assume("reply-uuid=source").unwrap();
        let reply = cli.import(&json!({ "flows": [flow] }), mode).await;
        assert_eq!(reply["flowsProcessed"][0]["uuid"], flow["uuid"], "{mode}");
        prod.assume("reply-uuid=target").unwrap();
        let reply = cli.import(&json!({ "flows": [flow] }), mode).await;
        assert_eq!(reply["flowsProcessed"][0]["uuid"], named(prod, Kind::Flow, "Lead scoring")["uuid"], "{mode}");
    }
}

#[tokio::test]
async fn references_to_a_namesake_are_remapped_or_not() {
    for (switch, remapped) in [("remap-references=no", false), ("remap-references=yes", true)] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let file = Cli::logged_in(dev).await.export(&[], &[&uuid_of(dev, Kind::Flow, "Invoice archive")]).await;
        Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
        let flow = named(prod, Kind::Flow, "Invoice archive").to_string();
        assert_eq!(flow.contains(&uuid_of(prod, Kind::Connection, "Invoice archive")), remapped, "{switch}");
        assert_eq!(flow.contains(&uuid_of(dev, Kind::Connection, "Invoice archive")), !remapped, "{switch}");
    }
}

#[tokio::test]
async fn tags_without_a_match_export_nothing_or_everything() {
    for (switch, all) in [("empty-match=nothing", false), ("empty-match=everything", true)] {
        let sandbox = assuming(&[switch]).await;
        let file = Cli::logged_in(sandbox.server("dev")).await.export(&["no such tag"], &[]).await;
        assert_eq!(list(&file, "flows").len() > 40, all, "{switch}");
        assert_eq!(list(&file, "flows").is_empty(), !all, "{switch}");
    }
}

#[tokio::test]
async fn tags_mind_their_case_or_not() {
    for (switch, found) in [("tag-case=sensitive", false), ("tag-case=insensitive", true)] {
        let sandbox = assuming(&[switch]).await;
        let cli = Cli::logged_in(sandbox.server("dev")).await;
        let flows = cli.get("/flow?search=&flowId=&tags=F%C3%96RS%C3%84LJNING").await;
        assert_eq!(!flows.as_array().unwrap().is_empty(), found, "{switch}");
    }
}

#[tokio::test]
async fn cookies_are_asked_for_or_not_but_never_the_password() {
    let sandbox = assuming(&["cookie=required"]).await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    cli.get("/secret").await;
    let request =
        |cookie: String| cli.http.get(format!("{}/secret", cli.base)).bearer_auth(&cli.token).header("cookie", cookie);
    let four = format!("tenantId=##solo##; provider=email; accessToken={}; userId={}", cli.token, cli.user);
    assert_eq!(request(four).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(request("tenantId=##solo##".to_owned()).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    dev.assume("cookie=optional").unwrap();
    assert_eq!(request(String::new()).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_locked_flow_is_overwritten_or_refused() {
    for (switch, done) in [("locked=overwritten", true), ("locked=refused", false)] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        assert_eq!(named(prod, Kind::Flow, "Month end")["isLocked"], true);
        let file = json!({ "flows": [named(dev, Kind::Flow, "Month end")] });
        let reply = Cli::logged_in(prod).await.import(&file, "OVERWRITE").await;
        assert_eq!(reply["flowsProcessed"][0]["isProcessed"], done, "{switch}");
        assert_eq!(named(prod, Kind::Flow, "Month end")["isLocked"], !done, "{switch}");
    }
}

#[tokio::test]
async fn a_softly_deleted_uuid_matches_or_not() {
    for (switch, method, alive) in [("deleted-uuid=matches", "uuid", 0), ("deleted-uuid=unmatched", "unmatched", 1)] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let flow = named(dev, Kind::Flow, "SMS Test");
        assert!(prod.delete(Kind::Flow, flow["uuid"].as_str().unwrap()));
        let reply = Cli::logged_in(prod).await.import(&json!({ "flows": [flow] }), "LEAVE").await;
        assert_eq!(reply["flowsProcessed"][0]["matchMethod"], method, "{switch}");
        assert_eq!(all_named(prod, Kind::Flow, "SMS Test").len(), alive, "{switch}");
    }
}

#[tokio::test]
async fn a_foreign_tenant_is_kept_or_rewritten() {
    for (switch, tenant) in [("tenant=kept", "acme"), ("tenant=rewritten", "##solo##")] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let mut flow = named(dev, Kind::Flow, "Dunning");
        flow["tenantId"] = json!("acme");
        Cli::logged_in(prod).await.import(&json!({ "flows": [flow] }), "LEAVE").await;
        assert_eq!(named(prod, Kind::Flow, "Dunning")["tenantId"], tenant, "{switch}");
    }
}

#[tokio::test]
async fn a_refused_login_has_one_form_or_the_other() {
    let sandbox = assuming(&["login-refusal=201"]).await;
    let cli = Cli::at(sandbox.server("dev"));
    let wrong = json!({ "username": cli.user, "password": "wrong" });
    let reply = json_of(cli.send(Method::POST, "/auth/login", Some(wrong)).await, StatusCode::CREATED).await;
    assert_eq!(reply["token"], "");
    assert!(reply["errorMessage"].is_string());
}

#[tokio::test]
async fn a_login_revokes_older_tokens_or_not() {
    for (switch, status) in [("login=keeps-tokens", 200), ("login=revokes-tokens", 401)] {
        let sandbox = assuming(&[switch]).await;
        let older = Cli::logged_in(sandbox.server("dev")).await;
        Cli::logged_in(sandbox.server("dev")).await;
        assert_eq!(older.send(Method::GET, "/secret", None).await.status().as_u16(), status, "{switch}");
    }
}

#[tokio::test]
async fn an_import_registers_tags_or_not() {
    for (switch, known) in [("import-tags=registered", true), ("import-tags=unregistered", false)] {
        let sandbox = assuming(&[switch]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let cli = Cli::logged_in(prod).await;
        let mut flow = named(dev, Kind::Flow, "Dunning");
        flow["tags"] = json!(["brand new"]);
        cli.import(&json!({ "flows": [flow] }), "LEAVE").await;
        let tags = cli.get("/system/value/FlowTags").await;
        assert_eq!(tags.as_array().unwrap().contains(&json!("brand new")), known, "{switch}");
    }
}

#[tokio::test]
async fn a_damaged_file_costs_a_backup_or_not() {
    for (switch, backups) in [("backup-on-bad-file=skipped", 0), ("backup-on-bad-file=made", 1)] {
        let sandbox = assuming(&[switch]).await;
        let prod = sandbox.server("prod");
        let refused = Cli::logged_in(prod).await.upload(&json!("no export"), "LEAVE", false).await;
        json_of(refused, StatusCode::BAD_REQUEST).await;
        assert_eq!(prod.dump()["counters"]["backups"], backups, "{switch}");
    }
}

#[test]
fn the_page_on_the_sandbox_lists_every_switch_with_its_default_and_every_fault() {
    let page = include_str!("../../docs/sandbox.md");
    for row in Switch::ALL_HELP {
        let line = format!("| `{}` | `{}` |", row.name, row.values[0]);
        assert!(page.contains(&line), "{line}");
    }
    for row in haul::sandbox::Fault::ALL_HELP {
        assert!(page.contains(&format!("| `{}` |", row.name)), "{}", row.name);
    }
}
