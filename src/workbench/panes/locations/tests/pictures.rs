//! Pictures of every view, popup, empty and error state.

use super::*;
use crate::workbench::testing::{SIZES, coloured, picture, picture_at, press, state, type_in};
use crate::workbench::theme::Theme;

/// Pictures at 80×24, 160×45, and once too small.
fn pictured(name: &str, state: &mut State) {
    for size in SIZES {
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), picture_at(state, size));
    }
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
    let unsupported = error(ErrorKind::UnknownLocation, "strapi servers are not supported yet", None);
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
    insta::assert_snapshot!("source-chosen-dark", coloured(&mut state, Theme::Dark));
    insta::assert_snapshot!("source-chosen-ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn a_remote_that_failed_says_why_and_what_to_do() {
    let mut state = full();
    go(&mut state, "live");
    insta::assert_snapshot!("failed", picture(&mut state));
    go(&mut state, "vault");
    state.now = "2026-11-21T01:45:09Z".parse().unwrap();
    insta::assert_snapshot!("waiting", picture(&mut state));
}

#[test]
fn what_cannot_be_a_destination_says_why() {
    let mut state = full();
    go(&mut state, "dev");
    press(&mut state, "enter");
    for name in ["dev", "vault", "./backup.tar.gz.enc", "cms-stage"] {
        go(&mut state, name);
        insta::assert_snapshot!(format!("refused-{}", name.trim_start_matches("./")), picture(&mut state));
    }
    press(&mut state, "enter");
    insta::assert_snapshot!("refused-notice", picture(&mut state));
}

#[test]
fn bundles_show_their_form_and_whether_they_are_locked() {
    let mut state = full();
    go(&mut state, "./backup.tar.gz.enc");
    insta::assert_snapshot!("bundle-locked", picture(&mut state));
    go(&mut state, "./flows.json");
    press(&mut state, "t");
    opens(&mut state, &file("./flows.json"), Platform::Ziggy);
    insta::assert_snapshot!("bundle-counted", picture(&mut state));
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
    insta::assert_snapshot!("both-chosen", picture(&mut state));
}

#[test]
fn the_filter_narrows_one_side() {
    let mut state = full();
    press(&mut state, "/");
    type_in(&mut state, "o");
    insta::assert_snapshot!("filter", picture(&mut state));
    type_in(&mut state, "zzz");
    insta::assert_snapshot!("filter-nothing", picture(&mut state));
}

#[test]
fn the_form_of_a_remote() {
    let mut state = full();
    press(&mut state, "n");
    pictured("form-new", &mut state);
    insta::assert_snapshot!("form-new-dark", coloured(&mut state, Theme::Dark));
    type_in(&mut state, "a b");
    press(&mut state, "enter");
    insta::assert_snapshot!("form-wrong", picture(&mut state));
}

#[test]
fn the_form_keeps_what_was_typed_when_it_cannot_be_saved() {
    let mut state = full();
    forms::fill_in(&mut state);
    let effects = press(&mut state, "enter");
    assert_eq!(effects.len(), 1);
    insta::assert_snapshot!("form-saving", picture(&mut state));
    let why = error(ErrorKind::Io, "cannot write config.toml: permission denied", Some("look who owns the folder"));
    let asked = state.locations.asked;
    tell(&mut state, Message::Saved { asked, before: None, answer: Err(why) });
    insta::assert_snapshot!("form-failed", picture(&mut state));
}

#[test]
fn removing_a_remote_is_asked_with_what_goes() {
    let mut state = full();
    go(&mut state, "prod");
    press(&mut state, "x");
    insta::assert_snapshot!("remove", picture(&mut state));
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
    insta::assert_snapshot!("key", picture(&mut state));
    press(&mut state, "enter");
    let wrong = error(ErrorKind::WrongKey, "./backup.tar.gz.enc: the key does not fit", Some("pass --key-file"));
    answer(&mut state, &location, Err(wrong));
    insta::assert_snapshot!("key-wrong", picture(&mut state));
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
    insta::assert_snapshot!("new-bundle-exists", picture(&mut state));
    press(&mut state, "enter 1 right");
    insta::assert_snapshot!("new-bundle-chosen", picture(&mut state));
}

#[test]
fn the_picker() {
    let mut state = picking::opened();
    pictured("picker", &mut state);
    insta::assert_snapshot!("picker-ansi", coloured(&mut state, Theme::Ansi));
    type_in(&mut state, "backup");
    insta::assert_snapshot!("picker-filter", picture(&mut state));
    type_in(&mut state, "zz");
    insta::assert_snapshot!("picker-nothing", picture(&mut state));
    press(&mut state, "ctrl-u");
    type_in(&mut state, "~/gone");
    press(&mut state, "enter");
    let asked = state.locations.asked;
    let gone = error(ErrorKind::Io, "cannot read /home/u/gone: no such file or directory", None);
    tell(&mut state, Message::Arrived { asked, answer: Err(gone) });
    insta::assert_snapshot!("picker-gone", picture(&mut state));
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
