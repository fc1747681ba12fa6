//! Turns what Strapi 4 wrote into what Strapi 5 would have written for the same content: a folder of schemas, rows, links and
//! settings in the layout of v5. Files stay where they are; rows of files keep their ids.
//! Must not know: sockets, items, plans, the screen.
//!
//! The rules are those of an upgrade of a 4.26.2 database by 5.54.0, which `tests/live/convert.sh` compares with. Where that
//! leaves relations between a draft and a published version, or loses one, these are joined as the rest.

mod identity;
mod learn;
mod link;
mod names;
mod nature;
mod origin;
mod output;
mod row;
mod schema;
mod setting;
mod standing;
#[cfg(test)]
mod tests;

use std::path::Path;

use self::learn::{Known, each_chunk, learn};
pub(super) use self::names::Names;
use self::output::Output;
use self::row::{Data, Rewriting};
use self::setting::Fate;
use super::filter::never_written;
use super::layout::{Place, Stage};
use super::lines::each_line;
use super::listing::parse;
use super::members::Bundle;
use super::notes::Notes;
use super::row::Row;
use super::schema::Schema;
use crate::model::{Error, Finding, Result, code};

/// What was converted.
#[derive(Debug)]
pub(super) struct Converted {
    /// The version that wrote the bundle.
    pub from: String,
    pub findings: Vec<Finding>,
    pub names: Names,
}

/// The first number of a version.
fn major(version: &str) -> Option<u64> {
    version.split('.').next()?.parse().ok()
}

/// Whether content is converted on its way from one version to another. Where the first is not known yet, the bundle has to
/// tell.
pub(super) fn converts(from: Option<&str>, to: &str) -> bool {
    from.is_none_or(|from| major(from) == Some(4)) && major(to).is_some_and(|to| to >= 5)
}

/// Whether a bundle looks like one of v4, as its schemas tell. They come first, so that this costs little; what is broken is
/// for others to say.
pub(super) fn looks_older(bundle: &Bundle) -> Result<bool> {
    let (mut seen, mut newer, mut scratch) = (false, false, Vec::new());
    let mut members = bundle.members()?;
    while let Some(entry) = members.next_entry()? {
        if entry.place != Place::Chunk(Stage::Schemas) {
            if seen {
                break;
            }
            continue;
        }
        each_line(&mut members, &mut scratch, |_, line| {
            let told = schema::is_newer(line);
            seen |= told.is_some();
            newer |= told == Some(true);
            Ok::<(), Error>(())
        })?;
    }
    Ok(seen && !newer)
}

/// Converts a bundle for a destination of version `to`, into a folder that is there. `None` if it is not of v4.
pub(super) fn convert(bundle: &Bundle, folder: &Path, to: &str) -> Result<Option<Converted>> {
    let mut notes = Notes::default();
    let Some(known) = learn(bundle, &mut notes)? else { return Ok(None) };
    let from = known.version.clone().unwrap_or_default();
    let mut writing =
        Writing { known, notes, output: Output::create(folder)?, line: Vec::new(), counts: Counts::default() };
    each_chunk(bundle, |members, place, scratch| match place {
        Place::Chunk(stage) => each_line(members, scratch, |_, line| writing.take(*stage, line)),
        _ => Ok(()),
    })?;
    let Writing { known, notes, output, counts, .. } = writing;
    output.finish(folder, to, known.created.as_deref())?;
    let mut findings = vec![counts.sentence(&from, to)];
    findings.extend(untried(&from, to));
    findings.extend(notes.findings());
    Ok(Some(Converted { from, findings, names: Names::new(known.early, known.origins) }))
}

/// The second pass.
struct Writing {
    known: Known,
    notes: Notes,
    output: Output,
    line: Vec<u8>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    rows: u64,
    drafts: u64,
}

impl Counts {
    fn sentence(&self, from: &str, to: &str) -> Finding {
        let Counts { rows, drafts } = self;
        let message = format!(
            "converted from {from} to {to}: locales joined by documentIds of their own, {rows} rows, {drafts} of them \
             drafts made beside published ones, each with its components and relations"
        );
        Finding::info(code::CONVERTED, message)
    }
}

/// The versions whose upgrade the rules were taken from.
fn untried(from: &str, to: &str) -> Option<Finding> {
    let tried = from.starts_with("4.26.") && major(to) == Some(5);
    let message = format!("the conversion was proven from 4.26.2 to 5.54.0, not from {from} to {to}");
    (!tried).then(|| Finding::warning(code::ASSUMPTION, message))
}

impl Writing {
    fn take(&mut self, stage: Stage, line: &[u8]) -> Result<()> {
        match stage {
            Stage::Schemas => self.schema(line),
            Stage::Entities => self.row(line),
            Stage::Links => {
                let Writing { known, notes, output, line: out, .. } = self;
                link::rewritten(line, known, notes, out, |line| output.put(Stage::Links, line))
            }
            Stage::Configuration => self.setting(line),
        }
    }

    fn schema(&mut self, line: &[u8]) -> Result<()> {
        let schema: Schema<'_> = parse(line, "schema")?;
        let type_ = self.known.early.types.find(&schema.uid);
        let Some(type_) = type_.filter(|_| !never_written(&schema.uid)) else { return Ok(()) };
        schema::rewritten(line, self.known.natures.get(type_), &mut self.line)?;
        self.output.put(Stage::Schemas, &self.line)
    }

    fn row(&mut self, line: &[u8]) -> Result<()> {
        let row: Row<'_> = parse(line, "row")?;
        let Known { early, natures, standings, origins, .. } = &self.known;
        let type_ = early.types.find(&row.type_).filter(|_| !never_written(&row.type_));
        let Some(type_) = type_ else { return Ok(()) };
        let (data, nature) = (Data::of(&row)?, natures.get(type_));
        let document = origins.document(early, &row.type_, type_, row.id);
        let rewriting =
            Rewriting { types: &early.types, standings, type_, row: &row, data: &data, document: &document, nature };
        let versions = data.standing(nature).versions();
        for version in versions {
            rewriting.line(*version, &mut self.line)?;
            self.output.put(Stage::Entities, &self.line)?;
            let id = standings.row(type_, row.id, *version);
            self.output.locale(&row.type_, id, &document, &mut self.line)?;
        }
        self.counts.rows += versions.len() as u64;
        self.counts.drafts += versions.len() as u64 - 1;
        Ok(())
    }

    fn setting(&mut self, line: &[u8]) -> Result<()> {
        match setting::rewritten(line, &mut self.line)? {
            Fate::Kept => self.output.put(Stage::Configuration, line),
            Fate::Rewritten => self.output.put(Stage::Configuration, &self.line),
            Fate::LeftOut(key) => {
                let sentence = "settings that a server of the new version makes for itself are left out";
                self.notes.info(code::CONVERTED, sentence, || key);
                Ok(())
            }
        }
    }
}
