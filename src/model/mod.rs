//! The vocabulary as types: what an item, a plan, a run and a report are, and what a platform must be able to do.
//! Must not know: files, sockets, clocks, screens. Nothing here does I/O; the traits only say what others do.
//!
//! The words are those of `docs/vocabulary.md`; a synonym in code is a bug.

mod access;
mod decision;
mod digest;
mod error;
mod event;
mod finding;
mod forecast;
mod inventory;
mod key;
mod location;
mod plan;
mod reach;
mod report;
mod rules;
mod schemas;
mod secret;
mod selection;
pub mod text;
mod told;
mod traits;

pub use access::Access;
pub use decision::{Decision, DependencyMode, MatchMethod, Mode, Policy, Reason, Role};
pub use digest::{Digest, Digests};
pub use error::{Error, ErrorBrief, ErrorKind, Result};
pub use event::{EventSink, Progress, Reading, RunEnd, RunEvent, Stage, Tally};
pub use finding::{Effect, EffectKind, Finding, Severity, code};
pub use forecast::Forecast;
pub use inventory::{Facts, Inventory, ItemIndex, ItemRef, NewItem, Reference, ReferenceView, Sole};
pub use key::{ItemKey, KeyPattern, Kind, Platform};
pub use location::LocationInfo;
pub use plan::{Candidate, Marks, MatchBy, Plan, PlanItem, PlanOptions};
pub use reach::{Following, Media, Reach};
pub use report::{ItemResult, Report, ReportItem, RunStatus, Summary};
pub use rules::{CopyIds, DependencyRule, Duplicable, Features, KindRules, LeftAlone, ReferencedBy, Rules};
pub use schemas::{Rank, SchemaComparison, SchemaDifference, Schemas};
pub use secret::SecretValues;
pub use selection::{Part, Selection};
pub use told::{FileInfo, Version, VersionState};
pub use traits::{
    Check, Credentials, Destination, Existing, ExportFormat, ExportRequest, Exported, Files, FolderFormat, Internals,
    ItemOutcome, Layout, Manifest, Record, Rehearsal, Seal, Source, Squeeze, Step, StepOutcome, UnloadRequest, Work,
};
