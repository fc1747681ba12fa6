//! One content object with all its versions, and the store of all objects of a type.
//! Must not know: rules and HTTP.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{
    reference::folded,
    shape::{Field, Holds},
};

pub(super) type Body = Map<String, Value>;

/// What an object was at one time. Kept as text: a hundred thousand of them then fit.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub number: u64,
    pub at: i64,
    text: Box<str>,
}

impl Version {
    pub fn new(number: u64, at: i64, body: &Body) -> Self {
        // A map with string keys always serialises.
        let text = serde_json::to_string(body).unwrap_or_default();
        Self { number, at, text: text.into_boxed_str() }
    }

    pub fn body(&self) -> Body {
        // It was written by `new`.
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub id: String,
    pub created: i64,
    /// The place in the order in which objects were made.
    pub serial: u64,
    /// Oldest first, never empty.
    pub versions: Vec<Version>,
    /// The number of the version that the public sees.
    pub public: Option<u64>,
    pub published: Option<i64>,
    pub archived: bool,
}

/// As `internal.status` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Draft,
    Public,
    Modified,
    Archived,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Public => "public",
            Self::Modified => "modified",
            Self::Archived => "archived",
        }
    }
}

impl Object {
    pub fn latest(&self) -> u64 {
        self.versions.last().map_or(0, |version| version.number)
    }

    pub fn updated(&self) -> i64 {
        self.versions.last().map_or(self.created, |version| version.at)
    }

    pub fn body(&self) -> Body {
        self.versions.last().map(Version::body).unwrap_or_default()
    }

    pub fn version(&self, number: u64) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// Where drafts are off for the type, everything is public.
    pub fn status(&self, drafts: bool) -> Status {
        match self.public {
            _ if !drafts => Status::Public,
            _ if self.archived => Status::Archived,
            None => Status::Draft,
            Some(number) if number == self.latest() => Status::Public,
            Some(_) => Status::Modified,
        }
    }

    pub fn publish(&mut self, at: i64) {
        (self.public, self.published, self.archived) = (Some(self.latest()), Some(at), false);
    }

    pub fn unpublish(&mut self) {
        (self.public, self.published, self.archived) = (None, None, false);
    }

    pub fn archive(&mut self) {
        (self.public, self.archived) = (None, true);
    }

    /// Adds a version, or begins with one.
    pub fn push(&mut self, at: i64, body: &Body) {
        self.versions.push(Version::new(self.latest() + 1, at, body));
    }

    /// Replaces what the newest version holds, as a change of the definition does.
    pub fn rewrite(&mut self, body: &Body) {
        if let Some(version) = self.versions.last_mut() {
            *version = Version::new(version.number, version.at, body);
        }
    }
}

/// All objects of a type by their ids, whose case does not count.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    objects: BTreeMap<String, Object>,
    /// Which objects hold a value in a field that is unique.
    unique: HashMap<(String, String), Vec<String>>,
}

impl Store {
    pub fn get(&self, id: &str) -> Option<&Object> {
        self.objects.get(&folded(id))
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Object> {
        self.objects.get_mut(&folded(id))
    }

    pub fn len(&self) -> usize {
        self.objects.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.objects.values_mut()
    }

    /// Adds or replaces; returns what was there.
    pub fn put(&mut self, object: Object, fields: &[Field]) -> Option<Object> {
        let key = folded(&object.id);
        let before = self.take(&key, fields);
        for value in unique_values(&object.body(), fields) {
            self.unique.entry(value).or_default().push(key.clone());
        }
        self.objects.insert(key, object);
        before
    }

    pub fn take(&mut self, id: &str, fields: &[Field]) -> Option<Object> {
        let key = folded(id);
        let object = self.objects.remove(&key)?;
        for value in unique_values(&object.body(), fields) {
            if let Some(holders) = self.unique.get_mut(&value) {
                holders.retain(|holder| *holder != key);
            }
        }
        Some(object)
    }

    /// The fields have changed, or the objects behind the store's back.
    pub fn index(&mut self, fields: &[Field]) {
        self.unique.clear();
        for (key, object) in &self.objects {
            for value in unique_values(&object.body(), fields) {
                self.unique.entry(value).or_default().push(key.clone());
            }
        }
    }

    /// Whether an object other than `id` holds this value in a unique field.
    pub fn is_taken(&self, field: &str, value: &Value, id: &str) -> bool {
        let key = folded(id);
        let holders = self.unique.get(&(field.to_owned(), value.to_string()));
        holders.is_some_and(|holders| holders.iter().any(|holder| *holder != key))
    }
}

fn unique_values(body: &Body, fields: &[Field]) -> Vec<(String, String)> {
    let unique = fields.iter().filter(|field| field.unique && field.holds != Holds::Relations);
    let values = unique.filter_map(|field| Some((field, body.get(&field.name).filter(|value| !is_empty(value))?)));
    values.map(|(field, value)| (field.name.clone(), value.to_string())).collect()
}

/// What counts as no value.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(id: &str) -> Object {
        let versions = vec![Version::new(1, 5, &Body::new())];
        Object { id: id.to_owned(), created: 5, serial: 0, versions, public: None, published: None, archived: false }
    }

    #[test]
    fn a_status_follows_what_was_done() {
        let mut page = object("page-1");
        let mut seen = vec![page.status(true).word()];
        page.publish(6);
        seen.push(page.status(true).word());
        page.push(7, &Body::new());
        seen.push(page.status(true).word());
        page.archive();
        seen.push(page.status(true).word());
        page.publish(8);
        seen.push(page.status(true).word());
        page.unpublish();
        seen.push(page.status(true).word());
        assert_eq!(seen, ["draft", "public", "modified", "archived", "public", "draft"]);
        assert_eq!(page.status(false), Status::Public);
    }

    #[test]
    fn the_case_of_an_id_does_not_count() {
        let mut store = Store::default();
        store.put(object("Page-1"), &[]);
        assert!(store.get("pAGE-1").is_some());
        assert!(store.put(object("page-1"), &[]).is_some_and(|before| before.id == "Page-1"));
        assert_eq!(store.len(), 1);
    }
}
