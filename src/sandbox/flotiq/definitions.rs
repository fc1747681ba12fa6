//! Definitions over HTTP: listed, made, replaced with everything that this does to stored objects, deleted, purged.
//! Must not know: the rules that a definition obeys.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use serde_json::{Value, json};

use super::{
    Space,
    call::Call,
    content::View,
    definition::{Definition, Type},
    lock, migrate,
    object::Body,
    query::{Direction, Page},
    reply::{Answer, Complaints, Refusal, complain, no_content, object, ok},
    rules,
    state::State,
    write::remove,
};
use crate::sandbox::switch::DefinitionPut;

type SpaceOf = Shared<Arc<Space>>;

/// Definitions are readable to every key.
pub(super) async fn list(Shared(space): SpaceOf, call: Call) -> Answer {
    let page = Page::read(&call.query, usize::MAX)?;
    let (view, state) = (View::new(&space, &call), space.state());
    let mut rows: Vec<&Definition> = state.types.iter().map(|kind| &kind.definition).collect();
    rows.retain(|definition| is_wanted(definition, &call));
    order(&mut rows, &call)?;
    let data = page.of(&rows).iter().map(|definition| view.spell(definition.shown()));
    ok(&page.envelope(rows.len(), data.collect()))
}

fn is_wanted(definition: &Definition, call: &Call) -> bool {
    let query = &call.query;
    let (name, label) = (definition.name().to_lowercase(), definition.label().to_lowercase());
    let contains = |text: &str, key: &str| query.get(key).is_none_or(|part| text.contains(&part.to_lowercase()));
    let mut named = query.list("names").unwrap_or_default();
    named.extend(query.get("names").into_iter().flat_map(|names| names.split(',')).map(str::to_owned));
    let internal = match query.get("internal") {
        Some("0" | "false") => !definition.internal,
        Some("1" | "true") => definition.internal,
        _ => true,
    };
    let is_named = named.is_empty() || named.iter().any(|known| known.to_lowercase() == name);
    internal && is_named && contains(&name, "name") && contains(&label, "label")
}

fn order(rows: &mut [&Definition], call: &Call) -> Result<(), Refusal> {
    let direction = Direction::read(&call.query)?;
    match call.query.get("order_by") {
        None | Some("") => return Ok(()),
        Some("name") => rows.sort_by(|left, right| direction.apply(left.name().cmp(right.name()))),
        Some("label") => rows.sort_by(|left, right| direction.apply(left.label().cmp(right.label()))),
        Some("id") => rows.sort_by(|left, right| direction.apply(left.id().cmp(right.id()))),
        Some("createdAt") => rows.sort_by(|left, right| direction.apply(left.created().cmp(&right.created()))),
        Some("updatedAt") => rows.sort_by(|left, right| direction.apply(left.updated_at().cmp(&right.updated_at()))),
        Some(_) => return Err(Refusal::field("order_by", "It is not allowed to order by this property")),
    }
    Ok(())
}

pub(super) async fn read(Shared(space): SpaceOf, Path(name): Path<String>, call: Call) -> Answer {
    let (view, state) = (View::new(&space, &call), space.state());
    let kind = state.kind(&name).ok_or_else(Refusal::not_found)?;
    ok(&view.spell(kind.definition.shown()))
}

pub(super) async fn create(Shared(space): SpaceOf, call: Call) -> Answer {
    call.may_define()?;
    let sent = object(call.json()?)?;
    let mut state = space.state();
    let mut complaints = checked(&space, &state, &sent);
    let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
    if state.kind(name).is_some() {
        complain(&mut complaints, "name", "This value is already used.");
    }
    if !complaints.is_empty() {
        return Err(Refusal::fields(complaints));
    }
    state.clock.tick();
    let (id, at) = (state.clock.uuid(), state.clock.now());
    let definition = Definition::new(id, sent, false, at);
    let shown = definition.shown();
    state.types.push(Type::new(definition));
    ok(&View::new(&space, &call).spell(shown))
}

fn checked(space: &Space, state: &State, sent: &Body) -> Complaints {
    let mut complaints = rules::definition(sent);
    rules::picture(state, sent, space.switches().featured_image, &mut complaints);
    complaints
}

/// The definition is replaced, and every stored object with it, or nothing is.
pub(super) async fn update(Shared(space): SpaceOf, Path(name): Path<String>, call: Call) -> Answer {
    call.may_define()?;
    let sent = object(call.json()?)?;
    let mut state = space.state();
    let kind = state.kind(&name).ok_or_else(Refusal::not_found)?;
    let mut complaints = checked(&space, &state, &sent);
    if sent.get("name").and_then(Value::as_str) != Some(kind.definition.name()) {
        complain(&mut complaints, "name", "The name cannot be changed");
    }
    if !complaints.is_empty() {
        return Err(Refusal::fields(complaints));
    }
    let keeps = space.switches().definition_put == DefinitionPut::KeepsAbsent;
    let after = kind.definition.updated(sent, keeps, state.clock.now() + 1);
    let changed = migrate::outcome(kind, &after).map_err(Refusal::fields)?;
    let shown = after.shown();
    state.clock.tick();
    settle(&mut state, &name, after, changed);
    ok(&View::new(&space, &call).spell(shown))
}

fn settle(state: &mut State, name: &str, after: Definition, changed: Vec<(String, Body)>) {
    let at = state.clock.now();
    let Some(kind) = state.kind_mut(name) else { return };
    let drafts_begin = after.has_drafts() && !kind.definition.has_drafts();
    kind.definition = after;
    for (id, body) in changed {
        if let Some(object) = kind.objects.get_mut(&id) {
            object.rewrite(&body);
        }
    }
    if drafts_begin {
        kind.objects.iter_mut().for_each(|object| object.publish(at));
    }
    kind.objects.index(&kind.definition.fields);
    state.recount();
}

pub(super) async fn delete(Shared(space): SpaceOf, Path(name): Path<String>, call: Call) -> Answer {
    call.may_define()?;
    let mut state = space.state();
    let kind = state.kind(&name).filter(|kind| !kind.definition.internal).ok_or_else(Refusal::not_found)?;
    let mut errors: Vec<String> = lock(&space.keys)
        .iter()
        .filter(|key| key.names(&name))
        .map(|key| format!("This content type definition is used by Api Key: {}", key.name))
        .collect();
    if kind.objects.len() > 0 {
        errors.push("Content Type has objects, you can't remove it!".to_owned());
    }
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    state.clock.tick();
    state.types.retain(|kind| kind.definition.name() != name);
    ok(&json!({}))
}

/// All objects go, and the definition if that is wanted.
pub(super) async fn purge(Shared(space): SpaceOf, Path(name): Path<String>, call: Call) -> Answer {
    call.may_define()?;
    let sent = object(call.json()?)?;
    let mut state = space.state();
    state.kind(&name).filter(|kind| !kind.definition.internal).ok_or_else(Refusal::not_found)?;
    state.clock.tick();
    empty(&mut state, &name);
    if sent.get("deleteSchema") == Some(&Value::Bool(true)) {
        state.types.retain(|kind| kind.definition.name() != name);
    }
    no_content()
}

pub(super) fn empty(state: &mut State, name: &str) {
    let ids: Vec<String> =
        state.kind(name).map(|kind| kind.objects.iter().map(|object| object.id.clone()).collect()).unwrap_or_default();
    for id in ids {
        remove(state, name, &id);
    }
}
