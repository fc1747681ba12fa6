//! What the entries of a type hold in one attribute, as hashes that are alike wherever the values are.
//! Must not know: what they are compared for.

use super::Index;
use super::digests::unique_of;
use super::each_row::each_row;
use super::line::parse;
use crate::model::text::nearest;
use crate::model::{Error, ErrorKind, ItemIndex, MatchBy, Result};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{Attribute, Type};

/// Every value that is there; nothing and empty text tell nobody apart.
pub(in crate::platforms::strapi) fn values(
    bundle: &Bundle,
    index: &Index,
    by: &MatchBy,
) -> Result<Vec<(ItemIndex, u64)>> {
    refuse_unknown(index, by)?;
    let Some(type_) = index.types.find(&by.type_) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    each_row(bundle, |row| {
        if row.type_ == by.type_
            && let (Some(owner), Some(value)) = (index.rows.get(type_, row.id), value(row, by)?)
        {
            found.push((owner.item, value));
        }
        Ok(())
    })?;
    Ok(found)
}

fn value(row: &Row<'_>, by: &MatchBy) -> Result<Option<u64>> {
    let Pairs(pairs) = parse(row.data.get().as_bytes(), "row")?;
    let of = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, raw)| raw.get());
    let value = of(&by.field).filter(|raw| !matches!(*raw, "null" | "\"\""));
    Ok(value.map(|raw| unique_of(&by.type_, &by.field, of("locale").unwrap_or("null"), raw)))
}

/// Entries are told apart by what stands in their own rows and is no secret.
fn refuse_unknown(index: &Index, by: &MatchBy) -> Result<()> {
    let types = || index.types.ids().map(|id| index.types.get(id)).filter(|type_| type_.known);
    let Some(type_) = types().find(|type_| *type_.uid == *by.type_) else {
        let message = format!("--match-by: there is no type {}", by.type_);
        return Err(hinted(message, &by.type_, types().map(|type_| &*type_.uid)));
    };
    match fields(type_).any(|field| field == by.field) {
        true => Ok(()),
        false => {
            let message = format!("--match-by: {} has no attribute `{}` that tells entries apart", by.type_, by.field);
            Err(hinted(message, &by.field, fields(type_)))
        }
    }
}

fn fields(type_: &Type) -> impl Iterator<Item = &str> {
    let plain = |attribute: &Attribute| matches!(attribute, Attribute::ShortText | Attribute::Plain);
    type_.attributes.iter().filter(move |(_, attribute)| plain(attribute)).map(|(name, _)| &**name)
}

fn hinted<'a>(message: String, typed: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    let near = nearest(typed, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    Error::new(ErrorKind::UnknownItem, message).hint(near.unwrap_or_else(|| format!("it knows {}", known.join(", "))))
}
