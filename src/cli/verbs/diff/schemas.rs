//! `haul diff --schemas`: what the types of two locations do not have in common, and what that means for content that moves
//! from the first to the second.
//! Must not know: what a schema looks like.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::output::{Cell, Paint, Style, Table, write_findings};
use crate::model::text::{nearest, printable, shorten};
use crate::model::{Error, ErrorKind, Finding, LocationInfo, Rank, Result, SchemaComparison, SchemaDifference};
use crate::wording::count;

/// Columns for a value.
const VALUE: usize = 40;

/// `diff --schemas --json` (`docs/schemas/diff-schemas.json`).
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: u32,
    status: &'static str,
    source: &'a LocationInfo,
    destination: &'a LocationInfo,
    summary: Summary,
    differences: &'a [SchemaDifference],
    findings: &'a [Finding],
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Summary {
    blocking: u64,
    lossy: u64,
    harmless: u64,
}

/// Writes the answer. Whether anything differs.
pub fn answer(
    context: &Context,
    (source, destination): (LocationInfo, LocationInfo),
    comparison: SchemaComparison,
    types: &[String],
) -> Result<bool> {
    let comparison = narrowed(comparison, types)?;
    let differs = !comparison.differences.is_empty();
    let count = |rank| comparison.count(rank);
    let summary =
        Summary { blocking: count(Rank::Blocking), lossy: count(Rank::Lossy), harmless: count(Rank::Harmless) };
    match context.output.is_json() {
        true => context.output.json(&Answer {
            schema: 1,
            status: if differs { "different" } else { "equal" },
            source: &source,
            destination: &destination,
            summary,
            differences: &comparison.differences,
            findings: &comparison.findings,
        })?,
        false => context.output.text(|out, paint| write(&comparison, summary, out, paint))?,
    }
    Ok(differs)
}

/// As far as `--types` says: a type stands for all that its content is made of.
fn narrowed(mut comparison: SchemaComparison, types: &[String]) -> Result<SchemaComparison> {
    if types.is_empty() {
        return Ok(comparison);
    }
    let mut made_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for ((_, type_), parts) in &comparison.parts {
        for part in parts {
            made_of.entry(part).or_default().insert(part);
            made_of.entry(type_.as_deref().unwrap_or(part)).or_default().insert(part);
        }
    }
    for difference in &comparison.differences {
        made_of.entry(&difference.type_).or_default().insert(&difference.type_);
    }
    if let Some(unknown) = types.iter().find(|type_| !made_of.contains_key(type_.as_str())) {
        let message = format!("--types: neither location has the type `{}`", printable(unknown));
        let error = Error::new(ErrorKind::UnknownItem, message);
        return Err(match nearest(unknown, made_of.keys().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        });
    }
    let wanted: BTreeSet<Box<str>> =
        types.iter().flat_map(|type_| &made_of[type_.as_str()]).map(|&part| part.into()).collect();
    comparison.differences.retain(|difference| wanted.contains(&difference.type_));
    Ok(comparison)
}

fn write(comparison: &SchemaComparison, summary: Summary, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let rows = || comparison.differences.iter().map(row);
    if rows().next().is_some() {
        Table::new(["type", "path", "rank", "meaning", "source", "destination"]).write(out, paint, rows)?;
        writeln!(out)?;
    }
    let Summary { blocking, lossy, harmless } = summary;
    writeln!(out, "blocking: {}, lossy: {}, harmless: {}", count(blocking), count(lossy), count(harmless))?;
    write_findings(out, paint, &comparison.findings, &BTreeMap::new())
}

fn row(difference: &SchemaDifference) -> [Cell<'_>; 6] {
    let style = match difference.rank {
        Rank::Blocking => Style::Bad,
        Rank::Lossy => Style::Warning,
        Rank::Harmless => Style::Dim,
    };
    let value = |value: &'_ Option<Box<str>>| {
        let text = printable(value.as_deref().unwrap_or_default()).into_owned();
        Cell::styled(shorten(&text, VALUE).into_owned(), Style::Dim)
    };
    [
        Cell::new(&*difference.type_),
        Cell::new(&*difference.path),
        Cell::styled(difference.rank.as_str(), style),
        Cell::new(&*difference.meaning),
        value(&difference.source),
        value(&difference.destination),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn comparison() -> SchemaComparison {
        let difference = |type_: &str, rank| SchemaDifference {
            type_: type_.into(),
            rank,
            path: "".into(),
            meaning: "differs".into(),
            source: None,
            destination: None,
        };
        let differences =
            ["api::a.a", "api::b.b", "c.c"].map(|type_| difference(type_, Rank::Lossy)).into_iter().collect();
        let parts = [
            ((Kind::Entry, Some("api::a.a".into())), ["api::a.a".into(), "c.c".into()].into()),
            ((Kind::Entry, Some("api::equal.equal".into())), ["api::equal.equal".into()].into()),
        ];
        SchemaComparison { differences, parts: parts.into(), findings: Vec::new() }
    }

    fn of(types: &[&str]) -> Result<Vec<String>> {
        let types: Vec<String> = types.iter().map(|&type_| type_.to_owned()).collect();
        let narrowed = narrowed(comparison(), &types)?;
        Ok(narrowed.differences.iter().map(|difference| difference.type_.to_string()).collect())
    }

    #[test]
    fn a_type_stands_for_all_that_it_is_made_of() {
        assert_eq!(of(&[]).expect("all").len(), 3);
        assert_eq!(of(&["api::a.a"]).expect("a type"), ["api::a.a", "c.c"]);
        assert_eq!(of(&["c.c"]).expect("a part"), ["c.c"]);
        assert_eq!(of(&["api::b.b"]).expect("only there"), ["api::b.b"]);
        assert_eq!(of(&["api::equal.equal"]).expect("a type"), [] as [&str; 0]);
        let error = of(&["api::a.b"]).expect_err("unknown");
        assert_eq!((error.exit_code(), error.hint_text()), (4, Some("did you mean `api::a.a`?")));
    }
}
