//! Where the items of a listed directory are, so that content is read again only where it is needed.
//! Must not know: what an item refers to.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::value::RawValue;

use super::dates;
use super::definition::Definition;
use super::layout;
use super::names::type_of;
use crate::model::{Error, ErrorKind, ItemIndex, ItemKey, Kind, Result};

/// A type of the directory.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub definition: Definition,
    /// The file of its definition.
    pub path: PathBuf,
}

/// Where an object lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Of [`Index::files`]; of [`Index::types`] for a definition.
    pub file: u32,
    pub length: u32,
    pub at: u64,
}

/// What a listing learned.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub root: PathBuf,
    pub types: Vec<Type>,
    pub files: Vec<PathBuf>,
    /// One for each item of the inventory.
    pub places: Vec<Place>,
    /// The folder of the type, by its name; the first where there are several.
    pub by_name: HashMap<Box<str>, usize>,
    /// The day that date variables are seen from; `None` where they are no variables.
    pub today: Option<Date>,
    /// What is damaged: `FILE, line N: why`.
    pub damage: Option<String>,
    /// Bytes of definitions and objects.
    pub bytes: u64,
}

impl Index {
    pub fn type_named(&self, name: &str) -> Option<&Type> {
        self.by_name.get(name).map(|&at| &self.types[at])
    }

    /// The definition of a type as it lies there.
    pub fn definition_text(&self, type_: &Type) -> Result<Box<RawValue>> {
        let failed = |error| Error::io(format_args!("cannot read {}", type_.path.display()), error);
        let text = std::fs::read_to_string(&type_.path).map_err(failed)?;
        let text = text.trim_start_matches('\u{feff}').to_owned();
        RawValue::from_string(text).map_err(|_| changed(&ItemKey::new(Kind::Definition, &*type_.definition.name)))
    }

    /// The file of a medium, by what its record says.
    pub fn file_of_medium(&self, item: ItemIndex, id: &str, extension: &str) -> Option<PathBuf> {
        let records = &self.files[self.places[item as usize].file as usize];
        layout::file_of_medium(&self.root, records.parent()?, id, extension)
    }

    /// Refuses to write from what was not understood whole.
    pub fn refuse_damaged(&self) -> Result<()> {
        match &self.damage {
            None => Ok(()),
            Some(damage) => {
                let message = format!("{} is damaged, so nothing is written from it: {damage}", self.root.display());
                Err(Error::new(ErrorKind::Damaged, message).hint("see haul verify"))
            }
        }
    }
}

/// Reads content of a listed directory again. Holds one file open.
#[derive(Debug)]
pub(super) struct Reader<'i> {
    index: &'i Index,
    open: Option<(u32, File)>,
    bytes: Vec<u8>,
}

impl<'i> Reader<'i> {
    pub fn new(index: &'i Index) -> Self {
        Reader { index, open: None, bytes: Vec::new() }
    }

    /// The text of an item as it lies there, with its variables replaced.
    pub fn text(&mut self, item: ItemIndex, key: &ItemKey) -> Result<String> {
        let place = self.index.places[item as usize];
        if key.kind == Kind::Definition {
            let path = &self.index.types[place.file as usize].path;
            let text = std::fs::read_to_string(path).map_err(|error| self.failed(path, error))?;
            return Ok(text.trim_start_matches('\u{feff}').to_owned());
        }
        let bytes = self.slice(place)?;
        let text = std::str::from_utf8(bytes).map_err(|_| changed(key))?.to_owned();
        Ok(match self.index.today {
            Some(today) => dates::expanded(&text, today).0.into_owned(),
            None => text,
        })
    }

    /// The same as a record. Whatever changed meanwhile is noticed by its id.
    pub fn record(&mut self, item: ItemIndex, key: &ItemKey) -> Result<Box<RawValue>> {
        let text = self.text(item, key)?;
        let name = if type_of(key).is_some() { "id" } else { "name" };
        let holds = super::json::members(&text).ok().and_then(|members| members.text(name));
        if holds.as_deref() != Some(&*key.id) {
            return Err(changed(key));
        }
        RawValue::from_string(text).map_err(|_| changed(key))
    }

    fn slice(&mut self, place: Place) -> Result<&[u8]> {
        let path = &self.index.files[place.file as usize];
        if self.open.as_ref().is_none_or(|(file, _)| *file != place.file) {
            let file = File::open(path).map_err(|error| self.failed(path, error))?;
            self.open = Some((place.file, file));
        }
        self.bytes.resize(place.length as usize, 0);
        let Some((_, file)) = &mut self.open else { return Ok(&[]) };
        let read = file.seek(SeekFrom::Start(place.at)).and_then(|_| file.read_exact(&mut self.bytes));
        read.map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
        Ok(&self.bytes)
    }

    fn failed(&self, path: &std::path::Path, error: std::io::Error) -> Error {
        Error::io(format_args!("cannot read {}", path.display()), error)
    }
}

fn changed(key: &ItemKey) -> Error {
    Error::new(ErrorKind::Stale, format!("{key} changed while it was read")).hint("start again").items([key.clone()])
}
