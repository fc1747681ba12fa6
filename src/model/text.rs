//! The one place that makes foreign text fit for a terminal.
//! Must not know: what the text is.

use std::borrow::Cow;

/// Replaces what could steer a terminal or hide text: C0 and C1 controls, DEL, bidirectional controls, zero-width
/// and other invisible characters, line and paragraph separators, and private tags. Everything else passes.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_harmful(c) { replacement(c) } else { c }).collect())
}

fn replacement(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        // C0 have pictures of their own: U+2400 + code.
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        _ => '\u{fffd}',
    }
}

fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Cuts to so many columns, with `…` as the last where something was cut.
pub fn shorten(text: &str, columns: usize) -> Cow<'_, str> {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let fitting = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used < columns
    });
    Cow::Owned(fitting.chain(std::iter::once('…')).collect())
}

/// The nearest of the known words, where one is near enough to be a slip of the hand.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = typed.to_lowercase();
    let limit = 1 + typed.chars().count() / 4;
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&lower, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, word)| (*distance, *word))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_passes() {
        for (text, clean) in [
            ("plain Ünïcode 漢字", "plain Ünïcode 漢字"),
            ("\x1b[31mred", "\u{241b}[31mred"),
            ("\x1b]52;c;AAAA\x07", "\u{241b}]52;c;AAAA\u{2407}"),
            ("a\u{9b}31m", "a\u{fffd}31m"),
            ("a\u{202e}b\u{200b}c\u{2066}d\u{feff}", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}"),
            ("two\nlines\ttab", "two lines tab"),
            ("del\x7f", "del\u{2421}"),
        ] {
            assert_eq!(printable(text), clean);
        }
    }

    #[test]
    fn shortening_counts_columns() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
        assert_eq!(shorten("漢字漢字", 5), "漢字…");
        assert_eq!(shorten("abc", 0), "…");
    }

    #[test]
    fn a_slip_of_the_hand_finds_its_word() {
        assert_eq!(nearest("prodcution", ["production", "staging"]), Some("production"));
        assert_eq!(nearest("Prod", ["prod", "dev"]), Some("prod"));
        assert_eq!(nearest("zebra", ["production", "staging"]), None);
    }
}
