//! How lines are divided among JSONL files: as Strapi's exporter does it.
//! Must not know: what lines hold.
//!
//! `@strapi/data-transfer` 5.54.0 (`file/providers/destination/utils`): every line but the first has its line feed in
//! front; a file ends before the line with which it would exceed 256,000,000 UTF-16 units. So no file ends in a line
//! feed, and every following one begins with it.

/// The most characters of one JSONL file.
pub(super) const ROTATION: u64 = 256_000_000;

/// Counts lines, and says where files end.
#[derive(Clone, Debug)]
pub(super) struct Chunks {
    limit: u64,
    characters: u64,
    first: bool,
    /// Bytes of each file.
    pub sizes: Vec<u64>,
}

/// What has to be written before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Before {
    /// The line begins a new file.
    pub file: bool,
    pub line_feed: bool,
}

impl Chunks {
    pub fn new(limit: u64) -> Self {
        Chunks { limit, characters: 0, first: true, sizes: Vec::new() }
    }

    pub fn add(&mut self, line: &[u8]) -> Before {
        let line_feed = !std::mem::take(&mut self.first);
        let characters = utf16_length(line) + u64::from(line_feed);
        let file = self.sizes.is_empty() || self.characters + characters > self.limit;
        if file {
            self.sizes.push(0);
            self.characters = 0;
        }
        self.characters += characters;
        if let Some(size) = self.sizes.last_mut() {
            *size += line.len() as u64 + u64::from(line_feed);
        }
        Before { file, line_feed }
    }
}

fn utf16_length(text: &[u8]) -> u64 {
    // Each character counts at its first byte; those of four bytes are two units.
    text.iter().map(|&byte| u64::from(byte & 0xc0 != 0x80) + u64::from(byte >= 0xf0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_ends_before_the_line_that_would_exceed_it() {
        let mut chunks = Chunks::new(10);
        let before: Vec<Before> =
            ["12345", "6789", "x", "longer than ten"].iter().map(|line| chunks.add(line.as_bytes())).collect();
        let expected = [(true, false), (false, true), (true, true), (true, true)];
        assert_eq!(before, expected.map(|(file, line_feed)| Before { file, line_feed }));
        assert_eq!(chunks.sizes, [10, 2, 16]);
    }

    proptest! {
        #[test]
        fn characters_are_counted_as_javascript_does(text in any::<String>()) {
            prop_assert_eq!(utf16_length(text.as_bytes()), text.encode_utf16().count() as u64);
        }
    }
}
