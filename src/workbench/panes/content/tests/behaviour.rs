//! What keys and clicks do.

use crate::model::{DependencyMode, Error, ErrorKind, Facts, ItemKey, Kind, NewItem, Selection};
use crate::planner;
use crate::workbench::canvas::{ListId, Target};
use crate::workbench::effect::Effect;
use crate::workbench::message::{self, Click};
use crate::workbench::panes::content::arrange::Sort;
use crate::workbench::panes::content::state::Stage;
use crate::workbench::panes::content::testing::{
    chosen, inventory, listed, names, picked, press, rules, settle, stocked, stocked_with, type_in,
};
use crate::workbench::panes::content::{Message, dependencies, selection, sign, source_changed};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing;
use crate::workbench::update::update;

fn shown(state: &State) -> Vec<String> {
    names(state, &state.content.shown)
}

fn needed(state: &State) -> Vec<String> {
    names(state, &state.content.needed.list)
}

fn go_to(state: &mut State, name: &str) {
    let row = shown(state).iter().position(|other| other == name).expect("it is shown");
    let effects = update(state, message::Message::Click(Target::Row(ListId::Items, row), Click::Plain));
    settle(state, effects);
}

#[test]
fn space_picks_and_goes_on_and_what_is_needed_comes_along() {
    let mut state = stocked();
    assert_eq!(sign(&state), "");
    go_to(&mut state, "SMS reminder");
    press(&mut state, "space");
    assert_eq!(picked(&state), ["SMS reminder"]);
    assert_eq!(needed(&state), ["Twilio", "TWILIO_SID"]);
    assert_eq!(sign(&state), "✓");
    go_to(&mut state, "SMS reminder");
    press(&mut state, "space");
    assert!(picked(&state).is_empty() && needed(&state).is_empty());
}

#[test]
fn all_of_a_tag_is_one_tag_of_the_selection() {
    let mut state = stocked();
    type_in(&mut state, "/tag:^billing$");
    press(&mut state, "enter a");
    assert_eq!(picked(&state), ["SMS reminder", "Invoice sync", "Dunning"]);
    let expected = Selection { tags: vec!["billing".into()], ..Selection::default() };
    assert_eq!(selection(&state), Some(expected));
    press(&mut state, "c");
    assert_eq!(selection(&state), None);
}

#[test]
fn a_selection_is_right_before_anybody_worked_it_out() {
    let mut state = stocked();
    go_to(&mut state, "Dunning");
    testing::press(&mut state, "space space");
    assert!(!state.content.is_settled());
    let stock = state.content.stock.as_ref().unwrap();
    let resolved = planner::resolve(&selection(&state).unwrap(), &stock.inventory, &rules()).unwrap();
    assert_eq!(resolved, state.content.picks.items.iter().collect::<Vec<_>>());
}

#[test]
fn picks_outside_of_what_is_shown_stay() {
    let mut state = stocked();
    type_in(&mut state, "/twilio");
    press(&mut state, "enter a esc");
    type_in(&mut state, "/dunning");
    press(&mut state, "enter i");
    assert_eq!(picked(&state), ["Dunning", "Twilio", "TWILIO_SID"]);
    press(&mut state, "A");
    assert_eq!(picked(&state), ["Twilio", "TWILIO_SID"]);
    press(&mut state, "z");
    assert_eq!(picked(&state), ["Dunning", "Twilio", "TWILIO_SID"]);
    press(&mut state, "c z z z z z z");
    assert!(picked(&state).is_empty());
}

#[test]
fn a_range_is_picked_whole_and_unpicked_whole() {
    let mut state = stocked();
    press(&mut state, "down v down down space");
    assert_eq!(state.content.picks.items.len(), 3);
    assert_eq!(state.content.range(), None);
    press(&mut state, "shift-up shift-up space");
    assert!(picked(&state).is_empty());
    press(&mut state, "v down esc");
    assert_eq!(state.content.range(), None);
}

#[test]
fn clicks_pick_one_or_as_far_as_there() {
    let mut state = stocked();
    let click = |state: &mut State, target, how| {
        let effects = update(state, message::Message::Click(target, how));
        settle(state, effects);
    };
    click(&mut state, Target::Check(ListId::Items, 1), Click::Plain);
    assert_eq!(state.content.picks.items.len(), 1);
    click(&mut state, Target::Row(ListId::Items, 2), Click::Plain);
    click(&mut state, Target::Check(ListId::Items, 4), Click::Extend);
    assert_eq!(state.content.picks.items.len(), 4);
    click(&mut state, Target::Row(ListId::Items, 6), Click::Extend);
    assert_eq!(state.content.range(), Some(4..=6));
    testing::click(&mut state, "[x]");
    assert_eq!(state.content.picks.items.len(), 3);
    click(&mut state, Target::Row(ListId::Items, 9), Click::Plain);
    click(&mut state, Target::Row(ListId::Items, 9), Click::Plain);
    assert!(state.content.look.zoom);
}

#[test]
fn groups_narrow_and_pick() {
    let mut state = stocked();
    press(&mut state, "shift-tab");
    testing::click(&mut state, "  crm");
    press(&mut state, "enter");
    assert_eq!(shown(&state).len(), 2);
    press(&mut state, "p");
    assert_eq!(state.content.picks.items.len(), 2);
    press(&mut state, "esc");
    assert_eq!(shown(&state).len(), 15);
    testing::click(&mut state, "  comes along");
    press(&mut state, "space");
    assert!(shown(&state).is_empty());
    press(&mut state, "esc");
    testing::click(&mut state, "  picked");
    press(&mut state, "space");
    assert_eq!(shown(&state).len(), 2);
}

#[test]
fn a_group_that_is_picked_whole_is_unpicked() {
    let mut state = stocked();
    press(&mut state, "tab g down p");
    assert_eq!(state.content.picks.items.len(), 9);
    press(&mut state, "p");
    assert!(picked(&state).is_empty());
}

#[test]
fn lists_are_gone_to_in_turn_or_by_side() {
    let mut state = stocked();
    let mut focus = |keys| {
        press(&mut state, keys);
        state.content.look.focus
    };
    let (groups, items, details) = (ListId::Groups, ListId::Items, ListId::Details);
    assert_eq!(["tab", "tab", "tab", "shift-tab"].map(&mut focus), [groups, details, items, details]);
    assert_eq!(["right", "left", "left", "left"].map(&mut focus), [details, details, items, groups]);
    assert_eq!(["left", "right", "right"].map(&mut focus), [groups, items, details]);
}

#[test]
fn an_outdated_answer_of_the_filter_is_dropped_and_the_one_that_works_on_it_stops() {
    let mut state = stocked();
    let first = testing::type_in(&mut state, "/s");
    let stop = state.content.narrowing.stop.clone().expect("it runs");
    let second = testing::type_in(&mut state, "l");
    assert!(stop.load(std::sync::atomic::Ordering::Relaxed));
    settle(&mut state, second);
    assert_eq!(shown(&state), ["Slack"]);
    settle(&mut state, first);
    assert_eq!(shown(&state), ["Slack"]);
    press(&mut state, "esc");
    assert_eq!(shown(&state).len(), 15);
}

#[test]
fn the_cursor_stays_on_its_item_while_the_list_narrows_and_sorts() {
    let mut state = stocked();
    go_to(&mut state, "Dunning");
    type_in(&mut state, "/n");
    press(&mut state, "enter S");
    assert_eq!(state.content.narrowing.sort, Sort::Name);
    assert_eq!(state.content.current_item().map(|item| item.name()), Some("Dunning"));
    press(&mut state, "S");
    assert_eq!(shown(&state)[0], "Invoice sync");
    press(&mut state, "esc");
    assert_eq!(state.content.current_item().map(|item| item.name()), Some("Dunning"));
    assert_eq!(shown(&state)[0], "Invoice sync");
}

#[test]
fn dependencies_can_be_left_out() {
    let mut state = stocked();
    go_to(&mut state, "SMS reminder");
    press(&mut state, "space D end enter");
    assert_eq!(dependencies(&state), Some(DependencyMode::None));
    assert_eq!(needed(&state), ["Twilio"]);
    press(&mut state, "D home enter");
    assert_eq!(dependencies(&state), None);
    assert_eq!(needed(&state), ["Twilio", "TWILIO_SID"]);
}

#[test]
fn ids_are_picked_as_far_as_they_are_known() {
    let mut state = stocked();
    let text = "c4492541-7a8e-4d3b-9f8c-1a2b3c4d5e6f\nconnection:e1000000-0001-4000-8000-000000000001\nnonsense";
    let effects = update(&mut state, message::Message::Paste(text.to_owned()));
    settle(&mut state, effects);
    assert_eq!(state.scope(), crate::workbench::command::Scope::Popup("ids"));
    press(&mut state, "enter");
    assert_eq!(picked(&state), ["SMS reminder", "Twilio"]);
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("1 not found")));
    // Once more changes nothing.
    let effects = update(&mut state, message::Message::Paste(text.to_owned()));
    settle(&mut state, effects);
    press(&mut state, "enter");
    assert_eq!(picked(&state), ["SMS reminder", "Twilio"]);
    // A word into the filter stays a word.
    press(&mut state, "/");
    let effects = update(&mut state, message::Message::Paste("sync".to_owned()));
    settle(&mut state, effects);
    assert_eq!(shown(&state), ["Invoice sync"]);
    press(&mut state, "enter u");
    assert!(update(&mut state, message::Message::Key("enter".parse().unwrap())).is_empty());
    assert_eq!(state.popups.len(), 1);
}

#[test]
fn a_source_that_is_listed_again_keeps_what_is_picked() {
    let mut state = stocked();
    type_in(&mut state, "/dunning");
    press(&mut state, "enter space esc");
    go_to(&mut state, "SMS reminder");
    press(&mut state, "space");
    let effects = testing::press(&mut state, "R");
    assert!(matches!(effects[..], [Effect::Content(_)]));
    assert!(matches!(state.content.stage, Stage::Listing { .. }));
    let mut changed = crate::model::Inventory::new();
    let deleted = Facts { deleted: true, ..Facts::default() };
    for item in inventory().items() {
        let facts = if item.name() == "Dunning" { deleted } else { Facts::default() };
        changed.add(&NewItem { facts, ..NewItem::new(item.key(), item.name()) }).unwrap();
    }
    let first = changed.len();
    changed.add(&NewItem::new(ItemKey::new(Kind::Flow, "new"), "A new one")).unwrap();
    let message = listed(&state, changed);
    update(&mut state, message.into());
    assert_eq!(picked(&state), ["SMS reminder"]);
    assert_eq!(shown(&state).len(), first);
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("no longer")), "{:?}", state.notice);
}

#[test]
fn another_source_begins_anew_and_late_answers_about_the_old_one_fit_nothing() {
    let mut state = stocked();
    type_in(&mut state, "/sync");
    let late = testing::press(&mut state, "enter a");
    let old = listed(&state, inventory());
    source_changed(&mut state);
    settle(&mut state, late);
    update(&mut state, old.into());
    assert!(state.content.stock.is_none() && state.content.picks.items.is_empty());
    assert!(state.content.narrowing.is_everything());
    assert!(selection(&state).is_none());
}

#[test]
fn a_key_is_asked_for_when_the_pane_is_seen() {
    let (mut state, _) = chosen();
    state.ends.source.as_mut().unwrap().location = crate::workbench::ends::Location::Bundle("a.enc".into());
    state.pane = Pane::Locations;
    let listing = state.content.listing;
    update(&mut state, Message::NotListed(listing, Error::new(ErrorKind::NoKey, "no key")).into());
    assert!(state.popups.is_empty());
    testing::press(&mut state, "2");
    assert_eq!(state.popups.len(), 1);
    testing::press(&mut state, "esc enter");
    assert_eq!(state.popups.len(), 1);
}

#[test]
fn what_comes_along_is_asked_for_once_more_if_it_failed() {
    let mut state = stocked();
    go_to(&mut state, "SMS reminder");
    testing::press(&mut state, "space");
    let listing = state.content.listing;
    update(&mut state, Message::NotFollowed(listing, Error::new(ErrorKind::TimedOut, "no answer")).into());
    assert!(testing::picture(&mut state).contains("needed: ?"));
    press(&mut state, "space");
    assert!(!testing::picture(&mut state).contains("needed: ?"));
}

#[test]
fn a_million_rows_are_picked_by_one_key() {
    let mut inventory = crate::model::Inventory::new();
    for n in 0..200_000 {
        inventory.add(&NewItem::new(ItemKey::new(Kind::Flow, format!("{n:x}")), &format!("Flow {n}"))).unwrap();
    }
    let mut state = stocked_with(inventory);
    testing::press(&mut state, "a");
    assert_eq!(state.content.picks.items.len(), 200_000);
    testing::press(&mut state, "end space i");
    assert_eq!(state.content.picks.items.len(), 1);
}

#[test]
fn findings_are_told_one_after_the_other_whether_the_list_shows_them_or_not() {
    let mut state = stocked();
    go_to(&mut state, "SMS reminder");
    press(&mut state, "space");
    assert_eq!(state.content.needed.findings, [0, 1]);
    press(&mut state, "f");
    assert_eq!(state.content.current_item().map(|item| item.name()), Some("Twilio"));
    press(&mut state, "f");
    assert_eq!(state.content.current_item().map(|item| item.name()), Some("TWILIO_SID"));
    type_in(&mut state, "/sms");
    press(&mut state, "enter f");
    assert_eq!(state.content.needed.told, 0);
    press(&mut state, "f");
    assert_eq!(state.content.needed.told, 1);
}

#[test]
fn a_finding_that_the_list_does_not_show_keeps_filter_and_groups_and_says_the_way_out() {
    let mut state = stocked();
    go_to(&mut state, "SMS reminder");
    press(&mut state, "space");
    press(&mut state, "tab g down enter tab tab");
    type_in(&mut state, "/sms");
    press(&mut state, "enter");
    let narrowed = (shown(&state), state.content.narrowing.chosen.clone());
    press(&mut state, "f");
    let notice = state.notice.clone().expect("the finding is told");
    assert_eq!(notice.text, "`TWILIO_SID` looks like an account");
    assert_eq!(notice.hint.as_deref(), Some("the list does not show it: esc takes filter and groups away"));
    assert_eq!((shown(&state), state.content.narrowing.chosen.clone()), narrowed);
    press(&mut state, "esc");
    press(&mut state, "esc");
    press(&mut state, "f");
    assert_eq!(state.content.current_item().map(|item| item.name()), Some("TWILIO_SID"));
    assert_eq!(state.notice.as_ref().and_then(|notice| notice.hint.clone()), None);
}

#[test]
fn the_buttons_of_the_ids_are_for_the_mouse() {
    for (button, picks) in [("⏎ pick them", 1), ("esc leave it", 0)] {
        let mut state = stocked();
        press(&mut state, "u");
        type_in(&mut state, "c4492541-7a8e-4d3b-9f8c-1a2b3c4d5e6f");
        let effects = testing::click(&mut state, button);
        settle(&mut state, effects);
        assert_eq!((state.popups.len(), state.content.picks.items.len()), (0, picks), "{button}");
    }
}

#[test]
fn a_click_on_a_check_box_brings_the_details_along() {
    let mut state = stocked();
    let row = shown(&state).iter().position(|name| name == "Lead import").expect("listed");
    update(&mut state, message::Message::Click(Target::Check(ListId::Items, row), Click::Plain));
    assert_eq!(picked(&state), ["Lead import"]);
    assert_eq!(state.content.current_item().map(|item| item.name()), Some("Lead import"));
}

#[test]
fn what_is_copied_is_the_id() {
    let mut state = stocked();
    go_to(&mut state, "SMS reminder");
    let left = press(&mut state, "y");
    assert!(matches!(&left[..], [.., Effect::Copy(id)] if id == "c4492541-7a8e-4d3b-9f8c-1a2b3c4d5e6f"), "{left:?}");
    testing::press(&mut state, "Y");
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("not read yet")));
}
