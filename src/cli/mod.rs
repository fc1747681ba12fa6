//! The command line: what was typed becomes a request, the engine is called, the answer is text or one JSON object.
//! Must not know: how any platform works. What differs arrives as rules and features; examples of help are files.

mod args;
mod carry_out;
mod context;
mod credentials;
mod ends;
mod interrupt;
mod keys;
mod lacking;
mod moving;
mod output;
mod prompt;
mod request;
mod review;
mod screen;
mod verbs;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use crate::model::{Error, ErrorKind, Result};
use crate::remotes::Environment;
use args::{Cli, Verb};
use context::Context;
use interrupt::Interrupt;
use output::{answer_failure, answer_usage};
pub use screen::{Demo, Opened, Screen, ScreenOptions};

/// The command as clap knows it, for completions and for tests over the whole table of options.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Runs the verb that was typed, or opens the screen where none was. The exit code is that of the table in
/// `docs/exit-codes.md`.
pub fn main(screen: Screen) -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(match Cli::try_parse_from(&typed) {
        Ok(cli) => start(cli, screen),
        Err(error) => answer_usage(&error, typed.iter().any(|word| word == "--json")),
    })
}

fn start(cli: Cli, screen: Screen) -> u8 {
    let interrupt = Interrupt::default();
    let context = Context::new(&cli, Environment::of_process(), interrupt.clone(), screen);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return answer_failure(&context.output, &Error::io("cannot start", error)),
    };
    let farewells = context.farewells.clone();
    let exit = runtime.block_on(async {
        tokio::spawn(interrupt.clone().listen());
        let exit = match until_interrupted(context.clone(), cli, &interrupt).await {
            Ok(exit) => exit,
            Err(error) => answer_failure(&context.output, &error),
        };
        farewells.finished(LAST_WORDS).await;
        exit
    });
    // What still reads or writes gives back what it holds. A question that nobody answered must not hold up the end.
    runtime.shutdown_timeout(LAST_MOMENT);
    exit
}

/// How long servers may take to be told that a conversation is over.
const LAST_WORDS: Duration = Duration::from_secs(4);

/// How long a verb that was cut off has to drop what it holds, and a thread that it left behind.
const LAST_MOMENT: Duration = Duration::from_millis(200);

/// The verb runs in a task of its own, so that a prompt that blocks its thread cannot keep a signal from being heard.
async fn until_interrupted(context: Context, cli: Cli, interrupt: &Interrupt) -> Result<u8> {
    let cli = Arc::new(cli);
    let mut verb = tokio::spawn(async move { dispatch(&context, &cli).await });
    tokio::select! {
        biased;
        ended = &mut verb => ended.unwrap_or_else(|error| {
            Err(Error::new(ErrorKind::Internal, "a defect of haul ended this verb").caused_by(error))
        }),
        () = interrupt.abandoned() => {
            verb.abort();
            // What it holds is given back: folders of a moment go. One that blocks its thread is left behind.
            let _ = tokio::time::timeout(LAST_MOMENT, verb).await;
            Err(interrupt.error())
        }
    }
}

async fn dispatch(context: &Context, cli: &Cli) -> Result<u8> {
    match &cli.verb {
        None if context.can_show_screen() => screen::open(context).await,
        None => greet(context),
        Some(Verb::Remote(args)) => verbs::remote::run(context, args).await,
        Some(Verb::List(args)) => verbs::list::run(context, args).await,
        Some(Verb::Export(args)) => verbs::export::run(context, args).await,
        Some(Verb::Plan(args)) => verbs::plan::run(context, args).await,
        Some(Verb::Apply(args)) => verbs::apply::run(context, args).await,
        Some(Verb::Import(args)) => verbs::import::run(context, args).await,
        Some(Verb::Transfer(args)) => verbs::transfer::run(context, args).await,
        Some(Verb::Diff(args)) => verbs::diff::run(context, args).await,
        Some(Verb::Verify(args)) => verbs::verify::run(context, args).await,
        Some(Verb::Runs(args)) => verbs::runs::run(context, args).await,
        Some(Verb::Sandbox(args)) => verbs::sandbox::run(context, args).await,
        Some(Verb::Demo(args)) => verbs::demo::run(context, args).await,
        Some(Verb::Completions(args)) => verbs::completions::run(context, args),
        Some(Verb::Man(args)) => verbs::man::run(context, args),
    }
}

/// Without a verb and without a terminal to open the workbench on: what to try.
fn greet(context: &Context) -> Result<u8> {
    const GREETING: &str = include_str!("../../assets/help/start.txt");
    match context.output.is_json() {
        true => context.output.json(&serde_json::json!({ "schema": 1, "status": "ok", "text": GREETING }))?,
        false => context.output.text(|out, _| out.write_all(GREETING.as_bytes()))?,
    }
    Ok(0)
}
