//! Locks: one process works on a run, one run writes to a destination.
//! Must not know: how long anybody waits.
//!
//! The operating system drops a lock with its process, so a killed run leaves none behind and clocks do not matter.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::files;
use crate::model::{Error, Result};

/// Held until dropped.
#[derive(Debug)]
pub(in crate::engine) struct Lock {
    _file: File,
}

/// What came of an attempt.
#[derive(Debug)]
pub(in crate::engine) enum Attempt {
    Got(Lock),
    /// Somebody else has it, and wrote this about itself.
    Held(String),
}

/// Takes the lock, if it is free, and writes who has it.
pub(in crate::engine) fn try_lock(path: &Path, holder: &str) -> Result<Attempt> {
    let failed = |error| Error::io(format_args!("cannot lock {}", path.display()), error);
    let mut file = File::options().create(true).read(true).append(true).open(path).map_err(failed)?;
    files::make_private(path)?;
    match file.try_lock() {
        Ok(()) => {
            let written = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
            written.map_err(failed)?;
            Ok(Attempt::Got(Lock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => Ok(Attempt::Held(holder_in(&mut file))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Whether somebody has the lock. A missing file is free.
pub(in crate::engine) fn is_held(path: &Path) -> Result<bool> {
    let failed = |error| Error::io(format_args!("cannot look at {}", path.display()), error);
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        opened => opened.map_err(failed)?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Systems that lock the bytes themselves do not let us read them.
fn holder_in(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.is_empty() => text,
        _ => "another run".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert!(!is_held(&path).unwrap());
        let Attempt::Got(lock) = try_lock(&path, "run a").unwrap() else { panic!("it is free") };
        assert!(is_held(&path).unwrap());
        assert!(matches!(try_lock(&path, "run b").unwrap(), Attempt::Held(holder) if holder == "run a"));
        drop(lock);
        assert!(matches!(try_lock(&path, "run b").unwrap(), Attempt::Got(_)));
    }
}
