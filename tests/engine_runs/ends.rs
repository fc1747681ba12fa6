//! However a run goes, it ends once, in a report that tells the truth.

use std::time::{Duration, Instant};

use haul::model::{ErrorKind, ItemResult, Policy, Report, RunEnd, RunEvent, RunStatus, Stage};

use crate::world::{Fault, World, base, ended, key, read_json};

fn result(report: &Report, key: &haul::model::ItemKey) -> ItemResult {
    report.items.iter().find(|item| item.key == *key).expect("it is in the report").result
}

fn stages(events: &[RunEvent]) -> Vec<Stage> {
    let stage = |event: &RunEvent| if let RunEvent::StageEntered { stage } = event { Some(*stage) } else { None };
    events.iter().filter_map(stage).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_leaves_the_destination_as_the_plan_said() {
    let world = World::new();
    let before = world.destination.content();
    let (report, events) = world.run(Policy::Overwrite).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
    let after = world.destination.content();
    // The match by name keeps its id, and what refers to it is pointed there.
    assert_eq!(after[&base("b9")].1, "base new");
    assert!(!after.contains_key(&base("b1")));
    assert_eq!(after[&key("a")].2, [base("b9")]);
    assert_eq!(after[&key("b")].2, [key("a"), key("c")]);
    assert_eq!(after[&key("z")], before[&key("z")]);
    assert_eq!(report.summary.create, 2);
    assert_eq!(report.summary.overwrite, 3);
    assert_eq!(result(&report, &key("c")), ItemResult::Skipped);
    assert_eq!(stages(&events), [Stage::Fetch, Stage::Snapshot, Stage::Write, Stage::Verify]);
    assert!(matches!(&events[0], RunEvent::Started { items: 5, .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_skipped_item_is_never_read_from_the_source() {
    let world = World::new();
    world.run(Policy::Overwrite).await;
    assert!(!world.source.state().reads.contains(&key("c")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_again_changes_nothing() {
    for policy in [Policy::Skip, Policy::Overwrite, Policy::Duplicate] {
        let world = World::new();
        // What the first run created, a second one under `duplicate` finds and copies; its copies are found again.
        for _ in 0..2 {
            let (report, _) = world.run(policy).await;
            assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
        }
        let between = world.destination.things();
        let (last, _) = world.run(policy).await;
        assert_eq!(last.status, RunStatus::Succeeded);
        assert_eq!(world.destination.things(), between, "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_snapshot_holds_what_was_overwritten_and_is_taken_before_the_first_write() {
    let world = World::new();
    let before = world.destination.things();
    world.destination.fail([Some(Fault::Refuse(ErrorKind::Forbidden))]);
    let (report, _) = world.run(Policy::Overwrite).await;
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!(world.destination.things(), before);
    let snapshot = report.snapshot.expect("a snapshot");
    let saved = read_json(snapshot.as_ref());
    let names: Vec<_> = saved.as_array().unwrap().iter().map(|pair| pair[1]["text"].as_str().unwrap()).collect();
    assert_eq!(names, ["base old", "old b", "old d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overwritten_means_no_snapshot() {
    let world = World::new();
    let (report, _) = world.run(Policy::Skip).await;
    assert_eq!((report.snapshot, world.destination.state().exported), (None, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_can_be_put_elsewhere() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    let mut spec = world.spec(plan);
    let elsewhere = world.folder.path().join("else/where");
    spec.store = spec.store.with_snapshot_dir(&elsewhere);
    let store = spec.store.clone();
    let (report, _) = ended(haul::engine::start(spec).unwrap()).await;
    let run = report.run.unwrap();
    let snapshot = elsewhere.join(format!("{run}-snapshot.json"));
    assert_eq!(report.snapshot.unwrap(), snapshot.display().to_string());
    store.remove(&run.parse().unwrap()).unwrap();
    assert!(!snapshot.exists());
    assert!(store.list().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_item_is_named_and_the_others_are_done() {
    let world = World::new();
    world.destination.fail([Some(Fault::FailFirst)]);
    let (report, events) = world.run(Policy::Overwrite).await;
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!((report.summary.failed, report.summary.pending), (1, 0));
    assert_eq!(report.items[0].error.as_deref(), Some("the server refused it"));
    assert_eq!(events.last(), Some(&RunEvent::Ended { end: RunEnd::Partial }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surprising_reply_stops_the_run() {
    let world = World::new();
    world.destination.fail([None, Some(Fault::Surprise)]);
    let (report, _) = world.run(Policy::Overwrite).await;
    assert_eq!((report.status, report.summary.pending), (RunStatus::Failed, 1));
    assert_eq!(report.error.as_ref().map(|error| error.code), Some(ErrorKind::Unexpected));
    // A person was told, and goes on all the same.
    let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surprise_in_the_last_step_leaves_nothing_pending() {
    let world = World::new();
    world.destination.fail([None, None, Some(Fault::Surprise)]);
    let (report, _) = world.run(Policy::Overwrite).await;
    assert_eq!((report.status, report.summary.pending), (RunStatus::Partial, 0));
    assert!(report.error.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_reply_is_no_lost_write_and_no_second_one() {
    for kind in [ErrorKind::TimedOut, ErrorKind::Unreachable, ErrorKind::Server] {
        for policy in [Policy::Overwrite, Policy::Duplicate] {
            let world = World::new();
            world.destination.fail([None, Some(Fault::LoseReply(kind))]);
            let (report, _) = world.run(policy).await;
            assert_eq!(report.status, RunStatus::Succeeded, "{kind} {policy} {report:?}");
            assert_eq!(world.destination.state().performed.len(), 4, "each step once");
            let unbroken = World::new();
            unbroken.run(policy).await;
            assert_eq!(world.destination.things(), unbroken.destination.things());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_never_made_is_tried_once_more() {
    for (kind, status) in [
        (ErrorKind::Unreachable, RunStatus::Succeeded),
        (ErrorKind::TimedOut, RunStatus::Succeeded),
        (ErrorKind::Forbidden, RunStatus::Failed),
    ] {
        let world = World::new();
        world.destination.fail([None, Some(Fault::Refuse(kind))]);
        let (report, _) = world.run(Policy::Overwrite).await;
        assert_eq!(report.status, status, "{kind}");
        assert_eq!(report.summary.pending, if status == RunStatus::Failed { 3 } else { 0 });
    }
    let world = World::new();
    world.destination.fail([Some(Fault::Refuse(ErrorKind::TimedOut)), Some(Fault::Refuse(ErrorKind::TimedOut))]);
    let (report, _) = world.run(Policy::Overwrite).await;
    assert_eq!((report.status, report.summary.pending), (RunStatus::Failed, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_connection_resumes_without_doubles() {
    let world = World::new();
    world.destination.fail([None, Some(Fault::CutAfterOne)]);
    let (report, _) = world.run(Policy::Duplicate).await;
    assert_eq!(report.status, RunStatus::Failed);
    let unbroken = World::new();
    unbroken.run(Policy::Duplicate).await;
    let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
    assert_eq!(world.destination.things(), unbroken.destination.things());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_an_end_like_any_other_and_does_not_repeat_what_it_said() {
    let world = World::new();
    world.destination.fail([None, Some(Fault::Panic)]);
    let (report, events) = world.run(Policy::Overwrite).await;
    assert_eq!(report.error.as_ref().map(|error| error.code), Some(ErrorKind::Internal));
    assert!(matches!(events.last(), Some(RunEvent::Ended { end: RunEnd::Failed { .. } })));
    assert_eq!((report.status, report.summary.pending), (RunStatus::Failed, 3));
    let text = std::fs::read_to_string(world.run_folder(&report).join("report.json")).unwrap();
    assert!(!text.contains("canary"));
    let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
    assert_eq!(report.status, RunStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_cancelled_run_ends_in_two_seconds_however_the_server_behaves() {
    for fault in [Fault::Stall, Fault::Block, Fault::Slow] {
        let world = World::new();
        world.destination.fail([None, Some(fault)]);
        let mut handle = world.start(Policy::Overwrite).await;
        handle.progress.wait_for(|progress| progress.step.as_deref() == Some("write 1")).await.unwrap();
        let began = Instant::now();
        handle.cancel.cancel();
        let report = (&mut handle.report).await.unwrap();
        let took = began.elapsed();
        assert!(took < Duration::from_secs(2), "{fault:?} took {took:?}");
        assert_eq!(report.status, RunStatus::Cancelled);
        assert_eq!(handle.progress.borrow().end, Some(RunEnd::Cancelled));
        // What came to its end in time is done.
        let pending = if matches!(fault, Fault::Slow) { 1 } else { 3 };
        assert_eq!(report.summary.pending, pending, "{fault:?}");
        if matches!(fault, Fault::Block) {
            continue; // it cannot be stopped, and keeps its locks
        }
        let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
        assert_eq!(report.status, RunStatus::Succeeded, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_needs_to_listen() {
    let world = World::new();
    let handle = world.start(Policy::Overwrite).await;
    drop(handle.events);
    assert_eq!(handle.report.await.unwrap().status, RunStatus::Succeeded);
    assert_eq!(handle.progress.borrow().tally.done, 5);
    assert_eq!(handle.progress.borrow().end, Some(RunEnd::Succeeded));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destination_that_keeps_something_else_is_found_out() {
    let world = World::new();
    world.destination.fail([None, Some(Fault::Garble)]);
    let (report, _) = world.run(Policy::Overwrite).await;
    assert_eq!((report.status, report.summary.failed), (RunStatus::Partial, 1));
    assert!(report.findings.iter().any(|finding| finding.code == "verify-failed" && finding.item.is_some()));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_keeps_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let (report, _) = world.run(Policy::Overwrite).await;
    let folder = world.run_folder(&report);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(
        names,
        ["journal.jsonl", "lock", "plan.json", "report.json", "snapshot.json", "spool.jsonl", "summary.json"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_counted_from_the_first() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    let relay = haul::engine::Relay::new();
    let sent = || RunEvent::RequestSent { method: "GET".into(), path: "/".into(), status: None };
    haul::model::EventSink::emit(&*relay, sent());
    let mut spec = world.spec(plan);
    spec.relay = Some(relay.clone());
    let (report, _) = ended(haul::engine::start(spec).unwrap()).await;
    assert_eq!(report.summary.requests, 1);
}
