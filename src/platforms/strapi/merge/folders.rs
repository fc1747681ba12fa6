//! Where folders of the media library lie once a merge is done. Their `pathId` is a number that the database gives out once,
//! and `path` is made of those, so that both are another server's business (5.54.0: `path` is unique).
//! Must not know: how rows are written.

use std::collections::HashMap;

use serde::Deserialize;

use super::compose::{Bundles, Merge, Origin, each_line_of};
use super::fate::Spot;
use super::side::{RowId, Side};
use crate::model::Result;
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::FOLDER_TYPE;

/// Paths of the source, and what they are at the destination.
#[derive(Debug, Default)]
pub(super) struct Folders(HashMap<String, Address>);

/// The number of a folder and the numbers on the way to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Address {
    #[serde(rename = "pathId", default)]
    pub number: u64,
    #[serde(default)]
    pub path: String,
}

impl Folders {
    pub fn new(merge: &Merge<'_>, bundles: Bundles<'_>) -> Result<Folders> {
        let mut ours = addresses(bundles.source, merge.source)?;
        if ours.is_empty() {
            return Ok(Folders::default());
        }
        let theirs: HashMap<RowId, Address> = addresses(bundles.destination, merge.destination)?.into_iter().collect();
        let mut last = theirs.values().map(|address| address.number).max().unwrap_or_default();
        // Whoever holds others comes first.
        ours.sort_by_key(|(row, address)| (address.path.matches('/').count(), *row));
        let mut folders = Folders::default();
        for (row, address) in ours {
            let there = merge.row_that_goes(row).or_else(|| match merge.spot(Origin::Source, row) {
                Spot::There(id) => merge.destination.row(FOLDER_TYPE, Some(id)),
                Spot::Pushed(_) | Spot::Nowhere => None,
            });
            let moved = match there.and_then(|row| theirs.get(&row)) {
                Some(there) => there.clone(),
                None => {
                    last += 1;
                    let holder = address.path.rsplit_once('/').map_or("", |(holder, _)| holder);
                    let holder = folders.0.get(holder).map_or("", |holder| &holder.path);
                    Address { number: last, path: format!("{holder}/{last}") }
                }
            };
            folders.0.insert(address.path, moved);
        }
        Ok(folders)
    }

    /// Where a folder of the source lies at the destination.
    pub fn of(&self, path: &str) -> Option<&Address> {
        self.0.get(path)
    }
}

/// The folders of one side; those of rows that are only named say where they are too.
fn addresses(bundle: &Bundle, side: &Side<'_>) -> Result<Vec<(RowId, Address)>> {
    let mut found = Vec::new();
    if side.row(FOLDER_TYPE, Some(0)).is_none() {
        return Ok(found);
    }
    each_line_of(bundle, Stage::Entities, |line| {
        let row: Row<'_> = parse(line, "row")?;
        if row.type_ == FOLDER_TYPE {
            let address: Address = parse(row.data.get().as_bytes(), "folder")?;
            found.extend(side.row(FOLDER_TYPE, Some(row.id)).map(|row| (row, address)));
        }
        Ok(())
    })?;
    Ok(found)
}
