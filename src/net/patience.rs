//! Until when a server asked for patience, on disk: a process that comes after one that was killed waits too.
//! Must not know: rates, requests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use url::Url;

use super::retry::LONGEST_WAIT;
use crate::model::Digest;

/// That of one server.
#[derive(Debug)]
pub(super) struct Patience(PathBuf);

impl Patience {
    /// All ways to a server share it.
    pub fn of(folder: &Path, server: &Url) -> Patience {
        let name = Digest::of(server.origin().ascii_serialization().as_bytes()).to_string();
        Patience(folder.join(name))
    }

    /// What is left of it. A clock that was put back makes it no longer than anybody waits.
    pub fn left(&self) -> Duration {
        let text = fs::read_to_string(&self.0).ok();
        let until = text.and_then(|text| text.parse().ok()).map(Duration::from_millis).unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        until.saturating_sub(now).min(LONGEST_WAIT)
    }

    /// Keeps it, where it lasts longer than what is kept already. What cannot be written is known to this process alone.
    pub fn keep(&self, pause: Duration) {
        if pause > self.left() {
            let _ = self.write(SystemTime::now() + pause);
        }
    }

    fn write(&self, until: SystemTime) -> std::io::Result<()> {
        let millis = until.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let made = self.0.with_extension(std::process::id().to_string());
        let (mut folder, mut file) = (fs::DirBuilder::new(), fs::OpenOptions::new());
        #[cfg(unix)]
        {
            std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
            std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        }
        folder.recursive(true).create(self.0.parent().unwrap_or(&self.0))?;
        file.write(true).create(true).truncate(true).open(&made)?.write_all(millis.to_string().as_bytes())?;
        fs::rename(&made, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_known_to_who_comes_later_and_to_nobody_elses_server() {
        let folder = tempfile::tempdir().unwrap();
        let of = |url: &str| Patience::of(&folder.path().join("waits"), &url.parse().unwrap());
        let (first, later) = (of("http://127.0.0.1:7/api"), of("http://127.0.0.1:7/other"));
        assert_eq!(later.left(), Duration::ZERO);
        first.keep(Duration::from_secs(100));
        first.keep(Duration::from_secs(50));
        assert!(later.left() > Duration::from_secs(90), "{:?}", later.left());
        assert_eq!(of("http://127.0.0.1:8/api").left(), Duration::ZERO);
        first.keep(Duration::from_secs(9_000));
        assert_eq!(later.left(), LONGEST_WAIT);
        fs::write(&first.0, "no number").unwrap();
        assert_eq!(later.left(), Duration::ZERO);
    }
}
