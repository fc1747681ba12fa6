//! The lines of a JSONL member, bounded, without copying those that lie whole in the buffer.
//! Must not know: what a line holds.

use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::members::from_io;
use crate::model::{Error, ErrorKind, Result};

/// The longest line that is read. Strapi itself refuses to export one of more than 256,000,000 characters
/// (`@strapi/data-transfer` 5.54.0, "payload too large").
pub(super) const LONGEST_LINE: usize = 256 * 1024 * 1024;

/// A JSONL file that grows: a line feed between lines, none at the end, as Strapi writes it.
#[derive(Debug)]
pub(super) struct LineWriter {
    path: PathBuf,
    out: BufWriter<File>,
    pub lines: u64,
    pub bytes: u64,
}

impl LineWriter {
    pub fn create(path: &Path) -> Result<LineWriter> {
        let file = File::create(path).map_err(|error| writing(path, error))?;
        let out = BufWriter::with_capacity(256 * 1024, file);
        Ok(LineWriter { path: path.to_owned(), out, lines: 0, bytes: 0 })
    }

    /// Line feeds inside, which mean nothing in JSON, become spaces.
    pub fn put(&mut self, line: &str) -> Result<()> {
        let failed = |error| writing(&self.path, error);
        if self.lines > 0 {
            self.out.write_all(b"\n").map_err(failed)?;
        }
        match line.contains(['\n', '\r']) {
            false => self.out.write_all(line.as_bytes()).map_err(failed)?,
            true => self.out.write_all(line.replace(['\n', '\r'], " ").as_bytes()).map_err(failed)?,
        }
        self.lines += 1;
        self.bytes += line.len() as u64 + 1;
        Ok(())
    }

    pub fn finish(mut self) -> Result<()> {
        self.out.flush().map_err(|error| writing(&self.path, error))
    }
}

fn writing(path: &Path, error: std::io::Error) -> Error {
    Error::io(format_args!("cannot write {}", path.display()), error)
}

/// Calls `each` with the number and the bytes of every line that is not blank. Lines may end in CRLF; the last one
/// needs no end.
pub(super) fn each_line<E: From<Error>>(
    reader: &mut impl BufRead,
    scratch: &mut Vec<u8>,
    mut each: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    scratch.clear();
    let mut number = 1;
    loop {
        let ready = reader.fill_buf().map_err(from_io)?;
        if ready.is_empty() {
            break;
        }
        let mut rest = ready;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            if scratch.is_empty() {
                hand_out(number, line, &mut each)?;
            } else {
                scratch.extend_from_slice(line);
                hand_out(number, scratch, &mut each)?;
                scratch.clear();
            }
            number += 1;
        }
        if scratch.len() + rest.len() > LONGEST_LINE {
            let message = format!("line {number} is longer than {LONGEST_LINE} bytes, the most that is read");
            return Err(Error::new(ErrorKind::Damaged, message).into());
        }
        scratch.extend_from_slice(rest);
        let count = ready.len();
        reader.consume(count);
    }
    let last = hand_out(number, scratch, &mut each);
    scratch.clear();
    // One long row must not cost its memory until the end.
    scratch.shrink_to(1024 * 1024);
    last
}

fn hand_out<E>(number: u64, line: &[u8], each: &mut impl FnMut(u64, &[u8]) -> Result<(), E>) -> Result<(), E> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    each(number, line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use std::io::BufReader;

    fn lines(text: &[u8], buffer: usize) -> Vec<(u64, String)> {
        let mut lines = Vec::new();
        each_line(&mut BufReader::with_capacity(buffer, text), &mut Vec::new(), |number, line| {
            lines.push((number, String::from_utf8_lossy(line).into_owned()));
            Ok::<(), Error>(())
        })
        .expect("memory is always readable");
        lines
    }

    #[rstest]
    #[case::nothing("", &[])]
    #[case::without_an_end("a\nb", &[(1, "a"), (2, "b")])]
    #[case::with_an_end("a\nb\n", &[(1, "a"), (2, "b")])]
    #[case::a_following_chunk("\nb\nc", &[(2, "b"), (3, "c")])]
    #[case::windows("a\r\nb\r\n\r\n", &[(1, "a"), (2, "b")])]
    #[case::blank("a\n  \n\nb", &[(1, "a"), (4, "b")])]
    fn lines_are_told_apart(#[case] text: &str, #[case] expected: &[(u64, &str)]) {
        let expected: Vec<(u64, String)> = expected.iter().map(|(n, line)| (*n, (*line).to_owned())).collect();
        for buffer in [1, 2, 3, 100] {
            assert_eq!(lines(text.as_bytes(), buffer), expected, "buffer of {buffer}");
        }
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_the_buffer(text in "[ab\n\r]{0,60}", buffer in 1usize..20) {
            prop_assert_eq!(lines(text.as_bytes(), buffer), lines(text.as_bytes(), 1000));
        }
    }
}
