//! `haul runs`: what was carried out, and what can be gone on with.
//! Must not know: what is on disk.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::args::{FromArgs, NetworkArgs, OneKeyArgs, ToArgs};
use crate::cli::carry_out;
use crate::cli::context::Context;
use crate::cli::ends::Opener;
use crate::cli::output::{Cell, Style, Table};
use crate::cli::{keys, request};
use crate::engine::{self, ResumeSpec, RunLine, RunState, RunStore, StoredRun, WhenBusy};
use crate::model::{Error, ErrorBrief, LocationInfo, Report, Result, RunStatus, Summary};
use crate::platforms;
use crate::wording::{counts, plural};

/// Show, resume and remove runs
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/runs.txt"))]
pub struct RunsArgs {
    #[command(subcommand)]
    verb: Option<RunsVerb>,
}

#[derive(Debug, Subcommand)]
enum RunsVerb {
    /// Show all runs, the newest first
    List,
    /// Show the report of a run
    Show {
        /// A run, the beginning of its name, or `last`
        run: String,
    },
    Resume(Box<ResumeArgs>),
    /// Remove what is kept of a run, its snapshot included
    Remove {
        /// A run, or the beginning of its name
        run: String,
    },
}

/// Go on with a run that was stopped
#[derive(Debug, Args)]
struct ResumeArgs {
    /// A run, the beginning of its name, or `last`
    run: String,
    /// Show what is left to do and change nothing
    #[arg(long, help_heading = "Run")]
    dry_run: bool,
    #[command(flatten)]
    archive: OneKeyArgs,
    #[command(flatten)]
    from: FromArgs,
    #[command(flatten)]
    to: ToArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub async fn run(context: &Context, args: &RunsArgs) -> Result<u8> {
    let store = RunStore::at(context.paths()?.state_dir());
    match &args.verb {
        None | Some(RunsVerb::List) => list(context, &store),
        Some(RunsVerb::Show { run }) => show(context, &store.find(run)?),
        Some(RunsVerb::Resume(args)) => resume(context, store, args).await,
        Some(RunsVerb::Remove { run }) => remove(context, &store, run).await,
    }
}

/// A line of `runs list --json`.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    run: String,
    state: &'static str,
    resumable: bool,
    status: Option<RunStatus>,
    source: Option<&'a LocationInfo>,
    destination: Option<&'a LocationInfo>,
    summary: Option<&'a Summary>,
    /// Why nothing is known of it.
    error: Option<ErrorBrief>,
}

impl<'a> Shown<'a> {
    fn of(entry: &'a RunLine) -> Self {
        let known = entry.summary.as_ref().ok();
        Shown {
            run: entry.id.to_string(),
            state: entry.state.as_str(),
            resumable: entry.resumable,
            status: known.filter(|_| entry.state == RunState::Ended).map(|known| known.status),
            source: known.map(|known| &known.source),
            destination: known.map(|known| &known.destination),
            summary: known.map(|known| &known.summary),
            error: entry.summary.as_ref().err().map(Error::brief),
        }
    }

    fn row(&self) -> [Cell<'_>; 6] {
        let style = match self.status {
            Some(RunStatus::Succeeded) => Style::Good,
            Some(RunStatus::Failed) => Style::Bad,
            _ => Style::Warning,
        };
        let name = |location: Option<&'a LocationInfo>| location.map_or("", |location| location.location.as_str());
        [
            Cell::new(&*self.run),
            Cell::styled(self.status.map_or(self.state, RunStatus::as_str), style),
            Cell::new(name(self.source)),
            Cell::new(name(self.destination)),
            Cell::new(match &self.error {
                Some(error) => error.message.clone(),
                None => self.summary.map(counts).unwrap_or_default(),
            }),
            Cell::styled(if self.resumable { "can be resumed" } else { "" }, Style::Dim),
        ]
    }
}

fn list(context: &Context, store: &RunStore) -> Result<u8> {
    let entries = store.summaries()?;
    let shown: Vec<_> = entries.iter().map(Shown::of).collect();
    if context.output.is_json() {
        context.output.json(&serde_json::json!({ "schema": 1, "runs": shown }))?;
    } else if shown.is_empty() {
        context.output.note("there are no runs yet");
    } else {
        let table = Table::new(["run", "status", "from", "to", "items", ""]);
        context.output.text(|out, paint| table.write(out, paint, || shown.iter().map(Shown::row)))?;
    }
    Ok(0)
}

fn show(context: &Context, run: &StoredRun) -> Result<u8> {
    carry_out::answer(context, &run.report()?).map(|_| 0)
}

async fn resume(context: &Context, store: RunStore, args: &ResumeArgs) -> Result<u8> {
    let run = store.find(&args.run)?;
    run.resumable()?;
    let report = run.report()?;
    if args.dry_run {
        return carry_out::answer(context, &report).map(|_| 0);
    }
    let plan = run.plan()?;
    let remotes = context.remotes()?;
    let to = platforms::relocate(&plan.destination, &remotes)?;
    platforms::can_be_destination(&to)?;
    let opener = Opener::new(context, request::network(&args.network)?, vec![&args.archive]);
    let destination = opener.destination(&to, args.to.typed()).await?;
    let source = match run.needs_source()? {
        false => None,
        true => {
            let from = platforms::relocate(&plan.source, &remotes)?;
            let keys = keys::opening_one(context, &args.archive)?;
            Some(opener.source(&from, args.from.typed(), keys).await?)
        }
    };
    context.prompter.consent(&question(&report)).await?;
    let spec = ResumeSpec {
        store,
        run: run.id().clone(),
        source,
        destination,
        when_busy: WhenBusy::Refuse,
        relay: Some(opener.relay.clone()),
    };
    carry_out::follow(context, engine::resume(spec)?).await
}

fn question(report: &Report) -> String {
    let left = plural(report.summary.pending, "item");
    format!("{left} left to write at {}: go ahead?", report.destination.location)
}

async fn remove(context: &Context, store: &RunStore, typed: &str) -> Result<u8> {
    let run = store.find(typed)?;
    let id = run.id().clone();
    context.prompter.consent(&format!("remove run {id} with its snapshot, for good?")).await?;
    store.remove(&id)?;
    match context.output.is_json() {
        true => context.output.json(&serde_json::json!({ "schema": 1, "status": "removed", "run": id.to_string() }))?,
        false => context.output.text(|out, _| writeln!(out, "removed {id}"))?,
    }
    Ok(0)
}
