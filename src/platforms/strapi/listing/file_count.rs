//! How many files a row should have and has, packed into the bits of its place in the table.
//! Must not know: files.

use crate::platforms::strapi::row::RowFacts;

/// The bits are those that other rows use for their version.
#[derive(Clone, Copy)]
pub(in crate::platforms::strapi) struct FileCount(pub u32);

impl FileCount {
    const MAIN: u32 = 1 << 16;
    const ELSEWHERE: u32 = 1 << 17;

    pub fn of(facts: &RowFacts<'_>) -> Self {
        let expected = facts.file.renditions.min(254) as u32 + 1;
        let local = facts.file.provider.as_deref().is_none_or(|provider| provider == "local");
        FileCount(expected | if local { 0 } else { FileCount::ELSEWHERE })
    }

    pub fn with_one_more(self, main: bool) -> Self {
        let seen = (self.seen() + 1).min(255);
        FileCount(self.0 & !0xff00 | seen << 8 | if main { FileCount::MAIN } else { 0 })
    }

    pub fn expected(self) -> u32 {
        self.0 & 0xff
    }

    pub fn seen(self) -> u32 {
        self.0 >> 8 & 0xff
    }

    pub fn has_main(self) -> bool {
        self.0 & FileCount::MAIN != 0
    }

    pub fn elsewhere(self) -> bool {
        self.0 & FileCount::ELSEWHERE != 0
    }
}
