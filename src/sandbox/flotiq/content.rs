//! Reading: lists of objects, one object, its versions, and what was removed.
//! Must not know: writes.

use std::{cmp::Ordering, sync::Arc};

use axum::extract::{Path, State as Shared};
use serde_json::{Value, json};

use super::{
    Space,
    call::Call,
    clock::{moment, read_moment},
    definition::Type,
    hydrate,
    key::Right,
    object::{Body, Object, Status, Version},
    query::{Direction, Page, shuffled},
    reference::folded,
    reply::{Answer, Refusal, ok},
    state::{State, shown},
};
use crate::sandbox::switch::{EmptyObjects, KeyOrder, OrderById, PlainModified, Switches, Ties};

/// The most objects of a page.
const LONGEST: usize = 1000;

/// How a client looks at objects.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub preview: bool,
    pub switches: Switches,
}

impl View {
    pub fn new(space: &Space, call: &Call) -> Self {
        Self { preview: call.preview, switches: space.switches() }
    }

    /// The version that this view shows, if it shows the object at all: without preview only what is public.
    pub fn version<'a>(&self, kind: &Type, object: &'a Object) -> Option<&'a Version> {
        let newest = object.versions.last();
        match (self.preview, object.status(kind.definition.has_drafts())) {
            (true, _) | (_, Status::Public) => newest,
            (_, Status::Modified) => match self.switches.plain_modified {
                PlainModified::PublicVersion => object.public.and_then(|number| object.version(number)),
                PlainModified::Newest => newest,
                PlainModified::Hidden => None,
            },
            (_, Status::Draft | Status::Archived) => None,
        }
    }

    pub fn object(&self, kind: &Type, object: &Object) -> Option<Value> {
        let version = self.version(kind, object)?;
        Some(self.spell(shown(&kind.definition, object, Some(version))))
    }

    /// As the JSON library of the server spells it.
    pub fn spell(&self, value: Value) -> Value {
        let value = if self.switches.empty_objects == EmptyObjects::Lists { emptied(value) } else { value };
        if self.switches.key_order == KeyOrder::Length { sorted(value) } else { value }
    }
}

/// Empty objects become empty lists, as in PHP.
fn emptied(value: Value) -> Value {
    match value {
        Value::Object(map) if map.is_empty() => json!([]),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, emptied(value))).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(emptied).collect()),
        other => other,
    }
}

/// Keys by length, then by the alphabet.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|(left, _), (right, _)| (left.len(), left).cmp(&(right.len(), right)));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

pub(super) async fn list(Shared(space): Shared<Arc<Space>>, Path(kind): Path<String>, call: Call) -> Answer {
    call.may(Right::Read, &kind)?;
    let (view, state) = (View::new(&space, &call), space.state());
    let holder = state.kind(&kind).ok_or_else(Refusal::not_found)?;
    let page = Page::read(&call.query, LONGEST)?;
    let rows = ordered(holder, &view, &call, &page)?;
    let data = page.of(&rows).iter().filter_map(|object| view.object(holder, object));
    let depth = hydrate::depth(&call.query);
    let data = data.map(|object| hydrate::hydrated(&state, &view, object, depth)).collect();
    ok(&page.envelope(rows.len(), data))
}

fn ordered<'a>(kind: &'a Type, view: &View, call: &Call, page: &Page) -> Result<Vec<&'a Object>, Refusal> {
    let (filters, direction) = (call.query.filters()?, Direction::read(&call.query)?);
    let ids = call.query.list("ids").map(|ids| ids.iter().map(|id| folded(id)).collect::<Vec<_>>());
    let mut rows: Vec<&Object> = kind
        .objects
        .iter()
        .filter(|object| ids.as_ref().is_none_or(|ids| ids.contains(&folded(&object.id))))
        .filter(|object| view.version(kind, object).is_some())
        .collect();
    if !filters.is_empty() {
        let passes = |value: &Value| filters.iter().all(|filter| filter.passes(value));
        rows.retain(|object| view.object(kind, object).is_some_and(|value| passes(&value)));
    }
    sort(&mut rows, kind, view, (call.query.get("order_by"), direction), page)?;
    Ok(rows)
}

fn sort(
    rows: &mut [&Object],
    kind: &Type,
    view: &View,
    (by, direction): (Option<&str>, Direction),
    page: &Page,
) -> Result<(), Refusal> {
    let tie = |object: &Object| match view.switches.ties {
        Ties::Stable => object.serial,
        Ties::Shuffled => shuffled(&object.id, page),
    };
    match by {
        None | Some("" | "internal.createdAt") => {
            rows.sort_by_cached_key(|object| (object.created, tie(object)));
        }
        Some("internal.updatedAt") => rows.sort_by_cached_key(|object| (object.updated(), tie(object))),
        Some("id") if view.switches.order_by_id == OrderById::Refused => {
            return Err(Refusal::field("order_by", "It is not allowed to order by this property"));
        }
        Some("id") => rows.sort_by(|left, right| left.id.cmp(&right.id)),
        Some(name) if kind.definition.field(name).is_some() => {
            let value = |object: &Object| object.body().get(name).map(Value::to_string).unwrap_or_default();
            rows.sort_by_cached_key(|object| (value(object), tie(object)));
        }
        Some(_) => return Err(Refusal::field("order_by", "It is not allowed to order by this property")),
    }
    if direction.apply(Ordering::Less) == Ordering::Greater {
        rows.reverse();
    }
    Ok(())
}

pub(super) async fn read(
    Shared(space): Shared<Arc<Space>>,
    Path((kind, id)): Path<(String, String)>,
    call: Call,
) -> Answer {
    call.may(Right::Read, &kind)?;
    let (view, state) = (View::new(&space, &call), space.state());
    let (holder, object) = find(&state, &kind, &id)?;
    let value = view.object(holder, object).ok_or_else(Refusal::not_found)?;
    ok(&hydrate::hydrated(&state, &view, value, hydrate::depth(&call.query)))
}

pub(super) fn find<'a>(state: &'a State, kind: &str, id: &str) -> Result<(&'a Type, &'a Object), Refusal> {
    let holder = state.kind(kind).ok_or_else(Refusal::not_found)?;
    let object = holder.objects.get(id).ok_or_else(Refusal::not_found)?;
    Ok((holder, object))
}

pub(super) async fn versions(
    Shared(space): Shared<Arc<Space>>,
    Path((kind, id)): Path<(String, String)>,
    call: Call,
) -> Answer {
    call.may(Right::Read, &kind)?;
    let state = space.state();
    let (_, object) = find(&state, &kind, &id)?;
    let page = Page::read(&call.query, LONGEST)?;
    let newest_first: Vec<&Version> = object.versions.iter().rev().collect();
    let row = |version: &&Version| {
        json!({
            "version": version.number, "current": version.number == object.latest(),
            "createdAt": moment(version.at), "updatedAt": moment(version.at), "owner": "sandbox", "editor": "sandbox",
        })
    };
    ok(&page.envelope(newest_first.len(), page.of(&newest_first).iter().map(row).collect()))
}

pub(super) async fn version(
    Shared(space): Shared<Arc<Space>>,
    Path((kind, id, number)): Path<(String, String, String)>,
    call: Call,
) -> Answer {
    call.may(Right::Read, &kind)?;
    let (view, state) = (View::new(&space, &call), space.state());
    let (holder, object) = find(&state, &kind, &id)?;
    let number = number.parse().map_err(|_| Refusal::not_found())?;
    let version = object.version(number).ok_or_else(Refusal::not_found)?;
    ok(&view.spell(shown(&holder.definition, object, Some(version))))
}

/// The ids of removed objects, which shows more than reading: the right to delete is needed too.
pub(super) async fn removed(Shared(space): Shared<Arc<Space>>, Path(kind): Path<String>, call: Call) -> Answer {
    call.may(Right::Read, &kind)?;
    call.may(Right::Delete, &kind)?;
    let after = match call.query.get("deletedAfter") {
        None | Some("") => i64::MIN,
        Some(text) => read_moment(text).ok_or_else(|| Refusal::field("deletedAfter", "Wrong date format"))?,
    };
    let state = space.state();
    let holder = state.kind(&kind).ok_or_else(Refusal::not_found)?;
    let ids = holder.removed.iter().filter(|(_, at)| *at > after).map(|(id, _)| id);
    ok(&ids.collect::<Vec<_>>())
}

/// What a body holds of a field; used where one is copied.
pub(super) fn with_id(id: &str, body: Body) -> Body {
    let mut whole = Body::from_iter([("id".to_owned(), json!(id))]);
    whole.extend(body);
    whole
}
