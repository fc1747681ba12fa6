//! Reads the schemas of a bundle, and as little else of it as can be.
//! Must not know: what a schema says.

use serde_json::value::RawValue;

use super::filter::never_written;
use super::layout::{Place, Stage};
use super::lines::each_line;
use super::listing::parse;
use super::members::Bundle;
use super::schema::Schema;
use crate::model::{Error, ErrorKind, Result};

/// Large projects have a megabyte of schemas.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The schemas as they lie in a bundle, but for types whose content never moves. Stops behind them: Strapi writes them first,
/// and rows, which it writes next, may be gigabytes.
pub(super) fn of_bundle(bundle: &Bundle) -> Result<Vec<Box<RawValue>>> {
    let mut kept = Kept::default();
    let mut scratch = Vec::new();
    let mut members = bundle.members()?;
    while let Some(entry) = members.next_entry()? {
        match entry.place {
            Place::Chunk(Stage::Schemas) => each_line(&mut members, &mut scratch, |number, line| {
                parse::<&RawValue>(line, "schema")
                    .and_then(|schema| kept.keep(schema))
                    .map_err(|error| error.at(format_args!("{}, line {number}", entry.name)))
            })?,
            Place::Chunk(Stage::Entities) if !kept.texts.is_empty() => break,
            _ => {}
        }
    }
    Ok(kept.texts)
}

/// The same of a server's answer: schemas by their uid.
pub(super) fn of_answer<'a>(schemas: impl Iterator<Item = &'a RawValue>) -> Result<Vec<Box<RawValue>>> {
    let mut kept = Kept::default();
    schemas.into_iter().try_for_each(|schema| kept.keep(schema))?;
    Ok(kept.texts)
}

#[derive(Default)]
struct Kept {
    texts: Vec<Box<RawValue>>,
    bytes: usize,
}

impl Kept {
    fn keep(&mut self, text: &RawValue) -> Result<()> {
        let schema: Schema<'_> = parse(text.get().as_bytes(), "schema")?;
        if never_written(&schema.uid) {
            return Ok(());
        }
        self.bytes += text.get().len();
        if self.bytes > MOST_BYTES {
            return Err(Error::new(ErrorKind::Damaged, "there are more schemas than any project has"));
        }
        self.texts.push(text.to_owned());
        Ok(())
    }
}
