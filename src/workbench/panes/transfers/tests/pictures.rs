//! Pictures of the pane in every state, at every size; and what the tests of messages make runs of.

use crate::engine::RunId;
use crate::model::{
    Candidate, Decision, Error, ErrorKind, Finding, FolderFormat, Forecast, ItemKey, ItemResult, Kind, LocationInfo,
    MatchMethod, Plan, PlanOptions, Platform, Policy, Reason, Report, ReportItem, RunStatus, Selection, Severity,
    Stage, Summary, Tally, code,
};
use crate::workbench::effect::Effect;
use crate::workbench::ends::{Location, NewBundle};
use crate::workbench::job::{Export, Job};
use crate::workbench::message::Message;
use crate::workbench::panes::history::report_text;
use crate::workbench::panes::transfers::effects::{End, Outcome};
use crate::workbench::panes::transfers::fold::{Facts, KindCount, Line, Update};
use crate::workbench::panes::transfers::meter::Pace;
use crate::workbench::panes::transfers::{self, start};
use crate::workbench::shell::View;
use crate::workbench::state::State;
use crate::workbench::testing::{coloured, gallery, press, state, type_in};
use crate::workbench::theme::Theme;
use crate::workbench::update::update;

const RUN: &str = "20261121-014441-k3f9";

/// A run from dev to prod, of a plan that nobody looks into.
pub fn job() -> Job {
    let ends = |name| LocationInfo::new(Platform::Ziggy, name);
    let plan = Plan {
        source: ends("dev"),
        destination: ends("prod"),
        options: PlanOptions::of(Policy::Overwrite),
        items: Vec::new(),
        findings: Vec::new(),
        effects: Vec::new(),
    };
    let remote = |name: &str| Location::Remote(name.into());
    Job::Transfer { source: remote("dev"), destination: remote("prod"), plan: Box::new(plan) }
}

/// A run that goes on since so many seconds, and nothing of it was told yet.
pub fn going(seconds: i64) -> State {
    let mut state = state();
    let now = state.now;
    state.now = now.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap();
    start(&mut state, job());
    state.now = now;
    state
}

pub fn facts() -> Facts {
    Facts {
        run: Some(RunId::parse(RUN).unwrap()),
        production: true,
        stages: vec![Stage::Check, Stage::Fetch, Stage::Snapshot, Stage::Write],
        current: Some("write connection HubSpot".into()),
        items_total: 7,
        bytes_total: 40_000,
        tally: Tally { done: 2, failed: 0, skipped: 3 },
        bytes: 52_000,
        requests: 31,
        requests_of_writing: 9,
        forecast: None,
        waited_milliseconds: 2_000,
        warnings: 1,
        kinds: vec![
            KindCount { kind: Kind::Secret, total: 1, finished: 1, failed: 0 },
            KindCount { kind: Kind::Connection, total: 2, finished: 1, failed: 0 },
            KindCount { kind: Kind::Flow, total: 4, finished: 0, failed: 0 },
        ],
        waits: None,
        pace: Pace {
            bytes: 1_258_291.0,
            requests: 3.0,
            requests_of_writing: Some(2.9),
            history: vec![0.0, 2.0, 5.0, 9.0, 9.0, 7.0, 8.0],
        },
        left: Some(std::time::Duration::from_secs(12)),
    }
}

pub fn line(text: &str) -> Line {
    Line { at: "2026-11-21T01:44:50Z".parse().unwrap(), text: text.into(), severity: None, detail: false }
}

fn lines() -> Vec<Line> {
    let request = Line { detail: true, ..line("PUT /api/connection → 429") };
    let waited = "waited 2.0 s: the server answered 429";
    vec![
        line("run 20261121-014441-k3f9 started, 7 to write"),
        line("checking both ends against the plan"),
        line("fetching what will be written"),
        line("saving what will be changed"),
        line("writing"),
        line("created secret TWILIO_SID"),
        request,
        Line { severity: Some(Severity::Warning), ..line(waited) },
        line("overwrote connection Twilio \u{1b}[31m漢字"),
    ]
}

/// Tells a run's news.
pub fn told(state: &mut State, number: u64, facts: Facts, lines: Vec<Line>) {
    let news = transfers::Message::Progressed(number, Box::new(Update { facts, lines }));
    assert!(update(state, Message::Transfers(news)).is_empty());
}

/// Ends a run.
pub fn ended(state: &mut State, number: u64, outcome: Result<Report, Error>) -> Vec<Effect> {
    let known = state.transfers.runs.iter().find(|run| run.number == number);
    let facts = known.map(|run| run.facts.clone()).unwrap_or_default();
    let news = Update { facts, lines: Vec::new() };
    let end = End { update: news, outcome: outcome.map(Outcome::of), destination: None };
    update(state, Message::Transfers(transfers::Message::Ended(number, Box::new(end))))
}

pub fn item(kind: Kind, id: &str, name: &str, decision: Decision, result: ItemResult) -> ReportItem {
    let matched = (decision == Decision::Overwrite).then(|| Candidate { id: id.into(), name: name.into() });
    ReportItem {
        key: ItemKey::new(kind, id),
        name: name.into(),
        tags: Box::default(),
        match_: if matched.is_some() { MatchMethod::Uuid } else { MatchMethod::Unmatched },
        matched,
        decision,
        reason: Reason::Policy,
        changed: None,
        result,
        new_id: None,
        error: (result == ItemResult::Failed).then(|| "the server refused it: name already in use".into()),
    }
}

/// Three items: one created, one overwritten, and one that the status lets fail or leaves.
pub fn report(status: RunStatus) -> Report {
    let last = match status {
        RunStatus::Partial => ItemResult::Failed,
        RunStatus::Cancelled | RunStatus::Failed => ItemResult::Pending,
        RunStatus::Succeeded | RunStatus::Planned => ItemResult::Done,
    };
    let items = vec![
        item(Kind::Connection, "c1", "HubSpot", Decision::Overwrite, last),
        item(Kind::Flow, "f1", "Dunning", Decision::Overwrite, ItemResult::Done),
        item(Kind::Secret, "s1", "TWILIO_SID", Decision::Create, ItemResult::Done),
    ];
    let secret = items[2].key.clone();
    let mut report = Report {
        mode: crate::model::Mode::Merge,
        schema: Report::SCHEMA,
        run: Some(RUN.into()),
        status,
        source: LocationInfo::new(Platform::Ziggy, "dev"),
        destination: LocationInfo::new(Platform::Ziggy, "prod"),
        summary: Summary { bytes: 52_000, seconds: 19.4, requests: 48, ..Summary::default() },
        findings: vec![Finding::warning(code::SECRET_WITHOUT_VALUE, "has no value").on(&secret)],
        effects: Vec::new(),
        items,
        snapshot: Some("/home/me/.local/state/haul/runs/20261121-014441-k3f9/snapshot.json".into()),
        error: None,
    };
    if status == RunStatus::Failed {
        let error = Error::new(ErrorKind::Unreachable, "prod: the connection was lost");
        report.error = Some(error.hint("check the network; R resumes the run").brief());
    }
    report.count();
    report
}

fn watched() -> State {
    let mut state = going(19);
    told(&mut state, 1, facts(), lines());
    state
}

/// At every size, in colour and without.
fn pictures(name: &str, state: &mut State) {
    insta::assert_snapshot!(name, gallery(state));
}

#[test]
fn nothing_runs() {
    let mut state = state();
    press(&mut state, "4");
    pictures("nothing", &mut state);
}

#[test]
fn a_run_goes_on() {
    pictures("going", &mut watched());
}

#[test]
fn a_run_whose_requests_are_foreseen_says_how_many_are_left_and_what_of_the_rate_they_use() {
    let forecast = Some(Forecast { requests: 1_240, rate: Some(10.0) });
    let pace = Pace { requests: 9.7, requests_of_writing: Some(9.7), ..facts().pace };
    let left = Some(std::time::Duration::from_secs(124));
    let mut state = going(19);
    told(&mut state, 1, Facts { forecast, pace, left, requests_of_writing: 31, ..facts() }, lines());
    pictures("foreseen", &mut state);
}

#[test]
fn a_run_in_colour() {
    let mut state = watched();
    insta::assert_snapshot!("going-light", coloured(&mut state, Theme::Light));
    insta::assert_snapshot!("going-ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn a_run_that_was_just_asked_for() {
    pictures("opening", &mut going(1));
}

#[test]
fn the_log_with_every_detail_has_the_room() {
    let mut state = watched();
    press(&mut state, "V tab up");
    pictures("log", &mut state);
}

#[test]
fn several_runs_in_every_state() {
    let mut state = watched();
    let resume = |n: u64| Job::Resume {
        run: RunId::parse(&format!("20261121-01430{n}-abcd")).unwrap(),
        title: format!("space-{n} → a server with a long name"),
    };
    for (n, status) in (2..).zip([RunStatus::Succeeded, RunStatus::Partial, RunStatus::Failed, RunStatus::Cancelled]) {
        start(&mut state, resume(n));
        ended(&mut state, n, Ok(report(status)));
    }
    start(&mut state, resume(6));
    let waits = Some("run 20261121-014441-k3f9 writes to prod".to_owned());
    told(&mut state, 6, Facts { waits, ..Facts::default() }, Vec::new());
    state.notice = None;
    pictures("several", &mut state);
}

#[test]
fn the_ends_of_runs() {
    for status in [RunStatus::Succeeded, RunStatus::Partial, RunStatus::Failed, RunStatus::Cancelled] {
        let mut state = watched();
        ended(&mut state, 1, Ok(report(status)));
        pictures(&format!("ended-{status}"), &mut state);
    }
}

#[test]
fn a_run_that_never_began() {
    let mut state = going(2);
    let error = Error::new(ErrorKind::Unauthorized, "prod does not accept the login of demo")
        .hint("type the password again: e on 1, or haul remote edit prod");
    ended(&mut state, 1, Err(error));
    state.notice = None;
    pictures("refused", &mut state);
}

#[test]
fn a_question_before_a_run_goes_on() {
    let mut state = watched();
    state.transfers.runs[0].destination = Some(Location::Remote("prod".into()));
    ended(&mut state, 1, Ok(report(RunStatus::Cancelled)));
    press(&mut state, "R");
    pictures("resume", &mut state);
}

#[test]
fn questions_and_the_report_on_top() {
    let mut state = watched();
    press(&mut state, "x");
    pictures("cancel", &mut state);
    press(&mut state, "esc");
    ended(&mut state, 1, Ok(report(RunStatus::Partial)));
    let effects = press(&mut state, "enter");
    let [Effect::Transfers(transfers::Effect::Read { title, report, columns })] = &effects[..] else {
        panic!("{effects:?} reads no report");
    };
    let view = View::new(title.clone(), report_text(report, 0, *columns));
    update(&mut state, Message::Transfers(transfers::Message::Readable(Box::new(view))));
    pictures("report", &mut state);
}

/// An export to a new bundle.
fn export() -> Job {
    let bundle = NewBundle {
        path: "/work/out/flows.json".into(),
        sealed: false,
        compressed: false,
        redacted: false,
        folder: FolderFormat::default(),
        replace: false,
    };
    Job::Export(Box::new(Export {
        source: Location::Remote("dev".into()),
        selection: Selection::everything(),
        dependencies: None,
        bundle,
        key: None,
        items: 7,
        bytes: 40_000,
    }))
}

#[test]
fn an_export_goes_on_and_may_be_cancelled() {
    let mut state = state();
    start(&mut state, export());
    let stages = vec![Stage::Check, Stage::Write];
    let facts = Facts { run: None, production: false, stages, kinds: Vec::new(), ..facts() };
    told(&mut state, 1, facts, vec![line("reading the source"), line("writing the bundle")]);
    pictures("export", &mut state);
    press(&mut state, "x");
    pictures("export-cancel", &mut state);
    press(&mut state, "enter");
    pictures("export-cancelling", &mut state);
}

#[test]
fn a_run_that_was_cancelled_goes_on_where_it_stopped() {
    let mut state = watched();
    press(&mut state, "x enter");
    pictures("cancelling", &mut state);
    let mut cancelled = report(RunStatus::Cancelled);
    cancelled.error = Some(Error::new(ErrorKind::Interrupted, "interrupted").brief());
    ended(&mut state, 1, Ok(cancelled));
    press(&mut state, "R");
    type_in(&mut state, "prod");
    press(&mut state, "enter");
    let facts = Facts { stages: vec![Stage::Write], waits: None, ..facts() };
    told(&mut state, 1, facts, Vec::new());
    pictures("resumed", &mut state);
}

#[test]
fn a_line_of_the_log_is_read_whole() {
    let mut state = watched();
    press(&mut state, "tab up enter");
    pictures("whole-line", &mut state);
}

#[test]
fn a_defect_ends_a_run_and_says_where_its_report_is() {
    let mut state = watched();
    let mut stopped = report(RunStatus::Failed);
    let defect = Error::new(ErrorKind::Internal, "a defect of Haul stopped the run");
    stopped.error = Some(defect.hint("`haul runs resume 20261121-014441-k3f9` goes on with it").brief());
    ended(&mut state, 1, Ok(stopped));
    state.notice = None;
    pictures("defect", &mut state);
}

#[test]
fn a_resume_that_is_refused_leaves_the_report() {
    let mut state = watched();
    ended(&mut state, 1, Ok(report(RunStatus::Cancelled)));
    let error = Error::new(ErrorKind::Stale, "prod was http://a when the plan was made");
    ended(&mut state, 1, Err(error.hint("make a new plan")));
    pictures("resume-refused", &mut state);
}
