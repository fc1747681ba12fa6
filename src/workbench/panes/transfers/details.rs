//! Draws the chosen run: its stages, how much and how fast, what goes on just now, and its log.
//! Must not know: the other runs.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::draw::{percent, word};
use super::fold::{Facts, Line};
use super::sentence::stage_sentence;
use super::stages::{self, Bar, StageRow, Tone};
use super::state::{Focus, Phase, Run};
use super::update::ending;
use crate::model::text::columns;
use crate::model::{ErrorKind, Severity};
use crate::wording::{bytes, count, plural};
use crate::workbench::canvas::{Canvas, ListId, Rect, Span, Target, line_of, skip, span, split_left, split_top};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

/// Columns of a stage's name and of what stands behind its bar.
const LABEL: u16 = 13;
const NOTE: u16 = 16;

/// Draws a line of what a run comes to.
type Painted = fn(&Run, Timestamp, Rect, &mut Canvas<'_>);

pub fn draw(state: &Workbench, run: &Run, area: Rect, canvas: &mut Canvas<'_>) {
    let focused = state.transfers.focus == Focus::Log;
    let mut title = vec![span(run.title.as_str(), Role::Heading)];
    if run.facts.production {
        title.extend([span(" ", Role::Text), span(" PRODUCTION ", Role::Production)]);
    }
    if let Some(id) = &run.facts.run {
        // Half a name is none; the log has it too.
        let id = format!("  {id}");
        let used: usize = title.iter().map(|span| columns(&span.text)).sum();
        if used + columns(&id) + 6 <= usize::from(area.width) {
            title.push(span(id, Role::Dim));
        }
    }
    let inner = canvas.frame(area, &title, focused);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    // The log has the room that is left; of a reader in it, most.
    let rows = if focused { Vec::new() } else { stages::rows(run) };
    let (top, mut rest) = split_top(inner, rows.len() as u16);
    for (row, stage) in (0u16..).zip(&rows) {
        stage_row(stage, state.now, line_of(top, row), canvas);
    }
    let lines: &[Painted] = match run.facts.forecast {
        Some(_) => &[total, amounts, requests, pace, times],
        None => &[total, amounts, pace, times],
    };
    for line in lines {
        line(run, state.now, line_of(rest, 0), canvas);
        rest = split_top(rest, 1).1;
    }
    let used = now(run, rest, canvas);
    log(state, run, split_top(rest, used).1, canvas);
}

fn stage_row(row: &StageRow, now: Timestamp, line: Rect, canvas: &mut Canvas<'_>) {
    let role = match row.tone {
        Tone::Dim => Role::Dim,
        Tone::Plain => Role::Text,
        Tone::Good => Role::Good,
        Tone::Bad => Role::Bad,
    };
    let (label, rest) = split_left(line, LABEL);
    let (bar, note) = split_left(rest, rest.width.saturating_sub(NOTE));
    canvas.text(label, &row.label, if row.tone == Tone::Dim { Role::Dim } else { Role::Text });
    match row.bar {
        Bar::Part(part) => canvas.gauge(bar, part),
        Bar::Going => going(bar, now, canvas),
    }
    canvas.text(skip(note, 1), &row.note, role);
}

/// A bar of which nobody knows how full it is: something moves in it.
fn going(bar: Rect, now: Timestamp, canvas: &mut Canvas<'_>) {
    const BLOCK: u16 = 4;
    canvas.gauge(bar, 0.0);
    let way = bar.width.saturating_sub(BLOCK).max(1);
    let step = now.as_millisecond().div_euclid(250).rem_euclid(i64::from(way));
    let block = Rect { width: BLOCK, ..skip(bar, u16::try_from(step).unwrap_or(0)) };
    canvas.gauge(block.intersection(bar), 1.0);
}

fn total(run: &Run, _: Timestamp, line: Rect, canvas: &mut Canvas<'_>) {
    let (label, rest) = split_left(line, LABEL);
    canvas.text(label, "total", Role::Strong);
    let (bar, note) = split_left(rest, rest.width.saturating_sub(NOTE));
    canvas.gauge(bar, run.part());
    let (word, role) = word(run);
    let text = if run.is_moving() { percent(run) } else { word };
    canvas.text(skip(note, 1), &text, if run.is_moving() { Role::Strong } else { role });
}

fn amounts(run: &Run, _: Timestamp, line: Rect, canvas: &mut Canvas<'_>) {
    let facts = &run.facts;
    let mut spans = vec![span("items ", Role::Dim)];
    match facts.items_total {
        0 => spans.push(span("–", Role::Dim)),
        total => spans.push(span(format!("{} of {}", count(facts.finished()), count(total)), Role::Text)),
    }
    if facts.tally.failed > 0 {
        spans.push(span(format!(", {} failed", count(facts.tally.failed)), Role::Bad));
    }
    if facts.tally.skipped > 0 {
        spans.push(span(format!(", {} skipped", count(facts.tally.skipped)), Role::Dim));
    }
    if facts.warnings > 0 {
        spans.push(span(format!("  ! {}", plural(facts.warnings, "warning")), Role::Warning));
    }
    canvas.line(line, &spans);
}

/// Where requests are counted: how many of how many, and how much of the allowed rate they use.
fn requests(run: &Run, _: Timestamp, line: Rect, canvas: &mut Canvas<'_>) {
    let facts = &run.facts;
    let Some(forecast) = facts.forecast else { return };
    let sent = count(facts.requests_of_writing);
    // A resumed run has less to send than was foreseen.
    let text = match run.resumed {
        true => sent,
        false => format!("{sent} of about {}", count(forecast.requests)),
    };
    let mut spans = vec![span("requests ", Role::Dim), span(text, Role::Text)];
    if let Some(rate) = forecast.rate {
        let share = facts.pace.requests_of_writing.filter(|_| run.is_moving()).and_then(|pace| forecast.share(pace));
        let text = match share {
            Some(share) => format!("  {:.0} % of {rate}/s", share * 100.0),
            None => format!("  {rate}/s at most"),
        };
        spans.push(span(text, Role::Dim));
    }
    canvas.line(line, &spans);
}

fn pace(run: &Run, _: Timestamp, line: Rect, canvas: &mut Canvas<'_>) {
    let facts = &run.facts;
    let (lead, moved) = match run.is_moving() {
        true => ("rate ", format!("{}/s", bytes(facts.pace.bytes as u64))),
        false => ("moved ", bytes(facts.bytes)),
    };
    let used = canvas.line(line, &[span(lead, Role::Dim), span(moved, Role::Text), span(" ", Role::Text)]);
    let rest = skip(line, used);
    let amounts = match run.is_moving() {
        true => format!("  {:.1} req/s, {} sent", facts.pace.requests, count(facts.requests)),
        false => format!("  {}", plural(facts.requests, "request")),
    };
    let room = rest.width.saturating_sub(amounts.chars().count() as u16).min(40);
    let (history, after) = split_left(rest, room.min(facts.pace.history.len() as u16));
    canvas.sparkline(history, &facts.pace.history);
    canvas.text(after, &amounts, Role::Dim);
}

fn times(run: &Run, now: Timestamp, line: Rect, canvas: &mut Canvas<'_>) {
    let elapsed = clock(run.seconds(now));
    let mut spans: Vec<Span<'_>> = Vec::new();
    if run.is_moving() {
        let left = run.facts.left.map_or_else(|| "–".to_owned(), |left| clock(left.as_secs() as i64));
        spans.extend([span("left ", Role::Dim), span(left, Role::Text), span("  elapsed ", Role::Dim)]);
    } else {
        spans.push(span("took ", Role::Dim));
    }
    spans.push(span(elapsed, Role::Text));
    if run.facts.waited_milliseconds >= 1_000 {
        let waited = clock((run.facts.waited_milliseconds / 1_000) as i64);
        spans.extend([span("  waited ", Role::Dim), span(waited, Role::Text)]);
    }
    canvas.line(line, &spans);
}

/// `0:12`, `1:02:03`.
fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// What goes on just now, or how it ended. Gives the lines it took.
fn now(run: &Run, area: Rect, canvas: &mut Canvas<'_>) -> u16 {
    let (text, role) = happening(run);
    let lines = if run.is_moving() { 2 } else { 3 };
    let used = canvas.paragraph(split_top(area, lines).0, &text, role).max(1);
    let used = used + lacking(run, split_top(area, used).1, canvas);
    let Some(hint) = hint(run) else { return used };
    let below = split_top(area, used).1;
    used + canvas.paragraph(split_top(below, 3).0, &format!("→ {hint}"), Role::Dim)
}

/// What to do about the end of a run.
fn hint(run: &Run) -> Option<&str> {
    let reported = run.outcome.as_ref().and_then(|outcome| outcome.report.error.as_ref());
    let error = run.error.as_ref().or(reported).filter(|_| !run.is_moving())?;
    // Here it takes a key, and no command line.
    let resumable = matches!(error.code, ErrorKind::Interrupted | ErrorKind::Internal) && run.facts.run.is_some();
    if resumable { Some("R goes on with it") } else { error.hint.as_deref() }
}

/// What has to be filled in. Gives the lines it took.
fn lacking(run: &Run, area: Rect, canvas: &mut Canvas<'_>) -> u16 {
    if run.is_moving() || run.open_values() == 0 {
        return 0;
    }
    let text = format!("! {} without a value: s fills in", run.open_words());
    let used = canvas.paragraph(area, &text, Role::Warning);
    canvas.hit(split_top(area, used).0, Target::Command("transfers.secrets"));
    used
}

pub fn happening(run: &Run) -> (String, Role) {
    match (run.phase, &run.outcome, &run.error) {
        (Phase::Ended(_), _, Some(error)) => (error.message.clone(), Role::Bad),
        (Phase::Ended(status), Some(outcome), None) => (ending(outcome), Role::of_status(status)),
        (Phase::Ended(status), None, None) => (status.to_string(), Role::of_status(status)),
        (Phase::Cancelling, ..) => ("now: coming to an end; what is being written is not torn".into(), Role::Warning),
        (Phase::Goes, ..) if run.facts.waits.is_some() => (at_hand(&run.facts, run), Role::Info),
        (Phase::Goes, ..) => (format!("now: {}", at_hand(&run.facts, run)), Role::Text),
    }
}

pub fn at_hand(facts: &Facts, run: &Run) -> String {
    if let Some(why) = &facts.waits {
        return format!("waits for its turn: {why}");
    }
    match (&facts.current, facts.stage()) {
        (Some(current), _) => current.clone(),
        (None, Some(stage)) => stage_sentence(stage, run.deed).to_owned(),
        (None, None) => "opening both ends".to_owned(),
    }
}

fn log(state: &Workbench, run: &Run, area: Rect, canvas: &mut Canvas<'_>) {
    let view = &state.transfers.log;
    let focused = state.transfers.focus == Focus::Log;
    let (head, list) = split_top(area, 1);
    let lines = run.log.lines(view.verbose);
    let kind = if view.verbose { "── log, verbose " } else { "── log " };
    let used = canvas.text(head, kind, Role::Border);
    let more = if view.held { " G follows the end " } else { "" };
    let rest = skip(head, used);
    let rest = canvas.right(rest, more, Role::Info);
    canvas.text(rest, &"─".repeat(usize::from(rest.width)), Role::Border);
    canvas.list(ListId::Log, list);
    for (row, at) in (0u16..).zip(view.cursor.window(lines.len(), usize::from(list.height))) {
        let line = line_of(list, row);
        log_line(&lines[at], &state.settings.zone, line, canvas);
        if focused && at == view.cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Log, at));
    }
}

fn log_line(line: &Line, zone: &TimeZone, rect: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role) = match line.severity {
        None | Some(Severity::Info) => ("", if line.detail { Role::Dim } else { Role::Text }),
        Some(Severity::Warning) => ("! ", Role::Warning),
        Some(Severity::Blocking) => ("✗ ", Role::Bad),
    };
    let time = line.at.to_zoned(zone.clone()).strftime("%H:%M:%S ").to_string();
    canvas.line(rect, &[span(time, Role::Dim), span(sign, role), span(line.text.as_str(), role)]);
}
