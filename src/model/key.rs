//! What an item is called: platform, kind and key.
//! Must not know: where the item lives.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};

use super::{Error, ErrorKind};

/// A system whose content Haul moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Strapi,
    Flotiq,
    Ziggy,
}

impl Platform {
    pub const ALL: [Platform; 3] = [Platform::Strapi, Platform::Flotiq, Platform::Ziggy];

    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Strapi => "strapi",
            Platform::Flotiq => "flotiq",
            Platform::Ziggy => "ziggy",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an item is. The order is the order in which kinds are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Kind {
    Flow,
    Connection,
    Secret,
    Definition,
    Object,
    Media,
    Tag,
    Webhook,
    PluginSetting,
    Schema,
    Entry,
    Asset,
    Configuration,
}

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::Flow,
        Kind::Connection,
        Kind::Secret,
        Kind::Definition,
        Kind::Object,
        Kind::Media,
        Kind::Tag,
        Kind::Webhook,
        Kind::PluginSetting,
        Kind::Schema,
        Kind::Entry,
        Kind::Asset,
        Kind::Configuration,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Flow => "flow",
            Kind::Connection => "connection",
            Kind::Secret => "secret",
            Kind::Definition => "definition",
            Kind::Object => "object",
            Kind::Media => "media",
            Kind::Tag => "tag",
            Kind::Webhook => "webhook",
            Kind::PluginSetting => "plugin-setting",
            Kind::Schema => "schema",
            Kind::Entry => "entry",
            Kind::Asset => "asset",
            Kind::Configuration => "configuration",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// Names one item of a location: kind, type (null where the platform has none) and id.
///
/// As text `KIND:ID` or `KIND:TYPE/ID`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemKey {
    pub kind: Kind,
    #[serde(rename = "type")]
    pub type_: Option<ArcStr>,
    pub id: ArcStr,
}

impl ItemKey {
    pub fn new(kind: Kind, id: impl Into<ArcStr>) -> Self {
        ItemKey { kind, type_: None, id: id.into() }
    }

    pub fn typed(kind: Kind, type_: impl Into<ArcStr>, id: impl Into<ArcStr>) -> Self {
        ItemKey { kind, type_: Some(type_.into()), id: id.into() }
    }

    /// The same item under another id, as when a reference is pointed elsewhere.
    pub fn with_id(&self, id: impl Into<ArcStr>) -> Self {
        ItemKey { kind: self.kind, type_: self.type_.clone(), id: id.into() }
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.type_ {
            Some(type_) => write!(f, "{}:{}/{}", self.kind, type_, self.id),
            None => write!(f, "{}:{}", self.kind, self.id),
        }
    }
}

/// What a person types where one item is meant: `ID`, `TYPE/ID`, `KIND:ID` or `KIND:TYPE/ID`.
///
/// A pattern can fit several items of a location; whoever resolves it then asks for more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPattern {
    pub kind: Option<Kind>,
    pub type_: Option<ArcStr>,
    pub id: ArcStr,
}

impl KeyPattern {
    /// The reading of a bare id, as `--ids` takes it: a whole id, or `TYPE/ID`.
    pub fn id_or_type_id(text: &str) -> Result<Self, Error> {
        let (type_, id): (Option<ArcStr>, &str) = match text.split_once('/') {
            Some((type_, id)) => (Some(type_.into()), id),
            None => (None, text),
        };
        if id.is_empty() || type_.as_deref().is_some_and(str::is_empty) {
            return Err(Error::new(ErrorKind::Usage, format!("`{text}` is no id"))
                .hint("give ID, or TYPE/ID where an id alone is ambiguous"));
        }
        Ok(KeyPattern { kind: None, type_, id: id.into() })
    }

    /// The reading of `KIND:ID` or `KIND:TYPE/ID`, split at the first `:`.
    pub fn kind_and_id(text: &str) -> Result<Self, Error> {
        let wrong = |why: String| {
            Error::new(ErrorKind::Usage, why).hint("a key is KIND:ID or KIND:TYPE/ID, such as flow:0f9c…")
        };
        let (kind, rest) = text.split_once(':').ok_or_else(|| wrong(format!("`{text}` is no key")))?;
        let kind = Kind::from_str(kind).map_err(|()| wrong(format!("`{kind}` in `{text}` is no kind of item")))?;
        let pattern = KeyPattern::id_or_type_id(rest)?;
        Ok(KeyPattern { kind: Some(kind), ..pattern })
    }

    pub fn fits<T: Borrow<ItemKey>>(&self, key: T) -> bool {
        let key = key.borrow();
        *key.id == *self.id
            && self.kind.is_none_or(|kind| kind == key.kind)
            && self.type_.as_ref().is_none_or(|type_| key.type_.as_ref() == Some(type_))
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = self.kind {
            write!(f, "{kind}:")?;
        }
        if let Some(type_) = &self.type_ {
            write!(f, "{type_}/")?;
        }
        f.write_str(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_as_they_are_written() {
        for (text, key) in [
            ("flow:f-1", ItemKey::new(Kind::Flow, "f-1")),
            ("entry:api::article.article/abc", ItemKey::typed(Kind::Entry, "api::article.article", "abc")),
            ("schema:api::article.article", ItemKey::new(Kind::Schema, "api::article.article")),
            ("plugin-setting:x", ItemKey::new(Kind::PluginSetting, "x")),
        ] {
            assert_eq!(key.to_string(), text);
            let pattern = KeyPattern::kind_and_id(text).expect(text);
            assert_eq!(pattern.to_string(), text);
            assert!(pattern.fits(&key));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "flow", "flow:", "nokind:x", ":x", "entry:/x", "entry:t/"] {
            assert!(KeyPattern::kind_and_id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn kinds_and_platforms_are_spelled_as_in_json() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).ok(), Some(kind.as_str().into()));
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for platform in Platform::ALL {
            assert_eq!(serde_json::to_value(platform).ok(), Some(platform.as_str().into()));
        }
    }
}
