//! `haul apply`: a saved plan, exactly as it was reviewed; refused when either end has changed since.
//! Must not know: how a run goes.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{EndsArgs, RunArgs};
use crate::cli::context::Context;
use crate::cli::moving::Move;
use crate::cli::request;
use crate::model::{Error, ErrorKind, Plan, Result};
use crate::{planner, platforms};

/// Carry out a saved plan; refuses one that is stale
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/apply.txt"))]
pub struct ApplyArgs {
    /// A plan that `haul plan --out` saved; its decisions may have been edited
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    ends: EndsArgs,
}

pub async fn run(context: &Context, args: &ApplyArgs) -> Result<u8> {
    let fail_on = request::fail_on(&args.run.fail_on)?;
    let (saved, decisions) = read(&args.plan)?;
    let remotes = context.remotes()?;
    let from = platforms::relocate(&saved.source, &remotes)?;
    let to = platforms::relocate(&saved.destination, &remotes)?;
    platforms::can_be_destination(&to)?;
    let mv = Move {
        context,
        net: request::network(&args.ends.network)?,
        write: request::write_options(&args.run.write, context)?,
        options: vec![&args.ends.archive, &args.run.write],
        from: &from,
        to: &to,
        from_typed: args.ends.from.typed(),
        to_typed: args.ends.to.typed(),
        key: &args.ends.archive,
    };
    planner::refuse_rehearsed(&saved.findings)?;
    let mut options = saved.options.clone();
    options.decisions.extend(decisions.clone());
    let mut surveyed = mv.survey(options.clone()).await?;
    refuse_stale(args, &saved, &surveyed.survey.plan)?;
    let moved = moved_by_edits(&saved, &decisions, &surveyed.survey.plan);
    if !moved.is_empty() {
        options.decisions.extend(moved);
        surveyed = mv.survey(options).await?;
        refuse_stale(args, &saved, &surveyed.survey.plan)?;
    }
    mv.review_and_run(surveyed, &args.run.write, &fail_on).await
}

fn refuse_stale(args: &ApplyArgs, saved: &Plan, now: &Plan) -> Result<()> {
    let changed = planner::stale(saved, now);
    if changed.is_empty() {
        return Ok(());
    }
    let message = format!("{} is stale: these items changed since", args.plan.display());
    let error = Error::new(ErrorKind::Stale, message);
    Err(error.hint("nothing was changed; make a new plan with `haul plan`").items(changed))
}

/// Items whose decision nobody edited, but that would get another one by the edits of others: what refers to an item
/// that is now duplicated is no longer identical, for one. They keep the decision that was reviewed.
fn moved_by_edits(saved: &Plan, edits: &planner::file::Edits, now: &Plan) -> planner::file::Edits {
    let unedited = saved.items.iter().filter(|item| !edits.contains_key(&item.key));
    let moved = unedited.filter(|item| now.item(&item.key).is_some_and(|now| now.decision != item.decision));
    moved.map(|item| (item.key.clone(), item.decision)).collect()
}

fn read(path: &Path) -> Result<(Plan, planner::file::Edits)> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
    let (plan, edits) = planner::file::read(&text).map_err(|error| error.at(path.display()))?;
    let rules = platforms::rules(plan.destination.platform);
    planner::file::check(&plan, &edits, rules).map_err(|error| error.at(path.display()))?;
    Ok((plan, edits))
}
