//! Puts a merge together: which documents go and come again, and what every pushed row has to name.
//! Must not know: lines as they are sent.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arcstr::ArcStr;

use super::fate::{self, Embed, Fate, Spot};
use super::library::Library;
use super::locales;
use super::order::{self, Overwritten};
use super::push_row;
use super::side::{RowId, Side};
use crate::model::{Decision, Digest, Error, ErrorKind, ItemIndex, ItemKey, Mode, Plan, PlanItem, Result};
use crate::platforms::strapi::layout::{Place as Member, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::link::{End, Link};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};

/// Where a pushed row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Origin {
    Source,
    /// A document of the destination that is pushed again, because a relation of it could not be kept otherwise.
    Kept,
}

/// A pushed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub origin: Origin,
    pub row: RowId,
}

/// Rows of the destination that are pushed again get numbers that no row of the source has.
pub(super) const SHIFT: u64 = 1 << 49;

impl Place {
    /// The number under which the row is pushed.
    pub fn pushed_id(self) -> u64 {
        match self.origin {
            Origin::Source => self.row.id,
            Origin::Kept => self.row.id + SHIFT,
        }
    }
}

/// An item of the source that is written, and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Assignment {
    pub item: ItemKey,
    /// The document at the destination.
    pub document: ArcStr,
    /// A document that is there and goes.
    pub overwrites: bool,
    /// It stays beside its original: what is unique to that must not be there twice.
    pub is_copy: bool,
    /// A file that is overwritten and whose bytes stay where they are.
    pub keeps_bytes: bool,
}

impl Assignment {
    /// As the plan says it; `None` for an item that is not written.
    pub fn of(item: &PlanItem) -> Option<Assignment> {
        let document = item.shared_destination_id().filter(|_| item.is_written())?.clone();
        let (overwrites, is_copy) = (item.decision == Decision::Overwrite, item.decision == Decision::Duplicate);
        let keeps_bytes = overwrites && item.marks.same_bytes;
        Some(Assignment { item: item.key.clone(), document, overwrites, is_copy, keeps_bytes })
    }
}

/// A merge that is put together.
pub(in crate::platforms::strapi) struct Merge<'a> {
    pub source: &'a Side<'a>,
    pub destination: &'a Side<'a>,
    /// Of items of the source that are written: the document at the destination.
    written: HashMap<ItemIndex, ArcStr>,
    /// Those that stay beside their originals.
    copies: HashSet<ItemIndex>,
    /// Items of the destination that are overwritten, and by which item of the source.
    overwritten: BTreeMap<ItemIndex, ItemIndex>,
    /// The same the other way round.
    overwriting: HashMap<ItemIndex, ItemIndex>,
    /// Items of the destination that a replace deletes and nothing stands for.
    gone: BTreeSet<ItemIndex>,
    /// Items of the source that are not written: where the destination has them.
    found: HashMap<ItemIndex, ItemIndex>,
    /// Kept documents that are pushed again.
    again: BTreeSet<ItemIndex>,
    /// Files of the source whose bytes stay where they are, with the row that says where that is.
    in_place: HashMap<ItemIndex, u64>,
    /// Documents of the destination that go besides: nothing may lead to them.
    leftovers: BTreeSet<ItemIndex>,
    /// Rows of the destination of locales that do not move, and rows of components in them: they stay.
    outside: HashSet<RowId>,
    /// Files of the source that are called otherwise on the disk of the destination, by their hashes.
    pub(super) renamed: BTreeSet<String>,
    pub(super) library: Library,
    /// What the source holds of files and folders comes as it is: nothing of the destination's own stays beside it.
    pub(super) replaces: bool,
}

/// What is sent, beside the rows and links themselves.
#[derive(Debug, Default)]
pub(in crate::platforms::strapi) struct Script {
    /// Documents to delete, by type.
    pub deleted: BTreeMap<String, Vec<String>>,
    /// Documents of which only the locales go that move, by type.
    pub cut: BTreeMap<String, Vec<String>>,
    pub(super) embeds: HashMap<Place, Vec<Embed>>,
    /// Rows of components that are not sent, because the destination has no attribute for them; known once rows are written.
    pub(super) left_out: RefCell<HashSet<Place>>,
    /// The folder of each file and folder that is pushed, if it is in one.
    pub(super) folders: HashMap<Place, Spot>,
    /// The places that pushed rows have for others in the lists that they come with: what comes from the other side of the merge
    /// brings the number of another list along.
    homes: HashMap<(Place, Box<str>, Spot), f64>,
    /// Links of the source that are left out, by the digests of their lines, and the items that have them.
    pub lost_links: hashbrown::HashSet<Digest>,
    pub lost_of: BTreeSet<ItemIndex>,
    /// Fields with room for one that the source fills, where rows of other locales stay that they might lead to.
    filled: HashSet<(Place, Box<str>)>,
    /// Relations of the source that lead to nothing at the destination.
    pub lost_of_source: u64,
    /// Relations of kept documents to versions that are not there any more.
    pub lost_of_kept: u64,
}

impl<'a> Merge<'a> {
    /// `plan` says where everything else of it is found; `gone` are items of the destination that nothing stands for, and
    /// `leftovers` documents of it, by type, that go besides. `bundle` is the destination, whose relations say which kept
    /// documents have to be pushed again.
    pub fn new(
        plan: &Plan,
        assignments: &[Assignment],
        gone: &[ItemIndex],
        source: &'a Side<'a>,
        destination: &'a Side<'a>,
        bundle: &Bundle,
        leftovers: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self> {
        let mut merge = Merge {
            source,
            destination,
            written: HashMap::new(),
            copies: HashSet::new(),
            overwritten: BTreeMap::new(),
            overwriting: HashMap::new(),
            gone: gone.iter().copied().collect(),
            found: HashMap::new(),
            again: BTreeSet::new(),
            in_place: HashMap::new(),
            outside: HashSet::new(),
            leftovers: BTreeSet::new(),
            renamed: BTreeSet::new(),
            library: Library::default(),
            replaces: plan.options.mode == Mode::Replace,
        };
        for item in &plan.items {
            let Some(ours) = source.find(&item.key) else { continue };
            let place = item.destination_id().map(|id| item.key.with_id(id));
            let theirs = place.as_ref().and_then(|key| destination.find(key));
            merge.found.extend(theirs.map(|theirs| (ours, theirs)));
        }
        for Assignment { item, document, overwrites, is_copy, keeps_bytes } in assignments {
            let Some(ours) = source.find(item) else { continue };
            if destination.schema(source.uid(ours)).is_none() {
                return Err(lacks(source.uid(ours), item));
            }
            merge.found.remove(&ours);
            merge.written.insert(ours, document.clone());
            merge.copies.extend(is_copy.then_some(ours));
            let theirs = destination.find(&item.with_id(document.clone())).filter(|_| *overwrites);
            merge.overwritten.extend(theirs.map(|theirs| (theirs, ours)));
            merge.overwriting.extend(theirs.map(|theirs| (ours, theirs)));
            let keeps_bytes = *keeps_bytes && !merge.replaces;
            let row = theirs.filter(|_| keeps_bytes).and_then(|theirs| destination.rows_of(theirs).first());
            merge.in_place.extend(row.map(|row| (ours, row.row.id)));
        }
        let locales = &plan.options.selection.locales;
        if !locales.is_empty() {
            merge.outside =
                locales::outside(bundle, destination, locales, |item| merge.overwritten.contains_key(&item))?;
        }
        let wanted = merge.overwritten.keys().copied().collect();
        let mut goes = Overwritten::of(plan, source.inventory, destination.inventory, &wanted);
        goes.outside = std::mem::take(&mut merge.outside);
        for (&theirs, &ours) in &merge.overwritten {
            // Rows of locales that do not move stay, whatever the source has of them.
            let rows = destination.rows_of(theirs).iter().filter(|row| !goes.outside.contains(&row.row));
            let gone: Vec<RowId> =
                rows.filter(|row| source.row_of(ours, row.version).is_none()).map(|row| row.row).collect();
            goes.gone.extend(gone);
        }
        for (uid, ids) in leftovers {
            merge.leftovers.extend(ids.iter().filter_map(|id| destination.find_of(uid, id)));
        }
        for &leftover in merge.leftovers.iter().chain(&merge.gone) {
            goes.gone.extend(destination.rows_of(leftover).iter().map(|row| row.row));
        }
        merge.again = order::draw(destination, bundle, &goes)?.again;
        merge.outside = goes.outside;
        Ok(merge)
    }

    /// Files with these hashes get another one, and so another name on disk.
    pub fn renaming(self, renamed: BTreeSet<String>) -> Self {
        Merge { renamed, ..self }
    }

    /// With what the destination says of its media library.
    pub fn with(self, library: Library) -> Self {
        Merge { library, ..self }
    }

    /// The row of the destination that says where the bytes of this file of the source are and stay.
    pub(super) fn place_of_bytes(&self, item: ItemIndex) -> Option<u64> {
        self.in_place.get(&item).copied()
    }

    /// Whether it is such a row.
    pub fn bytes_stay(&self, row: u64) -> bool {
        self.in_place.values().any(|kept| *kept == row)
    }

    /// The row of the destination that a row of the source replaces.
    pub(super) fn replaced(&self, place: Place) -> Option<RowId> {
        if place.origin == Origin::Kept {
            return Some(place.row);
        }
        let (ours, version) = (self.source.owner(place.row)?, self.source.version(place.row)?);
        self.destination.row_of(*self.overwriting.get(&ours)?, version)
    }

    pub fn is_written(&self, item: ItemIndex) -> bool {
        self.written.contains_key(&item)
    }

    /// The document that an item of the source becomes.
    pub fn document(&self, item: ItemIndex) -> Option<&str> {
        self.written.get(&item).map(|document| &**document)
    }

    pub fn is_copy(&self, item: ItemIndex) -> bool {
        self.copies.contains(&item)
    }

    pub(super) fn is_overwritten(&self, row: RowId) -> bool {
        let goes = |item: &ItemIndex| self.overwritten.contains_key(item) || self.gone.contains(item);
        self.destination.owner(row).as_ref().is_some_and(goes) && !self.is_outside(row)
    }

    /// Whether a row of the destination is of a locale that does not move.
    pub(super) fn is_outside(&self, row: RowId) -> bool {
        self.outside.contains(&row)
    }

    /// Whether a row of the destination is pushed again as it is.
    pub(super) fn is_pushed_again(&self, item: ItemIndex, row: RowId) -> bool {
        self.again.contains(&item) && !self.is_overwritten(row)
    }

    fn has_outside(&self) -> bool {
        !self.outside.is_empty()
    }

    /// Whether a relation of the destination gives way to the one that the source has in its place.
    pub(super) fn is_filled(&self, script: &Script, link: &Link<'_>) -> bool {
        !script.filled.is_empty() && fate::filled_beside(self, link).is_some_and(|place| script.filled.contains(&place))
    }

    /// Whether a document that is overwritten keeps rows of other locales where they are.
    fn keeps_rows(&self, item: ItemIndex) -> bool {
        let rows = self.destination.rows_of(item);
        !self.again.contains(&item) && rows.iter().any(|row| self.is_outside(row.row))
    }

    /// Where a row of one side is after the merge.
    pub(super) fn spot(&self, side: Origin, row: RowId) -> Spot {
        match side {
            Origin::Source => self.spot_of_source(row).unwrap_or(Spot::Nowhere),
            Origin::Kept => self.spot_of_destination(row).unwrap_or(Spot::Nowhere),
        }
    }

    fn spot_of_source(&self, row: RowId) -> Option<Spot> {
        let item = self.source.owner(row)?;
        if self.is_written(item) {
            return Some(Spot::Pushed(Place { origin: Origin::Source, row }));
        }
        // What is no part of the plan is where its id is.
        let key = || self.source.inventory.item(item).key();
        let theirs = self.found.get(&item).copied().or_else(|| self.destination.find(&key()))?;
        let there = self.destination.row_of(theirs, self.source.version(row)?)?;
        self.spot_of_destination(there)
    }

    fn spot_of_destination(&self, row: RowId) -> Option<Spot> {
        let item = self.destination.owner(row)?;
        if self.leftovers.contains(&item) || self.gone.contains(&item) {
            return None;
        }
        if self.is_pushed_again(item, row) {
            return Some(Spot::Pushed(Place { origin: Origin::Kept, row }));
        }
        match self.overwritten.get(&item).filter(|_| !self.is_outside(row)) {
            None => Some(Spot::There(row.id)),
            Some(&ours) => {
                let row = self.source.row_of(ours, self.destination.version(row)?)?;
                Some(Spot::Pushed(Place { origin: Origin::Source, row }))
            }
        }
    }

    /// What has to be deleted, and what every pushed row has to name.
    pub fn script(&self, bundles: Bundles<'_>) -> Result<Script> {
        let mut script = Script::default();
        let going: BTreeSet<ItemIndex> =
            self.overwritten.keys().chain(&self.again).chain(&self.gone).copied().collect();
        for item in going {
            let id = self.destination.inventory.item(item).id().to_owned();
            let goes = if self.keeps_rows(item) { &mut script.cut } else { &mut script.deleted };
            goes.entry(self.destination.uid(item).to_owned()).or_default().push(id);
        }
        let mut held = HashSet::new();
        each_link(bundles.destination, |link, _| {
            held.extend(fate::held_by_one(self, Origin::Kept, link));
            Ok(())
        })?;
        each_link(bundles.source, |link, line| {
            let mut fate = fate::of_source(self, link);
            let names_it = matches!(fate, Fate::Pass { .. } | Fate::Embed { .. });
            // What a kept document has stays with it.
            if names_it && fate::held_by_one(self, Origin::Source, link).is_some_and(|one| held.contains(&one)) {
                fate = Fate::Lost;
            }
            if fate == Fate::Lost {
                let (from, _) = link.ends();
                let row = self.source.row(&from.type_, from.row());
                script.lost_of.extend(row.and_then(|row| self.source.owner(row)));
                script.lost_links.insert(Digest::of(line));
            }
            script.filled.extend(fate::filled_by_source(link, &fate).filter(|_| self.has_outside()));
            script.note_folder(link, &fate);
            script.note_places(self, link, Origin::Source);
            script.take(fate, Origin::Source);
            Ok(())
        })?;
        each_link(bundles.destination, |link, _| {
            // What comes in the place of a relation comes to where that was.
            script.note_places(self, link, Origin::Kept);
            if self.is_filled(&script, link) {
                return Ok(());
            }
            let fate = fate::of_destination(self, link);
            script.note_folder(link, &fate);
            script.take(fate, Origin::Kept);
            Ok(())
        })?;
        script.settle();
        Ok(script)
    }

    /// Every row that is pushed, as it is sent: those of the source, then those of kept documents.
    pub fn each_row(
        &self,
        script: &Script,
        bundles: Bundles<'_>,
        mut each: impl FnMut(String) -> Result<()>,
    ) -> Result<()> {
        bundles.each_line(Stage::Entities, |origin, line| {
            push_row::row(self, script, origin, line)?.map_or(Ok(()), &mut each)
        })
    }

    /// Every link that is pushed, as it is sent. Comes after [`Merge::each_row`], which finds out what is not sent.
    pub fn each_link(
        &self,
        script: &Script,
        bundles: Bundles<'_>,
        mut each: impl FnMut(String) -> Result<()>,
    ) -> Result<()> {
        bundles.each_line(Stage::Links, |origin, line| {
            push_row::link(self, script, origin, line)?.map_or(Ok(()), &mut each)
        })
    }
}

/// A type or component that is never sent, since the server does not have it.
pub(super) fn lacks(uid: &str, holder: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Stale, format!("the destination has no {uid} any more, which {holder} is made of"))
        .hint("make a new plan: it says what differs between the schemas")
}

/// What the two sides are read from.
#[derive(Clone, Copy, Debug)]
pub(in crate::platforms::strapi) struct Bundles<'a> {
    pub source: &'a Bundle,
    pub destination: &'a Bundle,
}

impl Bundles<'_> {
    /// Every line of a stage, those of the source first.
    fn each_line(self, stage: Stage, mut each: impl FnMut(Origin, &[u8]) -> Result<()>) -> Result<()> {
        each_line_of(self.source, stage, |line| each(Origin::Source, line))?;
        each_line_of(self.destination, stage, |line| each(Origin::Kept, line))
    }
}

impl Script {
    /// Whether this link of the source is left out.
    pub(super) fn is_lost(&self, line: &[u8]) -> bool {
        !self.lost_links.is_empty() && self.lost_links.contains(&Digest::of(line))
    }

    fn take(&mut self, fate: Fate, of: Origin) {
        match (fate, of) {
            (Fate::Embed { at, mut embed }, _) => {
                let spot = Spot::There(embed.id);
                // A file says the place that it has in the list of the row that shows it.
                if embed.shown_by.is_none() {
                    embed.position = embed.position.map(|position| self.home(at, &embed.field, spot, of, position));
                }
                self.embeds.entry(at).or_default().push(embed);
            }
            (Fate::Lost, Origin::Source) => self.lost_of_source += 1,
            (Fate::Lost | Fate::NeedsOwner, _) => self.lost_of_kept += 1,
            (Fate::Pass { .. } | Fate::Untouched, _) => {}
        }
    }

    /// Remembers the places at both ends of a link that a row of the other side may ask for.
    fn note_places(&mut self, merge: &Merge<'_>, link: &Link<'_>, of: Origin) {
        let spot = |end: &End<'_>| merge.side(of).row(&end.type_, end.row()).map(|row| merge.spot(of, row));
        let (Some(left), Some(right)) = (spot(&link.left), spot(&link.right)) else { return };
        for (end, own, other) in [(&link.left, left, right), (&link.right, right, left)] {
            let (Spot::Pushed(place), Some(field), Some(position)) = (own, end.field.as_deref(), end.pos) else {
                continue;
            };
            let is_of_both = !matches!(other, Spot::Pushed(other) if other.origin == of) && other != Spot::Nowhere;
            if place.origin == of && is_of_both {
                self.homes.insert((place, field.into(), other), position);
            }
        }
    }

    /// The place of what lies at `spot` in a list of a pushed row, where a link of this side says `position`. What the row's own
    /// side does not know comes after all that it knows.
    pub(super) fn home(&self, at: Place, field: &str, spot: Spot, of: Origin, position: f64) -> f64 {
        const FAR: f64 = 100_000.0;
        match at.origin == of {
            true => position,
            false => self.homes.get(&(at, field.into(), spot)).copied().unwrap_or(FAR + position),
        }
    }

    fn note_folder(&mut self, link: &Link<'_>, fate: &Fate) {
        let is_in = match &*link.left.type_ {
            FILE_TYPE => link.left.field.as_deref() == Some("folder"),
            FOLDER_TYPE => link.left.field.as_deref() == Some("parent"),
            _ => false,
        };
        match fate {
            Fate::Pass { left, right } if is_in => drop(self.folders.insert(*left, Spot::Pushed(*right))),
            Fate::Embed { at, embed } if is_in && Some(&*embed.field) == link.left.field.as_deref() => {
                self.folders.insert(*at, Spot::There(embed.id));
            }
            _ => {}
        }
    }

    /// In the order of their fields and places; what both sides say of one pair counts once.
    fn settle(&mut self) {
        for embeds in self.embeds.values_mut() {
            let place = |embed: &Embed| embed.position.unwrap_or(f64::MAX);
            embeds.sort_by(|a, b| a.field.cmp(&b.field).then(place(a).total_cmp(&place(b))));
            let mut seen = BTreeSet::new();
            embeds.retain(|embed| {
                seen.insert((embed.field.clone(), embed.type_.clone(), embed.id, embed.shown_by.clone()))
            });
        }
    }

    /// The place of a link in a field that also names rows of the destination: those are numbered 1, 2, … when they are
    /// written, so that the link has to lie between the right two.
    pub(super) fn position(&self, at: Place, field: &str, position: f64) -> f64 {
        let Some(embeds) = self.embeds.get(&at) else { return position };
        let named = embeds.iter().filter(|embed| &*embed.field == field).collect::<Vec<_>>();
        if named.is_empty() {
            return position;
        }
        let before = named.iter().filter(|embed| embed.position.is_some_and(|other| other < position)).count();
        before as f64 + position / (position + 1.0)
    }
}

/// Every link of a bundle that can be read.
pub(super) fn each_link(bundle: &Bundle, mut each: impl FnMut(&Link<'_>, &[u8]) -> Result<()>) -> Result<()> {
    each_line_of(bundle, Stage::Links, |line| match parse::<Link<'_>>(line, "link") {
        Ok(link) => each(&link, line),
        Err(_) => Ok(()),
    })
}

pub(super) fn each_line_of(bundle: &Bundle, stage: Stage, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut members = bundle.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        if entry.place == Member::Chunk(stage) {
            each_line(&mut members, &mut scratch, |_, line| each(line))?;
        }
    }
    Ok(())
}
