//! Pulls the files of assets into the folder that holds their rows.
//! Must not know: what they are wanted for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Held;
use super::stage;
use super::uploads::Uploads;
use crate::model::{Digest, Digests, Finding, Inventory, ItemIndex, Result, Severity, code};
use crate::platforms::strapi::listing::{self, Extent, FileCount, Listing};
use crate::platforms::strapi::notes::Notes;
use crate::platforms::strapi::schema::FILE_TYPE;
use crate::platforms::strapi::source::blocking;
use crate::platforms::strapi::wire::{Channel, Session, Step};

/// What the files told of their items.
pub(super) struct Outcome {
    digests: Vec<(ItemIndex, Digests, Option<Digest>)>,
    pub findings: Vec<Finding>,
}

impl Outcome {
    pub fn add_to(self, inventory: &mut Inventory) {
        for (item, digests, bytes) in self.digests {
            inventory.set_digests(item, digests);
            bytes.into_iter().for_each(|bytes| inventory.set_bytes(item, bytes));
        }
        inventory.findings.extend(self.findings);
    }
}

/// Pulls the files of these assets, and lists the folder again, which now tells their digests.
pub(super) async fn pull(channel: &Channel, held: Held, asked: &HashSet<ItemIndex>) -> Result<(Held, Outcome)> {
    let wanted = wanted_rows(&held, asked);
    let mut findings = Vec::new();
    if !wanted.is_empty() {
        let (mut session, _, _) = Session::pull(channel).await?;
        let uploads = Uploads::new(held.spool.clone(), wanted);
        let uploads = stage::pull(&mut session, Step::Assets, uploads, &*channel.events).await?;
        session.finish().await?;
        findings.extend(uploads.findings());
    }
    let bundle = held.bundle();
    let listing = blocking(move || listing::list(&bundle, Extent::Rows)).await?;
    let mut digests = Vec::new();
    for &item in asked {
        let read = listing.inventory.item(item);
        digests.extend(read.digests().map(|found| (item, found, read.bytes())));
    }
    findings.extend(missing(&listing, asked));
    let with_files = held.with_files.union(asked).copied().collect();
    let held = Held { spool: held.spool, index: Arc::new(listing.index), with_files: Arc::new(with_files) };
    Ok((held, Outcome { digests, findings }))
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
