//! Carries a plan out: surveys both locations, runs in the background, keeps a journal, takes a snapshot, resumes,
//! verifies, and ends in a report. `docs/runs.md` says what is on disk.
//! Must not know: any platform (they arrive as [`crate::model::Source`] and [`crate::model::Destination`]), HTTP,
//! screens, how a plan is made.

mod bundle;
mod diff;
mod events;
mod rehearse;
mod report;
mod run;
mod store;
mod survey;

pub use bundle::{Depth, ExportSpec, Listing, Verification, VerificationStatus, export, list, preview_export, verify};
pub use diff::diff;
pub use events::Relay;
pub use rehearse::rehearse;
pub use run::{Freshness, ResumeSpec, RunHandle, RunSpec, WhenBusy, resume, start};
pub use store::{RunEntry, RunId, RunLine, RunState, RunStore, RunSummary, StoredRun};
pub use survey::{Survey, compare_schemas, fitted, needs, pick, replan, suited, survey, through_locales};
