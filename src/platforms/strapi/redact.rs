//! Takes credentials out of lines on their way into an archive: hashes of passwords, tokens that reset them, secrets of login
//! providers, headers of webhooks. Everything else stays the text that it was.
//! Must not know: outputs, selections.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::layout::Stage;
use super::listing::parse;
use super::notes::Notes;
use super::row::Row;
use super::schema::indexed::Pairs;
use super::schema::{Attribute, TypeId, Types, is_credential_of_user};
use crate::model::code;

/// The key under which users-permissions keeps its login providers.
pub(super) const PROVIDERS: &str = "plugin_users-permissions_grant";

/// The line without its credentials, and a note of each sort that was there.
pub(super) fn redacted<'a>(stage: Stage, line: &'a [u8], types: &Types, notes: &mut Notes) -> Cow<'a, [u8]> {
    let cuts = match stage {
        Stage::Entities => row(line, types, notes),
        Stage::Configuration => setting(line, notes),
        Stage::Schemas | Stage::Links => Vec::new(),
    };
    match cuts.is_empty() {
        true => Cow::Borrowed(line),
        false => Cow::Owned(cut(line, cuts)),
    }
}

/// A part of the line, and what stands there instead.
type Cut<'a> = (&'a str, Cow<'static, str>);

fn cut(line: &[u8], mut cuts: Vec<Cut<'_>>) -> Vec<u8> {
    let start_of = |part: &str| part.as_ptr() as usize - line.as_ptr() as usize;
    cuts.sort_by_key(|(part, _)| start_of(part));
    let mut out = Vec::with_capacity(line.len());
    let mut copied = 0;
    for (part, instead) in cuts {
        let start = start_of(part);
        out.extend_from_slice(&line[copied..start]);
        out.extend_from_slice(instead.as_bytes());
        copied = start + part.len();
    }
    out.extend_from_slice(&line[copied..]);
    out
}

fn row<'a>(line: &'a [u8], types: &Types, notes: &mut Notes) -> Vec<Cut<'a>> {
    let mut cuts = Vec::new();
    let Ok(row) = parse::<Row<'a>>(line, "row") else { return cuts };
    let Some(type_) = types.find(&row.type_) else { return cuts };
    of_fields(type_, row.data, types, 0, &mut cuts);
    if !cuts.is_empty() {
        let sentence = format!("hashes of passwords in {} are left out", row.type_);
        notes.info(code::REDACTED, &sentence, || format!("row {}", row.id));
    }
    cuts
}

/// Deeper components count as plain JSON, as they do in a listing.
const DEEPEST: usize = 32;

fn of_fields<'a>(type_: TypeId, raw: &'a RawValue, types: &Types, depth: usize, cuts: &mut Vec<Cut<'a>>) {
    let Ok(Pairs(pairs)) = serde_json::from_str::<Pairs<'a>>(raw.get()) else { return };
    let known = types.get(type_);
    for (key, value) in pairs {
        let attribute = match is_credential_of_user(&known.uid, &key) {
            true => Some(&Attribute::Secret),
            false => known.attributes.get(&*key),
        };
        match attribute {
            Some(Attribute::Secret) if value.get() != "null" => cuts.push((value.get(), "null".into())),
            Some(Attribute::Component(inner)) if depth < DEEPEST => {
                each_row(value, |row| of_fields(*inner, row, types, depth + 1, cuts));
            }
            Some(Attribute::DynamicZone) if depth < DEEPEST => each_row(value, |row| {
                if let Some(inner) = component_of(row).and_then(|uid| types.find(&uid)) {
                    of_fields(inner, row, types, depth + 1, cuts);
                }
            }),
            _ => {}
        }
    }
}

fn each_row<'a>(raw: &'a RawValue, mut each: impl FnMut(&'a RawValue)) {
    match serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) {
        Ok(rows) => rows.into_iter().for_each(each),
        Err(_) => each(raw),
    }
}

fn component_of(row: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        __component: String,
    }
    serde_json::from_str::<Named>(row.get()).ok().map(|named| named.__component)
}

#[derive(Deserialize)]
struct Setting<'a> {
    #[serde(borrow)]
    value: Held<'a>,
}

#[derive(Deserialize)]
struct Held<'a> {
    #[serde(borrow, default)]
    key: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    /// Of a webhook.
    #[serde(borrow, default)]
    headers: Option<&'a RawValue>,
}

fn setting<'a>(line: &'a [u8], notes: &mut Notes) -> Vec<Cut<'a>> {
    let Ok(Setting { value }) = serde_json::from_slice::<Setting<'a>>(line) else { return Vec::new() };
    if value.key.as_deref() == Some(PROVIDERS) {
        let cuts = value.value.map(of_providers).unwrap_or_default();
        if !cuts.is_empty() {
            notes.info(code::REDACTED, "secrets of login providers are left out", || PROVIDERS.to_owned());
        }
        return cuts;
    }
    let cuts = value.headers.map(of_headers).unwrap_or_default();
    if !cuts.is_empty() {
        let name = value.name.unwrap_or_default().into_owned();
        notes.info(code::REDACTED, "headers of webhooks are left out", || name);
    }
    cuts
}

/// An object, or as older exports have it a text that holds one.
fn of_providers(raw: &RawValue) -> Vec<Cut<'_>> {
    let Ok(Pairs(providers)) = serde_json::from_str(raw.get()) else { return of_text(raw) };
    let mut cuts = Vec::new();
    for (_, provider) in providers {
        let Ok(Pairs(fields)) = serde_json::from_str(provider.get()) else { continue };
        let secrets = fields.into_iter().filter(|(key, value)| key == "secret" && !is_empty(value));
        cuts.extend(secrets.map(|(_, value)| (value.get(), Cow::Borrowed(r#""""#))));
    }
    cuts
}

fn of_text(raw: &RawValue) -> Vec<Cut<'_>> {
    let Ok(text) = serde_json::from_str::<String>(raw.get()) else { return Vec::new() };
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else { return Vec::new() };
    let providers = value.as_object_mut().into_iter().flat_map(|providers| providers.values_mut());
    let secrets = providers.filter_map(|provider| provider.get_mut("secret"));
    let mut found = false;
    for secret in secrets.filter(|secret| !secret.is_null() && secret.as_str() != Some("")) {
        *secret = Value::String(String::new());
        found = true;
    }
    match found {
        true => vec![(raw.get(), Value::String(value.to_string()).to_string().into())],
        false => Vec::new(),
    }
}

/// Any header may hold a credential, and most that are set do.
fn of_headers(raw: &RawValue) -> Vec<Cut<'_>> {
    let Ok(Pairs(headers)) = serde_json::from_str(raw.get()) else { return Vec::new() };
    let held = headers.into_iter().filter(|(_, value)| !is_empty(value));
    held.map(|(_, value)| (value.get(), Cow::Borrowed(r#""""#))).collect()
}

fn is_empty(value: &RawValue) -> bool {
    matches!(value.get(), "\"\"" | "null")
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schema;
    use super::*;
    use rstest::rstest;

    fn types() -> Types {
        let mut types = Types::default();
        for schema in [
            r#"{"uid":"plugin::users-permissions.user","attributes":{"username":{"type":"string"},
                "password":{"type":"password"},"resetPasswordToken":{"type":"string"}}}"#,
            r#"{"uid":"shared.login","attributes":{"pin":{"type":"password"}}}"#,
            r#"{"uid":"api::a.a","attributes":{"one":{"type":"component","component":"shared.login"},
                "many":{"type":"component","component":"shared.login"},"zone":{"type":"dynamiczone"}}}"#,
        ] {
            types.learn(&serde_json::from_str::<Schema<'_>>(schema).expect("a schema")).expect("few types");
        }
        types
    }

    #[rstest]
    #[case::a_user(
        Stage::Entities,
        r#"{"type":"plugin::users-permissions.user","id":1,"data":{"password":"canary","n":1.0,"resetPasswordToken":null}}"#,
        r#"{"type":"plugin::users-permissions.user","id":1,"data":{"password":null,"n":1.0,"resetPasswordToken":null}}"#
    )]
    #[case::components(
        Stage::Entities,
        r#"{"type":"api::a.a","id":1,"data":{"one":{"pin":"canary"},"many":[{"pin":"canary"},{"id":2}],"zone":[{"__component":"shared.login","pin":"canary"}],"pin":"kept"}}"#,
        r#"{"type":"api::a.a","id":1,"data":{"one":{"pin":null},"many":[{"pin":null},{"id":2}],"zone":[{"__component":"shared.login","pin":null}],"pin":"kept"}}"#
    )]
    #[case::providers(
        Stage::Configuration,
        r#"{"type":"core-store","value":{"key":"plugin_users-permissions_grant","value":{"github":{"key":"id","secret":"canary"},"email":{}}}}"#,
        r#"{"type":"core-store","value":{"key":"plugin_users-permissions_grant","value":{"github":{"key":"id","secret":""},"email":{}}}}"#
    )]
    #[case::providers_as_text(
        Stage::Configuration,
        r#"{"type":"core-store","value":{"key":"plugin_users-permissions_grant","value":"{\"github\":{\"secret\":\"canary\"}}"}}"#,
        r#"{"type":"core-store","value":{"key":"plugin_users-permissions_grant","value":"{\"github\":{\"secret\":\"\"}}"}}"#
    )]
    #[case::a_webhook(
        Stage::Configuration,
        r#"{"type":"webhook","value":{"name":"w","url":"u","headers":{"Authorization":"Bearer canary"}}}"#,
        r#"{"type":"webhook","value":{"name":"w","url":"u","headers":{"Authorization":""}}}"#
    )]
    fn credentials_go_and_everything_else_stays(#[case] stage: Stage, #[case] line: &str, #[case] expected: &str) {
        let mut notes = Notes::default();
        let written = redacted(stage, line.as_bytes(), &types(), &mut notes);
        assert_eq!(std::str::from_utf8(&written), Ok(expected));
        assert_eq!(notes.findings().len(), 1);
        let again = redacted(stage, &written, &types(), &mut Notes::default());
        assert!(matches!(again, Cow::Borrowed(_)), "there is nothing left to take out");
    }

    #[test]
    fn lines_without_credentials_are_not_touched() {
        for line in [r#"{"type":"api::other.other","id":1,"data":{"password":"x"}}"#, "broken", "{}"] {
            for stage in [Stage::Entities, Stage::Configuration, Stage::Links] {
                let mut notes = Notes::default();
                assert_eq!(&*redacted(stage, line.as_bytes(), &types(), &mut notes), line.as_bytes());
                assert!(notes.findings().is_empty());
            }
        }
    }
}
