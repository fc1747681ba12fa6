//! Snapshot: what the run overwrites, and before a replace everything, is saved as an ordinary bundle, before the first write.
//! Must not know: forms of bundles.

use std::sync::Arc;

use super::Run;
use super::fetch::refuse_without_room;
use crate::engine::bundle::with_always_exported;
use crate::engine::store::Record;
use crate::files;
use crate::model::{
    Credentials, Decision, Existing, ExportFormat, ExportRequest, Files, FolderFormat, Internals, Inventory, ItemIndex,
    ItemKey, Layout, Manifest, Mode, Result, Seal, Squeeze, Stage,
};

/// Takes the snapshot, unless there is one or nothing is overwritten. `known` is the destination as the plan saw it.
pub(super) async fn snapshot(run: &Run, known: Option<Arc<Inventory>>) -> Result<()> {
    if run.ledger.see(|history| history.snapshot.is_some()) {
        return Ok(());
    }
    let wanted = match run.plan.options.mode {
        Mode::Merge => Wanted::Items(overwritten(run)),
        Mode::Replace => Wanted::Everything,
    };
    if matches!(&wanted, Wanted::Items(items) if items.is_empty()) {
        return run.ledger.record(Record::Snapshot { path: None });
    }
    run.enter(Stage::Snapshot)?;
    let path = run.race(take(run, &wanted, known)).await?;
    run.ledger.record(Record::Snapshot { path })
}

/// What a snapshot holds.
enum Wanted {
    Items(Vec<ItemKey>),
    /// A replace deletes what it does not name: the destination as a whole.
    Everything,
}

impl Wanted {
    /// An item that is gone by now is not overwritten: the write finds that out and says so.
    fn of(&self, inventory: &Inventory) -> Vec<ItemIndex> {
        match self {
            Wanted::Items(keys) => keys.iter().filter_map(|key| inventory.find(key)).map(|item| item.index()).collect(),
            Wanted::Everything => {
                inventory.items().filter(|item| !item.facts().deleted).map(|item| item.index()).collect()
            }
        }
    }
}

fn overwritten(run: &Run) -> Vec<ItemKey> {
    let overwritten = run.plan.items.iter().filter(|item| item.decision == Decision::Overwrite);
    overwritten.filter_map(|item| Some(item.key.with_id(item.destination_id()?))).collect()
}

async fn take(run: &Run, wanted: &Wanted, known: Option<Arc<Inventory>>) -> Result<Option<String>> {
    let mut inventory = match known {
        Some(inventory) => inventory,
        None => Arc::new(run.destination.list().await?),
    };
    let mut items = wanted.of(&inventory);
    items.extend(run.destination.touched(&run.plan, &inventory));
    items.sort_unstable();
    items.dedup();
    if items.is_empty() {
        return Ok(None);
    }
    let items = with_always_exported(&inventory, items, run.destination.rules());
    if items.iter().any(|&item| inventory.item(item).digests().is_none()) {
        run.destination.examine(Arc::make_mut(&mut inventory), &items).await?;
    }
    let output = run.folder.snapshot_path();
    let folder = files::folder_of(output);
    if !folder.exists() {
        files::create_private_folder(folder)?;
    }
    refuse_without_room(folder, items.iter().map(|&item| inventory.item(item).size()).sum())?;
    let request =
        ExportRequest { inventory: &inventory, items: &items, output: Some(output), format: &snapshot_format() };
    // What the export finds concerns the bundle, not the run.
    let exported = run.destination.export(&request, &super::super::events::PlatformSink::new(&run.hub)).await?;
    let path = exported.path.unwrap_or_else(|| output.to_owned());
    files::make_private(&path)?;
    files::sync_folder(files::folder_of(&path))?;
    Ok(Some(path.display().to_string()))
}

/// As it stands at the destination. Not sealed: the folder is private, and a lost key would be a lost snapshot.
fn snapshot_format() -> ExportFormat {
    ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::Gzip,
        layout: Layout::Archive,
        existing: Existing::Replace,
        files: Files::With,
        credentials: Credentials::Keep,
        folder: FolderFormat { internals: Internals::Keep, manifest: Manifest::None },
    }
}
