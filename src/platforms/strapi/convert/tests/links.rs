//! What becomes of links.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Parts, draft, link, localized, published, related, row};
use crate::model::code;

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
