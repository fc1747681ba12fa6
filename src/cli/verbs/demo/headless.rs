//! `haul demo` where no terminal is to show the workbench on: the main job from list to report, in text or JSON.
//! Must not know: how a platform is played or written to.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::cli::carry_out;
use crate::cli::context::Context;
use crate::cli::output::{Listing, Output, PlanText, ProgressMode, ProgressView, ReportText, Style};
use crate::engine::{self, Depth, Freshness, Relay, RunSpec, RunStore, Survey, WhenBusy};
use crate::model::{
    Destination, Error, ErrorKind, Inventory, LocationInfo, Plan, PlanOptions, Platform, Policy, Report, Result,
    RunStatus, Selection, Source,
};
use crate::platforms::{self, OpenOptions, Place};
use crate::remotes::{Login, parse_url};
use crate::sandbox::{Sandbox, ServerInfo, TOURS, Tour, TourBy};
use crate::wording::counts;

#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    /// That of the first pair that did not succeed.
    status: RunStatus,
    #[serde(flatten)]
    first: Act,
    /// The same on the servers of every further platform.
    more: Vec<Act>,
}

/// What was done on the two servers of a platform.
#[derive(Debug, Serialize)]
struct Act {
    platform: &'static str,
    listed: u64,
    plan: Report,
    report: Report,
    /// The same plan once more, when everything is there.
    again: Report,
}

pub async fn run(context: &Context, sandbox: Sandbox) -> Result<u8> {
    let folder = tempfile::tempdir().map_err(|error| Error::io("cannot make a folder for the demo", error))?;
    let acts = play_all(context, &sandbox, folder.path()).await;
    sandbox.stop().await;
    let mut acts = acts?;
    let statuses = acts.iter().map(|act| act.report.status);
    let status = statuses.clone().find(|status| *status != RunStatus::Succeeded).unwrap_or(RunStatus::Succeeded);
    let exit = acts.iter().map(|act| carry_out::exit_code(context, &act.report)).max().unwrap_or_default();
    if context.output.is_json() {
        let first = acts.remove(0);
        context.output.json(&Answer { schema: 1, status, first, more: acts })?;
    } else {
        say(context, "That was the main job. Nothing of it is left. Next:")?;
        context.output.text(|out, _| out.write_all(include_bytes!("../../../../assets/help/demo-next.txt")))?;
    }
    Ok(exit)
}

/// At least one act, or an error.
async fn play_all(context: &Context, sandbox: &Sandbox, folder: &Path) -> Result<Vec<Act>> {
    let mut acts = Vec::new();
    for tour in TOURS {
        acts.push(play(context, sandbox, tour, folder).await?);
    }
    match acts.is_empty() {
        true => Err(Error::new(ErrorKind::Internal, "the sandbox has nothing to show")),
        false => Ok(acts),
    }
}

async fn play(context: &Context, sandbox: &Sandbox, tour: &Tour, folder: &Path) -> Result<Act> {
    let relay = Relay::new();
    let [dev, prod] = ["dev", "prod"].map(|name| open(context, sandbox, (tour.platform, name), &relay, folder));
    let ((dev, dev_options), (prod, prod_options)) = (dev?, prod?);
    let source: Arc<dyn Source> = platforms::open_source(&dev, &dev_options).await?.into();
    let destination: Arc<dyn Destination> = platforms::open_destination(&prod, &prod_options).await?.into();
    let ends = format!("{} {}", source.info().location, destination.info().location);
    let (picked, selection) = typed_selection(tour);

    say(context, &format!("Two servers are up, {}. What is picked of the first:", ends.replace(' ', " and ")))?;
    typed(context, &format!("haul list {} {picked}", source.info().location))?;
    let listed = engine::list(&*source, &selection, Depth::Listed).await?;
    show_listing(context, &listed.inventory, &listed.picked, source.info())?;

    say(context, "What would happen at the other, item by item, and why:")?;
    typed(context, &format!("haul plan {ends} --overwrite {picked}"))?;
    let options = options_of(selection);
    let survey = engine::survey(&*source, &*destination, options.clone()).await?;
    let plan = survey.plan.clone();
    show_plan(context, &plan)?;

    say(context, "Carried out exactly so, with a snapshot of what it changes and a journal to resume from:")?;
    typed(context, &format!("haul transfer {ends} --overwrite {picked}"))?;
    let report = carry(context, &source, &destination, survey, RunStore::at(folder), relay).await?;
    show_report(context, &report)?;

    say(context, "Planned once more: everything is there, so there is nothing left to do.")?;
    typed(context, &format!("haul plan {ends} --overwrite {picked}"))?;
    let again = engine::survey(&*source, &*destination, options).await?.plan;
    text(context, |out, _| writeln!(out, "{}", counts(&Report::planned(&again).summary)))?;
    Ok(Act {
        platform: tour.platform,
        listed: listed.picked.len() as u64,
        plan: Report::planned(&plan),
        report,
        again: Report::planned(&again),
    })
}

/// A tour's selection as it is typed, and as it is meant.
fn typed_selection(tour: &Tour) -> (String, Selection) {
    let values = vec![tour.value.to_owned()];
    let (option, selection) = match tour.by {
        TourBy::Tag => ("tags", Selection { tags: values, ..Selection::default() }),
        TourBy::Type => ("types", Selection { types: values, ..Selection::default() }),
    };
    (format!("--{option} {}", tour.value), selection)
}

fn options_of(selection: Selection) -> PlanOptions {
    PlanOptions { selection, ..PlanOptions::of(Policy::Overwrite) }
}

async fn carry(
    context: &Context,
    source: &Arc<dyn Source>,
    destination: &Arc<dyn Destination>,
    survey: Survey,
    store: RunStore,
    relay: Arc<Relay>,
) -> Result<Report> {
    let spec = RunSpec {
        store,
        plan: survey.plan,
        source: source.clone(),
        destination: destination.clone(),
        freshness: Freshness::JustSurveyed { source: survey.source, destination: survey.destination },
        when_busy: WhenBusy::Refuse,
        relay: Some(relay),
    };
    // It is over before a bar is seen; lines stay.
    let progress = match context.output.progress {
        ProgressMode::Bars => ProgressMode::Plain,
        other => other,
    };
    let view = ProgressView::new(Output { progress, ..context.output }, "starting the run");
    let mut report = carry_out::watch(context, engine::start(spec)?, &view).await?;
    // It goes away with the demo's folder.
    report.snapshot = None;
    Ok(report)
}

/// A server of the sandbox, by its platform and name, as a location with its credential.
fn open(
    context: &Context,
    sandbox: &Sandbox,
    (platform, name): (&str, &str),
    relay: &Arc<Relay>,
    folder: &Path,
) -> Result<(Place, OpenOptions)> {
    let missing = || Error::new(ErrorKind::Internal, format!("the sandbox has no server {name} of {platform}"));
    let is_it = |server: &&ServerInfo| server.platform == platform && server.name == name;
    let server = sandbox.servers.iter().find(is_it).ok_or_else(missing)?;
    let platform = Platform::ALL.into_iter().find(|known| known.as_str() == platform).ok_or_else(missing)?;
    let place = Place::Remote { platform, url: parse_url(&server.url)?, name: Some(super::name_of(server)) };
    let login = match &server.token {
        Some(token) => Login::token(token.as_str()),
        None => Login::password(server.user.as_str(), server.password.as_str()),
    };
    let (events, spool, farewells) = (relay.clone(), folder.to_owned(), context.farewells.clone());
    Ok((place, OpenOptions { login: Some(login), events, spool, farewells, ..OpenOptions::default() }))
}

fn say(context: &Context, sentence: &str) -> Result<()> {
    text(context, |out, paint| writeln!(out, "\n{}", paint.paint(Style::Heading, sentence)))
}

fn typed(context: &Context, command: &str) -> Result<()> {
    text(context, |out, paint| writeln!(out, "{} {command}\n", paint.paint(Style::Dim, "$")))
}

fn show_listing(context: &Context, inventory: &Inventory, picked: &[u32], location: LocationInfo) -> Result<()> {
    let mut listing = Listing { location, inventory, items: picked.to_vec(), findings: Vec::new() };
    listing.sort();
    text(context, |out, paint| listing.write(out, paint))
}

fn show_plan(context: &Context, plan: &Plan) -> Result<()> {
    text(context, |out, paint| PlanText(plan).write(out, paint))
}

fn show_report(context: &Context, report: &Report) -> Result<()> {
    text(context, |out, paint| ReportText { report, next: &[] }.write(out, paint))
}

/// In JSON there is one object, at the end.
fn text(
    context: &Context,
    write: impl FnOnce(&mut dyn std::io::Write, crate::cli::output::Paint) -> std::io::Result<()>,
) -> Result<()> {
    match context.output.is_json() {
        true => Ok(()),
        false => context.output.text(write),
    }
}
