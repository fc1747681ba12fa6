//! `haul verify`: whether a bundle is whole, to its last byte.
//! Must not know: forms of bundles.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use crate::cli::args::{FromArgs, OneKeyArgs};
use crate::cli::context::Context;
use crate::cli::ends::Opener;
use crate::cli::keys;
use crate::cli::output::{Style, write_findings};
use crate::engine::{self, VerificationStatus};
use crate::model::{Finding, LocationInfo, Result};
use crate::net::NetOptions;
use crate::platforms;
use crate::wording::{bytes, plural};

/// Check a bundle to its last byte
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/verify.txt"))]
pub struct VerifyArgs {
    /// A file or folder, or - for standard input
    bundle: String,
    #[command(flatten)]
    archive: OneKeyArgs,
}

#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    status: &'static str,
    location: LocationInfo,
    summary: Summary,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Summary {
    items: u64,
    bytes: u64,
}

pub async fn run(context: &Context, args: &VerifyArgs) -> Result<u8> {
    let located = platforms::locate(&args.bundle, &context.remotes()?)?;
    located.must_be_bundle("only a bundle can be verified", "use `haul list` or `haul diff`")?;
    let opener = Opener::new(context, NetOptions::default(), vec![&args.archive]);
    let keys = keys::opening_one(context, &args.archive)?;
    let nothing_typed = FromArgs::default();
    let source = opener.source(&located, nothing_typed.typed(), keys).await?;
    let view = opener.watch(format!("verifying {}", located.shown));
    let verification = engine::verify(&*source).await?;
    view.clear();
    let answer = Answer {
        schema: 1,
        status: verification.status.as_str(),
        location: source.info(),
        summary: Summary { items: verification.items, bytes: verification.bytes },
        findings: verification.findings,
    };
    let whole = verification.status == VerificationStatus::Ok;
    match context.output.is_json() {
        true => context.output.json(&answer)?,
        false => context.output.text(|out, paint| {
            let status = paint.paint(if whole { Style::Good } else { Style::Bad }, answer.status);
            let (items, size) = (plural(answer.summary.items, "item"), bytes(answer.summary.bytes));
            writeln!(out, "{}: {status}, {items}, {size}", answer.location.location)?;
            write_findings(out, paint, &answer.findings, &BTreeMap::new())
        })?,
    }
    Ok(if whole { 0 } else { 1 })
}
