//! Every kind, every way to be found at the destination, every decision: what is written then, and that nothing else is.

use std::collections::BTreeSet;

use haul::model::{Decision, DependencyMode, ErrorKind, ItemKey, Kind, MatchMethod, PlanOptions, Policy, ReportItem};
use haul::sandbox::Space;
use serde_json::{Value, json};

use crate::world::{World, changed, definitions, objects, only, succeeded};

/// How the destination has what dev has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    Nothing,
    SameId,
    OtherCase,
    /// The value of a unique field, a name, or the bytes of a file, under another id.
    Otherwise,
}

use There::{Nothing, OtherCase, Otherwise, SameId};

const OTHER_ID: &str = "there-under-another-id";

/// A kind, its type, and what matches there are of it.
struct Row {
    kind: Kind,
    type_: &'static str,
    there: &'static [(There, MatchMethod)],
    duplicable: bool,
}

const UUID: (There, MatchMethod) = (SameId, MatchMethod::Uuid);
const NONE: (There, MatchMethod) = (Nothing, MatchMethod::Unmatched);
const CASE: (There, MatchMethod) = (OtherCase, MatchMethod::Field);

const ROWS: [Row; 6] = [
    Row { kind: Kind::Definition, type_: "thing", there: &[NONE, UUID], duplicable: false },
    Row {
        kind: Kind::Object,
        type_: "thing",
        there: &[NONE, UUID, CASE, (Otherwise, MatchMethod::Field)],
        duplicable: true,
    },
    Row {
        kind: Kind::Media,
        type_: "_media",
        there: &[NONE, UUID, (Otherwise, MatchMethod::Content)],
        duplicable: false,
    },
    Row {
        kind: Kind::Tag,
        type_: "_tag",
        there: &[NONE, UUID, CASE, (Otherwise, MatchMethod::Name)],
        duplicable: true,
    },
    Row { kind: Kind::Webhook, type_: "_webhooks", there: &[NONE, UUID, CASE], duplicable: true },
    Row { kind: Kind::PluginSetting, type_: "_plugin_settings", there: &[NONE, UUID, CASE], duplicable: false },
];

fn thing(label: &str) -> Value {
    let text = json!({ "type": "string" });
    let field = |label: &str, unique: bool| json!({ "label": label, "inputType": "text", "unique": unique, "isTitlePart": label == "Title" });
    json!({
        "name": "thing", "label": label, "internal": false,
        "schemaDefinition": {
            "type": "object", "additionalProperties": false, "required": [],
            "allOf": [
                { "$ref": "#/components/schemas/AbstractContentTypeSchemaDefinition" },
                { "type": "object", "properties": { "title": text, "code": text } },
            ],
        },
        "metaDefinition": {
            "order": ["title", "code"],
            "propertiesConfig": { "title": field("Title", false), "code": field("Code", true) },
        },
    })
}

/// The item under an id; `said` is what makes no match and may differ.
fn record(kind: Kind, id: &str, said: &str) -> Value {
    match kind {
        Kind::Object => json!({ "id": id, "title": said, "code": "the-code" }),
        Kind::Tag => json!({ "id": id, "name": "The tag" }),
        Kind::Webhook => json!({
            "id": id, "name": "Hook", "type": "async", "executionMode": "url", "enabled": false,
            "url": format!("https://{said}.example.invalid/"), "content_type_definitions": [],
            "actions": [{ "action": "Create" }],
        }),
        Kind::PluginSetting => json!({
            "id": id, "name": "Plugin", "version": "1", "url": "https://p.example.invalid/p.js", "enabled": true,
            "settings": json!({ "said": said }).to_string(), "manifest": "{}",
        }),
        _ => json!({
            "id": id, "extension": "txt", "fileName": "the-file.txt", "mimeType": "text/plain", "size": FILE.len(),
            "type": "file", "source": "disk", "externalId": "", "url": format!("/image/0x0/{id}.txt"), "alt": said,
            "title": "", "tags": [], "variants": [],
        }),
    }
}

const FILE: &[u8] = b"what only this file holds";

/// Where what dev says and prod may say otherwise stands.
fn said(kind: Kind, record: &Value) -> String {
    let field = match kind {
        Kind::Object => "title",
        Kind::Tag => "name",
        Kind::Webhook => "url",
        Kind::PluginSetting => "settings",
        Kind::Definition => "label",
        _ => "alt",
    };
    record[field].as_str().unwrap_or_default().to_owned()
}

fn put(space: &Space, kind: Kind, type_: &str, record: Value) {
    match kind {
        Kind::Media => space.put_file(record, FILE).expect("a file"),
        _ => space.save(type_, record).expect("an object"),
    }
}

/// Puts the item there at dev, and what it matches at prod. Gives their ids.
fn arrange(world: &World, row: &Row, there: There) -> (String, Option<String>) {
    let (dev, prod) = (world.space("dev"), world.space("prod"));
    let label = if row.kind == Kind::Definition { "Said at dev" } else { "Thing" };
    dev.define(thing(label));
    if row.kind == Kind::Definition {
        if there == SameId {
            prod.define(thing("Thing"));
            prod.save("thing", json!({ "id": "stored", "title": "Stored" })).expect("an object");
        }
        return ("thing".to_owned(), (there == SameId).then(|| "thing".to_owned()));
    }
    prod.define(thing(label));
    prod.save("thing", json!({ "id": "bystander", "title": "Bystander", "code": "other" })).expect("an object");
    let id = "the-item";
    put(dev, row.kind, row.type_, record(row.kind, id, "dev"));
    let theirs = match there {
        Nothing => return (id.to_owned(), None),
        SameId => id.to_owned(),
        OtherCase => id.to_uppercase(),
        Otherwise => OTHER_ID.to_owned(),
    };
    let mut there = record(row.kind, &theirs, "prod");
    if row.kind == Kind::Tag && theirs != OTHER_ID {
        there["name"] = json!("Called otherwise at prod");
    }
    put(prod, row.kind, row.type_, there);
    (id.to_owned(), Some(theirs))
}

/// What differs at prod, definitions and objects.
fn all_changed(before: &Held, world: &World) -> BTreeSet<String> {
    let definitions = changed(&before.definitions, &definitions(world.prod()));
    let objects = changed(&before.objects, &objects(world.prod()));
    definitions.into_iter().map(|name| format!("definition {name}")).chain(objects).collect()
}

struct Held {
    definitions: std::collections::BTreeMap<String, Value>,
    objects: std::collections::BTreeMap<String, Value>,
}

/// What a run writes: the item's id at prod, or nothing.
async fn carry_out(world: &World, row: &Row, there: There, method: MatchMethod, decision: Decision) {
    let case = format!("{} {there:?} {decision}", row.kind);
    let (id, theirs) = arrange(world, row, there);
    let key = match row.kind {
        Kind::Object => ItemKey::typed(Kind::Object, row.type_, id.as_str()),
        kind => ItemKey::new(kind, id.as_str()),
    };
    let before = Held { definitions: definitions(world.prod()), objects: objects(world.prod()) };
    world.prod().forget_requests();
    let picked = key.to_string();
    let options = PlanOptions {
        dependencies: Some(DependencyMode::None),
        decisions: [(key.clone(), decision)].into(),
        ..only(&[picked.as_str()], Policy::Skip)
    };
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let legal = match decision {
        Decision::Create => theirs.is_none(),
        Decision::Overwrite => theirs.is_some(),
        Decision::Duplicate => theirs.is_some() && row.duplicable,
        Decision::Skip => true,
    };
    let survey = match haul::engine::survey(&*dev, &*prod, options).await {
        Ok(survey) => survey,
        Err(error) => {
            assert!(!legal && error.kind() == ErrorKind::Usage, "{case}: {error:?}");
            assert_eq!((all_changed(&before, world), world.writes().len()), (BTreeSet::new(), 0), "{case}");
            return;
        }
    };
    assert!(legal, "{case} was planned");
    assert_eq!(survey.plan.item(&key).expect("planned").match_, method, "{case}");
    let report = world.run(dev, prod, survey).await.expect(&case);
    succeeded(&report);
    let item = report.items.iter().find(|item| item.key == key).expect("reported");
    let written = written_id(&case, item, theirs.as_deref());
    let name = written.as_ref().map(|id| match row.kind {
        Kind::Definition => format!("definition {id}"),
        _ => format!("{}/{}", row.type_, id.to_lowercase()),
    });
    assert_eq!(all_changed(&before, world), name.clone().into_iter().collect(), "{case}: exactly this changes");
    let Some(id) = written else {
        assert_eq!(world.writes().len(), 0, "{case}");
        return;
    };
    let now = match row.kind {
        Kind::Definition => world.space("prod").definition(&id).expect("there"),
        _ => world.space("prod").object(row.type_, &id).expect("there"),
    };
    let ours = match row.kind {
        Kind::Definition => world.space("dev").definition(&id).expect("there"),
        _ => world.space("dev").object(row.type_, &key.id).expect("there"),
    };
    let renamed = row.kind == Kind::Tag && decision == Decision::Duplicate;
    let expected = said(row.kind, &ours);
    assert_eq!(said(row.kind, &now), if renamed { format!("{expected} (imported)") } else { expected }, "{case}");
    if decision == Decision::Overwrite && row.kind != Kind::Definition {
        let version = |value: &Value| value["internal"]["latestVersion"].as_u64().expect("a number");
        let old = &before.objects[name.as_deref().expect("a name")];
        assert_eq!(version(&now), version(old) + 1, "{case}: one write");
        assert_eq!(now["id"], old["id"], "{case}: the destination's id stays");
    }
}

fn written_id(case: &str, item: &ReportItem, theirs: Option<&str>) -> Option<String> {
    match item.decision {
        Decision::Skip => None,
        Decision::Overwrite => theirs.map(str::to_owned),
        Decision::Create => Some(item.new_id.as_deref().unwrap_or(&item.key.id).to_owned()),
        Decision::Duplicate => {
            let copy = item.new_id.as_deref().expect(case);
            assert!(theirs.is_none_or(|theirs| !theirs.eq_ignore_ascii_case(copy)), "{case}");
            Some(copy.to_owned())
        }
    }
}

#[tokio::test]
async fn each_kind_is_written_as_decided_however_it_was_matched_and_nothing_else_is() {
    let world = World::of(20, &[]).await;
    let mut cases = 0;
    for row in &ROWS {
        for &(there, method) in row.there {
            for decision in [Decision::Create, Decision::Overwrite, Decision::Skip, Decision::Duplicate] {
                for side in ["dev", "prod"] {
                    world.sandbox.server(side).reset().expect("as at the start");
                }
                world.space("dev").clear();
                carry_out(&world, row, there, method, decision).await;
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 76);
}
