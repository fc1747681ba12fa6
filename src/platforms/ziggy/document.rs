//! An export file as a tree: the tolerant reader, and the writer that only leaves out or edits elements of lists.
//! Must not know: where the bytes come from, or what a plan says.
//!
//! No export of a real server was ever published, so the layout is inferred from the official CLI 1.0.29 (it counts
//! a list at the top or under `flows`) and the server's OpenAPI types (`Flow` has optional `connections` and
//! `secrets`; the import's answer has three lists). Both layouts are read; whatever is not understood stays.

use serde_json::Value;

use super::{json, numbers, twins};
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, ItemKey, Kind, Result};

/// The kinds of items, with the name of their lists.
pub(super) const LISTS: [(&str, Kind); 3] =
    [("flows", Kind::Flow), ("connections", Kind::Connection), ("secrets", Kind::Secret)];

/// Lists inside an item that hold copies of other items.
const COPIES: [(&str, Kind); 3] =
    [("connections", Kind::Connection), ("secrets", Kind::Secret), ("inFlows", Kind::Flow)];

/// How the items of a file are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Three lists side by side.
    Lists,
    /// A list of flows that hold their connections and secrets.
    Nested,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Object,
    Array,
    SingleFlow,
}

/// A parsed export file. Key order and the text of numbers are those of the file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    root: Value,
    /// The bundle stands in `data` of the root.
    wrapped: bool,
    shape: Shape,
}

/// Texts under which numbers are hidden in a tree, by `serde_json` and here; a file that holds one would be misread.
const RESERVED: [&str; 2] = ["$serde_json::private::", numbers::SPELLED];

impl Document {
    /// Reads an object of lists, a list of flows, one flow, any of these in `data`, or any of these as JSON text
    /// inside JSON.
    pub(super) fn parse(bytes: &[u8]) -> Result<Document> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::new(ErrorKind::NotABundle, "the file is empty"));
        }
        if RESERVED.iter().any(|text| memchr::memmem::find(bytes, text.as_bytes()).is_some()) {
            return Err(not_an_export("it uses a text that is reserved"));
        }
        let root = unwrap_text(parse_json(bytes)?)?;
        if let Some(shape) = shape_of(&root)? {
            return Ok(Document { root, wrapped: false, shape });
        }
        Document::in_data(root)
    }

    fn in_data(mut root: Value) -> Result<Document> {
        let keys = top_level_keys(&root);
        let data = root.get_mut("data").ok_or_else(|| not_an_export(&keys))?;
        let inner = unwrap_text(data.take())?;
        let shape = shape_of(&inner)?.ok_or_else(|| not_an_export(&keys))?;
        *data = inner;
        Ok(Document { root, wrapped: true, shape })
    }

    fn bundle(&self) -> &Value {
        if self.wrapped { &self.root["data"] } else { &self.root }
    }

    fn bundle_mut(&mut self) -> &mut Value {
        if self.wrapped { &mut self.root["data"] } else { &mut self.root }
    }

    pub(super) fn layout(&self) -> Layout {
        match self.shape {
            Shape::Object => Layout::Lists,
            Shape::Array | Shape::SingleFlow => Layout::Nested,
        }
    }

    /// The items of the file's own lists, not those nested in others.
    pub(super) fn top_level(&self) -> Vec<(Kind, &Value)> {
        let bundle = self.bundle();
        match self.shape {
            Shape::SingleFlow => vec![(Kind::Flow, bundle)],
            Shape::Array => bundle.as_array().into_iter().flatten().map(|flow| (Kind::Flow, flow)).collect(),
            Shape::Object => LISTS
                .iter()
                .flat_map(|&(list, kind)| json::list(bundle, list).iter().map(move |item| (kind, item)))
                .collect(),
        }
    }

    /// Keys beside the lists that are kept but not understood.
    pub(super) fn unknown_keys(&self) -> Vec<String> {
        let known = |key: &str| LISTS.iter().any(|(list, _)| *list == key);
        let of = |value: &Value| -> Vec<String> {
            value.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
        };
        let mut keys = match self.shape {
            Shape::Object => of(self.bundle()),
            Shape::Array | Shape::SingleFlow => Vec::new(),
        };
        keys.retain(|key| !known(key));
        if self.wrapped {
            keys.extend(of(&self.root).into_iter().filter(|key| key != "data"));
        }
        keys
    }

    /// Leaves out every element that `keep` does not want, at the top and nested, and edits the others.
    pub(super) fn rewrite(
        &mut self,
        keep: &dyn Fn(Option<&ItemKey>) -> bool,
        edit: &mut dyn FnMut(Kind, &mut Value) -> Result<()>,
    ) -> Result<()> {
        let shape = self.shape;
        let bundle = self.bundle_mut();
        match shape {
            Shape::SingleFlow => {
                if keep(key_of(Kind::Flow, bundle).as_ref()) {
                    rewrite_item(Kind::Flow, bundle, keep, edit)
                } else {
                    // One flow that was not chosen leaves an empty list of flows.
                    *bundle = Value::Array(Vec::new());
                    self.shape = Shape::Array;
                    Ok(())
                }
            }
            Shape::Array => rewrite_list(Kind::Flow, bundle, keep, edit),
            Shape::Object => LISTS.iter().try_for_each(|&(list, kind)| match bundle.get_mut(list) {
                Some(list) => rewrite_list(kind, list, keep, edit),
                None => Ok(()),
            }),
        }
    }

    /// Sorts the lists, top-level and nested, by name and id; for exports of a server, whose order may vary.
    pub(super) fn sort(&mut self) {
        let shape = self.shape;
        let bundle = self.bundle_mut();
        match shape {
            Shape::SingleFlow => sort_copies(bundle),
            Shape::Array => sort_list(bundle),
            Shape::Object => LISTS.iter().for_each(|(list, _)| {
                if let Some(list) = bundle.get_mut(*list) {
                    sort_list(list);
                }
            }),
        }
    }

    /// The canonical text: UTF-8, two spaces, LF, one at the end so that git shows no missing newline.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        pretty(&self.root)
    }

    /// A document of three lists.
    pub(super) fn of_lists(flows: Vec<Value>, connections: Vec<Value>, secrets: Vec<Value>) -> Document {
        let mut root = serde_json::Map::new();
        root.insert("flows".to_owned(), Value::Array(flows));
        root.insert("connections".to_owned(), Value::Array(connections));
        root.insert("secrets".to_owned(), Value::Array(secrets));
        Document { root: Value::Object(root), wrapped: false, shape: Shape::Object }
    }

    /// A document of flows that hold what they need.
    pub(super) fn of_flows(flows: Vec<Value>) -> Document {
        Document { root: Value::Array(flows), wrapped: false, shape: Shape::Array }
    }
}

pub(super) fn pretty(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("cannot write JSON: {error}")))?;
    bytes.push(b'\n');
    Ok(numbers::restore(bytes))
}

/// What an item is called in its file; `None` where it has no usable id.
pub(super) fn key_of(kind: Kind, item: &Value) -> Option<ItemKey> {
    json::text(item, "uuid").map(|uuid| ItemKey::new(kind, uuid))
}

/// The copies of other items that an item holds and needs. `inFlows` points the other way: who needs the item.
pub(super) fn copies(item: &Value) -> impl Iterator<Item = (Kind, &Value)> {
    let needed = COPIES.iter().filter(|(list, _)| *list != "inFlows");
    needed.flat_map(|&(list, kind)| json::list(item, list).iter().map(move |copy| (kind, copy)))
}

fn parse_json(bytes: &[u8]) -> Result<Value> {
    twins::refuse(bytes).map_err(|error| {
        Error::new(ErrorKind::NotABundle, error.to_string())
            .hint("no tool would keep both; remove one of them, and everything else is read as it is")
    })?;
    numbers::parse(bytes).map_err(|error| {
        let message = format!("the file is not JSON: {error}");
        Error::new(ErrorKind::NotABundle, message).hint("was it cut off, or is it another kind of file?")
    })
}

/// The official CLI writes a server's answer out as it came, which can be JSON text inside JSON.
fn unwrap_text(value: Value) -> Result<Value> {
    match value {
        Value::String(text) => parse_json(text.trim_start_matches('\u{feff}').as_bytes()),
        other => Ok(other),
    }
}

fn shape_of(value: &Value) -> Result<Option<Shape>> {
    match value {
        Value::Array(list) if list.iter().all(looks_like_a_flow) => Ok(Some(Shape::Array)),
        Value::Array(_) => Err(not_an_export("it is a list, but not of flows")),
        Value::Object(object) => {
            let lists = || LISTS.iter().filter_map(|(list, _)| Some((*list, object.get(*list)?)));
            if looks_like_a_flow(value) && object.contains_key("nodes") {
                return Ok(Some(Shape::SingleFlow));
            }
            if let Some((list, _)) = lists().find(|(_, value)| !value.is_array() && !value.is_null()) {
                return Err(not_an_export(&format!("`{list}` is no list")));
            }
            Ok(lists().any(|(_, value)| value.is_array()).then_some(Shape::Object))
        }
        _ => Err(not_an_export("it is a single value")),
    }
}

fn looks_like_a_flow(value: &Value) -> bool {
    value.get("nodes").is_some() || (value.get("uuid").is_some() && value.get("name").is_some())
}

fn top_level_keys(value: &Value) -> String {
    let keys: Vec<String> = match value.as_object() {
        Some(object) => object.keys().take(12).map(|key| format!("`{}`", printable(key))).collect(),
        None => Vec::new(),
    };
    match keys.is_empty() {
        true => "it has no keys".to_owned(),
        false => format!("its keys are {}", keys.join(", ")),
    }
}

fn not_an_export(why: &str) -> Error {
    Error::new(ErrorKind::NotABundle, format!("the file is no export of flows: {why}"))
        .hint("an export has `flows`, `connections` or `secrets`, or is a list of flows")
}

fn rewrite_list(
    kind: Kind,
    list: &mut Value,
    keep: &dyn Fn(Option<&ItemKey>) -> bool,
    edit: &mut dyn FnMut(Kind, &mut Value) -> Result<()>,
) -> Result<()> {
    let Some(list) = list.as_array_mut() else { return Ok(()) };
    list.retain(|item| keep(key_of(kind, item).as_ref()));
    list.iter_mut().try_for_each(|item| rewrite_item(kind, item, keep, edit))
}

fn rewrite_item(
    kind: Kind,
    item: &mut Value,
    keep: &dyn Fn(Option<&ItemKey>) -> bool,
    edit: &mut dyn FnMut(Kind, &mut Value) -> Result<()>,
) -> Result<()> {
    for (list, kind) in COPIES {
        if let Some(list) = item.get_mut(list) {
            rewrite_list(kind, list, keep, edit)?;
        }
    }
    edit(kind, item)
}

fn sort_list(list: &mut Value) {
    let Some(list) = list.as_array_mut() else { return };
    list.iter_mut().for_each(sort_copies);
    let order = |item: &Value| {
        let field = |name| json::text(item, name).unwrap_or_default().to_owned();
        (field("name"), field("uuid"))
    };
    list.sort_by_cached_key(order);
}

fn sort_copies(item: &mut Value) {
    for (list, _) in COPIES {
        if let Some(list) = item.get_mut(list) {
            sort_list(list);
        }
    }
}
