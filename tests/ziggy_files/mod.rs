//! Helpers of the tests of bundles: what is asynchronous is waited for.

use std::future::Future;

use haul::model::{
    Check, Credentials, Existing, ExportFormat, ExportRequest, Files, Finding, Inventory, ItemIndex, ItemKey, Layout,
    Record, Seal, Source, Squeeze,
};
use haul::platforms::ziggy::BundleSource;

/// Bundles do no asynchronous work, so that one poll is enough.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let polled = future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(value) = polled else { unreachable!("a bundle waits for nothing") };
    value
}

pub fn listed(bundle: &BundleSource) -> Inventory {
    now(bundle.list()).expect("a listing")
}

pub fn check(bundle: &BundleSource) -> Check {
    now(bundle.check()).expect("a check").expect("a bundle")
}

pub fn read(bundle: &BundleSource) -> Vec<Record> {
    let keys: Vec<ItemKey> = listed(bundle).items().map(|item| item.key()).collect();
    now(bundle.read(&keys)).expect("records")
}

pub fn rewritten(bundle: &BundleSource, ids: Option<&[&str]>) -> String {
    export(bundle, ids, Credentials::Keep).0
}

/// Exports the items of these ids, or all.
pub fn export(bundle: &BundleSource, ids: Option<&[&str]>, credentials: Credentials) -> (String, Vec<Finding>) {
    let inventory = listed(bundle);
    let wanted = |id: &str| ids.is_none_or(|ids| ids.contains(&id));
    let items: Vec<ItemIndex> = inventory.items().filter(|item| wanted(item.id())).map(|item| item.index()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out.json");
    let format = ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Refuse,
        files: Files::With,
        credentials,
        folder: haul::model::FolderFormat::default(),
    };
    let request = ExportRequest { inventory: &inventory, items: &items, output: Some(&output), format: &format };
    let exported = now(bundle.export(&request, &())).expect("exported");
    (std::fs::read_to_string(&output).expect("a file"), exported.findings)
}
