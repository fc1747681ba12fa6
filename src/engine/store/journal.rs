//! The journal of a run: append-only, one JSON object in each line, synced before anything rests on it.
//! Must not know: what the records mean.
//!
//! Each line carries its number and a checksum over number and record. A last line that does not fit was torn by a
//! crash: nothing rested on it yet, so it is dropped. Any other that does not fit is damage, and an error.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::record::Record;
use crate::files;
use crate::model::{Digest, Error, ErrorKind, Result};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    n: u64,
    at: jiff::Timestamp,
    sum: Digest,
    #[serde(borrow)]
    entry: &'a RawValue,
}

/// An open journal, at its end.
#[derive(Debug)]
pub(in crate::engine) struct Journal {
    path: PathBuf,
    file: File,
    lines: u64,
    /// Bytes up to the end of the last good line.
    length: u64,
    /// An append failed and could not be taken back.
    broken: bool,
}

impl Journal {
    pub fn create(path: &Path) -> Result<Self> {
        let failed = |error| Error::io(format_args!("cannot create {}", path.display()), error);
        let file = File::options().create_new(true).append(true).open(path).map_err(failed)?;
        files::make_private(path)?;
        files::sync_folder(files::folder_of(path))?;
        Ok(Journal { path: path.to_owned(), file, lines: 0, length: 0, broken: false })
    }

    /// Opens a journal to go on with it: a torn last line is cut off.
    pub fn open(path: &Path) -> Result<(Self, Vec<Record>)> {
        let (records, length) = read(path)?;
        let failed = |error| Error::io(format_args!("cannot open {}", path.display()), error);
        let file = File::options().append(true).open(path).map_err(failed)?;
        file.set_len(length).and_then(|()| file.sync_data()).map_err(failed)?;
        let journal = Journal { path: path.to_owned(), file, lines: records.len() as u64, length, broken: false };
        Ok((journal, records))
    }

    /// Adds a record. When this returns, it outlives a power cut.
    pub fn append(&mut self, record: &Record) -> Result<()> {
        let failed = |path: &Path, error| Error::io(format_args!("cannot write {}", path.display()), error);
        if self.broken {
            return Err(Error::new(ErrorKind::Io, format!("cannot write {} any more", self.path.display())));
        }
        let unwritable = |error| Error::new(ErrorKind::Internal, "cannot write a journal record").caused_by(error);
        let entry = serde_json::value::to_raw_value(record).map_err(unwritable)?;
        let sum = checksum(self.lines, entry.get());
        match self.write(&Line { n: self.lines, at: jiff::Timestamp::now(), sum, entry: &entry }) {
            Ok(length) => {
                self.lines += 1;
                self.length = length;
                Ok(())
            }
            Err(error) => {
                // Half a line in the middle would be damage: back to the last good one, or no further line.
                self.broken = self.file.set_len(self.length).is_err();
                Err(failed(&self.path, error))
            }
        }
    }

    /// Gives the length after it. A line can be of megabytes: it goes out as it is put together.
    fn write(&mut self, line: &Line<'_>) -> io::Result<u64> {
        let mut out = BufWriter::new(&self.file);
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")?;
        out.flush()?;
        drop(out);
        self.file.sync_data()?;
        self.file.stream_position()
    }
}

/// The records of a journal, a torn last line left out.
pub(in crate::engine) fn read_records(path: &Path) -> Result<Vec<Record>> {
    read(path).map(|(records, _)| records)
}

fn checksum(n: u64, entry: &str) -> Digest {
    Digest::from_hasher(blake3::Hasher::new().update(format!("{n} ").as_bytes()).update(entry.as_bytes()))
}

/// The good records, and the length up to the end of the last of them.
fn read(path: &Path) -> Result<(Vec<Record>, u64)> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let mut file = File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    let (mut records, mut good) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match record_in(line, records.len() as u64) {
            Some(record) => records.push(record),
            None if good + line.len() == bytes.len() => break,
            None => {
                let message = format!("{} is damaged in line {}", path.display(), records.len() + 1);
                return Err(Error::new(ErrorKind::Damaged, message)
                    .hint("the run cannot be resumed; its snapshot and plan are still in the same folder"));
            }
        }
        good += line.len();
    }
    Ok((records, good as u64))
}

fn record_in(line: &[u8], n: u64) -> Option<Record> {
    let line: Line<'_> = serde_json::from_slice(line.strip_suffix(b"\n")?).ok()?;
    let fits = line.n == n && line.sum == checksum(n, line.entry.get());
    if fits { serde_json::from_str(line.entry.get()).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemKey, Kind, Stage};

    fn records() -> Vec<Record> {
        let items = vec![ItemKey::new(Kind::Object, "a\nb\"ü")];
        vec![
            Record::Opened { schema: 1, run: "r".into() },
            Record::StageEntered { stage: Stage::Write },
            Record::Intent { step: "s".into(), items },
        ]
    }

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("journal.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        records().iter().for_each(|record| journal.append(record).unwrap());
        path
    }

    #[test]
    fn a_journal_reads_back_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let (mut journal, read) = Journal::open(&path).unwrap();
        assert_eq!(read, records());
        journal.append(&Record::Resumed { reported: false }).unwrap();
        assert_eq!(read_records(&path).unwrap().len(), 4);
        assert!(Journal::create(&path).is_err());
    }

    #[test]
    fn a_torn_last_line_is_dropped_wherever_it_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<_> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let expected = ends.iter().filter(|end| **end <= cut).count();
            let (mut journal, read) = Journal::open(&path).unwrap();
            assert_eq!(read, records()[..expected], "cut at {cut}");
            journal.append(&Record::Resumed { reported: true }).unwrap();
            assert_eq!(read_records(&path).unwrap().len(), expected + 1);
        }
    }

    #[test]
    fn a_last_line_of_zeros_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let mut whole = std::fs::read(&path).unwrap();
        whole.extend([0; 512]);
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(read_records(&path).unwrap(), records());
    }

    #[test]
    fn damage_before_the_last_line_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = std::fs::read(&path).unwrap();
        let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
        // The time of a line is for people; everything else is covered by the checksum.
        let times: Vec<_> = (0..last).filter(|at| whole[..*at].ends_with(b"\"at\":\"")).collect();
        for at in 0..last {
            if times.iter().any(|time| (*time..time + 32).contains(&at)) {
                continue;
            }
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            let error = read_records(&path).map(|read| (at, read)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Damaged);
        }
        let without_the_first: Vec<u8> = whole.split_inclusive(|b| *b == b'\n').skip(1).flatten().copied().collect();
        std::fs::write(&path, without_the_first).unwrap();
        assert_eq!(read_records(&path).unwrap_err().kind(), ErrorKind::Damaged);
    }
}
