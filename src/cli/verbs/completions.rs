//! `haul completions`: what a shell needs to complete this command line.
//! Must not know: shells; the generator does.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::context::Context;
use crate::model::Result;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/completions.txt"))]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(context: &Context, args: &CompletionsArgs) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "haul", &mut script);
    if context.output.is_json() {
        let (shell, script) = (args.shell.to_string(), String::from_utf8_lossy(&script));
        context.output.json(&serde_json::json!({ "schema": 1, "status": "ok", "shell": shell, "script": script }))?;
    } else {
        context.output.text(|out, _| out.write_all(&script))?;
    }
    Ok(0)
}
