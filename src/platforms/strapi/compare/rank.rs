//! One difference between two schemas, with its rank and what follows from it.
//! Must not know: how differences are found.

use serde_json::Value;

/// How much a difference matters to content of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::platforms::strapi) enum Rank {
    /// Content of this type cannot arrive, or would arrive as something else.
    Blocking,
    /// Something of it is lost or cut.
    Lossy,
    /// Labels, sizes, rules of forms: the content is the same afterwards.
    Harmless,
}

/// A difference; ordered by type, rank and path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::platforms::strapi) struct Difference {
    /// The type or component.
    pub uid: String,
    pub rank: Rank,
    /// Where in the schema, such as `attributes.title.type`; empty for the type itself.
    pub path: String,
    pub meaning: String,
    /// The two values as JSON; `None` where there is none.
    pub source: Option<String>,
    pub destination: Option<String>,
}

impl Difference {
    pub fn new(uid: &str, path: &str, rank: Rank, meaning: &str, values: (Option<&Value>, Option<&Value>)) -> Self {
        Difference {
            uid: uid.to_owned(),
            rank,
            path: path.to_owned(),
            meaning: meaning.to_owned(),
            source: values.0.map(Value::to_string),
            destination: values.1.map(Value::to_string),
        }
    }

    pub fn missing_type(uid: &str) -> Self {
        Difference::new(uid, "", Rank::Blocking, "the destination does not have it", (None, None))
    }

    pub fn missing_attribute(uid: &str, name: &str, attribute: &Value) -> Self {
        let path = format!("attributes.{name}");
        Difference::new(
            uid,
            &path,
            Rank::Lossy,
            "the destination does not have it: it is left out",
            (Some(attribute), None),
        )
    }

    pub fn only_there(uid: &str, name: &str, attribute: &Value) -> Self {
        let required = attribute.get("required") == Some(&Value::Bool(true));
        let meaning = match required {
            true => "only the destination has it: it stays empty although it is required there",
            false => "only the destination has it: it stays empty",
        };
        Difference::new(uid, &format!("attributes.{name}"), Rank::Harmless, meaning, (None, Some(attribute)))
    }
}
