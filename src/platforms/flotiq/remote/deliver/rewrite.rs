//! Content as the destination gets it: every reference led to where its item is found there, ids and unique values of copies
//! replaced.
//! Must not know: servers.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::model::{Decision, ItemKey, Kind, Plan, PlanItem};
use crate::platforms::flotiq::canonical::target_of;
use crate::platforms::flotiq::mentions::mentions;
use crate::platforms::flotiq::names::type_of;

/// What the destination has, beside what the run writes.
pub(super) type There = dyn Fn(&ItemKey) -> bool + Send + Sync;

/// Where items of the source are found at the destination.
pub(super) struct Ids<'p> {
    items: HashMap<&'p ItemKey, &'p PlanItem>,
    there: &'p There,
    /// Objects whose relations are to be left out for now.
    pub absent: BTreeSet<ItemKey>,
}

impl<'p> Ids<'p> {
    pub fn new(plan: &'p Plan, there: &'p There) -> Self {
        let items = plan.items.iter().map(|item| (&item.key, item)).collect();
        Ids { items, there, absent: BTreeSet::new() }
    }

    pub fn item(&self, key: &ItemKey) -> Option<&'p PlanItem> {
        self.items.get(key).copied()
    }

    /// Whether the destination has it beside what the run writes.
    pub fn is_there(&self, key: &ItemKey) -> bool {
        (self.there)(key)
    }

    /// The same, while some objects do not exist yet.
    pub fn without(&self, absent: BTreeSet<ItemKey>) -> Ids<'p> {
        Ids { items: self.items.clone(), there: self.there, absent }
    }

    /// The id that a reference to this item gets; `None` where it would lead nowhere.
    fn lead(&self, key: &ItemKey) -> Option<String> {
        if self.absent.contains(key) {
            return None;
        }
        match self.item(key).and_then(PlanItem::destination_id) {
            Some(id) => Some(id.to_owned()),
            None => (self.there)(key).then(|| key.id.to_string()),
        }
    }
}

/// Content, and whether something of it had to be left out.
#[derive(Debug, PartialEq)]
pub(super) struct Rewritten {
    pub content: Map<String, Value>,
    /// Relations that lead nowhere.
    pub left_out: bool,
}

/// Leads every reference of some content: relations at any depth, and media in every text.
pub(super) fn lead(content: &Map<String, Value>, ids: &Ids<'_>) -> Rewritten {
    let mut left_out = false;
    let content = fields(content, ids, &mut left_out);
    Rewritten { content, left_out }
}

fn fields(map: &Map<String, Value>, ids: &Ids<'_>, left_out: &mut bool) -> Map<String, Value> {
    map.iter().map(|(name, value)| (name.clone(), one(value, ids, left_out))).collect()
}

fn one(value: &Value, ids: &Ids<'_>, left_out: &mut bool) -> Value {
    match value {
        Value::String(text) => Value::String(said(text, ids)),
        Value::Array(list) => {
            let kept = list.iter().filter_map(|value| match relation(value) {
                Some(key) => {
                    let led = ids.lead(&key).map(|id| led(value, &key, &id));
                    *left_out |= led.is_none();
                    led
                }
                None => Some(one(value, ids, left_out)),
            });
            Value::Array(kept.collect())
        }
        Value::Object(map) => match relation(value) {
            // One that stands by itself cannot be left out.
            Some(key) => ids.lead(&key).map_or_else(|| value.clone(), |id| led(value, &key, &id)),
            None => Value::Object(fields(map, ids, left_out)),
        },
        other => other.clone(),
    }
}

pub(super) fn relation(value: &Value) -> Option<ItemKey> {
    target_of(value.get("dataUrl")?.as_str()?)
}

fn led(value: &Value, key: &ItemKey, id: &str) -> Value {
    let mut value = value.clone();
    let type_ = type_of(key).unwrap_or_default();
    value["dataUrl"] = Value::from(format!("/api/v1/content/{type_}/{id}"));
    value
}

/// A text in which media are called as the destination calls them. Host, size and everything else stay.
fn said(text: &str, ids: &Ids<'_>) -> String {
    let media = |id: &str| ids.item(&ItemKey::new(Kind::Media, id));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for mention in mentions(text, |id| media(id).is_some()) {
        let id = &text[mention.from..mention.to];
        out.push_str(&text[from..mention.from]);
        out.push_str(media(id).and_then(PlanItem::destination_id).unwrap_or(id));
        from = mention.to;
    }
    out.push_str(&text[from..]);
    out
}

/// What makes a copy another item: a text that its field keeps unique gets an ending, which is the same for every try.
/// `None` where the value cannot be made another one.
pub(super) fn copied(value: &Value, copy: &str, field: &Field) -> Option<Value> {
    let text = match value {
        Value::Null => return Some(Value::Null),
        Value::String(text) if text.is_empty() => return Some(value.clone()),
        Value::String(text) => text,
        _ => return None,
    };
    let ending: String = copy.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>().to_lowercase();
    let (name, rest) = match text.rsplit_once('@').filter(|_| field.is_email) {
        Some((name, host)) => (name, format!("-{ending}@{host}")),
        None => (text.as_str(), format!("-{ending}")),
    };
    let room = field.most.map_or(usize::MAX, |most| most.saturating_sub(rest.chars().count()));
    let copied = name.chars().take(room).collect::<String>() + &rest;
    let fits = field.most.is_none_or(|most| copied.chars().count() <= most);
    (fits && field.is_free).then(|| Value::from(copied))
}

/// What a unique field asks of its values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field {
    pub is_email: bool,
    pub most: Option<usize>,
    /// It holds any text, rather than numbers or what a pattern describes.
    pub is_free: bool,
}

/// Whether an item is made by the run.
pub(super) fn is_new(item: &PlanItem) -> bool {
    matches!(item.decision, Decision::Create | Decision::Duplicate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn free() -> Field {
        Field { is_free: true, ..Field::default() }
    }

    #[rstest]
    #[case("hello", free(), Some("hello-0f9c11aa"))]
    #[case("a@x.example", Field { is_email: true, ..free() }, Some("a-0f9c11aa@x.example"))]
    #[case("0123456789", Field { most: Some(12), ..free() }, Some("012-0f9c11aa"))]
    #[case("hello", Field { is_free: false, ..free() }, None)]
    #[case("hello", Field { most: Some(5), ..free() }, None)]
    fn a_copy_has_another_value_that_its_field_takes(
        #[case] text: &str,
        #[case] field: Field,
        #[case] expected: Option<&str>,
    ) {
        let copy = "0F9C11AA-0000-0000";
        assert_eq!(copied(&json!(text), copy, &field), expected.map(Value::from));
        assert_eq!(copied(&json!(7), copy, &field), None);
    }
}
