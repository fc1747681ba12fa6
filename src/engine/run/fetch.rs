//! Fetch: what will be written is brought to disk and compared with the plan, before the first write.
//! Must not know: what the content means.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::Run;
use crate::engine::events::PlatformSink;
use crate::engine::store::{self, write_spool};
use crate::files;
use crate::model::{
    Digest, Error, ErrorKind, EventSink, Files, Inventory, ItemIndex, ItemKey, Record, Result, RunEvent, Source, Stage,
    UnloadRequest, code,
};

/// Beyond what is written, the disk keeps this much room for journal and report.
const ROOM: u64 = 1 << 20;

/// Reads and spools the content of every written item. Gives what the journal says of the spool.
pub(super) async fn fetch(run: &Run, source: &dyn Source, inventory: Arc<Inventory>) -> Result<(u64, Digest)> {
    run.enter(Stage::Fetch)?;
    let keys: Vec<ItemKey> = run.plan.written().map(|item| item.key.clone()).collect();
    let sizes: u64 = run.plan.written().map(|item| item.size).sum();
    refuse_without_room(run.folder.path(), sizes)?;
    let (records, inventory) = match run.destination.rules().features.unloads {
        true => run.race(unload(run, source, &keys, inventory)).await?,
        false => run.race(read(source, &keys, inventory)).await?,
    };
    refuse_changed(run, &keys, &records, &inventory)?;
    let bytes = records.iter().map(|record| record.json.get().len() as u64).sum();
    let (items, digest) = write_spool(&run.folder.spool_file(), &records, &inventory)?;
    run.ledger.record(store::Record::Spooled { items, digest })?;
    run.hub.emit(RunEvent::BytesMoved { bytes });
    Ok((items, digest))
}

/// The content in a folder of the run, and records that only name the items. The source takes it from where its
/// inventory came from, or says that this changed.
async fn unload(
    run: &Run,
    source: &dyn Source,
    keys: &[ItemKey],
    inventory: Arc<Inventory>,
) -> Result<(Vec<Record>, Arc<Inventory>)> {
    let folder = run.folder.content_folder();
    run.folder.forget_content()?;
    files::create_private_folder(&folder)?;
    let items: Vec<ItemIndex> = keys.iter().filter_map(|key| inventory.find(key)).map(|item| item.index()).collect();
    let request = UnloadRequest { inventory: &inventory, items: &items, folder: &folder, files: Files::With };
    source.unload(&request, &PlatformSink::new(&run.hub)).await?;
    files::sync_folder(&folder)?;
    let records = keys.iter().map(|key| Record { key: key.clone(), json: RawValue::NULL.to_owned() });
    Ok((records.collect(), inventory))
}

/// The content, and an inventory that surely describes it: where the content itself does not tell its digest, the
/// items are examined once more after they were read.
async fn read(
    source: &dyn Source,
    keys: &[ItemKey],
    inventory: Arc<Inventory>,
) -> Result<(Vec<Record>, Arc<Inventory>)> {
    if keys.is_empty() {
        return Ok((Vec::new(), inventory));
    }
    let records = source.read(keys).await?;
    if records.iter().all(|record| is_as_examined(source, record, &inventory)) {
        return Ok((records, inventory));
    }
    let mut inventory = source.list().await?;
    let items: Vec<ItemIndex> = keys.iter().filter_map(|key| inventory.find(key)).map(|item| item.index()).collect();
    source.examine(&mut inventory, &items).await?;
    Ok((records, Arc::new(inventory)))
}

fn is_as_examined(source: &dyn Source, record: &Record, inventory: &Inventory) -> bool {
    let examined = inventory.find(&record.key).and_then(|item| item.digests());
    match (source.exact_digest(record), examined) {
        (Some(exact), Some(examined)) => exact == examined.exact,
        _ => false,
    }
}

fn refuse_changed(run: &Run, keys: &[ItemKey], records: &[Record], inventory: &Inventory) -> Result<()> {
    if !records.iter().map(|record| &record.key).eq(keys) {
        return Err(Error::new(ErrorKind::Protocol, "the source gave other items than were asked for"));
    }
    let as_planned = |key: &&ItemKey| {
        let now = inventory.find(key).and_then(|item| item.digests());
        now.is_some() && now.map(|now| now.exact) == run.item(key).map(|item| item.source.exact)
    };
    let changed: Vec<_> = keys.iter().filter(|key| !as_planned(key)).cloned().collect();
    match changed.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(ErrorKind::Stale, format!("{first} at the source: {}", meaning(changed.len())))
            .hint("nothing was changed; make a new plan")
            .items(changed)),
    }
}

fn meaning(count: usize) -> String {
    match count {
        1 => code::CHANGED_SINCE_PLAN.replace('-', " "),
        n => format!("{} (and {} more)", code::CHANGED_SINCE_PLAN.replace('-', " "), n - 1),
    }
}

/// Stops before anything is written where the disk surely cannot take it.
pub(super) fn refuse_without_room(folder: &std::path::Path, bytes: u64) -> Result<()> {
    let needed = bytes.saturating_add(ROOM);
    match files::free_space(folder) {
        Some(free) if free < needed => Err(Error::new(
            ErrorKind::DiskFull,
            format!("{} has {free} bytes left, {needed} are needed", folder.display()),
        )
        .hint("nothing was changed; free some space, or choose another place with --snapshot-dir or HAUL_STATE_DIR")),
        _ => Ok(()),
    }
}
