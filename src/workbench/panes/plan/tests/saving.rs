//! Names of plan files, and where they lead.

use super::planned;
use crate::workbench::effect;
use crate::workbench::panes::plan::message::Effect;
use crate::workbench::testing::{press, type_in};

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
