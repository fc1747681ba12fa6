//! Webhooks that are off while a run writes: exactly those that were on, and on again whatever became of the run.

use std::collections::BTreeMap;
use std::time::Duration;

use haul::engine::{Freshness, RunId, RunSpec, start};
use haul::model::{DependencyMode, Finding, ItemKey, Kind, PlanOptions, Policy, RunStatus, Severity, code};
use serde_json::{Value, json};

use crate::process::{Doomed, everything_that_fits, go_on, to_its_end};
use crate::world::{World, objects, only, spec, succeeded};

/// Everything new to an empty space, whose own webhooks are off meanwhile.
fn pausing(options: PlanOptions) -> PlanOptions {
    PlanOptions { pause_webhooks: true, ..options }
}

/// Overwrites of what a webhook hears of, none of them a webhook.
fn some() -> PlanOptions {
    pausing(only(&["object:recipe/recipe-0003", "object:author/author-0003"], Policy::Overwrite))
}

/// A world whose prod has two webhooks that hear of everything, and one that is off.
async fn world() -> World {
    let world = World::new(&[]).await;
    for (id, enabled) in [("on-1", true), ("on-2", true), ("off-1", false)] {
        world.space("prod").save("_webhooks", hook(id, enabled)).expect("a webhook");
    }
    world.space("prod").forget_fired();
    world.prod().forget_requests();
    world
}

fn hook(id: &str, enabled: bool) -> Value {
    let actions: Vec<Value> = ["Create", "Update", "Delete"].map(|action| json!({ "action": action })).to_vec();
    json!({
        "id": id, "name": format!("Hook {id}"), "type": "async", "executionMode": "url", "enabled": enabled,
        "url": "https://hooks.example.invalid/", "content_type_definitions": [], "actions": actions,
    })
}

/// Whether each webhook of prod is on.
fn states(world: &World) -> BTreeMap<String, bool> {
    let hooks = world.space("prod").objects("_webhooks");
    hooks.iter().map(|hook| (hook["id"].as_str().expect("an id").to_owned(), hook["enabled"] == json!(true))).collect()
}

fn is_on(world: &World, id: &str) -> bool {
    states(world)[id]
}

/// Requests that switch webhooks.
fn switches(world: &World) -> usize {
    world.writes().iter().filter(|request| request.method == "PATCH" && request.path.contains("_webhooks")).count()
}

fn found<'f>(findings: &'f [Finding], code: &str) -> Vec<&'f str> {
    findings.iter().filter(|finding| finding.code == code).map(|finding| finding.message.as_str()).collect()
}

#[tokio::test]
async fn webhooks_that_were_on_hear_nothing_of_the_run_and_are_on_again_and_no_others() {
    let world = world().await;
    let before = states(&world);
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, some()).await;
    let on = before.values().filter(|on| **on).count();
    let told = found(&survey.plan.findings, code::WEBHOOK_PAUSED);
    assert_eq!(told.len(), on, "{told:?}");
    assert!(told.contains(&"the webhook `Hook on-1` is switched off while the run writes, on again afterwards"));
    assert!(!told.iter().any(|text| text.contains("off-1")));

    let report = world.run(dev, prod, survey).await.expect("a run");
    succeeded(&report);
    assert_eq!(world.space("prod").fired(), Vec::<Value>::new(), "nobody heard of it");
    assert_eq!(states(&world), before);
    let writes = world.writes();
    assert!(writes[0].method == "PATCH" && writes[0].path.contains("_webhooks/batch"), "off before the first write");
    assert!(writes.len() > 3 && writes[writes.len() - 1].path.contains("_webhooks/batch"), "on after the last one");
    assert_eq!(switches(&world), 2, "one request each way");
    let version =
        |id: &str| world.space("prod").object("_webhooks", id).expect("there")["internal"]["latestVersion"].clone();
    assert_eq!((version("off-1"), version("on-1")), (json!(1), json!(3)), "those that were off are not written");
    assert!(found(&report.findings, code::WEBHOOK_PAUSED).iter().any(|text| text.contains("are on again: ")));
}

#[tokio::test]
async fn without_the_option_webhooks_hear_of_every_write_and_are_left_alone() {
    let world = world().await;
    let before = states(&world);
    let report = world.transfer(PlanOptions { pause_webhooks: false, ..some() }).await;
    succeeded(&report);
    assert!(!world.space("prod").fired().is_empty());
    assert_eq!((states(&world), switches(&world)), (before, 0));
}

#[tokio::test]
async fn a_run_that_writes_nothing_switches_nothing_off() {
    let world = world().await;
    succeeded(&world.transfer(some()).await);
    world.prod().forget_requests();
    succeeded(&world.transfer(some()).await);
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test]
async fn a_saved_plan_says_which_webhooks_are_switched_off_and_does_so() {
    let world = world().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, some()).await;
    let text = haul::planner::file::write(&survey.plan);
    assert!(text.contains("\"pause_webhooks\"") && text.contains("`Hook on-2` is switched off"));
    let (plan, _) = haul::planner::file::read(&text).expect("a plan");
    // One that is switched on after the review is not what was reviewed.
    world.space("prod").save("_webhooks", hook("late", true)).expect("a webhook");
    world.space("prod").forget_fired();
    let surveyed = spec(world.folder.path(), dev, prod, survey);
    let spec = RunSpec { plan, freshness: Freshness::MayBeStale, ..surveyed };
    succeeded(&to_its_end(start(spec).expect("a run")).await);
    let fired = world.space("prod").fired();
    assert!(!fired.is_empty() && fired.iter().all(|fired| fired["webhook"] == "late"), "{fired:?}");
    assert!(is_on(&world, "on-1") && is_on(&world, "on-2") && is_on(&world, "late") && !is_on(&world, "off-1"));
}

#[tokio::test]
async fn after_a_failure_the_webhooks_are_on_again() {
    let world = world().await;
    let before = states(&world);
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, some()).await;
    world.prod().set_faults(&["status=403,POST /api/v1/content/recipe*"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    assert_eq!(switches(&world), 2);
    assert_eq!(states(&world), before);
}

#[tokio::test]
async fn after_a_cancellation_the_webhooks_are_on_again_and_the_run_goes_on_later() {
    let world = world().await;
    let before = states(&world);
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, pausing(everything_that_fits(&world).await)).await;
    world.prod().set_faults(&["latency=5"]).expect("faults");
    let mut handle = world.begin(dev, prod, survey).expect("a run");
    let id = handle.id.clone();
    while world.writes().len() < 10 {
        while handle.events.try_recv().is_ok() {}
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    handle.cancel.cancel();
    let report = to_its_end(handle).await;
    assert_eq!(report.status, RunStatus::Cancelled);
    assert_eq!(states(&world), before, "{:?}", report.findings);
    world.prod().set_faults(&[]).expect("healed");
    world.space("prod").forget_fired();
    let report = go_on(&world, &id).await;
    succeeded(&report);
    assert_eq!(world.space("prod").fired(), Vec::<Value>::new(), "off for the rest of the run too");
    for (id, on) in before.iter().filter(|(id, _)| id.starts_with('o')) {
        assert_eq!(is_on(&world, id), *on, "{id}");
    }
}

#[rstest::rstest]
#[case::when_the_request_is_on_its_way("latency=5", |world: &World| !world.writes().is_empty(), None)]
#[case::when_they_went_off_and_nobody_heard_of_it(
    "stall-after=PATCH /api/v1/content/_webhooks/batch",
    |world: &World| !is_on(world, "on-1"),
    Some(false)
)]
#[case::among_writes("latency=5", |world: &World| world.writes().len() >= 20, Some(false))]
#[tokio::test]
async fn after_a_crash_exactly_those_that_were_on_come_back_when_the_run_is_resumed(
    #[case] fault: &str,
    #[case] has_come: fn(&World) -> bool,
    #[case] left: Option<bool>,
) {
    let world = world().await;
    let before = states(&world);
    let options = pausing(everything_that_fits(&world).await);
    world.prod().forget_requests();
    let doomed = Doomed { faults: &[fault], ..Doomed::new(&world, options) };
    let run = doomed.dies_after(has_come).await;
    if let Some(left) = left {
        assert_eq!(
            (is_on(&world, "on-1"), is_on(&world, "on-2")),
            (left, left),
            "a process that is gone switches nothing on"
        );
    }
    let report = go_on(&world, &run).await;
    succeeded(&report);
    assert_eq!(world.space("prod").fired(), Vec::<Value>::new());
    assert_eq!(states(&world), before);
}

#[tokio::test]
async fn one_that_somebody_changed_or_deleted_while_it_was_off_is_not_forced_on() {
    let world = world().await;
    let options = pausing(everything_that_fits(&world).await);
    world.prod().forget_requests();
    let run = Doomed::new(&world, options).dies_after(|world| world.writes().len() >= 20).await;
    world.space("prod").edit("_webhooks", "on-1", |hook| {
        hook.insert("url".to_owned(), json!("https://elsewhere.example.invalid/"));
    });
    world.space("prod").erase("_webhooks", "on-2");
    let report = go_on(&world, &run).await;
    succeeded(&report);
    assert!(!is_on(&world, "on-1") && !states(&world).contains_key("on-2"));
    let told = found(&report.findings, code::WEBHOOK_LEFT_OFF);
    assert!(told.len() == 1 && told[0].contains("changed by somebody") && told[0].contains("`Hook on-1`"), "{told:?}");
}

#[tokio::test]
async fn webhooks_that_cannot_be_switched_on_again_make_a_failure_that_names_them_and_the_way_out() {
    let world = world().await;
    let before = states(&world);
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, some()).await;
    world.prod().set_faults(&["status=403,2+:PATCH /api/v1/content/_webhooks/batch"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Failed);
    let (run, error) = (report.run.clone().expect("a run"), report.error.clone().expect("an error"));
    assert!(error.message.contains("`Hook on-1`") && error.message.contains("are off still"), "{error:?}");
    assert_eq!((error.code.exit_code(), error.hint), (1, Some(format!("`haul runs resume {run}` switches them on"))));
    let loud = report.findings.iter().find(|finding| finding.code == code::WEBHOOK_LEFT_OFF).expect("a finding");
    assert!(loud.severity == Severity::Warning && loud.message.contains("haul runs resume"), "{loud:?}");
    assert!(report.items.iter().all(|item| item.error.is_none()), "everything was written");

    world.prod().set_faults(&[]).expect("healed");
    world.prod().forget_requests();
    let run = RunId::parse(&run).expect("an id");
    succeeded(&go_on(&world, &run).await);
    assert_eq!((states(&world), world.writes().len()), (before, 1), "one request, and nothing written again");
}

#[tokio::test]
async fn webhooks_of_the_plan_get_the_state_that_the_plan_gives_them() {
    let world = world().await;
    // What dev says of two that are on at prod, of which one is to be off.
    for (id, enabled) in [("on-1", false), ("on-2", true)] {
        let mut ours = hook(id, enabled);
        ours["url"] = json!("https://new.example.invalid/");
        world.space("dev").save("_webhooks", ours).expect("a webhook");
    }
    let ids = ["webhook:on-1", "webhook:on-2", "object:recipe/recipe-0003"];
    let report = world.transfer(pausing(only(&ids, Policy::Overwrite))).await;
    succeeded(&report);
    assert!(!is_on(&world, "on-1") && is_on(&world, "on-2"));
    let fired = world.space("prod").fired();
    assert!(fired.is_empty(), "{fired:?}");
    for id in ["on-1", "on-2"] {
        assert_eq!(world.space("prod").object("_webhooks", id).expect("there")["url"], "https://new.example.invalid/");
    }
    let key = ItemKey::new(Kind::Webhook, "on-1");
    let told = report.findings.iter().find(|finding| finding.item.as_ref() == Some(&key)).expect("a finding");
    assert!(told.message.contains("afterwards it is as this plan writes it"), "{told:?}");
}

#[tokio::test]
async fn a_webhook_of_the_plan_that_is_not_reached_is_on_again_and_written_when_the_run_goes_on() {
    let world = world().await;
    let mut ours = hook("on-1", false);
    ours["url"] = json!("https://new.example.invalid/");
    world.space("dev").save("_webhooks", ours).expect("a webhook");
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let ids = ["webhook:on-1", "object:recipe/recipe-0003"];
    let survey = world.plan(&*dev, &*prod, pausing(only(&ids, Policy::Overwrite))).await;
    world.prod().set_faults(&["status=403,POST /api/v1/content/recipe*"]).expect("faults");
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Failed);
    assert!(is_on(&world, "on-1"));
    world.prod().set_faults(&[]).expect("healed");
    let run = RunId::parse(&report.run.expect("a run")).expect("an id");
    succeeded(&go_on(&world, &run).await);
    assert!(!is_on(&world, "on-1") && is_on(&world, "on-2"));
}

#[tokio::test]
async fn a_key_that_cannot_see_webhooks_blocks_a_plan_that_would_pause_them() {
    let world = world().await;
    let before = objects(world.prod());
    let (dev, prod) = (world.dev().await, world.remote("prod", "scoped").await);
    let survey =
        world.plan(&*dev, &*prod, pausing(only(&["object:blog_post/blog_post-0003"], Policy::Overwrite))).await;
    let blocking: Vec<&str> = survey.plan.blocking().map(|finding| finding.message.as_str()).collect();
    assert!(blocking.iter().any(|text| text.contains("nobody can tell which are on")), "{blocking:?}");
    assert_eq!(world.run(dev, prod, survey).await.expect_err("refused").exit_code(), 4);
    assert_eq!(objects(world.prod()), before);
}

#[tokio::test]
async fn a_key_that_may_not_switch_webhooks_writes_nothing_at_all() {
    use haul::sandbox::Right::{Create, Read, Update};
    let world = world().await;
    let (all, read) = ([Create, Read, Update], [Read]);
    let mut rights: Vec<(&str, &[haul::sandbox::Right])> = vec![("_webhooks", &read)];
    for type_ in ["recipe", "author", "category", "blog_post", "_media", "_tag"] {
        rights.push((type_, &all));
    }
    world.space("prod").grant("no-hooks", &rights);
    let before = objects(world.prod());
    let (dev, prod) = (world.dev().await, world.remote("prod", "no-hooks").await);
    let options = PlanOptions { dependencies: Some(DependencyMode::None), ..some() };
    let survey = world.plan(&*dev, &*prod, options).await;
    let report = world.run(dev, prod, survey).await.expect("a run");
    assert_eq!(report.status, RunStatus::Failed, "{:?}", report.findings);
    let error = report.error.expect("an error");
    assert!(error.hint.is_some_and(|hint| hint.contains("lacks the right")), "{}", error.message);
    assert_eq!(objects(world.prod()), before);
}
