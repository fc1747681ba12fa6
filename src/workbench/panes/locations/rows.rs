//! The rows of the two lists: headings, locations, and what can be opened or made; and why something cannot be a
//! destination.
//! Must not know: how a row is drawn.

use super::state::{About, Entry, Listed, Side};
use crate::platforms;
use crate::workbench::canvas::{Rect, wrap};
use crate::workbench::ends::Location;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::Move;

/// A row of one of the lists.
#[derive(Clone, Debug)]
pub enum Row<'a> {
    Heading(&'static str),
    /// A line to read.
    Note(String),
    /// A line of an error.
    Trouble(String),
    Entry(&'a Entry),
    AddRemote,
    OpenFile,
    NewBundle,
}

/// What stays the same about a row when the list around it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sameness {
    Location(Location),
    AddRemote,
    OpenFile,
    NewBundle,
}

impl Row<'_> {
    pub fn can_be_chosen(&self) -> bool {
        self.sameness().is_some()
    }

    fn sameness(&self) -> Option<Sameness> {
        match self {
            Row::Heading(_) | Row::Note(_) | Row::Trouble(_) => None,
            Row::Entry(entry) => Some(Sameness::Location(entry.location.clone())),
            Row::AddRemote => Some(Sameness::AddRemote),
            Row::OpenFile => Some(Sameness::OpenFile),
            Row::NewBundle => Some(Sameness::NewBundle),
        }
    }
}

/// All rows of a side. Remotes and bundles of one person: never many.
pub fn rows(state: &Workbench, side: Side) -> Vec<Row<'_>> {
    let here = &state.locations;
    let words: Vec<String> = here.view(side).filter.text().split_whitespace().map(str::to_lowercase).collect();
    let mut rows = vec![Row::Heading("Remotes")];
    section(&here.remotes, &words, state, &mut rows);
    if here.remotes.known && here.remotes.error.is_none() && here.remotes.items.is_empty() {
        rows.push(Row::AddRemote);
    }
    match side {
        Side::Source => {
            rows.push(Row::Heading("Bundles"));
            section(&here.bundles, &words, state, &mut rows);
            rows.push(Row::OpenFile);
        }
        Side::Destination => {
            rows.push(Row::Heading("New bundle"));
            rows.push(Row::NewBundle);
            if !here.bundles.items.is_empty() {
                rows.push(Row::Heading("Bundles"));
                section(&here.bundles, &words, state, &mut rows);
            }
        }
    }
    rows
}

fn section<'a>(list: &'a Listed<Entry>, words: &[String], state: &Workbench, rows: &mut Vec<Row<'a>>) {
    if let Some(error) = &list.error {
        let columns = usize::from(side_width(state.size.0)).saturating_sub(4);
        let hint = error.hint.as_deref().map(|hint| wrap(hint, columns)).unwrap_or_default();
        let lines = wrap(&error.message, columns.saturating_sub(2)).into_iter().enumerate();
        rows.extend(lines.map(|(at, line)| Row::Trouble(format!("{} {line}", if at == 0 { "✗" } else { " " }))));
        rows.extend(hint.into_iter().map(Row::Note));
    } else if !list.known {
        rows.push(Row::Note("reading …".to_owned()));
    }
    let before = rows.len();
    rows.extend(list.items.iter().filter(|entry| fits(entry, words)).map(Row::Entry));
    if rows.len() == before && !list.items.is_empty() {
        rows.push(Row::Note("nothing fits the filter".to_owned()));
    }
}

fn fits(entry: &Entry, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let url = entry.remote().map_or("", |facts| &facts.url);
    let text = format!("{} {} {url}", entry.name, entry.platform).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// Columns inside of one list.
pub fn side_width(columns: u16) -> u16 {
    (columns / 2).saturating_sub(2)
}

/// The columns of both sides.
pub fn halves(area: Rect) -> [Rect; 2] {
    let left = area.width / 2;
    [Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area }]
}

/// The row under the cursor of a side.
pub fn under(state: &Workbench, side: Side) -> Option<Row<'_>> {
    rows(state, side).into_iter().nth(state.locations.view(side).cursor.at)
}

/// The location under the cursor of the side that has the keys.
pub fn entry_under(state: &Workbench) -> Option<&Entry> {
    match under(state, state.locations.side)? {
        Row::Entry(entry) => Some(entry),
        _ => None,
    }
}

/// After the cursor went somewhere: on from what cannot be chosen, in the direction that it came from.
pub fn settle(state: &mut Workbench, side: Side) {
    let choosable: Vec<bool> = rows(state, side).iter().map(Row::can_be_chosen).collect();
    let height = state.seen.height(side.list());
    let view = state.locations.view_mut(side);
    let at = view.cursor.at.min(choosable.len().saturating_sub(1));
    let below = || (at..choosable.len()).find(|&row| choosable[row]);
    let above = || (0..=at).rev().find(|&row| choosable.get(row) == Some(&true));
    let found = if at >= view.before { below().or_else(above) } else { above().or_else(below) };
    let at = found.unwrap_or(at);
    view.cursor.go(Move::To(at), choosable.len(), height);
    view.before = at;
}

/// Goes to a location, if it is in the list of this side.
pub fn go_to(state: &mut Workbench, side: Side, location: &Location) -> bool {
    let same = |row: &Row<'_>| matches!(row, Row::Entry(entry) if entry.location == *location);
    let Some(at) = rows(state, side).iter().position(same) else { return false };
    state.locations.view_mut(side).cursor.at = at;
    settle(state, side);
    true
}

/// From a location that cannot be the destination to the first that can, or to a new bundle.
pub fn leave_refused(state: &mut Workbench) {
    let refused = |row: &Row<'_>| matches!(row, Row::Entry(entry) if refusal(state, entry).is_some());
    let rows = rows(state, Side::Destination);
    let at = state.locations.destinations.cursor.at;
    if !rows.get(at).is_some_and(refused) {
        return;
    }
    let to = rows.iter().position(|row| row.can_be_chosen() && !refused(row)).unwrap_or(at);
    state.locations.destinations.cursor.at = to;
    settle(state, Side::Destination);
}

/// Changes what is in the lists; the cursors stay on what they were on.
pub fn keeping_place(state: &mut Workbench, change: impl FnOnce(&mut Workbench)) {
    let before = Side::BOTH.map(|side| under(state, side).and_then(|row| row.sameness()));
    let first = !state.locations.remotes.known;
    change(state);
    for (side, before) in Side::BOTH.into_iter().zip(before) {
        let same = |row: &Row<'_>| row.sameness() == before;
        let at = match first {
            true => Some(0),
            false => rows(state, side).iter().position(same),
        };
        let view = state.locations.view_mut(side);
        if let (Some(at), true) = (at, first || before.is_some()) {
            view.cursor.at = at;
            view.before = at;
        }
        settle(state, side);
    }
}

/// Why a location cannot be the destination, in the few words that its row has room for.
pub fn refusal(state: &Workbench, entry: &Entry) -> Option<String> {
    let source = state.ends.source.as_ref();
    if matches!(entry.about, About::Bundle(_)) {
        return Some("a file: choose new file".to_owned());
    }
    if source.is_some_and(|source| source.location == entry.location) {
        return Some("is the source".to_owned());
    }
    if !platforms::available_destinations().contains(&entry.platform) {
        return Some("not supported yet".to_owned());
    }
    if source.is_some_and(|source| source.platform != entry.platform) {
        return Some("other platform".to_owned());
    }
    if entry.remote().is_some_and(|facts| facts.read_only) {
        return Some("read-only".to_owned());
    }
    None
}

/// The same in a whole sentence, and what to do.
pub fn refusal_at_length(state: &Workbench, entry: &Entry) -> Option<(String, &'static str)> {
    refusal(state, entry)?;
    let name = &entry.name;
    let source = state.ends.source.as_ref();
    Some(match &entry.about {
        About::Bundle(_) => (
            format!("{name} cannot be the destination: it is a file, and content goes to a server or a new file"),
            "choose `a new file …`",
        ),
        _ if source.is_some_and(|source| source.location == entry.location) => {
            (format!("{name} cannot be the destination: it is the source"), "choose another one on either side")
        }
        _ if !platforms::available_destinations().contains(&entry.platform) => (
            format!("{name} cannot be the destination: nothing is written to servers of {} yet", entry.platform),
            "choose `a new file …`",
        ),
        About::Remote(facts) if facts.read_only && source.is_none_or(|source| source.platform == entry.platform) => {
            (format!("{name} cannot be the destination: it is marked as read-only"), "e edits the marks")
        }
        About::Remote(_) | About::Address => (
            format!(
                "{name} cannot be the destination: it is of {}, and the source is of {}",
                entry.platform,
                source.map_or_else(String::new, |source| source.platform.to_string())
            ),
            "both ends have to be of one platform",
        ),
    })
}
