//! What the pane looks like.

use insta::assert_snapshot;

use crate::model::{Error, ErrorKind, Inventory};
use crate::workbench::ends::Location;
use crate::workbench::panes::content::details::{Near, near};
use crate::workbench::panes::content::effects::Text;
use crate::workbench::panes::content::json::pretty;
use crate::workbench::panes::content::testing::{chosen, inventory, press, stocked, stocked_with, type_in};
use crate::workbench::panes::content::{Message, update};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{self, coloured, gallery};
use crate::workbench::theme::Theme;

fn pictured(name: &str, state: &mut State) {
    assert_snapshot!(name, gallery(state));
}

/// Answers what an effect would have read of the item under the cursor.
fn with_content(state: &mut State, json: &str) {
    let content = &state.content;
    let (asked, item) = (content.details.asked, content.current().expect("an item"));
    let stock = content.stock.as_ref().expect("listed");
    let findings = stock.findings_of(item).map(|at| stock.inventory.findings[at].clone()).collect();
    let near = Near { findings, ..near(&stock.inventory, item, Some(stock.inventory.item(item).reference_views())) };
    update(state, Message::Near(asked, Box::new(near)));
    // The second, where the first answers what the cursor has left since.
    for _ in 0..2 {
        let text = Text { pretty: pretty(json, 12), json: Some(json.into()) };
        update(state, Message::Content(asked, Some(Ok(text))));
    }
}

const JSON: &str = r#"{"uuid":"c4492541","name":"SMS reminder","tags":["billing","prod"],"nodes":[{"type":"RECEIVER"},{"type":"SMS","connection":"Twilio"}],"evil":"\u001b[31m"}"#;

#[test]
fn without_a_source_it_says_where_to_choose_one() {
    let mut state = testing::state();
    state.pane = Pane::Content;
    pictured("no-source", &mut state);
}

#[test]
fn while_it_lists_it_says_what_and_how_long() {
    let (mut state, _) = chosen();
    state.now = state.now.checked_add(jiff::SignedDuration::from_secs(7)).unwrap();
    pictured("listing", &mut state);
    let listing = state.content.listing;
    for (asked, text) in [(listing, "files, 12 of 54, video.mp4"), (listing + 1, "of another source")] {
        update(&mut state, Message::Reading(asked, text.to_owned()));
    }
    pictured("listing-in-stages", &mut state);
}

#[test]
fn a_source_that_cannot_be_listed_says_why_and_what_to_do() {
    let (mut state, _) = chosen();
    let error = Error::new(ErrorKind::Unreachable, "http://127.0.0.1:40123: the connection was refused")
        .hint("is the server running? `haul remote test dev` tells more");
    let listing = state.content.listing;
    update(&mut state, Message::NotListed(listing, error));
    pictured("unreachable", &mut state);
}

#[test]
fn an_archive_that_is_encrypted_asks_for_its_key_and_again_when_it_is_wrong() {
    let (mut state, _) = chosen();
    state.ends.source.as_mut().unwrap().location = Location::Bundle("/backups/cms.tar.gz.enc".into());
    for (name, kind) in [("no-key", ErrorKind::NoKey), ("wrong-key", ErrorKind::WrongKey)] {
        let listing = state.content.listing;
        update(&mut state, Message::NotListed(listing, Error::new(kind, "the key does not open it")));
        pictured(name, &mut state);
        testing::type_in(&mut state, "hunter2");
        let effects = testing::press(&mut state, "enter");
        assert!(!format!("{effects:?}{state:?}").contains("hunter2"));
        assert!(state.popups.is_empty());
    }
}

#[test]
fn the_list_with_picks_by_tag_and_what_they_need() {
    let mut state = stocked();
    type_in(&mut state, "/tag:billing");
    press(&mut state, "enter a down");
    with_content(&mut state, JSON);
    pictured("billing", &mut state);
    assert_snapshot!("billing-ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn the_list_at_first() {
    pictured("first", &mut stocked());
}

#[test]
fn while_a_filter_is_typed() {
    let mut state = stocked();
    type_in(&mut state, "/sync");
    pictured("typing", &mut state);
    type_in(&mut state, "zzz");
    pictured("nothing-fits", &mut state);
}

#[test]
fn groups_that_narrow_and_a_folded_section() {
    let mut state = stocked();
    press(&mut state, "shift-tab enter down down down enter");
    pictured("folded", &mut state);
    press(&mut state, "enter a");
    pictured("flows", &mut state);
}

#[test]
fn a_range_that_is_marked() {
    let mut state = stocked();
    press(&mut state, "down shift-down shift-down");
    pictured("range", &mut state);
}

#[test]
fn details_over_the_whole_width() {
    let mut state = stocked();
    let row = state.content.shown.iter().position(|&item| item == 0).unwrap();
    press(&mut state, &vec!["down"; row].join(" "));
    with_content(&mut state, JSON);
    press(&mut state, "enter");
    pictured("zoom", &mut state);
}

#[test]
fn content_that_is_too_long_or_cannot_be_read() {
    let mut state = stocked();
    with_content(&mut state, &format!("[{}]", vec!["1"; 5_000].join(",")));
    press(&mut state, "enter");
    pictured("long-content", &mut state);
    let asked = state.content.details.asked;
    let error =
        Error::new(ErrorKind::TimedOut, "dev: no answer within 30 s").hint("try again, or allow more with --timeout");
    update(&mut state, Message::Content(asked, Some(Err(error))));
    pictured("unreadable", &mut state);
}

#[test]
fn needed_items_that_are_left_out() {
    let mut state = stocked();
    press(&mut state, "shift-tab g down enter tab");
    press(&mut state, "a D end enter");
    pictured("left-out", &mut state);
    press(&mut state, "D");
    pictured("dependencies", &mut state);
}

#[test]
fn ids_that_are_pasted() {
    let mut state = stocked();
    press(&mut state, "u");
    pictured("ids-empty", &mut state);
    let text = "c4492541-7a8e-4d3b-9f8c-1a2b3c4d5e6f,\nconnection:e1000000-0001-4000-8000-000000000001\n\"0b9f5c1e-0002-4000-8000-00000000000\"\nDunning nonsense";
    let effects = crate::workbench::update::update(&mut state, crate::workbench::Message::Paste(text.to_owned()));
    crate::workbench::panes::content::testing::settle(&mut state, effects);
    pictured("ids", &mut state);
}

#[test]
fn a_source_that_holds_nothing() {
    let mut state = stocked_with(Inventory::new());
    pictured("nothing", &mut state);
}

#[test]
fn a_finding_that_is_about_the_row() {
    let mut state = stocked_with(inventory());
    type_in(&mut state, "/twilio");
    press(&mut state, "enter a f");
    pictured("finding", &mut state);
    assert_snapshot!("finding-light", coloured(&mut state, Theme::Light));
}

#[test]
fn what_keys_tell_above_the_footer() {
    let mut state = stocked();
    press(&mut state, "p");
    pictured("key-of-another-list", &mut state);
    press(&mut state, "tab g down p");
    pictured("group-picked", &mut state);
    press(&mut state, "p");
    pictured("group-unpicked", &mut state);
    press(&mut state, "tab tab S");
    pictured("sorted", &mut state);
    type_in(&mut state, "/twilio");
    press(&mut state, "enter a A");
    pictured("nothing-picked-again", &mut state);
}

#[test]
fn a_finding_that_the_list_does_not_show() {
    let mut state = stocked();
    type_in(&mut state, "/sms");
    press(&mut state, "enter a f");
    pictured("finding-hidden", &mut state);
}

#[test]
fn what_comes_along_is_not_known() {
    let mut state = stocked();
    testing::press(&mut state, "a");
    let (listing, why) = (state.content.listing, Error::new(ErrorKind::TimedOut, "dev: no answer within 30 s"));
    update(&mut state, Message::NotFollowed(listing, why));
    pictured("needs-unknown", &mut state);
}

#[test]
fn details_that_are_still_read() {
    let mut state = stocked();
    testing::press(&mut state, "down");
    pictured("reading", &mut state);
}
