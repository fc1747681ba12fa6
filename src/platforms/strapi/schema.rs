//! What the schemas of an archive say of its rows: which attributes hold components, what an entry is called by.
//! Must not know: rows, items.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The type of the rows that stand for files.
pub(super) const FILE_TYPE: &str = "plugin::upload.file";

/// The type of the rows that stand for folders of the media library.
pub(super) const FOLDER_TYPE: &str = "plugin::upload.folder";

/// The type of the users of the site, as against those of the admin panel.
pub(super) const USER_TYPE: &str = "plugin::users-permissions.user";

/// The position of a type among the types of an archive.
pub(super) type TypeId = u16;

/// What an attribute holds, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// Text that a person reads, short enough to be a name.
    ShortText,
    Plain,
    /// One or many rows of a component type.
    Component(TypeId),
    /// A list of rows that name their component type themselves.
    DynamicZone,
    /// The hash of a password, or a token that stands for one.
    Secret,
    /// Held in links rather than in the row.
    Relation,
}

/// A content type or a component.
#[derive(Debug, Default)]
pub(super) struct Type {
    pub uid: Box<str>,
    pub attributes: HashMap<Box<str>, Attribute>,
    /// The attribute that an entry is called by.
    pub name_by: Option<Box<str>>,
    /// Attributes of which no two entries hold the same value, and whether it is part of an address.
    pub unique: Vec<(Box<str>, bool)>,
    /// Whether rows of this type exist once for each locale.
    pub localized: bool,
    /// Its rows are never drafts. Of a type without a schema the rows themselves tell.
    pub draftless: bool,
    /// Whether it has one document only.
    pub single: bool,
    /// Whether a schema was seen, rather than only rows or links.
    pub known: bool,
    /// Whether it has an attribute that holds a credential.
    pub secrets: bool,
    /// Whether links can lead to or from its rows.
    pub linked: bool,
}

/// The types of an archive.
#[derive(Debug, Default)]
pub(super) struct Types {
    types: Vec<Type>,
    by_uid: HashMap<Box<str>, TypeId>,
    last: Option<TypeId>,
}

/// More types than this are an attack; the largest projects have a few hundred.
const MOST_TYPES: usize = TypeId::MAX as usize;
/// Far more than a table has columns.
const MOST_ATTRIBUTES: usize = 10_000;

impl Types {
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id as usize]
    }

    pub fn find(&self, uid: &str) -> Option<TypeId> {
        self.by_uid.get(uid).copied()
    }

    pub fn ids(&self) -> impl Iterator<Item = TypeId> + use<> {
        0..self.types.len() as TypeId
    }

    /// The type of this name, made up if no schema said anything of it. `None` when there are far too many.
    pub fn intern(&mut self, uid: &str) -> Option<TypeId> {
        // Rows of one type follow one another.
        if let Some(last) = self.last
            && *self.types[last as usize].uid == *uid
        {
            return Some(last);
        }
        let id = match self.find(uid) {
            Some(id) => id,
            None => self.add(Type { uid: uid.into(), linked: true, ..Type::default() })?,
        };
        self.last = Some(id);
        Some(id)
    }

    fn add(&mut self, type_: Type) -> Option<TypeId> {
        if self.types.len() >= MOST_TYPES {
            return None;
        }
        let id = self.types.len() as TypeId;
        self.by_uid.insert(type_.uid.clone(), id);
        self.types.push(type_);
        Some(id)
    }

    /// Takes in a schema. `None` when there are far too many types or attributes.
    pub fn learn(&mut self, schema: &Schema<'_>) -> Option<TypeId> {
        let id = self.intern(&schema.uid)?;
        let type_ = self.digest(schema)?;
        self.types[id as usize] = type_;
        Some(id)
    }

    fn digest(&mut self, schema: &Schema<'_>) -> Option<Type> {
        let mut type_ = Type { uid: (&*schema.uid).into(), known: true, ..Type::default() };
        let mut first_string = None;
        if schema.attributes.0.len() > MOST_ATTRIBUTES {
            return None;
        }
        for (name, raw) in &schema.attributes.0 {
            let Ok(text) = serde_json::from_str::<AttributeText<'_>>(raw.get()) else { continue };
            let attribute = match is_credential_of_user(&schema.uid, name) {
                true => Attribute::Secret,
                false => self.attribute(&text)?,
            };
            type_.secrets |= attribute == Attribute::Secret;
            if attribute == Attribute::ShortText && first_string.is_none() && text.type_ == "string" {
                first_string = Some(Box::from(&**name));
            }
            type_.linked |= attribute == Attribute::Relation;
            if text.is_unique() {
                type_.unique.push(((&**name).into(), text.type_ == "uid"));
            }
            type_.attributes.insert((&**name).into(), attribute);
        }
        type_.name_by = usual_name(&type_.attributes).or(first_string);
        type_.single = schema.kind.as_deref() == Some("singleType");
        type_.localized = schema.plugin_options.is_some_and(|raw| is_localized(raw.get()));
        type_.draftless = !schema.options.is_some_and(|raw| has_drafts(raw.get()));
        Some(type_)
    }

    fn attribute(&mut self, text: &AttributeText<'_>) -> Option<Attribute> {
        Some(match (&*text.type_, &text.component) {
            ("string" | "uid" | "email" | "enumeration", _) => Attribute::ShortText,
            ("component", Some(component)) => Attribute::Component(self.intern(component)?),
            ("dynamiczone", _) => Attribute::DynamicZone,
            ("relation" | "media", _) => Attribute::Relation,
            ("password", _) => Attribute::Secret,
            _ => Attribute::Plain,
        })
    }

    /// The attribute that the content manager's configuration names.
    pub fn call_by(&mut self, uid: &str, attribute: &str) -> Option<TypeId> {
        let id = self.find(uid)?;
        let type_ = &mut self.types[id as usize];
        let is_new = type_.name_by.as_deref() != Some(attribute);
        // What is no attribute of the rows (`id`, `documentId`) leaves the id as the name.
        type_.name_by = type_.attributes.contains_key(attribute).then(|| attribute.into());
        is_new.then_some(id)
    }
}

/// A line of the schemas.
#[derive(Debug, Deserialize)]
pub(super) struct Schema<'a> {
    #[serde(borrow)]
    pub uid: Cow<'a, str>,
    #[serde(borrow, default)]
    pub info: Info<'a>,
    #[serde(borrow, default)]
    attributes: indexed::Pairs<'a>,
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    options: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "pluginOptions")]
    plugin_options: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Info<'a> {
    #[serde(borrow, default, rename = "displayName")]
    pub display_name: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct AttributeText<'a> {
    #[serde(borrow, default, rename = "type")]
    type_: Cow<'a, str>,
    #[serde(borrow, default)]
    component: Option<Cow<'a, str>>,
    #[serde(default)]
    unique: Option<bool>,
}

impl AttributeText<'_> {
    /// Whether a server takes care that no two entries hold the same.
    fn is_unique(&self) -> bool {
        // A number that is unique, such as the `pathId` of a folder, is the database's own.
        self.type_ == "uid" || (self.unique == Some(true) && matches!(&*self.type_, "string" | "text" | "email"))
    }
}

/// What people call the thing that names an entry. Used where no configuration says it.
const USUAL_NAMES: [&str; 8] = ["title", "name", "label", "displayName", "headline", "username", "slug", "email"];

fn usual_name(attributes: &HashMap<Box<str>, Attribute>) -> Option<Box<str>> {
    USUAL_NAMES.into_iter().find(|name| attributes.get(*name) == Some(&Attribute::ShortText)).map(Box::from)
}

/// Credentials of users-permissions: its schema calls the tokens plain text, and rows may come without it.
pub(super) fn is_credential_of_user(uid: &str, attribute: &str) -> bool {
    uid == USER_TYPE && matches!(attribute, "password" | "resetPasswordToken" | "confirmationToken")
}

/// As servers of v4 and v5 read it: only what says so has drafts.
fn has_drafts(options: &str) -> bool {
    #[derive(Default, Deserialize)]
    struct Options {
        #[serde(default, rename = "draftAndPublish")]
        drafts: bool,
    }
    serde_json::from_str::<Options>(options).is_ok_and(|options| options.drafts)
}

fn is_localized(plugin_options: &str) -> bool {
    #[derive(Default, Deserialize)]
    struct Options {
        #[serde(default)]
        i18n: I18n,
    }
    #[derive(Default, Deserialize)]
    struct I18n {
        #[serde(default)]
        localized: bool,
    }
    serde_json::from_str::<Options>(plugin_options).is_ok_and(|options| options.i18n.localized)
}

/// An object as its pairs, in order, with raw values.
pub(super) mod indexed {
    use std::borrow::Cow;
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
    use serde_json::value::RawValue;

    /// A key that is borrowed unless it has escapes.
    #[derive(serde::Deserialize)]
    pub struct Key<'a>(#[serde(borrow)] pub Cow<'a, str>);

    #[derive(Debug, Default)]
    pub struct Pairs<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

    impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct PairsVisitor;
            impl<'de> Visitor<'de> for PairsVisitor {
                type Value = Pairs<'de>;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                    let mut pairs = Vec::new();
                    while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
                        pairs.push((key, map.next_value()?));
                    }
                    Ok(Pairs(pairs))
                }
            }
            deserializer.deserialize_map(PairsVisitor)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(line: &str) -> Type {
        let schema = serde_json::from_str::<Schema<'_>>(line).expect("a schema");
        Types::default().digest(&schema).expect("not too many types")
    }

    #[test]
    fn an_entry_is_called_by_its_title_or_else_by_its_first_string() {
        let titled = learned(r#"{"uid":"a","attributes":{"slug":{"type":"string"},"title":{"type":"string"}}}"#);
        assert_eq!(titled.name_by.as_deref(), Some("title"));
        let other = learned(r#"{"uid":"a","attributes":{"body":{"type":"richtext"},"action":{"type":"string"}}}"#);
        assert_eq!(other.name_by.as_deref(), Some("action"));
        assert_eq!(learned(r#"{"uid":"a"}"#).name_by, None);
    }

    #[test]
    fn components_and_locales_are_known_from_the_schema() {
        let type_ = learned(
            r#"{"uid":"a","pluginOptions":{"i18n":{"localized":true}},"attributes":{
            "seo":{"type":"component","component":"shared.seo","repeatable":false},"blocks":{"type":"dynamiczone"}}}"#,
        );
        assert!(type_.localized && !type_.linked);
        assert_eq!(type_.attributes["seo"], Attribute::Component(0));
        assert_eq!(type_.attributes["blocks"], Attribute::DynamicZone);
    }
}
