//! What the servers hold at the start, and how it can be replaced.

use std::path::Path;

use haul::sandbox::{SandboxOptions, start};
use serde_json::{Value, json};

use crate::client::{ARTICLE, AUTHOR, Client, FILE, TAG, options, pull, row_with, sandbox, site};

fn archive(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/strapi").join(name).to_string_lossy().into_owned()
}

fn field(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter().map(|row| row["data"][name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_servers_overlap_with_other_row_ids() {
    let sandbox = sandbox().await;
    let (dev, prod) = (site(sandbox.server("dev")), site(sandbox.server("prod")));
    let documents = |site: &haul::sandbox::Site| field(&site.rows(ARTICLE), "documentId");
    let (mut ours, theirs) = (documents(dev), documents(prod));
    let all = ours.len();
    ours.retain(|document| theirs.contains(document));
    assert!(!ours.is_empty() && ours.len() < all && ours.len() < theirs.len());
    assert_ne!(dev.rows(AUTHOR)[0]["id"], prod.rows(AUTHOR)[0]["id"]);
    assert_eq!(dev.rows(AUTHOR)[0]["data"]["documentId"], prod.rows(AUTHOR)[0]["data"]["documentId"]);
    let locales = |site: &haul::sandbox::Site| field(&site.rows("plugin::i18n.locale"), "code");
    assert_eq!(
        (locales(dev), locales(prod)),
        (vec!["en".into(), "fr".into()], vec!["en".into(), "de".into(), "fr".into()])
    );
}

#[tokio::test]
async fn every_kind_of_relation_has_links_and_none_leads_nowhere() {
    let sandbox = sandbox().await;
    for name in ["dev", "prod"] {
        let dump = sandbox.server(name).dump();
        assert_eq!(dump["orphans"], json!([]), "{name}");
        let mut kinds: Vec<String> = dump["links"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| format!("{} {}", link["kind"].as_str().unwrap(), link["relation"].as_str().unwrap()))
            .collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(
            kinds,
            [
                "relation.basic manyToMany",
                "relation.basic manyToOne",
                "relation.basic oneToMany",
                "relation.basic oneToOne",
                "relation.circular manyToMany",
                "relation.circular manyToOne",
                "relation.circular oneToMany",
                "relation.circular oneToOne",
                "relation.morph morphToMany",
                "relation.morph morphToOne",
            ]
        );
    }
}

#[tokio::test]
async fn the_same_number_and_seed_give_the_same_content() {
    let with = |items| SandboxOptions { items: Some(items), seed: 3, ..options() };
    let (one, two) = (start(with(300)).await.unwrap(), start(with(300)).await.unwrap());
    assert_eq!(one.server("dev").dump(), two.server("dev").dump());
    assert_eq!(site(one.server("prod")).rows(ARTICLE).len(), 300);
    assert_eq!(site(one.server("prod")).rows(FILE).len(), 30);
    assert_eq!(
        pull(one.server("prod")).await.links.len(),
        one.server("prod").dump()["links"].as_array().unwrap().len()
    );
}

#[tokio::test]
async fn content_can_be_taken_from_an_export() {
    let content = vec![format!("dev={}", archive("v5.54.0.tar.gz"))];
    let sandbox = start(SandboxOptions { content, ..options() }).await.unwrap();
    let pulled = pull(sandbox.server("dev")).await;
    let exported = pulled.entities.iter().filter(|row| !row["type"].as_str().unwrap().starts_with("admin::")).count();
    assert_eq!((exported, pulled.files.len(), pulled.configuration.len()), (49, 52, 40));
    assert!(pulled.schemas.get(TAG).is_none(), "the schemas are those of the export");
    assert!(site(sandbox.server("prod")).schemas().get(TAG).is_some(), "the other server is as ever");
}

#[tokio::test]
async fn an_export_of_version_4_makes_a_server_of_version_4() {
    let content = vec![archive("v4.26.2.tar.gz")];
    let sandbox = start(SandboxOptions { content, ..options() }).await.unwrap();
    let mut client = Client::pull(sandbox.server("prod")).await;
    let metadata = client.action("getMetadata").await.data();
    assert_eq!(metadata["strapi"]["version"], "4.26.2");
    let (rows, _) = client.stream("entities").await;
    assert!(rows.iter().all(|row| row["data"].get("documentId").is_none()));
}

#[tokio::test]
async fn what_is_no_export_is_refused() {
    for (path, reason) in
        [("v5.54.0.tar.gz.enc", "encrypted"), ("README.md", "cannot read"), ("none.tar", "cannot read")]
    {
        let content = vec![archive(path)];
        let error = start(SandboxOptions { content, ..options() }).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_colleague_may_edit_create_and_delete_and_reset_undoes_it() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let before = server.dump();
    let author = row_with(server, AUTHOR, "name", "David Doe");
    let id = author["id"].as_u64().unwrap();
    assert!(site(server).edit(AUTHOR, id, |row| {
        row.insert("name".to_owned(), json!("Edited"));
    }));
    let edited = row_with(server, AUTHOR, "name", "Edited");
    assert_ne!(edited["data"]["updatedAt"], author["data"]["updatedAt"]);
    let fresh = site(server).create(AUTHOR, &json!({ "name": "Fresh" })).unwrap();
    assert!(site(server).row(AUTHOR, fresh).unwrap()["data"]["createdAt"].is_string());
    assert!(site(server).delete(AUTHOR, fresh) && !site(server).delete(AUTHOR, fresh));
    let article = site(server).rows(ARTICLE)[0]["id"].as_u64().unwrap();
    assert!(site(server).relate(ARTICLE, "author", article, Some(id)));
    server.reset().unwrap();
    assert_eq!(server.dump(), before);
}

#[tokio::test]
async fn the_announcement_has_addresses_and_tokens() {
    let sandbox = sandbox().await;
    let line = sandbox.announce();
    let server = &line["servers"][1];
    assert_eq!((&server["platform"], &server["name"]), (&json!("strapi"), &json!("prod")));
    assert!(server["url"].as_str().unwrap().ends_with("/admin"));
    assert_eq!(server["token"], "EXAMPLE-prod-transfer-token");
}

#[tokio::test]
async fn all_platforms_can_be_played_at_once() {
    let all = SandboxOptions { platform: Some("all".to_owned()), ..SandboxOptions::default() };
    let sandbox = start(all).await.unwrap();
    let names: Vec<(&str, &str)> = sandbox.servers.iter().map(|server| (server.platform, server.name)).collect();
    assert_eq!(
        names,
        [
            ("ziggy", "dev"),
            ("ziggy", "prod"),
            ("strapi", "dev"),
            ("strapi", "prod"),
            ("flotiq", "dev"),
            ("flotiq", "prod")
        ]
    );
}
