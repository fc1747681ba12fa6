//! `haul transfer`: content from one location to a remote, with a decision for every item.
//! Must not know: how a run goes.

use clap::Args;

use crate::cli::args::{EndsArgs, RunArgs, WantedArgs};
use crate::cli::context::Context;
use crate::cli::moving::Move;
use crate::cli::request;
use crate::model::Result;
use crate::platforms;

/// Move content from a location to a remote
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/transfer.txt"))]
pub struct TransferArgs {
    /// A remote, a bundle, PLATFORM:URL, or - for standard input
    source: String,
    /// A remote, PLATFORM:URL, or with --mode replace a local project
    destination: String,
    #[command(flatten)]
    wanted: WantedArgs,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    ends: EndsArgs,
}

pub async fn run(context: &Context, args: &TransferArgs) -> Result<u8> {
    let options = request::plan_options(&args.wanted)?;
    let fail_on = request::fail_on(&args.run.fail_on)?;
    let remotes = context.remotes()?;
    let from = platforms::locate(&args.source, &remotes)?;
    let to = platforms::locate_destination(&args.destination, &remotes, &args.source)?;
    let mv = Move {
        context,
        net: request::network(&args.ends.network)?,
        write: request::write_options(&args.run.write, context)?,
        options: vec![
            &args.wanted.selection,
            &args.wanted.mode,
            &args.wanted.decisions,
            &args.wanted.pause,
            &args.ends.archive,
            &args.run.write,
        ],
        from: &from,
        to: &to,
        from_typed: args.ends.from.typed(),
        to_typed: args.ends.to.typed(),
        key: &args.ends.archive,
    };
    let surveyed = mv.survey(options).await?;
    mv.review_and_run(surveyed, &args.run.write, &fail_on).await
}
