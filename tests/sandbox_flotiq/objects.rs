//! One object: what it has to be, its versions, what holds it, copies of it, and what webhooks would have been told.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, config, definition, faulty, relation, relation_field, sandbox, space, texts};

const TYPES: &str = "/api/v1/internal/contenttype";
const THINGS: &str = "/api/v1/content/thing";

/// A type with a field of every kind of rule.
async fn thing(api: &Api) {
    let sent = definition("thing", |properties, configs| {
        properties["code"] = json!({ "type": "string" });
        configs["code"] = config("text");
        configs["code"]["unique"] = json!(true);
        properties["count"] = json!({ "type": "number" });
        configs["count"] = config("number");
        properties["on"] = json!({ "type": "boolean" });
        configs["on"] = config("checkbox");
        properties["at"] = json!({ "type": "string" });
        configs["at"] = config("dateTime");
        properties["size"] = json!({ "type": "string" });
        configs["size"] = config("select");
        configs["size"]["options"] = json!(["S", "L"]);
        properties["place"] = json!({ "type": "object" });
        configs["place"] = config("geo");
        (properties["tag"], configs["tag"]) = relation_field("_tag", false, 0);
        (properties["needs"], configs["needs"]) = relation_field("", true, 1);
        let (schema, member) = relation_field("_media", false, 0);
        properties["parts"] = json!({ "type": "array", "items": {
            "type": "object", "required": ["text"], "properties": { "text": { "type": "string" }, "pic": schema },
        } });
        configs["parts"] = config("object");
        configs["parts"]["items"] =
            json!({ "order": ["text", "pic"], "propertiesConfig": { "text": config("text"), "pic": member } });
    });
    api.post(TYPES, &sent).await;
}

fn good() -> Value {
    json!({ "id": "t-1", "title": "One", "needs": [relation("_tag", "_tag-1")] })
}

#[tokio::test]
async fn an_object_is_made_and_read_with_what_the_server_adds() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let made = api.post(THINGS, &good()).await;
    let internal = &made["internal"];
    assert_eq!((&made["title"], &internal["status"]), (&json!("One"), &json!("public")));
    assert_eq!((&internal["contentType"], &internal["latestVersion"]), (&json!("thing"), &json!(1)));
    assert_eq!((&internal["deletedAt"], &internal["objectTitle"]), (&json!(""), &json!("One")));
    assert!(internal["createdAt"].as_str().unwrap().ends_with("+00:00"));
    assert_eq!(api.get(&format!("{THINGS}/t-1")).await, made);
    assert_eq!(api.get(&format!("{THINGS}/T-1")).await, made, "the case of an id does not count");
}

#[tokio::test]
async fn an_id_is_made_where_none_is_sent() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let mut sent = good();
    sent.as_object_mut().unwrap().remove("id");
    let id = api.post(THINGS, &sent).await["id"].as_str().unwrap().to_owned();
    assert!(id.strip_prefix("thing-").unwrap().parse::<u64>().is_ok(), "{id}");
}

#[rstest]
#[case::absent("title", Value::Null, "title", "The property title is required")]
#[case::empty("title", json!(""), "title", "Must be at least 1 characters long")]
#[case::unknown("other", json!(1), "other", "does not allow additional properties")]
#[case::text_as_number("count", json!("1"), "count", "String value found, but a number is required")]
#[case::number_as_text("title", json!(1), "title", "Number value found, but a string is required")]
#[case::number_as_boolean("on", json!(1), "on", "a boolean is required")]
#[case::option("size", json!("M"), "size", "The value does not match possible options")]
#[case::date("at", json!("{{date:+60d}}T08:00"), "at", "Does not match the regex pattern")]
#[case::degrees("place", json!({ "lat": 91, "lon": 0 }), "place.lat", "degrees")]
#[case::nobody("tag", json!([relation("_tag", "_tag-none")]), "tag", "This value does not exist in database")]
#[case::not_a_relation("tag", json!(["_tag-1"]), "tag", "This value does not exist in database")]
#[case::external("tag", json!([{ "type": "external", "dataUrl": "https://a.invalid" }]), "tag", "does not exist")]
#[case::other_type("tag", json!([relation("faq", "faq-0001")]), "tag", "Only objects of _tag")]
#[case::two("tag", json!([relation("_tag", "_tag-1"), relation("_tag", "_tag-2")]), "tag", "a maximum of 1 items")]
#[case::twice("needs", json!([relation("_tag", "_tag-1"), relation("_tag", "_tag-1")]), "needs", "no duplicates")]
#[case::too_few("needs", json!([]), "needs", "There must be a minimum of 1 items in the array")]
#[case::of_any_type_but_nobody("needs", json!([relation("faq", "none")]), "needs", "does not exist")]
#[case::member_lacks("parts", json!([{ "pic": [] }]), "parts[0].text", "The property text is required")]
#[case::member_to_nobody(
    "parts", json!([{ "text": "a" }, { "text": "b", "pic": [relation("_media", "none")] }]), "parts[1].pic",
    "This value does not exist in database",
)]
#[case::letters_of_id("id", json!("a/b"), "id", "Does not match the regex pattern")]
#[tokio::test]
async fn an_object_that_breaks_a_rule_is_refused_at_its_field(
    #[case] field: &str,
    #[case] value: Value,
    #[case] place: &str,
    #[case] why: &str,
) {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let mut sent = good();
    sent[field] = value;
    let body = api.refused(Method::POST, THINGS, &sent, 400).await;
    assert!(texts(&body[place]).iter().any(|text| text.contains(why)), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert!(space(&sandbox).objects("thing").is_empty());
}

#[tokio::test]
async fn unique_values_and_ids_are_taken_once_whatever_the_case_of_an_id() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let mut sent = good();
    sent["code"] = json!("a");
    api.post(THINGS, &sent).await;
    let used = json!(["This value is already used"]);
    sent["id"] = json!("T-1");
    assert_eq!(api.refused(Method::POST, THINGS, &sent, 400).await, json!({ "id": used }));
    sent["id"] = json!("t-2");
    assert_eq!(api.refused(Method::POST, THINGS, &sent, 400).await, json!({ "code": used }));
    sent["id"] = json!("t-1");
    api.put(&format!("{THINGS}/t-1"), &sent).await; // its own value is no other's
    sent["code"] = json!("b");
    api.put(&format!("{THINGS}/t-1"), &sent).await;
    (sent["id"], sent["code"]) = (json!("t-2"), json!("a"));
    api.post(THINGS, &sent).await; // the value is free again
    (sent["id"], sent["code"]) = (json!("t-3"), json!(""));
    api.post(THINGS, &sent).await;
    sent["id"] = json!("t-4");
    api.post(THINGS, &sent).await; // nothing is no value
}

#[tokio::test]
async fn put_replaces_all_fields_and_patch_some() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let mut sent = good();
    sent["count"] = json!(1);
    let made = api.post(THINGS, &sent).await;
    let patched = api.patch(&format!("{THINGS}/t-1"), &json!({ "title": "Two", "internal": made["internal"] })).await;
    assert_eq!((&patched["title"], &patched["count"]), (&json!("Two"), &json!(1)));
    let put = api.put(&format!("{THINGS}/T-1"), &good()).await;
    assert_eq!((&put["id"], &put["count"]), (&json!("t-1"), &Value::Null));
    let internal = |object: &Value, key: &str| object["internal"][key].clone();
    assert_eq!(internal(&put, "latestVersion"), 3);
    assert_eq!(internal(&put, "createdAt"), internal(&made, "createdAt"));
    assert!(internal(&put, "updatedAt").as_str() > internal(&made, "updatedAt").as_str());
    let body = api.refused(Method::PUT, &format!("{THINGS}/t-1"), &json!({ "id": "t-9", "title": "x" }), 400).await;
    assert!(body["id"].is_array());
    api.refused(Method::PUT, &format!("{THINGS}/t-9"), &good(), 404).await;
    api.refused(Method::PATCH, &format!("{THINGS}/t-9"), &json!({ "title": "x" }), 404).await;
}

#[tokio::test]
async fn odd_ids_are_read_by_their_percent_encoding() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    for (id, encoded) in [("a b", "a%20b"), ("50%#&?", "50%25%23%26%3F"), ("batch", "batch"), ("\"{x}", "%22%7Bx%7D")] {
        let mut sent = good();
        sent["id"] = json!(id);
        api.post(THINGS, &sent).await;
        let found = api.ask(Method::GET, &format!("{THINGS}/{encoded}"), None).await;
        // A word that is also the end of a route cannot be told from it.
        assert_eq!(found.0 == 200, id != "batch", "{id}");
    }
    let mut sent = good();
    (sent["id"], sent["needs"]) =
        (json!("t-9"), json!([relation("thing", "a b"), relation("thing", "50%25%23%26%3F")]));
    api.post(THINGS, &sent).await;
}

#[tokio::test]
async fn head_tells_whether_an_object_is_there() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    for (id, status) in [("faq-0001", 200), ("FAQ-0001", 200), ("faq-none", 404)] {
        let reply = api.send(Method::HEAD, &format!("/api/v1/content/faq/{id}"), None).await;
        assert_eq!(reply.status(), status, "{id}");
    }
}

#[tokio::test]
async fn what_others_refer_to_cannot_be_deleted_and_what_is_deleted_is_listed() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    api.post(THINGS, &good()).await;
    let start = api.get(&format!("{THINGS}/t-1")).await["internal"]["createdAt"].as_str().unwrap().to_owned();
    let mut holder = good();
    (holder["id"], holder["needs"]) = (json!("t-2"), json!([relation("thing", "T-1")]));
    api.post(THINGS, &holder).await;
    let body = api.expect(Method::DELETE, &format!("{THINGS}/t-1"), None, 400).await;
    assert_eq!(body, json!({ "errors": ["This content object is used in another content object."] }));
    api.expect(Method::DELETE, &format!("{THINGS}/t-2"), None, 204).await;
    api.expect(Method::DELETE, &format!("{THINGS}/T-1"), None, 204).await;
    api.expect(Method::DELETE, &format!("{THINGS}/t-1"), None, 404).await;
    let removed = format!("{THINGS}/removed");
    assert_eq!(api.get(&removed).await, json!(["t-2", "t-1"]));
    let since = start.replace('T', " ").replace("+00:00", "");
    assert_eq!(api.get(&format!("{removed}?deletedAfter={}", since.replace(' ', "%20"))).await, json!(["t-2", "t-1"]));
    assert_eq!(api.get(&format!("{removed}?deletedAfter=2027-01-01")).await, json!([]));
    let body = api.expect(Method::GET, &format!("{removed}?deletedAfter=soon"), None, 400).await;
    assert_eq!(body, json!({ "deletedAfter": ["Wrong date format"] }));
}

#[tokio::test]
async fn an_object_that_refers_to_itself_alone_can_be_deleted() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let mut sent = good();
    sent["needs"] = json!([relation("thing", "t-1")]);
    api.refused(Method::POST, THINGS, &sent, 400).await; // it is not there while it is made
    api.post(THINGS, &good()).await;
    api.put(&format!("{THINGS}/t-1"), &sent).await;
    api.expect(Method::DELETE, &format!("{THINGS}/t-1"), None, 204).await;
}

#[tokio::test]
async fn every_write_makes_a_version_that_can_be_read() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    api.post(THINGS, &good()).await;
    api.patch(&format!("{THINGS}/t-1"), &json!({ "title": "Two" })).await;
    let list = api.get(&format!("{THINGS}/t-1/version")).await;
    assert_eq!(list["total_count"], 2);
    assert_eq!((&list["data"][0]["version"], &list["data"][0]["current"]), (&json!(2), &json!(true)));
    assert_eq!(api.get(&format!("{THINGS}/t-1/version/1")).await["title"], "One");
    assert_eq!(api.get(&format!("{THINGS}/t-1/version/2")).await["title"], "Two");
    api.expect(Method::GET, &format!("{THINGS}/t-1/version/3"), None, 404).await;
}

#[tokio::test]
async fn an_active_slug_rule_fills_what_was_left_out() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let category = "/api/v1/content/category";
    let made = api.post(category, &json!({ "id": "c-1", "name": "Bread & Butter" })).await;
    assert_eq!(made["slug"], "bread-butter");
    let made = api.post(category, &json!({ "id": "c-2", "name": "Bread & Butter" })).await;
    assert_eq!(made["slug"], "bread-butter-2");
    let made = api.post(category, &json!({ "id": "c-3", "name": "Bread & Butter", "slug": "own" })).await;
    assert_eq!(made["slug"], "own");
}

#[tokio::test]
async fn a_copy_gets_its_own_id_and_unique_values_and_keeps_its_references() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let post = "/api/v1/content/blog_post/blog_post-0000";
    let original = api.get(post).await;
    let copy = api.post(&format!("{post}/duplicate"), &json!({ "relatedObjectsToDuplicate": [] })).await;
    assert_ne!(copy["id"], original["id"]);
    assert!(copy["slug"].as_str().unwrap().starts_with(original["slug"].as_str().unwrap()));
    assert_ne!(copy["slug"], original["slug"]);
    assert_eq!((&copy["author"], &copy["image"]), (&original["author"], &original["image"]));
    let author = original["author"][0]["dataUrl"].as_str().unwrap().rsplit('/').next().unwrap();
    let copy = api.post(&format!("{post}/duplicate"), &json!({ "relatedObjectsToDuplicate": [author] })).await;
    assert_ne!(copy["author"], original["author"]);
}

#[tokio::test]
async fn an_object_over_one_megabyte_and_a_body_that_is_no_json_are_refused() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    thing(&api).await;
    let mut sent = good();
    sent["title"] = json!("x".repeat(1_000_000));
    let body = api.refused(Method::POST, THINGS, &sent, 413).await;
    assert_eq!(body["code"], 413);
    assert!(body["message"].as_str().unwrap().contains("with ID: t-1. Requested size 1.00 MB"), "{body}");
    let batch = format!("{THINGS}/batch");
    assert_eq!(api.refused(Method::POST, &batch, &json!([good(), sent]), 413).await["code"], 413);
    assert!(space(&sandbox).objects("thing").is_empty());
    for request in [api.request(Method::POST, THINGS), api.request(Method::PUT, &format!("{THINGS}/t-1"))] {
        let reply = request.header("Content-Type", "text/plain").body(good().to_string()).send().await.unwrap();
        assert_eq!(reply.status(), 415);
    }
    for body in ["{", "[1]", "7"] {
        let request = api.request(Method::POST, THINGS).header("Content-Type", "application/json");
        assert_eq!(request.body(body).send().await.unwrap().status(), 400, "{body}");
    }
    api.refused(Method::POST, "/api/v1/content/none", &good(), 404).await;
}

#[tokio::test]
async fn every_write_tells_enabled_webhooks_and_reads_tell_none() {
    let sandbox = sandbox().await;
    let (api, space) = (Api::dev(&sandbox), space(&sandbox));
    api.get("/api/v1/content/faq?limit=1000").await;
    assert!(space.fired().is_empty());
    let faq = "/api/v1/content/faq";
    api.post(faq, &json!({ "id": "f-1", "question": "Why?" })).await;
    api.patch(&format!("{faq}/f-1"), &json!({ "question": "How?" })).await;
    api.expect(Method::DELETE, &format!("{faq}/f-1"), None, 204).await;
    let told = |action: &str| json!({ "webhook": "_webhooks-1", "action": action, "type": "faq", "id": "f-1" });
    assert_eq!(space.fired(), [told("Create"), told("Update"), told("Delete")]);
    space.forget_fired();
    api.patch("/api/v1/content/_webhooks/batch", &json!([{ "id": "_webhooks-1", "enabled": false }])).await;
    api.post(faq, &json!({ "id": "f-2", "question": "Why?" })).await;
    assert!(space.fired().is_empty());
    api.patch("/api/v1/content/_webhooks/_webhooks-2", &json!({ "enabled": true })).await;
    api.patch("/api/v1/content/blog_post/blog_post-0000", &json!({ "lead": "new" })).await;
    api.patch("/api/v1/content/page/page-0000", &json!({ "content": "new" })).await;
    let fired = space.fired();
    assert_eq!(fired.iter().map(|hook| hook["type"].as_str().unwrap()).collect::<Vec<_>>(), ["blog_post"]);
}

#[tokio::test]
async fn a_synchronous_webhook_can_refuse_a_write() {
    let sandbox = faulty(&["webhook-refuses=faq"]).await;
    let api = Api::dev(&sandbox);
    let sent = json!({ "id": "f-1", "question": "Why?" });
    let body = api.refused(Method::POST, "/api/v1/content/faq", &sent, 400).await;
    assert!(body["__webhook"][0].as_str().unwrap().starts_with("Error processing"));
    assert!(space(&sandbox).object("faq", "f-1").is_none());
}
