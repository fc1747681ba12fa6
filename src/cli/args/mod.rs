//! What was typed: the command line as clap reads it, in groups that verbs share.
//! Must not know: what any of it means. Requests are made of these once the environment is known.

mod archive;
mod groups;
mod network;
mod output;
mod selection;
mod sides;
mod writing;

use clap::{Parser, Subcommand};

pub use archive::{ArchiveArgs, ExportFormatArgs, LayoutChoice, OneKeyArgs};
pub use groups::{EndsArgs, RunArgs, WantedArgs};
pub use network::NetworkArgs;
pub use output::{OutputArgs, ProgressChoice};
pub use selection::{AspectArgs, SelectionArgs};
pub use sides::{FromArgs, ToArgs};
pub use writing::{
    ConsentArgs, DecisionArgs, DependencyArgs, FailOnArgs, ModeArgs, PauseArgs, PolicyArgs, RehearseArgs, WriteArgs,
};

use super::verbs;

/// Move content between environments: see every decision first, then run it, resume it, verify it.
#[derive(Debug, Parser)]
#[command(
    name = "haul",
    version,
    long_about = None,
    max_term_width = 100,
    disable_help_subcommand = true,
    infer_subcommands = false,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    after_help = include_str!("../../../assets/help/haul.txt")
)]
pub struct Cli {
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub consent: ConsentArgs,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    Remote(verbs::remote::RemoteArgs),
    List(verbs::list::ListArgs),
    Export(verbs::export::ExportArgs),
    Plan(verbs::plan::PlanArgs),
    Apply(verbs::apply::ApplyArgs),
    Import(verbs::import::ImportArgs),
    Transfer(verbs::transfer::TransferArgs),
    Diff(verbs::diff::DiffArgs),
    Verify(verbs::verify::VerifyArgs),
    Runs(verbs::runs::RunsArgs),
    Sandbox(verbs::sandbox::SandboxArgs),
    Demo(verbs::demo::DemoArgs),
    Completions(verbs::completions::CompletionsArgs),
    Man(verbs::man::ManArgs),
}
