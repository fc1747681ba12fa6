//! Puts a merge together: which documents go and come again, and what every pushed row has to name.
//! Must not know: lines as they are sent.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::fate::{self, Embed, Fate, Spot};
use super::locales;
use super::push_row;
use super::side::{RowId, Side};
use crate::model::{Decision, Error, ErrorKind, ItemIndex, ItemKey, Plan, PlanItem, Result};
use crate::platforms::strapi::layout::{Place as Member, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::link::Link;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;

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
    pub document: Box<str>,
    /// A document that is there and goes.
    pub overwrites: bool,
    /// It stays beside its original: what is unique to that must not be there twice.
    pub is_copy: bool,
}

impl Assignment {
    /// As the plan says it; `None` for an item that is not written.
    pub fn of(item: &PlanItem) -> Option<Assignment> {
        let document = item.destination_id().filter(|_| item.is_written())?.into();
        let (overwrites, is_copy) = (item.decision == Decision::Overwrite, item.decision == Decision::Duplicate);
        Some(Assignment { item: item.key.clone(), document, overwrites, is_copy })
    }
}

/// A merge that is put together.
pub(in crate::platforms::strapi) struct Merge<'a> {
    pub source: &'a Side<'a>,
    pub destination: &'a Side<'a>,
    /// Of items of the source that are written: the document at the destination.
    written: HashMap<ItemIndex, Box<str>>,
    /// Those that stay beside their originals.
    copies: HashSet<ItemIndex>,
    /// Items of the destination that are overwritten, and by which item of the source.
    overwritten: BTreeMap<ItemIndex, ItemIndex>,
    /// Items of the destination that a replace deletes and nothing stands for.
    gone: BTreeSet<ItemIndex>,
    /// Items of the source that are not written: where the destination has them.
    found: HashMap<ItemIndex, ItemIndex>,
    /// Kept documents that are pushed again.
    again: BTreeSet<ItemIndex>,
    /// Rows of the destination of locales that do not move, and rows of components in them: they stay.
    outside: HashSet<RowId>,
    /// Files of the source that are called otherwise on the disk of the destination, by their hashes.
    pub(super) renamed: BTreeSet<String>,
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
    /// Fields with room for one that the source fills, where rows of other locales stay that they might lead to.
    filled: HashSet<(Place, Box<str>)>,
    /// Relations of the source that lead to nothing at the destination.
    pub lost_of_source: u64,
    /// Relations of kept documents to versions that are not there any more.
    pub lost_of_kept: u64,
}

impl<'a> Merge<'a> {
    /// `plan` says where everything else of it is found; `gone` are items of the destination that nothing stands for. `bundle` is the destination, whose relations say which kept
    /// documents have to be pushed again.
    pub fn new(
        plan: &Plan,
        assignments: &[Assignment],
        gone: &[ItemIndex],
        source: &'a Side<'a>,
        destination: &'a Side<'a>,
        bundle: &Bundle,
    ) -> Result<Self> {
        let mut merge = Merge {
            source,
            destination,
            written: HashMap::new(),
            copies: HashSet::new(),
            overwritten: BTreeMap::new(),
            gone: gone.iter().copied().collect(),
            found: HashMap::new(),
            again: BTreeSet::new(),
            outside: HashSet::new(),
            renamed: BTreeSet::new(),
        };
        for item in &plan.items {
            let Some(ours) = source.find(&item.key) else { continue };
            let place = item.destination_id().map(|id| item.key.with_id(id));
            let theirs = place.as_ref().and_then(|key| destination.find(key));
            merge.found.extend(theirs.map(|theirs| (ours, theirs)));
        }
        for Assignment { item, document, overwrites, is_copy } in assignments {
            let Some(ours) = source.find(item) else { continue };
            if destination.schema(source.uid(ours)).is_none() {
                return Err(lacks(source.uid(ours), item));
            }
            merge.found.remove(&ours);
            merge.written.insert(ours, document.clone());
            merge.copies.extend(is_copy.then_some(ours));
            let theirs = destination.find(&item.with_id(document.clone())).filter(|_| *overwrites);
            merge.overwritten.extend(theirs.map(|theirs| (theirs, ours)));
        }
        let locales = &plan.options.selection.locales;
        if !locales.is_empty() {
            merge.outside =
                locales::outside(bundle, destination, locales, |item| merge.overwritten.contains_key(&item))?;
        }
        merge.draw_owners_in(bundle)?;
        Ok(merge)
    }

    /// Files with these hashes get another one, and so another name on disk.
    pub fn renaming(self, renamed: BTreeSet<String>) -> Self {
        Merge { renamed, ..self }
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
        if self.gone.contains(&item) {
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

    /// A document that is pushed again may be referred to by others that have to be pushed again too.
    fn draw_owners_in(&mut self, bundle: &Bundle) -> Result<()> {
        if self.overwritten.is_empty() && self.gone.is_empty() {
            return Ok(());
        }
        loop {
            let (mut met, mut shown) = (BTreeSet::new(), HashSet::new());
            each_link(bundle, |link| {
                let needs_owner = match fate::of_destination(self, link) {
                    Fate::NeedsOwner => true,
                    // A file that names one row twice, even for two of its fields, is refused (5.54.0).
                    Fate::Embed { at, embed } if embed.shown_by.is_some() => !shown.insert((at, embed.type_, embed.id)),
                    _ => false,
                };
                if needs_owner {
                    let (from, _) = link.ends();
                    let row = self.destination.row(&from.type_, from.row());
                    met.extend(row.and_then(|row| self.destination.owner(row)));
                }
                Ok(())
            })?;
            let before = self.again.len();
            self.again.extend(met);
            if self.again.len() == before {
                return Ok(());
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
        each_link(bundles.source, |link| {
            let fate = fate::of_source(self, link);
            script.filled.extend(fate::filled_by_source(link, &fate).filter(|_| self.has_outside()));
            script.take(fate, Origin::Source);
            Ok(())
        })?;
        each_link(bundles.destination, |link| {
            if !self.is_filled(&script, link) {
                script.take(fate::of_destination(self, link), Origin::Kept);
            }
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
    fn take(&mut self, fate: Fate, of: Origin) {
        match (fate, of) {
            (Fate::Embed { at, embed }, _) => self.embeds.entry(at).or_default().push(embed),
            (Fate::Lost, Origin::Source) => self.lost_of_source += 1,
            (Fate::Lost | Fate::NeedsOwner, _) => self.lost_of_kept += 1,
            (Fate::Pass { .. } | Fate::Untouched, _) => {}
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
fn each_link(bundle: &Bundle, mut each: impl FnMut(&Link<'_>) -> Result<()>) -> Result<()> {
    each_line_of(bundle, Stage::Links, |line| match parse::<Link<'_>>(line, "link") {
        Ok(link) => each(&link),
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
