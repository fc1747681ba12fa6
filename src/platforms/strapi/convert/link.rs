//! Rewrites a link of v4 as the links between the versions of its ends.
//! Must not know: what rows hold.

use std::borrow::Cow;
use std::io::Write;

use serde_json::value::RawValue;

use super::learn::Known;
use super::standing::{Standing, Version};
use crate::model::{Result, code};
use crate::platforms::strapi::filter::never_written;
use crate::platforms::strapi::link::{End, Link, Meaning};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::notes::Notes;
use crate::platforms::strapi::schema::TypeId;
use crate::platforms::strapi::schema::indexed::Pairs;

/// The kinds that 4.26.2 and 5.54.0 write.
const KINDS: [&str; 3] = ["relation.basic", "relation.circular", "relation.morph"];

/// An end that was found.
#[derive(Clone, Copy)]
struct Found {
    type_: TypeId,
    row: u64,
    standing: Standing,
}

/// Calls `each` with every line that the link becomes. Links between locales become none: v5 tells them by documentId.
pub(super) fn rewritten(
    line: &[u8],
    known: &Known,
    notes: &mut Notes,
    out: &mut Vec<u8>,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let link: Link<'_> = parse(line, "link")?;
    let left_out = never_written(&link.left.type_) || never_written(&link.right.type_);
    if left_out || link.meaning() == Meaning::SameEntry {
        return Ok(());
    }
    if !KINDS.contains(&link.kind()) {
        let sentence = format!("relations of the kind {}, which this version does not know", link.kind());
        notes.warning(code::NOT_CONVERTED, &sentence, || name_of(&link));
        return Ok(());
    }
    let (Some(left), Some(right)) = (find(known, &link.left), find(known, &link.right)) else {
        let sentence = format!("{} without one of its ends", name_of(&link));
        notes.warning(code::LINK_WITHOUT_ENTRY, &sentence, String::new);
        return Ok(());
    };
    remark(&link, left, right, notes);
    let parts: Pairs<'_> = parse(line, "link")?;
    for one in left.standing.versions() {
        for other in right.standing.versions().iter().filter(|other| one.meets(**other)) {
            write(&parts, known, (left, *one), (right, *other), out)?;
            each(out)?;
        }
    }
    Ok(())
}

/// A published entry that refers to one that was never published: nobody saw that before, and nobody sees it afterwards.
fn remark(link: &Link<'_>, left: Found, right: Found, notes: &mut Notes) {
    let (from, to) = match link.meaning() {
        Meaning::RightToLeft => (right, left),
        Meaning::LeftToRight | Meaning::SameEntry => (left, right),
    };
    if (from.standing, to.standing) == (Standing::Published, Standing::Draft) {
        let sentence = "relations of published entries to unpublished ones, which only their drafts keep";
        notes.info(code::CONVERTED, sentence, || format!("{} of row {}", name_of(link), from.row));
    }
}

fn name_of(link: &Link<'_>) -> String {
    let (from, _) = link.ends();
    format!("`{}` of {}", from.field.as_deref().unwrap_or("a relation"), from.type_)
}

fn find(known: &Known, end: &End<'_>) -> Option<Found> {
    let (type_, row) = (known.early.types.find(&end.type_)?, end.row()?);
    Some(Found { type_, row, standing: known.standings.get(type_, row)? })
}

fn write(
    parts: &Pairs<'_>,
    known: &Known,
    (left, one): (Found, Version),
    (right, other): (Found, Version),
    out: &mut Vec<u8>,
) -> Result<()> {
    out.clear();
    object(parts, out, |name, raw, out| {
        let end = match name {
            "left" => known.standings.row(left.type_, left.row, one),
            "right" => known.standings.row(right.type_, right.row, other),
            _ => {
                out.extend_from_slice(raw.get().as_bytes());
                return Ok(());
            }
        };
        let inner: Pairs<'_> = parse(raw.get().as_bytes(), "link")?;
        object(&inner, out, |name, raw, out| {
            match name {
                // Writing to memory cannot fail.
                "ref" => drop(write!(out, "{end}")),
                _ => out.extend_from_slice(raw.get().as_bytes()),
            }
            Ok(())
        })
    })
}

/// Writes an object whose values are written by `value`.
pub(super) fn object(
    pairs: &Pairs<'_>,
    out: &mut Vec<u8>,
    mut value: impl FnMut(&str, &RawValue, &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    out.push(b'{');
    for (place, (name, raw)) in pairs.0.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let name: &Cow<'_, str> = name;
        // Writing to memory cannot fail, and every text is JSON.
        let _ = serde_json::to_writer(&mut *out, &**name);
        out.push(b':');
        value(name, raw, out)?;
    }
    out.push(b'}');
    Ok(())
}
