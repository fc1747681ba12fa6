//! What becomes of one relation in a merge: it passes as a link, is written into a row, stays as it is, or is lost.
//! Must not know: how rows are written.
//!
//! A relation belongs to the document at the end that refers. A document that is pushed from the source has the relations
//! that it has there, and none of its old ones. A kept document keeps its relations and gets no other, whatever is pushed.

use super::compose::{Merge, Origin, Place};
use super::side::{RowId, Side};
use crate::platforms::strapi::link::{End, Link, Meaning};
use crate::platforms::strapi::schema::Types;

/// Where the row at an end of a relation is, once the merge is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    /// Among the rows that are pushed.
    Pushed(Place),
    /// A row of the destination that is not touched.
    There(u64),
    /// Neither.
    Nowhere,
}

/// What becomes of a relation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    /// Both ends are pushed.
    Pass { left: Place, right: Place },
    /// One end is pushed; it names the other, a row of the destination, in this field.
    Embed { at: Place, embed: Embed },
    /// It is as it was before, or none of the merge's business.
    Untouched,
    /// The document that refers would have it, but there is nothing that it could lead to.
    Lost,
    /// A kept document's relation to a row that goes: nothing in the row that replaces it can name the kept one, so that
    /// the kept document itself has to be pushed again.
    NeedsOwner,
}

/// A row of the destination in the data of a pushed row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Embed {
    pub field: Box<str>,
    pub id: u64,
    /// The type of the row, where the field leads to several.
    pub type_: Option<Box<str>>,
    /// The field holds one row of any type rather than a list.
    pub is_one_of_any: bool,
    /// For files: the field that shows it, and its place there.
    pub shown_by: Option<Box<str>>,
    pub position: Option<f64>,
}

/// A relation with both of its ends on one side.
struct Relation<'l, 'a> {
    link: &'l Link<'a>,
    left: RowId,
    right: RowId,
}

impl<'l, 'a> Relation<'l, 'a> {
    fn of(link: &'l Link<'a>, side: &Side<'_>) -> Option<Self> {
        let left = side.row(&link.left.type_, link.left.row())?;
        let right = side.row(&link.right.type_, link.right.row())?;
        (link.meaning() != Meaning::SameEntry).then_some(Relation { link, left, right })
    }

    fn is_media(&self) -> bool {
        self.link.meaning() == Meaning::RightToLeft
    }

    /// The row that refers and the one that is referred to.
    fn ends(&self) -> (RowId, RowId) {
        if self.is_media() { (self.right, self.left) } else { (self.left, self.right) }
    }

    /// The pushed row that refers names the other.
    fn embed_at_owner(&self, at: Place, id: u64) -> Fate {
        let (from, to) = self.link.ends();
        let (type_, is_one_of_any) = (self.named_type(to), self.link.relation.as_deref() == Some("morphToOne"));
        let position = self.link.position();
        Fate::Embed { at, embed: Embed { type_, is_one_of_any, position, ..Embed::of(from, id) } }
    }

    /// The pushed row that is referred to names the one that refers, if it has a field for that.
    fn embed_at_target(&self, at: Place, id: u64, types: &Types) -> Option<Fate> {
        let (from, to) = self.link.ends();
        self.link.names_back(types).then_some(())?;
        let mut embed = Embed::of(to, id);
        if self.link.is_morph() {
            // The other end of a field that leads to several types: 5.53 and later refuse it without the type.
            embed.type_ = Some((&*from.type_).into());
        }
        if self.is_media() {
            embed.shown_by = from.field.as_deref().map(Box::from);
            embed.position = from.pos;
        }
        Some(Fate::Embed { at, embed })
    }

    /// A field that leads to rows of several types says of which.
    fn named_type(&self, to: &End<'_>) -> Option<Box<str>> {
        (self.link.is_morph() && !self.is_media()).then(|| (&*to.type_).into())
    }
}

impl Embed {
    fn of(end: &End<'_>, id: u64) -> Embed {
        let field = end.field.as_deref().unwrap_or_default().into();
        Embed { field, id, type_: None, is_one_of_any: false, shown_by: None, position: end.pos }
    }
}

/// What becomes of a relation of the source. One that the destination's project does not have is none of the merge's
/// business: what differs between the schemas says so.
pub(super) fn of_source(merge: &Merge<'_>, link: &Link<'_>) -> Fate {
    if !merge.destination.takes(link, merge.source) {
        return Fate::Untouched;
    }
    let Some(relation) = Relation::of(link, merge.source) else { return Fate::Untouched };
    let (owner, target) = relation.ends();
    match (merge.spot(Origin::Source, owner), merge.spot(Origin::Source, target)) {
        (Spot::Pushed(owner), Spot::Pushed(target)) if owner.origin == Origin::Source => relation.pass(owner, target),
        (Spot::Pushed(at), Spot::There(id)) if at.origin == Origin::Source => relation.embed_at_owner(at, id),
        (Spot::Pushed(at), Spot::Nowhere) if at.origin == Origin::Source => Fate::Lost,
        _ => Fate::Untouched,
    }
}

/// What a relation leads to, and the field that says so there, where only one row can lead to it: another would take it away
/// from the one that has it. `None` where the row that refers does not stay, or is not pushed.
pub(super) fn held_by_one(merge: &Merge<'_>, side: Origin, link: &Link<'_>) -> Option<(Spot, Box<str>)> {
    let of = merge.side(side);
    let relation = Relation::of(link, of).filter(|_| link.leads_alone(&of.index.types))?;
    let (owner, target) = relation.ends();
    let holds = match (side, merge.spot(side, owner)) {
        (Origin::Source, Spot::Pushed(_)) | (Origin::Kept, Spot::There(_)) => true,
        (Origin::Kept, Spot::Pushed(place)) => place.origin == Origin::Kept,
        _ => false,
    };
    let (_, to) = link.ends();
    let field = to.field.as_deref().filter(|_| holds)?;
    Some((merge.spot(side, target), field.into())).filter(|(spot, _)| *spot != Spot::Nowhere)
}

/// The field of a pushed row that a relation of the source fills, where the field has room for one.
pub(super) fn filled_by_source(link: &Link<'_>, fate: &Fate) -> Option<(Place, Box<str>)> {
    let (from, _) = link.ends();
    let field = || from.field.as_deref().map(Box::from);
    match fate {
        Fate::Pass { left, right } if leads_to_one(link) => {
            Some((if link.meaning() == Meaning::RightToLeft { *right } else { *left }, field()?))
        }
        Fate::Embed { at, embed } if leads_to_one(link) => Some((*at, embed.field.clone())),
        _ => None,
    }
}

/// The field of the row that replaces the owner of a relation of the destination, where it would be filled a second time.
pub(super) fn filled_beside(merge: &Merge<'_>, link: &Link<'_>) -> Option<(Place, Box<str>)> {
    let relation = Relation::of(link, merge.destination).filter(|_| leads_to_one(link))?;
    let (owner, _) = relation.ends();
    let (from, _) = link.ends();
    match merge.spot(Origin::Kept, owner) {
        Spot::Pushed(at) if merge.is_overwritten(owner) => Some((at, from.field.as_deref()?.into())),
        _ => None,
    }
}

fn leads_to_one(link: &Link<'_>) -> bool {
    matches!(link.relation.as_deref(), Some("oneToOne" | "manyToOne" | "morphToOne"))
}

/// What becomes of a relation of the destination.
pub(super) fn of_destination(merge: &Merge<'_>, link: &Link<'_>) -> Fate {
    let Some(relation) = Relation::of(link, merge.destination) else { return Fate::Untouched };
    let types = &merge.destination.index.types;
    let (owner, target) = relation.ends();
    if merge.is_overwritten(owner) {
        // What it has to rows of locales that do not move is theirs, and stays.
        return match (merge.spot(Origin::Kept, owner), merge.spot(Origin::Kept, target)) {
            (Spot::Pushed(at), Spot::There(id)) if merge.is_outside(target) => relation.embed_at_owner(at, id),
            (Spot::Pushed(at), Spot::Pushed(target_again)) if merge.is_outside(target) => {
                relation.pass(at, target_again)
            }
            _ => Fate::Untouched,
        };
    }
    match (merge.spot(Origin::Kept, owner), merge.spot(Origin::Kept, target)) {
        (Spot::Pushed(owner), Spot::Pushed(target)) => relation.pass(owner, target),
        (Spot::Pushed(at), Spot::There(id)) => relation.embed_at_owner(at, id),
        (Spot::There(id), Spot::Pushed(at)) => relation.embed_at_target(at, id, types).unwrap_or(Fate::NeedsOwner),
        (Spot::Pushed(_) | Spot::There(_), Spot::Nowhere) => Fate::Lost,
        (Spot::There(_), Spot::There(_)) | (Spot::Nowhere, _) => Fate::Untouched,
    }
}

impl Relation<'_, '_> {
    fn pass(&self, owner: Place, target: Place) -> Fate {
        match self.is_media() {
            true => Fate::Pass { left: target, right: owner },
            false => Fate::Pass { left: owner, right: target },
        }
    }
}
