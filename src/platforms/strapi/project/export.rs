//! Has a project export itself into a private folder: rows for a listing, files when somebody wants them.
//! Must not know: what is asked of the folder afterwards.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::logs::Logs;
use super::task::{Surroundings, Task};
use super::unpack::{Half, adopt, unpack};
use crate::model::{Error, ErrorKind, Finding, Result};
use crate::platforms::strapi::remote::Spool;
use crate::platforms::strapi::source::blocking;

const PROGRAM: &str = "strapi export";
/// What the command writes, beside the parts of an archive. No part is called like this.
const MADE: &str = "made";

/// Fills one half of the spool. What the command warned of is returned.
pub(super) async fn fill(around: &Surroundings, spool: &Arc<Spool>, half: Half) -> Result<Vec<Finding>> {
    let as_folder = around.manifest.knows_folders();
    let target = spool.path().join(MADE);
    let made = if as_folder { target.clone() } else { target.with_extension("tar") };
    clear(&made)?;
    let mut task = Task::new(PROGRAM, around);
    task.arguments(["export", "--no-encrypt"]);
    task.arguments(if as_folder { &["--format", "dir"][..] } else { &["--no-compress"] });
    task.arguments([match half {
        Half::Rows => "--exclude",
        Half::Files => "--only",
    }]);
    task.arguments(["files", "--file"]).argument(&target);
    if half == Half::Files {
        task.grows(if as_folder { made.join("assets/uploads") } else { made.clone() });
    }
    // The folder stays until the command is gone, also where nobody waits for it any more.
    let kept = spool.clone();
    let logs = Logs::of(&around.manifest.folder);
    let findings = task.run(around, move || drop(kept)).await?;
    logs.remove_own();
    if !made.exists() {
        let message = format!("`{PROGRAM}` in {} succeeded, and wrote nothing", around.manifest.folder.display());
        return Err(Error::new(ErrorKind::Project, message).hint("-v shows what it says"));
    }
    let spool = spool.clone();
    blocking(move || {
        match as_folder {
            true => adopt(&made, &spool, half)?,
            false => unpack(&made, &spool, half)?,
        }
        clear(&made)
    })
    .await?;
    Ok(findings)
}

fn clear(made: &PathBuf) -> Result<()> {
    let cleared = match made.symlink_metadata() {
        Ok(about) if about.is_dir() => fs::remove_dir_all(made),
        Ok(_) => fs::remove_file(made),
        Err(_) => return Ok(()),
    };
    cleared.map_err(|error| Error::io(format_args!("cannot remove {}", made.display()), error))
}
