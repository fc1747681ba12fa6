//! Slug rules of a definition: `[{source,target,active}]` fills a field that was left out from another one.
//! Must not know: HTTP.

use serde_json::Value;

use super::{
    definition::Type,
    object::{Body, is_empty},
};

/// Fills what an active rule can fill. Where the field is unique and the slug is taken, a number is added.
pub(super) fn fill(kind: &Type, id: &str, body: &mut Body) {
    for rule in kind.definition.get("slugs").as_array().into_iter().flatten() {
        let (Some(source), Some(target)) = (rule["source"].as_str(), rule["target"].as_str()) else { continue };
        let Some(field) = kind.definition.field(target).filter(|_| rule["active"] != false) else { continue };
        let missing = body.get(target).is_none_or(is_empty);
        if let (true, Some(text)) = (missing, body.get(source).and_then(Value::as_str)) {
            let plain = slug(text);
            let numbered = (2..).map(|number| format!("{plain}-{number}"));
            let is_free =
                |slug: &String| !field.unique || !kind.objects.is_taken(target, &Value::String(slug.clone()), id);
            if let Some(slug) = std::iter::once(plain.clone()).chain(numbered).find(is_free) {
                body.insert(target.to_owned(), Value::String(slug));
            }
        }
    }
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for sign in text.chars() {
        if sign.is_alphanumeric() {
            slug.extend(sign.to_lowercase());
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_with_single_hyphens() {
        assert_eq!(slug("  Hello, World & Co. "), "hello-world-co");
    }
}
