//! What a person should know of a plan before a run, as far as two inventories tell it.
//! Must not know: platforms; each adds its own remarks later.

use std::collections::{BTreeMap, HashSet};

use super::draft::{Draft, Member};
use super::effects::is_called_otherwise;
use super::matching::Doubt;
use super::replaced::Replaced;
use super::{schemas, soles, suggest};
use crate::model::{
    Decision, Finding, ItemIndex, ItemKey, Kind, MatchMethod, Reason, ReferenceView, ReferencedBy, Role, Severity, code,
};

/// By severity (blocking first), code, item and sentence; each once.
pub(super) fn of(draft: &Draft<'_>, replaced: &Replaced<'_>) -> Vec<Finding> {
    let mut list = of_locations(draft);
    list.extend(of_kinds_left_alone(draft));
    list.extend(of_types_replaced(replaced));
    list.extend(schemas::findings(draft));
    list.extend(soles::findings(draft));
    let context = Context::new(draft);
    for member in &draft.members {
        context.of_member(member, &mut list);
    }
    list.sort_unstable_by(|a, b| {
        (b.severity, &a.code, &a.item, &a.message).cmp(&(a.severity, &b.code, &b.item, &b.message))
    });
    list.dedup();
    list
}

/// What the locations themselves have to say: all that concerns no item, and of the source what concerns an item
/// that is written.
fn of_locations(draft: &Draft<'_>) -> Vec<Finding> {
    let (source, destination) = (draft.request.source, draft.request.destination);
    let concerns = |finding: &&Finding| match &finding.item {
        None => true,
        Some(key) => {
            let member = source.find(key).and_then(|item| draft.member(item.index()));
            member.is_some_and(Member::is_written)
        }
    };
    let mut list: Vec<Finding> = source.findings.iter().filter(concerns).cloned().collect();
    list.extend(destination.findings.iter().filter(|finding| finding.item.is_none()).cloned());
    if let (Some(ours), Some(theirs)) = (&source.tenant, &destination.tenant)
        && ours != theirs
    {
        let why = format!("the source belongs to the tenant {ours}, the destination to {theirs}");
        list.push(Finding::warning(code::TENANT_DIFFERS, why));
    }
    list
}

/// What was picked and is no part of the plan, because its kind is never written.
fn of_kinds_left_alone(draft: &Draft<'_>) -> impl Iterator<Item = Finding> {
    draft.request.rules.kinds.iter().filter_map(|rules| {
        let (why, uid) = rules.left_alone.stated(draft.request.options.mode)?;
        let of_kind = |item: &&ItemIndex| {
            let item = draft.request.source.item(**item);
            item.kind() == rules.kind && (uid.is_none() || item.type_() == uid)
        };
        let count = draft.request.picked.iter().filter(of_kind).count();
        (count > 0).then(|| {
            Finding::info(
                code::NOT_WRITTEN,
                format!("{count} of {} not in the plan: {why}", uid.unwrap_or(rules.kind.as_str())),
            )
        })
    })
}

/// What a replace empties, and what it leaves as it is.
fn of_types_replaced(replaced: &Replaced<'_>) -> impl Iterator<Item = Finding> {
    let listed = |types: &BTreeMap<(Kind, Option<&str>), u64>| {
        let word = |((kind, type_), count): (&(Kind, Option<&str>), &u64)| {
            format!("{} ({count})", type_.unwrap_or(kind.as_str()))
        };
        suggest::listed(types.iter().map(word), ", ", 20)
    };
    let emptied = (!replaced.emptied.is_empty()).then(|| {
        let types = listed(&replaced.emptied);
        Finding::warning(
            code::EMPTIED_TYPE,
            format!("the source holds nothing of these, and they are emptied: {types}"),
        )
    });
    let kept = (!replaced.kept.is_empty()).then(|| {
        let types = listed(&replaced.kept);
        Finding::info(
            code::KEPT_TYPE,
            format!("the source brings nothing of these, and they stay as they are: {types}"),
        )
    });
    emptied.into_iter().chain(kept)
}

struct Context<'d, 'a> {
    draft: &'d Draft<'a>,
    /// What the destination will call by these names after the run.
    written: HashSet<(Kind, &'a str)>,
    /// Names that several created items have.
    created_twice: HashSet<(Kind, Option<&'a str>, &'a str)>,
}

impl<'d, 'a> Context<'d, 'a> {
    fn new(draft: &'d Draft<'a>) -> Self {
        let mut written = HashSet::new();
        let mut created = HashSet::new();
        let mut created_twice = HashSet::new();
        for member in &draft.members {
            let (item, name) = (member.item, (member.item.kind(), member.item.type_(), member.item.name()));
            let is_named = !item.name().is_empty();
            if is_named && matches!(member.decision, Decision::Create | Decision::Overwrite) {
                written.insert((item.kind(), item.name()));
            }
            let by_name = member.rules.matching.contains(&MatchMethod::Name);
            if member.decision == Decision::Create && is_named && by_name && !created.insert(name) {
                created_twice.insert(name);
            }
        }
        Context { draft, written, created_twice }
    }

    fn of_member(&self, member: &Member<'a>, list: &mut Vec<Finding>) {
        if member.is_left_out() {
            return;
        }
        self.of_match(member, list);
        self.of_target(member, list);
        self.of_needs(member, list);
        self.of_references(member, list);
    }

    fn of_match(&self, member: &Member<'a>, list: &mut Vec<Finding>) {
        let (found, item) = (&member.found, member.item);
        if member.reason == Reason::Ambiguous {
            list.extend(found.doubt.map(|doubt| self.of_doubt(member, doubt)));
            return;
        }
        if found.method == MatchMethod::Name
            && !found.mapped
            && let Some(hit) = found.hit
        {
            let kept = format!(
                "matched by its name only; the destination keeps its id `{}`",
                self.draft.destination(hit).id()
            );
            // Where the name is what others refer to, the namesake is the item.
            let is_harmless = member.rules.referenced_by == ReferencedBy::Name && !member.is_written();
            let severity = if is_harmless { Severity::Info } else { Severity::Warning };
            push(list, member, code::NAME_MATCH, severity, kept);
        }
        if found.method == MatchMethod::Field
            && !found.mapped
            && let Some(hit) = found.hit
            && let id = self.draft.destination(hit).id()
            && id != item.id()
        {
            let why = format!("matched by the value of a unique field; the destination keeps its id `{id}`");
            let severity = if member.is_written() { Severity::Warning } else { Severity::Info };
            push(list, member, code::FIELD_MATCH, severity, why);
        }
        if found.method == MatchMethod::Content
            && !found.mapped
            && let Some(hit) = found.hit
        {
            let there = self.draft.destination(hit);
            let why =
                format!("the destination has these bytes as `{}` (`{}`), which is used", there.name(), there.id());
            let severity = if member.is_written() { Severity::Warning } else { Severity::Info };
            push(list, member, code::CONTENT_MATCH, severity, why);
        }
        if found.method == MatchMethod::Uuid && member.reason != Reason::AlreadyDuplicated {
            self.of_names(member, list);
        }
        if self.created_twice.contains(&(item.kind(), item.type_(), item.name())) && member.decision == Decision::Create
        {
            let why = format!("the source holds several items named `{}`; each is created", item.name());
            push(list, member, code::DUPLICATE_NAME, Severity::Warning, why);
        }
    }

    fn of_names(&self, member: &Member<'a>, list: &mut Vec<Finding>) {
        let Some(hit) = member.found.hit.map(|hit| self.draft.destination(hit)) else { return };
        let overwrites = member.decision == Decision::Overwrite;
        if is_called_otherwise(self.draft, member) {
            let (severity, then) = match overwrites {
                true => (Severity::Warning, "overwriting renames it"),
                false => (Severity::Info, "that name stays"),
            };
            let why = format!("the destination calls it `{}`; {then}", hit.name());
            push(list, member, code::RENAMED_AT_DESTINATION, severity, why);
        }
        let names = self.draft.destination_names;
        let item = member.item;
        let others = names.namesakes(item.kind(), item.type_(), item.name()).iter();
        let others = others.filter(|&&other| other != hit.index() && !self.draft.destination(other).facts().deleted);
        if overwrites && member.rules.matching.contains(&MatchMethod::Name) && others.count() > 0 {
            let why = format!("the destination has another {} named `{}`", item.kind(), item.name());
            push(list, member, code::NAME_COLLISION, Severity::Warning, why);
        }
    }

    fn of_doubt(&self, member: &Member<'a>, doubt: Doubt) -> Finding {
        let name = member.item.name();
        let ids = |from: usize| {
            let ids = member.found.candidates.iter().skip(from).map(|&item| self.draft.destination(item).id());
            suggest::listed(ids.map(|id| format!("`{id}`")), ", ", 5)
        };
        let hit = member.found.hit.map(|hit| self.draft.destination(hit));
        let (code, why) = match doubt {
            Doubt::Namesakes(count) => {
                (code::AMBIGUOUS, format!("{count} items of the destination are named `{name}`: {}", ids(0)))
            }
            Doubt::IdAndName => {
                let called = hit.map_or("", |hit| hit.name());
                let others = ids(1);
                (
                    code::AMBIGUOUS,
                    format!("its id belongs to `{called}` at the destination, its name `{name}` to {others}"),
                )
            }
            Doubt::TakenById | Doubt::TakenByName if member.found.method == MatchMethod::Field => (
                code::AMBIGUOUS,
                format!("a value that should be unique to it fits {}, which other items of the source fit too", ids(0)),
            ),
            Doubt::TakenById => (
                code::AMBIGUOUS,
                format!("its name `{name}` fits {}, which is another item of the source by its id", ids(0)),
            ),
            Doubt::TakenByName => (
                code::DUPLICATE_NAME,
                format!("the source holds several items named `{name}`, and the destination one: {}", ids(0)),
            ),
            Doubt::SameValues(count) => (
                code::AMBIGUOUS,
                format!("{count} items of the destination hold a value that should be unique to it: {}", ids(0)),
            ),
        };
        Finding::blocking(code, why).on(&member.item.key())
    }

    /// What the destination's item is like.
    fn of_target(&self, member: &Member<'a>, list: &mut Vec<Finding>) {
        let makes = matches!(member.decision, Decision::Create | Decision::Duplicate);
        if makes && member.rules.created_without_value {
            let why = "is created without a value; somebody has to fill it in";
            push(list, member, code::SECRET_WITHOUT_VALUE, Severity::Warning, why);
        }
        let Some(hit) = member.found.hit.map(|hit| self.draft.destination(hit)) else { return };
        let (ours, theirs) = (member.item.facts(), hit.facts());
        if theirs.deleted {
            let why = format!("`{}` was deleted at the destination, and its id is still taken", hit.name());
            push(list, member, code::DELETED_AT_DESTINATION, Severity::Warning, why);
        }
        if theirs.without_value && !makes {
            let why = "has no value at the destination";
            push(list, member, code::SECRET_WITHOUT_VALUE, Severity::Warning, why);
        }
        if member.decision != Decision::Overwrite {
            return;
        }
        if theirs.locked {
            let why = "the destination's item is locked; the server may refuse to overwrite it".to_owned();
            push(list, member, code::LOCKED, Severity::Warning, why);
        }
        if member.changed == Some(true) && matches!((ours.updated, theirs.updated), (Some(o), Some(t)) if t > o) {
            let why = "the destination's item was changed after the source's and would be overwritten".to_owned();
            push(list, member, code::DESTINATION_NEWER, Severity::Warning, why);
        }
    }

    fn of_needs(&self, member: &Member<'a>, list: &mut Vec<Finding>) {
        let Some(provides) = &self.draft.request.destination.provides else { return };
        for need in member.item.needs().filter(|need| member.is_written() && !provides.contains(*need)) {
            let why = format!("needs `{need}`, which the destination does not have");
            push(list, member, code::MISSING_REQUIREMENT, Severity::Warning, why);
        }
    }

    /// Every reference is planned, kept at the destination, or said here.
    fn of_references(&self, member: &Member<'a>, list: &mut Vec<Finding>) {
        for reference in member.item.reference_views() {
            let fate = match reference {
                ReferenceView::Id { kind, type_, id, item } => self.fate_of_id(kind, type_, id, item),
                ReferenceView::Name { kind, name } => self.fate_of_name(kind, name),
            };
            match (fate, member.is_written(), member.role) {
                (Fate::Dangling, written, role) if written || role == Role::Picked => {
                    let severity = if written { Severity::Warning } else { Severity::Info };
                    let why = format!("refers to {}, which neither location has", said(reference));
                    push(list, member, code::DANGLING_REFERENCE, severity, why);
                }
                (Fate::LeftOut, true, _) => {
                    let why =
                        format!("refers to {}, which is left out and missing at the destination", said(reference));
                    push(list, member, code::LEFT_OUT_REFERENCE, Severity::Warning, why);
                }
                _ => {}
            }
        }
    }

    fn fate_of_id(&self, kind: Kind, type_: Option<&str>, id: &str, item: Option<u32>) -> Fate {
        let is_there = || {
            let item = self.draft.request.destination.lookup(kind, type_, id);
            item.is_some_and(|item| !item.facts().deleted)
        };
        match item.map(|item| (item, self.draft.member(item))) {
            Some((_, Some(member))) if self.draft.end_id(member).is_some() => Fate::There,
            _ if is_there() => Fate::There,
            Some((item, None)) if self.draft.request.source.item(item).facts().deleted => Fate::Dangling,
            Some(_) => Fate::LeftOut,
            None => Fate::Dangling,
        }
    }

    fn fate_of_name(&self, kind: Kind, name: &str) -> Fate {
        if self.written.contains(&(kind, name)) || self.draft.destination_names.named(kind, name).next().is_some() {
            return Fate::There;
        }
        match self.draft.source_names().named(kind, name).next() {
            Some(_) => Fate::LeftOut,
            None => Fate::Dangling,
        }
    }
}

/// Where a reference leads after the run.
enum Fate {
    There,
    LeftOut,
    Dangling,
}

fn said(reference: ReferenceView<'_>) -> String {
    match reference {
        ReferenceView::Id { kind, type_, id, .. } => {
            ItemKey { kind, type_: type_.map(Into::into), id: id.into() }.to_string()
        }
        ReferenceView::Name { kind, name } => format!("the {kind} named `{name}`"),
    }
}

fn push(list: &mut Vec<Finding>, member: &Member<'_>, code: &str, severity: Severity, why: impl Into<String>) {
    list.push(Finding::new(code, severity, why).on(&member.item.key()));
}
