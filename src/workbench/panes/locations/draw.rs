//! Draws the pane: sources and destinations side by side, and below them what is known of the row under the cursor.
//! Must not know: how anything of it was found out.

use unicode_width::UnicodeWidthStr;

use super::details;
use super::rows::{self, Row};
use super::state::{About, Entry, Look, Side};
use crate::model::text::printable;
use crate::model::{ErrorBrief, ErrorKind};
use crate::wording;
use crate::workbench::canvas::{
    Canvas, Rect, Span, Target, line_of, skip, span, split_bottom, split_left, split_top, wrap,
};
use crate::workbench::ends::DestinationEnd;
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

/// Rows of the details with their border, on the smallest terminal.
const DETAILS: u16 = 7;
/// Columns of a platform's name and the space behind it.
const PLATFORM: u16 = 7;
/// Columns that a status gets at least.
const STATUS: u16 = 15;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let (above, below) = split_bottom(area, DETAILS.max(area.height / 3).min(12));
    let lists = hint(state, above, canvas);
    for (side, rect) in Side::BOTH.into_iter().zip(rows::halves(lists)) {
        draw_side(state, side, rect, canvas);
    }
    details::draw(state, below, canvas);
}

/// What to try, at the bottom of the area, until both ends are chosen. Gives what is left above it.
fn hint(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let Some(hint) = state.settings.hint.as_deref().filter(|_| !is_done(state)) else { return area };
    let columns = area.width.saturating_sub(2);
    let text = format!("Try: {hint}");
    let lines = wrap(&printable(&text), usize::from(columns)).len().min(3) as u16;
    let (rest, at) = split_bottom(area, lines);
    canvas.paragraph(Rect { width: columns, ..skip(at, 1) }, &text, Role::Info);
    rest
}

/// Both ends are chosen.
pub fn is_done(state: &Workbench) -> bool {
    state.ends.source.is_some() && state.ends.destination.is_some()
}

fn draw_side(state: &Workbench, side: Side, rect: Rect, canvas: &mut Canvas<'_>) {
    let focused = state.locations.side == side && state.popups.is_empty();
    let title = match side {
        Side::Source => "Source",
        Side::Destination => "Destination",
    };
    let inside = canvas.frame(rect, &[span(title, Role::Heading)], focused);
    let (top, list) = split_top(inside, 1);
    filter_line(state, side, top, canvas);
    canvas.list(side.list(), list);
    let rows = rows::rows(state, side);
    let cursor = state.locations.view(side).cursor;
    let window = cursor.window(rows.len(), usize::from(list.height));
    let names = name_columns(&rows[window.clone()], list.width);
    for (line, at) in (0u16..).zip(window) {
        let line = line_of(list, line);
        let row = &rows[at];
        let is_cursor = at == cursor.at && row.can_be_chosen();
        draw_row(state, side, row, (line, names), canvas);
        if is_cursor {
            canvas.mark_cursor(line, focused);
        }
        if row.can_be_chosen() {
            canvas.hit(line, Target::Row(side.list(), at));
        }
    }
}

fn filter_line(state: &Workbench, side: Side, line: Rect, canvas: &mut Canvas<'_>) {
    let here = &state.locations;
    let field = &here.view(side).filter;
    canvas.text(line, " /", Role::Key);
    let rest = skip(line, 3);
    if here.filtering && here.side == side {
        canvas.field(rest, field.shown(), state.popups.is_empty());
    } else if field.is_empty() {
        canvas.text(rest, "filter", Role::Dim);
    } else {
        canvas.text(rest, field.text(), Role::Strong);
    }
    canvas.hit(line, Target::Command("locations.filter"));
}

/// Columns of the names of remotes: as many as the longest that is shown needs, within what the rest leaves.
fn name_columns(rows: &[Row<'_>], width: u16) -> u16 {
    let names = rows.iter().filter_map(|row| match row {
        Row::Entry(entry) if !entry.location.is_bundle() => Some(printable(&entry.name).width()),
        _ => None,
    });
    let longest = names.max().unwrap_or(0).max(8) as u16 + 1;
    longest.min(width.saturating_sub(3 + PLATFORM + STATUS))
}

fn draw_row(state: &Workbench, side: Side, row: &Row<'_>, (line, names): (Rect, u16), canvas: &mut Canvas<'_>) {
    let (signs, rest) = split_left(line, 3);
    if is_chosen(state, side, row) {
        canvas.text(skip(signs, 1), "✓", Role::Good);
    }
    match row {
        Row::Heading(text) => drop(canvas.text(skip(line, 1), text, Role::Heading)),
        Row::Note(text) => drop(canvas.text(skip(line, 3), text, Role::Dim)),
        Row::Trouble(text) => drop(canvas.text(skip(line, 3), text, Role::Bad)),
        Row::AddRemote => drop(canvas.text(rest, "add a server …", Role::Text)),
        Row::OpenFile => drop(canvas.text(rest, "open a file …", Role::Text)),
        Row::NewBundle => new_bundle(state, rest, canvas),
        Row::Entry(entry) => draw_entry(state, side, entry, (rest, names), canvas),
    }
}

fn is_chosen(state: &Workbench, side: Side, row: &Row<'_>) -> bool {
    match (row, side) {
        (Row::Entry(entry), Side::Source) => {
            state.ends.source.as_ref().is_some_and(|source| source.location == entry.location)
        }
        (Row::Entry(entry), Side::Destination) => matches!(
            &state.ends.destination,
            Some(DestinationEnd::Remote { location, .. }) if *location == entry.location
        ),
        (Row::NewBundle, _) => matches!(state.ends.destination, Some(DestinationEnd::NewBundle(_))),
        _ => false,
    }
}

fn new_bundle(state: &Workbench, rest: Rect, canvas: &mut Canvas<'_>) {
    match &state.ends.destination {
        Some(DestinationEnd::NewBundle(bundle)) => {
            let name = ending_of(&bundle.path.display().to_string(), rest.width);
            canvas.text(rest, &name, Role::Strong);
        }
        _ => {
            canvas.text(rest, "a new file …", Role::Text);
        }
    }
}

fn draw_entry(state: &Workbench, side: Side, entry: &Entry, (rest, names): (Rect, u16), canvas: &mut Canvas<'_>) {
    let refusal = if side == Side::Destination { rows::refusal(state, entry) } else { None };
    let role = if refusal.is_some() { Role::Dim } else { Role::Text };
    let status = match &refusal {
        Some(why) => vec![span(why.clone(), Role::Dim)],
        None => status(state, entry),
    };
    // The first piece always; the others as far as there is room beside the name.
    let first = width_of(&status[..1]);
    let (name, platform, rest) = match (entry.location.is_bundle(), refusal.is_some()) {
        // A name of a file says more at its end, and needs more room; its platform is told below.
        (true, true) => {
            let (name, rest) = split_left(rest, rest.width.saturating_sub(first + 1).max(10));
            (name, Rect { width: 0, ..name }, rest)
        }
        (true, false) => {
            let (left, status) = split_left(rest, rest.width.saturating_sub(first.max(8) + 1));
            let (name, platform) = split_left(left, left.width.saturating_sub(PLATFORM));
            (name, platform, status)
        }
        (false, _) => {
            let (name, rest) = split_left(rest, names);
            let (platform, rest) = split_left(rest, PLATFORM);
            (name, platform, rest)
        }
    };
    let text = match entry.location.is_bundle() {
        true => ending_of(&entry.name, name.width.saturating_sub(1)),
        false => entry.name.clone(),
    };
    canvas.text(Rect { width: name.width.saturating_sub(1), ..name }, &text, role);
    canvas.text(platform, entry.platform.as_str(), Role::Dim);
    let rest = if entry.location.is_bundle() { skip(rest, 1) } else { rest };
    let fitting = (1..=status.len()).rev().find(|&pieces| width_of(&status[..pieces]) <= rest.width).unwrap_or(1);
    canvas.line(rest, &status[..fitting]);
}

fn width_of(spans: &[Span<'_>]) -> u16 {
    spans.iter().map(|span| printable(&span.text).width()).sum::<usize>() as u16
}

/// The last so many columns of a text, where it is longer.
fn ending_of(text: &str, columns: u16) -> String {
    let text = printable(text);
    if text.width() <= usize::from(columns) {
        return text.into_owned();
    }
    let mut used = 1;
    let kept = text.chars().rev().take_while(|c| {
        used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        used <= usize::from(columns)
    });
    let mut kept: Vec<char> = kept.collect();
    kept.push('…');
    kept.into_iter().rev().collect()
}

/// The connection's state as a sign and a few words, the most important first.
fn status<'a>(state: &Workbench, entry: &Entry) -> Vec<Span<'a>> {
    let look = state.locations.look(&entry.location);
    let (sign, text, role) = state_of(state, entry, look);
    let mut spans = Vec::new();
    if entry.is_production() {
        spans.push(span(format!("{sign} "), role));
        spans.push(span(" PRODUCTION ", Role::Production));
        spans.push(span(format!(" {text}"), role));
    } else {
        spans.push(span(format!("{sign} {text}"), role));
    }
    if entry.remote().is_some_and(|facts| facts.read_only) {
        spans.push(span(" · read-only", Role::Dim));
    }
    let version = look.opened().and_then(|found| found.info.version.as_deref());
    spans.extend(version.map(|version| span(format!(" · {version}"), Role::Dim)));
    spans
}

fn state_of(state: &Workbench, entry: &Entry, look: &Look) -> (&'static str, String, Role) {
    if look.waiting {
        let seconds = look.since.map_or(0, |since| state.now.as_second().saturating_sub(since.as_second()));
        let text = if seconds < 2 { "checking".to_owned() } else { format!("checking {seconds} s") };
        return ("…", text, Role::Info);
    }
    match &look.found {
        Some(Err(error)) if error.code == ErrorKind::NoKey => ("○", "locked".to_owned(), Role::Dim),
        Some(Err(error)) => ("✗", in_short(error).to_owned(), Role::Bad),
        Some(Ok(found)) => {
            let text = match (&found.counts, found.counting) {
                (Some(counts), _) => wording::plural(counts.items, "item"),
                (None, true) => "counting …".to_owned(),
                (None, false) => "open".to_owned(),
            };
            ("●", text, Role::Good)
        }
        None => match &entry.about {
            About::Bundle(Some(look)) if look.sealed => ("○", "locked".to_owned(), Role::Dim),
            About::Bundle(Some(look)) if look.bytes > 0 => ("○", wording::bytes(look.bytes), Role::Dim),
            _ => ("○", "not checked".to_owned(), Role::Dim),
        },
    }
}

fn in_short(error: &ErrorBrief) -> &'static str {
    match error.code {
        ErrorKind::NoCredential => "needs a login",
        ErrorKind::Unauthorized => "login refused",
        ErrorKind::Forbidden => "not allowed",
        ErrorKind::WrongKey => "wrong key",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::TimedOut => "timed out",
        ErrorKind::NotABundle => "no bundle",
        ErrorKind::Damaged => "damaged",
        ErrorKind::UnknownLocation => "not supported",
        _ => "failed",
    }
}

/// There is nothing to choose from yet.
fn is_empty(state: &Workbench) -> bool {
    let here = &state.locations;
    here.remotes.known && here.remotes.error.is_none() && here.bundles.known && here.entries().next().is_none()
}

/// The line above the footer: the next step.
pub fn draw_finding(state: &Workbench, line: Rect, canvas: &mut Canvas<'_>) {
    let key = |id: &str| {
        let command = crate::workbench::command::find(id);
        command.and_then(|command| state.settings.keymap.shown(command)).unwrap_or_default()
    };
    let (choose, side) = (key("locations.choose"), key("locations.side"));
    let other = |wanted: Side| match state.locations.side == wanted {
        true => String::new(),
        false => format!("{side} goes there, "),
    };
    let waiting = state.locations.pending.as_ref().filter(|_| !state.locations.filtering);
    let text = match (waiting, &state.ends.source, &state.ends.destination) {
        (Some(pending), ..) => format!("opening {} … {} stops waiting", pending.location.text(), key("locations.back")),
        (None, None, _) if is_empty(state) => {
            format!("{} adds a server, {} opens a file", key("locations.new"), key("locations.open"))
        }
        (None, None, _) => format!("choose where content comes from: {}{choose} chooses", other(Side::Source)),
        (None, Some(_), None) => {
            format!("now choose where it goes, a server or a new file: {}{choose} chooses", other(Side::Destination))
        }
        (None, Some(_), Some(_)) => "both ends are chosen: 2 picks content, 3 shows the plan".to_owned(),
    };
    canvas.text(skip(line, 1), &text, Role::Info);
}
