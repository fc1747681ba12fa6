//! What a flow or a connection refers to, as the server sees it when it gathers an export.
//! Written for the sandbox alone: the client's own reading of references must not be tested against itself.

use serde_json::Value;

/// The names in `secrets.NAME` and `secrets['NAME']` outside comments, each once, in order.
pub(super) fn secret_names(source: &str) -> Vec<String> {
    names_after(&without_comments(source), "secrets")
}

/// The names in `connections.NAME` outside comments.
pub(super) fn connection_names(source: &str) -> Vec<String> {
    names_after(&without_comments(source), "connections")
}

fn names_after(source: &str, word: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in source.match_indices(word) {
        let before = source[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$' || c == '.') {
            continue;
        }
        if let Some(name) = member(&source[at + word.len()..])
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// `.NAME`, `['NAME']` or `["NAME"]`.
fn member(rest: &str) -> Option<String> {
    let name = match rest.strip_prefix('.') {
        Some(rest) => rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).next()?,
        None => {
            let rest = rest.strip_prefix('[')?;
            let quote = rest.chars().next().filter(|c| *c == '\'' || *c == '"')?;
            rest[1..].split(quote).next()?
        }
    };
    (!name.is_empty()).then(|| name.to_owned())
}

/// Comments become spaces; text in quotes is kept, because block fields hold `{secrets.NAME}` inside plain text.
fn without_comments(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        let comment = match quote {
            None if rest.starts_with("//") && !kept.ends_with(':') => rest.find('\n').or(Some(rest.len())),
            None if rest.starts_with("/*") => rest.find("*/").map(|end| end + 2).or(Some(rest.len())),
            _ => None,
        };
        if let Some(end) = comment {
            kept.push(' ');
            rest = &rest[end..];
            continue;
        }
        quote = match quote {
            None if matches!(c, '\'' | '"' | '`') => Some(c),
            Some(open) if open == c || c == '\n' => None,
            open => open,
        };
        kept.push(c);
        rest = &rest[c.len_utf8()..];
    }
    kept
}

/// Every string below a value, keys left out.
pub(super) fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(list) => list.iter().for_each(|value| strings(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}

/// Replaces every string that equals an old uuid.
pub(super) fn rename(value: &mut Value, renamed: &std::collections::HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = renamed.get(text.as_str()) {
                text.clone_from(new);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| rename(value, renamed)),
        Value::Object(fields) => fields.values_mut().for_each(|value| rename(value, renamed)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{ authToken: secrets.TWILIO_TOKEN, sid: 'x' }", &["TWILIO_TOKEN"])]
    #[case("{ a: secrets['S3Secret'], b: secrets[\"Other\"], c: secrets.S3Secret }", &["S3Secret", "Other"])]
    #[case("{ // pass: secrets.OLD\n pass: secrets.NEW /* secrets.NONE */ }", &["NEW"])]
    #[case("https://example.invalid/?key={secrets.KEY}", &["KEY"])]
    #[case("mysecrets.X + my.secrets.Y + secrets", &[])]
    fn names_of_secrets_are_found(#[case] source: &str, #[case] expected: &[&str]) {
        assert_eq!(secret_names(source), expected);
    }

    #[test]
    fn names_of_connections_are_found() {
        assert_eq!(connection_names("const db = connections.Northwind\nreturn db"), ["Northwind"]);
    }
}
