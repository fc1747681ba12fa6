//! What follows from messages, without any task.

use super::pictures::{ended, facts, going, line, report, told};
use crate::engine::RunId;
use crate::model::{Error, ErrorKind, RunStatus, Tally};
use crate::workbench::effect::Effect;
use crate::workbench::ends::Location;
use crate::workbench::job::Job;
use crate::workbench::message::Message;
use crate::workbench::panes::transfers::effects::{End, Outcome};
use crate::workbench::panes::transfers::fold::{Facts, KEPT, Update};
use crate::workbench::panes::transfers::{self, start};
use crate::workbench::state::Pane;
use crate::workbench::testing::{click, picture, picture_at, press, state, type_in};
use crate::workbench::update::update;

#[test]
fn keys_say_why_they_do_nothing_where_nothing_runs() {
    let mut state = state();
    press(&mut state, "4");
    for key in ["x", "R", "enter", "c", "V", "tab"] {
        assert!(press(&mut state, key).is_empty());
        let notice = state.notice.take().expect("a reason");
        assert!(notice.text.contains("nothing runs") || notice.text.contains("no run ended"), "{key}: {}", notice.text);
    }
}

#[test]
fn the_bell_rings_only_after_a_long_run() {
    for (after, took, rings) in [(10, 19, true), (10, 3, false), (0, 600, false)] {
        let mut state = going(0);
        state.settings.bell_after = after;
        state.now = state.now.checked_add(jiff::SignedDuration::from_secs(took)).unwrap();
        let effects = ended(&mut state, 1, Ok(report(RunStatus::Succeeded)));
        assert_eq!(effects.iter().any(|effect| matches!(effect, Effect::Bell)), rings, "{took} s after {after} s");
        assert!(effects.iter().any(|effect| matches!(effect, Effect::History(_))), "history is read again");
    }
}

#[test]
fn the_end_is_told_wherever_one_is() {
    let mut state = going(0);
    press(&mut state, "1");
    ended(&mut state, 1, Ok(report(RunStatus::Partial)));
    assert_eq!(state.pane, Pane::Locations);
    let notice = state.notice.as_ref().unwrap();
    assert_eq!(notice.text, "dev → prod ended: 2 written, 1 failed");
    assert_eq!(transfers::sign(&state), "!");
}

#[test]
fn no_is_an_answer_and_a_question_may_be_overtaken_by_the_end() {
    let mut state = going(0);
    press(&mut state, "x");
    assert!(press(&mut state, "esc").is_empty());
    press(&mut state, "x");
    assert!(picture(&mut state).contains("nothing is written yet"));
    told(&mut state, 1, facts(), Vec::new());
    assert!(picture(&mut state).contains("2 written, 5 left"), "the question shows how far the run is");
    let all = Facts { tally: Tally { done: 7, ..Tally::default() }, ..facts() };
    told(&mut state, 1, all, Vec::new());
    assert!(picture(&mut state).contains("all is written, 7 items"));
    ended(&mut state, 1, Ok(report(RunStatus::Succeeded)));
    assert!(state.popups.is_empty(), "there is nothing left to cancel");
}

#[test]
fn a_late_cancel_says_that_all_was_written() {
    let mut state = going(0);
    told(&mut state, 1, Facts { tally: Tally { done: 7, ..Tally::default() }, ..facts() }, Vec::new());
    let mut late = report(RunStatus::Succeeded);
    late.status = RunStatus::Cancelled;
    late.error = Some(Error::new(ErrorKind::Interrupted, "interrupted").brief());
    ended(&mut state, 1, Ok(late));
    let text = &state.notice.as_ref().unwrap().text;
    assert_eq!(text, "dev → prod cancelled when all was written: 3 written, not verified");
    press(&mut state, "R");
    assert!(picture(&mut state).contains("All is written; what is left is to verify it."));
}

#[test]
fn a_log_follows_its_end_until_somebody_reads_in_it() {
    let mut state = going(0);
    let lines = |from: usize, to: usize| (from..to).map(|n| line(&format!("line {n}"))).collect::<Vec<_>>();
    told(&mut state, 1, facts(), lines(0, 100));
    assert!(picture(&mut state).contains("line 99"));
    press(&mut state, "tab up up up");
    told(&mut state, 1, facts(), lines(100, 200));
    let shown = picture(&mut state);
    assert!(shown.contains("line 96") && !shown.contains("line 199"), "{shown}");
    assert!(shown.contains("G follows the end"));
    // Old lines go, and what is read stays where it is.
    told(&mut state, 1, facts(), lines(200, KEPT + 50));
    assert!(picture(&mut state).contains("line 96"));
    press(&mut state, "G");
    told(&mut state, 1, facts(), vec![line("the last")]);
    assert!(picture(&mut state).contains("the last"));
}

#[test]
fn ended_runs_are_cleared_and_others_stay_chosen() {
    let mut state = going(0);
    start(&mut state, Job::Resume { run: id("20261121-014400-aaaa"), title: "cms → archive".into() });
    press(&mut state, "down");
    ended(&mut state, 2, Ok(report(RunStatus::Succeeded)));
    press(&mut state, "c");
    let pane = &state.transfers;
    assert_eq!((pane.runs.len(), pane.chosen().map(|run| run.number)), (1, Some(1)));
}

fn id(text: &str) -> RunId {
    RunId::parse(text).unwrap()
}

#[test]
fn a_run_that_goes_on_is_not_resumed_twice() {
    let mut state = going(0);
    let run = facts().run.unwrap();
    told(&mut state, 1, facts(), Vec::new());
    press(&mut state, "5");
    let effects = start(&mut state, Job::Resume { run, title: "dev → prod".into() });
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Transfers(_))));
    assert_eq!((state.pane, state.transfers.runs.len()), (Pane::Transfers, 1));
}

#[test]
fn a_refused_resume_keeps_the_report_and_says_why() {
    let mut state = going(0);
    told(&mut state, 1, Facts { production: false, ..facts() }, Vec::new());
    ended(&mut state, 1, Ok(report(RunStatus::Cancelled)));
    assert!(!press(&mut state, "R enter").is_empty());
    ended(
        &mut state,
        1,
        Err(Error::new(ErrorKind::Stale, "prod was http://a when the plan was made").hint("make a new plan")),
    );
    let shown = picture(&mut state);
    assert!(shown.contains("prod was http://a") && shown.contains("→ make a new plan"), "{shown}");
    assert!(state.transfers.chosen().unwrap().outcome.is_some());
}

#[test]
fn a_run_goes_on_at_production_only_after_its_name_was_typed() {
    let mut state = going(0);
    told(&mut state, 1, facts(), Vec::new());
    state.transfers.runs[0].destination = Some(Location::Remote("prod".into()));
    ended(&mut state, 1, Ok(report(RunStatus::Cancelled)));
    assert!(press(&mut state, "R enter").is_empty(), "enter alone is no answer");
    type_in(&mut state, "prod");
    assert!(!press(&mut state, "enter").is_empty());
}

#[test]
fn a_message_of_a_run_that_was_cleared_is_dropped() {
    let mut state = state();
    let end =
        End { update: Update::default(), outcome: Ok(Outcome::of(report(RunStatus::Succeeded))), destination: None };
    let effects = update(&mut state, Message::Transfers(transfers::Message::Ended(7, Box::new(end))));
    assert!(effects.is_empty() && state.notice.is_none());
}

#[test]
fn leaving_asks_while_a_run_goes_on() {
    let mut state = going(0);
    press(&mut state, "q");
    assert!(!state.over && picture(&mut state).contains("A run goes on"));
    press(&mut state, "enter");
    assert!(state.over);
}

#[test]
fn leaving_a_terminal_that_is_too_small_asks_the_same() {
    for (fleeting, said) in [(false, "It can be resumed"), (true, "nothing of it is kept")] {
        let mut state = going(0);
        state.settings.fleeting = fleeting;
        update(&mut state, Message::Resize(60, 15));
        press(&mut state, "q");
        let shown = picture_at(&mut state, (60, 15)).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(said) && shown.contains("y leaves, esc stays"), "{shown}");
    }
}

#[test]
fn the_mouse_chooses_runs_and_uses_the_footer() {
    let mut state = going(0);
    start(&mut state, Job::Resume { run: id("20261121-014400-aaaa"), title: "cms → archive".into() });
    assert_eq!(state.transfers.cursor.at, 0);
    click(&mut state, "dev → prod");
    assert_eq!(state.transfers.cursor.at, 1);
    click(&mut state, "x cancel");
    assert!(picture(&mut state).contains("Cancel the run"));
}
