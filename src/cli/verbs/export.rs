//! `haul export`: a bundle of what was selected, from a remote or from another bundle.
//! Must not know: forms of bundles.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{
    ArchiveArgs, DependencyArgs, ExportFormatArgs, FailOnArgs, FromArgs, LayoutChoice, NetworkArgs, SelectionArgs,
};
use crate::cli::context::Context;
use crate::cli::credentials::Side;
use crate::cli::ends::Opener;
use crate::cli::{carry_out, keys, request};
use crate::engine::{self, ExportSpec};
use crate::model::{
    Credentials, Error, ErrorKind, Existing, ExportFormat, Features, Files, FolderFormat, Following, Internals, Layout,
    Manifest, Media, Report, Result, RunStatus, Seal, Squeeze,
};
use crate::planner;
use crate::platforms::{Located, locate, locate_remote};
use crate::remotes::Remotes;
use crate::wording::counts;

/// Write a bundle of what was selected
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/export.txt"))]
pub struct ExportArgs {
    /// A remote, a bundle, PLATFORM:URL, or - for standard input
    source: String,
    /// The bundle to write, or - for standard output; export_YYYYMMDDHHMMSS unless given
    output: Option<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    dependencies: DependencyArgs,
    #[command(flatten)]
    format: ExportFormatArgs,
    #[command(flatten)]
    archive: ArchiveArgs,
    #[command(flatten)]
    fail_on: FailOnArgs,
    /// Show what would be written and write nothing
    #[arg(long, help_heading = "Run")]
    dry_run: bool,
    #[command(flatten)]
    credentials: FromArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Where a bundle is written to.
#[derive(Debug)]
enum Output {
    Path(PathBuf),
    Stdout,
    /// Nothing is written.
    None,
}

impl Output {
    fn path(&self) -> Option<&Path> {
        match self {
            Output::Path(path) => Some(path),
            Output::Stdout | Output::None => None,
        }
    }
}

pub async fn run(context: &Context, args: &ExportArgs) -> Result<u8> {
    let remotes = context.remotes()?;
    let located = locate(&args.source, &remotes)?;
    let output = output_of(args.output.as_deref(), &located, &remotes)?;
    let fail_on = request::fail_on(&args.fail_on)?;
    refuse_stdout_twice(context, &output)?;
    let opener =
        Opener::new(context, request::network(&args.network)?, vec![&args.selection, &args.format, &args.archive]);
    let keys = keys::opening(context, &args.archive, Side::From)?;
    let source = opener.source(&located, args.credentials.typed(), keys).await?;
    let format = format_of(context, args, &source.rules().features)?;
    let selection = args.selection.selection();
    let source = engine::through_locales(source, &selection).await?;
    let reach = args.dependencies.reach();
    let spec = ExportSpec {
        selection: &selection,
        dependencies: Following {
            mode: args.dependencies.mode(),
            reach: &reach,
            excluded: &selection.exclude_types,
            media: Media::if_carried(selection.carries_media()),
        },
        format: &format,
        output: output.path(),
    };
    let view = opener.watch(format!("reading {}", located.shown));
    if args.dry_run || !fail_on.is_empty() {
        let preview = engine::preview_export(&*source, &spec).await?;
        if args.dry_run {
            view.clear();
            return answer(context, Output::None, preview, &fail_on);
        }
        planner::refuse_findings(&preview.findings, &fail_on)?;
    }
    let mut report = engine::export(&*source, &spec, &*opener.relay, context.interrupt.token()).await?;
    report.summary.requests = opener.relay.requests();
    view.clear();
    answer(context, output, report, &[])
}

/// Where standard output is the bundle, a person reads the report on standard error.
fn answer(context: &Context, output: Output, mut report: Report, fail_on: &[String]) -> Result<u8> {
    if let Err(error) = planner::refuse_findings(&report.findings, fail_on) {
        if context.output.is_json() {
            report.status = RunStatus::Failed;
            report.error = Some(error.brief());
        }
        carry_out::answer(context, &report)?;
        return if context.output.is_json() { Ok(error.exit_code()) } else { Err(error) };
    }
    match output {
        Output::Path(_) | Output::None => carry_out::answer(context, &report),
        Output::Stdout => {
            let sentence = format!("exported {} from {}", counts(&report.summary), report.source.location);
            context.output.note(&sentence);
            Ok(carry_out::exit_code(context, &report))
        }
    }
}

fn output_of(typed: Option<&str>, source: &Located, remotes: &Remotes) -> Result<Output> {
    let Some(typed) = typed else {
        let now = jiff::Timestamp::now().strftime("export_%Y%m%d%H%M%S").to_string();
        return Ok(Output::Path(now.into()));
    };
    if typed == "-" {
        return Ok(Output::Stdout);
    }
    if locate_remote(typed, remotes)?.is_some() {
        return Err(Error::new(ErrorKind::Usage, format!("{typed} is a remote, and an export writes a bundle"))
            .hint(format!("use `haul transfer {} {typed}`, or ./{typed} for a file of that name", source.shown)));
    }
    Ok(Output::Path(typed.into()))
}

fn refuse_stdout_twice(context: &Context, output: &Output) -> Result<()> {
    match (output, context.output.is_json()) {
        (Output::Stdout, true) => {
            Err(Error::new(ErrorKind::Usage, "--json and the bundle cannot both go to standard output")
                .hint("name a file for the bundle, or leave --json out"))
        }
        _ => Ok(()),
    }
}

fn format_of(context: &Context, args: &ExportArgs, features: &Features) -> Result<ExportFormat> {
    let typed = &args.format;
    if typed.no_encrypt && args.archive.seals() {
        return Err(Error::new(ErrorKind::Usage, "--no-encrypt and a key to encrypt with contradict each other"));
    }
    let unpacked = typed.format == Some(LayoutChoice::Dir);
    if unpacked && args.archive.seals() {
        return Err(Error::new(ErrorKind::Usage, "--format dir and a key to encrypt with contradict each other")
            .hint("a folder is neither compressed nor encrypted; leave one of them out"));
    }
    let seal = match features.sealed_archives && !typed.no_encrypt && !unpacked {
        true => keys::sealing(context, &args.archive)?,
        false => Seal::None,
    };
    let selection = args.selection.selection();
    let layout = match typed.format {
        Some(LayoutChoice::Dir) => Layout::Folder,
        Some(LayoutChoice::Tar) | None => Layout::Archive,
    };
    Ok(ExportFormat {
        seal,
        squeeze: if typed.no_compress || layout == Layout::Folder { Squeeze::None } else { Squeeze::Gzip },
        layout,
        existing: if typed.replace_output { Existing::Replace } else { Existing::Refuse },
        files: if selection.carries_files() { Files::With } else { Files::RecordsOnly },
        credentials: if typed.redact { Credentials::Redact } else { Credentials::Keep },
        folder: FolderFormat {
            internals: if typed.with_internal { Internals::Keep } else { Internals::Leave },
            manifest: if typed.manifest { Manifest::Beside } else { Manifest::None },
        },
    })
}
