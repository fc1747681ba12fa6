//! How a verb answers: text or JSON, and how it tells of its progress.
//! Must not know: what is answered.

use clap::{ArgAction, Args, ValueEnum};

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Answer with one JSON object on standard output, whatever happens
    #[arg(long, global = true)]
    pub json: bool,
    /// How progress is shown on standard error; bars on a terminal and nothing elsewhere unless given
    #[arg(long, global = true, value_name = "HOW", value_enum)]
    pub progress: Option<ProgressChoice>,
    /// Say more: what was asked of servers, and the causes of errors
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressChoice {
    /// Bars that are redrawn in place
    Bars,
    /// A line for each step
    Plain,
    /// A JSON object in each line
    Json,
    None,
}
