//! Writes a tar as Strapi's exporter does: ustar headers, mode 0644, owner 0, POSIX paths, no directories, a PAX header
//! only for names that a ustar header cannot hold, two closing blocks and no filling up.
//! Must not know: what members mean.
//!
//! The form is that of tar-stream 2.2.0, which @strapi/data-transfer 5.54.0 uses.

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

const BLOCK: usize = 512;
const NAME: usize = 100;
/// What eleven octal digits hold.
const SIZE: u64 = 0o777_7777_7777;

/// A tar that grows member by member. Complete only after [`TarWriter::finish`].
#[derive(Debug)]
pub struct TarWriter<W> {
    inner: W,
    /// Seconds since 1970, the same for every member.
    modified: u64,
    /// Bytes that the current member still lacks, and its padding.
    missing: u64,
    padding: usize,
    written: u64,
}

impl<W: Write> TarWriter<W> {
    pub fn new(inner: W, modified: u64) -> Self {
        TarWriter { inner, modified, missing: 0, padding: 0, written: 0 }
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// A member whose content is at hand.
    pub fn member(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.begin(name, content.len() as u64)?;
        self.write_all(content)?;
        self.end()
    }

    /// Begins a member of `size` bytes, which are then written to this writer.
    pub fn begin(&mut self, name: &str, size: u64) -> io::Result<()> {
        if name.len() > NAME || !name.is_ascii() || size > SIZE {
            self.pax_header(name, size)?;
        }
        self.header(name, size, EntryType::Regular)?;
        self.missing = size;
        self.padding = (size.next_multiple_of(BLOCK as u64) - size) as usize;
        Ok(())
    }

    /// Ends a member. Content of another length than announced is an error.
    pub fn end(&mut self) -> io::Result<()> {
        if self.missing != 0 {
            return Err(io::Error::other(format!("a member ended {} bytes too early", self.missing)));
        }
        let padding = std::mem::take(&mut self.padding);
        self.put(&[0; BLOCK][..padding])
    }

    /// Copies a member of `size` bytes from a reader.
    pub fn copy(&mut self, name: &str, size: u64, from: &mut impl Read) -> io::Result<()> {
        self.begin(name, size)?;
        io::copy(&mut from.take(size), self)?;
        self.end()
    }

    /// Writes the closing blocks.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(&[0; 2 * BLOCK])?;
        Ok(self.inner)
    }

    fn pax_header(&mut self, name: &str, size: u64) -> io::Result<()> {
        let mut records = pax_record("path", name);
        if size > SIZE {
            records.push_str(&pax_record("size", &size.to_string()));
        }
        self.header("PaxHeader", records.len() as u64, EntryType::XHeader)?;
        self.put(records.as_bytes())?;
        self.put(&[0; BLOCK][..records.len().next_multiple_of(BLOCK) - records.len()])
    }

    fn header(&mut self, name: &str, size: u64, kind: EntryType) -> io::Result<()> {
        let mut header = Header::new_ustar();
        // The field of a long name holds its first bytes, as far as ASCII goes; the PAX header has the whole.
        let short: Vec<u8> = name.bytes().filter(u8::is_ascii).take(NAME).collect();
        header.as_old_mut().name[..short.len()].copy_from_slice(&short);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.modified);
        // A size beyond the field is said in the PAX header alone.
        header.set_size(if size > SIZE { 0 } else { size });
        header.set_entry_type(kind);
        header.set_cksum();
        self.put(header.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
fn pax_record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

/// Content of the member that was begun.
impl<W: Write> Write for TarWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.missing {
            return Err(io::Error::other("a member is longer than was announced"));
        }
        self.put(bytes)?;
        self.missing -= bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_do_not_fit_get_a_pax_header() {
        for (name, blocks) in [("a".repeat(100), 2), ("a".repeat(101), 4), ("é".to_owned(), 4)] {
            let mut writer = TarWriter::new(Vec::new(), 0);
            writer.member(&name, b"content").expect("memory takes everything");
            let bytes = writer.finish().expect("memory takes everything");
            assert_eq!(bytes.len(), (blocks + 2) * BLOCK, "{name}");
        }
    }

    #[test]
    fn the_length_of_a_pax_record_counts_itself() {
        for length in [1, 88, 89, 90, 91, 92, 93, 987, 988, 989, 990, 991] {
            let record = pax_record("path", &"x".repeat(length));
            assert!(record.starts_with(&format!("{} ", record.len())), "{record}");
        }
    }

    #[test]
    fn content_of_another_length_than_announced_is_an_error() {
        let mut writer = TarWriter::new(Vec::new(), 0);
        writer.begin("a", 3).expect("memory takes everything");
        assert!(writer.write_all(b"long").is_err());
        assert!(writer.end().is_err());
    }
}
