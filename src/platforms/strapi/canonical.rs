//! JSON as bytes that do not depend on how it was written: without white space, with escapes resolved.
//! Must not know: rows. Only for text that was checked to be JSON.

/// Appends the canonical form of a JSON value. Strings are marked and closed by bytes that UTF-8 never has, so that
/// two values are equal here only if they are equal. Numbers keep their text.
pub(super) fn append(json: &str, out: &mut Vec<u8>) {
    let mut rest = json.as_bytes();
    while let Some(&byte) = rest.first() {
        match byte {
            b'"' => {
                let end = string_end(rest);
                append_string(&json[json.len() - rest.len()..][..end], out);
                rest = &rest[end..];
            }
            b' ' | b'\n' | b'\r' | b'\t' => rest = &rest[1..],
            _ => {
                out.push(byte);
                rest = &rest[1..];
            }
        }
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

fn append_string(quoted: &str, out: &mut Vec<u8>) {
    out.push(0xfe);
    match memchr::memchr(b'\\', quoted.as_bytes()) {
        None => out.extend_from_slice(quoted.get(1..quoted.len() - 1).unwrap_or_default().as_bytes()),
        Some(_) => match serde_json::from_str::<String>(quoted) {
            Ok(text) => out.extend_from_slice(text.as_bytes()),
            // A lone surrogate: JSON to JavaScript, but no text.
            Err(_) => out.extend_from_slice(quoted.as_bytes()),
        },
    }
    out.push(0xff);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn canonical(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        append(json, &mut out);
        out
    }

    #[rstest]
    #[case(r#"{"a": [1, 2]}"#, r#"{"a":[1,2]}"#, true)]
    #[case(r#""\u00e9""#, r#""é""#, true)]
    #[case(r#"["a\"b"]"#, r#"["a\u0022b"]"#, true)]
    #[case(r#""a b""#, r#""ab""#, false)]
    #[case(r#"["a","b"]"#, r#"["a,b"]"#, false)]
    #[case(r#"["1"]"#, r#"[1]"#, false)]
    #[case(r#"["\\"]"#, r#"["/"]"#, false)]
    #[case("1.0", "1", false)]
    fn only_how_it_is_written_is_left_out(#[case] one: &str, #[case] other: &str, #[case] equal: bool) {
        assert_eq!(canonical(one) == canonical(other), equal);
    }

    proptest! {
        #[test]
        fn pretty_and_compact_are_the_same(text in any::<String>(), number in any::<i64>(), list in any::<Vec<String>>()) {
            let value = serde_json::json!({ "a": text, "b": [number, null, { "c": list }] });
            prop_assert_eq!(canonical(&value.to_string()), canonical(&serde_json::to_string_pretty(&value)?));
        }
        #[test]
        fn any_text_is_survived(text in "[\"\\\\a{}\\[\\]:, é]{0,40}") {
            canonical(&text);
        }
    }
}
