//! Small readers over JSON whose fields may be missing, null or of another type than the documents say.
//! Must not know: what the fields mean.

use jiff::Timestamp;
use serde_json::Value;

/// A field that is text and not empty.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

pub(super) fn is_true(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// The elements of a field that is a list; none otherwise.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Milliseconds since 1970 of the last change: `updatedAt`, or `createdAt` of what was never changed.
pub(super) fn changed_at(value: &Value) -> Option<i64> {
    let time = text(value, "updatedAt").or_else(|| text(value, "createdAt"))?;
    time.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

pub(super) fn set(value: &mut Value, field: &str, new: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(field.to_owned(), new);
    }
}

/// Takes fields away and leaves the others in their order.
pub(super) fn remove(value: &mut Value, fields: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| !fields.contains(&key.as_str()));
    }
}

/// The shape of a UUID, whatever its version.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Calls `edit` with every text of a value, in place.
pub(super) fn edit_texts(value: &mut Value, edit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => edit(text),
        Value::Array(list) => list.iter_mut().for_each(|value| edit_texts(value, edit)),
        Value::Object(object) => object.values_mut().for_each(|value| edit_texts(value, edit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
