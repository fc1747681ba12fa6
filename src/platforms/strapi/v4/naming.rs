//! Writes what a bundle of v4 holds into a folder, every row with what its entry is called in the place where v5 has the
//! `documentId`. Everything else stays as it is, byte for byte.
//! Must not know: sockets, plans, the screen.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::called::{Called, Origin};
use crate::model::{Error, Result};
use crate::platforms::strapi::early::Early;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::{LineWriter, each_line};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::row::{Row, RowReader};
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{FILE_TYPE, Schema, TypeId};

const LONGEST_METADATA: u64 = 1024 * 1024;

/// What the entries of a bundle are called; the folder is there, and empty.
pub(in crate::platforms::strapi) fn name(bundle: &Bundle, folder: &Path) -> Result<Called> {
    let called = learn(bundle)?;
    write(bundle, folder, &called)?;
    Ok(called)
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
}

/// What tells an entry.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Telling {
    created_at: Option<String>,
    hash: Option<String>,
    ext: Option<String>,
}

impl Telling {
    fn made(&self) -> Option<i64> {
        let time = self.created_at.as_deref()?.parse::<jiff::Timestamp>().ok()?;
        Some(time.as_millisecond())
    }

    fn file(&self) -> Box<str> {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{}{}", part(&self.hash), part(&self.ext)).into()
    }
}

fn learn(bundle: &Bundle) -> Result<Called> {
    let mut early = Early::read(bundle)?;
    let singles = single_types(bundle, &early)?;
    let mut reader = RowReader::default();
    let mut origins: HashMap<(TypeId, u64), Origin> = HashMap::new();
    let mut lowest: HashMap<(TypeId, u64), u64> = HashMap::new();
    each(bundle, Stage::Entities, |line| {
        let row: Row<'_> = parse(line, "row")?;
        let Some(type_) = early.types.intern(&row.type_) else { return Ok(()) };
        let telling: Telling = parse(row.data.get().as_bytes(), "row")?;
        let entry = (type_, early.first_of(type_, row.id));
        if row.type_ == FILE_TYPE {
            origins.insert(entry, Origin::File(telling.file()));
            return Ok(());
        }
        let facts = reader.read(&row, type_, &mut early.types).map_err(|error| broken(&error))?;
        let content = u64::from(u32::from_le_bytes(*facts.semantic.0.first_chunk().unwrap_or(&[0; 4])));
        let before = origins.get(&entry).map(|origin| match origin {
            Origin::Entry { made, content } | Origin::Single { made, content } => (*made, *content),
            Origin::File(_) => (None, 0),
        });
        let made = [before.and_then(|(made, _)| made), telling.made()].into_iter().flatten().min();
        // Of several locales, the row with the lowest number tells.
        let is_first = lowest.get(&entry).is_none_or(|first| row.id < *first);
        if is_first {
            lowest.insert(entry, row.id);
        }
        let content = if is_first { content } else { before.map_or(content, |(_, content)| content) };
        let origin = match singles.contains(&type_) {
            true => Origin::Single { made, content },
            false => Origin::Entry { made, content },
        };
        origins.insert(entry, origin);
        Ok(())
    })?;
    Ok(Called::new(early, origins))
}

fn broken(error: &serde_json::Error) -> Error {
    Error::new(crate::model::ErrorKind::Damaged, format!("is no row: {error}"))
}

fn single_types(bundle: &Bundle, early: &Early) -> Result<Vec<TypeId>> {
    let mut singles = Vec::new();
    each(bundle, Stage::Schemas, |line| {
        let (schema, kind): (Schema<'_>, Kind<'_>) = (parse(line, "schema")?, parse(line, "schema")?);
        if kind.kind.as_deref() == Some("singleType") {
            singles.extend(early.types.find(&schema.uid));
        }
        Ok(())
    })?;
    Ok(singles)
}

fn each(bundle: &Bundle, wanted: Stage, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut members = bundle.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        if entry.place == Place::Chunk(wanted) {
            each_line(&mut members, &mut scratch, |_, line| each(line))?;
        }
    }
    Ok(())
}

fn write(bundle: &Bundle, folder: &Path, called: &Called) -> Result<()> {
    let create = |stage: Stage| LineWriter::create(&folder.join(stage.chunk_name(1)));
    let mut outputs = [
        (Stage::Schemas, create(Stage::Schemas)?),
        (Stage::Entities, create(Stage::Entities)?),
        (Stage::Links, create(Stage::Links)?),
        (Stage::Configuration, create(Stage::Configuration)?),
    ];
    let mut members = bundle.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        match entry.place {
            Place::Chunk(stage) => {
                let Some((_, out)) = outputs.iter_mut().find(|(wanted, _)| *wanted == stage) else { continue };
                each_line(&mut members, &mut scratch, |_, line| match stage {
                    Stage::Entities => out.put(&named(line, called)?),
                    _ => out.put(text(line)?),
                })?;
            }
            Place::Metadata => {
                let path = folder.join("metadata.json");
                let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
                fs::write(&path, members.whole(LONGEST_METADATA)?).map_err(failed)?;
            }
            _ => {}
        }
    }
    outputs.into_iter().try_for_each(|(_, out)| out.finish())
}

/// The line of a row with what its entry is called.
fn named(line: &[u8], called: &Called) -> Result<String> {
    let row: Row<'_> = parse(line, "row")?;
    let name = called.type_of(&row.type_).and_then(|type_| called.of(type_, row.id)).unwrap_or_default();
    let Pairs(pairs) = parse(row.data.get().as_bytes(), "row")?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let pair = |(key, raw): &(Cow<'_, str>, &RawValue)| format!(",{}:{}", quoted(key), raw.get());
    let rest: String = pairs.iter().filter(|(key, _)| key != "documentId").map(pair).collect();
    let (type_, name) = (quoted(&row.type_), quoted(name));
    Ok(format!(r#"{{"type":{type_},"id":{},"data":{{"documentId":{name}{rest}}}}}"#, row.id))
}

/// A line of a row without what its entry is called, as a project of v4 knows it.
pub(in crate::platforms::strapi) fn unnamed(line: &[u8]) -> Result<String> {
    let row: Row<'_> = parse(line, "row")?;
    let Pairs(pairs) = parse(row.data.get().as_bytes(), "row")?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let pairs = pairs.iter().filter(|(key, _)| key != "documentId");
    let data = pairs.map(|(key, raw)| format!("{}:{}", quoted(key), raw.get())).collect::<Vec<_>>().join(",");
    Ok(format!(r#"{{"type":{},"id":{},"data":{{{data}}}}}"#, quoted(&row.type_), row.id))
}

fn text(line: &[u8]) -> Result<&str> {
    std::str::from_utf8(line)
        .map_err(|error| Error::new(crate::model::ErrorKind::Damaged, "a line is no text").caused_by(error))
}
