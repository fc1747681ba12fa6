//! Draws the list of runs, and below it the report of the one under the cursor.
//! Must not know: how anything came about.

use super::report::{LEAD, Line, Readable, item_text, sign};
use super::rows::{Row, when};
use super::state::Focus;
use crate::engine::RunState;
use crate::model::ErrorBrief;
use crate::wording::count;
use crate::workbench::canvas::{Canvas, ListId, Rect, Span, Target, line_of, skip, span, split_left, split_top};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

/// Columns of a row beside its ends.
const WHEN: u16 = 11;
const STATUS: u16 = 12;
const AMOUNTS: u16 = 21;
const RESUME: u16 = 9;
const SNAPSHOT: u16 = 9;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let pane = &state.history;
    if pane.rows.is_empty() {
        nothing(state, area, canvas);
    } else if pane.zoomed {
        report(state, area, canvas);
    } else {
        let (top, bottom) = split_top(area, (area.height * 2 / 5).max(8));
        list(state, top, canvas);
        report(state, bottom, canvas);
    }
}

fn nothing(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let inner = skip(canvas.frame(area, &[span("Runs", Role::Heading)], false), 1);
    match (&state.history.error, state.history.as_of) {
        (Some(error), _) => {
            problem(error, inner, canvas);
        }
        (None, None) => {
            canvas.text(inner, "reading …", Role::Dim);
        }
        (None, Some(_)) => {
            let text = "There are no runs yet: 1 chooses where content comes from and where it goes, 2 what of it, 3 \
                        shows what would happen, and r there runs it. Every run is kept here with its report.";
            canvas.paragraph(inner, text, Role::Dim);
        }
    }
}

/// What failed, and what to do. Gives the lines it took.
fn problem(error: &ErrorBrief, area: Rect, canvas: &mut Canvas<'_>) -> u16 {
    let used = canvas.paragraph(area, &error.message, Role::Bad);
    let Some(hint) = &error.hint else { return used };
    used + canvas.paragraph(split_top(area, used).1, &format!("→ {hint}"), Role::Dim)
}

fn list(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let pane = &state.history;
    let focused = pane.focus == Focus::Past;
    let mut inner = canvas.frame(area, &heading(state), focused);
    if pane.filtering || !pane.filter.is_empty() {
        let line = line_of(inner, 0);
        let used = canvas.text(line, " / ", Role::Key);
        canvas.field(
            Rect { width: 40.min(line.width.saturating_sub(used)), ..skip(line, used) },
            pane.filter.shown(),
            pane.filtering,
        );
        inner = split_top(inner, 1).1;
    }
    canvas.list(ListId::Past, inner);
    if pane.shown.is_empty() {
        canvas.text(skip(line_of(inner, 0), 1), "no run has these words; esc shows all", Role::Dim);
    }
    for (row, at) in (0u16..).zip(pane.cursor.window(pane.shown.len(), usize::from(inner.height))) {
        let line = line_of(inner, row);
        let Some(run) = pane.rows.get(pane.shown[at] as usize) else { continue };
        run_row(state, run, at == pane.cursor.at, line, canvas);
        if at == pane.cursor.at {
            canvas.mark_cursor(line, focused);
        }
        canvas.hit(line, Target::Row(ListId::Past, at));
    }
}

fn heading(state: &Workbench) -> Vec<Span<'static>> {
    let pane = &state.history;
    let (shown, all) = (pane.shown.len() as u64, pane.rows.len() as u64);
    let amount = if shown == all { count(all) } else { format!("{} of {}", count(shown), count(all)) };
    let mut title = vec![span("Runs ", Role::Heading), span(amount, Role::Dim)];
    // What is shown is from before; a row that goes on may be over by now.
    title.extend(pane.error.as_ref().map(|error| span(format!("  ! {}", error.message), Role::Warning)));
    title
}

fn run_row(state: &Workbench, run: &Row, chosen: bool, line: Rect, canvas: &mut Canvas<'_>) {
    let (sign, rest) = split_left(line, 2);
    canvas.text(sign, if chosen { "▸" } else { "" }, Role::Key);
    let (time, rest) = split_left(rest, WHEN);
    let at = run.at.map(|at| when(at, state.now, &state.settings.zone)).unwrap_or_default();
    canvas.text(time, &at, Role::Dim);
    let others = STATUS + AMOUNTS + RESUME + SNAPSHOT;
    let (ends, rest) = split_left(rest, rest.width.saturating_sub(others));
    canvas.text(Rect { width: ends.width.saturating_sub(1), ..ends }, &run.title(), Role::Text);
    let (status, rest) = split_left(rest, STATUS);
    canvas.text(status, run.status(), status_role(run));
    let (amounts, rest) = split_left(rest, AMOUNTS);
    canvas.text(amounts, &run.amounts(), if run.undone() > 0 { Role::Warning } else { Role::Dim });
    let (resume, snapshot) = split_left(rest, RESUME);
    if run.resumable {
        canvas.text(resume, "resume ▸", Role::Key);
        if chosen {
            canvas.hit(resume, Target::Command("history.resume"));
        }
    } else if run.resumed() > 0 {
        canvas.text(resume, "resumed", Role::Dim);
    }
    canvas.text(snapshot, if run.snapshot().is_some() { "snapshot" } else { "" }, Role::Dim);
}

fn status_role(run: &Row) -> Role {
    match (run.state, &run.known) {
        (RunState::Running, _) => Role::Info,
        (RunState::Interrupted, Ok(_)) => Role::Warning,
        (RunState::Ended, Ok(known)) => Role::of_status(known.status),
        (_, Err(_)) => Role::Bad,
    }
}

/// Columns of the report's text: it always has the width of the screen.
pub fn report_columns(state: &Workbench) -> usize {
    usize::from(state.size.0.saturating_sub(4))
}

fn report(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let pane = &state.history;
    let Some(run) = pane.chosen() else {
        canvas.frame(area, &[span("Report", Role::Heading)], false);
        return;
    };
    let title = [
        span("Report  ", Role::Heading),
        span(run.title(), Role::Strong),
        span(format!("  {}  ", run.id), Role::Dim),
        span(run.status(), status_role(run)),
    ];
    let focused = pane.focus == Focus::Report;
    let inner = canvas.frame(area, &title, focused);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let answer = pane.report.read.as_ref().filter(|_| pane.report.run.as_ref() == Some(&run.id));
    match (answer, &run.known) {
        (Some(Ok(readable)), _) => read(state, readable, inner, canvas),
        (Some(Err(error)), _) | (None, Err(error)) => {
            problem(error, inner, canvas);
        }
        (None, Ok(_)) => {
            canvas.text(inner, "reading …", Role::Dim);
        }
    }
}

fn read(state: &Workbench, readable: &Readable, area: Rect, canvas: &mut Canvas<'_>) {
    let shown = &state.history.report;
    let focused = state.history.focus == Focus::Report;
    let lines = readable.lines(report_columns(state));
    let items = readable.items(shown.items);
    canvas.list(ListId::Report, area);
    for (row, at) in (0u16..).zip(shown.cursor.window(lines.len() + 1 + items, usize::from(area.height))) {
        let line = line_of(area, row);
        match at.checked_sub(lines.len()) {
            None => statement(&lines[at], line, canvas),
            Some(0) => items_heading(state, readable, line, canvas),
            Some(below) => item(readable, state, below - 1, line, canvas),
        }
        if focused && at == shown.cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Report, at));
    }
}

fn statement(statement: &Line, line: Rect, canvas: &mut Canvas<'_>) {
    let (lead, text) = split_left(line, LEAD as u16);
    canvas.text(lead, statement.lead, statement.role);
    canvas.text(text, &statement.text, statement.role);
}

fn items_heading(state: &Workbench, readable: &Readable, line: Rect, canvas: &mut Canvas<'_>) {
    let which = state.history.report.items;
    let amount = count(readable.items(which) as u64);
    let text = format!("── items: {} ({amount}) ", which.as_str());
    let used = canvas.text(line, &text, Role::Border);
    let rest = canvas.right(skip(line, used), " F shows others ", Role::Dim);
    canvas.text(rest, &"─".repeat(usize::from(rest.width)), Role::Border);
}

fn item(readable: &Readable, state: &Workbench, row: usize, line: Rect, canvas: &mut Canvas<'_>) {
    let Some(item) = readable.item(state.history.report.items, row) else { return };
    canvas.text(line, &item_text(item), sign(item.result).1);
}
