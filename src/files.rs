//! Files of this user: written whole or not at all, readable by nobody else, and how much room is left.
//! Must not know: what is in them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::model::{Error, Result};

/// Who may read a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Mode 0600, of a folder 0700.
    Owner,
    /// As the user's umask says.
    Umask,
}

/// Replaces the file by these bytes, or leaves it as it was: temporary file, fsync, rename, fsync of the folder.
pub fn write_whole(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    write_whole_with(path, readers, |file| file.write_all(bytes))
}

/// The same for what is not in memory as a whole.
pub fn write_whole_with(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".haul-");
    #[cfg(unix)]
    if readers == Readers::Umask {
        // Without this a temporary file is of mode 0600; the umask still takes its part of 0666.
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    let mut buffered = BufWriter::new(&mut file);
    write(&mut buffered).and_then(|()| buffered.flush()).map_err(failed)?;
    drop(buffered);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder)
}

/// Makes the entries of a folder outlive a power cut.
pub fn sync_folder(folder: &Path) -> Result<()> {
    // Other systems than unix cannot open a folder, and need not.
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Error::io(format_args!("cannot sync {}", folder.display()), error))?;
    }
    Ok(())
}

/// Creates a folder that only its owner can enter, with all that leads to it.
pub fn create_private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Error::io(format_args!("cannot create {}", path.display()), error))
}

/// Takes the rights of group and others away from a file.
pub fn make_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(|error| Error::io(format_args!("cannot protect {}", path.display()), error))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Whether group or others may do anything with a file. Where a system has no such modes: no.
pub fn others_may_read(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(false)
    }
}

/// Bytes that may still be written to the folder's file system; `None` where the system does not say.
pub fn free_space(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(folder).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// The folder of a path; `.` of a bare name.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for (text, readers) in [("first", Readers::Owner), ("second", Readers::Umask), ("third", Readers::Owner)] {
            write_whole(&path, text.as_bytes(), readers).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(!others_may_read(&File::open(&path).unwrap()).unwrap());
    }

    #[test]
    fn a_write_into_a_missing_folder_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_whole(&folder.path().join("no/file"), b"x", Readers::Owner).unwrap_err();
        assert!(error.message().contains("no/file"), "{error}");
    }
}
