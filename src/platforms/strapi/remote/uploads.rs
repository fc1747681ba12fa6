//! Takes files to disk as they come, with their sidecars: only those that somebody wants, under names that were checked,
//! proven by their checksum where the server gives one.
//! Must not know: sockets, items.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::spool::Spool;
use super::stage::{Sink, Taken};
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, Finding, Result, code};
use crate::platforms::strapi::layout::odd_file_name;
use crate::platforms::strapi::wire::{AssetItem, each_item};

/// Files on their way to disk.
#[derive(Debug)]
pub(super) struct Uploads {
    spool: Arc<Spool>,
    /// For each wanted row how many of its files did not come yet.
    wanted: HashMap<u64, u32>,
    /// Rows of which something is still missing.
    waiting: usize,
    current: Option<Current>,
    taken: Taken,
    scratch: Vec<u8>,
    /// Names of this pull.
    made: HashSet<String>,
    /// By name, what is wrong with a file: code and sentence.
    odd: BTreeMap<String, (&'static str, String)>,
}

/// The file at hand.
#[derive(Debug)]
struct Current {
    id: String,
    name: String,
    row: u64,
    /// `None` for one that nobody wants, or that cannot be kept.
    file: Option<File>,
    hash: Sha256,
    /// As announced; 0 where the server did not know.
    size: u64,
    written: u64,
}

#[derive(Deserialize)]
struct OfRow {
    id: u64,
}

impl Uploads {
    /// `wanted` says of each row how many files it should have.
    pub fn new(spool: Arc<Spool>, wanted: HashMap<u64, u32>) -> Uploads {
        let waiting = wanted.len();
        let (made, odd) = (HashSet::new(), BTreeMap::new());
        Uploads { spool, wanted, waiting, current: None, taken: Taken::default(), scratch: Vec::new(), made, odd }
    }

    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.odd.iter().map(|(name, (code, why))| Finding::warning(code, format!("the file {name} {why}")))
    }

    fn item(&mut self, item: AssetItem<'_>) -> Result<()> {
        match item {
            AssetItem::Begins { id, metadata, name, size } => self.begin(&id, metadata, &name, size),
            AssetItem::Goes { id, bytes } => {
                let mut scratch = std::mem::take(&mut self.scratch);
                if self.at(&id)?.file.is_some() {
                    bytes.unpack(&mut scratch)?;
                    self.write(&id, &scratch)?;
                }
                self.scratch = scratch;
                Ok(())
            }
            AssetItem::Ends { id, checksum } => self.end(&id, checksum.as_deref()),
        }
    }

    fn begin(&mut self, id: &str, metadata: &RawValue, name: &str, size: u64) -> Result<()> {
        if let Some(current) = &self.current {
            return Err(odd(format!("another file in the middle of {}", current.name)));
        }
        let of: OfRow = serde_json::from_str(metadata.get())
            .map_err(|error| odd(format!("a file without the id of its row ({error})")))?;
        let shown = printable(name).into_owned();
        let file = match (self.wanted.contains_key(&of.id), odd_file_name(name)) {
            (false, _) => None,
            (true, Some(why)) => {
                self.odd.insert(shown.clone(), (code::UNSAFE_NAME, format!("is left out: its name {why}")));
                None
            }
            (true, None) => self.create(name, metadata.get())?,
        };
        if file.is_some() {
            self.taken.current = Some(shown.clone());
        }
        let hash = Sha256::new();
        let id = id.to_owned();
        self.current = Some(Current { id, name: shown, row: of.id, file, hash, size, written: 0 });
        Ok(())
    }

    /// `None` for a file that came before: two rows of one file, of which a folder can hold one.
    fn create(&mut self, name: &str, metadata: &str) -> Result<Option<File>> {
        let failed = |error| Error::io(format_args!("cannot write {name}"), error);
        if !self.made.insert(name.to_owned()) {
            let why = "belongs to several records, and is kept for the first".to_owned();
            self.odd.insert(name.to_owned(), (code::DUPLICATE_NAME, why));
            return Ok(None);
        }
        // What a pull that broke off left is overwritten.
        fs::write(self.spool.sidecar(name), metadata).map_err(failed)?;
        File::create(self.spool.upload(name)).map(Some).map_err(failed)
    }

    fn at(&mut self, id: &str) -> Result<&mut Current> {
        match &mut self.current {
            Some(current) if current.id == id => Ok(current),
            _ => Err(odd("a part of a file that did not begin".to_owned())),
        }
    }

    fn write(&mut self, id: &str, bytes: &[u8]) -> Result<()> {
        let current = self.at(id)?;
        let Some(file) = &mut current.file else { return Ok(()) };
        file.write_all(bytes).map_err(|error| Error::io(format_args!("cannot write {}", current.name), error))?;
        current.hash.update(bytes);
        current.written += bytes.len() as u64;
        self.taken.bytes += bytes.len() as u64;
        Ok(())
    }

    fn end(&mut self, id: &str, checksum: Option<&str>) -> Result<()> {
        self.at(id)?;
        let Some(current) = self.current.take() else { return Ok(()) };
        if current.file.is_some() {
            let found = hexadecimal(&current.hash.finalize());
            if let Some(said) = checksum.filter(|said| !said.eq_ignore_ascii_case(&found)) {
                let (name, said) = (&current.name, printable(said));
                let message = format!("{name} came damaged: its checksum is {found}, the server says {said}");
                return Err(Error::new(ErrorKind::Damaged, message).hint(
                    "start again; where it happens again, something between here and the server changes what passes",
                ));
            }
            if checksum.is_none() && current.size > 0 && current.size != current.written {
                let why = format!("came with {} bytes, {} were announced", current.written, current.size);
                self.odd.insert(current.name, (code::FILE_SIZE_DIFFERS, why));
            }
            self.taken.rows += 1;
        }
        if let Some(left) = self.wanted.get_mut(&current.row).filter(|left| **left > 0) {
            *left -= 1;
            self.waiting -= usize::from(*left == 0);
        }
        self.taken.enough = self.waiting == 0;
        Ok(())
    }
}

impl Sink for Uploads {
    fn take(&mut self, data: &str) -> Result<Taken> {
        if self.taken.enough {
            return Ok(self.taken.clone());
        }
        each_item(data, |item| self.item(item))?;
        Ok(self.taken.clone())
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn odd(what: String) -> Error {
    Error::new(ErrorKind::Protocol, format!("the server sent {what}"))
}
