//! The effects against servers that play a platform, and archives on disk.

use std::sync::Arc;

use crate::model::Platform;
use crate::remotes::{Environment, Paths};
use crate::sandbox::{self, Sandbox, SandboxOptions};
use crate::workbench::effect::Desk;
use crate::workbench::ends::{Location, SourceEnd};
use crate::workbench::panes::content::groups::{GroupKey, Row};
use crate::workbench::panes::content::state::{Content, Stage};
use crate::workbench::panes::content::testing::{picked, settle_on};
use crate::workbench::panes::content::{selection, source_changed};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing;

/// A desk that knows the servers of a sandbox as remotes.
async fn desk(folder: &tempfile::TempDir) -> (Sandbox, Arc<Desk>) {
    desk_on(folder, Platform::Ziggy).await
}

pub async fn desk_on(folder: &tempfile::TempDir, platform: Platform) -> (Sandbox, Arc<Desk>) {
    let options = SandboxOptions { platform: Some(platform.as_str().to_owned()), ..SandboxOptions::default() };
    let sandbox = sandbox::start(options).await.expect("a sandbox");
    let variables = sandbox.servers.iter().flat_map(|server| {
        let name = server.name.to_uppercase();
        let mut own = vec![(format!("HAUL_REMOTE_{name}"), format!("{}:{}", server.platform, server.url))];
        own.extend(match &server.token {
            Some(token) => vec![(format!("HAUL_REMOTE_{name}_TOKEN"), token.clone())],
            None => vec![
                (format!("HAUL_REMOTE_{name}_USER"), server.user.to_string()),
                (format!("HAUL_REMOTE_{name}_PASSWORD"), server.password.to_string()),
            ],
        });
        own
    });
    let environment = Environment::from_iter(variables);
    let paths = Paths::at(folder.path().join("config"), folder.path().join("state"));
    (sandbox, Arc::new(Desk::new(environment, paths)))
}

fn source(location: Location) -> State {
    source_on(location, Platform::Ziggy)
}

pub fn source_on(location: Location, platform: Platform) -> State {
    let mut state = testing::state();
    state.pane = Pane::Content;
    state.ends.source = Some(SourceEnd { location, platform, production: false, opened: None });
    state
}

pub async fn press(state: &mut State, desk: &Arc<Desk>, keys: &str) {
    for key in keys.split(' ') {
        let effects = testing::press(state, key);
        settle_on(state, desk, effects, |_| false).await;
    }
}

#[tokio::test]
async fn a_server_is_listed_and_followed_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let (_sandbox, desk) = desk(&folder).await;
    let mut state = source(Location::Remote("dev".to_owned()));
    let effects = source_changed(&mut state);
    settle_on(&mut state, &desk, effects, |_| false).await;
    assert!(matches!(state.content.stage, Stage::Ready), "{:?}", state.content.stage);
    assert!(state.ends.source.as_ref().is_some_and(|source| source.opened.is_some()));
    let effects = testing::type_in(&mut state, "/tag:billing");
    settle_on(&mut state, &desk, effects, |_| false).await;
    press(&mut state, &desk, "enter a").await;
    assert!(picked(&state).len() >= 3);
    // Flows were examined on the way, and the new inventory is the one that is looked at.
    let content = &state.content;
    assert!(content.is_settled() && !content.needed.list.is_empty());
    let stock = content.stock.as_ref().unwrap();
    assert!(content.picks.items.iter().all(|item| stock.inventory.item(item).digests().is_some()));
    let Content::Read { pretty, json } = &content.details.content else { panic!("{:?}", content.details) };
    assert!(pretty.lines.len() > 5 && json.is_some());
    // What nobody picked is examined beside the inventory.
    press(&mut state, &desk, "esc c").await;
    let effects = testing::type_in(&mut state, "/kind:flow !tag:billing");
    settle_on(&mut state, &desk, effects, |_| false).await;
    let item = state.content.current_item().expect("another flow");
    assert!(item.digests().is_none());
    let text: String =
        state.content.details.near.iter().flat_map(|line| &line.0).map(|(text, _)| text.as_str()).collect();
    assert!(!text.contains("known once"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_gone_says_so_and_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, desk) = desk(&folder).await;
    sandbox.stop().await;
    let mut state = source(Location::Remote("dev".to_owned()));
    let effects = source_changed(&mut state);
    settle_on(&mut state, &desk, effects, |_| false).await;
    let Stage::Failed(failure) = &state.content.stage else { panic!("{:?}", state.content.stage) };
    assert!(!failure.is_of_key());
    assert!(!testing::press(&mut state, "enter").is_empty());
    assert!(matches!(state.content.stage, Stage::Listing { .. }));
}

#[tokio::test]
async fn a_location_that_nobody_knows_is_an_error_too() {
    let folder = tempfile::tempdir().unwrap();
    let (_sandbox, desk) = desk(&folder).await;
    let mut state = source(Location::Bundle(folder.path().join("nothing.json")));
    let effects = source_changed(&mut state);
    settle_on(&mut state, &desk, effects, |_| false).await;
    assert!(matches!(state.content.stage, Stage::Failed(_)));
}

#[tokio::test]
async fn an_archive_is_opened_with_the_second_key_and_picked_by_type() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Arc::new(Desk::new(Environment::default(), Paths::at(folder.path(), folder.path())));
    let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/strapi/v5.54.0.tar.gz.enc");
    let mut state = source(Location::Bundle(archive.into()));
    let effects = source_changed(&mut state);
    settle_on(&mut state, &desk, effects, |_| false).await;
    assert_eq!(state.popups.len(), 1, "{:?}", state.content.stage);
    for (key, asks) in [("wrong", 1), ("my-encryption-key", 0)] {
        testing::type_in(&mut state, key);
        press(&mut state, &desk, "enter").await;
        assert_eq!(state.popups.len(), asks, "{:?}", state.content.stage);
    }
    let content = &state.content;
    let stock = content.stock.as_ref().expect("listed");
    let types: Vec<_> = stock.arranged.groups.iter().filter(|group| matches!(group.key, GroupKey::Type(_))).collect();
    assert!(types.len() > 2, "{types:?}");
    let GroupKey::Type(type_) = types[0].key.clone() else { panic!("{:?}", types[0]) };
    let at = content.look.rows.iter().position(
        |row| matches!(row, Row::Group(at) if stock.arranged.groups[*at].key == GroupKey::Type(type_.clone())),
    );
    let count = types[0].count;
    state.content.look.groups.at = at.expect("it has a line");
    press(&mut state, &desk, "tab p enter").await;
    let content = &state.content;
    assert_eq!((content.picks.items.len(), content.shown.len()), (count, count));
    assert!(content.is_settled());
    assert!(selection(&state).is_some_and(|selection| !selection.ids.is_empty() || selection.types == [&*type_]));
    assert!(matches!(content.details.content, Content::Read { .. }), "{:?}", content.details.content);
}
