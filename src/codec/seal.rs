//! The way out: plain bytes in; gzip and cipher, where wanted, out.
//! Must not know: tar, files.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::ArchiveKey;
use super::cipher::Sealer;

/// What happens to the bytes of an archive on their way out.
#[derive(Clone, Debug)]
pub struct Packing {
    pub gzip: bool,
    pub key: Option<ArchiveKey>,
}

/// Packs what is written to it. Complete only after [`Sealing::finish`].
pub struct Sealing<W: Write>(Outer<W>);

impl<W: Write> std::fmt::Debug for Sealing<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealing")
    }
}

enum Outer<W: Write> {
    Gzip(Box<GzEncoder<Inner<W>>>),
    Plain(Inner<W>),
}

enum Inner<W: Write> {
    Sealed(Box<Sealer<W>>),
    Open(W),
}

impl<W: Write> Sealing<W> {
    pub fn new(writer: W, packing: &Packing) -> Self {
        let inner = match &packing.key {
            Some(key) => Inner::Sealed(Box::new(Sealer::new(writer, key))),
            None => Inner::Open(writer),
        };
        match packing.gzip {
            // The level that Strapi's zlib uses by default.
            true => Sealing(Outer::Gzip(Box::new(GzEncoder::new(inner, Compression::default())))),
            false => Sealing(Outer::Plain(inner)),
        }
    }

    /// Writes trailer and padding, and gives the writer back.
    pub fn finish(self) -> io::Result<W> {
        let inner = match self.0 {
            Outer::Gzip(gzip) => gzip.finish()?,
            Outer::Plain(inner) => inner,
        };
        match inner {
            Inner::Sealed(sealer) => sealer.finish(),
            Inner::Open(writer) => Ok(writer),
        }
    }
}

impl<W: Write> Write for Inner<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Inner::Sealed(sealer) => sealer.write(bytes),
            Inner::Open(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Inner::Sealed(sealer) => sealer.flush(),
            Inner::Open(writer) => writer.flush(),
        }
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Outer::Gzip(gzip) => gzip.write(bytes),
            Outer::Plain(inner) => inner.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Outer::Gzip(gzip) => gzip.flush(),
            Outer::Plain(inner) => inner.flush(),
        }
    }
}
