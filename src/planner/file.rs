//! Plans at rest: JSON that a person reviews, and in which only `decision` may be edited.
//! Must not know: where files are, and whether the plan still fits its locations ([`super::stale()`] tells).
//!
//! Each item holds what was `proposed` beside its `decision`, and a seal over everything but the decision; the plan
//! holds a seal for each of its parts. The seals find slips, not forgeries: who can edit a plan can also make one.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::OnceLock;

use arcstr::ArcStr;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::decide::{self, Case};
use super::suggest;
use crate::model::{
    Candidate, Decision, Digest, Digests, Effect, Error, ErrorKind, Finding, ItemKey, LocationInfo, Marks, MatchMethod,
    Plan, PlanItem, PlanOptions, Reason, Result, Role, Rules,
};

/// The schema that is written and the newest that is read.
pub const SCHEMA: u64 = 1;
const FORMAT: &str = Plan::FORMAT;

/// Decisions that a person changed, by item.
pub type Edits = BTreeMap<ItemKey, Decision>;

/// A plan as it is written: its items one by one, for there can be very many.
#[derive(Serialize)]
struct Saving<'a> {
    schema: u64,
    format: &'a str,
    source: &'a LocationInfo,
    destination: &'a LocationInfo,
    options: &'a PlanOptions,
    #[serde(serialize_with = "one_by_one")]
    items: &'a [PlanItem],
    findings: &'a [Finding],
    effects: &'a [Effect],
    seal: Seal,
}

fn one_by_one<S: Serializer>(items: &&[PlanItem], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(items.iter().map(SavedItem::of))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlan {
    // Both were recognised before.
    #[serde(rename = "schema")]
    _schema: u64,
    #[serde(rename = "format")]
    _format: String,
    source: LocationInfo,
    destination: LocationInfo,
    options: PlanOptions,
    items: Vec<SavedItem>,
    findings: Vec<Finding>,
    effects: Vec<Effect>,
    seal: Seal,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SavedItem {
    item: ItemKey,
    name: ArcStr,
    decision: Decision,
    proposed: Decision,
    reason: Reason,
    role: Role,
    #[serde(rename = "match")]
    match_: MatchMethod,
    matched: Option<Candidate>,
    candidates: Box<[Candidate]>,
    changed: Option<bool>,
    new_id: Option<ArcStr>,
    new_name: Option<ArcStr>,
    tags: Box<[ArcStr]>,
    size: u64,
    source: Digests,
    destination: Option<Digests>,
    #[serde(default, skip_serializing_if = "Marks::is_none")]
    marks: Marks,
    seal: Digest,
}

/// A digest for each part, so that a plan that was edited can say where.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    source: Digest,
    destination: Digest,
    options: Digest,
    items: Digest,
    findings: Digest,
    effects: Digest,
}

/// Writes a plan file.
pub fn write_to(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let Plan { source, destination, options, items, findings, effects } = plan;
    let seals = items.iter().map(|item| SavedItem::of(item).seal).collect();
    let parts = Parts { source, destination, options, findings, effects };
    let seal = parts.sealed(seals);
    let saving =
        Saving { schema: SCHEMA, format: FORMAT, source, destination, options, items, findings, effects, seal };
    serde_json::to_writer_pretty(&mut *out, &saving)?;
    out.write_all(b"\n")
}

/// The text of a plan file.
pub fn write(plan: &Plan) -> String {
    let mut text = Vec::new();
    let _ = write_to(plan, &mut text); // plain data with string keys, into memory: cannot fail
    String::from_utf8(text).unwrap_or_default()
}

/// The plan as it was made, and the decisions that were edited since. Anything else that was edited is refused, and
/// so are decisions that their match does not allow; [`check`] knows the rules of kinds too.
pub fn read(text: &str) -> Result<(Plan, Edits)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    recognise(text)?;
    let saved: SavedPlan = serde_json::from_str(text).map_err(|error| {
        invalid(format!("the plan cannot be read: {error}"))
            .hint("only `decision` may be edited: create, overwrite, skip or duplicate")
    })?;
    saved.check_seals()?;
    let edits: Edits = saved
        .items
        .iter()
        .filter(|item| item.decision != item.proposed)
        .map(|item| (item.item.clone(), item.decision))
        .collect();
    let plan = saved.into_plan();
    refuse_illegal(&plan, &edits, None)?;
    Ok((plan, edits))
}

/// Refuses edited decisions that are not legal, with the reason of each.
pub fn check(plan: &Plan, edits: &Edits, rules: &Rules) -> Result<()> {
    refuse_illegal(plan, edits, Some(rules))
}

fn refuse_illegal(plan: &Plan, edits: &Edits, rules: Option<&Rules>) -> Result<()> {
    let mut reasons = Vec::new();
    let mut items = Vec::new();
    for item in plan.items.iter().filter(|_| !edits.is_empty()) {
        let Some(&decision) = edits.get(&item.key) else { continue };
        let kind = rules.and_then(|rules| rules.of(item.key.kind));
        if let Err(why) = decide::allowed(decision, Case::of(item), kind) {
            reasons.push(format!("{} cannot be `{decision}`: {why}", item.key));
            items.push(item.key.clone());
        }
    }
    match items.is_empty() {
        true => Ok(()),
        false => Err(invalid(suggest::listed(reasons, "; ", 20)).items(items).hint("edit these decisions again")),
    }
}

/// Tells what is no plan at all, and what a newer Haul wrote, from a plan with a slip in it.
fn recognise(text: &str) -> Result<()> {
    const HINT: &str = "a plan file is what `haul plan … --out PLAN.json` writes";
    let parts: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(|error| {
        // What begins like JSON, such as a section of TOML, need not be any.
        let why = match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => "the file is JSON, but no plan".to_owned(),
            Err(no_json) if error.is_data() => format!("the plan is not JSON: {no_json}"),
            Err(_) => format!("the plan is not JSON: {error}"),
        };
        invalid(why).hint(HINT)
    })?;
    let word = |part: &str| parts.get(part).map(|raw| raw.get());
    if word("format").and_then(|raw| serde_json::from_str::<String>(raw).ok()).as_deref() != Some(FORMAT) {
        let why = match parts.contains_key("summary") && parts.contains_key("status") {
            true => "the file is a report, no plan",
            false => "the file is JSON, but no plan",
        };
        return Err(invalid(why).hint(HINT));
    }
    match word("schema").and_then(|raw| raw.parse::<u64>().ok()) {
        Some(SCHEMA) => Ok(()),
        Some(newer) if newer > SCHEMA => {
            Err(invalid(format!("the plan has schema {newer}; this version reads schema {SCHEMA}"))
                .hint("use the version that wrote the plan, or plan again"))
        }
        _ => Err(invalid("`schema` of the plan is no number that was ever written").hint("plan again")),
    }
}

fn invalid(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidPlan, why)
}

fn edited(what: impl std::fmt::Display) -> Error {
    invalid(format!("{what} of the plan was edited; only `decision` may be"))
        .hint("restore the file and edit decisions alone, or plan again with other options")
}

fn digest(part: &impl Serialize) -> Digest {
    Digest::of(&serde_json::to_vec(part).unwrap_or_default()) // plain data with string keys: cannot fail
}

/// What a plan is made of beside its items.
struct Parts<'a> {
    source: &'a LocationInfo,
    destination: &'a LocationInfo,
    options: &'a PlanOptions,
    findings: &'a [Finding],
    effects: &'a [Effect],
}

impl Parts<'_> {
    fn sealed(&self, items: Vec<Digest>) -> Seal {
        Seal {
            source: digest(self.source),
            destination: digest(self.destination),
            options: digest(self.options),
            items: digest(&items),
            findings: digest(&self.findings),
            effects: digest(&self.effects),
        }
    }
}

impl SavedPlan {
    fn sealed(&self) -> Seal {
        let SavedPlan { source, destination, options, findings, effects, .. } = self;
        let parts = Parts { source, destination, options, findings, effects };
        parts.sealed(self.items.iter().map(|item| item.seal).collect())
    }

    fn check_seals(&self) -> Result<()> {
        if let Some(item) = self.items.iter().find(|item| item.seal != item.sealed()) {
            return Err(edited(format!("the item {}", item.item)).items([item.item.clone()]));
        }
        let (then, now) = (&self.seal, self.sealed());
        let parts = [
            ("source", then.source == now.source),
            ("destination", then.destination == now.destination),
            ("options", then.options == now.options),
            ("findings", then.findings == now.findings),
            ("effects", then.effects == now.effects),
        ];
        match parts.iter().find(|(_, same)| !same) {
            Some((part, _)) => Err(edited(format!("`{part}`"))),
            None if then.items != now.items => Err(edited("the list of items (one was added, taken out or moved)")),
            None => Ok(()),
        }
    }

    fn into_plan(self) -> Plan {
        Plan {
            source: self.source,
            destination: self.destination,
            options: self.options,
            items: self.items.into_iter().map(SavedItem::into_item).collect(),
            findings: self.findings,
            effects: self.effects,
        }
    }
}

impl SavedItem {
    fn of(item: &PlanItem) -> Self {
        let item = item.clone();
        let mut saved = SavedItem {
            item: item.key,
            name: item.name,
            decision: item.decision,
            proposed: item.decision,
            reason: item.reason,
            role: item.role,
            match_: item.match_,
            matched: item.matched,
            candidates: item.candidates,
            changed: item.changed,
            new_id: item.new_id,
            new_name: item.new_name,
            tags: item.tags,
            size: item.size,
            source: item.source,
            destination: item.destination,
            marks: item.marks,
            seal: Digest::ZERO,
        };
        saved.seal = saved.sealed();
        saved
    }

    /// Over everything but `decision` and the seal itself. In an order of its own, so that adding a field is a
    /// change of schema that somebody has to think about.
    fn sealed(&self) -> Digest {
        let all = (
            (&self.item, &self.name, self.proposed, self.reason, self.role, self.match_, &self.matched),
            (&self.candidates, self.changed, &self.new_id, &self.new_name),
            (&self.tags, self.size, self.source, self.destination),
        );
        if self.marks.is_none() { digest(&all) } else { digest(&(all, self.marks)) }
    }

    fn into_item(self) -> PlanItem {
        PlanItem {
            key: self.item,
            name: self.name,
            tags: self.tags,
            size: self.size,
            role: self.role,
            match_: self.match_,
            matched: self.matched,
            candidates: self.candidates,
            decision: self.proposed,
            reason: self.reason,
            changed: self.changed,
            new_id: self.new_id,
            given_id: OnceLock::new(),
            new_name: self.new_name,
            source: self.source,
            destination: self.destination,
            marks: self.marks,
        }
    }
}
