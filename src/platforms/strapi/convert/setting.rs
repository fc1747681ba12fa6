//! Rewrites a value of the core store, or leaves it out where v5 means something else by it.
//! Must not know: rows, links.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::link::object;
use crate::model::Result;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::schema::indexed::Pairs;

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(default)]
    key: Option<String>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// What becomes of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is the same in v5.
    Kept,
    /// Its line in v5 is in the buffer.
    Rewritten,
    /// The key of one that is left out.
    LeftOut(String),
}

/// How a view of the content manager is told of the attribute that every type of v5 has. 5.54.0 adds this when it starts.
const DOCUMENT_ID: &str = r#""documentId":{"edit":{},"list":{"label":"documentId","searchable":true,"sortable":true}}"#;

pub(super) fn rewritten(line: &[u8], out: &mut Vec<u8>) -> Result<Fate> {
    let parts: Pairs<'_> = parse(line, "setting")?;
    let Some((_, raw)) = parts.0.iter().find(|(name, _)| name == "value") else { return Ok(Fate::Kept) };
    let value: Value<'_> = parse(raw.get().as_bytes(), "setting")?;
    let Some(key) = value.key else { return Ok(Fate::Kept) };
    if is_left_out(&key) {
        return Ok(Fate::LeftOut(key));
    }
    let is_view = view_of(&key).is_some() && value.value.is_some_and(|value| value.get().starts_with('{'));
    if !is_view {
        return Ok(Fate::Kept);
    }
    out.clear();
    object(&parts, out, |name, raw, out| match name {
        "value" => object(&parse(raw.get().as_bytes(), "setting")?, out, |name, raw, out| match name {
            "value" => view(raw, out),
            _ => copy(raw, out),
        }),
        _ => copy(raw, out),
    })?;
    Ok(Fate::Rewritten)
}

fn copy(raw: &RawValue, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(raw.get().as_bytes());
    Ok(())
}

fn view(raw: &RawValue, out: &mut Vec<u8>) -> Result<()> {
    object(&parse(raw.get().as_bytes(), "setting")?, out, |name, raw, out| match name {
        "metadatas" if raw.get().starts_with('{') && !raw.get().contains(r#""documentId""#) => {
            let known: Pairs<'_> = parse(raw.get().as_bytes(), "setting")?;
            object(&known, out, |_, raw, out| copy(raw, out))?;
            out.pop();
            if !known.0.is_empty() {
                out.push(b',');
            }
            out.extend_from_slice(DOCUMENT_ID.as_bytes());
            out.push(b'}');
            Ok(())
        }
        // What has no text to be called by is called by its id.
        "settings" if raw.get().starts_with('{') => {
            object(&parse(raw.get().as_bytes(), "setting")?, out, |name, raw, out| match (name, raw.get()) {
                ("mainField", "\"id\"") => {
                    out.extend_from_slice(b"\"documentId\"");
                    Ok(())
                }
                _ => copy(raw, out),
            })
        }
        _ => copy(raw, out),
    })
}

/// The type or component that the content manager shows in this way.
fn view_of(key: &str) -> Option<&str> {
    let rest = key.strip_prefix("plugin_content_manager_configuration_")?;
    rest.strip_prefix("content_types::").or_else(|| rest.strip_prefix("components::"))
}

/// Strapi's own notes of the schemas, which decide what it does to the database when it starts; views of types that
/// v5 has in another form; and what is of releases, which no export holds.
fn is_left_out(key: &str) -> bool {
    let view = view_of(key).unwrap_or_default();
    let of_plugin = view.starts_with("plugin::") && view != "plugin::users-permissions.user";
    key.starts_with("strapi_")
        || key.starts_with("plugin_content-releases_")
        || key.starts_with("plugin_content_releases_")
        || view.starts_with("admin::")
        || of_plugin
}
