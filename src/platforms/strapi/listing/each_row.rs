//! Every row of a bundle, one after the other as they lie.
//! Must not know: what they are read for.

use super::line::parse;
use crate::model::Result;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::row::Row;

pub(in crate::platforms::strapi) fn each_row(
    bundle: &Bundle,
    mut each: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut members = bundle.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        if entry.place == Place::Chunk(Stage::Entities) {
            each_line(&mut members, &mut scratch, |_, line| each(&parse(line, "row")?))?;
        }
    }
    Ok(())
}
