//! Rewrites a row of v4 as the rows that it becomes in v5. Values stay as they stand there, byte for byte.
//! Must not know: other rows, links.
//!
//! What v5 writes was read off an export of 5.54.0 that had upgraded a database of 4.26.2: `documentId`, `publishedAt` and
//! `locale` on every row; `publishedAt` is null for drafts and a time for everything else, rows of types without drafts
//! included.

use std::io::Write;

use serde_json::value::RawValue;

use super::nature::Nature;
use super::standing::{Standing, Standings, Version};
use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{Attribute, FILE_TYPE, TypeId, Types};

/// Components nested deeper than any form of the content manager shows.
const DEEPEST: usize = 32;
/// For rows that do not say when they were made.
const LONG_AGO: &str = r#""1970-01-01T00:00:00.000Z""#;
/// What v5 writes itself, and what points into the admin panel or is told by links.
const REPLACED: [&str; 6] = ["documentId", "publishedAt", "locale", "localizations", "createdBy", "updatedBy"];

/// The values of a row, the telling ones by name. All as they stand there.
#[derive(Debug)]
pub(super) struct Data<'a> {
    pairs: Pairs<'a>,
    pub created: Option<&'a str>,
    updated: Option<&'a str>,
    published: Option<&'a str>,
    pub locale: Option<&'a str>,
}

impl<'a> Data<'a> {
    pub fn of(row: &Row<'a>) -> Result<Data<'a>> {
        let pairs: Pairs<'a> = parse(row.data.get().as_bytes(), "row")?;
        let value = |wanted: &str| {
            let found = pairs.0.iter().find(|(name, _)| name == wanted).map(|(_, raw)| raw.get());
            found.filter(|raw| *raw != "null")
        };
        let (created, updated) = (value("createdAt"), value("updatedAt"));
        let (published, locale) = (value("publishedAt"), value("locale"));
        Ok(Data { pairs, created, updated, published, locale })
    }

    fn has(&self, wanted: &str) -> bool {
        self.pairs.0.iter().any(|(name, _)| name == wanted)
    }

    pub fn standing(&self, nature: Nature) -> Standing {
        match (nature.drafts, self.published) {
            (false, _) => Standing::Plain,
            (true, None) => Standing::Draft,
            (true, Some(_)) => Standing::Published,
        }
    }

    fn published(&self, version: Version) -> &str {
        match version {
            Version::Draft | Version::DraftBeside => "null",
            Version::Published => self.published.unwrap_or(LONG_AGO),
            Version::Plain => self.created.or(self.updated).unwrap_or(LONG_AGO),
        }
    }
}

/// What is the same for all versions of a row.
#[derive(Debug)]
pub(super) struct Rewriting<'a> {
    pub types: &'a Types,
    pub standings: &'a Standings,
    pub type_: TypeId,
    pub row: &'a Row<'a>,
    pub data: &'a Data<'a>,
    pub document: &'a str,
    pub nature: Nature,
}

impl Rewriting<'_> {
    /// The line of one version.
    pub fn line(&self, version: Version, out: &mut Vec<u8>) -> Result<()> {
        out.clear();
        let row = self.standings.row(self.type_, self.row.id, version);
        out.extend_from_slice(b"{\"type\":");
        text(&self.row.type_, out);
        // Writing to memory cannot fail.
        let _ = write!(out, ",\"id\":{row},\"data\":{{\"documentId\":\"{}\"", self.document);
        for (name, raw) in self.data.pairs.0.iter().filter(|(name, _)| !REPLACED.contains(&&**name)) {
            out.push(b',');
            text(name, out);
            out.push(b':');
            self.value(self.type_, name, raw, version, 0, out)?;
        }
        if self.row.type_ == FILE_TYPE && !self.data.has("focalPoint") {
            out.extend_from_slice(b",\"focalPoint\":null");
        }
        let locale = self.data.locale.filter(|_| self.nature.localized).unwrap_or("null");
        let _ = write!(out, ",\"publishedAt\":{},\"locale\":{locale}}}}}", self.data.published(version));
        Ok(())
    }

    fn value(
        &self,
        type_: TypeId,
        name: &str,
        raw: &RawValue,
        version: Version,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let component = match self.types.get(type_).attributes.get(name) {
            Some(Attribute::Component(component)) => Some(*component),
            Some(Attribute::DynamicZone) => None,
            _ => {
                out.extend_from_slice(raw.get().as_bytes());
                return Ok(());
            }
        };
        // Only a second version needs component rows of its own.
        if version != Version::DraftBeside {
            out.extend_from_slice(raw.get().as_bytes());
            return Ok(());
        }
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let rows: Vec<&RawValue> = parse(raw.get().as_bytes(), "list of components")?;
                for (place, row) in rows.iter().enumerate() {
                    out.push(if place == 0 { b'[' } else { b',' });
                    self.component(component, row, version, depth + 1, out)?;
                }
                out.extend_from_slice(if rows.is_empty() { b"[]" } else { b"]" });
                Ok(())
            }
            _ => self.component(component, raw, version, depth + 1, out),
        }
    }

    fn component(
        &self,
        type_: Option<TypeId>,
        raw: &RawValue,
        version: Version,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let Some(pairs) = pairs_of(raw, depth)? else {
            out.extend_from_slice(raw.get().as_bytes());
            return Ok(());
        };
        let type_ = type_.or_else(|| self.types.find(&type_named(&pairs)?));
        out.push(b'{');
        for (place, (name, raw)) in pairs.0.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            text(name, out);
            out.push(b':');
            match (type_, raw.get().parse::<u64>()) {
                (Some(type_), Ok(row)) if name == "id" => {
                    let _ = write!(out, "{}", self.standings.row(type_, row, version));
                }
                (Some(type_), _) => self.value(type_, name, raw, version, depth, out)?,
                (None, _) => out.extend_from_slice(raw.get().as_bytes()),
            }
        }
        out.push(b'}');
        Ok(())
    }
}

/// Calls `each` with the type and the row id of every component in a row.
pub(super) fn components(
    types: &mut Types,
    type_: TypeId,
    data: &RawValue,
    depth: usize,
    each: &mut dyn FnMut(TypeId, u64),
) -> Result<()> {
    let Some(pairs) = pairs_of(data, depth)? else { return Ok(()) };
    for (name, raw) in &pairs.0 {
        let component = match types.get(type_).attributes.get(&**name) {
            Some(Attribute::Component(component)) => Some(*component),
            Some(Attribute::DynamicZone) => None,
            _ => continue,
        };
        let rows: Vec<&RawValue> = match raw.get().as_bytes().first() {
            Some(b'[') => parse(raw.get().as_bytes(), "list of components")?,
            _ => vec![raw],
        };
        for row in rows {
            let Some(inner) = pairs_of(row, depth + 1)? else { continue };
            let type_ = component.or_else(|| types.intern(&type_named(&inner)?));
            let id = inner.0.iter().find(|(name, _)| name == "id").and_then(|(_, raw)| raw.get().parse().ok());
            if let (Some(type_), Some(id)) = (type_, id) {
                each(type_, id);
                components(types, type_, row, depth + 1, each)?;
            }
        }
    }
    Ok(())
}

/// `None` for what is no object.
fn pairs_of(raw: &RawValue, depth: usize) -> Result<Option<Pairs<'_>>> {
    if depth > DEEPEST {
        return Err(Error::new(ErrorKind::Damaged, format!("components lie more than {DEEPEST} deep in one another")));
    }
    match raw.get().starts_with('{') {
        true => parse(raw.get().as_bytes(), "component").map(Some),
        false => Ok(None),
    }
}

fn type_named(pairs: &Pairs<'_>) -> Option<String> {
    let (_, raw) = pairs.0.iter().find(|(name, _)| name == "__component")?;
    serde_json::from_str(raw.get()).ok()
}

fn text(text: &str, out: &mut Vec<u8>) {
    // Writing to memory cannot fail, and every text is JSON.
    let _ = serde_json::to_writer(out, text);
}
