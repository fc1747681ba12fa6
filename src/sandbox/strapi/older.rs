//! The sample content as a server of version 4 would hold it: one row for each document and language, without document
//! ids, and languages joined by number.
//! Must not know: how content is stored.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::content::Content;
use crate::sandbox::rng::seed_of;

/// What only version 5 has.
const NEWER: [&str; 2] = ["plugin::review-workflows.", "admin::session"];

pub(super) fn content(newer: &Content) -> Content {
    let schemas: Vec<Value> = newer.schemas.iter().filter(|schema| is_known(schema)).map(schema).collect();
    let chosen = chosen(&newer.entities);
    let is_chosen = |entity: &&Value| chosen.kept.contains(&key(&entity["type"], &entity["id"]));
    let entities: Vec<Value> = newer.entities.iter().filter(is_chosen).cloned().map(made_at_a_time).collect();
    let parts = parts(&newer.schemas, &entities);
    let mut seen = HashSet::new();
    let mut links: Vec<Value> = Vec::new();
    for link in &newer.links {
        let mut link = link.clone();
        let known = ["left", "right"].iter().all(|side| chosen.translate(&mut link[*side], &parts));
        let pair = (link["left"].to_string(), link["right"]["type"].to_string(), link["right"]["ref"].to_string());
        if known && seen.insert(pair) {
            links.push(link);
        }
    }
    links.extend(languages(&schemas, &entities));
    Content { schemas, entities, links, ..newer.clone() }
}

/// Documents are made one after the other, each at a time of its own, which is the same on every server that has it.
fn made_at_a_time(mut entity: Value) -> Value {
    let document = format!("{}/{}", entity["type"], entity["data"]["documentId"]);
    // In the month before everything else in the sample content.
    let offset = i64::try_from(seed_of(&document) % (30 * 86_400_000)).unwrap_or_default();
    let made = jiff::Timestamp::from_millisecond(1_767_225_600_000 + offset).unwrap_or_default();
    if let Some(data) = entity["data"].as_object_mut() {
        data.insert("createdAt".to_owned(), json!(format!("{made:.3}")));
        // An address stands once in a table, whatever the locale.
        let locale = data.get("locale").and_then(Value::as_str).filter(|locale| *locale != "en").map(str::to_owned);
        if let (Some(locale), Some(slug)) = (locale, data.get("slug").and_then(Value::as_str).map(str::to_owned)) {
            data.insert("slug".to_owned(), json!(format!("{slug}-{locale}")));
        }
    }
    entity
}

fn is_known(schema: &Value) -> bool {
    let uid = schema["uid"].as_str().unwrap_or_default();
    !NEWER.iter().any(|newer| uid.starts_with(newer))
}

fn is_localized(schema: &Value) -> bool {
    schema["pluginOptions"]["i18n"]["localized"] == true
}

fn schema(newer: &Value) -> Value {
    let mut schema = newer.clone();
    let (localized, drafts) = (is_localized(newer), newer["options"]["draftAndPublish"] == true);
    let uid = newer["uid"].clone();
    if let Some(attributes) = schema["attributes"].as_object_mut() {
        attributes.shift_remove("localizations");
        if !drafts {
            attributes.shift_remove("publishedAt");
        }
        if !localized {
            attributes.shift_remove("locale");
        } else {
            let relation = json!({ "writable": true, "private": false, "configurable": false, "visible": false,
                "type": "relation", "relation": "oneToMany", "target": uid });
            attributes.insert("localizations".to_owned(), relation);
        }
    }
    schema
}

type Key = (String, u64);

fn key(uid: &Value, id: &Value) -> Key {
    (uid.as_str().unwrap_or_default().to_owned(), id.as_u64().unwrap_or_default())
}

/// Which row stands for a document in a language: the published one, else the draft.
#[derive(Debug, Default)]
struct Chosen {
    kept: HashSet<Key>,
    /// From every row to the one that stands for it.
    rows: HashMap<Key, u64>,
}

fn chosen(entities: &[Value]) -> Chosen {
    let mut groups: BTreeMap<(String, String, String), Vec<&Value>> = BTreeMap::new();
    for entity in entities {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let group = (text(&entity["type"]), text(&entity["data"]["documentId"]), text(&entity["data"]["locale"]));
        groups.entry(group).or_default().push(entity);
    }
    let mut chosen = Chosen::default();
    for rows in groups.values() {
        let published = rows.iter().find(|row| !row["data"]["publishedAt"].is_null());
        let Some(best) = published.or(rows.first()) else { continue };
        chosen.kept.insert(key(&best["type"], &best["id"]));
        for row in rows {
            chosen.rows.insert(key(&row["type"], &row["id"]), best["id"].as_u64().unwrap_or_default());
        }
    }
    chosen
}

impl Chosen {
    /// False where the end is gone with the row it was part of.
    fn translate(&self, end: &mut Value, parts: &HashSet<Key>) -> bool {
        let from = key(&end["type"], &end["ref"]);
        match self.rows.get(&from) {
            Some(to) => {
                super::set(end, "ref", json!(to));
                true
            }
            None => parts.contains(&from),
        }
    }
}

/// Components that are still there, wherever they are nested.
fn parts(schemas: &[Value], entities: &[Value]) -> HashSet<Key> {
    let attributes: HashMap<&str, &Map<String, Value>> = schemas
        .iter()
        .filter_map(|schema| Some((schema["uid"].as_str()?, schema["attributes"].as_object()?)))
        .collect();
    let mut found = HashSet::new();
    for entity in entities {
        walk(&attributes, entity["type"].as_str().unwrap_or_default(), &entity["data"], &mut found);
    }
    found
}

fn walk(attributes: &HashMap<&str, &Map<String, Value>>, uid: &str, data: &Value, found: &mut HashSet<Key>) {
    let Some(fields) = attributes.get(uid) else { return };
    for (name, field) in fields.iter() {
        let items = data[name].as_array().map_or(std::slice::from_ref(&data[name]), Vec::as_slice);
        for item in items {
            let part = item["__component"].as_str().or_else(|| field["component"].as_str());
            if let (Some(part), true) = (part, item["id"].is_u64()) {
                found.insert((part.to_owned(), item["id"].as_u64().unwrap_or_default()));
                walk(attributes, part, item, found);
            }
        }
    }
}

/// In both directions, by number.
fn languages(schemas: &[Value], entities: &[Value]) -> Vec<Value> {
    let localized: HashSet<&str> =
        schemas.iter().filter(|schema| is_localized(schema)).filter_map(|schema| schema["uid"].as_str()).collect();
    let mut links = Vec::new();
    for left in entities.iter().filter(|row| row["type"].as_str().is_some_and(|uid| localized.contains(uid))) {
        let siblings = entities.iter().filter(|right| {
            right["type"] == left["type"]
                && right["data"]["documentId"] == left["data"]["documentId"]
                && right["id"] != left["id"]
        });
        for (at, right) in siblings.enumerate() {
            links.push(json!({ "kind": "relation.circular", "relation": "oneToMany",
                "left": { "type": left["type"], "field": "localizations", "ref": left["id"], "pos": at + 1 },
                "right": { "type": right["type"], "ref": right["id"] } }));
        }
    }
    links
}
