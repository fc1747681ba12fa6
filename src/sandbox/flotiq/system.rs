//! What concerns the space as a whole: the key, files, search, the end of everything.
//! Must not know: objects of one type.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Multipart, Path, Request, State as Shared},
    http::{StatusCode, header},
};
use serde_json::{Value, json};

use super::{
    Space,
    call::{Call, admit},
    content::View,
    definitions::empty,
    key::Right,
    media::{self, Upload},
    object::Object,
    query::{Direction, Page, Query},
    reply::{Answer, Refusal, no_content, ok},
};
use crate::sandbox::{fault::FileFault, log::RequestNumber};

type SpaceOf = Shared<Arc<Space>>;

/// Whether a key is good. What a real one tells is not known.
pub(super) async fn context(_call: Call) -> Answer {
    ok(&json!({}))
}

/// The form is read by its own rules, so the key is looked at here.
pub(super) async fn upload(Shared(space): SpaceOf, request: Request) -> Answer {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let key = admit(&space, request.headers(), &query)?;
    if !key.may(Right::Create, media::KIND) {
        return Err(Refusal::forbidden());
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return Err(Refusal::coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"));
    }
    let number = request.extensions().get::<RequestNumber>().copied();
    let form = Multipart::from_request(request, &space).await;
    let form = form.map_err(|error| Refusal::coded(StatusCode::BAD_REQUEST, &error.body_text()))?;
    let upload = Upload::read(form).await?;
    if let Some(number) = number {
        space.pipeline.log.understood(number, upload.summary());
    }
    let faults = space.pipeline.weather.faults();
    let mut state = space.state();
    state.clock.tick();
    ok(&upload.store(&mut state, space.switches(), &faults)?)
}

/// Files need no key.
pub(super) async fn image(Shared(space): SpaceOf, Path((size, name)): Path<(String, String)>) -> Answer {
    deliver(&space, &size, None, &name)
}

pub(super) async fn named_image(
    Shared(space): SpaceOf,
    Path((size, id, name)): Path<(String, String, String)>,
) -> Answer {
    deliver(&space, &size, Some(&id), &name)
}

pub(super) async fn variant(
    Shared(space): SpaceOf,
    Path((size, id, name, _)): Path<(String, String, String, String)>,
) -> Answer {
    deliver(&space, &size, Some(&id), &name)
}

fn deliver(space: &Space, size: &str, id: Option<&str>, name: &str) -> Answer {
    let is_size = size.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height));
    if !is_size {
        return Err(Refusal::not_found());
    }
    let mut file = media::find(&space.state(), id, name)?;
    let weather = &space.pipeline.weather;
    if weather.strikes_file(FileFault::Truncated) {
        file.bytes.truncate(file.bytes.len() / 2);
    }
    if weather.strikes_file(FileFault::Corrupted) {
        let turned: Vec<u8> = file.bytes.iter().map(|byte| byte ^ 0x55).collect();
        file.bytes = turned.into();
    }
    media::deliver(file)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_digit())
}

/// Objects of all types of the user that the key can read; `q` is `*` or a part of the title.
pub(super) async fn search(Shared(space): SpaceOf, call: Call) -> Answer {
    let (view, state) = (View::new(&space, &call), space.state());
    let page = Page::read(&call.query, 1000)?;
    let wanted = call.query.get("q").filter(|text| *text != "*").unwrap_or_default().to_lowercase();
    let mut found: Vec<(&Object, Value)> = Vec::new();
    for kind in state.types.iter().filter(|kind| !kind.definition.internal) {
        if call.key.may(Right::Read, kind.definition.name()) {
            let seen = kind.objects.iter().filter_map(|object| Some((object, view.object(kind, object)?)));
            found.extend(seen.filter(|(_, value)| value.to_string().to_lowercase().contains(&wanted)));
        }
    }
    let direction = Direction::read(&call.query)?;
    found.sort_by(|(left, _), (right, _)| {
        direction.apply((left.created, left.serial).cmp(&(right.created, right.serial)))
    });
    let data = page.of(&found).iter().map(|(_, value)| json!({ "item": value, "score": 1 }));
    ok(&page.envelope(found.len(), data.collect()))
}

/// Everything of the user goes: types, objects, files, tags.
pub(super) async fn purge(Shared(space): SpaceOf, Path(id): Path<String>, call: Call) -> Answer {
    call.may_define()?;
    if id != space.space_id() {
        return Err(Refusal::not_found());
    }
    let mut state = space.state();
    state.clock.tick();
    let names: Vec<String> = state.types.iter().map(|kind| kind.definition.name().to_owned()).collect();
    for name in names {
        empty(&mut state, &name);
    }
    state.types.retain(|kind| kind.definition.internal);
    state.recount();
    no_content()
}
