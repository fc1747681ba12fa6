//! Plan files and the command line of a plan: what is asked before, and what is told after.
//! Must not know: what a plan file looks like.

use std::path::{Path, PathBuf};

use super::launch::settled_or_told;
use super::message::Effect;
use super::question::is_export;
use crate::model::{Error, Existing};
use crate::workbench::command::Availability;
use crate::workbench::effect;
use crate::workbench::ends::Location;
use crate::workbench::shell::{Ask, Confirm, Notice, View};
use crate::workbench::state::{Pane, State};
use crate::workbench::typed_path;
use crate::workbench::widgets::Field;

/// Whether there is a plan that can be saved.
pub(super) fn can_save(state: &State) -> Availability {
    match state.plan.sheet() {
        None => Err("there is no plan yet".into()),
        Some(_) if is_export(state) => Err("an export has no plan file; y shows its command line".into()),
        Some(_) => Ok(()),
    }
}

/// Asks for the name of the file.
pub(super) fn save(state: &mut State) -> Vec<effect::Effect> {
    let Some(sheet) = settled_or_told(state) else { return Vec::new() };
    let (source, destination) = (&sheet.asked.source, sheet.asked.destination.text());
    let name = format!("plan-{}-{}.json", file_word(&short(source)), file_word(&destination));
    let lines = vec![format!(
        "It can be reviewed and its decisions edited; L loads it again, `haul apply` carries it out. {}",
        folder(state)
    )];
    let question = Question {
        title: "Save the plan",
        lines,
        yes: "save it",
        then: |state, path| write(state, path, Existing::Refuse),
    };
    question.ask(name).open(state);
    Vec::new()
}

/// The question for the name of a plan file.
struct Question {
    title: &'static str,
    lines: Vec<String>,
    yes: &'static str,
    then: fn(&mut State, PathBuf) -> Vec<effect::Effect>,
}

impl Question {
    /// Asks until there is a name, or somebody leaves it.
    fn ask(self, name: impl Into<String>) -> Ask {
        Ask::new(self.title, self.lines.clone(), self.yes, Field::new(name), move |state, field| {
            match path_of(state, field.text()) {
                Some(path) => (self.then)(state, path),
                None => {
                    self.ask("").error("type the name of a file").open(state);
                    Vec::new()
                }
            }
        })
    }
}

fn short(source: &Location) -> String {
    match source {
        Location::Bundle(path) => path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        other => other.text(),
    }
}

/// As a part of a file's name.
fn file_word(text: &str) -> String {
    let word: String = text.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    word.trim_matches(['-', '.']).to_owned()
}

/// Where names without a folder are.
fn folder(state: &State) -> String {
    let folder = &state.settings.folder;
    match folder.as_os_str() == "." {
        true => "In the current folder.".to_owned(),
        false => format!("In {}.", folder.display()),
    }
}

fn path_of(state: &State, text: &str) -> Option<PathBuf> {
    let text = text.trim();
    (!text.is_empty()).then(|| typed_path::in_folder(text, &state.settings.folder))
}

fn write(state: &mut State, path: PathBuf, existing: Existing) -> Vec<effect::Effect> {
    let sheet = settled_or_told(state);
    sheet.map(|sheet| Effect::Save { path, sheet, existing }.into()).into_iter().collect()
}

/// Asks before a file is replaced.
pub(super) fn in_the_way(state: &mut State, path: PathBuf) -> Vec<effect::Effect> {
    let lines = vec![format!("{} exists already.", path.display()), "Replace it by this plan?".to_owned()];
    Confirm::new("Save the plan", lines, "replace it", move |state| write(state, path, Existing::Replace)).open(state);
    Vec::new()
}

pub(super) fn saved(state: &mut State, path: &Path) {
    let hint = format!("haul apply {}", path.display());
    state.tell(Notice::info(format!("saved as {}", path.display())).hint(hint));
}

/// Asks which file to load.
pub(super) fn load(state: &mut State) -> Vec<effect::Effect> {
    let lines = vec![
        "A plan that `w` or `haul plan --out` saved. It is compared with what both ends hold now; edited decisions \
         count."
            .to_owned(),
        folder(state),
    ];
    let name = state.plan.sheet().filter(|sheet| sheet.survey().is_some()).map(|sheet| {
        format!("plan-{}-{}.json", file_word(&short(&sheet.asked.source)), file_word(&sheet.asked.destination.text()))
    });
    let then = |_: &mut State, path| vec![Effect::Load { path }.into()];
    Question { title: "Load a plan", lines, yes: "load it", then }.ask(name.unwrap_or_default()).open(state);
    Vec::new()
}

pub(super) fn not_loaded(state: &mut State, what: &str, error: Error) {
    let error = if error.message().contains(what) { error } else { error.at(what) };
    state.tell_error(&error);
}

/// Asks for the command line that does the same.
pub(super) fn command_line(state: &mut State) -> Vec<effect::Effect> {
    let sheet = settled_or_told(state);
    sheet.map(|sheet| Effect::CommandLine { sheet }.into()).into_iter().collect()
}

pub(super) fn show_command_line(state: &mut State, line: String) {
    // Who went elsewhere meanwhile does not want it on top of that.
    if state.pane != Pane::Plan || !state.popups.is_empty() {
        return;
    }
    let columns = usize::from(state.size.0).saturating_sub(12).clamp(20, 108);
    let mut view = View::new("The same on a command line", crate::workbench::canvas::wrap(&line, columns));
    view.copy = Some(line);
    view.open(state);
}
