//! Which versions a row gets, for every row and every component row: eight bytes each.
//! Must not know: rows, links.

use crate::platforms::strapi::schema::TypeId;

/// What becomes of a row of v4. A component row stands as the row that it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Of a type without drafts: it stays one row.
    Plain,
    /// Never published: it stays one row, a draft.
    Draft,
    /// Published: it stays that row, and gets a draft beside it.
    Published,
}

/// A row of v5 that a row of v4 becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Plain,
    Draft,
    Published,
    /// The draft beside a published row; it has an id of its own.
    DraftBeside,
}

impl Standing {
    pub fn versions(self) -> &'static [Version] {
        match self {
            Standing::Plain => &[Version::Plain],
            Standing::Draft => &[Version::Draft],
            Standing::Published => &[Version::Published, Version::DraftBeside],
        }
    }
}

impl Version {
    /// Whether a relation of v4 joins these two versions in v5: published to published, drafts to drafts, and what has no
    /// drafts to everything. An upgrade of 4.26.2 by 5.54.0 joins them so, too.
    pub fn meets(self, other: Version) -> bool {
        match (self, other) {
            (Version::Plain, _) | (_, Version::Plain) => true,
            (a, b) => (a == Version::Published) == (b == Version::Published),
        }
    }
}

/// Row ids are numbers of a database; a larger one is no row id, and twice this one still is.
pub(super) const HIGHEST_ROW: u64 = (1 << 46) - 1;

/// Filled first, then asked.
#[derive(Debug, Default)]
pub(super) struct Standings {
    slots: Vec<u64>,
    /// For each type the highest row id.
    highest: Vec<u64>,
}

pub(super) fn key(type_: TypeId, row: u64) -> u64 {
    u64::from(type_) << 48 | row << 2
}

impl Standings {
    pub fn insert(&mut self, type_: TypeId, row: u64, standing: Standing) {
        let at = usize::from(type_);
        if self.highest.len() <= at {
            self.highest.resize(at + 1, 0);
        }
        self.highest[at] = self.highest[at].max(row);
        self.slots.push(key(type_, row) | standing as u64);
    }

    pub fn sort(&mut self) {
        self.slots.sort_unstable();
        self.slots.shrink_to_fit();
    }

    /// Of a table that was sorted. `None` for a row that is not there. A component row that lies in several rows, which v4
    /// may leave behind, stands as the one with the most versions.
    pub fn get(&self, type_: TypeId, row: u64) -> Option<Standing> {
        let key = key(type_, Some(row).filter(|row| *row <= HIGHEST_ROW)?);
        let behind = self.slots.partition_point(|slot| *slot <= key | 3);
        match self.slots.get(behind.checked_sub(1)?)?.checked_sub(key)? {
            0 => Some(Standing::Plain),
            1 => Some(Standing::Draft),
            2 => Some(Standing::Published),
            _ => None,
        }
    }

    /// The id of a version of a row. That of a draft beside lies above all ids of its type, in the same order.
    pub fn row(&self, type_: TypeId, row: u64, version: Version) -> u64 {
        let highest = self.highest.get(usize::from(type_)).copied().unwrap_or(0);
        match version {
            Version::DraftBeside => highest + row,
            Version::Plain | Version::Draft | Version::Published => row,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Standing; 3] = [Standing::Plain, Standing::Draft, Standing::Published];

    #[test]
    fn rows_are_found_by_type_and_id() {
        let mut table = Standings::default();
        for (type_, row, standing) in [(2, 9, ALL[2]), (0, 9, ALL[0]), (2, 3, ALL[1]), (2, HIGHEST_ROW, ALL[0])] {
            table.insert(type_, row, standing);
        }
        table.sort();
        assert_eq!(table.get(2, 9), Some(Standing::Published));
        assert_eq!(table.get(2, 3), Some(Standing::Draft));
        assert_eq!((table.get(2, 4), table.get(1, 9), table.get(0, u64::MAX)), (None, None, None));
        table.insert(2, 3, Standing::Published);
        table.insert(2, 3, Standing::Plain);
        table.sort();
        assert_eq!(table.get(2, 3), Some(Standing::Published));
    }

    proptest! {
        #[test]
        fn ids_of_versions_never_clash(rows in prop::collection::hash_map(1u64..1000, 0usize..3, 0..50)) {
            let mut table = Standings::default();
            for (row, standing) in &rows {
                table.insert(0, *row, ALL[*standing]);
            }
            table.sort();
            let mut seen = std::collections::HashSet::new();
            for (row, standing) in &rows {
                prop_assert_eq!(table.get(0, *row), Some(ALL[*standing]));
                for version in ALL[*standing].versions() {
                    prop_assert!(seen.insert(table.row(0, *row, *version)));
                }
            }
        }

        #[test]
        fn a_relation_lasts_unless_it_leads_from_published_alone_to_a_draft(a in 0usize..3, b in 0usize..3) {
            let meets = |one: Standing, other: Standing| {
                one.versions().iter().filter(|v| other.versions().iter().any(|o| v.meets(*o))).count()
            };
            let (one, other) = (ALL[a], ALL[b]);
            let lost = one.versions().len() - meets(one, other);
            prop_assert_eq!(lost, usize::from(one == Standing::Published && other == Standing::Draft));
        }
    }
}
