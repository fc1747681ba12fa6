//! `haul plan`: what a transfer would do, to look at or to save.
//! Must not know: how plans are made.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{EndsArgs, FailOnArgs, RehearseArgs, WantedArgs};
use crate::cli::context::Context;
use crate::cli::moving::{Move, show_plan};
use crate::cli::request;
use crate::files::{Readers, write_whole_with};
use crate::model::{Error, ErrorKind, Mode, Plan, Report, Result};
use crate::planner;
use crate::platforms::{self, WriteOptions};

/// Show what a transfer would do, item by item; save it for `apply`
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/plan.txt"))]
pub struct PlanArgs {
    /// A remote, a bundle, PLATFORM:URL, or - for standard input
    source: String,
    /// A remote, PLATFORM:URL, or with --mode replace a local project
    destination: String,
    #[command(flatten)]
    wanted: WantedArgs,
    /// Save the plan to this file, to be reviewed, edited and applied
    #[arg(long, value_name = "PLAN.json", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace the file of --out if it exists; --no-prompt does not imply this
    #[arg(long, help_heading = "Output", requires = "out")]
    replace_output: bool,
    /// How the plan is shown
    #[arg(long, value_enum, help_heading = "Output")]
    format: Option<PlanFormat>,
    #[command(flatten)]
    rehearse: RehearseArgs,
    #[command(flatten)]
    fail_on: FailOnArgs,
    #[command(flatten)]
    ends: EndsArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// A table
    Text,
    /// A summary for a pull request
    Markdown,
    /// The report with every item planned, as --json
    Json,
}

pub async fn run(context: &Context, args: &PlanArgs) -> Result<u8> {
    let options = request::plan_options(&args.wanted)?;
    refuse_rehearsal(args.rehearse, options.mode)?;
    let fail_on = request::fail_on(&args.fail_on)?;
    let format = format_of(context, args)?;
    if let Some(path) = &args.out {
        refuse_existing(path, args.replace_output)?;
    }
    let remotes = context.remotes()?;
    let from = platforms::locate(&args.source, &remotes)?;
    let to = platforms::locate_destination(&args.destination, &remotes, &args.source)?;
    let mv = Move {
        context,
        net: request::network(&args.ends.network)?,
        write: WriteOptions::default(),
        options: vec![
            &args.wanted.selection,
            &args.wanted.mode,
            &args.wanted.decisions,
            &args.wanted.pause,
            &args.rehearse,
            &args.ends.archive,
        ],
        from: &from,
        to: &to,
        from_typed: args.ends.from.typed(),
        to_typed: args.ends.to.typed(),
        key: &args.ends.archive,
    };
    let mut surveyed = mv.survey(options).await?;
    if args.rehearse.rehearse {
        mv.rehearse(&mut surveyed).await?;
    }
    let plan = &surveyed.survey.plan;
    if let Some(path) = &args.out {
        write_whole_with(path, Readers::Umask, |out| planner::file::write_to(plan, out))?;
    }
    let shown = match format {
        PlanFormat::Markdown => {
            context.output.text(|out, _| out.write_all(planner::markdown(plan).as_bytes()))?;
            refused(plan, &fail_on).map(|()| 0)
        }
        PlanFormat::Text | PlanFormat::Json => {
            let as_json = context.with_json(format == PlanFormat::Json);
            let mut report = Report::planned(plan);
            report.summary.requests = surveyed.requests();
            show_plan(&as_json, plan, report, refused(plan, &fail_on))
        }
    };
    if let (Some(path), Ok(_)) = (&args.out, &shown) {
        context.output.note(&format!("saved; apply it with `haul apply {}`", path.display()));
    }
    shown
}

/// Before anything is read: whoever asks for a rehearsal does not want a plan without one.
fn refuse_rehearsal(args: RehearseArgs, mode: Mode) -> Result<()> {
    match (args.rehearse, mode) {
        (true, Mode::Replace) => {
            Err(Error::new(ErrorKind::Usage, "--mode replace has no --rehearse: only a merge is rehearsed")
                .hint("the plan shows all that a replace deletes, and the snapshot of its run brings that back"))
        }
        (false, _) | (_, Mode::Merge) => Ok(()),
    }
}

/// A plan shows what blocks and is no failure by that; what a rehearsal found is what somebody asked for.
fn refused(plan: &Plan, fail_on: &[String]) -> Result<()> {
    planner::refuse_rehearsed(&plan.findings)?;
    planner::refuse_findings(&plan.findings, fail_on)
}

fn format_of(context: &Context, args: &PlanArgs) -> Result<PlanFormat> {
    match (args.format, context.output.is_json()) {
        (Some(PlanFormat::Text | PlanFormat::Markdown), true) => {
            Err(Error::new(ErrorKind::Usage, "--json and --format contradict each other").hint("give one of them"))
        }
        (_, true) => Ok(PlanFormat::Json),
        (format, false) => Ok(format.unwrap_or(PlanFormat::Text)),
    }
}

fn refuse_existing(path: &std::path::Path, replace: bool) -> Result<()> {
    match !replace && path.symlink_metadata().is_ok() {
        true => Err(Error::new(ErrorKind::OutputExists, format!("{} exists already", path.display()))
            .hint("choose another name, or pass --replace-output")),
        false => Ok(()),
    }
}
