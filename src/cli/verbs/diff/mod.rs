//! `haul diff`: what two locations do not have in common.
//! Must not know: how content differs inside an item.

mod schemas;

use clap::Args;

use crate::cli::args::{ArchiveArgs, AspectArgs, FromArgs, NetworkArgs, SelectionArgs, ToArgs};
use crate::cli::context::Context;
use crate::cli::credentials::Side;
use crate::cli::ends::{Opener, refuse_two_platforms};
use crate::cli::output::{Cell, Style, Table, write_findings};
use crate::cli::{keys, request};
use crate::engine;
use crate::model::{MatchMethod, Result};
use crate::planner::{Difference, DifferenceItem, DifferenceState};
use crate::platforms;
use crate::wording::count;

/// Compare two locations item by item
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../../assets/help/diff.txt"))]
pub struct DiffArgs {
    /// A remote, a bundle, PLATFORM:URL, or - for standard input
    left: String,
    /// Another one
    right: String,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aspect: AspectArgs,
    /// Exit with 1 if there are differences
    #[arg(long, help_heading = "Output")]
    exit_code: bool,
    #[command(flatten)]
    archive: ArchiveArgs,
    #[command(flatten)]
    from: FromArgs,
    #[command(flatten)]
    to: ToArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub async fn run(context: &Context, args: &DiffArgs) -> Result<u8> {
    let remotes = context.remotes()?;
    let left = platforms::locate(&args.left, &remotes)?;
    let right = platforms::locate(&args.right, &remotes)?;
    platforms::refuse_stdin_twice(&left, &right)?;
    let opener =
        Opener::new(context, request::network(&args.network)?, vec![&args.selection, &args.aspect, &args.archive]);
    let left_keys = keys::opening(context, &args.archive, Side::From)?;
    let right_keys = keys::opening(context, &args.archive, Side::To)?;
    let left_source = opener.source(&left, args.from.typed(), left_keys).await?;
    let right_source = opener.source(&right, args.to.typed(), right_keys).await?;
    refuse_two_platforms(&*left_source, &*right_source)?;
    let view = opener.watch(format!("comparing {} with {}", left.shown, right.shown));
    if args.aspect.schemas {
        let comparison = engine::compare_schemas(&*left_source, &*right_source).await?;
        view.clear();
        let infos = (left_source.info(), right_source.info());
        let differs = schemas::answer(context, infos, comparison, &args.selection.types)?;
        return Ok(u8::from(args.exit_code && differs));
    }
    let selection = args.selection.selection();
    let difference = engine::diff(left_source, right_source, &selection).await?;
    view.clear();
    match context.output.is_json() {
        true => context.output.json(&difference)?,
        false => context.output.text(|out, paint| write(&difference, out, paint))?,
    }
    let differs = difference.items.iter().any(|item| item.state != DifferenceState::Equal);
    Ok(u8::from(args.exit_code && differs))
}

fn write(
    difference: &Difference,
    out: &mut dyn std::io::Write,
    paint: crate::cli::output::Paint,
) -> std::io::Result<()> {
    let rows = || difference.items.iter().filter(|item| item.state != DifferenceState::Equal).map(row);
    if rows().next().is_some() {
        Table::new(["state", "kind", "type", "id", "name", "match"]).write(out, paint, rows)?;
        writeln!(out)?;
    }
    let (left, right, summary) = (&difference.left.location, &difference.right.location, &difference.summary);
    writeln!(
        out,
        "only in {left}: {}, only in {right}: {}, changed: {}, equal: {}",
        count(summary.only_left),
        count(summary.only_right),
        count(summary.changed),
        count(summary.equal)
    )?;
    let names = difference.items.iter().map(|item| (&item.key, &*item.name)).collect();
    write_findings(out, paint, &difference.findings, &names)
}

fn row(item: &DifferenceItem) -> [Cell<'_>; 6] {
    let (word, style) = match item.state {
        DifferenceState::OnlyLeft => ("only left", Style::Create),
        DifferenceState::OnlyRight => ("only right", Style::Bad),
        DifferenceState::Changed => ("changed", Style::Overwrite),
        DifferenceState::Equal => ("equal", Style::Dim),
    };
    let method = if item.match_ == MatchMethod::Unmatched { "" } else { item.match_.as_str() };
    [
        Cell::styled(word, style),
        Cell::new(item.key.kind.as_str()),
        Cell::new(item.key.type_.as_deref().unwrap_or_default()),
        Cell::styled(&*item.key.id, Style::Dim),
        Cell::new(&*item.name),
        Cell::new(method),
    ]
}
