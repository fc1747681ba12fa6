//! The files of a project while `strapi import` is at work: it renames `public/uploads` before it begins and does not take
//! that back when it fails (seen on 4.26.2 and 5.54.0), although the database is as before then.
//! Must not know: why it failed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const BACKUP: &str = "uploads_backup_";

/// What lay in the public folder before.
#[derive(Clone, Debug)]
pub(super) struct Uploads {
    public: PathBuf,
    backups: BTreeSet<String>,
}

impl Uploads {
    pub fn of(project: &Path) -> Uploads {
        let public = project.join("public");
        let backups = backups(&public);
        Uploads { public, backups }
    }

    /// Puts the files of before back, if they were put aside meanwhile, and says so.
    pub fn give_back(&self) -> Option<String> {
        let aside = backups(&self.public).into_iter().rfind(|name| !self.backups.contains(name))?;
        Some(match self.exchange(&aside) {
            Ok(None) => "the files of before are back in public/uploads".to_owned(),
            Ok(Some(kept)) => {
                format!(
                    "the files of before are back in public/uploads; what was written meanwhile is in public/{kept}"
                )
            }
            Err(_) => format!("the files of before are in public/{aside}: rename that folder to uploads"),
        })
    }

    /// The name of the folder that keeps what was written meanwhile, if anything was.
    fn exchange(&self, aside: &str) -> io::Result<Option<String>> {
        let (uploads, backup) = (self.public.join("uploads"), self.public.join(aside));
        let mut kept = None;
        // Fails where something lies in it.
        if uploads.exists() && fs::remove_dir(&uploads).is_err() {
            let name = aside.replacen(BACKUP, "uploads_unfinished_", 1);
            fs::rename(&uploads, self.public.join(&name))?;
            kept = Some(name);
        }
        fs::rename(&backup, &uploads)?;
        Ok(kept)
    }
}

fn backups(public: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(public).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(BACKUP)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        let public = project.path().join("public");
        fs::create_dir_all(public.join("uploads_backup_1")).unwrap();
        fs::create_dir_all(public.join("uploads")).unwrap();
        fs::write(public.join("uploads/old.png"), "old").unwrap();
        project
    }

    #[test]
    fn files_that_were_put_aside_come_back() {
        let project = project();
        let public = project.path().join("public");
        let uploads = Uploads::of(project.path());
        assert_eq!(uploads.give_back(), None);
        fs::rename(public.join("uploads"), public.join("uploads_backup_2")).unwrap();
        fs::create_dir(public.join("uploads")).unwrap();
        assert!(uploads.give_back().is_some());
        assert_eq!(fs::read_to_string(public.join("uploads/old.png")).unwrap(), "old");
        assert!(public.join("uploads_backup_1").exists() && !public.join("uploads_backup_2").exists());
    }

    #[test]
    fn what_was_written_meanwhile_is_kept_beside() {
        let project = project();
        let public = project.path().join("public");
        let uploads = Uploads::of(project.path());
        fs::rename(public.join("uploads"), public.join("uploads_backup_2")).unwrap();
        fs::create_dir(public.join("uploads")).unwrap();
        fs::write(public.join("uploads/new.png"), "new").unwrap();
        assert!(uploads.give_back().is_some_and(|said| said.contains("uploads_unfinished_2")));
        assert_eq!(fs::read_to_string(public.join("uploads/old.png")).unwrap(), "old");
        assert_eq!(fs::read_to_string(public.join("uploads_unfinished_2/new.png")).unwrap(), "new");
    }
}
