//! Bytes of archives: what a file is by its content, and the way through cipher, gzip and tar in both directions.
//! One way in (`codec::open`) and one way out (`codec::Sealing`); nobody outside chains gunzip and decryption by hand.
//! Must not know: what the members of an archive mean, or which platform wrote it.

mod cipher;
mod damage;
mod form;
mod open;
mod seal;
mod tar_read;
mod tar_write;

pub use cipher::ArchiveKey;
pub use damage::{damage, is_damage};
pub use form::{Form, HEAD, recognise};
pub use open::{Opened, Raw, open};
pub use seal::{Packing, Sealing};
pub use tar_read::{Member, MemberKind, TarReader};
pub use tar_write::TarWriter;
