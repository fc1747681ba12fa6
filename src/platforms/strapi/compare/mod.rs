//! What differs between the schemas of two projects, and how much it matters to content that moves from one to the other.
//! Must not know: archives, servers, rows.
//!
//! Strapi compares everything deeply and asks one question about all of it (`@strapi/data-transfer` 5.54.0,
//! `engine/diff`); here each difference is ranked by what the destination does with rows of the source, which it takes
//! without any validation but the database's.

mod attribute;
mod rank;
#[cfg(test)]
mod tests;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use self::rank::difference;
use super::schema::FILE_TYPE;
use crate::model::{Kind, Rank, SchemaComparison, SchemaDifference, Schemas};

/// Ranks what differs between two projects. A component matters where a value of a content type can hold it.
pub(super) fn compare(source: &Schemas, destination: &Schemas) -> SchemaComparison {
    let (ours, theirs) = (Project::of(&source.texts), Project::of(&destination.texts));
    let mut comparison = SchemaComparison::default();
    let mut met = BTreeSet::new();
    for uid in ours.content_types() {
        let parts = ours.reach(uid, &theirs);
        met.extend(parts.iter().cloned());
        if uid == FILE_TYPE {
            comparison.parts.insert((Kind::Asset, None), parts.clone());
        }
        comparison.parts.insert((Kind::Entry, Some(uid.into())), parts);
    }
    comparison.differences = differences(&ours, &theirs, &met);
    let only_there = theirs.content_types().filter(|uid| ours.get(uid).is_none());
    comparison.differences.extend(only_there.map(rank::type_only_there));
    comparison.differences.sort();
    comparison.findings.extend(version::differs(source.version.as_deref(), destination.version.as_deref()));
    comparison
}

/// The schemas of a project by their uid: content types and components.
#[derive(Clone, Debug, Default)]
struct Project(BTreeMap<String, Map<String, Value>>);

impl Project {
    fn of(texts: &[Box<RawValue>]) -> Project {
        let mut project = Project::default();
        texts.iter().filter_map(|text| serde_json::from_str(text.get()).ok()).for_each(|schema| project.learn(schema));
        project
    }

    /// Takes in one schema, as an archive's line or a server's answer has it. What has no uid is none.
    fn learn(&mut self, schema: Value) {
        let Value::Object(schema) = schema else { return };
        if let Some(uid) = schema.get("uid").and_then(Value::as_str) {
            self.0.insert(uid.to_owned(), schema);
        }
    }

    fn get(&self, uid: &str) -> Option<&Map<String, Value>> {
        self.0.get(uid)
    }

    /// `api::article.article`, as against `shared.seo`.
    fn content_types(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|uid| uid.contains("::"))
    }

    /// A type and the components that its rows can hold, at any depth, as far as the other project takes them: what lies
    /// in an attribute that it lacks is left out as a whole.
    fn reach(&self, uid: &str, other: &Project) -> BTreeSet<Box<str>> {
        let mut met: BTreeSet<Box<str>> = BTreeSet::new();
        let mut open = vec![uid];
        while let Some(uid) = open.pop() {
            if !met.insert(uid.into()) {
                continue;
            }
            let there = other.get(uid).and_then(|schema| schema.get("attributes"));
            let attributes = self.get(uid).into_iter().flat_map(attributes_of);
            let taken = attributes.filter(|(name, _)| there.is_none_or(|there| there.get(name.as_str()).is_some()));
            open.extend(taken.flat_map(|(_, attribute)| attribute::components(attribute)));
        }
        met
    }
}

/// Attributes that every project has alike, and that no transfer carries.
const OF_STRAPI_ITSELF: [&str; 4] = ["createdBy", "updatedBy", "localizations", "locale"];

fn attributes_of(schema: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("attributes").and_then(Value::as_object).into_iter().flatten()
}

/// What differs between these types and components of the source and those of the destination.
fn differences(source: &Project, destination: &Project, uids: &BTreeSet<Box<str>>) -> Vec<SchemaDifference> {
    let mut found = Vec::new();
    for uid in uids {
        match (source.get(uid), destination.get(uid)) {
            (Some(ours), Some(theirs)) => compare_schema(uid, ours, theirs, &mut found),
            (Some(_), None) => found.push(rank::missing_type(uid)),
            (None, _) => {}
        }
    }
    found
}

fn compare_schema(
    uid: &str,
    ours: &Map<String, Value>,
    theirs: &Map<String, Value>,
    found: &mut Vec<SchemaDifference>,
) {
    let empty = Map::new();
    let of = |schema: &'_ Map<String, Value>| schema.get("attributes").and_then(Value::as_object).cloned();
    let (our_attributes, their_attributes) = (of(ours).unwrap_or_default(), of(theirs).unwrap_or_default());
    compare_type(uid, ours, theirs, found);
    for (name, ours) in &our_attributes {
        if OF_STRAPI_ITSELF.contains(&name.as_str()) {
            continue;
        }
        match their_attributes.get(name) {
            None => found.push(rank::missing_attribute(uid, name, ours)),
            Some(theirs) => {
                let (ours, theirs) = (ours.as_object().unwrap_or(&empty), theirs.as_object().unwrap_or(&empty));
                attribute::compare(uid, name, ours, theirs, found);
            }
        }
    }
    for (name, theirs) in their_attributes.iter().filter(|(name, _)| !our_attributes.contains_key(*name)) {
        if !OF_STRAPI_ITSELF.contains(&name.as_str()) {
            found.push(rank::attribute_only_there(uid, name, theirs));
        }
    }
}

/// What two projects compare of a type beside its attributes.
fn compare_type(uid: &str, ours: &Map<String, Value>, theirs: &Map<String, Value>, found: &mut Vec<SchemaDifference>) {
    let mut differ = |path: &str, rank, meaning: &str, values: (Option<&Value>, Option<&Value>)| {
        if !same(values.0, values.1) {
            found.push(difference(uid, path, rank, meaning, values));
        }
    };
    let at = |path: &[&str]| (value_at(ours, path), value_at(theirs, path));
    differ("kind", Rank::Blocking, "one holds a single entry, the other many", at(&["kind"]));
    differ(
        "options.draftAndPublish",
        Rank::Blocking,
        "one keeps drafts beside what is published, the other does not",
        at(&["options", "draftAndPublish"]),
    );
    differ(
        "pluginOptions.i18n.localized",
        Rank::Blocking,
        "one has entries in several locales, the other does not",
        at(&["pluginOptions", "i18n", "localized"]),
    );
    for key in ["collectionName", "info"] {
        differ(key, Rank::Harmless, "a name of the project's own", at(&[key]));
    }
}

fn value_at<'a>(schema: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(schema.get(*first)?, |value, key| value.get(key))
}

/// What is absent is as good as `false`, null or empty: so Strapi's own defaults are.
fn same(ours: Option<&Value>, theirs: Option<&Value>) -> bool {
    let nothing = |value: Option<&Value>| match value {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::Object(map)) => map.is_empty(),
        _ => false,
    };
    ours == theirs || (nothing(ours) && nothing(theirs))
}
