//! The rules of the conversion, each shown on a small bundle of v4.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Converted, convert, looks_older};
use crate::model::{Finding, Result, code};
use crate::platforms::strapi::listing::{self, Extent};
use crate::platforms::strapi::members::Bundle;

const V4: &str = r#"{"createdAt":"2026-11-21T14:00:59.714Z","strapi":{"version":"4.26.2"}}"#;

/// An unpacked bundle.
struct Made {
    folder: TempDir,
}

#[derive(Default)]
struct Parts {
    schemas: Vec<Value>,
    rows: Vec<Value>,
    links: Vec<Value>,
    settings: Vec<Value>,
}

impl Parts {
    fn written(&self) -> Made {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, lines) in [
            ("schemas", &self.schemas),
            ("entities", &self.rows),
            ("links", &self.links),
            ("configuration", &self.settings),
        ] {
            fs::create_dir(folder.path().join(name)).expect("room");
            let text: Vec<String> = lines.iter().map(Value::to_string).collect();
            fs::write(folder.path().join(format!("{name}/{name}_00001.jsonl")), text.join("\n")).expect("room");
        }
        fs::write(folder.path().join("metadata.json"), V4).expect("room");
        Made { folder }
    }

    fn converted(&self) -> Out {
        self.try_converted().expect("it can be converted")
    }

    fn try_converted(&self) -> Result<Out> {
        let made = self.written();
        let out = Out::folder();
        let converted = convert(&Bundle::Folder(made.folder.path().to_owned()), out.path(), "5.54.0")?;
        Ok(Out::read(out, converted.expect("it is of v4")))
    }
}

/// What a conversion wrote.
struct Out {
    folder: TempDir,
    schemas: Vec<Value>,
    rows: Vec<Value>,
    links: Vec<Value>,
    settings: Vec<Value>,
    converted: Converted,
}

impl Out {
    fn folder() -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for stage in ["schemas", "entities", "links", "configuration"] {
            fs::create_dir(folder.path().join(stage)).expect("room");
        }
        folder
    }

    fn read(folder: TempDir, converted: Converted) -> Out {
        let [schemas, rows, links, settings] =
            ["schemas", "entities", "links", "configuration"].map(|stage| lines(folder.path(), stage));
        Out { folder, schemas, rows, links, settings, converted }
    }

    /// Of one row: state, locale, id, document.
    fn versions(&self, uid: &str) -> Vec<(u64, &str, &Value, &str)> {
        let rows = self.rows.iter().filter(|row| row["type"] == uid);
        let state = |row: &Value| if row["data"]["publishedAt"].is_null() { "draft" } else { "published" };
        rows.map(|row| {
            let document = row["data"]["documentId"].as_str().expect("every row has one");
            (row["id"].as_u64().expect("a number"), state(row), &row["data"]["locale"], document)
        })
        .collect()
    }

    /// The ends of all links of a field, those of locales apart.
    fn pairs(&self, field: &str) -> Vec<(u64, u64)> {
        let of_field = |link: &&Value| link["left"]["field"] == field || link["right"]["field"] == field;
        let end = |link: &Value, side: &str| link[side]["ref"].as_u64().expect("a row");
        let mut pairs: Vec<_> =
            self.links.iter().filter(of_field).map(|link| (end(link, "left"), end(link, "right"))).collect();
        pairs.sort_unstable();
        pairs
    }

    fn finding(&self, code: &str) -> Option<&Finding> {
        self.converted.findings.iter().rev().find(|finding| finding.code == code)
    }
}

fn lines(folder: &Path, stage: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(format!("{stage}/{stage}_00001.jsonl"))).expect("it was written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn type_(uid: &str, drafts: bool, localized: bool, attributes: Value) -> Value {
    json!({ "uid": uid, "modelType": "contentType", "collectionName": uid.rsplit('.').next(), "attributes": attributes,
        "options": { "draftAndPublish": drafts }, "pluginOptions": { "i18n": { "localized": localized } } })
}

fn component(uid: &str, attributes: Value) -> Value {
    json!({ "uid": uid, "modelType": "component", "collectionName": uid, "options": {}, "attributes": attributes })
}

fn row(uid: &str, id: u64, mut data: Value) -> Value {
    data["createdAt"] = json!(format!("2026-01-01T00:00:0{}.000Z", id % 10));
    json!({ "type": uid, "id": id, "data": data })
}

fn published(uid: &str, id: u64) -> Value {
    row(uid, id, json!({ "publishedAt": "2026-02-02T00:00:00.000Z" }))
}

fn draft(uid: &str, id: u64) -> Value {
    row(uid, id, json!({ "publishedAt": null }))
}

fn link((left, from, field): (&str, u64, &str), (right, to): (&str, u64)) -> Value {
    let kind = if left == right { "relation.circular" } else { "relation.basic" };
    json!({ "kind": kind, "relation": "manyToMany", "left": { "type": left, "field": field, "ref": from, "pos": 1.5 },
        "right": { "type": right, "ref": to, "pos": 2 } })
}

fn localized(uid: &str, rows: &[(u64, &str)], links: &[(u64, u64)]) -> Parts {
    let relation = json!({ "localizations": { "type": "relation" }, "locale": { "type": "string" } });
    Parts {
        schemas: vec![type_(uid, false, true, relation)],
        rows: rows.iter().map(|(id, locale)| row(uid, *id, json!({ "locale": locale }))).collect(),
        links: links.iter().map(|(a, b)| link((uid, *a, "localizations"), (uid, *b))).collect(),
        ..Parts::default()
    }
}

/// Articles with drafts, tags with drafts, authors without; articles hold a component that relates to tags.
fn related() -> Parts {
    Parts {
        schemas: vec![
            type_(
                "api::a.a",
                true,
                false,
                json!({ "seo": { "type": "component", "component": "shared.seo" },
                "zone": { "type": "dynamiczone" } }),
            ),
            type_("api::t.t", true, false, json!({})),
            type_("api::p.p", false, false, json!({ "seo": { "type": "component", "component": "shared.seo" } })),
            type_("plugin::upload.file", false, false, json!({})),
            component(
                "shared.seo",
                json!({ "more": { "type": "component", "component": "shared.link", "repeatable": true } }),
            ),
            component("shared.link", json!({ "tags": { "type": "relation" } })),
        ],
        ..Parts::default()
    }
}

#[test]
fn locales_of_one_entry_share_a_document_id() {
    let out = localized("api::a.a", &[(4, "en"), (2, "fr"), (9, "de"), (3, "en")], &[(4, 2), (9, 4)]).converted();
    let documents: BTreeMap<u64, &str> =
        out.versions("api::a.a").into_iter().map(|(id, _, _, document)| (id, document)).collect();
    assert!(documents[&4] == documents[&2] && documents[&4] == documents[&9]);
    assert_ne!(documents[&3], documents[&4]);
}

#[test]
fn a_second_run_finds_what_the_first_one_made_whatever_the_order_of_rows_and_links() {
    let one = localized("api::a.a", &[(4, "en"), (2, "fr"), (9, "de")], &[(4, 2), (9, 4)]).converted();
    let two = localized("api::a.a", &[(9, "de"), (4, "en"), (2, "fr")], &[(2, 9), (2, 4)]).converted();
    let document = |out: &Out| out.versions("api::a.a")[0].3.to_owned();
    assert_eq!(document(&one), document(&two));
}

#[test]
fn two_rows_of_one_locale_become_two_entries_and_a_finding_names_them() {
    let out = localized("api::a.a", &[(1, "en"), (2, "fr"), (3, "en")], &[(1, 2), (2, 3)]).converted();
    let versions = out.versions("api::a.a");
    assert_eq!(versions[0].3, versions[1].3);
    assert_ne!(versions[0].3, versions[2].3);
    let finding = out.finding(code::NOT_CONVERTED).expect("it is said");
    assert!(finding.message.contains("api::a.a") && finding.message.contains("row 3 beside row 1"), "{finding:?}");
}

#[test]
fn a_published_row_gets_a_draft_beside_it_and_a_draft_stays_alone() {
    let out = Parts { rows: vec![published("api::t.t", 1), draft("api::t.t", 7)], ..related() }.converted();
    let versions = out.versions("api::t.t");
    let told: Vec<_> = versions.iter().map(|(id, state, _, _)| (*id, *state)).collect();
    assert_eq!(told, [(1, "published"), (8, "draft"), (7, "draft")]);
    assert!(versions[0].3 == versions[1].3 && versions[0].3 != versions[2].3);
    assert_eq!(out.rows[0]["data"]["publishedAt"], "2026-02-02T00:00:00.000Z", "the time stays");
    assert!(out.rows[1]["data"].get("publishedAt").is_some_and(Value::is_null), "a draft says so");
}

#[test]
fn a_row_of_a_type_without_drafts_counts_as_published_since_it_was_made() {
    let out = Parts { rows: vec![row("api::p.p", 3, json!({}))], ..related() }.converted();
    assert_eq!(out.versions("api::p.p").len(), 1);
    assert_eq!(out.rows[0]["data"]["publishedAt"], out.rows[0]["data"]["createdAt"]);
}

#[test]
fn only_localized_types_have_a_locale() {
    let mut parts = localized("api::l.l", &[(1, "fr")], &[]);
    parts.schemas.push(type_("api::n.n", false, false, json!({})));
    parts.rows.push(row("api::n.n", 1, json!({ "locale": "en" })));
    parts.rows.push(row("api::l.l", 2, json!({ "locale": null })));
    let out = parts.converted();
    assert_eq!(out.versions("api::l.l")[0].2, "fr");
    assert!(out.versions("api::n.n")[0].2.is_null());
    assert!(out.finding(code::NOT_CONVERTED).is_some_and(|finding| finding.message.contains("have no locale")));
}

#[test]
fn components_of_the_second_row_have_ids_of_their_own() {
    let data = |published: Value| {
        json!({ "publishedAt": published, "seo": { "id": 5, "more": [{ "id": 1, "label": "x" }, { "id": 2 }] },
            "zone": [{ "__component": "shared.link", "id": 3 }], "extra": { "id": 5 } })
    };
    let out = Parts { rows: vec![row("api::a.a", 1, data(json!("2026")))], ..related() }.converted();
    let [first, second] = [0, 1].map(|n| &out.rows[n]["data"]);
    assert_eq!(first["seo"], json!({ "id": 5, "more": [{ "id": 1, "label": "x" }, { "id": 2 }] }));
    assert_eq!(second["seo"], json!({ "id": 10, "more": [{ "id": 4, "label": "x" }, { "id": 5 }] }));
    assert_eq!(second["zone"], json!([{ "__component": "shared.link", "id": 6 }]));
    assert_eq!(second["extra"], json!({ "id": 5 }), "free JSON holds no components");
}

#[test]
fn relations_join_published_to_published_and_drafts_to_drafts() {
    let rows = vec![published("api::a.a", 1), published("api::t.t", 1), draft("api::a.a", 2), draft("api::t.t", 2)];
    let links = [(1, 1), (2, 1), (1, 2), (2, 2)];
    let links = links.map(|(from, to)| link(("api::a.a", from, "tags"), ("api::t.t", to))).into();
    let out = Parts { rows, links, ..related() }.converted();
    // 3 is the draft beside article 1, and also the one beside tag 1.
    assert_eq!(out.pairs("tags"), [(1, 1), (2, 2), (2, 3), (3, 2), (3, 3)]);
    let said = out.finding(code::CONVERTED).expect("it is said that the published article loses a draft");
    assert!(said.message.contains("`tags` of api::a.a of row 1"), "{said:?}");
    assert!(out.links.iter().filter(|link| link["left"]["field"] == "tags").all(|link| link["left"]["pos"] == 1.5));
}

#[test]
fn what_has_no_drafts_is_joined_with_every_version() {
    let rows = vec![published("api::a.a", 1), row("api::p.p", 4, json!({}))];
    let links = vec![link(("api::a.a", 1, "author"), ("api::p.p", 4)), link(("api::p.p", 4, "likes"), ("api::a.a", 1))];
    let out = Parts { rows, links, ..related() }.converted();
    assert_eq!(out.pairs("author"), [(1, 4), (2, 4)]);
    assert_eq!(out.pairs("likes"), [(4, 1), (4, 2)]);
}

#[test]
fn relations_of_components_belong_to_the_row_that_they_lie_in() {
    let with = |uid: &str, id: u64, seo: u64, published: Value| {
        row(uid, id, json!({ "publishedAt": published, "seo": { "id": seo, "more": [{ "id": seo }] } }))
    };
    let rows = vec![
        with("api::a.a", 1, 1, json!("2026")),
        with("api::a.a", 2, 2, json!(null)),
        with("api::p.p", 1, 3, json!(null)),
        published("api::t.t", 1),
    ];
    let links = [1, 2, 3].map(|from| link(("shared.link", from, "tags"), ("api::t.t", 1))).into();
    let out = Parts { rows, links, ..related() }.converted();
    assert_eq!(out.pairs("tags"), [(1, 1), (2, 2), (3, 1), (3, 2), (4, 2)]);
}

#[test]
fn media_show_in_both_rows_and_in_their_components() {
    let media = |uid: &str, to: u64| {
        json!({ "kind": "relation.morph", "relation": "morphToMany",
            "left": { "type": "plugin::upload.file", "field": "related", "ref": 9 },
            "right": { "type": uid, "field": "cover", "ref": to, "pos": 1 } })
    };
    let article = json!({ "publishedAt": "2026", "seo": { "id": 1 } });
    let rows = vec![row("api::a.a", 1, article), row("plugin::upload.file", 9, json!({}))];
    let out = Parts { rows, links: vec![media("api::a.a", 1), media("shared.seo", 1)], ..related() }.converted();
    assert_eq!(out.pairs("cover"), [(9, 1), (9, 1), (9, 2), (9, 2)]);
}

#[test]
fn links_between_locales_give_way_to_one_with_the_document_of_each_row() {
    let out = localized("api::a.a", &[(1, "en"), (2, "fr")], &[(1, 2), (2, 1)]).converted();
    let document = out.versions("api::a.a")[0].3;
    let expected = |id: u64| {
        json!({ "kind": "relation.circular", "relation": "oneToMany",
            "left": { "type": "api::a.a", "ref": id, "field": "localizations" },
            "right": { "type": "api::a.a", "ref": document } })
    };
    assert_eq!(out.links, [expected(1), expected(2)]);
}

#[test]
fn a_link_without_one_of_its_ends_is_left_out_rather_than_led_astray() {
    // Row 2 is not there; in v5 an article's draft would get that very id.
    let links = vec![link(("api::a.a", 1, "tags"), ("api::t.t", 2))];
    let out = Parts { rows: vec![published("api::a.a", 1), published("api::t.t", 1)], links, ..related() }.converted();
    assert_eq!(out.pairs("tags"), []);
    assert!(out.finding(code::LINK_WITHOUT_ENTRY).is_some());
}

#[test]
fn an_unknown_kind_of_relation_is_named_and_left_out() {
    let mut odd = link(("api::a.a", 1, "tags"), ("api::t.t", 1));
    odd["kind"] = json!("relation.odd");
    let out =
        Parts { rows: vec![draft("api::a.a", 1), draft("api::t.t", 1)], links: vec![odd], ..related() }.converted();
    assert_eq!(out.pairs("tags"), []);
    let said = out.finding(code::NOT_CONVERTED).expect("it is said");
    assert!(said.message.contains("relation.odd") && said.message.contains("`tags` of api::a.a"), "{said:?}");
}

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
fn users_roles_and_locales_become_plain_documents() {
    let uids = ["plugin::users-permissions.user", "plugin::users-permissions.role", "plugin::i18n.locale"];
    let schemas = uids.map(|uid| type_(uid, false, false, json!({}))).into();
    let rows = uids.map(|uid| row(uid, 1, json!({ "code": "en" }))).into();
    let links = vec![link((uids[0], 1, "role"), (uids[1], 1))];
    let out = Parts { schemas, rows, links, ..Parts::default() }.converted();
    for uid in uids {
        assert_eq!(out.versions(uid)[0].1, "published");
    }
    assert_eq!(out.pairs("role"), [(1, 1)]);
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
        setting(&view("components::shared.seo"), json!({ "metadatas": {} })),
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
        setting(&view("components::shared.seo"), json!({ "metadatas": { "documentId": shown } })),
        webhook,
    ];
    assert_eq!(out.settings, expected);
    assert!(out.finding(code::CONVERTED).is_some_and(|finding| finding.message.contains("(3 times)")));
}

#[test]
fn values_stay_as_they_stand_there() {
    let made = related().written();
    let line =
        r#"{"type":"api::p.p","id":1,"data":{"big":90071992547409931234,"price":12.3450,"text":"\u00e9\u2028"}}"#;
    fs::write(made.folder.path().join("entities/entities_00001.jsonl"), line).expect("room");
    let out = Out::folder();
    convert(&Bundle::Folder(made.folder.path().to_owned()), out.path(), "5.54.0").expect("converted");
    let text = fs::read_to_string(out.path().join("entities/entities_00001.jsonl")).expect("written");
    assert!(text.contains(r#""big":90071992547409931234,"price":12.3450,"text":"\u00e9\u2028""#), "{text}");
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
fn what_was_picked_by_row_id_is_found_by_document_id() {
    let out = localized("api::a.a", &[(4, "en"), (2, "fr")], &[(4, 2)]).converted();
    let document = out.versions("api::a.a")[0].3;
    let renamed = |typed: &str| out.converted.names.renamed(typed);
    assert_eq!(renamed("entry:api::a.a/2"), Some(format!("entry:api::a.a/{document}")));
    assert_eq!(renamed("api::a.a/4"), Some(format!("api::a.a/{document}")));
    for unknown in ["2", "api::a.a/3", "api::b.b/2", "api::a.a/x", "schema:api::a.a", ""] {
        assert_eq!(renamed(unknown), None, "{unknown}");
    }
}

#[test]
fn an_attribute_that_v5_keeps_for_itself_stops_the_conversion() {
    let schemas = vec![type_("api::a.a", false, false, json!({ "documentId": { "type": "string" } }))];
    let error = Parts { schemas, ..Parts::default() }.try_converted().err().expect("refused");
    assert!(error.message().contains("api::a.a has an attribute documentId"), "{}", error.message());
}

#[test]
fn a_row_that_is_there_twice_stops_the_conversion() {
    let parts = Parts { rows: vec![draft("api::a.a", 1), draft("api::a.a", 1)], ..related() };
    let error = parts.try_converted().err().expect("refused");
    assert_eq!(error.message(), "row 1 of api::a.a is there twice");
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever refers to whatever: both ends of every link are there, and no two rows have one id.
    #[test]
    fn every_link_leads_to_a_row(
        states in prop::collection::vec(0u8..3, 1..12),
        links in prop::collection::vec((0usize..12, 0usize..12), 0..30),
    ) {
        let uid = |n: usize| if states[n] == 0 { "api::p.p" } else { "api::a.a" };
        let rows: Vec<Value> = states.iter().enumerate().map(|(n, state)| {
            let id = n as u64 + 1;
            if *state == 2 { published(uid(n), id) } else { draft(uid(n), id) }
        }).collect();
        let known = links.iter().filter(|(a, b)| *a < states.len() && *b < states.len());
        let links = known.map(|(a, b)| link((uid(*a), *a as u64 + 1, "x"), (uid(*b), *b as u64 + 1))).collect();
        let out = Parts { rows, links, ..related() }.converted();
        let ids: Vec<(Value, Value)> = out.rows.iter().map(|row| (row["type"].clone(), row["id"].clone())).collect();
        for (n, id) in ids.iter().enumerate() {
            prop_assert!(!ids[..n].contains(id));
        }
        for link in out.links.iter().filter(|link| link["left"]["field"] == "x") {
            for side in ["left", "right"] {
                prop_assert!(ids.contains(&(link[side]["type"].clone(), link[side]["ref"].clone())));
            }
        }
    }
}
