//! `haul transfer`: content from one location to a remote, with a decision for every item.
//! Must not know: how a run goes.

use clap::Args;

use crate::cli::args::{
    DecisionArgs, DependencyArgs, FailOnArgs, FromArgs, NetworkArgs, OneKeyArgs, PolicyArgs, SelectionArgs, ToArgs,
    WriteArgs,
};
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
    /// A remote, or PLATFORM:URL
    destination: String,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    dependencies: DependencyArgs,
    #[command(flatten)]
    decisions: DecisionArgs,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    fail_on: FailOnArgs,
    #[command(flatten)]
    archive: OneKeyArgs,
    #[command(flatten)]
    from: FromArgs,
    #[command(flatten)]
    to: ToArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub async fn run(context: &Context, args: &TransferArgs) -> Result<u8> {
    let options = request::plan_options(args.policy, &args.selection, args.dependencies, &args.decisions)?;
    let fail_on = request::fail_on(&args.fail_on)?;
    let remotes = context.remotes()?;
    let from = platforms::locate(&args.source, &remotes)?;
    let to = platforms::locate_destination(&args.destination, &remotes, &args.source)?;
    let mv = Move {
        context,
        net: request::network(&args.network)?,
        write: request::write_options(&args.write, context)?,
        options: vec![&args.selection, &args.decisions, &args.archive, &args.write],
        from: &from,
        to: &to,
        from_typed: args.from.typed(),
        to_typed: args.to.typed(),
        key: &args.archive,
    };
    let surveyed = mv.survey(options).await?;
    mv.review_and_run(surveyed, &args.write, &fail_on).await
}
