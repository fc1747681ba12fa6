//! Tests of the pane: plans are made by the planner from small inventories, and answers to effects are given here.

mod decisions;
mod pictures;
mod questions;
mod real;
mod runs;
mod saving;
mod world;

use std::sync::Arc;

use super::message::{Answer, Effect, Impossible, Message, Planning, Refused};
use super::sheet::{Basis, Outlook, Sheet};
use super::state::Subject;
use super::{compare, contents, edits, making, sift};
use crate::engine::Survey;
use crate::model::{ErrorKind, FolderFormat, Inventory, Platform, Report, Selection};
use crate::planner::{self, PlanRequest};
use crate::platforms;
use crate::workbench::effect;
use crate::workbench::ends::{DestinationEnd, Location, NewBundle, SourceEnd};
use crate::workbench::state::{Pane, State};
use crate::workbench::testing;

use world::{World, dev, info, prod};

/// Both ends, as they are in most tests.
pub fn ends(state: &mut State, production: bool) {
    ends_on(state, Platform::Ziggy, production);
}

pub fn ends_on(state: &mut State, platform: Platform, production: bool) {
    let location = Location::Remote("dev".into());
    state.ends.source = Some(SourceEnd { location, platform, production: false, opened: None });
    let location = Location::Remote("prod".into());
    state.ends.destination = Some(DestinationEnd::Remote { location, platform, production });
    state.pane = Pane::Plan;
}

/// An export instead.
pub fn export_end(state: &mut State, sealed: bool) {
    ends(state, false);
    let path = "/work/out/flows.json".into();
    let bundle =
        NewBundle { path, sealed, compressed: true, redacted: false, folder: FolderFormat::default(), replace: false };
    state.ends.destination = Some(DestinationEnd::NewBundle(bundle));
}

/// The pane with a plan of everything of dev.
pub fn planned() -> State {
    planned_between(&dev(), &prod(), false)
}

pub fn planned_between(source: &World, destination: &World, production: bool) -> State {
    let mut state = testing::state();
    ends(&mut state, production);
    let effects = super::question::everything(&mut state);
    answer_with(&mut state, effects, source, destination);
    state
}

/// Carries effects out and takes their answers, until there are none left. The two worlds are dev and prod.
pub fn answer(state: &mut State, effects: Vec<effect::Effect>) {
    answer_with(state, effects, &dev(), &prod());
}

pub fn answer_with(state: &mut State, effects: Vec<effect::Effect>, source: &World, destination: &World) {
    let mut waiting = effects;
    while let Some(effect) = waiting.pop() {
        let effect::Effect::Plan(effect) = effect else { continue };
        if let Some(message) = message(effect, source, destination) {
            waiting.extend(super::update(state, message));
        }
    }
}

fn message(effect: Effect, source: &World, destination: &World) -> Option<Message> {
    Some(match effect {
        Effect::Plan(planning) => {
            let generation = planning.generation;
            Message::Planned { generation, answer: made(*planning, source, destination) }
        }
        Effect::Sift { number, sheet, query, extras } => {
            Message::Sifted { number, rows: sift::sift(&sheet, &query, extras.as_deref().unwrap_or_default()) }
        }
        Effect::Extras { number, sheet, query } => {
            let (items, rows) = making::with_extras(&sheet, &query);
            Message::Extras { number, items, rows }
        }
        Effect::Judge { sheet, rows, decision } => {
            Message::Judged { judged: edits::judge(&sheet, &rows, decision), sheet, decision }
        }
        Effect::Compare { generation, sheet, subject, .. } => {
            let comparison = compared(&sheet, subject, source, destination);
            Message::Compared { generation, subject, comparison: Ok(Arc::new(comparison)) }
        }
        Effect::Count { generation, sheet, rows, .. } => {
            let fields =
                |row: u32| compared(&sheet, Subject::Item(row), source, destination).fields.unwrap_or_default();
            Message::Counted { generation, fields: rows.into_iter().map(|row| (row, fields(row))).collect() }
        }
        Effect::CommandLine { sheet } => Message::CommandLine(super::effects::command_line(&sheet)),
        Effect::Save { .. } | Effect::Load { .. } | Effect::Locate { .. } | Effect::Forget(_) => return None,
    })
}

fn compared(sheet: &Sheet, subject: Subject, source: &World, destination: &World) -> compare::Comparison {
    let (ours, theirs) = contents::keys(sheet, subject).expect("the row has keys");
    let ours = ours.map(|key| source.json(&key));
    let theirs = theirs.map(|key| destination.json(&key));
    compare::compare(ours.as_deref(), theirs.as_deref(), &contents::same_things(sheet, subject))
}

/// As the effect makes it, but between the worlds.
fn made(planning: Planning, source: &World, destination: &World) -> Result<Box<Answer>, Box<Refused>> {
    let outlook = Outlook {
        requests: 8,
        seconds: 0.4,
        steps: 4,
        forecast: None,
        snapshots: "/home/me/.local/state/haul/runs".into(),
        output_exists: false,
    };
    let mut options = planning.asked.options.clone();
    options.decisions = making::decisions(&planning);
    let mut dropped = Vec::new();
    let basis = match &planning.asked.destination {
        DestinationEnd::NewBundle(_) => {
            let survey = survey(source, &World::default(), options).expect("everything is new");
            let mut report = Report::planned(&survey.plan);
            report.findings.clear();
            report.effects.clear();
            report.items.iter_mut().for_each(|item| item.reason = crate::model::Reason::Selected);
            Basis::Export { bytes: report.summary.bytes, plan: Box::new(making::plan_of(report, &planning.asked)) }
        }
        DestinationEnd::Remote { .. } => loop {
            match survey(source, destination, options.clone()) {
                Ok(survey) => break Basis::Survey(Box::new(survey)),
                Err(error) if planning.impossible == Impossible::Refuse => {
                    return Err(Box::new(Refused { edit: error.kind() != ErrorKind::Internal, error }));
                }
                Err(error) => {
                    for key in error.item_keys() {
                        options.decisions.remove(key);
                        options.map.remove(key);
                        dropped.push(key.to_string());
                    }
                }
            }
        },
    };
    let sheet = Arc::new(Sheet::new(planning.asked, basis, outlook));
    let moved = planning.before.as_ref().and_then(|(before, _)| sheet.rows_from(before));
    let extras = planning.extras.map(|known| known.unwrap_or_else(|| making::only_there(&sheet)));
    let rows = sift::sift(&sheet, &planning.query, extras.as_deref().unwrap_or_default());
    Ok(Box::new(Answer { sheet, query: planning.query, rows, extras, moved, dropped, stale: Vec::new() }))
}

fn survey(source: &World, destination: &World, options: crate::model::PlanOptions) -> crate::model::Result<Survey> {
    let (ours, theirs): (Inventory, Inventory) = (source.inventory(), destination.inventory());
    let rules = platforms::rules(Platform::Ziggy);
    let selection: &Selection = &options.selection;
    let picked = planner::resolve(selection, &ours, rules)?;
    let schemas = source.schemas.clone();
    let plan = planner::plan(PlanRequest {
        source: &ours,
        source_info: info("dev"),
        destination: &theirs,
        destination_info: info("prod"),
        rules,
        picked: &picked,
        options,
        schemas: &schemas,
    })?;
    Ok(Survey { plan, source: Arc::new(ours), destination: Arc::new(theirs), picked, schemas: Arc::new(schemas) })
}
