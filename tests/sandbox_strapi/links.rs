//! The links stage: references of the source, translated by what was pushed before.

use serde_json::{Value, json};

use crate::client::{ARTICLE, AUTHOR, Client, FILE, NOTE, PROFILE, TAG, entity, nothing, row_with, sandbox, site};

fn link(kind: &str, relation: &str, left: Value, right: Value) -> Value {
    json!({ "kind": kind, "relation": relation, "left": left, "right": right })
}

fn owner(tag: u64, author: u64) -> Value {
    let left = json!({ "type": TAG, "field": "owner", "ref": tag });
    link("relation.basic", "oneToOne", left, json!({ "type": AUTHOR, "ref": author }))
}

fn tag(id: u64, label: &str) -> Value {
    entity(
        TAG,
        id,
        json!({ "label": label, "publishedAt": null, "locale": "en", "refs": [{ "id": 70 + id, "note": "n" }] }),
    )
}

#[tokio::test]
async fn links_join_what_was_pushed_by_the_ids_of_the_source() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    let blocks = json!([{ "__component": "shared.media", "id": 44 }]);
    let rows = vec![
        tag(901, "One"),
        tag(902, "Two"),
        entity(AUTHOR, 3, json!({ "name": "Linked" })),
        entity(ARTICLE, 4, json!({ "title": "Linked", "blocks": blocks, "locale": "en" })),
        entity(NOTE, 5, json!({ "text": "Linked" })),
        entity(PROFILE, 6, json!({ "nick": "Linked" })),
        entity(FILE, 8, json!({ "name": "linked.txt", "hash": "linked", "ext": ".txt" })),
    ];
    client.stage("entities", rows).await;
    let at = |uid: &str, field: &str, id: u64| json!({ "type": uid, "field": field, "ref": id });
    let to = |uid: &str, id: u64| json!({ "type": uid, "ref": id });
    let mut child = at(TAG, "children", 902);
    child["pos"] = json!(1.5);
    let mut in_tag = at(TAG, "articles", 901);
    in_tag["pos"] = json!(7);
    let mut of_article = at(ARTICLE, "tags", 4);
    of_article["pos"] = json!(3);
    let stats = client
        .stage(
            "links",
            vec![
                link(
                    "relation.circular",
                    "oneToMany",
                    at(TAG, "localizations", 901),
                    json!({ "type": TAG, "ref": "e2" }),
                ),
                link("relation.circular", "manyToOne", at(TAG, "parent", 901), child),
                link("relation.basic", "manyToMany", of_article, in_tag),
                owner(901, 3),
                link("relation.basic", "oneToOne", at("shared.ref", "article", 971), to(ARTICLE, 4)),
                link("relation.morph", "morphToMany", at(FILE, "related", 8), at("shared.media", "file", 44)),
                link("relation.morph", "morphToOne", at(NOTE, "subject", 5), to(PROFILE, 6)),
                link("relation.basic", "oneToOne", at(TAG, "nosuch", 901), to(AUTHOR, 3)),
            ],
        )
        .await;
    assert_eq!(stats["stats"], json!({ "started": 8, "finished": 8 }));
    assert!(client.warnings.is_empty(), "{:?}", client.warnings);
    client.finish().await;
    let id = |uid, field, value| row_with(server, uid, field, value)["id"].clone();
    let one = row_with(server, TAG, "label", "One");
    assert_eq!(one["data"]["documentId"], "e2", "a link of localizations moves the row to that document");
    let found = |uid, field, left: &Value| {
        site(server).links(uid, field).into_iter().find(|link| link["left"]["ref"] == *left).unwrap()
    };
    let parent = found(TAG, "parent", &one["id"]);
    assert_eq!((&parent["right"]["ref"], &parent["right"]["pos"]), (&id(TAG, "label", "Two"), &json!(1.5)));
    let tags = found(ARTICLE, "tags", &id(ARTICLE, "title", "Linked"));
    assert_eq!((&tags["left"]["pos"], &tags["right"]["pos"]), (&json!(3), &json!(7)));
    assert_eq!(found(TAG, "owner", &one["id"])["right"]["ref"], id(AUTHOR, "name", "Linked"));
    let article = row_with(server, ARTICLE, "title", "Linked");
    let media = found(FILE, "related", &id(FILE, "name", "linked.txt"));
    assert_eq!(media["right"]["ref"], article["data"]["blocks"][0]["id"]);
    let part = &one["data"]["refs"][0]["id"];
    assert_eq!(found("shared.ref", "article", part)["right"]["ref"], article["id"]);
    assert_eq!(found(NOTE, "subject", &id(NOTE, "text", "Linked"))["right"]["ref"], id(PROFILE, "nick", "Linked"));
}

#[tokio::test]
async fn links_to_rows_that_were_not_pushed_are_skipped_and_told() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.stage("entities", vec![tag(1, "Alone")]).await;
    let stats = client.stage("links", vec![owner(1, 1), owner(2, 3)]).await;
    assert_eq!(stats["stats"]["finished"], 2, "skipped ones count as finished");
    assert_eq!(
        client.warnings,
        [
            "Skipping link api::tag.tag:1 -> api::author.author:1 because api::author.author:1 was not transferred \
             during the entities stage.",
            "Skipping link api::tag.tag:2 -> api::author.author:3 because api::tag.tag:2 and api::author.author:3 was \
             not transferred during the entities stage.",
            "Links restore skipped 2 relation(s) (2 unmapped). Verify relations in the admin after transfer.",
        ]
    );
    client.abandon().await;
}

#[tokio::test]
async fn warnings_stop_after_ten_but_the_sum_counts_all() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.stage("links", (0..13).map(|id| owner(900 + id, 1)).collect()).await;
    assert_eq!(client.warnings.len(), 12, "ten, that there are more, and the sum");
    assert!(client.warnings[11].starts_with("Links restore skipped 13 relation(s)"));
    client.abandon().await;
}

#[tokio::test]
async fn the_same_pair_twice_ends_the_transfer() {
    let sandbox = sandbox().await;
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.stage("entities", vec![tag(1, "T"), entity(AUTHOR, 2, json!({ "name": "A" }))]).await;
    client.step("start", "links", Value::Null).await.data();
    let error = client.step("stream", "links", json!([owner(1, 2), owner(1, 2)])).await.message();
    assert!(error.ends_with("UNIQUE constraint failed: tags_owner_lnk.tag_id, tags_owner_lnk.author_id"), "{error}");
    assert_eq!(client.action("rollback").await.message(), "Transfer has been terminated");
}

#[tokio::test]
async fn a_field_that_is_no_relation_or_leads_to_admin_ends_the_transfer() {
    let sandbox = sandbox().await;
    let left = |field: &str| json!({ "type": TAG, "field": field, "ref": 1 });
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.stage("entities", vec![tag(1, "T")]).await;
    client.step("start", "links", Value::Null).await.data();
    let no_relation = link("relation.circular", "oneToOne", left("label"), json!({ "type": TAG, "ref": 1 }));
    let error = client.step("stream", "links", json!([no_relation])).await.message();
    assert_eq!(error, "Attribute label is not a relation");
    let mut client = Client::push(sandbox.server("dev"), nothing()).await;
    client.step("start", "links", Value::Null).await.data();
    let admin = link("relation.basic", "oneToOne", left("createdBy"), json!({ "type": "admin::user", "ref": 1 }));
    let error = client.step("stream", "links", json!([admin])).await.message();
    assert_eq!(error, "Remote push cannot transfer protected type \"admin::user\" at link.right");
}

#[tokio::test]
async fn an_unknown_type_at_the_left_kills_the_server() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let mut client = Client::push(server, nothing()).await;
    client.step("start", "links", Value::Null).await.data();
    let left = json!({ "type": "api::none.none", "field": "x", "ref": 1 });
    let unknown = link("relation.basic", "oneToOne", left, json!({ "type": AUTHOR, "ref": 1 }));
    assert_eq!(client.step("stream", "links", json!([unknown])).await, crate::client::Answer::Closed);
    assert!(site(server).is_down());
    assert_eq!(Client::try_open(server, "pull", "EXAMPLE-dev-transfer-token").await.err(), Some(0));
    site(server).revive();
    Client::pull(server).await;
}
