//! Everything that one space holds, and the view of an object that clients get.
//! Must not know: HTTP and rules.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    clock::{Clock, moment},
    definition::{Definition, Type},
    media::File,
    object::{Body, Object, Status, Version},
    reference::{self, Target, folded},
    shape::Holds,
    webhook::Fired,
};

#[derive(Clone, Debug)]
pub(super) struct State {
    pub types: Vec<Type>,
    /// The bytes of media, by the id in lower case. A record without bytes has no entry.
    pub files: HashMap<String, File>,
    /// What webhooks would have been told.
    pub fired: Vec<Fired>,
    pub clock: Clock,
    pub serial: u64,
    /// How many relations of other objects lead to an object.
    used: HashMap<Target, usize>,
}

impl State {
    pub fn new(space: &str) -> Self {
        Self {
            types: Vec::new(),
            files: HashMap::new(),
            fired: Vec::new(),
            clock: Clock::new(space),
            serial: 0,
            used: HashMap::new(),
        }
    }

    pub fn kind(&self, name: &str) -> Option<&Type> {
        self.types.iter().find(|kind| kind.definition.name() == name)
    }

    pub fn kind_mut(&mut self, name: &str) -> Option<&mut Type> {
        self.types.iter_mut().find(|kind| kind.definition.name() == name)
    }

    pub fn object(&self, target: &Target) -> Option<&Object> {
        self.kind(&target.kind)?.objects.get(&target.id)
    }

    pub fn is_used(&self, target: &Target) -> bool {
        self.used.get(target).is_some_and(|count| *count > 0)
    }

    /// Adds or replaces an object as it is; returns what was there.
    pub fn put(&mut self, kind: &str, object: Object) -> Option<Object> {
        let own = Target::new(kind, &object.id);
        let now = references(&own, &object.body());
        let holder = self.types.iter_mut().find(|known| known.definition.name() == kind)?;
        let before = holder.objects.put(object, &holder.definition.fields);
        self.count(before.as_ref().map(|before| references(&own, &before.body())), now);
        before
    }

    pub fn take(&mut self, kind: &str, id: &str) -> Option<Object> {
        let own = Target::new(kind, id);
        let holder = self.types.iter_mut().find(|known| known.definition.name() == kind)?;
        let before = holder.objects.take(id, &holder.definition.fields)?;
        self.count(Some(references(&own, &before.body())), Vec::new());
        Some(before)
    }

    fn count(&mut self, before: Option<Vec<Target>>, now: Vec<Target>) {
        for target in now {
            *self.used.entry(target).or_default() += 1;
        }
        for target in before.into_iter().flatten() {
            if let Some(count) = self.used.get_mut(&target) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// Counts all relations anew, after a change of many objects.
    pub fn recount(&mut self) {
        let mut used = HashMap::new();
        for kind in &self.types {
            for object in kind.objects.iter() {
                let own = Target::new(kind.definition.name(), &object.id);
                for target in references(&own, &object.body()) {
                    *used.entry(target).or_default() += 1;
                }
            }
        }
        self.used = used;
    }

    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The file of a record, whatever the case of its id.
    pub fn file(&self, id: &str) -> Option<&File> {
        self.files.get(&folded(id))
    }

    /// All that a test may compare: maps by type and id, so that a difference says where it is.
    pub fn dump(&self) -> Value {
        let mut types = Body::new();
        for kind in &self.types {
            let objects: Body =
                kind.objects.iter().map(|object| (object.id.clone(), dumped(&kind.definition, object))).collect();
            let removed: Vec<&String> = kind.removed.iter().map(|(id, _)| id).collect();
            let of_type = json!({ "definition": kind.definition.shown(), "objects": objects, "removed": removed });
            types.insert(kind.definition.name().to_owned(), of_type);
        }
        let mut files: Vec<(&String, &File)> = self.files.iter().collect();
        files.sort_by_key(|(id, _)| *id);
        let files: Body = files.into_iter().map(|(id, file)| (id.clone(), file.dump())).collect();
        let fired: Vec<Value> = self.fired.iter().map(Fired::value).collect();
        json!({ "types": types, "files": files, "fired": fired })
    }
}

/// Relations to other objects: one to itself does not hold an object back.
fn references(own: &Target, body: &Body) -> Vec<Target> {
    let mut found: Vec<Target> = body.values().flat_map(reference::all).collect();
    found.retain(|target| target != own);
    found
}

fn dumped(definition: &Definition, object: &Object) -> Value {
    let versions: Body =
        object.versions.iter().map(|version| (version.number.to_string(), Value::Object(version.body()))).collect();
    let shown = shown(definition, object, object.versions.last());
    json!({ "shown": shown, "versions": versions })
}

/// An object as clients see it, in one of its versions.
pub(super) fn shown(definition: &Definition, object: &Object, version: Option<&Version>) -> Value {
    let mut shown = Body::new();
    shown.insert("id".to_owned(), json!(object.id));
    shown.extend(version.map(Version::body).unwrap_or_default());
    let internal = internal(definition, object, &shown);
    shown.insert("internal".to_owned(), internal);
    Value::Object(shown)
}

fn internal(definition: &Definition, object: &Object, body: &Body) -> Value {
    let status = object.status(definition.has_drafts());
    let public = match status {
        Status::Public if !definition.has_drafts() => Some(object.latest()),
        _ => object.public,
    };
    let published = object.published.map(moment).unwrap_or_default();
    json!({
        "status": status.word(),
        "contentType": definition.name(),
        "createdAt": moment(object.created),
        "updatedAt": moment(object.updated()),
        "deletedAt": "",
        "workflowState": "saved",
        "objectTitle": title(definition, body),
        "latestVersion": object.latest(),
        "publicVersion": public.map_or(json!(-1), |number| json!(number)),
        "publishedAt": published,
        "workflowPublicVersion": public.map_or(json!(-1), |number| json!(number)),
        "workflowPublishedAt": published,
    })
}

fn title(definition: &Definition, body: &Body) -> String {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let parts: Vec<String> =
        definition.fields.iter().filter(|field| field.title_part).filter_map(|field| text(&field.name)).collect();
    if !parts.is_empty() {
        return parts.join(" ");
    }
    let first = definition.fields.iter().filter(|field| field.holds == Holds::Text);
    first.into_iter().find_map(|field| text(&field.name)).unwrap_or_default()
}
