//! What plan, apply, import and transfer share: both ends are opened, surveyed, reviewed, and a run is started.
//! Must not know: which verb asked.

use std::sync::Arc;

use super::args::{OneKeyArgs, WriteArgs};
use super::carry_out;
use super::context::Context;
use super::credentials::Typed;
use super::ends::{Opener, refuse_two_platforms};
use super::lacking::NeedsFeatures;
use super::output::{PlanText, ProgressView};
use super::{keys, review};
use crate::engine::{self, Freshness, Relay, RunSpec, RunStore, Survey, WhenBusy};
use crate::model::{Destination, Error, Plan, PlanOptions, Report, Result, RunStatus, Source};
use crate::net::NetOptions;
use crate::planner;
use crate::platforms::{Located, WriteOptions};
use crate::wording::rehearsal_question;

/// Content that is to move from one location to another, with everything that was said about how.
pub struct Move<'a> {
    pub context: &'a Context,
    pub net: NetOptions,
    pub write: WriteOptions,
    pub options: Vec<&'a dyn NeedsFeatures>,
    pub from: &'a Located,
    pub to: &'a Located,
    pub from_typed: Typed<'a>,
    pub to_typed: Typed<'a>,
    pub key: &'a OneKeyArgs,
}

impl std::fmt::Debug for Move<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Move").field("from", &self.from).field("to", &self.to).finish_non_exhaustive()
    }
}

/// Both ends, open, and the plan between them.
pub struct Surveyed {
    pub source: Arc<dyn Source>,
    pub destination: Arc<dyn Destination>,
    pub survey: Survey,
    relay: Arc<Relay>,
}

impl Surveyed {
    pub fn requests(&self) -> u64 {
        self.relay.requests()
    }
}

impl std::fmt::Debug for Surveyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surveyed").field("plan", &self.survey.plan).finish_non_exhaustive()
    }
}

impl Move<'_> {
    /// Opens both ends and plans. Changes nothing.
    pub async fn survey(&self, options: PlanOptions) -> Result<Surveyed> {
        let mut opener = Opener::new(self.context, self.net.clone(), self.options.clone());
        opener.write = self.write.clone();
        let keys = keys::opening_one(self.context, self.key)?;
        let source = opener.source(self.from, self.from_typed, keys).await?;
        let destination = opener.destination(self.to, self.to_typed).await?;
        refuse_two_platforms(&*source, &*destination)?;
        let view = opener.watch(format!("comparing {} with {}", self.from.shown, self.to.shown));
        let surveyed = async {
            let (source, destination) = engine::fitted(source, destination, &options.selection).await?;
            let survey = engine::survey(&*source, &*destination, options).await?;
            Ok((source, destination, survey))
        };
        let surveyed = surveyed.await;
        view.clear();
        opener.relay.detach();
        let (source, destination, survey) = surveyed?;
        Ok(Surveyed { source, destination, survey, relay: opener.relay })
    }

    /// Does everything at the destination and has it taken back, after a question: it keeps others waiting there. What came of
    /// it joins the findings of the plan.
    pub async fn rehearse(&self, surveyed: &mut Surveyed) -> Result<()> {
        let context = self.context;
        if surveyed.survey.plan.blocking().next().is_none() && surveyed.survey.plan.written().next().is_some() {
            context.prompter.consent(&rehearsal_question(&surveyed.survey.plan)).await?;
        }
        let view = Arc::new(ProgressView::new(context.output, format!("rehearsing at {}", self.to.shown)));
        surveyed.relay.attach(view.clone());
        let Surveyed { source, destination, survey, relay } = surveyed;
        let folders = context.spool()?;
        let rehearsed =
            engine::rehearse(survey, &**source, &**destination, &folders, &**relay, context.interrupt.token()).await;
        view.clear();
        relay.detach();
        rehearsed
    }

    /// Shows the plan and stops there (`--dry-run`), or asks and carries it out.
    pub async fn review_and_run(&self, surveyed: Surveyed, write: &WriteArgs, fail_on: &[String]) -> Result<u8> {
        let context = self.context;
        if write.dry_run {
            let mut report = Report::planned(&surveyed.survey.plan);
            report.summary.requests = surveyed.requests();
            let refused = planner::refuse_findings(&surveyed.survey.plan.findings, fail_on);
            return show_plan(context, &surveyed.survey.plan, report, refused);
        }
        planner::refuse_findings(&surveyed.survey.plan.findings, fail_on)?;
        planner::refuse_blocking(&surveyed.survey.plan.findings)?;
        review::ask(context, &surveyed.survey.plan).await?;
        let plan = surveyed.survey.plan;
        let freshness = match context.prompter.can_ask() {
            // A person took time to think.
            true => Freshness::MayBeStale,
            false => {
                Freshness::JustSurveyed { source: surveyed.survey.source, destination: surveyed.survey.destination }
            }
        };
        let mut store = RunStore::at(context.paths()?.state_dir());
        if let Some(folder) = &write.snapshot_dir {
            store = store.with_snapshot_dir(folder);
        }
        let handle = engine::start(RunSpec {
            store,
            plan,
            source: surveyed.source,
            destination: surveyed.destination,
            freshness,
            when_busy: WhenBusy::Refuse,
            relay: Some(surveyed.relay),
        })?;
        carry_out::follow(context, handle).await
    }
}

/// Shows a plan. Findings that are refused, such as those that `--fail-on` names, make it a failure, told in the same answer.
pub fn show_plan(context: &Context, plan: &Plan, mut report: Report, refused: Result<()>) -> Result<u8> {
    if context.output.is_json() {
        let exit = refused.as_ref().err().map_or(0, Error::exit_code);
        if let Err(error) = &refused {
            report.status = RunStatus::Failed;
            report.error = Some(error.brief());
        }
        context.output.json(&report)?;
        return Ok(exit);
    }
    context.output.text(|out, paint| PlanText(plan).write(out, paint))?;
    refused.map(|()| 0)
}
