//! Finds what free text refers to by name: `secrets.X`, `secrets['X']`, `connections.X`, `variables.X`.
//! Must not know: where the text stands. The forms are those of Ziggy's docs (Secrets, Javascript, REST Call).

/// Names of secrets, in the order of the text, with repeats.
pub(super) fn secrets(text: &str) -> Vec<String> {
    members(text, "secrets")
}

pub(super) fn connections(text: &str) -> Vec<String> {
    members(text, "connections")
}

pub(super) fn variables(text: &str) -> Vec<String> {
    members(text, "variables")
}

/// The members of `object` that a text names: `object.X`, `object?.X`, `object['X']`, `object["X"]`.
fn members(text: &str, object: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(object) {
        let stands_alone = !text[..at].chars().next_back().is_some_and(|c| is_name(c) || c == '.');
        if let Some(name) = member(&text[at + object.len()..]).filter(|_| stands_alone) {
            found.push(name.to_owned());
        }
    }
    found
}

fn member(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix('?').unwrap_or(rest);
    if let Some(rest) = rest.strip_prefix('.') {
        if let Some(inner) = rest.strip_prefix('[') {
            return quoted(inner);
        }
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        return (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name);
    }
    quoted(rest.strip_prefix('[')?)
}

fn quoted(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let (name, after) = rest[1..].split_once(quote)?;
    (after.trim_start().starts_with(']') && !name.is_empty() && !name.contains('\n')).then_some(name)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_secret_is_found() {
        for (text, names) in [
            ("const t = secrets.TOKEN;", vec!["TOKEN"]),
            ("secrets['A B'] + secrets[\"C\"]", vec!["A B", "C"]),
            ("https://x/{secrets.KEY}?a={secrets.OTHER}", vec!["KEY", "OTHER"]),
            ("`${secrets?.X}` secrets?.['Y']", vec!["X", "Y"]),
            ("mysecrets.X a.secrets.Y secrets secrets. secrets[0] secrets.9", vec![]),
            ("secrets.ÄÖ", vec!["ÄÖ"]),
        ] {
            assert_eq!(secrets(text), names, "{text}");
        }
        assert_eq!(connections("connections.Northwind.query()"), ["Northwind"]);
        assert_eq!(variables("{variables.region}"), ["region"]);
    }
}
