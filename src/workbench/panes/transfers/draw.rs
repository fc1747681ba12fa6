//! Draws the runs that there are, beside the details of the chosen one; and a line for each where there is no room.
//! Must not know: how anything came about.

use jiff::tz::TimeZone;

use super::details;
use super::state::{Focus, Phase, Run};
use crate::model::RunStatus;
use crate::model::text::columns;
use crate::wording::{count, plural};
use crate::workbench::canvas::{Canvas, ListId, Rect, Target, line_of, skip, span, split_left, split_top};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

/// Columns of the list of runs, on a wide screen and on a narrow one.
const RUNS: (u16, u16) = (46, 30);
const WIDE: u16 = 120;

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let columns = if area.width >= WIDE { RUNS.0 } else { RUNS.1 };
    let (left, right) = split_left(area, columns);
    if state.transfers.runs.is_empty() {
        empty(area, canvas);
        return;
    }
    runs(state, left, canvas);
    if let Some(run) = state.transfers.chosen() {
        details::draw(state, run, right, canvas);
    }
}

fn empty(area: Rect, canvas: &mut Canvas<'_>) {
    let inner = canvas.frame(area, &[span("Runs", Role::Heading)], false);
    let lines = [
        "Nothing runs, and nothing did since the workbench was opened.",
        "1 chooses source and destination, 2 picks content, 3 shows what would happen to each item; r there runs it, \
         and here you watch it. Meanwhile everything else stays usable.",
        "5 shows all runs of before, and resumes what was cancelled or stopped.",
    ];
    let mut rest = Rect { width: inner.width.saturating_sub(2), ..skip(inner, 1) };
    for line in lines {
        let used = canvas.paragraph(rest, line, Role::Dim) + 1;
        rest = split_top(rest, used).1;
    }
}

/// Two lines for each run: between which ends and where it is, and when it began and how much of it is done.
fn runs(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let pane = &state.transfers;
    let focused = pane.focus == Focus::Runs;
    let inner = canvas.frame(area, &[span("Runs", Role::Heading)], focused);
    canvas.hit(inner, Target::List(ListId::Runs));
    let places = inner.height / 2;
    canvas.list(ListId::Runs, Rect { height: places, ..inner });
    for (row, at) in (0u16..).zip(pane.cursor.window(pane.runs.len(), usize::from(places))) {
        let run = &pane.runs[at];
        let (line, below) = (line_of(inner, 2 * row), line_of(inner, 2 * row + 1));
        let (word, role) = word(run);
        let rest = canvas.right(line, &format!("{word} "), role);
        let sign = if at == pane.cursor.at { "▸ " } else { "  " };
        let rest = Rect { width: rest.width.saturating_sub(1), ..rest };
        canvas.line(rest, &[span(sign, Role::Key), span(run.title.as_str(), Role::Text)]);
        let below = skip(below, 2);
        canvas.text(below, &amounts(run, &state.settings.zone, usize::from(below.width)), Role::Dim);
        let both = Rect { height: 2, ..line };
        if at == pane.cursor.at {
            canvas.mark_cursor(both, focused);
        }
        canvas.hit(both, Target::Row(ListId::Runs, at));
    }
}

/// `10:36 · 7 of 84 items`, `10:38 resumed · 83 written`. Where there is no room, the less needed words give way.
fn amounts(run: &Run, zone: &TimeZone, room: usize) -> String {
    let time = run.began.to_zoned(zone.clone()).strftime("%H:%M");
    let (amount, unit) = amount(run);
    let whole = format!("{time}{} · {amount}{unit}", if run.resumed { " resumed" } else { "" });
    let short = format!("{time}{} · {amount}", if run.resumed { " resumed" } else { "" });
    let fitting = [whole, short].into_iter().find(|text| columns(text) <= room);
    fitting.unwrap_or_else(|| format!("{time} · {amount}{unit}"))
}

/// How much of it is done, and a word that can be left out.
fn amount(run: &Run) -> (String, &'static str) {
    match (&run.outcome, run.facts.items_total) {
        (Some(outcome), _) if !run.is_moving() => match outcome.report.summary.pending {
            0 => (format!("{} written", count(outcome.written)), ""),
            left => (format!("{} written, {} left", count(outcome.written), count(left)), ""),
        },
        (_, 0) if run.is_moving() => ("begins".to_owned(), ""),
        (None, 0) => ("did not begin".to_owned(), ""),
        (_, total) => (format!("{} of {}", count(run.facts.finished()), count(total)), " items"),
    }
}

/// Where a run is, in a word.
pub(super) fn word(run: &Run) -> (String, Role) {
    match run.phase {
        Phase::Cancelling => ("cancelling".into(), Role::Warning),
        Phase::Goes if run.facts.waits.is_some() => ("waiting".into(), Role::Info),
        Phase::Goes => (percent(run), Role::Strong),
        Phase::Ended(RunStatus::Succeeded | RunStatus::Planned) => ("✓ done".into(), Role::Good),
        Phase::Ended(RunStatus::Partial) => ("! partial".into(), Role::Warning),
        Phase::Ended(RunStatus::Cancelled) => ("⊘ cancelled".into(), Role::Warning),
        Phase::Ended(RunStatus::Failed) => ("✗ failed".into(), Role::Bad),
    }
}

pub(super) fn percent(run: &Run) -> String {
    format!("{:.0} %", (run.part() * 100.0).floor())
}

/// The line above the footer: what keeps the chosen run.
pub fn draw_finding(state: &Workbench, line: Rect, canvas: &mut Canvas<'_>) {
    let Some(run) = state.transfers.chosen() else { return };
    if run.facts.waits.is_some() && run.is_moving() {
        let text = " i one run writes to a place at a time; this one begins when the other has ended";
        canvas.text(line, text, Role::Info);
    } else if run.facts.warnings > 0 {
        let them = if run.facts.warnings == 1 { "it" } else { "them" };
        let text = format!(" ! {}: the log has {them}, and the report", plural(run.facts.warnings, "warning"));
        canvas.text(line, &text, Role::Warning);
    }
}

/// A few lines for a terminal that is too small for more: what is running and how far it is.
pub fn draw_small(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let runs = &state.transfers.runs;
    if runs.is_empty() {
        canvas.text(line_of(area, 0), "Nothing runs.", Role::Dim);
    }
    // What goes on first, then what ended, the newest of each first.
    let moving = runs.iter().filter(|run| run.is_moving());
    let ended = runs.iter().filter(|run| !run.is_moving());
    for (row, run) in (0..area.height).zip(moving.chain(ended)) {
        let (word, role) = word(run);
        let now = if run.is_moving() { details::at_hand(&run.facts, run) } else { details::happening(run).0 };
        let spans = [
            span(format!("{word:<6} "), role),
            span(run.title.as_str(), Role::Strong),
            span("  ", Role::Text),
            span(now, Role::Dim),
        ];
        canvas.line(line_of(area, row), &spans);
    }
}
