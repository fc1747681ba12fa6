//! What entries of v4 are called where two servers are compared: by the time at which they were made, which a transfer keeps.
//! Files go by their name on disk, and a single type holds a single entry.
//! Must not know: lines, plans.
//!
//! An entry with several locales is called by the earliest of them. What was made in the same millisecond as another entry of
//! its type, and what has no time, is told apart by its content; then it takes a person to say which is which.

use hashbrown::HashMap;

use crate::model::{Digest, Inventory, ItemIndex, Kind};
use crate::platforms::strapi::early::Early;
use crate::platforms::strapi::schema::{FILE_TYPE, TypeId};

/// Before what tells entries apart that would be called the same.
const APART: char = '#';
const UNDATED: &str = "undated";
/// The only entry of a single type.
const SINGLE: &str = "single";
/// What the name of a file on disk gets that replaces another one of that name.
const REPLACES: &str = "_haul";

/// What a name is made from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// Milliseconds since 1970, and a fingerprint of its first row.
    Entry {
        made: Option<i64>,
        content: u64,
    },
    Single {
        made: Option<i64>,
        content: u64,
    },
    /// Its name on disk.
    File(Box<str>),
}

/// The names of all entries, by type and lowest row.
#[derive(Debug, Default)]
pub(in crate::platforms::strapi) struct Called {
    early: Early,
    names: HashMap<(TypeId, u64), Box<str>>,
}

impl Called {
    /// `origins` are those of each entry's first row.
    pub(super) fn new(early: Early, origins: HashMap<(TypeId, u64), Origin>) -> Called {
        let mut rows: Vec<((TypeId, u64), Origin)> = origins.into_iter().collect();
        rows.sort_unstable_by_key(|(row, _)| *row);
        let mut bases: HashMap<(TypeId, String), u32> = HashMap::new();
        let mut singles: HashMap<TypeId, ()> = HashMap::new();
        let base = |type_: TypeId, origin: &Origin, singles: &mut HashMap<TypeId, ()>| match origin {
            Origin::Single { .. } if singles.insert(type_, ()).is_none() => SINGLE.to_owned(),
            Origin::Entry { made, .. } | Origin::Single { made, .. } => {
                made.and_then(time).unwrap_or_else(|| UNDATED.to_owned())
            }
            Origin::File(name) => without_mark(name),
        };
        let named: Vec<String> = rows.iter().map(|((type_, _), origin)| base(*type_, origin, &mut singles)).collect();
        for (((type_, _), _), base) in rows.iter().zip(&named) {
            *bases.entry((*type_, base.clone())).or_default() += 1;
        }
        let mut taken: HashMap<(TypeId, String), u32> = HashMap::new();
        let mut names = HashMap::with_capacity(rows.len());
        for (((type_, row), origin), base) in rows.into_iter().zip(named) {
            let alone = bases.get(&(type_, base.clone())) == Some(&1) && base != UNDATED;
            let name = match &origin {
                Origin::Entry { content, .. } | Origin::Single { content, .. } if !alone => {
                    format!("{base}{APART}{content:08x}")
                }
                _ => base,
            };
            let count = taken.entry((type_, name.clone())).or_default();
            *count += 1;
            let name = if *count == 1 { name } else { format!("{name}{APART}{count}") };
            names.insert((type_, row), name.into());
        }
        Called { early, names }
    }

    /// What the entry of a row is called.
    pub(super) fn of(&self, type_: TypeId, row: u64) -> Option<&str> {
        self.names.get(&(type_, self.early.first_of(type_, row))).map(|name| &**name)
    }

    pub(super) fn type_of(&self, uid: &str) -> Option<TypeId> {
        self.early.types.find(uid)
    }

    /// What an item is called that a person names by its row: `TYPE/ID`, `entry:TYPE/ID` or `asset:ID`.
    pub fn renamed(&self, typed: &str) -> Option<String> {
        let (before, uid, row) = match typed.strip_prefix("asset:") {
            Some(row) => ("asset:", FILE_TYPE, row),
            None => {
                let (before, row) = typed.split_at(typed.rfind('/')? + 1);
                let uid = before.strip_prefix("entry:").unwrap_or(before);
                (before, uid.strip_suffix('/')?, row)
            }
        };
        let name = self.of(self.type_of(uid)?, row.parse().ok()?)?;
        Some(format!("{before}{name}"))
    }
}

/// As rows say it, to the millisecond.
fn time(made: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(made).ok().map(|time| format!("{time:.3}"))
}

/// The time in what an entry is called, as its rows say it. `None` for what has none.
pub(super) fn time_in(name: &str) -> Option<&str> {
    let time = stem(name);
    time.parse::<jiff::Timestamp>().is_ok().then_some(time)
}

fn stem(name: &str) -> &str {
    name.split(APART).next().unwrap_or(name)
}

/// `HASH_haul.EXT` is the file that replaced `HASH.EXT`.
fn without_mark(name: &str) -> String {
    let (hash, ending) = name.rfind('.').map_or((name, ""), |dot| name.split_at(dot));
    format!("{}{ending}", hash.strip_suffix(REPLACES).unwrap_or(hash))
}

/// What a file is called that replaces one of this name, as long as both are there.
pub(in crate::platforms::strapi) fn beside(name: &str) -> String {
    format!("{name}{APART}2")
}

/// Says of every entry when it was made, as something that no other entry has: it is matched by that as by its unique fields,
/// so that two proofs that contradict each other are a doubt.
pub(in crate::platforms::strapi) fn add_times(inventory: &mut Inventory) {
    let proof = |item: crate::model::ItemRef<'_>| {
        let of = matches!(item.kind(), Kind::Entry | Kind::Asset);
        let name = if stem(item.id()) == UNDATED { item.id() } else { stem(item.id()) };
        of.then(|| fingerprint(&["what it is called", item.type_().unwrap_or(FILE_TYPE), name].join("\u{1f}")))
    };
    let proofs: Vec<(ItemIndex, u64)> =
        inventory.items().filter_map(|item| Some((item.index(), proof(item)?))).collect();
    proofs.into_iter().for_each(|(item, value)| inventory.add_unique(item, value));
}

pub(super) fn fingerprint(text: &str) -> u64 {
    u64::from_le_bytes(*Digest::of(text.as_bytes()).0.first_chunk().unwrap_or(&[0; 8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(origins: &[(u64, Origin)]) -> Vec<(u64, String)> {
        let called = Called::new(Early::default(), origins.iter().map(|(row, o)| ((1, *row), o.clone())).collect());
        origins.iter().map(|(row, _)| (*row, called.of(1, *row).expect("named").to_owned())).collect()
    }

    fn entry(made: Option<i64>, content: u64) -> Origin {
        Origin::Entry { made, content }
    }

    #[test]
    fn an_entry_is_called_by_when_it_was_made() {
        let names = named(&[(7, entry(Some(1_704_164_645_678), 1)), (8, entry(Some(1_704_164_645_000), 1))]);
        assert_eq!(names[0].1, "2024-01-02T03:04:05.678Z");
        assert_eq!(names[1].1, "2024-01-02T03:04:05.000Z");
        assert_eq!(time_in(&names[0].1), Some("2024-01-02T03:04:05.678Z"));
    }

    #[test]
    fn what_was_made_at_once_or_has_no_time_is_told_apart_by_its_content() {
        let names =
            named(&[(1, entry(Some(0), 5)), (2, entry(Some(0), 6)), (3, entry(Some(0), 6)), (4, entry(None, 9))]);
        let names: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
        let [one, two, three, undated] = names[..] else { panic!("{names:?}") };
        assert_eq!((one, two), ("1970-01-01T00:00:00.000Z#00000005", "1970-01-01T00:00:00.000Z#00000006"));
        assert_eq!((three, undated), ("1970-01-01T00:00:00.000Z#00000006#2", "undated#00000009"));
        assert_eq!((time_in(two), time_in(undated)), (Some("1970-01-01T00:00:00.000Z"), None));
    }

    #[test]
    fn a_file_that_replaces_another_is_called_as_that_one_once_it_is_alone() {
        let file = |name: &str| Origin::File(name.into());
        assert_eq!(named(&[(4, file("a_1_haul.png"))])[0].1, "a_1.png");
        let both = named(&[(3, file("a_1.png")), (4, file("a_1_haul.png"))]);
        assert_eq!((both[0].1.as_str(), both[1].1.as_str()), ("a_1.png", beside("a_1.png").as_str()));
    }

    #[test]
    fn the_first_entry_of_a_single_type_is_the_one() {
        let single = |made| Origin::Single { made: Some(made), content: 1 };
        let names = named(&[(3, single(2)), (1, single(5))]);
        assert_eq!((names[1].1.as_str(), names[0].1.as_str()), ("single", "1970-01-01T00:00:00.002Z"));
    }
}
