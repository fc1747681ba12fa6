//! What is to be said of an item's content before it goes anywhere: credentials in clear text, placeholders, local
//! addresses, missing production values, parts that do not travel. And the redaction of those credentials.
//! Must not know: plans, servers.

use serde_json::Value;

use super::credentials::{self, Hit, Level};
use super::json;
use super::pool::Item;
use crate::model::text::printable;
use crate::model::{Finding, ItemKey, Kind, Severity, code};

const CONFIGS: [&str; 3] = ["devValue", "prodValue", "stagingValue"];

pub(super) fn of(item: &Item) -> Vec<Finding> {
    match item.key.kind {
        Kind::Connection => of_connection(item),
        Kind::Flow => of_flow(item),
        _ => Vec::new(),
    }
}

fn of_connection(item: &Item) -> Vec<Finding> {
    let mut findings = Vec::new();
    for field in CONFIGS {
        let Some(source) = config(&item.value, field) else { continue };
        let hits = credentials::in_config(&source);
        findings.extend(hits.iter().filter_map(|hit| finding(item, &format!("{field}.{}", hit.path), &source, hit)));
    }
    for field in ["devOAuthToken", "prodOAuthToken"] {
        if json::text(&item.value, field).is_some() {
            let message =
                format!("{} holds an OAuth token in {field}; no bundle and no upload takes it along", called(item));
            findings.push(Finding::warning(code::PLAINTEXT_CREDENTIAL, message).on(&item.key));
        }
    }
    findings.extend(addresses(item));
    if json::text(&item.value, "devValue").is_some() && json::text(&item.value, "prodValue").is_none() {
        let message = format!("{} has a development value only", called(item));
        findings.push(Finding::info(code::PRODUCTION_VALUE_EMPTY, message).on(&item.key));
    }
    findings
}

fn of_flow(item: &Item) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The walker edits in place; here it only reads, on a copy.
    let mut copy = item.value.clone();
    credentials::flow_texts(&mut copy, &mut |path, text| {
        findings.extend(credentials::in_text(path, text).iter().filter_map(|hit| finding(item, path, text, hit)));
    });
    if !json::list(&item.value, "schedules").is_empty() {
        let message = format!("{} has schedules; an import does not create them", called(item));
        findings.push(Finding::info(code::NOT_WRITTEN, message).on(&item.key));
    }
    findings
}

/// The config as source text; newer servers may keep it as JSON.
fn config(value: &Value, field: &str) -> Option<String> {
    match value.get(field)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        object @ Value::Object(_) => Some(object.to_string()),
        _ => None,
    }
}

fn called(item: &Item) -> String {
    format!("{} `{}`", item.key.kind, printable(item.name()))
}

/// Path, two characters and length: enough to find the value, too little to use it.
fn shown(text: &str) -> String {
    let start: String = text.chars().take(2).collect();
    format!("starts with `{}`, {} characters", printable(&start), text.chars().count())
}

fn finding(item: &Item, path: &str, source: &str, hit: &Hit) -> Option<Finding> {
    let text = &source[hit.span.clone()];
    let path = printable(path);
    let (code, severity, what) = match hit.level {
        Level::Reference | Level::ReferenceInExpression => return None,
        Level::High => {
            (code::PLAINTEXT_CREDENTIAL, Severity::Warning, format!("a credential in clear text ({})", shown(text)))
        }
        Level::UserInfo => {
            (code::PLAINTEXT_CREDENTIAL, Severity::Warning, format!("a user and password in a URL ({})", shown(text)))
        }
        Level::Medium => {
            (code::LOW_CREDENTIAL, Severity::Warning, format!("what may be a credential ({})", shown(text)))
        }
        Level::QuotedReference => {
            let what = "a reference to a secret in quotes; it is sent as it is written".to_owned();
            (code::LOW_CREDENTIAL, Severity::Warning, what)
        }
        Level::Low => (code::LOW_CREDENTIAL, Severity::Info, format!("an identifier ({})", shown(text))),
        Level::Placeholder => {
            (code::PLACEHOLDER, Severity::Info, "a placeholder where a credential belongs".to_owned())
        }
    };
    Some(Finding::new(code, severity, format!("{}: {path} holds {what}", called(item))).on(&item.key))
}

fn addresses(item: &Item) -> Option<Finding> {
    let dev = credentials::hosts(&config(&item.value, "devValue")?);
    let prod = credentials::hosts(&config(&item.value, "prodValue")?);
    let local = prod.iter().find(|(_, host)| matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]"));
    let message = if let Some((path, host)) = local {
        format!("{}: prodValue.{} is {}", called(item), printable(path), printable(host))
    } else {
        let (path, _) = dev.iter().find(|host| prod.contains(host))?;
        format!("{}: {} is the same for development and production", called(item), printable(path))
    };
    Some(Finding::info(code::LOCAL_ADDRESS, message).on(&item.key))
}

/// Replaces the credentials of an item, and says which.
pub(super) fn redact(kind: Kind, value: &mut Value) -> Vec<Finding> {
    let Some(id) = json::text(value, "uuid") else { return Vec::new() };
    let item = Item { key: ItemKey::new(kind, id), value: value.clone() };
    let mut findings = Vec::new();
    match kind {
        Kind::Connection => {
            for field in CONFIGS {
                let Some(source) = config(value, field) else { continue };
                let hits = credentials::in_config(&source);
                let mut text = source.clone();
                credentials::replace(&mut text, &hits);
                if text != source {
                    put_back(value, field, text);
                    findings.extend(redacted(&item, &hits, &source, |hit| format!("{field}.{}", hit.path)));
                }
            }
        }
        Kind::Flow => credentials::flow_texts(value, &mut |path, text| {
            let hits = credentials::in_text(path, text);
            let source = text.clone();
            credentials::replace(text, &hits);
            findings.extend(redacted(&item, &hits, &source, |_| path.to_owned()));
        }),
        _ => {}
    }
    findings
}

fn put_back(value: &mut Value, field: &str, text: String) {
    let was_object = value.get(field).is_some_and(Value::is_object);
    let new = match was_object.then(|| serde_json::from_str(&text)) {
        Some(Ok(object)) => object,
        _ => Value::String(text),
    };
    json::set(value, field, new);
}

fn redacted(item: &Item, hits: &[Hit], source: &str, path: impl Fn(&Hit) -> String) -> Vec<Finding> {
    let credentials = hits.iter().filter(|hit| hit.level.is_credential());
    let say = |hit: &Hit| {
        let text = &source[hit.span.clone()];
        let message = format!("{}: {} was replaced ({})", called(item), printable(&path(hit)), shown(text));
        Finding::info(code::REDACTED, message).on(&item.key)
    };
    credentials.map(say).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn connection(dev: &str, prod: &str) -> Item {
        let value = json!({"uuid": "c", "name": "Db", "devValue": dev, "prodValue": prod, "devOAuthToken": null});
        Item { key: ItemKey::new(Kind::Connection, "c"), value }
    }

    fn said(findings: &[Finding]) -> Vec<(&str, &str)> {
        findings.iter().map(|finding| (finding.code.as_str(), finding.message.as_str())).collect()
    }

    #[test]
    fn a_credential_is_named_by_path_two_characters_and_length() {
        let item = connection("{ host: 'a', password: secrets.PW }", "{ host: 'localhost', password: 'canary-plain' }");
        assert_eq!(
            said(&of(&item)),
            [
                (
                    "plaintext-credential",
                    "connection `Db`: prodValue.password holds a credential in clear text (starts with `ca`, 12 characters)"
                ),
                ("local-address", "connection `Db`: prodValue.host is localhost"),
            ]
        );
        let empty = connection("{ host: 'a' }", "");
        assert_eq!(said(&of(&empty)), [("production-value-empty", "connection `Db` has a development value only")]);
        let same = connection("{ host: 'a' }", "{ host: 'a' }");
        assert_eq!(
            said(&of(&same)),
            [("local-address", "connection `Db`: host is the same for development and production")]
        );
    }

    #[test]
    fn redaction_replaces_what_was_found_and_lists_it() {
        let mut item = connection("{ password: 'canary-plain' }", "{ password: secrets.PW }");
        let findings = redact(Kind::Connection, &mut item.value);
        assert_eq!(
            said(&findings),
            [("redacted", "connection `Db`: devValue.password was replaced (starts with `ca`, 12 characters)")]
        );
        assert_eq!(item.value["devValue"], "{ password: '***' }");
        assert_eq!(item.value["prodValue"], "{ password: secrets.PW }");
        let mut flow = json!({"uuid": "f", "name": "F", "nodes": [{"data": {"config": {
            "headers": {"Authorization": "Bearer abcdefghijklmnop123"}, "url": "https://x"}}}]});
        let findings = redact(Kind::Flow, &mut flow);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("nodes[0].data.config.headers.Authorization"), "{findings:?}");
        assert_eq!(flow["nodes"][0]["data"]["config"]["headers"]["Authorization"], "***");
    }
}
