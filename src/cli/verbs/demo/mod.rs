//! `haul demo`: the workbench, or the main job in text, on sandbox servers in this process; leaves nothing behind.
//! Must not know: how a platform is played or written to.

mod headless;
mod screen;

use clap::Args;

use crate::cli::context::Context;
use crate::model::{Error, ErrorKind, Result};
use crate::sandbox::{self, SandboxOptions, ServerInfo};

/// Try everything on sandbox servers in this process; touches nothing of yours
///
/// Opens the workbench on pairs of servers, with sample content. Without a terminal, or with --json, it does the main job
/// step by step on each pair and shows what the command line answers.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Let every request to the servers wait so long; 40 in the workbench, so that there is something to watch
    #[arg(long, value_name = "MS")]
    latency: Option<u64>,
    /// Serve so many generated items instead of the sample content
    #[arg(long, value_name = "N")]
    items: Option<usize>,
}

/// Milliseconds: a run of a dozen items then takes seconds rather than moments.
const LATENCY: u64 = 40;

pub async fn run(context: &Context, args: &DemoArgs) -> Result<u8> {
    let on_screen = context.can_show_screen();
    let options = SandboxOptions {
        platform: Some(sandbox::ALL.to_owned()),
        latency: args.latency.unwrap_or(if on_screen { LATENCY } else { 0 }),
        items: args.items,
        ..Default::default()
    };
    let sandbox = sandbox::start(options).await.map_err(|error| Error::new(ErrorKind::Usage, error.to_string()))?;
    match on_screen {
        true => screen::run(context, sandbox).await,
        false => headless::run(context, sandbox).await,
    }
}

/// What a server is called: the first pair just dev and prod, every further one after its platform too.
fn name_of(server: &ServerInfo) -> String {
    let is_first = sandbox::PLATFORMS.first() == Some(&server.platform);
    if is_first { server.name.to_owned() } else { format!("{}-{}", server.platform, server.name) }
}
