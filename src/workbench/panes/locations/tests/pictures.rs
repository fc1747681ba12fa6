//! Pictures of every view, popup, empty and error state.

use super::*;
use crate::workbench::testing::{coloured, gallery, picture, press, state, type_in};
use crate::workbench::theme::Theme;

fn pictured(name: &str, state: &mut State) {
    insta::assert_snapshot!(name, gallery(state));
}

/// Both sides with something to see: a source that is open, others checked, failed or waited for.
fn full() -> State {
    let mut state = read();
    state.size = (80, 24);
    press(&mut state, "T");
    opens(&mut state, &at("dev"), Platform::Ziggy);
    opens(&mut state, &at("prod"), Platform::Ziggy);
    let refused = error(ErrorKind::Unreachable, "live: cannot reach https://live.example", Some("check the URL"));
    answer(&mut state, &at("live"), Err(refused)).clear();
    let unsupported = error(ErrorKind::UnknownLocation, "flotiq servers are not supported yet", None);
    answer(&mut state, &at("cms-stage"), Err(unsupported)).clear();
    state.now = "2026-11-21T01:45:03Z".parse().unwrap();
    state
}

#[test]
fn nothing_is_read_yet() {
    let mut state = state();
    super::super::begin(&mut state);
    pictured("reading", &mut state);
}

#[test]
fn nobody_added_a_remote_yet() {
    let mut state = state();
    super::super::begin(&mut state);
    tell(&mut state, Message::Remotes { reading: 1, remotes: Ok(Vec::new()) });
    tell(&mut state, Message::Bundles { reading: 1, bundles: Ok(Vec::new()) });
    pictured("empty", &mut state);
}

#[test]
fn the_configuration_cannot_be_read() {
    let mut state = state();
    super::super::begin(&mut state);
    let wrong = error(
        ErrorKind::Usage,
        "/home/u/.config/haul/config.toml: line 4: remote prod has an unknown key `ulr`, did you mean `url`?",
        Some("mend the file, or remove the lines and add the remote again"),
    );
    tell(&mut state, Message::Remotes { reading: 1, remotes: Err(wrong) });
    tell(&mut state, Message::Bundles { reading: 1, bundles: Ok(bundles()) });
    pictured("broken", &mut state);
}

#[test]
fn remotes_and_bundles_side_by_side() {
    let mut state = full();
    go(&mut state, "dev");
    press(&mut state, "enter");
    pictured("source-chosen", &mut state);
    insta::assert_snapshot!("source-chosen-ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn a_remote_that_failed_says_why_and_what_to_do() {
    let mut state = full();
    go(&mut state, "live");
    pictured("failed", &mut state);
    go(&mut state, "vault");
    state.now = "2026-11-21T01:45:09Z".parse().unwrap();
    pictured("waiting", &mut state);
}

#[test]
fn what_cannot_be_a_destination_says_why() {
    let mut state = full();
    go(&mut state, "dev");
    press(&mut state, "enter");
    for name in ["dev", "vault", "./backup.tar.gz.enc", "cms-stage"] {
        go(&mut state, name);
        pictured(&format!("refused-{}", name.trim_start_matches("./")), &mut state);
    }
    press(&mut state, "enter");
    pictured("refused-notice", &mut state);
}

#[test]
fn bundles_show_their_form_and_whether_they_are_locked() {
    let mut state = full();
    go(&mut state, "./backup.tar.gz.enc");
    pictured("bundle-locked", &mut state);
    go(&mut state, "./flows.json");
    press(&mut state, "t");
    opens(&mut state, &file("./flows.json"), Platform::Ziggy);
    pictured("bundle-counted", &mut state);
}

#[test]
fn a_hint_of_the_demo_stays_until_both_ends_are_chosen() {
    let mut state = full();
    state.settings.hint = Some("choose dev on the left and prod on the right, pick by tag with 2".to_owned());
    pictured("hint", &mut state);
    go(&mut state, "dev");
    press(&mut state, "enter");
    go(&mut state, "prod");
    press(&mut state, "enter 1");
    pictured("both-chosen", &mut state);
}

#[test]
fn the_filter_narrows_one_side() {
    let mut state = full();
    press(&mut state, "/");
    type_in(&mut state, "o");
    pictured("filter", &mut state);
    type_in(&mut state, "zzz");
    pictured("filter-nothing", &mut state);
}

#[test]
fn the_form_of_a_remote() {
    let mut state = full();
    press(&mut state, "n");
    pictured("form-new", &mut state);
    type_in(&mut state, "a b");
    press(&mut state, "enter");
    pictured("form-wrong", &mut state);
}

#[test]
fn the_form_keeps_what_was_typed_when_it_cannot_be_saved() {
    let mut state = full();
    forms::fill_in(&mut state);
    let effects = press(&mut state, "enter");
    assert_eq!(effects.len(), 1);
    pictured("form-saving", &mut state);
    let why = error(ErrorKind::Io, "cannot write config.toml: permission denied", Some("look who owns the folder"));
    let asked = state.locations.asked;
    tell(&mut state, Message::Saved { asked, before: None, answer: Err(why) });
    pictured("form-failed", &mut state);
}

#[test]
fn removing_a_remote_is_asked_with_what_goes() {
    let mut state = full();
    go(&mut state, "prod");
    press(&mut state, "x");
    pictured("remove", &mut state);
}

#[test]
fn the_login_form_comes_with_what_was_refused() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter");
    let refused = error(ErrorKind::Unauthorized, "dev: the server refuses the login of `demo`", None);
    answer(&mut state, &at("dev"), Err(refused));
    pictured("login", &mut state);
}

#[test]
fn the_key_prompt_comes_back_with_the_error() {
    let mut state = read();
    go(&mut state, "./backup.tar.gz.enc");
    press(&mut state, "enter");
    let location = file("./backup.tar.gz.enc");
    answer(&mut state, &location, Err(error(ErrorKind::NoKey, "no key was given", None)));
    type_in(&mut state, "wrong");
    pictured("key", &mut state);
    press(&mut state, "enter");
    let wrong = error(ErrorKind::WrongKey, "./backup.tar.gz.enc: the key does not fit", Some("pass --key-file"));
    answer(&mut state, &location, Err(wrong));
    pictured("key-wrong", &mut state);
}

#[test]
fn the_form_of_a_new_bundle_shows_what_will_be_written() {
    let mut state = full();
    go(&mut state, "./backup.tar.gz.enc");
    press(&mut state, "enter");
    opens(&mut state, &file("./backup.tar.gz.enc"), Platform::Strapi);
    press(&mut state, "enter");
    pictured("new-bundle", &mut state);
    press(&mut state, "tab space enter");
    let bundle = choosing::bundle("./export_20261121014503.tar.gz");
    let asked = state.locations.asked;
    tell(&mut state, Message::Output { asked, answer: Ok(super::super::scan::Writable::Exists(bundle)) });
    pictured("new-bundle-exists", &mut state);
    press(&mut state, "enter 1 right");
    pictured("new-bundle-chosen", &mut state);
}

#[test]
fn the_form_to_edit_a_remote_and_after_a_refused_login() {
    pictured("form-edit", &mut forms::editing());
    pictured("form-edit-refused", &mut forms::refused());
}

#[test]
fn waiting_for_a_location_and_what_can_be_added_or_opened() {
    let mut state = read();
    go(&mut state, "dev");
    press(&mut state, "enter");
    pictured("opening", &mut state);
    press(&mut state, "esc");
    pictured("waits-no-more", &mut state);
    press(&mut state, "end");
    pictured("open-a-file", &mut state);
    press(&mut state, "right");
    state.settings.fleeting = true;
    state.settings.folder = "/tmp/demo".into();
    choosing::to_new_bundle(&mut state);
    pictured("new-bundle-of-a-demo", &mut state);
}

#[test]
fn a_server_that_lets_in_and_tells_limits() {
    let mut state = full();
    let mut limited = found(Platform::Ziggy, "dev");
    limited.access.limits = vec!["sees no secrets".to_owned()];
    press(&mut state, "T");
    answer(&mut state, &at("dev"), Ok(limited));
    go(&mut state, "dev");
    pictured("limits", &mut state);
}

#[test]
fn the_picker() {
    let mut state = picking::opened();
    pictured("picker", &mut state);
    insta::assert_snapshot!("picker-ansi", coloured(&mut state, Theme::Ansi));
    type_in(&mut state, "backup");
    pictured("picker-filter", &mut state);
    type_in(&mut state, "zz");
    pictured("picker-nothing", &mut state);
    press(&mut state, "ctrl-u");
    type_in(&mut state, "plan-");
    pictured("picker-plan", &mut state);
    press(&mut state, "enter");
    pictured("picker-plan-refused", &mut state);
    press(&mut state, "ctrl-u");
    type_in(&mut state, "~/gone");
    press(&mut state, "enter");
    let asked = state.locations.asked;
    let gone = error(ErrorKind::Io, "cannot read /home/u/gone: no such file or directory", None);
    tell(&mut state, Message::Arrived { asked, answer: Err(gone) });
    pictured("picker-gone", &mut state);
}

#[test]
fn content_never_steers_the_terminal() {
    let mut state = read();
    let evil = "a\x1b[31m\u{202e}漢字e\u{301}".to_owned();
    let mut items = remotes();
    items.push(remote(&evil, Platform::Ziggy, RemoteFacts { user: Some(evil.clone()), ..facts(&evil) }));
    tell(&mut state, Message::Remotes { reading: 1, remotes: Ok(items) });
    go(&mut state, &evil);
    press(&mut state, "enter");
    answer(&mut state, &at(&evil), Err(error(ErrorKind::Server, &evil, Some(&evil))));
    let shown = picture(&mut state);
    assert!(!shown.contains(['\x1b', '\u{202e}']), "{shown}");
    insta::assert_snapshot!("evil", shown);
}
