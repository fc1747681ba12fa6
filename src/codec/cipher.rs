//! The cipher of sealed archives: AES-128 in ECB mode with PKCS#7 padding, no header, no salt, no authentication.
//! Must not know: what is sealed.
//!
//! Strapi's CLI (4.26.2 and 5.54.0, `data-transfer/utils/encryption`) uses only this one; the key is
//! scrypt(password, empty salt, N = 16384, r = 8, p = 1) of 16 bytes.

use std::fmt;
use std::io::{self, Read, Write};

use aes::Aes128;
use cipher::consts::U16;
use cipher::inout::InOutBuf;
use cipher::{BlockDecryptMut, BlockEncryptMut, KeyInit};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::damage;

pub(super) const BLOCK: usize = 16;
/// A multiple of the block; large enough that the cipher runs at full width.
const BUFFER: usize = 64 * 1024;

/// The key of a sealed archive, derived from what the user calls its key.
pub struct ArchiveKey(SecretBox<[u8; 16]>);

impl fmt::Debug for ArchiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArchiveKey(hidden)")
    }
}

impl Clone for ArchiveKey {
    fn clone(&self) -> Self {
        ArchiveKey(SecretBox::new(Box::new(*self.0.expose_secret())))
    }
}

impl ArchiveKey {
    /// Takes some 50 ms and 16 MiB, as scrypt is meant to.
    pub fn derive(password: &SecretString) -> Self {
        let mut key = Box::new([0; 16]);
        if let Ok(params) = scrypt::Params::new(14, 8, 1, 16) {
            // Fails only for an output of no bytes or more than 2^37.
            let _ = scrypt::scrypt(password.expose_secret().as_bytes(), b"", &params, &mut *key);
        }
        ArchiveKey(SecretBox::new(key))
    }

    fn decryptor(&self) -> ecb::Decryptor<Aes128> {
        ecb::Decryptor::new(self.0.expose_secret().into())
    }

    fn encryptor(&self) -> ecb::Encryptor<Aes128> {
        ecb::Encryptor::new(self.0.expose_secret().into())
    }

    /// Decrypts whole blocks in place; what does not fill a block stays as it is.
    pub(super) fn decrypt(&self, bytes: &mut [u8]) {
        let (blocks, _) = InOutBuf::from(bytes).into_chunks::<U16>();
        self.decryptor().decrypt_blocks_inout_mut(blocks);
    }
}

/// Reads the plain bytes of a sealed stream. Its end is checked: whole blocks and a right padding.
pub(super) struct Unsealer<R> {
    inner: R,
    cipher: ecb::Decryptor<Aes128>,
    buffer: Box<[u8]>,
    /// Plain bytes that may be handed out.
    ready: std::ops::Range<usize>,
    /// Bytes behind `ready`: the newest block, held back because it may hold the padding, and what follows it.
    filled: usize,
    ended: bool,
}

impl<R: Read> Unsealer<R> {
    pub fn new(inner: R, key: &ArchiveKey) -> Self {
        let buffer = vec![0; BUFFER + BLOCK].into_boxed_slice();
        Unsealer { inner, cipher: key.decryptor(), buffer, ready: 0..0, filled: 0, ended: false }
    }

    /// Reads and decrypts the next stretch. Only called when nothing is ready.
    fn refill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.ready.end..self.filled, 0);
        self.filled -= self.ready.end;
        let decrypted = self.filled;
        while self.filled < self.buffer.len() {
            match self.inner.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // The block that was held back is decrypted already.
        let (blocks, rest) = InOutBuf::from(&mut self.buffer[decrypted..self.filled]).into_chunks::<U16>();
        let cut = !rest.is_empty();
        self.cipher.decrypt_blocks_inout_mut(blocks);
        let plain = match self.ended {
            true if cut => return Err(damage("the sealed bytes end within a block: the archive was cut")),
            true => self.without_padding()?,
            false => self.filled - BLOCK,
        };
        self.ready = 0..plain;
        Ok(())
    }

    fn without_padding(&self) -> io::Result<usize> {
        let bytes = &self.buffer[..self.filled];
        padding(bytes).map(|length| bytes.len() - length).ok_or_else(|| damage("the padding at the end is wrong"))
    }
}

/// The length of the padding that ends these bytes, if there is a right one.
pub(super) fn padding(bytes: &[u8]) -> Option<usize> {
    let length = usize::from(*bytes.last()?);
    let starts = bytes.len().checked_sub(length)?;
    ((1..=BLOCK).contains(&length) && bytes[starts..].iter().all(|&byte| usize::from(byte) == length)).then_some(length)
}

impl<R: Read> Read for Unsealer<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() && !self.ended {
            self.refill()?;
        }
        let count = into.len().min(self.ready.len());
        into[..count].copy_from_slice(&self.buffer[self.ready.start..self.ready.start + count]);
        self.ready.start += count;
        Ok(count)
    }
}

/// Seals what is written to it. Complete only after [`Sealer::finish`].
pub(super) struct Sealer<W> {
    inner: W,
    cipher: ecb::Encryptor<Aes128>,
    buffer: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub fn new(inner: W, key: &ArchiveKey) -> Self {
        Sealer { inner, cipher: key.encryptor(), buffer: Vec::with_capacity(BUFFER) }
    }

    pub fn finish(mut self) -> io::Result<W> {
        let length = BLOCK - self.buffer.len() % BLOCK;
        self.buffer.resize(self.buffer.len() + length, length as u8);
        self.drain()?;
        Ok(self.inner)
    }

    /// Seals and passes on every whole block.
    fn drain(&mut self) -> io::Result<()> {
        let whole = self.buffer.len() / BLOCK * BLOCK;
        let (blocks, _) = InOutBuf::from(&mut self.buffer[..whole]).into_chunks::<U16>();
        self.cipher.encrypt_blocks_inout_mut(blocks);
        self.inner.write_all(&self.buffer[..whole])?;
        self.buffer.drain(..whole);
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(BUFFER - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..count]);
        if self.buffer.len() == BUFFER {
            self.drain()?;
        }
        Ok(count)
    }

    /// Passes on nothing: a block that is not full cannot be sealed yet.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn key() -> ArchiveKey {
        ArchiveKey::derive(&"my-encryption-key".into())
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn seal(plain: &[u8], chunk: usize, key: &ArchiveKey) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), key);
        for piece in plain.chunks(chunk) {
            sealer.write_all(piece).expect("memory takes everything");
        }
        sealer.finish().expect("memory takes everything")
    }

    fn unseal(sealed: &[u8], key: &ArchiveKey) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        Unsealer::new(sealed, key).read_to_end(&mut plain).map(|_| plain)
    }

    /// Hands out its bytes in pieces of one size.
    struct Dripping<'a>(&'a [u8], usize);

    impl Read for Dripping<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(into.len());
            (&mut self.0).take(count as u64).read(into)
        }
    }

    // Both vectors were made with Strapi 5.54.0's own functions.
    #[test]
    fn the_key_and_the_cipher_are_strapis() {
        assert_eq!(hex(key().0.expose_secret()), "1d45910b311ad415f056ecc1d4ad4400");
        assert_eq!(hex(&seal(b"hello world", 100, &key())), "310e8d8bdbc680165dfa7cd7bf499944");
    }

    #[rstest]
    #[case::nothing(&[])]
    #[case::no_whole_block(&[1; 15])]
    #[case::cut_within_a_block(&[1; 40])]
    fn bytes_that_were_never_sealed_are_damage(#[case] bytes: &[u8]) {
        assert!(is_damaged(unseal(bytes, &key())));
    }

    fn is_damaged(result: io::Result<Vec<u8>>) -> bool {
        result.is_err_and(|error| super::super::is_damage(&error))
    }

    #[test]
    fn a_wrong_padding_is_damage() {
        let sealed = seal(&[0x55; 40], 40, &key());
        assert!(is_damaged(unseal(&sealed[..32], &key())));
    }

    #[test]
    fn a_key_prints_nothing() {
        assert_eq!(format!("{:?}", key()), "ArchiveKey(hidden)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn sealed_bytes_open_again(plain in prop::collection::vec(any::<u8>(), 0..200_000),
                                   chunk in 1usize..70_000, drip in 1usize..70_000) {
            let key = ArchiveKey(SecretBox::new(Box::new([9; 16])));
            let sealed = seal(&plain, chunk, &key);
            prop_assert_eq!(sealed.len() % BLOCK, 0);
            let mut opened = Vec::new();
            Unsealer::new(Dripping(&sealed, drip), &key).read_to_end(&mut opened)?;
            prop_assert_eq!(opened, plain);
        }
    }
}
