//! Makes differences between two schemas, each with its rank and what follows from it.
//! Must not know: how differences are found.

use serde_json::Value;

use crate::model::{Rank, SchemaDifference};

pub(super) fn difference(
    uid: &str,
    path: &str,
    rank: Rank,
    meaning: &str,
    values: (Option<&Value>, Option<&Value>),
) -> SchemaDifference {
    let json = |value: Option<&Value>| value.map(|value| value.to_string().into());
    SchemaDifference {
        type_: uid.into(),
        rank,
        path: path.into(),
        meaning: meaning.into(),
        source: json(values.0),
        destination: json(values.1),
    }
}

pub(super) fn missing_type(uid: &str) -> SchemaDifference {
    difference(uid, "", Rank::Blocking, "the destination does not have it", (None, None))
}

pub(super) fn type_only_there(uid: &str) -> SchemaDifference {
    difference(uid, "", Rank::Harmless, "only the destination has it", (None, None))
}

pub(super) fn missing_attribute(uid: &str, name: &str, attribute: &Value) -> SchemaDifference {
    let meaning = "the destination does not have it: it is left out";
    difference(uid, &format!("attributes.{name}"), Rank::Lossy, meaning, (Some(attribute), None))
}

pub(super) fn attribute_only_there(uid: &str, name: &str, attribute: &Value) -> SchemaDifference {
    let required = attribute.get("required") == Some(&Value::Bool(true));
    let meaning = match required {
        true => "only the destination has it: it stays empty although it is required there",
        false => "only the destination has it: it stays empty",
    };
    difference(uid, &format!("attributes.{name}"), Rank::Harmless, meaning, (None, Some(attribute)))
}
