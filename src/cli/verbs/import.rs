//! `haul import`: a bundle into a remote, with a decision for every item.
//! Must not know: how a run goes.

use clap::Args;

use crate::cli::args::{FromArgs, NetworkArgs, OneKeyArgs, RunArgs, ToArgs, WantedArgs};
use crate::cli::context::Context;
use crate::cli::moving::Move;
use crate::cli::request;
use crate::model::Result;
use crate::platforms;

/// Move content from a bundle to a remote
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/import.txt"))]
pub struct ImportArgs {
    /// A file or folder, or - for standard input
    bundle: String,
    /// A remote, PLATFORM:URL, or with --mode replace a local project
    destination: String,
    #[command(flatten)]
    wanted: WantedArgs,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    archive: OneKeyArgs,
    #[command(flatten)]
    to: ToArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub async fn run(context: &Context, args: &ImportArgs) -> Result<u8> {
    let options = request::plan_options(&args.wanted)?;
    let fail_on = request::fail_on(&args.run.fail_on)?;
    let remotes = context.remotes()?;
    let from = platforms::locate(&args.bundle, &remotes)?;
    from.must_be_bundle(
        "an import reads a bundle",
        &format!("use `haul transfer {} {}`", args.bundle, args.destination),
    )?;
    let to = platforms::locate_destination(&args.destination, &remotes, &args.bundle)?;
    let nothing_typed = FromArgs::default();
    let mv = Move {
        context,
        net: request::network(&args.network)?,
        write: request::write_options(&args.run.write, context)?,
        options: vec![
            &args.wanted.selection,
            &args.wanted.mode,
            &args.wanted.decisions,
            &args.wanted.pause,
            &args.archive,
            &args.run.write,
        ],
        from: &from,
        to: &to,
        from_typed: nothing_typed.typed(),
        to_typed: args.to.typed(),
        key: &args.archive,
    };
    let surveyed = mv.survey(options).await?;
    mv.review_and_run(surveyed, &args.run.write, &fail_on).await
}
