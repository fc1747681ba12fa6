//! What was moved says the same, and moving it again writes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use haul::model::{Decision, Kind, Policy, Report, RunStatus};
use serde_json::Value;

use crate::world::{World, definitions, everything, objects, succeeded, without_blocked};

#[tokio::test]
async fn an_export_that_moves_into_an_empty_space_comes_out_again_as_it_was() {
    let world = World::new(&[]).await;
    let dev = world.dev().await;
    let first = world.folder.path().join("first");
    world.export(&*dev, &first).await;
    world.empty_prod().await;
    let prod = world.remote("prod", "read-write").await;
    let report = world.between(world.directory(&first), prod.clone(), everything(Policy::Skip)).await;
    succeeded(&report);
    assert!(world.prod().dump()["fired"].as_array().expect("a list").is_empty(), "no webhook heard of it");

    let second = world.folder.path().join("second");
    world.export(&*prod, &second).await;
    let (one, two) = (lines(&first, &new_ids(&report)), lines(&second, &BTreeMap::new()));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, object) in &one {
        assert_eq!(object, &two[name], "{name}");
    }
    assert!(one.len() > 150, "{}", one.len());

    world.prod().forget_requests();
    let again = world.between(world.directory(&first), prod, everything(Policy::Overwrite)).await;
    succeeded(&again);
    let written: Vec<String> = again
        .items
        .iter()
        .filter(|item| item.decision != Decision::Skip)
        .map(|item| format!("{} {:?} {:?}", item.key, item.decision, item.changed))
        .collect();
    assert_eq!(written, Vec::<String>::new());
    assert_eq!(world.writes().len(), 0, "a second run of the same import sends no write");
}

/// New ids of media by the old ones.
fn new_ids(report: &Report) -> BTreeMap<String, String> {
    let media = report.items.iter().filter(|item| item.key.kind == Kind::Media);
    media.filter_map(|item| Some((item.key.id.to_string(), item.new_id.as_ref()?.to_string()))).collect()
}

/// Every object and definition of an export under its name, with media called as `ids` says, files by what they hold, and
/// without what every space gives anew.
fn lines(root: &Path, ids: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for folder in std::fs::read_dir(root).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        for path in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let file = path.file_name().expect("a name").to_string_lossy().into_owned();
            let renamed = ids.iter().fold(file.clone(), |file, (old, new)| file.replace(old, new));
            let bytes = std::fs::read(&path).expect("a file");
            if !file.ends_with(".json") {
                found.insert(format!("{name}/{renamed}"), Value::from(blake3::hash(&bytes).to_hex().to_string()));
                continue;
            }
            let text = String::from_utf8(bytes).expect("text");
            let text = ids.iter().fold(text, |text, (old, new)| {
                text.replace(&format!("/{old}"), &format!("/{new}"))
                    .replace(&format!("\"id\":\"{old}\""), &format!("\"id\":\"{new}\""))
            });
            match file == "ContentTypeDefinition.json" {
                true => drop(found.insert(name.clone(), serde_json::from_str(&text).expect("JSON"))),
                false => found.extend(text.lines().map(|line| object(&name, line))),
            }
        }
    }
    found
}

fn object(folder: &str, line: &str) -> (String, Value) {
    let mut object: Value = serde_json::from_str(line).expect("JSON");
    let id = object["id"].as_str().expect("an id").to_owned();
    let status = object["internal"]["status"].as_str().unwrap_or_default();
    // The public version of what was being edited does not travel.
    object["internal"] = Value::from(if status == "modified" { "draft" } else { status });
    if folder.ends_with("Media") {
        let is_empty = |value: &Value| [Value::Null, Value::from(""), Value::Array(Vec::new())].contains(value);
        object.as_object_mut().expect("an object").retain(|_, value| !is_empty(value));
    }
    (format!("{folder}/{id}"), object)
}

#[tokio::test]
async fn a_transfer_between_spaces_overwrites_what_differs_and_a_second_one_writes_nothing() {
    let world = World::new(&[]).await;
    let before = objects(world.prod());
    let hooks: BTreeMap<String, Value> = before
        .iter()
        .filter(|(name, _)| name.starts_with("_webhooks/"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let options = without_blocked(&world.plan(&*dev, &*prod, everything(Policy::Overwrite)).await);
    let report = world.transfer(options.clone()).await;
    succeeded(&report);
    let after = objects(world.prod());
    // What only prod has is as it was, its version included; a definition that lost a field changed no version.
    let planned: Vec<String> = report
        .items
        .iter()
        .filter(|item| item.decision != Decision::Skip)
        .filter_map(|item| {
            let type_ = item.key.type_.clone()?;
            let id = item.matched.as_ref().map_or(&item.key.id, |matched| &matched.id);
            Some(format!("{type_}/{}", id.to_lowercase()))
        })
        .collect();
    let version = |value: &Value| value["internal"]["latestVersion"].as_u64();
    for (name, value) in before.iter().filter(|(name, _)| !planned.contains(name) && !name.starts_with('_')) {
        assert_eq!(version(&after[name]), version(value), "{name} was in no plan");
    }
    assert!(hooks.len() > 2);
    let types = definitions(world.prod());
    assert!(types.contains_key("legacy_note") && types.contains_key("faq"));

    world.prod().forget_requests();
    let again = world.transfer(options).await;
    assert_eq!(again.status, RunStatus::Succeeded);
    let written: Vec<String> = again
        .items
        .iter()
        .filter(|item| item.decision != Decision::Skip)
        .map(|item| format!("{} {:?}", item.key, item.decision))
        .collect();
    assert_eq!((written, world.writes().len()), (Vec::<String>::new(), 0));
}
