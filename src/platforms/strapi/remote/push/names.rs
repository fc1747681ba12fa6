//! Names of files on the disk of the destination: a new file must not take the place of another one's.
//! Must not know: transfers.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

use super::assets::Upload;
use super::feed::End;
use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::listing::{each_row, parse};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::schema::FILE_TYPE;
use crate::platforms::strapi::source::blocking;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileRow {
    #[serde(default)]
    document_id: String,
    #[serde(flatten)]
    name: Name,
    #[serde(default)]
    formats: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Name {
    hash: String,
    ext: Option<String>,
}

impl Name {
    fn text(&self) -> String {
        format!("{}{}", self.hash, self.ext.as_deref().unwrap_or_default())
    }
}

/// Shortest hash that is replaced as text: those of Strapi end in ten random signs.
pub(super) const SHORTEST_HASH: usize = 10;

/// Names on the disk of the destination.
#[derive(Default)]
struct Taken {
    /// Of documents that stay.
    names: HashSet<String>,
    /// Hashes and names of documents that are replaced.
    replaced: Vec<(String, String)>,
}

/// Gives files another hash that have the name of the one that they replace, since bytes on a disk are in no transaction:
/// the old ones stay until nothing needs them. So it does with files that would be written over those of documents that stay,
/// and refuses them where that name is taken too. `replaced` are documents that do not stay. Returns the hashes of the files that get another one.
pub(super) async fn keep_apart(
    uploads: &mut [Upload],
    replaced: &BTreeSet<String>,
    destination: &End,
) -> Result<BTreeSet<String>> {
    if uploads.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Taken { names, replaced } = taken(replaced, destination).await?;
    let sent: HashSet<String> = uploads.iter().map(|upload| upload.name.clone()).collect();
    let is_met = |(hash, name): &(String, String)| hash.len() >= SHORTEST_HASH && sent.contains(name);
    let mut renamed: BTreeSet<String> = replaced.into_iter().filter(is_met).map(|(hash, _)| hash).collect();
    let over_others = uploads.iter().filter(|upload| names.contains(&upload.name)).filter_map(Upload::main_hash);
    renamed.extend(over_others.filter(|hash| hash.len() >= SHORTEST_HASH));
    for upload in uploads.iter_mut() {
        upload.renamed = renamed.iter().find(|hash| upload.name.contains(hash.as_str())).cloned();
    }
    refuse_taken(uploads, names, "skip the file, or map it to the one that is there with --map KEY=ID")?;
    Ok(renamed)
}

/// The names of all files that records of the destination have.
pub(super) async fn in_use(destination: &End) -> Result<HashSet<String>> {
    Ok(taken(&BTreeSet::new(), destination).await?.names)
}

/// The name on disk of every file of the destination, by its row.
pub(super) async fn by_row(destination: &End) -> Result<HashMap<u64, String>> {
    let bundle = destination.bundle.clone();
    blocking(move || {
        let mut names = HashMap::new();
        each_file(&bundle, |row, file| drop(names.insert(row, file.name.text())))?;
        Ok(names)
    })
    .await
}

fn each_file(bundle: &Bundle, mut each: impl FnMut(u64, FileRow)) -> Result<()> {
    each_row(bundle, |row| {
        if row.type_ == FILE_TYPE {
            each(row.id, parse(row.data.get().as_bytes(), "row of a file")?);
        }
        Ok(())
    })
}

async fn taken(replaced: &BTreeSet<String>, destination: &End) -> Result<Taken> {
    let (bundle, replaced) = (destination.bundle.clone(), replaced.clone());
    blocking(move || {
        let mut taken = Taken::default();
        each_file(&bundle, |_, file| take(file, &replaced, &mut taken))?;
        Ok(taken)
    })
    .await
}

/// Refuses files that would be written over others or over each other, under the names that they get.
pub(super) fn refuse_taken(uploads: &[Upload], mut taken: HashSet<String>, way_out: &str) -> Result<()> {
    let mut met = uploads.iter().map(Upload::name_there).filter(|name| !taken.insert(name.clone()));
    match met.next() {
        None => Ok(()),
        Some(name) => {
            let more = met.count();
            let message =
                format!("the destination has another file that is called {name} on disk (and {more} more of the kind)");
            Err(Error::new(ErrorKind::Usage, message).hint(format!("nothing was changed; {way_out}")))
        }
    }
}

fn take(file: FileRow, replaced: &BTreeSet<String>, taken: &mut Taken) {
    if replaced.contains(&file.document_id) {
        taken.replaced.push((file.name.hash.clone(), file.name.text()));
        return;
    }
    let formats = file.formats.as_object().into_iter().flat_map(|formats| formats.values());
    let formats = formats.filter_map(|format| serde_json::from_value::<Name>(format.clone()).ok());
    taken.names.extend(formats.map(|name| name.text()));
    taken.names.insert(file.name.text());
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn upload(name: &str, renamed: Option<&str>) -> Upload {
        let nowhere = PathBuf::new;
        Upload {
            path: nowhere(),
            sidecar: nowhere(),
            name: name.to_owned(),
            renamed: renamed.map(str::to_owned),
            is_of_rows: false,
        }
    }

    #[test]
    fn a_file_is_sent_under_no_name_that_another_has() {
        let refused = |uploads: &[Upload], taken: &[&str]| {
            let taken = taken.iter().map(|name| (*name).to_owned()).collect();
            refuse_taken(uploads, taken, "x").err().map(|error| error.message().to_owned())
        };
        let renamed = [upload("portrait_px0c0byxyn.png", Some("portrait_px0c0byxyn"))];
        assert_eq!(refused(&renamed, &["portrait_px0c0byxyn.png"]), None);
        let told = refused(&renamed, &["portrait_px0c0byxyn_haul.png"]).expect("the other name is taken too");
        assert!(told.contains("portrait_px0c0byxyn_haul.png"), "{told}");
        let [renamed] = renamed;
        let both = [renamed, upload("portrait_px0c0byxyn_haul.png", None)];
        assert!(refused(&both, &[]).is_some(), "one of what is sent would be written over the other");
    }
}
