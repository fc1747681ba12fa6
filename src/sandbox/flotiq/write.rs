//! Writes of one object: what is stored once it obeys the rules, and what that sets off.
//! Must not know: HTTP, batches.

use serde_json::{Value, json};

use super::{
    check::{self, TAKEN},
    object::{Body, Object},
    reference::{Target, folded},
    reply::{Complaints, complain},
    slug,
    state::State,
    webhook,
};

/// What a write does where the object is there, and where it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Create,
    /// Creates, or replaces all fields.
    Upsert,
    /// Replaces all fields of an object that is there.
    Replace,
    /// Sets some fields of an object that is there.
    Patch,
}

/// What surrounds a write.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around<'a> {
    /// Objects that the write may not lean on.
    pub hidden: &'a [Target],
    /// Types whose synchronous webhook refuses every write.
    pub refused: &'a [String],
}

/// What a write left: where the object is, and what was there before, for whoever takes it back.
#[derive(Debug)]
pub(super) struct Written {
    pub kind: String,
    pub id: String,
    pub before: Option<Object>,
}

impl Written {
    pub fn take_back(self, state: &mut State) {
        match self.before {
            Some(before) => {
                state.put(&self.kind, before);
            }
            None => {
                state.take(&self.kind, &self.id);
            }
        }
    }
}

/// The type has to be there; `id` is that of the path, where there is one.
pub(super) fn write(
    state: &mut State,
    kind: &str,
    id: Option<&str>,
    sent: Body,
    how: How,
    around: Around<'_>,
) -> Result<Written, Complaints> {
    let (id, sent) = identify(state, kind, id, sent)?;
    let Some(holder) = state.kind(kind) else { return Err(Complaints::new()) };
    let before = holder.objects.get(&id).cloned();
    if before.is_some() && how == How::Create {
        return Err(one("id", TAKEN));
    }
    // An object keeps the spelling of its id.
    let id = before.as_ref().map_or(id, |before| before.id.clone());
    let mut body = match (&before, how) {
        (Some(before), How::Patch) => before.body(),
        _ => Body::new(),
    };
    body.extend(sent);
    slug::fill(holder, &id, &mut body);
    let mut complaints = check::object(state, holder, &id, &body, around.hidden);
    if around.refused.iter().any(|refused| refused == kind) {
        complain(&mut complaints, "__webhook", format!("Error processing {kind} webhook: it refused the object"));
    }
    if !complaints.is_empty() {
        return Err(complaints);
    }
    store(state, kind, &id, before.as_ref(), &body);
    Ok(Written { kind: kind.to_owned(), id, before })
}

/// The id of the object, and what was sent without it and without what only the server sets.
fn identify(state: &mut State, kind: &str, path: Option<&str>, mut sent: Body) -> Result<(String, Body), Complaints> {
    sent.shift_remove("internal");
    let named = match sent.shift_remove("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if id.is_empty() => None,
        Some(Value::String(id)) if check::is_id(&id) => Some(id),
        Some(_) => return Err(one("id", "Does not match the regex pattern ^[a-zA-Z0-9-_.,:=!#$%&(`{}\" ]*$")),
    };
    match (path, named) {
        (Some(path), Some(named)) if folded(path) != folded(&named) => {
            Err(one("id", "The id of the object does not match the id of the path"))
        }
        (Some(path), _) => Ok((path.to_owned(), sent)),
        (None, Some(named)) => Ok((named, sent)),
        (None, None) => Ok((fresh_id(state, kind), sent)),
    }
}

pub(super) fn fresh_id(state: &mut State, kind: &str) -> String {
    match kind {
        "_media" => format!("_media-{}", state.clock.uuid()),
        _ => format!("{kind}-{}", state.clock.digits()),
    }
}

fn store(state: &mut State, kind: &str, id: &str, before: Option<&Object>, body: &Body) {
    let at = state.clock.now();
    let drafts = state.kind(kind).is_some_and(|kind| kind.definition.has_drafts());
    let mut object = match before {
        Some(before) => before.clone(),
        None => Object {
            id: id.to_owned(),
            created: at,
            serial: state.next_serial(),
            versions: Vec::new(),
            public: None,
            published: None,
            archived: false,
        },
    };
    object.push(at, body);
    if !drafts {
        object.publish(at);
    }
    state.put(kind, object);
    webhook::fire(state, if before.is_some() { "Update" } else { "Create" }, kind, id);
}

/// Deletes unless something else refers to it.
pub(super) fn delete(state: &mut State, kind: &str, id: &str) -> Result<(), Undeleted> {
    let target = Target::new(kind, id);
    let Some(object) = state.object(&target) else { return Err(Undeleted::Absent) };
    let id = object.id.clone();
    if state.is_used(&target) {
        return Err(Undeleted::Used);
    }
    webhook::fire(state, "Delete", kind, &id);
    remove(state, kind, &id);
    Ok(())
}

/// Takes an object away with its file, whoever refers to it.
pub(super) fn remove(state: &mut State, kind: &str, id: &str) {
    let at = state.clock.now();
    state.take(kind, id);
    if kind == "_media" {
        state.files.remove(&folded(id));
    }
    if let Some(holder) = state.kind_mut(kind) {
        holder.removed.push((id.to_owned(), at));
    }
}

/// Why an object was not deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undeleted {
    Absent,
    Used,
}

pub(super) fn one(field: &str, complaint: &str) -> Complaints {
    Complaints::from_iter([(field.to_owned(), json!([complaint]))])
}
