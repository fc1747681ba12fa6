//! The folder in which content of a location is kept while the location is open: private, and gone afterwards. What a killed
//! process left is removed by the next one.
//! Must not know: any platform, or what lies in it.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::files::create_private_folder;
use crate::model::{Error, Result};

const PREFIX: &str = "pull-";
/// Held as long as the folder is used. No part of any bundle is called like this.
const LOCK: &str = "lock";
/// A folder that is being made has no lock yet; one without a lock for so long has lost its maker.
const MAKING: Duration = Duration::from_secs(3600);
/// How often a folder is removed before it is left to the next process, and what lies between two attempts.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(super) struct SpoolFolder {
    folder: TempDir,
    _lock: File,
}

impl SpoolFolder {
    /// A new folder below `root`.
    pub fn new(root: &Path) -> Result<SpoolFolder> {
        create_private_folder(root)?;
        sweep(root);
        let failed = |error| Error::io(format_args!("cannot keep a pull in {}", root.display()), error);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(root).map_err(failed)?;
        // Whoever sees the lock sees it held: it gets its name when it is.
        let (making, made) = (folder.path().join("making"), folder.path().join(LOCK));
        let lock = File::create(&making).map_err(failed)?;
        lock.lock().map_err(failed)?;
        fs::rename(&making, &made).map_err(failed)?;
        Ok(SpoolFolder { folder, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SpoolFolder {
    /// Where work is cut off, a thread may go on writing for a moment, and a folder that is not empty stays. Under another name
    /// nothing is made in it any more but what was being made.
    fn drop(&mut self) {
        let gone = self.path().with_extension("gone");
        if fs::rename(self.path(), &gone).is_err() {
            return;
        }
        for _ in 0..ATTEMPTS {
            if fs::remove_dir_all(&gone).is_ok() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Removes the folders of processes that are gone. Best effort: what cannot be looked at is left.
fn sweep(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_ours && is_left_behind(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left_behind(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        Err(_) => {
            let age = folder.metadata().and_then(|about| about.modified()).ok().and_then(|made| made.elapsed().ok());
            age.is_some_and(|age| age > MAKING)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_made_at_once_leave_each_other_alone() {
        let root = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let spool = SpoolFolder::new(root.path()).unwrap();
                        fs::write(spool.path().join("metadata.json"), "{}").unwrap();
                    }
                });
            }
        });
    }

    #[test]
    fn a_folder_goes_while_somebody_still_writes_into_it() {
        let root = tempfile::tempdir().unwrap();
        for _ in 0..50 {
            let spool = SpoolFolder::new(root.path()).unwrap();
            let inner = spool.path().join("links");
            fs::create_dir(&inner).unwrap();
            let (begun, writes) = std::sync::mpsc::channel();
            let writer = std::thread::spawn(move || {
                let mut made = 0_u32;
                while fs::write(inner.join(made.to_string()), "{}").is_ok() {
                    made += 1;
                    if made == 8 {
                        begun.send(()).unwrap();
                    }
                }
            });
            writes.recv().unwrap();
            let path = spool.path().to_owned();
            drop(spool);
            assert_eq!((path.exists(), path.with_extension("gone").exists()), (false, false));
            writer.join().unwrap();
        }
    }

    #[test]
    fn a_folder_is_private_goes_with_its_owner_and_a_lost_one_is_swept() {
        let root = tempfile::tempdir().unwrap();
        let first = SpoolFolder::new(root.path()).unwrap();
        let lost = root.path().join("pull-lost");
        fs::create_dir(&lost).unwrap();
        fs::write(lost.join(LOCK), "").unwrap();
        let making = root.path().join("pull-making");
        fs::create_dir(&making).unwrap();
        let second = SpoolFolder::new(root.path()).unwrap();
        assert!(!lost.exists() && making.exists() && first.path().exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(first.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
        let (one, two) = (first.path().to_owned(), second.path().to_owned());
        drop((first, second));
        assert!(!one.exists() && !two.exists());
    }
}
