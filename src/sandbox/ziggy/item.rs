//! The items of a server: kinds, and a store that finds them by uuid and by name in the order they were made.
//! Must not know: HTTP, imports, faults.

use std::{borrow::Cow, collections::HashMap};

use serde_json::{Map, Value};

use super::generate::Recipe;

/// What the Ziggy sandbox holds many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Flow,
    Connection,
    Secret,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Flow, Self::Connection, Self::Secret];

    /// The name of its list in an export file.
    pub fn list(self) -> &'static str {
        match self {
            Self::Flow => "flows",
            Self::Connection => "connections",
            Self::Secret => "secrets",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Connection => "connection",
            Self::Secret => "secret",
        }
    }
}

/// A generated item is made when somebody looks at it, so that 100,000 of them cost little more than their names.
#[derive(Clone, Debug)]
enum Body {
    Tree(Box<Value>),
    Recipe(Recipe),
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub uuid: String,
    pub name: String,
    pub deleted: bool,
    body: Body,
}

impl Item {
    pub fn value(&self) -> Cow<'_, Value> {
        match &self.body {
            Body::Tree(value) => Cow::Borrowed(value),
            Body::Recipe(recipe) => Cow::Owned(recipe.value()),
        }
    }

    /// The few fields that a list of flows shows; cheaper than the whole value for a generated flow.
    pub fn summary(&self) -> Value {
        match &self.body {
            Body::Tree(value) => summary(value),
            Body::Recipe(recipe) => recipe.summary(),
        }
    }

    fn from_value(value: Value) -> Self {
        Self {
            uuid: text(&value, "uuid").to_owned(),
            name: text(&value, "name").to_owned(),
            deleted: value["isDeleted"] == true,
            body: Body::Tree(Box::new(value)),
        }
    }
}

/// The fields of `FetchFlowsResponseDto` (OpenAPI types of CLI 1.0.29).
pub(super) fn summary(flow: &Value) -> Value {
    let fields = ["uuid", "isSubflow", "name", "listenerType", "tags", "updatedAt"];
    Value::Object(fields.iter().map(|field| ((*field).to_owned(), flow[field].clone())).collect())
}

pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// Sets a field of an object; anything else is left alone.
pub(super) fn set(value: &mut Value, field: &str, to: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(field.to_owned(), to);
    }
}

/// Copies the allowed fields that `from` has; the others keep what they are.
pub(super) fn merge(value: &mut Value, from: &Map<String, Value>, allowed: &[&str]) {
    for field in allowed {
        if let Some(new) = from.get(*field) {
            set(value, field, new.clone());
        }
    }
}

/// All items of one kind. A softly deleted item stays, and is hidden from every look-up but [`Store::any`].
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    items: Vec<Item>,
    by_uuid: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Store {
    /// Adds the item, or replaces the one of the same uuid in its place.
    pub fn put(&mut self, value: Value) {
        self.place(Item::from_value(value));
    }

    pub fn put_recipe(&mut self, recipe: Recipe) {
        self.place(Item { uuid: recipe.uuid(), name: recipe.name(), deleted: false, body: Body::Recipe(recipe) });
    }

    fn place(&mut self, item: Item) {
        let index = match self.by_uuid.get(&item.uuid) {
            Some(index) => {
                let index = *index;
                self.forget_name(index);
                self.items[index] = item;
                index
            }
            None => {
                self.by_uuid.insert(item.uuid.clone(), self.items.len());
                self.items.push(item);
                self.items.len() - 1
            }
        };
        self.by_name.entry(self.items[index].name.clone()).or_default().push(index);
    }

    fn forget_name(&mut self, index: usize) {
        if let Some(indices) = self.by_name.get_mut(&self.items[index].name) {
            indices.retain(|known| *known != index);
        }
    }

    /// Removes the row for good, as if it had never been there.
    pub fn remove(&mut self, uuid: &str) -> bool {
        let before = self.items.len();
        let items = std::mem::take(&mut self.items);
        *self = Self::default();
        for item in items.into_iter().filter(|item| item.uuid != uuid) {
            self.place(item);
        }
        self.items.len() < before
    }

    pub fn live(&self, uuid: &str) -> Option<&Item> {
        self.any(uuid).filter(|item| !item.deleted)
    }

    pub fn any(&self, uuid: &str) -> Option<&Item> {
        self.by_uuid.get(uuid).map(|index| &self.items[*index])
    }

    /// The first live item of that name, in the order they were made.
    pub fn named(&self, name: &str) -> Option<&Item> {
        let indices = self.by_name.get(name)?;
        indices.iter().copied().filter(|index| !self.items[*index].deleted).min().map(|index| &self.items[index])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.deleted)
    }

    pub fn iter_all(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_renamed_item_is_found_by_its_new_name_only() {
        let mut store = Store::default();
        store.put(json!({ "uuid": "1", "name": "Old" }));
        store.put(json!({ "uuid": "1", "name": "New" }));
        assert!(store.named("Old").is_none());
        assert_eq!(store.named("New").map(|item| item.uuid.as_str()), Some("1"));
        assert_eq!(store.iter().count(), 1);
    }

    #[test]
    fn a_softly_deleted_item_is_hidden_but_there() {
        let mut store = Store::default();
        store.put(json!({ "uuid": "1", "name": "Gone", "isDeleted": true }));
        assert!(store.live("1").is_none() && store.named("Gone").is_none() && store.iter().next().is_none());
        assert!(store.any("1").is_some());
    }
}
