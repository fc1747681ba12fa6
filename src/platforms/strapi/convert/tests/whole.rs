//! What becomes of schemas and settings, and what a bundle as a whole has to be.

use std::fs;

use serde_json::{Value, json};

use super::{Out, Parts, V4, component, link, localized, published, related, row, type_};
use crate::model::code;
use crate::platforms::strapi::convert::{convert, looks_older};
use crate::platforms::strapi::listing::{self, Extent};
use crate::platforms::strapi::members::Bundle;

#[test]
fn what_belongs_to_the_admin_panel_and_to_releases_is_dropped() {
    let mut parts = related();
    for uid in ["admin::user", "plugin::content-releases.release"] {
        parts.schemas.push(type_(uid, false, false, json!({})));
        parts.rows.push(row(uid, 1, json!({ "password": "canary" })));
        parts.links.push(link(("api::p.p", 1, "createdBy"), (uid, 1)));
    }
    parts.rows.push(row("api::p.p", 1, json!({ "createdBy": 1, "updatedBy": { "id": 1 }, "localizations": [] })));
    let out = parts.converted();
    assert_eq!((out.schemas.len(), out.rows.len(), out.links.len()), (6, 1, 1));
    let data = &out.rows[0]["data"];
    assert!(["createdBy", "updatedBy", "localizations"].iter().all(|name| data.get(name).is_none()), "{data}");
}

#[test]
fn schemas_have_what_every_type_of_v5_has() {
    let mut file = type_("plugin::upload.file", false, false, json!({ "caption": { "type": "string" } }));
    file["options"] = json!({});
    let article = json!({ "publishedAt": { "type": "datetime", "visible": false }, "locale": { "type": "string" },
        "localizations": { "type": "relation", "target": "api::a.a" }, "title": { "type": "string" } });
    let schemas = vec![file, type_("api::a.a", true, true, article), component("shared.seo", json!({}))];
    let out = Parts { schemas, ..Parts::default() }.converted();
    let [file, article, seo] = [0, 1, 2].map(|n| &out.schemas[n]);
    assert_eq!(file["options"], json!({ "draftAndPublish": false }));
    assert_eq!(file["attributes"]["caption"]["type"], "text");
    assert_eq!(file["attributes"]["focalPoint"]["type"], "json");
    assert_eq!(file["attributes"]["locale"]["private"], true);
    assert_eq!(article["attributes"]["locale"]["private"], false);
    assert_eq!(article["attributes"]["publishedAt"]["visible"], true);
    assert_eq!(article["attributes"]["localizations"]["joinColumn"]["referencedTable"], "a");
    assert_eq!(article["attributes"]["title"], json!({ "type": "string" }));
    assert_eq!(seo, &component("shared.seo", json!({})));
}

#[test]
fn settings_stay_unless_a_server_makes_its_own() {
    let setting =
        |key: &str, value: Value| json!({ "type": "core-store", "value": { "id": 1, "key": key, "value": value } });
    let view = |of: &str| format!("plugin_content_manager_configuration_{of}");
    let webhook =
        json!({ "type": "webhook", "value": { "id": 1, "name": "strapi_hook", "url": "https://example.com" } });
    let settings = vec![
        setting("strapi_content_types_schema", json!({})),
        setting("plugin_i18n_default_locale", json!("en")),
        setting(&view("content_types::admin::user"), json!({ "metadatas": {} })),
        setting(&view("content_types::plugin::upload.file"), json!({ "metadatas": {} })),
        setting(
            &view("content_types::api::a.a"),
            json!({ "metadatas": { "title": {} }, "layouts": { "list": ["title"] } }),
        ),
        setting(&view("components::shared.seo"), json!({ "settings": { "mainField": "id" }, "metadatas": {} })),
        webhook.clone(),
    ];
    let out = Parts { settings, ..related() }.converted();
    let shown = json!({ "edit": {}, "list": { "label": "documentId", "searchable": true, "sortable": true } });
    let expected = [
        setting("plugin_i18n_default_locale", json!("en")),
        setting(
            &view("content_types::api::a.a"),
            json!({ "metadatas": { "title": {}, "documentId": shown }, "layouts": { "list": ["title"] } }),
        ),
        setting(
            &view("components::shared.seo"),
            json!({ "settings": { "mainField": "documentId" }, "metadatas": { "documentId": shown } }),
        ),
        webhook,
    ];
    assert_eq!(out.settings, expected);
    assert!(out.finding(code::CONVERTED).is_some_and(|finding| finding.message.contains("(3 times)")));
}

#[test]
fn the_result_is_sound_and_lists_one_item_for_each_document() {
    let mut parts = localized("api::a.a", &[(1, "en"), (2, "fr"), (3, "en")], &[(1, 2), (2, 1)]);
    parts.rows[2]["data"]["localizations"] = json!([]);
    let out = parts.converted();
    let listing = listing::list(&Bundle::Folder(out.folder.path().to_owned()), Extent::Whole).expect("it is a bundle");
    assert_eq!((listing.tally.entries, listing.index.version.as_deref()), (2, Some("5.54.0")));
    assert_eq!(listing.inventory.findings, []);
}

#[test]
fn what_is_not_of_version_4_is_left_alone() {
    let made = related().written();
    let bundle = Bundle::Folder(made.folder.path().to_owned());
    assert!(looks_older(&bundle).expect("readable"));
    fs::write(made.folder.path().join("metadata.json"), V4.replace("4.26.2", "5.0.0")).expect("room");
    assert!(convert(&bundle, Out::folder().path(), "5.54.0").expect("readable").is_none());
    let newer = related().converted();
    assert!(!looks_older(&Bundle::Folder(newer.folder.path().to_owned())).expect("readable"));
}

#[test]
fn an_untried_version_is_named() {
    let made = related().written();
    fs::write(made.folder.path().join("metadata.json"), V4.replace("4.26.2", "4.12.0")).expect("room");
    let converted = convert(&Bundle::Folder(made.folder.path().to_owned()), Out::folder().path(), "5.54.0");
    let converted = converted.expect("readable").expect("of v4");
    let said = converted.findings.iter().find(|finding| finding.code == code::ASSUMPTION).expect("it is said");
    assert!(said.message.contains("not from 4.12.0 to 5.54.0"), "{said:?}");
}

/// A bundle in which rows come before the schemas that say what they are.
#[test]
fn the_order_of_members_does_not_matter() {
    let rows = vec![row("api::a.a", 1, json!({ "publishedAt": "2026", "seo": { "id": 1 } })), published("api::t.t", 1)];
    let links = vec![link(("api::a.a", 1, "tags"), ("api::t.t", 1))];
    let parts = Parts { rows, links, ..related() };
    let usual = parts.converted();
    let made = parts.written();
    let read = |name: &str| fs::read(made.folder.path().join(name)).expect("written");
    let mut tar = crate::codec::TarWriter::new(Vec::new(), 0);
    for stage in ["links", "entities", "configuration", "schemas"] {
        let name = format!("{stage}/{stage}_00001.jsonl");
        tar.member(&name, &read(&name)).expect("memory takes everything");
    }
    tar.member("metadata.json", &read("metadata.json")).expect("memory takes everything");
    let bundle = Bundle::Memory(tar.finish().expect("memory takes everything").into());
    let out = Out::folder();
    let converted = convert(&bundle, out.path(), "5.54.0").expect("readable").expect("of v4");
    let out = Out::read(out, converted);
    assert_eq!(out.rows, usual.rows);
    let sorted = |out: &Out| {
        let mut links: Vec<String> = out.links.iter().map(Value::to_string).collect();
        links.sort();
        links
    };
    assert_eq!(sorted(&out), sorted(&usual));
}
