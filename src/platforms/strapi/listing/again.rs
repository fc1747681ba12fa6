//! Further passes over parts of an archive, for what the first one learned too late: links that lie before their rows,
//! and what entries are called.
//! Must not know: digests, findings.

use super::line::parse;
use super::{Pass, Stop};
use crate::model::{ErrorKind, Result};
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::members::{Bundle, Entry, Members};
use crate::platforms::strapi::row::{Row, RowReader};

impl Pass {
    pub(super) fn late_links(&mut self, bundle: &Bundle) -> Result<(), Stop> {
        if !self.early.as_mut().is_some_and(|early| std::mem::take(&mut early.links_first)) {
            return Ok(());
        }
        let mut scratch = Vec::new();
        self.again(bundle, |pass, members, entry| match entry.place {
            Place::Chunk(Stage::Links) => pass.chunk(members, Stage::Links, &entry.name, &mut scratch),
            _ => Ok(()),
        })
    }

    /// Gives entries the name that the content manager's configuration calls them by, where that was learned only
    /// after they were read.
    pub(super) fn rename(&mut self, bundle: &Bundle) -> Result<(), Stop> {
        let Pass { renamed, rows, .. } = self;
        rows.sort();
        renamed.retain(|type_| rows.of_type(*type_).next().is_some());
        if renamed.is_empty() {
            return Ok(());
        }
        let mut named = vec![false; self.inventory.len()];
        let mut scratch = Vec::new();
        self.again(bundle, |pass, members, entry| match entry.place {
            Place::Chunk(Stage::Entities) => each_line(members, &mut scratch, |_, line| {
                pass.rename_row(line, &mut named);
                Ok(())
            }),
            _ => Ok(()),
        })
    }

    fn rename_row(&mut self, line: &[u8], named: &mut [bool]) {
        // What is broken was said in the first pass.
        let Ok(row) = parse::<Row<'_>>(line, "row") else { return };
        let Some(type_) = self.types.find(&row.type_).filter(|type_| self.renamed.contains(type_)) else { return };
        let Some(owner) = self.rows.find(type_, row.id) else { return };
        if std::mem::replace(&mut named[owner.item as usize], true) {
            return;
        }
        let attribute = self.types.get(type_).name_by.as_deref();
        let name = RowReader::name(&row, attribute).unwrap_or_default();
        let id = self.inventory.item(owner.item).id().to_owned();
        self.inventory.set_name(owner.item, if name.is_empty() { &id } else { &name });
    }

    /// Another pass over the members, up to the place where the first one found damage.
    fn again(
        &mut self,
        bundle: &Bundle,
        mut each: impl FnMut(&mut Self, &mut Members, Entry) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut members = bundle.members()?;
        loop {
            let read = match members.next_entry() {
                Ok(None) => return Ok(()),
                Ok(Some(entry)) => each(self, &mut members, entry),
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(()) => {}
                Err(Stop::Failed(error)) if error.kind() == ErrorKind::Damaged && self.damage.is_some() => {
                    return Ok(());
                }
                Err(stop) => return Err(stop),
            }
        }
    }
}
