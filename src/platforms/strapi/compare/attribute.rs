//! Compares one attribute that both projects have.
//! Must not know: types as a whole.

use serde_json::{Map, Value};

use super::rank::difference;
use super::same;
use crate::model::{Rank, SchemaDifference};

/// The components that a value of this attribute can hold.
pub(super) fn components(attribute: &Value) -> Vec<&str> {
    let one = attribute.get("component").and_then(Value::as_str);
    let many = attribute.get("components").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many).collect()
}

type Attribute = Map<String, Value>;

pub(super) fn compare(uid: &str, name: &str, ours: &Attribute, theirs: &Attribute, found: &mut Vec<SchemaDifference>) {
    let Some((our_type, their_type)) = type_of(ours).zip(type_of(theirs)) else { return };
    let mut add = |key: &str, rank, meaning: &str| {
        let path = format!("attributes.{name}.{key}");
        found.push(difference(uid, &path, rank, meaning, (ours.get(key), theirs.get(key))));
    };
    if our_type != their_type {
        let (rank, meaning) = change_of_type(our_type, their_type);
        return add("type", rank, meaning);
    }
    let differs = |key: &str| !same(ours.get(key), theirs.get(key));
    match our_type {
        "relation" => compare_relation(&differs, &mut add),
        "component" => compare_component(&differs, &mut add),
        "dynamiczone" => compare_members(
            "components",
            ours,
            theirs,
            &mut add,
            Rank::Blocking,
            "the destination refuses a component that this zone holds here",
        ),
        "enumeration" => compare_members(
            "enum",
            ours,
            theirs,
            &mut add,
            Rank::Lossy,
            "a value that the destination does not know is stored all the same",
        ),
        "media" if differs("multiple") => match theirs.get("multiple") {
            Some(Value::Bool(true)) => add("multiple", Rank::Harmless, "the destination takes several files"),
            _ => add("multiple", Rank::Lossy, "the destination shows one file only"),
        },
        _ => {}
    }
    let localized = |attribute: &Attribute| {
        super::value_at(attribute, &["pluginOptions", "i18n", "localized"]).cloned().unwrap_or_default()
    };
    if !same(Some(&localized(ours)), Some(&localized(theirs))) {
        add("pluginOptions", Rank::Lossy, "one project keeps a value for each locale, the other one for all");
    }
    let rules = ["minLength", "maxLength", "min", "max", "regex", "unique", "allowedTypes", "targetField"];
    rules.into_iter().filter(|key| differs(key)).for_each(|key| {
        add(key, Rank::Harmless, "a rule of forms, which no transfer asks");
    });
}

fn type_of(attribute: &Attribute) -> Option<&str> {
    attribute.get("type").and_then(Value::as_str)
}

fn compare_relation(differs: &impl Fn(&str) -> bool, add: &mut impl FnMut(&str, Rank, &str)) {
    if differs("target") {
        add("target", Rank::Blocking, "the two lead to different types");
    }
    if differs("relation") {
        add("relation", Rank::Blocking, "the two lead to different numbers of entries");
    }
    for key in ["inversedBy", "mappedBy"] {
        if differs(key) {
            add(key, Rank::Blocking, "the other side of the relation is another one");
        }
    }
}

fn compare_component(differs: &impl Fn(&str) -> bool, add: &mut impl FnMut(&str, Rank, &str)) {
    if differs("component") {
        add("component", Rank::Blocking, "the two hold different components");
    }
    if differs("repeatable") {
        add("repeatable", Rank::Blocking, "one holds a single component, the other a list");
    }
}

/// A list of which the destination must know every member of the source; its order does not matter.
fn compare_members(
    key: &str,
    ours: &Attribute,
    theirs: &Attribute,
    add: &mut impl FnMut(&str, Rank, &str),
    rank: Rank,
    meaning: &str,
) {
    let members = |attribute: &Attribute| -> Vec<Value> {
        attribute.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (ours, theirs) = (members(ours), members(theirs));
    if ours.iter().any(|member| !theirs.contains(member)) {
        add(key, rank, meaning);
    } else if ours != theirs {
        add(key, Rank::Harmless, "the destination knows all that is here, and more or in another order");
    }
}

/// What happens to values of one type in a column of another.
fn change_of_type(ours: &str, theirs: &str) -> (Rank, &'static str) {
    const SHORT: [&str; 5] = ["string", "uid", "email", "enumeration", "password"];
    const LONG: [&str; 2] = ["text", "richtext"];
    const NUMBERS: [&str; 4] = ["integer", "biginteger", "float", "decimal"];
    let narrower = |ours: &str, theirs: &str| {
        let rank = |kind: &str| NUMBERS.iter().position(|number| *number == kind);
        rank(ours) > rank(theirs)
    };
    match (ours, theirs) {
        // A password is stored as a hash, everything else as it stands.
        ("password", _) | (_, "password") => (Rank::Blocking, "one of the two is stored as a hash"),
        _ if SHORT.contains(&ours) && (SHORT.contains(&theirs) || LONG.contains(&theirs)) => {
            (Rank::Harmless, "the destination takes the text as it is")
        }
        _ if LONG.contains(&ours) && LONG.contains(&theirs) => {
            (Rank::Harmless, "the destination takes the text as it is")
        }
        _ if LONG.contains(&ours) && SHORT.contains(&theirs) => {
            (Rank::Lossy, "long text may not fit into the destination's column")
        }
        _ if NUMBERS.contains(&ours) && NUMBERS.contains(&theirs) => match narrower(ours, theirs) {
            true => (Rank::Lossy, "large or fractional numbers may not fit into the destination's column"),
            false => (Rank::Harmless, "the destination's numbers take these"),
        },
        _ => (Rank::Blocking, "the two hold different kinds of values"),
    }
}
