//! Names of files on the disk of the destination: a new file must not take the place of another one's.
//! Must not know: transfers.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;
use serde_json::Value;

use super::assets::Upload;
use super::feed::End;
use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::row::Row;
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

/// Refuses files that would be written over those of documents that stay. `replaced` are documents that do not.
pub(super) async fn refuse_taken(uploads: &[Upload], replaced: &BTreeSet<String>, destination: &End) -> Result<()> {
    if uploads.is_empty() {
        return Ok(());
    }
    let (bundle, replaced) = (destination.bundle.clone(), replaced.clone());
    let taken = blocking(move || {
        let mut taken = HashSet::new();
        let mut members = bundle.members()?;
        let mut scratch = Vec::new();
        while let Some(entry) = members.next_entry()? {
            if entry.place == Place::Chunk(Stage::Entities) {
                each_line(&mut members, &mut scratch, |_, line| take(line, &replaced, &mut taken))?;
            }
        }
        Ok(taken)
    })
    .await?;
    let mut met = uploads.iter().filter(|upload| taken.contains(&upload.name)).map(|upload| upload.name.as_str());
    match met.next() {
        None => Ok(()),
        Some(name) => {
            let more = met.count();
            let message =
                format!("the destination has another file that is called {name} on disk (and {more} more of the kind)");
            Err(Error::new(ErrorKind::Usage, message)
                .hint("nothing was changed; skip the file, or map it to the one that is there with --map KEY=ID"))
        }
    }
}

fn take(line: &[u8], replaced: &BTreeSet<String>, taken: &mut HashSet<String>) -> Result<()> {
    let row: Row<'_> = parse(line, "row")?;
    if row.type_ != FILE_TYPE {
        return Ok(());
    }
    let file: FileRow = parse(row.data.get().as_bytes(), "row of a file")?;
    if replaced.contains(&file.document_id) {
        return Ok(());
    }
    let formats = file.formats.as_object().into_iter().flat_map(|formats| formats.values());
    let formats = formats.filter_map(|format| serde_json::from_value::<Name>(format.clone()).ok());
    taken.extend(formats.map(|name| name.text()));
    taken.insert(file.name.text());
    Ok(())
}
