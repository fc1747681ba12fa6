//! What a duplicate is called: a name that is free, and an id that a second run finds again.
//! Must not know: decisions.

use std::collections::{HashMap, HashSet};

use arcstr::ArcStr;
use uuid::Uuid;

use super::names::NameIndex;
use crate::model::{CopyIds, ItemKey, ItemRef, Kind};

/// The namespace of all ids that are derived here. Must never change: earlier copies would not be found again.
const NAMESPACE: Uuid = Uuid::from_u128(0x6861_756c_2d63_4f70_9d73_6f66_6974_656d);

/// A destination, as far as it seeds the ids of copies.
pub(super) struct Seed {
    namespace: Uuid,
    form: CopyIds,
}

impl Seed {
    pub fn of(destination: &str, form: CopyIds) -> Self {
        Seed { namespace: Uuid::new_v5(&NAMESPACE, destination.as_bytes()), form }
    }

    /// The id of an item's copy at this destination: always the same for the same item. `attempt` counts from zero
    /// and only rises where the source itself holds an item of that id.
    pub fn derived_id(&self, key: &ItemKey, attempt: u32) -> ArcStr {
        let name = match attempt {
            0 => key.to_string(),
            _ => format!("{key} {attempt}"),
        };
        let id = Uuid::new_v5(&self.namespace, name.as_bytes());
        match self.form {
            CopyIds::Uuid => id.to_string().into(),
            CopyIds::Short => shortened(id),
            CopyIds::Time => later(&key.id, id),
        }
    }
}

/// A time that is up to a quarter of an hour later than that of the original, where its id says one.
fn later(original: &str, id: Uuid) -> ArcStr {
    const LATEST: u128 = 15 * 60 * 1000;
    let time = original.split('#').next().and_then(|time| time.parse::<jiff::Timestamp>().ok()).unwrap_or_default();
    let later = std::time::Duration::from_millis((id.as_u128() % LATEST) as u64 + 1);
    // The last quarter of an hour of all time has no copies.
    let time = time.checked_add(later).unwrap_or(time);
    format!("{time:.3}").into()
}

/// 24 lowercase letters and digits, the first one a letter.
fn shortened(id: Uuid) -> ArcStr {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rest = id.as_u128();
    let mut digit = |of: u128| {
        let digit = DIGITS[(rest % of) as usize];
        rest /= of;
        char::from(digit)
    };
    std::iter::once(digit(26)).chain(std::iter::repeat_with(|| digit(36)).take(23)).collect::<String>().into()
}

/// Names that are taken: the destination's and those that this plan writes. Those given out need no list: equal names
/// with a number each would have the same number and the same name before it, and that counts up.
pub(super) struct FreeNames<'a> {
    destination: &'a NameIndex<'a>,
    written: HashSet<(Kind, Option<&'a str>, &'a str)>,
    /// The first number that may be free, for many copies of one name.
    next: HashMap<(Kind, Option<&'a str>, &'a str), u32>,
}

impl<'a> FreeNames<'a> {
    pub fn new(destination: &'a NameIndex<'a>, written: impl Iterator<Item = ItemRef<'a>>) -> Self {
        let written = written.map(|item| (item.kind(), item.type_(), item.name())).collect();
        FreeNames { destination, written, next: HashMap::new() }
    }

    /// `NAME (imported)`, then `NAME (imported 2)`: the first that is free.
    pub fn give(&mut self, item: ItemRef<'a>) -> ArcStr {
        let of = (item.kind(), item.type_());
        let next = self.next.entry((of.0, of.1, item.name())).or_insert(1);
        loop {
            let name = match *next {
                1 => format!("{} (imported)", item.name()),
                number => format!("{} (imported {number})", item.name()),
            };
            *next += 1;
            let taken = !self.destination.namesakes(of.0, of.1, &name).is_empty()
                || self.written.contains(&(of.0, of.1, name.as_str()));
            if !taken {
                return name.into();
            }
        }
    }
}
