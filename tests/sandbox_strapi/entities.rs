//! Rows that are pushed: what is filled in, what is mapped, what is attached by ids of the destination, what is refused.

use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{
    ARTICLE, AUTHOR, CATEGORY, Client, FILE, NOTE, PAGE, PROFILE, TAG, entity, ids, nothing, row_with, sandbox, site,
};

/// Pushes the rows into a fresh server and gives it back.
async fn pushed(rows: impl FnOnce(&haul::sandbox::Server) -> Vec<Value>) -> haul::sandbox::Sandbox {
    let sandbox = sandbox().await;
    let rows = rows(sandbox.server("dev"));
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    let stats = client.stage("entities", rows.clone()).await;
    assert_eq!(stats, json!({ "ok": true, "stats": { "started": rows.len(), "finished": rows.len() } }));
    client.finish().await;
    sandbox
}

/// The targets of one row by one field, with their places in its list.
fn targets(server: &haul::sandbox::Server, uid: &str, field: &str, from: u64) -> Vec<(u64, Value)> {
    let links = site(server).links(uid, field).into_iter().filter(|link| link["left"]["ref"] == from);
    links.map(|link| (link["right"]["ref"].as_u64().unwrap(), link["left"]["pos"].clone())).collect()
}

/// The files of one media field.
fn media(server: &haul::sandbox::Server, uid: &str, field: &str, of: u64) -> Vec<u64> {
    let links = site(server)
        .links(FILE, "related")
        .into_iter()
        .filter(|link| link["right"]["type"] == uid && link["right"]["field"] == field && link["right"]["ref"] == of);
    links.map(|link| link["left"]["ref"].as_u64().unwrap()).collect()
}

fn id_of(server: &haul::sandbox::Server, uid: &str, field: &str, value: &str) -> u64 {
    row_with(server, uid, field, value)["id"].as_u64().unwrap()
}

#[tokio::test]
async fn what_is_absent_is_filled_in_and_what_is_unknown_is_dropped() {
    let sandbox = pushed(|_| {
        vec![
            entity(AUTHOR, 1, json!({ "name": "Filled", "nosuch": 1 })),
            entity(TAG, 2, json!({ "label": 5, "big": 12, "publishedAt": null, "refs": [] })),
        ]
    })
    .await;
    let server = sandbox.server("dev");
    let data = &row_with(server, AUTHOR, "name", "Filled")["data"];
    assert_eq!(data["documentId"].as_str().unwrap().len(), 24);
    assert!(data["publishedAt"].is_string(), "now, not a draft");
    assert_eq!((&data["createdAt"], &data["locale"], &data["email"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(data.get("nosuch").is_none());
    let tag = &row_with(server, TAG, "label", "5")["data"];
    assert_eq!((&tag["big"], &tag["publishedAt"]), (&json!("12"), &Value::Null));
}

#[tokio::test]
async fn relations_are_attached_by_ids_of_the_destination() {
    let sandbox = pushed(|server| {
        let (authors, tags, files, articles) =
            (ids(server, AUTHOR), ids(server, TAG), ids(server, FILE), ids(server, ARTICLE));
        vec![
            entity(
                ARTICLE,
                1,
                json!({ "title": "Number", "publishedAt": null, "locale": "en", "author": authors[1],
                    "category": { "id": 1 }, "tags": [tags[2], { "id": tags[0] }], "cover": files[0],
                    "gallery": { "set": [files[1], files[2]] }, "seeAlso": { "set": [articles[3], articles[1]] },
                    "blocks": [] }),
            ),
            entity(
                ARTICLE,
                2,
                json!({ "title": "Connect", "publishedAt": null, "locale": "en", "blocks": [],
                    "tags": { "connect": [{ "id": tags[1] }, { "id": tags[3], "position": { "start": true } }] },
                    "cover": { "connect": [{ "id": files[0] }] } }),
            ),
        ]
    })
    .await;
    let server = sandbox.server("dev");
    let (authors, tags, files, articles) =
        (ids(server, AUTHOR), ids(server, TAG), ids(server, FILE), ids(server, ARTICLE));
    let first = id_of(server, ARTICLE, "title", "Number");
    assert_eq!(targets(server, ARTICLE, "author", first), [(authors[1], Value::Null)]);
    assert_eq!(targets(server, ARTICLE, "category", first), [(1, Value::Null)]);
    assert_eq!(targets(server, ARTICLE, "tags", first), [(tags[2], json!(1)), (tags[0], json!(2))]);
    assert_eq!(targets(server, ARTICLE, "seeAlso", first), [(articles[3], json!(1)), (articles[1], json!(2))]);
    assert_eq!(media(server, ARTICLE, "cover", first), [files[0]]);
    assert_eq!(media(server, ARTICLE, "gallery", first), [files[1], files[2]]);
    let second = id_of(server, ARTICLE, "title", "Connect");
    let connected = targets(server, ARTICLE, "tags", second);
    assert_eq!(connected, [(tags[1], json!(1)), (tags[3], json!(0))], "connect counts from 0, and start goes first");
    assert!(media(server, ARTICLE, "cover", second).is_empty(), "media take no connect");
}

#[tokio::test]
async fn components_get_ids_of_their_own_and_hold_relations() {
    let sandbox = pushed(|server| {
        let (authors, articles, files) = (ids(server, AUTHOR), ids(server, ARTICLE), ids(server, FILE));
        let inner = json!({ "id": 1, "note": "inner", "article": articles[0], "pic": files[0],
            "seo": { "id": 1, "metaTitle": "m" } });
        let section = json!({ "id": 1, "heading": "h", "refs": [inner], "authors": [authors[0], authors[2]] });
        vec![entity(PAGE, 1, json!({ "name": "Parts", "sections": [section] }))]
    })
    .await;
    let server = sandbox.server("dev");
    let page = row_with(server, PAGE, "name", "Parts");
    let section = &page["data"]["sections"][0];
    let (section_id, inner) = (section["id"].as_u64().unwrap(), &section["refs"][0]);
    assert!(section_id > 1, "never the id that was sent");
    let authors = ids(server, AUTHOR);
    let found = targets(server, "shared.section", "authors", section_id);
    assert_eq!(found, [(authors[0], json!(1)), (authors[2], json!(2))]);
    let inner_id = inner["id"].as_u64().unwrap();
    assert_eq!(inner["seo"]["metaTitle"], "m");
    assert_eq!(targets(server, "shared.ref", "article", inner_id), [(ids(server, ARTICLE)[0], Value::Null)]);
    assert_eq!(media(server, "shared.ref", "pic", inner_id), [ids(server, FILE)[0]]);
}

#[tokio::test]
async fn inverse_fields_draw_kept_rows_over() {
    let sandbox = pushed(|server| {
        let (articles, tags, profiles) = (ids(server, ARTICLE), ids(server, TAG), ids(server, PROFILE));
        vec![
            entity(CATEGORY, 1, json!({ "name": "Inverse", "articles": [articles[0], articles[4]] })),
            entity(
                TAG,
                2,
                json!({ "label": "Mother", "publishedAt": null, "locale": "en", "refs": [],
                    "children": [tags[6], { "id": tags[4] }], "articles": [articles[1]] }),
            ),
            entity(PAGE, 3, json!({ "name": "Thief", "profile": profiles[0], "sections": [] })),
        ]
    })
    .await;
    let server = sandbox.server("dev");
    let (articles, tags) = (ids(server, ARTICLE), ids(server, TAG));
    let category = id_of(server, CATEGORY, "name", "Inverse");
    for article in [articles[0], articles[4]] {
        assert_eq!(targets(server, ARTICLE, "category", article), [(category, Value::Null)], "taken from another");
    }
    let mother = id_of(server, TAG, "label", "Mother");
    for child in [tags[6], tags[4]] {
        assert_eq!(targets(server, TAG, "parent", child), [(mother, Value::Null)]);
    }
    assert!(targets(server, ARTICLE, "tags", articles[1]).iter().any(|(tag, _)| *tag == mother));
    assert!(targets(server, ARTICLE, "tags", articles[1]).len() > 1, "many-to-many takes nothing away");
    let thief = id_of(server, PAGE, "name", "Thief");
    let profiles = site(server).links(PAGE, "profile");
    let owners: Vec<&Value> =
        profiles.iter().filter(|link| link["right"]["ref"] == 1).map(|link| &link["left"]["ref"]).collect();
    assert_eq!(owners, [&json!(thief)], "one-to-one moves");
}

#[tokio::test]
async fn polymorphic_relations_name_their_types() {
    let sandbox = pushed(|server| {
        let (profile, article) = (ids(server, PROFILE)[0], ids(server, ARTICLE)[0]);
        let about = json!([{ "__type": ARTICLE, "id": article, "__pivot": { "field": "notes" } }]);
        let related = json!([{ "__type": AUTHOR, "id": ids(server, AUTHOR)[0], "__pivot": { "field": "avatar" } }]);
        vec![
            entity(NOTE, 1, json!({ "text": "Poly", "subject": { "__type": PROFILE, "id": profile }, "about": about })),
            entity(FILE, 2, json!({ "name": "again.txt", "hash": "again", "ext": ".txt", "related": related })),
        ]
    })
    .await;
    let server = sandbox.server("dev");
    let note = id_of(server, NOTE, "text", "Poly");
    assert_eq!(targets(server, NOTE, "subject", note), [(ids(server, PROFILE)[0], Value::Null)]);
    let about = site(server).links(NOTE, "about").into_iter().find(|link| link["left"]["ref"] == note).unwrap();
    assert_eq!(about["right"], json!({ "ref": ids(server, ARTICLE)[0], "pos": 1, "type": ARTICLE, "field": "notes" }));
    let file = id_of(server, FILE, "name", "again.txt");
    assert_eq!(media(server, AUTHOR, "avatar", ids(server, AUTHOR)[0]).last(), Some(&file));
}

#[rstest]
#[case("admin::user", json!({}), "Remote push cannot transfer protected type \"admin::user\" at admin::user")]
#[case("api::x.x", json!({}), "Remote push received invalid relation payload at api::x.x: unknown schema \"api::x.x\"")]
#[case(TAG, Value::Null, "Remote push received invalid relation payload at api::tag.tag: expected entity data object")]
#[case(TAG, json!({ "createdBy": null }), "Remote push cannot transfer protected type \"admin::user\" at api::tag.tag.createdBy")]
#[case(TAG, json!({ "created_by_id": 1 }), "Remote push cannot transfer protected type \"admin::user\" at api::tag.tag.created_by_id")]
#[case(TAG, json!({ "refs": null }), "Remote push received invalid relation payload at api::tag.tag.refs: expected component value")]
#[case(TAG, json!({ "refs": [1] }), "Remote push received invalid relation payload at api::tag.tag.refs: expected component object")]
#[case(ARTICLE, json!({ "blocks": null }), "Remote push received invalid relation payload at api::article.article.blocks: expected dynamic zone array")]
#[case(ARTICLE, json!({ "blocks": [{}] }), "Remote push received invalid relation payload at api::article.article.blocks: missing dynamic zone component discriminator")]
#[case(ARTICLE, json!({ "blocks": [{ "__component": "shared.seo" }] }), "Remote push received invalid relation payload at api::article.article.blocks: unsupported dynamic zone component \"shared.seo\"")]
#[case(NOTE, json!({ "about": [{ "id": 1 }] }), "Remote push received invalid relation payload at api::note.note.about: missing polymorphic discriminator \"__type\"")]
#[case(NOTE, json!({ "about": [{ "id": 1, "__type": "admin::user" }] }), "Remote push cannot transfer protected type \"admin::user\" at api::note.note.about")]
#[case(TAG, json!({ "owner": [{ "x": 1 }] }), "Invalid id, expected a string or integer, got [object Object]")]
#[case(TAG, json!({ "when": "nope" }), "Invalid format, expected a timestamp or an ISO date")]
#[case(FILE, json!({ "related": [{ "id": 1, "__type": "api::none.none" }] }), "Metadata for \"api::none.none\" not found")]
#[case(FILE, json!({ "related": [{ "id": 1, "__type": ARTICLE, "__pivot": { "field": "cover" } }, { "id": 1, "__type": ARTICLE, "__pivot": { "field": "gallery" } }] }), "The relation with id 1:::api::article.article is already connected. You cannot connect the same relation twice.")]
#[tokio::test]
async fn a_row_that_is_refused_ends_everything(#[case] uid: &str, #[case] data: Value, #[case] message: &str) {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    let rows = json!([entity(AUTHOR, 1, json!({ "name": "Before" })), entity(uid, 2, data)]);
    assert_eq!(client.step("stream", "entities", rows).await.message(), message);
    for _ in 0..2 {
        assert_eq!(client.action("close").await.message(), "Transfer has been terminated");
    }
    assert!(!site(server).rows(AUTHOR).iter().any(|row| row["data"]["name"] == "Before"), "rolled back");
    assert!(!site(server).is_busy(), "and the database is free");
}

#[rstest]
#[case(TAG, "owner", "tags_owner_lnk")]
#[case(ARTICLE, "tags", "articles_tags_lnk")]
#[case(ARTICLE, "cover", "files_related_mph")]
#[tokio::test]
async fn a_wrong_id_fails_on_the_foreign_key(#[case] uid: &str, #[case] field: &str, #[case] table: &str) {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.step("start", "entities", Value::Null).await.data();
    let row = entity(uid, 1, json!({ field: 99_999 }));
    let error = client.step("stream", "entities", json!([row])).await.error();
    let message = error["message"].as_str().unwrap();
    assert_eq!(error["code"], "SqliteError");
    assert!(message.contains(table) && message.ends_with("FOREIGN KEY constraint failed"), "{message}");
}
