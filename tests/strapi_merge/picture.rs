//! What a server holds, without what differs between two servers that hold the same: rows go by document, locale and
//! version, components by where they lie, relations by the row that refers. Taken from the true state of the played server,
//! so that a merge is judged by nothing that Haul itself believes.

use std::collections::{BTreeMap, BTreeSet};

use haul::sandbox::Site;
use serde_json::Value;

use crate::world::{FILE, list, text};

/// A field of a row or of a component in it.
type Field = (String, String);

#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// By `uid document locale version`.
    pub rows: BTreeMap<String, Value>,
    /// What each field refers to, in its order. Of media a server keeps litter that leads from files to rows that are gone; it
    /// is sent to nobody, and not in here.
    pub relations: BTreeMap<Field, Vec<String>>,
    pub configuration: Value,
    /// Digests by name.
    pub uploads: BTreeMap<String, String>,
    /// Components that lie in no row.
    pub strays: i64,
}

/// Where each row and component is, by type and id.
#[derive(Default)]
struct Places {
    of: BTreeMap<(String, u64), String>,
    components: i64,
}

/// Rows of a document, and what each of its fields leads to.
pub type Document<'a> = (Vec<(&'a String, &'a Value)>, Vec<(&'a Field, &'a Vec<String>)>);

impl Picture {
    pub fn of(site: &Site) -> Picture {
        let (dump, schemas) = (site.dump(), site.schemas());
        let (mut rows, mut places) = (BTreeMap::new(), Places::default());
        for entity in list(&dump, "entities") {
            let (uid, mut data) = (text(entity, "type"), entity["data"].clone());
            let key = called(&schemas, entity, &data);
            places.of.insert((uid.clone(), entity["id"].as_u64().expect("an id")), key.clone());
            places.enter(&schemas, &uid, &key, &mut data);
            assert!(rows.insert(key.clone(), data).is_none(), "{key} is there twice");
        }
        let counts = dump["components"].as_object().expect("counts").values();
        let strays = counts.filter_map(Value::as_i64).sum::<i64>() - places.components;
        let uploads = dump["files"]["uploads"].as_object().expect("a folder");
        let uploads = uploads.iter().map(|(name, sum)| (name.clone(), sum.as_str().unwrap_or_default().to_owned()));
        let relations = places.relations(list(&dump, "links"));
        Picture { rows, relations, configuration: dump["configuration"].clone(), uploads: uploads.collect(), strays }
    }

    /// The rows of a document, with what they refer to.
    pub fn document(&self, uid: &str, document: &str) -> Document<'_> {
        let is_its = |key: &str| key.starts_with(&format!("{uid} {document} "));
        let rows = self.rows.iter().filter(|(key, _)| is_its(key)).collect();
        (rows, self.relations.iter().filter(|((owner, _), _)| is_its(owner)).collect())
    }

    /// The same picture without these documents and their own relations.
    pub fn without(&self, written: &BTreeSet<Key>) -> Picture {
        let is_kept = |key: &str| !written.iter().any(|(uid, id)| key.starts_with(&format!("{uid} {id} ")));
        let mut rest = self.clone();
        rest.rows.retain(|key, _| is_kept(key));
        rest.relations.retain(|(owner, _), _| is_kept(owner));
        rest
    }
}

/// Type and document.
pub type Key = (String, String);

fn called(schemas: &Value, entity: &Value, data: &Value) -> String {
    let uid = &*text(entity, "type");
    let version = if data["publishedAt"].is_null() { "draft" } else { "published" };
    let document = match data["documentId"].as_str() {
        Some(document) => document.to_owned(),
        // In version 4 entries have no names; those of a sample are made at different times.
        None if uid == FILE => text(data, "hash") + &text(data, "ext"),
        None if uid.starts_with("admin::") => entity["id"].to_string(),
        None if schemas[uid]["kind"] == "singleType" => "single".to_owned(),
        None => text(data, "createdAt"),
    };
    format!("{uid} {document} {} {version}", data["locale"].as_str().unwrap_or("-"))
}

impl Places {
    /// Notes where components lie, and takes their ids out of the data.
    fn enter(&mut self, schemas: &Value, uid: &str, place: &str, data: &mut Value) {
        let attributes = schemas[uid]["attributes"].as_object().expect("a schema");
        for (name, attribute) in attributes {
            let component = match attribute["type"].as_str() {
                Some("component") => attribute["component"].as_str(),
                Some("dynamiczone") => None,
                _ => continue,
            };
            let parts: Vec<&mut Value> = match &mut data[name] {
                Value::Array(parts) => parts.iter_mut().collect(),
                Value::Null => Vec::new(),
                part => vec![part],
            };
            for (at, part) in parts.into_iter().enumerate() {
                let uid = component.map_or_else(|| text(part, "__component"), str::to_owned);
                let id = part.as_object_mut().expect("a component").remove("id").expect("an id");
                let place = format!("{place} / {name} {at}");
                self.of.insert((uid.clone(), id.as_u64().expect("a number")), place.clone());
                self.components += 1;
                self.enter(schemas, &uid, &place, part);
            }
        }
    }

    /// The end that refers is the left one, but of media, where it is the one that shows the file.
    fn relations(&self, links: &[Value]) -> BTreeMap<Field, Vec<String>> {
        let mut found: BTreeMap<Field, Vec<(f64, String)>> = BTreeMap::new();
        for link in links.iter().filter(|link| link["left"]["field"] != "localizations") {
            let is_media = link["left"]["type"] == FILE && link["kind"] == "relation.morph";
            let (owner, other) = if is_media { ("right", "left") } else { ("left", "right") };
            let place = link[owner]["pos"].as_f64().unwrap_or_default();
            let field = (self.place(&link[owner]), text(&link[owner], "field"));
            found.entry(field).or_default().push((place, self.place(&link[other])));
        }
        let sorted = |mut ends: Vec<(f64, String)>| {
            ends.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            ends.into_iter().map(|(_, end)| end).collect()
        };
        found.into_iter().map(|(field, ends)| (field, sorted(ends))).collect()
    }

    fn place(&self, end: &Value) -> String {
        let id = end["ref"].as_u64().unwrap_or_else(|| panic!("an end without a row: {end}"));
        let key = (text(end, "type"), id);
        self.of.get(&key).unwrap_or_else(|| panic!("{key:?} lies nowhere")).clone()
    }
}
