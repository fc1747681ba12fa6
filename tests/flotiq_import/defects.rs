//! What goes wrong with the official importer, and does not here: each test says what would. The table in `docs/flotiq.md` names these
//! and the tests of other places that show the rest.

use std::collections::{BTreeMap, BTreeSet};

use haul::model::{Decision, DependencyMode, ItemKey, Kind, PlanOptions, Policy, Report, RunStatus, Source};
use haul::sandbox::Space;
use serde_json::{Value, json};

use crate::world::{World, demands, everything, objects, only, succeeded};

/// A type with a title, and these fields besides: name, schema, form.
fn define(space: &Space, name: &str, more: &[(&str, Value, Value)]) {
    let title = ("title", json!({ "type": "string", "minLength": 1 }), json!({ "inputType": "text" }));
    let fields: Vec<&(&str, Value, Value)> = std::iter::once(&title).chain(more).collect();
    let properties: serde_json::Map<_, _> =
        fields.iter().map(|(name, schema, _)| ((*name).to_owned(), schema.clone())).collect();
    let form = |name: &str, form: &Value| {
        let mut form = form.clone();
        (form["label"], form["unique"]) = (json!(name), json!(false));
        form
    };
    let config: serde_json::Map<_, _> =
        fields.iter().map(|(name, _, of)| ((*name).to_owned(), form(name, of))).collect();
    space.define(json!({
        "name": name, "label": name, "internal": false,
        "schemaDefinition": {
            "type": "object", "additionalProperties": false, "required": ["title"],
            "allOf": [
                { "$ref": "#/components/schemas/AbstractContentTypeSchemaDefinition" },
                { "type": "object", "properties": properties },
            ],
        },
        "metaDefinition": {
            "order": fields.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), "propertiesConfig": config,
        },
    }));
}

fn relation(type_: &str, id: &str) -> Value {
    json!([{ "type": "internal", "dataUrl": format!("/api/v1/content/{type_}/{id}") }])
}

/// A field of relations to objects of a type.
fn to_many(name: &'static str, type_: &str) -> (&'static str, Value, Value) {
    let items = json!({ "$ref": "#/components/schemas/DataSource" });
    let schema = json!({ "type": "array", "items": items, "minItems": 0 });
    (name, schema, json!({ "inputType": "datasource", "validation": { "relationContenttype": type_ } }))
}

/// Everything of dev, in an empty space.
async fn moved() -> (World, Report) {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let report = world.transfer(everything(Policy::Skip)).await;
    succeeded(&report);
    (world, report)
}

fn states(world: &World, side: &str) -> BTreeMap<String, String> {
    let own = objects(world.sandbox.server(side)).into_iter().filter(|(name, _)| !name.starts_with('_'));
    let state = |object: &Value| match object["internal"]["status"].as_str().unwrap_or_default() {
        // Its public version stays where it is.
        "modified" => "draft".to_owned(),
        status => status.to_owned(),
    };
    own.map(|(name, object)| (name, state(&object))).collect()
}

#[tokio::test]
async fn defect_2_a_failure_leaves_the_demands_of_types_removed() {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Skip)).await;
    // What fails is the first object of a ring: the demands of its type are relaxed by then.
    world.prod().set_faults(&["status=403,POST /api/v1/content/blog_post/batch"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Failed);
    let relaxed = world.writes().iter().filter(|request| request.method == "PUT").count();
    assert!(relaxed >= 2, "relaxed and brought back: {relaxed}");
    assert_eq!(demands(world.prod()), demands(world.sandbox.server("dev")));
}

#[tokio::test]
async fn defect_6_what_people_said_of_media_is_lost() {
    let world = World::new(&[]).await;
    let said = json!({
        "id": "the-picture", "extension": "txt", "fileName": "words.txt", "mimeType": "text/plain", "size": 5, "type": "file",
        "source": "unsplash", "externalId": "photo-by-somebody", "url": "/image/0x0/the-picture.txt",
        "alt": "What one sees", "title": "A title", "tags": relation("_tag", "tag-of-it"),
        "variants": [{ "name": "square", "trim": { "top": 1, "left": 1, "width": 5, "height": 5 } }],
    });
    world.space("dev").save("_tag", json!({ "id": "tag-of-it", "name": "Of it" })).expect("a tag");
    world.space("dev").put_file(said.clone(), b"words").expect("a file");
    let report = world.transfer(only(&["media:the-picture"], Policy::Skip)).await;
    succeeded(&report);
    let key = ItemKey::new(Kind::Media, "the-picture");
    let id = report.items.iter().find(|item| item.key == key).and_then(|item| item.new_id.clone()).expect("an id");
    let there = world.space("prod").object("_media", &id).expect("there");
    for field in ["fileName", "source", "externalId", "alt", "title", "tags", "variants"] {
        assert_eq!(there[field], said[field], "{field}");
    }
    assert_eq!(world.space("prod").file(&id).as_deref(), Some(&b"words"[..]));
}

#[tokio::test]
async fn defects_7_and_8_addresses_in_texts_and_relations_to_any_type_keep_the_old_ids_of_media() {
    let (world, report) = moved().await;
    let media = report.items.iter().filter(|item| item.key.kind == Kind::Media);
    let renamed: Vec<&str> = media.filter(|item| item.new_id.is_some()).map(|item| &*item.key.id).collect();
    assert!(renamed.len() > 20, "{}", renamed.len());
    // What is told of an object beside its media, by name: references of every kind stand in it.
    let others = |server: &haul::sandbox::Server| -> BTreeMap<String, String> {
        let others = objects(server).into_iter().filter(|(name, _)| !name.starts_with("_media/"));
        others.map(|(name, object)| (name, without_names_of_files(object).to_string())).collect()
    };
    let (ours, theirs) = (others(world.sandbox.server("dev")), others(world.prod()));
    let with_old_ids = |all: &BTreeMap<String, String>| -> BTreeSet<String> {
        let holds = |text: &&String| renamed.iter().any(|id| text.contains(*id));
        all.iter().filter(|(_, text)| holds(text)).map(|(name, _)| name.clone()).collect()
    };
    assert!(with_old_ids(&ours).len() > 20, "the sample refers to its media");
    assert_eq!(with_old_ids(&theirs), BTreeSet::new());
}

/// A block tells how a file was called when it was put there; that is no address.
fn without_names_of_files(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            map.shift_remove("fileName");
            map.values_mut().for_each(|value| *value = without_names_of_files(value.take()));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| *value = without_names_of_files(value.take())),
        _ => {}
    }
    value
}

#[tokio::test]
async fn defect_12_archived_objects_and_drafts_arrive_in_another_state() {
    let (world, _) = moved().await;
    let (ours, theirs) = (states(&world, "dev"), states(&world, "prod"));
    assert!(ours.values().collect::<BTreeSet<_>>().len() >= 3, "public, draft and archived ones");
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn defect_13_a_refusal_for_haste_is_taken_for_a_file_that_is_there() {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Skip)).await;
    world.prod().set_faults(&["too-many=2,0"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    succeeded(&report);
    let media: Vec<_> = report.items.iter().filter(|item| item.key.kind == Kind::Media).collect();
    assert!(media.len() > 20);
    for item in media.iter().filter(|item| item.decision == Decision::Create) {
        let id = item.new_id.as_deref().expect("an id");
        assert_eq!(world.space("prod").file(id), world.space("dev").file(&item.key.id), "{}", item.key);
    }
}

#[tokio::test]
async fn defect_15_numbers_go_through_doubles() {
    let world = World::new(&[]).await;
    let number = [("number", json!({ "type": "number" }), json!({ "inputType": "number" }))];
    define(world.space("dev"), "exact", &number);
    let text = r#"{ "id": "exact-1", "title": "Exact", "number": 9007199254740993.00000000000000001 }"#;
    let object: Value = serde_json::from_str(text).expect("JSON");
    world.space("dev").save("exact", object.clone()).expect("an object");
    succeeded(&world.transfer(only(&["object:exact/exact-1"], Policy::Skip)).await);
    let there = world.space("prod").object("exact", "exact-1").expect("there");
    assert_eq!(there["number"].to_string(), object["number"].to_string());
}

#[tokio::test]
async fn defect_16_publications_send_objects_with_half_of_their_fields() {
    let (world, _) = moved().await;
    let requests = world.prod().requests();
    let moves: Vec<_> = requests
        .iter()
        .filter(|request| request.path.contains("publish") || request.path.contains("archive"))
        .collect();
    assert!(!moves.is_empty());
    for request in moves {
        let ids = request.body.as_array().expect("a list");
        assert!(ids.iter().all(Value::is_string), "{} sends {}", request.path, request.body);
    }
}

#[tokio::test]
async fn defect_19_records_of_the_platform_are_written_three_times() {
    let (world, report) = moved().await;
    let fresh = report.items.iter().filter(|item| item.decision == Decision::Create);
    let small = fresh.filter(|item| matches!(item.key.kind, Kind::Tag | Kind::Webhook | Kind::PluginSetting));
    let mut seen = 0;
    for item in small {
        let type_ = match item.key.kind {
            Kind::Tag => "_tag",
            Kind::Webhook => "_webhooks",
            _ => "_plugin_settings",
        };
        let there = world.space("prod").object(type_, &item.key.id).expect("there");
        assert_eq!(there["internal"]["latestVersion"], json!(1), "{}", item.key);
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

#[tokio::test]
async fn defect_20_list_items_that_look_like_relations_and_fields_called_like_demands_are_emptied() {
    let world = World::new(&[]).await;
    let text = || json!({ "type": "string" });
    let form = |label: &str| json!({ "label": label, "inputType": "text", "unique": false });
    let rows = json!({ "type": "array", "items": { "type": "object", "properties": { "type": text(), "note": text() }, "required": [] } });
    let of_rows = json!({
        "inputType": "object",
        "items": { "order": ["type", "note"], "propertiesConfig": { "type": form("type"), "note": form("note") } },
    });
    let fields = [
        ("minItems", json!({ "type": "number" }), json!({ "inputType": "number" })),
        ("rows", rows, of_rows),
        to_many("next", "odd"),
    ];
    define(world.space("dev"), "odd", &fields);
    // Two that demand each other: the demand has to be relaxed for a while.
    for (id, next) in [("odd-a", json!([])), ("odd-b", relation("odd", "odd-a")), ("odd-a", relation("odd", "odd-b"))] {
        let row = json!([{ "type": "internal", "note": "no relation" }]);
        let object = json!({ "id": id, "title": id, "minItems": 7, "rows": row, "next": next });
        world.space("dev").save("odd", object).expect("an object");
    }
    let mut strict = world.space("dev").definition("odd").expect("there");
    strict["schemaDefinition"]["allOf"][1]["properties"]["next"]["minItems"] = json!(1);
    strict["schemaDefinition"]["required"] = json!(["title", "next"]);
    world.space("dev").redefine(strict);
    succeeded(&world.transfer(only(&["object:odd/odd-a"], Policy::Skip)).await);
    for id in ["odd-a", "odd-b"] {
        let (mut ours, mut theirs) = (
            world.space("dev").object("odd", id).expect("ours"),
            world.space("prod").object("odd", id).expect("there"),
        );
        (ours["internal"], theirs["internal"]) = (Value::Null, Value::Null);
        assert_eq!(ours, theirs);
    }
    let schema = |side: &str| world.space(side).definition("odd").expect("there")["schemaDefinition"].clone();
    assert_eq!(schema("dev"), schema("prod"));
}

#[tokio::test]
async fn defect_22_a_refused_definition_is_told_without_a_reason() {
    let world = World::new(&[]).await;
    // The form of a field that has none: dev holds it since before the rule.
    define(world.space("dev"), "unfit", &[("body", json!({ "type": "odd-kind" }), json!({ "inputType": "text" }))]);
    let report = world.transfer(only(&["definition:unfit"], Policy::Skip)).await;
    assert_eq!(report.status, RunStatus::Partial);
    let why = report.items.iter().find_map(|item| item.error.clone()).expect("a reason");
    assert!(why.contains("schemaDefinition.allOf[1].properties.body.type") && !why.contains("undefined"), "{why}");
}

#[tokio::test]
async fn defect_22_other_failures_of_webhooks_are_told_as_missing_rights() {
    let world = World::new(&[]).await;
    world.prod().set_faults(&["status=409,PATCH /api/v1/content/_webhooks/batch"]).expect("faults");
    let options = PlanOptions { pause_webhooks: true, ..only(&["object:recipe/recipe-0003"], Policy::Overwrite) };
    let report = world.transfer(options).await;
    let error = report.error.expect("an error");
    let hint = error.hint.unwrap_or_default();
    assert!(error.message.contains("409") && !hint.contains("right"), "{} {hint}", error.message);
}

#[tokio::test]
async fn defect_23_a_medium_that_is_refused_ends_in_success() {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Skip)).await;
    world.prod().set_faults(&["max-upload=400"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Partial);
    let refused = report.items.iter().filter(|item| item.key.kind == Kind::Media && item.error.is_some()).count();
    let there = world.space("prod").objects("_media").len();
    assert!(refused > 0 && there > 0, "{refused} refused, {there} there");
}

#[tokio::test]
async fn defect_25_refusals_for_haste_are_repeated_without_end() {
    let world = World::new(&[]).await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, only(&["object:recipe/recipe-0003"], Policy::Overwrite)).await;
    let before = objects(world.prod());
    world.prod().set_faults(&["too-many=1,0"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Failed);
    assert!(report.error.expect("an error").message.contains("429"));
    world.prod().set_faults(&[]).expect("healed");
    assert_eq!(objects(world.prod()), before);
}

#[tokio::test]
async fn defect_26_one_bad_object_of_a_batch_ends_the_run_and_takes_the_others_along() {
    let world = World::new(&[]).await;
    let long = |least: u64| {
        let schema = json!({ "type": "string", "minLength": least });
        [("word", schema, json!({ "inputType": "text" }))]
    };
    define(world.space("dev"), "strict", &long(1));
    define(world.space("prod"), "strict", &long(5));
    for (id, word) in [("good-1", "long enough"), ("bad", "no"), ("good-2", "also long enough")] {
        world.space("dev").save("strict", json!({ "id": id, "title": id, "word": word })).expect("an object");
    }
    let ids = ["object:strict/good-1", "object:strict/bad", "object:strict/good-2"];
    let options = PlanOptions { dependencies: Some(DependencyMode::None), ..only(&ids, Policy::Skip) };
    let report = world.transfer(options).await;
    assert_eq!(report.status, RunStatus::Partial);
    let failed: Vec<(&str, &str)> =
        report.items.iter().filter_map(|item| Some((&*item.key.id, item.error.as_deref()?))).collect();
    assert!(failed.len() == 1 && failed[0].0 == "bad" && failed[0].1.contains("word: "), "{failed:?}");
    let there = |id: &str| world.space("prod").object("strict", id).is_some();
    assert!(there("good-1") && there("good-2") && !there("bad"));
}

#[tokio::test]
async fn defect_27_files_are_downloaded_to_see_whether_they_are_there() {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Skip)).await;
    let downloads = || world.prod().requests().iter().filter(|request| request.path.starts_with("/image/")).count();
    assert_eq!(downloads(), 0);
    let report = world.run(dev, prod, survey).await.expect("a run");
    succeeded(&report);
    let written =
        report.items.iter().filter(|item| item.key.kind == Kind::Media && item.decision != Decision::Skip).count();
    assert!(downloads() <= written, "each at most once, to be compared with what was sent: {}", downloads());
}

#[tokio::test]
async fn defect_31_the_second_page_of_definitions_is_never_read() {
    let world = World::of(20, &[]).await;
    let letters = || 'a'..='z';
    let names: Vec<String> =
        letters().flat_map(|one| letters().map(move |two| format!("many_{one}{two}"))).take(300).collect();
    names.iter().for_each(|name| define(world.space("dev"), name, &[]));
    let listed = world.dev().await.list().await.expect("a listing");
    let known: BTreeSet<&str> =
        listed.items().filter(|item| item.kind() == Kind::Definition).map(|item| item.id()).collect();
    assert!(names.iter().all(|name| known.contains(name.as_str())));
}

#[tokio::test]
async fn defect_31_signs_of_patterns_in_a_path_break_the_reading_of_a_directory() {
    let world = World::of(20, &[]).await;
    let path = world.folder.path().join("a[b]*{c,d}?");
    world.export(&*world.dev().await, &path).await;
    let listed = world.directory(&path).list().await.expect("a listing");
    assert!(listed.items().filter(|item| item.kind() == Kind::Object).count() > 10);
}
