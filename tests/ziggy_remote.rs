//! A Ziggy server as a location, against the sandbox: login, inventory, checked exports, and imports in which each
//! item has its own decision.

mod ziggy_common;

use std::collections::BTreeSet;
use std::sync::Arc;

use haul::model::{
    Credentials, Decision, Destination, ErrorKind, Existing, ExportRequest, Finding, ItemKey, Kind, SecretValues,
    Source, Step,
};
use haul::platforms::ziggy::{BundleSource, Remote};
use haul::sandbox::{Kind as Stored, SecretField};
use serde_json::{Value, json};
use ziggy_common::*;

#[tokio::test]
async fn a_server_lists_what_it_holds_and_never_sees_the_password_in_a_cookie() {
    let sandbox = sandbox(&[]).await;
    let dev = sandbox.server("dev");
    let remote = connect(dev, None).await;
    let mut inventory = remote.list().await.expect("a listing");
    let all: Vec<u32> = inventory.items().map(|item| item.index()).collect();
    remote.examine(&mut inventory, &all).await.expect("examined");
    let live = |list: &str| {
        let dump = dev.dump();
        let items = dump[list].as_array().expect("a list").iter();
        items.filter(|item| item["isDeleted"] != json!(true)).count()
    };
    let listed = |kind| inventory.items().filter(|item| item.kind() == kind).count();
    assert_eq!(listed(Kind::Flow), live("flows"));
    assert_eq!(listed(Kind::Connection), live("connections"));
    assert_eq!(listed(Kind::Secret), live("secrets"));
    assert!(inventory.items().all(|item| item.digests().is_some() && !item.name().is_empty()));
    assert!(remote.info().version.is_some());
    let requests = dev.requests();
    assert!(requests.len() > 4);
    for request in &requests {
        let cookie = request.cookie.clone().unwrap_or_default();
        assert!(!cookie.contains(&dev.info.password) && !cookie.contains("password"), "{cookie}");
    }
    let exports: Vec<_> = requests.iter().filter(|r| r.method == "POST" && r.path.ends_with("export-tagged")).collect();
    assert!(!exports.is_empty());
    for export in exports {
        assert!(!export.body["flowUuids"].as_array().expect("ids").is_empty());
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_a_wrong_password_is_refused_in_both_forms() {
    let sandbox = sandbox(&["login=revokes-tokens"]).await;
    let dev = sandbox.server("dev");
    let remote = connect(dev, None).await;
    dev.expire_tokens();
    assert!(remote.list().await.is_ok());
    dev.set_faults(&["expire-after=3"]).expect("a fault");
    let mut inventory = remote.list().await.expect("a listing");
    let all: Vec<u32> = inventory.items().map(|item| item.index()).collect();
    remote.examine(&mut inventory, &all).await.expect("examined");
    for form in ["login-refusal=401", "login-refusal=201"] {
        dev.assume(form).expect("a switch");
        let error = try_connect(dev, "not-the-password", None).await.expect_err("refused");
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Unauthorized, 1), "{error}");
        assert!(!error.to_string().contains("not-the-password"));
    }
}

#[tokio::test]
async fn a_foreign_or_damaged_export_is_asked_for_once_more_and_then_refused() {
    for fault in ["foreign-export", "truncated-export", "stale-export"] {
        let sandbox = sandbox(&[]).await;
        let dev = sandbox.server("dev");
        let remote = connect(dev, None).await;
        let mut inventory = remote.list().await.expect("a listing");
        let flow = inventory.items().find(|item| item.kind() == Kind::Flow).expect("a flow").index();
        dev.set_faults(&[&format!("{fault}=once")]).expect("a fault");
        remote.examine(&mut inventory, &[flow]).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert!(inventory.item(flow).digests().is_some());
        dev.set_faults(&[&format!("{fault}=always")]).expect("a fault");
        let mut inventory = remote.list().await.expect("a listing");
        // A stale file is a foreign one only if another flow was exported before.
        let other = inventory.items().filter(|item| item.kind() == Kind::Flow).nth(3).expect("a flow").index();
        let error = remote.examine(&mut inventory, &[other]).await.expect_err(fault);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{fault}: {error}");
    }
}

#[tokio::test]
async fn connections_to_one_server_export_one_after_the_other() {
    let sandbox = sandbox(&[]).await;
    let dev = sandbox.server("dev");
    dev.set_faults(&["latency=20"]).expect("a fault");
    let exports = (0..4).map(|place| async move {
        let remote = connect(dev, None).await;
        let mut inventory = remote.list().await.expect("a listing");
        let flow = inventory.items().filter(|item| item.kind() == Kind::Flow).nth(place).expect("a flow").index();
        remote.examine(&mut inventory, &[flow]).await.expect("examined");
    });
    futures_util::future::join_all(exports).await;
    let requests = dev.requests();
    let exports = requests.iter().filter(|request| request.path.ends_with("export-tagged"));
    let methods: Vec<&str> = exports.map(|request| &*request.method).collect();
    assert_eq!(methods, ["POST", "GET"].repeat(methods.len() / 2), "each is fetched before the next is ordered");
    assert!(methods.len() >= 8);
}

#[tokio::test]
async fn two_exports_of_an_unchanged_server_are_byte_equal_and_hold_no_secret() {
    for layout in ["layout=object", "layout=nested"] {
        let sandbox = sandbox(&[layout]).await;
        let dev = sandbox.server("dev");
        let folder = tempfile::tempdir().expect("a folder");
        let mut texts = Vec::new();
        for name in ["one.json", "two.json"] {
            let remote = connect(dev, None).await;
            texts.push(export_all(&remote, &folder.path().join(name), Credentials::Keep).await.0);
        }
        assert_eq!(texts[0], texts[1]);
        assert!(texts[0].ends_with('\n'));
        let dump = dev.dump();
        for secret in dump["secrets"].as_array().expect("a list") {
            for field in ["devValue", "prodValue"] {
                let value = secret[field].as_str().unwrap_or_default();
                assert!(value.is_empty() || !texts[0].contains(value), "a secret's value is in the bundle");
            }
        }
        for connection in dump["connections"].as_array().expect("a list") {
            if let Some(token) = connection["devOAuthToken"].as_str().filter(|token| !token.is_empty()) {
                assert!(!texts[0].contains(token), "an OAuth token is in the bundle");
            }
        }
    }
}

#[tokio::test]
async fn an_item_is_semantically_the_same_from_a_file_in_either_layout_and_from_its_own_endpoint() {
    let mut digests = Vec::new();
    for layout in ["layout=object", "layout=nested"] {
        let sandbox = sandbox(&[layout]).await;
        let remote = connect(sandbox.server("dev"), None).await;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("all.json");
        let (_, inventory) = export_all(&remote, &path, Credentials::Keep).await;
        let bundle = BundleSource::open(&path).expect("a bundle");
        let held = bundle.list().await.expect("a listing");
        assert_eq!(held.len(), inventory.len());
        for item in held.items() {
            let original = inventory.find(&item.key()).expect("exported");
            assert_eq!(item.digests().map(|d| d.semantic), original.digests().map(|d| d.semantic), "{}", item.name());
            assert_eq!(item.references().collect::<Vec<_>>(), original.references().collect::<Vec<_>>());
        }
        let check = bundle.check().await.expect("a check").expect("a bundle");
        assert_eq!(check.items, held.len() as u64);
        digests.push(
            inventory.items().map(|item| (item.key(), item.digests().map(|d| d.semantic))).collect::<BTreeSet<_>>(),
        );
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test]
async fn redaction_leaves_no_finding_of_a_credential_behind() {
    let sandbox = sandbox(&[]).await;
    let remote = connect(sandbox.server("dev"), None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kept.json");
    export_all(&remote, &path, Credentials::Keep).await;
    let credentials = |findings: &[Finding]| findings.iter().filter(|f| f.code == "plaintext-credential").count();
    let kept = BundleSource::open(&path).expect("a bundle").list().await.expect("a listing");
    assert!(credentials(&kept.findings) > 0, "the sandbox has credentials in clear text");
    let path = folder.path().join("redacted.json");
    export_all(&remote, &path, Credentials::Redact).await;
    let redacted = BundleSource::open(&path).expect("a bundle").list().await.expect("a listing");
    assert_eq!(credentials(&redacted.findings), 0, "{:?}", redacted.findings);
}

/// One item of each kind, match and decision that is legal for it.
fn cases(world: &World) -> Vec<(ItemKey, Decision)> {
    use Decision::{Create, Duplicate, Overwrite, Skip};
    let mut cases = Vec::new();
    for kind in [Kind::Secret, Kind::Connection, Kind::Flow] {
        cases.push((world.unmatched(kind), Create));
        cases.push((world.unmatched_again(kind), Skip));
        for (by_name, decision) in
            [(false, Overwrite), (true, Overwrite), (false, Duplicate), (true, Duplicate), (false, Skip)]
        {
            if kind == Kind::Secret && decision == Duplicate {
                continue;
            }
            let taken: Vec<ItemKey> = cases.iter().map(|(key, _)| ItemKey::clone(key)).collect();
            cases.extend(world.matched(kind, by_name, &taken).map(|key| (key, decision)));
        }
    }
    cases
}

#[tokio::test]
async fn every_kind_match_and_decision_is_carried_out_exactly() {
    for layout in ["layout=object", "layout=nested"] {
        for null in ["secret-null=keeps", "secret-null=blanks"] {
            let sandbox = sandbox(&[layout, null, "oauth-null=keeps"]).await;
            let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
            let source = connect(dev, None).await;
            let destination = connect(prod, Some(write())).await;
            let world = World::of(&source, &destination).await;
            let chosen = cases(&world);
            assert!(chosen.len() >= 14, "{chosen:?}");
            let plan = world.plan(&source, &destination, &chosen);
            let before = prod.dump();
            let ran = carry_out(&source, &destination, &plan).await;
            assert_eq!(ran.surprises, Vec::<String>::new(), "{layout} {null}");
            let failed: Vec<_> = ran.items.iter().filter(|item| item.error.is_some()).collect();
            assert!(failed.is_empty(), "{layout} {null}: {failed:?}");
            let written: BTreeSet<ItemKey> = plan.written().map(|item| item.key.clone()).collect();
            assert_eq!(ran.items.iter().map(|item| item.item.clone()).collect::<BTreeSet<_>>(), written);
            assert_eq!(ran.items.len(), written.len(), "each item once");
            let after = prod.dump();
            assert_eq!(after["counters"]["backups"], json!(1), "{layout}: {}", after["counters"]);
            check_world(&plan, &ran, &dev.dump(), &before, &after);
        }
    }
}

#[tokio::test]
async fn a_refused_item_fails_alone_and_an_odd_answer_ends_the_run() {
    let world = async |faults: &dyn Fn(&World) -> Vec<String>| {
        let sandbox = sandbox(&[]).await;
        let source = connect(sandbox.server("dev"), None).await;
        let destination = connect(sandbox.server("prod"), Some(write())).await;
        let world = World::of(&source, &destination).await;
        let flows: Vec<_> = [world.matched(Kind::Flow, false, &[]).expect("a match")]
            .into_iter()
            .flat_map(|first| {
                let second = world.matched(Kind::Flow, false, std::slice::from_ref(&first)).expect("a second match");
                [(first, Decision::Overwrite), (second, Decision::Overwrite)]
            })
            .collect();
        let plan = world.plan(&source, &destination, &flows);
        let faults = faults(&world);
        let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
        sandbox.server("prod").set_faults(&faults).expect("faults");
        (carry_out(&source, &destination, &plan).await, flows)
    };
    let fail_first =
        |world: &World| vec![format!("fail-import={}", world.matched(Kind::Flow, false, &[]).expect("a match").id)];
    let (ran, flows) = world(&fail_first).await;
    assert!(ran.surprises.is_empty());
    let failed: Vec<_> = ran.items.iter().filter(|item| item.error.is_some()).map(|item| &item.item).collect();
    assert_eq!(failed, [&flows[0].0]);
    for odd in ["missing", "extra", "match"] {
        let (ran, _) = world(&|_| vec![format!("odd-reply={odd}")]).await;
        assert_eq!(ran.surprises.len(), 1, "{odd}: {:?}", ran.surprises);
    }
}

#[tokio::test]
async fn a_server_that_gives_ids_of_its_own_and_answers_with_those_of_the_file_ends_the_run() {
    for layout in ["layout=object", "layout=nested"] {
        let sandbox = sandbox(&["create-uuid=fresh", "reply-uuid=source", layout]).await;
        let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
        let (source, destination) = (connect(dev, None).await, connect(prod, Some(write())).await);
        let world = World::of(&source, &destination).await;
        let flow = world.unmatched(Kind::Flow);
        let plan = world.plan(&source, &destination, &[(flow.clone(), Decision::Create)]);
        let ran = carry_out(&source, &destination, &plan).await;
        let surprise = ran.surprises.last().expect("a surprise");
        let outcome = ran.items.iter().find(|outcome| outcome.new_id.is_some()).expect("an item under another id");
        let id = outcome.new_id.as_deref().expect("as found");
        assert!(surprise.contains(id) && surprise.contains(&*outcome.item.id), "{surprise}");
        assert!(outcome.error.is_none() && prod.dump().to_string().contains(id), "it is there");
    }
}

#[tokio::test]
async fn a_lost_reply_is_an_error_and_the_upload_is_not_repeated() {
    let sandbox = sandbox(&[]).await;
    let prod = sandbox.server("prod");
    let source = connect(sandbox.server("dev"), None).await;
    let destination = connect(prod, Some(write())).await;
    let world = World::of(&source, &destination).await;
    let plan = world.plan(&source, &destination, &[(world.unmatched(Kind::Flow), Decision::Create)]);
    prod.set_faults(&["cut-after=POST /flow/import"]).expect("a fault");
    let error = try_carry_out(&source, &destination, &plan).await.expect_err("the reply was lost");
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    let imports = prod.requests().iter().filter(|r| r.path.ends_with("flow/import")).count();
    assert_eq!(imports, 1);
}

#[tokio::test]
async fn a_backup_that_fails_stops_the_run_before_the_first_write() {
    let sandbox = sandbox(&[]).await;
    let prod = sandbox.server("prod");
    let source = connect(sandbox.server("dev"), None).await;
    let destination = connect(prod, Some(write())).await;
    let world = World::of(&source, &destination).await;
    let secret = world.matched(Kind::Secret, false, &[]).expect("a match");
    let plan = world.plan(&source, &destination, &[(secret, Decision::Overwrite)]);
    assert_eq!(destination.steps(&plan).iter().map(|s| s.items.len()).collect::<Vec<_>>(), [0, 1]);
    prod.set_faults(&["backup-fails"]).expect("a fault");
    let before = prod.dump();
    let error = try_carry_out(&source, &destination, &plan).await.expect_err("no backup");
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(prod.dump()["secrets"], before["secrets"]);
}

#[tokio::test]
async fn values_are_given_to_created_secrets_and_connections_are_tested() {
    let sandbox = sandbox(&[]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let source = connect(dev, None).await;
    let probe = connect(prod, Some(write())).await;
    let world = World::of(&source, &probe).await;
    let (given, empty) = (world.unmatched(Kind::Secret), world.unmatched_again(Kind::Secret));
    let flow = world.matched(Kind::Flow, false, &[]).expect("a match");
    let connection = world.unmatched(Kind::Connection);
    let mut options = write();
    options.test_connections = true;
    let value = SecretValues { dev: Some("canary-dev".into()), prod: Some("canary-prod".into()) };
    options.secret_values.insert(world.name(&given), value);
    let destination = connect(prod, Some(options)).await;
    let chosen = [
        (given.clone(), Decision::Create),
        (empty.clone(), Decision::Create),
        (connection, Decision::Create),
        (flow.clone(), Decision::Overwrite),
    ];
    let world = World::of(&source, &destination).await;
    let plan = world.plan(&source, &destination, &chosen);
    let ran = carry_out(&source, &destination, &plan).await;
    let stored = prod.item(Stored::Secret, &given.id).expect("created");
    assert_eq!((&stored["devValue"], &stored["prodValue"]), (&json!("canary-dev"), &json!("canary-prod")));
    let on = |code: &str, key: &ItemKey| {
        ran.findings.iter().filter(|f| f.code == code && f.item.as_ref() == Some(key)).count()
    };
    assert_eq!((on("secret-without-value", &given), on("secret-without-value", &empty)), (0, 1));
    assert_eq!(on("saved-version", &flow), 1, "{:?}", ran.findings);
    assert_eq!(ran.findings.iter().filter(|f| f.code == "connection-test").count(), 2);
    let text = format!("{:?}", ran.findings);
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn a_value_can_be_filled_in_after_the_run() {
    let sandbox = sandbox(&[]).await;
    let prod = sandbox.server("prod");
    let source = connect(sandbox.server("dev"), None).await;
    let destination = connect(prod, Some(write())).await;
    let world = World::of(&source, &destination).await;
    let secret = world.unmatched(Kind::Secret);
    let plan = world.plan(&source, &destination, &[(secret.clone(), Decision::Create)]);
    carry_out(&source, &destination, &plan).await;
    let values =
        |dev: Option<&str>, prod: Option<&str>| SecretValues { dev: dev.map(Into::into), prod: prod.map(Into::into) };
    destination.fill(&secret, &values(Some("canary-dev"), None)).await.expect("set");
    let stored = || prod.item(Stored::Secret, &secret.id).expect("created");
    assert_eq!((&stored()["devValue"], &stored()["prodValue"]), (&json!("canary-dev"), &json!(null)));
    destination.fill(&secret, &values(None, Some("canary-prod"))).await.expect("set");
    assert_eq!((&stored()["devValue"], &stored()["prodValue"]), (&json!("canary-dev"), &json!("canary-prod")));

    let nowhere = ItemKey::new(Kind::Secret, "nowhere");
    for wrong in [nowhere, world.unmatched(Kind::Flow)] {
        let error = destination.fill(&wrong, &values(Some("canary"), None)).await.expect_err("no such secret");
        assert!(error.message().contains(&*wrong.id) && !error.message().contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn a_login_tells_whose_it_is_and_what_it_may_do() {
    let sandbox = sandbox(&[]).await;
    let dev = sandbox.server("dev");
    let access = connect(dev, None).await.access();
    assert_eq!((access.account.as_deref(), access.role.as_deref()), (Some(&*dev.info.user), Some("ADMIN")));
    assert!(access.rights.iter().any(|right| right.contains("every flow")), "{access:?}");
}

#[tokio::test]
async fn a_deleted_item_that_no_list_shows_is_not_created_and_ends_the_run() {
    let sandbox = sandbox(&["deleted-uuid=matches"]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let source = connect(dev, None).await;
    let destination = connect(prod, Some(write())).await;
    let world = World::of(&source, &destination).await;
    let flow = world.unmatched(Kind::Flow);
    let mut hidden = dev.item(Stored::Flow, &flow.id).expect("a flow");
    hidden["isDeleted"] = json!(true);
    prod.upsert(Stored::Flow, hidden.clone());
    let plan = world.plan(&source, &destination, &[(flow.clone(), Decision::Create)]);
    let ran = carry_out(&source, &destination, &plan).await;
    assert_eq!(ran.surprises.len(), 1);
    assert!(ran.surprises[0].contains("expected to be unmatched, but was matched by its id"), "{:?}", ran.surprises);
    assert!(ran.items[0].error.is_some());
    assert_eq!(prod.item(Stored::Flow, &flow.id), Some(hidden));
}

#[tokio::test]
async fn who_goes_on_using_the_original_of_a_duplicate_is_said() {
    let sandbox = sandbox(&[]).await;
    let source = connect(sandbox.server("dev"), None).await;
    let destination = connect(sandbox.server("prod"), Some(write())).await;
    let world = World::of(&source, &destination).await;
    let nightly = world.named(Kind::Flow, "Nightly sync");
    let plan = world.plan(&source, &destination, &[(nightly.clone(), Decision::Duplicate)]);
    let remarks = destination.remarks(&plan, &world.source, &world.destination).await.expect("remarks");
    let moved: Vec<_> = remarks.iter().filter(|f| f.code == "references-moved-away").collect();
    assert_eq!(moved.len(), 1, "{remarks:?}");
    assert!(moved[0].message.contains("Every night"), "{moved:?}");
}

#[tokio::test]
async fn an_oauth_token_that_an_overwrite_may_blank_is_said_beforehand() {
    let sandbox = sandbox(&[]).await;
    let source = connect(sandbox.server("dev"), None).await;
    let destination = connect(sandbox.server("prod"), Some(write())).await;
    let world = World::of(&source, &destination).await;
    let sales = world.named(Kind::Connection, "Sales");
    for (decision, said) in [(Decision::Overwrite, 1), (Decision::Skip, 0)] {
        let plan = world.plan(&source, &destination, &[(sales.clone(), decision)]);
        let remarks = destination.remarks(&plan, &world.source, &world.destination).await.expect("remarks");
        let of_token = remarks.iter().filter(|f| f.item.as_ref() == Some(&sales) && f.message.contains("OAuth token"));
        assert_eq!(of_token.count(), said, "{remarks:?}");
    }
}

#[tokio::test]
async fn a_secret_keeps_its_value_when_its_description_is_overwritten() {
    let sandbox = sandbox(&["secret-null=blanks"]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let source = connect(dev, None).await;
    let destination = connect(prod, Some(write())).await;
    let world = World::of(&source, &destination).await;
    let secret = world.matched(Kind::Secret, false, &[]).expect("a match");
    prod.set_secret_value(&secret.id, SecretField::Dev, Some("kept-value"));
    dev.edit(Stored::Secret, &secret.id, |value| value["description"] = json!("said anew"));
    let world = World::of(&source, &destination).await;
    let plan = world.plan(&source, &destination, &[(secret.clone(), Decision::Overwrite)]);
    let ran = carry_out(&source, &destination, &plan).await;
    assert!(ran.surprises.is_empty());
    let after = prod.item(Stored::Secret, &secret.id).expect("still there");
    assert_eq!((&after["devValue"], &after["description"]), (&json!("kept-value"), &json!("said anew")));
    let log = format!("{:?}", prod.requests());
    assert!(!log.contains("kept-value") && !log.contains("\"devValue\""), "no value travels");
}

#[tokio::test]
async fn an_export_goes_to_a_new_file_with_its_extension_or_nowhere() {
    let sandbox = sandbox(&[]).await;
    let remote = connect(sandbox.server("dev"), None).await;
    let mut inventory = remote.list().await.expect("a listing");
    let secret = inventory.items().find(|item| item.kind() == Kind::Secret).expect("a secret").index();
    remote.examine(&mut inventory, &[secret]).await.expect("examined");
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("alone");
    let format = format(Credentials::Keep, Existing::Refuse);
    let request = ExportRequest { inventory: &inventory, items: &[secret], output: Some(&output), format: &format };
    let exported = remote.export(&request, &()).await.expect("exported");
    let path = exported.path.expect("a path");
    assert_eq!(path, folder.path().join("alone.json"));
    let value: Value = serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
    assert_eq!(value["flows"], json!([]));
    assert_eq!(value["secrets"][0]["devValue"], Value::Null);
    let again = remote.export(&request, &()).await.expect_err("it exists");
    assert_eq!((again.kind(), again.exit_code()), (ErrorKind::OutputExists, 4));
}

#[tokio::test]
async fn steps_of_a_plan_are_named_apart_and_hold_each_item_once() {
    let sandbox = sandbox(&[]).await;
    let source = connect(sandbox.server("dev"), None).await;
    let destination: Remote = connect(sandbox.server("prod"), Some(write())).await;
    let world = World::of(&source, &destination).await;
    let plan = world.plan(&source, &destination, &cases(&world));
    let steps: Vec<Step> = destination.steps(&plan);
    let names: BTreeSet<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names.len(), steps.len());
    let mut held: Vec<&ItemKey> = steps.iter().flat_map(|step| &step.items).collect();
    held.sort();
    let mut written: Vec<&ItemKey> = plan.written().map(|item| &item.key).collect();
    written.sort();
    assert_eq!(held, written);
    let first = steps.first().map(|step| step.name.as_str());
    assert_eq!(first, Some("create secrets"), "secrets go before what names them");
}

/// A server that knows an item which its lists do not show, as one of the two kinds of it.
async fn server_with_a_hidden_flow(id: &'static str, deleted: bool) -> String {
    use axum::{Json, Router, routing::get};
    let login = json!({"token": "t.o.k", "role": "Editor", "username": "u", "uuid": "u"});
    let nothing = || async { Json(json!([])) };
    let app = Router::new()
        .route("/api/auth/login", axum::routing::post(move || async move { Json(login) }))
        .route("/api/flow", get(nothing))
        .route("/api/connection", get(nothing))
        .route("/api/secret", get(nothing))
        .route("/api/flow/{id}", get(move || async move { Json(json!({"uuid": id, "isDeleted": deleted})) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn an_item_that_the_server_hides_blocks_the_plan() {
    let sandbox = sandbox(&[]).await;
    let source = connect(sandbox.server("dev"), None).await;
    for (deleted, code) in [(true, "deleted-at-destination"), (false, "partial-view")] {
        let prod = connect(sandbox.server("prod"), Some(write())).await;
        let world = World::of(&source, &prod).await;
        let flow = world.unmatched(Kind::Flow);
        let url = server_with_a_hidden_flow(Box::leak(Box::<str>::from(&*flow.id)), deleted).await;
        let login = haul::remotes::Login::password("u", "canary-password");
        let net = haul::net::NetOptions::default();
        let url = url.parse().expect("a URL");
        let hiding = Remote::connect(&url, None, Some(login), &net, Some(write()), Arc::new(()));
        let hiding = hiding.await.expect("a login");
        let empty = hiding.list().await.expect("a listing");
        assert!(empty.is_empty() && empty.provides.is_none(), "it does not tell what it offers");
        let plan = world.plan(&source, &hiding, &[(flow.clone(), Decision::Create)]);
        let remarks = hiding.remarks(&plan, &world.source, &Arc::new(empty)).await.expect("remarks");
        let blocking: Vec<_> =
            remarks.iter().filter(|f| f.severity == haul::model::Severity::Blocking).map(|f| f.code.as_str()).collect();
        assert_eq!(blocking, [code], "{remarks:?}");
        assert!(remarks.iter().any(|f| f.code == "partial-view" && f.message.contains("Editor")), "{remarks:?}");
    }
}

#[tokio::test]
async fn a_weak_server_is_borne_with() {
    let options = haul::sandbox::SandboxOptions {
        platform: Some("ziggy".into()),
        fail_rate: 0.1,
        seed: 7,
        faults: vec!["too-many=9,0".into()],
        ..haul::sandbox::SandboxOptions::default()
    };
    let sandbox = haul::sandbox::start(options).await.expect("a sandbox");
    let remote = connect(sandbox.server("dev"), None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (text, _) = export_all(&remote, &folder.path().join("all.json"), Credentials::Keep).await;
    assert!(text.len() > 1000);
}

#[tokio::test]
async fn what_no_flow_carries_is_created_alone_and_found_under_the_servers_id() {
    let sandbox = sandbox(&["layout=nested"]).await;
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let source = connect(dev, None).await;
    let destination = connect(prod, Some(write())).await;
    let world = World::of(&source, &destination).await;
    let chosen: Vec<_> = ["Assistant", "Sessions"].map(|name| world.named(Kind::Connection, name)).into();
    let chosen: Vec<_> = chosen.into_iter().map(|key| (key, Decision::Create)).collect();
    let mut plan = world.plan(&source, &destination, &chosen);
    let ran = carry_out(&source, &destination, &plan).await;
    let given: Vec<_> = ran.items.iter().map(|item| (item.item.clone(), item.new_id.clone().expect("an id"))).collect();
    assert_eq!(given.len(), 2);
    for (key, id) in &given {
        let stored = prod.item(Stored::Connection, id).expect("created");
        assert_eq!(stored["name"], json!(world.name(key)));
    }
    assert!(ran.findings.iter().any(|f| f.code == "not-written" && f.message.contains("`x-unknown-field`")));
    // Another process resumes with what the first was told, and with the records of what was done only.
    for (key, id) in &given {
        let item = plan.items.iter_mut().find(|item| item.key == *key).expect("planned");
        item.new_id = Some(id.as_str().into());
    }
    let fresh = connect(prod, Some(write())).await;
    let done = source.read(&[given[0].0.clone()]).await.expect("read");
    let records = done.into_iter().map(|record| (record.key.clone(), record)).collect();
    let work = haul::model::Work { plan: &Arc::new(plan), records: &records, content: None };
    assert!(fresh.conclude(&work, &()).await.is_ok());
}
