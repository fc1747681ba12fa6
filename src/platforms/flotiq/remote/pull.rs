//! Pulls a space into a folder that is laid out like an export directory, with everything that the server says of each object.
//! Files of media come when somebody wants them.
//! Must not know: inventories.

use std::fs;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt};
use serde_json::value::RawValue;

use super::api::Api;
use super::pages::{self, Read};
use crate::model::{Error, ErrorKind, Finding, Result, code};
use crate::platforms::flotiq::json;
use crate::platforms::flotiq::layout::DEFINITION;
use crate::platforms::flotiq::names::EXPORTED_INTERNAL;

/// Lists that are read at once. The rate is one for all; this many answers are waited for.
const AT_ONCE: usize = 4;

/// What a pull brought.
#[derive(Debug, Default)]
pub(super) struct Pulled {
    pub types: usize,
    /// Types whose objects the key may not read.
    pub denied: Vec<String>,
    pub findings: Vec<Finding>,
}

const NOTHING: &str = "the API key may read the objects of no type, or the account's calls of the month are used up";

struct Type {
    name: String,
    internal: bool,
    folder: PathBuf,
}

pub(super) async fn pull(api: &Api, root: &Path) -> Result<Pulled> {
    let mut types = Vec::new();
    for internal in [false, true] {
        for definition in pages::definitions(api, internal).await? {
            types.extend(keep(root, types.len(), internal, &definition)?);
        }
    }
    let reading = types.into_iter().map(|type_| async move {
        let path = type_.folder.join("contentObject.json");
        pages::objects(api, &type_.name, &path).await.map(|read| (type_, read))
    });
    let reads: Vec<(Type, Read)> = api.queue(reading).buffer_unordered(AT_ONCE).try_collect().await?;
    let all = reads.len();
    let mut pulled = Pulled { types: reads.iter().filter(|(type_, _)| !type_.internal).count(), ..Pulled::default() };
    let mut refusal = None;
    for (type_, read) in reads {
        match read {
            Read::Whole => continue,
            Read::Denied(error) => {
                refusal = Some(error);
                pulled.denied.push(type_.name);
            }
            // Not every space has every type of the platform.
            Read::Gone(_) if type_.internal => {}
            Read::Gone(error) => {
                let message =
                    format!("the type `{}` was removed while the space was read ({})", type_.name, error.message());
                return Err(Error::new(ErrorKind::Stale, message).hint("start again"));
            }
        }
        remove(&type_.folder.join("contentObject.json"))?;
    }
    pulled.denied.sort();
    match refusal {
        Some(refusal) if pulled.denied.len() == all => Err(refusal.hint(NOTHING)),
        Some(_) => denied(api, pulled).await,
        None => Ok(pulled),
    }
}

/// A refusal means that the key lacks a right, or that all calls of the month are used up; then nothing else works either.
async fn denied(api: &Api, mut pulled: Pulled) -> Result<Pulled> {
    api.definitions(false, 1, 1).await?;
    let names: Vec<String> = pulled.denied.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "the API key may not read objects of {}: they are neither listed nor exported, and treated as missing",
        names.join(", ")
    );
    pulled.findings.push(Finding::warning(code::PARTIAL_VIEW, message));
    Ok(pulled)
}

/// Writes a definition; `None` for types of the platform that no export has.
fn keep(root: &Path, number: usize, internal: bool, definition: &RawValue) -> Result<Option<Type>> {
    let fields = json::members(definition.get())
        .map_err(|error| Error::new(ErrorKind::Protocol, format!("a definition of the space is none: {error}")))?;
    let Some(name) = fields.text("name") else {
        return Err(Error::new(ErrorKind::Protocol, "a definition of the space has no name"));
    };
    if internal && !EXPORTED_INTERNAL.contains(&&*name) {
        return Ok(None);
    }
    // Called by number: names of types from outside are no names of folders.
    let folder = root.join(format!("type{number:05}"));
    let failed = |error| Error::io(format_args!("cannot write {}", folder.display()), error);
    fs::create_dir(&folder).map_err(failed)?;
    fs::write(folder.join(DEFINITION), definition.get()).map_err(failed)?;
    Ok(Some(Type { name, internal, folder }))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(format_args!("cannot remove {}", path.display()), error))
        }
        _ => Ok(()),
    }
}
