//! What each decision does, and what it leaves alone.

use std::collections::BTreeSet;

use haul::model::{Decision, ItemKey, Kind, MatchMethod, PlanOptions, Policy};

use crate::world::{World, changed, definitions, everything, objects, only, succeeded};

/// Everything but what is new at dev of two types whose definitions prod has otherwise.
fn what_prod_takes(policy: Policy) -> PlanOptions {
    let odd = ["product", "event"].map(|type_| ItemKey::typed(Kind::Object, type_, format!("{type_}-0007")));
    PlanOptions { decisions: odd.map(|key| (key, Decision::Skip)).into(), ..everything(policy) }
}

#[tokio::test]
async fn skip_creates_what_is_missing_and_touches_nothing_that_is_there() {
    let world = World::new(&[]).await;
    let (before, types) = (objects(world.prod()), definitions(world.prod()));
    let report = world.transfer(what_prod_takes(Policy::Skip)).await;
    succeeded(&report);
    let after = objects(world.prod());
    for name in before.keys() {
        assert_eq!(before[name], after[name], "{name} was there");
    }
    let new: BTreeSet<String> = changed(&before, &after);
    assert!(new.len() > 3, "{new:?}");
    assert!(types.iter().all(|(name, definition)| definitions(world.prod())[name] == *definition));
}

#[tokio::test]
async fn one_object_is_overwritten_and_nothing_else_changes() {
    let world = World::new(&[]).await;
    let (before, types) = (objects(world.prod()), definitions(world.prod()));
    // Number 3 differs at prod.
    let options = only(&["object:recipe/recipe-0003"], Policy::Overwrite);
    let report = world.transfer(options).await;
    succeeded(&report);
    let after = objects(world.prod());
    let missing: BTreeSet<String> = report
        .items
        .iter()
        .filter(|item| item.decision == Decision::Create && item.key.kind == Kind::Object)
        .map(|item| format!("{}/{}", item.key.type_.as_deref().unwrap_or_default(), item.key.id.to_lowercase()))
        .collect();
    let mut expected = missing;
    expected.insert("recipe/recipe-0003".to_owned());
    let mut found = changed(&before, &after);
    found.retain(|name| !name.starts_with('_'));
    assert_eq!(found, expected);
    let version = |of: &serde_json::Value| of["internal"]["latestVersion"].as_u64().expect("a number");
    let (old, new) = (&before["recipe/recipe-0003"], &after["recipe/recipe-0003"]);
    assert_eq!(version(new), version(old) + 1, "one write, one version");
    assert_eq!(definitions(world.prod()), types);
}

#[tokio::test]
async fn a_duplicate_stands_beside_the_original_under_other_unique_values_and_is_made_once() {
    let world = World::new(&[]).await;
    let before = objects(world.prod());
    let options = || only(&["object:author/author-0003", "webhook:_webhooks-1", "tag:_tag-1"], Policy::Duplicate);
    let report = world.transfer(options()).await;
    succeeded(&report);
    let after = objects(world.prod());
    let copies: Vec<&haul::model::ReportItem> =
        report.items.iter().filter(|item| item.decision == Decision::Duplicate).collect();
    assert_eq!(copies.len(), 3);
    for copy in &copies {
        let id = copy.new_id.as_deref().expect("an id").to_lowercase();
        let type_ = match copy.key.kind {
            Kind::Object => "author",
            Kind::Webhook => "_webhooks",
            _ => "_tag",
        };
        assert!(after.contains_key(&format!("{type_}/{id}")), "{}", copy.key);
    }
    assert!(before.iter().all(|(name, value)| after[name] == *value), "originals stay as they were");
    world.prod().forget_requests();
    let again = world.transfer(options()).await;
    succeeded(&again);
    assert_eq!(world.writes().len(), 0, "its own copies are found again");
}

#[tokio::test]
async fn a_file_that_is_there_byte_for_byte_is_used_and_not_stored_again() {
    let world = World::new(&[]).await;
    let report = world.transfer(what_prod_takes(Policy::Skip)).await;
    let of = |method: MatchMethod| {
        report.items.iter().filter(move |item| item.key.kind == Kind::Media && item.match_ == method).count()
    };
    assert!(of(MatchMethod::Content) > 3 && of(MatchMethod::Uuid) > 3 && of(MatchMethod::Unmatched) > 3);
    let uploads = world.writes().iter().filter(|request| request.path == "/api/media").count();
    assert_eq!(uploads, of(MatchMethod::Unmatched));
    // What refers to a file that prod has under another id leads there.
    let media = |id: &str| format!("_media/{}", id.to_lowercase());
    let after = objects(world.prod());
    for item in report.items.iter().filter(|item| item.key.kind == Kind::Media) {
        let id = item.new_id.as_deref().or(item.matched.as_ref().map(|matched| &*matched.id)).expect("an id");
        assert!(after.contains_key(&media(id)), "{}", item.key);
    }
}

#[tokio::test]
async fn ids_that_differ_in_case_and_unique_values_that_are_taken_are_one_object() {
    let world = World::new(&[]).await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Overwrite)).await;
    let cased = ItemKey::typed(Kind::Object, "blog_post", "blog_post-0017");
    let taken = ItemKey::typed(Kind::Object, "blog_post", "blog_post-0013");
    let matched = |key: &ItemKey| {
        let item = survey.plan.item(key).expect("planned");
        (item.match_, item.matched.as_ref().map(|matched| matched.id.to_string()))
    };
    assert_eq!(matched(&cased), (MatchMethod::Field, Some("BLOG_POST-0017".to_owned())));
    assert_eq!(matched(&taken), (MatchMethod::Field, Some("blog_post-p0013".to_owned())));
}
