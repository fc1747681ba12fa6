//! Which rows of the destination are of locales that do not move.
//! Must not know: what becomes of rows.

use std::collections::HashSet;

use super::compose::each_line_of;
use super::push_row::component_rows;
use super::side::{RowId, Side};
use crate::model::{ItemIndex, Result};
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::narrow::locale_of;
use crate::platforms::strapi::row::Row;

/// Rows whose locale is none of these; of documents that are overwritten also the rows of components in them, since their
/// relations stay with them. Rows without a locale are never among them.
pub(super) fn outside(
    bundle: &Bundle,
    side: &Side<'_>,
    locales: &[String],
    is_overwritten: impl Fn(ItemIndex) -> bool,
) -> Result<HashSet<RowId>> {
    let mut outside = HashSet::new();
    each_line_of(bundle, Stage::Entities, |line| {
        let row: Row<'_> = parse(line, "row")?;
        let Some(id) = side.row(&row.type_, Some(row.id)) else { return Ok(()) };
        let moves = locale_of(&row).is_none_or(|locale| locales.iter().any(|wanted| *wanted == *locale));
        if moves {
            return Ok(());
        }
        outside.insert(id);
        match side.owner(id).is_some_and(&is_overwritten) {
            true => component_rows(side, id, row.data, &mut |component| outside.extend([component])),
            false => Ok(()),
        }
    })?;
    Ok(outside)
}
