//! The rules for one object: what a write must obey before it is stored. Complaints are gathered, by field.
//! Must not know: HTTP, and what happens to an object that obeys.

use serde_json::{Value, json};

use super::{
    definition::Type,
    object::{Body, is_empty},
    reference::{self, Target},
    reply::{Complaints, complain},
    shape::{Field, Holds},
    state::State,
};

pub(super) const TAKEN: &str = "This value is already used";
const ABSENT: &str = "This value does not exist in database";
const NO_OPTION: &str = "The value does not match possible options";
/// Of `dateTime`, as the messages name it.
const DATE: &str = "Does not match the regex pattern ^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:?\\d{2})?)?$";

/// The object under its id against its type, and against everything else in the space. `hidden` are objects that the
/// write may not lean on although they are there.
pub(super) fn object(state: &State, kind: &Type, id: &str, body: &Body, hidden: &[Target]) -> Complaints {
    let mut rules = Rules { state, hidden, complaints: Complaints::new() };
    rules.members("", &kind.definition.fields, body);
    for field in kind.definition.fields.iter().filter(|field| field.unique) {
        if let Some(value) = body.get(&field.name)
            && kind.objects.is_taken(&field.name, value, id)
        {
            complain(&mut rules.complaints, &field.name, TAKEN);
        }
    }
    rules.complaints
}

/// The letters that an id may have. There is no slash among them.
pub(super) fn is_id(id: &str) -> bool {
    id.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_.,:=!#$%&(`{}\" ?\u{2019}".contains(sign))
}

struct Rules<'a> {
    state: &'a State,
    hidden: &'a [Target],
    complaints: Complaints,
}

impl Rules<'_> {
    fn members(&mut self, path: &str, fields: &[Field], body: &Body) {
        for name in body.keys().filter(|name| !fields.iter().any(|field| field.name == **name)) {
            let why =
                format!("The property {name} is not defined and the definition does not allow additional properties");
            self.complain(&join(path, name), why);
        }
        for field in fields {
            let path = join(path, &field.name);
            match body.get(&field.name).filter(|value| !value.is_null()) {
                Some(value) => self.value(&path, field, value),
                None if field.required => self.complain(&path, format!("The property {} is required", field.name)),
                None => {}
            }
        }
    }

    fn value(&mut self, path: &str, field: &Field, value: &Value) {
        match field.holds {
            Holds::Text => self.text(path, field, value),
            Holds::Number if !value.is_number() => self.mistyped(path, value, "a number"),
            Holds::Boolean if !value.is_boolean() => self.mistyped(path, value, "a boolean"),
            Holds::Texts => self.texts(path, field, value),
            Holds::Relations => self.relations(path, field, value),
            Holds::Objects => self.objects(path, field, value),
            Holds::Geo => self.geo(path, value),
            Holds::Block => self.block(path, value),
            Holds::Number | Holds::Boolean | Holds::Free => {}
        }
    }

    fn text(&mut self, path: &str, field: &Field, value: &Value) {
        let Some(text) = value.as_str() else { return self.mistyped(path, value, "a string") };
        let length = text.chars().count() as u64;
        if length < field.least_length {
            self.complain(path, format!("Must be at least {} characters long", field.least_length));
        }
        if let Some(most) = field.most_length.filter(|most| length > *most) {
            self.complain(path, format!("Must be at most {most} characters long"));
        }
        if text.is_empty() {
            return;
        }
        if !field.options.is_empty() && !field.options.iter().any(|option| option == text) {
            self.complain(path, NO_OPTION.to_owned());
        }
        if field.is_date() && !is_date(text) {
            self.complain(path, DATE.to_owned());
        }
    }

    fn texts(&mut self, path: &str, field: &Field, value: &Value) {
        let Some(items) = value.as_array() else { return self.mistyped(path, value, "an array") };
        self.amount(path, field, items.len());
        for item in items {
            match item.as_str() {
                None => self.mistyped(path, item, "a string"),
                Some(text) if !field.options.is_empty() && !field.options.iter().any(|option| option == text) => {
                    self.complain(path, NO_OPTION.to_owned());
                }
                Some(_) => {}
            }
        }
    }

    fn relations(&mut self, path: &str, field: &Field, value: &Value) {
        let Some(items) = value.as_array() else { return self.mistyped(path, value, "an array") };
        self.amount(path, field, items.len());
        if !field.many && items.len() > 1 {
            self.complain(path, "There must be a maximum of 1 items in the array".to_owned());
        }
        let mut seen: Vec<Target> = Vec::new();
        for item in items {
            let Some(target) = reference::target(item) else {
                self.complain(path, ABSENT.to_owned());
                continue;
            };
            if !field.target.is_empty() && target.kind != field.target {
                self.complain(path, format!("Only objects of {} are allowed here", field.target));
            } else if self.hidden.contains(&target) || self.state.object(&target).is_none() {
                self.complain(path, ABSENT.to_owned());
            }
            if seen.contains(&target) {
                self.complain(path, "There are no duplicates allowed in the array".to_owned());
            }
            seen.push(target);
        }
    }

    fn objects(&mut self, path: &str, field: &Field, value: &Value) {
        let Some(items) = value.as_array() else { return self.mistyped(path, value, "an array") };
        self.amount(path, field, items.len());
        for (index, item) in items.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match item.as_object() {
                Some(members) => self.members(&path, &field.fields, members),
                None => self.mistyped(&path, item, "an object"),
            }
        }
    }

    /// PHP turns an empty object into an empty list, and takes it back.
    fn geo(&mut self, path: &str, value: &Value) {
        if is_empty(value) || *value == json!({}) {
            return;
        }
        for (name, most) in [("lat", 90.0), ("lon", 180.0)] {
            if !value[name].as_f64().is_some_and(|degrees| degrees.abs() <= most) {
                self.complain(&join(path, name), format!("The property {name} has to be a number of degrees"));
            }
        }
    }

    fn block(&mut self, path: &str, value: &Value) {
        let blocks_are_there = is_empty(value) || value["blocks"].is_array();
        if !blocks_are_there {
            self.mistyped(path, value, "an object with blocks");
        }
    }

    fn amount(&mut self, path: &str, field: &Field, items: usize) {
        if (items as u64) < field.least_items {
            self.complain(path, format!("There must be a minimum of {} items in the array", field.least_items));
        }
    }

    fn mistyped(&mut self, path: &str, value: &Value, wanted: &str) {
        let found = match value {
            Value::Null => "NULL",
            Value::Bool(_) => "Boolean",
            Value::Number(_) => "Number",
            Value::String(_) => "String",
            Value::Array(_) => "Array",
            Value::Object(_) => "Object",
        };
        self.complain(path, format!("{found} value found, but {wanted} is required"));
    }

    fn complain(&mut self, path: &str, why: String) {
        complain(&mut self.complaints, path, why);
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A day, or a day with hours and minutes, and seconds, parts of them and a zone if one wants.
fn is_date(text: &str) -> bool {
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    is_like(day, "0000-00-00") && time.is_none_or(is_time)
}

fn is_time(time: &str) -> bool {
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let (clock, parts) = clock.split_once('.').map_or((clock, None), |(clock, parts)| (clock, Some(parts)));
    let parts_fit = parts.is_none_or(|parts| {
        is_like(clock, "00:00:00") && !parts.is_empty() && parts.bytes().all(|sign| sign.is_ascii_digit())
    });
    let zone_fits = ["", "Z", "+00:00", "+0000"].iter().any(|form| is_like(&zone.replace('-', "+"), form));
    parts_fit && zone_fits && (is_like(clock, "00:00") || is_like(clock, "00:00:00"))
}

/// Digits where the form has zeros, the same signs elsewhere.
fn is_like(text: &str, form: &str) -> bool {
    let fits = |(sign, wanted): (u8, u8)| if wanted == b'0' { sign.is_ascii_digit() } else { sign == wanted };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_forms_of_the_panel() {
        for text in ["2026-03-02", "2026-03-02T08:00", "2026-03-02T08:00:11", "2026-03-02T08:00:11.250Z"] {
            assert!(is_date(text), "{text}");
        }
        assert!(is_date("2026-03-02T08:00:11+02:00") && is_date("2026-03-02T08:00-0200"));
        for text in ["{{date:+60d}}T08:00", "2026-3-2", "2026-03-02 08:00", "2026-03-02T8", "2026-03-02T08:00."] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn an_id_may_have_spaces_and_quotes_but_no_slash() {
        assert!(is_id("a b\"c\u{2019}{#1}%&?") && !is_id("a/b") && !is_id("é"));
    }
}
