//! The list of what differs between the schemas, and all of the difference under the cursor with the way out.
//! Must not know: how schemas are compared.

use super::head::key;
use super::lines::{rule, title};
use crate::model::{Rank, SchemaDifference};
use crate::wording::{count, plural};
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Span, Target, line_of, skip, span, split_bottom, split_left, split_top,
};
use crate::workbench::panes::plan::schemas::Line;
use crate::workbench::panes::plan::sheet::Sheet;
use crate::workbench::state::State;
use crate::workbench::theme::Role;

/// Lines for the whole of the one under the cursor.
const DETAIL: u16 = 6;
/// Columns for the rank, and for the place in the schema.
const RANK: u16 = 13;
const PATH: u16 = 30;

pub(super) fn role_of(rank: Rank) -> Role {
    match rank {
        Rank::Blocking => Role::Bad,
        Rank::Lossy => Role::Warning,
        Rank::Harmless => Role::Info,
    }
}

/// What a rank means for what is moved.
fn meaning_of(rank: Rank) -> &'static str {
    match rank {
        Rank::Blocking => "blocking: content of this type cannot arrive as what it is, so it stops a run",
        Rank::Lossy => "lossy: the content arrives, and something of it is lost or cut",
        Rank::Harmless => "harmless: the content is the same afterwards",
    }
}

pub(super) fn draw(state: &State, sheet: &Sheet, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(survey) = sheet.survey() else { return };
    let lines = &sheet.schemas.lines;
    let inner = canvas.frame(area, &heading(sheet), state.popups.is_empty());
    let (list, below) = split_bottom(inner, DETAIL + 1);
    canvas.list(ListId::Schemas, list);
    if lines.is_empty() {
        let text = "the types in this plan are alike on both sides";
        canvas.text(skip(line_of(list, 0), 1), text, Role::Good);
    }
    let cursor = state.plan.schemas;
    for (row, at) in (0u16..).zip(cursor.window(lines.len(), usize::from(list.height))) {
        let line = line_of(list, row);
        match &lines[at] {
            Line::Type { type_, name, items } => draw_type(type_, name, *items, line, canvas),
            Line::Difference(at) => {
                survey.schemas.differences.get(*at).into_iter().for_each(|found| draw_difference(found, line, canvas));
            }
        }
        if at == cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Schemas, at));
    }
    let rule_line = Rect { x: area.x, width: area.width, ..line_of(below, 0) };
    rule(canvas, rule_line, ["├", "┤"], &[], Role::Focus);
    let below = split_top(below, 1).1;
    let below = Rect { width: below.width.saturating_sub(1), ..skip(below, 1) };
    match lines.get(cursor.at) {
        Some(Line::Difference(at)) => {
            if let Some(found) = survey.schemas.differences.get(*at) {
                let spans = [span(found.rank.as_str(), role_of(found.rank))];
                title(canvas, rule_line, 2, rule_line.width - 4, &spans);
                detail(state, found, below, canvas);
            }
        }
        _ => way_out(state, sheet, below, canvas),
    }
}

fn heading(sheet: &Sheet) -> Vec<Span<'static>> {
    let mut spans = vec![span("Schemas", Role::Heading)];
    for rank in Rank::ALL {
        let found = sheet.schemas.counts[*rank as usize];
        spans.push(span(format!(" · {} {rank}", count(found)), if found > 0 { role_of(*rank) } else { Role::Dim }));
    }
    if sheet.schemas.elsewhere > 0 {
        spans.push(span(format!(" · {} in types of no item here", count(sheet.schemas.elsewhere)), Role::Dim));
    }
    spans
}

fn draw_type(type_: &str, name: &str, items: u64, line: Rect, canvas: &mut Canvas<'_>) {
    let rest = canvas.right(line, &format!(" {} ", plural(items, "item")), Role::Dim);
    let id = if name == type_ { String::new() } else { format!(" {type_}") };
    canvas.line(rest, &[span(" ", Role::Dim), span(name, Role::Strong), span(id, Role::Dim)]);
}

fn draw_difference(found: &SchemaDifference, line: Rect, canvas: &mut Canvas<'_>) {
    let (rank, rest) = split_left(line, RANK);
    canvas.text(skip(rank, 3), found.rank.as_str(), role_of(found.rank));
    let (path, meaning) = split_left(rest, PATH.min(rest.width / 2));
    canvas.text(Rect { width: path.width.saturating_sub(1), ..path }, &found.path, Role::Text);
    canvas.text(meaning, &found.meaning, Role::Text);
}

/// All of it: where, what follows, both values, what the rank means and what to do.
fn detail(state: &State, found: &SchemaDifference, mut area: Rect, canvas: &mut Canvas<'_>) {
    let place = if found.path.is_empty() { found.type_.to_string() } else { format!("{} {}", found.type_, found.path) };
    for (text, role) in [(format!("{place}: {}", found.meaning), Role::Text), (values(found), Role::Dim)] {
        let used = canvas.paragraph(area, &text, role);
        area = split_top(area, used).1;
    }
    let used = canvas.paragraph(area, meaning_of(found.rank), role_of(found.rank));
    if found.rank == Rank::Blocking {
        let line = line_of(split_top(area, used).1, 0);
        let used = canvas.line(line, &way_out_words(state));
        canvas.hit(Rect { width: used, ..line }, Target::Command("plan.blocked"));
    }
}

fn values(found: &SchemaDifference) -> String {
    let value = |value: &Option<Box<str>>| value.as_deref().unwrap_or("nothing").to_owned();
    format!("source {} · destination {}", value(&found.source), value(&found.destination))
}

fn way_out(state: &State, sheet: &Sheet, area: Rect, canvas: &mut Canvas<'_>) {
    if sheet.schemas.counts[Rank::Blocking as usize] > 0 {
        let line = line_of(area, 0);
        let used = canvas.line(line, &way_out_words(state));
        canvas.hit(Rect { width: used, ..line }, Target::Command("plan.blocked"));
    }
}

fn way_out_words(state: &State) -> [Span<'static>; 2] {
    let words = match state.plan.skip_blocked {
        false => " leaves the items of blocked types out (--skip-blocked)",
        true => " lets blocked types stop a run again; now their items are left out",
    };
    [key(state, "plan.blocked"), span(words, Role::Text)]
}
