//! The verbs that write no remote: list, export, diff and verify.
//! Must not know: forms of bundles.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use crate::model::{
    DependencyMode, Error, ErrorKind, EventSink, ExportFormat, Finding, Inventory, ItemIndex, Report, Result,
    Selection, Source,
};

/// How much of each picked item is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What a listing tells.
    Listed,
    /// Content too: digests, references, findings.
    Examined,
}

/// The items of a location, and which of them were picked.
#[derive(Debug)]
pub struct Listing {
    pub inventory: Inventory,
    /// In the order of the inventory.
    pub picked: Vec<ItemIndex>,
}

/// What an export takes.
#[derive(Debug)]
pub struct ExportSpec<'a> {
    pub selection: &'a Selection,
    pub dependencies: Option<DependencyMode>,
    pub format: &'a ExportFormat,
    /// `None` for standard output.
    pub output: Option<&'a Path>,
}

/// The answer of `haul verify`.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    pub status: VerificationStatus,
    pub findings: Vec<Finding>,
    pub items: u64,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationStatus {
    Ok,
    Damaged,
}

impl VerificationStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            VerificationStatus::Ok => "ok",
            VerificationStatus::Damaged => "damaged",
        }
    }
}

fn later<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Internal, "the planner is not there yet"))
}

/// Lists a location and resolves a selection.
pub async fn list(_source: &dyn Source, _selection: &Selection, _depth: Depth) -> Result<Listing> {
    later()
}

/// Writes a bundle of what was selected and what it needs. Refuses while a finding blocks.
pub async fn export(
    _source: &dyn Source,
    _spec: &ExportSpec<'_>,
    _events: &dyn EventSink,
    _cancel: &CancellationToken,
) -> Result<Report> {
    later()
}

/// Compares two locations. Will return `planner::Difference`.
pub async fn diff(_left: &dyn Source, _right: &dyn Source, _selection: &Selection) -> Result<()> {
    later()
}

/// Checks a bundle to its last byte.
pub async fn verify(_source: &dyn Source) -> Result<Verification> {
    later()
}
