//! `haul list`: what a location holds.
//! Must not know: plans.

use std::collections::HashSet;

use clap::Args;

use crate::cli::args::{FromArgs, NetworkArgs, OneKeyArgs, SelectionArgs};
use crate::cli::context::Context;
use crate::cli::ends::Opener;
use crate::cli::output::Listing;
use crate::cli::{keys, request};
use crate::engine::{self, Depth};
use crate::model::{Finding, Result};
use crate::platforms;

/// Show what a location holds
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/list.txt"))]
pub struct ListArgs {
    /// A remote, a bundle, PLATFORM:URL, or - for standard input
    location: String,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    archive: OneKeyArgs,
    #[command(flatten)]
    credentials: FromArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub async fn run(context: &Context, args: &ListArgs) -> Result<u8> {
    let located = platforms::locate(&args.location, &context.remotes()?)?;
    let net = request::network(&args.network)?;
    let opener = Opener::new(context, net, vec![&args.selection, &args.archive]);
    let keys = keys::opening_one(context, &args.archive)?;
    let source = opener.source(&located, args.credentials.typed(), keys).await?;
    let view = opener.watch(format!("reading {}", located.shown));
    // Only JSON tells digests and references; reading them of a remote costs a request or more.
    let depth = if context.output.is_json() { Depth::Examined } else { Depth::Listed };
    let selection = args.selection.selection();
    let source = engine::through_locales(source, &selection).await?;
    let listed = engine::list(&*source, &selection, depth).await?;
    view.clear();
    let mut listing = Listing {
        location: source.info(),
        inventory: &listed.inventory,
        findings: findings_on(&listed),
        items: listed.picked,
    };
    listing.sort();
    match context.output.is_json() {
        true => context.output.json(&listing)?,
        false => context.output.text(|out, paint| listing.write(out, paint))?,
    }
    Ok(0)
}

/// What is known of the location itself and of the items that were picked.
fn findings_on(listed: &engine::Listing) -> Vec<Finding> {
    let picked: HashSet<_> = listed.picked.iter().copied().collect();
    let concerns = |finding: &&Finding| match &finding.item {
        None => true,
        Some(key) => listed.inventory.find(key).is_none_or(|item| picked.contains(&item.index())),
    };
    listed.inventory.findings.iter().filter(concerns).cloned().collect()
}
