//! Tests of the pane: runs that the sandbox really had, what follows from messages, and pictures.

use std::time::Instant;

use super::Message;
use super::report::Readable;
use super::rows::Row;
use crate::engine::{RunId, RunLine, RunState, RunSummary};
use crate::model::{
    Decision, Error, ErrorKind, Kind, LocationInfo, Platform, Policy, Report, RunStatus, Selection, Summary,
};
use crate::sandbox::SandboxOptions;
use crate::workbench::effect::Effect;
use crate::workbench::job::Job;
use crate::workbench::message::Message as Happened;
use crate::workbench::panes::transfers::start;
use crate::workbench::panes::transfers::tests::pictures::report;
use crate::workbench::panes::transfers::tests::world::{World, remote};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{click, coloured, gallery, picture, press, state, type_in};
use crate::workbench::theme::Theme;
use crate::workbench::update::update;

fn id(text: &str) -> RunId {
    RunId::parse(text).unwrap()
}

fn summary(status: RunStatus, ends: (&str, &str), failed: u64, pending: u64) -> RunSummary {
    let summary = Summary { create: 2, overwrite: 7, skip: 3, failed, pending, ..Summary::default() };
    RunSummary {
        status,
        source: LocationInfo::new(Platform::Ziggy, ends.0),
        destination: LocationInfo::new(Platform::Ziggy, ends.1),
        summary,
        findings: 0,
        snapshot: (status != RunStatus::Cancelled).then(|| "/state/runs/x/snapshot.json".into()),
        error: None,
        resumable: false,
        resumed: 0,
    }
}

fn line(run: &str, state: RunState, summary: RunSummary) -> RunLine {
    let resumable = summary.status == RunStatus::Cancelled || state == RunState::Interrupted;
    RunLine { id: id(run), state, resumable, summary: Ok(summary) }
}

/// Somebody went on with it twice.
fn twice(summary: RunSummary) -> RunSummary {
    RunSummary { resumed: 2, ..summary }
}

fn lines() -> Vec<RunLine> {
    let damaged = Error::new(ErrorKind::Damaged, "/state/runs/20251121-014455-zzzz/plan.json is damaged")
        .hint("its snapshot may still be there; x removes what is left");
    vec![
        line("20261121-014455-k3f9", RunState::Running, summary(RunStatus::Failed, ("dev", "prod"), 0, 4)),
        line("20261121-004455-aaaa", RunState::Ended, summary(RunStatus::Partial, ("dev", "prod"), 1, 0)),
        line("20261120-094455-bbbb", RunState::Ended, twice(summary(RunStatus::Succeeded, ("cms", "archive"), 0, 0))),
        line("20261118-014455-cccc", RunState::Ended, summary(RunStatus::Cancelled, ("space-a", "space-b"), 0, 400)),
        line("20261117-014455-dddd", RunState::Interrupted, summary(RunStatus::Failed, ("a\u{1b}[2J", "漢字"), 0, 9)),
        RunLine {
            id: id("20251121-014455-zzzz"),
            state: RunState::Interrupted,
            resumable: true,
            summary: Err(damaged),
        },
    ]
}

fn listed(state: &mut State, lines: Vec<RunLine>) -> Vec<Effect> {
    let listed = Ok(lines.into_iter().map(Row::of).collect());
    update(state, Happened::History(Message::Listed { as_of: Instant::now(), listed }))
}

/// The answer to the newest question about a report.
fn read(state: &mut State, report: Result<Report, Error>) {
    let run = state.history.chosen().expect("a run").id.clone();
    let report = report.map(|report| Box::new(Readable::new(report.into(), RunState::Ended, 0)));
    let question = state.history.question;
    update(state, Happened::History(Message::Read { question, run, report }));
}

/// Some runs, and the cursor on the second, whose report was read.
fn looking_back() -> State {
    let mut state = state();
    press(&mut state, "5");
    listed(&mut state, lines());
    press(&mut state, "down");
    state.history.question += 1;
    read(&mut state, Ok(report(RunStatus::Partial)));
    state
}

/// At every size, in colour and without.
fn pictures(name: &str, state: &mut State) {
    insta::assert_snapshot!(name, gallery(state));
}

#[test]
fn there_are_no_runs() {
    let mut state = state();
    press(&mut state, "5");
    pictures("reading", &mut state);
    listed(&mut state, Vec::new());
    pictures("nothing", &mut state);
}

#[test]
fn runs_in_every_state() {
    pictures("runs", &mut looking_back());
}

#[test]
fn runs_in_colour() {
    let mut state = looking_back();
    insta::assert_snapshot!("runs-light", coloured(&mut state, Theme::Light));
    insta::assert_snapshot!("runs-ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn a_report_on_the_whole_pane() {
    let mut state = looking_back();
    press(&mut state, "enter F");
    pictures("report", &mut state);
}

#[test]
fn reports_of_every_end() {
    for status in [RunStatus::Succeeded, RunStatus::Cancelled, RunStatus::Failed] {
        let mut state = looking_back();
        press(&mut state, "enter");
        read(&mut state, Ok(report(status)));
        pictures(&format!("report-{status}"), &mut state);
    }
}

#[test]
fn a_report_says_when_it_was_cancelled_and_that_it_was_resumed() {
    let mut state = looking_back();
    press(&mut state, "enter");
    let told = |state: &mut State, report: Report, resumed| {
        let readable = Box::new(Readable::new(report.into(), RunState::Ended, resumed));
        let (question, run) = (state.history.question, state.history.chosen().expect("a run").id.clone());
        update(state, Happened::History(Message::Read { question, run, report: Ok(readable) }));
    };
    let interrupted = Some(Error::new(ErrorKind::Interrupted, "interrupted").brief());
    told(&mut state, Report { error: interrupted.clone(), ..report(RunStatus::Cancelled) }, 0);
    pictures("report-stopped", &mut state);
    let late = Report { status: RunStatus::Cancelled, error: interrupted, ..report(RunStatus::Succeeded) };
    told(&mut state, late, 1);
    let shown = picture(&mut state);
    assert!(shown.contains("cancelled  when all was written") && shown.contains("resumed    once;"), "{shown}");
    pictures("report-late", &mut state);
}

#[test]
fn a_line_of_a_report_is_read_whole() {
    let mut state = looking_back();
    press(&mut state, "enter G up up");
    let shown = picture(&mut state);
    assert!(shown.contains("connection HubSpot: the server refused it: name alrea…"), "{shown}");
    press(&mut state, "enter");
    assert_eq!(state.popups.len(), 1);
    pictures("report-line", &mut state);
}

#[test]
fn a_list_that_grew_old_says_so_and_a_run_that_goes_on_tells_so_far() {
    let mut state = looking_back();
    let error = Error::new(ErrorKind::Io, "cannot list /state/runs: permission denied");
    update(&mut state, Happened::History(Message::Listed { as_of: Instant::now(), listed: Err(error) }));
    press(&mut state, "up");
    state.history.question += 1;
    let (question, run) = (state.history.question, state.history.chosen().expect("a run").id.clone());
    let readable = Box::new(Readable::new(report(RunStatus::Failed).into(), RunState::Running, 0));
    update(&mut state, Happened::History(Message::Read { question, run, report: Ok(readable) }));
    pictures("running", &mut state);
}

#[test]
fn questions_before_a_run_goes_on_and_before_one_is_removed() {
    let mut state = looking_back();
    press(&mut state, "down down R");
    pictures("resume", &mut state);
    press(&mut state, "esc x");
    pictures("remove-resumable", &mut state);
    press(&mut state, "esc up y");
    pictures("copied", &mut state);
}

#[test]
fn a_damaged_run_says_what_is_wrong_with_it() {
    let mut state = looking_back();
    press(&mut state, "G");
    pictures("damaged", &mut state);
}

#[test]
fn a_list_that_cannot_be_read_says_why() {
    let mut state = state();
    press(&mut state, "5");
    let error = Error::new(ErrorKind::Io, "cannot list /state/runs: permission denied").hint("look at its owner");
    update(&mut state, Happened::History(Message::Listed { as_of: Instant::now(), listed: Err(error) }));
    pictures("unreadable", &mut state);
}

#[test]
fn a_filter_and_a_question_on_top() {
    let mut state = looking_back();
    press(&mut state, "/");
    type_in(&mut state, "prod part");
    pictures("filter", &mut state);
    type_in(&mut state, "y");
    pictures("filter-none", &mut state);
    press(&mut state, "esc");
    assert_eq!(state.history.shown.len(), 6);
    press(&mut state, "x");
    pictures("remove", &mut state);
}

#[test]
fn a_report_is_read_only_when_the_cursor_rests() {
    let mut state = looking_back();
    let effects = press(&mut state, "down down");
    let mut later: Vec<_> = effects
        .into_iter()
        .map(|effect| match effect {
            Effect::After(_, message) => *message,
            other => panic!("{other:?} does not wait"),
        })
        .collect();
    let newest = later.pop().expect("two moves");
    assert!(update(&mut state, later.remove(0)).is_empty(), "it went on");
    assert!(matches!(update(&mut state, newest)[..], [Effect::History(super::Effect::Read { .. })]));
    // An answer to a question of before is dropped.
    let run = id("20261121-004455-aaaa");
    let late = Ok(Box::new(Readable::new(report(RunStatus::Partial).into(), RunState::Ended, 0)));
    update(&mut state, Happened::History(Message::Read { question: 1, run, report: late }));
    assert!(state.history.readable().is_none());
}

#[test]
fn a_new_run_does_not_move_what_is_read() {
    let mut state = looking_back();
    let mut more = lines();
    more.insert(0, line("20261121-014459-mmmm", RunState::Running, summary(RunStatus::Failed, ("x", "y"), 0, 1)));
    listed(&mut state, more);
    assert_eq!(state.history.chosen().map(|row| row.id.as_str()), Some("20261121-004455-aaaa"));
    assert_eq!(state.history.cursor.at, 2);
}

#[test]
fn a_run_that_goes_on_is_looked_at_again_while_it_is_in_view() {
    let mut state = state();
    press(&mut state, "5");
    let effects = listed(&mut state, lines());
    let again = |effects: &[Effect]| effects.iter().filter(|effect| matches!(effect, Effect::After(..))).count();
    assert_eq!(again(&effects), 1);
    assert_eq!(again(&listed(&mut state, lines())), 0, "one look is enough");
    let look = || Happened::History(Message::LookAgain);
    assert!(matches!(update(&mut state, look())[..], [Effect::History(super::Effect::List)]));
    press(&mut state, "1");
    assert!(update(&mut state, look()).is_empty());
}

#[test]
fn a_report_of_a_run_that_has_ended_since_is_read_again_though_all_was_written() {
    let mut state = state();
    press(&mut state, "5");
    listed(&mut state, lines());
    let (question, run) = (state.history.question, state.history.chosen().expect("a run").id.clone());
    let written = Report { summary: Summary { pending: 0, ..Summary::default() }, ..report(RunStatus::Failed) };
    let verifies = Box::new(Readable::new(written.into(), RunState::Running, 0));
    update(&mut state, Happened::History(Message::Read { question, run, report: Ok(verifies) }));
    let ended = || {
        let summary = summary(RunStatus::Succeeded, ("dev", "prod"), 0, 0);
        let mut lines = lines();
        lines[0] = line("20261121-014455-k3f9", RunState::Ended, summary);
        lines
    };
    assert!(matches!(listed(&mut state, ended())[..], [Effect::History(super::Effect::Read { .. })]));
    read(&mut state, Ok(report(RunStatus::Succeeded)));
    assert!(listed(&mut state, ended()).is_empty(), "what has ended stays as it is");
}

#[test]
fn a_list_that_was_overtaken_is_dropped() {
    let mut state = looking_back();
    let early = Instant::now().checked_sub(std::time::Duration::from_secs(60)).expect("a machine that is up");
    update(&mut state, Happened::History(Message::Listed { as_of: early, listed: Ok(Vec::new()) }));
    assert_eq!(state.history.rows.len(), 6);
}

#[test]
fn keys_that_make_no_sense_here_say_why() {
    let mut state = looking_back();
    for (key, place, why) in [
        ("R", 0, "it goes on"),
        ("x", 0, "it goes on"),
        ("f", 0, "it goes on"),
        ("R", 1, "f plans again what failed"),
        ("R", 2, "it is finished"),
        ("f", 2, "nothing of it failed"),
        ("o", 3, "overwrote nothing"),
    ] {
        state.history.cursor.at = place;
        assert!(press(&mut state, key).is_empty());
        let notice = state.notice.take().expect("a reason");
        assert!(notice.text.contains(why), "{key} on {place}: {}", notice.text);
    }
}

#[test]
fn paths_and_commands_are_copied() {
    let mut state = looking_back();
    let copied = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?} is no copy"),
    };
    assert_eq!(copied(press(&mut state, "y")), "haul runs show 20261121-004455-aaaa");
    assert_eq!(copied(press(&mut state, "o")), "/state/runs/x/snapshot.json");
}

#[test]
fn a_run_is_resumed_where_it_can_be_watched() {
    let mut state = looking_back();
    press(&mut state, "down down");
    let effects = press(&mut state, "R enter");
    assert_eq!(state.pane, Pane::Transfers);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Transfers(_))));
    assert!(picture(&mut state).contains("space-a → space-b"));
}

#[test]
fn the_mouse_opens_a_report() {
    let mut state = looking_back();
    click(&mut state, "cms → archive");
    assert_eq!(state.history.cursor.at, 2);
    click(&mut state, "cms → archive");
    assert!(state.history.zoomed);
    press(&mut state, "esc");
    assert!(!state.history.zoomed);
}

#[tokio::test]
async fn runs_are_read_planned_again_and_removed() {
    let mut world = World::new().await;
    let options = Selection { tags: vec!["billing".into()], ..Selection::default() };
    let job = world.transfer(&["billing"]).await;
    let planned = world.plan(Policy::Overwrite, options).await.items.len();
    let effects = start(&mut world.state, job);
    world.until_all_ended(effects).await;
    let effects = press(&mut world.state, "5");
    world.until(effects, |state| state.history.readable().is_some()).await;
    let readable = world.state.history.readable().expect("it was read");
    assert_eq!(readable.items(super::report::Items::All), planned);
    assert_eq!(world.state.history.rows[0].status(), "succeeded");
    let effects = press(&mut world.state, "Y");
    let copied = |state: &State| state.notice.as_ref().is_some_and(|notice| notice.text.starts_with("copied"));
    world.until(effects, copied).await;
    assert_eq!(world.copied, ["haul transfer dev prod --overwrite --tags billing"]);
    let effects = press(&mut world.state, "x enter");
    world.until(effects, |state| state.history.rows.is_empty()).await;
    assert!(world.state.history.readable().is_none());
}

#[tokio::test]
async fn values_of_a_run_of_before_are_filled_in() {
    let mut world = World::new().await;
    let plan = world.plan(Policy::Overwrite, Selection::everything()).await;
    let (source, destination) = (remote("dev"), remote("prod"));
    let effects = start(&mut world.state, Job::Transfer { source, destination, plan: Box::new(plan) });
    world.until_all_ended(effects).await;
    press(&mut world.state, "c");
    assert!(world.state.transfers.runs.is_empty(), "as after a new start");
    let effects = press(&mut world.state, "5");
    world.until(effects, |state| state.history.readable().is_some()).await;
    let effects = press(&mut world.state, "s");
    world.until(effects, |state| !state.popups.is_empty()).await;
    let shown = picture(&mut world.state);
    assert!(shown.contains("Value of ") && shown.contains("31 written"), "{shown}");
    type_in(&mut world.state, "canary-dev");
    let effects = press(&mut world.state, "enter enter esc");
    let filled = |state: &State| state.notice.as_ref().is_some_and(|notice| notice.text.starts_with("filled in"));
    world.until(effects, filled).await;
    assert!(world.sandbox.server("prod").dump().to_string().contains("canary-dev"));
    // It is there already: it is not added once more.
    let effects = press(&mut world.state, "5 s");
    world.until(effects, |state| !state.popups.is_empty()).await;
    assert_eq!(world.state.transfers.runs.len(), 1);
}

/// A flow that the sample content overwrites.
async fn overwritten_flow() -> (String, String) {
    let world = World::new().await;
    let selection = Selection { tags: vec!["billing".into()], ..Selection::default() };
    let plan = world.plan(Policy::Overwrite, selection).await;
    let mut flows = plan.items.iter().filter(|item| item.key.kind == Kind::Flow);
    let flow = flows.find(|item| item.decision == Decision::Overwrite).expect("a flow");
    (flow.destination_id().expect("it is there").to_owned(), flow.name.to_string())
}

#[tokio::test]
async fn what_failed_is_planned_again_with_the_options_of_the_run() {
    let (flow, name) = overwritten_flow().await;
    let faults = vec![format!("prod/fail-import={flow}")];
    let mut world = World::with(SandboxOptions { faults, ..SandboxOptions::default() }, &[]).await;
    let job = world.transfer(&["billing"]).await;
    let effects = start(&mut world.state, job);
    world.until_all_ended(effects).await;
    let effects = press(&mut world.state, "5");
    world.until(effects, |state| state.history.readable().is_some()).await;
    assert_eq!(world.state.history.rows[0].status(), "partial");
    assert!(picture(&mut world.state).contains(&name));
    let run = world.state.history.rows[0].id.clone();
    let question = super::effects::again(&world.desk, run).await.expect("a question");
    assert_eq!(question.options.policy, Policy::Overwrite);
    assert_eq!((question.options.selection.ids.len(), question.options.selection.tags.len()), (1, 0));
    let effects = press(&mut world.state, "f");
    world.until(effects, |state| state.pane == Pane::Plan).await;
}

#[tokio::test]
async fn a_run_whose_server_moved_is_not_resumed() {
    let mut world = World::with(SandboxOptions { latency: 40, ..SandboxOptions::default() }, &[]).await;
    let job = world.transfer(&["billing"]).await;
    let effects = start(&mut world.state, job);
    world.until(effects, |state| state.transfers.runs[0].facts.stage().is_some()).await;
    let effects = press(&mut world.state, "x enter");
    world.until_all_ended(effects).await;
    // The same names, other servers.
    let mut world = World::again(SandboxOptions::default(), &[], world.folder).await;
    let effects = press(&mut world.state, "5");
    world.until(effects, |state| !state.history.rows.is_empty()).await;
    let effects = press(&mut world.state, "R enter");
    world.until_all_ended(effects).await;
    let error = world.state.transfers.runs[0].error.as_ref().expect("a reason");
    assert_eq!(error.code, ErrorKind::Stale);
    assert!(error.message.contains("when the plan was made"), "{}", error.message);
}

#[tokio::test]
async fn damaged_folders_spoil_no_list() {
    let world = World::new().await;
    let runs = world.desk.paths.state_dir().join("runs");
    for (name, files) in [
        ("20261121-014455-aaaa", &[][..]),
        ("20261121-014455-bbbb", &[("plan.json", "{"), ("report.json", "no")]),
        ("20261121-014455-cccc", &[("journal.jsonl", "\u{0}")]),
    ] {
        std::fs::create_dir_all(runs.join(name)).expect("a folder");
        for (file, text) in files {
            std::fs::write(runs.join(name).join(file), text).expect("a file");
        }
    }
    let lines = world.desk.store().summaries().expect("a list");
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.summary.is_err()));
    let rows: Vec<_> = lines.into_iter().map(Row::of).collect();
    assert!(rows.iter().all(|row| row.status() == "damaged" && row.known.is_err()));
}
