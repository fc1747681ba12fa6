//! Lists: pages, order, ids, filters, hydration, search, and how values are spelled.

use std::collections::BTreeSet;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, assuming, ids, sandbox, space};

const POSTS: &str = "/api/v1/content/blog_post";

fn encoded(filters: &Value) -> String {
    url::form_urlencoded::byte_serialize(filters.to_string().as_bytes()).collect()
}

#[tokio::test]
async fn pages_hold_everything_once_and_a_page_past_the_end_is_empty() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let first = api.get(&format!("{POSTS}?page=1&limit=50&order_by=internal.createdAt&order_direction=asc")).await;
    let total = first["total_count"].as_u64().unwrap() as usize;
    assert_eq!((&first["count"], &first["current_page"]), (&json!(50), &json!(1)));
    assert_eq!(first["total_pages"].as_u64().unwrap() as usize, total.div_ceil(50));
    let mut seen = Vec::new();
    for page in 1..=total.div_ceil(50) {
        seen.extend(ids(&api.get(&format!("{POSTS}?page={page}&limit=50")).await));
    }
    assert_eq!(seen.len(), total);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), total);
    let past = api.get(&format!("{POSTS}?page=99&limit=50")).await;
    assert_eq!((ids(&past).len(), &past["count"], &past["total_count"]), (0, &json!(0), &json!(total)));
    assert_eq!(ids(&api.get(POSTS).await).len(), 20, "twenty unless one says so");
}

#[tokio::test]
async fn a_page_has_at_most_a_thousand_and_nonsense_is_refused() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    api.get(&format!("{POSTS}?limit=1000")).await;
    for query in
        ["limit=1001", "limit=0", "page=0", "page=x", "order_by=nothing", "order_direction=sideways", "filters={"]
    {
        api.expect(Method::GET, &format!("{POSTS}?{query}"), None, 400).await;
    }
    let body = api.expect(Method::GET, &format!("{POSTS}?filters=x"), None, 400).await;
    assert_eq!(body, json!({ "filters": ["Malformed filters json - Syntax error"] }));
    api.expect(Method::GET, "/api/v1/content/none", None, 404).await;
}

#[tokio::test]
async fn objects_of_one_batch_share_a_moment() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let batch: Vec<Value> = (0..3).map(|n| json!({ "id": format!("f-{n}"), "question": "Why?" })).collect();
    api.post("/api/v1/content/faq/batch", &json!(batch)).await;
    let made = api.get("/api/v1/content/faq?ids[]=f-0&ids[]=F-2&ids[]=none").await;
    assert_eq!(ids(&made), ["f-0", "f-2"], "unknown ids are left out");
    assert_eq!(made["data"][0]["internal"]["createdAt"], made["data"][1]["internal"]["createdAt"]);
}

#[tokio::test]
async fn rows_that_are_equal_in_the_order_can_move_between_pages_but_not_by_id() {
    let sandbox = assuming(&["ties=shuffled"]).await;
    let api = Api::dev(&sandbox);
    let read = async |order: &str| {
        let mut seen = Vec::new();
        for page in 1..=7 {
            seen.extend(ids(&api.get(&format!("{POSTS}?page={page}&limit=20&order_by={order}")).await));
        }
        (seen.len(), seen.iter().collect::<BTreeSet<_>>().len())
    };
    let (rows, different) = read("internal.createdAt").await;
    assert!(different < rows, "some came twice: {different} of {rows}");
    let (rows, different) = read("id").await;
    assert_eq!(rows, different);
}

#[rstest]
#[case("order-by-id=allowed", 200)]
#[case("order-by-id=refused", 400)]
#[tokio::test]
async fn an_order_by_id_is_an_assumption(#[case] switch: &str, #[case] expected: u16) {
    let sandbox = assuming(&[switch]).await;
    Api::dev(&sandbox).expect(Method::GET, &format!("{POSTS}?order_by=id"), None, expected).await;
}

#[tokio::test]
async fn filters_find_by_value_by_date_and_by_reference() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let find = async |filters: Value| ids(&api.get(&format!("{POSTS}?limit=1000&filters={}", encoded(&filters))).await);
    let slug = json!({ "slug": { "type": "equals", "filter": ["blog-post-3", "blog-post-4", "none"] } });
    assert_eq!(find(slug).await.len(), 2);
    let author = space(&sandbox).object("blog_post", "blog_post-0002").unwrap()["author"][0]["dataUrl"].clone();
    let found = find(json!({ "author[*].dataUrl": { "type": "includes", "filter": author } })).await;
    assert!(found.contains(&"blog_post-0002".to_owned()));
    let expected =
        space(&sandbox).objects("blog_post").iter().filter(|post| post["author"][0]["dataUrl"] == author).count();
    assert_eq!(found.len(), expected);
    api.patch(&format!("{POSTS}/blog_post-0002"), &json!({ "lead": "new" })).await;
    let since = json!({ "internal.updatedAt": { "type": "greaterThan", "filter": "2026-03-02T08:00:00+00:00" } });
    assert_eq!(find(since).await, ["blog_post-0002"]);
}

#[tokio::test]
async fn hydration_puts_objects_in_the_place_of_relations() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let plain = api.get(&format!("{POSTS}/blog_post-0000")).await;
    let one = api.get(&format!("{POSTS}/blog_post-0000?hydrate=1")).await;
    let two = api.get(&format!("{POSTS}/blog_post-0000?hydrate=2")).await;
    assert!(plain["author"][0]["dataUrl"].is_string());
    assert!(one["author"][0]["name"].is_string() && one["author"][0]["photo"][0]["dataUrl"].is_string());
    assert!(two["author"][0]["photo"][0]["fileName"].is_string());
}

#[tokio::test]
async fn search_finds_objects_of_all_types_of_the_user() {
    let sandbox = sandbox().await;
    let found =
        Api::dev(&sandbox).get("/api/v1/search?q=*&limit=1&order_by=internal.createdAt&order_direction=asc").await;
    assert!(found["total_count"].as_u64().unwrap() >= 400);
    assert!(found["data"][0]["item"]["id"].is_string() && found["data"][0]["score"].is_number());
}

#[tokio::test]
async fn keys_and_empty_objects_can_come_as_php_sends_them() {
    let sandbox = assuming(&["key-order=length", "empty-objects=lists"]).await;
    let api = Api::dev(&sandbox);
    let page = api.get(&format!("{POSTS}/blog_post-0000")).await;
    let keys: Vec<&String> = page.as_object().unwrap().keys().collect();
    let mut sorted = keys.clone();
    sorted.sort_by_key(|key| (key.len(), (*key).clone()));
    assert_eq!(keys, sorted);
    assert_eq!(page["content"]["blocks"][1]["tunes"], json!([]));
    api.put(&format!("{POSTS}/blog_post-0000"), &page).await; // and they can be sent back so
}
