//! Files that a run would write records of without having their bytes: the destination would show pictures that are not there.
//! Must not know: transfers.

use std::collections::{BTreeSet, HashSet};

use super::feed::End;
use crate::model::{Error, ErrorKind, ItemKey, Kind, Plan, Result, Severity, code};
use crate::platforms::strapi::listing::FileCount;
use crate::platforms::strapi::merge::Assignment;
use crate::platforms::strapi::schema::FILE_TYPE;

/// Refuses them before anything is sent. Files of other providers are where their records say.
pub(super) fn refuse(assignments: &[Assignment], source: &End) -> Result<()> {
    let written = assignments.iter().map(|assignment| &assignment.item).collect();
    let missing = without_file(&written, source);
    let Some(first) = missing.first() else { return Ok(()) };
    let hint = format!("nothing was changed; put it back, or leave it out with --decide asset:{}=skip", first.id);
    Err(error(first, &missing, source).hint(hint))
}

/// The same for a replace, which leaves no single item out: where its plan told that files are missing, their records come alone.
pub(super) fn refuse_untold(plan: &Plan, source: &End) -> Result<()> {
    let mut told = plan.findings.iter().filter(|finding| finding.code == code::MISSING_FILE);
    if told.any(|finding| finding.severity == Severity::Warning) {
        return Ok(());
    }
    let written = plan.written().map(|item| &item.key).filter(|key| key.kind == Kind::Asset).collect();
    let missing = without_file(&written, source);
    let Some(first) = missing.first() else { return Ok(()) };
    Err(error(first, &missing, source).hint(format!("nothing was changed; {WAYS_OUT}")))
}

/// What somebody can do who does not want records without files.
pub(super) const WAYS_OUT: &str = "put the file back or delete its record at the source, or keep the media library of the \
    destination with --exclude files";

/// Items among these whose file the source should have and does not.
fn without_file(written: &HashSet<&ItemKey>, source: &End) -> BTreeSet<ItemKey> {
    let Some(type_) = source.index.types.find(FILE_TYPE) else { return BTreeSet::new() };
    let lacks = source.index.rows.of_type(type_).filter_map(|(_, owner)| {
        let (count, key) = (FileCount(owner.place), source.inventory.item(owner.item).key());
        (!count.has_main() && !count.elsewhere() && written.contains(&key)).then_some(key)
    });
    lacks.collect()
}

fn error(first: &ItemKey, missing: &BTreeSet<ItemKey>, source: &End) -> Error {
    let name = source.inventory.find(first).map(|item| item.name().to_owned()).unwrap_or_default();
    let message = format!("the file of {first} ({name}) is missing at the source, and {} more", missing.len() - 1);
    Error::new(ErrorKind::Damaged, message).items(missing.iter().cloned())
}
