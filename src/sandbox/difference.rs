//! What differs between two dumps, as places: for tests that say what must have changed, and that nothing else has.
//! Must not know: what a dump holds.

use serde_json::Value;

/// One sentence for each place that differs, in the order of the places: `/types/page/objects/p-1 is new`.
pub fn changes(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(place: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, old) in old {
                match new.get(key) {
                    Some(new) => compare(&format!("{place}/{key}"), old, new, found),
                    None => found.push(format!("{place}/{key} is gone")),
                }
            }
            let added = new.keys().filter(|key| !old.contains_key(*key));
            found.extend(added.map(|key| format!("{place}/{key} is new")));
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{place}/{index}"), old, new, found);
            }
        }
        _ if before == after => {}
        _ => found.push(format!("{place} was {before} and is {after}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_place_that_differs_is_named_and_no_other() {
        let before = json!({ "a": { "b": 1, "c": [1, 2] }, "d": "x", "e": [1] });
        let after = json!({ "a": { "b": 2, "c": [1, 3], "n": 0 }, "e": [1, 2] });
        let expected =
            ["/a/b was 1 and is 2", "/a/c/1 was 2 and is 3", "/a/n is new", "/d is gone", "/e was [1] and is [1,2]"];
        assert_eq!(changes(&before, &after), expected);
        assert!(changes(&before, &before).is_empty());
    }
}
