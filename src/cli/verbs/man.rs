//! `haul man`: a manual page for every verb.
//! Must not know: what the verbs do; their help says so.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use crate::cli::args::Cli;
use crate::cli::context::Context;
use crate::files::{Readers, write_whole};
use crate::model::{Error, Result};

/// Write manual pages into a folder
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder; made if it does not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub fn run(context: &Context, args: &ManArgs) -> Result<u8> {
    std::fs::create_dir_all(&args.folder)
        .map_err(|error| Error::io(format_args!("cannot create {}", args.folder.display()), error))?;
    let mut command = Cli::command();
    command.build();
    let mut written = Vec::new();
    pages(&command, "haul", &args.folder, &mut written)?;
    let files: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
    if context.output.is_json() {
        context.output.json(&serde_json::json!({ "schema": 1, "status": "ok", "files": files }))?;
    } else {
        context.output.text(|out, _| files.iter().try_for_each(|file| writeln!(out, "{file}")))?;
    }
    Ok(0)
}

/// `haul.1`, `haul-list.1`, `haul-remote-add.1` and so on.
fn pages(command: &Command, name: &str, folder: &Path, written: &mut Vec<PathBuf>) -> Result<()> {
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone().name(name.to_owned()))
        .render(&mut page)
        .map_err(|error| Error::io(format_args!("cannot write {}", path.display()), error))?;
    write_whole(&path, &page, Readers::Umask)?;
    written.push(path);
    let visible = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    visible.into_iter().try_for_each(|verb| pages(verb, &format!("{name}-{}", verb.get_name()), folder, written))
}
