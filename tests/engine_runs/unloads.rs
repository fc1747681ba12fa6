//! Runs of a platform whose sources fill a folder rather than hand out records.

use haul::engine::{Freshness, RunSpec, start, survey};
use haul::model::{ErrorKind, Policy, RunStatus};

use crate::world::{Fault, World, ended, key, options};

#[tokio::test]
async fn the_folder_leads_to_the_same_end_as_records() {
    let (by_records, by_folder) = (World::new(), World::new().unloading());
    let (expected, _) = by_records.run(Policy::Overwrite).await;
    let (report, _) = by_folder.run(Policy::Overwrite).await;
    assert_eq!(report.status, RunStatus::Succeeded);
    assert_eq!(by_folder.destination.content(), by_records.destination.content());
    assert_eq!(report.items.len(), expected.items.len());
    let run = by_folder.run_folder(&report);
    assert!(run.join("spool.jsonl").exists());
    assert!(!run.join("content").exists(), "a finished run needs its content no more");
}

#[tokio::test]
async fn a_run_that_stopped_goes_on_from_its_folder_without_its_source() {
    let world = World::new().unloading();
    world.destination.fail([None, Some(Fault::Refuse(ErrorKind::Server))]);
    let (report, _) = world.run(Policy::Overwrite).await;
    assert_eq!(report.status, RunStatus::Failed);
    assert!(world.run_folder(&report).join("content").is_dir());
    world.source.state().things.clear();
    let (report, _) = world.resume(report.run.as_deref().expect("a run")).await;
    assert_eq!(report.status, RunStatus::Succeeded);
    assert_eq!(world.destination.content()[&key("b")].1, "new b");
    assert!(!world.run_folder(&report).join("content").exists());
}

#[tokio::test]
async fn what_is_gone_at_the_source_stops_the_run_before_anything_is_written() {
    let world = World::new().unloading();
    let survey = survey(&world.source, &world.destination, options(Policy::Overwrite)).await.unwrap();
    world.source.state().things.remove(&key("a"));
    let freshness = Freshness::JustSurveyed { source: survey.source, destination: survey.destination };
    let (report, _) = ended(start(RunSpec { freshness, ..world.spec(survey.plan) }).unwrap()).await;
    assert_eq!(report.error.expect("an error").code, ErrorKind::Stale);
    assert_eq!(world.destination.state().performed, []);
}
