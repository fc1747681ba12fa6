//! Keeps the text of every number. `serde_json` does so for all but exponents, whose `E` and missing sign it spells
//! anew (`1E5` becomes `1e+5`); those travel through the tree as marked texts.
//! Must not know: what the JSON is.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// Opens a marked text. No database holds U+0000 in a text, and a file that does is refused.
const MARK: &str = "\0number ";
/// The mark as it is spelled inside JSON.
pub(super) const SPELLED: &str = "\\u0000number ";

/// Parses JSON, with the numbers that would change as marked texts.
pub(super) fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(&protect(bytes))
}

/// The number behind a marked text.
pub(super) fn marked(text: &str) -> Option<Number> {
    serde_json::from_str(text.strip_prefix(MARK)?).ok()
}

/// Puts the numbers back into written JSON.
pub(super) fn restore(written: Vec<u8>) -> Vec<u8> {
    let opening = format!("\"{SPELLED}");
    let finder = memchr::memmem::Finder::new(opening.as_bytes());
    let mut restored = Vec::new();
    let mut from = 0;
    while let Some(at) = finder.find(&written[from..]).map(|at| at + from) {
        let number = at + opening.len();
        let Some(length) = memchr::memchr(b'"', &written[number..]) else { break };
        restored.extend_from_slice(&written[from..at]);
        restored.extend_from_slice(&written[number..number + length]);
        from = number + length + 1;
    }
    if from == 0 {
        return written;
    }
    restored.extend_from_slice(&written[from..]);
    restored
}

fn protect(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut protected: Vec<u8> = Vec::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = after_text(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = at + number_length(&bytes[at..]);
                if is_respelled(&bytes[at..end]) {
                    protected.extend_from_slice(&bytes[copied..at]);
                    protected.extend_from_slice(b"\"");
                    protected.extend_from_slice(SPELLED.as_bytes());
                    protected.extend_from_slice(&bytes[at..end]);
                    protected.extend_from_slice(b"\"");
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    protected.extend_from_slice(&bytes[copied..]);
    Cow::Owned(protected)
}

/// The place after a text's closing quote.
fn after_text(bytes: &[u8], opening: usize) -> usize {
    let mut at = opening + 1;
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += step;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

fn number_length(bytes: &[u8]) -> usize {
    let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    bytes.iter().position(|byte| !belongs(byte)).unwrap_or(bytes.len())
}

/// What is no number at all stays, so that the parser refuses it in its place.
fn is_respelled(text: &[u8]) -> bool {
    let exponent = memchr::memchr2(b'e', b'E', text);
    exponent.is_some() && serde_json::from_slice::<Number>(text).is_ok_and(|n| n.to_string().as_bytes() != text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_number_comes_back() {
        for text in [
            "[1.0,1E5,1e5,1e+5,-0,1.50E-07,12345678901234567890,0.1]",
            r#"{"a":"1E5 \" 1E6","b":1E7,"c\\":2e2}"#,
            "1E5",
            "[]",
        ] {
            let value = parse(text.as_bytes()).expect(text);
            assert_eq!(String::from_utf8(restore(value.to_string().into_bytes())).as_deref(), Ok(text));
        }
        for wrong in ["[1E]", "[1e5.]", "[1E5", "-", "\"\\"] {
            assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert_eq!(marked("\0number 1E5").map(|n| n.to_string()).as_deref(), Some("1e+5"));
        assert_eq!(marked("1E5"), None);
    }
}
