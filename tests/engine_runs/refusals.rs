//! What stops before anything changes.

use haul::engine::{RunState, WhenBusy, start};
use haul::model::{ErrorKind, Finding, Policy, RunStatus};

use crate::world::{Fault, World, base, ended, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_plan_names_what_changed_and_changes_nothing() {
    type Edit = fn(&World);
    let edits: [(&str, Edit); 6] = [
        ("source item edited", |world| world.source.edit(&key("a"), "edited")),
        ("destination item edited", |world| world.destination.edit(&key("d"), "edited")),
        ("destination item of a name match edited", |world| world.destination.edit(&base("b9"), "edited")),
        ("source item gone", |world| drop(world.source.state().things.remove(&key("e")))),
        ("destination item gone", |world| drop(world.destination.state().things.remove(&key("b")))),
        ("destination item new", |world| world.destination.put(key("a"), "alpha", "theirs", &[])),
    ];
    for (name, edit) in edits {
        let world = World::new();
        let plan = world.plan(Policy::Overwrite).await;
        edit(&world);
        let before = world.destination.things();
        let (report, _) = ended(start(world.spec(plan)).unwrap()).await;
        let error = report.error.expect(name);
        assert_eq!((error.code, error.code.exit_code()), (ErrorKind::Stale, 4), "{name}");
        assert_eq!(report.status, RunStatus::Failed);
        assert_eq!(world.destination.things(), before, "{name}");
        assert_eq!(world.destination.state().performed.len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_between_planning_and_reading_is_caught_without_a_second_survey() {
    let world = World::new();
    let survey = haul::engine::survey(&world.source, &world.destination, crate::world::options(Policy::Overwrite));
    let survey = survey.await.unwrap();
    world.source.edit(&key("a"), "edited");
    let mut spec = world.spec(survey.plan);
    let (source, destination) = (survey.source, survey.destination);
    spec.freshness = haul::engine::Freshness::JustSurveyed { source, destination };
    let (report, _) = ended(start(spec).unwrap()).await;
    let error = report.error.unwrap();
    assert_eq!(error.code, ErrorKind::Stale);
    assert!(error.message.contains("object:a"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_changes_of_a_location_do_not_make_a_plan_stale() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    world.destination.edit(&key("z"), "edited");
    let (report, _) = ended(start(world.spec(plan)).unwrap()).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_finding_leaves_nothing_behind() {
    let world = World::new();
    let mut plan = world.plan(Policy::Overwrite).await;
    plan.findings.push(Finding::blocking("ambiguous", "two fit").on(&key("a")));
    let error = start(world.spec(plan)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BlockingFinding);
    assert_eq!(error.item_keys(), [key("a")]);
    assert!(world.store().list().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_for_another_destination_is_refused() {
    let world = World::new();
    let mut plan = world.plan(Policy::Overwrite).await;
    plan.destination.identity = Some("https://elsewhere.example".into());
    assert_eq!(start(world.spec(plan)).unwrap_err().kind(), ErrorKind::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_do_not_write_to_one_destination() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    world.destination.fail([Some(Fault::Stall)]);
    let mut first = world.start(Policy::Overwrite).await;
    first.progress.wait_for(|progress| progress.step.as_deref() == Some("write 0")).await.unwrap();

    let error = start(world.spec(plan.clone())).unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Busy, 4));
    assert!(error.message().contains(first.id.as_str()), "{error}");
    let entries = world.store().list().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].state, RunState::Running);
    assert_eq!(world.store().remove(&first.id).unwrap_err().kind(), ErrorKind::Busy);

    let mut spec = world.spec(plan);
    spec.when_busy = WhenBusy::Wait;
    let mut second = start(spec).unwrap();
    second.progress.wait_for(|progress| progress.waited_milliseconds > 0).await.unwrap();
    first.cancel.cancel();
    let (report, _) = ended(first).await;
    assert_eq!(report.status, RunStatus::Cancelled);
    let (report, _) = ended(second).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_run_can_be_cancelled() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    world.destination.fail([Some(Fault::Stall)]);
    let mut first = world.start(Policy::Overwrite).await;
    first.progress.wait_for(|progress| progress.step.as_deref() == Some("write 0")).await.unwrap();
    let mut spec = world.spec(plan);
    spec.when_busy = WhenBusy::Wait;
    let second = start(spec).unwrap();
    second.cancel.cancel();
    let (report, _) = ended(second).await;
    assert_eq!((report.status, report.summary.pending), (RunStatus::Cancelled, 5));
    first.cancel.cancel();
    ended(first).await;
}

/// The kernel refuses to grow a file beyond a limit, as a full disk does.
#[cfg(unix)]
#[test]
fn a_full_disk_stops_the_run_before_a_write_without_a_journal() {
    let this = std::env::current_exe().unwrap();
    for blocks in [1, 2, 4, 6, 8, 10, 12] {
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --exact refusals::on_a_full_disk --ignored --nocapture"
        );
        let output = std::process::Command::new("bash").arg("-c").arg(script).arg(&this).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{blocks} blocks: {text} {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, with a limit on the size of files"]
async fn on_a_full_disk() {
    let world = World::empty();
    for n in 0..20 {
        world.source.put(key(&format!("k{n}")), &format!("name {n}"), &"x".repeat(50), &[]);
        world.destination.put(key(&format!("k{n}")), &format!("name {n}"), "old", &[]);
    }
    let plan = world.plan(Policy::Overwrite).await;
    let before = world.destination.things();
    match start(world.spec(plan)) {
        Err(error) => assert_eq!(error.kind(), ErrorKind::DiskFull),
        Ok(handle) => {
            let (report, _) = ended(handle).await;
            if report.status == RunStatus::Succeeded {
                return; // the limit was wide enough
            }
            assert_eq!(report.error.unwrap().code, ErrorKind::DiskFull);
            let folder = world.folder.path().join("runs").join(report.run.unwrap());
            let journal = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap();
            let intents = journal.lines().filter(|line| line.contains("\"record\":\"intent\"")).count();
            assert_eq!(world.destination.state().performed.len(), intents, "a write without an intent");
        }
    }
    if world.destination.state().performed.is_empty() {
        assert_eq!(world.destination.things(), before);
    }
}
