//! Reads both locations as far as a plan needs, and asks the planner.
//! Must not know: how matching or deciding works.

use crate::model::{Destination, Error, ErrorKind, Inventory, Plan, PlanOptions, Result, Source};

/// A plan, and the examined inventories that it rests on.
#[derive(Debug)]
pub struct Survey {
    pub plan: Plan,
    pub source: Inventory,
    pub destination: Inventory,
}

/// Lists both locations at once, examines what the plan touches, and plans. Changes nothing.
pub async fn survey(_source: &dyn Source, _destination: &dyn Destination, _options: PlanOptions) -> Result<Survey> {
    Err(Error::new(ErrorKind::Internal, "the planner is not there yet"))
}
