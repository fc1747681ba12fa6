//! Writes rows as they are pushed: without what names them here, under numbers of their own, and without what the destination
//! has no room for.
//! Must not know: links, what a database demands.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use hashbrown::HashSet;
use serde_json::value::RawValue;

use super::called::{fingerprint, time_in};
use super::compose::{RowMerge, SHIFT, lacks};
use super::library::Library;
use super::links::quoted;
use crate::model::{ItemIndex, Result};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::merge::{Instead, RowId, other_hash};
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{Attribute, FILE_TYPE, Type, TypeId};

/// What is never sent: what an entry is called, users of the admin panel, and what links say.
const NEVER: [&str; 4] = ["documentId", "createdBy", "updatedBy", "localizations"];
/// What rows and rows of components carry whatever their schema says.
const ALWAYS: [&str; 6] = ["id", "locale", "publishedAt", "createdAt", "updatedAt", "__component"];

/// A row as it is pushed.
pub(super) struct Written {
    pub uid: String,
    pub item: ItemIndex,
    pub line: String,
    /// Its attributes, as they are sent; components left out.
    pub values: Vec<(Box<str>, String)>,
}

/// Writes the rows of one merge.
pub(super) struct Writer<'m, 'a> {
    merge: &'m RowMerge<'a>,
    /// Files of the source that are called otherwise on the disk of the destination, by their hashes.
    renamed: &'m BTreeSet<String>,
    library: Library,
    /// Rows of components for which the destination has no attribute.
    pub left_out: HashSet<RowId>,
}

impl<'m, 'a> Writer<'m, 'a> {
    pub fn new(merge: &'m RowMerge<'a>, renamed: &'m BTreeSet<String>) -> Result<Self> {
        Ok(Writer { merge, renamed, library: Library::read(merge)?, left_out: HashSet::new() })
    }

    /// The row of a line of the source; `None` for one that is not pushed.
    pub fn row(&mut self, line: &[u8]) -> Result<Option<Written>> {
        let row: Row<'_> = parse(line, "row")?;
        let side = self.merge.source.side;
        let Some(id) = side.row(&row.type_, Some(row.id)) else { return Ok(None) };
        let Some(item) = side.owner(id) else { return Ok(None) };
        let Some(called) = self.merge.called(item) else { return Ok(None) };
        let instead = self.library.instead(self.merge, &row.type_, id);
        let about = About { made: self.made(item, called), mark: self.mark(item, called), instead };
        let (type_, number) = (quoted(&row.type_), row.id + SHIFT);
        let mut out = format!("{{\"type\":{type_},\"id\":{number},\"data\":{{");
        let mut values = Vec::new();
        let data = self.data(&row)?;
        self.attributes(id.type_, &data, Some(&about), &mut values, &mut out)?;
        out.push_str("}}");
        Ok(Some(Written { uid: row.type_.into_owned(), item, line: out, values }))
    }

    /// The time of making, where the entry is found by another one than that of the source.
    fn made(&self, item: ItemIndex, called: &str) -> Option<String> {
        let of_source = self.merge.source.side.inventory.item(item).id();
        let time = time_in(called)?;
        (time_in(of_source) != Some(time)).then(|| time.to_owned())
    }

    /// What tells the unique values of a copy from those of its original.
    fn mark(&self, item: ItemIndex, called: &str) -> Option<String> {
        const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
        let mut rest = fingerprint(called);
        let mut letter = || {
            let letter = LETTERS[(rest % 26) as usize];
            rest /= 26;
            char::from(letter)
        };
        self.merge.is_copy(item).then(|| std::iter::repeat_with(&mut letter).take(4).collect())
    }

    /// With another hash for a file that gets another name: it stands in its addresses and renditions too.
    fn data<'r>(&self, row: &Row<'r>) -> Result<Cow<'r, RawValue>> {
        #[derive(serde::Deserialize)]
        struct File {
            #[serde(default)]
            hash: String,
        }
        if row.type_ != FILE_TYPE || self.renamed.is_empty() {
            return Ok(Cow::Borrowed(row.data));
        }
        let file: File = parse(row.data.get().as_bytes(), "row of a file")?;
        match self.renamed.contains(&file.hash) {
            false => Ok(Cow::Borrowed(row.data)),
            true => {
                let text = row.data.get().replace(&file.hash, &other_hash(&file.hash));
                let data: Box<RawValue> = parse(text.as_bytes(), "row of a file")?;
                Ok(Cow::Owned(data))
            }
        }
    }

    /// The attributes of a row, or of a row of a component, without the braces.
    fn attributes(
        &mut self,
        type_: TypeId,
        data: &RawValue,
        about: Option<&About>,
        values: &mut Vec<(Box<str>, String)>,
        out: &mut String,
    ) -> Result<()> {
        let Pairs(pairs) = parse(data.get().as_bytes(), "row")?;
        let types = &self.merge.source.side.index.types;
        let uid = &types.get(type_).uid;
        let there = self.merge.destination.side.schema(uid).ok_or_else(|| lacks(uid, "a row or component"))?;
        let mut first = true;
        for (key, raw) in &pairs {
            let attribute = types.get(type_).attributes.get(&**key).copied();
            if NEVER.contains(&&**key) || attribute == Some(Attribute::Relation) {
                continue;
            }
            if !ALWAYS.contains(&&**key) && !there.attributes.contains_key(&**key) {
                self.leave_out(attribute, raw)?;
                continue;
            }
            let value = match attribute {
                Some(Attribute::Component(component)) => self.components(Some(component), raw)?,
                Some(Attribute::DynamicZone) => self.components(None, raw)?,
                _ => plain(about, types.get(type_), key, raw),
            };
            // A server ends at a list that is null.
            if value == "null" && attribute == Some(Attribute::DynamicZone) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            let _ = write!(out, "{}:{value}", quoted(key));
            if about.is_some() && !matches!(attribute, Some(Attribute::Component(_) | Attribute::DynamicZone)) {
                values.push(((&**key).into(), value));
            }
        }
        Ok(())
    }

    /// One row of a component, a list of them, or nothing.
    fn components(&mut self, type_: Option<TypeId>, raw: &RawValue) -> Result<String> {
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let rows: Vec<&RawValue> = parse(raw.get().as_bytes(), "list of components")?;
                let rows = rows.into_iter().map(|row| self.components(type_, row)).collect::<Result<Vec<_>>>()?;
                Ok(format!("[{}]", rows.join(",")))
            }
            Some(b'{') => {
                let (named, row) = self.part(type_, raw)?;
                let unknown = |uid: &String| self.merge.destination.side.schema(uid).is_none();
                if let Some(uid) = named.filter(unknown) {
                    return Err(lacks(&uid, "a component"));
                }
                let Some(type_) = row else { return Ok(raw.get().to_owned()) };
                let mut out = String::from("{");
                self.attributes(type_, raw, None, &mut Vec::new(), &mut out)?;
                out.push('}');
                Ok(out)
            }
            _ => Ok(raw.get().to_owned()),
        }
    }

    /// The component that a row names itself, as those in dynamic zones do, and the type that it is of.
    fn part(&self, type_: Option<TypeId>, raw: &RawValue) -> Result<(Option<String>, Option<TypeId>)> {
        #[derive(serde::Deserialize)]
        struct Named {
            #[serde(default, rename = "__component")]
            component: Option<String>,
        }
        let Named { component } = parse(raw.get().as_bytes(), "component")?;
        let types = &self.merge.source.side.index.types;
        let type_ = component.as_deref().and_then(|uid| types.find(uid)).or(type_);
        Ok((component, type_))
    }

    /// Remembers the rows of components in a value that is not sent, at any depth: what links say of them is not sent either.
    fn leave_out(&mut self, attribute: Option<Attribute>, raw: &RawValue) -> Result<()> {
        let type_ = match attribute {
            Some(Attribute::Component(type_)) => Some(type_),
            Some(Attribute::DynamicZone) => None,
            _ => return Ok(()),
        };
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let rows: Vec<&RawValue> = parse(raw.get().as_bytes(), "list of components")?;
                rows.into_iter().try_for_each(|row| self.leave_out(attribute, row))
            }
            Some(b'{') => {
                let (_, Some(type_)) = self.part(type_, raw)? else { return Ok(()) };
                let Pairs(pairs) = parse(raw.get().as_bytes(), "component")?;
                let id = pairs.iter().find(|(key, _)| key == "id").and_then(|(_, raw)| raw.get().parse().ok());
                self.left_out.extend(id.map(|id| RowId { type_, id }));
                pairs.iter().try_for_each(|(key, raw)| {
                    let types = &self.merge.source.side.index.types;
                    let attribute = types.get(type_).attributes.get(&**key).copied();
                    self.leave_out(attribute, raw)
                })
            }
            _ => Ok(()),
        }
    }
}

/// A value that is no component. Rows of components have nothing about them, but a number.
fn plain(about: Option<&About>, type_: &Type, key: &str, raw: &RawValue) -> String {
    match (about, key) {
        (None, "id") => raw.get().parse::<u64>().map_or(raw.get().to_owned(), |id| (id + SHIFT).to_string()),
        (Some(About { made: Some(made), .. }), "createdAt") => quoted(made),
        (Some(about), key) => match about.instead.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => value.clone(),
            None => about.value(type_.unique.iter().find(|(name, _)| **name == *key), raw),
        },
        _ => raw.get().to_owned(),
    }
}

/// What differs between a row of the source and the one that is pushed.
struct About {
    made: Option<String>,
    mark: Option<String>,
    /// Attributes that it has of the destination's media library.
    instead: Instead,
}

impl About {
    /// A value that is no component. `unique` says that no other entry has it, and whether it is part of an address.
    fn value(&self, unique: Option<&(Box<str>, bool)>, raw: &RawValue) -> String {
        match (&self.mark, unique, serde_json::from_str::<String>(raw.get())) {
            (Some(mark), Some((_, true)), Ok(text)) => quoted(&format!("{text}-{mark}")),
            (Some(mark), Some((_, false)), Ok(text)) => quoted(&format!("{text} ({mark})")),
            _ => raw.get().to_owned(),
        }
    }
}

/// What is said of a file, with the number under which its row is pushed.
pub(in crate::platforms::strapi) fn sidecar(text: &str) -> Result<String> {
    let Pairs(pairs) = parse(text.as_bytes(), "record of a file")?;
    let pair = |(key, raw): &(Cow<'_, str>, &RawValue)| match (&**key, raw.get().parse::<u64>()) {
        ("id", Ok(id)) => format!("\"id\":{}", id + SHIFT),
        _ => format!("{}:{}", quoted(key), raw.get()),
    };
    Ok(format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(",")))
}
