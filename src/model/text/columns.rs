//! Columns of a terminal. Counted character by character, as terminals themselves do: what counts whole clusters (a
//! family of joined emoji, a flag with tags) is drawn differently by each of them.
//! Must not know: what may be shown; see `super::printable`.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Columns that a character takes: 2 for a wide one, 0 for one that is put upon the character before it.
pub fn columns_of(c: char) -> usize {
    match c {
        // Half-width sound marks extend the character before them, and yet stand in a column of their own.
        '\u{ff9e}' | '\u{ff9f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// Columns that a text takes.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(columns_of).sum() }
}

/// As much of the beginning of a text as fits, with the marks that belong to it, and the columns that it takes.
pub fn fitting(text: &str, room: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        let next = used + columns_of(c);
        if next > room {
            return (&text[..at], used);
        }
        used = next;
    }
    (text, used)
}

/// Cuts to so many columns, with `…` as the last where something was cut.
pub fn shorten(text: &str, room: usize) -> Cow<'_, str> {
    if columns(text) <= room {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", fitting(text, room.saturating_sub(1)).0))
}

/// Cuts to the last so many columns, with `…` as the first where something was cut: the end of a path tells more.
pub fn shorten_start(text: &str, room: usize) -> Cow<'_, str> {
    let all = columns(text);
    if all <= room {
        return Cow::Borrowed(text);
    }
    let mut left = all;
    // The first place where little enough is left, and no mark that belongs to what was cut.
    let rest = text.char_indices().find(|(_, c)| {
        let fits = left < room && columns_of(*c) > 0;
        left -= columns_of(*c);
        fits
    });
    Cow::Owned(format!("…{}", rest.map_or("", |(at, _)| &text[at..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_counts_columns() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
        assert_eq!(shorten("漢字漢字", 5), "漢字…");
        assert_eq!(shorten("漢字漢字", 4), "漢…");
        assert_eq!(shorten("abc", 0), "…");
        assert_eq!(shorten("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    }

    #[test]
    fn the_end_of_a_path_stays() {
        assert_eq!(shorten_start("/a/long/path/file.json", 10), "…file.json");
        assert_eq!(shorten_start("file.json", 10), "file.json");
        assert_eq!(shorten_start("漢字漢字", 4), "…字");
        assert_eq!(shorten_start("e\u{301}e\u{301}e\u{301}", 2), "…e\u{301}");
        assert_eq!(shorten_start("abc", 0), "…");
    }

    #[test]
    fn a_mark_stays_with_its_letter() {
        assert_eq!(fitting("e\u{301}f", 1), ("e\u{301}", 1));
        assert_eq!(fitting("漢字", 3), ("漢", 2));
        assert_eq!(fitting("ab", 0), ("", 0));
    }
}
