//! The first pass: what must be known of all rows before one of them can be written. One pass where schemas come first, as
//! Strapi writes them; otherwise rows are read in another one.
//! Must not know: outputs.

use serde::Deserialize;

use super::nature::{Nature, Natures};
use super::origin::Origins;
use super::row::{Data, components};
use super::standing::{HIGHEST_ROW, Standings};
use crate::model::{Error, ErrorKind, Result, code};
use crate::platforms::strapi::early::Early;
use crate::platforms::strapi::filter::never_written;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::{Bundle, Members};
use crate::platforms::strapi::notes::Notes;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::Schema;

/// What the first pass learned.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub early: Early,
    pub natures: Natures,
    pub standings: Standings,
    pub origins: Origins,
    /// Of the Strapi that wrote the bundle.
    pub version: Option<String>,
    pub created: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default, rename = "createdAt")]
    created: Option<String>,
    strapi: Strapi,
}

#[derive(Deserialize)]
struct Strapi {
    version: String,
}

const LONGEST_METADATA: u64 = 1024 * 1024;

/// Reads the bundle; `None` if it is not of v4.
pub(super) fn learn(bundle: &Bundle, notes: &mut Notes) -> Result<Option<Known>> {
    let mut known = Known::default();
    let (mut rows_seen, mut again) = (false, false);
    each_chunk(bundle, |members, place, scratch| {
        match place {
            Place::Chunk(Stage::Schemas) => {
                again |= rows_seen;
                each_line(members, scratch, |_, line| known.schema(line))?;
            }
            Place::Chunk(Stage::Links) => each_line(members, scratch, |_, line| {
                known.early.link(line);
                Ok::<(), Error>(())
            })?,
            Place::Chunk(Stage::Entities) => {
                rows_seen = true;
                each_line(members, scratch, |_, line| known.row(line, notes))?;
            }
            Place::Metadata => known.metadata(&members.whole(LONGEST_METADATA)?),
            _ => {}
        }
        Ok(())
    })?;
    if known.version.as_deref().and_then(super::major) != Some(4) {
        return Ok(None);
    }
    if again {
        known.read_rows_again(bundle, notes)?;
    }
    known.settle(notes)?;
    Ok(Some(known))
}

/// Every member of a bundle, with the place that its name tells.
pub(super) fn each_chunk(
    bundle: &Bundle,
    mut each: impl FnMut(&mut Members, &Place, &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    let mut scratch = Vec::new();
    let mut members = bundle.members()?;
    while let Some(entry) = members.next_entry()? {
        each(&mut members, &entry.place, &mut scratch).map_err(|error| error.at(&entry.name))?;
    }
    Ok(())
}

impl Known {
    fn schema(&mut self, line: &[u8]) -> Result<()> {
        let schema: Schema<'_> = parse(line, "schema")?;
        if never_written(&schema.uid) {
            return Ok(());
        }
        let type_ = self.early.types.learn(&schema).ok_or_else(too_many_types)?;
        self.natures.insert(type_, Nature::of(line)?);
        Ok(())
    }

    fn row(&mut self, line: &[u8], notes: &mut Notes) -> Result<()> {
        let row: Row<'_> = parse(line, "row")?;
        if never_written(&row.type_) {
            return Ok(());
        }
        let type_ = self.early.types.intern(&row.type_).ok_or_else(too_many_types)?;
        if row.id > HIGHEST_ROW {
            return Err(Error::new(ErrorKind::Damaged, format!("{} is no id of a row", row.id)));
        }
        let data = Data::of(&row)?;
        let nature = self.natures.get(type_);
        let locale = data.locale.filter(|_| nature.localized).unwrap_or("null");
        if nature.localized && locale == "null" {
            let sentence = format!("rows of {} have no locale, and belong to none in v5 either", row.type_);
            notes.warning(code::NOT_CONVERTED, &sentence, || format!("row {}", row.id));
        }
        let standing = data.standing(nature);
        self.standings.insert(type_, row.id, standing);
        self.origins.insert(type_, row.id, data.created.unwrap_or_default(), locale);
        let standings = &mut self.standings;
        components(&mut self.early.types, type_, row.data, 0, &mut |component, id| {
            standings.insert(component, id.min(HIGHEST_ROW), standing);
        })
    }

    fn metadata(&mut self, bytes: &[u8]) {
        if let Ok(metadata) = serde_json::from_slice::<Metadata>(bytes) {
            (self.version, self.created) = (Some(metadata.strapi.version), metadata.created);
        }
    }

    fn read_rows_again(&mut self, bundle: &Bundle, notes: &mut Notes) -> Result<()> {
        (self.standings, self.origins) = (Standings::default(), Origins::default());
        *notes = Notes::default();
        each_chunk(bundle, |members, place, scratch| match place {
            Place::Chunk(Stage::Entities) => each_line(members, scratch, |_, line| self.row(line, notes)),
            _ => Ok(()),
        })
    }

    fn settle(&mut self, notes: &mut Notes) -> Result<()> {
        self.standings.sort();
        let contradictions = self.origins.settle(&self.early);
        if let Some((type_, row)) = self.origins.repeated() {
            let message = format!("row {row} of {} is there twice", self.early.types.get(type_).uid);
            return Err(Error::new(ErrorKind::Damaged, message).hint("export it again"));
        }
        for found in contradictions {
            let sentence = format!(
                "rows of {} claim to be one entry in the same locale; each becomes an entry of its own",
                self.early.types.get(found.type_).uid
            );
            notes.warning(code::NOT_CONVERTED, &sentence, || format!("row {} beside row {}", found.apart, found.kept));
        }
        Ok(())
    }
}

fn too_many_types() -> Error {
    Error::new(ErrorKind::Damaged, "there are more types than any project has")
}
