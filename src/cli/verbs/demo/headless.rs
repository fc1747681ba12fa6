//! `haul demo` where no terminal is to show the workbench on: the main job from list to report, in text or JSON.
//! Must not know: how a platform is played or written to.

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
use crate::sandbox::{Sandbox, ServerInfo};
use crate::wording::counts;

/// A tag of the sample content whose flows meet every kind of match.
const TAG: &str = "billing";

#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    status: RunStatus,
    listed: u64,
    plan: Report,
    report: Report,
    /// The same plan once more, when everything is there.
    again: Report,
}

pub async fn run(context: &Context, sandbox: Sandbox) -> Result<u8> {
    let folder = tempfile::tempdir().map_err(|error| Error::io("cannot make a folder for the demo", error))?;
    let store = RunStore::at(folder.path());
    let answer = play(context, &sandbox, store).await;
    sandbox.stop().await;
    let answer = answer?;
    if context.output.is_json() {
        context.output.json(&answer)?;
    } else {
        say(context, "That was the main job. Nothing of it is left. Next:")?;
        context.output.text(|out, _| out.write_all(include_bytes!("../../../../assets/help/demo-next.txt")))?;
    }
    Ok(carry_out::exit_code(context, &answer.report))
}

async fn play(context: &Context, sandbox: &Sandbox, store: RunStore) -> Result<Answer> {
    let relay = Relay::new();
    let (dev, prod) = (open(sandbox, "dev", &relay)?, open(sandbox, "prod", &relay)?);
    let source: Arc<dyn Source> = platforms::open_source(&dev.0, &dev.1).await?.into();
    let destination: Arc<dyn Destination> = platforms::open_destination(&prod.0, &prod.1).await?.into();

    say(context, "Two servers are up, dev and prod. What dev holds for the tag:")?;
    typed(context, &format!("haul list dev --tags {TAG}"))?;
    let selection = Selection { tags: vec![TAG.to_owned()], ..Selection::default() };
    let listed = engine::list(&*source, &selection, Depth::Listed).await?;
    show_listing(context, &listed.inventory, &listed.picked, source.info())?;

    say(context, "What would happen at prod, item by item, and why:")?;
    typed(context, &format!("haul plan dev prod --overwrite --tags {TAG}"))?;
    let options = options_of(selection);
    let survey = engine::survey(&*source, &*destination, options.clone()).await?;
    let plan = survey.plan.clone();
    show_plan(context, &plan)?;

    say(context, "Carried out exactly so, with a snapshot of what it changes and a journal to resume from:")?;
    typed(context, &format!("haul transfer dev prod --overwrite --tags {TAG}"))?;
    let report = carry(context, &source, &destination, survey, store, relay).await?;
    show_report(context, &report)?;

    say(context, "Planned once more: everything is there, so there is nothing left to do.")?;
    typed(context, &format!("haul plan dev prod --overwrite --tags {TAG}"))?;
    let again = engine::survey(&*source, &*destination, options).await?.plan;
    text(context, |out, _| writeln!(out, "{}", counts(&Report::planned(&again).summary)))?;
    Ok(Answer {
        schema: 1,
        status: report.status,
        listed: listed.picked.len() as u64,
        plan: Report::planned(&plan),
        report,
        again: Report::planned(&again),
    })
}

fn options_of(selection: Selection) -> PlanOptions {
    PlanOptions {
        policy: Policy::Overwrite,
        dependencies: None,
        selection,
        rewrite_identical: false,
        skip_blocked: false,
        decisions: Default::default(),
        map: Default::default(),
    }
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

/// A server of the sandbox as a location with its credential.
fn open(sandbox: &Sandbox, name: &str, relay: &Arc<Relay>) -> Result<(Place, OpenOptions)> {
    let missing = || Error::new(ErrorKind::Internal, format!("the sandbox has no server {name}"));
    let server: &ServerInfo = sandbox.servers.iter().find(|server| server.name == name).ok_or_else(missing)?;
    let platform =
        Platform::ALL.into_iter().find(|platform| platform.as_str() == server.platform).ok_or_else(missing)?;
    let place = Place::Remote { platform, url: parse_url(&server.url)?, name: Some(name.to_owned()) };
    let login = match &server.token {
        Some(token) => Login::token(token.as_str()),
        None => Login::password(server.user.as_str(), server.password.as_str()),
    };
    Ok((place, OpenOptions { login: Some(login), events: relay.clone(), ..OpenOptions::default() }))
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
