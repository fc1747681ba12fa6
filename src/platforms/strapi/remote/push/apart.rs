//! Which files of a replace are sent, and under which names: what the destination holds already stays, and nothing that it
//! shows is written over before everything counts.
//! Must not know: transfers, plans.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::assets::Upload;
use super::feed::End;
use super::names::{SHORTEST_HASH, in_use, refuse_taken};
use crate::model::{Error, ErrorKind, ItemIndex, Kind, Result};
use crate::platforms::strapi::remote::{Held, Remote};
use crate::platforms::strapi::source::blocking;

const WRITES_OVER: &str = "--one-transaction writes over it, and cannot be taken back as a whole";

/// What is sent of all files.
pub(super) struct Apart {
    pub uploads: Vec<Upload>,
    /// Hashes of files that get another one.
    pub renamed: BTreeSet<String>,
    /// Rows, in the source, of the files that are sent.
    pub rows: BTreeSet<u64>,
}

/// `before` is what was pulled of the destination before, perhaps with files.
pub(super) async fn keep_apart(
    remote: &Remote,
    uploads: Vec<Upload>,
    before: Option<Held>,
    destination: &End,
) -> Result<Apart> {
    let taken = in_use(destination).await?;
    let met: Vec<&Upload> = uploads.iter().filter(|upload| taken.contains(&upload.name)).collect();
    let folder = match &before {
        Some(before) if met.iter().all(|upload| file_in(before.spool.path(), &upload.name).is_file()) => before.clone(),
        _ if met.is_empty() => return apart(uploads, |_| Standing::Free),
        _ => {
            let assets = destination.inventory.items().filter(|item| item.kind() == Kind::Asset);
            let assets: Vec<ItemIndex> = assets.map(|item| item.index()).collect();
            remote.with_files(&destination.inventory, &assets).await?.0
        }
    };
    blocking(move || {
        let apart = apart(uploads, |upload| match taken.contains(&upload.name) {
            false => Standing::Free,
            true if holds_same(&file_in(folder.spool.path(), &upload.name), &upload.path) => Standing::Same,
            true => Standing::Other,
        })?;
        // What is sent under its own name is met by nothing; another name may be. A run that was killed may have left the same there.
        let is_left = |upload: &&Upload| holds_same(&file_in(folder.spool.path(), &upload.name_there()), &upload.path);
        let left: Vec<String> = apart.uploads.iter().filter(is_left).map(Upload::name_there).collect();
        let others = taken.into_iter().filter(|name| !left.contains(name)).collect();
        refuse_taken(&apart.uploads, others, WRITES_OVER)?;
        Ok(apart)
    })
    .await
}

/// A name on the disk of the destination.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Free,
    Same,
    Other,
}

/// What is said of a file, as far as its names go.
#[derive(Deserialize)]
struct Names {
    id: u64,
    hash: String,
    #[serde(default, rename = "mainHash")]
    main_hash: Option<String>,
}

fn apart(uploads: Vec<Upload>, standing: impl Fn(&Upload) -> Standing) -> Result<Apart> {
    let mut by_row: BTreeMap<u64, (String, Vec<(Upload, Standing)>)> = BTreeMap::new();
    for upload in uploads {
        let text = std::fs::read(&upload.sidecar)
            .map_err(|error| Error::io(format_args!("cannot read {}", upload.sidecar.display()), error))?;
        let names: Names = serde_json::from_slice(&text).map_err(|error| {
            Error::new(ErrorKind::Damaged, format!("the record of {} cannot be read ({error})", upload.name))
        })?;
        let main = names.main_hash.unwrap_or(names.hash);
        let stands = standing(&upload);
        by_row.entry(names.id).or_insert_with(|| (main, Vec::new())).1.push((upload, stands));
    }
    let mut apart = Apart { uploads: Vec::new(), renamed: BTreeSet::new(), rows: BTreeSet::new() };
    for (row, (hash, files)) in by_row {
        let renames = files.iter().any(|(_, stands)| *stands == Standing::Other);
        if renames {
            refuse_short(&hash, &files[0].0)?;
            apart.renamed.insert(hash.clone());
        }
        for (upload, stands) in files {
            if renames || stands == Standing::Free {
                apart.rows.insert(row);
                apart.uploads.push(Upload { renamed: renames.then(|| hash.clone()), ..upload });
            }
        }
    }
    Ok(apart)
}

/// A hash is replaced as text, wherever it stands in a record.
fn refuse_short(hash: &str, upload: &Upload) -> Result<()> {
    if hash.len() >= SHORTEST_HASH {
        return Ok(());
    }
    let message = format!("the destination has another file that is called {} on disk", upload.name);
    Err(Error::new(ErrorKind::Usage, message).hint(format!("nothing was changed; {WRITES_OVER}")))
}

fn file_in(folder: &Path, name: &str) -> PathBuf {
    folder.join("assets/uploads").join(name)
}

/// A file that cannot be read holds something else.
fn holds_same(one: &Path, other: &Path) -> bool {
    let length = |path: &Path| path.metadata().map(|about| about.len()).ok();
    length(one).is_some() && length(one) == length(other) && same_bytes(one, other).unwrap_or(false)
}

fn same_bytes(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (mut one, mut other) = (BufReader::new(File::open(one)?), BufReader::new(File::open(other)?));
    let (mut ours, mut theirs) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let read = one.read(&mut ours)?;
        if read == 0 {
            return Ok(other.read(&mut theirs[..1])? == 0);
        }
        match other.read_exact(&mut theirs[..read]) {
            Ok(()) if ours[..read] == theirs[..read] => {}
            Ok(()) | Err(_) => return Ok(false),
        }
    }
}
