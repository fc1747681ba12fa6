//! Which kept documents are pushed again: those that would lose a relation, and those of which a list would change its order.
//! Must not know: the source's rows, how anything is written. The same answer comes from a plan and from its run.
//!
//! What is attached to a row that stays comes last in its list, on either side of a relation, and for media at the place that
//! it has among all that show the file. A document that is pushed again says the order of its lists itself, and is then the one
//! that comes last where it is attached to others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::compose::each_link;
use super::side::{RowId, Side};
use crate::model::{Inventory, ItemIndex, Plan, ReferenceView, Result};
use crate::platforms::strapi::link::{End, Link, Meaning};
use crate::platforms::strapi::members::Bundle;

/// Kept documents that are pushed again for the order of lists alone, at most. Each gets a new row, and loses who made it.
pub(in crate::platforms::strapi) const MOST_DRAWN: usize = 200;

/// What becomes of the documents that a merge keeps.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Drawn {
    /// Those that are pushed again.
    pub again: BTreeSet<ItemIndex>,
    /// Of the others, how many have a list that changes its order, by type and field.
    pub disordered: BTreeMap<(String, String), usize>,
}

/// Documents of the destination that are overwritten, each with what it refers to afterwards.
#[derive(Debug, Default)]
pub(in crate::platforms::strapi) struct Overwritten {
    pub documents: HashMap<ItemIndex, HashSet<ItemIndex>>,
    /// Rows of them that stay, being of other locales than those that move.
    pub outside: HashSet<RowId>,
    /// Rows that go and in whose place nothing comes, as far as that is known: relations to them are lost whatever is done.
    pub gone: HashSet<RowId>,
}

impl Overwritten {
    /// As a plan says it; `wanted` are items of the destination.
    pub fn of(plan: &Plan, source: &Inventory, destination: &Inventory, wanted: &BTreeSet<ItemIndex>) -> Self {
        let destinations = plan.destinations();
        let mut overwritten = HashMap::new();
        for item in plan.written() {
            let theirs = item.destination_id().and_then(|id| destination.find(&item.key.with_id(id)));
            let Some(theirs) = theirs.map(|theirs| theirs.index()).filter(|theirs| wanted.contains(theirs)) else {
                continue;
            };
            let refers = source.find(&item.key).into_iter().flat_map(|ours| ours.reference_views());
            let there = refers.filter_map(|reference| match reference {
                ReferenceView::Id { kind, type_, id, .. } => {
                    let key = crate::model::ItemKey { kind, type_: type_.map(Into::into), id: id.into() };
                    let id = destinations.get(&key).copied().unwrap_or(id);
                    destination.find(&key.with_id(id)).map(|found| found.index())
                }
                ReferenceView::Name { .. } => None,
            });
            overwritten.insert(theirs, there.collect());
        }
        Overwritten { documents: overwritten, ..Overwritten::default() }
    }

    /// Whether a row goes, and another one comes in its place.
    fn has(&self, (row, item): (RowId, ItemIndex)) -> bool {
        self.documents.contains_key(&item) && !self.outside.contains(&row)
    }

    fn refers(&self, from: ItemIndex, to: ItemIndex) -> bool {
        self.documents.get(&from).is_some_and(|targets| targets.contains(&to))
    }
}

/// How far documents are drawn in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// As far as relations would be lost.
    Lost,
    /// And where the order of what a document refers to would change.
    Lists,
    /// And where that of what refers to it would.
    BothSides,
}

/// Everything in order if that takes at most [`MOST_DRAWN`] documents; else the lists of those that refer, if that does; else
/// what has to be.
pub(in crate::platforms::strapi) fn draw(side: &Side<'_>, bundle: &Bundle, goes: &Overwritten) -> Result<Drawn> {
    if goes.documents.is_empty() {
        return Ok(Drawn::default());
    }
    let drawing = Drawing { side, bundle, goes };
    let needed = drawing.grown(BTreeSet::new(), Reach::Lost, usize::MAX)?.unwrap_or_default();
    let most = needed.len() + MOST_DRAWN;
    for reach in [Reach::BothSides, Reach::Lists] {
        if let Some(again) = drawing.grown(needed.clone(), reach, most)? {
            let disordered = drawing.disordered(&again)?;
            return Ok(Drawn { again, disordered });
        }
    }
    let disordered = drawing.disordered(&needed)?;
    Ok(Drawn { again: needed, disordered })
}

struct Drawing<'a> {
    side: &'a Side<'a>,
    bundle: &'a Bundle,
    goes: &'a Overwritten,
}

/// A list of relations of a row that stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct List {
    row: RowId,
    field: Box<str>,
    /// The row is the one that refers.
    refers: bool,
}

/// A member of such a list: where it was, and where it comes.
#[derive(Clone, Copy, Debug)]
struct Member {
    before: f64,
    after: After,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum After {
    Stays,
    /// Attached anew, with this number.
    At(usize),
    Last,
}

impl Member {
    /// What sorts it, and whether it goes behind what has the same number.
    fn key(&self) -> (f64, bool) {
        match self.after {
            After::Stays => (self.before, false),
            After::At(number) => (number as f64, true),
            After::Last => (f64::INFINITY, true),
        }
    }
}

/// Whether the members come in another order than they had. Of several that come last it is not known which comes first.
fn changes(members: &mut [Member]) -> bool {
    if members.iter().filter(|member| member.after == After::Last).count() > 1 {
        return true;
    }
    members.sort_by(|a, b| a.before.total_cmp(&b.before));
    members.sort_by(|a, b| a.key().0.total_cmp(&b.key().0).then(a.key().1.cmp(&b.key().1)));
    !members.is_sorted_by(|a, b| a.before <= b.before)
}

/// One look at all relations of the destination.
#[derive(Default)]
struct Look {
    /// Documents that would lose a relation.
    lose: BTreeSet<ItemIndex>,
    /// Lists that get members anew.
    touched: HashMap<List, Vec<Member>>,
    /// By file that is pushed: the lists that show it, with the place in each, in the order of links.
    shown: HashMap<RowId, Vec<(List, f64)>>,
}

impl Drawing<'_> {
    /// `None` where more than `most` documents would have to be pushed again.
    fn grown(&self, mut again: BTreeSet<ItemIndex>, reach: Reach, most: usize) -> Result<Option<BTreeSet<ItemIndex>>> {
        loop {
            let before = again.len();
            let look = self.look(&again)?;
            again.extend(&look.lose);
            if reach != Reach::Lost {
                let lists = self.changing(look, &again)?;
                let met = lists.iter().filter(|list| list.refers || reach == Reach::BothSides);
                again.extend(met.filter_map(|list| self.side.owner(list.row)));
            }
            if again.len() > most {
                return Ok(None);
            }
            if again.len() == before {
                return Ok(Some(again));
            }
        }
    }

    /// Documents with lists that change their order, by type and field.
    fn disordered(&self, again: &BTreeSet<ItemIndex>) -> Result<BTreeMap<(String, String), usize>> {
        let look = self.look(again)?;
        let mut documents: BTreeMap<(String, String), BTreeSet<ItemIndex>> = BTreeMap::new();
        for list in self.changing(look, again)? {
            let uid = self.side.index.types.get(list.row.type_).uid.to_string();
            documents.entry((uid, list.field.into())).or_default().extend(self.side.owner(list.row));
        }
        Ok(documents.into_iter().map(|(of, items)| (of, items.len())).collect())
    }

    fn is_pushed(&self, row: (RowId, ItemIndex), again: &BTreeSet<ItemIndex>) -> bool {
        self.goes.has(row) || again.contains(&row.1)
    }

    fn look(&self, again: &BTreeSet<ItemIndex>) -> Result<Look> {
        let (mut look, mut named) = (Look::default(), HashSet::new());
        each_link(self.bundle, |link, _| {
            let Some(ends) = self.ends(link) else { return Ok(()) };
            let (owner, target) = (ends.owner, ends.target);
            if [owner, target].iter().any(|row| self.goes.gone.contains(&row.0)) {
                return Ok(());
            }
            match (self.is_pushed(owner, again), self.is_pushed(target, again)) {
                (true, false)
                    if !self.goes.has(owner)
                        || self.goes.refers(owner.1, target.1)
                        || self.goes.outside.contains(&target.0) =>
                {
                    look.last(target.0, ends.to, false);
                }
                (false, true) if !link.names_back(&self.side.index.types) => drop(look.lose.insert(owner.1)),
                (false, true) if ends.shows => {
                    // A file that names one row twice, even for two of its fields, is refused (5.54.0).
                    match named.insert((target.0, owner.0)) {
                        true => look.show(target.0, owner.0, ends.from),
                        false => drop(look.lose.insert(owner.1)),
                    }
                }
                (false, true) => look.last(owner.0, ends.from, true),
                _ => {}
            }
            Ok(())
        })?;
        Ok(look)
    }

    /// The touched lists whose order changes.
    fn changing(&self, mut look: Look, again: &BTreeSet<ItemIndex>) -> Result<BTreeSet<List>> {
        look.number();
        if look.touched.is_empty() {
            return Ok(BTreeSet::new());
        }
        each_link(self.bundle, |link, _| {
            let Some(ends) = self.ends(link) else { return Ok(()) };
            if self.is_pushed(ends.owner, again) || self.is_pushed(ends.target, again) {
                return Ok(());
            }
            for (row, end, refers) in [(ends.owner.0, ends.from, true), (ends.target.0, ends.to, false)] {
                if let Some((list, before)) = List::of(row, end, refers)
                    && let Some(members) = look.touched.get_mut(&list)
                {
                    members.push(Member { before, after: After::Stays });
                }
            }
            Ok(())
        })?;
        // Nobody sees an order of the files of a folder, or of the users of a role.
        let is_seen = |list: &List| !self.side.index.types.get(list.row.type_).uid.starts_with("plugin::");
        let changing = look.touched.into_iter().filter(|(list, _)| is_seen(list));
        let changing = changing.filter_map(|(list, mut members)| changes(&mut members).then_some(list));
        Ok(changing.filter(|list| self.side.owner(list.row).is_some_and(|item| !again.contains(&item))).collect())
    }

    fn ends<'l, 'a>(&self, link: &'l Link<'a>) -> Option<Ends<'l, 'a>> {
        if link.meaning() == Meaning::SameEntry {
            return None;
        }
        let (from, to) = link.ends();
        let row = |end: &End<'_>| {
            let row = self.side.row(&end.type_, end.row())?;
            Some((row, self.side.owner(row)?))
        };
        Some(Ends { owner: row(from)?, target: row(to)?, from, to, shows: link.meaning() == Meaning::RightToLeft })
    }
}

/// Both ends of a relation of the destination.
struct Ends<'l, 'a> {
    owner: (RowId, ItemIndex),
    target: (RowId, ItemIndex),
    from: &'l End<'a>,
    to: &'l End<'a>,
    /// The target is a file.
    shows: bool,
}

impl List {
    /// `None` where the end has no order.
    fn of(row: RowId, end: &End<'_>, refers: bool) -> Option<(List, f64)> {
        Some((List { row, field: end.field.as_deref()?.into(), refers }, end.pos?))
    }
}

impl Look {
    fn last(&mut self, row: RowId, end: &End<'_>, refers: bool) {
        if let Some((list, before)) = List::of(row, end, refers) {
            self.touched.entry(list).or_default().push(Member { before, after: After::Last });
        }
    }

    fn show(&mut self, file: RowId, row: RowId, end: &End<'_>) {
        self.shown.entry(file).or_default().extend(List::of(row, end, true));
    }

    /// Files are numbered in each list by the place that it has among all lists of the file.
    fn number(&mut self) {
        for lists in std::mem::take(&mut self.shown).into_values() {
            let mut lists = lists;
            lists.sort_by(|(_, a), (_, b)| a.total_cmp(b));
            for (place, (list, before)) in lists.into_iter().enumerate() {
                let member = Member { before, after: After::At(place + 1) };
                self.touched.entry(list).or_default().push(member);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::alone(&[(1.0, After::Last)], false)]
    #[case::the_last_one(&[(1.0, After::Stays), (2.0, After::Last)], false)]
    #[case::the_first_one(&[(1.0, After::Last), (2.0, After::Stays)], true)]
    #[case::several(&[(1.0, After::Last), (2.0, After::Last)], true)]
    #[case::a_file_that_gets_its_number_again(&[(1.0, After::At(1)), (2.0, After::Stays)], false)]
    #[case::a_file_that_gets_that_of_another(&[(1.0, After::At(2)), (2.0, After::Stays)], true)]
    #[case::a_file_that_was_last(&[(1.0, After::Stays), (2.0, After::At(1))], false)]
    #[case::two_files(&[(1.0, After::At(3)), (2.0, After::At(1))], true)]
    fn a_list_keeps_its_order_or_not(#[case] members: &[(f64, After)], #[case] expected: bool) {
        let mut members: Vec<Member> = members.iter().map(|&(before, after)| Member { before, after }).collect();
        assert_eq!(changes(&mut members), expected);
    }
}
