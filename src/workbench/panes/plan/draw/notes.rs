//! The list of effects and findings, and the line with the one that matters here.
//! Must not know: what is done about any of them.

use std::borrow::Cow;

use super::head::key;
use super::items::what_is_cut;
use super::lines::{rule, title, width};
use crate::model::{Finding, Severity, code};
use crate::wording::{count, effect_sentence};
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Target, line_of, skip, span, split_bottom, split_left, split_top,
};
use crate::workbench::panes::plan::sheet::{Note, Sheet};
use crate::workbench::state::State;
use crate::workbench::theme::Role;

/// Columns for the code of a finding.
const CODE: u16 = 24;
/// Lines for the whole of the one under the cursor.
const DETAIL: u16 = 4;

pub(super) fn draw(state: &State, sheet: &Sheet, area: Rect, canvas: &mut Canvas<'_>) {
    let heading =
        [span("Effects and findings", Role::Heading), span(format!(" {}", count(sheet.notes.len() as u64)), Role::Dim)];
    let inner = canvas.frame(area, &heading, state.popups.is_empty());
    let (list, below) = split_bottom(inner, DETAIL + 1);
    canvas.list(ListId::Notes, list);
    if sheet.notes.is_empty() {
        canvas.text(
            skip(line_of(list, 0), 1),
            "nothing else happens, and there is nothing to know before a run",
            Role::Good,
        );
        return;
    }
    let cursor = state.plan.notes;
    for (row, at) in (0u16..).zip(cursor.window(sheet.notes.len(), usize::from(list.height))) {
        let line = line_of(list, row);
        draw_note(sheet, sheet.notes[at], line, canvas);
        if at == cursor.at {
            canvas.mark_cursor(line, true);
        }
        canvas.hit(line, Target::Row(ListId::Notes, at));
    }
    let rule_line = Rect { x: area.x, width: area.width, ..line_of(below, 0) };
    rule(canvas, rule_line, ["├", "┤"], &[], Role::Focus);
    if let Some(note) = sheet.notes.get(cursor.at) {
        detail(sheet, *note, rule_line, split_top(below, 1).1, canvas);
    }
}

fn draw_note(sheet: &Sheet, note: Note, line: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role, code, sentence) = match note {
        Note::Effect(at) => {
            let effect = &sheet.plan().effects[at];
            ("»", Role::of_effect(effect.effect), effect.effect.as_str(), effect_sentence(effect))
        }
        Note::Finding(at) => {
            let finding = &sheet.plan().findings[at];
            let role = Role::of_severity(finding.severity);
            (sign(finding.severity), role, finding.code.as_str(), sentence(sheet, finding, sheet.row_of_finding(at)))
        }
    };
    let (lead, rest) = split_left(line, 3 + CODE);
    canvas.line(Rect { width: lead.width - 1, ..lead }, &[span(format!(" {sign} "), role), span(code, role)]);
    canvas.text(rest, &sentence, Role::Text);
}

/// All of it, over several lines, with what the code means.
fn detail(sheet: &Sheet, note: Note, line: Rect, area: Rect, canvas: &mut Canvas<'_>) {
    let area = Rect { width: area.width.saturating_sub(1), ..skip(area, 1) };
    match note {
        Note::Effect(at) => {
            title(canvas, line, 2, line.width - 4, &[span("effect", Role::Dim)]);
            let effect = &sheet.plan().effects[at];
            canvas.paragraph(area, &effect_sentence(effect), Role::of_effect(effect.effect));
        }
        Note::Finding(at) => {
            let finding = &sheet.plan().findings[at];
            let spans = [span(finding.severity.as_str(), Role::of_severity(finding.severity))];
            title(canvas, line, 2, line.width - 4, &spans);
            let used = canvas.paragraph(area, &sentence(sheet, finding, sheet.row_of_finding(at)), Role::Text);
            let meaning = code::ALL.iter().find(|(known, _)| *known == finding.code).map_or("", |(_, meaning)| meaning);
            canvas.paragraph(split_top(area, used).1, &format!("{}: {meaning}", finding.code), Role::Dim);
        }
    }
}

fn sentence(sheet: &Sheet, finding: &Finding, row: Option<u32>) -> String {
    match row.map(|row| sheet.item(row)) {
        Some(item) if !finding.message.contains(&*item.name) || item.name.is_empty() => {
            format!("{}: {}", item.name, finding.message)
        }
        _ => finding.message.clone(),
    }
}

fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "i",
        Severity::Warning => "!",
        Severity::Blocking => "✗",
    }
}

/// The findings of the row under the cursor, the gravest first; else what its row has no room for; else what blocks the
/// plan; else what the plan comes to.
pub(in crate::workbench::panes::plan) fn draw_finding(state: &State, line: Rect, canvas: &mut Canvas<'_>) {
    let Some(sheet) = state.plan.sheet() else { return };
    if state.plan.filtering {
        let words = " a part of name, id or tag; or decision: reason: match: kind: tag: finding:";
        canvas.text(line, words, Role::Dim);
        return;
    }
    let own = state.plan.item_row().filter(|&row| sheet.findings_of(row).len() > 0);
    let cut = state.plan.item_row().filter(|_| own.is_none());
    if let Some(text) = cut.and_then(|row| what_is_cut(state, sheet, row, line.width)) {
        canvas.text(line, &format!(" {text}"), Role::Text);
        return;
    }
    let (finding, of) = match own {
        Some(row) => (sheet.findings_of(row).next(), sheet.findings_of(row).len() as u64),
        None => (sheet.gravest().next(), sheet.severities.iter().sum()),
    };
    let Some(finding) = finding.filter(|finding| own.is_some() || finding.severity == Severity::Blocking) else {
        return draw_standing(state, sheet, line, canvas);
    };
    let role = Role::of_severity(finding.severity);
    let row = finding.item.as_ref().and_then(|key| sheet.row(key));
    canvas.hit(line, Target::Command("plan.notes"));
    let told = [span(format!(" {} ", sign(finding.severity)), role), span(sentence(sheet, finding, row), role)];
    let mut line = line;
    if of > 1 || width(&told) > line.width {
        line = canvas.right(line, " shows all ", Role::Dim);
        line = canvas.right(line, &key(state, "plan.notes").text, Role::Key);
        line = canvas.right(line, &if of > 1 { format!(" 1 of {} ", count(of)) } else { " ".to_owned() }, Role::Dim);
    }
    canvas.line(line, &told);
}

/// What the policy leaves as it is although it differs, and what to do next.
fn draw_standing(state: &State, sheet: &Sheet, line: Rect, canvas: &mut Canvas<'_>) {
    let findings = sheet.severities != [0; 3];
    let (text, role): (Cow<'_, str>, Role) = match () {
        () if state.plan.started => (" a run of it was started: 4 shows it, R plans again".into(), Role::Dim),
        () if sheet.differ > 0 => {
            let text = format!(" {} and stay so: p chooses another policy, o overwrites one", differs(sheet.differ));
            (text.into(), Role::Info)
        }
        () if sheet.counts.written() == 0 => (" all of it is there already: nothing to write".into(), Role::Good),
        () if findings => (" r runs it; f shows what there is to know first".into(), Role::Dim),
        () => (" r runs it".into(), Role::Dim),
    };
    canvas.text(line, &text, role);
}

fn differs(n: u64) -> String {
    if n == 1 { "1 item differs".to_owned() } else { format!("{} items differ", count(n)) }
}
