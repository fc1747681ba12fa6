//! Groups of options that verbs about moving content share, in the order in which help shows them.
//! Must not know: what any of it means.

use clap::Args;

use super::{
    DecisionArgs, DependencyArgs, FailOnArgs, FromArgs, ModeArgs, NetworkArgs, OneKeyArgs, PauseArgs, PolicyArgs,
    SelectionArgs, ToArgs, WriteArgs,
};

/// What is to be moved, and what happens to each item.
#[derive(Clone, Debug, Default, Args)]
pub struct WantedArgs {
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub mode: ModeArgs,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub dependencies: DependencyArgs,
    #[command(flatten)]
    pub decisions: DecisionArgs,
    #[command(flatten)]
    pub pause: PauseArgs,
}

/// How a plan is carried out, and what stops it.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub write: WriteArgs,
    #[command(flatten)]
    pub fail_on: FailOnArgs,
}

/// How two ends are opened, of which only the first can be an archive.
#[derive(Clone, Debug, Default, Args)]
pub struct EndsArgs {
    #[command(flatten)]
    pub archive: OneKeyArgs,
    #[command(flatten)]
    pub from: FromArgs,
    #[command(flatten)]
    pub to: ToArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
}
