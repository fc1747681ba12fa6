//! The media library of the destination, as far as pushed rows have to fit into it: where bytes lie that stay when the record of
//! their file is written anew, and the numbers of folders, of which no two are alike.
//! Must not know: which rows are pushed.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::compose::{Merge, Place, Script, each_line_of};
use super::fate::Spot;
use crate::model::Result;
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::indexed::Pairs;
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};

/// What the record of a file says of where its bytes and those of its renditions are.
const OF_BYTES: [&str; 6] = ["hash", "url", "previewUrl", "provider", "provider_metadata", "formats"];

/// Folders in folders beyond this are a circle.
const DEEPEST: usize = 64;

/// Attributes that a row gets in the place of its own.
pub(in crate::platforms::strapi) type Instead = Vec<(&'static str, String)>;

/// The media library of the destination.
#[derive(Debug, Default)]
pub(in crate::platforms::strapi) struct Library {
    /// What rows say of their bytes, as JSON.
    files: HashMap<u64, Instead>,
    folders: HashMap<u64, Folder>,
    highest: u64,
    /// Numbers that this merge gives.
    given: RefCell<HashMap<Place, u64>>,
}

#[derive(Debug, Deserialize)]
struct Folder {
    #[serde(rename = "pathId")]
    number: u64,
    path: String,
}

impl Library {
    /// `wanted` says of which rows the bytes stay.
    pub fn read(bundle: &Bundle, wanted: impl Fn(u64) -> bool) -> Result<Library> {
        let mut library = Library::default();
        each_line_of(bundle, Stage::Entities, |line| {
            let row: Row<'_> = parse(line, "row")?;
            match &*row.type_ {
                FILE_TYPE if wanted(row.id) => drop(library.files.insert(row.id, of_bytes(row.data)?)),
                FOLDER_TYPE => library.folder(&row),
                _ => {}
            }
            Ok(())
        })?;
        Ok(library)
    }

    fn folder(&mut self, row: &Row<'_>) {
        // A folder without a number is in nobody's way.
        if let Ok(folder) = serde_json::from_str::<Folder>(row.data.get()) {
            self.highest = self.highest.max(folder.number);
            self.folders.insert(row.id, folder);
        }
    }

    /// A number that no folder has.
    fn number(&self, place: Place) -> u64 {
        let mut given = self.given.borrow_mut();
        let next = self.highest + given.len() as u64 + 1;
        *given.entry(place).or_insert(next)
    }
}

impl Merge<'_> {
    /// What a row of the library says otherwise than where it comes from.
    pub(super) fn in_the_library(&self, script: &Script, uid: &str, place: Place) -> Instead {
        match uid {
            _ if self.replaces => Vec::new(),
            FILE_TYPE => {
                let there = self.side(place.origin).owner(place.row).and_then(|item| self.place_of_bytes(item));
                let there = there.filter(|_| place.origin == super::compose::Origin::Source);
                let mut instead = there.and_then(|row| self.library.files.get(&row)).cloned().unwrap_or_default();
                let path = self.way_to(script, place, 0);
                instead.push(("folderPath", quoted(if path.is_empty() { "/" } else { &path })));
                instead
            }
            FOLDER_TYPE => {
                vec![("pathId", self.number_of(place).to_string()), ("path", quoted(&self.path_of(script, place, 0)))]
            }
            _ => Vec::new(),
        }
    }

    /// The path of the folder that holds it; empty at the top.
    fn way_to(&self, script: &Script, place: Place, depth: usize) -> String {
        match script.folders.get(&place) {
            Some(Spot::There(id)) => {
                self.library.folders.get(id).map_or_else(String::new, |folder| folder.path.clone())
            }
            Some(Spot::Pushed(folder)) if depth < DEEPEST => self.path_of(script, *folder, depth + 1),
            _ => String::new(),
        }
    }

    fn path_of(&self, script: &Script, folder: Place, depth: usize) -> String {
        format!("{}/{}", self.way_to(script, folder, depth), self.number_of(folder))
    }

    /// That of the folder that it replaces, or a new one.
    fn number_of(&self, folder: Place) -> u64 {
        let before = self.replaced(folder).and_then(|row| self.library.folders.get(&row.id));
        before.map_or_else(|| self.library.number(folder), |folder| folder.number)
    }
}

/// What the record of a file says of where its bytes are, as JSON.
pub(in crate::platforms::strapi) fn of_bytes(data: &RawValue) -> Result<Instead> {
    let Pairs(pairs) = parse(data.get().as_bytes(), "row of a file")?;
    let of = |name: &'static str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        (name, found.map_or_else(|| "null".to_owned(), |(_, raw)| raw.get().to_owned()))
    };
    Ok(OF_BYTES.map(of).to_vec())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
