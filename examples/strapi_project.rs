//! Has a local Strapi project import an archive, through the library: what replaces the content of a project that does not
//! run, for the live tests.
//!
//!     cargo run --example strapi_project -- import PROJECT ARCHIVE
//!
//! `HAUL_KEY` opens the archive, as on the command line.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use haul::model::text::printable;
use haul::model::{EventSink, Result, RunEvent};
use haul::platforms::strapi::Project;
use haul::platforms::{KeySource, OpenOptions};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["import", project, archive] = arguments.as_slice() else {
        say("strapi_project import PROJECT ARCHIVE");
        return ExitCode::from(2);
    };
    match import(project, archive).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}\n  hint: {}", error.hint_text().unwrap_or_default()));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn import(project: &str, archive: &str) -> Result<()> {
    let options = OpenOptions { events: Arc::new(Lines), ..OpenOptions::default() };
    let project = Project::open(Path::new(project), &options)?;
    let keys = std::env::var("HAUL_KEY").map_or(KeySource::None, |key| KeySource::Given(key.into()));
    for finding in project.import(Path::new(archive), &keys).await? {
        say(&format!("{} {}: {}", finding.severity, finding.code, finding.message));
    }
    Ok(())
}

/// Shows what the project's command says.
struct Lines;

impl EventSink for Lines {
    fn emit(&self, event: RunEvent) {
        if let RunEvent::Said { program, line } = event {
            say(&format!("{program}: {}", printable(&line)));
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is what a command does")]
fn say(text: &str) {
    println!("{text}");
}
