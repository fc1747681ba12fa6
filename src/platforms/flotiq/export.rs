//! Exports and unloads: from a listed directory into a new one.
//! Must not know: servers.

use std::path::PathBuf;
use std::sync::Arc;

use super::index::Index;
use super::output::{Draft, output_path};
use super::write::{Internal, Order, Writing};
use crate::model::{Error, ErrorKind, EventSink, ExportRequest, Exported, Internals, Manifest, Result, UnloadRequest};
use crate::platforms::work::telling;

/// Writes what was asked for into a directory of its own.
pub(super) async fn run(index: Arc<Index>, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
    let Some(output) = request.output else {
        return Err(Error::new(ErrorKind::Usage, "an export of Flotiq is a folder, which standard output cannot take")
            .hint("name a folder"));
    };
    let draft = Draft::new(&output_path(output)?, request.format.existing)?;
    let order = Order::new(request.inventory, request.items, &index);
    let internal = match request.format.folder.internals {
        Internals::Leave => Internal::Nothing,
        Internals::Keep => Internal::Carried,
    };
    let (manifest, files) = (request.format.folder.manifest, request.format.files);
    telling(events, move |progress| {
        let written = Writing { index, order, internal, manifest, files, folder: draft.path(), progress }.run()?;
        let path = draft.keep()?;
        Ok(Exported { path: Some(path), bytes: written.bytes, findings: written.findings })
    })
    .await
}

/// Fills a run's folder: an export directory in which objects keep everything that the source says of them.
pub(super) async fn unload(index: Arc<Index>, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
    let order = Order::new(request.inventory, request.items, &index);
    let (folder, files): (PathBuf, _) = (request.folder.to_owned(), request.files);
    let written = telling(events, move |progress| {
        let (internal, manifest) = (Internal::All, Manifest::None);
        Writing { index, order, internal, manifest, files, folder: &folder, progress }.run()
    })
    .await?;
    written.findings.into_iter().for_each(|finding| events.emit(crate::model::RunEvent::Found { finding }));
    Ok(())
}
