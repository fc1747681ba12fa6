//! Servers that refuse for haste, fail, and lose replies: nothing is lost, and nothing is there twice.

use std::collections::BTreeMap;

use haul::model::{Policy, RunStatus, code};
use rstest::rstest;

use crate::process::{Doomed, go_on_with};
use crate::world::{World, demands, everything, objects, succeeded};

/// How many objects of each type there are.
fn counts(server: &haul::sandbox::Server) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in objects(server).into_keys() {
        *counts.entry(name.split('/').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

#[rstest]
#[case::lost_replies(&["lose-rate=0.1"], &[])]
#[case::failing(&["fail-rate=0.1"], &[])]
#[case::hasty(&["too-many-rate=0.3,0"], &[])]
#[case::everything_at_once(&["too-many-rate=0.3,0", "fail-rate=0.02", "lose-rate=0.02"], &[])]
#[case::hasty_with_seconds(&["too-many=40,1"], &[])]
#[case::hasty_with_a_date(&["too-many=40,date"], &[])]
#[case::hasty_without_a_word(&["too-many=10,none"], &[])]
#[case::nothing_is_stored_of_a_bad_batch(&[], &["batch-failure=nothing-stored", "batch-errors=id"])]
#[case::a_batch_sees_only_what_was_there(&[], &["batch-references=stored-before", "featured-image=unchecked"])]
#[case::php(&[], &["empty-objects=lists", "key-order=length", "definition-put=resets-absent"])]
#[tokio::test]
async fn an_empty_space_gets_everything_once(#[case] faults: &[&str], #[case] switches: &[&str]) {
    let world = World::new(switches).await;
    world.empty_prod().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Skip)).await;
    world.prod().set_faults(faults).expect("faults");
    let mut report = world.run(dev.clone(), prod.clone(), survey).await.expect("a run");
    world.prod().set_faults(&[]).expect("healed");
    for _ in 0..3 {
        if report.status == RunStatus::Succeeded {
            break;
        }
        // Going on is another run of the same import.
        report = world.between(dev.clone(), prod.clone(), everything(Policy::Skip)).await;
    }
    succeeded(&report);
    assert_eq!(
        world.prod().dump()["counters"]["early"],
        0,
        "nobody came back before the time that the space asked for"
    );
    let (ours, theirs) = (counts(world.sandbox.server("dev")), counts(world.prod()));
    for (type_, count) in &ours {
        if !["_plugin", "_workflow"].contains(&type_.as_str()) {
            assert_eq!(theirs.get(type_), Some(count), "{type_}");
        }
    }
    assert_eq!(demands(world.prod()), demands(world.sandbox.server("dev")), "no demand stays relaxed");
}

/// A third of all requests refused for haste, with seconds, with a date and without a word; failures; replies that are lost.
const STORM: [&str; 3] = ["too-many-rate=0.3,1", "fail-rate=0.02", "lose-rate=0.02"];
/// Few enough for the rate to be what is waited for, whatever else the machine does.
const RATE: f64 = 50.0;

#[tokio::test]
async fn in_a_storm_and_after_a_crash_nobody_comes_too_early_and_no_slot_is_left_unused_while_something_waits() {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let early = || world.prod().dump()["counters"]["early"].as_u64().expect("a number");
    let doomed = Doomed { faults: &STORM, rate: RATE, ..Doomed::new(&world, everything(Policy::Skip)) };
    let run = doomed.dies_after(|world| world.writes().len() >= 30).await;
    assert_eq!(early(), 0, "before the crash");
    // An answer that was on its way to the process that died reached nobody; the space forgets what it said in it.
    world.prod().set_faults(&STORM).expect("faults");
    let url = world.prod().info.url.clone();
    let prod = World::connect_at(RATE, &url, "prod", "read-write", world.folder.path()).await;
    let report = go_on_with(&world, &run, prod.into()).await;
    assert_eq!(early(), 0, "after the crash");
    world.prod().set_faults(&[]).expect("healed");
    succeeded(&report);
    let (ours, theirs) = (counts(world.sandbox.server("dev")), counts(world.prod()));
    for (type_, count) in ours.iter().filter(|(type_, _)| !["_plugin", "_workflow"].contains(&type_.as_str())) {
        assert_eq!(theirs.get(type_), Some(count), "{type_}");
    }
    assert_eq!(demands(world.prod()), demands(world.sandbox.server("dev")));

    let told = report.findings.iter().find(|finding| finding.code == code::RATE_USED).expect("the rate is told");
    let slots = told.message.rsplit("; ").next().expect("the slots");
    let numbers: Vec<u64> = slots.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(numbers[0] > 100 && numbers[0] * 100 >= numbers[1] * 95, "{}", told.message);
}
