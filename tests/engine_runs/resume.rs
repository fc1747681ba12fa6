//! A run that was killed at any moment comes to the same end as one that was not.

use std::path::Path;
use std::sync::Arc;

use haul::engine::{RunState, resume};
use haul::model::{Error, ErrorKind, ItemResult, Policy, Report, Result, RunStatus};

use crate::world::{Fault, Things, World, comparable, ended, key};

/// An unbroken run, and what is needed to play a crash at each of its moments.
struct Unbroken {
    world: World,
    report: Report,
    journal: Vec<u8>,
    looks: Vec<Things>,
    content: std::collections::BTreeMap<haul::model::ItemKey, (String, String, Vec<haul::model::ItemKey>)>,
}

async fn unbroken(policy: Policy, faults: &[Option<Fault>]) -> Unbroken {
    unbroken_in(World::new(), policy, faults).await
}

async fn unbroken_in(world: World, policy: Policy, faults: &[Option<Fault>]) -> Unbroken {
    world.destination.fail(faults.iter().copied());
    let first = world.destination.things();
    let (report, _) = world.run(policy).await;
    let journal = std::fs::read(world.run_folder(&report).join("journal.jsonl")).unwrap();
    let mut looks = world.destination.state().looks.clone();
    if looks.is_empty() {
        looks.push(first);
    }
    let content = world.destination.content();
    Unbroken { world, report, journal, looks, content }
}

/// The lines of a journal, each with its end.
fn lines(journal: &[u8]) -> Vec<&[u8]> {
    journal.split_inclusive(|byte| *byte == b'\n').collect()
}

/// How many items the results of these lines wrote, and how many an open intent may have written beyond.
fn written(lines: &[&[u8]]) -> (usize, usize) {
    let (mut settled, mut open) = (0, 0);
    for line in lines {
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        let entry = &value["entry"];
        let items = entry["items"].as_array().map_or(0, Vec::len);
        match entry["record"].as_str() {
            Some("intent") => open = items,
            Some("result") => {
                let done = entry["items"].as_array().unwrap().iter().filter(|item| item["error"].is_null()).count();
                (settled, open) = (settled + done, 0);
            }
            _ => {}
        }
    }
    (settled, open)
}

impl Unbroken {
    fn folder(&self) -> std::path::PathBuf {
        self.world.run_folder(&self.report)
    }

    /// As if the process had been killed with this journal on disk and the destination looking like this.
    async fn resume_from(&self, journal: &[u8], look: &Things) -> Report {
        std::fs::write(self.folder().join("journal.jsonl"), journal).unwrap();
        let _ = std::fs::remove_file(self.folder().join("report.json"));
        self.world.destination.state().things = look.clone();
        self.world.destination.fail([]);
        let store = self.world.store();
        let stored = store.find(self.report.run.as_deref().unwrap()).unwrap();
        assert_eq!(stored.state().unwrap(), RunState::Interrupted);
        let mut spec = self.world.resume_spec(stored.id().clone());
        spec.source = stored.needs_source().unwrap().then(|| Arc::new(self.world.source.clone()) as _);
        ended(resume(spec).unwrap()).await.0
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_a_run_comes_to_the_same_end() {
    let mut crashes = 0;
    for policy in [Policy::Overwrite, Policy::Duplicate, Policy::Skip] {
        for fault in [None, Some(Fault::FailFirst)] {
            let run = unbroken(policy, &[None, fault]).await;
            let lines = lines(&run.journal);
            for cut in 1..=lines.len() {
                let (settled, open) = written(&lines[..cut]);
                let whole = lines[..cut].concat();
                // Torn in the middle of the next line: the moment is the same.
                let torn =
                    [&whole[..], lines.get(cut).map_or(&b"{\"n\":"[..], |next| &next[..next.len() / 2])].concat();
                for journal in [whole, torn] {
                    // The items of an open step may have been written one by one; with an injected refusal the look
                    // of an open step is another one than the unbroken run had.
                    let last = if fault.is_some() { settled } else { settled + open };
                    for written in settled..=last {
                        let report = run.resume_from(&journal, &run.looks[written]).await;
                        let what = format!("{policy} {fault:?}, cut at {cut}, {written} written");
                        if fault.is_none() {
                            assert_eq!(without_steps(&report), without_steps(&run.report), "{what}");
                            assert_eq!(run.world.destination.content(), run.content, "{what}");
                        }
                        assert_eq!(report.summary.pending, 0, "{what}");
                        crashes += 1;
                    }
                }
            }
        }
    }
    assert!(crashes > 100, "{crashes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_gives_ids_of_its_own_gets_nothing_twice() {
    for policy in [Policy::Overwrite, Policy::Skip, Policy::Duplicate] {
        let mut world = World::new();
        world.destination = world.destination.giving_ids();
        let run = unbroken_in(world, policy, &[]).await;
        assert_eq!(run.report.status, RunStatus::Succeeded, "{:?}", run.report);
        let lines = lines(&run.journal);
        for cut in 1..=lines.len() {
            let (settled, open) = written(&lines[..cut]);
            for written in settled..=settled + open {
                let report = run.resume_from(&lines[..cut].concat(), &run.looks[written]).await;
                let what = format!("{policy}, cut at {cut}, {written} written");
                assert_eq!(without_steps(&report), without_steps(&run.report), "{what}");
                assert_eq!(run.world.destination.content(), run.content, "{what}");
            }
        }
    }
}

/// What a lost reply said of a step is lost with it; everything else is equal.
fn without_steps(report: &Report) -> Report {
    let mut report = comparable(report);
    report.findings.retain(|finding| finding.code != "saved-version");
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_steps_even_the_findings_are_equal() {
    let run = unbroken(Policy::Overwrite, &[]).await;
    let lines = lines(&run.journal);
    for cut in 1..=lines.len() {
        let (settled, open) = written(&lines[..cut]);
        if open == 0 {
            let report = run.resume_from(&lines[..cut].concat(), &run.looks[settled]).await;
            assert_eq!(comparable(&report), comparable(&run.report), "cut at {cut}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_does_not_hide_a_surprise() {
    let run = unbroken(Policy::Overwrite, &[None, Some(Fault::Surprise)]).await;
    assert_eq!(run.report.status, RunStatus::Failed);
    let performed = run.world.destination.state().performed.len();
    let things = run.world.destination.things();
    let report = run.resume_from(&run.journal, &things).await;
    assert_eq!(comparable(&report), comparable(&run.report));
    assert_eq!(run.world.destination.state().performed.len(), performed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_changed_meanwhile_is_not_overwritten() {
    let world = World::new();
    world.destination.fail([Some(Fault::Refuse(ErrorKind::Forbidden))]);
    let (report, _) = world.run(Policy::Overwrite).await;
    world.destination.edit(&key("d"), "theirs");
    world.destination.put(key("e"), "epsilon", "theirs too", &[]);
    let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
    assert_eq!((report.status, report.summary.failed), (RunStatus::Partial, 2));
    let after = world.destination.content();
    assert_eq!((after[&key("d")].1.as_str(), after[&key("e")].1.as_str()), ("theirs", "theirs too"));
    assert_eq!(after[&key("b")].1, "new b");
    let failed: Vec<_> = report.items.iter().filter(|item| item.result == ItemResult::Failed).collect();
    assert!(failed.iter().all(|item| item.error.as_deref().is_some_and(|error| error.contains("changed"))));
    let codes = report.findings.iter().filter(|finding| finding.code == "changed-since-plan").count();
    assert_eq!(codes, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_run_needs_its_source_no_more() {
    let world = World::new();
    world.destination.fail([None, Some(Fault::Refuse(ErrorKind::Forbidden))]);
    let (report, _) = world.run(Policy::Overwrite).await;
    world.source.state().things.clear();
    let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
}

fn refusal(world: &World, run: &str) -> Error {
    let refused: Result<_> = resume(world.resume_spec(run.parse().unwrap()));
    refused.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_run_is_not_resumed() {
    let world = World::new();
    let (report, _) = world.run(Policy::Overwrite).await;
    let error = refusal(&world, report.run.as_deref().unwrap());
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::NotResumable, 4));
    assert!(error.message().contains("finished"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_had_not_everything_on_disk_says_that_it_needs_its_source() {
    let run = unbroken(Policy::Overwrite, &[]).await;
    let first = lines(&run.journal)[0];
    std::fs::write(run.folder().join("journal.jsonl"), first).unwrap();
    std::fs::remove_file(run.folder().join("report.json")).unwrap();
    let error = refusal(&run.world, run.report.run.as_deref().unwrap());
    assert_eq!(error.kind(), ErrorKind::NotResumable);
    assert!(error.hint_text().unwrap().contains("source"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_run_is_not_resumed() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    world.destination.edit(&key("d"), "edited");
    let (report, _) = ended(haul::engine::start(world.spec(plan)).unwrap()).await;
    assert_eq!(refusal(&world, report.run.as_deref().unwrap()).kind(), ErrorKind::NotResumable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_journal_or_spool_is_an_error_and_writes_nothing() {
    for file in ["journal.jsonl", "spool.jsonl"] {
        let world = World::new();
        world.destination.fail([None, Some(Fault::Refuse(ErrorKind::Forbidden))]);
        let (report, _) = world.run(Policy::Overwrite).await;
        let path = world.run_folder(&report).join(file);
        flip_a_bit(&path, 60);
        let before = world.destination.things();
        let run = report.run.as_deref().unwrap();
        let code = match resume(world.resume_spec(run.parse().unwrap())) {
            Err(error) => error.kind(),
            Ok(handle) => ended(handle).await.0.error.unwrap().code,
        };
        assert_eq!(code, ErrorKind::Damaged, "{file}");
        assert_eq!(world.destination.things(), before);
    }
}

fn flip_a_bit(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_found_by_the_beginning_of_its_name() {
    let world = World::new();
    let (report, _) = world.run(Policy::Skip).await;
    let store = world.store();
    let run = report.run.unwrap();
    assert_eq!(store.find(&run[..10]).unwrap().id().as_str(), run);
    assert_eq!(store.find("last").unwrap().id().as_str(), run);
    assert_eq!(store.find("x").unwrap_err().kind(), ErrorKind::UnknownRun);
    assert_eq!(store.find("").unwrap_err().kind(), ErrorKind::UnknownRun);
    let entry = &store.list().unwrap()[0];
    assert_eq!((entry.state, entry.resumable), (RunState::Ended, false));
    assert_eq!(entry.report.as_ref().unwrap().status, RunStatus::Succeeded);
    assert!(store.gc("2000-01-01T00:00:00Z".parse().unwrap()).unwrap().is_empty());
    assert_eq!(store.gc("2200-01-01T00:00:00Z".parse().unwrap()).unwrap().len(), 1);
    assert!(store.list().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_runs_tells_the_same_with_and_without_its_summary() {
    let world = World::new();
    world.destination.fail([None, Some(Fault::Refuse(ErrorKind::Forbidden))]);
    let (report, _) = world.run(Policy::Overwrite).await;
    let told = |world: &World| {
        let line = world.store().summaries().unwrap().remove(0);
        let resumable = world.store().list().unwrap()[0].resumable;
        assert_eq!(line.resumable, resumable);
        (line.state, line.resumable, line.summary.unwrap())
    };
    let before = told(&world);
    assert_eq!((before.0, before.1, before.2.status), (RunState::Ended, true, RunStatus::Failed));
    assert_eq!((&before.2.summary, &before.2.snapshot), (&report.summary, &report.snapshot));
    std::fs::remove_file(world.run_folder(&report).join("summary.json")).unwrap();
    assert_eq!(told(&world), before);
    let (report, _) = world.resume(report.run.as_deref().unwrap()).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{report:?}");
    let after = told(&world);
    assert_eq!((after.1, after.2.status, &after.2.summary), (false, RunStatus::Succeeded, &report.summary));
    std::fs::remove_file(world.run_folder(&report).join("report.json")).unwrap();
    assert_eq!(told(&world).0, RunState::Interrupted, "a summary does not speak for a report that is gone");
}
