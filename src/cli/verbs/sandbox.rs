//! `haul sandbox`: servers that play the platforms, for rehearsals and tests of scripts.
//! Must not know: how a platform is played.

use std::fmt::Write as _;

use clap::Args;

use crate::cli::context::Context;
use crate::model::text::nearest;
use crate::model::{Error, ErrorKind, Result};
use crate::sandbox::{self, Fault, Sandbox, SandboxError, SandboxOptions, Switch};

/// Run servers with sample content, in memory, until interrupted
#[derive(Debug, Args)]
#[command(
    long_about = "Run servers with sample content, in memory, until interrupted.\n\nTwo servers for a platform, dev and \
                  prod, whose content overlaps. One JSON line with their URLs and credentials is printed, then they \
                  serve on 127.0.0.1 until Ctrl-C or SIGTERM, which is exit 0: it is how serving ends.",
    after_help = include_str!("../../../assets/help/sandbox.txt"),
    after_long_help = tables()
)]
pub struct SandboxArgs {
    /// The platform to play, or `all`; the first of those below unless given
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// The port of the first server; each further one has the next. Free ports unless given
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Serve so many generated items instead of the sample content
    #[arg(long, value_name = "N")]
    items: Option<usize>,
    /// Serve what this export holds instead of the sample content: its schemas too; for one server with dev= or prod=
    #[arg(long, value_name = "[SERVER=]PATH")]
    content: Vec<String>,
    /// The same seed gives the same items and the same failures
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Let every request wait so long
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// The part of all requests that fails, from 0 to 1
    #[arg(long, value_name = "R", default_value_t = 0.0)]
    fail_rate: f64,
    /// Have a fault: [SERVER/]NAME[=VALUE]; --help lists them
    #[arg(long, num_args = 1.., value_name = "NAME[=VALUE]")]
    fault: Vec<String>,
    /// Make an assumption about the real server otherwise: NAME=VALUE; --help lists them
    #[arg(long, num_args = 1.., value_name = "NAME=VALUE")]
    assume: Vec<String>,
    /// Add the cases that no rule of matching can decide
    #[arg(long)]
    ambiguous: bool,
}

pub async fn run(context: &Context, args: &SandboxArgs) -> Result<u8> {
    let options = SandboxOptions {
        platform: args.platform.clone(),
        port: args.port,
        items: args.items,
        content: args.content.clone(),
        seed: args.seed,
        latency: args.latency,
        fail_rate: args.fail_rate,
        ambiguous: args.ambiguous,
        faults: args.fault.clone(),
        switches: args.assume.clone(),
        ..SandboxOptions::default()
    };
    // Ctrl-C is how serving ends, so nothing abandons it.
    let _orderly = context.interrupt.orderly();
    let sandbox = sandbox::start(options).await.map_err(|error| refused(args, &error))?;
    announce(context, &sandbox)?;
    context.interrupt.token().cancelled().await;
    sandbox.stop().await;
    Ok(0)
}

/// One line in text mode too: it is meant for scripts.
fn announce(context: &Context, sandbox: &Sandbox) -> Result<()> {
    let line = sandbox.announce();
    context.output.text(|out, _| writeln!(out, "{line}"))
}

fn refused(args: &SandboxArgs, error: &SandboxError) -> Error {
    let refused = Error::new(ErrorKind::Usage, error.to_string());
    let near = args.platform.as_deref().and_then(|typed| nearest(typed, sandbox::PLATFORMS.iter().copied()));
    match near.filter(|near| Some(*near) != args.platform.as_deref()) {
        Some(near) => refused.hint(format!("did you mean `{near}`?")),
        None => refused,
    }
}

/// What `--fault` and `--assume` take, as the sandbox itself lists it.
fn tables() -> String {
    let mut text = include_str!("../../../assets/help/sandbox.txt").to_owned();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\nPlatforms (--platform):\n  {}", sandbox::PLATFORMS.join(", "));
    text.push_str("\nFaults (--fault):\n");
    for row in Fault::ALL_HELP {
        let form = if row.value.is_empty() { row.name.to_owned() } else { format!("{}={}", row.name, row.value) };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {form}\n          {}", row.help);
    }
    text.push_str("\nAssumptions (--assume), the first value is the default:\n");
    for row in Switch::ALL_HELP {
        let _ = writeln!(text, "  {}={}\n          {}", row.name, row.values.join("|"), row.help);
    }
    text
}
