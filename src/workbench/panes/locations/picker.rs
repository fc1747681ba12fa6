//! A picker of files: goes through folders, shows which files are bundles, and takes a path that is typed.
//! Must not know: how a folder is read.

use std::path::PathBuf;

use super::choose;
use super::effects::Effect;
use super::rows;
use super::scan;
use super::scan::{Arrived, FileKind, Folder, FolderEntry};
use super::state::{Entry, Side};
use crate::model::text::printable;
use crate::model::{ErrorBrief, ErrorKind};
use crate::workbench::effect;
use crate::workbench::state::{Popup, State as Workbench};
use crate::workbench::widgets::{Cursor, Field};

#[derive(Debug)]
pub struct Picker {
    /// `None` until the first folder was read.
    pub folder: Option<Folder>,
    /// What is typed: a filter, or a path.
    pub field: Field,
    pub cursor: Cursor,
    /// Names that begin with a dot are shown.
    pub hidden: bool,
    /// The places of the files that are shown. The row above them goes up.
    pub shown: Vec<usize>,
    pub waiting: Option<u64>,
    pub error: Option<ErrorBrief>,
    /// The folder that was left by going up: the cursor comes to stand on it.
    left: Option<String>,
}

/// A row of the picker.
#[derive(Debug, PartialEq, Eq)]
pub enum PickerRow<'a> {
    Up,
    File(&'a str, FileKind),
}

impl Picker {
    pub fn rows(&self) -> usize {
        if self.folder.is_some() { self.shown.len() + 1 } else { 0 }
    }

    pub fn row(&self, at: usize) -> Option<PickerRow<'_>> {
        let folder = self.folder.as_ref()?;
        let Some(at) = at.checked_sub(1) else { return Some(PickerRow::Up) };
        let file = folder.files.get(*self.shown.get(at)?)?;
        Some(PickerRow::File(&file.name, file.kind))
    }

    /// Whether what is typed is a place to go to rather than a filter.
    pub fn is_path(&self) -> bool {
        let text = self.field.text().trim();
        text.starts_with('~') || text == ".." || text.contains(['/', '\\', ':'])
    }

    /// Something is typed to filter by, and only the way up is left.
    pub fn finds_nothing(&self) -> bool {
        self.shown.is_empty() && !self.is_path() && !self.field.text().trim().is_empty()
    }

    fn filter(&mut self) {
        let text = if self.is_path() { String::new() } else { self.field.text().trim().to_lowercase() };
        let fits = |file: &FolderEntry| {
            (self.hidden || text.starts_with('.') || !file.name.starts_with('.'))
                && (text.is_empty() || file.name.to_lowercase().contains(&text))
        };
        let files = self.folder.iter().flat_map(|folder| &folder.files);
        self.shown = files.enumerate().filter(|(_, file)| fits(file)).map(|(at, _)| at).collect();
        // The first file that fits, rather than the way up.
        self.cursor = Cursor { at: usize::from(!self.shown.is_empty()), top: 0 };
    }

    fn arrive(&mut self, folder: Folder) {
        self.folder = Some(folder);
        self.field.clear();
        self.error = None;
        self.filter();
        if let Some(left) = self.left.take() {
            let files = self.folder.as_ref().map_or(&[][..], |folder| &folder.files);
            let at = self.shown.iter().position(|&at| files.get(at).is_some_and(|file| file.name == left));
            self.cursor.at = at.map_or(self.cursor.at, |at| at + 1);
        }
    }
}

/// Opens the picker where it was last, or where files are saved.
pub fn open(state: &mut Workbench) -> Vec<effect::Effect> {
    let base = state.locations.folder.clone().unwrap_or_else(|| state.settings.folder.clone());
    let picker = Picker {
        folder: None,
        field: Field::default(),
        cursor: Cursor::default(),
        hidden: false,
        shown: Vec::new(),
        waiting: None,
        error: None,
        left: None,
    };
    state.open(Popup::Locations(super::Popup::Picker(Box::new(picker))));
    go(state, base, String::new())
}

fn top(state: &mut Workbench) -> Option<&mut Picker> {
    match state.popups.last_mut() {
        Some(Popup::Locations(super::Popup::Picker(picker))) => Some(picker),
        _ => None,
    }
}

fn go(state: &mut Workbench, base: PathBuf, text: String) -> Vec<effect::Effect> {
    let asked = state.locations.next();
    if let Some(picker) = top(state) {
        picker.waiting = Some(asked);
        picker.error = None;
    }
    vec![Effect::Go { asked, base, text }.into()]
}

fn base(picker: &Picker) -> PathBuf {
    picker.folder.as_ref().map_or_else(|| PathBuf::from("."), |folder| folder.path.clone())
}

/// Opens what is under the cursor, or goes to the path that was typed.
pub fn take(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(picker) = top(state) else { return Vec::new() };
    let base = base(picker);
    if picker.is_path() {
        let text = picker.field.text().trim().to_owned();
        return go(state, base, text);
    }
    let text = match picker.row(picker.cursor.at) {
        Some(PickerRow::Up) if picker.finds_nothing() => {
            let folder = picker.folder.as_ref().map_or("this folder", |folder| &folder.name);
            picker.error = Some(ErrorBrief {
                code: ErrorKind::UnknownLocation,
                message: format!("nothing in {folder} fits `{}`", printable(picker.field.text().trim())),
                hint: Some("a path can be typed too, also with ~".to_owned()),
            });
            return Vec::new();
        }
        Some(PickerRow::Up) => return up(state),
        Some(PickerRow::File(name, FileKind::Other)) => {
            picker.error = Some(ErrorBrief {
                code: ErrorKind::NotABundle,
                message: format!("{name} is no bundle that haul knows"),
                hint: Some("what is inside counts, not the name".to_owned()),
            });
            return Vec::new();
        }
        Some(PickerRow::File(name, FileKind::Plan)) => {
            picker.error = Some(scan::no_content(name).brief());
            return Vec::new();
        }
        Some(PickerRow::File(name, _)) => base.join(name),
        None => return Vec::new(),
    };
    go(state, text, String::new())
}

/// Goes to the folder above.
pub fn up(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(picker) = top(state) else { return Vec::new() };
    let base = base(picker);
    let Some(above) = base.parent().map(PathBuf::from) else { return Vec::new() };
    picker.left = base.file_name().map(|name| name.to_string_lossy().into_owned());
    go(state, above, String::new())
}

/// Takes back a character of what was typed, or goes up where nothing is typed.
pub fn back(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(picker) = top(state) else { return Vec::new() };
    if picker.field.is_empty() {
        return up(state);
    }
    picker.field.erase();
    typed(picker);
    Vec::new()
}

pub fn typed(picker: &mut Picker) {
    picker.error = None;
    picker.filter();
}

pub fn toggle_hidden(state: &mut Workbench) -> Vec<effect::Effect> {
    if let Some(picker) = top(state) {
        picker.hidden = !picker.hidden;
        picker.filter();
    }
    Vec::new()
}

/// A folder was read, or a bundle found.
pub fn arrived(state: &mut Workbench, asked: u64, answer: Result<Arrived, ErrorBrief>) -> Vec<effect::Effect> {
    let Some(picker) = top(state) else { return Vec::new() };
    if picker.waiting != Some(asked) {
        return Vec::new();
    }
    picker.waiting = None;
    match answer {
        Ok(Arrived::Folder(folder)) => {
            let path = folder.path.clone();
            picker.arrive(folder);
            state.locations.folder = Some(path);
            Vec::new()
        }
        Ok(Arrived::Bundle(entry)) => {
            state.popups.pop();
            chosen(state, entry)
        }
        Err(error) => {
            picker.left = None;
            picker.error = Some(error);
            Vec::new()
        }
    }
}

/// What was picked comes into the lists, and is chosen as the source.
fn chosen(state: &mut Workbench, entry: Entry) -> Vec<effect::Effect> {
    let location = entry.location.clone();
    rows::keeping_place(state, |state| {
        let here = &mut state.locations;
        let list = if location.is_bundle() { &mut here.bundles } else { &mut here.remotes };
        list.items.retain(|known| known.location != entry.location);
        match location.is_bundle() {
            true => list.items.insert(0, entry),
            false => list.items.push(entry),
        }
    });
    state.locations.side = Side::Source;
    state.locations.sources.filter.clear();
    rows::go_to(state, Side::Source, &location);
    choose::choose_location(state, Side::Source, location)
}
