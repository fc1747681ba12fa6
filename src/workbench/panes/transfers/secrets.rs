//! Values of items that a run left without one: asked for one by one, hidden, and given to the destination. A value goes
//! from the field into the effect and stands nowhere else.
//! Must not know: how a platform keeps a value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::Effect;
use super::effects::Outcome;
use super::fold::Line;
use super::state::{Number, Run, State};
use crate::engine::RunId;
use crate::model::{ErrorKind, ItemKey, ItemResult, Report, Result, RunStatus, SecretValues, Severity, code};
use crate::wording::plural;
use crate::workbench::command::Availability;
use crate::workbench::effect::{self, Desk};
use crate::workbench::ends::Location;
use crate::workbench::panes;
use crate::workbench::shell::{Ask, Notice};
use crate::workbench::state::{Pane, State as Workbench};
use crate::workbench::widgets::Field;

/// An item that has no value at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// As the destination calls it.
    pub item: ItemKey,
    pub name: String,
    pub standing: Standing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// It is being given its value.
    Filling,
    Filled,
}

/// Gives one item its values.
#[derive(Debug)]
pub struct Fill {
    pub number: Number,
    /// The place among those that lack one.
    pub at: usize,
    location: Location,
    item: ItemKey,
    values: SecretValues,
}

/// A run of before whose values are to be filled in.
#[derive(Debug)]
pub struct Past {
    pub run: RunId,
    pub outcome: Outcome,
    pub destination: Location,
}

/// Shows the run among those of this session, and asks for its values.
pub fn fill_past(state: &mut Workbench, past: Past) -> Vec<effect::Effect> {
    let mut effects = panes::show(state, Pane::Transfers);
    let number = state.transfers.adopt(past, state.now);
    match can_fill(state) {
        Ok(()) => effects.extend(number.map_or_else(Vec::new, |number| ask(state, number))),
        Err(why) => state.tell(Notice::info(why)),
    }
    effects
}

/// What a report says to be without a value, as far as the destination has it. Of a run that stopped, only what it
/// wrote: the rest is told when it was resumed and has come to its end.
pub fn lacking(report: &Report) -> Vec<Lacking> {
    let stopped = matches!(report.status, RunStatus::Cancelled | RunStatus::Failed);
    let findings = report.findings.iter().filter(|finding| finding.code == code::SECRET_WITHOUT_VALUE);
    let told: BTreeSet<&ItemKey> = findings.filter_map(|finding| finding.item.as_ref()).collect();
    let items = report.items.iter().filter(|item| told.contains(&item.key));
    let there =
        items.filter(|item| item.result == ItemResult::Done || (item.result == ItemResult::Skipped && !stopped));
    let lacking = |item: &crate::model::ReportItem| {
        let item_there = item.destination_key()?;
        Some((item_there.clone(), Lacking { item: item_there, name: item.name.to_string(), standing: Standing::Open }))
    };
    // Two items of the source may stand for one of the destination.
    let each: BTreeMap<ItemKey, Lacking> = there.filter_map(lacking).collect();
    each.into_values().collect()
}

impl Run {
    /// What its report says to be without a value.
    pub fn lacking(&self) -> &[Lacking] {
        self.outcome.as_ref().map_or(&[], |outcome| &outcome.lacking)
    }

    /// Items that still lack a value.
    pub fn open_values(&self) -> u64 {
        self.lacking().iter().filter(|lacking| lacking.standing == Standing::Open).count() as u64
    }

    /// `2 secrets`.
    pub fn open_words(&self) -> String {
        let kind = self.lacking().first().map_or("item", |lacking| lacking.item.kind.as_str());
        plural(self.open_values(), kind)
    }
}

pub fn can_fill(state: &Workbench) -> Availability {
    match state.transfers.chosen() {
        None => Err("nothing ran here yet".into()),
        Some(run) if run.is_moving() => Err("the run goes on".into()),
        Some(run) if run.open_values() == 0 => Err("nothing of this run lacks a value".into()),
        Some(_) => Ok(()),
    }
}

/// Asks for every value that is open, one after the other.
pub fn ask(state: &mut Workbench, number: Number) -> Vec<effect::Effect> {
    ask_from(state, number, 0);
    Vec::new()
}

fn ask_from(state: &mut Workbench, number: Number, from: usize) {
    let Some(run) = state.transfers.get_mut(number) else { return };
    let open = run.lacking().iter().enumerate().skip(from).find(|(_, lacking)| lacking.standing == Standing::Open);
    let (Some((at, lacking)), Some(location)) = (open, &run.destination) else { return };
    let title = format!("Value of {} at {}", lacking.name, location.text());
    let lines = vec!["The value that development uses. Empty leaves it as it is.".to_owned()];
    Ask::new(title.clone(), lines, "accept", Field::hidden(), move |state, mut field| {
        let dev = field.take_secret();
        let lines = vec!["The value that production uses. Empty leaves it as it is.".to_owned()];
        let ask = Ask::new(title, lines, "accept", Field::hidden(), move |state, mut field| {
            let prod = field.take_secret();
            give(state, number, at, SecretValues { dev: typed(dev), prod: typed(prod) })
        });
        ask.open(state);
        Vec::new()
    })
    .open(state);
}

fn typed(value: SecretString) -> Option<SecretString> {
    (!value.expose_secret().is_empty()).then_some(value)
}

/// Sends the values off, and asks for the next.
fn give(state: &mut Workbench, number: Number, at: usize, values: SecretValues) -> Vec<effect::Effect> {
    let mut effects = Vec::new();
    let run = state.transfers.get_mut(number);
    if (values.dev.is_some() || values.prod.is_some())
        && let Some(run) = run
        && let (Some(lacking), Some(location)) =
            (run.outcome.as_mut().and_then(|outcome| outcome.lacking.get_mut(at)), run.destination.clone())
    {
        lacking.standing = Standing::Filling;
        let item = lacking.item.clone();
        effects.push(Effect::Fill(Box::new(Fill { number, at, location, item, values })).into());
    }
    ask_from(state, number, at + 1);
    effects
}

/// Carries it out.
pub async fn fill(desk: &Arc<Desk>, fill: Fill) -> Result<()> {
    let destination = desk.destination(&fill.location).await?;
    destination.fill(&fill.item, &fill.values).await
}

/// What came of it is told for each item, in the log and as a notice.
pub fn filled(state: &mut Workbench, number: Number, at: usize, filled: Result<()>) {
    let now = state.now;
    let Some((name, log)) = standing(&mut state.transfers, number, at, &filled) else { return };
    let line = |text: String, severity| Line { at: now, text, severity, detail: false };
    match filled {
        Ok(()) => {
            log.add(line(format!("filled in the value of {name}"), None));
            state.tell(Notice::info(format!("filled in the value of {name}")));
        }
        Err(error) => {
            let text = format!("the value of {name} was not filled in: {}", error.message());
            log.add(line(text.clone(), Some(Severity::Blocking)));
            let hint = match error.hint_text() {
                Some(hint) => hint.to_owned(),
                None if error.kind() == ErrorKind::Usage => "fill it in at the destination".to_owned(),
                None => "s on 4 asks again".to_owned(),
            };
            state.tell(Notice::failure(text).hint(hint));
        }
    }
    state.transfers.log_grew(number);
}

fn standing<'a>(
    state: &'a mut State,
    number: Number,
    at: usize,
    filled: &Result<()>,
) -> Option<(String, &'a mut super::state::Log)> {
    let run = state.get_mut(number)?;
    let lacking = run.outcome.as_mut()?.lacking.get_mut(at)?;
    lacking.standing = if filled.is_ok() { Standing::Filled } else { Standing::Open };
    Some((lacking.name.clone(), &mut run.log))
}
