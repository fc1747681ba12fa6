//! From a plan that was looked at to a run: what stands in the way, the summary, the question, the key.
//! Must not know: how a run goes.

use std::borrow::Cow;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::list;
use super::question::is_export;
use super::sheet::Sheet;
use crate::model::{Decision, Effect, EffectKind, Mode, Severity, code};
use crate::wording::{bytes, count, effect_sentence, effect_subject, mode_sentence, plural, seconds};
use crate::workbench::command::{self, Availability};
use crate::workbench::effect;
use crate::workbench::ends::{DestinationEnd, NewBundle};
use crate::workbench::job::{Export, Job};
use crate::workbench::panes::{show, transfers};
use crate::workbench::shell::{Ask, Confirm, Notice, did_not_open};
use crate::workbench::state::{Pane, State};
use crate::workbench::widgets::Field;

/// Items named in the summary.
const NAMED: usize = 4;

/// Whether there is a plan of what is chosen now.
pub(super) fn can_run(state: &State) -> Availability {
    match state.plan.sheet() {
        None => Err("nothing runs before its plan was seen, and there is none yet".into()),
        Some(_) if state.plan.started => Err("a run of this plan was started; R plans again".into()),
        Some(_) => Ok(()),
    }
}

/// The plan, unless it is about to be another one: then that is told.
pub(super) fn settled_or_told(state: &mut State) -> Option<Arc<Sheet>> {
    let settled = state.plan.settled().cloned();
    if settled.is_none() {
        state.tell(Notice::info("it is being planned again; in a moment"));
    }
    settled
}

/// Refuses, or asks with the summary.
pub(super) fn run(state: &mut State) -> Vec<effect::Effect> {
    let Some(sheet) = settled_or_told(state) else {
        command::find("plan.run").into_iter().for_each(|command| did_not_open(state, command));
        return Vec::new();
    };
    if let Some(blocking) = sheet.plan().blocking().next() {
        return refuse(state, &sheet, blocking);
    }
    if sheet.counts.written() == 0 {
        let (text, hint) = match is_export(state) {
            true => ("there is nothing to write", "2 picks content"),
            false => ("nothing would be written: all is skipped", "p, or o d c for an item"),
        };
        state.tell(Notice::info(text).hint(hint));
        return Vec::new();
    }
    if let DestinationEnd::NewBundle(bundle) = &sheet.asked.destination
        && sheet.outlook.output_exists
        && !bundle.replace
    {
        let text = format!("{} exists already, and is not to be replaced", bundle.path.display());
        state.tell(Notice::warning(text).hint("1 chooses another name, or to replace it"));
        return Vec::new();
    }
    let production = sheet.asked.destination.is_production();
    let mark = if production { " PRODUCTION" } else { "" };
    let verb = if sheet.plan().options.mode == Mode::Replace { "Replace" } else { "Run" };
    let title = format!("{verb}: {} → {}{mark}", sheet.asked.source.text(), sheet.asked.destination.text());
    let deleted = deleted(&sheet);
    let yes = if deleted == 0 { "run it".to_owned() } else { format!("delete {} and run it", count(deleted)) };
    let confirm = Confirm::new(title, summary(&sheet), yes, {
        let sheet = sheet.clone();
        move |state| confirmed(state, sheet)
    });
    let confirm = if deleted > 0 { confirm.warns(DELETED) } else { confirm };
    match production {
        true => confirm.word(sheet.asked.destination.text()),
        false => confirm,
    }
    .open(state);
    Vec::new()
}

/// How a line with what is deleted begins.
const DELETED: &str = "deleted: ";

/// How many items the plan deletes.
fn deleted(sheet: &Sheet) -> u64 {
    sheet.plan().effects.iter().filter(|effect| effect.effect == EffectKind::Delete).map(|effect| effect.count).sum()
}

/// Names the first finding that blocks, and goes to its item.
fn refuse(state: &mut State, sheet: &Sheet, blocking: &crate::model::Finding) -> Vec<effect::Effect> {
    let row = blocking.item.as_ref().and_then(|key| sheet.row(key));
    let name = row.map(|row| format!("{}: ", sheet.item(row).name)).unwrap_or_default();
    let open = row.is_some_and(|row| !sheet.item(row).candidates.is_empty());
    let notice = Notice::warning(format!("{name}{}", blocking.message)).hint(match (row, open) {
        (Some(_), true) => "m says which one is meant, s leaves it out",
        (Some(_), false) => "s leaves it out",
        (None, _) => "f shows all findings",
    });
    let effects = row.map_or_else(Vec::new, |row| list::go_to(state, row));
    state.tell(notice);
    effects
}

/// What a run would do, one sentence each.
fn summary(sheet: &Sheet) -> Vec<String> {
    let mut lines: Vec<String> = vec![what_is_written(sheet).into_owned()];
    lines.extend(sheet.by_kind.iter().filter(|(_, counts)| counts.written() > 0).map(|(kind, counts)| {
        let parts = Decision::ALL.iter().filter(|&&decision| decision != Decision::Skip && counts.of(decision) > 0);
        let parts: Vec<_> = parts.map(|decision| format!("{decision} {}", count(counts.of(*decision)))).collect();
        format!("· {kind}: {}", parts.join(", "))
    }));
    lines.push(String::new());
    match &sheet.asked.destination {
        DestinationEnd::Remote { .. } => lines.extend(consequences(sheet)),
        DestinationEnd::NewBundle(bundle) => lines.extend(about_bundle(sheet, bundle)),
    }
    lines.push(expected(sheet));
    lines.extend(foreseen(sheet));
    lines
}

fn what_is_written(sheet: &Sheet) -> Cow<'static, str> {
    let counts = sheet.counts;
    let stays = match (counts.of(Decision::Skip), sheet.identical) {
        (0, _) => String::new(),
        (skipped, 0) => format!("; {} stay as they are", count(skipped)),
        (skipped, same) => format!("; {} stay as they are, {} of them identical", count(skipped), count(same)),
    };
    format!("Writes {} of {}{stays}.", count(counts.written()), plural(counts.all(), "item")).into()
}

fn consequences(sheet: &Sheet) -> Vec<String> {
    let effects = &sheet.plan().effects;
    let said = |kinds: &[EffectKind]| -> Vec<String> {
        effects.iter().filter(|effect| kinds.contains(&effect.effect)).map(effect_sentence).collect()
    };
    let or_none = |list: Vec<String>| if list.is_empty() { "nothing".to_owned() } else { list.join("; ") };
    let mut lines: Vec<String> = mode_sentence(sheet.plan().options.mode).map(str::to_owned).into_iter().collect();
    lines.extend(told_deleted(effects));
    lines.push(format!("cannot be undone: {}", or_none(said(&[EffectKind::CannotUndo, EffectKind::Unlink]))));
    lines.extend(said(&[EffectKind::Rename, EffectKind::Convert]));
    if !sheet.without_value.is_empty() {
        lines.push(format!("needs a value afterwards: {}", names(sheet)));
    }
    lines.push(match (sheet.plan().options.mode, sheet.counts.of(Decision::Overwrite)) {
        (Mode::Replace, _) => format!("snapshot: all of the destination before, in {}", sheet.outlook.snapshots),
        (Mode::Merge, 0) => "snapshot: none, nothing is overwritten".to_owned(),
        (Mode::Merge, n) => format!("snapshot: {} before, in {}", plural(n, "item"), sheet.outlook.snapshots),
    });
    if sheet.rules().features.backup {
        lines.push("backup: the server's own database, before the first write".to_owned());
    }
    lines
}

/// A line for each kind of thing that is deleted, so that none is overlooked.
fn told_deleted(effects: &[Effect]) -> Vec<String> {
    let deletes = effects.iter().filter(|effect| effect.effect == EffectKind::Delete);
    let lines: Vec<String> = deletes.map(|effect| format!("{DELETED}{}", effect_subject(effect))).collect();
    if lines.is_empty() { vec![format!("{DELETED}nothing")] } else { lines }
}

fn names(sheet: &Sheet) -> String {
    let rows = &sheet.without_value;
    let first: Vec<&str> = rows.iter().take(NAMED).map(|&row| &*sheet.item(row).name).collect();
    match rows.len() {
        n if n > NAMED => format!("{} and {} more", first.join(", "), n - NAMED),
        _ => first.join(", "),
    }
}

fn about_bundle(sheet: &Sheet, bundle: &NewBundle) -> Vec<String> {
    let mut lines = Vec::new();
    if sheet.outlook.output_exists {
        lines.push(format!("{} exists and is replaced", bundle.path.display()));
    }
    if sheet.rules().features.sealed_archives {
        let seal = if bundle.sealed { "sealed: its key is asked next" } else { "not sealed: everybody can read it" };
        let squeeze = if bundle.compressed { "compressed" } else { "not compressed" };
        lines.push(format!("{squeeze}, {seal}"));
    }
    let clear =
        sheet.plan().findings.iter().filter(|finding| finding.code == code::PLAINTEXT_CREDENTIAL).count() as u64;
    if bundle.redacted {
        lines.push("credentials in clear text are replaced".to_owned());
    } else if clear > 0 {
        lines.push(format!("! {} in clear text will stand in the file (f names them)", plural(clear, "credential")));
    }
    lines
}

/// A guess by what looking at both ends took.
fn expected(sheet: &Sheet) -> String {
    let outlook = &sheet.outlook;
    match outlook.expected_requests() {
        0 => format!("about {}", bytes(sheet.bytes)),
        n => format!(
            "about {}, {}, {}",
            plural(n, "request"),
            seconds(outlook.expected_seconds().max(0.1)),
            bytes(sheet.bytes)
        ),
    }
}

/// What the destination itself says of it.
fn foreseen(sheet: &Sheet) -> Option<String> {
    let forecast = sheet.outlook.forecast?;
    let rate = forecast.rate.map_or_else(String::new, |rate| format!(", at most {rate} in a second"));
    Some(format!("{} of them from the first write on{rate}", count(forecast.requests)))
}

/// Only what was asked about is run: another plan that came meanwhile is looked at first.
fn is_still(state: &mut State, sheet: &Arc<Sheet>) -> bool {
    let same = state.plan.settled().is_some_and(|now| Arc::ptr_eq(now, sheet)) && !state.plan.started;
    if !same {
        state.tell(Notice::warning("the plan changed meanwhile, so nothing was started").hint("r asks again"));
    }
    same
}

fn confirmed(state: &mut State, sheet: Arc<Sheet>) -> Vec<effect::Effect> {
    match &sheet.asked.destination {
        DestinationEnd::NewBundle(bundle) if bundle.sealed && sheet.rules().features.sealed_archives => {
            ask_key(state, sheet, None);
            Vec::new()
        }
        _ => start(state, &sheet, None),
    }
}

/// Asks for the key that seals the bundle, twice.
pub(super) fn ask_key(state: &mut State, sheet: Arc<Sheet>, wrong: Option<&'static str>) {
    let lines = vec!["Whoever has this key can read the archive; without it nobody can, also not you.".to_owned()];
    let ask = Ask::new("Key of the new archive", lines, "take it", Field::hidden(), move |state, mut field| {
        if field.is_empty() {
            ask_key(state, sheet, Some("a key is at least one character"));
        } else {
            ask_key_again(state, sheet, field.take_secret());
        }
        Vec::new()
    });
    match wrong {
        Some(wrong) => ask.error(wrong),
        None => ask,
    }
    .open(state);
}

fn ask_key_again(state: &mut State, sheet: Arc<Sheet>, key: SecretString) {
    let lines = vec!["Once more, so that a slip of the hand locks nobody out.".to_owned()];
    let ask = Ask::new("Key of the new archive", lines, "seal and run", Field::hidden(), move |state, mut field| {
        if field.take_secret().expose_secret() == key.expose_secret() {
            return start(state, &sheet, Some(key));
        }
        ask_key(state, sheet, Some("the two keys differ"));
        Vec::new()
    });
    ask.open(state);
}

fn start(state: &mut State, sheet: &Arc<Sheet>, key: Option<SecretString>) -> Vec<effect::Effect> {
    if !is_still(state, sheet) {
        return Vec::new();
    }
    let source = sheet.asked.source.clone();
    let job = match &sheet.asked.destination {
        DestinationEnd::Remote { location, .. } => {
            Job::Transfer { source, destination: location.clone(), plan: Box::new(sheet.plan().clone()) }
        }
        DestinationEnd::NewBundle(bundle) => Job::Export(Box::new(Export {
            source,
            selection: sheet.plan().options.selection.clone(),
            dependencies: sheet.plan().options.dependencies,
            bundle: bundle.clone(),
            key,
            items: sheet.counts.written(),
            bytes: sheet.bytes,
        })),
    };
    state.plan.started = true;
    let mut effects = transfers::start(state, job);
    effects.extend(show(state, Pane::Transfers));
    effects
}

/// Whether a finding keeps the plan from running.
pub(super) fn is_blocked(sheet: &Sheet) -> bool {
    sheet.severities[Severity::Blocking as usize] > 0
}
