//! What a plan has to say of schemas that differ: of the types that it writes, and of those that it leaves out for that.
//! Must not know: what a schema looks like, or how schemas are compared.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Member, type_of};
use crate::model::text::shorten;
use crate::model::{Finding, ItemKey, Kind, Rank, Reason, SchemaComparison, SchemaDifference, code};

/// Columns of a value that are shown.
const SHORT: usize = 48;

pub(super) fn findings(draft: &Draft<'_>) -> Vec<Finding> {
    let schemas = draft.request.schemas;
    let mut list = schemas.findings.clone();
    if schemas.differences.is_empty() {
        return list;
    }
    let in_use = Parts::of(schemas, &draft.members, |member| member.is_written());
    let left_out = Parts::of(schemas, &draft.members, |member| member.reason == Reason::SchemaBlocking);
    for (part, users) in &in_use.0 {
        in_use_differs(schemas, part, users, &mut list);
    }
    for (part, users) in left_out.0.iter().filter(|(part, _)| !in_use.0.contains_key(*part)) {
        let blocking = schemas.about(part).iter().filter(|difference| difference.rank == Rank::Blocking);
        list.extend(blocking.map(|difference| {
            let sentence = format!("{}; items of this type are left out", sentence(difference, users));
            about(difference, Finding::warning(code::SCHEMA_BLOCKING, sentence))
        }));
    }
    list
}

/// What items are made of, each part with the types that hold it.
struct Parts<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Parts<'a> {
    fn of(schemas: &'a SchemaComparison, members: &[Member<'a>], wanted: impl Fn(&Member<'_>) -> bool) -> Self {
        let types: BTreeSet<_> = members.iter().filter(|member| wanted(member)).map(type_of).collect();
        let mut parts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (kind, type_) in types {
            for part in schemas.parts_of(kind, type_) {
                parts.entry(part).or_default().extend(type_);
            }
        }
        Parts(parts)
    }
}

fn in_use_differs(schemas: &SchemaComparison, part: &str, users: &BTreeSet<&str>, list: &mut Vec<Finding>) {
    let mut harmless = Vec::new();
    for difference in schemas.about(part) {
        let finding = match difference.rank {
            Rank::Blocking => Finding::blocking(code::SCHEMA_BLOCKING, sentence(difference, users)),
            Rank::Lossy => Finding::warning(code::SCHEMA_LOSSY, sentence(difference, users)),
            Rank::Harmless => {
                harmless.push(difference);
                continue;
            }
        };
        list.push(about(difference, finding));
    }
    if let Some(first) = harmless.first() {
        let paths = harmless.iter().take(3).map(|difference| &*difference.path).collect::<Vec<_>>().join(", ");
        let more = if harmless.len() > 3 { format!(" and {} more", harmless.len() - 3) } else { String::new() };
        let sentence = format!("{part} differs in what content does not show: {paths}{more}");
        list.push(about(first, Finding::info(code::SCHEMA_HARMLESS, sentence)));
    }
}

fn about(difference: &SchemaDifference, finding: Finding) -> Finding {
    finding.on(&ItemKey::new(Kind::Schema, difference.type_.clone()))
}

/// The type and where in it, who holds it, what follows, and the two values.
fn sentence(difference: &SchemaDifference, users: &BTreeSet<&str>) -> String {
    let SchemaDifference { type_, path, meaning, source, destination, .. } = difference;
    let space = if path.is_empty() { "" } else { " " };
    let mut sentence = format!("{type_}{space}{path}");
    if !users.contains(&**type_)
        && let Some(first) = users.first()
    {
        let more = if users.len() > 1 { format!(" and {} more", users.len() - 1) } else { String::new() };
        sentence.push_str(&format!(" (part of {first}{more})"));
    }
    sentence.push_str(&format!(": {meaning}"));
    let values = [("source", source), ("destination", destination)];
    let values =
        values.iter().filter_map(|(side, value)| Some(format!("{side} {}", shorten(value.as_deref()?, SHORT))));
    let values = values.collect::<Vec<_>>().join(", ");
    if !values.is_empty() {
        sentence.push_str(&format!(" ({values})"));
    }
    sentence
}
