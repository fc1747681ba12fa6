//! Plans at rest, and as a summary for people.

use haul::model::{Decision, Error, ErrorKind, Kind, Plan, Policy, Result};
use haul::planner::{file, markdown};
use proptest::prelude::*;
use rstest::rstest;

use crate::world::{World, flow, options, plan, rules, secret, thing};

fn sample() -> Plan {
    let source = World::of([
        (flow("a"), thing("Orders", "1").by_id(&flow("b")).by_name(Kind::Secret, "TOKEN").tagged(&["sales"])),
        (flow("b"), thing("Invoices | @all", "1").by_id(&flow("gone"))),
        (flow("c"), thing("Copies", "1")),
        (flow("d"), thing("Same", "1")),
        (secret("t"), thing("TOKEN", "")),
    ]);
    let destination = World::of([
        (flow("a"), thing("Old orders", "old")),
        (flow("x"), thing("Copies", "1")),
        (flow("y"), thing("Copies", "2")),
        (flow("d"), thing("Same", "1")),
    ]);
    let mut options = options(Policy::Overwrite);
    options.decisions.insert(flow("d"), Decision::Duplicate);
    plan(&source, &destination, &[], options).expect("a plan")
}

/// Changes one line of the file.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is in {text}");
    text.replacen(from, to, 1)
}

/// Changes the decision of an item.
fn decided(text: &str, id: &str, decision: &str) -> String {
    let items = text.find("\"items\"").expect("a list of items");
    let at = items + text[items..].find(&format!("\"id\": \"{id}\"")).expect("the item is there");
    let from = at + text[at..].find("\"decision\": \"").expect("it has a decision") + "\"decision\": \"".len();
    let to = from + text[from..].find('"').expect("the word ends");
    format!("{}{decision}{}", &text[..from], &text[to..])
}

fn refused(text: &str) -> Error {
    file::read(text).expect_err("refused")
}

#[test]
fn a_plan_reads_back_as_it_was_written() {
    let plan = sample();
    let text = file::write(&plan);
    assert_eq!(file::read(&text).expect("unedited"), (plan, file::Edits::new()));
    let squeezed = serde_json::from_str::<serde_json::Value>(&text).expect("JSON").to_string();
    assert!(file::read(&squeezed).is_ok(), "white space does not matter");
    assert!(file::read(&format!("\u{feff}{text}")).is_ok(), "nor what some editors put in front");
}

#[test]
fn edited_decisions_are_told_beside_the_plan_that_was_proposed() -> Result<()> {
    let plan = sample();
    let text = decided(&decided(&file::write(&plan), "a", "skip"), "d", "overwrite");
    let (read, edits) = file::read(&text)?;
    assert_eq!(read, plan);
    assert_eq!(edits.into_iter().collect::<Vec<_>>(), [(flow("a"), Decision::Skip), (flow("d"), Decision::Overwrite)]);
    Ok(())
}

#[test]
fn illegal_decisions_are_all_refused_with_their_reasons() {
    let plan = sample();
    let text = decided(&decided(&file::write(&plan), "a", "create"), "b", "overwrite");
    let error = refused(&decided(&text, "c", "overwrite"));
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::InvalidPlan, 4));
    assert_eq!(error.item_keys(), [flow("c"), flow("b"), flow("a")]);
    insta::assert_snapshot!(error.message(), @"flow:c cannot be `overwrite`: it is not clear which item of the destination is meant; say which with --map KEY=ID; flow:b cannot be `overwrite`: nothing at the destination matches it; flow:a cannot be `create`: the destination has it already; only what is missing can be created");
}

#[test]
fn rules_of_kinds_are_checked_where_they_are_known() {
    let source = World::of([(flow("a"), thing("A", "").by_name(Kind::Secret, "S")), (secret("s"), thing("S", ""))]);
    let plan = plan(&source, &World::of([(secret("s"), thing("S", "x"))]), &[], options(Policy::Skip)).expect("a plan");
    let (plan, edits) = file::read(&decided(&file::write(&plan), "s", "duplicate")).expect("legal for its match");
    let error = file::check(&plan, &edits, &rules()).expect_err("secrets have no copies");
    assert!(error.message().contains("referred to by its name"), "{error}");
}

#[rstest]
#[case::name("\"name\": \"Orders\"", "\"name\": \"0rders\"", "the item flow:a")]
#[case::proposed("\"proposed\": \"overwrite\"", "\"proposed\": \"skip\"", "the item flow:a")]
#[case::size("\"size\": 1", "\"size\": 2", "the item flow:")]
#[case::options("\"policy\": \"overwrite\"", "\"policy\": \"skip\"", "`options`")]
#[case::source("\"location\": \"dev\"", "\"location\": \"de\"", "`source`")]
#[case::destination("\"location\": \"prod\"", "\"location\": \"other\"", "`destination`")]
#[case::finding("\"severity\": \"blocking\"", "\"severity\": \"info\"", "`findings`")]
#[case::effect("\"count\": 1", "\"count\": 0", "`effects`")]
fn what_may_not_be_edited_is_named(#[case] from: &str, #[case] to: &str, #[case] what: &str) {
    let error = refused(&with(&file::write(&sample()), from, to));
    assert_eq!(error.kind(), ErrorKind::InvalidPlan);
    assert!(error.message().starts_with(what), "{error}");
    assert!(error.message().contains("was edited"), "{error}");
}

#[test]
fn an_item_taken_out_is_noticed() {
    let mut value: serde_json::Value = serde_json::from_str(&file::write(&sample())).expect("JSON");
    value["items"].as_array_mut().expect("a list").remove(1);
    assert!(refused(&value.to_string()).message().starts_with("the list of items"));
}

#[rstest]
#[case::empty("", "the plan is not JSON")]
#[case::text("hello", "the plan is not JSON")]
#[case::cut("{\"schema\": 1, \"format\": \"haul-pl", "the plan is not JSON")]
#[case::list("[]", "the file is JSON, but no plan")]
#[case::begins_like_json("[remotes]\nurl = 1", "the plan is not JSON: ")]
#[case::other("{\"flows\": []}", "the file is JSON, but no plan")]
#[case::report("{\"schema\": 1, \"status\": \"planned\", \"summary\": {}}", "the file is a report, no plan")]
#[case::newer("{\"schema\": 2, \"format\": \"haul-plan\"}", "the plan has schema 2; this version reads schema 1")]
#[case::odd("{\"schema\": -1, \"format\": \"haul-plan\"}", "`schema` of the plan is no number")]
#[case::hollow("{\"schema\": 1, \"format\": \"haul-plan\"}", "the plan cannot be read: missing field")]
#[case::deep(&format!("{{\"a\": {}", "[".repeat(100_000)), "the plan is not JSON")]
fn what_is_no_plan_is_told_apart(#[case] text: &str, #[case] message: &str) {
    let error = refused(text);
    assert!(error.message().starts_with(message), "{error}");
    assert_eq!(error.kind(), ErrorKind::InvalidPlan);
    assert!(error.hint_text().is_some());
}

#[test]
fn unknown_words_and_fields_are_named() {
    let text = file::write(&sample());
    assert!(refused(&decided(&text, "a", "drop")).message().contains("unknown variant `drop`"));
    assert!(
        refused(&with(&text, "\"proposed\"", "\"note\": 1, \"proposed\"")).message().contains("unknown field `note`")
    );
    assert!(
        refused(&with(&text, "\"location\": \"dev\"", "\"location\": \"dev\", \"x\": 1")).message().contains("`x`")
    );
}

/// A slip of the editor, of the disk, or of somebody who tries.
#[derive(Clone, Debug)]
enum Slip {
    Cut(usize),
    Flip(usize, u8),
    Take(usize, usize),
    Put(usize, &'static str),
    Twice(usize, usize),
}

fn slips() -> impl Strategy<Value = Slip> {
    let at = 0..100_000usize;
    let words = ["\"", "{", "}", "[", ",", "null", "-1", "1e999", "\\u0000", "skip", "create", "\"decision\":", "😀"];
    prop_oneof![
        1 => at.clone().prop_map(Slip::Cut),
        4 => (at.clone(), any::<u8>()).prop_map(|(at, byte)| Slip::Flip(at, byte)),
        2 => (at.clone(), 1..80usize).prop_map(|(at, len)| Slip::Take(at, len)),
        4 => (at.clone(), proptest::sample::select(words.to_vec())).prop_map(|(at, word)| Slip::Put(at, word)),
        1 => (at, 1..200usize).prop_map(|(at, len)| Slip::Twice(at, len)),
    ]
}

fn slipped(text: &str, slip: &Slip) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let len = bytes.len();
    let end = |at: usize, more: usize| (at % len + more).min(len);
    match *slip {
        Slip::Cut(at) => bytes.truncate(at % len),
        Slip::Flip(at, byte) => bytes[at % len] = byte,
        Slip::Take(at, more) => drop(bytes.drain(at % len..end(at, more))),
        Slip::Put(at, word) => drop(bytes.splice(at % len..at % len, word.bytes())),
        Slip::Twice(at, more) => {
            let part = bytes[at % len..end(at, more)].to_vec();
            bytes.splice(at % len..at % len, part);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn sixty_thousand_damaged_plans_are_refused_or_harmless() {
    let plan = sample();
    let text = serde_json::from_str::<serde_json::Value>(&file::write(&plan)).expect("JSON").to_string();
    let config = ProptestConfig { cases: 60_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&slips(), |slip| {
        match file::read(&slipped(&text, &slip)) {
            Ok((read, _)) => prop_assert_eq!(&read, &plan, "only decisions may differ"),
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidPlan),
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn the_summary_for_a_pull_request() {
    insta::assert_snapshot!(markdown(&sample()));
}

#[test]
fn a_long_list_is_cut_with_a_count() {
    let source = World::of((0..250).map(|n| (flow(&format!("{n:03}")), thing(&format!("flow {n:03}"), ""))));
    let text = markdown(&plan(&source, &World::default(), &[], options(Policy::Skip)).expect("a plan"));
    assert!(text.contains("## Create (250)") && text.contains("… and 150 more."), "{text}");
    assert!(text.lines().count() < 130);
}
