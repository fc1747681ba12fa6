//! What the schema of a type says of its rows that decides how they are converted.
//! Must not know: rows.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::schema::TypeId;
use crate::platforms::strapi::schema::indexed::Pairs;

/// How the rows of a type exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nature {
    /// Once as a draft and once more as published.
    pub drafts: bool,
    /// Once for each locale.
    pub localized: bool,
}

#[derive(Deserialize)]
struct Text<'a> {
    uid: String,
    #[serde(default)]
    options: Options,
    #[serde(borrow, default)]
    attributes: Pairs<'a>,
    #[serde(borrow, default, rename = "pluginOptions")]
    plugins: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    #[serde(rename = "draftAndPublish")]
    drafts: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Plugins {
    i18n: I18n,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct I18n {
    localized: bool,
}

impl Nature {
    /// Reads it off a schema of v4. A type whose entries v5 cannot hold is an error.
    pub fn of(line: &[u8]) -> Result<Nature> {
        let text: Text<'_> = parse(line, "schema")?;
        if text.attributes.0.iter().any(|(name, _)| name == "documentId") {
            let message =
                format!("{} has an attribute documentId, which every type of v5 has for its own use", text.uid);
            let hint = "give the attribute another name at the source, and move its values there";
            return Err(Error::new(ErrorKind::Refused, message).hint(hint));
        }
        let plugins = text.plugins.and_then(|raw| serde_json::from_str::<Plugins>(raw.get()).ok()).unwrap_or_default();
        Ok(Nature { drafts: text.options.drafts, localized: plugins.i18n.localized })
    }
}

/// The natures of all types; one without a schema has neither drafts nor locales.
#[derive(Debug, Default)]
pub(super) struct Natures(Vec<Nature>);

impl Natures {
    pub fn insert(&mut self, type_: TypeId, nature: Nature) {
        let at = usize::from(type_);
        if self.0.len() <= at {
            self.0.resize(at + 1, Nature::default());
        }
        self.0[at] = nature;
    }

    pub fn get(&self, type_: TypeId) -> Nature {
        self.0.get(usize::from(type_)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_and_locales_are_read_off_the_schema() {
        let both = br#"{"uid":"a","options":{"draftAndPublish":true},"pluginOptions":{"i18n":{"localized":true}}}"#;
        assert_eq!(Nature::of(both).unwrap(), Nature { drafts: true, localized: true });
        assert_eq!(Nature::of(br#"{"uid":"a"}"#).unwrap(), Nature::default());
    }

    #[test]
    fn an_attribute_that_v5_needs_itself_is_refused() {
        let error = Nature::of(br#"{"uid":"api::a.a","attributes":{"documentId":{"type":"string"}}}"#).unwrap_err();
        assert!(error.message().starts_with("api::a.a has an attribute documentId"), "{}", error.message());
    }
}
