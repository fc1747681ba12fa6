//! Files that a run would write records of without having their bytes: the destination would show pictures that are not there.
//! Must not know: transfers.

use std::collections::HashSet;

use super::feed::End;
use crate::model::{Error, ErrorKind, ItemKey, Result};
use crate::platforms::strapi::listing::FileCount;
use crate::platforms::strapi::merge::Assignment;
use crate::platforms::strapi::schema::FILE_TYPE;

/// Refuses them before anything is sent. Files of other providers are where their records say.
pub(super) fn refuse(assignments: &[Assignment], source: &End) -> Result<()> {
    let Some(type_) = source.index.types.find(FILE_TYPE) else { return Ok(()) };
    let written: HashSet<&ItemKey> = assignments.iter().map(|assignment| &assignment.item).collect();
    let mut missing = Vec::new();
    for (_, owner) in source.index.rows.of_type(type_) {
        let (count, item) = (FileCount(owner.place), source.inventory.item(owner.item));
        if !count.has_main() && !count.elsewhere() && written.contains(&item.key()) {
            missing.push((item.key(), item.name().to_owned()));
        }
    }
    let Some((first, name)) = missing.first() else { return Ok(()) };
    let message = format!("the file of {first} ({name}) is missing at the source, and {} more", missing.len() - 1);
    let hint = format!("nothing was changed; put it back, or leave it out with --decide asset:{}=skip", first.id);
    Err(Error::new(ErrorKind::Damaged, message).hint(hint).items(missing.into_iter().map(|(key, _)| key)))
}
