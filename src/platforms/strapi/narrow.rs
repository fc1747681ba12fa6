//! A bundle as it looks through some locales: a folder of its rows without those of other locales, and without relations from
//! or to these. Content without a locale stays; files stay where they are.
//! Must not know: sockets, plans, the screen.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::assets::LONGEST_SIDECAR;
use super::layout::{Place, Stage};
use super::lines::{LineWriter, each_line};
use super::link::{End, Link};
use super::listing::{self, Extent, Index, parse};
use super::members::Bundle;
use super::row::Row;
use crate::model::text::{nearest, printable};
use crate::model::{Error, ErrorKind, Finding, Result, code};

/// Where the i18n plugin keeps which locales there are.
pub(super) const LOCALE_TYPE: &str = "plugin::i18n.locale";

/// What a row says of locales.
#[derive(Default, Deserialize)]
struct Said<'a> {
    /// Its own.
    #[serde(borrow, default)]
    locale: Option<Cow<'a, str>>,
    /// The one that it offers, where its type is for that.
    #[serde(borrow, default)]
    code: Option<&'a serde_json::value::RawValue>,
}

impl<'a> Said<'a> {
    /// What cannot be read has none; others say so.
    fn of(row: &Row<'a>) -> Self {
        serde_json::from_str(row.data.get()).unwrap_or_default()
    }
}

/// The locale of a row, where it has one.
pub(super) fn locale_of<'a>(row: &Row<'a>) -> Option<Cow<'a, str>> {
    Said::of(row).locale
}

/// Locales that a bundle knows: those of its rows, and those that its project offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Locales {
    used: BTreeSet<String>,
    offered: BTreeSet<String>,
}

impl Locales {
    fn note(&mut self, row: &Row<'_>, said: Said<'_>) {
        let code = said.code.filter(|_| row.type_ == LOCALE_TYPE);
        self.offered.extend(code.and_then(|code| serde_json::from_str::<String>(code.get()).ok()));
        if let Some(locale) = said.locale.filter(|locale| !self.used.contains(&**locale)) {
            self.used.insert(locale.into_owned());
        }
    }

    /// Refuses one that neither a row has nor the project offers: nothing would move, in silence.
    pub fn refuse_unknown(&self, wanted: &[String]) -> Result<()> {
        let known = || self.used.iter().chain(&self.offered).map(String::as_str);
        let Some(unknown) = wanted.iter().find(|locale| !known().any(|known| known == **locale)) else {
            return Ok(());
        };
        let error = Error::new(ErrorKind::UnknownItem, format!("there is no locale `{}`", printable(unknown)));
        let all = known().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
        Err(match nearest(unknown, known()) {
            Some(near) => error.hint(format!("did you mean `{near}`? There are: {all}")),
            None if all.is_empty() => error.hint("nothing there has a locale; leave --locales out"),
            None => error.hint(format!("there are: {all}")),
        })
    }

    /// What a project does not offer is not shown by it, although it is there.
    pub fn not_offered(&self, wanted: &[String]) -> Option<Finding> {
        let missing: Vec<&str> =
            wanted.iter().map(String::as_str).filter(|locale| !self.offered.contains(*locale)).collect();
        (!missing.is_empty()).then(|| {
            let message = format!(
                "the destination does not offer the locale {}: what is written in it is not shown there until somebody \
                 adds it under Settings, Internationalization",
                missing.join(", ")
            );
            Finding::warning(code::LOCALE_NOT_OFFERED, message)
        })
    }
}

/// Writes what a bundle holds in these locales into a folder that is there and empty.
pub(super) fn narrow(bundle: &Bundle, folder: &Path, locales: &[String]) -> Result<Locales> {
    let mut known = Locales::default();
    write(bundle, folder, &mut known, locales)?;
    // Which rows of components went with their entries, two listings tell.
    let whole = listing::list(bundle, Extent::Rows)?.index;
    let kept = listing::list(&Bundle::Folder(folder.to_owned()), Extent::Rows)?.index;
    links(bundle, folder, &whole, &kept)?;
    Ok(known)
}

fn write(bundle: &Bundle, folder: &Path, known: &mut Locales, locales: &[String]) -> Result<()> {
    let writer = |stage: Stage| LineWriter::create(&folder.join(stage.chunk_name(1)));
    let mut schemas = writer(Stage::Schemas)?;
    let mut entities = writer(Stage::Entities)?;
    let mut configuration = writer(Stage::Configuration)?;
    writer(Stage::Links)?.finish()?;
    let (mut members, mut scratch) = (bundle.members()?, Vec::new());
    while let Some(entry) = members.next_entry()? {
        match entry.place {
            Place::Metadata => put(&folder.join("metadata.json"), &members.whole(LONGEST_SIDECAR)?)?,
            Place::Chunk(Stage::Schemas) => each_line(&mut members, &mut scratch, |_, line| schemas.put(text(line)?))?,
            Place::Chunk(Stage::Configuration) => {
                each_line(&mut members, &mut scratch, |_, line| configuration.put(text(line)?))?;
            }
            Place::Chunk(Stage::Entities) => each_line(&mut members, &mut scratch, |_, line| {
                let row: Row<'_> = parse(line, "row")?;
                let said = Said::of(&row);
                let stays = said.locale.as_ref().is_none_or(|locale| locales.iter().any(|wanted| wanted == locale));
                known.note(&row, said);
                if stays { entities.put(text(line)?) } else { Ok(()) }
            })?,
            _ => {}
        }
    }
    schemas.finish()?;
    entities.finish()?;
    configuration.finish()
}

/// A relation goes with either of its ends. One that led nowhere before still does.
fn links(bundle: &Bundle, folder: &Path, whole: &Index, kept: &Index) -> Result<()> {
    let mut out = LineWriter::create(&folder.join(Stage::Links.chunk_name(1)))?;
    let has = |index: &Index, end: &End<'_>| {
        let type_ = index.types.find(&end.type_);
        type_.zip(end.row()).is_some_and(|(type_, row)| index.rows.get(type_, row).is_some())
    };
    let (mut members, mut scratch) = (bundle.members()?, Vec::new());
    while let Some(entry) = members.next_entry()? {
        if entry.place == Place::Chunk(Stage::Links) {
            each_line(&mut members, &mut scratch, |_, line| {
                let link: Link<'_> = parse(line, "link")?;
                let went = [&link.left, &link.right].into_iter().any(|end| has(whole, end) && !has(kept, end));
                if went { Ok(()) } else { out.put(text(line)?) }
            })?;
        }
    }
    out.finish()
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| Error::io(format_args!("cannot write {}", path.display()), error))
}

/// A line that was read as JSON is text.
fn text(line: &[u8]) -> Result<&str> {
    std::str::from_utf8(line).map_err(|error| Error::new(ErrorKind::Damaged, "a line is no text").caused_by(error))
}
