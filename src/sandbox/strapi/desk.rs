//! What a test in the same process can see and do: the true state, the frames, and changes as a colleague makes them.
//! Must not know: the wire.

use std::collections::HashSet;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::{
    Site, create::Creation, frames::FrameRecord, mapping::Mapping, read, restore, schema::Field, token::Token,
};

impl Site {
    /// Entities, links and settings in the shapes of a pull (`admin::*` included), counts of components, and the
    /// folders of files with their digests. Only what is committed.
    pub fn dump(&self) -> Value {
        let mut dump = read::dump(&self.schemas, &self.database());
        super::set(&mut dump, "name", json!(self.name));
        super::set(&mut dump, "files", self.uploads().dump());
        dump
    }

    /// The rows of a type with their components, as a pull sends them.
    pub fn rows(&self, uid: &str) -> Vec<Value> {
        let database = self.database();
        let Some(schema) = self.schemas.get(uid) else { return Vec::new() };
        database.rows(uid).map(|(id, _)| read::entity(&self.schemas, &database, schema, id)).collect()
    }

    pub fn row(&self, uid: &str, id: u64) -> Option<Value> {
        self.rows(uid).into_iter().find(|row| row["id"] == id)
    }

    /// All links of one field, as a pull sends them, also those whose other end is gone.
    pub fn links(&self, uid: &str, field: &str) -> Vec<Value> {
        let database = self.database();
        let (mut links, mut orphans) = (Vec::new(), Vec::new());
        if let Some(schema) = self.schemas.get(uid)
            && let Some(kind) = schema.field(field)
        {
            read::links(&self.schemas, &database, schema, field, kind, &mut links, &mut orphans);
        }
        links.append(&mut orphans);
        links
    }

    /// The schemas as `getSchemas` sends them.
    pub fn schemas(&self) -> Value {
        self.schemas.wire()
    }

    /// The frames of all transfers, in order.
    pub fn frames(&self) -> Vec<FrameRecord> {
        self.frames.all()
    }

    pub fn forget_frames(&self) {
        self.frames.clear();
    }

    /// The secret of the token with these rights: `transfer` (both), `pull`, `push` or `expired`.
    pub fn token_named(&self, name: &str) -> Option<String> {
        let wanted = format!("EXAMPLE-{}-{name}-token", self.name);
        self.tokens.iter().map(|Token { secret, .. }| secret).find(|secret| **secret == wanted).cloned()
    }

    /// Whether a transaction is open: then nobody else gets at the database, on SQLite.
    pub fn is_busy(&self) -> bool {
        self.gate.try_lock().is_err()
    }

    /// Changes columns of a row, with a new `updatedAt`. False if there is no such row, or while a transfer has the
    /// database.
    pub fn edit(&self, uid: &str, id: u64, change: impl FnOnce(&mut Map<String, Value>)) -> bool {
        let Ok(_guard) = self.gate.try_lock() else { return false };
        let now = self.clock().now();
        self.database().change(uid, id, |row| {
            change(&mut row.values);
            row.values.insert("updatedAt".to_owned(), json!(now));
        })
    }

    /// Creates a row from data as in a push, relations by the ids of this server. Returns the new id.
    pub fn create(&self, uid: &str, data: &Value) -> Result<u64, String> {
        let _guard = self.gate.try_lock().map_err(|_| "a transfer has the database".to_owned())?;
        let mut clock = self.clock();
        let mut data = data.as_object().cloned().unwrap_or_default();
        for moment in ["createdAt", "updatedAt"] {
            data.entry(moment).or_insert_with(|| json!(clock.now()));
        }
        let (version, mut database) = (self.version(), self.database());
        let (schemas, mapping) = (&self.schemas, &mut Mapping::default());
        let mut creation = Creation { schemas, database: &mut database, clock: &mut clock, mapping, version };
        creation.entity(uid, &Value::Null, &data).map_err(|failure| format!("{failure:?}"))
    }

    /// Deletes a row with its components. False if there is none, or while a transfer has the database.
    pub fn delete(&self, uid: &str, id: u64) -> bool {
        let Ok(_guard) = self.gate.try_lock() else { return false };
        let mut database = self.database();
        let Some(schema) = self.schemas.get(uid).filter(|_| database.row(uid, id).is_some()) else { return false };
        restore::delete_rows(&self.schemas, &mut database, schema, &HashSet::from([id]));
        true
    }

    /// Gives a to-one relation of a row, or takes it away.
    pub fn relate(&self, uid: &str, field: &str, from: u64, to: Option<u64>) -> bool {
        let Ok(_guard) = self.gate.try_lock() else { return false };
        let Some(Field::Relation(relation)) = self.schemas.field(uid, field) else { return false };
        let mut database = self.database();
        let joins = database.joins_mut(&relation.table);
        joins.retain(|join| join.left != from);
        let order = None;
        to.is_none_or(|to| joins.insert(super::store::Join { left: from, right: to, order, inverse: None }))
    }

    /// Puts a file on disk without a row, or replaces one.
    pub fn put_file(&self, name: &str, bytes: &[u8]) {
        self.uploads().files.insert(name.to_owned(), Bytes::copy_from_slice(bytes));
    }

    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.uploads().files.get(name).map(|bytes| bytes.to_vec())
    }

    /// Stops the process as a kill does: connections are cut, what was not committed is lost.
    pub fn kill(&self) {
        self.life.kill();
    }

    /// Starts the process again on the same data: a database that hung is free.
    pub fn revive(&self) {
        self.restart();
    }

    /// Whether the process is gone.
    pub fn is_down(&self) -> bool {
        self.life.is_over()
    }
}
