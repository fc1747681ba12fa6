//! Rewrites a schema of v4 as v5 has it for the same project, so that comparing it with a destination shows what differs
//! between the projects rather than between the versions.
//! Must not know: rows.
//!
//! Read off the schemas of one project that 4.26.2 and 5.54.0 exported. Components are the same in both.

use std::io::Write;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::nature::Nature;
use crate::model::Result;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};

#[derive(Deserialize)]
struct About {
    uid: String,
    #[serde(default, rename = "modelType")]
    model: String,
    #[serde(default, rename = "collectionName")]
    table: String,
}

const PUBLISHED: &str = r#"{"type":"datetime","configurable":false,"writable":true,"visible":true}"#;

/// The line of v5, in `out`.
pub(super) fn rewritten(line: &[u8], nature: Nature, out: &mut Vec<u8>) -> Result<()> {
    let about: About = parse(line, "schema")?;
    out.clear();
    if about.model == "component" {
        out.extend_from_slice(line);
        return Ok(());
    }
    let parts: Pairs<'_> = parse(line, "schema")?;
    let mut first = true;
    let mut has_options = false;
    out.push(b'{');
    for (name, raw) in &parts.0 {
        entry(name, &mut first, out);
        match &**name {
            "options" => {
                has_options = true;
                options(raw, out)?;
            }
            "attributes" => attributes(&about, raw, nature, out)?,
            _ => out.extend_from_slice(raw.get().as_bytes()),
        }
    }
    if !has_options {
        entry("options", &mut first, out);
        out.extend_from_slice(br#"{"draftAndPublish":false}"#);
    }
    out.push(b'}');
    Ok(())
}

fn entry(name: &str, first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
    // Writing to memory cannot fail, and every text is JSON.
    let _ = serde_json::to_writer(&mut *out, name);
    out.push(b':');
}

fn options(raw: &RawValue, out: &mut Vec<u8>) -> Result<()> {
    let pairs: Pairs<'_> = parse(raw.get().as_bytes(), "schema")?;
    let mut first = true;
    out.push(b'{');
    for (name, raw) in &pairs.0 {
        entry(name, &mut first, out);
        out.extend_from_slice(raw.get().as_bytes());
    }
    if !pairs.0.iter().any(|(name, _)| name == "draftAndPublish") {
        entry("draftAndPublish", &mut first, out);
        out.extend_from_slice(b"false");
    }
    out.push(b'}');
    Ok(())
}

fn attributes(about: &About, raw: &RawValue, nature: Nature, out: &mut Vec<u8>) -> Result<()> {
    let pairs: Pairs<'_> = parse(raw.get().as_bytes(), "schema")?;
    let mut first = true;
    out.push(b'{');
    for (name, raw) in pairs.0.iter().filter(|(name, _)| !["publishedAt", "locale", "localizations"].contains(&&**name))
    {
        entry(name, &mut first, out);
        out.extend_from_slice(attribute(&about.uid, name, raw.get()).as_bytes());
    }
    if about.uid == FILE_TYPE && !pairs.0.iter().any(|(name, _)| name == "focalPoint") {
        entry("focalPoint", &mut first, out);
        out.extend_from_slice(br#"{"type":"json","configurable":false}"#);
    }
    entry("publishedAt", &mut first, out);
    out.extend_from_slice(PUBLISHED.as_bytes());
    let private = !nature.localized;
    entry("locale", &mut first, out);
    let shared = format!("\"writable\":true,\"private\":{private},\"configurable\":false,\"visible\":false");
    // Writing to memory cannot fail.
    let _ = write!(out, "{{{shared},\"type\":\"string\"}}");
    entry("localizations", &mut first, out);
    let target = serde_json::to_string(&about.uid).unwrap_or_default();
    let table = serde_json::to_string(&about.table).unwrap_or_default();
    let _ = write!(
        out,
        "{{\"type\":\"relation\",\"relation\":\"oneToMany\",\"target\":{target},\"writable\":false,\"private\":{private},\
         \"configurable\":false,\"visible\":false,\"unstable_virtual\":true,\"joinColumn\":{{\"name\":\"document_id\",\
         \"referencedColumn\":\"document_id\",\"referencedTable\":{table}}}}}}}"
    );
    Ok(())
}

/// What 5.54.0 declares otherwise in the types that both versions bring along.
fn attribute(uid: &str, name: &str, raw: &str) -> String {
    match (uid, name) {
        (FILE_TYPE, "alternativeText" | "caption" | "url" | "previewUrl") => {
            raw.replace(r#""type":"string""#, r#""type":"text""#)
        }
        (FILE_TYPE, "folderPath") | (FOLDER_TYPE, "name" | "path") => raw.replace(r#""min":"#, r#""minLength":"#),
        _ => raw.to_owned(),
    }
}

/// Whether a schema is one of v5, where locales are joined by documentId; `None` for one that does not tell.
pub(super) fn is_newer(line: &[u8]) -> Option<bool> {
    #[derive(Deserialize)]
    struct Text<'a> {
        #[serde(default, rename = "modelType")]
        model: String,
        #[serde(borrow, default)]
        attributes: Pairs<'a>,
    }
    let text: Text<'_> = serde_json::from_slice(line).ok()?;
    let told = text.attributes.0.iter().find(|(name, _)| name == "localizations");
    match told {
        Some((_, raw)) => Some(raw.get().contains("document_id")),
        None => (text.model == "contentType").then_some(false),
    }
}
