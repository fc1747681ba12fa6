//! Writing objects, and their states: draft, public, archived.
//! Must not know: how an object is checked and stored.

use std::sync::Arc;

use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{
    Space,
    batch::{Batch, MOST, delete_all},
    call::Call,
    content::{View, find, with_id},
    key::Right,
    object::{Body, Object},
    reference::{self, Target},
    reply::{Answer, Refusal, ids, list, no_content, object, ok},
    state::{State, shown},
    webhook,
    write::{self, Around, How, Undeleted, fresh_id},
};
use crate::sandbox::switch::{PublishPlain, Switches};

type SpaceOf = Shared<Arc<Space>>;
type Ids = Path<(String, String)>;

/// One megabyte.
const LARGEST: usize = 1_000_000;

pub(super) async fn create(Shared(space): SpaceOf, Path(kind): Path<String>, call: Call) -> Answer {
    call.may(Right::Create, &kind)?;
    write_one(&space, &call, &kind, None, How::Create)
}

pub(super) async fn replace(Shared(space): SpaceOf, Path((kind, id)): Ids, call: Call) -> Answer {
    call.may(Right::Update, &kind)?;
    write_one(&space, &call, &kind, Some(&id), How::Replace)
}

pub(super) async fn patch(Shared(space): SpaceOf, Path((kind, id)): Ids, call: Call) -> Answer {
    call.may(Right::Update, &kind)?;
    write_one(&space, &call, &kind, Some(&id), How::Patch)
}

fn write_one(space: &Space, call: &Call, kind: &str, id: Option<&str>, how: How) -> Answer {
    let sent = object(call.json()?)?;
    limit(&Value::Object(sent.clone()))?;
    let mut state = space.state();
    if state.kind(kind).is_none() || id.is_some_and(|id| find(&state, kind, id).is_err()) {
        return Err(Refusal::not_found());
    }
    state.clock.tick();
    let refused = space.pipeline.weather.faults().webhook_refuses;
    let around = Around { hidden: &[], refused: &refused };
    let written = write::write(&mut state, kind, id, sent, how, around).map_err(Refusal::fields)?;
    let (holder, object) = find(&state, kind, &written.id)?;
    ok(&View::new(space, call).spell(shown(&holder.definition, object, object.versions.last())))
}

fn limit(item: &Value) -> Result<(), Refusal> {
    let size = item.to_string().len();
    if size <= LARGEST {
        return Ok(());
    }
    let (id, size) = (item["id"].as_str().unwrap_or_default(), size as f64 / 1e6);
    let why = format!(
        "Content Object size limit exceeded by an object with ID: {id}. Requested size {size:.2} MB, limit: 1 MB)"
    );
    Err(Refusal::coded(StatusCode::PAYLOAD_TOO_LARGE, &why))
}

pub(super) async fn batch(Shared(space): SpaceOf, Path(kind): Path<String>, call: Call) -> Answer {
    call.may(Right::Create, &kind)?;
    let updates = call.query.is_true("updateExisting");
    if updates {
        call.may(Right::Update, &kind)?;
    }
    let how = if updates { How::Upsert } else { How::Create };
    with_batch(&space, &call, &kind, how, |batch, state, items| batch.write(state, items))
}

pub(super) async fn patch_batch(Shared(space): SpaceOf, Path(kind): Path<String>, call: Call) -> Answer {
    call.may(Right::Update, &kind)?;
    with_batch(&space, &call, &kind, How::Patch, |batch, state, items| batch.patch(state, items))
}

fn with_batch(
    space: &Space,
    call: &Call,
    kind: &str,
    how: How,
    act: impl FnOnce(&Batch<'_>, &mut State, Vec<Value>) -> Result<Value, Refusal>,
) -> Answer {
    let items = list(call.json()?)?;
    items.iter().try_for_each(limit)?;
    let mut state = space.state();
    state.kind(kind).ok_or_else(Refusal::not_found)?;
    state.clock.tick();
    let refused = space.pipeline.weather.faults().webhook_refuses;
    let batch = Batch { kind, how, switches: space.switches(), refused: &refused };
    ok(&act(&batch, &mut state, items)?)
}

pub(super) async fn delete(Shared(space): SpaceOf, Path((kind, id)): Ids, call: Call) -> Answer {
    call.may(Right::Delete, &kind)?;
    let mut state = space.state();
    state.clock.tick();
    match write::delete(&mut state, &kind, &id) {
        Ok(()) => no_content(),
        Err(Undeleted::Absent) => Err(Refusal::not_found()),
        Err(Undeleted::Used) => {
            Err(Refusal::errors(vec!["This content object is used in another content object.".to_owned()]))
        }
    }
}

pub(super) async fn batch_delete(Shared(space): SpaceOf, Path(kind): Path<String>, call: Call) -> Answer {
    call.may(Right::Delete, &kind)?;
    let ids = ids(call.json()?)?;
    let mut state = space.state();
    state.kind(&kind).ok_or_else(Refusal::not_found)?;
    state.clock.tick();
    ok(&delete_all(&mut state, &kind, &ids)?)
}

/// What can be done to the state of an object.
#[derive(Clone, Copy)]
enum Step {
    Publish,
    Unpublish,
    Archive,
}

impl Step {
    fn act(self, object: &mut Object, at: i64) {
        match self {
            Self::Publish => object.publish(at),
            Self::Unpublish => object.unpublish(),
            Self::Archive => object.archive(),
        }
    }
}

pub(super) async fn publish(space: SpaceOf, ids: Ids, call: Call) -> Answer {
    step_one(&space.0, ids.0, &call, Step::Publish)
}

pub(super) async fn unpublish(space: SpaceOf, ids: Ids, call: Call) -> Answer {
    step_one(&space.0, ids.0, &call, Step::Unpublish)
}

pub(super) async fn archive(space: SpaceOf, ids: Ids, call: Call) -> Answer {
    step_one(&space.0, ids.0, &call, Step::Archive)
}

pub(super) async fn batch_publish(space: SpaceOf, kind: Path<String>, call: Call) -> Answer {
    step_all(&space.0, &kind.0, &call, Step::Publish)
}

pub(super) async fn batch_unpublish(space: SpaceOf, kind: Path<String>, call: Call) -> Answer {
    step_all(&space.0, &kind.0, &call, Step::Unpublish)
}

pub(super) async fn batch_archive(space: SpaceOf, kind: Path<String>, call: Call) -> Answer {
    step_all(&space.0, &kind.0, &call, Step::Archive)
}

/// With `hydrate=1` the objects that it refers to go along.
fn step_one(space: &Space, (kind, id): (String, String), call: &Call, step: Step) -> Answer {
    call.may(Right::Update, &kind)?;
    let mut state = space.state();
    let (_, object) = find(&state, &kind, &id)?;
    let mut targets = vec![Target::new(&kind, &id)];
    if call.query.is_true("hydrate") {
        targets.extend(object.body().values().flat_map(reference::all));
    }
    step_each(&mut state, &targets, step, space.switches())
}

fn step_all(space: &Space, kind: &str, call: &Call, step: Step) -> Answer {
    call.may(Right::Update, kind)?;
    let ids = ids(call.json()?)?;
    if ids.len() > MOST {
        return Err(Refusal::too_many_items(MOST));
    }
    let mut state = space.state();
    for id in &ids {
        find(&state, kind, id)?;
    }
    let targets: Vec<Target> = ids.iter().map(|id| Target::new(kind, id)).collect();
    step_each(&mut state, &targets, step, space.switches())
}

fn step_each(state: &mut State, targets: &[Target], step: Step, switches: Switches) -> Answer {
    state.clock.tick();
    let at = state.clock.now();
    for (index, target) in targets.iter().enumerate() {
        let Some(kind) = state.kind_mut(&target.kind) else { continue };
        let drafts = kind.definition.has_drafts();
        if !drafts && index == 0 && switches.publish_plain == PublishPlain::Refused {
            return Err(Refusal::errors(vec!["This content type has no drafts".to_owned()]));
        }
        if let Some(object) = kind.objects.get_mut(&target.id).filter(|_| drafts) {
            step.act(object, at);
            let id = object.id.clone();
            webhook::fire(state, "WorkflowTransition", &target.kind, &id);
        }
    }
    no_content()
}

/// A copy in the same space. Unique fields get an ending; what is not named stays a reference; media and tags are never
/// copied. The reply is a guess: the copy.
pub(super) async fn duplicate(Shared(space): SpaceOf, Path((kind, id)): Ids, call: Call) -> Answer {
    call.may(Right::Create, &kind)?;
    let named: Vec<String> = match call.body.is_empty() {
        true => Vec::new(),
        false => {
            let body = object(call.json()?)?;
            let named = body.get("relatedObjectsToDuplicate").and_then(Value::as_array).into_iter().flatten();
            named.filter_map(|id| id.as_str().map(reference::folded)).collect()
        }
    };
    let mut state = space.state();
    let (_, original) = find(&state, &kind, &id)?;
    let mut body = original.body();
    state.clock.tick();
    for related in body.values().flat_map(reference::all).collect::<Vec<_>>() {
        let copies = named.contains(&related.id) && !related.kind.starts_with('_');
        let (true, Some(of)) = (copies, state.object(&related).map(Object::body)) else { continue };
        let copy = copy(&mut state, &related.kind, of)?;
        body = Body::from_iter(body.into_iter().map(|(key, value)| (key, redirected(value, &related, &copy))));
    }
    let copy = copy(&mut state, &kind, body)?;
    let (holder, object) = find(&state, &kind, &copy)?;
    ok(&View::new(&space, &call).spell(shown(&holder.definition, object, object.versions.last())))
}

fn copy(state: &mut State, kind: &str, mut body: Body) -> Result<String, Refusal> {
    let id = fresh_id(state, kind);
    let ending = state.clock.digits();
    let fields = state.kind(kind).map(|kind| kind.definition.fields.clone()).unwrap_or_default();
    for field in fields.iter().filter(|field| field.unique) {
        if let Some(Value::String(text)) = body.get_mut(&field.name) {
            *text = format!("{text}-{ending:x}");
        }
    }
    let body = with_id(&id, body);
    write::write(state, kind, None, body, How::Create, Around::default()).map_err(Refusal::fields)?;
    Ok(id)
}

fn redirected(value: Value, from: &Target, to: &str) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| redirected(item, from, to)).collect(),
        Value::Object(map) => {
            let value = Value::Object(map);
            match (reference::target(&value), value) {
                (Some(target), _) if target == *from => json!(reference::relation(&from.kind, to)),
                (_, Value::Object(map)) => {
                    map.into_iter().map(|(key, value)| (key, redirected(value, from, to))).collect()
                }
                (_, other) => other,
            }
        }
        other => other,
    }
}
