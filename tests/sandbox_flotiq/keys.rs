//! Keys: which is good, and what each may do.

use haul::sandbox::Right;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, definition, sandbox, space};

#[tokio::test]
async fn the_first_line_names_the_key_that_reads_and_writes() {
    let sandbox = sandbox().await;
    let servers = &sandbox.announce()["servers"];
    assert_eq!(servers[0]["platform"], "flotiq");
    assert_eq!(servers[1]["token"], "EXAMPLE-prod-read-write-key");
    let url = servers[0]["url"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with('/'), "{url}");
}

#[rstest]
#[case::without(None)]
#[case::wrong(Some("EXAMPLE-dev-other-key".to_owned()))]
#[case::of_the_other_space(Some("EXAMPLE-prod-read-write-key".to_owned()))]
#[case::expired(Some("EXAMPLE-dev-expired-key".to_owned()))]
#[tokio::test]
async fn without_a_good_key_there_is_nothing(#[case] key: Option<String>) {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox).with_key(key);
    for path in ["/api/auth-context", "/api/v1/internal/contenttype", "/api/v1/content/blog_post", "/api/v1/search?q=*"]
    {
        let body = api.expect(Method::GET, path, None, 401).await;
        assert_eq!(body, json!({ "code": 401, "message": "Unauthorized" }));
    }
    assert_eq!(api.upload("file", "a.txt", "text/plain", b"a").await.0, 401);
}

#[tokio::test]
async fn a_key_is_good_in_the_header_and_in_the_address() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    assert!(api.get("/api/auth-context").await.is_object());
    let key = api.key.clone().unwrap();
    let api = api.with_key(None);
    assert!(api.get(&format!("/api/auth-context?auth_token={key}")).await.is_object());
}

#[tokio::test]
async fn a_read_only_key_reads_everything_and_writes_nothing() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox).with_key(space(&sandbox).key_named("read-only"));
    let before = sandbox.server("dev").dump()["types"].clone();
    for path in ["/api/v1/internal/contenttype", "/api/v1/content/blog_post", "/api/v1/content/_webhooks"] {
        api.get(path).await;
    }
    let thing = json!({ "id": "tag-9", "name": "x" });
    let writes = [
        (Method::POST, "/api/v1/content/_tag", thing.clone()),
        (Method::PUT, "/api/v1/content/_tag/_tag-1", thing.clone()),
        (Method::PATCH, "/api/v1/content/_tag/_tag-1", thing.clone()),
        (Method::DELETE, "/api/v1/content/_tag/_tag-6", Value::Null),
        (Method::POST, "/api/v1/content/_tag/batch", json!([thing])),
        (Method::PATCH, "/api/v1/content/_tag/batch", json!([thing])),
        (Method::POST, "/api/v1/content/_tag/batch-delete", json!(["_tag-6"])),
        (Method::POST, "/api/v1/content/blog_post/blog_post-0000/publish", json!({})),
        (Method::POST, "/api/v1/content/blog_post/batch-publish", json!(["blog_post-0000"])),
        (Method::POST, "/api/v1/content/blog_post/blog_post-0000/duplicate", json!({})),
        (Method::POST, "/api/v1/internal/contenttype", definition("thing", |_, _| {})),
        (Method::PUT, "/api/v1/internal/contenttype/faq", definition("faq", |_, _| {})),
        (Method::DELETE, "/api/v1/internal/contenttype/faq", Value::Null),
        (Method::POST, "/api/v1/internal/contenttype/faq/purge", json!({})),
        (Method::POST, "/api/v1/spaces/space-dev/purge", json!({ "spaceId": "space-dev" })),
        (Method::GET, "/api/v1/content/_tag/removed", Value::Null),
    ];
    for (method, path, body) in writes {
        let body = api.refused(method, path, &body, 403).await;
        assert_eq!(body["message"], "Access denied or quota limit exceeded", "{path}");
    }
    assert_eq!(api.upload("file", "a.txt", "text/plain", b"a").await.0, 403);
    assert_eq!(sandbox.server("dev").dump()["types"], before);
}

#[tokio::test]
async fn a_scoped_key_has_rights_for_each_type() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox).with_key(space(&sandbox).key_named("scoped"));
    api.get("/api/v1/internal/contenttype").await;
    api.get("/api/v1/content/author").await;
    api.patch("/api/v1/content/blog_post/blog_post-0000", &json!({ "lead": "new" })).await;
    for (method, path) in [
        (Method::PATCH, "/api/v1/content/author/author-0000"),
        (Method::DELETE, "/api/v1/content/blog_post/blog_post-0000"),
        (Method::GET, "/api/v1/content/_webhooks"),
        (Method::GET, "/api/v1/content/page"),
    ] {
        api.refused(method, path, &json!({}), 403).await;
    }
    let found = api.get("/api/v1/search?q=*&limit=1000").await;
    let types: std::collections::BTreeSet<&str> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["item"]["internal"]["contentType"].as_str().unwrap())
        .collect();
    assert_eq!(types.into_iter().collect::<Vec<_>>(), ["author", "blog_post", "category"]);
}

#[tokio::test]
async fn removed_ids_need_the_right_to_delete_too() {
    let sandbox = sandbox().await;
    let key = space(&sandbox).grant("reader", &[("page", &[Right::Read])]);
    let api = Api::dev(&sandbox).with_key(Some(key));
    api.refused(Method::GET, "/api/v1/content/page/removed", &Value::Null, 403).await;
    let key = space(&sandbox).grant("gardener", &[("page", &[Right::Read, Right::Delete])]);
    Api::dev(&sandbox).with_key(Some(key)).get("/api/v1/content/page/removed").await;
}

#[tokio::test]
async fn a_batch_that_may_update_needs_both_rights() {
    let sandbox = sandbox().await;
    let key = space(&sandbox).grant("maker", &[("_tag", &[Right::Create])]);
    let api = Api::dev(&sandbox).with_key(Some(key));
    let tag = json!([{ "id": "t-1", "name": "one" }]);
    api.refused(Method::POST, "/api/v1/content/_tag/batch?updateExisting=true", &tag, 403).await;
    api.post("/api/v1/content/_tag/batch", &tag).await;
}
