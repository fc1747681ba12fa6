//! Cuts the source text of a JavaScript object into tokens, comments included. Never evaluates anything.
//! Must not know: what the text configures.
//!
//! Connection configs are JavaScript object source, not JSON: bare keys, single quotes, comments, trailing commas,
//! `undefined`, `25 * 1024`, `60_000` (Ziggy's docs, Connections). Text that is neither still yields tokens.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A string in quotes; the span leaves the quotes out.
    Text,
    /// A string in backticks, quotes left out; may hold `${…}`.
    Template,
    Word,
    Number,
    Comment,
    /// One character of punctuation.
    Sign(u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) form: Form,
    /// Of the content, in bytes of the source.
    pub(super) span: Range<usize>,
}

pub(super) fn cut(source: &str) -> Vec<Token> {
    let mut cutter = Cutter { bytes: source.as_bytes(), at: 0, tokens: Vec::new() };
    while cutter.step() {}
    cutter.tokens
}

struct Cutter<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
}

impl Cutter<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn step(&mut self) -> bool {
        let Some(byte) = self.peek(0) else { return false };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
            b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
            b'"' | b'\'' => self.quoted(byte, Form::Text),
            b'`' => self.quoted(byte, Form::Template),
            b'0'..=b'9' => self.run(Form::Number, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')),
            // Bytes beyond ASCII can only be part of a name here, so a token never ends inside a character.
            _ if is_word(byte) => self.run(Form::Word, is_word),
            _ => {
                self.push(Form::Sign(byte), self.at..self.at + 1);
                self.at += 1;
            }
        }
        true
    }

    fn push(&mut self, form: Form, span: Range<usize>) {
        self.tokens.push(Token { form, span });
    }

    fn run(&mut self, form: Form, belongs: fn(u8) -> bool) {
        let from = self.at;
        while self.peek(0).is_some_and(belongs) {
            self.at += 1;
        }
        self.push(form, from..self.at);
    }

    fn line_comment(&mut self) {
        let from = self.at + 2;
        let length = memchr::memchr(b'\n', &self.bytes[from..]).unwrap_or(self.bytes.len() - from);
        self.at = from + length;
        self.push(Form::Comment, from..self.at);
    }

    fn block_comment(&mut self) {
        let from = self.at + 2;
        let found = memchr::memmem::find(&self.bytes[from..], b"*/");
        let to = found.map_or(self.bytes.len(), |length| from + length);
        self.at = (to + 2).min(self.bytes.len());
        self.push(Form::Comment, from..to);
    }

    /// To the closing quote. A line end closes a `'` or `"` string that nobody closed, so that one slip does not
    /// swallow the rest.
    fn quoted(&mut self, quote: u8, form: Form) {
        let from = self.at + 1;
        self.at = from;
        loop {
            match self.peek(0) {
                None => break,
                Some(b'\\') => self.at += 2,
                Some(b'\n') if form == Form::Text => break,
                Some(byte) if byte == quote => break,
                Some(_) => self.at += 1,
            }
        }
        let to = self.at.min(self.bytes.len());
        self.push(form, from..to);
        self.at = (to + 1).min(self.bytes.len());
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(source: &str) -> Vec<(Form, &str)> {
        cut(source).into_iter().map(|token| (token.form, &source[token.span])).collect()
    }

    #[test]
    fn every_form_is_cut() {
        let source = "{ a: 'x\\'y', // note: 'z'\n \"b\": `t${u}`, /* c */ n: 60_000, ä: w.x }";
        assert_eq!(
            texts(source),
            [
                (Form::Sign(b'{'), "{"),
                (Form::Word, "a"),
                (Form::Sign(b':'), ":"),
                (Form::Text, "x\\'y"),
                (Form::Sign(b','), ","),
                (Form::Comment, " note: 'z'"),
                (Form::Text, "b"),
                (Form::Sign(b':'), ":"),
                (Form::Template, "t${u}"),
                (Form::Sign(b','), ","),
                (Form::Comment, " c "),
                (Form::Word, "n"),
                (Form::Sign(b':'), ":"),
                (Form::Number, "60_000"),
                (Form::Sign(b','), ","),
                (Form::Word, "ä"),
                (Form::Sign(b':'), ":"),
                (Form::Word, "w"),
                (Form::Sign(b'.'), "."),
                (Form::Word, "x"),
                (Form::Sign(b'}'), "}"),
            ]
        );
    }

    #[test]
    fn what_is_not_closed_ends_with_the_line_or_the_text() {
        assert_eq!(
            texts("a: 'x\nb"),
            [(Form::Word, "a"), (Form::Sign(b':'), ":"), (Form::Text, "x"), (Form::Word, "b")]
        );
        assert_eq!(texts("/* x"), [(Form::Comment, " x")]);
        assert_eq!(texts("'\\"), [(Form::Text, "\\")]);
        assert_eq!(texts("'x\\ü"), [(Form::Text, "x\\ü")]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn spans_are_in_order_and_on_characters(source in "[ -~äß漢\\n'\"`/*\\\\{}:,]{0,60}") {
            let mut last = 0;
            for token in cut(&source) {
                prop_assert!(token.span.start >= last);
                prop_assert!(source.get(token.span.clone()).is_some(), "{:?}", token);
                last = token.span.end;
            }
        }
    }
}
