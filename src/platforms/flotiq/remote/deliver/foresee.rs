//! What a change of definitions does to objects that are stored, and which objects a definition that stays would not take.
//! Must not know: servers. Answered from what was listed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::schema;
use crate::model::{
    Decision, Effect, EffectKind, Error, Finding, ItemKey, Kind, Plan, PlanItem, Reason, Result, Schemas, code,
};
use crate::platforms::flotiq::index::Index;
use crate::platforms::flotiq::scan;
use crate::platforms::work::blocking;

type Object = Map<String, Value>;

/// Findings and effects of a plan between two sets of definitions.
pub(super) async fn of(plan: &Plan, source: &Schemas, index: Arc<Index>) -> Result<(Vec<Finding>, Vec<Effect>)> {
    let ours: BTreeMap<String, Object> = source.texts.iter().filter_map(|text| read(text.get())).collect();
    let items: Vec<PlanItem> = plan.items.iter().filter(|item| item.key.kind == Kind::Definition).cloned().collect();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for item in plan.written().filter(|item| item.key.kind == Kind::Object) {
        *written.entry(item.key.type_.as_deref().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let copies: Vec<ItemKey> =
        plan.written().filter(|item| item.decision == Decision::Duplicate).map(|item| item.key.clone()).collect();
    blocking(move || {
        let mut view = View { ours, index, items, written, copies, findings: Vec::new(), effects: Vec::new() };
        view.changes()?;
        view.refusals()?;
        view.copies();
        Ok((view.findings, view.effects))
    })
    .await
}

fn read(text: &str) -> Option<(String, Object)> {
    let definition: Object = serde_json::from_str(text).ok()?;
    Some((definition.get("name")?.as_str()?.to_owned(), definition))
}

struct View {
    ours: BTreeMap<String, Object>,
    index: Arc<Index>,
    items: Vec<PlanItem>,
    /// Objects that the plan writes, by type.
    written: BTreeMap<String, usize>,
    copies: Vec<ItemKey>,
    findings: Vec<Finding>,
    effects: Vec<Effect>,
}

/// What happens to the values of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Loss {
    path: String,
    /// The kind of values that they become; `None` where the field goes.
    becomes: Option<String>,
    was: String,
}

fn losses(before: &Object, after: &Object) -> Vec<Loss> {
    let after: HashMap<String, String> = schema::kinds(after).into_iter().collect();
    let mut losses: Vec<Loss> = Vec::new();
    for (path, was) in schema::kinds(before) {
        let becomes = after.get(&path).cloned();
        // What goes with its list was said of the list.
        let is_inside = losses.iter().any(|loss| path.starts_with(&format!("{}.", loss.path)));
        if becomes.as_ref() != Some(&was) && !is_inside {
            losses.push(Loss { path, becomes, was });
        }
    }
    losses
}

impl View {
    fn theirs(&self, type_: &str) -> Result<Option<Object>> {
        let Some(known) = self.index.type_named(type_) else { return Ok(None) };
        Ok(read(self.index.definition_text(known)?.get()).map(|(_, definition)| definition))
    }

    /// Definitions that the plan overwrites.
    fn changes(&mut self) -> Result<()> {
        for item in std::mem::take(&mut self.items) {
            if item.decision == Decision::Overwrite
                && let (Some(ours), Some(theirs)) = (self.ours.get(&*item.key.id).cloned(), self.theirs(&item.key.id)?)
            {
                self.change(&item.key, &theirs, &ours)?;
            }
            self.items.push(item);
        }
        Ok(())
    }

    fn change(&mut self, key: &ItemKey, before: &Object, after: &Object) -> Result<()> {
        let losses = losses(before, after);
        if !losses.is_empty() {
            let (counts, touched) = self.count(&key.id, &losses)?;
            for (loss, count) in losses.iter().zip(counts) {
                self.findings.extend((count > 0).then(|| said(key, loss, count)));
            }
            if touched > 0 {
                let (kind, type_) = (Kind::Object, Some(key.id.clone()));
                self.effects.push(Effect { effect: EffectKind::Convert, kind, type_, count: touched });
            }
        }
        let drafts = |definition: &Object| definition.get("draftPublic").and_then(Value::as_bool).unwrap_or(false);
        if drafts(before) && !drafts(after) {
            let why = format!("{key} has no drafts afterwards: every object of it becomes public, drafts included");
            self.findings.push(Finding::warning(code::STORED_DATA_CHANGES, why).on(key));
        }
        Ok(())
    }

    /// How many stored objects hold something in each of these fields, and how many in any.
    fn count(&self, type_: &str, losses: &[Loss]) -> Result<(Vec<u64>, u64)> {
        let (mut counts, mut touched) = (vec![0; losses.len()], 0);
        let Some(known) = self.index.type_named(type_) else { return Ok((counts, 0)) };
        let folder = known.path.parent().map(std::path::Path::to_owned).unwrap_or_default();
        for path in self.index.files.iter().filter(|path| path.parent() == Some(&folder)) {
            let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
            let file = std::io::BufReader::new(std::fs::File::open(path).map_err(failed)?);
            let scanned = scan::each_object(file, |_, bytes| {
                let object: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let held: Vec<bool> = losses.iter().map(|loss| holds(&object, &loss.path)).collect();
                counts.iter_mut().zip(&held).for_each(|(count, held)| *count += u64::from(*held));
                touched += u64::from(held.contains(&true));
                Ok(())
            });
            scanned.map_err(|fault| Error::new(crate::model::ErrorKind::Damaged, fault.why))?;
        }
        Ok((counts, touched))
    }

    /// Copies that no space would take beside the original.
    fn copies(&mut self) {
        for key in &self.copies {
            let definition = key.type_.as_deref().and_then(|type_| self.ours.get(type_));
            let unique = definition.map(schema::uniques).unwrap_or_default();
            if let Some((field, _)) = unique.into_iter().find(|(_, field)| !field.is_free) {
                let why =
                    format!("{key} cannot be duplicated: no other value can be made up for its unique field `{field}`");
                self.findings.push(Finding::blocking(code::NAME_COLLISION, why).on(key));
            }
        }
    }

    /// Objects of types whose definitions stay as they are.
    fn refusals(&mut self) -> Result<()> {
        let planned: BTreeMap<&str, &PlanItem> = self.items.iter().map(|item| (&*item.key.id, item)).collect();
        let mut found = Vec::new();
        for (type_, count) in &self.written {
            let item = planned.get(type_.as_str());
            if item.is_some_and(|item| item.is_written()) {
                continue;
            }
            let key = ItemKey::new(Kind::Definition, type_.as_str());
            let why = match (self.theirs(type_)?, self.ours.get(type_)) {
                (None, _) => Some("which the destination does not have".to_owned()),
                (Some(theirs), Some(ours)) => misfit(&theirs, ours),
                (Some(_), None) => None,
            };
            if let Some(why) = why {
                let message = format!(
                    "{count} objects of {type_} are to be written, {why}; overwrite the definition too, or leave them out"
                );
                let decided = item.is_some_and(|item| item.reason == Reason::Override);
                let make = if decided { Finding::warning } else { Finding::blocking };
                found.push(make(code::SCHEMA_BLOCKING, message).on(&key));
            }
        }
        self.findings.extend(found);
        Ok(())
    }
}

/// Why objects of one definition do not fit another that stays.
fn misfit(theirs: &Object, ours: &Object) -> Option<String> {
    let there: BTreeMap<String, String> = schema::kinds(theirs).into_iter().collect();
    let mut odd: BTreeSet<String> = BTreeSet::new();
    for (path, kind) in schema::kinds(ours) {
        match there.get(&path) {
            None => {
                odd.insert(format!("it lacks `{path}`"));
            }
            Some(other) if *other != kind => {
                odd.insert(format!("`{path}` holds {other} there and {kind} here"));
            }
            Some(_) => {}
        }
    }
    let shown: Vec<String> = odd.into_iter().take(5).collect();
    (!shown.is_empty()).then(|| format!("and the definition that stays does not take them: {}", shown.join(", ")))
}

fn said(key: &ItemKey, loss: &Loss, count: u64) -> Finding {
    let Loss { path, becomes, was } = loss;
    let objects = if count == 1 { "1 stored object".to_owned() } else { format!("{count} stored objects") };
    let message = match becomes {
        None => format!("overwriting {key} strips `{path}` of {objects}"),
        Some(kind) => format!(
            "overwriting {key} converts `{path}` of {objects} from {was} to {kind}; most values are lost by that"
        ),
    };
    Finding::warning(code::STORED_DATA_CHANGES, message).on(key).of_field(path)
}

/// Whether an object holds something in a field, nested ones in any item of their list.
fn holds(object: &Value, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(value) = object.get(name) else { return false };
    match rest {
        Some(rest) => value.as_array().is_some_and(|list| list.iter().any(|item| holds(item, rest))),
        None => match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => !map.is_empty(),
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(properties: Value) -> Object {
        let value = json!({ "name": "t", "schemaDefinition": { "allOf": [{}, { "properties": properties }] } });
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn what_goes_and_what_is_converted_is_told_once() {
        let nested = |fields: Value| json!({ "type": "array", "items": { "type": "object", "properties": fields } });
        let before = definition(json!({
            "a": { "type": "string" }, "b": { "type": "number" }, "l": nested(json!({ "x": { "type": "string" } })),
            "m": nested(json!({ "y": { "type": "string" }, "z": { "type": "string" } })),
        }));
        let after = definition(json!({
            "a": { "type": "number" }, "m": nested(json!({ "y": { "type": "string" } })), "new": { "type": "string" },
        }));
        let told: Vec<(String, Option<String>)> =
            losses(&before, &after).into_iter().map(|loss| (loss.path, loss.becomes)).collect();
        let expected = [("a", Some("number")), ("b", None), ("l", None), ("m.z", None)];
        assert_eq!(told, expected.map(|(path, becomes)| (path.to_owned(), becomes.map(str::to_owned))));
        assert!(losses(&before, &before).is_empty());
        assert!(
            holds(&json!({ "m": [{ "y": "" }, { "z": 1 }] }), "m.z") && !holds(&json!({ "m": [{ "y": "" }] }), "m.y")
        );
        assert!(misfit(&after, &before).is_some_and(|why| why.contains("lacks `b`")));
    }
}
