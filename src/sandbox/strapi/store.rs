//! The tiny relational store: rows by type and id, join rows, and what vanishes with a row. Tables are shared until
//! they change, so that a transaction can work on a copy.
//! Must not know: frames, schemas' meaning beyond the names of types.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use serde_json::{Map, Number, Value};

use super::schema::Place;

pub(super) type Id = u64;

/// One row of a type or of a component.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub values: Map<String, Value>,
    /// Components by field, in their order: type and id.
    pub parts: BTreeMap<String, Vec<(String, Id)>>,
    /// Relations that are a column of the row.
    pub columns: BTreeMap<String, Id>,
    /// Polymorphic relations that are columns of the row: type and id.
    pub morphs: BTreeMap<String, (String, Id)>,
}

impl Row {
    pub fn text(&self, field: &str) -> Option<&str> {
        self.values.get(field).and_then(Value::as_str)
    }
}

/// Rows in the order of their ids; an id is never used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub rows: BTreeMap<Id, Arc<Row>>,
    last: Id,
}

/// A row of a join table: owner, target, and their places in each other's lists.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Join {
    pub left: Id,
    pub right: Id,
    pub order: Option<Number>,
    pub inverse: Option<Number>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Joins {
    pub list: Vec<Join>,
    pairs: HashSet<(Id, Id)>,
}

impl Joins {
    /// False where the pair is there already: the table has a unique key over both.
    pub fn insert(&mut self, join: Join) -> bool {
        let fresh = self.pairs.insert((join.left, join.right));
        if fresh {
            self.list.push(join);
        }
        fresh
    }

    pub fn retain(&mut self, keep: impl Fn(&Join) -> bool) {
        self.list.retain(|join| keep(join));
        self.pairs = self.list.iter().map(|join| (join.left, join.right)).collect();
    }
}

/// A row of a polymorphic join table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Morph {
    pub left: Id,
    pub right_type: String,
    pub right: Id,
    pub field: Option<String>,
    pub order: Option<Number>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Database {
    tables: BTreeMap<String, Arc<Table>>,
    joins: BTreeMap<Place, Arc<Joins>>,
    morphs: BTreeMap<Place, Arc<Vec<Morph>>>,
}

/// Tables without a schema on the wire.
pub(super) const CORE_STORE: &str = "strapi::core-store";
pub(super) const WEBHOOK: &str = "strapi::webhook";
pub(super) const MODELS: [&str; 3] = [CORE_STORE, WEBHOOK, "plugin::content-manager.history-version"];

impl Database {
    pub fn row(&self, uid: &str, id: Id) -> Option<&Arc<Row>> {
        self.tables.get(uid)?.rows.get(&id)
    }

    pub fn rows(&self, uid: &str) -> impl Iterator<Item = (Id, &Arc<Row>)> {
        self.tables.get(uid).into_iter().flat_map(|table| table.rows.iter().map(|(id, row)| (*id, row)))
    }

    pub fn count(&self, uid: &str) -> usize {
        self.tables.get(uid).map_or(0, |table| table.rows.len())
    }

    fn table(&mut self, uid: &str) -> &mut Table {
        Arc::make_mut(self.tables.entry(uid.to_owned()).or_default())
    }

    pub fn insert(&mut self, uid: &str, row: Row) -> Id {
        let table = self.table(uid);
        table.last += 1;
        let id = table.last;
        table.rows.insert(id, Arc::new(row));
        id
    }

    /// With an id of its own, as a dump is loaded.
    pub fn put(&mut self, uid: &str, id: Id, row: Row) {
        let table = self.table(uid);
        table.last = table.last.max(id);
        table.rows.insert(id, Arc::new(row));
    }

    pub fn change(&mut self, uid: &str, id: Id, change: impl FnOnce(&mut Row)) -> bool {
        match self.table(uid).rows.get_mut(&id) {
            Some(row) => {
                change(Arc::make_mut(row));
                true
            }
            None => false,
        }
    }

    pub fn joins(&self, place: &Place) -> &[Join] {
        self.joins.get(place).map_or(&[], |joins| &joins.list)
    }

    pub fn joins_mut(&mut self, place: &Place) -> &mut Joins {
        Arc::make_mut(self.joins.entry(place.clone()).or_default())
    }

    pub fn morphs(&self, place: &Place) -> &[Morph] {
        self.morphs.get(place).map_or(&[], |morphs| morphs.as_slice())
    }

    pub fn morphs_mut(&mut self, place: &Place) -> &mut Vec<Morph> {
        Arc::make_mut(self.morphs.entry(place.clone()).or_default())
    }

    /// All rows of the table, and what hangs on them as in [`Database::delete`].
    pub fn clear(&mut self, uid: &str, targets: &dyn Fn(&Place) -> Option<String>) -> usize {
        let ids: HashSet<Id> = self.rows(uid).map(|(id, _)| id).collect();
        self.delete(uid, &ids, targets);
        ids.len()
    }

    /// Removes rows. Join rows at either end go with them, as their foreign keys cascade; rows of polymorphic tables
    /// that point at them stay, as these have none. Components are rows of their own and are the caller's business.
    /// `targets` tells the type at the right end of a join table.
    pub fn delete(&mut self, uid: &str, ids: &HashSet<Id>, targets: &dyn Fn(&Place) -> Option<String>) {
        if ids.is_empty() {
            return;
        }
        self.table(uid).rows.retain(|id, _| !ids.contains(id));
        for (place, joins) in &mut self.joins {
            let left = place.0 == uid;
            let right = targets(place).is_some_and(|target| target == uid);
            let gone = |join: &Join| (left && ids.contains(&join.left)) || (right && ids.contains(&join.right));
            if (left || right) && joins.list.iter().any(gone) {
                Arc::make_mut(joins).retain(|join| !gone(join));
            }
        }
        for (place, morphs) in &mut self.morphs {
            if place.0 == uid && morphs.iter().any(|morph| ids.contains(&morph.left)) {
                Arc::make_mut(morphs).retain(|morph| !ids.contains(&morph.left));
            }
        }
    }
}
