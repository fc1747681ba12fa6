//! What both spaces hold at the start.

use std::collections::{BTreeMap, BTreeSet};

use haul::sandbox::{Sandbox, SandboxOptions, start};
use serde_json::Value;

use crate::client::{Api, relation, sandbox};

const KINDS: [&str; 9] = ["category", "author", "blog_post", "page", "product", "event", "recipe", "menu_item", "faq"];

/// All objects of a type by id.
fn objects(sandbox: &Sandbox, server: &str, kind: &str) -> BTreeMap<String, Value> {
    let objects = sandbox.server(server).space().unwrap().objects(kind);
    objects.into_iter().map(|object| (object["id"].as_str().unwrap().to_owned(), object)).collect()
}

fn content(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().shift_remove("internal");
    object
}

#[tokio::test]
async fn each_space_has_many_types_objects_and_files() {
    let sandbox = sandbox().await;
    for server in ["dev", "prod"] {
        let dump = sandbox.server(server).dump();
        let types = dump["types"].as_object().unwrap();
        let user: Vec<&Value> = types.values().filter(|kind| kind["definition"]["internal"] == false).collect();
        let count: usize = user.iter().map(|kind| kind["objects"].as_object().unwrap().len()).sum();
        assert!(user.len() >= 8 && count >= 400, "{server}: {} types, {count} objects", user.len());
        assert!(dump["files"].as_object().unwrap().len() >= 29, "{server}");
        let media = types["_media"]["objects"].as_object().unwrap();
        assert!(media.len() >= 30, "{server}: {}", media.len());
        let mimes: BTreeSet<&str> =
            media.values().map(|medium| medium["shown"]["mimeType"].as_str().unwrap()).collect();
        assert_eq!(mimes.into_iter().collect::<Vec<_>>(), ["application/pdf", "image/jpeg", "image/png", "text/plain"]);
        assert!(types["_webhooks"]["objects"].as_object().unwrap().len() >= 2);
        assert!(!types["_plugin_settings"]["objects"].as_object().unwrap().is_empty());
    }
}

#[tokio::test]
async fn every_object_obeys_the_rules_of_its_type() {
    let sandbox = sandbox().await;
    for server in ["dev", "prod"] {
        let space = sandbox.server(server).space().unwrap();
        let kinds: Vec<String> = sandbox.server(server).dump()["types"].as_object().unwrap().keys().cloned().collect();
        for kind in kinds {
            for object in space.objects(&kind) {
                let saved = space.save(&kind, object.clone());
                assert!(saved.is_ok(), "{server}: {} {saved:?}", object["id"]);
            }
        }
    }
}

#[tokio::test]
async fn every_match_occurs_between_the_spaces() {
    let sandbox = sandbox().await;
    let (mut same, mut changed, mut only_dev, mut only_prod, mut taken, mut cased) = (0, 0, 0, 0, 0, 0);
    for kind in KINDS.into_iter().filter(|kind| *kind != "faq") {
        let (dev, prod) = (objects(&sandbox, "dev", kind), objects(&sandbox, "prod", kind));
        for (id, object) in &dev {
            match prod.get(id) {
                Some(other) if content(other) == content(object) => same += 1,
                Some(_) => changed += 1,
                None if prod.keys().any(|other| other.eq_ignore_ascii_case(id)) => cased += 1,
                None if prod.values().any(|other| !other["slug"].is_null() && other["slug"] == object["slug"]) => {
                    taken += 1
                }
                None => only_dev += 1,
            }
        }
        only_prod += prod.keys().filter(|id| !dev.keys().any(|other| other.eq_ignore_ascii_case(id))).count();
    }
    let counts = [same, changed, only_dev, only_prod, taken, cased];
    assert!(counts.iter().all(|count| *count >= 5), "{counts:?}");
}

#[tokio::test]
async fn every_state_occurs_and_states_differ_between_the_spaces() {
    let sandbox = sandbox().await;
    let (dev, prod) = (objects(&sandbox, "dev", "blog_post"), objects(&sandbox, "prod", "blog_post"));
    let status = |object: &Value| object["internal"]["status"].as_str().unwrap().to_owned();
    let states: BTreeSet<String> = dev.values().map(status).collect();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["archived", "draft", "modified", "public"]);
    let differs = |(id, object): (&String, &Value)| {
        prod.get(id).is_some_and(|other| content(other) == content(object) && status(other) != status(object))
    };
    assert!(dev.iter().any(differs));
}

#[tokio::test]
async fn there_are_rings_required_relations_nested_lists_and_addresses_of_media_in_texts() {
    let sandbox = sandbox().await;
    let all: BTreeMap<&str, BTreeMap<String, Value>> =
        KINDS.into_iter().map(|kind| (kind, objects(&sandbox, "dev", kind))).collect();
    let selves = all["blog_post"]
        .iter()
        .filter(|(id, post)| post["related"].as_array().unwrap().contains(&relation("blog_post", id)));
    assert!(selves.count() > 0, "an object refers to itself");
    assert!(all["author"].values().any(|author| author["best"][0].is_object()), "author and post refer to each other");
    assert!(all["blog_post"].values().all(|post| post["author"][0].is_object()));
    assert!(all["recipe"].values().any(|recipe| recipe["steps"][0]["notes"][0]["pic"][0].is_object()));
    let names_media = |text: &Value| text.as_str().unwrap().contains("https://api.flotiq.com/image/");
    assert!(all["blog_post"].values().all(|post| names_media(&post["body"])));
    assert!(all["blog_post"].values().all(|post| names_media(&post["content"]["blocks"][1]["data"]["url"])));
    assert!(all["faq"].values().all(|faq| names_media(&faq["answer"])));
}

#[tokio::test]
async fn files_overlap_in_every_way() {
    let sandbox = sandbox().await;
    let files = |server: &str| sandbox.server(server).dump()["files"].as_object().unwrap().clone();
    let (dev, prod) = (files("dev"), files("prod"));
    let same_id = dev.iter().filter(|(id, file)| prod.get(*id) == Some(*file)).count();
    let uploaded = dev.iter().filter(|(id, file)| !prod.contains_key(*id) && prod.values().any(|other| other == *file));
    let only_dev = dev.values().filter(|file| !prod.values().any(|other| other == *file)).count();
    let alike = dev.values().any(|file| {
        prod.values().any(|other| {
            (&other["size"], &other["mime"]) == (&file["size"], &file["mime"]) && other["digest"] != file["digest"]
        })
    });
    assert!(same_id >= 10 && uploaded.count() >= 5 && only_dev >= 5 && alike);
    let media = objects(&sandbox, "prod", "_media");
    assert!(media.keys().any(|id| !prod.contains_key(id)), "a record without a file");
}

#[tokio::test]
async fn definitions_differ_in_ways_that_cost_content() {
    let sandbox = sandbox().await;
    let definition = |server: &str, name: &str| sandbox.server(server).space().unwrap().definition(name);
    assert!(definition("prod", "faq").is_none() && definition("dev", "legacy_note").is_none());
    let properties = |server: &str, name: &str| {
        definition(server, name).unwrap()["schemaDefinition"]["allOf"][1]["properties"].clone()
    };
    assert!(
        properties("prod", "product")["old_price"].is_object() && properties("dev", "product")["old_price"].is_null()
    );
    assert_eq!(properties("dev", "product")["weight"]["type"], "number");
    assert_eq!(properties("prod", "product")["weight"]["type"], "string");
    assert_eq!(properties("dev", "author"), properties("prod", "author"));
}

#[tokio::test]
async fn items_scale_and_the_same_seed_gives_the_same_content() {
    let with = |items, seed| {
        let platform = Some("flotiq".to_owned());
        start(SandboxOptions { platform, items: Some(items), seed, ..SandboxOptions::default() })
    };
    let (one, two, other) = (with(2000, 1).await.unwrap(), with(2000, 1).await.unwrap(), with(2000, 2).await.unwrap());
    let types = |sandbox: &Sandbox| sandbox.server("dev").dump()["types"].clone();
    assert_eq!(types(&one), types(&two));
    assert_ne!(types(&one), types(&other));
    let listed = Api::dev(&one).get("/api/v1/content/blog_post?limit=1").await;
    assert!(listed["total_count"].as_u64().unwrap() > 500, "{}", listed["total_count"]);
}
