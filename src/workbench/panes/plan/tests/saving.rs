//! Names of plan files, and where they lead.

use super::planned;
use crate::workbench::effect;
use crate::workbench::panes::plan::message::Effect;
use crate::workbench::testing::{picture, press, type_in};

#[test]
fn a_name_without_a_folder_is_meant_in_the_folder_of_the_workbench() {
    for (typed, path) in [("x.json", "/demo/x.json"), ("./x.json", "./x.json"), ("a/x.json", "a/x.json")] {
        for key in ["w", "L"] {
            let mut state = planned();
            state.settings.folder = "/demo".into();
            press(&mut state, key);
            press(&mut state, "ctrl-u");
            type_in(&mut state, typed);
            let effects = press(&mut state, "enter");
            let asked = match &effects[..] {
                [effect::Effect::Plan(Effect::Save { path, .. } | Effect::Load { path })] => path,
                effects => panic!("{effects:?}"),
            };
            assert_eq!(asked.display().to_string(), path, "{key} {typed}");
        }
    }
}

#[test]
fn a_name_is_asked_for_until_there_is_one() {
    for key in ["w", "L"] {
        let mut state = planned();
        press(&mut state, key);
        for typed in ["", "  "] {
            press(&mut state, "ctrl-u");
            type_in(&mut state, typed);
            assert!(press(&mut state, "enter").is_empty());
            assert!(picture(&mut state).contains("type the name of a file"), "{key}");
        }
        type_in(&mut state, "x.json");
        assert_eq!(press(&mut state, "enter").len(), 1, "{key}");
        assert!(state.popups.is_empty());
    }
}
