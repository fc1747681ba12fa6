//! What is decided, and how a remote is written to.
//! Must not know: plans.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::model::{DependencyMode, Mode, Reach};

/// The decision for picked items that match; exactly one.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Policy (exactly one)")]
pub struct PolicyArgs {
    /// Leave what the destination has as it is
    #[arg(long)]
    pub skip: bool,
    /// Replace what the destination has; its ids stay
    #[arg(long)]
    pub overwrite: bool,
    /// Write a copy beside what the destination has
    #[arg(long)]
    pub duplicate: bool,
}

/// What becomes of the destination's items that the source does not bring.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Mode")]
pub struct ModeArgs {
    /// What becomes of what only the destination has; unless given, it is kept
    #[arg(long, value_name = "MODE", value_enum)]
    pub mode: Option<ModeChoice>,
    /// With --mode replace: delete and write files together with the rows, as the official tools do; a failure can
    /// leave the destination without its files
    #[arg(long)]
    pub one_transaction: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeChoice {
    /// It is kept
    Merge,
    /// Of the types that are moved it is deleted: a restore. Takes --overwrite or no policy
    Replace,
}

impl ModeArgs {
    pub fn mode(self) -> Mode {
        match self.mode {
            None => Mode::usual(),
            Some(ModeChoice::Merge) => Mode::Merge,
            Some(ModeChoice::Replace) => Mode::Replace,
        }
    }
}

/// What overrides the policy, item by item.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Decisions")]
pub struct DecisionArgs {
    /// Decide for one item: KIND:ID=DECISION or KIND:TYPE/ID=DECISION; may be repeated
    #[arg(long, num_args = 1.., value_name = "KEY=DECISION")]
    pub decide: Vec<String>,
    /// Read decisions from a file: a line KEY=DECISION each, or a JSON object
    #[arg(long, value_name = "FILE")]
    pub decisions: Option<PathBuf>,
    /// Let references to an item lead to another item of the destination; may be repeated
    #[arg(long, num_args = 1.., value_name = "KEY=ID")]
    pub map: Vec<String>,
    /// Find entries of a type by the value of an attribute too, not only by their ids and by
    /// what their project keeps unique; may be repeated
    #[arg(long, num_args = 1.., value_name = "TYPE=FIELD")]
    pub match_by: Vec<String>,
    /// Write items too that the destination already holds alike
    #[arg(long)]
    pub rewrite_identical: bool,
    /// Leave out items of types that the destination cannot take, rather than stop
    #[arg(long)]
    pub skip_blocked: bool,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Decisions")]
pub struct DependencyArgs {
    /// What happens to items that were not picked but are referred to; unless given, what is
    /// missing is created and what exists is kept (some kinds follow the policy)
    #[arg(long, value_name = "MODE", value_enum)]
    pub dependencies: Option<DependencyChoice>,
    /// Follow at most so many references: 1 brings what the picked items refer to, and nothing that this refers to
    #[arg(long, value_name = "N")]
    pub dependency_depth: Option<u32>,
    /// Let only items of these types come along, or of these kinds; the rest is left out, and what leads to
    /// nothing then is a finding
    #[arg(long, num_args = 1.., value_name = "TYPE")]
    pub dependency_types: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DependencyChoice {
    /// Create what is missing, keep what exists
    Create,
    /// As if they had been picked
    Policy,
    /// Leave them out
    None,
}

impl DependencyArgs {
    pub fn reach(&self) -> Reach {
        Reach { depth: self.dependency_depth, types: self.dependency_types.clone() }
    }

    pub fn mode(&self) -> Option<DependencyMode> {
        self.dependencies.map(|choice| match choice {
            DependencyChoice::Create => DependencyMode::Create,
            DependencyChoice::Policy => DependencyMode::Policy,
            DependencyChoice::None => DependencyMode::None,
        })
    }
}

/// What a run may do at a remote beyond writing.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Run")]
pub struct WriteArgs {
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask the server for a backup first
    #[arg(long)]
    pub no_backup: bool,
    /// Values for secrets that are created: a JSON file, or `env` for HAUL_SECRET_DEV_NAME and
    /// HAUL_SECRET_PROD_NAME
    #[arg(long, value_name = "FILE|env")]
    pub secret_values: Option<String>,
    /// Let the server test imported connections
    #[arg(long)]
    pub test_connections: bool,
    /// Keep the snapshot of what is changed in this folder
    #[arg(long, value_name = "DIR")]
    pub snapshot_dir: Option<PathBuf>,
}

/// Who hears of a run while it writes.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Run")]
pub struct PauseArgs {
    /// Switch the destination's webhooks off while it is written; those that were on are switched on
    /// again afterwards, whatever became of the run
    #[arg(long)]
    pub pause_webhooks: bool,
}

/// Whether a plan is tried out.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Run")]
pub struct RehearseArgs {
    /// Do all of it at the destination and have it taken back, to learn what would be refused; asks first, since
    /// a site on SQLite answers nobody meanwhile. Files are not sent
    #[arg(long)]
    pub rehearse: bool,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Run")]
pub struct FailOnArgs {
    /// Stop with exit 4, before anything is changed, if there are findings of these codes
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "CODE")]
    pub fail_on: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct ConsentArgs {
    /// Ask nothing and go ahead; accepts no blocking finding and replaces no output
    #[arg(long, short = 'y', visible_alias = "force", global = true)]
    pub no_prompt: bool,
}
