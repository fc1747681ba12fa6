//! Decides what would happen to each item: what a selection picks, what comes along, how each item is found at the
//! destination, and what is done with it. Pure: two inventories, a selection and a policy in, a plan out.
//! Must not know: platforms (what differs arrives as [`crate::model::Rules`]), files, clocks, the screen.

mod closure;
mod contents;
mod copies;
mod decide;
mod difference;
mod draft;
mod effects;
pub mod file;
mod findings;
mod holds;
mod map;
mod markdown;
mod matching;
mod meaning;
mod names;
mod only_there;
mod reach;
mod refuse;
mod replaced;
mod request;
mod schemas;
mod select;
mod select_back;
mod soles;
mod stale;
mod suggest;
mod uniques;

pub use closure::{Closure, closure};
pub use decide::legal;
pub use difference::{
    Difference, DifferenceItem, DifferenceRequest, DifferenceSide, DifferenceState, DifferenceSummary, difference,
    difference_needs,
};
pub use draft::{matches, plan};
pub use holds::{holds, holds_in_part};
pub use markdown::markdown;
pub use meaning::{Meaning, meanings};
pub use only_there::only_at_destination;
pub use reach::{refuse_unknown_reach, without_media};
pub use refuse::{refuse_blocking, refuse_findings, refuse_rehearsed};
pub use request::PlanRequest;
pub use select::{item_named, resolve, resolve_both};
pub use select_back::selection_of;
pub use stale::stale;
