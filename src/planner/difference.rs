//! Compares two locations item by item. Pairs are made as a plan makes matches, but from both sides at once.
//! Must not know: policies; how content differs inside an item.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::contents::Contents;
use super::holds;
use super::matching::same_id;
use super::names::NameIndex;
use super::uniques::Uniques;
use crate::model::{
    Candidate, Finding, Inventory, ItemIndex, ItemKey, ItemRef, KindRules, LocationInfo, MatchMethod, ReferenceView,
    Rules,
};

/// One of the two locations that are compared.
#[derive(Clone, Debug)]
pub struct DifferenceSide<'a> {
    pub inventory: &'a Inventory,
    pub info: LocationInfo,
    pub picked: &'a [ItemIndex],
}

/// What is compared. Items that [`difference_needs`] names were examined.
#[derive(Clone, Debug)]
pub struct DifferenceRequest<'a> {
    pub left: DifferenceSide<'a>,
    pub right: DifferenceSide<'a>,
    pub rules: &'a Rules,
}

/// Where an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceState {
    OnlyLeft,
    OnlyRight,
    Changed,
    Equal,
}

/// What `diff --json` answers (`docs/schemas/diff.json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub schema: u32,
    /// `equal` or `different`.
    pub status: String,
    pub left: LocationInfo,
    pub right: LocationInfo,
    pub summary: DifferenceSummary,
    /// By kind, type, name and id; those that are equal too.
    pub items: Vec<DifferenceItem>,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceSummary {
    pub only_left: u64,
    pub only_right: u64,
    pub changed: u64,
    pub equal: u64,
}

/// One item of either location, or one of each that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceItem {
    /// The left one's key, where there is a left one.
    #[serde(flatten)]
    pub key: ItemKey,
    pub name: Box<str>,
    pub state: DifferenceState,
    #[serde(rename = "match")]
    pub match_: MatchMethod,
    pub left: Option<Candidate>,
    pub right: Option<Candidate>,
}

impl Difference {
    pub const SCHEMA: u32 = 1;

    pub fn is_equal(&self) -> bool {
        self.summary.only_left + self.summary.only_right + self.summary.changed == 0
    }
}

/// What is different. An item is compared when it was picked on either side.
pub fn difference(request: &DifferenceRequest<'_>) -> Difference {
    let pairs = Pairs::new(request);
    let mut items: Vec<_> = pairs.picked(request).into_iter().map(|pair| pairs.item(pair)).collect();
    items.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    let mut summary = DifferenceSummary::default();
    for item in &items {
        *match item.state {
            DifferenceState::OnlyLeft => &mut summary.only_left,
            DifferenceState::OnlyRight => &mut summary.only_right,
            DifferenceState::Changed => &mut summary.changed,
            DifferenceState::Equal => &mut summary.equal,
        } += 1;
    }
    let (left, right) = (request.left.info.clone(), request.right.info.clone());
    let sides = [&request.left, &request.right];
    let findings: BTreeSet<&Finding> =
        sides.iter().flat_map(|side| &side.inventory.findings).filter(|finding| finding.item.is_none()).collect();
    let findings = findings.into_iter().cloned().collect();
    let mut difference =
        Difference { schema: Difference::SCHEMA, status: String::new(), left, right, summary, items, findings };
    difference.status = if difference.is_equal() { "equal" } else { "different" }.to_owned();
    difference
}

/// The items of the left and of the right that must be examined before [`difference`].
pub fn difference_needs(request: &DifferenceRequest<'_>) -> (Vec<ItemIndex>, Vec<ItemIndex>) {
    let pairs = Pairs::new(request);
    let picked = pairs.picked(request);
    let (mut left, mut right): (BTreeSet<ItemIndex>, BTreeSet<ItemIndex>) =
        (picked.iter().filter_map(Pair::left).collect(), picked.iter().filter_map(Pair::right).collect());
    for item in picked.iter().filter_map(Pair::left) {
        for file in pairs.left.item(item).reference_views().filter_map(|reference| pairs.file_without_id(reference)) {
            let alike: Vec<ItemIndex> = pairs.contents.alike(file).collect();
            left.extend((!alike.is_empty()).then_some(file.index()));
            right.extend(alike);
        }
    }
    (left.into_iter().collect(), right.into_iter().collect())
}

fn order(item: &DifferenceItem) -> impl Ord + '_ {
    (item.key.kind, &item.key.type_, &item.name, &item.key.id, item.left.is_none())
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pair {
    Left(ItemIndex),
    Right(ItemIndex),
    Both(ItemIndex, ItemIndex),
}

impl Pair {
    fn left(&self) -> Option<ItemIndex> {
        match *self {
            Pair::Left(left) | Pair::Both(left, _) => Some(left),
            Pair::Right(_) => None,
        }
    }

    fn right(&self) -> Option<ItemIndex> {
        match *self {
            Pair::Right(right) | Pair::Both(_, right) => Some(right),
            Pair::Left(_) => None,
        }
    }
}

/// Which item of the right belongs to which of the left: first by id, then by a name that is the only one left
/// over on both sides.
struct Pairs<'a> {
    rules: &'a Rules,
    left: &'a Inventory,
    right: &'a Inventory,
    to_right: Vec<Option<ItemIndex>>,
    to_left: Vec<Option<ItemIndex>>,
    /// Of files: what holds the same bytes is as good for whoever shows it.
    contents: Contents<'a>,
}

impl<'a> Pairs<'a> {
    fn new(request: &DifferenceRequest<'a>) -> Self {
        let (left, right) = (request.left.inventory, request.right.inventory);
        let mut pairs = Pairs {
            rules: request.rules,
            left,
            right,
            to_right: vec![None; left.len()],
            to_left: vec![None; right.len()],
            contents: Contents::new(right),
        };
        let matched_by = |item: ItemRef<'_>, method: MatchMethod| {
            let counts = !item.facts().deleted;
            counts && request.rules.of(item.kind()).is_some_and(|rules| rules.matching.contains(&method))
        };
        for item in left.items().filter(|item| matched_by(*item, MatchMethod::Uuid)) {
            if let Some(hit) = same_id(item, right).filter(|hit| !hit.facts().deleted) {
                pairs.join(item.index(), hit.index());
            }
        }
        let uniques = Uniques::new(left, right);
        for item in left.items().filter(|item| matched_by(*item, MatchMethod::Field)) {
            let free = pairs.to_right[item.index() as usize].is_none();
            let hits = if free { uniques.shared_with(item.index()) } else { Vec::new() };
            if let &[hit] = hits.as_slice()
                && pairs.to_left[hit as usize].is_none()
            {
                pairs.join(item.index(), hit);
            }
        }
        let (left_names, right_names) = (NameIndex::new(left), NameIndex::new(right));
        for item in left.items().filter(|item| matched_by(*item, MatchMethod::Name)) {
            let free = |names: &NameIndex<'_>, inventory: &Inventory, taken: &[Option<ItemIndex>]| {
                let all = names.namesakes(item.kind(), item.type_(), item.name()).iter().copied();
                let mut free =
                    all.filter(|&i| taken[i as usize].is_none() && !inventory.item(i).facts().deleted).take(2);
                free.next().filter(|_| free.next().is_none())
            };
            let ours = free(&left_names, left, &pairs.to_right);
            let theirs = free(&right_names, right, &pairs.to_left);
            if let (Some(ours), Some(theirs)) = (ours, theirs)
                && ours == item.index()
            {
                pairs.join(ours, theirs);
            }
        }
        pairs
    }

    fn join(&mut self, left: ItemIndex, right: ItemIndex) {
        self.to_right[left as usize] = Some(right);
        self.to_left[right as usize] = Some(left);
    }

    /// What was picked on either side, with its other half, each once.
    fn picked(&self, request: &DifferenceRequest<'_>) -> BTreeSet<Pair> {
        let left = request.left.picked.iter().map(|&left| match self.to_right[left as usize] {
            Some(right) => Pair::Both(left, right),
            None => Pair::Left(left),
        });
        let right = request.right.picked.iter().map(|&right| match self.to_left[right as usize] {
            Some(left) => Pair::Both(left, right),
            None => Pair::Right(right),
        });
        left.chain(right).collect()
    }

    fn item(&self, pair: Pair) -> DifferenceItem {
        let candidate = |item: ItemRef<'_>| Candidate { id: item.id().into(), name: item.name().into() };
        let (item, state, match_) = match pair {
            Pair::Left(left) => (self.left.item(left), DifferenceState::OnlyLeft, MatchMethod::Unmatched),
            Pair::Right(right) => (self.right.item(right), DifferenceState::OnlyRight, MatchMethod::Unmatched),
            Pair::Both(left, right) => {
                let (left, right) = (self.left.item(left), self.right.item(right));
                let state = if self.is_same(left, right) { DifferenceState::Equal } else { DifferenceState::Changed };
                (left, state, self.method(left, right))
            }
        };
        DifferenceItem {
            key: item.key(),
            name: item.name().into(),
            state,
            match_,
            left: pair.left().map(|left| candidate(self.left.item(left))),
            right: pair.right().map(|right| candidate(self.right.item(right))),
        }
    }

    fn method(&self, left: ItemRef<'a>, right: ItemRef<'a>) -> MatchMethod {
        let by_field = |rules: &KindRules| rules.matching.contains(&MatchMethod::Field);
        match left.id() == right.id() {
            true => MatchMethod::Uuid,
            false if self.rules.of(left.kind()).is_some_and(by_field) => MatchMethod::Field,
            false => MatchMethod::Name,
        }
    }

    fn is_same(&self, left: ItemRef<'a>, right: ItemRef<'a>) -> bool {
        holds::same(left, right, |reference| match reference {
            ReferenceView::Name { name, .. } => name,
            ReferenceView::Id { id, item, .. } => {
                let other = item.and_then(|item| self.to_right[item as usize]);
                let equal = || self.contents.equal(self.file_without_id(reference)?);
                other.or_else(equal).map_or(id, |other| self.right.item(other).id())
            }
        })
    }

    /// A file of the left that the right does not know by its id, and that is found by its bytes.
    fn file_without_id(&self, reference: ReferenceView<'a>) -> Option<ItemRef<'a>> {
        let ReferenceView::Id { item: Some(item), .. } = reference else { return None };
        let file = self.left.item(item);
        let by_content = |rules: &KindRules| rules.matching.contains(&MatchMethod::Content);
        let is_found = self.rules.of(file.kind()).is_some_and(by_content);
        (is_found && self.to_right[item as usize].is_none()).then_some(file)
    }
}
