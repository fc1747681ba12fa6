//! Pulls the files of assets into the folder that holds their rows.
//! Must not know: what they are wanted for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Held;
use super::listing::trace_assets;
use super::spool::Spool;
use super::stage;
use super::uploads::Uploads;
use crate::model::{Finding, Inventory, ItemIndex, Result, Severity, code};
use crate::platforms::strapi::listing::{self, Extent, FileCount, Listing};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::notes::Notes;
use crate::platforms::strapi::schema::FILE_TYPE;
use crate::platforms::strapi::source::blocking;
use crate::platforms::strapi::wire::{Channel, Session, Step};

/// Pulls the files of these assets.
pub(super) async fn pull(channel: &Channel, held: &Held, asked: &HashSet<ItemIndex>) -> Result<Vec<Finding>> {
    let wanted = wanted_rows(held, asked);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let (mut session, _, _) = Session::pull(channel).await?;
    let uploads = Uploads::new(held.spool.clone(), wanted);
    let uploads = stage::pull(&mut session, Step::Assets, uploads, &*channel.events).await?;
    session.finish().await?;
    Ok(uploads.findings().collect())
}

/// Lists a folder again, which tells the digests of assets whose files came; and what the server did not send of those asked for.
pub(super) async fn listed(
    spool: Arc<Spool>,
    with_files: HashSet<ItemIndex>,
    asked: &HashSet<ItemIndex>,
) -> Result<(Held, Inventory, Vec<Finding>)> {
    let bundle = Bundle::Folder(spool.path().to_owned());
    let mut listing = blocking(move || listing::list(&bundle, Extent::Rows)).await?;
    let findings = missing(&listing, asked);
    trace_assets(&mut listing.inventory, |item| !with_files.contains(&item));
    let held = Held { spool, index: Arc::new(listing.index), with_files: Arc::new(with_files) };
    Ok((held, listing.inventory, findings))
}

/// The rows whose files are to come, and how many each should have.
fn wanted_rows(held: &Held, asked: &HashSet<ItemIndex>) -> HashMap<u64, u32> {
    let Some(type_) = held.index.types.find(FILE_TYPE) else { return HashMap::new() };
    let rows = held.index.rows.of_type(type_);
    let wanted = rows.filter(|(_, owner)| asked.contains(&owner.item) && !held.with_files.contains(&owner.item));
    wanted.map(|(row, owner)| (row, FileCount(owner.place).expected())).collect()
}

/// What the server did not send of what was asked for.
fn missing(listing: &Listing, asked: &HashSet<ItemIndex>) -> Vec<Finding> {
    let mut notes = Notes::default();
    let Some(type_) = listing.index.types.find(FILE_TYPE) else { return Vec::new() };
    for (_, owner) in listing.index.rows.of_type(type_).filter(|(_, owner)| asked.contains(&owner.item)) {
        let (count, item) = (FileCount(owner.place), listing.inventory.item(owner.item));
        let (severity, sentence) = match (count.has_main(), count.seen() < count.expected()) {
            (false, _) => (Severity::Warning, "the file of this record is missing at the server"),
            (true, true) => (Severity::Info, "renditions of files are missing at the server"),
            (true, false) => continue,
        };
        notes.add_on(severity, code::MISSING_FILE, sentence, &item.key(), item.name().into());
    }
    notes.findings()
}
