//! The picker of files.

use super::*;
use crate::workbench::panes::locations::scan::{Arrived, FileKind, Folder, FolderEntry};
use crate::workbench::testing::{click, press, type_in};

fn folder(path: &str) -> Folder {
    let entries = bundles();
    let look = |at: usize| match &entries[at].about {
        About::Bundle(Some(look)) => *look,
        _ => panic!("a bundle"),
    };
    let files = [
        (".git", FileKind::Folder),
        ("docs", FileKind::Folder),
        ("unpacked", FileKind::Bundle(BundleLook { form: BundleForm::Folder, sealed: false, bytes: 0, ..look(0) })),
        (".hidden.json", FileKind::Bundle(look(1))),
        ("backup.tar.gz.enc", FileKind::Bundle(look(0))),
        ("flows.json", FileKind::Bundle(look(1))),
        ("notes.txt", FileKind::Other),
        ("package.json", FileKind::Bundle(BundleLook { certain: false, ..look(1) })),
        ("plan-dev-prod.json", FileKind::Plan),
        ("漢字 e\u{301}.json", FileKind::Bundle(look(1))),
    ];
    let files = files.into_iter().map(|(name, kind)| FolderEntry { name: name.to_owned(), kind }).collect();
    Folder { path: path.into(), name: path.to_owned(), files, left_out: 0 }
}

/// The picker, after it read a folder.
pub fn opened() -> State {
    let mut state = read();
    let effects = ours(press(&mut state, "o"));
    let [Effect::Go { asked, .. }] = &effects[..] else { panic!("{effects:?}") };
    tell(&mut state, Message::Arrived { asked: *asked, answer: Ok(Arrived::Folder(folder("/home/u/work"))) });
    state
}

fn goes_to(effects: Vec<effect::Effect>) -> String {
    match &ours(effects)[..] {
        [Effect::Go { base, text, .. }] => base.join(text).display().to_string().trim_end_matches('/').to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn folders_are_entered_and_left() {
    let mut state = opened();
    assert_eq!(goes_to(press(&mut state, "enter")), "/home/u/work/docs");
    let asked = state.locations.asked;
    tell(&mut state, Message::Arrived { asked, answer: Ok(Arrived::Folder(folder("/home/u/work/docs"))) });
    assert_eq!(goes_to(press(&mut state, "backspace")), "/home/u/work");
    let asked = state.locations.asked;
    tell(&mut state, Message::Arrived { asked, answer: Ok(Arrived::Folder(folder("/home/u/work"))) });
    // The cursor stands on the folder that was left.
    assert_eq!(goes_to(press(&mut state, "enter")), "/home/u/work/docs");
}

#[test]
fn a_saved_plan_is_no_content_and_says_where_it_is_loaded() {
    let mut state = opened();
    type_in(&mut state, "plan-");
    assert!(testing::picture(&mut state).contains("L on 3 loads it"));
    assert!(ours(press(&mut state, "enter")).is_empty());
    let shown = testing::picture(&mut state);
    assert!(shown.contains("plan-dev-prod.json is a saved plan, and holds no content"), "{shown}");
}

#[test]
fn typing_filters_and_hidden_files_can_be_shown() {
    let mut state = opened();
    assert!(!testing::picture(&mut state).contains(".hidden.json"));
    press(&mut state, "ctrl-t");
    assert!(testing::picture(&mut state).contains(".hidden.json"));
    type_in(&mut state, "JSON");
    let shown = testing::picture(&mut state);
    assert!(shown.contains("flows.json") && !shown.contains("notes.txt"), "{shown}");
    press(&mut state, "backspace backspace backspace backspace");
    assert!(testing::picture(&mut state).contains("notes.txt"));
}

#[test]
fn enter_goes_nowhere_where_nothing_fits_what_was_typed() {
    let mut state = opened();
    type_in(&mut state, "x.tar");
    assert!(ours(press(&mut state, "enter")).is_empty());
    let shown = testing::picture(&mut state);
    assert!(shown.contains("✗ nothing in /home/u/work fits `x.tar`; a path can be typed too"), "{shown}");
    press(&mut state, "ctrl-u up");
    assert_eq!(goes_to(press(&mut state, "enter")), "/home/u");
}

#[test]
fn a_path_can_be_typed() {
    let mut state = opened();
    type_in(&mut state, "../other/x.json");
    assert!(testing::picture(&mut state).contains("⏎ goes there"));
    assert_eq!(goes_to(press(&mut state, "enter")), "/home/u/work/../other/x.json");
}

#[test]
fn a_bundle_that_was_picked_is_chosen_as_the_source() {
    let mut state = opened();
    type_in(&mut state, "flows");
    assert_eq!(goes_to(press(&mut state, "enter")), "/home/u/work/flows.json");
    let asked = state.locations.asked;
    let look = match &bundles()[1].about {
        About::Bundle(look) => *look,
        _ => None,
    };
    let entry = describe::bundle(Path::new("/home/u/work/flows.json"), look, Some(Path::new("/home/u"))).unwrap();
    assert_eq!(entry.name, "~/work/flows.json");
    let location = entry.location.clone();
    let effects = ours(tell(&mut state, Message::Arrived { asked, answer: Ok(Arrived::Bundle(entry)) }));
    assert!(matches!(&effects[..], [Effect::Check { count: true, .. }]), "{effects:?}");
    assert!(state.popups.is_empty());
    opens(&mut state, &location, Platform::Ziggy);
    assert_eq!(state.ends.source.as_ref().map(|source| &source.location), Some(&location));
}

#[test]
fn what_is_no_bundle_is_told_and_nothing_is_closed() {
    let mut state = opened();
    type_in(&mut state, "notes");
    assert!(ours(press(&mut state, "enter")).is_empty());
    assert!(testing::picture(&mut state).contains("✗ notes.txt is no bundle that haul knows"));
    press(&mut state, "esc");
    assert!(state.popups.is_empty());
}

#[test]
fn answers_that_come_too_late_change_nothing() {
    let mut state = opened();
    press(&mut state, "enter");
    let old = state.locations.asked;
    press(&mut state, "backspace");
    tell(&mut state, Message::Arrived { asked: old, answer: Ok(Arrived::Folder(folder("/home/u/work/docs"))) });
    assert!(testing::picture(&mut state).contains("/home/u/work "));
    press(&mut state, "esc");
    let asked = state.locations.asked;
    tell(&mut state, Message::Arrived { asked, answer: Ok(Arrived::Folder(folder("/late"))) });
    assert!(state.popups.is_empty());
}

#[test]
fn the_mouse_picks_with_two_clicks() {
    let mut state = opened();
    assert!(ours(click(&mut state, "flows.json")).is_empty());
    assert_eq!(goes_to(click(&mut state, "flows.json")), "/home/u/work/flows.json");
}
