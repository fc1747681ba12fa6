//! The members of an archive or of an unpacked folder, one after the other, as one kind of stream.
//! Must not know: what rows mean.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::layout::{Place, Stage};
use crate::codec::{self, ArchiveKey, MemberKind, Opened, TarReader, damage, is_damage};
use crate::model::{Error, ErrorKind, Result};

/// What a bundle of this platform is read from.
#[derive(Clone, Debug)]
pub(super) enum Bundle {
    File(PathBuf, Option<ArchiveKey>),
    Folder(PathBuf),
    /// The rows of a folder, with the files of another bundle, which stay where they are.
    Joined {
        rows: PathBuf,
        files: Box<Bundle>,
    },
    /// For tests that change many small archives.
    #[cfg(test)]
    Memory(std::sync::Arc<[u8]>),
}

impl Bundle {
    /// Begins to read at the first member. Every pass over a bundle opens it anew.
    pub fn members(&self) -> Result<Members> {
        match self {
            Bundle::File(path, key) => {
                let file = File::open(path).map_err(|error| Error::io("cannot open it", error))?;
                codec::open(file, key.as_ref()).map(Members::packed)
            }
            Bundle::Folder(path) => Folder::open(path).map(Members::Folder),
            Bundle::Joined { rows, files } => Joined::open(rows, files).map(|joined| Members::Joined(Box::new(joined))),
            #[cfg(test)]
            Bundle::Memory(bytes) => codec::open(io::Cursor::new(bytes.clone()), None).map(Members::packed),
        }
    }
}

/// A member with the meaning of its name.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: String,
    pub place: Place,
    pub size: u64,
}

/// A stream of members; reading from it reads the current one.
#[derive(Debug)]
pub(super) enum Members {
    Packed(Box<TarReader<Opened>>),
    Folder(Folder),
    Joined(Box<Joined>),
}

impl Members {
    fn packed(opened: Opened) -> Self {
        Members::Packed(Box::new(TarReader::new(opened)))
    }

    /// The next file; directories are left out. `None` after a clean end.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        match self {
            Members::Packed(tar) => loop {
                let Some(member) = tar.next_member().map_err(from_io)? else { return Ok(None) };
                let place = match member.kind {
                    MemberKind::Directory => match Place::of(&member.name) {
                        place @ Place::Unsafe(_) => place,
                        _ => continue,
                    },
                    MemberKind::File => Place::of(&member.name),
                    MemberKind::Link => Place::Unsafe("is a link"),
                    MemberKind::Other => Place::Unsafe("is neither a file nor a folder"),
                };
                return Ok(Some(Entry { name: member.name, place, size: member.size }));
            },
            Members::Folder(folder) => folder.next_entry(),
            Members::Joined(joined) => joined.next_entry(),
        }
    }

    /// Bytes of the tar that were read so far.
    pub fn position(&self) -> u64 {
        match self {
            Members::Packed(tar) => tar.position(),
            Members::Folder(folder) => folder.position,
            Members::Joined(joined) => joined.rows.position() + joined.files.position(),
        }
    }

    /// The whole of a small member; a larger one is an error.
    pub fn whole(&mut self, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(from_io)?;
        if bytes.len() as u64 > limit {
            return Err(Error::new(ErrorKind::Damaged, format!("is longer than {limit} bytes")));
        }
        Ok(bytes)
    }
}

/// Damage as such, and everything else as a failed read.
pub(super) fn from_io(error: io::Error) -> Error {
    match is_damage(&error) {
        true => Error::new(ErrorKind::Damaged, error.to_string()).caused_by(error),
        false => Error::io("cannot read it", error),
    }
}

impl Read for Members {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Members::Packed(tar) => tar.read(into),
            Members::Folder(folder) => folder.read(into),
            Members::Joined(joined) => joined.current().read(into),
        }
    }
}

impl BufRead for Members {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Members::Packed(tar) => tar.fill_buf(),
            Members::Folder(folder) => folder.fill_buf(),
            Members::Joined(joined) => joined.current().fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Members::Packed(tar) => tar.consume(count),
            Members::Folder(folder) => folder.consume(count),
            Members::Joined(joined) => joined.current().consume(count),
        }
    }
}

/// The folders of a bundle, in the order in which Strapi writes their files into an archive.
const FOLDERS: [&[&str]; 6] = [
    &["schemas"],
    &["entities"],
    // Each sidecar right before its file.
    &["assets/metadata", "assets/uploads"],
    &["links"],
    &["configuration"],
    &["metadata.json"],
];

/// An unpacked archive (`strapi export --format dir`, 5.42 and later). Its links are never followed.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    ahead: std::slice::Iter<'static, &'static [&'static str]>,
    /// Names below the root, the next one last.
    names: Vec<String>,
    /// The current file and how much of it is left to read.
    current: Option<(BufReader<File>, u64)>,
    /// Bytes read of all files.
    position: u64,
}

impl Folder {
    fn open(root: &Path) -> Result<Self> {
        Ok(Folder { root: root.to_owned(), ahead: FOLDERS.iter(), names: Vec::new(), current: None, position: 0 })
    }

    fn next_entry(&mut self) -> Result<Option<Entry>> {
        self.current = None;
        loop {
            if let Some(name) = self.names.pop() {
                return self.entry(name).map(Some);
            }
            let Some(next) = self.ahead.next() else { return Ok(None) };
            for folder in *next {
                let failed = |error| Error::io(format!("cannot read {folder}"), error);
                self.names.extend(names_in(&self.root, folder).map_err(failed)?);
            }
            self.names.sort_by(|a, b| file_order(b).cmp(&file_order(a)));
        }
    }

    fn entry(&mut self, name: String) -> Result<Entry> {
        let path = self.root.join(&name);
        let failed = |error| Error::io(format!("cannot read {name}"), error);
        let about = fs::symlink_metadata(&path).map_err(failed)?;
        let place = match Place::of(&name) {
            place if about.is_file() => place,
            place @ Place::Unsafe(_) => place,
            _ if about.is_symlink() => Place::Unsafe("is a link"),
            _ if about.is_dir() => Place::Other,
            _ => Place::Unsafe("is neither a file nor a folder"),
        };
        let size = if about.is_file() { about.len() } else { 0 };
        if about.is_file() {
            let file = File::open(&path).map_err(failed)?;
            self.current = Some((BufReader::with_capacity(256 * 1024, file), size));
        }
        Ok(Entry { name, place, size })
    }
}

/// By the file that a member speaks of, the sidecar before it.
fn file_order(name: &str) -> (&str, bool) {
    let file = name.rsplit('/').next().unwrap_or(name);
    match name.strip_prefix("assets/metadata/").and_then(|file| file.strip_suffix(".json")) {
        Some(of) => (of, false),
        None => (file, true),
    }
}

/// The names in one folder; nothing where there is no such folder.
fn names_in(root: &Path, folder: &str) -> io::Result<Vec<String>> {
    let path = root.join(folder);
    let about = match fs::symlink_metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    if !about.is_dir() {
        return Ok(vec![folder.to_owned()]);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(&path)? {
        names.push(format!("{folder}/{}", entry?.file_name().to_string_lossy()));
    }
    Ok(names)
}

impl Read for Folder {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(into.len());
        into[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Ends where the file ended when it was opened; one that shrank meanwhile is damage.
impl BufRead for Folder {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Some((file, left)) = &mut self.current else { return Ok(&[]) };
        if *left == 0 {
            return Ok(&[]);
        }
        let ready = file.fill_buf()?;
        if ready.is_empty() {
            return Err(damage("a file became shorter while it was read"));
        }
        Ok(&ready[..(ready.len() as u64).min(*left) as usize])
    }

    fn consume(&mut self, count: usize) {
        if let Some((file, left)) = &mut self.current {
            file.consume(count);
            *left -= count as u64;
            self.position += count as u64;
        }
    }
}

/// The rows of one bundle and the files of another, in the order in which Strapi writes them.
#[derive(Debug)]
pub(super) struct Joined {
    rows: Members,
    files: Members,
    /// Whether the current member is a file.
    at_files: bool,
    /// What comes behind the files, already begun.
    behind: Option<Entry>,
    files_left: bool,
}

impl Joined {
    fn open(rows: &Path, files: &Bundle) -> Result<Self> {
        let (rows, files) = (Members::Folder(Folder::open(rows)?), files.members()?);
        Ok(Joined { rows, files, at_files: false, behind: None, files_left: true })
    }

    fn current(&mut self) -> &mut Members {
        if self.at_files { &mut self.files } else { &mut self.rows }
    }

    fn next_entry(&mut self) -> Result<Option<Entry>> {
        if self.behind.is_none() {
            self.at_files = false;
            let next = self.rows.next_entry()?;
            let before =
                matches!(&next, Some(entry) if matches!(entry.place, Place::Chunk(Stage::Schemas | Stage::Entities)));
            if before || !self.files_left {
                return Ok(next);
            }
            self.behind = next;
        }
        self.at_files = true;
        while let Some(entry) = self.files.next_entry()? {
            if matches!(entry.place, Place::Sidecar(_) | Place::Upload(_) | Place::Unsafe(_)) {
                return Ok(Some(entry));
            }
        }
        (self.at_files, self.files_left) = (false, false);
        Ok(self.behind.take())
    }
}
