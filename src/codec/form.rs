//! What a file is, by its first bytes and its length.
//! Must not know: names of files.

/// What the content of a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Tar,
    Gzip,
    Zip,
    /// JSON or other text.
    Text,
    Empty,
    /// Unknown bytes in whole cipher blocks. A sealed archive has no mark of its own.
    PerhapsSealed,
    Unknown,
}

/// Bytes that [`recognise`] wants to see, if the file has that many.
pub const HEAD: usize = 512;

const BLOCK: u64 = 16;

/// Recognises a file by its first [`HEAD`] bytes and its length.
pub fn recognise(head: &[u8], len: u64) -> Form {
    match head {
        [] => Form::Empty,
        [0x1f, 0x8b, 8, ..] => Form::Gzip,
        // A zip may be empty (05 06) or begin with a spanning mark (07 08).
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Form::Zip,
        _ if is_tar(head) => Form::Tar,
        _ if is_text(head) => Form::Text,
        _ if len.is_multiple_of(BLOCK) => Form::PerhapsSealed,
        _ => Form::Unknown,
    }
}

/// A first block whose checksum is right, or the zeros that end an archive without members.
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<512>() else { return false };
    super::tar_read::has_right_checksum(block) || block.iter().all(|&byte| byte == 0)
}

/// UTF-8 without control characters but white space. The last character may be cut by the end of the head.
fn is_text(head: &[u8]) -> bool {
    let readable = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !readable.is_empty() && !readable.chars().any(|c| c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::gzip(&[0x1f, 0x8b, 8, 0], Form::Gzip)]
    #[case::zip(b"PK\x03\x04rest", Form::Zip)]
    #[case::empty_zip(b"PK\x05\x06", Form::Zip)]
    #[case::json(b"{ \"flows\": [] }", Form::Text)]
    #[case::text_with_mark(b"\xef\xbb\xbfhello", Form::Text)]
    #[case::text_cut_within_a_letter(b"caf\xc3", Form::Text)]
    #[case::nothing(b"", Form::Empty)]
    #[case::no_members(&[0; 1024], Form::Tar)]
    #[case::whole_blocks_of_noise(&[0x9c, 2, 0x77, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Form::PerhapsSealed)]
    #[case::noise(&[0x9c, 2, 0x77], Form::Unknown)]
    fn a_file_is_recognised_by_its_first_bytes(#[case] head: &[u8], #[case] form: Form) {
        assert_eq!(recognise(&head[..head.len().min(HEAD)], head.len() as u64), form);
    }
}
