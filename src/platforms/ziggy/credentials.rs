//! Judges the values of a connection's config and the texts of a flow: which of them are credentials in clear text.
//! Must not know: files, servers, plans. A finding shows a path, two characters and a length, never a value.

use std::ops::Range;

use serde_json::Value;

use super::entries::{self, Entry, Literal};
use super::names;
use super::patterns::{self, Look};

/// How a value was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// A reference to a secret: as it should be.
    Reference,
    /// Literal text around a reference.
    ReferenceInExpression,
    High,
    UserInfo,
    Medium,
    /// The reference stands in quotes and would be sent as it is written.
    QuotedReference,
    Low,
    Placeholder,
}

impl Level {
    /// Whether the value itself should not leave in clear text.
    pub(super) fn is_credential(self) -> bool {
        matches!(self, Level::High | Level::UserInfo | Level::Medium)
    }
}

/// A judged stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) path: String,
    pub(super) level: Level,
    pub(super) span: Range<usize>,
    /// A number, which a replacement has to put in quotes.
    pub(super) is_number: bool,
}

/// Keys whose value must be a reference, in lower case without `_` and `-`. From the fields of the docs' examples.
const SENSITIVE: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "token",
    "accesstoken",
    "authtoken",
    "refreshtoken",
    "apikey",
    "developerapikey",
    "secret",
    "clientsecret",
    "secretaccesskey",
    "accesskeyid",
    "accountkey",
    "sastoken",
    "connectionstring",
    "privatekey",
    "clientkey",
];

fn is_sensitive(key: &str) -> bool {
    let plain: String = key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    SENSITIVE.contains(&plain.as_str())
}

/// Judges every value of a config's source text.
pub(super) fn in_config(source: &str) -> Vec<Hit> {
    entries::read(source).iter().flat_map(|entry| judge(source, entry)).collect()
}

fn judge(source: &str, entry: &Entry) -> Vec<Hit> {
    let hit = |level, span, is_number| Hit { path: entry.path.clone(), level, span, is_number };
    if entry.is_reference {
        return vec![hit(Level::Reference, 0..0, false)];
    }
    let mut hits = Vec::new();
    if !entry.secrets.is_empty() {
        hits.push(hit(Level::ReferenceInExpression, 0..0, false));
    }
    for literal in &entry.literals {
        for (level, span) in judge_literal(source, entry, literal) {
            hits.push(hit(in_place(entry, level), span, literal.is_number));
        }
    }
    hits
}

/// A comment is not in use, so what stands there weighs less.
fn in_place(entry: &Entry, level: Level) -> Level {
    match level {
        Level::High | Level::UserInfo if entry.in_comment => Level::Medium,
        other => other,
    }
}

fn judge_literal(source: &str, entry: &Entry, literal: &Literal) -> Vec<(Level, Range<usize>)> {
    let text = &source[literal.span.clone()];
    let whole = |level| vec![(level, literal.span.clone())];
    let sensitive = is_sensitive(entry.key());
    if literal.is_number {
        return if sensitive && entry.secrets.is_empty() { whole(Level::High) } else { Vec::new() };
    }
    if !names::secrets(text).is_empty() {
        return whole(Level::QuotedReference);
    }
    let looks = patterns::find(text);
    if !looks.is_empty() {
        let shift = literal.span.start;
        return looks.into_iter().map(|(r, look)| (level_of(look), r.start + shift..r.end + shift)).collect();
    }
    if sensitive && entry.secrets.is_empty() {
        return whole(if patterns::is_placeholder(text) { Level::Placeholder } else { Level::High });
    }
    if patterns::is_random(text) { whole(Level::Medium) } else { Vec::new() }
}

fn level_of(look: Look) -> Level {
    match look {
        Look::Credential(_) => Level::High,
        Look::UserInfo => Level::UserInfo,
        Look::Identifier(_) => Level::Low,
    }
}

/// Calls `visit` with the path and text of every text under a flow's nodes and edges.
pub(super) fn flow_texts(flow: &mut Value, visit: &mut dyn FnMut(&str, &mut String)) {
    for part in ["nodes", "edges"] {
        if let Some(value) = flow.get_mut(part) {
            walk(part, value, visit);
        }
    }
}

fn walk(path: &str, value: &mut Value, visit: &mut dyn FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(list) => {
            list.iter_mut().enumerate().for_each(|(at, value)| walk(&format!("{path}[{at}]"), value, visit));
        }
        Value::Object(object) => {
            object.iter_mut().for_each(|(key, value)| walk(&format!("{path}.{key}"), value, visit));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What looks like a credential in a text of a flow. Keys say nothing there, and much text is random.
pub(super) fn in_text(path: &str, text: &str) -> Vec<Hit> {
    patterns::find(text)
        .into_iter()
        .map(|(span, look)| (span, level_of(look)))
        .filter(|(_, level)| level.is_credential())
        .map(|(span, level)| Hit { path: path.to_owned(), level, span, is_number: false })
        .collect()
}

/// What stands in the place of a credential. A placeholder by the rules above, so a later import points it out.
const REPLACEMENT: &str = "***";

/// Replaces the credentials among the hits; the text keeps its form.
pub(super) fn replace(text: &mut String, hits: &[Hit]) {
    let mut credentials: Vec<&Hit> = hits.iter().filter(|hit| hit.level.is_credential()).collect();
    credentials.sort_by_key(|hit| std::cmp::Reverse(hit.span.start));
    for hit in credentials {
        let quoted = format!("'{REPLACEMENT}'");
        text.replace_range(hit.span.clone(), if hit.is_number { &quoted } else { REPLACEMENT });
    }
}

/// Hosts of a config, with their paths: for hints on what a migration forgot to change.
pub(super) fn hosts(source: &str) -> Vec<(String, String)> {
    const HOSTS: &[&str] = &["host", "hostname", "server", "endpoint", "url", "baseurl", "node", "brokerurl"];
    let of = |entry: &Entry| {
        let literal = entry.literals.first().filter(|literal| !literal.is_number && !entry.in_comment)?;
        let text = &source[literal.span.clone()];
        let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = bare.rsplit_once('@').map_or(bare, |(_, rest)| rest);
        let host = host.split(['/', ':', '?']).next().filter(|host| !host.is_empty())?;
        HOSTS.contains(&entry.key().to_lowercase().as_str()).then(|| (entry.path.clone(), host.to_lowercase()))
    };
    entries::read(source).iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word(level: Level) -> &'static str {
        match level {
            Level::Reference => "reference",
            Level::ReferenceInExpression => "reference in expression",
            Level::High => "high",
            Level::UserInfo => "high: userinfo in URL",
            Level::Medium => "medium",
            Level::QuotedReference => "medium: quoted reference",
            Level::Low => "low",
            Level::Placeholder => "info: placeholder",
        }
    }

    #[test]
    fn the_rows_of_connection_values_are_judged_as_expected() {
        let rows: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests/data/ziggy/connection-values.json")).expect("a table");
        assert_eq!(rows.len(), 12);
        for row in rows {
            let source = row["value"].as_str().expect("a text");
            let field = |value: &Value, name: &str| value[name].as_str().expect("a text").to_owned();
            let mut expected: Vec<_> = row["expect"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|row| (field(row, "path"), field(row, "level")))
                .collect();
            let mut judged: Vec<_> =
                in_config(source).into_iter().map(|hit| (hit.path, word(hit.level).to_owned())).collect();
            expected.sort();
            judged.sort();
            assert_eq!(judged, expected, "{source}");
        }
    }

    #[test]
    fn further_rules() {
        for (source, path, level) in [
            ("{ password: 12345 }", "password", "high"),
            ("{ \"client-secret\": \"abc\" }", "client-secret", "high"),
            ("{ x: 'q8Zr1LmX0vTn4YbW7cKd9PsH' }", "x", "medium"),
            ("{ sid: 'AC0123456789abcdef0123456789abcdef' }", "sid", "low"),
            ("module.exports = { a: [{ token: 'abc' }] };", "a[0].token", "high"),
            ("({ a: { pwd: `abc` } })", "a.pwd", "high"),
            ("{ h: `Bearer ${secrets.X}` }", "h", "reference in expression"),
            ("{ password: secrets?.X }", "password", "reference"),
            ("{ a: 1, /* token: 'abc' */ b: 2 }", "comment:token", "medium"),
            ("{ h: 'Bearer abcdefghijklmnop123' + secrets.X }", "h", "high"),
            ("{\"accessToken\": \"secrets.X\"}", "accessToken", "medium: quoted reference"),
        ] {
            let hits: Vec<_> = in_config(source).into_iter().map(|hit| (hit.path, word(hit.level))).collect();
            assert!(hits.contains(&(path.to_owned(), level)), "{source}: {hits:?}");
        }
        for fine in ["{ password: undefined }", "{ password: process.env.X }", "{ rate: 25 * 1024 }", "", "{", "]}"] {
            assert_eq!(in_config(fine), [], "{fine}");
        }
    }

    #[test]
    fn a_replaced_credential_is_gone_and_the_rest_stays() {
        for (source, redacted) in [
            ("{ password: 'abc', port: 1 }", "{ password: '***', port: 1 }"),
            ("{ password: 12345 }", "{ password: '***' }"),
            ("{\"node\": \"https://u:pw@h:1\"}", "{\"node\": \"https://***@h:1\"}"),
            ("{ // token: 'abc'\n a: 1 }", "{ // token: '***'\n a: 1 }"),
            ("{ a: 'x', token: secrets.T }", "{ a: 'x', token: secrets.T }"),
        ] {
            let mut text = source.to_owned();
            replace(&mut text, &in_config(source));
            assert_eq!(text, redacted);
            assert!(!in_config(&text).iter().any(|hit| hit.level.is_credential()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn any_text_can_be_judged_and_redacted(source in "[ -~äß漢\\n'\"`/*\\\\{}:,\\[\\]$]{0,80}") {
            let mut text = source.clone();
            replace(&mut text, &in_config(&source));
            let hits = in_text("x", &source);
            let mut text = source.clone();
            replace(&mut text, &hits);
            prop_assert!(hits.is_empty() || text != source);
        }

        #[test]
        fn a_password_in_a_config_is_found_and_replaced(password in "[a-zA-Z0-9!#%&()=?+_;:.,<>|-]{1,40}") {
            prop_assume!(!patterns::is_placeholder(&password));
            let source = format!("{{ host: 'h', password: '{password}', port: 5432 }}");
            let hits = in_config(&source);
            prop_assert!(hits.iter().any(|hit| hit.path == "password" && hit.level.is_credential()), "{:?}", hits);
        }
    }
}
