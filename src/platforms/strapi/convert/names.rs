//! What items are called that a listing of the unconverted source knows by their row ids: a person may have picked there.
//! Must not know: rows, inventories.

use super::origin::Origins;
use crate::platforms::strapi::early::Early;
use crate::platforms::strapi::schema::FILE_TYPE;

/// From row ids to documentIds.
#[derive(Debug)]
pub(in crate::platforms::strapi) struct Names {
    early: Early,
    origins: Origins,
}

impl Names {
    pub(super) fn new(early: Early, origins: Origins) -> Names {
        Names { early, origins }
    }

    /// The new form of an id as typed: `TYPE/ID`, `entry:TYPE/ID` or `asset:ID`. An id alone could be of any type.
    pub fn renamed(&self, typed: &str) -> Option<String> {
        let (before, uid, row) = match typed.strip_prefix("asset:") {
            Some(row) => ("asset:", FILE_TYPE, row),
            None => {
                let (before, row) = typed.split_at(typed.rfind('/')? + 1);
                let uid = before.strip_prefix("entry:").unwrap_or(before);
                (before, uid.strip_suffix('/')?, row)
            }
        };
        let (type_, row) = (self.early.types.find(uid)?, row.parse().ok()?);
        let document = self.origins.has(type_, row).then(|| self.origins.document(&self.early, uid, type_, row))?;
        Some(format!("{before}{document}"))
    }
}
