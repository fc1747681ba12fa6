//! Puts a merge into v4 together: which rows go, which are pushed, and where the row at each end of a link is afterwards.
//! Must not know: lines as they are sent.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;
use hashbrown::{HashMap, HashSet};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::called::fingerprint;
use crate::model::{Error, ErrorKind, ItemIndex, Plan, Result};
use crate::platforms::strapi::filter::never_written;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::merge::{Assignment, RowId, Side};
use crate::platforms::strapi::row::Row;

/// Rows are pushed under numbers that no row of the destination has: a number that was not pushed in a transfer is taken for
/// one of the destination.
pub(super) const SHIFT: u64 = 1 << 49;
const _: () = assert!(SHIFT > crate::platforms::strapi::table::HIGHEST_ID);

/// Where the row at an end of a link is, once the merge is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    /// Pushed, under this number.
    Pushed(u64),
    /// A row of the destination that stays.
    There(u64),
    Nowhere,
}

impl Spot {
    /// The number by which a link names it.
    pub fn number(self) -> Option<u64> {
        match self {
            Spot::Pushed(id) | Spot::There(id) => Some(id),
            Spot::Nowhere => None,
        }
    }
}

/// One side, with the locale of every row.
pub(super) struct Part<'a> {
    pub side: &'a Side<'a>,
    pub bundle: &'a Bundle,
    /// Sorted by item.
    rows: Vec<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    item: ItemIndex,
    locale: u32,
    row: RowId,
}

#[derive(Deserialize)]
struct InLocale<'a> {
    #[serde(borrow, default)]
    locale: Option<&'a RawValue>,
}

impl<'a> Part<'a> {
    fn read(side: &'a Side<'a>, bundle: &'a Bundle) -> Result<Part<'a>> {
        let mut rows = Vec::new();
        each_line_of(bundle, Stage::Entities, |line| {
            let row: Row<'_> = parse(line, "row")?;
            let Some(id) = side.row(&row.type_, Some(row.id)) else { return Ok(()) };
            let Some(item) = side.owner(id) else { return Ok(()) };
            let data: InLocale<'_> = parse(row.data.get().as_bytes(), "row")?;
            let locale = data.locale.map_or("null", RawValue::get);
            rows.push(Held { item, locale: fingerprint(locale) as u32, row: id });
            Ok(())
        })?;
        rows.sort_unstable();
        Ok(Part { side, bundle, rows })
    }

    fn rows_of(&self, item: ItemIndex) -> &[Held] {
        let from = self.rows.partition_point(|held| held.item < item);
        let to = self.rows.partition_point(|held| held.item <= item);
        &self.rows[from..to]
    }

    /// The locale of an entry's row; `None` for the row of a component.
    fn locale(&self, row: RowId) -> Option<u32> {
        let item = self.side.owner(row)?;
        self.rows_of(item).iter().find(|held| held.row == row).map(|held| held.locale)
    }

    fn row_in(&self, item: ItemIndex, locale: u32) -> Option<RowId> {
        self.rows_of(item).iter().find(|held| held.locale == locale).map(|held| held.row)
    }
}

/// Rows that are deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Going {
    pub types: Vec<String>,
    pub rows: Vec<u64>,
    /// When they were made, as the rows say it.
    pub made: Vec<String>,
    /// Some of them do not say it.
    pub undated: bool,
    /// Whatever there is of these types goes, and no row is named.
    pub whole: bool,
}

/// A merge that is put together.
pub(in crate::platforms::strapi) struct RowMerge<'a> {
    pub(super) source: Part<'a>,
    pub(super) destination: Part<'a>,
    /// Items of the source that are written, and what they are called at the destination.
    written: HashMap<ItemIndex, ArcStr>,
    copies: HashSet<ItemIndex>,
    /// Files that are overwritten and whose bytes stay where they are.
    in_place: HashSet<ItemIndex>,
    /// Items of the destination that go, and what comes in their place.
    replaced: BTreeMap<ItemIndex, Replaced>,
    /// The other way round, for items of the source.
    predecessors: HashMap<ItemIndex, ItemIndex>,
    /// Items of the source that are not written: where the destination has them.
    found: HashMap<ItemIndex, ItemIndex>,
    /// Types of which nothing stays but what is pushed.
    whole: BTreeSet<String>,
}

/// What an item of the destination makes room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replaced {
    /// An item of the source that is pushed.
    By(ItemIndex),
    /// An item that is there already: a file that came before everything else.
    ByThere(ItemIndex),
    /// Nothing refers to it but what came with it.
    ByNothing,
}

/// What goes besides.
#[derive(Clone, Debug, Default)]
pub(in crate::platforms::strapi) struct Besides {
    /// Files that are replaced by others that are there already, by what they are called.
    pub files: BTreeMap<String, String>,
    /// Types that are replaced as a whole: every row of theirs goes.
    pub whole: BTreeSet<String>,
    /// Items of the destination that nothing comes in the place of.
    pub gone: Vec<ItemIndex>,
}

impl<'a> RowMerge<'a> {
    pub fn new(
        plan: &Plan,
        assignments: &[Assignment],
        besides: &Besides,
        source: (&'a Side<'a>, &'a Bundle),
        destination: (&'a Side<'a>, &'a Bundle),
    ) -> Result<Self> {
        let mut merge = RowMerge {
            source: Part::read(source.0, source.1)?,
            destination: Part::read(destination.0, destination.1)?,
            written: HashMap::new(),
            copies: HashSet::new(),
            in_place: HashSet::new(),
            replaced: BTreeMap::new(),
            predecessors: HashMap::new(),
            found: HashMap::new(),
            whole: besides.whole.clone(),
        };
        merge.find(plan);
        merge.replaced.extend(besides.gone.iter().map(|&item| (item, Replaced::ByNothing)));
        assignments.iter().try_for_each(|assignment| merge.assign(assignment))?;
        merge.replace_files(besides);
        Ok(merge)
    }

    fn find(&mut self, plan: &Plan) {
        for item in &plan.items {
            let Some(ours) = self.source.side.find(&item.key) else { continue };
            let key = item.destination_id().map(|id| item.key.with_id(id));
            let theirs = key.and_then(|key| self.destination.side.find(&key));
            self.found.extend(theirs.map(|theirs| (ours, theirs)));
        }
    }

    fn assign(&mut self, assignment: &Assignment) -> Result<()> {
        let Assignment { item, document, overwrites, is_copy, keeps_bytes } = assignment;
        let (source, destination) = (self.source.side, self.destination.side);
        let Some(ours) = source.find(item) else { return Ok(()) };
        if destination.schema(source.uid(ours)).is_none() {
            return Err(lacks(source.uid(ours), item));
        }
        self.found.remove(&ours);
        self.written.insert(ours, document.clone());
        self.copies.extend(is_copy.then_some(ours));
        self.in_place.extend((*keeps_bytes && !self.whole.contains(source.uid(ours))).then_some(ours));
        // A file that came before its record is there too, and goes with all of its type.
        let goes = *overwrites || self.whole.contains(source.uid(ours));
        if let Some(theirs) = destination.find(&item.with_id(document.clone())).filter(|_| goes) {
            self.replaced.insert(theirs, Replaced::By(ours));
            self.predecessors.insert(ours, theirs);
        }
        Ok(())
    }

    fn replace_files(&mut self, besides: &Besides) {
        let asset = |name: &String| {
            let key = crate::model::ItemKey::new(crate::model::Kind::Asset, name.as_str());
            self.destination.side.find(&key)
        };
        let pairs: Vec<_> = besides.files.iter().filter_map(|(old, new)| Some((asset(old)?, asset(new)))).collect();
        for (old, new) in pairs {
            self.replaced.insert(old, new.map_or(Replaced::ByNothing, Replaced::ByThere));
        }
    }

    /// What an item of the source is called at the destination, if it is written.
    pub(super) fn called(&self, item: ItemIndex) -> Option<&str> {
        self.written.get(&item).map(|name| &**name)
    }

    pub(super) fn is_copy(&self, item: ItemIndex) -> bool {
        self.copies.contains(&item)
    }

    /// The row of the destination whose bytes a pushed file of the source goes on using.
    pub(super) fn keeps_bytes(&self, row: RowId) -> Option<RowId> {
        let item = self.source.side.owner(row)?;
        self.in_place.contains(&item).then(|| self.predecessor(row)).flatten()
    }

    /// All of these rows, by their numbers.
    pub(super) fn rows_with_their_bytes(&self) -> HashSet<u64> {
        let items = self.in_place.iter().filter_map(|ours| self.predecessors.get(ours));
        items.flat_map(|theirs| self.destination.rows_of(*theirs)).map(|held| held.row.id).collect()
    }

    /// Whether a row of the destination goes, or is a component of one that does.
    pub(super) fn goes(&self, row: RowId) -> bool {
        self.destination.side.owner(row).is_some_and(|item| self.replaced.contains_key(&item))
    }

    pub(super) fn spot_of_source(&self, row: RowId) -> Spot {
        self.source_spot(row).unwrap_or(Spot::Nowhere)
    }

    pub(super) fn spot_of_destination(&self, row: RowId) -> Spot {
        self.destination_spot(row).unwrap_or(Spot::Nowhere)
    }

    fn source_spot(&self, row: RowId) -> Option<Spot> {
        let item = self.source.side.owner(row)?;
        if self.written.contains_key(&item) {
            return Some(Spot::Pushed(row.id + SHIFT));
        }
        let there = self.counterpart(row)?;
        self.destination_spot(there)
    }

    /// The row of the destination that stands for a row of the source that is not written.
    fn counterpart(&self, row: RowId) -> Option<RowId> {
        let item = self.source.side.owner(row)?;
        // What is no part of the plan is what is called the same.
        let key = || self.source.side.inventory.item(item).key();
        let theirs = self.found.get(&item).copied().or_else(|| self.destination.side.find(&key()))?;
        self.destination.row_in(theirs, self.source.locale(row)?)
    }

    /// The row of the destination that a row of the source is written in the place of.
    pub(super) fn predecessor(&self, row: RowId) -> Option<RowId> {
        let item = self.source.side.owner(row)?;
        self.destination.row_in(*self.predecessors.get(&item)?, self.source.locale(row)?)
    }

    fn destination_spot(&self, row: RowId) -> Option<Spot> {
        let item = self.destination.side.owner(row)?;
        match self.replaced.get(&item) {
            None => Some(Spot::There(row.id)),
            Some(Replaced::By(ours)) => {
                let row = self.source.row_in(*ours, self.destination.locale(row)?)?;
                Some(Spot::Pushed(row.id + SHIFT))
            }
            Some(Replaced::ByThere(other)) => {
                let row = self.destination.row_in(*other, self.destination.locale(row)?)?;
                Some(Spot::There(row.id))
            }
            Some(Replaced::ByNothing) => None,
        }
    }

    /// Whether every row of a type goes that is not pushed.
    pub(super) fn is_whole(&self, uid: &str) -> bool {
        self.whole.contains(uid)
    }

    /// The rows that go. One condition holds for all their types, so that it must not hit a row that stays; types that go as a
    /// whole need none.
    pub fn going(&self) -> Result<Going> {
        let of_other_types = |item: &ItemIndex| {
            !self.destination.rows_of(*item).is_empty() && !self.whole.contains(self.destination.side.uid(*item))
        };
        if self.whole.is_empty() || self.replaced.keys().any(of_other_types) {
            let items: Vec<ItemIndex> = self.replaced.keys().copied().collect();
            return going(&self.destination, &items);
        }
        let is_there = |uid: &&String| self.destination.side.schema(uid).is_some() && !never_written(uid);
        let types = self.whole.iter().filter(is_there).cloned().collect();
        Ok(Going { types, whole: true, ..Going::default() })
    }
}

/// A type or component that is never sent, since the server does not have it.
pub(super) fn lacks(uid: &str, holder: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Stale, format!("the destination has no {uid} any more, which {holder} is made of"))
        .hint("make a new plan: it says what differs between the schemas")
}

/// Rows that a transfer can delete: SQLite takes 32,766 values in one statement, and each row is named by its number and by
/// when it was made.
pub(in crate::platforms::strapi) const MOST_ROWS: usize = 15_000;

/// The rows of items that go by themselves.
pub(in crate::platforms::strapi) fn going_alone(
    side: &Side<'_>,
    bundle: &Bundle,
    items: &[ItemIndex],
) -> Result<Going> {
    going(&Part::read(side, bundle)?, items)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    #[serde(default)]
    created_at: Option<String>,
}

fn going(there: &Part<'_>, items: &[ItemIndex]) -> Result<Going> {
    let mut rows: HashSet<RowId> = items.iter().flat_map(|item| there.rows_of(*item)).map(|held| held.row).collect();
    if rows.len() > MOST_ROWS {
        let message = format!(
            "{} rows would be overwritten at once, and a server of v4 deletes at most {MOST_ROWS} in one transaction",
            rows.len()
        );
        return Err(Error::new(ErrorKind::Usage, message).hint("write them in parts, such as type by type"));
    }
    let (mut going, mut made) = (Going::default(), HashSet::new());
    let types: BTreeSet<u16> = rows.iter().map(|row| row.type_).collect();
    let uid = |type_: u16| there.side.index.types.get(type_).uid.to_string();
    going.types = types.iter().map(|&type_| uid(type_)).collect();
    going.rows = rows.iter().map(|row| row.id).collect::<BTreeSet<u64>>().into_iter().collect();
    let numbers: HashSet<u64> = going.rows.iter().copied().collect();
    let mut neighbours: Vec<(RowId, Option<String>)> = Vec::new();
    each_line_of(there.bundle, Stage::Entities, |line| {
        let row: Row<'_> = parse(line, "row")?;
        let Some(id) = there.side.row(&row.type_, Some(row.id)) else { return Ok(()) };
        if !types.contains(&id.type_) || !numbers.contains(&id.id) {
            return Ok(());
        }
        let Made { created_at } = parse(row.data.get().as_bytes(), "row")?;
        if !rows.contains(&id) {
            neighbours.push((id, created_at));
            return Ok(());
        }
        match created_at {
            Some(time) => drop(made.insert(time)),
            None => going.undated = true,
        }
        Ok(())
    })?;
    let hit = |(_, time): &(RowId, Option<String>)| time.as_ref().map_or(going.undated, |time| made.contains(time));
    if let Some((row, _)) = neighbours.iter().find(|neighbour| hit(neighbour)) {
        let message = format!(
            "row {} of {} has number and time of making in common with rows of other types that would be overwritten, and \
             one condition deletes them all",
            row.id,
            uid(row.type_)
        );
        return Err(Error::new(ErrorKind::Usage, message)
            .hint("nothing was changed; write the entries of that type in a run of their own"));
    }
    rows.clear();
    going.made = made.into_iter().collect();
    going.made.sort_unstable();
    Ok(going)
}

pub(super) fn each_line_of(bundle: &Bundle, stage: Stage, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut members = bundle.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        if entry.place == Place::Chunk(stage) {
            each_line(&mut members, &mut scratch, |_, line| each(line))?;
        }
    }
    Ok(())
}
