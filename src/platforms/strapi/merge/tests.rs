//! Merges of a few rows: what is deleted, pushed and joined, as lines.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use super::{Assignment, Bundles, Merge, Side};
use crate::codec::TarWriter;
use crate::model::{
    Candidate, Decision, Digest, Digests, ItemKey, Kind, LocationInfo, Marks, MatchMethod, Plan, PlanItem, PlanOptions,
    Platform, Policy, Reason, Result, Role,
};
use crate::platforms::strapi::listing::{self, Listing};
use crate::platforms::strapi::members::Bundle;

const TAG: &str = "api::tag.tag";
const THING: &str = "api::thing.thing";

fn schemas() -> Vec<Value> {
    let relation = |relation: &str, target: &str, more: Value| {
        let mut relation = json!({ "type": "relation", "relation": relation, "target": target });
        relation.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        relation
    };
    vec![
        json!({ "uid": TAG, "attributes": { "label": {"type": "string"},
            "twin": relation("oneToOne", THING, json!({"mappedBy": "twin"})),
            "things": relation("manyToMany", THING, json!({"mappedBy": "tags"})) } }),
        json!({ "uid": THING, "attributes": { "title": {"type": "string"},
            "slug": {"type": "uid"},
            "code": {"type": "string", "unique": true},
            "subjects": {"type": "relation", "relation": "morphToMany"},
            "tags": relation("manyToMany", TAG, json!({"inversedBy": "things"})),
            "twin": relation("oneToOne", TAG, json!({"inversedBy": "twin"})),
            "labels": relation("oneToMany", TAG, json!({})),
            "subject": {"type": "relation", "relation": "morphToOne"},
            "cover": {"type": "media"},
            "ref": {"type": "component", "component": "lab.ref"} } }),
        json!({ "uid": "lab.ref", "attributes": { "note": {"type": "string"}, "tag": relation("oneToOne", TAG, json!({})) } }),
        json!({ "uid": "plugin::upload.file", "attributes": { "name": {"type": "string"},
            "related": relation("morphToMany", "", json!({})) } }),
    ]
}

/// A bundle and what a listing says of it.
struct World {
    bundle: Bundle,
    listing: Listing,
}

fn world(rows: &[Value], links: &[Value]) -> World {
    world_of(&schemas(), rows, links)
}

fn world_of(schemas: &[Value], rows: &[Value], links: &[Value]) -> World {
    let lines = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n").into_bytes();
    let mut tar = TarWriter::new(Vec::new(), 0);
    let metadata = br#"{"createdAt":"2026-11-21T02:06:27.858Z","strapi":{"version":"5.54.0"}}"#;
    for (name, content) in [
        ("schemas/schemas_00001.jsonl", lines(schemas)),
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

fn row(type_: &str, id: u64, document: &str, more: Value) -> Value {
    let mut data = json!({ "documentId": document });
    data.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let versions = json!({ "publishedAt": null, "locale": "en" });
    for (key, value) in versions.as_object().expect("an object") {
        data.as_object_mut().expect("an object").entry(key).or_insert(value.clone());
    }
    json!({ "type": type_, "id": id, "data": data })
}

fn tag(id: u64, document: &str) -> Value {
    row(TAG, id, document, json!({ "label": document }))
}

fn thing(id: u64, document: &str) -> Value {
    row(THING, id, document, json!({ "title": document }))
}

fn tagged(thing: u64, position: f64, tag: u64) -> Value {
    json!({ "kind": "relation.basic", "relation": "manyToMany",
        "left": { "type": THING, "field": "tags", "ref": thing, "pos": position },
        "right": { "type": TAG, "field": "things", "ref": tag, "pos": 1 } })
}

fn labelled(thing: u64, position: f64, tag: u64) -> Value {
    json!({ "kind": "relation.basic", "relation": "oneToMany",
        "left": { "type": THING, "field": "labels", "ref": thing, "pos": position }, "right": { "type": TAG, "ref": tag } })
}

fn noted(component: u64, tag: u64) -> Value {
    json!({ "kind": "relation.basic", "relation": "oneToOne",
        "left": { "type": "lab.ref", "field": "tag", "ref": component }, "right": { "type": TAG, "ref": tag } })
}

fn shown(file: u64, thing: u64) -> Value {
    json!({ "kind": "relation.morph", "relation": "morphToMany",
        "left": { "type": "plugin::upload.file", "field": "related", "ref": file },
        "right": { "ref": thing, "pos": 1, "type": THING, "field": "cover" } })
}

fn about(thing: u64, tag: u64) -> Value {
    json!({ "kind": "relation.morph", "relation": "morphToOne",
        "left": { "type": THING, "ref": thing, "field": "subject" }, "right": { "type": TAG, "ref": tag } })
}

fn planned(key: ItemKey, decision: Decision, matched: Option<&str>) -> PlanItem {
    let digests = Digests { semantic: Digest::ZERO, exact: Digest::ZERO };
    PlanItem {
        name: key.id.clone(),
        key,
        tags: Box::default(),
        size: 0,
        role: Role::Picked,
        match_: if matched.is_some() { MatchMethod::Uuid } else { MatchMethod::Unmatched },
        matched: matched.map(|id| Candidate { id: id.into(), name: id.into() }),
        candidates: Box::default(),
        decision,
        reason: Reason::Policy,
        changed: None,
        new_id: (decision == Decision::Duplicate).then(|| "copy".into()),
        given_id: std::sync::OnceLock::new(),
        new_name: None,
        source: digests,
        destination: matched.map(|_| digests),
        marks: Marks::default(),
    }
}

fn entry(type_: &str, id: &str) -> ItemKey {
    ItemKey::typed(Kind::Entry, type_, id)
}

/// What is sent.
#[derive(Debug, PartialEq)]
struct Sent {
    deleted: BTreeMap<String, Vec<String>>,
    rows: Vec<Value>,
    links: Vec<Value>,
    lost: (u64, u64),
}

fn merged(ours: &World, theirs: &World, items: Vec<PlanItem>) -> Sent {
    try_merged(ours, theirs, items).expect("a merge")
}

fn try_merged(ours: &World, theirs: &World, items: Vec<PlanItem>) -> Result<Sent> {
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
    let bundles = Bundles { source: &ours.bundle, destination: &theirs.bundle };
    let assignments: Vec<_> = plan.items.iter().filter_map(Assignment::of).collect();
    let merge = Merge::new(&plan, &assignments, &[], &source, &destination, &theirs.bundle, &BTreeMap::new())?;
    let script = merge.script(bundles)?;
    let (mut rows, mut links) = (Vec::new(), Vec::new());
    let keep = |into: &mut Vec<Value>, line: String| {
        into.push(serde_json::from_str(&line).expect("JSON"));
        Ok(())
    };
    merge.each_row(&script, bundles, |line| keep(&mut rows, line))?;
    merge.each_link(&script, bundles, |line| keep(&mut links, line))?;
    Ok(Sent { deleted: script.deleted.clone(), rows, links, lost: (script.lost_of_source, script.lost_of_kept) })
}

const AGAIN: u64 = super::compose::SHIFT;

#[test]
fn a_new_document_names_kept_ones_in_their_order() {
    let ours = world(
        &[thing(50, "x"), tag(7, "t1"), tag(8, "t2")],
        &[tagged(50, 1.0, 8), tagged(50, 2.0, 7), labelled(50, 1.0, 7), about(50, 8)],
    );
    let theirs = world(&[tag(1, "t1"), tag(2, "t2")], &[]);
    let sent = merged(&ours, &theirs, vec![planned(entry(THING, "x"), Decision::Create, None)]);
    assert_eq!(sent.deleted, BTreeMap::new());
    assert_eq!((sent.links, sent.lost), (vec![], (0, 0)));
    let data = &sent.rows[0]["data"];
    assert_eq!((sent.rows.len(), &data["tags"], &data["labels"]), (1, &json!([2, 1]), &json!([1])));
    assert_eq!(data["subject"], json!({ "__type": TAG, "id": 2 }));
    assert_eq!((&data["documentId"], &data["publishedAt"]), (&json!("x"), &Value::Null));
}

#[test]
fn pushed_and_kept_ones_in_one_field_keep_their_order() {
    let ours = world(
        &[thing(50, "x"), tag(7, "t1"), tag(8, "new"), tag(9, "t2")],
        &[tagged(50, 1.0, 7), tagged(50, 2.0, 8), tagged(50, 3.0, 9)],
    );
    let theirs = world(&[tag(1, "t1"), tag(2, "t2")], &[]);
    let items =
        vec![planned(entry(THING, "x"), Decision::Create, None), planned(entry(TAG, "new"), Decision::Create, None)];
    let sent = merged(&ours, &theirs, items);
    assert_eq!(sent.rows[0]["data"]["tags"], json!([1, 2]));
    let place = sent.links[0]["left"]["pos"].as_f64().expect("a number");
    assert!(sent.links.len() == 1 && 1.0 < place && place < 2.0, "{place}");
}

#[test]
fn kept_documents_are_attached_again_through_the_other_side() {
    let ours = world(&[tag(70, "t1")], &[]);
    let theirs = world(
        &[tag(1, "t1"), tag(2, "t2"), thing(10, "k"), thing(11, "l")],
        &[tagged(10, 2.0, 1), tagged(10, 1.0, 2), tagged(11, 1.0, 1)],
    );
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    assert_eq!(sent.deleted, BTreeMap::from([(TAG.to_owned(), vec!["t1".to_owned()])]));
    assert_eq!((sent.rows.len(), &sent.rows[0]["data"]["things"], sent.links.len()), (1, &json!([10, 11]), 0));
}

/// What is attached anew comes last: whoever has it earlier in its list is pushed again.
#[test]
fn a_list_of_a_kept_document_keeps_its_order() {
    let ours = world(&[tag(70, "t1")], &[]);
    let theirs = world(
        &[tag(1, "t1"), tag(2, "t2"), thing(10, "k"), thing(11, "l")],
        &[tagged(10, 1.0, 1), tagged(10, 2.0, 2), tagged(11, 1.0, 1)],
    );
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    assert_eq!(sent.deleted[THING], ["k"]);
    assert_eq!(
        (sent.rows.len(), &sent.rows[0]["data"]["things"], &sent.rows[1]["data"]["tags"]),
        (2, &json!([11]), &json!([2]))
    );
    let place = sent.links[0]["left"]["pos"].as_f64().expect("a number");
    assert!(sent.links.len() == 1 && place < 1.0, "before the one that stays: {place}");
}

/// The place of a thing among those of a tag.
fn tagged_at(thing: u64, tag: u64, position: f64) -> Value {
    let mut link = tagged(thing, 1.0, tag);
    link["right"]["pos"] = json!(position);
    link
}

#[test]
fn the_list_at_the_other_end_keeps_its_order_too() {
    let ours = world(&[thing(50, "x"), tag(7, "t1")], &[tagged_at(50, 7, 9.0)]);
    let theirs =
        world(&[tag(1, "t1"), thing(10, "x"), thing(11, "l")], &[tagged_at(10, 1, 1.0), tagged_at(11, 1, 2.0)]);
    let sent = merged(&ours, &theirs, vec![planned(entry(THING, "x"), Decision::Overwrite, Some("x"))]);
    assert_eq!(
        sent.deleted,
        BTreeMap::from([(TAG.to_owned(), vec!["t1".to_owned()]), (THING.to_owned(), vec!["x".to_owned()])])
    );
    assert_eq!(&sent.rows[1]["data"]["things"], &json!([11]));
    let place = sent.links[0]["right"]["pos"].as_f64().expect("a number");
    assert!(place < 1.0, "where it was at the destination, whatever the source's number: {place}");
}

/// The written one has the order of the source, as far as the source knows what the destination has.
#[test]
fn a_written_document_lists_kept_ones_as_the_source_does() {
    let ours = world(&[tag(7, "t1"), thing(50, "k"), thing(51, "l")], &[tagged_at(50, 7, 2.0), tagged_at(51, 7, 1.0)]);
    let theirs = world(
        &[tag(1, "t1"), thing(10, "k"), thing(11, "l"), thing(12, "m")],
        &[tagged_at(10, 1, 1.0), tagged_at(11, 1, 2.0), tagged_at(12, 1, 1.5)],
    );
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    assert_eq!((sent.rows.len(), &sent.rows[0]["data"]["things"]), (1, &json!([11, 10, 12])));
}

#[test]
fn what_would_take_too_many_documents_is_said_and_left() {
    let count = super::MOST_DRAWN as u64 + 1;
    let mut rows = vec![tag(1, "t1"), tag(2, "t2")];
    let mut links = Vec::new();
    for number in 0..count {
        rows.push(thing(10 + number, &format!("k{number}")));
        links.extend([tagged(10 + number, 1.0, 1), tagged(10 + number, 2.0, 2)]);
    }
    let drawn = |count: usize| {
        let theirs = world(&rows[..2 + count], &links[..2 * count]);
        let side = Side::new(&theirs.listing.index, &theirs.listing.inventory);
        let tag = side.find(&entry(TAG, "t1")).expect("it is there");
        let goes = super::Overwritten { documents: [(tag, [].into())].into(), ..Default::default() };
        super::draw(&side, &theirs.bundle, &goes).expect("an archive")
    };
    // The tag that stays is in the way of nobody's list, and sees its things in another order.
    let all = drawn(super::MOST_DRAWN);
    let said = BTreeMap::from([((TAG.to_owned(), "things".to_owned()), 1)]);
    assert_eq!((all.again.len(), all.disordered), (super::MOST_DRAWN, said));
    let none = drawn(super::MOST_DRAWN + 1);
    let said = BTreeMap::from([((THING.to_owned(), "tags".to_owned()), super::MOST_DRAWN + 1)]);
    assert_eq!((none.again.len(), none.disordered), (0, said));
}

#[test]
fn owners_without_another_side_are_pushed_again() {
    let ours = world(&[tag(70, "t1")], &[]);
    let with_component = row(THING, 10, "k", json!({ "title": "k", "ref": { "id": 3, "note": "n" } }));
    let theirs = world(
        &[tag(1, "t1"), tag(2, "t2"), with_component, thing(11, "l")],
        &[noted(3, 1), tagged(10, 1.0, 1), tagged(10, 2.0, 2), tagged(11, 1.0, 2)],
    );
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    let both = [(TAG.to_owned(), vec!["t1".to_owned()]), (THING.to_owned(), vec!["k".to_owned()])];
    assert_eq!(sent.deleted, BTreeMap::from(both));
    let again = &sent.rows[1];
    assert_eq!((sent.rows.len(), &again["id"]), (2, &json!(10 + AGAIN)));
    assert_eq!((&again["data"]["ref"]["id"], &again["data"]["tags"]), (&json!(3 + AGAIN), &json!([2])));
    assert_eq!(sent.rows[0]["data"].get("things"), None, "both ends are pushed");
    let ends = |link: &Value| (link["left"]["ref"].clone(), link["right"]["ref"].clone());
    let links: Vec<_> = sent.links.iter().map(ends).collect();
    assert_eq!(links, [(json!(3 + AGAIN), json!(70)), (json!(10 + AGAIN), json!(70))]);
    let place = sent.links[1]["left"]["pos"].as_f64().expect("a number");
    assert!(place < 1.0, "before the one that stays: {place}");
}

#[test]
fn pushing_one_again_may_ask_for_another() {
    let ours = world(&[tag(70, "t1")], &[]);
    let theirs = world(
        &[tag(1, "t1"), thing(10, "k"), thing(11, "l")],
        &[labelled(10, 1.0, 1), {
            let mut to_thing = about(11, 10);
            to_thing["right"]["type"] = json!(THING);
            to_thing
        }],
    );
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    assert_eq!(sent.deleted[THING], ["k", "l"]);
    assert_eq!((sent.rows.len(), sent.links.len(), sent.lost), (3, 2, (0, 0)));
}

#[test]
fn an_overwritten_document_has_the_relations_of_the_source() {
    let ours = world(&[thing(50, "x"), tag(7, "t1")], &[tagged(50, 1.0, 7)]);
    let theirs = world(&[tag(1, "t1"), tag(2, "t2"), thing(10, "x")], &[tagged(10, 1.0, 2), labelled(10, 1.0, 2)]);
    let sent = merged(&ours, &theirs, vec![planned(entry(THING, "x"), Decision::Overwrite, Some("x"))]);
    assert_eq!((sent.rows.len(), &sent.rows[0]["data"]["tags"]), (1, &json!([1])));
    assert_eq!((sent.rows[0]["data"].get("labels"), sent.links), (None, vec![]));
}

#[test]
fn a_kept_document_gets_no_relation_that_it_did_not_have() {
    let ours = world(&[thing(50, "k"), tag(7, "new")], &[tagged(50, 1.0, 7)]);
    let theirs = world(&[thing(10, "k")], &[]);
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "new"), Decision::Create, None)]);
    assert_eq!((sent.rows.len(), sent.rows[0]["data"].get("things"), sent.links), (1, None, vec![]));
}

fn twinned(thing: u64, tag: u64) -> Value {
    json!({ "kind": "relation.basic", "relation": "oneToOne",
        "left": { "type": THING, "field": "twin", "ref": thing }, "right": { "type": TAG, "field": "twin", "ref": tag } })
}

/// A server would take it away from the one that has it.
#[test]
fn what_only_one_can_have_stays_with_the_kept_document_that_has_it() {
    let ours = world(&[thing(50, "x"), tag(7, "t1"), tag(8, "t2")], &[twinned(50, 7)]);
    let kept = world(&[tag(1, "t1"), tag(2, "t2"), thing(10, "k")], &[twinned(10, 1)]);
    let create = || vec![planned(entry(THING, "x"), Decision::Create, None)];
    let sent = merged(&ours, &kept, create());
    assert_eq!((sent.rows[0]["data"].get("twin"), sent.links.len(), sent.lost), (None, 0, (1, 0)));
    // With both ends pushed there would be two that have it.
    let both = vec![create().remove(0), planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))];
    let sent = merged(&ours, &kept, both);
    assert_eq!((sent.links.len(), sent.lost), (0, (1, 0)));
    assert!(sent.rows.iter().any(|row| row["data"]["twin"] == json!([10])), "{sent:?}");
    let free = world(&[tag(1, "t1"), tag(2, "t2"), thing(10, "k")], &[twinned(10, 2)]);
    assert_eq!(merged(&ours, &free, create()).rows[0]["data"]["twin"], json!([1]));
    // The same target in the same way is what a plan goes by.
    let [ours, kept] = [&ours, &kept].map(|world| world.listing.inventory.soles());
    assert_eq!((ours.len(), kept.len(), ours[0].way), (1, 1, kept[0].way));
}

#[test]
fn a_copy_gets_its_own_document_and_the_original_keeps_its_relations() {
    let ours = world(&[tag(7, "t1"), thing(50, "k")], &[labelled(50, 1.0, 7)]);
    let theirs = world(&[tag(1, "t1"), thing(10, "k")], &[labelled(10, 1.0, 1)]);
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Duplicate, Some("t1"))]);
    assert_eq!((sent.deleted.len(), sent.rows.len(), &sent.rows[0]["data"]["documentId"]), (0, 1, &json!("copy")));
    assert_eq!(sent.links, [] as [Value; 0]);
}

#[test]
fn what_is_unique_is_not_there_twice() {
    let slugged =
        row(THING, 50, "k", json!({ "title": "t", "slug": "a-b", "code": "c", "ref": { "id": 3, "note": "n" } }));
    let (ours, theirs) = (world(&[slugged], &[]), world(&[thing(10, "k")], &[]));
    let sent = merged(&ours, &theirs, vec![planned(entry(THING, "k"), Decision::Duplicate, Some("k"))]);
    let data = &sent.rows[0]["data"];
    assert_eq!((&data["slug"], &data["code"], &data["title"]), (&json!("a-b-copy"), &json!("c (copy)"), &json!("t")));
}

#[test]
fn what_leads_to_any_type_has_no_other_side() {
    let ours = world(&[tag(70, "t1")], &[]);
    let any = json!({ "kind": "relation.morph", "relation": "morphToMany",
        "left": { "type": THING, "ref": 10, "field": "subjects" }, "right": { "type": TAG, "ref": 1, "pos": 1, "field": "subjects" } });
    let theirs = world(&[tag(1, "t1"), thing(10, "k")], &[any]);
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    assert_eq!((sent.rows.len(), sent.links.len()), (2, 1), "the one that refers is pushed again");
}

#[test]
fn rows_of_any_type_keep_their_places_among_pushed_and_kept_ones() {
    let any = |tag: u64, place: f64| {
        json!({ "kind": "relation.morph", "relation": "morphToMany",
            "left": { "type": THING, "ref": 50, "field": "subjects" }, "right": { "type": TAG, "ref": tag, "pos": place } })
    };
    let ours =
        world(&[thing(50, "x"), tag(7, "t1"), tag(8, "new"), tag(9, "t2")], &[any(9, 3.0), any(8, 2.0), any(7, 1.0)]);
    let theirs = world(&[tag(1, "t1"), tag(2, "t2")], &[]);
    let items =
        vec![planned(entry(THING, "x"), Decision::Create, None), planned(entry(TAG, "new"), Decision::Create, None)];
    let sent = merged(&ours, &theirs, items);
    assert_eq!(sent.rows[0]["data"]["subjects"], json!([{ "__type": TAG, "id": 1 }, { "__type": TAG, "id": 2 }]));
    let place = sent.links[0]["right"]["pos"].as_f64().expect("a number");
    assert!(sent.links.len() == 1 && 1.0 < place && place < 2.0, "{place}");
}

#[test]
fn relations_follow_locale_and_state() {
    let published =
        |id: u64, document: &str| row(TAG, id, document, json!({ "publishedAt": "2026-01-01T00:00:00.000Z" }));
    let ours = world(&[thing(50, "x"), tag(7, "t1"), published(8, "t1")], &[labelled(50, 1.0, 8)]);
    let there = world(&[tag(1, "t1"), published(2, "t1")], &[]);
    let sent = merged(&ours, &there, vec![planned(entry(THING, "x"), Decision::Create, None)]);
    assert_eq!(sent.rows[0]["data"]["labels"], json!([2]));
    let draft_only = world(&[tag(1, "t1")], &[]);
    let sent = merged(&ours, &draft_only, vec![planned(entry(THING, "x"), Decision::Create, None)]);
    assert_eq!((sent.rows[0]["data"].get("labels"), sent.lost), (None, (1, 0)));
}

#[test]
fn a_kept_document_loses_what_leads_to_a_version_that_goes() {
    let published = row(TAG, 2, "t1", json!({ "publishedAt": "2026-01-01T00:00:00.000Z" }));
    let ours = world(&[tag(7, "t1")], &[]);
    let theirs = world(&[tag(1, "t1"), published, thing(10, "k")], &[labelled(10, 1.0, 2)]);
    let sent = merged(&ours, &theirs, vec![planned(entry(TAG, "t1"), Decision::Overwrite, Some("t1"))]);
    assert_eq!((sent.rows.len(), sent.lost), (1, (0, 1)));
}

#[test]
fn a_replaced_file_is_shown_by_kept_documents_again() {
    let file = |id: u64| json!({ "type": "plugin::upload.file", "id": id, "data": { "documentId": "f", "name": "n" } });
    let ours = world(&[file(7)], &[]);
    let theirs = world(&[file(1), thing(10, "k")], &[shown(1, 10)]);
    let key = ItemKey::new(Kind::Asset, "f");
    let sent = merged(&ours, &theirs, vec![planned(key, Decision::Overwrite, Some("f"))]);
    let related = json!([{ "__type": THING, "id": 10, "__pivot": { "field": "cover", "order": 1 } }]);
    assert_eq!((sent.rows.len(), &sent.rows[0]["data"]["related"]), (1, &related));
    assert_eq!(sent.deleted["plugin::upload.file"], ["f"]);
}

#[test]
fn a_kept_file_is_named_by_the_document_that_shows_it() {
    let file = |id: u64| json!({ "type": "plugin::upload.file", "id": id, "data": { "documentId": "f", "name": "n" } });
    let ours = world(&[file(7), thing(50, "x")], &[shown(7, 50)]);
    let theirs = world(&[file(1)], &[]);
    let sent = merged(&ours, &theirs, vec![planned(entry(THING, "x"), Decision::Create, None)]);
    assert_eq!((sent.rows.len(), &sent.rows[0]["data"]["cover"], sent.links.len()), (1, &json!([1]), 0));
}

/// The usual schemas after a change.
fn schemas_but(change: impl Fn(&mut Value)) -> Vec<Value> {
    let mut schemas = schemas();
    schemas.iter_mut().for_each(change);
    schemas
}

fn attributes(schema: &mut Value) -> &mut serde_json::Map<String, Value> {
    schema["attributes"].as_object_mut().expect("an object")
}

/// With a relation of every form: to what is pushed, to what stays, through a component, of a file.
fn with_all_relations() -> (World, Vec<PlanItem>) {
    let file = json!({ "type": "plugin::upload.file", "id": 7, "data": { "documentId": "f", "name": "n" } });
    let holder = row(THING, 50, "x", json!({ "title": "x", "ref": { "id": 3, "note": "n" } }));
    let links = [
        tagged(50, 1.0, 8),
        tagged(50, 2.0, 7),
        labelled(50, 1.0, 8),
        labelled(50, 2.0, 7),
        about(50, 7),
        noted(3, 8),
        shown(7, 50),
    ];
    let ours = world(&[file, holder, tag(7, "t1"), tag(8, "new")], &links);
    let items =
        vec![planned(entry(THING, "x"), Decision::Create, None), planned(entry(TAG, "new"), Decision::Create, None)];
    (ours, items)
}

#[rstest]
#[case::shared("tags", THING)]
#[case::one_way("labels", THING)]
#[case::its_other_side("things", TAG)]
#[case::any_type("subject", THING)]
#[case::media("cover", THING)]
#[case::in_a_component("tag", "lab.ref")]
#[case::a_component("ref", THING)]
#[case::a_field("title", THING)]
fn what_the_destination_has_no_attribute_for_is_not_sent(#[case] attribute: &str, #[case] uid: &str) {
    let (ours, items) = with_all_relations();
    let lacking = schemas_but(|schema| {
        if schema["uid"] == uid {
            attributes(schema).remove(attribute);
        }
    });
    let file = json!({ "type": "plugin::upload.file", "id": 1, "data": { "documentId": "f", "name": "n" } });
    let whole = merged(&ours, &world(&[tag(1, "t1"), file.clone()], &[]), items.clone());
    let sent = merged(&ours, &world_of(&lacking, &[tag(1, "t1"), file], &[]), items);
    let says = |sent: &Sent| {
        let is_it = |end: &Value| end["field"] == attribute || (attribute == "ref" && end["type"] == "lab.ref");
        let linked = sent.links.iter().any(|link| is_it(&link["left"]) || is_it(&link["right"]));
        linked || format!("{:?}", sent.rows).contains(&format!("\"{attribute}\""))
    };
    assert!(says(&whole), "the attribute takes part");
    assert!(!says(&sent), "{sent:?}");
    assert_eq!((sent.rows.len(), sent.lost), (2, (0, 0)));
}

#[test]
fn a_field_that_holds_no_relation_at_the_destination_gets_none() {
    let (ours, items) = with_all_relations();
    let other = schemas_but(|schema| {
        if schema["uid"] == THING {
            attributes(schema).insert("labels".to_owned(), json!({ "type": "string" }));
        }
    });
    let sent = merged(&ours, &world_of(&other, &[tag(1, "t1")], &[]), items);
    assert!(!format!("{sent:?}").contains("labels"), "{sent:?}");
}

#[test]
fn a_type_that_the_destination_lacks_is_never_sent() {
    let (ours, items) = with_all_relations();
    let without = |uid: &str| schemas().into_iter().filter(|schema| schema["uid"] != uid).collect::<Vec<_>>();
    for uid in [THING, "lab.ref"] {
        let error = try_merged(&ours, &world_of(&without(uid), &[tag(1, "t1")], &[]), items.clone());
        let error = error.expect_err("an entry is made of it");
        assert!(error.message().contains(uid) && error.exit_code() == 4, "{error}");
    }
    // Only a relation leads to it.
    let thing = vec![planned(entry(THING, "x"), Decision::Create, None)];
    let sent = merged(&ours, &world_of(&without(TAG), &[], &[]), thing);
    assert_eq!((sent.rows.len(), sent.links.len()), (1, 0));
    assert!(!format!("{sent:?}").contains(TAG), "{sent:?}");
    // A row may name what no schema says: a link to it, too, is one to an unknown type.
    let named = world_of(&without(TAG), &[tag(1, "t1")], &[]);
    let sent = merged(&ours, &named, vec![planned(entry(THING, "x"), Decision::Create, None)]);
    assert!(!format!("{sent:?}").contains(TAG), "{sent:?}");
}

#[test]
fn a_zone_with_a_component_that_the_destination_lacks_is_never_sent() {
    let zone = |components: Value| {
        schemas_but(|schema| {
            if schema["uid"] == THING {
                attributes(schema)
                    .insert("zone".to_owned(), json!({ "type": "dynamiczone", "components": components }));
            }
        })
    };
    let held = json!({ "zone": [{ "__component": "lab.ref", "id": 3, "note": "n" }] });
    let ours = world_of(&zone(json!(["lab.ref"])), &[row(THING, 50, "x", held)], &[]);
    let mut theirs = zone(json!([]));
    let item = || vec![planned(entry(THING, "x"), Decision::Create, None)];
    let sent = merged(&ours, &world_of(&theirs, &[], &[]), item());
    assert_eq!(sent.rows[0]["data"]["zone"][0]["note"], "n", "the server refuses it, and the plan said so");
    theirs.retain(|schema| schema["uid"] != "lab.ref");
    let error = try_merged(&ours, &world_of(&theirs, &[], &[]), item()).expect_err("unknown");
    assert!(error.message().contains("lab.ref"), "{error}");
}
