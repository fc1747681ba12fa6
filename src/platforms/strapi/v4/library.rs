//! What rows of the media library say otherwise at the destination than at the source: numbers and paths of folders, of which no
//! two are alike, the path of the folder that a file lies in, and where bytes lie that stay.
//! Must not know: lines as they are sent.

use std::cell::RefCell;

use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

use super::compose::{RowMerge, Spot, each_line_of};
use super::links::{each_link, quoted};
use crate::model::Result;
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::merge::{Instead, RowId, of_bytes};
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};

/// Folders in folders beyond this are a circle.
const DEEPEST: usize = 64;

/// The media library of the destination, and who lies in what at the source.
#[derive(Debug, Default)]
pub(super) struct Library {
    files: HashMap<u64, Instead>,
    folders: HashMap<u64, Folder>,
    highest: u64,
    /// From files and folders of the source to the folder around them.
    around: HashMap<RowId, RowId>,
    /// Numbers that this merge gives, by folders of the source.
    given: RefCell<HashMap<RowId, u64>>,
}

#[derive(Debug, Deserialize)]
struct Folder {
    #[serde(rename = "pathId")]
    number: u64,
    path: String,
}

impl Library {
    pub fn read(merge: &RowMerge<'_>) -> Result<Library> {
        let mut library = Library::default();
        let kept: HashSet<u64> = merge.rows_with_their_bytes();
        each_line_of(merge.destination.bundle, Stage::Entities, |line| {
            let row: Row<'_> = parse(line, "row")?;
            match &*row.type_ {
                FILE_TYPE if kept.contains(&row.id) => drop(library.files.insert(row.id, of_bytes(row.data)?)),
                // A folder without a number is in nobody's way.
                FOLDER_TYPE => library.folder(row.id, serde_json::from_str(row.data.get()).ok()),
                _ => {}
            }
            Ok(())
        })?;
        each_link(merge.source.bundle, |link| {
            let is_around = matches!(
                (&*link.left.type_, link.left.field.as_deref()),
                (FILE_TYPE, Some("folder")) | (FOLDER_TYPE, Some("parent"))
            );
            let row = |end: &crate::platforms::strapi::link::End<'_>| merge.source.side.row(&end.type_, end.row());
            if let (true, Some(held), Some(around)) = (is_around, row(&link.left), row(&link.right)) {
                library.around.insert(held, around);
            }
        })?;
        Ok(library)
    }

    fn folder(&mut self, row: u64, folder: Option<Folder>) {
        if let Some(folder) = folder {
            self.highest = self.highest.max(folder.number);
            self.folders.insert(row, folder);
        }
    }

    /// What a pushed row of the source says otherwise.
    pub fn instead(&self, merge: &RowMerge<'_>, uid: &str, row: RowId) -> Instead {
        // Where folders are replaced, they and what lies in them come as they are.
        if merge.is_whole(FOLDER_TYPE) || (merge.is_whole(uid) && !self.around.contains_key(&row)) {
            return Vec::new();
        }
        match uid {
            FILE_TYPE => {
                let bytes = merge.keeps_bytes(row).and_then(|there| self.files.get(&there.id));
                let mut instead = bytes.cloned().unwrap_or_default();
                let way = self.way_to(merge, row, 0);
                instead.push(("folderPath", quoted(if way.is_empty() { "/" } else { &way })));
                instead
            }
            FOLDER_TYPE => {
                vec![("pathId", self.number_of(merge, row).to_string()), ("path", quoted(&self.path_of(merge, row, 0)))]
            }
            _ => Vec::new(),
        }
    }

    /// The path of the folder around a row of the source; empty at the top.
    fn way_to(&self, merge: &RowMerge<'_>, row: RowId, depth: usize) -> String {
        let Some(around) = self.around.get(&row) else { return String::new() };
        match merge.spot_of_source(*around) {
            Spot::There(id) => self.folders.get(&id).map(|folder| folder.path.clone()).unwrap_or_default(),
            Spot::Pushed(_) if depth < DEEPEST => self.path_of(merge, *around, depth + 1),
            Spot::Pushed(_) | Spot::Nowhere => String::new(),
        }
    }

    fn path_of(&self, merge: &RowMerge<'_>, folder: RowId, depth: usize) -> String {
        format!("{}/{}", self.way_to(merge, folder, depth), self.number_of(merge, folder))
    }

    /// That of the folder that it replaces, or a new one.
    fn number_of(&self, merge: &RowMerge<'_>, folder: RowId) -> u64 {
        if let Some(before) = merge.predecessor(folder).and_then(|row| self.folders.get(&row.id)) {
            return before.number;
        }
        let mut given = self.given.borrow_mut();
        let next = self.highest + given.len() as u64 + 1;
        *given.entry(folder).or_insert(next)
    }
}
