//! A plan: for every item what would happen and why.
//! Must not know: how a plan is made, stored or carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};

use super::{
    Decision, DependencyMode, Digests, Effect, EffectKind, Finding, Following, Inventory, ItemIndex, ItemKey, ItemRef,
    Kind, LocationInfo, MatchMethod, Media, Mode, Policy, Reach, Reason, Role, Selection, Severity,
};

/// The question that a plan answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOptions {
    pub policy: Policy,
    /// `--mode`. Not written where it is `merge`, so that plans of older versions keep their seal; so with the next one.
    #[serde(default = "Mode::usual", skip_serializing_if = "Mode::is_usual")]
    pub mode: Mode,
    /// `--one-transaction`: a replace deletes and writes files in the transaction of the rows, as the official tools do.
    #[serde(default, skip_serializing_if = "is_not_given")]
    pub one_transaction: bool,
    /// `null` where the user did not say: each kind then follows its own rule.
    pub dependencies: Option<DependencyMode>,
    /// `--dependency-depth` and `--dependency-types`. Not written where nothing bounds it.
    #[serde(default, skip_serializing_if = "Reach::is_unbounded")]
    pub reach: Reach,
    pub selection: Selection,
    /// `--rewrite-identical`.
    pub rewrite_identical: bool,
    /// `--skip-blocked`: items of types whose schemas block them are left out. Not written where it is not given, so that
    /// plans of older versions keep their seal.
    #[serde(default, skip_serializing_if = "is_not_given")]
    pub skip_blocked: bool,
    /// `--pause-webhooks`: what tells others of changes is switched off at the destination while it is written, and on again
    /// afterwards. Not written where it is not given.
    #[serde(default, skip_serializing_if = "is_not_given")]
    pub pause_webhooks: bool,
    /// `--match-by`: attributes that tell entries apart, beside those that a server keeps unique. Not written where it is not
    /// given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub match_by: Vec<MatchBy>,
    /// `--decide` and `--decisions`.
    #[serde(with = "pairs")]
    pub decisions: BTreeMap<ItemKey, Decision>,
    /// `--map`: a source item, and the id of the destination's item that stands for it.
    #[serde(with = "pairs")]
    pub map: BTreeMap<ItemKey, String>,
}

/// An attribute by whose value entries of a type are found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchBy {
    #[serde(rename = "type")]
    pub type_: String,
    pub field: String,
}

impl std::fmt::Display for MatchBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.type_, self.field)
    }
}

impl PlanOptions {
    /// Everything under a policy, with nothing else said.
    pub fn of(policy: Policy) -> Self {
        PlanOptions {
            policy,
            mode: Mode::Merge,
            one_transaction: false,
            dependencies: None,
            reach: Reach::default(),
            selection: Selection::everything(),
            rewrite_identical: false,
            skip_blocked: false,
            pause_webhooks: false,
            match_by: Vec::new(),
            decisions: BTreeMap::new(),
            map: BTreeMap::new(),
        }
    }

    /// How, and how far, dependencies come along.
    pub fn following(&self) -> Following<'_> {
        Following {
            mode: self.dependencies,
            reach: &self.reach,
            excluded: &self.selection.exclude_types,
            // A record without its file is a broken link wherever it is shown.
            media: Media::if_carried(self.selection.carries_files()),
        }
    }
}

fn is_not_given(option: &bool) -> bool {
    !option
}

/// Maps with keys that are no strings, as lists of `{"item": …, "value": …}`.
mod pairs {
    use super::{BTreeMap, Deserialize, ItemKey, Serialize};
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Pair<V> {
        item: ItemKey,
        value: V,
    }

    pub fn serialize<S: Serializer, V: Serialize>(
        map: &BTreeMap<ItemKey, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter().map(|(item, value)| Pair { item: item.clone(), value }))
    }

    pub fn deserialize<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<ItemKey, V>, D::Error> {
        let pairs = Vec::<Pair<V>>::deserialize(deserializer)?;
        Ok(pairs.into_iter().map(|pair| (pair.item, pair.value)).collect())
    }
}

/// An item of the destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    pub id: ArcStr,
    pub name: ArcStr,
}

/// One item of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanItem {
    #[serde(rename = "item")]
    pub key: ItemKey,
    pub name: ArcStr,
    pub tags: Box<[ArcStr]>,
    pub size: u64,
    pub role: Role,
    #[serde(rename = "match")]
    pub match_: MatchMethod,
    pub matched: Option<Candidate>,
    /// The destination's items between which a person has to choose; empty unless ambiguous.
    pub candidates: Box<[Candidate]>,
    pub decision: Decision,
    pub reason: Reason,
    /// Whether a match differs from the source; `null` where there is no match.
    pub changed: Option<bool>,
    /// Of a duplicate: the id and name of the copy.
    pub new_id: Option<ArcStr>,
    /// The id that the destination gave when a run wrote the item, where that is not the planned one. No part of the plan as it
    /// was made; it stands here so that a run need not hold its plan twice.
    #[serde(skip)]
    pub given_id: OnceLock<ArcStr>,
    pub new_name: Option<ArcStr>,
    /// The source's item when the plan was made.
    pub source: Digests,
    /// The destination's match when the plan was made.
    pub destination: Option<Digests>,
    #[serde(default, skip_serializing_if = "Marks::is_none")]
    pub marks: Marks,
}

/// What else of an item decides how it is written. Nothing of it is written where it does not hold, so that plans of older
/// versions keep their seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Marks {
    /// There is but one item of its type.
    #[serde(default, skip_serializing_if = "is_not_given")]
    pub only_one: bool,
    /// It is a file, and the destination's match holds the same bytes.
    #[serde(default, skip_serializing_if = "is_not_given")]
    pub same_bytes: bool,
}

impl Marks {
    pub fn is_none(&self) -> bool {
        *self == Marks::default()
    }
}

impl PlanItem {
    /// The id under which this item's content, or what stands for it, is found at the destination after the run.
    /// `None` for an item that is left out and has no match.
    pub fn destination_id(&self) -> Option<&str> {
        self.shared_destination_id().map(|id| &**id)
    }

    /// The same, for who has to hold very many of them.
    pub fn shared_destination_id(&self) -> Option<&ArcStr> {
        match self.decision {
            Decision::Create => Some(self.shared_own_id().unwrap_or(&self.key.id)),
            Decision::Duplicate => self.shared_own_id(),
            Decision::Overwrite | Decision::Skip => self.matched.as_ref().map(|matched| &matched.id),
        }
    }

    /// The id of its own that the destination gave it, or that was planned for it.
    pub fn own_id(&self) -> Option<&str> {
        self.shared_own_id().map(|id| &**id)
    }

    fn shared_own_id(&self) -> Option<&ArcStr> {
        self.given_id.get().or(self.new_id.as_ref())
    }

    /// Whether a run writes this item.
    pub fn is_written(&self) -> bool {
        self.decision != Decision::Skip
    }
}

/// Selection, matches and decisions, findings and effects. Made by the planner; saved by `haul plan --out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub source: LocationInfo,
    pub destination: LocationInfo,
    pub options: PlanOptions,
    /// By kind, type, name and id; each key once.
    pub items: Vec<PlanItem>,
    pub findings: Vec<Finding>,
    pub effects: Vec<Effect>,
}

impl Plan {
    /// What a saved plan calls its format, near its beginning.
    pub const FORMAT: &str = "haul-plan";

    pub fn written(&self) -> impl Iterator<Item = &PlanItem> {
        self.items.iter().filter(|item| item.is_written())
    }

    pub fn item(&self, key: &ItemKey) -> Option<&PlanItem> {
        self.items.iter().find(|item| item.key == *key)
    }

    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Blocking)
    }

    /// Kinds and types of which a replace leaves nothing but what the source brings; none in a merge.
    pub fn replaced(&self) -> BTreeSet<(Kind, Option<&str>)> {
        if self.options.mode == Mode::Merge {
            return BTreeSet::new();
        }
        let brought = self.written().filter(|item| item.role == Role::Picked);
        let brought = brought.map(|item| (item.key.kind, item.key.type_.as_deref()));
        let emptied = self.effects.iter().filter(|effect| effect.effect == EffectKind::Delete);
        brought.chain(emptied.map(|effect| (effect.kind, effect.type_.as_deref()))).collect()
    }

    /// What a replace deletes of a destination, by its inventory of now: of the types that it replaces all that no item of the
    /// plan leads to.
    pub fn left_over(&self, destination: &Inventory) -> Vec<ItemIndex> {
        let replaced = self.replaced();
        if replaced.is_empty() {
            return Vec::new();
        }
        let found = self.written().filter_map(|item| destination.find(&item.key.with_id(item.destination_id()?)));
        let met: BTreeSet<ItemIndex> = found.map(|item| item.index()).collect();
        let is_left = |item: &ItemRef<'_>| {
            replaced.contains(&(item.kind(), item.type_())) && !item.facts().deleted && !met.contains(&item.index())
        };
        destination.items().filter(is_left).map(|item| item.index()).collect()
    }

    /// Where each item of the source is found at the destination after the run, for rewriting references.
    pub fn destinations(&self) -> BTreeMap<&ItemKey, &str> {
        self.items.iter().filter_map(|item| Some((&item.key, item.destination_id()?))).collect()
    }
}
