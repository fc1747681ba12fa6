//! Draft & Public: states, what each read shows, and the steps between them.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, assuming, ids, sandbox, space};

const PAGES: &str = "/api/v1/content/page";

async fn status(api: &Api, id: &str) -> String {
    api.get(&format!("{PAGES}/{id}")).await["internal"]["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_object_goes_through_all_states() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let made = api.post(PAGES, &json!({ "id": "p-1", "title": "One" })).await;
    assert_eq!((&made["internal"]["status"], &made["internal"]["publicVersion"]), (&json!("draft"), &json!(-1)));
    let mut seen = vec![status(&api, "p-1").await];
    for (path, body) in [
        ("publish", Value::Null),
        ("", json!({ "title": "Two" })),
        ("archive", json!({ "any": "body" })),
        ("publish", json!({})),
        ("unpublish", json!({})),
    ] {
        match path {
            "" => api.patch(&format!("{PAGES}/p-1"), &body).await,
            step => api.refused(Method::POST, &format!("{PAGES}/p-1/{step}"), &body, 204).await,
        };
        seen.push(status(&api, "p-1").await);
    }
    assert_eq!(seen, ["draft", "public", "modified", "archived", "public", "draft"]);
    assert_eq!(api.get(&format!("{PAGES}/p-1")).await["internal"]["latestVersion"], 2, "a step makes no version");
    api.refused(Method::POST, &format!("{PAGES}/none/publish"), &json!({}), 404).await;
}

#[tokio::test]
async fn without_preview_only_what_is_public_is_read() {
    let sandbox = sandbox().await;
    let (api, plain) = (Api::dev(&sandbox), Api::dev(&sandbox).plain());
    let all = ids(&api.get(&format!("{PAGES}?limit=1000")).await);
    let public = ids(&plain.get(&format!("{PAGES}?limit=1000")).await);
    assert!(public.len() < all.len() && !public.is_empty());
    for object in space(&sandbox).objects("page") {
        let (id, status) = (object["id"].as_str().unwrap(), object["internal"]["status"].as_str().unwrap());
        let shown = matches!(status, "public" | "modified");
        assert_eq!(public.contains(&id.to_owned()), shown, "{id} is {status}");
        let found = plain.ask(Method::GET, &format!("{PAGES}/{id}"), None).await.0;
        assert_eq!(found, if shown { 200 } else { 404 }, "{id} is {status}");
    }
}

#[rstest]
#[case("plain-modified=public-version", Some("One"))]
#[case("plain-modified=newest", Some("Two"))]
#[case("plain-modified=hidden", None)]
#[tokio::test]
async fn what_the_public_sees_of_a_modified_object_is_an_assumption(#[case] switch: &str, #[case] title: Option<&str>) {
    let sandbox = assuming(&[switch]).await;
    let (api, plain) = (Api::dev(&sandbox), Api::dev(&sandbox).plain());
    api.post(PAGES, &json!({ "id": "p-1", "title": "One" })).await;
    api.refused(Method::POST, &format!("{PAGES}/p-1/publish"), &json!({}), 204).await;
    api.patch(&format!("{PAGES}/p-1"), &json!({ "title": "Two" })).await;
    assert_eq!(api.get(&format!("{PAGES}/p-1")).await["title"], "Two");
    let (found, body) = plain.ask(Method::GET, &format!("{PAGES}/p-1"), None).await;
    assert_eq!((found == 200).then(|| body["title"].as_str().unwrap()), title);
    let listed = plain.get(&format!("{PAGES}?ids[]=p-1")).await;
    assert_eq!(listed["data"][0]["title"].as_str(), title);
}

#[tokio::test]
async fn writes_reach_drafts_without_preview() {
    let sandbox = sandbox().await;
    let plain = Api::dev(&sandbox).plain();
    plain.post(PAGES, &json!({ "id": "p-1", "title": "One" })).await;
    plain.expect(Method::GET, &format!("{PAGES}/p-1"), None, 404).await;
    plain.put(&format!("{PAGES}/p-1"), &json!({ "title": "Two" })).await;
    assert_eq!(space(&sandbox).object("page", "p-1").unwrap()["title"], "Two");
}

#[tokio::test]
async fn many_are_published_at_once_or_none() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    for id in ["p-1", "p-2"] {
        api.post(PAGES, &json!({ "id": id, "title": id })).await;
    }
    api.refused(Method::POST, &format!("{PAGES}/batch-publish"), &json!(["p-1", "none"]), 404).await;
    assert_eq!(status(&api, "p-1").await, "draft");
    for (step, expected) in [("publish", "public"), ("archive", "archived"), ("unpublish", "draft")] {
        api.refused(Method::POST, &format!("{PAGES}/batch-{step}"), &json!(["p-1", "P-2"]), 204).await;
        assert_eq!((status(&api, "p-1").await, status(&api, "p-2").await), (expected.to_owned(), expected.to_owned()));
    }
    let many: Vec<String> = (0..101).map(|number| format!("p-{number}")).collect();
    let body = api.refused(Method::POST, &format!("{PAGES}/batch-publish"), &json!(many), 400).await;
    assert_eq!(body["batch_limit"], 100);
}

#[tokio::test]
async fn a_publication_with_hydrate_takes_what_it_refers_to_along() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let link = json!([{ "type": "internal", "dataUrl": "/api/v1/content/page/p-1" }]);
    api.post(PAGES, &json!({ "id": "p-1", "title": "One" })).await;
    api.post(PAGES, &json!({ "id": "p-2", "title": "Two", "sections": [{ "heading": "h", "link": link }] })).await;
    api.refused(Method::POST, &format!("{PAGES}/p-2/publish?hydrate=0"), &json!({}), 204).await;
    assert_eq!(status(&api, "p-1").await, "draft");
    api.refused(Method::POST, &format!("{PAGES}/p-2/publish?hydrate=1"), &json!({}), 204).await;
    assert_eq!(status(&api, "p-1").await, "public");
}

#[rstest]
#[case("publish-plain=accepted", 204)]
#[case("publish-plain=refused", 400)]
#[tokio::test]
async fn a_type_without_drafts_takes_a_publication_or_refuses_it(#[case] switch: &str, #[case] expected: u16) {
    let sandbox = assuming(&[switch]).await;
    let api = Api::dev(&sandbox);
    api.refused(Method::POST, "/api/v1/content/faq/faq-0001/publish", &json!({}), expected).await;
    assert_eq!(api.get("/api/v1/content/faq/faq-0001").await["internal"]["status"], "public");
}
