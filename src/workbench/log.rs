//! What was done and told, line by line, for somebody who has to find out later: `HAUL_LOG=FILE`.
//! Must not know: what is typed. Commands are named, not their fields, and what is told holds no credential.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use super::shell::Notice;
use crate::files;
use crate::model::text::printable;
use crate::model::{Error, Result, Severity};

/// Appends to a file of this user, or does nothing.
#[derive(Debug)]
pub struct Log(Option<File>);

impl Log {
    /// Opens the file, which is made for its owner alone.
    pub fn open(path: Option<&str>) -> Result<Self> {
        let Some(path) = path else { return Ok(Log(None)) };
        let failed = |error| {
            Error::io(format_args!("cannot write the log {}", printable(path)), error)
                .hint("HAUL_LOG names a file to append to")
        };
        let is_new = !Path::new(path).exists();
        let file = File::options().append(true).create(true).open(path).map_err(failed)?;
        if is_new {
            files::make_private(Path::new(path))?;
        }
        Ok(Log(Some(file)))
    }

    pub fn line(&mut self, now: Timestamp, what: &str) {
        if let Some(file) = &mut self.0 {
            // A log that cannot be written must not end what is logged.
            let _ = writeln!(file, "{now:.3} {}", printable(what));
        }
    }

    pub fn told(&mut self, now: Timestamp, notice: &Notice) {
        if self.0.is_some() {
            let kind = match notice.severity {
                Severity::Info => "info",
                Severity::Warning => "warning",
                Severity::Blocking => "error",
            };
            self.line(now, &format!("{kind}: {}", notice.sentence()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_appended_as_clean_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("haul.log");
        let path = path.to_str().unwrap();
        let now: Timestamp = crate::workbench::testing::NOW.parse().unwrap();
        for _ in 0..2 {
            let mut log = Log::open(Some(path)).unwrap();
            log.line(now, "command plan.run");
            log.told(now, &Notice::warning("two\nlines\x1b[31m").hint("what to do"));
        }
        let once = "2026-11-21T01:45:00.000Z command plan.run\n\
                    2026-11-21T01:45:00.000Z warning: two lines\u{241b}[31m · what to do\n";
        assert_eq!(std::fs::read_to_string(path).unwrap(), once.repeat(2));
        assert!(Log::open(Some("/nowhere/at/all")).unwrap_err().message().contains("/nowhere/at/all"));
        Log::open(None).unwrap().line(now, "nothing happens");
    }
}
