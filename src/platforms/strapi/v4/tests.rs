//! Merges of a few rows of v4: what goes, what is pushed and joined, and what is refused before that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::compose::SHIFT;
use super::{Besides, Going, Prepared, RowMerge};
use crate::codec::TarWriter;
use crate::model::{
    Candidate, Decision, Digest, Digests, ItemKey, Kind, LocationInfo, MatchMethod, Plan, PlanItem, PlanOptions,
    Platform, Policy, Reason, Result, Role,
};
use crate::platforms::strapi::listing::{self, Listing};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::merge::{Assignment, Side};

const TAG: &str = "api::tag.tag";
const THING: &str = "api::thing.thing";
const FIRST: &str = "2026-01-01T00:00:00.000Z";
const SECOND: &str = "2026-01-02T00:00:00.000Z";
const THIRD: &str = "2026-01-03T00:00:00.000Z";

fn schemas() -> Vec<Value> {
    let relation = |relation: &str, target: &str, field: &str, other: &str| {
        let mut relation = json!({ "type": "relation", "relation": relation, "target": target });
        relation[field] = json!(other);
        relation
    };
    vec![
        json!({ "uid": TAG, "attributes": { "label": {"type": "string"}, "locale": {"type": "string"},
            "things": relation("manyToMany", THING, "mappedBy", "tags"),
            "keeper": relation("oneToOne", THING, "mappedBy", "own"),
            "localizations": {"type": "relation", "relation": "oneToMany", "target": TAG} },
            "pluginOptions": {"i18n": {"localized": true}} }),
        json!({ "uid": THING, "attributes": { "title": {"type": "string"}, "slug": {"type": "uid"},
            "zone": {"type": "dynamiczone", "components": ["lab.ref"]},
            "tags": relation("manyToMany", TAG, "inversedBy", "things"),
            "own": relation("oneToOne", TAG, "inversedBy", "keeper") } }),
        json!({ "uid": "lab.ref", "attributes": { "tag": {"type": "relation", "relation": "oneToOne", "target": TAG} } }),
    ]
}

struct World {
    bundle: Bundle,
    listing: Listing,
}

fn world(rows: &[Value], links: &[Value]) -> World {
    let lines = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n").into_bytes();
    let mut tar = TarWriter::new(Vec::new(), 0);
    let metadata = br#"{"createdAt":"2026-11-21T02:06:27.858Z","strapi":{"version":"4.26.2"}}"#;
    for (name, content) in [
        ("schemas/schemas_00001.jsonl", lines(&schemas())),
        ("entities/entities_00001.jsonl", lines(rows)),
        ("links/links_00001.jsonl", lines(links)),
        ("metadata.json", metadata.to_vec()),
    ] {
        tar.member(name, &content).expect("memory takes everything");
    }
    let bundle = Bundle::Memory(tar.finish().expect("memory takes everything").into());
    let listing = listing::list(&bundle, listing::Extent::Whole).expect("an archive");
    World { bundle, listing }
}

/// A row with what its entry is called, as [`super::name`] writes it.
fn row(type_: &str, id: u64, called: &str, more: Value) -> Value {
    let mut data = json!({ "documentId": called, "createdAt": called });
    data.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({ "type": type_, "id": id, "data": data })
}

fn tag(id: u64, called: &str) -> Value {
    row(TAG, id, called, json!({ "label": called, "locale": "en" }))
}

fn tagged(thing: u64, place: f64, tag: u64, place_there: f64) -> Value {
    json!({ "kind": "relation.basic", "relation": "manyToMany",
        "left": { "type": THING, "ref": thing, "field": "tags", "pos": place },
        "right": { "type": TAG, "ref": tag, "field": "things", "pos": place_there } })
}

fn owned(thing: u64, tag: u64) -> Value {
    json!({ "kind": "relation.basic", "relation": "oneToOne", "left": { "type": THING, "ref": thing, "field": "own" },
        "right": { "type": TAG, "ref": tag, "field": "keeper" } })
}

fn planned(type_: &str, called: &str, decision: Decision, matched: Option<&str>) -> PlanItem {
    let digests = Digests { semantic: Digest::ZERO, exact: Digest::ZERO };
    PlanItem {
        name: called.into(),
        key: ItemKey::typed(Kind::Entry, type_, called),
        tags: Box::default(),
        size: 0,
        role: Role::Picked,
        match_: MatchMethod::Field,
        matched: matched.map(|id| Candidate { id: id.into(), name: id.into() }),
        candidates: Box::default(),
        decision,
        reason: Reason::Policy,
        changed: None,
        marks: Default::default(),
        new_id: (decision == Decision::Duplicate).then(|| THIRD.into()),
        given_id: std::sync::OnceLock::new(),
        new_name: None,
        source: digests,
        destination: matched.map(|_| digests),
    }
}

struct Sent {
    going: Going,
    rows: Vec<Value>,
    links: Vec<Value>,
    lost: (u64, u64),
}

fn merged(ours: &World, theirs: &World, items: Vec<PlanItem>) -> Result<Sent> {
    let plan = Plan {
        source: LocationInfo::new(Platform::Strapi, "ours".to_owned()),
        destination: LocationInfo::new(Platform::Strapi, "theirs".to_owned()),
        options: PlanOptions::of(Policy::Overwrite),
        items,
        findings: Vec::new(),
        effects: Vec::new(),
    };
    let source = Side::new(&ours.listing.index, &ours.listing.inventory);
    let destination = Side::new(&theirs.listing.index, &theirs.listing.inventory);
    let assignments: Vec<_> = plan.items.iter().filter_map(Assignment::of).collect();
    let ends = ((&source, &ours.bundle), (&destination, &theirs.bundle));
    let merge = RowMerge::new(&plan, &assignments, &Besides::default(), ends.0, ends.1)?;
    let renamed = BTreeSet::new();
    let mut prepared = Prepared::new(&merge, &renamed)?;
    let (mut rows, mut links) = (Vec::new(), Vec::new());
    let json = |line: String| serde_json::from_str::<Value>(&line).expect("JSON");
    prepared.each_row(|line| {
        rows.push(json(line));
        Ok(())
    })?;
    prepared.each_link(|line| {
        links.push(json(line));
        Ok(())
    })?;
    let lost = (prepared.unheld.of_source, prepared.unheld.of_kept);
    Ok(Sent { going: prepared.going, rows, links, lost })
}

#[test]
fn a_row_is_pushed_under_a_number_of_its_own_and_without_its_name() {
    let ours = world(&[row(THING, 7, FIRST, json!({ "title": "new", "zone": null, "extra": 1 }))], &[]);
    let theirs = world(&[row(THING, 7, FIRST, json!({ "title": "old" })), row(THING, 8, SECOND, json!({}))], &[]);
    let sent = merged(&ours, &theirs, vec![planned(THING, FIRST, Decision::Overwrite, Some(FIRST))]).expect("a merge");
    let expected = json!({ "type": THING, "id": SHIFT + 7, "data": { "createdAt": FIRST, "title": "new" } });
    assert_eq!(sent.rows, [expected], "what the destination has no field for, and a list that is null, are not sent");
    let going = Going { types: vec![THING.into()], rows: vec![7], made: vec![FIRST.into()], ..Going::default() };
    assert_eq!((sent.going, sent.links.len(), sent.lost), (going, 0, (0, 0)));
}

#[test]
fn an_entry_that_is_found_by_something_else_keeps_the_time_by_which_it_is_found_next_time() {
    let ours = world(&[row(THING, 1, FIRST, json!({ "slug": "same" }))], &[]);
    let theirs = world(&[row(THING, 9, SECOND, json!({ "slug": "same" }))], &[]);
    let sent = merged(&ours, &theirs, vec![planned(THING, FIRST, Decision::Overwrite, Some(SECOND))]).expect("a merge");
    assert_eq!(sent.rows[0]["data"], json!({ "createdAt": SECOND, "slug": "same" }));
    assert_eq!(sent.going.rows, [9]);
}

#[test]
fn whoever_stays_is_joined_again_by_its_number_at_its_place() {
    let ours = world(&[tag(3, FIRST)], &[]);
    let there = [tag(5, FIRST), tag(6, SECOND), row(THING, 5, FIRST, json!({})), row(THING, 6, SECOND, json!({}))];
    let links = [tagged(5, 2.0, 5, 1.0), tagged(5, 1.0, 6, 1.0), tagged(6, 4.0, 5, 2.0)];
    let sent = merged(&ours, &world(&there, &links), vec![planned(TAG, FIRST, Decision::Overwrite, Some(FIRST))])
        .expect("a merge");
    let expected = [tagged(5, 2.0, SHIFT + 3, 1.0), tagged(6, 4.0, SHIFT + 3, 2.0)].map(|link| link.to_string());
    let sorted = |link: &Value| serde_json::to_value(link).expect("JSON");
    let found: BTreeSet<String> = sent.links.iter().map(|link| order(&sorted(link))).collect();
    let wanted: BTreeSet<String> =
        expected.iter().map(|line| order(&serde_json::from_str(line).expect("JSON"))).collect();
    assert_eq!(found, wanted, "and what leads to the other tag is as it was");
}

/// One spelling for numbers and orders of keys.
fn order(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, String> = map.iter().map(|(key, value)| (key, order(value))).collect();
            format!("{sorted:?}")
        }
        Value::Number(number) => number.as_f64().map(|number| number.to_string()).unwrap_or_default(),
        other => other.to_string(),
    }
}

#[test]
fn what_is_new_in_the_list_of_a_row_that_stays_comes_behind_and_what_was_in_it_keeps_its_place() {
    let ours = world(
        &[row(THING, 1, FIRST, json!({})), row(THING, 2, SECOND, json!({})), tag(1, FIRST)],
        &[tagged(1, 1.0, 1, 7.0), tagged(2, 1.0, 1, 8.0)],
    );
    let there = [tag(4, FIRST), row(THING, 8, FIRST, json!({})), row(THING, 9, THIRD, json!({}))];
    let theirs = world(&there, &[tagged(9, 1.0, 4, 1.0), tagged(8, 1.0, 4, 2.0)]);
    let plan =
        vec![planned(THING, FIRST, Decision::Overwrite, Some(FIRST)), planned(THING, SECOND, Decision::Create, None)];
    let sent = merged(&ours, &theirs, plan).expect("a merge");
    let places: Vec<(u64, f64)> = sent
        .links
        .iter()
        .map(|link| (link["left"]["ref"].as_u64().expect("a number"), link["right"]["pos"].as_f64().expect("a place")))
        .collect();
    assert_eq!(places, [(SHIFT + 1, 2.0), (SHIFT + 2, 3.0)]);
}

#[test]
fn a_partner_that_somebody_else_has_who_stays_is_left_to_him() {
    let ours = world(&[row(THING, 1, SECOND, json!({})), tag(1, FIRST)], &[owned(1, 1)]);
    let theirs = world(&[row(THING, 1, FIRST, json!({})), tag(1, FIRST)], &[owned(1, 1)]);
    let sent = merged(&ours, &theirs, vec![planned(THING, SECOND, Decision::Create, None)]).expect("a merge");
    assert_eq!((sent.links.len(), sent.lost), (0, (1, 0)));
}

#[test]
fn locales_are_joined_in_both_directions_and_a_locale_that_goes_takes_relations_with_it() {
    let french = row(TAG, 4, FIRST, json!({ "label": "fr", "locale": "fr" }));
    let joins = |a: u64, b: u64| {
        json!({ "kind": "relation.circular", "relation": "oneToMany",
            "left": { "type": TAG, "ref": a, "field": "localizations", "pos": 1 }, "right": { "type": TAG, "ref": b } })
    };
    let both = world(&[tag(3, FIRST), french.clone()], &[joins(3, 4), joins(4, 3)]);
    let nothing = world(&[], &[]);
    let sent = merged(&both, &nothing, vec![planned(TAG, FIRST, Decision::Create, None)]).expect("a merge");
    let ends = |link: &Value| (link["left"]["ref"].as_u64(), link["right"]["ref"].as_u64());
    let (one, two) = (Some(SHIFT + 3), Some(SHIFT + 4));
    assert_eq!(sent.links.iter().map(ends).collect::<Vec<_>>(), [(one, two), (two, one)]);

    let english = world(&[tag(3, FIRST)], &[]);
    let there = world(&[tag(3, FIRST), french, row(THING, 1, FIRST, json!({}))], &[tagged(1, 1.0, 4, 1.0)]);
    let sent = merged(&english, &there, vec![planned(TAG, FIRST, Decision::Overwrite, Some(FIRST))]).expect("a merge");
    assert_eq!((sent.going.rows, sent.lost), (vec![3, 4], (0, 1)));
}

#[test]
fn a_condition_that_would_hit_a_row_that_stays_is_refused() {
    let ours = world(&[tag(1, FIRST), row(THING, 9, SECOND, json!({}))], &[]);
    // Both types lose a row, and the tag 6 has the number of one and the time of the other.
    let theirs = world(&[tag(5, FIRST), tag(6, SECOND), row(THING, 6, SECOND, json!({}))], &[]);
    let plan = vec![
        planned(TAG, FIRST, Decision::Overwrite, Some(FIRST)),
        planned(THING, SECOND, Decision::Overwrite, Some(SECOND)),
    ];
    let error = merged(&ours, &theirs, plan).err().expect("it is refused");
    assert!(error.message().contains("row 6 of api::tag.tag"), "{error}");
}

#[test]
fn an_address_that_stands_there_already_is_refused_and_that_of_a_copy_gets_an_ending() {
    let thing = |id, called: &str| row(THING, id, called, json!({ "slug": "same" }));
    let (ours, theirs) = (world(&[thing(1, FIRST)], &[]), world(&[thing(2, SECOND)], &[]));
    let error =
        merged(&ours, &theirs, vec![planned(THING, FIRST, Decision::Create, None)]).err().expect("it is refused");
    assert!(error.message().contains("\"slug\" \"same\""), "{error}");
    let plan = || vec![planned(THING, FIRST, Decision::Duplicate, Some(SECOND))];
    let sent = merged(&ours, &theirs, plan()).expect("a merge");
    let data = &sent.rows[0]["data"];
    let slug = data["slug"].as_str().expect("an address");
    assert!(slug.starts_with("same-") && slug.len() == 9 && data["createdAt"] == THIRD, "{data}");
    assert_eq!(merged(&ours, &theirs, plan()).expect("a merge").rows, sent.rows, "it is the same every time");
}
