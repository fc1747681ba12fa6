//! The recorded sequences of the official CLI, and every row of the endpoint table.

use haul::sandbox::{Authorization, Kind};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::client::{Cli, json_of, list, named, sandbox, texts, uuid_of};

/// Method, path and query of what reached a server.
fn lines(server: &haul::sandbox::Server) -> Vec<String> {
    let line = |request: haul::sandbox::RequestRecord| match request.query {
        Some(query) => format!("{} {}?{query}", request.method, request.path),
        None => format!("{} {}", request.method, request.path),
    };
    server.requests().into_iter().map(line).collect()
}

#[tokio::test]
async fn a_first_login_has_an_empty_authorization_and_a_later_one_the_old_token() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let mut cli = Cli::at(dev);
    let first = cli.login().await;
    let second = cli.login().await;
    assert_ne!(first["token"], second["token"]);
    assert_eq!(first["token"].as_str().unwrap().split('.').count(), 3, "it looks like a JWT");
    let seen: Vec<Authorization> = dev.requests().iter().map(|request| request.authorization).collect();
    assert_eq!(seen, [Authorization::Empty, Authorization::Present]);
    cli.token = first["token"].as_str().unwrap().to_owned();
    cli.get("/auth/profile").await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_token_are_refused_in_the_manner_of_nestjs() {
    let sandbox = sandbox().await;
    let cli = Cli::at(sandbox.server("dev"));
    let wrong = json!({ "username": cli.user, "password": "wrong" });
    let refused = json_of(cli.send(Method::POST, "/auth/login", Some(wrong)).await, StatusCode::UNAUTHORIZED).await;
    assert_eq!(refused["statusCode"], 401);
    assert_eq!(refused["error"], "Unauthorized");
    let body = json_of(cli.send(Method::GET, "/flow", None).await, StatusCode::UNAUTHORIZED).await;
    assert_eq!(body["message"], "Unauthorized");
}

#[tokio::test]
async fn a_token_is_refreshed_only_for_who_has_one() {
    let sandbox = sandbox().await;
    let mut cli = Cli::logged_in(sandbox.server("dev")).await;
    let body = json!({ "token": cli.token, "userId": cli.user, "provider": "email" });
    cli.token = cli.post("/auth/refresh-token", body).await["accessToken"].as_str().unwrap().to_owned();
    cli.get("/auth/health-private").await;
    let body = json!({ "token": "made up", "userId": cli.user, "provider": "email" });
    json_of(cli.send(Method::POST, "/auth/refresh-token", Some(body)).await, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn flow_list_with_two_tags_finds_flows_with_any_of_them() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let flows = cli.get("/flow?search=&flowId=&tags=support%2Calerting").await;
    let flows = flows.as_array().unwrap();
    assert!(texts(flows, "name").contains(&"SMS Test") && texts(flows, "name").contains(&"Ticket from e-mail"));
    for flow in flows {
        let tags = flow["tags"].as_array().unwrap();
        assert!(tags.contains(&json!("support")) || tags.contains(&json!("alerting")), "{flow}");
        assert_eq!(flow.as_object().unwrap().keys().collect::<Vec<_>>().len(), 6, "the six fields of the list");
    }
    assert_eq!(lines(dev), ["POST /api/auth/login", "GET /api/flow?search=&flowId=&tags=support%2Calerting"]);
}

#[tokio::test]
async fn search_and_flow_id_narrow_the_list() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let found = cli.get("/flow?search=NIGHTLY&flowId=&tags=").await;
    assert_eq!(texts(found.as_array().unwrap(), "name").len(), 3);
    let uuid = uuid_of(dev, Kind::Flow, "SMS Test");
    let found = cli.get(&format!("/flow?search=&flowId={uuid}&tags=")).await;
    assert_eq!(texts(found.as_array().unwrap(), "uuid"), [uuid]);
}

#[tokio::test]
async fn flow_export_without_filter_posts_two_empty_lists_and_gets_every_flow() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    json_of(cli.send(Method::GET, "/flow/export-tagged", None).await, StatusCode::NOT_FOUND).await;
    dev.forget_requests();
    let file = cli.export(&[], &[]).await;
    let dump = dev.dump();
    assert_eq!(texts(list(&file, "flows"), "uuid"), texts(list(&dump, "flows"), "uuid"));
    assert_eq!(lines(dev), ["POST /api/flow/export-tagged", "GET /api/flow/export-tagged"]);
    assert_eq!(dev.requests()[0].body, json!({ "tags": [], "flowUuids": [] }));
    assert_eq!(dev.requests()[1].content_type.as_deref(), Some("application/json"));
    assert!(dev.requests()[1].cookie.as_ref().unwrap().contains("password=EXAMPLE-dev-password;"));
}

#[tokio::test]
async fn flow_export_with_tags_and_ids_is_their_union_with_what_the_flows_need() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let sms = uuid_of(dev, Kind::Flow, "SMS Test");
    let file = cli.export(&["support"], &[&sms]).await;
    let names = texts(list(&file, "flows"), "name");
    assert!(names.contains(&"SMS Test") && names.contains(&"Escalate ticket") && !names.contains(&"Dunning"));
    assert_eq!(
        texts(list(&file, "connections"), "name"),
        ["Twilio", "Support inbox", "Assistant", "Agent tools"],
        "subflows are not followed"
    );
    assert_eq!(texts(list(&file, "secrets"), "name"), ["TWILIO_TOKEN", "IMAP_PASSWORD", "ASSISTANT_API_KEY"]);
}

#[tokio::test]
async fn an_export_finds_connections_that_scripts_name() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let file = cli.export(&[], &[&uuid_of(dev, Kind::Flow, "Nightly sync")]).await;
    assert_eq!(texts(list(&file, "connections"), "name"), ["Northwind"]);
    assert_eq!(texts(list(&file, "secrets"), "name"), ["NORTHWIND_DB_PASSWORD"]);
}

#[tokio::test]
async fn an_export_keeps_the_text_of_numbers_and_unknown_fields() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let body = json!({ "tags": [], "flowUuids": [uuid_of(dev, Kind::Flow, "SMS Test")] });
    cli.post("/flow/export-tagged", body).await;
    let text = cli.send(Method::GET, "/flow/export-tagged", None).await.text().await.unwrap();
    assert!(text.contains(r#""x-unknown-field":{"keep":1.0,"big":12345678901234567890}"#), "{text}");
}

#[tokio::test]
async fn an_export_without_its_lists_is_refused_and_leaves_the_file() {
    let sandbox = sandbox().await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    let file = cli.export(&["support"], &[]).await;
    for body in [json!({ "tags": [] }), json!({ "flowUuids": [] }), json!({ "tags": [1], "flowUuids": [] })] {
        json_of(cli.send(Method::POST, "/flow/export-tagged", Some(body)).await, StatusCode::BAD_REQUEST).await;
    }
    assert_eq!(cli.get("/flow/export-tagged").await, file);
}

#[tokio::test]
async fn unused_items_leave_only_with_the_whole_project() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let (used, all) = (cli.export(&[], &[]).await, cli.get("/flow/export-all").await);
    assert!(!texts(list(&used, "secrets"), "name").contains(&"LEGACY_TOKEN"));
    assert!(texts(list(&all, "secrets"), "name").contains(&"LEGACY_TOKEN"));
    assert!(!texts(list(&used, "connections"), "name").contains(&"Upsales"));
    assert!(texts(list(&all, "connections"), "name").contains(&"Upsales"));
}

#[tokio::test]
async fn two_clients_share_one_export_file() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let (one, two) = (Cli::logged_in(dev).await, Cli::logged_in(dev).await);
    let (sms, dunning) = (uuid_of(dev, Kind::Flow, "SMS Test"), uuid_of(dev, Kind::Flow, "Dunning"));
    one.post("/flow/export-tagged", json!({ "tags": [], "flowUuids": [sms] })).await;
    two.post("/flow/export-tagged", json!({ "tags": [], "flowUuids": [dunning] })).await;
    assert_eq!(texts(list(&one.get("/flow/export-tagged").await, "flows"), "name"), ["Dunning"]);
    json_of(one.send(Method::DELETE, "/flow/tagged-export", None).await, StatusCode::OK).await;
    json_of(two.send(Method::GET, "/flow/export-tagged", None).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn flow_execute_runs_each_flow_and_queues_unless_told_not_to() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let mut body = json!({
        "flowUuid": uuid_of(dev, Kind::Flow, "SMS Test"), "isDebug": false, "isStep": false,
        "executionEnvironmentMode": "DEV", "executionId": "e1", "doNotQueue": true, "data": { "to": "nobody" },
    });
    let reply = cli.post("/ziggy/execute-internal", body.clone()).await;
    assert_eq!(reply, json!({ "flowStatus": "SUCCESS", "data": { "to": "nobody" } }));
    body["doNotQueue"] = json!(false);
    assert_eq!(cli.post("/ziggy/execute-internal", body.clone()).await["flowStatus"], "QUEUED");
    body["flowUuid"] = json!("unknown");
    json_of(cli.send(Method::POST, "/ziggy/execute-internal", Some(body)).await, StatusCode::NOT_FOUND).await;
    assert_eq!(dev.dump()["counters"]["executions"], 2);
}

#[tokio::test]
async fn system_backup_makes_a_gzip_file_from_an_empty_post() {
    let sandbox = sandbox().await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    json_of(cli.send(Method::GET, "/system/download-transfer", None).await, StatusCode::NOT_FOUND).await;
    json_of(cli.send(Method::POST, "/system/transfer-db", None).await, StatusCode::CREATED).await;
    let file = cli.send(Method::GET, "/system/download-transfer", None).await;
    assert_eq!(file.headers()[header::CONTENT_TYPE], "application/gzip");
    assert_eq!(file.bytes().await.unwrap()[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn backups_and_vacuum_are_counted() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let backup = json_of(cli.send(Method::POST, "/system/backup-db", None).await, StatusCode::CREATED).await;
    assert_eq!(backup["localBackupStatus"], "success");
    assert_eq!(backup["localBackupFile"], dev.dump()["lastBackup"]);
    cli.get("/flow/vacuum").await;
    let counters = dev.dump()["counters"].clone();
    assert_eq!((&counters["backups"], &counters["vacuums"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn health_is_public_and_the_rest_is_not() {
    let sandbox = sandbox().await;
    let cli = Cli::at(sandbox.server("dev"));
    assert!(cli.get("/health").await.is_string());
    assert!(cli.get("/auth/health").await.is_string());
    for path in [
        "/auth/profile",
        "/auth/health-private",
        "/system/version-info",
        "/system/tenant-info",
        "/flow",
        "/flow/x",
        "/flow/export-tagged",
        "/flow/export-all",
        "/flow/vacuum",
        "/connection",
        "/connection/x",
        "/secret",
        "/secret/x",
        "/secret/get-obfuscated-by-name/x",
        "/variable",
        "/structure",
        "/schedule",
        "/queue",
        "/plugins/registry/blocks",
        "/ziggy/named-saves/x",
        "/ziggy/history-load/x",
        "/system/value/FlowTags",
        "/system/download-transfer",
        "/connection/connection-templates",
    ] {
        json_of(cli.send(Method::GET, path, None).await, StatusCode::UNAUTHORIZED).await;
    }
}

#[tokio::test]
async fn the_lists_around_the_flows_are_there_and_unknown_routes_are_not() {
    let sandbox = sandbox().await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    for path in [
        "/variable",
        "/structure",
        "/schedule",
        "/queue",
        "/plugins/registry/blocks",
        "/connection/connection-templates",
    ] {
        assert!(!cli.get(path).await.as_array().unwrap().is_empty(), "{path}");
    }
    assert_eq!(cli.get("/system/tenant-info").await["isMultiTenant"], false);
    assert_eq!(cli.get("/system/version-info").await["major"], 1);
    let missing = json_of(cli.send(Method::GET, "/nothing", None).await, StatusCode::NOT_FOUND).await;
    assert_eq!(missing["message"], "Cannot GET /api/nothing");
    json_of(cli.send(Method::GET, "/system/error500", None).await, StatusCode::INTERNAL_SERVER_ERROR).await;
}

#[tokio::test]
async fn a_put_of_a_flow_sets_what_the_update_allows_and_nothing_else() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let before = named(dev, Kind::Flow, "SMS Test");
    let path = format!("/flow/{}", before["uuid"].as_str().unwrap());
    let body = json!({ "tags": ["release-7"], "isLocked": true, "info": "changed", "uuid": "other" });
    json_of(cli.send(Method::PUT, &path, Some(body)).await, StatusCode::OK).await;
    let after = cli.get(&path).await;
    assert_eq!(after["tags"], json!(["release-7"]));
    for field in ["isLocked", "info", "uuid", "nodes", "x-unknown-field"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_ne!(after["updatedAt"], before["updatedAt"]);
}

#[tokio::test]
async fn a_deleted_item_is_hidden_and_stays_as_a_row() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    for (kind, path, name) in [
        (Kind::Flow, "flow", "SMS Test"),
        (Kind::Connection, "connection", "Twilio"),
        (Kind::Secret, "secret", "TWILIO_TOKEN"),
    ] {
        let uuid = uuid_of(dev, kind, name);
        let path = format!("/{path}/{uuid}");
        json_of(cli.send(Method::DELETE, &path, None).await, StatusCode::OK).await;
        json_of(cli.send(Method::GET, &path, None).await, StatusCode::NOT_FOUND).await;
        json_of(cli.send(Method::DELETE, &path, None).await, StatusCode::NOT_FOUND).await;
        assert_eq!(dev.item(kind, &uuid).unwrap()["isDeleted"], true);
    }
    let flows = cli.get("/flow?search=SMS&flowId=&tags=").await;
    assert_eq!(flows, json!([]));
}

#[tokio::test]
async fn the_server_picks_the_uuid_of_what_is_posted() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let body = json!({ "uuid": "mine", "name": "New", "type": "SMTP", "devValue": "{ host: 'x' }" });
    let made = cli.post("/connection", body).await;
    assert_ne!(made["uuid"], "mine");
    assert_eq!(dev.item(Kind::Connection, made["uuid"].as_str().unwrap()).unwrap()["devValue"], "{ host: 'x' }");
    let made = cli.post("/secret", json!({ "uuid": "mine", "name": "NEW", "devValue": "EXAMPLE-new" })).await;
    assert_ne!(made["uuid"], "mine");
    assert_eq!(made["devValue"], "********");
    assert_eq!(named(dev, Kind::Secret, "NEW")["devValue"], "EXAMPLE-new");
    let refused = cli.send(Method::POST, "/connection", Some(json!({ "name": "No type" }))).await;
    let refused = json_of(refused, StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["message"], json!(["type must be a string"]));
}

#[tokio::test]
async fn a_connection_works_once_its_secret_has_a_value() {
    let sandbox = sandbox().await;
    let prod = sandbox.server("prod");
    let cli = Cli::logged_in(prod).await;
    let connection = named(prod, Kind::Connection, "Supplier files");
    let test = |mode: &'static str| cli.post_owned(format!("/connection/test/{mode}"), connection.clone());
    assert_eq!(test("DEV").await, json!({ "isOk": false, "msg": "secret SFTP_PASSWORD has no value" }));
    let uuid = uuid_of(prod, Kind::Secret, "SFTP_PASSWORD");
    let body = json!({ "executionEnvironmentMode": "DEV", "uuid": uuid, "secret": "EXAMPLE-filled" });
    json_of(cli.send(Method::PATCH, "/secret/update-secret-value", Some(body)).await, StatusCode::OK).await;
    assert_eq!(named(prod, Kind::Secret, "SFTP_PASSWORD")["devValue"], "EXAMPLE-filled");
    assert_eq!(test("DEV").await["isOk"], true);
    assert_eq!(test("PROD").await["isOk"], true, "production falls back to development");
}

#[tokio::test]
async fn a_value_can_be_set_for_one_mode_of_a_secret_that_exists() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let uuid = uuid_of(dev, Kind::Secret, "PAYMENT_KEY");
    let body =
        |uuid: &str, mode: &str| json!({ "executionEnvironmentMode": mode, "uuid": uuid, "secret": "EXAMPLE-x" });
    let path = "/secret/update-secret-value";
    json_of(cli.send(Method::PATCH, path, Some(body(&uuid, "PROD"))).await, StatusCode::OK).await;
    assert_eq!(named(dev, Kind::Secret, "PAYMENT_KEY")["prodValue"], "EXAMPLE-x");
    assert_eq!(named(dev, Kind::Secret, "PAYMENT_KEY")["devValue"], Value::Null);
    json_of(cli.send(Method::PATCH, path, Some(body("unknown", "DEV"))).await, StatusCode::NOT_FOUND).await;
    json_of(cli.send(Method::PATCH, path, Some(body(&uuid, "STAGING"))).await, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn the_values_of_secrets_never_leave() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let dump = dev.dump();
    let secrets = list(&dump, "secrets");
    let values: Vec<&str> = secrets
        .iter()
        .flat_map(|secret| [&secret["devValue"], &secret["prodValue"]])
        .filter_map(Value::as_str)
        .collect();
    assert!(values.len() > 15 && values.iter().all(|value| value.starts_with("EXAMPLE-")));
    cli.post("/flow/export-tagged", json!({ "tags": [], "flowUuids": [] })).await;
    json_of(cli.send(Method::POST, "/system/transfer-db", None).await, StatusCode::CREATED).await;
    let uuid = uuid_of(dev, Kind::Secret, "TWILIO_TOKEN");
    for path in [
        "/secret",
        "/flow/export-tagged",
        "/flow/export-all",
        "/connection",
        "/flow",
        "/system/download-transfer",
        "/secret/get-obfuscated-by-name/TWILIO_TOKEN",
        &format!("/secret/{uuid}"),
    ] {
        let text =
            String::from_utf8_lossy(&cli.send(Method::GET, path, None).await.bytes().await.unwrap()).into_owned();
        assert!(values.iter().all(|value| !text.contains(value)), "{path}");
    }
    let masked = cli.get(&format!("/secret/{uuid}")).await;
    assert_eq!((&masked["devValue"], &masked["prodValue"]), (&json!("********"), &Value::Null));
    let exported = cli.get("/flow/export-tagged").await;
    for secret in list(&exported, "secrets") {
        assert_eq!((&secret["devValue"], &secret["prodValue"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn asterisks_that_are_sent_back_become_the_value() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let path = format!("/secret/{}", uuid_of(dev, Kind::Secret, "TWILIO_TOKEN"));
    let masked = cli.get(&path).await;
    json_of(cli.send(Method::PUT, &path, Some(masked)).await, StatusCode::OK).await;
    assert_eq!(named(dev, Kind::Secret, "TWILIO_TOKEN")["devValue"], "********");
}

#[tokio::test]
async fn tags_are_registered_once_and_listed() {
    let sandbox = sandbox().await;
    let cli = Cli::logged_in(sandbox.server("dev")).await;
    for _ in 0..2 {
        json_of(cli.send(Method::PATCH, "/system/add-tag/Flow/f%C3%B6rs%C3%A4ndelse", None).await, StatusCode::OK)
            .await;
    }
    let tags = cli.get("/system/value/FlowTags").await;
    let found = tags.as_array().unwrap().iter().filter(|tag| **tag == "försändelse").count();
    assert_eq!(found, 1);
    json_of(cli.send(Method::PATCH, "/system/add-tag/Planet/x", None).await, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn a_named_save_brings_a_flow_back() {
    let sandbox = sandbox().await;
    let dev = sandbox.server("dev");
    let cli = Cli::logged_in(dev).await;
    let flow = named(dev, Kind::Flow, "SMS Test");
    let uuid = flow["uuid"].as_str().unwrap();
    json_of(
        cli.send(Method::POST, &format!("/ziggy/history-named-save/{uuid}/before"), None).await,
        StatusCode::CREATED,
    )
    .await;
    json_of(cli.send(Method::PUT, &format!("/flow/{uuid}"), Some(json!({ "nodes": [] }))).await, StatusCode::OK).await;
    let saves = cli.get(&format!("/ziggy/named-saves/{uuid}")).await;
    assert_eq!(saves[0]["saveName"], "before");
    let save = cli.get(&format!("/ziggy/history-load/{}", saves[0]["uuid"].as_str().unwrap())).await;
    assert_eq!(save["flowHistory"], flow);
    json_of(cli.send(Method::PUT, &format!("/flow/{uuid}"), Some(save["flowHistory"].clone())).await, StatusCode::OK)
        .await;
    assert_eq!(named(dev, Kind::Flow, "SMS Test")["nodes"], flow["nodes"]);
    json_of(cli.send(Method::GET, "/ziggy/named-saves/unknown", None).await, StatusCode::NOT_FOUND).await;
    json_of(cli.send(Method::GET, "/ziggy/history-load/unknown", None).await, StatusCode::NOT_FOUND).await;
}
