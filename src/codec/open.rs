//! The way in: a file of any packing, and out come the bytes of its tar.
//! Must not know: where the file lies, or what the tar holds.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use flate2::bufread::MultiGzDecoder;

use super::cipher::{BLOCK, Unsealer, padding};
use super::form::{HEAD, is_tar};
use super::{ArchiveKey, Form, is_damage, recognise};
use crate::model::{Error, ErrorKind, Result};

/// What an archive is read from.
pub trait Raw: Read + Seek + Send + 'static {}
impl<T: Read + Seek + Send + 'static> Raw for T {}

/// The bytes of a tar, unlocked and inflated while they are read.
///
/// Reading to the very end checks the padding, every gzip member's checksum and length, and that nothing but whole
/// gzip members was there. What is wrong comes as an error for which [`is_damage`] holds.
pub struct Opened {
    reader: Box<dyn Read + Send>,
    pub sealed: bool,
    pub gzip: bool,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("sealed", &self.sealed).field("gzip", &self.gzip).finish_non_exhaustive()
    }
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.reader.read(into)
    }
}

/// Opens an archive by its content. `key` is used only if the content is sealed.
pub fn open<R: Raw>(mut raw: R, key: Option<&ArchiveKey>) -> Result<Opened> {
    let reading = |error| Error::io("cannot read it", error);
    let len = raw.seek(SeekFrom::End(0)).map_err(reading)?;
    raw.rewind().map_err(reading)?;
    let head = read_head(&mut raw).map_err(reading)?;
    raw.rewind().map_err(reading)?;
    match recognise(&head, len) {
        Form::Tar => Ok(Opened { reader: Box::new(raw), sealed: false, gzip: false }),
        Form::Gzip => inflate(raw, false),
        Form::Zip => Err(refused("it is a zip").hint("unpack it; a folder can be opened as it is")),
        Form::Text => Err(refused("it is a text file")),
        Form::Empty => Err(refused("it is empty")),
        Form::PerhapsSealed | Form::Unknown => match key {
            Some(key) => unseal(raw, &head, len, key),
            None => Err(without_key(len)),
        },
    }
}

fn without_key(len: u64) -> Error {
    match len.is_multiple_of(BLOCK as u64) {
        true => Error::new(ErrorKind::NoKey, "it is unknown bytes, possibly encrypted: a key is needed")
            .hint("pass --key-file FILE, or set HAUL_KEY"),
        false => refused("it is unknown bytes, and no whole encrypted archive either"),
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::NotABundle, format!("{why}, not an archive"))
}

fn read_head(raw: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    raw.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// A wrong key shows at once: what it makes of the first bytes is neither gzip nor tar.
fn unseal<R: Raw>(mut raw: R, head: &[u8], len: u64, key: &ArchiveKey) -> Result<Opened> {
    let mut plain = head.to_vec();
    key.decrypt(&mut plain);
    // An empty tar or a tiny gzip may end, padding and all, within the head.
    match recognise(&plain, len) {
        Form::Tar => Ok(Opened { reader: Box::new(Unsealer::new(raw, key)), sealed: true, gzip: false }),
        Form::Gzip => {
            // One wrong key in sixteen millions makes these three bytes of noise; then nothing inflates, nor ends well.
            let ends_well = ends_in_padding(&mut raw, key);
            raw.rewind().map_err(|error| Error::io("cannot read it", error))?;
            inflate(Unsealer::new(raw, key), true).map_err(|error| match error.kind() {
                ErrorKind::Damaged if !ends_well => wrong_key(),
                _ => error,
            })
        }
        Form::Zip if ends_in_padding(&mut raw, key) => Err(refused("it is an encrypted zip")),
        Form::Text if ends_in_padding(&mut raw, key) => Err(refused("it is an encrypted text")),
        _ => Err(wrong_key()),
    }
}

fn wrong_key() -> Error {
    Error::new(ErrorKind::WrongKey, "the key does not fit, or this is no encrypted archive")
        .hint("pass the key of the export with --key-file, or set HAUL_KEY")
}

fn ends_in_padding<R: Raw>(raw: &mut R, key: &ArchiveKey) -> bool {
    let mut last = [0; BLOCK];
    let read = raw.seek(SeekFrom::End(-(BLOCK as i64))).and_then(|_| raw.read_exact(&mut last));
    key.decrypt(&mut last);
    read.is_ok() && padding(&last).is_some()
}

fn inflate<R: Read + Send + 'static>(raw: R, sealed: bool) -> Result<Opened> {
    let mut inflated = MultiGzDecoder::new(BufReader::with_capacity(64 * 1024, raw));
    let head = match read_head(&mut inflated) {
        Ok(head) => head,
        Err(error) if is_damage(&error) => {
            return Err(Error::new(ErrorKind::Damaged, "its first compressed bytes are damaged").caused_by(error));
        }
        Err(error) => return Err(Error::io("cannot read it", error)),
    };
    if !is_tar(&head) {
        return Err(refused("it is compressed, but holds no tar"));
    }
    Ok(Opened { reader: Box::new(Cursor::new(head).chain(inflated)), sealed, gzip: true })
}
