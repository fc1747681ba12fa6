//! A space of the sandbox: its tree with drafts and states, and what its files look like.

use std::sync::Arc;

use insta::assert_snapshot;

use super::sandbox::{desk_on, press, source_on};
use crate::model::Platform;
use crate::workbench::effect::Desk;
use crate::workbench::ends::Location;
use crate::workbench::panes::content::groups::{GroupKey, Mark};
use crate::workbench::panes::content::source_changed;
use crate::workbench::panes::content::testing::settle_on;
use crate::workbench::state::State;
use crate::workbench::testing::{self, coloured, gallery};
use crate::workbench::theme::Theme;

/// A space that was listed.
async fn space(desk: &Arc<Desk>) -> State {
    let mut state = source_on(Location::Remote("dev".to_owned()), Platform::Flotiq);
    state.settings.pictures = true;
    let effects = source_changed(&mut state);
    settle_on(&mut state, desk, effects, |_| false).await;
    state
}

async fn filter(state: &mut State, desk: &Arc<Desk>, text: &str) {
    let effects = testing::type_in(state, text);
    settle_on(state, desk, effects, |_| false).await;
    press(state, desk, "enter").await;
}

#[tokio::test]
async fn objects_stand_under_their_types_with_their_drafts_and_states() {
    let folder = tempfile::tempdir().unwrap();
    let (_sandbox, desk) = desk_on(&folder, Platform::Flotiq).await;
    let mut state = space(&desk).await;
    let groups = &state.content.stock.as_ref().expect("listed").arranged.groups;
    for mark in [Mark::Draft, Mark::Published, Mark::Modified, Mark::Archived] {
        assert!(groups.iter().any(|group| group.key == GroupKey::Mark(mark) && group.count > 0), "{mark:?}");
    }
    filter(&mut state, &desk, "/type:page is:archived").await;
    assert!(state.content.shown.len() > 1);
    press(&mut state, &desk, "esc").await;
    filter(&mut state, &desk, "/type:page").await;
    assert_snapshot!("space", gallery(&mut state));
}

#[tokio::test]
async fn a_picture_is_shown_above_what_is_told_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_sandbox, desk) = desk_on(&folder, Platform::Flotiq).await;
    let mut state = space(&desk).await;
    filter(&mut state, &desk, "/picture-24").await;
    assert_eq!(state.content.details.picture.as_ref().map(|picture| picture.size(80, 40)), Some((40, 20)));
    assert_snapshot!("medium", gallery(&mut state));
    assert_snapshot!("medium-colours", coloured(&mut state, Theme::Dark));
    // What comes next is no picture, and shows none.
    press(&mut state, &desk, "esc").await;
    filter(&mut state, &desk, "/leaflet-8").await;
    assert!(state.content.details.item.is_some() && state.content.details.picture.is_none());
    // Where the terminal cannot show one, none is fetched.
    state.settings.pictures = false;
    press(&mut state, &desk, "esc").await;
    filter(&mut state, &desk, "/picture-24").await;
    assert!(state.content.details.picture.is_none());
}
