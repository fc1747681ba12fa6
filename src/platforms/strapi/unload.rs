//! Fills a folder with what a run writes: the rows, links, settings and files of its items, laid out like an unpacked archive. Of every
//! other row it holds which version of which document it is, so that relations to documents that stay are understood.
//! Must not know: where the content goes.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assets::{LONGEST_SIDECAR, Sidecar};
use super::export::refuse_unsound;
use super::filter::SettingIds;
use super::layout::{Place, Stage};
use super::lines::{LineWriter, each_line};
use super::link::Link;
use super::listing::{Index, parse};
use super::members::{Bundle, Members, from_io};
use super::read::{file_item, sidecar_of};
use super::row::Row;
use super::schema::indexed::Pairs;
use super::source::{Progress, telling};
use crate::files::create_private_folder;
use crate::model::{Error, EventSink, Files, ItemIndex, Kind, Result, RunEvent, UnloadRequest};

/// What is kept of a row that stays where it is.
const IDENTITY: [&str; 3] = ["documentId", "locale", "publishedAt"];

pub(super) async fn run(
    bundle: &Bundle,
    index: Arc<Index>,
    place: &Path,
    request: &UnloadRequest<'_>,
    events: &dyn EventSink,
) -> Result<()> {
    refuse_unsound(&index, place)?;
    let mut wanted = vec![false; index.items];
    let mut settings = HashSet::new();
    for &item in request.items {
        wanted[item as usize] = true;
        let item = request.inventory.item(item);
        settings.extend((item.kind() == Kind::Configuration).then(|| item.id().to_owned()));
    }
    let (bundle, folder, files) = (bundle.clone(), request.folder.to_owned(), request.files);
    let last = None;
    telling(events, move |progress| Unload { index, wanted, settings, folder, files, last, progress }.pass(&bundle))
        .await
}

/// A pass over the bundle.
struct Unload {
    index: Arc<Index>,
    /// One for each item.
    wanted: Vec<bool>,
    /// The settings that are wanted.
    settings: HashSet<String>,
    folder: PathBuf,
    files: Files,
    last: Option<(String, Sidecar)>,
    progress: Progress,
}

impl Unload {
    fn pass(mut self, bundle: &Bundle) -> Result<()> {
        for part in ["schemas", "entities", "links", "configuration", "assets/metadata", "assets/uploads"] {
            create_private_folder(&self.folder.join(part))?;
        }
        let mut writers = [Stage::Schemas, Stage::Entities, Stage::Links, Stage::Configuration]
            .map(|stage| LineWriter::create(&self.folder.join(stage.chunk_name(1))));
        let [Ok(schemas), Ok(entities), Ok(links), Ok(configuration)] = &mut writers else {
            return writers.into_iter().find_map(Result::err).map_or(Ok(()), Err);
        };
        let mut members = bundle.members()?;
        let mut scratch = Vec::new();
        let mut ids = SettingIds::default();
        while let Some(entry) = members.next_entry()? {
            match entry.place {
                Place::Metadata => self.write("metadata.json", &members.whole(LONGEST_SIDECAR)?)?,
                Place::Chunk(stage) => each_line(&mut members, &mut scratch, |_, line| match stage {
                    Stage::Entities => self.entity(line, entities),
                    Stage::Links => self.link(line, links),
                    Stage::Configuration => match ids.id(line) {
                        Some(id) if self.settings.contains(&id) => configuration.put(text(line)?),
                        _ => Ok(()),
                    },
                    Stage::Schemas => schemas.put(text(line)?),
                })?,
                Place::Sidecar(file) => self.sidecar(file, &mut members)?,
                Place::Upload(file) => self.upload(&file, &mut members)?,
                Place::Other | Place::Unsafe(_) => {}
            }
        }
        writers.into_iter().try_for_each(|writer| writer?.finish())
    }

    fn is_wanted(&self, item: Option<ItemIndex>) -> bool {
        item.is_some_and(|item| self.wanted[item as usize])
    }

    fn entity(&self, line: &[u8], out: &mut LineWriter) -> Result<()> {
        let row: Row<'_> = parse(line, "row")?;
        match self.is_wanted(self.item(&row.type_, Some(row.id))) {
            true => out.put(text(line)?),
            false => out.put(&identity(&row)?),
        }
    }

    fn item(&self, uid: &str, row: Option<u64>) -> Option<ItemIndex> {
        let type_ = self.index.types.find(uid)?;
        self.index.rows.get(type_, row?).map(|owner| owner.item)
    }

    fn link(&self, line: &[u8], out: &mut LineWriter) -> Result<()> {
        let link: Link<'_> = parse(line, "link")?;
        let touches = [&link.left, &link.right].iter().any(|end| self.is_wanted(self.item(&end.type_, end.row())));
        if touches { out.put(text(line)?) } else { Ok(()) }
    }

    fn sidecar(&mut self, file: String, members: &mut Members) -> Result<()> {
        let bytes = members.whole(LONGEST_SIDECAR)?;
        self.last = Sidecar::read(&bytes, &file).ok().map(|sidecar| (file.clone(), sidecar));
        let item = self.last.as_ref().and_then(|(_, sidecar)| file_item(&self.index, sidecar));
        if self.is_wanted(item) { self.write(&format!("assets/metadata/{file}.json"), &bytes) } else { Ok(()) }
    }

    fn upload(&self, file: &str, members: &mut Members) -> Result<()> {
        let item = sidecar_of(&self.last, file, &self.index).and_then(|sidecar| file_item(&self.index, &sidecar));
        if self.files == Files::RecordsOnly || !self.is_wanted(item) {
            return Ok(());
        }
        let path = self.folder.join("assets/uploads").join(file);
        let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
        let mut out = File::create(&path).map_err(failed)?;
        let bytes = io::copy(members, &mut out).map_err(from_io)?;
        self.progress.tell(RunEvent::BytesMoved { bytes })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        fs::write(&path, bytes).map_err(|error| Error::io(format_args!("cannot write {}", path.display()), error))
    }
}

/// A row without its content.
fn identity(row: &Row<'_>) -> Result<String> {
    let Pairs(pairs) = parse(row.data.get().as_bytes(), "row")?;
    let kept = pairs.iter().filter(|(key, _)| IDENTITY.contains(&&**key));
    let data = kept.map(|(key, raw)| format!("\"{key}\":{}", raw.get())).collect::<Vec<_>>().join(",");
    Ok(format!(r#"{{"type":{},"id":{},"data":{{{data}}}}}"#, serde_json::Value::from(&*row.type_), row.id))
}

/// A line that was read as JSON is text.
fn text(line: &[u8]) -> Result<&str> {
    std::str::from_utf8(line)
        .map_err(|error| Error::new(crate::model::ErrorKind::Damaged, "a line is no text").caused_by(error))
}
