//! What a test in the same process can see and do: keys, objects and files as they are, and changes as a colleague makes them.
//! Must not know: HTTP.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::{
    Right, Space,
    content::with_id,
    definition::{Definition, Type},
    definitions::empty,
    key::{Grant, Key},
    lock,
    media::File,
    object::Body,
    reference::folded,
    write::{Around, How, remove, write},
};

impl Space {
    /// The id that a purge of the space has to name.
    pub fn space_id(&self) -> String {
        format!("space-{}", self.name)
    }

    /// The secret of a key: `read-write`, `read-only`, `scoped`, `expired`, or one of [`Space::grant`].
    pub fn key_named(&self, name: &str) -> Option<String> {
        lock(&self.keys).iter().find(|key| key.name == name).map(|key| key.secret.clone())
    }

    /// Makes a key with these rights, or replaces the one of that name; returns its secret.
    pub fn grant(&self, name: &str, rights: &[(&str, &[Right])]) -> String {
        let types = rights.iter().map(|(kind, rights)| ((*kind).to_owned(), rights.to_vec())).collect();
        let key = Key::new(self.name, name, Grant::Scoped(types));
        let secret = key.secret.clone();
        let mut keys = lock(&self.keys);
        keys.retain(|key| key.name != name);
        keys.push(key);
        secret
    }

    /// The newest version of an object as preview shows it, whatever the case of its id.
    pub fn object(&self, kind: &str, id: &str) -> Option<Value> {
        let state = self.state();
        let holder = state.kind(kind)?;
        let object = holder.objects.get(id)?;
        Some(super::state::shown(&holder.definition, object, object.versions.last()))
    }

    /// All objects of a type, in the order of their ids.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        let state = self.state();
        let Some(holder) = state.kind(kind) else { return Vec::new() };
        let shown = |object| super::state::shown(&holder.definition, object, object.versions.last());
        holder.objects.iter().map(shown).collect()
    }

    pub fn definition(&self, name: &str) -> Option<Value> {
        self.state().kind(name).map(|kind| kind.definition.shown())
    }

    /// The bytes of a medium.
    pub fn file(&self, id: &str) -> Option<Vec<u8>> {
        self.state().file(id).map(|file| file.bytes.to_vec())
    }

    /// What webhooks would have been told since the start or the last [`Space::forget_fired`].
    pub fn fired(&self) -> Vec<Value> {
        self.state().fired.iter().map(super::webhook::Fired::value).collect()
    }

    pub fn forget_fired(&self) {
        self.state().fired.clear();
    }

    /// Requests that came although an ordered wait was not over.
    pub fn early(&self) -> u64 {
        self.pipeline.weather.early()
    }

    /// Takes everything of the user away: types, objects, files, tags, webhooks.
    pub fn clear(&self) {
        let mut state = self.state();
        let names: Vec<String> = state.types.iter().map(|kind| kind.definition.name().to_owned()).collect();
        for name in names {
            empty(&mut state, &name);
        }
        state.types.retain(|kind| kind.definition.internal);
        state.types.iter_mut().for_each(|kind| kind.removed.clear());
        state.recount();
    }

    /// Adds a type, unchecked.
    pub fn define(&self, definition: Value) {
        let Value::Object(body) = definition else { return };
        let mut state = self.state();
        let (id, at) = (state.clock.uuid(), state.clock.now());
        state.types.push(Type::new(Definition::new(id, body, false, at)));
    }

    /// Replaces a definition, unchecked; stored objects stay as they are.
    pub fn redefine(&self, definition: Value) {
        let Value::Object(body) = definition else { return };
        let mut state = self.state();
        let (id, at) = (state.clock.uuid(), state.clock.now());
        let fresh = Definition::new(id, body, false, at);
        if let Some(held) = state.types.iter_mut().find(|held| held.definition.name() == fresh.name()) {
            held.definition = fresh;
        }
    }

    /// Writes an object as a colleague would: checked, as a new version. The complaints by field otherwise.
    pub fn save(&self, kind: &str, object: Value) -> Result<(), Value> {
        let body = object.as_object().cloned().unwrap_or_default();
        let mut state = self.state();
        state.clock.tick();
        match write(&mut state, kind, None, body, How::Upsert, Around::default()) {
            Ok(_) => Ok(()),
            Err(complaints) => Err(Value::Object(complaints)),
        }
    }

    /// Changes fields of an object as a colleague would. False if there is none, or if the rules refuse it.
    pub fn edit(&self, kind: &str, id: &str, change: impl FnOnce(&mut Body)) -> bool {
        let body = self.state().kind(kind).and_then(|kind| kind.objects.get(id)).map(|object| object.body());
        let Some(mut body) = body else { return false };
        change(&mut body);
        self.save(kind, Value::Object(with_id(id, body))).is_ok()
    }

    /// Deletes an object whoever refers to it.
    pub fn erase(&self, kind: &str, id: &str) {
        let mut state = self.state();
        state.clock.tick();
        remove(&mut state, kind, id);
    }

    /// Puts a medium there, record and bytes; the address of the record names the extension.
    pub fn put_file(&self, record: Value, bytes: &[u8]) -> Result<(), Value> {
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let (id, mime, extension) = (text("id"), text("mimeType"), text("extension"));
        self.save("_media", record)?;
        self.state().files.insert(folded(&id), File { bytes: Bytes::copy_from_slice(bytes), mime, extension });
        Ok(())
    }

    /// Takes the bytes of a medium away and leaves its record.
    pub fn lose_file(&self, id: &str) -> bool {
        self.state().files.remove(&folded(id)).is_some()
    }

    /// `{"type/id": version}` of all objects: what tells that nothing was written.
    pub fn versions(&self) -> Value {
        let state = self.state();
        let mut versions = Body::new();
        for kind in &state.types {
            for object in kind.objects.iter() {
                versions.insert(format!("{}/{}", kind.definition.name(), object.id), json!(object.latest()));
            }
        }
        Value::Object(versions)
    }
}
