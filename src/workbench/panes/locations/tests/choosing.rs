//! From a row to an end.

use super::*;
use crate::model::FolderFormat;
use crate::workbench::ends::{DestinationEnd, NewBundle};
use crate::workbench::panes::locations::effects::With;
use crate::workbench::panes::locations::scan::Writable;
use crate::workbench::panes::locations::state::Side;
use crate::workbench::state::{Pane, Popup};
use crate::workbench::testing::{click, press, type_in};

pub fn bundle(path: &str) -> NewBundle {
    NewBundle {
        path: path.into(),
        sealed: false,
        compressed: true,
        redacted: false,
        folder: FolderFormat::default(),
        replace: false,
    }
}

fn source(state: &State) -> Option<String> {
    state.ends.source.as_ref().map(|source| source.location.text())
}

fn destination(state: &State) -> Option<String> {
    state.ends.destination.as_ref().map(DestinationEnd::text)
}

/// dev is the source.
fn from_dev() -> State {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter");
    opens(&mut state, &at("dev"), Platform::Ziggy);
    state
}

#[test]
fn the_first_frame_waits_for_nothing() {
    let mut state = testing::state();
    let effects = ours(super::super::begin(&mut state));
    assert!(matches!(&effects[..], [Effect::Read { reading: 1, .. }]), "{effects:?}");
    assert!(testing::picture(&mut state).contains("reading …"));
}

#[test]
fn choosing_both_ends_leads_to_the_content() {
    let mut state = read();
    go(&mut state, "dev");
    let effects = ours(press(&mut state, "enter"));
    assert!(matches!(&effects[..], [Effect::Check { with: With::Kept, count: true, .. }]), "{effects:?}");
    assert_eq!((source(&state), super::super::is_waiting(&state)), (None, true));
    opens(&mut state, &at("dev"), Platform::Ziggy);
    assert_eq!(source(&state).as_deref(), Some("dev"));
    assert_eq!((state.locations.side, state.pane), (Side::Destination, Pane::Locations));
    let opened = state.ends.source.as_ref().and_then(|source| source.opened.as_ref());
    assert_eq!(opened.map(|opened| opened.info.platform), Some(Platform::Ziggy));
    go(&mut state, "prod");
    press(&mut state, "enter");
    opens(&mut state, &at("prod"), Platform::Ziggy);
    assert_eq!(destination(&state).as_deref(), Some("prod"));
    assert!(state.ends.destination.as_ref().is_some_and(DestinationEnd::is_production));
    assert_eq!((state.pane, super::super::sign(&state).as_str()), (Pane::Content, "✓"));
}

#[test]
fn the_same_by_mouse() {
    let mut state = read();
    click(&mut state, "dev ");
    assert_eq!(ours(click(&mut state, "dev ")).len(), 1);
    opens(&mut state, &at("dev"), Platform::Ziggy);
    click(&mut state, "a new file");
    click(&mut state, "a new file");
    assert!(matches!(state.popups.last(), Some(Popup::Locations(super::super::Popup::Form(_)))));
}

#[test]
fn after_the_source_the_cursor_stands_on_what_can_be_a_destination() {
    let state = from_dev();
    let under = super::super::rows::entry_under(&state).map(|entry| entry.name.as_str());
    assert_eq!(under, Some("live"));
}

#[test]
fn what_was_opened_before_is_chosen_at_once() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "t");
    opens(&mut state, &at("dev"), Platform::Ziggy);
    assert_eq!(source(&state), None);
    assert!(ours(press(&mut state, "enter")).is_empty());
    assert_eq!(source(&state).as_deref(), Some("dev"));
}

#[test]
fn a_test_of_another_location_does_not_stop_what_was_chosen() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter");
    go(&mut state, "prod");
    press(&mut state, "t");
    opens(&mut state, &at("prod"), Platform::Ziggy);
    assert_eq!(source(&state), None);
    opens(&mut state, &at("dev"), Platform::Ziggy);
    assert_eq!(source(&state).as_deref(), Some("dev"));
}

#[test]
fn answers_to_older_questions_are_dropped() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter");
    let old = asked(&state, &at("dev"));
    press(&mut state, "t");
    let late = Message::Opened { location: at("dev"), asked: old, answer: Ok(found(Platform::Ziggy, "dev")) };
    tell(&mut state, late);
    assert!(state.locations.look(&at("dev")).opened().is_none() && source(&state).is_none());
    let late = Message::Remotes { reading: 0, remotes: Ok(Vec::new()) };
    tell(&mut state, late);
    assert_eq!(state.locations.remotes.items.len(), 5);
}

#[test]
fn somebody_who_stopped_waiting_is_not_led_away() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter esc");
    opens(&mut state, &at("dev"), Platform::Ziggy);
    assert_eq!(source(&state), None);
    assert!(state.locations.look(&at("dev")).opened().is_some());
}

#[test]
fn every_reason_against_a_destination_is_named_before_anything_is_opened() {
    let mut state = from_dev();
    for (name, why) in [
        ("dev", "it is the source"),
        ("cms-stage", "it is of flotiq, and the source is of ziggy"),
        ("vault", "read-only"),
        ("./flows.json", "it is a file"),
    ] {
        state.locations.side = Side::Destination;
        go(&mut state, name);
        assert!(ours(press(&mut state, "enter")).is_empty(), "{name}");
        let notice = state.notice.take().map(|notice| notice.text).unwrap_or_default();
        assert!(notice.contains(why), "{name}: {notice}");
        assert_eq!(destination(&state), None);
    }
}

#[test]
fn a_source_of_another_platform_drops_the_destination_and_says_so() {
    let mut state = from_dev();
    go(&mut state, "prod");
    press(&mut state, "enter");
    opens(&mut state, &at("prod"), Platform::Ziggy);
    press(&mut state, "1 left");
    go(&mut state, "./backup.tar.gz.enc");
    press(&mut state, "enter");
    opens(&mut state, &file("./backup.tar.gz.enc"), Platform::Strapi);
    assert_eq!(destination(&state), None);
    let notice = state.notice.as_ref().map(|notice| notice.text.as_str());
    assert_eq!(notice, Some("choose the destination anew: prod is of another platform"));
}

#[test]
fn a_sealed_archive_asks_for_its_key_until_it_fits() {
    let mut state = read();
    let location = file("./backup.tar.gz.enc");
    go(&mut state, "./backup.tar.gz.enc");
    press(&mut state, "enter");
    answer(&mut state, &location, Err(error(ErrorKind::NoKey, "no key was given", None)));
    assert_eq!(state.popups.len(), 1);
    assert!(ours(press(&mut state, "enter")).is_empty(), "an empty key is not tried");
    type_in(&mut state, "hunter2");
    let effects = press(&mut state, "enter");
    assert!(!format!("{effects:?}{state:?}").contains("hunter2"));
    assert!(matches!(&ours(effects)[..], [Effect::Check { with: With::Key(_), .. }]));
    answer(&mut state, &location, Err(error(ErrorKind::WrongKey, "the key does not fit", None)));
    assert!(testing::picture(&mut state).contains("✗ the key does not fit"));
    type_in(&mut state, "right");
    press(&mut state, "enter");
    let effects = ours(opens(&mut state, &location, Platform::Strapi));
    assert!(state.popups.is_empty());
    assert_eq!(source(&state).as_deref(), Some("./backup.tar.gz.enc"));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Remember { .. })), "{effects:?}");
}

#[test]
fn esc_leaves_the_key_prompt_and_nothing_is_chosen() {
    let mut state = read();
    let location = file("./backup.tar.gz.enc");
    go(&mut state, "./backup.tar.gz.enc");
    press(&mut state, "enter");
    answer(&mut state, &location, Err(error(ErrorKind::NoKey, "no key was given", None)));
    assert!(press(&mut state, "esc").is_empty());
    assert!(state.popups.is_empty() && source(&state).is_none() && state.locations.pending.is_none());
}

#[test]
fn a_remote_without_a_credential_asks_for_a_login_until_it_is_taken() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter");
    answer(&mut state, &at("dev"), Err(error(ErrorKind::NoCredential, "dev needs a user and a password", None)));
    // The user is known, so that the cursor stands in the password.
    type_in(&mut state, "hunter2");
    let effects = press(&mut state, "enter");
    assert!(!format!("{effects:?}{state:?}").contains("hunter2"));
    let effects = ours(effects);
    let [Effect::Check { with: With::Login(login), .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((login.user.as_deref(), login.reveal_for_request()), (Some("demo"), "hunter2"));
    answer(&mut state, &at("dev"), Err(error(ErrorKind::Unauthorized, "the server refuses the login", None)));
    assert!(testing::picture(&mut state).contains("✗ the server refuses the login"));
    assert!(ours(press(&mut state, "enter")).is_empty(), "an empty password is not sent");
    type_in(&mut state, "right");
    press(&mut state, "enter");
    opens(&mut state, &at("dev"), Platform::Ziggy);
    assert_eq!(source(&state).as_deref(), Some("dev"));
}

#[test]
fn nobody_is_interrupted_who_went_elsewhere_meanwhile() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter 5");
    answer(&mut state, &at("dev"), Err(error(ErrorKind::NoCredential, "dev needs a user and a password", None)));
    assert!(state.popups.is_empty());
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("needs a user")));
}

#[test]
fn the_default_source_is_chosen_at_the_start_and_asks_nothing() {
    for opens_at_once in [true, false] {
        let mut state = testing::state();
        super::super::begin(&mut state);
        let mut items = remotes();
        items[1] = remote("dev", Platform::Ziggy, RemoteFacts { default_source: true, ..facts("http://dev.example") });
        let effects = ours(tell(&mut state, Message::Remotes { reading: 1, remotes: Ok(items) }));
        assert!(matches!(&effects[..], [Effect::Check { .. }]), "{effects:?}");
        if opens_at_once {
            opens(&mut state, &at("dev"), Platform::Ziggy);
            assert_eq!(source(&state).as_deref(), Some("dev"));
        } else {
            answer(&mut state, &at("dev"), Err(error(ErrorKind::Unauthorized, "no", None)));
            assert!(state.popups.is_empty() && source(&state).is_none());
            assert!(state.locations.look(&at("dev")).error().is_some());
        }
    }
}

#[test]
fn testing_all_asks_each_in_the_background() {
    let mut state = read();
    let effects = ours(press(&mut state, "T"));
    assert_eq!(effects.len(), 5);
    answer(&mut state, &at("live"), Err(error(ErrorKind::NoCredential, "no", None)));
    assert!(state.popups.is_empty(), "nobody is asked for a login for that");
}

/// Goes to the row of a new bundle on the right.
pub fn to_new_bundle(state: &mut State) {
    press(state, "right");
    let rows = super::super::rows::rows(state, Side::Destination);
    let at = rows.iter().position(|row| matches!(row, super::super::rows::Row::NewBundle));
    state.locations.destinations.cursor.at = at.unwrap();
}

#[test]
fn a_new_bundle_needs_a_source_then_a_free_place() {
    let mut state = read();
    to_new_bundle(&mut state);
    press(&mut state, "enter");
    assert!(state.popups.is_empty() && state.notice.is_some());

    let mut state = from_dev();
    to_new_bundle(&mut state);
    press(&mut state, "enter");
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Output { asked, bundle }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(bundle.path.display().to_string(), "./export_20261121014500.json");
    assert_eq!((bundle.sealed, bundle.redacted), (false, false), "there is nothing to seal here");
    let missing = error(ErrorKind::Io, "there is no folder x", Some("make it first"));
    tell(&mut state, Message::Output { asked: *asked, answer: Err(missing) });
    assert!(testing::picture(&mut state).contains("✗ there is no folder x; make it first"));
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Output { asked, bundle }] = &effects[..] else { panic!("{effects:?}") };
    tell(&mut state, Message::Output { asked: *asked, answer: Ok(Writable::Free(bundle.clone())) });
    assert_eq!(destination(&state).as_deref(), Some("./export_20261121014500.json"));
    assert_eq!((state.pane, state.popups.len()), (Pane::Content, 0));
}

#[test]
fn a_name_without_a_folder_goes_where_files_are_saved() {
    for (typed, path) in [
        ("x", "/tmp/demo/x.json"),
        ("./x", "./x.json"),
        ("a/x", "a/x.json"),
        ("/a/x", "/a/x.json"),
        ("~/x", "~/x.json"),
    ] {
        let mut state = from_dev();
        state.settings.folder = "/tmp/demo".into();
        super::super::bundle_form::open(&mut state);
        press(&mut state, "ctrl-u");
        type_in(&mut state, typed);
        let effects = ours(press(&mut state, "enter"));
        let [Effect::Output { bundle, .. }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(bundle.path.display().to_string(), path, "{typed}");
    }
}

#[test]
fn an_existing_file_is_replaced_only_after_a_yes() {
    for (answer, replaced) in [("enter", true), ("esc", false)] {
        let mut state = from_dev();
        press(&mut state, "right");
        super::super::bundle_form::open(&mut state);
        press(&mut state, "enter");
        let asked = state.locations.asked;
        tell(&mut state, Message::Output { asked, answer: Ok(Writable::Exists(bundle("./x.json"))) });
        press(&mut state, answer);
        let replaces =
            matches!(&state.ends.destination, Some(DestinationEnd::NewBundle(NewBundle { replace: true, .. })));
        assert_eq!((replaces, state.popups.is_empty()), (replaced, replaced));
    }
}

#[test]
fn the_wrong_ending_is_told_under_the_path() {
    let mut state = from_dev();
    super::super::bundle_form::open(&mut state);
    press(&mut state, "ctrl-u");
    type_in(&mut state, "x.tar");
    assert!(ours(press(&mut state, "enter")).is_empty());
    assert!(testing::picture(&mut state).contains("is not the extension"));
}

#[test]
fn times_go_on_only_while_they_are_looked_at() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "t");
    let effects = answer(&mut state, &at("dev"), Ok(found(Platform::Ziggy, "dev")));
    assert!(matches!(effects[..], [effect::Effect::After(..)]), "{effects:?}");
    assert_eq!(tell(&mut state, Message::Tick).len(), 1);
    press(&mut state, "5");
    assert!(tell(&mut state, Message::Tick).is_empty());
    assert_eq!(press(&mut state, "1").len(), 1);
}

#[test]
fn moving_steps_over_headings_in_both_directions() {
    let mut state = read();
    let name = |state: &State| super::super::rows::entry_under(state).map(|entry| entry.name.clone());
    press(&mut state, "g");
    assert_eq!(name(&state).as_deref(), Some("cms-stage"));
    press(&mut state, "down down down down down");
    assert_eq!(name(&state).as_deref(), Some("./backup.tar.gz.enc"));
    press(&mut state, "up");
    assert_eq!(name(&state).as_deref(), Some("vault"));
    press(&mut state, "home up up");
    assert_eq!(name(&state).as_deref(), Some("cms-stage"));
}

#[test]
fn the_cursor_stays_on_its_row_when_lists_are_read_again() {
    let mut state = read();
    go(&mut state, "prod");
    let effects = ours(press(&mut state, "r"));
    assert!(matches!(&effects[..], [Effect::Read { reading: 2, .. }]));
    let mut items = remotes();
    items.insert(0, remote("alpha", Platform::Ziggy, facts("https://alpha.example")));
    tell(&mut state, Message::Remotes { reading: 2, remotes: Ok(items) });
    let under = super::super::rows::entry_under(&state).map(|entry| entry.name.as_str());
    assert_eq!(under, Some("prod"));
}

#[test]
fn the_filter_is_typed_kept_and_dropped() {
    let mut state = read();
    press(&mut state, "/");
    type_in(&mut state, "prod");
    press(&mut state, "enter");
    assert!(!state.locations.filtering);
    let names = |state: &State| {
        let rows = super::super::rows::rows(state, Side::Source);
        rows.iter().filter(|row| matches!(row, super::super::rows::Row::Entry(_))).count()
    };
    assert_eq!(names(&state), 1);
    let under = super::super::rows::entry_under(&state).map(|entry| entry.name.as_str());
    assert_eq!(under, Some("prod"));
    press(&mut state, "esc");
    assert_eq!(names(&state), 7);
}
