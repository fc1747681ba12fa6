//! Logs that `strapi export` leaves in a project: 5.54.0 writes `export_MILLISECONDS.log` into it each time, also where it has
//! nothing to tell. Listings would fill the folder with them, and what they hold was heard.
//! Must not know: what they say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What lay there before the command began.
#[derive(Debug)]
pub(super) struct Logs {
    folder: PathBuf,
    before: BTreeSet<String>,
    began: u128,
}

impl Logs {
    pub fn of(project: &Path) -> Logs {
        Logs { folder: project.to_owned(), before: names(project), began: now() }
    }

    /// Removes the one log that came and whose name says that it was made meanwhile. Where there are several, somebody else
    /// is at work too, and all are left.
    pub fn remove_own(&self) {
        let meanwhile = self.began..=now();
        let new = names(&self.folder);
        let mut new = new.difference(&self.before).filter(|name| stamp(name).is_some_and(|at| meanwhile.contains(&at)));
        if let (Some(own), None) = (new.next(), new.next()) {
            // A log that stays does no harm.
            let _ = fs::remove_file(self.folder.join(own));
        }
    }
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| stamp(name).is_some()).collect()
}

fn stamp(name: &str) -> Option<u128> {
    name.strip_prefix("export_")?.strip_suffix(".log")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_log_that_came_meanwhile_goes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: String| fs::write(folder.path().join(name), "").unwrap();
        let left = || names(folder.path()).len();
        write("export_1795269459512.log".to_owned());
        let logs = Logs::of(folder.path());
        write(format!("export_{}.log", now() + 3_600_000));
        logs.remove_own();
        assert_eq!(left(), 2, "neither one from before nor one of another time");
        write(format!("export_{}.log", logs.began));
        logs.remove_own();
        assert_eq!(left(), 2);
        write(format!("export_{}.log", logs.began));
        write(format!("export_0{}.log", logs.began));
        logs.remove_own();
        assert_eq!(left(), 4, "somebody else is at work");
    }
}
