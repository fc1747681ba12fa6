//! What becomes of rows: documents, versions, locales, components.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::{Out, Parts, draft, link, localized, published, related, row, type_};
use crate::model::code;
use crate::platforms::strapi::convert::convert;
use crate::platforms::strapi::members::Bundle;

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
