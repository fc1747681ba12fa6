//! Many objects in one request: counts, partial failures, limits, and what nobody knows of them as switches.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, assuming, relation, sandbox, space};

const TAGS: &str = "/api/v1/content/_tag";
const BATCH: &str = "/api/v1/content/_tag/batch";

fn tag(id: &str) -> Value {
    json!({ "id": id, "name": id })
}

#[tokio::test]
async fn a_batch_creates_and_with_leave_updates() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let counts = api.post(BATCH, &json!([tag("t-1"), tag("t-2")])).await;
    assert_eq!(counts["batch_total_count"], 2);
    assert_eq!((&counts["batch_success_count"], &counts["batch_error_count"]), (&json!(2), &json!(0)));
    let body = api.refused(Method::POST, BATCH, &json!([tag("T-1")]), 400).await;
    assert_eq!(body["errors"][0]["errors"], json!({ "id": ["This value is already used"] }));
    api.refused(Method::POST, &format!("{BATCH}?updateExisting=false"), &json!([tag("t-1")]), 400).await;
    let renamed = json!([{ "id": "T-1", "name": "other", "internal": { "status": "draft" } }, tag("t-3")]);
    api.post(&format!("{BATCH}?updateExisting=true"), &renamed).await;
    let first = space(&sandbox).object("_tag", "t-1").unwrap();
    assert_eq!((&first["id"], &first["name"]), (&json!("t-1"), &json!("other")));
    assert_eq!((&first["internal"]["latestVersion"], &first["internal"]["status"]), (&json!(2), &json!("public")));
}

#[tokio::test]
async fn an_update_in_a_batch_replaces_all_fields() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let faq = "/api/v1/content/faq/batch?updateExisting=true";
    api.post(faq, &json!([{ "id": "faq-0001", "question": "Only this" }])).await;
    assert_eq!(space(&sandbox).object("faq", "faq-0001").unwrap()["answer"], Value::Null);
    let body = api.refused(Method::POST, faq, &json!([{ "id": "faq-0002", "answer": "no question" }]), 400).await;
    assert_eq!(body["errors"][0]["errors"], json!({ "question": ["The property question is required"] }));
}

#[rstest]
#[case("batch-failure=good-stored", true)]
#[case("batch-failure=nothing-stored", false)]
#[tokio::test]
async fn whether_the_good_objects_of_a_refused_batch_are_stored_is_an_assumption(
    #[case] switch: &str,
    #[case] stored: bool,
) {
    let sandbox = assuming(&[switch]).await;
    let (api, space) = (Api::dev(&sandbox), space(&sandbox));
    let before = space.object("_tag", "_tag-1").unwrap();
    space.forget_fired();
    let batch = json!([tag("t-1"), { "id": "_tag-1", "name": "changed" }, { "id": "t-2" }, tag("t-3")]);
    let body = api.refused(Method::POST, &format!("{BATCH}?updateExisting=true"), &batch, 400).await;
    assert_eq!(body["batch_total_count"], 4);
    assert_eq!((&body["batch_success_count"], &body["batch_error_count"]), (&json!(3), &json!(1)));
    assert_eq!(
        body["errors"],
        json!([{ "data": { "id": "t-2" }, "errors": { "name": ["The property name is required"] } }])
    );
    assert_eq!(space.object("_tag", "t-1").is_some(), stored);
    assert_eq!(space.object("_tag", "t-3").is_some(), stored);
    assert_eq!(space.object("_tag", "_tag-1").unwrap() != before, stored);
}

#[tokio::test]
async fn errors_can_come_by_id_alone() {
    let sandbox = assuming(&["batch-errors=id"]).await;
    let body = Api::dev(&sandbox).refused(Method::POST, BATCH, &json!([{ "id": "t-2" }]), 400).await;
    assert_eq!(body["errors"], json!([{ "id": "t-2", "errors": { "name": ["The property name is required"] } }]));
}

#[tokio::test]
async fn more_than_a_hundred_and_the_same_id_twice_are_refused() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let tags: Vec<Value> = (0..101).map(|number| tag(&format!("t-{number}"))).collect();
    for (method, path) in [(Method::POST, BATCH), (Method::PATCH, BATCH)] {
        let body = api.refused(method, path, &json!(tags), 400).await;
        assert_eq!(body, json!({ "batch_limit": 100, "data": [] }));
    }
    assert!(space(&sandbox).object("_tag", "t-0").is_none());
    api.post(BATCH, &json!(tags[..100])).await;
    let body = api.refused(Method::POST, BATCH, &json!([tag("a"), tag("A")]), 400).await;
    assert_eq!((&body["batch_success_count"], &body["batch_error_count"]), (&json!(1), &json!(1)));
    assert_eq!(body["errors"][0]["errors"]["id"], json!(["There are duplications in object data, key: id"]));
}

#[rstest]
#[case("batch-references=earlier", 200)]
#[case("batch-references=stored-before", 400)]
#[tokio::test]
async fn an_object_may_refer_to_one_before_it_in_the_batch_or_not(#[case] switch: &str, #[case] expected: u16) {
    let sandbox = assuming(&[switch]).await;
    let api = Api::dev(&sandbox);
    let item = |id: &str, parent: Value| json!({ "id": id, "label": id, "parent": parent });
    let batch = "/api/v1/content/menu_item/batch";
    let pair = json!([item("m-1", json!([])), item("m-2", json!([relation("menu_item", "m-1")]))]);
    api.expect(Method::POST, batch, Some(&pair), expected).await;
    let pair = json!([item("m-3", json!([relation("menu_item", "m-4")])), item("m-4", json!([]))]);
    api.expect(Method::POST, batch, Some(&pair), 400).await;
}

#[rstest]
#[case("patch-batch=all-or-nothing", "hero")]
#[case("patch-batch=others-applied", "new")]
#[tokio::test]
async fn a_partial_batch_with_an_unknown_id_is_404(#[case] switch: &str, #[case] name: &str) {
    let sandbox = assuming(&[switch]).await;
    let api = Api::dev(&sandbox);
    let batch = json!([{ "id": "_tag-1", "name": "new" }, { "id": "none", "name": "new" }]);
    api.refused(Method::PATCH, BATCH, &batch, 404).await;
    assert_eq!(api.get(&format!("{TAGS}/_tag-1")).await["name"], name);
    assert!(space(&sandbox).object("_tag", "none").is_none());
    api.patch("/api/v1/content/_media/batch", &json!([])).await;
}

#[tokio::test]
async fn a_partial_batch_keeps_the_other_fields() {
    let sandbox = sandbox().await;
    let (api, space) = (Api::dev(&sandbox), space(&sandbox));
    let mut expected = space.object("_webhooks", "_webhooks-1").unwrap();
    api.patch("/api/v1/content/_webhooks/batch", &json!([{ "id": "_webhooks-1", "enabled": false }])).await;
    let mut found = space.object("_webhooks", "_webhooks-1").unwrap();
    assert_eq!(found["enabled"], false);
    for object in [&mut expected, &mut found] {
        object.as_object_mut().unwrap().retain(|key, _| key != "internal" && key != "enabled");
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_batch_of_deletions_does_what_it_can() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let path = format!("{TAGS}/batch-delete");
    api.post(BATCH, &json!([tag("t-1"), tag("t-2")])).await;
    let body = api.refused(Method::POST, &path, &json!(["t-1", "none", "_tag-1"]), 400).await;
    let errors = json!([
        "Content object: \"none\" doesn't exist",
        "Content object: \"_tag-1\" is used in another content object.",
    ]);
    assert_eq!(body, json!({ "errors": errors }));
    assert!(space(&sandbox).object("_tag", "t-1").is_none());
    assert_eq!(api.post(&path, &json!(["T-2"])).await, json!({ "deletedCount": 1 }));
    let many: Vec<String> = (0..101).map(|number| format!("t-{number}")).collect();
    assert_eq!(api.refused(Method::POST, &path, &json!(many), 400).await["batch_limit"], 100);
}
