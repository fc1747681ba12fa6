//! JSON as text: taken apart, and written again as JavaScript's `JSON.stringify` writes it, except that numbers keep the
//! spelling that they came with.
//! Must not know: what a text is of. Beyond [`members`], only for text that was checked to be JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The fields of an object in their order.
pub(super) struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

/// Takes an object apart. A field that is there twice is an error: nobody could say which one counts.
pub(super) fn members(text: &str) -> serde_json::Result<Members<'_>> {
    serde_json::from_str(text)
}

impl<'a> Members<'a> {
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| *value)
    }

    /// The text of a field that is a text.
    pub fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }
}

/// Field names that may be borrowed.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut found: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    if found.iter().any(|(known, _)| *known == name) {
                        return Err(de::Error::custom(format_args!("the field `{name}` is there twice")));
                    }
                    found.push((name, value));
                }
                Ok(Members(found))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Appends a value without blanks.
pub(super) fn compact(text: &str, out: &mut String) {
    for token in Tokens(text) {
        match token {
            Token::Text(quoted) => append_text(quoted, out),
            Token::Sign(sign) => out.push(sign),
            Token::Word(word) => out.push_str(word),
        }
    }
}

/// Appends a value with two blanks for each level, inside of `depth` others.
pub(super) fn pretty(text: &str, depth: usize, out: &mut String) {
    let mut depth = depth;
    let mut tokens = Tokens(text).peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Sign(open @ ('{' | '[')) => {
                out.push(open);
                if let Some(Token::Sign(close @ ('}' | ']'))) = tokens.peek() {
                    out.push(*close);
                    tokens.next();
                } else {
                    depth += 1;
                    new_line(depth, out);
                }
            }
            Token::Sign(close @ ('}' | ']')) => {
                depth = depth.saturating_sub(1);
                new_line(depth, out);
                out.push(close);
            }
            Token::Sign(',') => {
                out.push(',');
                new_line(depth, out);
            }
            Token::Sign(':') => out.push_str(": "),
            Token::Sign(other) => out.push(other),
            Token::Text(quoted) => append_text(quoted, out),
            Token::Word(word) => out.push_str(word),
        }
    }
}

pub(super) fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    (0..depth).for_each(|_| out.push_str("  "));
}

/// Appends a text in quotes, with the escapes that JSON needs and no others.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn append_text(quoted: &str, out: &mut String) {
    if !quoted.contains('\\') {
        out.push_str(quoted);
        return;
    }
    match serde_json::from_str::<String>(quoted) {
        Ok(text) => quote(&text, out),
        // Half of a surrogate pair is text to JavaScript, which escapes it, and to nobody else.
        Err(_) => out.push_str(quoted),
    }
}

enum Token<'a> {
    /// With its quotes.
    Text(&'a str),
    Sign(char),
    /// A number, `true`, `false` or `null`.
    Word(&'a str),
}

struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.0 = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = self.0.chars().next()?;
        let (length, make): (usize, fn(&'a str) -> Token<'a>) = match first {
            '"' => (string_end(self.0.as_bytes()), Token::Text),
            '{' | '}' | '[' | ']' | ',' | ':' => {
                self.0 = &self.0[1..];
                return Some(Token::Sign(first));
            }
            _ => {
                let ends = |c: char| matches!(c, ',' | '}' | ']' | ':' | ' ' | '\t' | '\r' | '\n');
                (self.0.find(ends).unwrap_or(self.0.len()), Token::Word)
            }
        };
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(make(token))
    }
}

/// The length of the string that begins here, quotes included.
fn string_end(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at = (at + 2).min(bytes.len());
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn compacted(text: &str) -> String {
        let mut out = String::new();
        compact(text, &mut out);
        out
    }

    #[rstest]
    #[case(r#"{ "a" : [ 1.0, 1e3, 12345678901234567890 ] }"#, r#"{"a":[1.0,1e3,12345678901234567890]}"#)]
    #[case(r#""\u00e9\/\u2028\u0001\n\"\\""#, "\"é/\u{2028}\\u0001\\n\\\"\\\\\"")]
    #[case(r#"{"a":{ },"b":[ ]}"#, r#"{"a":{},"b":[]}"#)]
    #[case(r#""\ud83d\ude00 \ud83d""#, r#""\ud83d\ude00 \ud83d""#)]
    #[case(" null ", "null")]
    fn a_value_is_written_without_blanks_and_with_its_numbers_as_they_came(#[case] text: &str, #[case] written: &str) {
        assert_eq!(compacted(text), written);
    }

    #[test]
    fn the_fields_of_an_object_keep_their_order_and_are_there_once() {
        let fields = members(r#"{"b": 1, "a\u0062": "x"}"#).expect("an object");
        assert_eq!(fields.0.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["b", "ab"]);
        assert_eq!((fields.text("ab").as_deref(), fields.text("b")), (Some("x"), None));
        for wrong in [r#"{"a":1,"a":2}"#, "[]", "1", "", r#"{"a":}"#, "{} {}"] {
            assert!(members(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_says_the_same(text in any::<String>(), number in any::<f64>(), list in any::<Vec<String>>()) {
            let value = serde_json::json!({ "a": text, "é": [number, null, { "c": list, "d": {} }, []] });
            let spread = serde_json::to_string_pretty(&value)?;
            let mut out = String::new();
            pretty(&value.to_string(), 0, &mut out);
            prop_assert_eq!(&out, &spread);
            prop_assert_eq!(compacted(&spread), value.to_string());
        }
    }
}
