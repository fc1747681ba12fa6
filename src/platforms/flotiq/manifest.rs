//! A list of every file of an export with its size and hash, beside the official layout, so that the export can be checked
//! without its space. The official importer does not look at it.
//! Must not know: what the files hold.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::files::{self, Readers};
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, Finding, Result, code};

pub(super) const MANIFEST: &str = "haul-manifest.json";
const FORMAT: &str = "haul-manifest";
const SCHEMA: u32 = 1;

/// Whether one is written.
pub(super) use crate::model::Manifest;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    schema: u32,
    format: String,
    files: Vec<Sum>,
}

/// A file; ordered by its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sum {
    /// Below the root, with `/` on every system.
    path: String,
    bytes: u64,
    sha256: String,
}

impl Sum {
    pub fn of(root: &Path, path: &Path, bytes: u64, hash: sha2::Sha256) -> Sum {
        let below = path.strip_prefix(root).unwrap_or(path);
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Sum { path: names.join("/"), bytes, sha256: digits }
    }
}

/// Writes the list and says how long it is.
pub(super) fn write(root: &Path, files: &[Sum]) -> Result<u64> {
    let list = List { schema: SCHEMA, format: FORMAT.to_owned(), files: files.to_vec() };
    let failed = |error| Error::new(ErrorKind::Internal, format!("cannot write a manifest: {error}"));
    let text = serde_json::to_string_pretty(&list).map_err(failed)? + "\n";
    files::write_whole(&root.join(MANIFEST), text.as_bytes(), Readers::Umask)?;
    Ok(text.len() as u64)
}

/// Holds the files against the list, where there is one, and says what differs. `present` are the files of the export below
/// its root; what else lies there is no business of the list.
pub(super) fn check(root: &Path, present: &[String]) -> Result<Option<Vec<Finding>>> {
    let path = root.join(MANIFEST);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(format_args!("cannot read {}", path.display()), error)),
    };
    let list: List = match serde_json::from_slice(&bytes) {
        Ok(List { schema: SCHEMA, format, files }) if format == FORMAT => List { schema: SCHEMA, format, files },
        Ok(_) => return Ok(Some(vec![damaged(format!("{MANIFEST} is of another version of haul"))])),
        Err(error) => return Ok(Some(vec![damaged(format!("{MANIFEST}, line {}: {error}", error.line()))])),
    };
    let mut listed: BTreeMap<&str, &Sum> = list.files.iter().map(|sum| (&*sum.path, sum)).collect();
    let mut findings = Vec::new();
    for name in present {
        match listed.remove(name.as_str()) {
            Some(sum) => findings.extend(difference(root, sum)?),
            None => findings.push(damaged(format!("{MANIFEST} does not list {}", printable(name)))),
        }
    }
    let missing =
        listed.into_keys().map(|name| damaged(format!("{} is missing, and {MANIFEST} lists it", printable(name))));
    findings.extend(missing);
    Ok(Some(findings))
}

fn difference(root: &Path, sum: &Sum) -> Result<Option<Finding>> {
    let path = root.join(&sum.path);
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let mut file = File::open(&path).map_err(failed)?;
    let (mut hash, mut bytes, mut buffer) = (sha2::Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        bytes += count as u64;
    }
    let found = Sum::of(root, &path, bytes, hash);
    Ok((found.sha256 != sum.sha256).then(|| {
        let name = printable(&sum.path);
        damaged(format!("{name} has {bytes} bytes and another hash than {MANIFEST} says (it lists {})", sum.bytes))
    }))
}

fn damaged(message: String) -> Finding {
    Finding::blocking(code::DAMAGED, message)
}
