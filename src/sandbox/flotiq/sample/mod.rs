//! The content of both spaces at the start. They overlap so that every match and every decision occurs.
//! Must not know: HTTP.

mod blueprint;
mod content;
mod fate;
mod files;
mod types;

use serde_json::Value;

use super::{
    Wanted,
    definition::{Definition, Type},
    object::{Body, Object, Status, Version},
    reference::folded,
    state::State,
};
use crate::sandbox::Side;
use content::{Amounts, Made, Maker};
use fate::file_id;

/// Each space then has more than four hundred objects and thirty files.
const USUAL: usize = 440;
/// 2026-01-05T09:00:00Z; the clocks of the spaces begin later.
const FIRST: i64 = 1_767_603_600;
/// So many objects were written with one request and share a moment.
const TOGETHER: usize = 50;

const KINDS: [&str; 10] =
    ["category", "author", "blog_post", "page", "product", "event", "recipe", "menu_item", "faq", "legacy_note"];

pub(super) fn state(side: Side, wanted: Wanted) -> State {
    let mut state = State::new(side.name());
    let amounts = Amounts::of(wanted.items.unwrap_or(USUAL));
    define(&mut state, side);
    platform(&mut state, side, amounts);
    let maker = Maker { side, seed: wanted.seed, amounts };
    let mut made_so_far = 0;
    for kind in KINDS.into_iter().filter(|kind| state.kind(kind).is_some()).collect::<Vec<_>>() {
        for made in (0..amounts.of_kind(kind)).filter_map(|number| maker.make(kind, number)) {
            insert(&mut state, kind, made, FIRST + 1000 + (made_so_far / TOGETHER) as i64);
            made_so_far += 1;
        }
    }
    state
}

fn define(state: &mut State, side: Side) {
    let user = types::of_user(side, &file_id(0, side)).into_iter().map(|body| (body, false));
    let internal = types::internal().into_iter().map(|body| (body, true));
    for (index, (body, internal)) in user.chain(internal).enumerate() {
        let name = body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let definition = Definition::new(types::id(side, &name), body, internal, FIRST + index as i64);
        state.types.push(Type::new(definition));
    }
}

fn platform(state: &mut State, side: Side, amounts: Amounts) {
    let of_platform = [
        ("_tag", files::all_tags(side)),
        ("_webhooks", files::webhooks(side)),
        ("_plugin_settings", files::plugins(side)),
    ];
    for (kind, objects) in of_platform {
        objects.into_iter().for_each(|object| plain(state, kind, object, FIRST + 100));
    }
    for (number, medium) in (0..amounts.files).filter_map(|number| Some((number, files::medium(number, side)?))) {
        let id = medium.record["id"].as_str().map(folded).unwrap_or_default();
        if let Some(file) = medium.file {
            state.files.insert(id, file);
        }
        plain(state, "_media", medium.record, FIRST + 200 + number as i64 / 10);
    }
}

/// An object with one version that everybody sees.
fn plain(state: &mut State, kind: &str, object: Value, at: i64) {
    let id = object["id"].as_str().unwrap_or_default().to_owned();
    insert(state, kind, Made { id, versions: vec![object], status: Status::Public }, at);
}

fn insert(state: &mut State, kind: &str, made: Made, at: i64) {
    let versions: Vec<Version> = made
        .versions
        .into_iter()
        .zip(1..)
        .map(|(body, number)| Version::new(number, at + (number as i64 - 1) * 3600, &body_of(body)))
        .collect();
    let latest = versions.len() as u64;
    let public = match made.status {
        Status::Public => Some(latest),
        Status::Modified => Some(latest - 1),
        Status::Draft | Status::Archived => None,
    };
    let serial = state.next_serial();
    let object = Object {
        id: made.id,
        created: at,
        serial,
        versions,
        public,
        published: public.map(|_| at),
        archived: made.status == Status::Archived,
    };
    state.put(kind, object);
}

fn body_of(value: Value) -> Body {
    match value {
        Value::Object(mut body) => {
            body.shift_remove("id");
            body
        }
        _ => Body::new(),
    }
}
