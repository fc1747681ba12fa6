//! Brings the files of media into the folder of a pull.
//! Must not know: what they are for.

use std::path::{Path, PathBuf};

use arcstr::ArcStr;
use futures_util::{StreamExt, TryStreamExt};

use super::api::Api;
use crate::model::{Error, ErrorKind, EventSink, ItemIndex, ItemKey, Result, RunEvent};
use crate::platforms::flotiq::index::{Index, Reader};
use crate::platforms::flotiq::json;
use crate::platforms::flotiq::names::media_file;
use crate::platforms::flotiq::record::MediaFacts;
use crate::platforms::flotiq::write::media_facts;

/// Files that come at once.
const AT_ONCE: usize = 4;
/// While it is not whole a file has another name.
const PARTIAL: &str = ".partial";

/// A file to fetch.
struct Wanted {
    id: ArcStr,
    facts: MediaFacts,
    path: PathBuf,
}

/// Fetches the files of these media. One that the space does not have is missing afterwards, and that is no error.
pub(super) async fn fetch(
    api: &Api,
    index: &Index,
    media: &[(ItemIndex, ItemKey)],
    events: &dyn EventSink,
) -> Result<()> {
    let wanted = wanted(index, media)?;
    let fetching = wanted.into_iter().map(|file| async move {
        let bytes = one(api, &file).await.map_err(|error| error.at(format_args!("media:{}", file.id)))?;
        events.emit(RunEvent::BytesMoved { bytes });
        Ok(())
    });
    api.queue(fetching).buffer_unordered(AT_ONCE).try_collect().await
}

fn wanted(index: &Index, media: &[(ItemIndex, ItemKey)]) -> Result<Vec<Wanted>> {
    let mut reader = Reader::new(index);
    let mut wanted = Vec::new();
    for (item, key) in media {
        let record = reader.record(*item, key)?;
        let fields = json::members(record.get())
            .map_err(|error| Error::new(ErrorKind::Protocol, format!("{key} is no object: {error}")))?;
        let facts = media_facts(&fields);
        let records = &index.files[index.places[*item as usize].file as usize];
        let name = media_file(&key.id, &facts.extension).ok_or_else(|| {
            Error::new(ErrorKind::Unsafe, format!("{key} would have a file outside of its folder")).items([key.clone()])
        })?;
        wanted.push(Wanted { id: key.id.clone(), facts, path: records.with_file_name(name) });
    }
    Ok(wanted)
}

/// A file of another size than its record says may have been cut by something between: it is asked for once more, and then
/// believed.
async fn one(api: &Api, file: &Wanted) -> Result<u64> {
    let mut partial = file.path.clone().into_os_string();
    partial.push(PARTIAL);
    let partial = PathBuf::from(partial);
    for is_last in [false, true] {
        if !api.file(&file.id, &file.facts.extension, partial.clone()).await? {
            return Ok(0);
        }
        let bytes = size(&partial)?;
        if is_last || file.facts.size.is_none_or(|said| said == bytes) {
            let failed = |error| Error::io(format_args!("cannot write {}", file.path.display()), error);
            std::fs::rename(&partial, &file.path).map_err(failed)?;
            return Ok(bytes);
        }
    }
    Ok(0)
}

fn size(path: &Path) -> Result<u64> {
    let about = path.metadata().map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
    Ok(about.len())
}
