//! The lines on top: how many of what, the policy, what else happens, and how many findings there are.
//! Must not know: rows.

use super::lines::{groups, width};
use crate::model::{Decision, EffectKind, Mode, Severity};
use crate::wording::{count, effect_counts, effect_sentence, plural, seconds};
use crate::workbench::canvas::{Canvas, Rect, Span, Target, line_of, skip, span};
use crate::workbench::command;
use crate::workbench::ends::DestinationEnd;
use crate::workbench::panes::content::mode_words;
use crate::workbench::panes::plan::question::dependencies;
use crate::workbench::panes::plan::sheet::Sheet;
use crate::workbench::state::State;
use crate::workbench::theme::Role;

/// Lines that the head takes. That of the effects keeps its place, so that no row moves when there are some.
pub(super) fn rows(state: &State, sheet: &Sheet) -> u16 {
    2 + u16::from(tells_effects(sheet)) + u16::from(state.plan.special.is_some())
}

fn tells_effects(sheet: &Sheet) -> bool {
    sheet.survey().is_some() || !sheet.plan().effects.is_empty()
}

pub(super) fn draw(state: &State, sheet: &Sheet, area: Rect, canvas: &mut Canvas<'_>) {
    counts(state, sheet, line_of(area, 0), canvas);
    settings(state, sheet, line_of(area, 1), canvas);
    let mut row = 2;
    if tells_effects(sheet) {
        effects(sheet, line_of(area, row), canvas);
        row += 1;
    }
    if let Some(special) = &state.plan.special {
        let line = line_of(area, row);
        let used = canvas.line(
            line,
            &[
                span(" from ", Role::Dim),
                span(&*special.title, Role::Strong),
                span("   ", Role::Dim),
                key(state, "plan.picks"),
                span(" plans what is picked instead", Role::Dim),
            ],
        );
        canvas.hit(Rect { width: used, ..line }, Target::Command("plan.picks"));
    }
}

fn counts(state: &State, sheet: &Sheet, line: Rect, canvas: &mut Canvas<'_>) {
    let counts = state.plan.edits.counts();
    let mut told = vec![vec![span(format!(" {}", plural(counts.all(), "item")), Role::Strong)]];
    for (at, decision) in [Decision::Create, Decision::Overwrite, Decision::Skip, Decision::Duplicate]
        .into_iter()
        .filter(|&decision| counts.of(decision) > 0)
        .enumerate()
    {
        let lead = span(if at == 0 { ": " } else { " · " }, Role::Dim);
        let mut group =
            vec![lead, span(format!("{} {decision}", count(counts.of(decision))), Role::of_decision(decision))];
        if decision == Decision::Skip && sheet.differ > 0 {
            group.push(span(format!(" ({})", differs(sheet.differ)), Role::Info));
        }
        told.push(group);
    }
    if sheet.survey().is_some() {
        let deletes = sheet.plan().effects.iter().filter(|effect| effect.effect == EffectKind::Delete);
        let deletes = match deletes.map(|effect| effect.count).sum() {
            0 => span("none", Role::Good),
            n => span(format!(" {} ", count(n)), Role::Delete),
        };
        told.push(vec![span("   deletes: ", Role::Dim), deletes]);
    }
    let used = groups(canvas, line, &told);
    let rest = skip(line, used + 2);
    if let Some((text, role)) = status(state).into_iter().find(|(text, _)| text.chars().count() <= rest.width.into()) {
        canvas.right(rest, &text, role);
    }
}

/// What goes on with the plan, in several lengths.
fn status(state: &State) -> Vec<(String, Role)> {
    let plan = &state.plan;
    let (marked, decided) = (plan.marks.count() as u64, plan.edits.decided() as u64);
    let said = |texts: &[String], role| texts.iter().map(|text| (format!("{text} "), role)).collect();
    match &plan.work {
        Some(work) => {
            let elapsed = state.now.duration_since(work.since).as_secs_f64();
            let long = if elapsed < 1.0 { String::new() } else { format!(" {}", seconds(elapsed)) };
            said(&[format!("planning again …{long}"), "planning …".into(), "…".into()], Role::Info)
        }
        None if plan.started => said(&["started; R plans again".into(), "started".into()], Role::Warning),
        None if marked > 0 => said(&[format!("{} marked", count(marked)), format!("* {}", count(marked))], Role::Info),
        None if decided > 0 => {
            said(&[format!("{} by you", count(decided)), format!("{} *", count(decided))], Role::Info)
        }
        None => Vec::new(),
    }
}

fn settings(state: &State, sheet: &Sheet, line: Rect, canvas: &mut Canvas<'_>) {
    let line = findings(state, sheet, line, canvas);
    let dependencies = mode_words(dependencies(state));
    let mut spans = Vec::new();
    match &sheet.asked.destination {
        DestinationEnd::Remote { .. } => {
            spans.extend(mode(state, sheet, line, canvas));
            let before = width(&spans);
            if state.plan.mode == Mode::Merge {
                spans.extend([span(" ", Role::Dim), key(state, "plan.policy"), span(" policy ", Role::Dim)]);
                spans.push(span(state.plan.policy.as_str(), Role::Strong));
            }
            spans.push(span(if state.plan.rewrite_identical { ", identical too" } else { "" }, Role::Warning));
            spans.push(span(if state.plan.skip_blocked { ", blocked left out" } else { "" }, Role::Warning));
            spans.push(span(if state.plan.pause_webhooks { ", webhooks off" } else { "" }, Role::Warning));
            let policy = width(&spans);
            let own = skip(line, before);
            canvas.hit(Rect { width: (policy - before).min(own.width), ..own }, Target::Command("plan.policy"));
            spans.extend([span(" · ", Role::Dim), key(state, "plan.dependencies"), span(" dependencies ", Role::Dim)]);
            spans.push(span(dependencies, Role::Strong));
            let rest = skip(line, policy);
            let shown = (width(&spans) - policy).min(rest.width);
            canvas.hit(Rect { width: shown, ..rest }, Target::Command("plan.dependencies"));
            if sheet.rules().features.backup {
                spans.push(span(" · backup ", Role::Dim));
                spans.push(span("yes", Role::Strong));
            }
        }
        DestinationEnd::NewBundle(bundle) => {
            spans.push(span(" a new bundle · ", Role::Dim));
            spans.extend([key(state, "plan.dependencies"), span(" dependencies ", Role::Dim)]);
            spans.push(span(dependencies, Role::Strong));
            if sheet.rules().features.sealed_archives {
                spans.push(span(if bundle.sealed { " · sealed" } else { " · not sealed" }, Role::Dim));
                spans.push(span(if bundle.compressed { " · compressed" } else { "" }, Role::Dim));
            }
            if bundle.redacted {
                spans.push(span(" · credentials replaced", Role::Dim));
            }
        }
    }
    canvas.line(line, &spans);
}

/// Whether what only the destination has stays, where that is a choice.
fn mode(state: &State, sheet: &Sheet, line: Rect, canvas: &mut Canvas<'_>) -> Vec<Span<'static>> {
    if !sheet.rules().features.mode {
        return Vec::new();
    }
    let mut spans = vec![span(" ", Role::Dim), key(state, "plan.mode"), span(" ", Role::Dim)];
    spans.push(match state.plan.mode {
        Mode::Merge => span("merge", Role::Strong),
        Mode::Replace => span(" replace: deletes the rest ", Role::Delete),
    });
    canvas.hit(Rect { width: width(&spans).min(line.width), ..line }, Target::Command("plan.mode"));
    spans.push(span(if state.plan.mode == Mode::Merge { " ·" } else { "" }, Role::Dim));
    spans
}

fn differs(n: u64) -> String {
    if n == 1 { "1 differs".to_owned() } else { format!("{} differ", count(n)) }
}

/// How many there are of each severity, at the right.
fn findings(state: &State, sheet: &Sheet, line: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let mut spans = vec![key(state, "plan.notes"), span(" findings", Role::Dim)];
    for (severity, sign) in [(Severity::Blocking, "✗"), (Severity::Warning, "!"), (Severity::Info, "i")] {
        let found = sheet.severities[severity as usize];
        if found > 0 {
            spans.push(span(format!(" {sign}{}", count(found)), Role::of_severity(severity)));
        }
    }
    if sheet.severities == [0; 3] {
        spans.push(span(" none", Role::Good));
    }
    let rest = line.width.saturating_sub(width(&spans) + 1);
    let at = skip(line, rest);
    canvas.line(at, &spans);
    canvas.hit(at, Target::Command("plan.notes"));
    Rect { width: rest.saturating_sub(1), ..line }
}

/// The key of a command, as the user has it.
pub(super) fn key(state: &State, id: &str) -> Span<'static> {
    let shown = command::find(id).and_then(|command| state.settings.keymap.shown(command));
    span(shown.unwrap_or_default(), Role::Key)
}

/// In whole sentences where they fit, else in few words; the list has them all.
fn effects(sheet: &Sheet, line: Rect, canvas: &mut Canvas<'_>) {
    let effects = &sheet.plan().effects;
    let lead = " effects: ";
    let sentences = effects.iter().map(|effect| (effect.effect, effect_sentence(effect)));
    let told = told(sentences);
    let room = line.width.saturating_sub(lead.len() as u16);
    let told = match told.iter().map(|group| width(group)).sum::<u16>() <= room {
        true => told,
        false => self::told(effect_counts(effects).into_iter()),
    };
    let used = canvas.text(line, lead, Role::Dim);
    match told.is_empty() {
        true => drop(canvas.text(skip(line, used), "none", Role::Good)),
        false => drop(groups(canvas, skip(line, used), &told)),
    }
    canvas.hit(line, Target::Command("plan.notes"));
}

fn told(effects: impl Iterator<Item = (EffectKind, String)>) -> Vec<Vec<Span<'static>>> {
    let group = |(at, (kind, text)): (usize, (EffectKind, String))| {
        vec![span(if at == 0 { "" } else { " · " }, Role::Dim), span(text, Role::of_effect(kind))]
    };
    effects.enumerate().map(group).collect()
}
