//! What a plan is made from.
//! Must not know: how.

use crate::model::{Inventory, ItemIndex, LocationInfo, PlanOptions, Rules, SchemaComparison};

/// Two inventories, what was picked of the source, and the options. Items that the plan touches were examined:
/// at the source what [`super::closure()`] names, at the destination what [`super::matches()`] names.
#[derive(Clone, Debug)]
pub struct PlanRequest<'a> {
    pub source: &'a Inventory,
    pub source_info: LocationInfo,
    pub destination: &'a Inventory,
    pub destination_info: LocationInfo,
    pub rules: &'a Rules,
    pub picked: &'a [ItemIndex],
    pub options: PlanOptions,
    /// What differs between the schemas of the two; nothing where the platform has none.
    pub schemas: &'a SchemaComparison,
}
