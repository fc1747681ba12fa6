//! Reads the members of a tar one after the other, strictly: what could be read in two ways is refused.
//! Must not know: what members mean, or where their bytes go.
//!
//! ustar, PAX and GNU long names are understood, as `strapi import` 5.54.0 does. A member's size that is said twice
//! and differently is damage (CVE-2025-62518 and RUSTSEC-2026-0068 came of such headers).

use std::io::{self, BufRead, BufReader, Read};

use tar::{EntryType, Header};

use super::damage;

const BLOCK: usize = 512;
/// Far above any name or PAX record; a longer one is an attack.
const EXTENSION_LIMIT: u64 = 1024 * 1024;
const BUFFER: usize = 256 * 1024;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    File,
    Directory,
    /// A symbolic or hard link.
    Link,
    /// A device, a pipe, a sparse file.
    Other,
}

/// The header of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As it stands in the archive; not to be used as a path before it was checked.
    pub name: String,
    pub size: u64,
    /// Where the header begins, in bytes of the tar.
    pub position: u64,
    pub kind: MemberKind,
}

/// A reader of the bytes of the current member.
pub struct TarReader<R> {
    inner: BufReader<R>,
    position: u64,
    /// Bytes of the current member that were not read yet.
    remaining: u64,
    /// Bytes between the end of the current member and the next header.
    padding: u64,
    ended: bool,
}

impl<R> std::fmt::Debug for TarReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TarReader").field("position", &self.position).finish_non_exhaustive()
    }
}

/// What headers in front of a member say of it.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Read> TarReader<R> {
    pub fn new(inner: R) -> Self {
        let inner = BufReader::with_capacity(BUFFER, inner);
        TarReader { inner, position: 0, remaining: 0, padding: 0, ended: false }
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Goes on to the next member. `None` after the two closing blocks, once the stream was read to its very end.
    /// A stream that ends without them is damaged.
    pub fn next_member(&mut self) -> io::Result<Option<Member>> {
        self.skip_rest()?;
        let mut extension = Extension::default();
        while !self.ended {
            let position = self.position;
            let block = self.block("without its closing blocks")?;
            if block.iter().all(|&byte| byte == 0) {
                self.end()?;
                break;
            }
            if !has_right_checksum(&block) {
                return Err(damage(format!("the header at byte {position} is damaged")));
            }
            let header = Header::from_byte_slice(&block);
            match header.entry_type() {
                EntryType::XHeader => self.pax(header, &mut extension)?,
                EntryType::GNULongName => {
                    let mut name = self.extension_bytes(header)?;
                    name.truncate(name.iter().position(|&byte| byte == 0).unwrap_or(name.len()));
                    extension.path = Some(name);
                }
                // Comments for all members, and the target of a link, which is refused anyway.
                EntryType::XGlobalHeader | EntryType::GNULongLink => drop(self.extension_bytes(header)?),
                kind => return self.member(header, kind, extension, position).map(Some),
            }
        }
        Ok(None)
    }

    fn member(&mut self, header: &Header, kind: EntryType, said: Extension, position: u64) -> io::Result<Member> {
        let own = header_size(header, position)?;
        let size = match said.size {
            // A writer that says it in the extension leaves the field empty, or says the same.
            Some(size) if own != 0 && own != size => {
                return Err(damage(format!("the member at byte {position} has two sizes: {own} and {size} bytes")));
            }
            Some(size) => size,
            None => own,
        };
        let kind = match kind {
            EntryType::Regular | EntryType::Continuous => MemberKind::File,
            EntryType::Directory => MemberKind::Directory,
            EntryType::Link | EntryType::Symlink => MemberKind::Link,
            _ => MemberKind::Other,
        };
        // Only files have bytes; some writers give links and directories the size of what they stand for.
        let size = if matches!(kind, MemberKind::File | MemberKind::Other) { size } else { 0 };
        let bytes = said.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let name = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into());
        (self.remaining, self.padding) = (size, padding_of(size));
        // Before ustar a directory was told by its slash.
        let kind = if kind == MemberKind::File && name.ends_with('/') { MemberKind::Directory } else { kind };
        Ok(Member { name, size, position, kind })
    }

    fn pax(&mut self, header: &Header, extension: &mut Extension) -> io::Result<()> {
        let bytes = self.extension_bytes(header)?;
        for record in PaxRecords(&bytes) {
            let (key, value) = record?;
            match key {
                b"path" => extension.path = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    extension.size = Some(size.ok_or_else(|| damage("a PAX size is no number"))?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn extension_bytes(&mut self, header: &Header) -> io::Result<Vec<u8>> {
        let size = header_size(header, self.position)?;
        if size > EXTENSION_LIMIT {
            return Err(damage(format!("a name or PAX header of {size} bytes at byte {}", self.position)));
        }
        let mut bytes = vec![0; size as usize];
        self.exactly(&mut bytes, "within a header")?;
        self.padding = padding_of(size);
        self.skip_rest()?;
        Ok(bytes)
    }

    /// The second closing block, and whatever zeros follow it.
    fn end(&mut self) -> io::Result<()> {
        self.ended = true;
        if self.block("after one of its two closing blocks")?.iter().any(|&byte| byte != 0) {
            return Err(damage(format!("at byte {} a lone block of zeros", self.position - BLOCK as u64)));
        }
        loop {
            let bytes = self.inner.fill_buf()?;
            if bytes.is_empty() {
                return Ok(());
            }
            if bytes.iter().any(|&byte| byte != 0) {
                return Err(damage(format!("something follows the end of the tar at byte {}", self.position)));
            }
            let count = bytes.len();
            self.inner.consume(count);
            self.position += count as u64;
        }
    }

    fn block(&mut self, ends: &str) -> io::Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        self.exactly(&mut block, ends)?;
        Ok(block)
    }

    fn exactly(&mut self, into: &mut [u8], ends: &str) -> io::Result<()> {
        self.inner.read_exact(into).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => cut(self.position, ends),
            _ => error,
        })?;
        self.position += into.len() as u64;
        Ok(())
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        let mut left = std::mem::take(&mut self.remaining) + std::mem::take(&mut self.padding);
        while left > 0 {
            let ready = self.inner.fill_buf()?.len() as u64;
            if ready == 0 {
                return Err(cut(self.position, "within a member"));
            }
            let count = ready.min(left);
            self.inner.consume(count as usize);
            self.position += count;
            left -= count;
        }
        Ok(())
    }
}

fn cut(position: u64, ends: &str) -> io::Error {
    damage(format!("the tar ends at byte {position}, {ends}: it was cut"))
}

fn header_size(header: &Header, position: u64) -> io::Result<u64> {
    let size = header.entry_size().map_err(|_| damage(format!("the size in the header before byte {position}")))?;
    // No file is longer; keeps sums of sizes and paddings within range.
    if size > 1 << 60 { Err(damage(format!("a member of {size} bytes before byte {position}"))) } else { Ok(size) }
}

fn padding_of(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}

/// Whether this is a header: the sum of its bytes, with the field itself as spaces, stands in it.
pub(super) fn has_right_checksum(block: &[u8; BLOCK]) -> bool {
    let field = 148..156;
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    let held: u32 = block[field].iter().map(|&byte| u32::from(byte)).sum();
    Header::from_byte_slice(block).cksum().is_ok_and(|said| said == sum - held + 8 * u32::from(b' '))
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
struct PaxRecords<'a>(&'a [u8]);

impl<'a> Iterator for PaxRecords<'a> {
    type Item = io::Result<(&'a [u8], &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        // Some writers fill up with zeros.
        if self.0.first().is_none_or(|&byte| byte == 0) {
            return None;
        }
        let record = pax_record(self.0);
        self.0 = record.map_or(&[], |(_, rest)| rest);
        Some(record.map(|(record, _)| record).ok_or_else(|| damage("a PAX header is damaged")))
    }
}

type PaxRecord<'a> = ((&'a [u8], &'a [u8]), &'a [u8]);

fn pax_record(bytes: &[u8]) -> Option<PaxRecord<'_>> {
    let space = memchr::memchr(b' ', bytes)?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = memchr::memchr(b'=', record)?;
    Some(((&record[..equals], &record[equals + 1..]), &bytes[length..]))
}

impl<R: Read> Read for TarReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(into.len());
        into[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// The bytes of the current member, without copying them. Ends with the member; a stream that ends before is damage.
impl<R: Read> BufRead for TarReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.remaining == 0 {
            return Ok(&[]);
        }
        let ready = self.inner.fill_buf()?;
        if ready.is_empty() {
            return Err(cut(self.position, "within a member"));
        }
        Ok(&ready[..(ready.len() as u64).min(self.remaining) as usize])
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.position += count as u64;
        self.remaining -= count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::TarWriter;
    use proptest::prelude::*;
    use rstest::rstest;

    type Held = (String, MemberKind, Vec<u8>);

    fn read(bytes: &[u8]) -> io::Result<Vec<Held>> {
        let mut reader = TarReader::new(bytes);
        let mut members = Vec::new();
        while let Some(member) = reader.next_member()? {
            let mut content = Vec::new();
            reader.read_to_end(&mut content)?;
            members.push((member.name, member.kind, content));
        }
        assert_eq!(reader.position(), bytes.len() as u64);
        Ok(members)
    }

    fn written(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = TarWriter::new(Vec::new(), 0);
        for (name, content) in members {
            writer.member(name, content).expect("memory takes everything");
        }
        writer.finish().expect("memory takes everything")
    }

    /// What the `tar` crate writes for one member of a kind.
    fn foreign(kind: EntryType, edit: impl FnOnce(&mut Header), content: &[u8]) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        edit(&mut header);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    fn closed(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.resize(bytes.len() + 2 * BLOCK, 0);
        bytes
    }

    #[test]
    fn gnu_long_names_are_read() {
        let long = "n".repeat(300);
        let mut bytes = foreign(EntryType::GNULongName, |_| {}, format!("{long}\0").as_bytes());
        bytes.extend(foreign(EntryType::Regular, |header| header.set_path("short").expect("fits"), b"content"));
        let members = read(&closed(bytes)).expect("a sound tar");
        assert_eq!(members, [(long, MemberKind::File, b"content".to_vec())]);
    }

    #[rstest]
    #[case::symbolic(EntryType::Symlink, MemberKind::Link)]
    #[case::hard(EntryType::Link, MemberKind::Link)]
    #[case::directory(EntryType::Directory, MemberKind::Directory)]
    #[case::pipe(EntryType::Fifo, MemberKind::Other)]
    fn the_kind_of_a_member_is_told(#[case] type_: EntryType, #[case] kind: MemberKind) {
        let bytes = foreign(type_, |header| header.set_path("x").expect("fits"), b"");
        assert_eq!(read(&closed(bytes)).expect("sound")[0].1, kind);
    }

    #[test]
    fn a_member_with_two_sizes_is_refused() {
        for (size, sound) in [("7", true), ("3", false), ("x", false)] {
            let record = format!("{} size={size}\n", 9);
            let mut bytes = foreign(EntryType::XHeader, |_| {}, record.as_bytes());
            bytes.extend(foreign(EntryType::Regular, |header| header.set_path("a").expect("fits"), b"content"));
            assert_eq!(read(&closed(bytes)).is_ok(), sound, "{size}");
        }
    }

    #[rstest]
    #[case::no_closing_blocks(0, true)]
    #[case::one_closing_block(512, true)]
    #[case::part_of_the_second(1023, true)]
    #[case::both(1024, false)]
    #[case::filled_up_to_ten_kibibytes(10_240, false)]
    fn the_closing_blocks_must_be_there(#[case] zeros: usize, #[case] damaged: bool) {
        let mut bytes = written(&[("a", b"content")]);
        bytes.truncate(1024);
        bytes.resize(1024 + zeros, 0);
        assert_eq!(read(&bytes).is_err(), damaged);
    }

    #[test]
    fn whatever_is_cut_off_is_noticed() {
        let bytes = written(&[("a", &[1; 700]), (&"é".repeat(80), b"x")]);
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn an_endless_pax_header_is_refused() {
        let bytes = foreign(EntryType::XHeader, |header| header.set_size(1 << 40), b"");
        assert!(read(&bytes).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_written_reads_back(members in prop::collection::vec(("[^\0/]{1,200}", prop::collection::vec(any::<u8>(), 0..2000)), 0..6)) {
            let given: Vec<(&str, &[u8])> = members.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
            let read = read(&written(&given))?;
            let read: Vec<(&str, &[u8])> = read.iter().map(|(name, _, content)| (name.as_str(), content.as_slice())).collect();
            prop_assert_eq!(read, given);
        }
    }
}
