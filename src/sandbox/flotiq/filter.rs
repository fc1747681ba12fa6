//! Filters of lists: `{"field":{"type":T,"filter":v,"filter2":v}}`, all of which have to hold.
//! Must not know: HTTP and types.

use std::cmp::Ordering;

use serde_json::Value;

use super::object::is_empty;

#[derive(Clone, Debug)]
pub(super) struct Filter {
    path: String,
    kind: String,
    wanted: Value,
    end: Value,
}

const KINDS: [&str; 18] = [
    "equals",
    "notEqual",
    "notEquals",
    "contains",
    "notContains",
    "startsWith",
    "endsWith",
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
    "inRange",
    "empty",
    "notEmpty",
    "overlaps",
    "includes",
    "notOverlaps",
    "notIncludes",
];

pub(super) fn parse(text: &str) -> Result<Vec<Filter>, String> {
    let malformed = "Malformed filters json - Syntax error".to_owned();
    let parsed: Value = serde_json::from_str(text).map_err(|_| malformed.clone())?;
    let filters = parsed.as_object().ok_or(malformed)?;
    let read = |(path, filter): (&String, &Value)| {
        let kind = filter["type"].as_str().unwrap_or_default().to_owned();
        match KINDS.contains(&kind.as_str()) {
            true => Ok(Filter {
                path: path.clone(),
                kind,
                wanted: filter["filter"].clone(),
                end: filter["filter2"].clone(),
            }),
            false => Err(format!("Filter type {kind:?} is not supported")),
        }
    };
    filters.iter().map(read).collect()
}

impl Filter {
    /// Whether an object as clients see it passes.
    pub fn passes(&self, object: &Value) -> bool {
        let mut found = Vec::new();
        at(object, &self.path, &mut found);
        let any = |test: &dyn Fn(&Value) -> bool| found.iter().any(|value| test(value));
        let compared =
            |to: &Value, orders: &[Ordering]| any(&|value| compare(value, to).is_some_and(|o| orders.contains(&o)));
        match self.kind.as_str() {
            "equals" | "overlaps" | "includes" => any(&|value| self.is_wanted(value)),
            "notEqual" | "notEquals" | "notOverlaps" | "notIncludes" => !any(&|value| self.is_wanted(value)),
            "contains" => any(&|value| text(value).contains(&text(&self.wanted))),
            "notContains" => !any(&|value| text(value).contains(&text(&self.wanted))),
            "startsWith" => any(&|value| text(value).starts_with(&text(&self.wanted))),
            "endsWith" => any(&|value| text(value).ends_with(&text(&self.wanted))),
            "lessThan" => compared(&self.wanted, &[Ordering::Less]),
            "lessThanOrEqual" => compared(&self.wanted, &[Ordering::Less, Ordering::Equal]),
            "greaterThan" => compared(&self.wanted, &[Ordering::Greater]),
            "greaterThanOrEqual" => compared(&self.wanted, &[Ordering::Greater, Ordering::Equal]),
            "inRange" => {
                compared(&self.wanted, &[Ordering::Greater, Ordering::Equal])
                    && compared(&self.end, &[Ordering::Less, Ordering::Equal])
            }
            "empty" => found.iter().all(|value| is_empty(value)),
            _ => any(&|value| !is_empty(value)),
        }
    }

    fn is_wanted(&self, value: &Value) -> bool {
        match &self.wanted {
            Value::Array(any) => any.iter().any(|wanted| alike(value, wanted)),
            wanted => alike(value, wanted),
        }
    }
}

/// The values at `a.b[*].c`; the members of a list count each.
fn at<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    if let Value::Array(items) = value {
        return items.iter().for_each(|item| at(item, path, found));
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let name = first.split_once('[').map_or(first, |(name, _)| name);
    match value.get(name) {
        None => {}
        Some(next) if !rest.is_empty() => at(next, rest, found),
        Some(Value::Array(items)) => found.extend(items),
        Some(next) => found.push(next),
    }
}

fn alike(left: &Value, right: &Value) -> bool {
    left == right || text(left) == text(right)
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => Some(text(left).cmp(&text(right))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(r#"{"title":{"type":"equals","filter":["a","Hello"]}}"#, true)]
    #[case(r#"{"title":{"type":"contains","filter":"ell"}}"#, true)]
    #[case(r#"{"title":{"type":"notEqual","filter":"hello"}}"#, false)]
    #[case(r#"{"price":{"type":"inRange","filter":3,"filter2":5}}"#, true)]
    #[case(r#"{"price":{"type":"greaterThan","filter":4.5}}"#, false)]
    #[case(r#"{"of[*].dataUrl":{"type":"includes","filter":"/api/v1/content/tag/b"}}"#, true)]
    #[case(r#"{"internal.updatedAt":{"type":"greaterThan","filter":"2026-01-01T00:00:00+00:00"}}"#, true)]
    #[case(r#"{"nothing":{"type":"empty"}}"#, true)]
    #[case(r#"{"title":{"type":"notEmpty"},"price":{"type":"equals","filter":5}}"#, false)]
    fn a_filter_passes_what_it_names(#[case] filters: &str, #[case] expected: bool) {
        let object = json!({
            "title": "Hello", "price": 4.5, "of": [{ "dataUrl": "/api/v1/content/tag/b" }],
            "internal": { "updatedAt": "2026-03-02T08:00:00+00:00" },
        });
        let filters = parse(filters).unwrap();
        assert_eq!(filters.iter().all(|filter| filter.passes(&object)), expected);
    }

    #[rstest]
    #[case("{", "Malformed filters json")]
    #[case(r#"{"title":{"type":"sounds-like","filter":"x"}}"#, "not supported")]
    fn a_filter_that_cannot_be_read_is_refused(#[case] filters: &str, #[case] why: &str) {
        assert!(parse(filters).unwrap_err().contains(why));
    }
}
