//! Values that a run could not bring along, from the key to the server.

use super::pictures::{ended, facts, going, report, told};
use super::world::World;
use crate::model::{Error, ErrorKind, Policy, RunStatus, Selection};
use crate::workbench::effect::Effect;
use crate::workbench::job::Job;
use crate::workbench::message::Message;
use crate::workbench::panes::transfers::secrets::Standing;
use crate::workbench::panes::transfers::tests::world::remote;
use crate::workbench::panes::transfers::{self, start};
use crate::workbench::state::State;
use crate::workbench::testing::{click, gallery, picture, press, state, type_in};
use crate::workbench::update::update;

/// A run that ended with one secret without a value, watched.
fn lacking() -> State {
    let mut state = going(0);
    told(&mut state, 1, facts(), Vec::new());
    state.transfers.runs[0].destination = Some(remote("prod"));
    ended(&mut state, 1, Ok(report(RunStatus::Succeeded)));
    state
}

#[test]
fn the_end_tells_the_key_and_the_key_asks() {
    let mut state = lacking();
    assert!(state.popups.is_empty(), "nothing comes between a person and what they do");
    let hint = state.notice.as_ref().and_then(|notice| notice.hint.as_deref());
    assert_eq!(hint, Some("s on 4 fills in the value of 1 secret"));
    insta::assert_snapshot!("values-end", gallery(&mut state));
    press(&mut state, "s");
    type_in(&mut state, "canary");
    insta::assert_snapshot!("values-ask", gallery(&mut state));
    assert!(!format!("{state:?}").contains("canary"));
    press(&mut state, "enter");
    insta::assert_snapshot!("values-ask-production", gallery(&mut state));
    press(&mut state, "esc s");
    assert!(picture(&mut state).contains("Value of TWILIO_SID at prod"));
}

#[test]
fn values_are_asked_for_by_the_mouse_too() {
    let mut state = lacking();
    state.notice = None;
    click(&mut state, "1 secret without a value");
    assert!(picture(&mut state).contains("Value of TWILIO_SID at prod"));
    click(&mut state, "[ esc leave it ]");
    assert!(state.popups.is_empty());
    click(&mut state, "s secrets");
    type_in(&mut state, "x");
    click(&mut state, "[ ⏎ accept ]");
    let effects = click(&mut state, "[ ⏎ accept ]");
    assert!(matches!(effects[..], [Effect::Transfers(transfers::Effect::Fill(_))]), "{effects:?}");
}

#[test]
fn nothing_typed_leaves_it_and_a_refusal_asks_again() {
    let mut state = lacking();
    assert!(press(&mut state, "s enter enter").is_empty(), "nothing was typed");
    assert_eq!(state.transfers.runs[0].open_values(), 1);
    press(&mut state, "s");
    type_in(&mut state, "x");
    let effects = press(&mut state, "enter enter");
    assert!(matches!(effects[..], [Effect::Transfers(transfers::Effect::Fill(_))]));
    assert!(!format!("{effects:?}").contains("\"x\""));
    assert_eq!(state.transfers.runs[0].lacking()[0].standing, Standing::Filling);
    let refused = Err(Error::new(ErrorKind::Forbidden, "prod: the account may not change secrets"));
    update(&mut state, Message::Transfers(transfers::Message::Filled { number: 1, at: 0, filled: refused }));
    assert_eq!(state.transfers.runs[0].lacking()[0].standing, Standing::Open);
    let shown = picture(&mut state);
    assert!(shown.contains("was not filled in") && shown.contains("1 secret without a value"), "{shown}");
}

#[test]
fn what_the_run_never_reached_is_not_asked_for() {
    let mut state = going(0);
    ended(&mut state, 1, Ok(report(RunStatus::Succeeded)));
    let mut pending = report(RunStatus::Cancelled);
    pending.items.iter_mut().for_each(|item| item.result = crate::model::ItemResult::Pending);
    assert!(transfers::secrets::lacking(&pending).is_empty());
    let mut nothing = self::state();
    press(&mut nothing, "4 s");
    assert!(nothing.notice.is_some_and(|notice| notice.text.contains("nothing ran here yet")));
}

#[tokio::test]
async fn values_reach_the_server_and_nothing_else() {
    let mut world = World::new().await;
    let plan = world.plan(Policy::Overwrite, Selection::everything()).await;
    let job = Job::Transfer { source: remote("dev"), destination: remote("prod"), plan: Box::new(plan) };
    let effects = start(&mut world.state, job);
    world.until_all_ended(effects).await;
    let open = |state: &State| state.transfers.runs[0].open_values();
    let many = open(&world.state);
    assert!(many > 0, "the sample content has secrets that prod lacks");
    let before = world.sandbox.server("prod").dump().to_string();
    assert!(!before.contains("canary"));
    press(&mut world.state, "s");
    let mut effects = Vec::new();
    for _ in 0..many {
        type_in(&mut world.state, "canary-dev");
        press(&mut world.state, "enter");
        type_in(&mut world.state, "canary-prod");
        effects.extend(press(&mut world.state, "enter"));
    }
    assert!(world.state.popups.is_empty());
    let filled =
        |state: &State| state.transfers.runs[0].lacking().iter().all(|lacking| lacking.standing == Standing::Filled);
    world.until(effects, filled).await;
    let after = world.sandbox.server("prod").dump().to_string();
    assert_eq!(after.matches("canary-dev").count() as u64, many);
    assert_eq!(after.matches("canary-prod").count() as u64, many);
    assert!(!format!("{:?}", world.state).contains("canary"));
}
