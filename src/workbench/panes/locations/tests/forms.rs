//! Adding, editing and removing remotes.

use secrecy::ExposeSecret;

use super::*;
use crate::remotes::{
    CredentialChange, CredentialRef, NewCredential, Origin, Remote, RemoteName, StoreKind, parse_url,
};
use crate::workbench::state::Popup;
use crate::workbench::testing::{click, press, type_in};

/// Opens the form of a new remote and fills it in.
pub fn fill_in(state: &mut State) {
    press(state, "n");
    type_in(state, "next");
    press(state, "tab tab");
    type_in(state, "https://next.example/");
    press(state, "tab");
    type_in(state, "anna");
    press(state, "tab tab");
    type_in(state, "hunter2");
    press(state, "tab space");
}

fn stored() -> Remote {
    Remote {
        name: RemoteName::parse("prod").unwrap(),
        platform: Platform::Ziggy,
        url: parse_url("https://prod.example").unwrap(),
        user: Some("demo".to_owned()),
        credential: CredentialRef::Stored(StoreKind::Keyring),
        origin: Origin::Config,
        default_source: false,
        production: true,
        read_only: false,
    }
}

/// The edit form of prod.
pub fn editing() -> State {
    edited(read())
}

/// The edit form of prod after its login was refused.
pub fn refused() -> State {
    let mut state = read();
    go(&mut state, "prod");
    press(&mut state, "t");
    answer(&mut state, &at("prod"), Err(error(ErrorKind::Unauthorized, "prod: the login is refused", None)));
    press(&mut state, "esc");
    edited(state)
}

fn edited(mut state: State) -> State {
    go(&mut state, "prod");
    let effects = ours(press(&mut state, "e"));
    let [Effect::Edit { asked, name }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(name, "prod");
    tell(&mut state, Message::Editable { asked: *asked, answer: Ok(Box::new(stored())) });
    state
}

#[test]
fn a_remote_is_added_with_its_credential_and_then_tested() {
    let mut state = read();
    fill_in(&mut state);
    let effects = press(&mut state, "enter");
    assert!(!format!("{effects:?}{state:?}").contains("hunter2"));
    let effects = ours(effects);
    let [Effect::Add { asked, new }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(
        (new.name.as_str(), new.url.as_str(), new.user.as_deref()),
        ("next", "https://next.example/", Some("anna"))
    );
    assert!(matches!(&new.credential, NewCredential::Store(secret) if secret.expose_secret() == "hunter2"));
    assert!(new.production && !new.read_only);

    let added = Remote { name: RemoteName::parse("next").unwrap(), ..stored() };
    let effects = ours(tell(&mut state, Message::Saved { asked: *asked, before: None, answer: Ok(added) }));
    assert!(matches!(&effects[..], [Effect::Read { reading: 2, .. }]), "{effects:?}");
    assert!(state.popups.is_empty());
    let mut items = remotes();
    items.push(remote("next", Platform::Ziggy, facts("https://next.example")));
    let effects = ours(tell(&mut state, Message::Remotes { reading: 2, remotes: Ok(items) }));
    assert!(
        matches!(&effects[..], [Effect::Check { location, count: true, .. }] if *location == at("next")),
        "{effects:?}"
    );
    assert_eq!(super::super::rows::entry_under(&state).map(|entry| entry.name.as_str()), Some("next"));
}

#[test]
fn after_a_refused_login_the_form_begins_at_an_empty_password() {
    let mut state = refused();
    type_in(&mut state, "hunter2");
    let shown = testing::picture(&mut state);
    assert!(shown.contains("▸ password   •••••••") && !shown.contains("hunter2"), "{shown}");
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Change { change, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(
        matches!(&change.credential, CredentialChange::Replace(NewCredential::Store(new)) if new.expose_secret() == "hunter2")
    );
    // Nothing typed keeps the one there is.
    let effects = ours(press(&mut refused(), "enter"));
    let [Effect::Change { change, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(change.credential, CredentialChange::Keep));
}

#[test]
fn nothing_is_lost_when_saving_fails() {
    let mut state = read();
    fill_in(&mut state);
    press(&mut state, "enter");
    assert!(ours(press(&mut state, "enter")).is_empty(), "what is being saved is not saved twice");
    let asked = state.locations.asked;
    tell(
        &mut state,
        Message::Saved { asked, before: None, answer: Err(error(ErrorKind::Io, "the disk is full", None)) },
    );
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Add { new, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(&new.credential, NewCredential::Store(secret) if secret.expose_secret() == "hunter2"));
}

#[test]
fn errors_stand_under_the_fields_that_they_belong_to() {
    let mut state = read();
    press(&mut state, "n");
    type_in(&mut state, "prod");
    press(&mut state, "tab tab");
    type_in(&mut state, "https://anna:hunter2@x.example");
    assert!(ours(press(&mut state, "enter")).is_empty());
    let Some(Popup::Locations(super::super::Popup::Form(form))) = state.popups.last() else { panic!() };
    let errors: Vec<_> = form.lines.iter().filter_map(|line| Some((line.label, line.error.as_deref()?))).collect();
    assert_eq!(errors.iter().map(|(label, _)| *label).collect::<Vec<_>>(), ["url", "password"]);
    assert!(errors[0].1.contains("user or a password") && !errors[0].1.contains("hunter2"));
    // The name is right in itself; that it is taken comes out once the rest is.
    press(&mut state, "ctrl-u");
    type_in(&mut state, "https://x.example");
    press(&mut state, "tab tab right right right enter");
    assert!(testing::picture(&mut state).contains("✗ a remote is called prod already"));
}

#[test]
fn a_credential_can_come_from_a_variable_a_command_or_nowhere() {
    for (turns, typed, expected) in [
        ("right", "CMS_TOKEN", "Env(\"CMS_TOKEN\")"),
        ("right right", "pass show cms", "Command(\"pass show cms\")"),
        ("right right right", "", "None"),
        ("left", "", "None"),
    ] {
        let mut state = read();
        press(&mut state, "n");
        type_in(&mut state, "next");
        press(&mut state, "tab tab");
        type_in(&mut state, "https://next.example");
        press(&mut state, "tab tab");
        press(&mut state, turns);
        if !typed.is_empty() {
            assert!(ours(press(&mut state, "enter")).is_empty(), "it has to be named");
            type_in(&mut state, typed);
        }
        let effects = ours(press(&mut state, "enter"));
        let [Effect::Add { new, .. }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(format!("{:?}", new.credential), expected);
    }
}

#[test]
fn an_edit_keeps_the_credential_unless_another_is_given() {
    let mut state = editing();
    press(&mut state, "ctrl-u");
    type_in(&mut state, "https://new.example");
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Change { name, rename: None, change, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((name.as_str(), change.url.as_str(), change.production), ("prod", "https://new.example/", true));
    assert!(matches!(change.credential, CredentialChange::Keep));

    let mut state = editing();
    press(&mut state, "tab tab right");
    // Typed, and left empty: kept as well.
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Change { change, asked, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(change.credential, CredentialChange::Keep));
    tell(&mut state, Message::Saved { asked: *asked, before: None, answer: Err(error(ErrorKind::Io, "no", None)) });
    press(&mut state, "tab");
    type_in(&mut state, "hunter2");
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Change { change, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(change.credential, CredentialChange::Replace(NewCredential::Store(_))));
}

#[test]
fn an_edit_can_rename_and_an_end_follows() {
    let mut state = read();
    go(&mut state, "prod");
    press(&mut state, "enter");
    opens(&mut state, &at("prod"), Platform::Ziggy);
    press(&mut state, "left");
    go(&mut state, "prod");
    press(&mut state, "e");
    let asked = state.locations.asked;
    tell(&mut state, Message::Editable { asked, answer: Ok(Box::new(stored())) });
    press(&mut state, "up up");
    type_in(&mut state, "2");
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Change { asked, rename: Some(to), .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(to.as_str(), "prod2");
    let renamed = Remote { name: to.clone(), ..stored() };
    tell(&mut state, Message::Saved { asked: *asked, before: Some("prod".into()), answer: Ok(renamed) });
    let source = state.ends.source.as_ref().unwrap();
    assert_eq!((source.location.text().as_str(), source.opened.is_none()), ("prod2", true));
}

#[test]
fn remotes_of_the_environment_say_why_they_cannot_be_edited() {
    let mut state = read();
    go(&mut state, "live");
    for key in ["e", "x"] {
        assert!(press(&mut state, key).is_empty());
        let notice = state.notice.take().map(|notice| notice.text).unwrap_or_default();
        assert!(notice.contains("HAUL_REMOTE_LIVE"), "{notice}");
    }
    go(&mut state, "./flows.json");
    press(&mut state, "x");
    assert!(state.notice.take().is_some_and(|notice| notice.text.contains("this is a file")));
}

#[test]
fn a_remote_is_removed_after_a_yes_and_is_no_end_any_more() {
    let mut state = read();
    go(&mut state, "prod");
    press(&mut state, "enter");
    opens(&mut state, &at("prod"), Platform::Ziggy);
    press(&mut state, "left");
    go(&mut state, "prod");
    assert!(press(&mut state, "x").is_empty());
    let effects = ours(press(&mut state, "enter"));
    let [Effect::Remove { name }] = &effects[..] else { panic!("{effects:?}") };
    tell(&mut state, Message::Removed { name: name.clone(), answer: Ok(()) });
    assert!(state.ends.source.is_none());
}

#[test]
fn a_default_source_is_set() {
    let mut state = read();
    go(&mut state, "prod");
    let effects = ours(press(&mut state, "U"));
    assert!(matches!(&effects[..], [Effect::Prefer { name }] if name == "prod"));
    let effects = ours(tell(&mut state, Message::Preferred { name: "prod".into(), answer: Ok(()) }));
    assert!(matches!(&effects[..], [Effect::Read { .. }]));
}

#[test]
fn a_form_is_filled_in_by_mouse_too() {
    let mut state = read();
    press(&mut state, "n");
    click(&mut state, "read-only");
    click(&mut state, "credential");
    let shown = testing::picture(&mut state);
    assert!(shown.contains("read-only  [x]") && shown.contains("‹ from a variable ›"), "{shown}");
    click(&mut state, "[ esc leave it ]");
    assert!(state.popups.is_empty());
}
