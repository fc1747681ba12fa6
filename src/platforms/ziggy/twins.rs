//! Finds a field that one object names twice. A tree of values would keep the last one and lose the other in silence.
//! Must not know: what the JSON is.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// An error names the field and its place; JSON that is broken otherwise is left to the parser.
pub(super) fn refuse(bytes: &[u8]) -> serde_json::Result<()> {
    match serde_json::from_slice::<NoTwins>(bytes) {
        Err(error) if error.is_data() => Err(error),
        _ => Ok(()),
    }
}

/// Any JSON in which no object has twins.
struct NoTwins;

impl<'de> Deserialize<'de> for NoTwins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = NoTwins;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NoTwins, A::Error> {
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(field) = map.next_key::<String>()? {
            if seen.contains(&field) {
                let field = crate::model::text::printable(&field).into_owned();
                return Err(A::Error::custom(format_args!("the field `{field}` stands twice in one object")));
            }
            map.next_value::<NoTwins>()?;
            seen.insert(field);
        }
        Ok(NoTwins)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<NoTwins, A::Error> {
        while list.next_element::<NoTwins>()?.is_some() {}
        Ok(NoTwins)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<NoTwins, D::Error> {
        NoTwins::deserialize(deserializer)
    }

    fn visit_bool<E>(self, _: bool) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }

    fn visit_i64<E>(self, _: i64) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }

    fn visit_u64<E>(self, _: u64) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }

    fn visit_f64<E>(self, _: f64) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }

    fn visit_str<E>(self, _: &str) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }

    fn visit_none<E>(self) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }

    fn visit_unit<E>(self) -> Result<NoTwins, E> {
        Ok(NoTwins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_stands_twice_is_found_at_any_depth() {
        for twins in [r#"{"a":1,"a":2}"#, r#"{"a":[{"b":{"c":1.5,"c":null}}]}"#, r#"[{"x":1},{"y":1,"\u0079":2}]"#] {
            let error = refuse(twins.as_bytes()).expect_err(twins);
            assert!(error.to_string().contains("stands twice"), "{error}");
        }
        for fine in
            [r#"{"a":{"a":1},"b":{"a":12345678901234567890}}"#, "[1.0,-0,1E5,true,null,\"a\"]", "{} {", "nonsense"]
        {
            assert!(refuse(fine.as_bytes()).is_ok(), "{fine}");
        }
    }
}
