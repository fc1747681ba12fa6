//! Makes the plan, step by step: members, matches, decisions, copies, what changed, findings.
//! Must not know: the tables that each step rests on; they have files of their own.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use arcstr::ArcStr;

use super::contents::{self, Contents};
use super::copies::{FreeNames, Seed};
use super::decide::{self, Treatment};
use super::matching::{self, Claim, Found};
use super::names::NameIndex;
use super::uniques::Uniques;
use super::{PlanRequest, closure, effects, findings, holds, map, replaced, suggest};
use crate::model::{
    Candidate, Decision, Duplicable, Error, ErrorKind, Inventory, ItemIndex, ItemKey, ItemRef, Kind, KindRules, Marks,
    MatchMethod, Mode, Plan, PlanItem, Policy, Reason, ReferenceView, Result, Role,
};

/// The plan for a request. The same request makes the same plan, byte for byte, whatever the order in which the
/// inventories were filled.
pub fn plan(request: PlanRequest<'_>) -> Result<Plan> {
    let names = Names::default();
    let mut draft = Draft::new(&request, &names)?;
    draft.refuse_what_was_not_examined()?;
    draft.decide()?;
    draft.name_copies();
    draft.find_changes();
    draft.refuse_double_writes()?;
    replaced::refuse_parts(&draft)?;
    let replaced = replaced::of(&draft);
    let (findings, effects) = (findings::of(&draft, &replaced), effects::of(&draft, &replaced));
    let items = draft.members.iter().map(|member| draft.plan_item(member)).collect();
    let PlanRequest { source_info: source, destination_info: destination, options, .. } = request;
    Ok(Plan { source, destination, options, items, findings, effects })
}

/// The destination's items that must be examined before [`plan`]: matches, candidates, targets of `--map`, and the
/// copies that earlier runs made.
pub fn matches(request: &PlanRequest<'_>) -> Result<Vec<ItemIndex>> {
    let names = Names::default();
    let draft = Draft::new(request, &names)?;
    let mut items: Vec<ItemIndex> = Vec::new();
    for member in &draft.members {
        items.extend(member.found.hit);
        items.extend(&member.found.candidates);
        if member.found.hit.is_none() && member.rules.matching.contains(&MatchMethod::Content) {
            items.extend(draft.contents.alike(member.item));
        }
        if draft.may_be_duplicated(member) {
            items.extend(draft.copy_of(member).1);
        }
    }
    items.sort_unstable();
    items.dedup();
    Ok(items)
}

/// The names of both sides, looked through at most once.
#[derive(Default)]
pub(super) struct Names<'a> {
    source: OnceCell<NameIndex<'a>>,
    destination: OnceCell<NameIndex<'a>>,
}

/// An item on its way into the plan.
pub(super) struct Member<'a> {
    pub item: ItemRef<'a>,
    pub rules: &'a KindRules,
    pub role: Role,
    pub treatment: Treatment,
    pub found: Found,
    pub decision: Decision,
    pub reason: Reason,
    pub changed: Option<bool>,
    pub copy: Option<Copy>,
}

/// What a duplicate is called.
pub(super) struct Copy {
    pub id: ArcStr,
    /// `None` where it keeps that of the original.
    pub name: Option<ArcStr>,
}

impl Member<'_> {
    pub fn is_written(&self) -> bool {
        self.decision != Decision::Skip
    }

    pub fn duplicable(&self) -> Duplicable {
        decide::duplicable(self.rules, self.item.facts().single)
    }

    pub fn is_left_out(&self) -> bool {
        self.reason == Reason::NotIncluded
    }
}

pub(super) struct Draft<'a> {
    pub request: &'a PlanRequest<'a>,
    pub members: Vec<Member<'a>>,
    pub source_names: &'a OnceCell<NameIndex<'a>>,
    pub destination_names: &'a NameIndex<'a>,
    contents: Contents<'a>,
    /// The member that each item of the source is, if any.
    places: Vec<u32>,
    seed: Seed,
}

const NOWHERE: u32 = u32::MAX;

impl<'a> Draft<'a> {
    fn new(request: &'a PlanRequest<'a>, names: &'a Names<'a>) -> Result<Self> {
        let destination_names = names.destination.get_or_init(|| NameIndex::new(request.destination));
        let contents = Contents::new(request.destination);
        let members = members(request, destination_names, &names.source, &contents)?;
        let mut places = vec![NOWHERE; request.source.len()];
        for (place, member) in members.iter().enumerate() {
            places[member.item.index() as usize] = place as u32;
        }
        let seed = Seed::of(request.destination_info.identity(), request.rules.features.copies);
        let mut draft =
            Draft { request, members, source_names: &names.source, destination_names, contents, places, seed };
        draft.map()?;
        let claims = draft.members.iter_mut().filter(|member| !member.found.mapped).map(|member| {
            let claim = if member.treatment == Treatment::LeaveOut { Claim::Yields } else { Claim::Counts };
            (&mut member.found, claim)
        });
        matching::settle_claims(claims, request.destination, destination_names);
        Ok(draft)
    }

    pub fn source_names(&self) -> &'a NameIndex<'a> {
        self.source_names.get_or_init(|| NameIndex::new(self.request.source))
    }

    pub fn member(&self, item: ItemIndex) -> Option<&Member<'a>> {
        self.members.get(self.places[item as usize] as usize)
    }

    fn member_of(&self, key: &ItemKey) -> Option<usize> {
        let place = self.places[self.request.source.find(key)?.index() as usize];
        (place != NOWHERE).then_some(place as usize)
    }

    pub fn destination(&self, item: ItemIndex) -> ItemRef<'a> {
        self.request.destination.item(item)
    }

    /// Where a member's content, or what stands for it, is found after the run.
    pub fn end_id<'s>(&'s self, member: &'s Member<'a>) -> Option<&'s str> {
        match member.decision {
            Decision::Create => Some(member.item.id()),
            Decision::Duplicate => member.copy.as_ref().map(|copy| &*copy.id),
            Decision::Overwrite | Decision::Skip => member.found.hit.map(|hit| self.destination(hit).id()),
        }
    }

    fn map(&mut self) -> Result<()> {
        let mut refusals = Refusals::default();
        for (key, id) in &self.request.options.map {
            let Some(place) = self.member_of(key) else {
                refusals.add(not_in_the_plan(key, "--map", self.request.source));
                continue;
            };
            let member = &mut self.members[place];
            match map::mapped(member.item, id, member.rules, self.request.destination) {
                Ok(found) => member.found = found,
                Err(error) => refusals.add(error),
            }
        }
        refusals.into_result()
    }

    fn refuse_what_was_not_examined(&self) -> Result<()> {
        match self.members.iter().find(|member| member.item.digests().is_none()) {
            Some(member) => {
                Err(Error::new(ErrorKind::Internal, format!("{} was not examined before planning", member.item.key())))
            }
            None => Ok(()),
        }
    }

    fn decide(&mut self) -> Result<()> {
        let options = &self.request.options;
        for member in &mut self.members {
            (member.decision, member.reason) =
                decide::proposed(&member.found, member.role, member.treatment, member.duplicable(), options);
        }
        self.find_copies_of_the_doubtful();
        let mut refusals = Refusals::default();
        for (key, &decision) in &options.decisions {
            let Some(place) = self.member_of(key) else {
                refusals.add(not_in_the_plan(key, "--decide", self.request.source));
                continue;
            };
            let member = &mut self.members[place];
            match decide::overridden(&member.found, decision, member.rules, member.item.facts().single) {
                Ok((decision, reason)) => (member.decision, member.reason) = (decision, reason),
                Err(why) => refusals.add(
                    Error::new(ErrorKind::Usage, format!("{key} cannot be `{decision}`: {why}")).items([key.clone()]),
                ),
            }
        }
        refusals.into_result()?;
        self.leave_blocked_types_out();
        Ok(())
    }

    /// `--skip-blocked`. What a person decided stays, and with it the finding that blocks.
    fn leave_blocked_types_out(&mut self) {
        if !self.request.options.skip_blocked {
            return;
        }
        let blocked: BTreeSet<_> =
            self.types().filter(|&(kind, type_)| self.request.schemas.blocks(kind, type_)).collect();
        for member in &mut self.members {
            let is_blocked = blocked.contains(&type_of(member));
            if is_blocked && member.is_written() && member.reason != Reason::Override {
                (member.decision, member.reason) = (Decision::Skip, Reason::SchemaBlocking);
            }
        }
    }

    /// The kinds and types of all members, neighbours each once.
    pub fn types(&self) -> impl Iterator<Item = (Kind, Option<&'a str>)> {
        let chunks = self.members.chunk_by(|a, b| type_of(a) == type_of(b));
        chunks.map(|chunk| type_of(&chunk[0]))
    }

    /// A copy that an earlier run made settles a doubt under the policy `duplicate`: there is nothing left to do.
    fn find_copies_of_the_doubtful(&mut self) {
        for place in 0..self.members.len() {
            let member = &self.members[place];
            let doubtful = member.reason == Reason::Ambiguous && member.treatment == Treatment::Policy;
            let copies =
                self.request.options.policy == Policy::Duplicate && !matches!(member.duplicable(), Duplicable::No(_));
            if doubtful && copies && self.copy_of(member).1.is_some() {
                let member = &mut self.members[place];
                (member.decision, member.reason) = (Decision::Duplicate, Reason::Policy);
            }
        }
    }

    fn may_be_duplicated(&self, member: &Member<'_>) -> bool {
        let options = &self.request.options;
        options.policy == Policy::Duplicate || options.decisions.get(&member.item.key()) == Some(&Decision::Duplicate)
    }

    /// The id of a member's copy, and the copy where an earlier run made it.
    fn copy_of(&self, member: &Member<'_>) -> (ArcStr, Option<ItemIndex>) {
        let key = member.item.key();
        let mut attempt = 0;
        loop {
            let id = self.seed.derived_id(&key, attempt);
            if let Some(copy) = self.request.destination.lookup(key.kind, key.type_.as_deref(), &id) {
                return (id, Some(copy.index()));
            }
            if self.request.source.lookup(key.kind, key.type_.as_deref(), &id).is_none() {
                return (id, None);
            }
            attempt += 1;
        }
    }

    /// Gives each duplicate its id and name; those that an earlier run made are skipped.
    fn name_copies(&mut self) {
        let mut copied: Vec<(usize, ArcStr)> = Vec::new();
        for place in 0..self.members.len() {
            if self.members[place].decision != Decision::Duplicate {
                continue;
            }
            let (id, made) = self.copy_of(&self.members[place]);
            match made {
                Some(copy) => {
                    let member = &mut self.members[place];
                    member.found = Found::new(MatchMethod::Uuid, Some(copy));
                    (member.decision, member.reason) = (Decision::Skip, Reason::AlreadyDuplicated);
                }
                None => copied.push((place, id)),
            }
        }
        if copied.is_empty() {
            return;
        }
        let written =
            self.members.iter().filter(|member| matches!(member.decision, Decision::Create | Decision::Overwrite));
        let mut free = FreeNames::new(self.destination_names, written.map(|member| member.item));
        let named: Vec<_> =
            copied.into_iter().map(|(place, id)| (place, id, self.copys_name(place, &mut free))).collect();
        for (place, id, name) in named {
            self.members[place].copy = Some(Copy { id, name });
        }
    }

    fn copys_name(&self, place: usize, free: &mut FreeNames<'a>) -> Option<ArcStr> {
        let member = &self.members[place];
        (member.rules.duplicable != Duplicable::SameName).then(|| free.give(member.item))
    }

    fn find_changes(&mut self) {
        let changes: Vec<_> = self.members.iter().map(|member| self.is_changed(member)).collect();
        let rewrite = self.request.options.rewrite_identical;
        let copies = self.request.options.policy == Policy::Duplicate;
        for (member, changed) in self.members.iter_mut().zip(changes) {
            member.changed = changed;
            if changed == Some(false) && member.reason == Reason::SchemaBlocking && !rewrite && !copies {
                member.reason = Reason::Identical;
            }
            // A replace writes all that it brings anew.
            let is_restored = self.request.options.mode == Mode::Replace && member.role == Role::Picked;
            if changed == Some(false) && member.reason == Reason::Policy && !is_restored {
                match member.decision {
                    Decision::Overwrite if !rewrite => {
                        (member.decision, member.reason) = (Decision::Skip, Reason::Identical);
                    }
                    Decision::Skip => member.reason = Reason::Identical,
                    _ => {}
                }
            }
        }
    }

    /// A duplicate is compared with what it is a copy beside of, references as they are matched; everything else
    /// with what the run would make of it. An identical item keeps its place either way, so that no answer depends
    /// on another.
    fn is_changed(&self, member: &Member<'a>) -> Option<bool> {
        let hit = self.destination(member.found.hit?);
        let beside = member.decision == Decision::Duplicate;
        Some(!holds::same(member.item, hit, |reference| match reference {
            ReferenceView::Name { name, .. } => name,
            ReferenceView::Id { id, item, .. } => {
                let end = item.and_then(|item| self.member(item)).and_then(|member| match member.found.hit {
                    Some(hit) if beside => Some(self.destination(hit).id()),
                    _ => self.end_id(member),
                });
                end.unwrap_or(id)
            }
        }))
    }

    /// Only overrides can lead two items of the source to one of the destination.
    fn refuse_double_writes(&self) -> Result<()> {
        let mut refusals = Refusals::default();
        let mut writers: HashMap<ItemIndex, &Member<'_>> = HashMap::new();
        for member in self.members.iter().filter(|member| member.decision == Decision::Overwrite) {
            let Some(hit) = member.found.hit else { continue };
            if let Some(first) = writers.insert(hit, member) {
                let (one, other, target) = (first.item.key(), member.item.key(), self.destination(hit).key());
                let why = format!("{one} and {other} would both overwrite {target} of the destination");
                refusals.add(
                    Error::new(ErrorKind::Usage, why)
                        .hint(format!("leave one out, such as with --decide {other}=skip"))
                        .items([one, other]),
                );
            }
        }
        refusals.into_result()
    }

    fn candidate(&self, item: ItemIndex) -> Candidate {
        let item = self.destination(item);
        Candidate { id: item.id().into(), name: item.name().into() }
    }

    /// What an item is found at, which holds no text twice that both sides have.
    fn matched(&self, hit: ItemIndex, key: &ItemKey, name: &ArcStr) -> Candidate {
        let hit = self.destination(hit);
        Candidate { id: shared(hit.id(), &key.id), name: shared(hit.name(), name) }
    }

    fn plan_item(&self, member: &Member<'a>) -> PlanItem {
        let (item, found) = (member.item, &member.found);
        let is_open = member.reason == Reason::Ambiguous;
        let candidates = found.candidates.iter().filter(|_| is_open || found.hit.is_none());
        let zero = crate::model::Digest::ZERO;
        let (key, name): (_, ArcStr) = (item.key(), item.name().into());
        PlanItem {
            tags: item.tags().map(Into::into).collect(),
            size: item.size(),
            role: member.role,
            match_: found.method,
            matched: found.hit.map(|hit| self.matched(hit, &key, &name)),
            candidates: candidates.map(|&candidate| self.candidate(candidate)).collect(),
            decision: member.decision,
            reason: member.reason,
            changed: member.changed,
            new_id: member.copy.as_ref().map(|copy| copy.id.clone()),
            given_id: OnceLock::new(),
            new_name: member.copy.as_ref().and_then(|copy| copy.name.clone()),
            source: item.digests().unwrap_or(crate::model::Digests { semantic: zero, exact: zero }),
            destination: found.hit.and_then(|hit| self.destination(hit).digests()),
            marks: Marks {
                only_one: item.facts().single,
                same_bytes: found.hit.is_some_and(|hit| contents::same(item, self.destination(hit))),
            },
            key,
            name,
        }
    }
}

fn shared(text: &str, known: &ArcStr) -> ArcStr {
    if **known == *text { known.clone() } else { text.into() }
}

/// The closure of what was picked, matched, in the order of the plan.
fn members<'a>(
    request: &'a PlanRequest<'a>,
    names: &NameIndex<'_>,
    source_names: &OnceCell<NameIndex<'a>>,
    contents: &Contents<'a>,
) -> Result<Vec<Member<'a>>> {
    let following = request.options.following();
    let mut closure = closure::walk(request.source, request.picked, request.rules, following, source_names);
    let uniques = Uniques::new(request.source, request.destination);
    let mut members = Vec::with_capacity(closure.items.len());
    for (item, role) in std::mem::take(&mut closure.items) {
        let comes_along = closure.comes_along(item);
        let item = request.source.item(item);
        let Some(rules) = request.rules.of(item.kind()) else {
            return Err(Error::new(ErrorKind::Internal, format!("{} is of a kind without rules", item.key())));
        };
        if rules.left_alone.why(item.type_(), request.options.mode).is_some() {
            continue;
        }
        let found = match (request.options.mode, role) {
            // What the source holds comes as it is: nothing else stands for it.
            (Mode::Replace, Role::Picked) => matching::find_by_id(item, request.destination),
            _ => matching::find(item, rules, request.destination, names, &uniques, contents),
        };
        let treatment = match comes_along {
            true => decide::treatment(role, rules.as_dependency, following.mode),
            false => Treatment::LeaveOut,
        };
        let (decision, reason) = (Decision::Skip, Reason::NotIncluded);
        members.push(Member { item, rules, role, treatment, found, decision, reason, changed: None, copy: None });
    }
    members.sort_unstable_by_key(|member| {
        let item = member.item;
        (item.kind(), item.type_(), item.name(), item.id())
    });
    Ok(members)
}

pub(super) fn type_of<'a>(member: &Member<'a>) -> (Kind, Option<&'a str>) {
    (member.item.kind(), member.item.type_())
}

fn not_in_the_plan(key: &ItemKey, option: &str, source: &Inventory) -> Error {
    let error = match source.find(key) {
        Some(_) => Error::new(ErrorKind::UnknownItem, format!("{option} {key}: the item is not part of this plan"))
            .hint("pick it, or leave the option out"),
        None => {
            let error = Error::new(ErrorKind::UnknownItem, format!("{option} {key}: the source has no such item"));
            match suggest::for_id(&key.id, &[source], Some(key.kind)) {
                Some(hint) => error.hint(hint),
                None => error,
            }
        }
    };
    error.items([key.clone()])
}

/// Everything that was refused, so that one error names all of it.
#[derive(Default)]
struct Refusals {
    errors: Vec<Error>,
}

impl Refusals {
    fn add(&mut self, error: Error) {
        self.errors.push(error);
    }

    fn into_result(mut self) -> Result<()> {
        if self.errors.len() < 2 {
            return self.errors.pop().map_or(Ok(()), Err);
        }
        // Unknown items come before uses that do not fit: they have the more telling exit code.
        let kinds = self.errors.iter().map(Error::kind);
        let kind = kinds.max_by_key(|kind| *kind == ErrorKind::UnknownItem).unwrap_or(ErrorKind::Usage);
        let message = suggest::listed(self.errors.iter().map(|error| error.message().to_owned()), "; ", 20);
        let hints: BTreeMap<&str, ()> = self.errors.iter().filter_map(|error| Some((error.hint_text()?, ()))).collect();
        let hint = hints.into_keys().collect::<Vec<_>>().join("; ");
        let items: Vec<ItemKey> = self.errors.iter().flat_map(|error| error.item_keys().to_vec()).collect();
        let error = Error::new(kind, message).items(items);
        Err(if hint.is_empty() { error } else { error.hint(hint) })
    }
}
