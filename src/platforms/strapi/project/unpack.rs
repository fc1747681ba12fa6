//! What `strapi export` made becomes part of a folder laid out like an unpacked archive.
//! Must not know: what rows mean, who wants them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::members::{Bundle, from_io};
use crate::platforms::strapi::remote::Spool;

/// Which part of it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// Everything but files.
    Rows,
    Files,
}

impl Half {
    fn folders(self) -> &'static [&'static str] {
        match self {
            Half::Rows => &["schemas", "entities", "links", "configuration", "metadata.json"],
            Half::Files => &["assets"],
        }
    }

    fn holds(self, place: &Place) -> bool {
        matches!(place, Place::Sidecar(_) | Place::Upload(_)) == (self == Half::Files)
    }
}

/// Moves a folder that was made into the spool.
pub(super) fn adopt(made: &Path, spool: &Spool, half: Half) -> Result<()> {
    for name in half.folders() {
        let (from, to) = (made.join(name), spool.path().join(name));
        if !from.exists() {
            continue;
        }
        let failed = |error| Error::io(format_args!("cannot move {}", from.display()), error);
        if to.is_dir() {
            fs::remove_dir_all(&to).map_err(failed)?;
        }
        fs::rename(&from, &to).map_err(failed)?;
    }
    Ok(())
}

/// Unpacks a tar that was made into the spool.
pub(super) fn unpack(made: &Path, spool: &Spool, half: Half) -> Result<()> {
    let mut members = Bundle::File(made.to_owned(), None).members()?;
    while let Some(entry) = members.next_entry()? {
        if !half.holds(&entry.place) {
            continue;
        }
        let Some(path) = path_of(&entry.place, &entry.name, spool)? else { continue };
        let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
        let mut file = File::create(&path).map_err(failed)?;
        io::copy(&mut members, &mut file).map_err(from_io)?;
    }
    Ok(())
}

fn path_of(place: &Place, name: &str, spool: &Spool) -> Result<Option<PathBuf>> {
    let chunk = |stage: Stage| {
        // The place was told from two parts, of which the last is a name.
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        spool.path().join(stage.folder()).join(last)
    };
    match place {
        Place::Metadata => Ok(Some(spool.metadata())),
        Place::Chunk(stage) => Ok(Some(chunk(*stage))),
        Place::Sidecar(file) => Ok(Some(spool.sidecar(file))),
        Place::Upload(file) => Ok(Some(spool.upload(file))),
        Place::Other => Ok(None),
        Place::Unsafe(why) => Err(Error::new(ErrorKind::Unsafe, format!("the name of {name} {why}"))
            .hint("rename that file in the project's media library")),
    }
}
