//! What must be known before rows are read, learned in a pass of its own where an archive does not say it in time.
//! Must not know: items.

use hashbrown::HashMap;

use super::layout::{Place, Stage};
use super::lines::each_line;
use super::link::{Link, Meaning};
use super::listing::parse;
use super::members::{Bundle, Members};
use super::schema::{Schema, TypeId, Types};
use crate::model::{Error, ErrorKind, Result};

/// Learned beforehand.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub types: Types,
    /// Links lie before rows: they are read after everything else.
    pub links_first: bool,
    /// Rows of v4 that belong to one entry in several locales, as a forest that leads to the smallest id.
    groups: HashMap<(TypeId, u64), u64>,
}

impl Early {
    pub fn read(bundle: &Bundle) -> Result<Early> {
        let mut early = Early::default();
        let mut scratch = Vec::new();
        let mut links_seen = false;
        let mut members = bundle.members()?;
        loop {
            let read = match members.next_entry() {
                Ok(None) => return Ok(early),
                Ok(Some(entry)) => match entry.place {
                    Place::Chunk(Stage::Schemas) => early.schemas(&mut members, &mut scratch),
                    Place::Chunk(Stage::Links) => {
                        links_seen = true;
                        early.links(&mut members, &mut scratch)
                    }
                    Place::Chunk(Stage::Entities) => {
                        early.links_first |= links_seen;
                        Ok(())
                    }
                    _ => Ok(()),
                },
                Err(error) => Err(error),
            };
            match read {
                // The next pass meets it again, and says it.
                Err(error) if error.kind() == ErrorKind::Damaged => return Ok(early),
                other => other?,
            }
        }
    }

    /// The smallest row id of the entry that this row of v4 belongs to.
    pub fn first_of(&self, type_: TypeId, row: u64) -> u64 {
        let mut row = row;
        while let Some(&smaller) = self.groups.get(&(type_, row)) {
            row = smaller;
        }
        row
    }

    fn schemas(&mut self, members: &mut Members, scratch: &mut Vec<u8>) -> Result<()> {
        each_line(members, scratch, |_, line| {
            if let Ok(schema) = parse::<Schema<'_>>(line, "schema") {
                self.types.learn(&schema);
            }
            Ok::<(), Error>(())
        })
    }

    fn links(&mut self, members: &mut Members, scratch: &mut Vec<u8>) -> Result<()> {
        each_line(members, scratch, |_, line| {
            self.link(line);
            Ok::<(), Error>(())
        })
    }

    /// Takes in a link that joins the locales of an entry; every other one means nothing here.
    pub fn link(&mut self, line: &[u8]) {
        if let Ok(link) = parse::<Link<'_>>(line, "link")
            && link.meaning() == Meaning::SameEntry
            && let (Some(a), Some(b)) = (link.left.row(), link.right.row())
            && let Some(type_) = self.types.intern(&link.left.type_)
        {
            self.join(type_, a, b);
        }
    }

    fn join(&mut self, type_: TypeId, a: u64, b: u64) {
        let (first_a, first_b) = (self.first_of(type_, a), self.first_of(type_, b));
        let first = first_a.min(first_b);
        // Rows on the way point at the first one from now on, so that no chain grows long.
        for row in [a, b, first_a, first_b] {
            if row != first {
                self.groups.insert((type_, row), first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_joined_in_any_order_lead_to_the_smallest() {
        let mut early = Early::default();
        for (a, b) in [(5, 9), (9, 7), (3, 7), (5, 3), (20, 21)] {
            early.join(1, a, b);
        }
        for row in [3, 5, 7, 9] {
            assert_eq!(early.first_of(1, row), 3);
        }
        assert_eq!((early.first_of(1, 21), early.first_of(1, 4), early.first_of(2, 5)), (20, 4, 5));
    }
}
