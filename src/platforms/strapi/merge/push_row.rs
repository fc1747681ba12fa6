//! Writes rows and links as they are pushed: under their new document, with what they have to name of the destination, and
//! without what a server refuses.
//! Must not know: why a relation is kept in one way or the other.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::compose::{Merge, Origin, Place, SHIFT, Script, lacks};
use super::fate::{Embed, Fate, Spot, of_destination, of_source};
use super::library::Instead;
use super::side::{RowId, Side};
use crate::model::{ItemIndex, Result};
use crate::platforms::strapi::link::{End, Link};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{Attribute, FILE_TYPE, TypeId};

/// What a row never carries: users of the admin panel, which a server refuses, and what other rows say.
const NEVER: [&str; 3] = ["createdBy", "updatedBy", "localizations"];

/// What rows and rows of components carry whatever their schema says.
const ALWAYS: [&str; 7] = ["id", "documentId", "locale", "publishedAt", "createdAt", "updatedAt", "__component"];

/// The line of a row as it is pushed; `None` for one that is not.
pub(super) fn row(merge: &Merge<'_>, script: &Script, origin: Origin, line: &[u8]) -> Result<Option<String>> {
    let row: Row<'_> = parse(line, "row")?;
    let side = merge.side(origin);
    let Some(id) = side.row(&row.type_, Some(row.id)) else { return Ok(None) };
    let Some(item) = side.owner(id) else { return Ok(None) };
    let Some(document) = merge.pushed_document(origin, item, id) else { return Ok(None) };
    let mark = (origin == Origin::Source && merge.is_copy(item)).then(|| document.chars().take(4).collect());
    let writer = Writer { side, target: merge.destination, script, origin, mark };
    let mut out = String::with_capacity(line.len() + 64);
    let place = Place { origin, row: id };
    let _ = write!(out, "{{\"type\":{},\"id\":{},\"data\":{{", quoted(&row.type_), place.pushed_id());
    let head = Head { document, instead: merge.in_the_library(script, &row.type_, place) };
    match renamed(merge, origin, &row)? {
        Some(data) => writer.attributes(place, &data, Some(&head), &mut out)?,
        None => writer.attributes(place, row.data, Some(&head), &mut out)?,
    }
    out.push_str("}}");
    Ok(Some(out))
}

/// What a file's hash becomes where another file has its name on disk until everything counts.
pub(in crate::platforms::strapi) fn other_hash(hash: &str) -> String {
    format!("{hash}_haul")
}

/// The data of a file that gets another name on disk: its hash stands in its addresses and renditions too.
fn renamed(merge: &Merge<'_>, origin: Origin, row: &Row<'_>) -> Result<Option<Box<RawValue>>> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        hash: String,
    }
    if origin != Origin::Source || row.type_ != FILE_TYPE || merge.renamed.is_empty() {
        return Ok(None);
    }
    let file: File = parse(row.data.get().as_bytes(), "row of a file")?;
    match merge.renamed.contains(&file.hash) {
        true => {
            Ok(Some(parse(row.data.get().replace(&file.hash, &other_hash(&file.hash)).as_bytes(), "row of a file")?))
        }
        false => Ok(None),
    }
}

/// The line of a link as it is pushed; `None` for one that is not.
pub(super) fn link(merge: &Merge<'_>, script: &Script, origin: Origin, line: &[u8]) -> Result<Option<String>> {
    let link: Link<'_> = parse(line, "link")?;
    let fate = match origin {
        Origin::Source if script.is_lost(line) => return Ok(None),
        Origin::Source => of_source(merge, &link),
        Origin::Kept if merge.is_filled(script, &link) => return Ok(None),
        Origin::Kept => of_destination(merge, &link),
    };
    let Fate::Pass { left, right } = fate else { return Ok(None) };
    let left_out = script.left_out.borrow();
    if left_out.contains(&left) || left_out.contains(&right) {
        return Ok(None);
    }
    let field = |end: &End<'_>| end.field.as_deref().unwrap_or_default().to_owned();
    let (left_field, right_field) = (field(&link.left), field(&link.right));
    let placed = |at: Place, field: &str, other: Place, position: f64| {
        script.position(at, field, script.home(at, field, Spot::Pushed(other), origin, position))
    };
    let Pairs(parts) = parse(line, "link")?;
    let mut fields = Vec::with_capacity(parts.len());
    for (key, raw) in parts {
        let text = match &*key {
            "left" => end(raw, left, &|position| placed(left, &left_field, right, position))?,
            "right" => end(raw, right, &|position| match link.is_any() {
                true => script.position(left, &left_field, position),
                false => placed(right, &right_field, left, position),
            })?,
            _ => raw.get().to_owned(),
        };
        fields.push(format!("{}:{text}", quoted(&key)));
    }
    Ok(Some(format!("{{{}}}", fields.join(","))))
}

/// One end of a link, leading to where the row is pushed, at its place among what the field names already.
fn end(raw: &RawValue, place: Place, placed: &dyn Fn(f64) -> f64) -> Result<String> {
    let Pairs(parts) = parse(raw.get().as_bytes(), "link")?;
    let part = |(key, raw): &(Cow<'_, str>, &RawValue)| {
        let text = match (&**key, raw.get().parse::<f64>()) {
            ("ref", Ok(_)) => place.pushed_id().to_string(),
            ("pos", Ok(position)) => match placed(position) {
                same if same == position => raw.get().to_owned(),
                other => other.to_string(),
            },
            _ => raw.get().to_owned(),
        };
        format!("{}:{text}", quoted(key))
    };
    Ok(format!("{{{}}}", parts.iter().map(part).collect::<Vec<_>>().join(",")))
}

/// What a row has that rows of components lack.
struct Head<'a> {
    document: &'a str,
    /// Attributes with another value than the row's own.
    instead: Instead,
}

/// Writes the data of rows of one side.
struct Writer<'a> {
    side: &'a Side<'a>,
    /// Whose project the rows have to fit.
    target: &'a Side<'a>,
    script: &'a Script,
    origin: Origin,
    /// What tells the unique values of a copy from those of its original.
    mark: Option<String>,
}

impl Writer<'_> {
    /// The attributes of a row, or of a row of a component, without the braces.
    fn attributes(&self, place: Place, data: &RawValue, head: Option<&Head<'_>>, out: &mut String) -> Result<()> {
        let Pairs(pairs) = parse(data.get().as_bytes(), "row")?;
        let mut first = true;
        let mut put = |key: &str, out: &mut String| {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            let _ = write!(out, "{}:", quoted(key));
        };
        let uid = &self.side.index.types.get(place.row.type_).uid;
        let there = self.target.schema(uid).ok_or_else(|| lacks(uid, "a row or component"))?;
        let instead = head.map_or(&[][..], |head| &head.instead);
        for (key, raw) in &pairs {
            let attribute = self.side.index.types.get(place.row.type_).attributes.get(&**key).copied();
            match (&**key, attribute) {
                (never, _) if NEVER.contains(&never) => {}
                (_, Some(Attribute::Relation)) => {}
                // The server would drop it too, but not the relations of components in it.
                (key, attribute) if !ALWAYS.contains(&key) && !there.attributes.contains_key(key) => match attribute {
                    Some(Attribute::Component(type_)) => self.leave_out(Some(type_), raw)?,
                    Some(Attribute::DynamicZone) => self.leave_out(None, raw)?,
                    _ => {}
                },
                ("documentId", _) if head.is_some() => {
                    put(key, out);
                    out.push_str(&quoted(head.map_or("", |head| head.document)));
                }
                (key, _) if instead.iter().any(|(name, _)| *name == key) => {}
                ("id", None) if head.is_none() => {
                    put(key, out);
                    let _ = write!(out, "{}", place.pushed_id());
                }
                (_, Some(Attribute::Component(type_))) => {
                    put(key, out);
                    self.components(Some(type_), raw, out)?;
                }
                (_, Some(Attribute::DynamicZone)) => {
                    put(key, out);
                    self.components(None, raw, out)?;
                }
                _ => {
                    put(key, out);
                    out.push_str(&self.plain(place, key, raw));
                }
            }
        }
        for (key, value) in instead.iter().filter(|(name, _)| there.attributes.contains_key(*name)) {
            put(key, out);
            out.push_str(value);
        }
        for named in self.script.fields(place) {
            put(&named[0].field, out);
            out.push_str(&value(named));
        }
        Ok(())
    }

    /// A value that is no component.
    fn plain<'r>(&self, place: Place, key: &str, raw: &'r RawValue) -> Cow<'r, str> {
        let unique = self.side.index.types.get(place.row.type_).unique.iter().find(|(name, _)| **name == *key);
        let text = serde_json::from_str::<String>(raw.get());
        match (&self.mark, unique, text) {
            (Some(mark), Some((_, true)), Ok(text)) => quoted(&format!("{text}-{mark}")).into(),
            (Some(mark), Some((_, false)), Ok(text)) => quoted(&format!("{text} ({mark})")).into(),
            _ => Cow::Borrowed(raw.get()),
        }
    }

    /// One row of a component, a list of them, or nothing.
    fn components(&self, type_: Option<TypeId>, raw: &RawValue, out: &mut String) -> Result<()> {
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let rows: Vec<&RawValue> = parse(raw.get().as_bytes(), "list of components")?;
                out.push('[');
                for (number, row) in rows.into_iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    self.components(type_, row, out)?;
                }
                out.push(']');
                Ok(())
            }
            Some(b'{') => self.component(type_, raw, out),
            _ => {
                out.push_str(raw.get());
                Ok(())
            }
        }
    }

    fn component(&self, type_: Option<TypeId>, raw: &RawValue, out: &mut String) -> Result<()> {
        let part = Part::of(type_, raw, self.side)?;
        if let Some(uid) = part.named.as_deref().filter(|uid| self.target.schema(uid).is_none()) {
            return Err(lacks(uid, "a component"));
        }
        let Some(row) = part.row else {
            out.push_str(raw.get());
            return Ok(());
        };
        out.push('{');
        self.attributes(Place { origin: self.origin, row }, raw, None, out)?;
        out.push('}');
        Ok(())
    }

    /// Remembers the rows of components in a value that is not sent, at any depth: what links say of them is not sent either.
    fn leave_out(&self, type_: Option<TypeId>, raw: &RawValue) -> Result<()> {
        each_component(self.side, type_, raw, &mut |row| {
            self.script.left_out.borrow_mut().insert(Place { origin: self.origin, row });
        })
    }
}

/// The rows of components in the data of a row, at any depth.
pub(super) fn component_rows(side: &Side<'_>, row: RowId, data: &RawValue, each: &mut dyn FnMut(RowId)) -> Result<()> {
    let Pairs(pairs) = parse::<Pairs<'_>>(data.get().as_bytes(), "row")?;
    components_among(side, row, &pairs, each)
}

fn components_among(
    side: &Side<'_>,
    row: RowId,
    pairs: &[(Cow<'_, str>, &RawValue)],
    each: &mut dyn FnMut(RowId),
) -> Result<()> {
    let attributes = &side.index.types.get(row.type_).attributes;
    pairs.iter().try_for_each(|(key, raw)| match attributes.get(&**key) {
        Some(&Attribute::Component(type_)) => each_component(side, Some(type_), raw, each),
        Some(Attribute::DynamicZone) => each_component(side, None, raw, each),
        _ => Ok(()),
    })
}

/// The rows of components in a value: one, a list of them, or nothing.
fn each_component(side: &Side<'_>, type_: Option<TypeId>, raw: &RawValue, each: &mut dyn FnMut(RowId)) -> Result<()> {
    match raw.get().as_bytes().first() {
        Some(b'[') => {
            let rows: Vec<&RawValue> = parse(raw.get().as_bytes(), "list of components")?;
            rows.into_iter().try_for_each(|row| each_component(side, type_, row, each))
        }
        Some(b'{') => {
            let part = Part::of(type_, raw, side)?;
            let Some(row) = part.row else { return Ok(()) };
            each(row);
            components_among(side, row, &part.pairs, each)
        }
        _ => Ok(()),
    }
}

/// A row of a component, as it stands in the data of another row.
struct Part<'a> {
    pairs: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// The component that it names itself, as those in dynamic zones do.
    named: Option<Cow<'a, str>>,
    /// `None` where its component or its number is not known.
    row: Option<RowId>,
}

impl<'a> Part<'a> {
    fn of(type_: Option<TypeId>, raw: &'a RawValue, side: &Side<'_>) -> Result<Self> {
        let Pairs(pairs) = parse::<Pairs<'_>>(raw.get().as_bytes(), "component")?;
        let text = |wanted: &str| pairs.iter().find(|(key, _)| key == wanted).map(|(_, raw)| raw.get());
        let named = text("__component").and_then(|uid| serde_json::from_str::<Cow<'_, str>>(uid).ok());
        let type_ = named.as_deref().and_then(|uid| side.index.types.find(uid)).or(type_);
        let id = text("id").and_then(|id| id.parse().ok());
        let row = type_.zip(id).map(|(type_, id)| RowId { type_, id });
        Ok(Part { pairs, named, row })
    }
}

impl Merge<'_> {
    pub(super) fn side(&self, origin: Origin) -> &Side<'_> {
        match origin {
            Origin::Source => self.source,
            Origin::Kept => self.destination,
        }
    }

    /// The document under which a row of an item of a side is pushed, if it is.
    fn pushed_document(&self, origin: Origin, item: ItemIndex, row: RowId) -> Option<&str> {
        match origin {
            Origin::Source => self.document(item),
            Origin::Kept => self.is_pushed_again(item, row).then(|| self.destination.inventory.item(item).id()),
        }
    }
}

impl Script {
    /// What a row names of the destination, field by field.
    fn fields(&self, place: Place) -> impl Iterator<Item = &[Embed]> {
        let embeds = self.embeds.get(&place).map(Vec::as_slice).unwrap_or_default();
        embeds.chunk_by(|a, b| a.field == b.field)
    }
}

/// The value of a field that names rows of the destination. Never empty.
fn value(named: &[Embed]) -> String {
    match named {
        [one] if one.is_one_of_any => object(one),
        many => format!("[{}]", many.iter().map(object).collect::<Vec<_>>().join(",")),
    }
}

fn object(embed: &Embed) -> String {
    let Some(type_) = &embed.type_ else { return embed.id.to_string() };
    let pivot = embed.shown_by.as_ref().map(|field| {
        let order = embed.position.map(|position| format!(",\"order\":{position}")).unwrap_or_default();
        format!(",\"__pivot\":{{\"field\":{}{order}}}", quoted(field))
    });
    format!("{{\"__type\":{},\"id\":{}{}}}", quoted(type_), embed.id, pivot.unwrap_or_default())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A number that was shifted is told from one of the source.
const _: () = assert!(SHIFT > super::super::table::HIGHEST_ID);
