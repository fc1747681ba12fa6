//! Makes foreign text fit for a terminal.
//! Must not know: what the text is, how much room there is.

use std::borrow::Cow;

use super::columns_of;

/// Marks upon one letter. Vietnamese and Hebrew need two or three; a pile of fifty covers the lines around.
const MARKS: usize = 4;

/// Stands for what is not shown.
const HIDDEN: char = '\u{fffd}';

/// Replaces what could steer a terminal, hide text, or take more or fewer columns than it says: C0 and C1 controls,
/// DEL, bidirectional controls, zero-width and other invisible characters, line and paragraph separators, tags,
/// noncharacters, piles of marks. What only joins or tints characters that are shown is left out, so that an emoji of
/// several parts shows its parts, and Persian and Indic words stay words. Everything else passes.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut clean = Cleaner::default();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        clean.take(c, rest.clone().next());
    }
    Cow::Owned(clean.text)
}

fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') || (c > '\u{9f}' && columns_of(c) > 0 && !is_harmful(c) && !is_tint(c))
}

#[derive(Default)]
struct Cleaner {
    text: String,
    /// The character that marks go upon; none at the beginning.
    base: Option<char>,
    marks: usize,
    /// A run of tags stands for one thing.
    tagged: bool,
}

impl Cleaner {
    fn take(&mut self, c: char, next: Option<char>) {
        let tagged = std::mem::replace(&mut self.tagged, is_tag(c));
        match c {
            _ if self.only_dresses(c, next) => {}
            _ if tagged && self.tagged => {}
            _ if is_harmful(c) => self.push(replacement(c)),
            _ if columns_of(c) == 0 => self.mark(c),
            _ => self.push(c),
        }
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.base = Some(c);
        self.marks = 0;
    }

    fn mark(&mut self, c: char) {
        self.marks += 1;
        if self.base.is_none() {
            // It would go upon whatever stands before the text.
            self.push(HIDDEN);
        } else if self.marks <= MARKS {
            self.text.push(c);
        } else if self.marks == MARKS + 1 {
            self.text.push(HIDDEN);
        }
    }

    /// Whether a character only joins its neighbours or changes how the one before it looks.
    fn only_dresses(&self, c: char, next: Option<char>) -> bool {
        let Some(base) = self.base else { return false };
        match c {
            '\u{fe0e}' | '\u{fe0f}' => is_picture(base) || matches!(base, '#' | '*' | '0'..='9'),
            '\u{200d}' if is_picture(base) => next.is_some_and(is_picture),
            '\u{200c}' | '\u{200d}' => uses_joiners(base) && next.is_some_and(uses_joiners),
            c if is_tint(c) => is_picture(base),
            _ => false,
        }
    }
}

fn replacement(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        // C0 have pictures of their own: U+2400 + code.
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or(HIDDEN),
        '\x7f' => '\u{2421}',
        _ => HIDDEN,
    }
}

/// Controls, and what takes no room or shows nothing though it says otherwise (`Default_Ignorable_Code_Point` and
/// other fillers).
fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// Skin tones.
fn is_tint(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// The blocks that emoji are in. What else is in them is shown all the same.
fn is_picture(c: char) -> bool {
    matches!(c, '©' | '®' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Scripts in which joiners belong to the spelling: Arabic to Sinhala, Myanmar, Khmer, Mongolian.
fn uses_joiners(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::columns;
    use proptest::prelude::*;

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
            ("\u{e0001}\u{e0041}\u{e0042}x", "\u{fffd}\u{fffd}x"),
            ("a\u{fe0f}b\u{e0101}\u{fffe}\u{10ffff}", "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}"),
            ("blank\u{3164}\u{115f}\u{ffa0}", "blank\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(printable(text), clean);
        }
    }

    #[test]
    fn marks_stay_upon_letters_and_do_not_pile_up() {
        for (text, clean) in [
            ("e\u{301}", "e\u{301}"),
            ("\u{301}x", "\u{fffd}x"),
            ("Việt Nam", "Việt Nam"),
            ("o\u{302}\u{323}", "o\u{302}\u{323}"),
            ("\u{1112}\u{1161}\u{11ab}", "\u{1112}\u{1161}\u{11ab}"),
        ] {
            assert_eq!(printable(text), clean);
        }
        let pile = format!("a{}b", "\u{35c}".repeat(500));
        assert_eq!(printable(&pile), "a\u{35c}\u{35c}\u{35c}\u{35c}\u{fffd}b");
    }

    #[test]
    fn emoji_of_several_parts_show_their_parts() {
        for (text, clean) in [
            ("👨\u{200d}👩\u{200d}👧 family", "👨👩👧 family"),
            ("👍🏽 yes", "👍 yes"),
            ("👩🏽\u{200d}💻", "👩💻"),
            ("❤\u{fe0f} 1\u{fe0f}\u{20e3} ☎\u{fe0e}", "❤ 1\u{20e3} ☎"),
            ("🏳\u{fe0f}\u{200d}🌈", "🏳🌈"),
            ("🇩🇪🇵🇱", "🇩🇪🇵🇱"),
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "🏴\u{fffd}"),
            ("🏽", "🏽"),
            // A joiner that joins nothing hides something.
            ("a\u{200d}b 👨\u{200d}", "a\u{fffd}b 👨\u{fffd}"),
        ] {
            assert_eq!(printable(text), clean);
        }
    }

    #[test]
    fn words_that_are_spelled_with_joiners_stay_words() {
        assert_eq!(printable("می\u{200c}خواهم"), "میخواهم");
        assert_eq!(printable("ශ\u{dca}\u{200d}ර\u{dd3}"), "ශ\u{dca}ර\u{dd3}");
        assert_eq!(printable("क\u{94d}\u{200d}ष"), "क\u{94d}ष");
    }

    proptest! {
        #[test]
        fn what_was_cleaned_is_clean_and_begins_with_a_character_of_its_own(text in any::<String>()) {
            let clean = printable(&text);
            prop_assert!(clean.chars().all(|c| !c.is_control() && !is_harmful(c)), "{:?}", clean);
            prop_assert!(clean.chars().next().is_none_or(|c| columns_of(c) > 0));
            prop_assert_eq!(&*printable(&clean), &*clean);
            prop_assert!(columns(&clean) <= 2 * text.chars().count());
        }

        #[test]
        fn plain_text_is_not_copied(text in "[ -~äöüß漢字]{0,40}") {
            prop_assert!(matches!(printable(&text), Cow::Borrowed(_)));
        }
    }
}
