//! What becomes of the links of both sides: each is sent with the numbers that its rows have afterwards, stays as it is, or is
//! lost. A link belongs to the row that refers: what is written has the relations of the source, what stays keeps its own and
//! gets no other.
//! Must not know: how rows are written.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hashbrown::{HashMap, HashSet};

use super::called::fingerprint;
use super::compose::{RowMerge, Spot, each_line_of};
use crate::model::{Digest, ItemIndex, Result};
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::link::{End, Link, Meaning};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::merge::RowId;

/// What is known of all links before one of them is sent.
pub(super) struct Links<'m, 'a> {
    merge: &'m RowMerge<'a>,
    /// Fields in which one row only may lead to another, and the rows that somebody leads to who stays.
    taken: HashSet<(u64, Spot)>,
    /// The place that a relation of what goes had in the list of its target.
    places: HashMap<(u64, u64, u64), f64>,
    /// The last place in the list of a row that stays.
    last: HashMap<(u64, u64), f64>,
    /// The last place that the source has in the list of a row that is pushed.
    behind: HashMap<(u64, u64), f64>,
    sent: HashSet<u64>,
}

/// Relations that lead to nothing afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Unheld {
    /// Of what is written.
    pub of_source: u64,
    /// Their lines, and the items that lose them.
    pub links: HashSet<Digest>,
    pub of: BTreeSet<ItemIndex>,
    /// Of what stays.
    pub of_kept: u64,
}

/// The rows at the ends of a link.
struct Between {
    left: RowId,
    right: RowId,
    /// The left row is a file, and the right one shows it.
    is_media: bool,
}

impl Between {
    fn owner(&self) -> RowId {
        if self.is_media { self.right } else { self.left }
    }

    fn target(&self) -> RowId {
        if self.is_media { self.left } else { self.right }
    }
}

fn field_of(link: &Link<'_>) -> u64 {
    fingerprint(&[&*link.left.type_, link.left.field.as_deref().unwrap_or_default()].join("\u{1f}"))
}

/// Both ends name one another as the only one.
fn is_pair(link: &Link<'_>) -> bool {
    link.relation.as_deref() == Some("oneToOne") && link.right.field.is_some() && !link.is_morph()
}

impl<'m, 'a> Links<'m, 'a> {
    pub fn learn(merge: &'m RowMerge<'a>) -> Result<Self> {
        let mut links = Links {
            merge,
            taken: HashSet::new(),
            places: HashMap::new(),
            last: HashMap::new(),
            behind: HashMap::new(),
            sent: HashSet::new(),
        };
        each_link(merge.destination.bundle, |link| links.learn_of_destination(link))?;
        each_link(merge.source.bundle, |link| links.learn_of_source(link))?;
        Ok(links)
    }

    fn learn_of_destination(&mut self, link: &Link<'_>) {
        let Some(between) = self.between(link, false).filter(|_| !link.is_morph()) else { return };
        let (field, owner, target) = (field_of(link), between.owner(), between.target());
        let goes = self.merge.goes(owner);
        if is_pair(link) && !goes {
            self.taken.insert((field, self.merge.spot_of_destination(target)));
        }
        let Some(place) = link.right.pos else { return };
        if goes {
            self.places.insert((field, owner.id, target.id), place);
        }
        let last = self.last.entry((field, target.id)).or_insert(place);
        *last = last.max(place);
    }

    fn learn_of_source(&mut self, link: &Link<'_>) {
        let Some(between) = self.between(link, true).filter(|_| !link.is_morph()) else { return };
        if let (Some(place), Spot::Pushed(target)) = (link.right.pos, self.merge.spot_of_source(between.target())) {
            let last = self.behind.entry((field_of(link), target)).or_insert(place);
            *last = last.max(place);
        }
    }

    fn between(&self, link: &Link<'_>, of_source: bool) -> Option<Between> {
        let side = if of_source { self.merge.source.side } else { self.merge.destination.side };
        let left = side.row(&link.left.type_, link.left.row())?;
        let right = side.row(&link.right.type_, link.right.row())?;
        let is_media = link.meaning() == Meaning::RightToLeft;
        (link.meaning() != Meaning::SameEntry).then_some(Between { left, right, is_media })
    }

    /// Every link that is sent. `left_out` are rows of components that are not.
    pub fn each(&mut self, left_out: &HashSet<RowId>, mut each: impl FnMut(String) -> Result<()>) -> Result<Unheld> {
        let mut unheld = Unheld::default();
        let merge = self.merge;
        // Every time gives the same.
        self.sent.clear();
        let last = self.last.clone();
        try_each_link(merge.source.bundle, |link, line| {
            let before = unheld.of_source;
            let sent = self.of_source(link, left_out, &mut unheld);
            if unheld.of_source > before {
                unheld.links.insert(Digest::of(line));
                let row = self.between(link, true).map(|between| between.owner());
                unheld.of.extend(row.and_then(|row| merge.source.side.owner(row)));
            }
            sent.filter(|line| self.is_new(link, line)).map_or(Ok(()), |sent| each(sent.line))
        })?;
        try_each_link(merge.destination.bundle, |link, _| {
            let sent = self.of_destination(link, &mut unheld);
            sent.filter(|line| self.is_new(link, line)).map_or(Ok(()), |sent| each(sent.line))
        })?;
        self.last = last;
        Ok(unheld)
    }

    /// What says the same twice ends a server; a list of files may hold one of them twice.
    fn is_new(&mut self, link: &Link<'_>, line: &Sent) -> bool {
        link.is_morph() || self.sent.insert(line.pair)
    }

    fn of_source(&mut self, link: &Link<'_>, left_out: &HashSet<RowId>, unheld: &mut Unheld) -> Option<Sent> {
        if !self.merge.destination.side.takes(link, self.merge.source.side) {
            return None;
        }
        if link.meaning() == Meaning::SameEntry {
            return self.locales(link);
        }
        let between = self.between(link, true)?;
        let (owner, target) = (between.owner(), between.target());
        let Spot::Pushed(from) = self.merge.spot_of_source(owner) else { return None };
        if left_out.contains(&owner) || left_out.contains(&target) {
            return None;
        }
        let spot = self.merge.spot_of_source(target);
        let is_taken = is_pair(link) && self.taken.contains(&(field_of(link), spot));
        let Some(to) = spot.number().filter(|_| !is_taken) else {
            unheld.of_source += 1;
            return None;
        };
        let place = match spot {
            Spot::There(id) if !link.is_morph() => link.right.pos.map(|_| self.place_in_kept(link, owner, id)),
            _ => link.right.pos,
        };
        Some(Sent::new(link, &between, from, to, place))
    }

    /// The rows of one entry in its locales.
    fn locales(&self, link: &Link<'_>) -> Option<Sent> {
        let side = self.merge.source.side;
        let left = side.row(&link.left.type_, link.left.row())?;
        let right = side.row(&link.right.type_, link.right.row())?;
        let (Spot::Pushed(from), Spot::Pushed(to)) =
            (self.merge.spot_of_source(left), self.merge.spot_of_source(right))
        else {
            return None;
        };
        Some(Sent::new(link, &Between { left, right, is_media: false }, from, to, link.right.pos))
    }

    /// Where it stood before it was overwritten, else behind what stays.
    fn place_in_kept(&mut self, link: &Link<'_>, owner: RowId, target: u64) -> f64 {
        let field = field_of(link);
        let before = self.merge.predecessor(owner).and_then(|row| self.places.get(&(field, row.id, target)).copied());
        before.unwrap_or_else(|| {
            let last = self.last.entry((field, target)).or_insert(0.0);
            *last = last.floor() + 1.0;
            *last
        })
    }

    fn of_destination(&mut self, link: &Link<'_>, unheld: &mut Unheld) -> Option<Sent> {
        let between = self.between(link, false)?;
        let (owner, target) = (between.owner(), between.target());
        if self.merge.goes(owner) || !self.merge.goes(target) {
            return None;
        }
        let spot = self.merge.spot_of_destination(target);
        let Some(to) = spot.number() else {
            unheld.of_kept += 1;
            return None;
        };
        let behind = || self.behind.get(&(field_of(link), to)).copied().unwrap_or(0.0);
        let place = match spot {
            Spot::Pushed(_) if !link.is_morph() => link.right.pos.map(|place| place + behind()),
            _ => link.right.pos,
        };
        Some(Sent::new(link, &between, owner.id, to, place))
    }
}

/// A link as it is sent.
struct Sent {
    line: String,
    /// What the database takes once.
    pair: u64,
}

impl Sent {
    fn new(link: &Link<'_>, between: &Between, from: u64, to: u64, place: Option<f64>) -> Sent {
        let (left, right) = if between.is_media { (to, from) } else { (from, to) };
        let pair = format!("{}\u{1f}{left}\u{1f}{}\u{1f}{right}", field_of(link), link.right.type_);
        let relation = link.relation.as_deref().map(|relation| format!(",\"relation\":{}", quoted(relation)));
        let line = format!(
            "{{\"kind\":{}{},\"left\":{},\"right\":{}}}",
            quoted(link.kind()),
            relation.unwrap_or_default(),
            end(&link.left, left, link.left.pos),
            end(&link.right, right, place)
        );
        Sent { line, pair: fingerprint(&pair) }
    }
}

fn end(end: &End<'_>, number: u64, place: Option<f64>) -> String {
    let mut text = format!("{{\"type\":{},\"ref\":{number}", quoted(&end.type_));
    // Writing to memory cannot fail.
    if let Some(field) = end.field.as_deref() {
        let _ = write!(text, ",\"field\":{}", quoted(field));
    }
    if let Some(place) = place {
        let _ = write!(text, ",\"pos\":{place}");
    }
    text.push('}');
    text
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn each_link(
    bundle: &crate::platforms::strapi::members::Bundle,
    mut each: impl FnMut(&Link<'_>),
) -> Result<()> {
    try_each_link(bundle, |link, _| {
        each(link);
        Ok(())
    })
}

/// Every link that can be read, with its line.
fn try_each_link(
    bundle: &crate::platforms::strapi::members::Bundle,
    mut each: impl FnMut(&Link<'_>, &[u8]) -> Result<()>,
) -> Result<()> {
    each_line_of(bundle, Stage::Links, |line| match parse::<Link<'_>>(line, "link") {
        Ok(link) => each(&link, line),
        Err(_) => Ok(()),
    })
}
