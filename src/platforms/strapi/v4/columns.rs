//! What the database of a server of v4 demands of a row. A row that it refuses ends the server's process (4.26.2), so that
//! everything is looked at before a word is sent.
//! Must not know: rows, merges.
//!
//! From `@strapi/database` 4.26.2: a `uid` is unique in its whole table, also among locales; `unique` of other attributes is the
//! business of forms alone; `column` says what else a project asks of its database.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde::Deserialize;

use crate::model::Result;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::schema::FOLDER_TYPE;
use crate::platforms::strapi::schema::indexed::Pairs;

/// Folders of the media library have indexes of their own, which no schema tells.
const OF_FOLDERS: [&str; 2] = ["pathId", "path"];

/// The demands of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// No two rows hold the same value.
    pub unique: Vec<Box<str>>,
    /// No row is without.
    pub filled: Vec<Box<str>>,
}

/// Those of all types and components, by uid.
#[derive(Debug, Default)]
pub(super) struct Demands(HashMap<Box<str>, Columns>);

#[derive(Deserialize)]
struct Schema<'a> {
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow, default)]
    attributes: Pairs<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attribute {
    #[serde(rename = "type")]
    type_: String,
    column: Column,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Column {
    unique: bool,
    not_nullable: bool,
}

impl Demands {
    /// Takes in a line of the schemas.
    pub fn learn(&mut self, line: &[u8]) -> Result<()> {
        let schema: Schema<'_> = parse(line, "schema")?;
        let mut columns = Columns::default();
        for (name, raw) in &schema.attributes.0 {
            let Ok(attribute) = serde_json::from_str::<Attribute>(raw.get()) else { continue };
            if attribute.type_ == "uid" || attribute.column.unique {
                columns.unique.push((&**name).into());
            }
            if attribute.column.not_nullable {
                columns.filled.push((&**name).into());
            }
        }
        if schema.uid == FOLDER_TYPE {
            columns.unique.extend(OF_FOLDERS.map(Box::from));
        }
        self.0.insert((&*schema.uid).into(), columns);
        Ok(())
    }

    /// Nothing where the table demands nothing.
    pub fn of(&self, uid: &str) -> Option<&Columns> {
        self.0.get(uid).filter(|columns| **columns != Columns::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_are_those_of_the_database_rather_than_those_of_forms() {
        let mut demands = Demands::default();
        let line = br#"{"uid":"api::a.a","attributes":{"slug":{"type":"uid"},"code":{"type":"string","unique":true},
            "key":{"type":"string","column":{"unique":true}},"must":{"type":"string","required":true,"column":{"notNullable":true}}}}"#;
        demands.learn(line).expect("a schema");
        demands.learn(br#"{"uid":"api::b.b","attributes":{"x":{"type":"string"}}}"#).expect("a schema");
        let columns = demands.of("api::a.a").expect("it demands something");
        assert_eq!(columns.unique.iter().map(|name| &**name).collect::<Vec<_>>(), ["slug", "key"]);
        assert_eq!(columns.filled.iter().map(|name| &**name).collect::<Vec<_>>(), ["must"]);
        assert_eq!(demands.of("api::b.b"), None);
    }
}
