//! Runs from the key to the report, against the sandbox.

use std::time::Duration;

use super::world::{World, remote};
use crate::engine::RunState;
use crate::model::{ErrorKind, FolderFormat, Policy, Report, RunStatus, Selection, Stage};
use crate::sandbox::SandboxOptions;
use crate::workbench::ends::{Location, NewBundle};
use crate::workbench::job::{Export, Job};
use crate::workbench::panes::transfers::state::{Phase, Run};
use crate::workbench::panes::transfers::{self, start};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::press;

fn slow() -> SandboxOptions {
    SandboxOptions { latency: 40, ..SandboxOptions::default() }
}

fn newest(state: &State) -> &Run {
    state.transfers.runs.first().expect("a run")
}

fn report(run: &Run) -> &Report {
    &run.outcome.as_ref().expect("a report").report
}

fn texts(run: &Run) -> Vec<&str> {
    run.log.lines(false).iter().map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn a_run_is_followed_to_its_report() {
    let mut world = World::new().await;
    let job = world.transfer(&["billing"]).await;
    let effects = start(&mut world.state, job);
    assert_eq!((world.state.pane, transfers::running(&world.state)), (Pane::Transfers, 1));
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!((run.phase, run.title.as_str()), (Phase::Ended(RunStatus::Succeeded), "dev → prod"));
    assert_eq!(run.facts.stages, [Stage::Check, Stage::Fetch, Stage::Snapshot, Stage::Write, Stage::Verify]);
    assert_eq!(run.facts.finished(), run.facts.items_total);
    assert!(run.facts.kinds.iter().all(|kind| kind.finished == kind.total));
    assert!(run.facts.requests > 0 && run.facts.bytes > 0 && run.part() >= 1.0);
    assert!(texts(run).iter().any(|text| text.starts_with("overwrote flow ")), "{:?}", texts(run));
    assert!(run.log.lines(true).iter().any(|line| line.text.contains("→ 200")));
    let notice = world.state.notice.as_ref().expect("the end is told");
    assert!(notice.text.starts_with("dev → prod succeeded: "), "{notice:?}");
    assert_eq!(world.rang, 0, "it took no ten seconds");
}

#[tokio::test]
async fn a_second_run_to_the_same_place_waits_for_the_first() {
    let mut world = World::with(slow(), &[]).await;
    let (first, second) = (world.transfer(&["billing"]).await, world.transfer(&["crm"]).await);
    let mut effects = start(&mut world.state, first);
    world.until(effects, |state| newest(state).facts.stage().is_some()).await;
    effects = start(&mut world.state, second);
    world.until(effects, |state| newest(state).facts.waits.is_some() || !newest(state).is_moving()).await;
    let why = newest(&world.state).facts.waits.clone().expect("it waits");
    assert!(why.ends_with("writes to prod"), "{why}");
    world.until_all_ended(Vec::new()).await;
    let phases: Vec<_> = world.state.transfers.runs.iter().map(|run| run.phase).collect();
    assert_eq!(phases, [Phase::Ended(RunStatus::Succeeded); 2]);
}

#[tokio::test]
async fn a_run_is_cancelled_by_key_and_resumed_by_key() {
    let mut world = World::with(slow(), &[]).await;
    let job = world.transfer(&["billing"]).await;
    let effects = start(&mut world.state, job);
    world.until(effects, |state| newest(state).facts.stage() >= Some(Stage::Fetch)).await;
    let effects = press(&mut world.state, "x enter");
    assert_eq!(newest(&world.state).phase, Phase::Cancelling);
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!(run.phase, Phase::Ended(RunStatus::Cancelled));
    assert!(report(run).summary.pending > 0);
    let effects = press(&mut world.state, "R enter");
    assert_eq!(world.state.transfers.runs.len(), 1, "it goes on in its own row");
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!(run.phase, Phase::Ended(RunStatus::Succeeded), "{:?}", texts(run));
    assert_eq!(run.destination, Some(remote("prod")));
}

#[tokio::test]
async fn a_bundle_is_written() {
    let mut world = World::new().await;
    let path = world.folder.path().join("billing.json");
    let bundle = NewBundle {
        path: path.clone(),
        sealed: false,
        compressed: false,
        redacted: false,
        folder: FolderFormat::default(),
        replace: false,
    };
    let export = || Export {
        source: remote("dev"),
        selection: Selection { tags: vec!["billing".into()], ..Selection::default() },
        dependencies: None,
        bundle: bundle.clone(),
        key: None,
        items: 0,
        bytes: 0,
    };
    let effects = start(&mut world.state, Job::Export(Box::new(export())));
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!(run.phase, Phase::Ended(RunStatus::Succeeded), "{:?}", run.error);
    assert!(path.exists() && run.facts.items_total > 0);
    assert!(report(run).summary.requests > 0);
    assert!(press(&mut world.state, "R").is_empty(), "an export is done again, not resumed");

    // Once more: the output exists, which is told where the run is.
    let effects = start(&mut world.state, Job::Export(Box::new(export())));
    world.until_all_ended(effects).await;
    let error = newest(&world.state).error.as_ref().expect("a reason");
    assert_eq!(error.code, ErrorKind::OutputExists);
}

#[tokio::test]
async fn a_refusal_before_there_is_a_run_stands_in_its_row() {
    let mut world = World::new().await;
    let plan = world.plan(Policy::Overwrite, Selection { tags: vec!["billing".into()], ..Selection::default() }).await;
    let nowhere = Location::Remote("nowhere".into());
    let job = Job::Transfer { source: remote("dev"), destination: nowhere, plan: Box::new(plan) };
    let effects = start(&mut world.state, job);
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!(run.phase, Phase::Ended(RunStatus::Failed));
    assert!(run.error.as_ref().is_some_and(|error| error.message.contains("nowhere")), "{:?}", run.error);
    assert!(run.facts.run.is_none() && run.outcome.is_none());
    let told = press(&mut world.state, "R");
    assert!(told.is_empty() && world.state.notice.as_ref().is_some_and(|notice| notice.text.contains("never began")));
}

#[tokio::test]
async fn a_plan_that_is_no_longer_true_is_refused_with_what_changed() {
    let mut world = World::new().await;
    let (first, second) = (world.transfer(&["billing"]).await, world.transfer(&["billing"]).await);
    let effects = start(&mut world.state, first);
    world.until_all_ended(effects).await;
    let effects = start(&mut world.state, second);
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!(run.phase, Phase::Ended(RunStatus::Failed));
    let error = report(run).error.clone().expect("a reason");
    assert_eq!(error.code, ErrorKind::Stale);
}

#[tokio::test]
async fn a_defect_of_the_engine_ends_the_run_and_nothing_else() {
    let mut world = World::with(SandboxOptions::default(), &[("HAUL_TEST_PANIC", "run")]).await;
    let job = world.transfer(&["billing"]).await;
    let effects = start(&mut world.state, job);
    world.until_all_ended(effects).await;
    let run = newest(&world.state);
    assert_eq!(run.phase, Phase::Ended(RunStatus::Failed));
    assert_eq!(report(run).error.as_ref().map(|error| error.code), Some(ErrorKind::Internal));
    let notice = world.state.notice.as_ref().expect("it is told");
    assert!(notice.text.contains("a defect of Haul stopped the run"), "{notice:?}");
    assert!(!press(&mut world.state, "R enter").is_empty(), "it can be resumed");
}

#[tokio::test]
async fn leaving_stops_a_run_in_good_order() {
    let mut world = World::with(slow(), &[]).await;
    let job = world.transfer(&["billing"]).await;
    let effects = start(&mut world.state, job);
    world.until(effects, |state| newest(state).facts.stage() >= Some(Stage::Fetch)).await;
    world.desk.quitting.cancel();
    world.desk.tasks.close();
    let ended = tokio::time::timeout(Duration::from_secs(20), world.desk.tasks.wait()).await;
    ended.expect("it stops");
    let lines = world.desk.store().summaries().expect("a list");
    assert_eq!((lines.len(), lines[0].state), (1, RunState::Ended));
    assert!(lines[0].summary.as_ref().is_ok_and(|summary| summary.status == RunStatus::Cancelled));
}
