//! Makes a plan outside of the state: surveys both ends or looks what an export would write, and lays the answer out.
//! Must not know: the state of the pane.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::message::{Answer, Impossible, Planning, Refused};
use super::rows::Rows;
use super::sheet::{Asked, Basis, Outlook, Sheet};
use super::sift::sift;
use crate::engine::{self, ExportSpec, Survey};
use crate::model::{
    Credentials, Decision, Destination, Digest, Digests, Error, ErrorKind, Existing, ExportFormat, Files, ItemIndex,
    ItemKey, Layout, Marks, Plan, PlanItem, PlanOptions, Report, ReportItem, Result, Role, Seal, Selection, Source,
    Squeeze,
};
use crate::planner;
use crate::workbench::effect::Desk;
use crate::workbench::ends::{DestinationEnd, NewBundle};

/// The plan for a question.
pub(super) async fn make(desk: Arc<Desk>, planning: Planning) -> Result<Box<Answer>, Box<Refused>> {
    let refused = |error| Box::new(Refused { error, edit: false });
    let made = match &planning.asked.destination {
        DestinationEnd::NewBundle(bundle) => export(&desk, &planning, bundle).await.map_err(refused)?,
        DestinationEnd::Remote { .. } => transfer(&desk, &planning).await?,
    };
    let Made { basis, outlook, dropped, stale } = made;
    let sheet = Arc::new(Sheet::new(planning.asked, basis, outlook));
    let moved = planning.before.as_ref().and_then(|(before, _)| sheet.rows_from(before));
    let extras = planning.extras.map(|known| known.unwrap_or_else(|| only_there(&sheet)));
    let rows = sift(&sheet, &planning.query, extras.as_deref().unwrap_or_default());
    Ok(Box::new(Answer { sheet, query: planning.query, rows, extras, moved, dropped, stale }))
}

/// What only the destination has.
pub(super) fn only_there(sheet: &Sheet) -> Arc<[ItemIndex]> {
    match sheet.survey() {
        Some(survey) => planner::only_at_destination(&survey.source, &survey.destination, sheet.rules()).into(),
        None => Arc::new([]),
    }
}

/// The rows for a filter, with what only the destination has.
pub(super) fn with_extras(sheet: &Sheet, query: &super::sift::Query) -> (Arc<[ItemIndex]>, Rows) {
    let items = only_there(sheet);
    let rows = sift(sheet, query, &items);
    (items, rows)
}

struct Made {
    basis: Basis,
    outlook: Outlook,
    dropped: Vec<String>,
    stale: Vec<String>,
}

async fn transfer(desk: &Desk, planning: &Planning) -> Result<Made, Box<Refused>> {
    let refused = |error| Box::new(Refused { error, edit: false });
    let asked = &planning.asked;
    let DestinationEnd::Remote { location, .. } = &asked.destination else {
        return Err(refused(Error::new(ErrorKind::Internal, "a bundle is not transferred to")));
    };
    let (requests, began) = (desk.requests(), Instant::now());
    let known = planning.before.as_ref().filter(|_| planning.again);
    let source = match known {
        Some(_) => desk.suited(&asked.source, location).await.map_err(refused)?,
        None => desk.suit(&asked.source, location).await.map_err(refused)?,
    };
    let destination = desk.destination(location).await.map_err(refused)?;
    let ends = Ends { source: &*source, destination: &*destination };
    let mut options = PlanOptions { decisions: decisions(planning), ..asked.options.clone() };
    let (survey, dropped) = match known.and_then(|(sheet, _)| Some((sheet.survey()?, sheet))) {
        Some((survey, _)) => ends.again(survey, &mut options, planning.impossible).await?,
        None => {
            let bare = PlanOptions { decisions: BTreeMap::new(), map: BTreeMap::new(), ..options.clone() };
            let survey = engine::survey(&*source, &*destination, bare).await.map_err(refused)?;
            match options.decisions.is_empty() && options.map.is_empty() {
                true => (survey, Vec::new()),
                false => ends.again(&survey, &mut options, planning.impossible).await?,
            }
        }
    };
    let (survey, stale) = ends.as_saved(survey, &mut options, planning.saved.as_deref()).await?;
    let looked = match known {
        Some((sheet, _)) => sheet.outlook.clone(),
        None => Outlook {
            requests: desk.requests().saturating_sub(requests),
            seconds: began.elapsed().as_secs_f64(),
            steps: 0,
            forecast: None,
            snapshots: desk.paths.state_dir().join("runs").display().to_string(),
            output_exists: false,
        },
    };
    let steps = destination.steps(&survey.plan).len() as u64;
    let outlook = Outlook { steps, forecast: destination.forecast(&survey.plan), ..looked };
    Ok(Made { basis: Basis::Survey(Box::new(survey)), outlook, dropped, stale })
}

/// What was decided by key: in the question, and for rows of the plan before.
pub(super) fn decisions(planning: &Planning) -> BTreeMap<ItemKey, Decision> {
    match &planning.before {
        None => planning.asked.options.decisions.clone(),
        Some((sheet, wanted)) => {
            let decided = sheet.items().iter().zip(wanted);
            decided.filter_map(|(item, decision)| Some((item.key.clone(), (*decision)?))).collect()
        }
    }
}

#[derive(Clone, Copy)]
struct Ends<'a> {
    source: &'a dyn Source,
    destination: &'a dyn Destination,
}

impl Ends<'_> {
    /// Plans between known inventories; decisions that are not possible are dropped and named, or refused.
    async fn again(
        self,
        survey: &Survey,
        options: &mut PlanOptions,
        impossible: Impossible,
    ) -> Result<(Survey, Vec<String>), Box<Refused>> {
        let mut dropped = Vec::new();
        loop {
            let error = match engine::replan(survey, self.source, self.destination, options.clone()).await {
                Ok(survey) => return Ok((survey, dropped)),
                Err(error) => error,
            };
            let decided = matches!(error.kind(), ErrorKind::Usage | ErrorKind::UnknownItem);
            if impossible == Impossible::Refuse || !decided {
                return Err(Box::new(Refused { edit: decided, error }));
            }
            let before = dropped.len();
            for key in error.item_keys() {
                if options.decisions.remove(key).is_some() | options.map.remove(key).is_some() {
                    let name = survey.source.find(key).map(|item| item.name().to_owned());
                    dropped.push(name.unwrap_or_else(|| key.to_string()));
                }
            }
            if dropped.len() == before {
                return Err(Box::new(Refused { edit: false, error }));
            }
        }
    }

    /// What nobody decided keeps the decision that was saved, and what changed since then is named.
    async fn as_saved(
        self,
        survey: Survey,
        options: &mut PlanOptions,
        saved: Option<&Plan>,
    ) -> Result<(Survey, Vec<String>), Box<Refused>> {
        let Some(saved) = saved else { return Ok((survey, Vec::new())) };
        let stale: BTreeSet<ItemKey> = planner::stale(saved, &survey.plan).into_iter().collect();
        let now: HashMap<&ItemKey, Decision> =
            survey.plan.items.iter().map(|item| (&item.key, item.decision)).collect();
        let reviewed = saved.items.iter().filter(|item| !stale.contains(&item.key));
        let moved = reviewed.filter(|item| !options.decisions.contains_key(&item.key));
        let moved = moved.filter(|item| now.get(&item.key).is_some_and(|now| *now != item.decision));
        let moved: Vec<_> = moved.map(|item| (item.key.clone(), item.decision)).collect();
        let names = stale.iter().map(|key| match saved.items.iter().find(|item| item.key == *key) {
            Some(item) => item.name.to_string(),
            None => key.to_string(),
        });
        let names = names.collect();
        if moved.is_empty() {
            return Ok((survey, names));
        }
        options.decisions.extend(moved);
        let (survey, _) = self.again(&survey, options, Impossible::Drop).await?;
        Ok((survey, names))
    }
}

/// What an export would write, as a plan: all of it is created in the new bundle.
async fn export(desk: &Desk, planning: &Planning, bundle: &NewBundle) -> Result<Made> {
    let asked = &planning.asked;
    let (requests, began) = (desk.requests(), Instant::now());
    let source = desk.source(&asked.source).await?;
    let format = preview_format(bundle, &asked.options.selection);
    let spec = ExportSpec {
        selection: &asked.options.selection,
        dependencies: asked.options.following(),
        format: &format,
        output: Some(&bundle.path),
    };
    let report = engine::preview_export(&*source, &spec).await?;
    let outlook = Outlook {
        requests: desk.requests().saturating_sub(requests),
        seconds: began.elapsed().as_secs_f64(),
        steps: 0,
        forecast: None,
        snapshots: String::new(),
        output_exists: bundle.path.symlink_metadata().is_ok(),
    };
    let bytes = report.summary.bytes;
    let plan = Box::new(plan_of(report, asked));
    Ok(Made { basis: Basis::Export { plan, bytes }, outlook, dropped: Vec::new(), stale: Vec::new() })
}

/// As far as a preview looks at it: nothing is sealed by looking.
pub(super) fn preview_format(bundle: &NewBundle, selection: &Selection) -> ExportFormat {
    ExportFormat {
        seal: Seal::None,
        squeeze: if bundle.compressed { Squeeze::Gzip } else { Squeeze::None },
        layout: Layout::Archive,
        existing: if bundle.replace { Existing::Replace } else { Existing::Refuse },
        files: if selection.carries_files() { Files::With } else { Files::RecordsOnly },
        credentials: if bundle.redacted { Credentials::Redact } else { Credentials::Keep },
        folder: bundle.folder,
    }
}

pub(super) fn plan_of(report: Report, asked: &Asked) -> Plan {
    let mut items: Vec<PlanItem> = report.items.into_iter().map(plan_item).collect();
    let order = |item: &PlanItem| (item.key.kind, item.key.type_.clone(), item.name.clone(), item.key.id.clone());
    items.sort_by_cached_key(order);
    Plan {
        source: report.source,
        destination: report.destination,
        options: asked.options.clone(),
        items,
        findings: report.findings,
        effects: report.effects,
    }
}

fn plan_item(item: ReportItem) -> PlanItem {
    PlanItem {
        key: item.key,
        name: item.name,
        tags: item.tags,
        size: 0,
        role: Role::Picked,
        match_: item.match_,
        matched: item.matched,
        candidates: Box::default(),
        decision: item.decision,
        reason: item.reason,
        changed: item.changed,
        new_id: item.new_id,
        given_id: std::sync::OnceLock::new(),
        new_name: None,
        // Nothing is compared with them: an export has no other side.
        source: Digests { semantic: Digest::ZERO, exact: Digest::ZERO },
        destination: None,
        marks: Marks::default(),
    }
}
